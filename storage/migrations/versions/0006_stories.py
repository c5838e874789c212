"""Articles belong to stories, and find those that are nearly the same by bands."""

import sqlalchemy as sa
from alembic import op

revision = "0006"
down_revision = "0005"
branch_labels = None
depends_on = None

_ID = sa.BigInteger().with_variant(sa.Integer(), "sqlite")


def upgrade() -> None:
    # Articles that stand are placed by the daemon, the oldest first.
    op.add_column("article", sa.Column("story_id", _ID, nullable=True))
    op.create_index("ix_article_story_id", "article", ["story_id"])
    condition = sa.text("story_id IS NULL")
    op.create_index("ix_article_unplaced", "article", ["id"], sqlite_where=condition, postgresql_where=condition)
    op.create_table(
        "band",
        sa.Column("key", sa.BigInteger(), autoincrement=False, nullable=False),
        sa.Column("article_id", _ID, autoincrement=False, nullable=False),
        sa.PrimaryKeyConstraint("key", "article_id", name=op.f("pk_band")),
        sqlite_with_rowid=False,
    )
