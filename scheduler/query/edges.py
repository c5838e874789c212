"""Where a word may begin and end, by its script: what stands beside a found term, and whether it is another word."""

from __future__ import annotations

import re
from functools import lru_cache
from typing import Literal

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
    rf"(?:[^\W{_OPEN}{KATAKANA}{HANGUL}]|[\u0300-\u036f\u0591-\u05c7\u0610-\u061a\u064b-\u065f\u0670\u06d6-\u06ed"
    r"\u0900-\u0963\u0966-\u0dff])"
)
_BY_SCRIPT: tuple[tuple[Script, re.Pattern[str]], ...] = (
    ("hangul", re.compile(f"[{HANGUL}]")),
    ("katakana", re.compile(f"[{KATAKANA}]")),
    ("open", re.compile(f"[{_OPEN}]")),
    ("spaced", re.compile(LETTER)),
)
_LETTERS = re.compile(f"{LETTER}+")
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
# What stands before a Korean noun within its word and leaves it the same noun: against, for, in, former, whole, new ...
_HEADS = frozenset("대친반남북주방탈전신구총범재타각양본현새첫매한미중일러핵고초준비")
_OF_SYLLABLES = frozenset("북반탈비친대")  # before a noun of one syllable: 북핵

# Words that hold another word across the seam of two of their parts: the term does not stand there.
_TRAPS: dict[str, re.Pattern[str]] = {
    "京都": re.compile("東京都"),
    "中国": re.compile("[日韓]中国交"),
    "米国": re.compile("日米国交"),
    "北京大学": re.compile("北京大学生(?![物命活産产態态涯])"),
    "東大": re.compile("東大(?:阪|寺|久保|和)"),
    "国会": re.compile("(?:中|米|韓|各|外|两|兩)国会(?:社|談|谈|见|見)"),
    "会社": re.compile("会社交"),
    "日本": re.compile("[今本昨近]日本(?:人|地|来|報|报|店)"),
    "人民": re.compile("[軍军]人民間"),
}


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


def stands_in_hangul(before: str, term: str, after: str) -> bool:
    """Does a Korean term stand as a word, given what is written on to it? A word may be a compound of several, but a
    term must not lie across the seam of two others: 북한 stands in 친북한 and 북한군, not in 경북한우."""
    clean_end = is_tail(after)
    if not before:
        return True
    if len(term) == 1:
        return before in _OF_SYLLABLES and clean_end
    clean_start = len(before) >= 2 or before in _HEADS
    return clean_start and (clean_end or len(after) >= 2)


def is_tail(after: str) -> bool:
    """Are these Korean letters behind a noun none of another word: nothing, or a title and particles?"""
    return _TAIL.fullmatch(after) is not None


def stands_in_katakana(before: str, term: str, after: str) -> bool:
    """Does a term in katakana stand as a word? Long ones also within a compound: ミサイル in クルーズミサイル; a short
    one is the beginning or end of others: インド of インドネシア, and of ブラインド."""
    return all(not beside or (len(term) >= 4 and len(beside) >= 3) for beside in (before, after))


def glued_end(text: str, place: int, stop: int) -> int:
    """Where the letters end, in the script of the one before a place, that go on there: Korean ones, or katakana."""
    run = _HANGUL_RUN if script_of(text[place - 1]) == "hangul" else _KATAKANA_RUN
    found = run.match(text, place, stop)
    return found.end() if found else place


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


def is_trapped(term: str, text: str, start: int) -> bool:
    """Is what was found at `start` of a folded text no word, but the seam of two others? Of known terms alone."""
    trap = _TRAPS.get(term)
    if trap is None:
        return False
    return any(found.start() <= start < found.end() for found in trap.finditer(text, max(0, start - 8), start + 16))
