"""What a site offers to list its articles: told by its pages, or by where listings usually lie."""

from __future__ import annotations

import re
from collections.abc import Iterator
from dataclasses import dataclass
from typing import Literal
from urllib.parse import urljoin, urlsplit

from lxml.html import HtmlElement

from crawler.extract import markup
from crawler.extract.metadata import is_home, same_site
from crawler.listings.wordpress import posts_url
from crawler.pages import Page
from storage.text import one_line, public_url

MAX_OFFERS = 50  # that one page may make
_MAX_ANCHORS = 5000
_FEED_TYPES = frozenset(
    {
        "application/rss+xml", "application/atom+xml", "application/rdf+xml", "application/feed+json",
        "application/rss", "application/atom", "application/x-rss+xml", "application/x-atom+xml",
        "text/rss+xml", "text/atom+xml", "text/rss", "text/atom", "rss", "atom",
    }
)  # fmt: skip
_XML_TYPES = frozenset({"application/xml", "text/xml", "application/json"})  # a feed's only where the address says so
_API = "https://api.w.org/"  # the relation by which WordPress names its REST API
_LIKE_FEED = re.compile(
    r"(?:^|/)(?:feeds?|rss|atom|rdf)(?:/|$)|\.(?:rss|atom|rdf)$|(?:^|[/_-])(?:feed|rss|atom)[\w-]{0,40}\.(?:xml|php|json|aspx?)$"
    r"|^/index\.(?:xml|rdf)$",
    re.IGNORECASE,
)
_FEED_WORDS = re.compile(
    r"(?:[\w-]{1,20}\s)?(?:rss|atom|xml|json)(?:[\s-]*(?:feeds?|2\.0|1\.0))?|feeds?", re.IGNORECASE
)
_LIKE_SITEMAP = re.compile(r"sitemap[\w-]{0,40}\.(?:xml|txt)(?:\.gz)?$", re.IGNORECASE)
_COMMENTS = re.compile(r"comment|kommentar|comentario|comentári|commento|коммент|댓글|评论|コメント", re.IGNORECASE)
# Read by themselves: a script that libxml2 does not see the end of swallows half of a page's head.
_HEAD_TAGS = re.compile(r"""<(?:link|base)\b(?:[^<>"']|"[^"<]{0,2000}"|'[^'<]{0,2000}')*+>""", re.IGNORECASE)
_NO_TAGS = re.compile(r"<!--.*?(?:-->|\Z)|<(script|style|textarea|template)\b.*?(?:</\1|\Z)", re.IGNORECASE | re.DOTALL)
_MAX_TAGS = 500
_LINK_HEADER = re.compile(r"<([^<>]{1,2000})>\s*((?:;[^,<>]{0,200}){1,10})")

_WELL_KNOWN: tuple[tuple[str, Literal["feed", "sitemap"]], ...] = (
    ("/feed/", "feed"),  # WordPress, Drupal, Medium
    ("/rss.xml", "feed"),
    ("/rss", "feed"),
    ("/feed.xml", "feed"),  # Jekyll
    ("/atom.xml", "feed"),
    ("/index.xml", "feed"),  # Hugo
    ("/feeds/posts/default", "feed"),  # Blogger
    ("/news-sitemap.xml", "sitemap"),
    ("/sitemap_news.xml", "sitemap"),
    ("/sitemap-news.xml", "sitemap"),
    ("/sitemap.xml", "sitemap"),
    ("/sitemap_index.xml", "sitemap"),
    ("/feed.json", "feed"),
)


@dataclass(frozen=True, slots=True)
class Offer:
    """A listing that a site may have. `kind` is a name of LISTINGS; `title` is what the page calls it, "" if nothing.

    `told_by`: "link" (declared in the page's head), "anchor", "header", "robots", "well-known", or "page" (itself).
    """

    url: str
    kind: str
    title: str = ""
    told_by: str = ""

    @property
    def is_of_comments(self) -> bool:
        """Does it list what readers say?"""
        return is_of_comments(urlsplit(self.url).path) or is_of_comments(self.title)


def is_of_comments(words: str) -> bool:
    """Does the name of a listing say that it lists what readers say?"""
    return _COMMENTS.search(words) is not None


def offers(page: Page, link_header: str = "") -> tuple[Offer, ...]:
    """Return what a page and its Link header tell of listings, each address once, in the order of trust.

    Feeds that the page declares come first, those of comments among them. Raises LookFault as `markup.document`.
    """
    root = markup.document(page)
    head = markup.tree("".join(_HEAD_TAGS.findall(_NO_TAGS.sub("", page.text()))[:_MAX_TAGS]) or "<p>")
    bases = (public_url(one.get("href") or "", page.url) for one in head.iter("base"))
    base = next((one for one in bases if one), page.url)
    found: dict[str, Offer] = {}
    for one in (*_declared(head, base), *_from_header(link_header, page.url), *_anchors(root, base, page.url)):
        if len(found) < MAX_OFFERS:
            found.setdefault(one.url, one)
    return tuple(sorted(found.values(), key=trust))


def well_known(url: str) -> tuple[Offer, ...]:
    """Return where the site of an address usually has listings, in the order of trust; of a section its own first."""
    paths = [] if is_home(url) else [("feed/", "feed"), ("rss", "feed")]
    section = urlsplit(url)._replace(query="", fragment="").geturl().rstrip("/") + "/"
    stated = [(urljoin(section, path), kind) for path, kind in paths]
    stated += [(urljoin(url, path), kind) for path, kind in _WELL_KNOWN]
    stated.append((posts_url(urljoin(url, "/wp-json/")), "wordpress"))
    found = [Offer(address, kind, "", "well-known") for one, kind in stated if (address := public_url(one))]
    return tuple(sorted(found, key=trust))


def trust(offer: Offer) -> tuple[int, int]:
    """Return the place of an offer in the order of trust: by its kind, then by who told of it; smaller is better."""
    path = urlsplit(offer.url).path.lower()
    if offer.kind == "feed":
        kind = 4 if "json" in path else 0
    elif offer.kind == "sitemap":
        kind = 1 if "news" in path else 2
    else:
        kind = 3 if offer.kind == "wordpress" else 5
    return kind, ("link", "header", "robots", "anchor", "page", "well-known").index(offer.told_by or "page")


def _declared(root: HtmlElement, base: str) -> Iterator[Offer]:
    for link in root.iter("link"):
        relations = (link.get("rel") or "").lower().split()
        address = public_url(link.get("href") or "", base)
        if not address:
            continue
        title = one_line(link.get("title") or "", 200)
        kind = "".join((link.get("type") or "").lower().split(";")[0].split())
        is_feed = kind in _FEED_TYPES or (kind in _XML_TYPES and _LIKE_FEED.search(urlsplit(address).path))
        if ("alternate" in relations and is_feed) or "feed" in relations:
            yield Offer(address, "feed", title, "link")
        elif "sitemap" in relations:
            yield Offer(address, "sitemap", title, "link")
        elif _API in relations:
            yield Offer(posts_url(address), "wordpress", title, "link")


def _from_header(value: str, base: str) -> Iterator[Offer]:
    """Read a Link header (RFC 8288): WordPress names its API there, some name feeds."""
    for target, parameters in _LINK_HEADER.findall(value[:10_000]):
        address, said = public_url(target, base), parameters.lower()
        if address and _API in said:
            yield Offer(posts_url(address), "wordpress", "", "header")
        elif address and "alternate" in said and any(f"{one}" in said for one in ("rss+xml", "atom+xml", "feed+json")):
            yield Offer(address, "feed", "", "header")


def _anchors(root: HtmlElement, base: str, url: str) -> Iterator[Offer]:
    for number, anchor in enumerate(root.iter("a")):
        if number >= _MAX_ANCHORS:
            return
        address = public_url(anchor.get("href") or "", base)
        if not address:
            continue
        path, text = urlsplit(address).path, one_line(markup.flowing(anchor), 60)
        is_named = _FEED_WORDS.fullmatch(text or anchor.get("title") or anchor.get("aria-label") or "") is not None
        is_ours = same_site(address, url)
        if _LIKE_SITEMAP.search(path) and is_ours:
            yield Offer(address, "sitemap", text, "anchor")
        elif (_LIKE_FEED.search(path) and (is_ours or is_named)) or (is_named and is_ours and not is_home(address)):
            offer = Offer(address, "feed", text, "anchor")
            if not offer.is_of_comments:
                yield offer
