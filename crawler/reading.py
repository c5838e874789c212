"""Reading a page by what was learned of its source's layout, and in full where that is not enough."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

from crawler.extract import markup
from crawler.extract.layout import Cut, Layout, agree, cut, is_doubtful, learned, relearned
from crawler.fault import LookFault
from crawler.pages import Page
from crawler.read import read_any, site_reader
from storage.model.articles import Article


@dataclass(frozen=True, slots=True)
class Reading:
    """An article as it was read, and what was learned by it.

    `by_layout`: from the part of the page that a known layout points to, nothing else was looked at. `missed` says why
    no known layout would do, `differs` in which field one read the page otherwise than the full method; "" where none
    did. `other` is then what the layout had read.
    """

    article: Article
    layouts: tuple[Layout, ...] = ()
    by_layout: bool = False
    missed: str = ""
    differs: str = ""
    other: Article | None = None


def read_page(page: Page, layouts: Sequence[Layout] = (), *, in_full: bool = False) -> Reading:
    """Return the article that the page shows. Raises LookFault as `read_article`.

    With `in_full` the whole page is read even where a layout is known, and what the layout reads is held against it.
    """
    if (read := site_reader(page)) is not None:
        return Reading(read(page), tuple(layouts))
    text = page.text()
    known = [one for one in layouts if one.is_known]
    taken = cut(text, page.url, layouts)
    short, missed = _by_cut(page, taken)
    if short is not None and taken is not None and taken.layout.is_known and not in_full:
        return Reading(short, tuple(layouts), by_layout=True)
    whole, body = read_any(page, markup.tree(text))
    differs = agree(short, whole) if short else ""
    if taken is not None and short is not None and differs and taken.layout.is_known:
        return Reading(whole, relearned(layouts, taken.layout), differs=differs, other=short)
    agreed = taken.layout if taken and short and not differs else None
    after = learned(layouts, text, body, whole, agreed=agreed)
    fits = agreed is not None and agreed.is_known
    return Reading(
        whole, after, missed="" if fits or not known else missed or "no article stands where the others stood"
    )


def _by_cut(page: Page, taken: Cut | None) -> tuple[Article | None, str]:
    """What stands where the articles stood, or why it will not do."""
    if taken is None:
        return None, "no article stands where the others stood"
    try:
        article, _ = read_any(page, markup.tree(taken.text), taken.layout.kinds)
    except LookFault as fault:
        return None, f"where the articles stood: {fault.message}"
    doubt = is_doubtful(taken, article)
    return (None, doubt) if doubt else (article, "")
