"""What proved that an article was gone: the looks that counted, at its address and with its removal."""

import sqlalchemy as sa
from alembic import op

revision = "0011"
down_revision = "0010"
branch_labels = None
depends_on = None


def upgrade() -> None:
    op.add_column("address", sa.Column("gone_how", sa.Text(), server_default="", nullable=False))
    op.add_column("change", sa.Column("proof", sa.Text(), server_default="", nullable=False))
