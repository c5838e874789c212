"""Are the words that changed names? By their capitals, or by their neighbours in scripts that have none. Pure."""

from __future__ import annotations

import re
from collections import Counter

from storage.edit_hunks import Hunk, Side
from storage.edit_words import (
    CJK_NAME,
    FUNCTION_WORDS,
    GERMAN,
    GERMAN_BEFORE_PLACE,
    GERMAN_NO_PLACE,
    GERMAN_NOUN,
    HAN_KANA,
    KO_NO_NAME,
    KO_PARTICLE,
    NUMBERS,
    TITLES,
)

WORD = re.compile(rf"[^\W\d_{HAN_KANA}]+(?:['’.&-][^\W\d_{HAN_KANA}]+)*")
_CJK = re.compile(rf"[{HAN_KANA}\uac00-\ud7a3]")
_BEFORE_SENTENCE = re.compile(r"""(?:^|[.!?:…»”"\])—]|--)[\s"“„«‹'‘(\[—-]*$""")
# A given name in the Korean way of writing, behind its family name: Kim Jong-un, Tsai Ing-wen.
_FIRST_SYLLABLE = re.compile(r"(?<![^\W_])(?P<family>[^\W\d_]+) (?P<first>[^\W\d_]+)-$")
_SYLLABLE = re.compile(
    r"(?:ch|sh|ts|kk|tt|pp|ss|jj|[bcdghjklmnprstwy])?[wy]?(?:ae|ai|eo|eu|oe|oo|ou|ui|[aeiou])(?:ng|[bghklmnprt])?"
)
_LINE_AROUND = 120  # characters on each side of a word, by which it is seen whether all words have capitals here
_AROUND = 24  # characters beside a change, in which a title or a list may tell that it is a name
BESIDE = 0.75  # of the names: so many other words may change with them
LONGEST = 12  # words that went or came alone, beyond which it is a sentence and no name


def is_of_names(hunk: Hunk) -> bool:
    """Are names what changed here: other ones, one more or less, or titles with them?"""
    sides = [side for side in (hunk.gone, hunk.came) if any(map(str.isalpha, side.words))]
    cjk = [side for side in sides if _CJK.search(side.words)]
    if cjk:
        return len(cjk) == len(sides) and all(map(_is_cjk_name, cjk))
    words = [WORD.findall(side.words) for side in (hunk.gone, hunk.came)]
    counts = [Counter(map(str.casefold, of)) for of in words]
    only = [counts[0] - counts[1], counts[1] - counts[0]]
    if not any(only) or (len(sides) == 1 and (only[0] + only[1]).total() > LONGEST and _is_sentence(sides[0])):
        return False
    names = [_names(side, changed) for side, changed in zip((hunk.gone, hunk.came), only, strict=True)]
    others = sum(
        number
        for changed, of_them in zip(only, names, strict=True)
        for word, number in changed.items()
        if word not in of_them and word not in TITLES and word not in FUNCTION_WORDS
    )
    if not any(names) and len(sides) == 1:
        return _is_title(sides[0], only[0] + only[1])
    return any(map(bool, names)) and others <= BESIDE * (len(names[0]) + len(names[1]))


def _is_title(side: Side, changed: Counter[str]) -> bool:
    """Is it a title before a name, or behind one, that went or came?"""
    if not any(word in TITLES for word in changed) or not all(word in TITLES | FUNCTION_WORDS for word in changed):
        return False
    before, after = WORD.findall(side.text[max(side.start - 40, 0) : side.start]), WORD.match(side.text, side.end)
    return (after is not None and after[0][0].isupper()) or (bool(before) and before[-1][0].isupper())


def _is_sentence(side: Side) -> bool:
    return side.words.rstrip().endswith((".", "!", "?", "”", '"'))


def _names(side: Side, changed: Counter[str]) -> set[str]:
    """Those of the changed words that are names, case-folded."""
    start, end = side.line
    line = side.text[start:end]
    german = bool(line) and len(GERMAN.findall(line)) * 12 > line.count(" ")
    found = set()
    for word in WORD.finditer(line, side.start - start, side.end - start):
        folded = word[0].casefold()
        if folded in changed and _is_name(word, line, side.text, german=german):
            found.add(folded)
    return found


def _is_name(word: re.Match[str], line: str, text: str, *, german: bool) -> bool:
    if word[0].islower():
        return _ends_given_name(word[0], line[max(0, word.start() - _AROUND) : word.start()])
    if not word[0][0].isupper() or word[0].casefold() in NUMBERS:
        return False
    before, after = line[: word.start()], line[word.end() :]
    if word[0].casefold() in FUNCTION_WORDS:
        return _is_within_name(word[0], before, after, text, german=german)
    if german and word[0].casefold() not in TITLES:
        return _is_german_name(word[0], before, after)
    if _BEFORE_SENTENCE.search(before[-12:] if before else ""):
        # Here every word has a capital: it is a name if it has one elsewhere, or stands before another.
        elsewhere = re.search(rf"[^\W\d_,;]['’]? {re.escape(word[0])}\b", text)
        return elsewhere is not None or (re.match(r" [^\W\d_]", after) is not None and after[1].isupper())
    return True


def _ends_given_name(word: str, before: str) -> bool:
    """Is it the second syllable of a given name that is joined by a hyphen? "US-led" and "Trump-era" are none."""
    found = _FIRST_SYLLABLE.search(before)
    return (
        found is not None
        and all(_is_capital(found[part]) for part in ("family", "first"))
        and _SYLLABLE.fullmatch(word) is not None
    )


def _is_within_name(word: str, before: str, after: str, text: str, *, german: bool) -> bool:
    """Is a word that binds others in one language a part of a name in another: Kim Jong Un, Le Pen? Beside a word
    that is written as a name, where not every word has a capital."""
    last, following = WORD.findall(before[-40:]), WORD.match(after, 1)
    is_behind = before.endswith((" ", "-")) and bool(last) and _is_capital(last[-1])
    is_before = after[:1] in (" ", "-") and following is not None and _is_capital(following[0])
    if len(word) == 1 or not any(map(_is_prose, (before[-_LINE_AROUND:], after[:_LINE_AROUND]))):
        return False
    if german:  # nouns have capitals: only behind two of them
        return is_behind and len(last) > 1 and _is_capital(last[-2])
    if _BEFORE_SENTENCE.search(before[-12:] if before else ""):
        return (
            is_before
            and following is not None
            and re.search(rf"[^\W\d_,;]['’]? {re.escape(word)}[ -]{re.escape(following[0])}\b", text) is not None
        )
    return is_behind or is_before


def _is_capital(word: str) -> bool:
    folded = word.casefold()
    return word[0].isupper() and folded not in FUNCTION_WORDS and folded not in NUMBERS


def _is_prose(text: str) -> bool:
    return any(word[0].islower() and word not in FUNCTION_WORDS for word in WORD.findall(text))


def _is_german_name(word: str, before: str, after: str) -> bool:
    """Every noun has a capital: a name stands beside another, a title, or where a place does."""
    previous = WORD.findall(before[-40:])
    last = previous[-1] if previous and before.endswith(" ") else ""
    following = WORD.match(after, 1) if after.startswith(" ") else None
    if word.isupper() and len(word) > 1:
        return True
    if last.casefold() in TITLES or (last and last[0].isupper() and last.casefold() not in FUNCTION_WORDS):
        return True
    if following and following[0][0].isupper() and not GERMAN_NOUN.search(word):
        return True
    return last in GERMAN_BEFORE_PLACE and word.casefold() not in GERMAN_NO_PLACE and not GERMAN_NOUN.search(word)


def _is_cjk_name(side: Side) -> bool:
    """Does most of what changed lie in names, as their neighbours tell them?"""
    start, end = side.line
    start, end = max(start, side.start - _AROUND), min(end, side.end + _AROUND)
    around = side.text[start:end]
    inside = {start + at for found in CJK_NAME.finditer(around) if _may_be(found[0]) for at in range(*found.span())}
    changed = [at for at in range(side.start, side.end) if side.text[at].isalnum()]
    particle = KO_PARTICLE.search(side.words)
    particles = len(particle[0]) if particle and len(changed) > len(particle[0]) else 0
    held = sum(at in inside for at in changed)
    return bool(held) and held >= 0.6 * (len(changed) - particles)


def _may_be(name: str) -> bool:
    return name not in KO_NO_NAME
