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
from storage.model import Outcome
from storage.text import clean, public_url

MAX_ATTRIBUTES = 100
MAX_VALUE = 4000  # characters of one attribute: images inside `src` are megabytes
_LONG_TAG = 2000  # characters; the longest tag that is not looked into

# A start tag as the HTML standard reads it (13.2.5.6 on): a quote opens a value only after "=". The quantifiers are
# possessive, so that time grows with length alone.
_ATTRIBUTE = r"""[^\s/>][^\s/>=]*+(?:\s*+=\s*+(?:"[^"]*+"|'[^']*+'|[^\s>"'][^\s>]*+)?+)?+"""
_START_TAG = re.compile(rf"<[a-zA-Z][^\s/>]*+(?:[\s/]++|{_ATTRIBUTE})*+>?")
_ONE_ATTRIBUTE = re.compile(_ATTRIBUTE)
_TAG_NAME = re.compile(r"<[a-zA-Z][^\s/>]{0,60}")
_CONTROL = bytes({*range(9), 0x0B, *range(0x0E, 0x20)})
# The same as references, which libxml2 lets through and lxml refuses later: one of them hid the whole article.
_CONTROL_REFERENCE = re.compile(
    r"&#(?:0*+(?:[1-8]|11|1[4-9]|2\d|3[01]|6553[45])(?!\d)"
    r"|[xX]0*+(?:[1-8bBeEfF]|1[0-9a-fA-F]|[fF]{3}[eEfF])(?![0-9a-fA-F]));?"
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
    text = bounded(text)
    parser = lxml.html.HTMLParser(encoding="utf-8", remove_pis=True, huge_tree=False)
    try:
        # Bytes, because a str with an encoding declaration of its own is refused.
        root = lxml.html.document_fromstring(text.encode(), parser=parser, ensure_head_body=True)
    except (etree.ParserError, etree.XMLSyntaxError, AssertionError, ValueError, TypeError):
        raise LookFault(Outcome.UNREADABLE, "the page is no HTML") from None
    if any(fault.type_name == "ERR_RESOURCE_LIMIT" for fault in parser.error_log):
        raise LookFault(Outcome.UNREADABLE, "the page is nested too deeply")
    return root


def bounded(text: str) -> str:
    """Return the markup without control characters, with at most MAX_ATTRIBUTES of MAX_VALUE characters in a tag."""
    # Deleting bytes takes a tenth of the time of a regex over characters; lone surrogates fall out on the way.
    text = text.encode(errors="ignore").translate(None, _CONTROL).decode()
    text = _CONTROL_REFERENCE.sub("", text.replace("\ufffe", "").replace("\uffff", ""))
    kept, end = [], 0
    for tag in _START_TAG.finditer(text):
        if tag.end() - tag.start() > 2 * MAX_ATTRIBUTES:  # a shorter one cannot hold more: "<a b c"
            kept += [text[end : tag.start()], _within_bounds(tag)]
            end = tag.end()
    return "".join([*kept, text[end:]])


def _within_bounds(found: re.Match[str]) -> str:
    tag = found[0]
    if len(tag) <= _LONG_TAG and tag.count("=") <= MAX_ATTRIBUTES and tag.count(" ") <= MAX_ATTRIBUTES:
        return tag
    name = _TAG_NAME.match(tag)
    kept: list[str] = []
    for attribute in _ONE_ATTRIBUTE.finditer(tag, name.end() if name else 1):
        if len(attribute[0]) <= MAX_VALUE:
            kept.append(attribute[0])
        if len(kept) == MAX_ATTRIBUTES:
            break
    return " ".join([name[0] if name else "<x", *kept]) + ">"


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
