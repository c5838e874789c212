"""What servers answered, the chain of revisions, which files of bytes they name, and what is left of the dropped."""

import sqlalchemy as sa
from alembic import op

revision = "0007"
down_revision = "0006"
branch_labels = None
depends_on = None

_ID = sa.BigInteger().with_variant(sa.Integer(), "sqlite")


def upgrade() -> None:
    op.add_column("revision", sa.Column("capture", sa.Text(), server_default="", nullable=False))
    op.add_column("revision", sa.Column("chain", sa.LargeBinary(), nullable=True))
    op.create_table(
        "revision_snapshot",
        sa.Column("hash", sa.String(), nullable=False),
        sa.Column("revision_id", _ID, nullable=False),
        sa.ForeignKeyConstraint(["revision_id"], ["revision.id"], name=op.f("fk_revision_snapshot_revision_id")),
        sa.PrimaryKeyConstraint("hash", "revision_id", name=op.f("pk_revision_snapshot")),
    )
    op.create_index("ix_revision_snapshot_revision_id", "revision_snapshot", ["revision_id"])
    op.execute(
        "INSERT INTO revision_snapshot (hash, revision_id) SELECT snapshot, id FROM revision WHERE snapshot <> ''"
    )
    op.create_table(
        "tombstone",
        sa.Column("id", _ID, autoincrement=True, nullable=False),
        sa.Column("guid", sa.String(), nullable=False),
        sa.Column("chain", sa.LargeBinary(), nullable=True),
        sa.Column("revisions", sa.Integer(), nullable=False),
        sa.Column("dropped_at", sa.BigInteger(), nullable=False),
        sa.Column("reason", sa.String(), server_default="", nullable=False),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_tombstone")),
        sa.UniqueConstraint("guid", name=op.f("uq_tombstone_guid")),
    )
    op.create_table(
        "tombstone_text",
        sa.Column("fingerprint", sa.LargeBinary(), nullable=False),
        sa.Column("tombstone_id", _ID, nullable=False),
        sa.ForeignKeyConstraint(["tombstone_id"], ["tombstone.id"], name=op.f("fk_tombstone_text_tombstone_id")),
        sa.PrimaryKeyConstraint("fingerprint", name=op.f("pk_tombstone_text")),
    )
    number = "INTEGER" if op.get_bind().dialect.name == "sqlite" else "BIGINT"
    op.execute(
        f"ALTER TABLE address ADD COLUMN tombstone_id {number}"
        " CONSTRAINT fk_address_tombstone_id REFERENCES tombstone (id)"
    )
    _index("ix_address_tombstone", "address", "tombstone_id")
    _index("ix_change_before_id", "change", "before_id")
    op.create_index("ix_change_after_id", "change", ["after_id"])


def _index(name: str, table: str, column: str) -> None:
    condition = sa.text(f"{column} IS NOT NULL")
    op.create_index(name, table, [column], sqlite_where=condition, postgresql_where=condition)
