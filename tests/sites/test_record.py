"""What `python -m tests.sites.record` writes: a page that reads as the real one did, in nobody's words."""

from __future__ import annotations

import asyncio
import json
from dataclasses import replace
from datetime import UTC, datetime, timedelta
from pathlib import Path

import pytest

from crawler.pages import Page
from crawler.settings import CrawlerSettings
from scheduler.demo.newspaper import Newspaper
from tests.sites.making_up import MakingUp
from tests.sites.record import NotRecorded, fetch, main, record
from tests.sites.recorded import page_of, read

HERE = Path(__file__).parent
AT = datetime(2026, 11, 23, 12, tzinfo=UTC)
GAZETTE = "https://gazette.example/news/2026/11/12/ferry.html"
SHAPED = sorted(path for path in HERE.glob("*/*.json") if "expected" in json.loads(path.read_text()))


def gazette(words: str = "") -> Page:
    body = (HERE / "generic" / "article.html").read_text() + words
    return Page(url=GAZETTE, body=body.encode(), fetched_at=AT, content_type="text/html; charset=utf-8")


def test_a_recorded_page_says_nothing_of_the_real_one(tmp_path: Path) -> None:
    """Its words are gone from both files, its dates and the number of its paragraphs stay."""
    made = record(tmp_path / "gazette", gazette(), "article")
    html, said = ((tmp_path / "gazette" / f"article.{end}").read_text() for end in ("html", "json"))
    for word in ("Ferry stops", "captain", "Passengers", "soup and bread"):
        assert word not in html
        assert word not in said
    real = json.loads((HERE / "generic" / "article.json").read_text())["expected"]
    assert made["expected"]["published"] == real["published"]
    assert [len(one) for one in made["expected"]["body"].split("\n\n")] == [
        len(one) for one in real["body"].split("\n\n")
    ]


def test_a_recorded_page_is_a_fixture_that_holds(tmp_path: Path) -> None:
    """What is written is read again as it says."""
    record(tmp_path, gazette(), "article")
    made = json.loads((tmp_path / "article.json").read_text())
    assert read(page_of((tmp_path / "article.html").read_bytes(), made), "article") == made["expected"]


def test_an_older_layout_is_never_overwritten(tmp_path: Path) -> None:
    """A layout that changed gets a second file; the message names one."""
    record(tmp_path, gazette(), "article")
    before = (tmp_path / "article.html").read_bytes()
    with pytest.raises(NotRecorded, match="--name article_2026"):
        record(tmp_path, gazette(" more"), "article")
    assert (tmp_path / "article.html").read_bytes() == before
    record(tmp_path, gazette(" more"), "article", name="article_2026")
    assert sorted(one.name for one in tmp_path.glob("*.json")) == ["article.json", "article_2026.json"]


def test_a_story_in_a_page_of_many_keeps_its_number(tmp_path: Path) -> None:
    """The address with its fragment is what the listing said."""
    path = HERE / "kcna_co_jp" / "many_stories_listing.html"
    url = "http://www.kcna.co.jp/item/2004/200410/news10/27.htm#2"
    made = record(tmp_path, Page(url=url, body=path.read_bytes(), fetched_at=AT), "article")
    assert (made["url"], made["listed"]["url"]) == (url.partition("#")[0], url)
    assert made["expected"]["dateline"] == ["Pyongyang", "October 27", "KCNA"]


def test_a_label_that_the_reader_leans_on_is_asked_for(tmp_path: Path) -> None:
    """A made-up page that reads otherwise is not written, and the message says what differs and how to keep a word."""
    body = "<html><head><meta charset=utf-8></head><body><h1>알수 없는 주소</h1></body></html>"
    page = Page(url="http://www.rodong.rep.kp/ko/index.php?MTJA", body=body.encode(), fetched_at=AT)
    with pytest.raises(NotRecorded, match="--keep WORD"):
        record(tmp_path, page, "article")
    assert not list(tmp_path.iterdir())
    made = record(tmp_path, page, "article", keep=["알수 없는 주소"])
    assert made["fault"] == "not found"


@pytest.mark.parametrize("path", SHAPED, ids=lambda path: f"{path.parent.name}/{path.stem}")
def test_made_up_words_keep_the_shape_of_every_recorded_page(path: Path) -> None:
    """Dates, dateline, addresses and the count of paragraphs and rows survive, in every script and layout we have."""
    was = json.loads(path.read_text())
    html = MakingUp(("알수 없는 주소",)).html(path.with_suffix(".html").read_text())
    found, real = read(page_of(html.encode(), was), was["reads"]), was["expected"]
    for name in ("published", "dateline", "listings", "older"):
        assert found.get(name) == real.get(name, found.get(name))
    assert found.get("body", "").count("\n\n") == real.get("body", "").count("\n\n")
    assert [(one[0], one[2]) for one in found.get("links", ())] == [(one[0], one[2]) for one in real.get("links", ())]


def test_text_hidden_in_markup_is_made_up_too() -> None:
    """Comments, scripts, styles, pictures in addresses, spoken attributes, JSON-LD and attributes of broken quotes."""
    html = MakingUp().html(
        '<!-- Secretword --><style>.Secretword{}</style><img alt="Secretword one" src="data:x,Secretword">'
        '<img alt=""Secretword of Someone" Published"><script>say("Secretword is here"); var per_page = 15;</script>'
        '<script type="application/ld+json">{"@type": "NewsArticle", "headline": "Secretword", "datePublished": '
        '"2026-11-12"}</script><meta name="description" content="Secretword again"><p title="Secretword">Secretword</p>'
    )
    assert "Secretword" not in html
    assert "Someone" not in html
    for kept in ("per_page = 15", '"@type": "NewsArticle"', '"2026-11-12"', 'name="description"'):
        assert kept in html


def test_a_word_is_made_up_alike_wherever_it_stands() -> None:
    """So a headline in <title>, <h1> and a link is still one headline; case, script and length stay."""
    made = MakingUp()
    assert made.text("Lantern lantern LANTERN").lower().split()[0] == made.text("lantern")
    for text in ("Lanternport", "등불항구의", "灯台守の話", "Маяк", "Μάρθα", "مرحبا"):
        changed = made.text(text)
        assert (len(changed), changed != text) == (len(text), True)


@pytest.mark.parametrize(
    "arguments", [["Bad-Name", "https://a.example/"], ["gazette", "saved.html"], ["gazette", "x", "--url", "ftp://a/"]]
)
def test_a_wrong_call_says_what_is_missing(arguments: list[str], capsys: pytest.CaptureFixture[str]) -> None:
    """A file needs the address that it was saved from; names are file names."""
    with pytest.raises(SystemExit):
        main(arguments)
    assert "error:" in capsys.readouterr().err


async def test_a_page_is_fetched_as_the_crawler_fetches(newspaper: Newspaper) -> None:
    """Guarded and polite: no private address that is not named, nothing that robots.txt disallows."""
    allowed = CrawlerSettings("Dateline", delay=timedelta(seconds=0.01), allow_addresses=("127.0.0.1/32",))
    page = await asyncio.to_thread(fetch, f"{newspaper.url}#1", allowed)
    assert page.url == f"{newspaper.url}#1"
    assert b"<html" in page.body
    for url, settings, reason in (
        (newspaper.url, replace(allowed, allow_addresses=()), "not public"),
        (f"{newspaper.url}members/1", allowed, "robots.txt"),
    ):
        with pytest.raises(NotRecorded, match=reason):
            await asyncio.to_thread(fetch, url, settings)
