"""The index has words of Korean, Chinese and Japanese also as one that a text parts: every article is indexed anew."""

from alembic import op

revision = "0014"
down_revision = "0013"
branch_labels = None
depends_on = None


def upgrade() -> None:
    # What an article had before cannot be taken out token by token: the tokens of its text are others now.
    if op.get_bind().dialect.name == "sqlite":
        op.execute("INSERT INTO search (search) VALUES ('delete-all')")
    op.execute("UPDATE article SET searched = 0")
    op.execute("UPDATE tombstone SET words_left = false")
