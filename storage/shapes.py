"""What became of a source's links, by the shape of their addresses: kept, so that a list page is read by experience."""

from __future__ import annotations

import sqlalchemy as sa
from sqlalchemy import select, update

from storage.schema.looking import link_shape

Counts = tuple[int, int]  # how many links of a shape were articles, and how many something else


def load(connection: sa.Connection, source_id: int) -> dict[str, Counts]:
    """The counts of a source's shapes; empty where nothing was learned."""
    rows = connection.execute(
        select(link_shape).where(link_shape.c.source_id == source_id).order_by(link_shape.c.shape)
    )
    return {row.shape: (row.articles, row.others) for row in rows}


def keep(connection: sa.Connection, source_id: int, shape: str, counts: Counts | None) -> None:
    """Keep the counts of a shape; None forgets it."""
    mine = (link_shape.c.source_id == source_id) & (link_shape.c.shape == shape)
    if counts is None:
        connection.execute(link_shape.delete().where(mine))
        return
    values = {"articles": counts[0], "others": counts[1]}
    if not connection.execute(update(link_shape).where(mine).values(values)).rowcount:
        connection.execute(link_shape.insert().values(values | {"source_id": source_id, "shape": shape}))
