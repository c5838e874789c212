"""Texts of which only the beginning is public, and live blogs: what the reader makes of their pages."""

import json
from dataclasses import replace
from datetime import UTC, datetime

import pytest

from crawler.extract.wall import is_teaser_of
from crawler.fault import LookFault
from crawler.pages import Page
from crawler.read import read_article, read_listing
from storage.model.articles import Article
from storage.model.looking import Outcome

STORY = [
    f"The {word} of a town that does not exist stopped on Thursday, when a storm came up over the invented bay."
    for word in ("ferry", "tram", "mill", "market", "choir", "school", "bakery")
]


def read(body: str, *, about: dict[str, object] | None = None, head: str = "", title: str = "Ferry stops") -> Article:
    ld = {"@type": "NewsArticle", "headline": title} | about if about else {}
    html = (
        f"<html><head><title>{title}</title>{head}<script type='application/ld+json'>{json.dumps(ld)}</script></head>"
        f"<body><article><h1>{title}</h1>{body}</article></body></html>"
    )
    url = "https://gazette.example/news/ferry"
    return read_article(Page(url=url, body=html.encode(), fetched_at=datetime(2026, 11, 23, tzinfo=UTC)))


def paragraphs(count: int) -> str:
    return "".join(f"<p>{one}</p>" for one in STORY[:count])


def test_a_headline_may_begin_with_404() -> None:
    """A long text is no missing page; a missing page with teasers of others is."""
    title = "404: The story of an error"
    html = (
        f"<html><head><title>{title}</title></head><body><div><h1>{title}</h1>{paragraphs(7) * 2}</div></body></html>"
    )
    page = Page(url="https://gazette.example/a/404", body=html.encode(), fetched_at=datetime(2026, 11, 23, tzinfo=UTC))
    assert read_article(page).title == title
    teasers = "".join(f'<div><h3><a href="/a/{n}">Ferry {n}</a></h3><p>{STORY[n % 7]}</p></div>' for n in range(20))
    missing = html.replace(paragraphs(7) * 2, f"<p>Sorry.</p>{teasers}").replace(title, "404: Gazette")
    with pytest.raises(LookFault) as fault:
        read_article(replace(page, body=missing.encode()))
    assert fault.value.outcome is Outcome.NOT_FOUND


@pytest.mark.parametrize("kind", ["feed", "sitemap", "wordpress"])
@pytest.mark.parametrize(
    ("title", "form", "outcome"),
    [
        ("Just a moment...", "", Outcome.NOT_ASKED_FOR),
        ("Log in", '<input type="password" name="p">', Outcome.LOGIN),
        ("We value your privacy", "", Outcome.NOT_ASKED_FOR),
        ("News of the town", "", None),
    ],
)
def test_a_wall_in_place_of_a_listing_is_told_as_the_wall_that_it_is(
    kind: str, title: str, form: str, outcome: Outcome | None
) -> None:
    """And no layout that is not recognised, which sends its reader to look for a fault of ours."""
    head = f"<!DOCTYPE html><html><head><title>{title}</title></head>"
    html = f"{head}<body><h1>{title}</h1><form>{form}</form></body></html>"
    url = f"https://gazette.example/{kind}"
    page = Page(url=url, body=html.encode(), fetched_at=datetime(2026, 11, 23, tzinfo=UTC))
    with pytest.raises(LookFault) as fault:
        read_listing(page, kind)
    assert (
        (fault.value.outcome is outcome) if outcome else fault.value.outcome in (Outcome.UNREADABLE, Outcome.NOT_WHOLE)
    )


@pytest.mark.parametrize(
    "wall",
    [
        "Subscribe now to continue reading this story.",
        "Already a subscriber? Log in",
        "Dieser Artikel ist exklusiv für Abonnenten.",
        "Il vous reste 82 % de cet article à lire.",
        "Suscríbete para seguir leyendo",
        "この記事は有料記事です。残り1500文字",
        "Доступно только по подписке",
        "للمشتركين فقط",
    ],
)
def test_a_wall_makes_a_teaser_and_is_no_text(wall: str) -> None:
    """In many languages, below a short text."""
    found = read(f"{paragraphs(2)}<div class=offer><p>{wall}</p></div>")
    assert found.teaser
    assert found.body == "\n\n".join(STORY[:2])


@pytest.mark.parametrize("value", [False, "False", "false"])
def test_a_locked_page_that_shows_a_beginning_is_a_teaser(value: object) -> None:
    """schema.org's word counts where the text is short, cut or lacks most of its words."""
    locked: dict[str, object] = {"isAccessibleForFree": value}
    assert read(paragraphs(1), about=locked).teaser
    assert read(paragraphs(7), about=locked | {"wordCount": 900}).teaser
    assert not read(paragraphs(7), about=locked | {"wordCount": 140}).teaser
    assert not read(paragraphs(7), about=locked).teaser
    assert not read(paragraphs(1), about={"isAccessibleForFree": True}).teaser
    assert read(paragraphs(1), head="<meta property='article:content_tier' content=locked>").teaser


def test_a_long_text_above_a_wall_is_no_teaser() -> None:
    """The wall asks for the next article, or for money."""
    long = "".join(f"<p>{one} {n}</p>" for n in range(5) for one in STORY)
    assert not read(long + "<p>Subscribe to continue reading our stories.</p>").teaser


def test_a_teaser_is_known_by_the_full_text() -> None:
    """Whether it was cut at a paragraph or in a word; another or an equal text is no teaser of it."""
    full = Article(title="x", body="\n\n".join(STORY))
    for beginning in (STORY[0], "\n\n".join(STORY[:3]), STORY[0] + "\n\n" + STORY[1][:60] + "…"):
        assert is_teaser_of(Article(title="x", body=beginning), full)
    for other in (full.body, "The council of the town has voted on bread, and on nothing else at all.", ""):
        assert not is_teaser_of(Article(title="x", body=other), full)
    assert not is_teaser_of(full, Article(title="x", body=STORY[0]))


ENTRIES = [("12:30", "Ferry goes again", STORY[0]), ("11:00", "Tram stops", STORY[1]), ("10:15", "Storm", STORY[2])]


def test_a_live_blog_is_read_entry_by_entry() -> None:
    """Times and headlines are paragraphs of their own, in the page's order."""
    entries = "".join(
        f"<div class='live-blog-post'><time>{at}</time><h2>{title}</h2><p>{text}</p><div class=share>Share</div></div>"
        for at, title, text in ENTRIES
    )
    found = read(entries)
    assert found.live
    assert found.body.split("\n\n") == [part for entry in ENTRIES for part in entry]
    assert found.html.count("<h2>") == 3 and "Share" not in found.html
    assert not read(paragraphs(5)).live


def test_updates_in_jsonld_stand_in_for_entries_that_a_script_draws() -> None:
    """A page without entries is read from what it states."""
    updates = [{"@type": "BlogPosting", "datePublished": at, "headline": t, "articleBody": x} for at, t, x in ENTRIES]
    found = read("<div id=app></div>", about={"@type": "LiveBlogPosting", "liveBlogUpdate": updates})
    assert found.live
    assert found.body.split("\n\n") == [part for entry in ENTRIES for part in entry]


@pytest.mark.parametrize(
    "title",
    [
        "Before you continue to Gazette", "We value your privacy", "Datenschutz-Einstellungen",
        "Weiter mit Werbung lesen",
        "Nous respectons votre vie privée", "Valoramos tu privacidad", "Wij gebruiken cookies", "Çerez Ayarları",
    ],
)  # fmt: skip
def test_a_page_that_asks_for_consent_is_not_the_article(title: str) -> None:
    """It comes with status 200 under the article's address and names its hundred partners."""
    with pytest.raises(LookFault) as raised:
        read("<p>We and our partners store and read what is on your device, for a purpose.</p>" * 30, title=title)
    assert raised.value.outcome == Outcome.NOT_ASKED_FOR


@pytest.mark.parametrize(
    "title", ["Cookies for the whole town", "Privacy bill divides council", "Consent is a duty, says judge"]
)
def test_an_article_about_cookies_is_an_article(title: str) -> None:
    """Its headline says more than a wall's."""
    assert read(paragraphs(4), title=title).body
