"""Edits as newsrooms and state media make them, classed by hand: the class is what a reader would say."""

from __future__ import annotations

import random
import time
from collections.abc import Iterable

import pytest

from storage.diff import diff
from storage.edit_hunks import Side
from storage.edit_notes import owns_to_correction
from storage.model.articles import EDIT_CLASSES, Article
from tests.edits import CLASSES, LANGUAGES, edit

EN = """Lanternport, November 8 -- The ferry between Lanternport and Gull Island sank in the harbour on Monday, and five
people were taken to hospital, the harbour office said.

The ship had left the quay at 6:40 in the morning with 48 passengers on board, Captain Ruth Aldane told reporters.

"We heard a loud crack and then the water came in," said Mayor Tom Verrick, who was among the passengers.

The harbour office has opened an inquiry. The ferry was built in 1987 and was repaired last winter.""".replace(
    "five\n", "five "
)
KO = """평양 11월 8일발 등대항에서 새 려객선의 취항식이 진행되였다.

취항식에는 김철수동지, 박영호동지, 리명국동지를 비롯한 관계부문 일군들이 참가하였다.

려객선은 정원이 120명이며 시속 30노트로 달린다. 선원 5명이 배를 운항한다.

선장은 《우리는 이 배를 우리의 힘으로 만들었다》고 말하였다.

참가자들은 항구를 돌아보았다."""
ZH = """新华港11月8日电 一艘往返灯塔港和海鸥岛的渡轮星期一在港内沉没，三人受伤送医。

港务局局长李明说，渡轮早上六时四十分离开码头，船上有48名乘客。

出席发布会的有张建国、王海涛、陈晓东等官员。

市长表示：“我们将查明事故原因。”

渡轮建于1987年，去年冬天刚刚维修。"""
JA = """灯台港で８日、カモメ島とを結ぶフェリーが沈没し、３人がけがをした。

港湾局によると、フェリーには48人が乗っていた。

山田太郎市長は「原因を徹底的に調べる」と述べた。

フェリーは1987年に建造され、昨年の冬に修理されたばかりだった。"""
RU = """Фонарный, 8 ноября. Паром, курсирующий между Фонарным и островом Чаек, затонул в гавани в понедельник, пять
человек доставлены в больницу, сообщила администрация порта.

Судно вышло от причала в 6:40 утра, на борту находились 48 пассажиров, рассказал капитан Игорь Савельев.

«Мы услышали громкий треск, и вода стала прибывать», — сказал мэр Антон Лебедев.

Администрация порта начала проверку. Паром был построен в 1987 году.""".replace("пять\n", "пять ")
DE = """Die Fähre zwischen Laternenhafen und der Möweninsel ist am Montag im Hafen gesunken, fünf
Menschen kamen ins Krankenhaus.

Das Schiff war um 6.40 Uhr mit 48 Passagieren ausgelaufen, sagte Kapitän Jens Albers.

„Wir hörten einen lauten Knall“, sagte Bürgermeister Klaus Weber, der an Bord war.

Die Behörde hat eine Untersuchung eröffnet.""".replace("\nM", " M")


def step(text: str, *changes: tuple[str, str], title: tuple[str, str] = ("Ferry sinks", "Ferry sinks")) -> str:
    """The class of the edit that puts each second text in the place of the first."""
    return diff(Article(title[0], text), Article(title[1], edited(text, changes))).cls


def further(text: str, *changes: tuple[str, str]) -> list[str]:
    return list(diff(Article("T", text), Article("T", edited(text, changes))).also)


def edited(text: str, changes: Iterable[tuple[str, str]]) -> str:
    after = text
    for gone, came in changes:
        assert gone in after, gone
        after = after.replace(gone, came, 1)
    return after


END = {text: text.rsplit("\n\n", 1)[1] for text in (EN, KO, ZH, JA, RU, DE)}
OFFICIALS = """Pyonghang, May 4 (PNA) -- Han Sol Gyong inspected the newly built ferry terminal on Monday.

He was accompanied by Jo Tae Rim, secretary of the Central Committee, Pak Il Sop, vice-premier, and Ri Un Chol, director
of the Port Bureau.

The respected Comrade Han Sol Gyong gave field guidance to the terminal. [Juche113.5.4.]""".replace(
    "director\n", "director "
)
BY_HAND = [
    # State media
    ("names", OFFICIALS, [(" Pak Il Sop, vice-premier, and", " and")]),
    ("names", OFFICIALS, [("Jo Tae Rim, secretary of the Central Committee, Pak Il Sop", "Pak Il Sop")]),
    ("names", OFFICIALS, [("The respected Comrade Han Sol Gyong", "Han Sol Gyong")]),
    ("names", OFFICIALS, [("Ri Un Chol, director", "Ri Un Chol, Choe Song Min, director")]),
    ("label", OFFICIALS, [("[Juche113.5.4.]", "[2024.5.4.]")]),
    ("numbers", OFFICIALS, [("on Monday", "on May 3")]),
    ("wording", OFFICIALS, [("gave field guidance to the terminal", "looked round the terminal with satisfaction")]),
    # English
    ("label", EN, [('"We heard', "“We heard"), ('came in,"', "came in,”"), ("--", "—")]),
    ("label", EN, [("Lanternport, November", "Last updated: 8 November 2026, 14:05 GMT\n\nLanternport, November")]),
    ("typo", EN, [("hospital", "hosptial")]),
    ("typo", EN, [("The ship had", "The the ship had")]),
    ("typo", EN, [("the water came in", "the water, came in")]),
    ("typo", EN, [("reporters", "reportres"), ("passengers", "pasengers")]),
    ("wording", EN, [("sank in the harbour", "went down near the quay")]),
    ("wording", EN, [("has opened an inquiry", "has not opened an inquiry")]),
    ("wording", EN, [("was repaired last winter", "was inspected last winter")]),
    (
        "wording",
        EN,
        [(" The ferry was built in 1987 and was repaired last winter.", " It is not clear when it was last repaired.")],
    ),
    ("numbers", EN, [("five people", "seven people")]),
    ("numbers", EN, [("five people", "at least 12 people")]),
    ("numbers", EN, [("on Monday", "on Tuesday"), ("48", "51")]),
    ("numbers", EN, [("6:40", "5:40"), ("1987", "1978")]),
    (
        "numbers",
        EN,
        [("five people", "eight people"), (END[EN], END[EN] + "\n\nTwo more ships were sent out to search the bay.")],
    ),
    ("names", EN, [("Captain Ruth Aldane", "Captain Ruth Halden")]),
    ("names", EN, [("said Mayor Tom Verrick", "said Tom Verrick")]),
    ("names", EN, [("between Lanternport and Gull Island", "between Lanternport and Heron Rock")]),
    ("quote", EN, [("a loud crack and then the water", "a loud bang and then the sea")]),
    ("quote", EN, [("We heard a loud crack and then the water came in", "It was terrible")]),
    ("quote", EN, [("opened an inquiry", 'opened an "inquiry"')]),
    ("quote", EN.replace('"', "'"), [("a loud crack and then", "a bang, didn't we, and then")]),
    ("quote", EN.replace('"We', "‘We").replace('in,"', "in,’"), [("a loud crack", "the ship's engine")]),
    ("paragraph_added", EN, [(END[EN], "A second ferry took the passengers off.\n\n" + END[EN])]),
    (
        "paragraph_added",
        EN,
        [(END[EN], END[EN] + "\n\nA second ferry took the passengers off."), ("hospital", "hosptial")],
    ),
    ("paragraph_removed", EN, [("\n\n" + END[EN], "")]),
    ("wording", EN, [("\n\n" + END[EN], ""), ("Lanternport, November", END[EN] + "\n\nLanternport, November")]),
    ("correction", EN, [(END[EN], END[EN] + "\n\nCorrection: An earlier version of this article misstated the year.")]),
    (
        "correction",
        EN,
        [
            ("five people", "four people"),
            (END[EN], END[EN] + "\n\nThis article was amended on 9 November to correct the number of people hurt."),
        ],
    ),
    (
        "correction",
        EN,
        [("Lanternport, Nov", "(Corrects number of injured in first paragraph)\n\nLanternport, Nov"), ("five", "four")],
    ),
    ("correction", EN, [(END[EN], END[EN] + "\n\nEditor’s note: the age of the ferry was corrected.")]),
    # Korean, as the North's agency writes it and as the South's papers do
    ("label", KO, [("《우리는", "“우리는"), ("만들었다》", "만들었다”")]),
    ("typo", KO, [("참가하였다", "참가하엿다")]),
    ("label", KO, [("배를 운항한다", "배를 운항 한다")]),
    ("wording", KO, [("항구를 돌아보았다", "배의 여러곳을 살펴보았다")]),
    ("numbers", KO, [("선원 5명이", "선원 6명이")]),
    ("numbers", KO, [("120명", "140명"), ("30노트", "28노트")]),
    ("names", KO, [("김철수동지, 박영호동지, 리명국동지를", "김철수동지, 리명국동지를")]),
    ("names", KO, [("박영호동지", "최룡식동지")]),
    ("quote", KO, [("우리의 힘으로 만들었다", "인민의 지혜로 건조하였다")]),
    ("paragraph_added", KO, [(END[KO], "취항식에서는 연설이 있었다.\n\n" + END[KO])]),
    ("paragraph_removed", KO, [("\n\n" + END[KO], "")]),
    ("correction", KO, [(END[KO], END[KO] + "\n\n[정정] 본문의 정원을 120명으로 바로잡습니다."), ("120명", "100명")]),
    ("correction", KO, [(END[KO], END[KO] + "\n\n바로잡습니다: 선장의 이름이 잘못 나갔습니다.")]),
    # Chinese
    ("label", ZH, [("“我们将查明事故原因。”", "「我们将查明事故原因。」")]),
    ("typo", ZH, [("刚刚维修", "刚刚维俢")]),
    ("wording", ZH, [("刚刚维修", "没有检查")]),
    ("numbers", ZH, [("三人受伤", "四人受伤")]),
    ("numbers", ZH, [("星期一", "星期二"), ("48名", "51名")]),
    ("names", ZH, [("局长李明说", "局长李鸣说")]),
    ("names", ZH, [("张建国、王海涛、陈晓东", "张建国、陈晓东")]),
    ("quote", ZH, [("查明事故原因", "追究有关责任")]),
    ("paragraph_added", ZH, [(END[ZH], "另一艘渡轮接走了乘客。\n\n" + END[ZH])]),
    ("correction", ZH, [(END[ZH], END[ZH] + "\n\n更正：本文此前版本将受伤人数误写为四人。")]),
    ("correction", ZH, [(END[ZH], END[ZH] + "\n\n【订正】渡轮建造年份有误，特此更正。")]),
    # Japanese
    ("typo", JA, [("修理されたばかり", "修里されたばかり")]),
    ("wording", JA, [("昨年の冬に修理されたばかりだった", "長く使われていなかった")]),
    ("numbers", JA, [("３人が", "５人が")]),
    ("numbers", JA, [("48人", "51人")]),
    ("names", JA, [("山田太郎市長", "山本太郎市長")]),
    ("quote", JA, [("原因を徹底的に調べる", "責任を取るつもりはない")]),
    ("paragraph_removed", JA, [("\n\n" + END[JA], "")]),
    ("correction", JA, [(END[JA], END[JA] + "\n\n訂正：当初の記事で乗客の数に誤りがありました。")]),
    # Russian
    ("label", RU, [("«Мы услышали", "„Мы услышали"), ("прибывать»", "прибывать“")]),
    ("typo", RU, [("пассажиров", "пасажиров")]),
    ("wording", RU, [("начала проверку", "отказалась от расследования")]),
    ("numbers", RU, [("пять человек", "семь человек")]),
    ("numbers", RU, [("в понедельник", "во вторник")]),
    ("names", RU, [("Игорь Савельев", "Игорь Самойлов")]),
    ("names", RU, [("сказал мэр Антон Лебедев", "сказал Антон Лебедев")]),
    ("quote", RU, [("громкий треск", "сильный удар")]),
    ("paragraph_added", RU, [(END[RU], END[RU] + "\n\nПассажиров забрал второй паром.")]),
    ("correction", RU, [(END[RU], END[RU] + "\n\nИсправлено: в более ранней версии статьи был указан неверный год.")]),
    # German
    ("names", DE, [("Klaus Weber", "Klaus Wegener")]),
    ("wording", DE, [("eine Untersuchung eröffnet", "keine Auskunft gegeben")]),
    ("wording", DE, [("im Hafen gesunken", "vor der Küste gesunken")]),
    ("numbers", DE, [("fünf Menschen", "sieben Menschen")]),
    ("quote", DE, [("einen lauten Knall", "ein seltsames Geräusch")]),
    (
        "correction",
        DE,
        [(END[DE], END[DE] + "\n\nAnmerkung: In einer früheren Version dieses Artikels fehlte der Name.")],
    ),
]


@pytest.mark.parametrize(("cls", "text", "changes"), BY_HAND)
def test_an_edit_is_of_the_class_that_a_reader_would_name(cls: str, text: str, changes: list[tuple[str, str]]) -> None:
    assert step(text, *changes) == cls


MORE = "\n\nA second ferry took the passengers off."
SAID = '"We lost everything that we had," said a woman from Gull Island.'


@pytest.mark.parametrize(
    ("cls", "also", "changes"),
    [
        ("numbers", ["paragraph_added"], [("five people", "seven people"), (END[EN], END[EN] + MORE)]),
        ("names", ["paragraph_added"], [("Ruth Aldane", "Ruth Halden"), (END[EN], END[EN] + MORE)]),
        ("numbers", ["paragraph_removed"], [("five people", "seven people"), ("\n\n" + END[EN], "")]),
        ("quote", [], [(" The ferry was built", f" {SAID} The ferry was built")]),
        ("paragraph_added", ["quote"], [(END[EN], f"{SAID}\n\n{END[EN]}")]),
        ("numbers", ["paragraph_added", "quote"], [("five", "seven"), (END[EN], f"{SAID}\n\n{END[EN]}")]),
        ("names", [], [(" The ferry was built", ' She owned "The Old Man and the Sea". The ferry was built')]),
        ("wording", [], [(" The ferry was built", ' They called it "quite safe". The ferry was built')]),
        ("correction", ["numbers"], [("five", "four"), (END[EN], END[EN] + "\n\nCorrection: It was four people.")]),
        ("paragraph_added", [], [("hospital", "hosptial"), (END[EN], END[EN] + MORE)]),
        ("label", [], [("--", "—")]),
    ],
)
def test_an_edit_is_of_further_classes(cls: str, also: list[str], changes: list[tuple[str, str]]) -> None:
    """Whoever asks for new paragraphs, or for what was said, is to hear of those that a figure outweighs as well."""
    assert (step(EN, *changes), further(EN, *changes)) == (cls, also)


@pytest.mark.parametrize(
    ("cls", "title", "changes"),
    [
        ("headline", ("Ferry sinks", "Five hurt as ferry goes down"), []),
        ("headline", ("Ferry sinks", "Ferry sank"), [("hospital", "hosptial")]),
        ("headline", ("Ferry sinks, 5 hurt", "Ferry sinks, 7 hurt"), []),
        ("numbers", ("Ferry sinks, 5 hurt", "Ferry sinks, 7 hurt"), [("five people", "seven people")]),
        ("paragraph_removed", ("Ferry sinks", "Ferry goes down"), [("\n\n" + END[EN], "")]),
        ("correction", ("Ferry sinks", "Correction: Ferry sinks"), []),
        ("label", ("Ferry “Aurora” sinks", 'Ferry "Aurora"  sinks'), []),
    ],
)
def test_a_headline_is_the_class_where_the_text_stayed(
    cls: str, title: tuple[str, str], changes: list[tuple[str, str]]
) -> None:
    """What was done to the text outweighs it, but for slips; a correction that it owns to outweighs all."""
    assert step(EN, *changes, title=title) == cls


@pytest.mark.parametrize("text", [EN, KO, ZH, JA, RU, DE])
def test_another_text_is_a_rewrite(text: str) -> None:
    for other in {EN, KO, ZH, JA, RU, DE} - {text}:
        assert diff(Article("T", text), Article("T", other)).cls == "rewrite"


def test_a_correction_that_stood_there_before_is_none_of_this_edit() -> None:
    """The class is of what was added."""
    noted = END[EN] + "\n\nCorrection: An earlier version of this article misstated the year."
    assert step(EN.replace(END[EN], noted), ("five people", "seven people")) == "numbers"
    assert step(EN.replace(END[EN], noted), ("misstated the year", "mistated the year")) == "typo"


@pytest.mark.parametrize(
    "note",
    [
        *(note for language in LANGUAGES for note in language.notes),
        "Esta noticia ha sido corregida.",
        "В статью внесена правка.",
        "早前版本中船长的姓名不同。",
    ],
)
def test_a_note_that_a_paper_writes_is_known_as_one(note: str) -> None:
    """Whatever else of the text changed with it."""
    assert owns_to_correction(f"\n{note}")


@pytest.mark.parametrize("cls", CLASSES)
def test_made_up_edits_are_of_their_class(cls: str) -> None:
    """A thousand different ones, in eight languages."""
    seed = random.randrange(2**32)
    print(f"seed {seed}")
    source, seen = random.Random(f"{seed} {cls}"), set()
    wrong: list[str] = []
    while len(seen) < 1_000:
        language = LANGUAGES[len(seen) % len(LANGUAGES)]
        before, after = edit(cls, language, source)
        if (before, after) in seen:
            continue
        seen.add((before, after))
        made = diff(before, after)
        if made.cls != cls:
            ops = [op for op in (*made.title, *made.body) if op[0] != "="]
            wrong.append(f"{language.code} {made.cls}: {ops}")
    assert len(wrong) <= 50, "\n".join(wrong[:20])


@pytest.mark.parametrize(
    ("before", "after"),
    [
        ("“«" * 20_000, "»”" * 20_000),
        ("a b. " * 20_000, "b a! " * 20_000),
        ("Kim " * 50_000, "Lee " * 50_000),
        ("correct" * 10_000 + "\n" * 10_000, "version " * 10_000),
        ("更新" * 20_000, "正\n" * 20_000),
        ("\n\n".join(f"{n} x" for n in range(5_000)), "\n\n".join(f"{n} y" for n in range(5_000))),
        ("주의" * 30_000, "김철수 " * 30_000),
    ],
    ids=["quotes", "words", "names", "notes", "signs", "lines", "hangul"],
)
def test_a_hostile_edit_is_classed_in_bounded_time(before: str, after: str) -> None:
    """However long, and whatever the patterns look for."""
    began = time.process_time()
    assert diff(Article("T", before), Article("T", after)).cls in EDIT_CLASSES
    assert time.process_time() - began < 10


def test_counters_and_relative_times_beside_an_edit_do_not_class_it() -> None:
    """They differ at every look, and the edit beside them is of names."""
    body = "{}\n\nThe council of the town met and talked with Captain {} of the ferry.\n\nIt agreed.\n\n{} minutes ago"
    before, after = (
        Article("T", body.format(*said)) for said in (("37 views", "Anna Berg", 3), ("74 views", "Olga Lund", 5))
    )
    assert diff(before, after).cls == "names"


@pytest.mark.parametrize(
    ("foot", "cls"), [("The gate stays closed until Friday.", "paragraph_added"), ("4 minutes ago", "label")]
)
def test_a_paragraph_that_stands_where_a_counter_stood_was_added(foot: str, cls: str) -> None:
    """Of two addresses one shows how long ago it was; the next look is at the other, and the article has grown."""
    body = "The council of the town met and talked with the captain of the ferry.\n\nIt agreed.\n\n{}"
    before, after = (Article("T", body.format(last)) for last in ("3 minutes ago", foot))
    assert diff(before, after).cls == cls
    assert diff(after, before).cls == cls.replace("added", "removed")


def test_the_paragraph_round_a_place_is_its_neighbourhood_where_the_text_has_no_breaks() -> None:
    """Each of hundreds of places would else walk through all of it."""
    text = "word " * 100_000
    start, end = Side(text, 250_000, 250_004).line
    assert start < 250_000 and end > 250_004 and end - start < 5_000
    assert Side("one two\nthree four\nfive", 8, 13).line == (8, 18)
    assert Side("one two", 0, 3).line == (0, 7)
