"""Articles on several pages: which page is the next, and all of them as one."""

import pytest

from crawler.extract.markup import tree
from crawler.extract.parts import joined, next_page
from storage.model.articles import Article

HERE = "https://gazette.example/news/ferry-stops"


@pytest.mark.parametrize(
    ("url", "links", "expected"),
    [
        (HERE, "<a href=/news/ferry-stops/2>2</a><a href=/news/ferry-stops/3>3</a>", HERE + "/2"),
        (HERE, "<a href='?page=2'>Next page</a>", HERE + "?page=2"),
        (HERE, "<a rel=next href=/news/ferry-stops/page/2/>→</a>", HERE + "/page/2/"),
        (HERE + ".html", "<a href=ferry-stops-2.html>Weiter</a>", HERE + "-2.html"),
        (HERE + "?page=2", "<a href='?page=1'>1</a><a href='?page=3'>3</a>", HERE + "?page=3"),
        (HERE + "/2", "<a href=/news/ferry-stops>1</a><a href=/news/ferry-stops/3>次へ</a>", HERE + "/3"),
        (HERE, "<a href='?page=2'>2</a><a href='?all=1'>Auf einer Seite lesen</a>", HERE + "?all=1"),
    ],
)
def test_next_page_of_the_same_text(url: str, links: str, expected: str) -> None:
    """By a number in path, file name or question, by rel=next and by words; a page that holds all is preferred."""
    assert next_page(tree(f"<p>Text</p>{links}"), url) == expected


def test_the_head_may_name_the_next_page() -> None:
    """<link rel=next> counts where it leads to the same text."""
    assert next_page(tree(f"<head><link rel=next href={HERE}?page=2></head><p>x"), HERE) == HERE + "?page=2"
    assert next_page(tree("<head><link rel=next href=/news/mill></head><p>x"), HERE) == ""


@pytest.mark.parametrize(
    ("url", "links"),
    [
        (HERE, "<a rel=next href=/news/mill-burns>Next article</a>"),
        (HERE, "<a href=/news/mill-burns/2>2</a>"),
        ("https://gazette.example/news/5", "<a rel=next href=/news/6>Next</a>"),
        (HERE, "<a href='?page=2#comments'>2</a>"),
        (HERE, "<a href=/news/ferry-stops/comment-page-2>2</a>"),
        (HERE + "?page=3", "<a href='?page=2'>2</a><a href=/news/ferry-stops>1</a>"),
        (HERE, "<a href='?all=1'>View all</a>"),
        ("https://gazette.example/", "<a href='?page=2'>2</a>"),
    ],
)
def test_another_article_is_no_next_page(url: str, links: str) -> None:
    """Nor are comments, earlier pages, or what stands beside it."""
    assert next_page(tree(f"<p>Text</p>{links}"), url) == ""


def test_pages_are_joined_without_what_they_repeat() -> None:
    """What is known is the first page's; headline and paragraphs that stand on both are there once."""
    lead = "No ferry goes, and no one knows for how long, says the harbour."
    parts = [
        Article(title="Ferry stops", body=f"{lead}\n\nOne.", html=f"<p>{lead}</p><p>One.</p>", next_page=HERE + "/2"),
        Article(
            title="Ferry stops - page 2",
            body=f"Ferry stops\n\n{lead}\n\nTwo.\n\nOne.",
            html=f"<h2>Ferry stops</h2><p>{lead}</p><p>Two.</p><p>One.</p>",
            teaser=True,
        ),
    ]
    whole = joined(parts)
    assert whole.title == "Ferry stops"
    assert whole.body == f"{lead}\n\nOne.\n\nTwo.\n\nOne."
    assert whole.html.replace("\n", "") == f"<p>{lead}</p><p>One.</p><p>Two.</p><p>One.</p>"
    assert whole.next_page == "" and whole.teaser
    assert joined(parts[:1]) == parts[0]
