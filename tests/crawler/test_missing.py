"""Pages with status 200 that say, or show by where they lead, that the article is gone; and articles about them."""

from __future__ import annotations

from datetime import UTC, datetime

import pytest

from crawler.fault import LookFault
from crawler.pages import Page
from crawler.read import read_article
from storage.model.articles import Article
from storage.model.looking import Link, Outcome

ASKED = "https://gazette.example/news/ferry-stops.html"
LISTED = "Ferry stops in the storm"
HELP = (
    "You may use the search box at the top of this page, or go back to the front page, where the newest reports of all "
    "our sections stand. Our readers' desk on the second floor is glad to help on any day of the week but Sunday."
)
STORY = (
    "The library of a town that does not exist says that the page with its opening hours went for a week, and that "
    "nobody had noticed it before the caretaker asked. A clerk has put it back by hand from a copy on paper."
)

MORE = [
    f"The {one} of the same town tells it otherwise, and has the {one}'s own books to prove it."
    for one in ("mayor", "baker")
]


def read(title: str, *lines: str, head: str = "", at: str = ASKED, body: str = "", listed_as: str = LISTED) -> Article:
    said = "".join(f"<p>{one}</p>" for one in lines)
    html = f"<html><head><title>{title}</title>{head}</head><body><h1>{title}</h1>{said}{body}</body></html>"
    listed = Link(ASKED, listed_as)
    return read_article(Page(url=at, body=html.encode(), fetched_at=datetime(2026, 11, 23, tzinfo=UTC), listed=listed))


def is_missing(*page: str, **more: str) -> bool:
    with pytest.raises(LookFault) as fault:
        read(*page, **more)
    return fault.value.outcome is Outcome.NOT_FOUND


@pytest.mark.parametrize(
    "title",
    [
        "This story is no longer available",
        "That page is gone",
        "We couldn’t find this article",
        "Sorry, the article you were looking for does not exist",
        "Dieser Artikel ist leider nicht mehr verfügbar",
        "Cet article n’est plus disponible",
        "Lo sentimos, esta noticia ya no está disponible",
        "К сожалению, эта статья была удалена",
        "이미 삭제된 게시물입니다",
        "该文章已被移除",
        "この記事の掲載期間が終了しました",
    ],
)
def test_a_headline_that_says_so(title: str) -> None:
    assert is_missing(title, HELP)


@pytest.mark.parametrize(
    ("title", "line"),
    [
        ("Whoops", "The article that you wanted could not be found."),
        ("Notice", "This story has been withdrawn by its publisher"),
        ("Hinweis", "Die gesuchte Seite gibt es leider nicht mehr."),
        ("Information", "La page que vous recherchez n’existe plus."),
        ("Aviso", "El artículo que busca ha sido eliminado."),
        ("Внимание", "Запрашиваемая страница не существует."),
        ("안내", "요청하신 기사는 삭제되었습니다."),
        ("提示", "您查看的新闻不存在或已下架"),
        ("お知らせ", "お探しの記事は見つかりませんでした。"),
    ],
)
def test_a_sentence_under_a_headline_that_says_nothing(title: str, line: str) -> None:
    assert is_missing(title, line, HELP)


def test_a_script_that_says_so_on_an_empty_page() -> None:
    assert is_missing("Gazette", body="<script>alert('존재하지 않는 기사입니다.'); history.back();</script>")


def test_a_page_that_only_leads_home() -> None:
    assert is_missing("Gazette", "One moment.", head='<meta http-equiv="Refresh" content="3; URL=/">')
    waits = read("Ferry stops", STORY, head='<meta http-equiv="refresh" content="300; url=/">')
    assert waits.title == "Ferry stops"


def test_an_address_that_leads_to_a_list() -> None:
    rows = "".join(f'<h3><a href="/news/{n}.html">Report {n} of the harbour</a></h3><p>Short.</p>' for n in range(9))
    assert is_missing("World", body=rows, at="https://gazette.example/news/")


@pytest.mark.parametrize(
    ("title", "line"),
    [
        ("Library loses its page with the hours", STORY),
        ("This page is gone, and nobody knows why: a library looks for its hours", STORY),
        ("Paper takes back its report", "The article is no longer available on the paper's site since May. " + STORY),
        ("Seite gelöscht", "Die Seite wurde nicht gefunden, weil ein Beamter sie verlegt hatte, heißt es. " + STORY),
        ("A poem of errors", f"{STORY} This page has been removed."),
    ],
)  # fmt: skip
def test_an_article_about_a_page_that_went_is_one(title: str, line: str) -> None:
    assert read(title, line, *MORE).title == title


TOLD = "The ministry said on Monday that it would write another one, and that the harbour had not complained of any. "


@pytest.mark.parametrize(
    ("title", "line"),
    [
        ("Ministry takes back its letter", "The document was withdrawn. " + TOLD + STORY),
        ("Behörde nimmt Bericht zurück", "Der Artikel wurde gelöscht. Das sagte ein Sprecher am Montag. " + STORY),
        ("Document not found", TOLD + STORY),
    ],
)
def test_an_article_that_begins_so_under_the_headline_that_was_listed_is_one(title: str, line: str) -> None:
    assert read(title, line, listed_as=title).title == title


def test_a_note_alone_in_an_articles_own_place_says_that_it_is_gone() -> None:
    assert is_missing(LISTED, "This article has been removed by its editors.")
    assert is_missing(LISTED, "This article has been removed.", "Questions? Ask the readers' desk.")
