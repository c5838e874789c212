"""What commands and pages ask of alerts and deliveries is found without reading all of them."""

import sqlalchemy as sa
from alembic import op

revision = "0015"
down_revision = "0014"
branch_labels = None
depends_on = None


def upgrade() -> None:
    op.create_index("ix_alert_created_at", "alert", ["created_at", "id", "rule", "untold"], unique=False)
    op.create_index("ix_delivery_created_at", "delivery", ["created_at", "turn"], unique=False)
    sent = sa.text("sent_at IS NOT NULL")
    op.create_index(
        "ix_delivery_sent_at", "delivery", ["sent_at"], unique=False, sqlite_where=sent, postgresql_where=sent
    )
