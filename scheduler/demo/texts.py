"""Made-up news, the same for the same number: distinct texts of 5 to 8 paragraphs, in English and Korean."""

from __future__ import annotations

from collections.abc import Sequence
from random import Random
from typing import NamedTuple


class Text(NamedTuple):
    """A headline and its paragraphs: what `Newspaper.publish` takes first."""

    title: str
    paragraphs: tuple[str, ...]


def made_up(number: int, language: str = "en") -> Text:
    """Write text `number`.

    Of the first 400 no two share more than .28 of their runs of four words, so none passes for a copy of another.
    `language` is "en" or "ko"; every place, person and office is invented.
    """
    chance = Random(f"{language} {number}")  # noqa: S311  no secret: the same number must give the same text
    title, sentence = {"en": (_english_title, _english), "ko": (_korean_title, _korean)}[language]
    place, name = _name(chance, language), _name(chance, language)
    paragraphs = tuple(
        " ".join(sentence(chance, place, name) for _ in range(chance.randint(3, 5)))
        for _ in range(chance.randint(5, 8))
    )
    return Text(title(chance, place), paragraphs)


def _name(chance: Random, language: str) -> str:
    """A place or a person that does not exist: some 10,000 in each language."""
    if language == "ko":
        return "".join(
            chance.choice("가나다라마바사하고노도로모보소호구누두루무부수") for _ in range(2)
        ) + chance.choice("산천림강곡진")
    starts = ("Al", "Bren", "Cor", "Dun", "Esk", "Fal", "Gar", "Hol", "Ing", "Kel", "Lor", "Mar", "Nor", "Os", "Pel")
    middles = ("a", "be", "de", "ga", "i", "ka", "la", "mi", "na", "o", "ra", "ri", "so", "ta", "vi")
    ends = ("bridge", "dale", "don", "ford", "ham", "haven", "ley", "mere", "mouth", "port", "shaw", "ton", "wick")
    return chance.choice(starts) + chance.choice(middles) + chance.choice(ends)


def _pick(chance: Random, lines: Sequence[str], **words: str) -> str:
    return chance.choice(lines).format(**words, n=chance.randint(12, 980), m=chance.randint(2, 11))


_WORKS = (
    "tidal ferry", "grain store", "signal tower", "night library", "salt railway", "seed bank", "paper mill",
    "lighthouse", "reed canal", "star observatory", "wool exchange", "glass foundry", "weather station",
    "herring quay", "botanic garden", "clock workshop", "peat museum", "bicycle bridge", "pilot school",
    "kelp nursery",
)  # fmt: skip
_OFFICES = (
    "the harbour board", "the guild of millers", "the district court", "the rivers office",
    "the teachers' union", "the chamber of weavers", "the town treasury", "the survey bureau",
    "the parish clinic", "the road trust", "the foresters' league", "the lamp commission", "the census desk",
    "the drainage authority", "the choir society",
)  # fmt: skip
_OPENINGS = (
    "On Tuesday", "Before dawn", "After {n} days of argument", "By a vote of {n} to {m}",
    "In {m} separate letters", "Without much ceremony", "Two weeks late", "Against the advice of engineers",
    "For the first time since {n} ships came", "During a break in the rain", "To the surprise of residents",
    "Late on market day", "As the fog lifted over {place}", "With {m} members absent",
    "At the quarterly hearing", "Once the ice had cleared",
)  # fmt: skip
_DEEDS = (
    "agreed to rebuild", "refused to insure", "sold {m} shares in", "opened an inquiry into",
    "counted {n} cracks under", "promised fresh paint for", "lowered the toll at", "sent {n} volunteers to",
    "withdrew its claim on", "mapped the cellars of", "borrowed {n} crowns against", "praised the keepers of",
    "shortened the hours of", "ordered new bells for", "dropped all charges over",
    "hired {m} divers to inspect",
)  # fmt: skip
_REASONS = (
    "citing a leak found by {name}", "although no budget line exists", "because the old timber had warped",
    "while {n} households waited for news", "and asked {name} to report back in {m} months",
    "which critics called a costly gesture", "after a pump failed {m} times",
    "so that apprentices may train there", "despite a petition with {n} signatures",
    "as neighbouring {place} had done earlier", "pending samples from the river bed",
    "until the {m} tenants find rooms elsewhere", "with gravel carted from {place}",
    "in return for {n} cords of firewood", "a step that {name} had urged for {m} winters",
    "though the figures remain disputed",
)  # fmt: skip


def _english_title(chance: Random, place: str) -> str:
    verbs = ("reopens", "quarrels over", "mends", "doubts", "celebrates", "closes", "measures", "rents out", "repaints")
    ends = ("after {n} days", "at last", "for {n} crowns", "in a storm", "despite {m} warnings", "before the thaw")
    return f"{place} {chance.choice(verbs)} its {chance.choice(_WORKS)} {_pick(chance, ends)}"


def _english(chance: Random, place: str, name: str) -> str:
    words = {"place": place, "name": name}
    opening, deed, reason = (_pick(chance, lines, **words) for lines in (_OPENINGS, _DEEDS, _REASONS))
    office, work = chance.choice(_OFFICES), chance.choice(_WORKS)
    if chance.random() < 0.3:  # not every sentence of a newspaper has the same shape
        return f"{office[0].upper()}{office[1:]} {deed} the {work}, {reason}."
    return f"{opening}, {office} {deed} the {work} of {_name(chance, 'en')}, {reason}."


_KO_WORKS = (
    "등대", "밤도서관", "곡물창고", "소금철도", "종이공장", "관측소", "유리공방", "씨앗은행", "나룻배",
    "시계공방", "온실", "염전", "양조장", "물레방아", "자전거다리", "기상대",
)  # fmt: skip
_KO_OFFICES = (
    "항만위원회", "방직조합", "하천관리소", "교원협회", "등불위원회", "측량국", "마을금고", "산림연맹",
    "합창회", "도로재단", "통계실", "배수공사", "제분조합", "지역진료소",
)  # fmt: skip
_KO_OPENINGS = (
    "화요일 아침에", "{n}일 동안의 론쟁 끝에", "비가 그친 사이", "안개가 걷히자", "뜻밖에도", "정기회의에서",
    "{m}명이 빠진 가운데", "장날 저녁에", "기술자들의 권고와 달리", "예정보다 {m}주 늦게", "편지 {m}통을 통해",
    "얼음이 녹은 뒤", "주민 {n}명이 지켜보는 앞에서", "별다른 행사 없이",
)  # fmt: skip
# Each opens with the particle that the work before it takes.
_KO_DEEDS = (
    "을를 다시 짓기로 하였다", "을를 담보로 {n}냥을 빌렸다", "을를 새로 칠하겠다고 약속하였다",
    "을를 조사하기 시작하였다", "의 지하실을 측량하였다", "의 운영시간을 줄였다", "의 통행료를 {m}푼 내렸다",
    "을를 자원봉사자 {n}명에게 맡겼다", "의 일군들을 칭찬하였다", "에서 균렬 {n}곳을 찾아냈다",
    "에 대한 청구를 거두어들였다", "을를 젊은 견습공들에게 열어주었다",
)  # fmt: skip
_KO_REASONS = (
    "양수기가 {m}번이나 멈추었기때문에", "{n}세대가 소식을 기다리는 동안", "예산이 없는데도",
    "낡은 목재가 휘여서", "비판하는 사람들이 많았지만", "{name} 기사의 보고에 따라",
    "강바닥의 시료를 기다리면서", "{n}명의 청원에도 불구하고", "장작 {n}단을 받는 대가로",
    "이웃 {place}의 선례를 따라", "겨울이 {m}번 지나도록 미루던 끝에", "수자가 서로 다른데도",
)  # fmt: skip


def _josa(word: str, particle: str) -> str:
    """The word with its particle; of "은는" and "을를" the first after a final consonant (받침), else the second."""
    if particle in ("은는", "을를"):
        particle = particle[(ord(word[-1]) - 0xAC00) % 28 == 0]
    return word + particle


def _korean_title(chance: Random, place: str) -> str:
    deeds = ("다시 열려", "둘러싼 론쟁 계속", "수리에 {n}냥 들어", "{m}년만에 문 닫아", "점검에서 균렬 {n}곳 발견")
    return f"{place}의 {chance.choice(_KO_WORKS)} {_pick(chance, deeds)}"


def _korean(chance: Random, place: str, name: str) -> str:
    words = {"place": place, "name": name}
    opening, reason, deed = (_pick(chance, lines, **words) for lines in (_KO_OPENINGS, _KO_REASONS, _KO_DEEDS))
    office, (particle, deed) = _josa(chance.choice(_KO_OFFICES), "은는"), deed.split(" ", 1)
    return f"{opening} {office} {reason} {_name(chance, 'ko')}의 {_josa(chance.choice(_KO_WORKS), particle)} {deed}."
