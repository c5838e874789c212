"""A term ready to be found: where its letters stand in a folded text, and whether they stand there as its words."""

from __future__ import annotations

from scheduler.query import acronym, edges, numbers, parting
from scheduler.query.capitals import stands_as_asked
from scheduler.query.folding import BREAK, HYPHEN, SPACE, Folded, fold_text
from scheduler.query.leads import is_led
from scheduler.query.stems import same_stem, shared_beginning
from scheduler.query.traps import is_trapped
from storage import proclitics
from storage.query import Term
from storage.text import fold

MOST_SPANS = 200  # of a term in a title or a body: a page that repeats a word must not cost a minute
MOST_TRIED = 1_000  # places where its letters stand that are looked at more closely
MOST_JOINED = 4  # parts of a name in a text that a term may write as one word; storage/index_tokens.py goes as far
Span = tuple[int, int]


class Needle:
    """`text` is what must stand in the folded text wherever the term does: the term itself, or the beginning that its
    forms share. `said` is the term in one of its other spellings (`storage/spellings.py`)."""

    __slots__ = (
        "_acronyms",
        "_begins_number",
        "_ends_number",
        "_first",
        "_hangul",
        "_joints",
        "_last",
        "_leads",
        "_named",
        "_written",
        "open",
        "term",
        "text",
    )

    def __init__(self, term: Term, said: str = "") -> None:
        self._acronyms = acronym.places_in(said)
        said = said or term.text
        self.term = term
        self.text = letters_of(said, is_stem=term.stem)
        self.open = term.prefix or term.stem  # its last word may go on
        parted = bool(self.text) and (not said.isalnum() or "ㆍ" in said)  # a letter by its properties, and a dot here
        self._joints = dict(Folded(said).inner_joints(0, len(self.text))) if parted else {}
        self._hangul = edges.hangul_ends(self.text, self._joints)
        self._first = edges.script_of(self.text[0]) if self.text else "none"
        self._last = edges.script_of(self.text[-1]) if self.text else "none"
        self._begins_number = self.text[:1].isdigit()
        self._ends_number = self.text[-1:].isdigit() and not self.open
        self._leads = frozenset() if term.stem else proclitics.before(self.text)
        self._written = fold(term.text) if term.exact else ""
        self._named = term.text[:1].isupper()

    def spans(self, page: Folded, language: str = "") -> list[Span]:
        """All places of the term in a folded text, in order."""
        found: list[Span] = []
        tried = 0
        place = page.text.find(self.text) if self.text else -1
        while place >= 0 and len(found) < MOST_SPANS and tried < MOST_TRIED:
            tried += 1
            span = self.stands(page, place, language)
            if span:
                found.append(span)
            place = page.text.find(self.text, span[1] if span else place + 1)
        return found

    def stands(self, page: Folded, start: int, language: str = "") -> Span | None:
        """The place of the term, given that its letters stand at `start`; None: they are part of other words."""
        end = start + len(self.text)
        joints = page.joints
        # The quick answers come first: most of the letters that are found lie within other words.
        goes_on = start not in joints and self._first == "spaced" and edges.script_of(page.text[start - 1]) == "spaced"
        if goes_on and not (self._leads and is_led(page, start, self._leads, language)):
            return None
        if end not in joints and self._last == "spaced":
            if not self.open and edges.script_of(page.text[end]) == "spaced":
                return None
            if self.open:
                end = self._whole(page, end)
        if self._begins_number and start not in joints and numbers.has_more_before(page, start):
            return None
        if self._ends_number and end not in joints and numbers.has_more_behind(page, end):
            return None
        if self.term.stem and not self._is_form(page, start, end, language):
            return None
        if not (self._begins(page, start) and self._ends(page, start, end) and self._joined(page, start, end)):
            return None
        if self._acronyms and not acronym.are_meant(page, start, self._acronyms):
            return None
        if self.term.exact and not stands_as_asked(page.written(start, end), self._written, language):
            return None
        if self.term.prefix and end not in joints and self._last in ("hangul", "katakana"):
            end = edges.glued_end(page.text, end, page.stop_at(end))
        return start, end

    def _whole(self, page: Folded, end: int) -> int:
        end = edges.word_end(page.text, end, page.stop_at(end))
        return numbers.end_of_number(page, end) if page.text[end - 1].isdigit() else end

    def _is_form(self, page: Folded, start: int, end: int, language: str) -> bool:
        """By its folded letters, or as it is written: a stem may hang on accents, and on the ı of Turkish."""
        letters, asked = page.text[start:end], self.term.text
        return same_stem(letters, asked, language) or same_stem(page.written(start, end), asked, language)

    def _begins(self, page: Folded, start: int) -> bool:
        if page.joints.get(start) == HYPHEN and self._first == "spaced":
            number = page.word_at(start)
            # Xi is found in "Biden-Xi", and neither UN nor un in "Jong-Un".
            return not _leans(page, number) or (page.word(number).istitle() and self.term.text.istitle())
        return True

    def _ends(self, page: Folded, start: int, end: int) -> bool:
        """The end, and both edges in scripts that glue words together."""
        if page.joints.get(end) == HYPHEN and self._last == "spaced" and not self.open:
            return not _ends_with(page, page.word_at(end))
        if self._first in ("hangul", "katakana") or self._last in ("hangul", "katakana"):
            return self._stands_glued(page, start, end)
        return not is_trapped(self.text, page.text, start, page.joints)

    def _stands_glued(self, page: Folded, start: int, end: int) -> bool:
        begin, stop = page.starts[page.word_at(start)], page.stop_at(end - 1)
        piece, at, to = page.text[begin:stop], start - begin, end - begin
        if "katakana" in (self._first, self._last):
            before, after = edges.katakana_around(piece, at, to)
            before = before if self._first == "katakana" else ""
            after = after if self._last == "katakana" and not self.open else ""
            if is_trapped(self.text, f"{before}{self.text}{after}", len(before)):
                return False
            return edges.stands_in_katakana(before, self.text, after)
        before, after = edges.hangul_around(piece, at, to)
        before = before if self._first == "hangul" else ""
        after = after if self._last == "hangul" and not self.open else ""
        if is_trapped(self.text, f"{before}{self.text}{after}", len(before)):
            return False
        return edges.stands_in_hangul(before, self.text, self._hangul, after)

    def _joined(self, page: Folded, start: int, end: int) -> bool:
        """Are its words parted as the text parts them, or in another way that a name may be?"""
        there = dict(page.inner_joints(start, end))
        together = 1
        for place, kind in there.items():
            if kind == BREAK:
                return False
            if place - start in self._joints:
                together = 1
                continue
            if not self._may_part(page, start, place, kind):
                return False
            together += not page.text[place].isdigit()
            if together > MOST_JOINED:
                return False
        if there and self.text.isdigit() and numbers.has_more_thousands(page, start, end):
            return False
        return all(
            start + place in there or kind == HYPHEN or self._may_join(page, start + place)
            for place, kind in self._joints.items()
        )

    def _may_part(self, page: Folded, start: int, place: int, kind: int) -> bool:
        """May the text part what the term, which begins at `start`, writes as one? "Jong-un" is Jongun; so is "Jong
        Un", where both are written as names are; 10 000 is 10000; of 한·미 and the like `parting` decides."""
        if kind == HYPHEN:
            return True
        if not {edges.script_of(page.text[place - 1]), edges.script_of(page.text[place])} <= {"spaced", "none"}:
            first, last = self._word(start, place)
            return parting.may_part(page, first, last, is_open=self.open or last < start + len(self.text))
        number = page.word_at(place)
        before, after = page.word(number - 1), page.word(number)
        if before.isdigit() and len(before) <= 3 and numbers.is_thousands(after) and page.gap(place).isspace():
            return True
        is_name = before[:1].isupper() and after[:1].isupper() and before.isalpha()
        return is_name and self._named and kind == SPACE and self._first == "spaced"

    def _word(self, start: int, place: int) -> Span:
        """The word of the term around a place, in a text where the term begins at `start`."""
        inside = place - start
        first = max((at for at in self._joints if at < inside), default=0)
        last = min((at for at in self._joints if at > inside), default=len(self.text))
        return start + first, start + last

    def _may_join(self, page: Folded, place: int) -> bool:
        """May the text write as one what the term parts by a space? Korean, Chinese and Japanese do as they please;
        elsewhere a name may: Kim Jong Un is "Kim Jongun", and "the rapist" no therapist."""
        if edges.script_of(page.text[place]) != "spaced" or edges.script_of(page.text[place - 1]) != "spaced":
            return True
        word = page.word(page.word_at(place))
        return word[:1].isupper() or word[:1].isdigit()


def letters_of(said: str, *, is_stem: bool) -> str:
    """What must stand in a folded text wherever a term does: its letters, or the beginning that its forms share.
    Empty for a term that is nothing once it is folded."""
    letters = fold_text(said)
    return shared_beginning(letters) if is_stem else letters


def _ends_with(page: Folded, number: int) -> bool:
    """Is a word behind a hyphen the end of the word before, so that this is not found without it: "it" in "fox-it"? A
    name is one by itself (Biden-Xi), and what joins others is of neither (Rio-de-Janeiro)."""
    word = page.word(number)
    goes_on = number + 1 < len(page.starts) and page.joints.get(page.starts[number + 1]) == HYPHEN
    return _leans(page, number) and word.islower() and not goes_on


def _leans(page: Folded, number: int) -> bool:
    """Does a word behind a hyphen belong to the one before, as "un" in "Jong-un" and "it" in "fox-it"? One of two
    letters at most does unless it is an acronym: US, EU."""
    word = page.word(number)
    return word.isalpha() and (len(word) == 1 or (len(word) == 2 and not word.isupper()))
