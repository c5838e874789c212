"""Same address? Same text? Pure answers: canonical URLs and their keys, fingerprints, and what counts as no change."""

from __future__ import annotations

import re
from contextlib import suppress
from datetime import date, datetime, tzinfo
from functools import lru_cache
from hashlib import blake2b
from urllib.parse import urlsplit, urlunsplit
from zoneinfo import ZoneInfo

from storage.churn import without_churn
from storage.model.articles import Article, When
from storage.text import fold, public_url

KEY_BYTES = 16
# A body below both may be furniture that every page of a site carries; its title and date are then part of it.
SHORT_WORDS, SHORT_CJK = 40, 120
SHINGLE_WORDS = 4
NEAR_SAME = 0.67
COMPARED_CHARS = 20_000  # of each text: bounds what a comparison costs inside a transaction

# Hosts where many stories stand in one page, told apart by `#n`: 56,246 of 114,641 archived links of this one.
_FRAGMENT_HOSTS = ("kcna.co.jp",)
# What advertisers, mailings and sessions add to a link. `ref`, `source`, `cid` and the like stay: some sites choose
# the article by them, and two addresses of one article cost less than one address of two.
_TRACKING = re.compile(
    "utm_.*|fbclid|gclid|dclid|gclsrc|gbraid|wbraid|msclkid|twclid|ttclid|yclid|ysclid|igshid|srsltid|li_fat_id|mc_cid"
    "|mc_eid|mtm_.*|pk_(?:campaign|kwd|source|medium)|wt_mc|fb_action_(?:ids|types)|fb_(?:source|ref)|cmpid|mkt_tok"
    "|_hsenc|_hsmi|_ga|_gl|xtor|vero_id|oly_anon_id|oly_enc_id|at_medium|at_campaign|phpsessid|jsessionid",
    re.IGNORECASE,
)
_SESSION = re.compile(r";jsessionid=[^/?]*", re.IGNORECASE)
# Views of one article: AMP and its caches, mobile hosts, print views, a directory's index file. Only in the key: the
# page that was listed is the page that is fetched.
_HAS_VIEW = re.compile(r"amp|print|/index\.|//(?:www\.)?m(?:obile)?\.", re.IGNORECASE)
_CACHE = re.compile(
    r"(?:[a-z0-9-]+\.cdn\.ampproject\.org/(?:[cvai]|wp)/(?:s/)?|(?:www\.)?google\.com/amp/(?:s/)?)(?=[a-z0-9-]+\.)"
)
_VIEW_HOST = re.compile(r"(?:m|mobile|amp)\.(?=[^/:]+\.[^/:])")
_VIEW_FIELD = re.compile(r"amp(?:=(?:1|true)?)?|outputtype=amp|(?:print|printable)=(?:1|true|yes|y)", re.IGNORECASE)
_VIEW_PATH = re.compile(r"(?<=[^/])/(?:amp|print)(/?)$|\.amp(\.html?)?$")
_INDEX = re.compile(r"/index\.(?:html?|php)$")
_ESCAPE = re.compile("%[0-9a-fA-F]{2}")
_UNRESERVED = frozenset("ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789-._~")


def canonical_url(url: str) -> str:
    """Return the URL without what does not choose the article, or "" where it is not public.

    Default port, fragment, session and tracking parameters go; all else stays in its order.
    """
    public = public_url(url)
    if not public:
        return ""
    scheme, netloc, path, query, fragment = urlsplit(public)
    if query:
        query = "&".join(field for field in query.split("&") if field and not _TRACKING.fullmatch(field.split("=")[0]))
    if fragment and not tells_fragments_apart(public):
        fragment = ""
    return urlunsplit((scheme, netloc, _SESSION.sub("", path) if ";" in path else path, query, fragment))


def tells_fragments_apart(url: str) -> bool:
    """Whether a public URL is of a site where `#n` chooses the article."""
    return host_of(url).removeprefix("www.") in _FRAGMENT_HOSTS


@lru_cache(maxsize=8192)  # a listing names mostly the same addresses from look to look; about 3 MB
def address_key(url: str) -> bytes:
    """Return 16 bytes that are equal for the spellings of one address: http or https, `www.` or not, %7e or ~.

    AMP, mobile and print views have the key of the article itself. Raises ValueError for what is not a public URL.
    """
    canonical = canonical_url(url)
    if not canonical:
        raise ValueError(f"not a public URL: {url[:200]!r}")
    # RFC 3986, section 6.2.2: the case of an escape means nothing, and an unreserved character needs none.
    spelled = _ESCAPE.sub(_unescaped, canonical) if "%" in canonical else canonical
    place = _without_view(spelled) if _HAS_VIEW.search(spelled) else spelled
    place = place.partition("://")[2].removeprefix("www.")
    return blake2b(place.encode(), digest_size=KEY_BYTES).digest()


def _without_view(url: str) -> str:
    """Return a canonical URL as the article itself would have it; a view of the home page stays what it is."""
    scheme, _, place = url.partition("://")
    place = _CACHE.sub("", place, count=1) if _CACHE.match(place) else place
    place = place.removeprefix("www.")
    place = _VIEW_HOST.sub("", place, count=1) if _VIEW_HOST.match(place) else place
    place, hash_mark, fragment = place.partition("#")
    place, _, query = place.partition("?")
    fields = [field for field in query.split("&") if field and not _VIEW_FIELD.fullmatch(field)]
    host, slash, path = place.partition("/")
    path = _VIEW_PATH.sub(lambda found: found[1] or found[2] or "", path)
    path = _INDEX.sub("/", "/" + path)[1:] if slash else path
    return f"{scheme}://{host}{slash}{path}{'?' if fields else ''}{'&'.join(fields)}{hash_mark}{fragment}"


def host_of(url: str) -> str:
    """Return the host that politeness is kept for: lower case, punycode, no port; "" where the URL is not public."""
    return (urlsplit(public_url(url)).hostname or "").removesuffix(".")


def fingerprint(article: Article) -> bytes:
    """Return 16 bytes that are equal where two articles say the same, however it is spaced and typeset.

    Of the body alone; where that is short or empty, of the title and the stated day too. Tombstones know a dropped
    text by it alone: whoever makes it otherwise has them ask for the old one as well.
    """
    said = _said_body(article.body)
    if _is_short(said):
        day = article.published.moment.date().isoformat() if article.published else ""
        said = "\n".join((said, _said(article.title), day))
    return blake2b(_bare(said).encode(), digest_size=KEY_BYTES).digest()


def title_key(article: Article, host: str) -> bytes:
    """Return 8 bytes that are equal for articles of a host with one title and one stated day; b"" without either.

    By them an article is found again where a site has given all its pages new addresses and new furniture.
    """
    return _title_key(article.title, article.published, host) if article.published else b""


@lru_cache(maxsize=256)  # a save asks for it three times
def _title_key(title: str, published: When, host: str) -> bytes:
    said = _said(title).lower()
    place = f"{host.removeprefix('www.')}\n{stated_day(published)}\n{said}"
    return blake2b(place.encode("utf-8", "surrogatepass"), digest_size=8).digest() if said else b""


def stated_day(when: When) -> date:
    """The calendar day that the site states, in its own zone where it names one."""
    if when.precision == "day" or not when.zone:
        return when.moment.date()
    # No zone that is known here ("KST" is none of the database's), or a date at the edge of the calendar.
    with suppress(ValueError, OSError, OverflowError, LookupError):
        return when.moment.astimezone(_zone(when.zone)).date()
    return when.moment.date()


@lru_cache(maxsize=64)
def _zone(name: str) -> tzinfo | None:
    """An offset or a zone by name. Raises ValueError, OSError and LookupError for what is neither."""
    return datetime.strptime(name, "%z").tzinfo if name[0] in "+-" else ZoneInfo(name)


def same_text(one: Article, other: Article) -> bool:
    """Whether a reader would find title and body unchanged: white space between words, date labels, counters and end
    marks are no change; a word, a letter's case, a mark of punctuation is."""
    if one.title == other.title and one.body == other.body:
        return True
    return _said(one.title) == _said(other.title) and _said_body(one.body) == _said_body(other.body)


def same_but_typography(one: Article, other: Article) -> bool:
    """Whether the two differ in nothing but white space and typography, also where that joins or splits words."""
    return _bare(_said(one.title)) == _bare(_said(other.title)) and _bare(_said_body(one.body)) == _bare(
        _said_body(other.body)
    )


def near_same(one: str, other: str) -> bool:
    """Whether the shorter body stands, nearly word for word, in the longer one."""
    return containment(one, other) >= NEAR_SAME


def containment(one: str, other: str) -> float:
    """How much of the shorter text stands, in runs of four words, in the longer one: 0 to 1."""
    return _containment(one[:COMPARED_CHARS], other[:COMPARED_CHARS])


@lru_cache(maxsize=16)  # a save asks up to six times for the same two
def _containment(one: str, other: str) -> float:
    shingles, others = shingles_of(one), shingles_of(other)
    fewer = min(len(shingles), len(others))
    return len(shingles & others) / fewer if fewer else 0.0


def _unescaped(escape: re.Match[str]) -> str:
    character = chr(int(escape[0][1:], 16))
    return character if character in _UNRESERVED else escape[0].upper()


# A day in brackets as agencies label their lists and pages: [Juche113.2.11.], (2024.02.11.), (주체113(2024).2.11).
_LABEL = re.compile(
    r"[\[(【]\s*(?:Juche|주체|主体|チュチェ|Чучхе)?\s*(\d{2,4})\s*(?:\(\d{4}\))?\s*[./年년-]\s*(\d{1,2})\s*[./月월-]\s*(\d{1,2})"
    r"\s*[.日일]?\s*[\])】]",
    re.IGNORECASE,
)
_LAST_MARKS = re.compile(r"(?:\s*(?:-\s?0\s?-|\(끝\)|\(完\)|(?<!-)-{3,}+|\(\d{4}-\d{1,2}-\d{1,2}\)))+$")
_JUCHE_BEFORE_FIRST = 1911  # Juche 1 is 1912


def _said(text: str) -> str:
    """The folded text with its date labels in one form, whichever calendar they are written in."""
    return _LABEL.sub(_labelled, fold(text))


def _said_body(body: str) -> str:
    return _said_long_body(body) if len(body) > COMPARED_CHARS else _said_whole(body)


# A look folds a long text and the one before it: what decides within the write must not do so again.
@lru_cache(maxsize=4)
def _said_long_body(body: str) -> str:
    return _said_whole(body)


def _said_whole(body: str) -> str:
    return _LAST_MARKS.sub("", _said(without_churn(body)))


def _labelled(label: re.Match[str]) -> str:
    year, month, day = (int(number) for number in label.groups())
    return f"({year + _JUCHE_BEFORE_FIRST if year < 1000 else year}-{month}-{day})"


_CJK = "\u3040-\u30ff\u31f0-\u31ff\u3400-\u4dbf\u4e00-\u9fff\uf900-\ufaff\U00020000-\U0003ffff"
_CJK_CHARACTER = re.compile(f"[{_CJK}\uac00-\ud7af]")
# Han and kana are written without spaces: each character counts as a word. Hangul is written in words.
_WORD = re.compile(rf"[{_CJK}]|[^\W{_CJK}]+")


def _is_short(said: str) -> bool:
    return len(said.split(" ", SHORT_WORDS)) < SHORT_WORDS and len(_CJK_CHARACTER.findall(said)) < SHORT_CJK


def _bare(said: str) -> str:
    return said.replace(" ", "")


def words_of(text: str) -> list[str]:
    """The words of a text as they are compared: folded, in lower case, each Han or kana character by itself."""
    return _WORD.findall(fold(text[:COMPARED_CHARS]).lower())


@lru_cache(maxsize=4)
def body_words(body: str) -> tuple[str, ...]:
    """As `words_of`, of a body that is compared in several ways."""
    return tuple(words_of(body))


def shingles_of(body: str) -> set[tuple[str, ...]]:
    """The runs of four words in a body; empty where it has fewer."""
    words = body_words(body[:COMPARED_CHARS])
    return set(zip(*(words[start:] for start in range(SHINGLE_WORDS)), strict=False))
