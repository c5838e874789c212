"""Several listings of a source, back-fill, what is learned of pages; AMP and mobile views are one address."""

import sqlalchemy as sa
from alembic import op

from storage.identity import address_key

revision = "0002"
down_revision = "0001"
branch_labels = None
depends_on = None

_ID = sa.BigInteger().with_variant(sa.Integer(), "sqlite")


def upgrade() -> None:
    op.create_table(
        "backfill",
        sa.Column("id", _ID, autoincrement=True, nullable=False),
        sa.Column("source_id", _ID, nullable=False),
        sa.Column("since", sa.BigInteger(), nullable=False),
        sa.Column("asked_at", sa.BigInteger(), nullable=False),
        sa.Column("done_at", sa.BigInteger(), nullable=True),
        sa.Column("pages", sa.Integer(), server_default="0", nullable=False),
        sa.Column("found", sa.Integer(), server_default="0", nullable=False),
        sa.Column("message", sa.String(), server_default="", nullable=False),
        sa.ForeignKeyConstraint(["source_id"], ["source.id"], name=op.f("fk_backfill_source_id")),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_backfill")),
    )
    op.create_table(
        "link_shape",
        sa.Column("source_id", _ID, nullable=False),
        sa.Column("shape", sa.String(), nullable=False),
        sa.Column("articles", sa.Integer(), nullable=False),
        sa.Column("others", sa.Integer(), nullable=False),
        sa.ForeignKeyConstraint(["source_id"], ["source.id"], name=op.f("fk_link_shape_source_id")),
        sa.PrimaryKeyConstraint("source_id", "shape", name=op.f("pk_link_shape")),
    )
    op.create_table(
        "layout",
        sa.Column("source_id", _ID, nullable=False),
        sa.Column("host", sa.String(), nullable=False),
        sa.Column("lessons", sa.Text(), nullable=False),
        sa.Column("is_known", sa.Boolean(), nullable=False),
        sa.Column("since", sa.BigInteger(), nullable=False),
        sa.Column("message", sa.String(), server_default="", nullable=False),
        sa.ForeignKeyConstraint(["source_id"], ["source.id"], name=op.f("fk_layout_source_id")),
        sa.PrimaryKeyConstraint("source_id", "host", name=op.f("pk_layout")),
    )
    # Plain ADD COLUMN, on both databases: a batch would copy the table with all that refers to it.
    op.add_column("source", sa.Column("selector", sa.String(), server_default="", nullable=False))
    number = "INTEGER" if op.get_bind().dialect.name == "sqlite" else "BIGINT"
    reference = "CONSTRAINT fk_listing_backfill_id REFERENCES backfill (id)"
    op.execute(f"ALTER TABLE listing ADD COLUMN backfill_id {number} {reference}")
    op.create_index(
        "ix_listing_backfill",
        "listing",
        ["backfill_id"],
        unique=False,
        sqlite_where=sa.text("backfill_id IS NOT NULL"),
        postgresql_where=sa.text("backfill_id IS NOT NULL"),
    )
    _fold(op.get_bind())


def _fold(connection: sa.Connection) -> None:
    """Give addresses the keys that they have now: they would be listed as new, else. Where two of them have become
    one, the older gets the key; the other goes on under its old one, which nothing leads to any more."""
    known = sa.table("address", sa.column("id"), sa.column("key"), sa.column("url"))
    rows = connection.execute(sa.select(known.c.id, known.c.key, known.c.url).order_by(known.c.id)).all()
    taken = {row.key for row in rows}
    for row in rows:
        try:
            key = address_key(row.url)
        except ValueError:
            continue
        if key != row.key and key not in taken:
            taken.add(key)
            connection.execute(known.update().where(known.c.id == row.id).values(key=key))
