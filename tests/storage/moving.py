"""A gazette whose articles move: what stands at its addresses, and what was told of it."""

from __future__ import annotations

from collections.abc import Callable
from random import Random

import sqlalchemy as sa

from storage.articles import Articles
from storage.gone import round_of
from storage.model.articles import Article, When
from storage.schema.articles import article, change, revision
from storage.store import Store
from tests.made_up import text
from tests.storage.watch import DAY, GAZETTE, START, Watch


def gazette(store: Store) -> Watch:
    """It is watched, and shows nothing yet."""
    watch = Watch(store, articles=Articles(round_of(DAY)))
    watch.config(GAZETTE)
    return watch


def dated(name: str, words: str = "nobody complained") -> Article:
    """What stands at an address, in words that no other has."""
    body = "\n\n".join([*text(Random(name), 4), f"The harbour says that {words}."])
    return Article(name.capitalize(), body, published=When(START - DAY, "day"))


def shows(**other: str) -> Callable[[str], Article]:
    """Another article at some addresses, its own at each of the rest."""
    return lambda name: dated(other.get(name, name))


def told(watch: Watch) -> list[tuple[str, str]]:
    """What is told by itself, in order: the kind, and the title as it is now."""
    query = (
        sa.select(change.c.kind, revision.c.title)
        .join(article, article.c.id == change.c.article_id)
        .join(revision, (revision.c.article_id == article.c.id) & (revision.c.number == article.c.number))
        .where(change.c.mass_id.is_(None), change.c.history.is_(False))
        .order_by(change.c.id)
    )
    return [(row.kind, row.title) for row in watch.rows(query)]
