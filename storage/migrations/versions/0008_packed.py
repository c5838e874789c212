"""HTML lies packed beside the text that it repeats: half of the database."""

import sqlalchemy as sa
from alembic import op

from storage.packing import pack

revision = "0008"
down_revision = "0007"
branch_labels = None
depends_on = None

AT_ONCE = 500


def upgrade() -> None:
    op.add_column("revision", sa.Column("packed", sa.LargeBinary(), server_default=sa.text("''"), nullable=False))
    _fill(op.get_bind())
    op.drop_column("revision", "html")
    op.alter_column("revision", "packed", new_column_name="html")


def _fill(connection: sa.Connection) -> None:
    texts = sa.table("revision", *(sa.column(name) for name in ("id", "body", "html", "packed")))
    last = 0
    while rows := connection.execute(
        sa.select(texts.c.id, texts.c.body, texts.c.html).where(texts.c.id > last).order_by(texts.c.id).limit(AT_ONCE)
    ).all():
        packed = [{"of": row.id, "packed": pack(row.html, row.body)} for row in rows]
        connection.execute(
            texts.update().where(texts.c.id == sa.bindparam("of")).values(packed=sa.bindparam("packed")), packed
        )
        last = rows[-1].id
