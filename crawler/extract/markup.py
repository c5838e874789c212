"""HTML in bounds: text to a tree that cannot blow up, a tree to paragraphs, a tree to HTML that is safe to show."""

from __future__ import annotations

import re
from collections.abc import Callable, Iterator

import lxml.html
import nh3
from lxml import etree
from lxml.html import HtmlElement

from crawler.fault import LookFault
from crawler.pages import Page
from storage.model.looking import Outcome
from storage.text import clean, public_url

MAX_ATTRIBUTES = 100
MAX_VALUE = 4000  # characters of one attribute: images inside `src` are megabytes
_LONG_TAG = 2000  # characters; the longest tag that is not looked into

# A start tag as the HTML standard reads it (13.2.5.6 on): a quote opens a value only after "=". The quantifiers are
# possessive, so that time grows with length alone.
_ATTRIBUTE = rb"""[^\s/>][^\s/>=]*+(?:\s*+=\s*+(?:"[^"]*+"|'[^']*+'|[^\s>"'][^\s>]*+)?+)?+"""
_TAG_REST = rb"[a-zA-Z][^\s/>]*+(?:[\s/]++|%s)*+>?" % _ATTRIBUTE
_START_TAG = re.compile(rb"<" + _TAG_REST)
_LONG_START_TAG = re.compile(rb"<(?=[a-zA-Z][^<>]{%d})%s" % (_LONG_TAG, _TAG_REST))
_ANGLE_IN_VALUE = re.compile(rb"=\s*+(?:\"[^\"<>]*+[<>]|'[^'<>]*+[<>])")
_MOST_ANGLES = 50  # more than that may hide a long tag from _LONG_START_TAG: then every tag is looked at
_ONE_ATTRIBUTE = re.compile(_ATTRIBUTE)
_TAG_NAME = re.compile(rb"<[a-zA-Z][^\s/>]{0,60}")
_CONTROL = bytes(one for one in range(32) if one not in b"\t\n\f\r")
_FORM_FEED_AS_SPACE = bytes.maketrans(b"\f", b" ")  # white space in HTML, refused by lxml
_NO_CHARACTERS = ("\ufffe".encode(), "\uffff".encode())
# The same as references, which libxml2 lets through and lxml refuses later: one of them hid the whole article. Those of
# halves of characters and of numbers past all characters (seven digits, in hex six) end feedparser.
_CONTROL_REFERENCE = re.compile(
    rb"&#(?:0*+(?:[1-8]|1[124-9]|2\d|3[01]|6553[45]|55(?:29[6-9]|[3-9]\d\d)|56\d{3}|57(?:[0-2]\d\d|3[0-3]\d|34[0-3])"
    rb"|[1-9]\d{6,}+)(?!\d)"
    rb"|[xX]0*+(?:[1-8bBcCeEfF]|1[0-9a-fA-F]|[fF]{3}[eEfF]|[dD][89a-fA-F][0-9a-fA-F]{2}|[1-9a-fA-F][0-9a-fA-F]{5,}+)"
    rb"(?![0-9a-fA-F]));?"
)

BLOCKS = frozenset(
    {
        "address", "article", "aside", "blockquote", "body", "caption", "center", "dd", "details", "dialog",
        "div", "dl", "dt", "fieldset", "figcaption", "figure", "footer", "form", "h1", "h2", "h3", "h4", "h5",
        "h6", "header", "hgroup", "hr", "legend", "li", "main", "nav", "ol", "option", "p", "pre", "search",
        "section", "summary", "table", "tbody", "td", "tfoot", "th", "thead", "tr", "ul",
    }
)  # fmt: skip
SILENT = frozenset(
    {
        "script", "style", "noscript", "template", "iframe", "object", "embed", "svg", "math", "head", "title",
        "select", "textarea", "button", "input", "audio", "video", "canvas", "map", "datalist",
    }
)  # fmt: skip
_SPACE = re.compile(r"[\s\u00a0\u3000]+")

TAGS = {
    "a", "abbr", "b", "blockquote", "br", "caption", "cite", "code", "dd", "del", "dl", "dt", "em",
    "figcaption", "figure", "h1", "h2", "h3", "h4", "h5", "h6", "hr", "i", "img", "ins", "li", "ol", "p", "pre",
    "q", "s", "small", "strong", "sub", "sup", "table", "tbody", "td", "tfoot", "th", "thead", "tr", "u", "ul",
}  # fmt: skip
_ATTRIBUTES = {
    "a": {"href", "title"},
    "img": {"src", "alt"},
    "td": {"colspan", "rowspan"},
    "th": {"colspan", "rowspan"},
}
_MAX_HTML = 2_000_000


def document(page: Page) -> HtmlElement:
    """Return the root of the page. Raises LookFault(TOO_LARGE | NOT_WHOLE | UNREADABLE)."""
    return tree(page.text())


def tree(text: str) -> HtmlElement:
    """Return the root element of a text of HTML.

    libxml2 takes 20 s for one tag with 100,000 attributes, so they are cut before it sees them. Below a depth of 256
    it drops the rest of the page and goes on as if nothing had happened (the deepest of 770 real pages had 45): such
    a page is refused. Raises LookFault(UNREADABLE).
    """
    parser = lxml.html.HTMLParser(encoding="utf-8", remove_pis=True, huge_tree=False)
    try:
        # Bytes, because a str with an encoding declaration of its own is refused.
        root = lxml.html.document_fromstring(_bounded(text), parser=parser, ensure_head_body=True)
    except (etree.ParserError, etree.XMLSyntaxError, AssertionError, ValueError, TypeError):
        raise LookFault(Outcome.UNREADABLE, "the page is no HTML") from None
    if any(fault.type_name == "ERR_RESOURCE_LIMIT" for fault in parser.error_log):
        raise LookFault(Outcome.UNREADABLE, "the page is nested too deeply")
    return root


def bounded(text: str) -> str:
    """Return the markup without control characters, with at most MAX_ATTRIBUTES of MAX_VALUE characters in a tag."""
    return _bounded(text).decode()


def _bounded(text: str) -> bytes:
    """As UTF-8, where this takes a third of the time; surrogates, which it cannot hold, are left out."""
    markup = text.encode(errors="ignore").translate(_FORM_FEED_AS_SPACE, _CONTROL)
    if _NO_CHARACTERS[0][:2] in markup:
        for one in _NO_CHARACTERS:
            markup = markup.replace(one, b"")
    if b"&#" in markup:
        markup = _CONTROL_REFERENCE.sub(b"", markup)
    # Reading every tag costs as much as parsing the page: it is for pages that may hide a long one.
    hides = len(_ANGLE_IN_VALUE.findall(markup)) > _MOST_ANGLES
    return (_START_TAG if hides else _LONG_START_TAG).sub(_within_bounds, markup)


def _within_bounds(found: re.Match[bytes]) -> bytes:
    tag = found[0]
    if len(tag) <= _LONG_TAG and tag.count(b"=") <= MAX_ATTRIBUTES and tag.count(b" ") <= MAX_ATTRIBUTES:
        return tag
    name = _TAG_NAME.match(tag)
    kept: list[bytes] = []
    for attribute in _ONE_ATTRIBUTE.finditer(tag, name.end() if name else 1):
        if len(attribute[0]) <= MAX_VALUE:
            kept.append(attribute[0])
        if len(kept) == MAX_ATTRIBUTES:
            break
    return b" ".join([name[0] if name else b"<x", *kept]) + b">"


def flowing(element: HtmlElement) -> str:
    """Return an element's text as one line: joined as it stands and then collapsed, so that no words are glued.

    Stripping the pieces before joining makes "ComradeKim Jong Unvisited" of a name wrapped in inline tags.
    """
    return " ".join(paragraphs(element, line_breaks=False))


def paragraphs(
    element: HtmlElement, *, skip: Callable[[HtmlElement], bool] | None = None, line_breaks: bool = True
) -> list[str]:
    """Return the texts of an element's blocks in reading order, none empty, each collapsed to single spaces.

    A `<br>` is a line break within its paragraph, two in a row begin a new one; both are a space without
    `line_breaks`. Elements for which `skip` holds are left out with all that is in them (their tail stays).
    """
    blocks: list[list[str]] = [[]]
    for piece in _pieces(element, skip):
        if piece is _BLOCK:
            blocks.append([])
        else:
            blocks[-1].append(piece)
    found: list[str] = []
    for pieces in blocks:
        whole = "".join(pieces)
        lines = [_SPACE.sub(" ", line).strip() for line in whole.split(_BREAK)]
        if not line_breaks:
            lines = [" ".join(line for line in lines if line)]
        for part in re.split(r"\n{2,}", "\n".join(lines)):
            if part := part.strip("\n"):
                found.append(part)
    return found


_BLOCK, _BREAK = "\x1d", "\x1e"  # never in a page's text: `tree` drops control characters


def _pieces(top: HtmlElement, skip: Callable[[HtmlElement], bool] | None) -> Iterator[str]:
    """Yield texts, _BREAK for `<br>` and _BLOCK at each block's edge; iterative, so depth costs no stack."""
    stack: list[tuple[HtmlElement, bool]] = [(top, False)]
    while stack:
        element, closing = stack.pop()
        tag = element.tag if isinstance(element.tag, str) else ""
        if not closing:
            if tag and tag not in SILENT and not (skip and element is not top and skip(element)):
                if tag == "br":
                    yield _BREAK
                if tag in BLOCKS:
                    yield _BLOCK
                if element.text:
                    yield element.text
                stack.append((element, True))
                stack.extend((child, False) for child in reversed(element))
                continue
        elif tag in BLOCKS:
            yield _BLOCK
        if element is not top and element.tail:
            yield element.tail


def _source(image: HtmlElement) -> str | None:
    """Return the address of an image: pages that load late keep it beside a placeholder, or among several in srcset."""
    for name in ("data-src", "data-original", "data-lazy-src", "data-hi-res-src", "src"):
        if (stated := image.get(name, "").strip()) and not stated.startswith(("data:", "about:")):
            return stated
    # To libxml2 <source> is no void element: the image comes to stand within it.
    picture = next(image.iterancestors("picture"), None)
    sources = [image, *(picture.iter("source") if picture is not None else ())]
    for each in sources:
        for name in ("srcset", "data-srcset"):
            # "small.jpg 300w, large.jpg 1200w": a comma within an address is not followed by a space
            if choices := [each.split() for each in re.split(r",\s", each.get(name, "")) if each.split()]:
                return max(choices, key=_width)[0]
    return image.get("src")


def _width(choice: list[str]) -> float:
    found = re.fullmatch(r"(\d{1,5}(?:\.\d{1,3})?)[wx]", choice[-1])
    return float(found[1]) if found else 1.0


def sanitised(element: HtmlElement, base: str) -> str:
    """Return an element as HTML that is safe to show: text tags only, http(s) links made absolute, no style, no script.

    Links and images that `public_url` refuses lose their address. "" where it would be larger than 2 MB.
    """
    for one in element.iter("a", "img"):
        name = "href" if one.tag == "a" else "src"
        if (stated := one.get(name) if one.tag == "a" else _source(one)) is not None:
            address = public_url(stated, base) if not stated.lstrip().startswith("#") else ""
            if address:
                one.set(name, address)
            else:
                one.attrib.pop(name, None)
    html = lxml.html.tostring(element, encoding="unicode", with_tail=False)
    if len(html) > _MAX_HTML:
        return ""
    safe = nh3.clean(
        html,
        tags=TAGS,
        attributes=_ATTRIBUTES,
        url_schemes={"http", "https"},
        link_rel="noopener noreferrer nofollow",
        clean_content_tags={"script", "style", "noscript", "template", "iframe", "svg", "math"},
    )
    return clean(safe, _MAX_HTML).strip()
