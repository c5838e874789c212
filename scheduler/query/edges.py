"""Where a word may begin and end, by its script: what stands beside a found term, and whether it is another word."""

from __future__ import annotations

import re
from collections.abc import Collection
from functools import lru_cache
from typing import Literal

from scheduler.query.syllable import are_together, begins_as_syllable, ends_as_syllable, stands_as_syllable
from storage.surnames import KOREAN_BEARERS, KOREAN_OFFICES

Script = Literal["spaced", "hangul", "katakana", "open", "none"]

# Thai, Lao, Myanmar, Khmer, hiragana, Han: no space between words, so that a term may begin and end anywhere.
_OPEN = (
    "\u0e00-\u0eff\u1000-\u109f\u1780-\u17ff\u3005-\u3007\u3041-\u309f\u3400-\u9fff\uf900-\ufaff\U00020000-\U0003ffff"
)
KATAKANA = "\u30a0-\u30ff\u31f0-\u31ff"
HANGUL = "\u1100-\u11ff\uac00-\ud7a3"
HAN = "\u3005-\u3007\u3400-\u9fff\uf900-\ufaff\U00020000-\U0003ffff"
# What stands in a word of every other script: letters, digits, and the marks that `\w` leaves out.
LETTER = (
    rf"(?:[^\W{_OPEN}{KATAKANA}{HANGUL}]|[\u0300-\u036f\u0591-\u05bd\u05bf-\u05c7\u0610-\u061a\u064b-\u065f\u0670\u06d6-\u06ed"
    r"\u0900-\u0963\u0966-\u0dff])"
)
_BY_SCRIPT: tuple[tuple[Script, re.Pattern[str]], ...] = (
    ("hangul", re.compile(f"[{HANGUL}]")),
    ("katakana", re.compile(f"[{KATAKANA}]")),
    ("open", re.compile(f"[{_OPEN}]")),
    ("spaced", re.compile(LETTER)),
)
_LETTERS = re.compile(f"{LETTER}+")
_NO_ONSET = frozenset("ンーッャュョァィゥェォヮ")  # no word of katakana begins with one
_SHORT_HEADS = frozenset(("フジ",))  # words of two letters that are written on to others, before them and behind
_SHORT_TAILS = frozenset(("テロ", "デモ", "ドル", "バス"))
_SHORT_ENDS = frozenset(("テロ", "デモ"))  # with which no other word ends
_HANGUL_RUN, _KATAKANA_RUN = re.compile(f"[{HANGUL}]+"), re.compile(f"[{KATAKANA}]+")

# What a Korean noun takes behind it within its word: titles and roles, then particles, several in a row.
_TITLES = (
    "동지|총비서|위원장|부위원장|국무위원장|대통령|총리|장관|원수|주석|총서기|의원|대표|씨|님|군|양|측|들|등|뿐|때|쪽|간|"
    "당국|정부|내|외|산|식|발|행|제|형|급|용|별"
)
_PARTICLES = (
    "은|는|이|가|을|를|의|에|에서|에게|에게서|한테|께|께서|로|으로|와|과|도|만|까지|까지도|부터|보다|처럼|같이|마저|조차|"
    "라도|이라도|나|이나|랑|이랑|하고|며|이며|고|이고|라고|이라고|라는|이라는|란|이란|라며|이라며|다|이다|였다|이었다|"
    "인|일|입니다|로서|으로서|로써|으로써|든지|이든지|야|이야|요|이요|서|라|이라|여|이여|엔|에는|에도|에만|만큼|대로|밖에"
)
_TAIL = re.compile(f"(?:{_TITLES})?(?:{_PARTICLES}){{0,4}}")
# What ends the name of a body behind a compound (국가정보원), but where it makes a word with the syllable before it.
_BODIES = frozenset("청위원팀법처")
_NO_BODY = re.compile(
    "[요신시구도군초경]청|[단지범행시방순수하상우품권학직분주전소중대부포]위|"
    "[의회법위병사대직공지요정학인자동차기후감충증교임승당복억천만백조]원|[방불사입헌형민문용수위합국준마기어]법|"
    "[부거근출상대조]처"
)
# What stands before a Korean noun within its word and leaves it the same noun: against, for, in, former, whole, new ...
_HEADS = frozenset("대친반당남북주방탈전신구총범재타각양본현새첫매한미중일러핵고초준비")
# Words with which a head has nothing to do: the first syllable behind it is theirs. 국경 stands in no 한국경제.
_CLAIMED = re.compile("한국|중국|미국|영국|태국|양국|각국|북한|남한|일본|한미|한일|한중|북일|미일|미중|중일|북중")
# ... but of what a country has: 미국무부.
_AGENCIES = re.compile("국무[부장차]|국방[부장차수비예정성]|국가[안정]|국토안|국세|국채(?!권)|국회(?!사)|국[립영]")


@lru_cache(maxsize=65536)
def script_of(char: str) -> Script:
    """The script that decides where a word with this character may begin or end; "none" for signs."""
    for script, pattern in _BY_SCRIPT:
        if pattern.match(char):
            return script
    return "none"


def word_end(text: str, place: int, stop: int) -> int:
    """Where the letters that begin at a place end, at `stop` at the latest; the place itself if there are none."""
    found = _LETTERS.match(text, place, stop)
    return found.end() if found else place


def stands_in_hangul(before: str, term: str, ends: tuple[str, str], after: str) -> bool:
    """Does a Korean term stand as a word, given what is written on to it, and its own `hangul_ends`? A word may be a
    compound of several, but a term must not lie across the seam of two others: 북한 stands in 친북한 and 북한군, not in
    경북한우."""
    if len(term) == 1:
        return stands_as_syllable(before, term, after)
    first, last = ends
    if len(last) == 1 and not ends_as_syllable(last, after):
        return False
    if not before or len(first) == 1:
        return begins_as_syllable(before, first)
    has_end = is_tail(after) or len(after) >= 2 or len(last) == 1 or _is_body(before, term, after)
    return has_end and _is_headed(before, first, after)


def _is_body(before: str, term: str, after: str) -> bool:
    """Does a term with the letters around it name a body: 국가정보원, 해양경찰청?"""
    return len(before) >= 2 and after in _BODIES and not _NO_BODY.fullmatch(term[-1] + after)


def _is_headed(before: str, first: str, after: str) -> bool:
    """Do the letters before a term leave it a word?"""
    if len(before) >= 2:
        return True
    if before in KOREAN_BEARERS and first in KOREAN_OFFICES and is_tail(after):
        return True
    if before not in _HEADS:
        return False
    if are_together(before + first) or _AGENCIES.match(first + after):
        return True
    return _CLAIMED.fullmatch(before + first[0]) is None


def is_tail(after: str) -> bool:
    """Are these Korean letters behind a noun none of another word: nothing, or a title and particles?"""
    return _TAIL.fullmatch(after) is not None


def stands_in_katakana(before: str, term: str, after: str) -> bool:
    """Does a term in katakana stand as a word? One of three letters and more also within a compound, beside as many:
    コロナ in コロナウイルス, not インド in ブラインド; `traps` has what is no compound (インドネシア). A shorter one is
    the beginning or end of too many others: タイ of タイトル."""
    if after and after[0] in _NO_ONSET:  # アメリカン is one word with what follows
        return False
    if len(term) < 3:
        return not after and (not before or (term in _SHORT_ENDS and len(before) >= 3))
    begins = not before or len(before) >= 3 or before in _SHORT_HEADS
    return begins and (not after or len(after) >= 3 or after in _SHORT_TAILS)


def glued_end(text: str, place: int, stop: int) -> int:
    """Where the letters end, in the script of the one before a place, that go on there: Korean ones, or katakana."""
    run = _HANGUL_RUN if script_of(text[place - 1]) == "hangul" else _KATAKANA_RUN
    found = run.match(text, place, stop)
    return found.end() if found else place


def hangul_ends(term: str, joints: Collection[int]) -> tuple[str, str]:
    """The Korean letters with which the first word of a folded term begins, and its last word if that has no others;
    empty where there are none. `joints` are the places where it is parted."""
    first, last = term[: min(joints, default=None)], term[max(joints, default=0) :]
    begin = _HANGUL_RUN.match(first)
    return begin.group() if begin else "", last if _HANGUL_RUN.fullmatch(last) else ""


def hangul_around(text: str, start: int, end: int) -> tuple[str, str]:
    """The Korean letters on to [start, end) on both sides, within a text that is one word."""
    return _around(_HANGUL_RUN, text, start, end)


def katakana_around(text: str, start: int, end: int) -> tuple[str, str]:
    return _around(_KATAKANA_RUN, text, start, end)


def _around(run: re.Pattern[str], text: str, start: int, end: int) -> tuple[str, str]:
    after = run.match(text, end)
    back = text[max(0, start - 20) : start][::-1]
    before = run.match(back)
    return before.group()[::-1] if before else "", after.group() if after else ""
