"""Looks again are found apart from new addresses, and have a share of their host's time."""

import sqlalchemy as sa
from alembic import op

revision = "0004"
down_revision = "0003"
branch_labels = None
depends_on = None


def upgrade() -> None:
    op.add_column("host", sa.Column("again_until", sa.BigInteger(), nullable=True))
    op.drop_index("ix_address_due", table_name="address")
    _index("ix_address_new", ["host", "next_look_at"], "next_look_at IS NOT NULL AND looks = 0")
    _index("ix_address_again", ["host", "next_look_at"], "next_look_at IS NOT NULL AND looks > 0")
    op.create_index("ix_address_seen", "address", ["source_id", "first_seen_at"])


def _index(name: str, columns: list[str], where: str) -> None:
    condition = sa.text(where)
    op.create_index(name, "address", columns, unique=False, sqlite_where=condition, postgresql_where=condition)
