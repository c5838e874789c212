"""The classes of an edit beside the one that it is told as. Of edits that were stored before they stay unknown."""

import sqlalchemy as sa
from alembic import op

revision = "0020"
down_revision = "0019"
branch_labels = None
depends_on = None


def upgrade() -> None:
    op.add_column("change", sa.Column("also", sa.String(), server_default="", nullable=False))
