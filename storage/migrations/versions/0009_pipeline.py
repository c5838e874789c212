"""Deliveries keep their order, say why they are held, and what the other side answered; the heartbeat has its row."""

import sqlalchemy as sa
from alembic import op

revision = "0009"
down_revision = "0008"
branch_labels = None
depends_on = None


def upgrade() -> None:
    op.add_column("delivery", sa.Column("turn", sa.Integer(), server_default="0", nullable=False))
    for name in ("held", "answer", "sent_to"):
        op.add_column("delivery", sa.Column(name, sa.String(), server_default="", nullable=False))
    op.add_column("delivery", sa.Column("ended_at", sa.BigInteger(), nullable=True))
    _fill(op.get_bind())
    op.drop_index("ix_delivery_channel", table_name="delivery")
    op.create_index("ix_delivery_channel", "delivery", ["channel", "state", "turn"])
    op.create_index("ix_delivery_turn", "delivery", ["channel", "turn"])
    op.create_index("ix_delivery_sent", "delivery", ["channel", "sent_at"])
    op.create_table(
        "heartbeat",
        sa.Column("id", sa.Integer(), nullable=False),
        sa.Column("at", sa.BigInteger(), nullable=False),
        sa.Column("called_at", sa.BigInteger(), nullable=True),
        sa.Column("reason", sa.String(), server_default="", nullable=False),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_heartbeat")),
    )


def _fill(connection: sa.Connection) -> None:
    """Number what stands: in each channel by the time of its making."""
    there = sa.table("delivery", *(sa.column(name) for name in ("id", "channel", "created_at", "turn")))
    rows = connection.execute(sa.select(there.c.id, there.c.channel).order_by(there.c.created_at, there.c.id)).all()
    turns: dict[str, int] = {}
    numbered = []
    for row in rows:
        turns[row.channel] = turns.get(row.channel, 0) + 1
        numbered.append({"of": row.id, "number": turns[row.channel]})
    if numbered:
        connection.execute(
            there.update().where(there.c.id == sa.bindparam("of")).values(turn=sa.bindparam("number")), numbered
        )
