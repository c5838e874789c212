"""What proved that an address shows another article; looks that found it so are counted as those that find none."""

import sqlalchemy as sa
from alembic import op

revision = "0017"
down_revision = "0016"
branch_labels = None
depends_on = None


def upgrade() -> None:
    op.add_column("article", sa.Column("lost_how", sa.Text(), server_default="", nullable=False))
    # It was the number of looks that the lead had had when it first showed another. The spaced ones among those since
    # are not known: the first of them counts.
    op.execute("UPDATE article SET lost_looks = 1 WHERE lost_at IS NOT NULL")
