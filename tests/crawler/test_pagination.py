"""Pages of older articles: what leads on, and what only seems to."""

from datetime import UTC, datetime

import pytest

from crawler.extract.links import Addresses
from crawler.extract.markup import tree
from crawler.extract.pagination import MAX_OLDER, next_pages
from crawler.pages import Page
from storage.model.looking import Link

SITE = "https://gazette.example"


def older(body: str, path: str = "/news", links: tuple[Link, ...] = ()) -> list[str]:
    page = Page(url=SITE + path, body=b"", fetched_at=datetime(2026, 11, 23, tzinfo=UTC))
    root = tree(f"<html><body>{body}")
    return [url.removeprefix(SITE) for url in next_pages(root, page, links, Addresses(root, page.url))]


@pytest.mark.parametrize(
    ("body", "path", "expected"),
    [
        ("<link rel=next href=/news/page/2>", "/news", "/news/page/2"),
        ("<a rel='nofollow next' href='?cursor=abc'>on</a>", "/news", "/news?cursor=abc"),
        *(
            (f"<a href='?page=1'>1</a><a href='?page=3'>{word}</a>", "/news?page=2", "/news?page=3")
            for word in ("Next", "Older posts »", "weiter", "다음", "下一页", "次へ", "Вперёд", "التالي", ">", "»")
        ),
        ("<a href='?page=3' aria-label='Next page'><i></i></a>", "/news?page=2", "/news?page=3"),
        (
            "<a href=/news/page/9>9</a><a href=/news/page/3>3</a><a href=/news/page/4>4</a>",
            "/news/page/2",
            "/news/page/3",
        ),
        ("<a href='?start=10'>2</a><a href='?start=20'>3</a>", "/news", "/news?start=10"),
        ("<a href='?start=10'>2</a><a href='?start=20'>3</a>", "/news?start=10", "/news?start=20"),
        ("<a href=index_2.shtml>3</a><a href=index_1.shtml>2</a>", "/news/index.shtml", "/news/index_1.shtml"),
        ("<button class=load-more data-url='/ajax/news?offset=20'>Load more</button>", "/news", "/ajax/news?offset=20"),
    ],
)
def test_next_page_is_found(body: str, path: str, expected: str) -> None:
    """By rel, by words in many languages, by numbers and offsets, and in a button."""
    assert older(body, path) == [expected]


@pytest.mark.parametrize(
    ("body", "path"),
    [
        ("<a rel=next href=/news#more>Next</a>", "/news"),
        ("<a rel=next href='?page=1'>Next</a>", "/news?page=2"),
        ("<a rel=next href=https://elsewhere.example/news/page/2>Next</a>", "/news"),
        ("<a href=/some-story>Next</a>", "/news"),
        ("<a href=/news/2026/12>Next</a>", "/news"),
        ("<a href=/news/2026/06>Next</a>", "/news/2026/05"),
        ("<a href=/sport?page=2>2</a>", "/news"),
    ],
)
def test_what_does_not_lead_on_is_left(body: str, path: str) -> None:
    """The page itself, earlier pages, other sites and lists, articles, and calendars that turn to the future."""
    assert older(body, path) == []


def test_archives_are_followed_backwards() -> None:
    """Months before the page's own, the newest first, bounded."""
    months = "".join(f"<a href=/{year}/{month:02}/>x</a>" for year in range(2020, 2026) for month in range(1, 13))
    found = older(months, "/2025/03/")
    assert found[:2] == ["/2025/02/", "/2025/01/"] and len(found) == MAX_OLDER


def test_article_is_no_next_page() -> None:
    """A story that calls itself next is a story."""
    assert older("<a rel=next href=/story?id=2>Next</a>", links=(Link(SITE + "/story?id=2", "Story"),)) == []
