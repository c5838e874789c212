"""Every recorded page (made-up text in a site's true structure) is read as its JSON file beside it says."""

import json
from datetime import UTC, datetime
from pathlib import Path
from urllib.parse import urljoin

import pytest

from crawler.extract.dates import read_date, stated
from crawler.fault import LookFault
from crawler.pages import Page
from crawler.read import read_article, read_listing
from storage.model import Article, Link, ListingPage

HERE = Path(__file__).parent
RECORDED = sorted(HERE.glob("*/*.json"))
NOW = datetime(2026, 11, 23, 12, tzinfo=UTC)


def page_of(path: Path, record: dict) -> Page:
    listed = None
    if "listed" in record:
        said = record["listed"]
        url = urljoin(record["url"], said.get("url", ""))
        listed = Link(url, said["title"], read_date(said["published"], now=NOW, origin="list"))
    return Page(
        url=record["url"],
        body=path.with_suffix(".html").read_bytes(),
        content_type="text/html; charset=utf-8",
        fetched_at=datetime.fromisoformat(record["fetched_at"]) if "fetched_at" in record else NOW,
        listed=listed,
    )


def as_recorded(read: Article | ListingPage) -> dict:
    if isinstance(read, ListingPage):
        links = [[one.url, one.title, stated(one.published) if one.published else None] for one in read.links]
        return {"links": links, "listings": list(read.listings)}
    names = ("title", "body", "language", "section", "image", "canonical_url", "original_url")
    found: dict = {name: getattr(read, name) for name in names}
    found |= {name: stated(when) for name in ("published", "modified") if (when := getattr(read, name))}
    dateline = read.dateline
    return found | {
        "authors": list(read.authors),
        "dateline": [dateline.place, dateline.date, dateline.agency] if dateline else None,
    }


@pytest.mark.parametrize("path", RECORDED, ids=lambda path: f"{path.parent.name}/{path.stem}")
def test_recorded_page_is_read_as_expected(path: Path) -> None:
    """A site's file is chosen by host, reads what the page says, and names the fault of a page that is no article."""
    record = json.loads(path.read_text())
    page = page_of(path, record)

    def read() -> dict:
        return as_recorded(read_article(page) if record["reads"] == "article" else read_listing(page)[1])

    if "fault" in record:
        with pytest.raises(LookFault) as raised:
            read()
        assert raised.value.outcome == record["fault"]
    else:
        found = read()
        assert {key: found[key] for key in record["expected"]} == record["expected"]


def test_every_site_file_has_recorded_pages() -> None:
    """A new site is held by at least one recorded article and one recorded listing."""
    sites = {path.stem for path in (HERE.parents[1] / "crawler" / "sites").glob("*.py")} - {"__init__"}
    for site in sites:
        kinds = {json.loads(path.read_text())["reads"] for path in (HERE / site).glob("*.json")}
        assert kinds == {"article", "listing"}, f"record pages under tests/sites/{site}/"
