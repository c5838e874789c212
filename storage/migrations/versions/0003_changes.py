"""Articles that are gone, rounds of changes, and what is told as one mass event."""

import sqlalchemy as sa
from alembic import op

revision = "0003"
down_revision = "0002"
branch_labels = None
depends_on = None

_ID = sa.BigInteger().with_variant(sa.Integer(), "sqlite")


def upgrade() -> None:
    op.create_table(
        "mass",
        sa.Column("id", _ID, autoincrement=True, nullable=False),
        sa.Column("kind", sa.String(), nullable=False),
        sa.Column("host", sa.String(), nullable=False),
        sa.Column("source_id", _ID, nullable=False),
        sa.Column("began_at", sa.BigInteger(), nullable=False),
        sa.Column("told_at", sa.BigInteger(), nullable=True),
        sa.Column("ended_at", sa.BigInteger(), nullable=True),
        sa.Column("how", sa.String(), server_default="", nullable=False),
        sa.Column("common", sa.Text(), server_default="", nullable=False),
        sa.Column("articles", sa.Integer(), server_default="0", nullable=False),
        sa.ForeignKeyConstraint(["source_id"], ["source.id"], name=op.f("fk_mass_source_id")),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_mass")),
    )
    _index("ix_mass_open", "mass", ["host"], "ended_at IS NULL")
    op.add_column("address", sa.Column("gone_since", sa.BigInteger(), nullable=True))
    op.add_column("address", sa.Column("gone_looks", sa.Integer(), server_default="0", nullable=False))
    _index("ix_address_gone", "address", ["host", "gone_since"], "gone_since IS NOT NULL")
    op.add_column("change", sa.Column("stealth", sa.Boolean(), server_default=sa.false(), nullable=False))
    op.add_column("change", sa.Column("due_at", sa.BigInteger(), nullable=True))
    number = "INTEGER" if op.get_bind().dialect.name == "sqlite" else "BIGINT"
    for table in ("change", "notice"):
        op.execute(
            f"ALTER TABLE {table} ADD COLUMN mass_id {number} CONSTRAINT fk_{table}_mass_id REFERENCES mass (id)"
        )
    _index("ix_change_mass", "change", ["mass_id"], "mass_id IS NOT NULL")


def _index(name: str, table: str, columns: list[str], where: str) -> None:
    condition = sa.text(where)
    op.create_index(name, table, columns, unique=False, sqlite_where=condition, postgresql_where=condition)
