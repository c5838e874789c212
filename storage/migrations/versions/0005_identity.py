"""Articles are found again by title and day, and may lose their address to another article."""

from typing import Any

import sqlalchemy as sa
from alembic import op

from storage.identity import title_key
from storage.rows import BROKEN_ROW, article_from

revision = "0005"
down_revision = "0004"
branch_labels = None
depends_on = None

AT_ONCE = 500


def upgrade() -> None:
    op.add_column("article", sa.Column("lost_at", sa.BigInteger(), nullable=True))
    op.add_column("article", sa.Column("lost_looks", sa.Integer(), nullable=True))
    _index("ix_article_lost", "article", ["lead_id"], "lost_at IS NOT NULL")
    op.add_column("revision", sa.Column("title_key", sa.LargeBinary(), nullable=True))
    _index("ix_revision_title_key", "revision", ["title_key"], "title_key IS NOT NULL")
    _fill(op.get_bind())


def _index(name: str, table: str, columns: list[str], where: str) -> None:
    condition = sa.text(where)
    op.create_index(name, table, columns, unique=False, sqlite_where=condition, postgresql_where=condition)


def _key(row: Any) -> bytes:
    """b"" also for a row that cannot be read: it is none the worse for the upgrade."""
    try:
        return title_key(article_from(row), row.host)
    except BROKEN_ROW:
        return b""


def _fill(connection: sa.Connection) -> None:
    """Give the revisions that stand their keys; a portion at a time."""
    from storage.schema.columns import Moment

    texts = sa.table(
        "revision",
        *(sa.column(name) for name in ("id", "address_id", "title", "language", "meta", "title_key")),
        sa.column("published", Moment()),
    )
    places = sa.table("address", sa.column("id"), sa.column("host"))
    last = 0
    while rows := connection.execute(
        # Neither text nor HTML is part of a key.
        sa.select(texts, sa.literal("").label("body"), sa.literal(b"").label("html"), places.c.host)
        .join(places, places.c.id == texts.c.address_id)
        .where(texts.c.id > last)
        .order_by(texts.c.id)
        .limit(AT_ONCE)
    ).all():
        keyed = [{"of": row.id, "key": key} for row in rows if (key := _key(row))]
        if keyed:
            connection.execute(
                texts.update().where(texts.c.id == sa.bindparam("of")).values(title_key=sa.bindparam("key")), keyed
            )
        last = rows[-1].id
