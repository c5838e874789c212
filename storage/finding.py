"""Which article a person means: by its guid, its number, one of its addresses, or its page here."""

from __future__ import annotations

import re
from typing import Any
from urllib.parse import urlsplit

import sqlalchemy as sa
from sqlalchemy import select

from storage.identity import address_key
from storage.schema.articles import address, article, tombstone
from storage.text import one_line

_GUID = re.compile(r"[0-9a-f]{8}(?:-[0-9a-f]{4}){3}-[0-9a-f]{12}")
LONGEST_NUMBER = 18  # digits that any database takes for a number of its own


class NoSuchArticle(Exception):
    """There is no article of this name, or not any more."""


def find(connection: sa.Connection, asked: str) -> int:
    """The id of the article that a person names: by guid, by number, by one of its addresses, or by its page here.

    Raises NoSuchArticle, whose words say what was dropped, when and why.
    """
    asked = asked.strip()
    by: sa.ColumnElement[bool] | None = None
    if asked.isascii() and asked.isdigit() and len(asked) <= LONGEST_NUMBER:
        by = article.c.id == int(asked)
    elif guid := _guid_in(asked):
        by = article.c.guid == guid
        if (found := connection.execute(select(tombstone).where(tombstone.c.guid == guid)).first()) is not None:
            raise NoSuchArticle(dropped_in_words(found))
    if by is not None and (number := connection.execute(select(article.c.id).where(by)).scalar()) is not None:
        return int(number)
    try:
        place = address_key(asked)
    except ValueError:
        raise NoSuchArticle(
            f"there is no article {one_line(asked, 100)!r}: name its guid, or the whole address of its page"
        ) from None
    row = connection.execute(
        select(address.c.article_id, tombstone.c.guid, tombstone.c.dropped_at, tombstone.c.reason)
        .join(tombstone, tombstone.c.id == address.c.tombstone_id, isouter=True)
        .where(address.c.key == place)
    ).one_or_none()
    if row is not None and row.article_id is not None:
        return int(row.article_id)
    if row is not None and row.guid is not None:
        raise NoSuchArticle(dropped_in_words(row))
    known = "was listed, and no article was read there" if row is not None else "is not known"
    raise NoSuchArticle(f"the address {one_line(asked, 300)} {known}")


def dropped_in_words(row: Any) -> str:
    """A tombstone in a line."""
    why = f": {row.reason}" if row.reason else ""
    return f"the article {row.guid} was dropped on {row.dropped_at:%Y-%m-%d %H:%M} UTC{why}"


def find_guid(connection: sa.Connection, asked: str) -> str:
    """The guid of the article that a person names. Raises NoSuchArticle."""
    found = select(article.c.guid).where(article.c.id == find(connection, asked))
    return str(connection.execute(found).scalar_one())


def _guid_in(asked: str) -> str:
    """The guid that a text is, or that the address of an article's page here ends with."""
    try:
        last = urlsplit(asked).path.rstrip("/").rpartition("/")[2] if "://" in asked else asked
    except ValueError:  # an address that is none
        return ""
    return last.lower() if _GUID.fullmatch(last.lower()) else ""
