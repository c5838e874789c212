"""The part of a text that an alert shows: the words that were found, or changed, and what stands around them."""

from __future__ import annotations

import re
from collections.abc import Iterable, Iterator, Sequence
from typing import Literal

from scheduler.query.matcher import Span
from storage.model.articles import DiffOp
from storage.text import clean

# "=" text, "!" a word that was found, "-" and "+" what went and came, "<" and ">" what moved away and here, "…" a gap.
# The parts joined are one line, unless lines were asked for.
Part = tuple[Literal["=", "!", "-", "+", "<", ">", "…"], str]
GAP: Part = ("…", " … ")

MOST_MOVED = {"<": 60, ">": 300}  # characters of a paragraph that moved: it is no news

_SPACE = re.compile(r"\s+")
_BIDI = re.compile("[\u202a-\u202e\u2066-\u2069]")
_LONGEST_WORD = 25  # a longer one is a script without spaces, and is cut where it must be


def around(text: str, spans: Sequence[Span], *, length: int = 400, context: int = 100) -> tuple[Part, ...]:
    """The text around the first place of each word that was found, every place in it marked; the beginning where
    nothing was. Its parts are `showable`.

    `spans` are the places in the text as it is given, in order; may overlap. `context` is the number of characters kept
    on each side, `length` about how many are shown in all.
    """
    windows = list(_windows(spans, _first_of_each(text, spans), len(text), length, context))
    if not windows:
        return tuple(_cut(text, 0, min(length, len(text)), []))
    parts: list[Part] = []
    for start, end in windows:
        parts += [GAP] if parts else []
        parts += _cut(text, start, end, spans)
    return tuple(one for place, one in enumerate(parts) if one != GAP or not place or parts[place - 1] != GAP)


def changed(ops: Sequence[DiffOp], *, length: int = 900, context: int = 60, lines: bool = False) -> tuple[Part, ...]:
    """A word diff as an extract: what changed, with `context` characters around it; empty where nothing did.

    `length` is about how many characters are shown in all; a change of spaces or paragraphs alone shows as "¶".
    `lines` keeps the paragraphs apart.
    """
    parts: list[Part] = []
    left = length
    for place, (sign, text) in enumerate(ops):
        if left <= 0:
            parts.append(GAP)
            break
        if sign == "=":
            extract: list[Part] = list(_between(text, context if place else 0, context if place < len(ops) - 1 else 0))
        else:
            most = min(left, MOST_MOVED.get(sign, left))
            extract = [(sign, _middle_out(text if text.strip() else "¶", most))]
        parts += extract if lines else [(sign, _SPACE.sub(" ", part)) for sign, part in extract]
        left -= sum(len(one) for _, one in extract)
    return tuple(parts) if any(sign != "=" for sign, _ in ops) else ()


def shown(ops: Iterable[DiffOp]) -> list[DiffOp]:
    """The ops as they can be shown: `showable` each."""
    return [(sign, showable(text)) for sign, text in ops]


def showable(text: str) -> str:
    """As `clean`, and without what would turn round the words beside it, which are ours."""
    return _BIDI.sub("", clean(text))


def _first_of_each(text: str, spans: Sequence[Span]) -> list[Span]:
    firsts: dict[str, Span] = {}
    for start, end in spans:
        firsts.setdefault(_SPACE.sub(" ", text[start:end]).casefold(), (start, end))
    return list(firsts.values())


def _windows(
    spans: Sequence[Span], firsts: Sequence[Span], end_of_text: int, length: int, context: int
) -> Iterator[Span]:
    """Stretches of text, in order and apart from each other, that hold as many of the firsts as there is room for."""
    window: Span | None = None
    left = length
    for start, end in firsts:
        start, end = max(0, start - context), min(end_of_text, min(end, start + length) + context)
        if window and start <= window[1]:
            left -= max(0, end - window[1])
            window = (window[0], max(window[1], end))
        else:
            if window:
                yield window
            window = (start, end)
            left -= end - start
        if left <= 0:
            break
    if window:
        yield window


def _cut(text: str, start: int, end: int, spans: Sequence[Span]) -> Iterator[Part]:
    """[start, end) of the text in whole words, with the spans in it marked."""
    inside = [one for one in spans if start <= one[0] and one[1] <= end]
    start = _word_start(text, start, inside[0][0] if inside else end)
    end = _word_end(text, end, max(one[1] for one in inside) if inside else start)
    if start:
        yield GAP
    at = start
    for first, last in inside:
        if first < at:
            continue  # overlaps the one before
        if first > at:
            yield ("=", _on_a_line(text[at:first]))
        yield ("!", _on_a_line(text[first:last]))
        at = last
    if at < end:
        yield ("=", _on_a_line(text[at:end]))
    if end < len(text.rstrip()):
        yield GAP


def _on_a_line(text: str) -> str:
    return _SPACE.sub(" ", showable(text))


def _word_start(text: str, place: int, limit: int) -> int:
    """The next beginning of a word from `place` on, at most `limit`."""
    if not place or text[place - 1].isspace():
        return place
    found = _SPACE.search(text, place, min(limit, place + _LONGEST_WORD))
    return found.end() if found else place


def _word_end(text: str, place: int, limit: int) -> int:
    """The last end of a word up to `place`, at least `limit`."""
    if place >= len(text) or text[place].isspace():
        return place
    for at in range(place, max(limit, place - _LONGEST_WORD), -1):
        if text[at - 1].isspace():
            return at - 1
    return place


def _between(text: str, head: int, tail: int) -> Iterator[Part]:
    """What stayed between two changes: `head` characters of its beginning, `tail` of its end."""
    if len(text) <= head + tail + 20:
        yield ("=", text)
        return
    if head:
        yield ("=", text[: _word_end(text, head, 0)])
    yield GAP
    if tail:
        yield ("=", text[_word_start(text, len(text) - tail, len(text)) :])


def _middle_out(text: str, length: int) -> str:
    """A text of at most about `length` characters: of a longer one the beginning and the end."""
    if len(text) <= length:
        return text
    tail = length // 4
    return f"{text[: length - tail].rstrip()} … {text[len(text) - tail :].lstrip()}"
