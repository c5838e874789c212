"""What the demo newspaper prints: a front page, a feed, a news sitemap and article pages, marked up like real ones."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime
from email.utils import format_datetime

from jinja2 import DictLoader, Environment, StrictUndefined


@dataclass(frozen=True, slots=True)
class Piece:
    """One article as the newspaper holds it now. `number` counts from 1 in the order of publishing."""

    number: int
    path: str
    title: str
    paragraphs: tuple[str, ...]
    section: str
    author: str
    published: datetime
    modified: datetime
    edits: int = 0
    gone: int = 0  # 404 or 410 while it is removed

    @property
    def summary(self) -> str:
        return self.paragraphs[0]

    @property
    def etag(self) -> str:
        return f'"{self.number}-{self.edits}"'


@dataclass(frozen=True, slots=True)
class Paper:
    """What every page names: the newspaper, its language, its address without a slash at the end, and its listings."""

    name: str
    language: str
    base: str
    sections: tuple[str, ...]
    has_feed: bool = True
    has_sitemap: bool = True


_FRAME = """\
<!DOCTYPE html>
<html lang="{{ paper.language }}">
<head>
<meta charset="utf-8">
<title>{% block title %}{{ paper.name }}{% endblock %}</title>
<meta name="viewport" content="width=device-width, initial-scale=1">
{% if paper.has_feed %}<link rel="alternate" type="application/rss+xml" title="{{ paper.name }}" href="/feed.xml">
{% endif %}{% block head %}{% endblock %}
</head>
<body>
<header class="masthead"><p class="name"><a href="/">{{ paper.name }}</a></p>
<nav><ul>{% for one in paper.sections %}<li><a href="/section/{{ one }}/">{{ one | title }}</a></li>{% endfor %}
<li><a href="/search?q=">Search</a></li></ul></nav></header>
<main>{% block main %}{% endblock %}</main>
<footer><p>&copy; {{ paper.name }}. All rights reserved.
<a href="/about/">About us</a> <a href="/contact/">Contact</a></p>
<form action="/letter" method="post"><label>Our weekly letter <input name="email" type="email"></label>
<button>Subscribe</button></form></footer>
</body>
</html>
"""

_FRONT = """\
{% extends "frame" %}
{% block main %}<h1>{{ heading }}</h1>
<ul class="latest">
{% for piece in pieces %}<li><article><h2><a href="{{ piece.path }}">{{ piece.title }}</a></h2>
<time datetime="{{ piece.published.isoformat() }}">{{ piece.published.strftime("%Y-%m-%d %H:%M") }}</time>
<p>{{ piece.summary | truncate(160) }}</p></article></li>
{% endfor %}</ul>
{% if older %}<p class="older"><a rel="next" href="/?page={{ older }}">Older news</a></p>
{% endif %}{% endblock %}
"""

_ARTICLE = """\
{% extends "frame" %}
{% block title %}{{ piece.title }} | {{ paper.name }}{% endblock %}
{% block head %}<link rel="canonical" href="{{ url }}">
<meta name="description" content="{{ piece.summary | truncate(160) }}">
<meta property="og:type" content="article"><meta property="og:title" content="{{ piece.title }}">
<meta property="og:url" content="{{ url }}"><meta property="og:image" content="{{ image }}">
<meta property="og:site_name" content="{{ paper.name }}">
<meta property="article:published_time" content="{{ piece.published.isoformat() }}">
<meta property="article:section" content="{{ piece.section }}">
<script type="application/ld+json">{{ linked_data | tojson }}</script>{% endblock %}
{% block main %}<article>
<header><p class="section"><a href="/section/{{ piece.section }}/">{{ piece.section | title }}</a></p>
<h1>{{ piece.title }}</h1>
<p class="byline">By <span class="author">{{ piece.author }}</span>
<time datetime="{{ piece.published.isoformat() }}">{{ piece.published.strftime("%Y-%m-%d %H:%M") }}</time>
<a href="/print{{ piece.path }}" rel="nofollow">Print</a></p></header>
<figure><img src="{{ image }}" alt="">
<figcaption>A view of the town. Photograph: the {{ paper.name }}</figcaption></figure>
<div class="article-body">
{% for text in piece.paragraphs %}<p>{{ text }}</p>
{% if loop.index == 2 %}<aside class="letter"><p>Read the week's best in <a href="/letter">our letter</a>.</p></aside>
{% endif %}{% endfor %}</div>
</article>
<aside class="related"><h2>Related</h2><p>Read {{ views }} times today</p>
<ul>{% for one in related %}<li><a href="{{ one.path }}">{{ one.title }}</a></li>{% endfor %}</ul></aside>
{% endblock %}
"""

_PLAIN = '{% extends "frame" %}{% block main %}<h1>{{ heading }}</h1><p>{{ text }}</p>{% endblock %}'

_LOGIN = """\
{% extends "frame" %}
{% block main %}<h1>Log in to continue reading</h1><p>This page is for subscribers.</p>
<form action="/login" method="post"><input name="user"><input name="password" type="password"><button>Log in</button>
</form>{% endblock %}
"""

_CAPTCHA = """\
<!DOCTYPE html>
<html><head><title>Just a moment...</title><meta name="robots" content="noindex"></head>
<body><h1>Checking your browser</h1><p>Please prove that you are a person and not a robot.</p>
<div class="captcha" data-sitekey="demo"></div><noscript>Enable JavaScript and cookies to continue</noscript>
</body></html>
"""

_FEED = """\
<?xml version="1.0" encoding="UTF-8"?>
<rss version="2.0" xmlns:atom="http://www.w3.org/2005/Atom" xmlns:dc="http://purl.org/dc/elements/1.1/">
<channel><title>{{ paper.name }}</title><link>{{ paper.base }}/</link><description>News of the day</description>
<language>{{ paper.language }}</language>
<atom:link href="{{ paper.base }}/feed.xml" rel="self" type="application/rss+xml"/>
{% for piece in pieces %}<item><title>{{ piece.title }}</title><link>{{ paper.base }}{{ piece.path }}</link>
<guid isPermaLink="true">{{ paper.base }}{{ piece.path }}</guid><pubDate>{{ piece.published | rfc822 }}</pubDate>
<dc:creator>{{ piece.author }}</dc:creator><category>{{ piece.section }}</category>
<description>{{ piece.summary | truncate(160) }}</description></item>
{% endfor %}</channel></rss>
"""

_SITEMAP = """\
<?xml version="1.0" encoding="UTF-8"?>
<urlset xmlns="http://www.sitemaps.org/schemas/sitemap/0.9"
 xmlns:news="http://www.google.com/schemas/sitemap-news/0.9">
{% for piece in pieces %}<url><loc>{{ paper.base }}{{ piece.path }}</loc>
<lastmod>{{ piece.modified.isoformat() }}</lastmod>
<news:news><news:publication><news:name>{{ paper.name }}</news:name>
<news:language>{{ paper.language }}</news:language></news:publication>
<news:publication_date>{{ piece.published.isoformat() }}</news:publication_date>
<news:title>{{ piece.title }}</news:title></news:news></url>
{% endfor %}</urlset>
"""

_TEMPLATES = Environment(
    loader=DictLoader(
        {
            "frame": _FRAME,
            "front": _FRONT,
            "article": _ARTICLE,
            "plain": _PLAIN,
            "login": _LOGIN,
            "captcha": _CAPTCHA,
            "feed": _FEED,
            "sitemap": _SITEMAP,
        }
    ),
    autoescape=True,
    undefined=StrictUndefined,
    trim_blocks=True,
)
_TEMPLATES.filters["rfc822"] = format_datetime


def front_page(paper: Paper, pieces: Sequence[Piece], heading: str = "Latest news", older: int = 0) -> str:
    """A page of headlines. `older` is the number of the page that lies behind it, 0 if it is the last."""
    return _TEMPLATES.get_template("front").render(paper=paper, pieces=pieces, heading=heading, older=older)


def feed(paper: Paper, pieces: Sequence[Piece]) -> str:
    return _TEMPLATES.get_template("feed").render(paper=paper, pieces=pieces)


def news_sitemap(paper: Paper, pieces: Sequence[Piece]) -> str:
    return _TEMPLATES.get_template("sitemap").render(paper=paper, pieces=pieces)


def article_page(paper: Paper, piece: Piece, related: Sequence[Piece], views: int) -> str:
    """The page of one article. `related` and `views` stand beside the text and differ from one request to the next."""
    url, image = paper.base + piece.path, f"{paper.base}/picture/{piece.number}.jpg"
    linked_data = {
        "@context": "https://schema.org",
        "@type": "NewsArticle",
        "headline": piece.title,
        "datePublished": piece.published.isoformat(),
        "dateModified": piece.modified.isoformat(),
        "author": [{"@type": "Person", "name": piece.author}],
        "publisher": {"@type": "NewsMediaOrganization", "name": paper.name},
        "articleSection": piece.section,
        "inLanguage": paper.language,
        "image": [image],
        "mainEntityOfPage": {"@type": "WebPage", "@id": url},
    }
    return _TEMPLATES.get_template("article").render(
        paper=paper, piece=piece, url=url, image=image, linked_data=linked_data, related=related, views=views
    )


def plain_page(paper: Paper, heading: str, text: str) -> str:
    return _TEMPLATES.get_template("plain").render(paper=paper, heading=heading, text=text)


def login_page(paper: Paper) -> str:
    return _TEMPLATES.get_template("login").render(paper=paper)


def captcha_page() -> str:
    return _TEMPLATES.get_template("captcha").render()


def robots_txt(paper: Paper, disallow: Sequence[str], crawl_delay_s: float | None) -> str:
    lines = ["User-agent: *", *(f"Disallow: {path}" for path in disallow)]
    if crawl_delay_s is not None:
        lines.append(f"Crawl-delay: {crawl_delay_s:g}")
    sitemap = ["", f"Sitemap: {paper.base}/news-sitemap.xml"] if paper.has_sitemap else []
    return "\n".join([*lines, *sitemap, ""])
