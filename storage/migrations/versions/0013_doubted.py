"""What an address showed in place of its article, kept while nobody can tell whether it is an article."""

import sqlalchemy as sa
from alembic import op

revision = "0013"
down_revision = "0012"
branch_labels = None
depends_on = None


def upgrade() -> None:
    op.add_column("address", sa.Column("doubted", sa.LargeBinary()))
    op.add_column("address", sa.Column("doubted_at", sa.BigInteger()))
    op.add_column("address", sa.Column("doubted_since", sa.BigInteger()))
    stands = sa.text("doubted IS NOT NULL")
    op.create_index(
        "ix_address_doubted",
        "address",
        ["host", "doubted"],
        unique=False,
        sqlite_where=stands,
        postgresql_where=stands,
    )
