"""From a page to an article: doubts, dates, hostile pages; and the verbs that try it offline."""

import gzip
import json
import pickle
import time
from datetime import UTC, datetime
from pathlib import Path

import pytest

from crawler.extract.dates import stated
from crawler.fault import LookFault
from crawler.pages import MAX_BYTES, Page
from crawler.read import read_article, read_listing
from crawler.trying import try_list, try_read
from storage.model.articles import Article, When
from storage.model.looking import Link, Outcome

NOW = datetime(2026, 11, 23, 12, tzinfo=UTC)
STORY = "".join(
    f"<p>The {word} of a town that does not exist stopped on Thursday, when a storm came up over the invented bay.</p>"
    for word in ("ferry", "tram", "mill", "market", "choir")
)
URL = "https://gazette.example/news/ferry-stops"


def article(
    body: str | bytes = STORY,
    *,
    title: str = "Ferry stops for storm",
    head: str = "",
    url: str = URL,
    listed: Link | None = None,
) -> Article:
    html = (
        body
        if isinstance(body, bytes)
        else f"<html><head><title>{title}</title>{head}</head><body><h1>{title}</h1>{body}</body></html>".encode()
    )
    return read_article(Page(url=url, body=html, fetched_at=NOW, listed=listed))


def fault(*args: object, **known: object) -> Outcome:
    with pytest.raises(LookFault) as raised:
        article(*args, **known)  # type: ignore[arg-type]
    return raised.value.outcome


def test_listing_gives_the_date_that_a_page_lacks() -> None:
    """And the listing's clock is better than the address's day."""
    listed = Link(URL, "Ferry stops", When(datetime(2026, 11, 12, 9, tzinfo=UTC), "second", "UTC", "feed"))
    assert article(listed=listed).published == listed.published
    assert article(url="https://gazette.example/2026/11/12/ferry", listed=listed).published == listed.published


def test_date_in_the_address_is_a_day() -> None:
    """No clock is made of it."""
    when = article(url="https://gazette.example/2026/11/12/ferry").published
    assert when is not None
    assert (stated(when), when.origin) == ("2026-11-12", "url")


def test_time_at_the_headline_is_the_articles() -> None:
    """A <time> of another story on the page is not."""
    head = "<div><h1>Ferry stops for storm</h1><time datetime='2026-11-12T10:00+01:00'></time></div>"
    other = "<aside><time datetime='2026-11-20'></time></aside>"
    when = article(f"<html><body><article>{head}{STORY}{other}</article></body></html>".encode()).published
    assert when is not None
    assert stated(when) == "2026-11-12T10:00+01:00"


def test_headline_is_no_part_of_the_body() -> None:
    """It is the title, once."""
    found = article(f"<article><h2>Ferry stops for storm</h2>{STORY}</article>")
    assert found.body.startswith("The ferry of a town")
    assert found.body.count("\n\n") == 4
    assert found.html.count("<p>") == 5


def test_text_stated_in_jsonld_stands_in_for_a_page_drawn_by_script() -> None:
    """Only where the page itself shows less than half of it."""
    text = "\n\n".join(f"Paragraph {n} of a story about a ferry that stopped for a storm in the bay." for n in range(9))
    about = json.dumps({"@type": "NewsArticle", "headline": "Ferry", "articleBody": text})
    head = f'<script type="application/ld+json">{about}</script>'
    assert article("<div id=app></div>", head=head).body == text
    assert article(STORY, head=head.replace("Paragraph", "P")).body != text


@pytest.mark.parametrize("title", ["Just a moment...", "Access Denied", "Web Page Blocked!", "403 Forbidden"])
def test_walls_are_not_what_was_asked_for(title: str) -> None:
    """A captcha, a filter or an error page with status 200 is never an article."""
    assert fault("<p>Please wait while we check something for you.</p>", title=title) == Outcome.NOT_ASKED_FOR


MISSING = (
    *("404 Not Found", "404", "Error 404 - Gazette", "Page not found - Gazette", "Not found"),
    *(
        "The page you are looking for could not be found",
        "This article has been removed",
        "Article no longer available",
    ),
    *("Sorry, the page you requested does not exist", "Seite nicht gefunden", "Die Seite wurde nicht gefunden"),
    *("Page introuvable", "Página no encontrada", "Pagina non trovata", "Страница не найдена", "Материал удалён"),
    *("요청하신 페이지를 찾을 수 없습니다", "삭제된 기사입니다", "존재하지 않는 게시물입니다", "기사가 삭제되었습니다"),
    *("页面不存在", "您访问的页面不存在", "该文章已被删除".removeprefix("该"), "找不到页面", "頁面不存在"),
    *("お探しのページは見つかりません", "記事は削除されました", "ページが見つかりませんでした"),
)


ABOUT_IT = (
    *("404 pages of testimony released", "404 files sent to the court"),
    *("The story is available: library opens archive", "The post was deleted: senator apologises"),
    "The article was removed: parliament votes to drop Article 9",
)


@pytest.mark.parametrize("title", ABOUT_IT)
def test_a_headline_that_begins_like_such_a_page_is_an_article(title: str) -> None:
    """Nobody took it away: an edit of a headline to such words is no removal."""
    assert article(STORY * 3, title=title).body


@pytest.mark.parametrize("title", MISSING)
def test_a_page_that_says_there_is_none_means_gone(title: str) -> None:
    """With status 200, in the site's frame or without: the server is well, and the article is not there."""
    assert fault("<p>Try the search.</p>", title=title) == Outcome.NOT_FOUND
    assert fault(STORY * 3, title=title) == Outcome.NOT_FOUND


@pytest.mark.parametrize(
    "title",
    [
        "404 ways to cook soup",
        "Article 9 has been removed from the constitution",
        "Page not found in Domesday Book turns up in Leeds",
        "Posts that officials could not find",
        "기사 삭제 요구한 의원",
        "文章千古事",
        "Story of a ferry that was not found",
    ],
)
def test_an_article_about_what_is_missing_is_an_article(title: str) -> None:
    """Its metadata or its words say so."""
    assert article(STORY * 3, title=title).title == title


@pytest.mark.parametrize(
    "title", ["Access denied: how a town lost its harbour", "Login troubles at the town hall", "404 ways to cook soup"]
)
def test_an_article_about_walls_is_an_article(title: str) -> None:
    """A long text under such a headline is news."""
    assert article(STORY * 3, title=title).title == title


def test_a_login_in_the_frame_is_no_wall() -> None:
    """Half of all newspapers have a password field in their header."""
    assert article(f"<form><input type=password></form>{STORY * 3}").body


def test_a_redirect_to_the_login_needs_login() -> None:
    """Though the form be drawn by a script."""
    assert fault(STORY, url="https://gazette.example/login?next=1", listed=Link(URL)) == Outcome.LOGIN


def test_a_redirect_to_the_home_page_is_not_the_article() -> None:
    """Whatever stands on it."""
    for home in ("https://gazette.example/", "https://gazette.example/en/", "https://gazette.example/index.html"):
        assert fault(STORY, url=home, listed=Link(URL, "Ferry stops")) == Outcome.NOT_FOUND


def test_a_page_that_links_to_the_article_is_not_the_article() -> None:
    """A home page under the article's address: it has another headline, and leads to the listed one."""
    body = f"<a href='{URL}'>Ferry stops for storm</a>{STORY}"
    assert fault(body, title="News of today", listed=Link(URL, "Ferry stops for storm")) == Outcome.NOT_ASKED_FOR
    assert article(body, listed=Link(URL, "Ferry stops for storm")).title == "Ferry stops for storm"


def test_a_frame_without_an_article_is_unreadable() -> None:
    """What is left of a page whose text a script draws is no short article; a flash under its headline is one."""
    frame = b"<body><a>Skip to content</a> Gazette <ul><li>World</li><li>Harbour</li></ul><p>All rights reserved.</p>"
    assert fault(frame) == Outcome.UNREADABLE
    assert article("<p>The ferry has stopped, says the harbour of the town.</p>").body
    wrong = Link(URL, "Council votes on bread")
    assert fault("<p>The harbour is one of the oldest of the coast.</p>", listed=wrong) == Outcome.UNREADABLE


def test_faults_of_size() -> None:
    """Nothing, too much, and too many elements have names."""
    assert fault(b" \n") == Outcome.NOT_WHOLE
    assert fault(b"<p>" + b"x" * MAX_BYTES) == Outcome.TOO_LARGE
    assert fault(STORY + "<i></i>" * 40_000) == Outcome.TOO_LARGE
    assert fault("<p></p>") == Outcome.UNREADABLE


@pytest.mark.parametrize(
    "body",
    [
        f"<div {' '.join(f'a{n}=1' for n in range(100_000))}>{STORY}</div>",
        "<div>" * 100_000 + STORY,
        STORY + "".join(f"<a href=/{n}>Some link {n}</a>" for n in range(100_000)),
        STORY + "<!--" * 100_000,
        STORY + "<" * 500_000,
        STORY + "\0\x1b[31m\u202e\ufffe" * 1000,
        "<p>" + "a" * 3_000_000 + "</p>",
        f"<h1>{'h ' * 500_000}</h1>{STORY}",
        "<svg><style><!--</style><img src=x onerror=alert(1)>--></svg>" + STORY,
    ],
    ids=["attributes", "depth", "links", "comments", "brackets", "controls", "one word", "headline", "mutation"],
)
def test_hostile_page_ends_in_a_fault_or_in_clean_text(body: str) -> None:
    """Within seconds of CPU, and nothing that a feed, a mail or a store cannot carry comes out."""
    begun = time.process_time()
    try:
        found = article(body, head='<meta property="og:title" content="a&#13;&#10;Bcc: x&#0;">')
    except LookFault as raised:
        assert pickle.loads(pickle.dumps(raised)).outcome == raised.outcome
    else:
        assert "\n" not in found.title and "\r" not in found.title and len(found.title) <= 500
        assert not set(found.title + found.body) & set("\0\x1b\ufffe\r")
        assert "onerror" not in found.html and "<svg" not in found.html
        assert len(found.body) <= 1_000_000
    assert time.process_time() - begun < 10


@pytest.mark.parametrize(
    ("body", "kind"),
    [
        (b'\xef\xbb\xbf<?xml version="1.0"?><!-- x --><rss version="2.0"><channel></channel></rss>', "feed"),
        (b'<feed xmlns="http://www.w3.org/2005/Atom"></feed>', "feed"),
        (b'<?xml version="1.0"?>\n<?xml-stylesheet href="x"?><urlset></urlset>', "sitemap"),
        (b"<sitemapindex></sitemapindex>", "sitemap"),
        (gzip.compress(b"<urlset></urlset>", mtime=0), "sitemap"),
        (b"<!doctype html><html><h2><a href=/news/2026/11/12/ferry>Ferry stops for the storm</a></h2></html>", "html"),
    ],
)
def test_kind_of_listing_is_found_out(body: bytes, kind: str) -> None:
    """By its first element and not by its header: servers call feeds text/html."""
    assert (
        read_listing(Page(url="https://gazette.example/x", body=body, fetched_at=NOW, content_type="text/html"))[0]
        == kind
    )


def test_unknown_kind_is_named() -> None:
    """The message says what there is."""
    with pytest.raises(LookFault, match="feed, sitemap, wordpress, html"):
        read_listing(Page(url="https://gazette.example/", body=b"x", fetched_at=NOW), "gopher")


def test_try_read_and_list_answer_lines(tmp_path: Path) -> None:
    """Files may be zipped; a line that fails answers its error; a date without a clock stays one."""
    page = tmp_path / "page.html.gz"
    page.write_bytes(gzip.compress(f"<h1>Ferry stops</h1><time datetime=2026-11-12></time>{STORY}".encode()))
    answer = try_read({"file": str(page), "url": URL, "charset": "utf-8"})
    assert (answer["title"], answer["published"], answer["modified"]) == ("Ferry stops", "2026-11-12", None)
    assert answer["seconds"] >= 0 and answer["body"] and json.dumps(answer)
    home = tmp_path / "home.html"
    home.write_text("<h2><a href=/news/2026/11/12/ferry>Ferry stops for the storm</a></h2>")
    assert try_list({"file": str(home), "url": "https://gazette.example/"})["links"] == [
        {
            "url": "https://gazette.example/news/2026/11/12/ferry",
            "title": "Ferry stops for the storm",
            "published": "2026-11-12",
        }
    ]
    for record in ({}, {"file": str(page)}, {"file": str(tmp_path / "none"), "url": URL}, {"file": 7, "url": URL}):
        assert "error" in try_read(record) and "error" in try_list(record)
    broken = tmp_path / "broken.gz"
    broken.write_bytes(b"no gzip")
    assert "error" in try_read({"file": str(broken), "url": URL})
