"""The index has names also as one that the maqaf of Hebrew parts, offices behind Korean family names, one kind of
digits, and words of Arabic and Hebrew without what is written on to them: all is indexed anew."""

from alembic import op

revision = "0021"
down_revision = "0020"
branch_labels = None
depends_on = None


def upgrade() -> None:
    # All of them: what an article had before is taken out by its tokens, and those of its text are others now.
    if op.get_bind().dialect.name == "sqlite":
        op.execute("INSERT INTO search (search) VALUES ('delete-all')")
    op.execute("UPDATE article SET searched = 0")
    op.execute("UPDATE tombstone SET words_left = false")
