"""WordPress in general, chosen by `site = "wordpress"`: its lists of posts and the pages of older ones.

Articles are read by the generic way. On 16 labelled pages of WordPress sites `.entry-content` with the usual furniture
left out was no better than it (mean F1 .988 and .989), and half of the themes do not have it.
"""

from __future__ import annotations

from collections.abc import Iterator

from lxml.html import HtmlElement

from crawler.extract import markup
from crawler.extract.dates import read_date
from crawler.extract.doubt import refuse_walls
from crawler.extract.metadata import headings, page_title, same_site
from crawler.listings import html
from crawler.pages import Page
from storage.model.articles import When
from storage.model.looking import Link, ListingPage
from storage.text import MAX_TITLE, one_line, public_url

HOSTS = ()

# Classes that WordPress itself writes (post_class, paginate_links, the_posts_navigation, the query blocks).
_POSTS = (
    "//*[self::article or self::div or self::li][starts-with(@id, 'post-') or contains(concat(' ', @class, ' '), "
    "' hentry ') or contains(concat(' ', @class, ' '), ' wp-block-post ')]"
)
_TITLES = (
    ".//*[contains(@class, 'entry-title') or contains(@class, 'wp-block-post-title')]//a[@href] | .//a[@rel='bookmark']"
    " | .//*[self::h1 or self::h2 or self::h3]//a[@href]"
)
_OLDER = (
    "//link[@rel='next'] | //a[contains(concat(' ', @class, ' '), ' next ') and contains(@class, 'page-numbers')]"
    " | //*[contains(@class, 'nav-previous')]//a | //a[contains(@class, 'wp-block-query-pagination-next')]"
)


def read_listing(page: Page) -> ListingPage:
    """Return the posts of a list in page order, dated, and the page of older ones; by the generic way where a theme
    marks no posts.

    Raises LookFault(UNREADABLE | LOGIN | NOT_ASKED_FOR).
    """
    root = markup.document(page)
    refuse_walls(root, page, [page_title(root), *headings(root)[:1]])
    links: dict[str, Link] = {}
    for one in _posts(root, page):
        links.setdefault(one.url, one)
    if len(links) < 2:  # the one post of an article's page is no list
        return html.read(page)
    older = dict.fromkeys(public_url(one.get("href") or "", page.url).split("#")[0] for one in root.xpath(_OLDER))
    return ListingPage(
        tuple(links.values()),
        older=tuple(one for one in older if one and one != page.url and same_site(one, page.url)),
        title=page_title(root),
        language=one_line(root.get("lang") or page.language, 20),
    )


def _posts(root: HtmlElement, page: Page) -> Iterator[Link]:
    for post in root.xpath(_POSTS):
        for link in post.xpath(_TITLES):
            address = public_url(link.get("href") or "", page.url).split("#")[0]
            title = one_line(markup.flowing(link), MAX_TITLE)
            if title and address and same_site(address, page.url):
                yield Link(address, title, _published(post, page))
                break


def _published(post: HtmlElement, page: Page) -> When | None:
    """The first <time> that is not `updated` alone: a theme writes both classes into one where they are equal."""
    for one in post.iter("time"):
        classes = (one.get("class") or "").split()
        if "updated" not in classes or "published" in classes:
            return read_date(
                one.get("datetime") or markup.flowing(one), now=page.fetched_at, origin="list", timezone=page.timezone
            )
    return None
