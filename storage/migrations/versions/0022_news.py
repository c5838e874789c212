"""New addresses that are news are found apart from those of a first look, which may be thousands."""

import sqlalchemy as sa
from alembic import op

revision = "0022"
down_revision = "0021"
branch_labels = None
depends_on = None


def upgrade() -> None:
    op.create_index(
        "ix_address_news",
        "address",
        ["host", "next_look_at"],
        unique=False,
        sqlite_where=sa.text("next_look_at IS NOT NULL AND looks = 0 AND history = 0"),
        postgresql_where=sa.text("next_look_at IS NOT NULL AND looks = 0 AND NOT history"),
    )
