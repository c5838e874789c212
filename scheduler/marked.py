"""A diff with its marks, as every reader of ours is shown it: HTML, plain text, a terminal's colours and Markdown; the
headline first."""

from __future__ import annotations

import re
from collections.abc import Callable, Iterable, Sequence
from html import escape

from scheduler.excerpt import Part, changed, shown
from storage.model import Diff, DiffOp

LONGEST = 20_000  # characters of a text that is not to be shown whole
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


def as_html(diff: Diff, *, show_all: bool = False, inline: bool = False) -> str:
    """<ins> and <del> with a class for each kind of change, one <p> for a changed headline and one for the text.

    Long stretches that stayed are left out unless `show_all`; line ends are kept as they are. `inline` is for readers
    without our style sheet: colours stand in the tags, and line ends as <br>. "" where nothing changed.
    """
    texts = [(extra, html(parts, inline=inline)) for extra, parts in _texts(diff, show_all)]
    if not inline:
        return "".join(f'<p class="diff{extra}" dir="auto">{text}</p>' for extra, text in texts)
    bold = ' style="font-weight:bold"'
    return "".join(f'<p dir="auto"{bold if extra else ""}>{_as_breaks(text)}</p>' for extra, text in texts)


def as_text(diff: Diff, *, show_all: bool = False) -> str:
    """[-went-], {+came+}; see `as_html`."""
    return "\n\n".join(text(parts) for _, parts in _texts(diff, show_all))


def as_colours(diff: Diff, *, show_all: bool = False) -> str:
    """For a terminal, with ANSI's colours; see `as_html`."""
    return "\n\n".join(colours(parts) for _, parts in _texts(diff, show_all))


def as_markdown(diff: Diff, *, show_all: bool = False) -> str:
    """~~went~~, **came**; what stands in the article is no markup. See `as_html`."""
    return "\n\n".join(
        f"### {' '.join(markdown(parts).split())}" if extra else markdown(parts)
        for extra, parts in _texts(diff, show_all)
    )


def html(parts: Iterable[Part], *, inline: bool = False) -> str:
    """The parts as HTML, their texts escaped; `inline` puts the colours into the tags."""
    return "".join(_tagged(sign, escape(text), inline) for sign, text in parts)


def text(parts: Iterable[Part]) -> str:
    """For plain text: *found*, [-went-], {+came+}."""
    return "".join(_TEXT[sign][0] + one + _TEXT[sign][1] for sign, one in parts).strip()


def colours(parts: Iterable[Part]) -> str:
    """For a terminal: ANSI's colours, begun and ended on each line, so that a pager shows every line as it is."""
    return "".join(
        _each_line(one, f"\x1b[{_COLOURS[sign]}m", "\x1b[0m") if sign in _COLOURS else one for sign, one in parts
    ).strip()


def markdown(parts: Iterable[Part]) -> str:
    """The parts as Markdown (CommonMark, and ~~ as GitHub and others have it)."""
    return _escaped_openings("".join(_escaped_lines(one, *_MARKDOWN[sign]) for sign, one in parts)).strip()


def _texts(diff: Diff, show_all: bool) -> list[tuple[str, tuple[Part, ...]]]:
    """What changed: of the headline, then of the text."""
    shorten: Callable[[Sequence[DiffOp]], tuple[Part, ...]] = _whole if show_all else _extract
    texts = ((" headline", shorten(shown(diff.title))), ("", shorten(shown(diff.body))))
    return [(extra, parts) for extra, parts in texts if parts]


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
