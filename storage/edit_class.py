"""Which class is an edit of? What matters most to a reader decides. Pure.

In this order, the first that holds:

1. label       nothing but white space, typography, date labels and lines that say when the page was updated
2. correction  what was added says that the article was corrected
3. rewrite     most of the text is other words
4. headline    the headline changed, and of the text nothing or trifles (a date label, a slip)
5. quote, numbers, names: what somebody said, how many or when, and who or where. Each of them if it is half of all
               places where words changed, else the first that occurs if they are half of them together. They
               outweigh paragraphs: a toll that was raised matters more than the paragraph that came with it. A
               figure or a name within a quotation is a figure or a name
6. paragraph_removed, paragraph_added: whole paragraphs, more than changed by words; removed where both happened
7. wording     other words; also paragraphs that only moved
8. typo        slips of the pen: a few letters within a word, a doubled word, marks of punctuation

That is what an edit is told as. Who asks for figures or for new paragraphs wants each of them, so that it is also of
those of 5 and 6 that hold and were outweighed.
"""

from __future__ import annotations

import re
from collections import Counter
from collections.abc import Collection, Iterator, Sequence
from dataclasses import dataclass

from storage.churn import churn_at_the_ends
from storage.edit_hunks import Hunk, Side, Taken, take_apart
from storage.edit_names import is_of_names
from storage.edit_notes import is_stamp, owns_to_correction
from storage.edit_numbers import is_of_numbers
from storage.edit_quotes import has_quotation, is_said
from storage.edit_slips import is_doubled, is_slip
from storage.edit_words import TITLES
from storage.identity import same_but_typography
from storage.model.articles import Article, DiffOp, EditClass
from storage.text import fold

MOST_HUNKS = 400  # that are looked at one by one: a text with more places is reworded, whatever they are
FACTS = (EditClass.QUOTE, EditClass.NUMBERS, EditClass.NAMES)
LEAST_REWRITTEN = 40  # letters: below, other words are an edit of these words
_QUOTES = re.compile('["“”„‟«»「」『』《》〈〉＂]')
_DASHES = re.compile("-{2,}")


@dataclass(frozen=True, slots=True)
class Classes:
    """The class that an edit is told as, and the others that it is of as well: of figures, and of a new paragraph.
    Typography, a rewrite, slips and wording are only classes of what is nothing else."""

    told_as: EditClass
    beside: frozenset[EditClass] = frozenset()


@dataclass(frozen=True, slots=True)
class _Found:
    """What was done to a text, stamps and churn left out."""

    hunks: Sequence[Hunk]
    removed: Sequence[Side]
    added: Sequence[Side]
    moved: bool
    kinds: Counter[EditClass]  # of the hunks; of none where there are more than MOST_HUNKS

    @property
    def classes(self) -> Iterator[EditClass]:
        """All that it is, but for trifles; a note that owns to a correction is no paragraph of the article."""
        removed, added = ([one for one in of if not owns_to_correction(one.words)] for of in (self.removed, self.added))
        yield from (one for one in FACTS if self.kinds[one])
        if any(map(has_quotation, (*removed, *added))):
            yield EditClass.QUOTE
        if removed:
            yield EditClass.PARAGRAPH_REMOVED
        if added:
            yield EditClass.PARAGRAPH_ADDED


def edit_classes(before: Article, after: Article, title: Sequence[DiffOp], body: Sequence[DiffOp]) -> Classes:
    """The classes of the edit between two articles that differ; `title` and `body` are its word diff."""
    if same_but_typography(before, after):
        return Classes(EditClass.LABEL)
    taken = take_apart(before.body, after.body, body)
    owns_to_it = _says_so(before.title, after.title, title) or _says_so(before.body, after.body, body)
    if _is_rewritten(taken):
        return Classes(EditClass.CORRECTION if owns_to_it else EditClass.REWRITE)
    found = _found(before, after, taken)
    told_as = EditClass.CORRECTION if owns_to_it else _weightiest(found, headline=_differs(title))
    return Classes(told_as, frozenset(found.classes) - {told_as})


def _found(before: Article, after: Article, taken: Taken) -> _Found:
    churn = churn_at_the_ends(before.body.split("\n")) | churn_at_the_ends(after.body.split("\n"))
    sides = [(one, _is_stamp(one.gone, churn), _is_stamp(one.came, churn)) for one in taken.hunks]
    hunks = [one for one, *stamps in sides if not any(stamps)]
    # A counter in whose place another paragraph stands was not reworded: it went, and the paragraph came.
    gone = (*taken.removed, *(one.gone for one, *stamps in sides if stamps == [False, True]))
    came = (*taken.added, *(one.came for one, *stamps in sides if stamps == [True, False]))
    removed, added = ([one for one in of if not _is_stamp(one, churn)] for of in (gone, came))
    kinds = Counter(map(_kind, hunks)) if len(hunks) <= MOST_HUNKS else Counter[EditClass]()
    return _Found(hunks, removed, added, taken.moved, kinds)


def _weightiest(found: _Found, *, headline: bool) -> EditClass:
    """What matters most to a reader, where the article neither says that it was corrected nor is other words."""
    if len(found.hunks) > MOST_HUNKS:
        return EditClass.WORDING
    kinds = found.kinds - Counter({one: found.kinds[one] for one in (EditClass.LABEL, EditClass.TYPO)})
    weighty = kinds or found.removed or found.added or found.moved
    if headline and not weighty:
        return EditClass.HEADLINE
    if not weighty:
        return EditClass.TYPO if found.kinds[EditClass.TYPO] else EditClass.LABEL
    places = kinds.total()
    facts = [one for one in FACTS if kinds[one]]
    for one in facts:
        if 2 * kinds[one] >= places:
            return one
    if facts and 2 * sum(kinds[one] for one in facts) >= places:
        return facts[0]
    whole = (*found.removed, *found.added)
    by_words = sum(_size(one.gone) + _size(one.came) for one in found.hunks)
    if whole and sum(map(_size, whole)) >= by_words:
        return EditClass.PARAGRAPH_REMOVED if found.removed else EditClass.PARAGRAPH_ADDED
    return EditClass.WORDING


def _differs(ops: Sequence[DiffOp]) -> bool:
    """Do the texts differ in more than typography?"""
    before, after = ("".join(text for sign, text in ops if sign in signs) for signs in ("=-", "=+"))
    return fold(before).replace(" ", "") != fold(after).replace(" ", "")


def _size(side: Side) -> int:
    return sum(map(str.isalnum, side.words))


def _is_stamp(side: Side, churn: Collection[str]) -> bool:
    """Is the whole line about when the page was updated, or a counter and the like at an end of the text?"""
    line = side.text[slice(*side.line)]
    return line in churn or is_stamp(line)


def _says_so(before: str, after: str, ops: Sequence[DiffOp]) -> bool:
    """Does a line that the text before has not own to a correction?"""
    at = looked_at = 0
    for sign, text in ops:
        end = after.find("\n", at + len(text.rstrip("\n"))) if sign == "+" else -1
        end = len(after) if end < 0 else end
        if sign == "+" and end > looked_at:
            lines, looked_at = after[after.rfind("\n", 0, at) + 1 : end], end
            if owns_to_correction(lines) and not _said_so(before, lines):
                return True
        at += len(text) * (sign in "=+>")
    return False


def _said_so(before: str, lines: str) -> bool:
    """Did the note stand in the text before, in nearly these words? It says nothing of this edit then."""
    begun = lines.lstrip("\n")[:20]
    return any(owns_to_correction(line) for line in before.split("\n") if line.startswith(begun))


def _is_rewritten(taken: Taken) -> bool:
    """Is less than half of the shorter text in the other one?"""
    gone = sum(_size(one.gone) for one in taken.hunks) + sum(map(_size, taken.removed))
    came = sum(_size(one.came) for one in taken.hunks) + sum(map(_size, taken.added))
    fewer = min(gone, came)
    return fewer >= LEAST_REWRITTEN and taken.stayed < fewer


def _kind(hunk: Hunk) -> EditClass:
    gone, came = (_DASHES.sub("-", fold(side.words)) for side in (hunk.gone, hunk.came))
    if gone.replace(" ", "") == came.replace(" ", "") and not (gone.strip() and " " in gone + came):
        return EditClass.LABEL
    if len(_QUOTES.findall(gone)) != len(_QUOTES.findall(came)) and _letters(gone) == _letters(came):
        return EditClass.QUOTE
    kind = _kind_of_words(hunk)
    return EditClass.QUOTE if kind is EditClass.WORDING and is_said(hunk) else kind


def _kind_of_words(hunk: Hunk) -> EditClass:
    if is_doubled(hunk):
        return EditClass.TYPO
    if is_of_numbers(hunk):
        return EditClass.NUMBERS
    slip = is_slip(hunk)
    if is_of_names(hunk) and not (slip and _is_mended(hunk)):
        return EditClass.NAMES
    return EditClass.TYPO if slip else EditClass.WORDING


def _is_mended(hunk: Hunk) -> bool:
    """Was a name brought into the form that it has elsewhere in the text, or into another case? Is it a title?"""
    gone, came = hunk.gone.words.strip(), hunk.came.words.strip()
    if _letters(gone).casefold() == _letters(came).casefold() or {gone.casefold(), came.casefold()} & TITLES:
        return True
    return bool(came) and hunk.gone.text.count(came) > 0 and hunk.gone.text.count(gone) == 1


def _letters(text: str) -> str:
    return "".join(filter(str.isalnum, text))
