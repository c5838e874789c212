"""Articles are found by their words: the index, and which revision of each article it has."""

import sqlalchemy as sa
from alembic import op

revision = "0012"
down_revision = "0011"
branch_labels = None
depends_on = None


def upgrade() -> None:
    op.add_column("article", sa.Column("searched", sa.Integer(), server_default="0", nullable=False))
    op.add_column("tombstone", sa.Column("words_left", sa.Boolean(), server_default=sa.false(), nullable=False))
    waits = sa.text("searched <> number")
    op.create_index(
        "ix_article_unsearched", "article", ["id"], unique=False, sqlite_where=waits, postgresql_where=waits
    )
    if op.get_bind().dialect.name == "sqlite":
        # Without content, positions and sizes: only which article has which token. The tokens are ours: the tokeniser
        # "ascii" leaves all of them whole. They are indexed by the daemon, those that stand already as well.
        op.execute(
            "CREATE VIRTUAL TABLE search USING fts5(words, content='', columnsize=0, detail='none', tokenize='ascii')"
        )
