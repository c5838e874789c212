"""A made-up page of each kind, and the ways in which pages arrive broken."""

from __future__ import annotations

import json
import random
import re

PARAGRAPH = "The new bridge in the harbour opened on Monday after years of work, the mayor told hundreds who waited. "

_LINKED = json.dumps(
    {
        "@context": "https://schema.org",
        "@graph": [
            {"@type": "NewsArticle", "headline": "The bridge is open", "datePublished": "2026-11-02T08:30:00+01:00"},
            {"@type": "Person", "@id": "#ann", "name": "Ann Other"},
        ],
    }
)

PAGES = {
    "article": f"""<!doctype html><html lang="en"><head><meta charset="utf-8">
<title>The bridge is open | Harbour News</title>
<meta property="og:title" content="The bridge is open"><meta name="author" content="Ann Other">
<link rel="canonical" href="http://news.example/2026/11/02/bridge">
<link rel="alternate" type="application/rss+xml" href="/f">
<script type="application/ld+json">{_LINKED}</script></head><body>
<nav><ul><li><a href="/">Home</a>
<li><a href="/sport">Sport</a></ul></nav>
<article><h1>The bridge is open</h1><p class="byline">By <a rel="author" href="/ann">Ann Other</a></p>
<time datetime="2026-11-02T08:30:00+01:00">2 November 2026 &#8211; 8:30</time><p>{PARAGRAPH * 3}</p><h2>Rain</h2>
<p>{PARAGRAPH}«Ein größerer Tag», 새 다리, &eacute;&nbsp;&#x2014; {PARAGRAPH}</p><ul><li>{PARAGRAPH}</ul>
<figure><img src="/bridge.jpg" alt="The bridge"><figcaption>The bridge.</figcaption></figure></article>
<footer>© 2026 Harbour News</footer></body></html>""",
    "html": "<!doctype html><html><head><title>Harbour News</title></head><body><main>"
    + "".join(
        f'<article class="card"><h2><a href="/2026/11/{day:02}/bridge-{day}">'
        f"The bridge is open for the {day}th day</a></h2>"
        f'<time datetime="2026-11-{day:02}">{day} November 2026</time><p>{PARAGRAPH}</p></article>'
        for day in range(1, 13)
    )
    + '</main><a rel="next" href="/?page=2">Older</a></body></html>',
    "feed": '<?xml version="1.0" encoding="utf-8"?><rss version="2.0" xmlns:dc="http://purl.org/dc/elements/1.1/">'
    "<channel>"
    "<title>Harbour News</title><link>http://news.example/</link><image><url>/i.png</url><width>10</width></image>"
    + "".join(
        f"<item><title>Bridge &amp; harbour {day}</title><link>http://news.example/{day}</link><dc:creator>Ann</dc:creator>"
        f"<guid isPermaLink='false'>n{day}</guid><pubDate>Mon, {day} Nov 2026 08:30:00 +0100</pubDate>"
        f"<description><![CDATA[<p>{PARAGRAPH}</p>]]></description></item>"
        for day in range(10, 16)
    )
    + "</channel></rss>",
    "sitemap": '<?xml version="1.0" encoding="UTF-8"?><urlset xmlns="http://www.sitemaps.org/schemas/sitemap/0.9" '
    'xmlns:news="http://www.google.com/schemas/sitemap-news/0.9">'
    + "".join(
        f"<url><loc>http://news.example/{day}</loc><lastmod>2026-11-{day}</lastmod>"
        f"<news:news><news:title>Bridge {day}</news:title>"
        f"<news:publication_date>2026-11-{day}T08:30:00Z</news:publication_date></news:news></url>"
        for day in range(10, 20)
    )
    + "</urlset>",
}
LABELS = ["utf-8", "iso-8859-1", "euc-kr", "gb2312", "big5", "shift_jis", "utf-16", "iso-2022-jp", "koi8-r", "unknown"]
_JUNK = (
    *(b"\0", b"\f", b"\xff\xfe", b"\xed\xa0\x80", b"\x1b$B", b'"', b"'", b"<", b">", b"&", b"{", b"}"),
    *(b"<!--", b"-->", b"<![CDATA[", b"]]>", b"<?xml ", b"<script>", b"</script>", b"<a:b:c>", b"</width>"),
    *(b"&#0;", b"&#12;", b"&#xD800;", b"&#99999999999;"),
)
_TAG = re.compile(rb"<[^<>]{1,2000}>")


def broken(body: bytes, dice: random.Random) -> bytes:
    """Return the page as a bad line, a bad disk or a bad template would send it, in one to four ways at once."""
    for way in dice.choices((_cut, _flipped, _retagged, _spliced, _littered), k=dice.randint(1, 4)):
        body = way(body, dice)
    return body


def _cut(body: bytes, dice: random.Random) -> bytes:
    return body[: dice.randint(len(body) // 4, len(body))]


def _flipped(body: bytes, dice: random.Random) -> bytes:
    found = bytearray(body)
    for _ in range(dice.choice((1, 10, len(body) // 50))):
        found[dice.randrange(len(found))] = dice.randrange(256)
    return bytes(found)


def _retagged(body: bytes, dice: random.Random) -> bytes:
    """Tags are left out or come several times."""
    share = dice.choice((0.02, 0.1, 0.4))
    return _TAG.sub(lambda tag: tag[0] * dice.choice((0, 0, 2, 5)) if dice.random() < share else tag[0], body)


def _spliced(body: bytes, dice: random.Random) -> bytes:
    begin, at = dice.randrange(len(body)), dice.randrange(len(body))
    return body[:at] + body[begin : begin + dice.randint(1, 2000)] + body[at:]


def _littered(body: bytes, dice: random.Random) -> bytes:
    for _ in range(dice.randint(1, 12)):
        at = dice.randrange(len(body))
        body = body[:at] + dice.choice(_JUNK) + body[at:]
    return body
