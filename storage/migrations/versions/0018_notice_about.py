"""What a notice is about: of one thing the operator is told in order."""

import sqlalchemy as sa
from alembic import op

revision = "0018"
down_revision = "0017"
branch_labels = None
depends_on = None


def upgrade() -> None:
    op.add_column("notice", sa.Column("about", sa.String(), server_default="", nullable=False))
