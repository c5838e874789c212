"""Several listings of a source, back-fill, and what is learned of links and layouts."""

import sqlalchemy as sa
from alembic import op

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
