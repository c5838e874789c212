"""An article that shrank to a stub: half of a page, or an edit that took most of it? Pure."""

from __future__ import annotations

from datetime import datetime, timedelta

from storage.gone import FEW, is_sure
from storage.model.articles import Article
from storage.model.looking import Gone

STUB = 0.2  # a body that shrank below this share of what it was is suspect ...
STUB_FROM_CHARS = 500  # ... if it was at least so long
ALONE = 3  # times `confirm`, after which it is believed where no other article of the host can be compared with


def is_stub(before: Article, after: Article) -> bool:
    """Is so little left that it may be half a page? What says that it was taken back or corrected is no stub."""
    was, is_ = len(before.body), len(after.body)
    return was >= STUB_FROM_CHARS and is_ < was * STUB and not _is_retraction(after)


def doubt_stub(
    *,
    before: Article,
    after: Article,
    seen: Gone,
    now: datetime,
    confirm: timedelta,
    is_asked: bool,
    is_well: bool,
    stubs: int,
    is_walled: bool = False,
) -> str:
    """Why this stub is not taken for an edit now; "" if it is: in as many looks as a removal takes, and over as long,
    it was all there was, while other articles of the host were whole.

    `seen` are the looks that showed it, with this one. `is_asked`: there is another article to compare with; `is_well`:
    one was whole since the look before. `stubs`: how many others are stubs, too; of many it is the site's doing, as
    where a wall goes up before what is a week old. `is_walled`: several are as old and none of them is whole, as most
    of the younger ones are.
    """
    shrank = f"the text shrank from {len(before.body)} to {len(after.body)} characters"
    if stubs >= FEW:
        return f"{shrank}, and so did those of {stubs} others"
    if is_walled:
        return f"{shrank}, and of what is as old nothing is whole"
    if not is_sure(seen, now, confirm):
        return f"{shrank}: it is an edit if it stays so"
    if is_well or (not is_asked and now - seen.since >= confirm * ALONE):
        return ""
    return f"{shrank}, and no other article of the host was whole since"


def _is_retraction(article: Article) -> bool:
    """Does a short text in place of a long one say that it was taken back or corrected?"""
    from storage.edit_notes import owns_to_correction  # its patterns take a moment to be made, and are seldom wanted

    return owns_to_correction(f"{article.title}\n{article.body}")
