"""What other search languages write, and what stands for it here: a word of theirs would be looked for as it stands,
hold for nothing and say nothing.
"""

from __future__ import annotations

import re

_NEAR = "write how many words may lie between: kim NEAR/5 missile"
_PATTERN = "a regular expression stands between slashes: /colou?r/"
_ALL = "words side by side must all be there"

# Words of operators, in capitals as their languages have them.
_OPERATORS = {
    "XOR": "write (iran NOT oil) OR (oil NOT iran)",
    "ANDNOT": "write NOT",
    "UND": "write AND, or nothing: " + _ALL,
    "ODER": "write OR",
    "NICHT": "write NOT",
    "SAUF": "write NOT",
    "ADJ": _NEAR,
    "AROUND": _NEAR,
    "WITHIN": _NEAR,
    "ONEAR": _NEAR,
}
_WIDE = {chr(code): chr(code + 0xFEE0) for code in range(0x21, 0x7F)}
RESERVED = frozenset(("AND", "OR", "NOT", "NEAR", *_OPERATORS))
RESERVED |= {"".join(map(_WIDE.__getitem__, word)) for word in RESERVED}

# A sign that stands by itself, or at once before or behind a phrase or a bracket.
_SIGNS = {
    "&": "write AND, or nothing: " + _ALL,
    "&&": "write AND, or nothing: " + _ALL,
    "|": "write OR in capitals",
    "||": "write OR in capitals",
    "/": "write OR in capitals, or leave it out",
    "-": "the minus stands at once before its word: north -south",
    "+": "leave the + out: " + _ALL,
    "!": 'write - at once before what must not be there: -fire, -"old harbour"',
    "*": 'the * ends a word at once behind its letters: missile*, "nuclear test*"',
    "?": "no sign stands for one letter: write missile*, or /colou?r/",
    "=": 'a = stands at once before a phrase that is closed: ="Café"',
    "\\": "no sign needs a backslash: leave it out",
}

_FROM = "from"  # of a day in some languages, of a sender or a paper in others
# Fields by other names, each with what is written in its place; {} or {0} is what stands behind the colon.
_FIELDS = {
    **dict.fromkeys(("intitle", "allintitle", "headline", "subject", "ti"), "title:{}"),
    **dict.fromkeys(("intext", "allintext", "inbody", "content", "contents", "fulltext"), "body:{}"),
    **dict.fromkeys(("text", "any", "anywhere", "keyword", "keywords"), "{0} by itself, title:{0} or body:{0}"),
    **dict.fromkeys(("by", "byline", "au"), "author:{}"),
    **dict.fromkeys(("inurl", "allinurl", "link", "address"), "url:{}"),
    **dict.fromkeys(("domain", "host", "website"), "site:{}"),
    **dict.fromkeys(("feed", "outlet", "publication"), "source:{}"),
    "language": "lang:{}",
    **dict.fromkeys(("date", "day", "pubdate"), "published:{}"),
    "after": "published:>{}",
    **dict.fromkeys(("since", _FROM), "published:>={}"),
    "before": "published:<{}",
    **dict.fromkeys(("until", "to"), "published:<={}"),
    "exact": '="{}"',
    "near": "kim NEAR/5 missile",
    **dict.fromkeys(("regex", "regexp", "re"), "/{}/"),
}

# Each with the mend, in which {0} is the word and {1} a group; the first that fits is told.
_MENDS: tuple[tuple[re.Pattern[str], str], ...] = tuple(
    (re.compile(pattern), mend)
    for pattern, mend in (
        (r"~[\d.]*", "a phrase has no ~: for words near each other write kim NEAR/5 missile"),
        (
            r"([^~]+)~[\d.]*",
            "there is no fuzzy search: write the spellings, (kim OR gim), {1}* for all that begins so, or "
            "kim NEAR/5 missile for words near each other",
        ),
        (r"~.+", "there is no search for synonyms: write them, (ship OR boat)"),
        (r"[^^]*\^[\d.]*", "no word weighs more than another: leave the ^ and its number out"),
        (
            r"(?i:(?:w|n|p)/[0-9]+|(?:pre|within|o?near|adj|around|prox)[/~]?[0-9]+|/n?[0-9]+)",
            "write NEAR/5 for at most five words between: kim NEAR/5 missile",
        ),
        (r"(?i:w?/[sp])", "there are no sentences and paragraphs: write kim NEAR/20 missile"),
        (r"(?i:atleast/?[0-9]+)", "how often a word stands cannot be asked for: leave {0} out"),
        (r"[^|]+\|+[^|]+", "write OR in capitals: (iran OR iraq)"),
        (r"\|.*|.*\||&.*|.*&", "write AND or OR in capitals between two words"),
        (r".*&&.*", f"write AND in capitals, or a space: {_ALL}"),
        (r".*\\.*", f"no sign needs a backslash; {_PATTERN}"),
        (r"\^.*|.*\.[*+].*|\[[^\]]+\][^\]].*|.+\[.*\].*", _PATTERN),
        (r"[<>]=?\d.*", "numbers cannot be compared"),
        (r"[\[{<‹].*|.*[\]}>›]", "words are held together by round brackets: (iran OR iraq)"),
        ("[‐‑‒–—―−].*", "what must not be there has a plain minus before it: -oil"),
        (r"[`´].*", 'a phrase stands in quotes: "old harbour"'),
        (r"\*\.([\w.-]+)", "a host stands for all below it: site:{1}"),
        (r"\?.*|.*[^\W_][?#]+[^\W_].*", "no sign stands for one letter: write missile*, or /colou?r/"),
        (r"([^¿¡].*[^\W_])[?!]+", "leave the sign at its end out, or write {1}* for all that begins so"),
        (r".*[^\W\d_]%|%.*|.*[a-z]\$", "only a * lets a word go on: missile*"),
        (r".*[^\W\d_]\+[^\W\d_].*", f"leave the + out: {_ALL}"),
        (r".*[^\W\d_][,;][^\W\d_].*", "write a space between words that must all be there, OR between others"),
        (r"[A-Za-z]+!?[=<>].*", "a field has a colon: title:fire, published:>2026-01-31"),
    )
)
_PLAIN = re.compile(r"[^\W_]+(?:[-'’.][^\W_]+)*\.?")
_COUNTED = re.compile(r"(?i:pre|within|o?near|adj|around|prox|atleast)[0-9]+")
_WIDE_SYNTAX = re.compile(r"(?:AND|OR|NOT|NEAR(?:/.*)?)$|[-+!@=]|[a-z]+:")
_NARROW = str.maketrans({wide: sign for sign, wide in _WIDE.items() if sign not in ",;?"})  # these end a sentence


def is_plain(text: str) -> bool:
    """Is it a word, or several with hyphens, full stops and apostrophes, as nearly all are, and no operator?"""
    if not (text.isalnum() or _PLAIN.fullmatch(text)) or text.upper() in RESERVED:
        return False
    return not (text[-1].isdigit() and _COUNTED.fullmatch(text))


def mend(text: str) -> str:
    """What to write in the place of a word that is none here; empty for a word."""
    if text in _OPERATORS:
        return _OPERATORS[text]
    small = text if text.isascii() else text.translate(_NARROW)
    if small != text and _WIDE_SYNTAX.match(small):
        return f"write {small} with letters and signs of half width"
    if text in _SIGNS:
        return _SIGNS[text]
    for pattern, said in _MENDS:
        if found := pattern.fullmatch(small):
            return said.format(small, *found.groups())
    return ""


def field_for(name: str, behind: str) -> str:
    """What stands here for a field of another language; empty for one that none has."""
    here = _FIELDS.get(name.lower(), "")
    if name.lower() == _FROM and not behind[:1].isdecimal():
        here = "source:{}"
    if here and not behind:  # a phrase, which is no part of the word
        behind = '"old harbour"' if here.endswith((":{}", ":{0}")) else "old harbour"
        behind = "2026-01-31" if here.startswith("published:") else behind
    return here.format(behind.strip("/"))
