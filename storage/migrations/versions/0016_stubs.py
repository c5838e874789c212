"""How often a text was doubted at looks that count, and an index that counts equal ones without reading their rows."""

import sqlalchemy as sa
from alembic import op

revision = "0016"
down_revision = "0015"
branch_labels = None
depends_on = None


def upgrade() -> None:
    op.add_column("address", sa.Column("doubted_looks", sa.Integer(), server_default="0", nullable=False))
    op.drop_index("ix_address_doubted", "address")
    stands = sa.text("doubted IS NOT NULL")
    op.create_index(
        "ix_address_doubted",
        "address",
        ["host", "doubted", "doubted_at"],
        unique=False,
        sqlite_where=stands,
        postgresql_where=stands,
    )
