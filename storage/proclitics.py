"""What Arabic and Hebrew write on to the word behind it: "and", "the", "in", "to". Pure.

Shared by the matcher, which judges where a term stands, and by the index of search, which has to find all of these.
Letters are folded ones: of Arabic no hamza on the alif and no points.
"""

from __future__ import annotations

import re
from collections.abc import Iterable

# A letter alone may be part of the root (بحث is no "in" + حث): it wants a longer word behind it than an article does.
# "And" is as common before three letters as it is rare in a root.
_ARABIC = "ال وال فال بال كال وبال وكال فبال فكال لل ولل فلل و", "ف ب ك ل وب وك ول فب فك فل"
_HEBREW = "ה ו ש וה שה ושה וש כש כשה וכש וכשה מה ומה", "ב ל מ כ וב ול ומ וכ שב של שמ"
_SHORT, _LONG = 3, 4  # letters of a term, before which the first and the second of these may stand
_ARTICLES = (("\u0621", "\u064a", "ال"), ("\u05d0", "\u05ea", "ה"))  # by the letters of the script
MAY_BE_LED = re.compile("[\u0621-\u064a\u05d0-\u05ea]")  # no word without them is: one look for all other scripts


def _by_letter(leads: Iterable[str]) -> dict[str, tuple[str, ...]]:
    found: dict[str, tuple[str, ...]] = {}
    for one in sorted(leads, key=len):
        found[one[0]] = (*found.get(one[0], ()), one)
    return found


_BY_LETTER = _by_letter(" ".join((*_ARABIC, *_HEBREW)).split())
_BEFORE = {
    first: (frozenset(short.split()), frozenset(f"{short} {long}".split()))
    for (first, _, _), (short, long) in zip(_ARTICLES, (_ARABIC, _HEBREW), strict=True)
}


def before(letters: str) -> frozenset[str]:
    """What may stand before a term of these folded letters within its word; empty in most scripts."""
    if len(letters) < _SHORT or letters.isascii():
        return frozenset()
    for first, last, _ in _ARTICLES:
        if first <= letters[0] <= last:
            return _BEFORE[first][len(letters) >= _LONG]
    return frozenset()


def behind(word: str, start: int = 0) -> list[int]:
    """The places in a folded word, of which a part begins at `start`, where a term may begin behind what is written on
    to it: at least those for which `before` has it."""
    leads = _BY_LETTER.get(word[start : start + 1], ())
    return [start + len(one) for one in leads if word.startswith(one, start) and start + len(one) < len(word)]


def spellings(text: str) -> tuple[str, ...]:
    """A query's words with what changes within them: الصاروخ is للصاروخ behind "to", and "صاروخ باليستي" is "الصاروخ
    الباليستي" with the article. Empty where nothing does."""
    found: list[str] = []
    if text.startswith("ال") and len(text.split()[0]) > _LONG:
        bare = text[2:]
        found.append(f"ل{bare}" if bare.startswith("ل") else f"لل{bare}")  # three ل are written as two: للجنة
    first, *others = text.split(" ")
    definite = [_definite(one) for one in others]
    if definite != others:  # "the head of the government", then "the ballistic missile"
        found += (" ".join((first, *others[:-1], definite[-1])), " ".join((first, *definite)))
    return tuple(dict.fromkeys(found))


def _definite(word: str) -> str:
    """The word with its article; as it is where it has one, is too short or of another script."""
    if len(word) < _SHORT or not word.isalpha():
        return word
    for first, last, article in _ARTICLES:
        if first <= word[0] <= last:
            return word if word.startswith(article) else article + word
    return word
