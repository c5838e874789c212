"""What a page says of itself outside its text: JSON-LD, then OpenGraph and meta tags, then the links of its head."""

from __future__ import annotations

import re
from dataclasses import dataclass
from datetime import datetime
from typing import Any
from urllib.parse import urlsplit

from lxml.html import HtmlElement

from crawler.extract import jsonld
from crawler.extract.dates import read_any_date, read_date, stated, why_impossible
from crawler.extract.markup import flowing
from crawler.extract.order import is_ambiguous, puts_day_first
from crawler.extract.people import are_people, is_site, names, without_bodies
from crawler.pages import Page
from storage.model.articles import When
from storage.text import MAX_TITLE, one_line, public_url

_PUBLISHED = (
    "article:published_time", "og:article:published_time", "og:published_time", "datepublished", "parsely-pub-date",
    "sailthru.date", "article.published", "publish-date", "publishdate", "publication_date", "pubdate", "publish_date",
    "cxenseparse:recs:publishtime", "dc.date.issued", "dcterms.created", "dc.date", "dcterms.date", "dc.date.created",
    "date", "article_date_original", "citation_publication_date", "originalpublicationdate", "rnews:datepublished",
)  # fmt: skip
_MORE_CLOCKS = ("bt:pubdate", "cxenseparse:publishtime", "pubtime", "publishtime")
_MODIFIED = (
    "article:modified_time", "og:article:modified_time", "og:updated_time", "datemodified", "last-modified", "lastmod",
    "dcterms.modified", "dc.date.modified", "revision_date",
)  # fmt: skip
_AUTHORS = (
    "author",
    "article:author",
    "og:article:author",
    "parsely-author",
    "sailthru.author",
    "dc.creator",
    "byl",
    "articleauthor",
    "cxenseparse:author",
    "dcterms.creator",
    "citation_author",
)


@dataclass(frozen=True, slots=True)
class Metadata:
    """What the head of a page states; "" and () and None where it states nothing. URLs are absolute and public."""

    titles: tuple[str, ...] = ()  # the headline as JSON-LD, OpenGraph and Twitter have it, in this order
    site_names: tuple[str, ...] = ()
    published: When | None = None
    modified: When | None = None
    clocks: tuple[When, ...] = ()  # every date of publication that stands in meta tags, as stated there
    authors: tuple[str, ...] = ()
    section: str = ""
    image: str = ""
    canonical_url: str = ""
    language: str = ""
    text: str = ""  # JSON-LD articleBody
    kind: str = ""  # og:type
    is_article: bool = False  # JSON-LD or og:type says so
    doubts: tuple[str, ...] = ()  # dates that the page states and cannot have, in words


def read_metadata(root: HtmlElement, page: Page) -> Metadata:
    """Return what the page states of itself; a date that it cannot have is left out."""
    ld = jsonld.stated_article(root, page.url)
    meta = _meta(root)
    kind = meta.get("og:type", [""])[0].lower()
    language = one_line(root.get("lang") or root.get("{http://www.w3.org/XML/1998/namespace}lang") or "", 20)
    dated = {"now": page.fetched_at, "timezone": page.timezone, "language": page.language or language}
    doubts: dict[str, None] = {}
    named = [jsonld.text(ld.get(key)) for key in ("publisher", "isPartOf", "sourceOrganization")]
    sites = tuple(one for one in [*_first(meta, "og:site_name", "application-name"), *named] if one)
    return Metadata(
        titles=tuple(
            _titles([jsonld.text(ld.get("headline")), *_first(meta, "og:title", "twitter:title", "dc.title")])
        ),
        site_names=sites,
        published=_date(
            {
                "json-ld": [jsonld.text(ld.get("datePublished")), jsonld.text(ld.get("dateCreated"))],
                "meta": _first(meta, *_PUBLISHED),
            },
            "published",
            dated,
            doubts,
            root,
            page.url,
        ),
        modified=_date(
            {"json-ld": [jsonld.text(ld.get("dateModified"))], "meta": _first(meta, *_MODIFIED)},
            "modified",
            dated,
            doubts,
            root,
            page.url,
        ),
        clocks=_clocks(meta, page.fetched_at),
        authors=_authors(names(jsonld.texts(ld.get("author"))), _meta_authors(meta), sites),
        section=one_line(
            next(iter(_first(meta, "article:section", "og:article:section", "section")), "")
            or jsonld.text(ld.get("articleSection")),
            100,
        ),
        image=_image(ld, meta, page.url),
        canonical_url=_canonical(root, meta, page.url),
        language=language
        or jsonld.text(ld.get("inLanguage"))[:20]
        or next(iter(_first(meta, "og:locale", "content-language", "dc.language")), "")[:20],
        text=jsonld.text(ld.get("articleBody")),
        kind=kind,
        is_article=bool(ld) or kind.startswith("article"),
        doubts=tuple(doubts),
    )


def _meta(root: HtmlElement) -> dict[str, list[str]]:
    """Return the contents of meta tags by name in lower case, in page order, none empty."""
    found: dict[str, list[str]] = {}
    for tag in root.iter("meta"):
        content = (tag.get("content") or "").strip()
        for attribute in ("property", "name", "itemprop", "http-equiv"):
            if content and (name := tag.get(attribute)):
                found.setdefault(name.strip().lower(), []).append(content)
    return found


def _first(meta: dict[str, list[str]], *keys: str) -> list[str]:
    return [meta[key][0] for key in keys if key in meta]


def _titles(stated: list[str]) -> list[str]:
    return [title for one in stated if (title := one_line(one, MAX_TITLE))]


def _date(
    stated_at: dict[str, list[str]],
    what: str,
    dated: dict[str, Any],
    doubts: dict[str, None],
    root: HtmlElement,
    url: str,
) -> When | None:
    """Return the first date that an article can have, and note the others. The keys are the origins."""
    for origin, texts in stated_at.items():
        for one in texts:
            if one and "day_first" not in dated and is_ambiguous(one):
                dated["day_first"] = puts_day_first(root, url, dated["language"])
            when = read_any_date(one, origin=origin, **dated) if one else None
            if when and (why := why_impossible(when, dated["now"])):
                doubts[f"{what} {stated(when)} ({origin}) {why}"] = None
            elif when:
                return when
    return None


def _clocks(meta: dict[str, list[str]], now: datetime) -> tuple[When, ...]:
    stated = dict.fromkeys(_first(meta, *_PUBLISHED, *_MORE_CLOCKS))
    return tuple(when for one in stated if ":" in one and (when := read_date(one, now=now, origin="meta")))


def _authors(by_json: tuple[str, ...], by_meta: tuple[str, ...], sites: tuple[str, ...]) -> tuple[str, ...]:
    """Return people before the site itself and other bodies: that the site wrote an article says little of who did."""
    for each in (by_json, by_meta):
        people = without_bodies([one for one in each if not is_site(one, sites)], sites)
        if are_people(people):
            return people
    others = (tuple(one for one in each if not is_site(one, sites)) for each in (by_json, by_meta))
    return next((each for each in others if each), by_json or by_meta)


def _meta_authors(meta: dict[str, list[str]]) -> tuple[str, ...]:
    found = [one for key in _AUTHORS if (one := names(meta.get(key, ())))]
    return next((one for one in found if are_people(one)), found[0] if found else ())


def _image(ld: dict[str, Any], meta: dict[str, list[str]], base: str) -> str:
    image = ld.get("image")
    first = image[0] if isinstance(image, list) and image else image
    stated = first.get("url") or first.get("contentUrl") if isinstance(first, dict) else first
    for one in [
        *_first(meta, "og:image", "og:image:url", "og:image:secure_url"),
        stated,
        *_first(meta, "twitter:image", "twitter:image:src"),
    ]:
        if isinstance(one, str) and (address := public_url(one, base)):
            return address
    return ""


def _canonical(root: HtmlElement, meta: dict[str, list[str]], url: str) -> str:
    """Return the address that the page calls its own, if it is of the same site and not its home page."""
    stated = [
        link.get("href") or "" for link in root.iter("link") if "canonical" in (link.get("rel") or "").lower().split()
    ]
    for one in [*stated[:1], *_first(meta, "og:url")]:
        address = public_url(one, url)
        if address and same_site(address, url) and not (is_home(address) and not is_home(url)):
            return address
    return ""


def is_home(url: str) -> bool:
    """Is this the address of a home page: no path but a language, and no query?"""
    parts = urlsplit(url)
    return (
        not parts.query
        and re.fullmatch(r"/?(?:[a-z]{2}(?:[-_][a-zA-Z]{2})?/?)?(?:index\.\w{2,5}|home/?)?", parts.path) is not None
    )


def same_site(one: str, other: str) -> bool:
    """Do two addresses belong to one site: equal hosts, apart from www, m and the like, or one within the other?"""
    first, second = (
        re.sub(r"^(?:www\d?|m|mobile|amp|en|edition)\.", "", urlsplit(each).hostname or "") for each in (one, other)
    )
    return first == second or first.endswith("." + second) or second.endswith("." + first)


def page_title(root: HtmlElement) -> str:
    found = root.find(".//title")
    return one_line(found.text or "", MAX_TITLE) if found is not None else ""


def headings(root: HtmlElement) -> list[str]:
    """Return the texts of the first h1 elements that are not empty, in page order."""
    found = (one_line(flowing(each), MAX_TITLE) for each in list(root.iter("h1"))[:20])
    return [one for one in found if one]
