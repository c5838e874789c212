"""A diff with its marks, as every reader of ours is shown it: HTML, plain text, a terminal's colours and Markdown; the
headline first."""

from __future__ import annotations

import re
from collections.abc import Callable, Iterable, Sequence
from html import escape

from scheduler.excerpt import Part, changed, shown
from storage.lengths import is_summary
from storage.model.articles import Diff, DiffOp

LONGEST = 20_000  # characters of a text that is not to be shown whole
SUMMARY = (
    "The texts are too long to be compared word by word: all that lies between their common beginning and end is "
    "shown as replaced."
)
CONTEXT = 400  # characters kept on each side of a change

_TEXT = {
    "=": ("", ""),
    "…": ("", ""),
    "!": ("*", "*"),
    "-": ("[-", "-]"),
    "+": ("{+", "+}"),
    "<": ("[moved away: ", "]"),
    ">": ("[moved here: ", "]"),
}
_MARKDOWN = _TEXT | {
    "!": ("**", "**"),
    "-": ("~~", "~~"),
    "+": ("**", "**"),
    "<": ("*[moved away:]* ", ""),
    ">": ("*[moved here:]* ", ""),
}
# For the page's style sheet, and for mail, which has none.
_TAGS = {
    "!": ("mark", "", "background:#fff1a8;color:#3b2f00"),
    "-": ("del", "went", "background:#fde2e1;color:#8a1f17"),
    "+": ("ins", "came", "background:#dcf5df;color:#14532d;text-decoration:none"),
    "<": ("del", "moved", "background:#e8e6f5;color:#43386b"),
    ">": ("ins", "moved", "background:#e8e6f5;color:#43386b;text-decoration:none"),
    "…": ("span", "gap", "color:#767676"),
}
# For a terminal: red and struck, green and underlined, violet. One that knows no strike shows the colour alone.
_COLOURS = {"!": "1", "-": "31;9", "+": "32;4", "<": "35;9", ">": "35;4", "…": "2"}
_TITLES = {"<": "moved away from here", ">": "moved here"}
# A mark that touches white space on its inner side is none in Markdown, nor does one go beyond its paragraph.
_LINE = re.compile(r"(\s*)(.*?)(\s*(?:\n|\Z))", re.DOTALL)
_SPECIAL = re.compile(r"([\\`*_\[\]<>~#|&!])")
_OPENS = re.compile(r"(^|\n)([ \t]*)(?=\S)(?:([-+=])|(\d+)([.)]))?")


def as_html(diff: Diff, *, show_all: bool = False, inline: bool = False, whole: str = "") -> str:
    """<ins> and <del> with a class for each kind of change, one <p> for a changed headline and one for the text.

    Long stretches that stayed are left out unless `show_all`; line ends are kept as they are. `inline` is for readers
    without our style sheet: colours stand in the tags, and line ends as <br>. "" where nothing changed.

    What is left out because it is too long is said below it, with a link to `whole`, the address where all of it is;
    and that the diff is a summary, if it is one.
    """
    texts, more = _texts(diff, show_all)
    shown = [(extra, html(parts, inline=inline)) for extra, parts in texts]
    link = f': <a href="{escape(whole)}">the whole</a>' if whole else ""
    notes = [escape(one) for one in _notes(diff, more)]
    if more:
        notes[-1] += link
    below = "".join(f"<p>{one}</p>" if inline else f'<p class="kicker">{one}</p>' for one in notes)
    if not inline:
        return "".join(f'<p class="diff{extra}" dir="auto">{text}</p>' for extra, text in shown) + below
    bold = ' style="font-weight:bold"'
    return "".join(f'<p dir="auto"{bold if extra else ""}>{_as_breaks(text)}</p>' for extra, text in shown) + below


def as_text(diff: Diff, *, show_all: bool = False, whole: str = "") -> str:
    """[-went-], {+came+}; `whole` says how to get what is left out. See `as_html`."""
    texts, more = _texts(diff, show_all)
    return "\n\n".join([*(text(parts) for _, parts in texts), *_notes(diff, more, whole)])


def as_colours(diff: Diff, *, show_all: bool = False, whole: str = "") -> str:
    """For a terminal, with ANSI's colours; see `as_text`."""
    texts, more = _texts(diff, show_all)
    return "\n\n".join([*(colours(parts) for _, parts in texts), *_notes(diff, more, whole)])


def as_markdown(diff: Diff, *, show_all: bool = False, whole: str = "") -> str:
    """~~went~~, **came**; what stands in the article is no markup. See `as_text`."""
    texts, more = _texts(diff, show_all)
    told = [f"### {' '.join(markdown(parts).split())}" if extra else markdown(parts) for extra, parts in texts]
    return "\n\n".join([*told, *(markdown([("=", one)]) for one in _notes(diff, more, whole))])


def html(parts: Iterable[Part], *, inline: bool = False) -> str:
    """The parts as HTML, their texts escaped; `inline` puts the colours into the tags."""
    return "".join(_tagged(sign, escape(text), inline) for sign, text in parts)


def text(parts: Iterable[Part]) -> str:
    """For plain text: *found*, [-went-], {+came+}, each paragraph in brackets of its own."""
    return "".join(
        _each_line(one, *_TEXT[sign]) if one.strip() else _TEXT[sign][0] + one + _TEXT[sign][1] for sign, one in parts
    ).strip()


def colours(parts: Iterable[Part]) -> str:
    """For a terminal: ANSI's colours, begun and ended on each line, so that a pager shows every line as it is."""
    return "".join(
        _each_line(one, f"\x1b[{_COLOURS[sign]}m", "\x1b[0m") if sign in _COLOURS else one for sign, one in parts
    ).strip()


def markdown(parts: Iterable[Part]) -> str:
    """The parts as Markdown (CommonMark, and ~~ as GitHub and others have it)."""
    return _escaped_openings("".join(_escaped_lines(one, *_MARKDOWN[sign]) for sign, one in parts)).strip()


def _texts(diff: Diff, show_all: bool) -> tuple[list[tuple[str, tuple[Part, ...]]], int]:
    """What changed, of the headline, then of the text; and how many characters of it are left out."""
    shorten: Callable[[Sequence[DiffOp]], tuple[Part, ...]] = _whole if show_all else _extract
    texts = [(extra, shown(ops)) for extra, ops in ((" headline", diff.title), ("", diff.body))]
    told = [(extra, shorten(ops)) for extra, ops in texts]
    more = sum(_left_out(ops, parts) for (_, ops), (_, parts) in zip(texts, told, strict=True))
    return [(extra, parts) for extra, parts in told if parts], more


def _left_out(ops: Sequence[DiffOp], parts: Sequence[Part]) -> int:
    """How many characters that went or came are not shown. White space alone is shown as "¶"."""
    said = sum(len(text) for sign, text in ops if sign in "-+" and text.strip())
    return max(said - sum(len(text) for sign, text in parts if sign in "-+" and text != "¶"), 0)


def _notes(diff: Diff, more: int, whole: str = "") -> list[str]:
    notes = [SUMMARY] if is_summary(diff) else []
    if more:
        notes.append(f"... {more:,} characters more that went or came{f': {whole}' if whole else ''}")
    return notes


def _whole(ops: Sequence[DiffOp]) -> tuple[Part, ...]:
    return tuple(ops) if any(sign != "=" for sign, _ in ops) else ()


def _extract(ops: Sequence[DiffOp]) -> tuple[Part, ...]:
    return changed(ops, context=CONTEXT, length=LONGEST, lines=True)


def _tagged(sign: str, escaped: str, inline: bool) -> str:
    if sign not in _TAGS:
        return escaped
    tag, name, style = _TAGS[sign]
    look = f' style="{style}"' if inline else f' class="{name}"' if name else ""
    title = f' title="{_TITLES[sign]}"' if sign in _TITLES else ""
    return f"<{tag}{look}{title}>{escaped}</{tag}>"


def _as_breaks(escaped: str) -> str:
    return escaped.strip().replace("\n", "<br>")


def _escaped_lines(text: str, opens: str, closes: str) -> str:
    escaped = _SPECIAL.sub(r"\\\1", text)
    return _each_line(escaped, opens, closes) if opens or closes else escaped


def _each_line(text: str, opens: str, closes: str) -> str:
    lines = (found.groups() for found in _LINE.finditer(text))
    return "".join(before + (opens + inner + closes if inner else "") + after for before, inner, after in lines)


def _escaped_openings(text: str) -> str:
    """Without what begins a list or a heading's underline or, by its indent, code."""

    def opening(found: re.Match[str]) -> str:
        start, _, sign, number, dot = found.groups()
        return f"{start}\\{sign}" if sign else f"{start}{number}\\{dot}" if number else start

    return _OPENS.sub(opening, text)
