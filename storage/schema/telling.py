"""The tables of who is told what: rules, alerts, deliveries, channels. With these all tables are known."""

from __future__ import annotations

import sqlalchemy as sa
from sqlalchemy import Column, ForeignKey, Index, Integer, LargeBinary, String, Table, Text

from storage.schema.articles import change, mass
from storage.schema.columns import Id, Moment, key
from storage.schema.columns import metadata as metadata  # whole only here: Alembic and tests take it from here

rule = Table(
    "rule",
    metadata,
    Column("name", String, primary_key=True),
    Column("query", Text, nullable=False),
    Column("loaded_at", Moment, nullable=False),  # holds for changes seen from then on
    Column("retired_at", Moment),
)

alert = Table(
    "alert",
    metadata,
    key(),
    Column("change_id", Id, ForeignKey(change.c.id), nullable=False),
    Column("rule", String, nullable=False),
    Column("holds", String, nullable=False),
    Column("words", Text, nullable=False),  # JSON
    Column("created_at", Moment, nullable=False),
    Column("untold", String, nullable=False, server_default=""),  # the one reason why it has no delivery
    sa.UniqueConstraint("change_id", "rule"),
    # With all that lists and counts of rules ask of each. None begins with the rule: SQLite would take it for a path
    # from a rule to the alerts of one story, through all that the rule has ever raised.
    Index("ix_alert_created_at", "created_at", "id", "rule", "untold"),
)

delivery = Table(
    "delivery",
    metadata,
    Column("id", String, primary_key=True),
    Column("channel", String, nullable=False),
    Column("rule", String, nullable=False, server_default=""),  # "" for a notice
    Column("state", String, nullable=False),
    Column("created_at", Moment, nullable=False),
    Column("closes_at", Moment, nullable=False),  # until then it gathers
    Column("first_attempt_at", Moment),
    Column("next_attempt_at", Moment),
    Column("attempts", Integer, nullable=False, server_default="0"),
    Column("payload", LargeBinary),
    Column("error", String, nullable=False, server_default=""),
    Column("sent_at", Moment),
    Column("notice", Text, nullable=False, server_default=""),  # JSON of a Notice
    Column("turn", Integer, nullable=False, server_default="0"),  # its place in the order of its channel
    Column(
        "held", String, nullable=False, server_default=""
    ),  # why it is not attempted before next_attempt_at; or BY_HAND
    Column("answer", String, nullable=False, server_default=""),  # of the other side, that took it
    Column("sent_to", String, nullable=False, server_default=""),
    Column("ended_at", Moment),  # given up or dropped
    Index("ix_delivery_due", "state", "next_attempt_at"),
    Index("ix_delivery_channel", "channel", "state", "turn"),
    Index("ix_delivery_turn", "channel", "turn"),
    Index("ix_delivery_sent", "channel", "sent_at"),
    Index("ix_delivery_created_at", "created_at", "turn"),
    # A round counts what was sent within it: without this, by reading every delivery with its bytes.
    Index(
        "ix_delivery_sent_at",
        "sent_at",
        sqlite_where=sa.text("sent_at IS NOT NULL"),
        postgresql_where=sa.text("sent_at IS NOT NULL"),
    ),
)

delivery_alert = Table(
    "delivery_alert",
    metadata,
    Column("delivery_id", String, ForeignKey("delivery.id"), primary_key=True),
    Column("alert_id", Id, ForeignKey("alert.id"), primary_key=True),
    Index("ix_delivery_alert_alert_id", "alert_id"),
)

channel = Table(
    "channel",
    metadata,
    Column("name", String, primary_key=True),
    Column("failures", Integer, nullable=False, server_default="0"),  # in a row, of the channel and not of a message
    Column("paused_at", Moment),
    Column("probe_at", Moment),  # when one delivery may try again
    Column("error", String, nullable=False, server_default=""),
    Column("retired_at", Moment),  # the name left the config
)

# A reader wants to hear no more of a rule in a channel; its alerts are raised all the same.
stopped = Table(
    "stopped",
    metadata,
    Column("rule", String, primary_key=True),
    Column("channel", String, primary_key=True),
    Column("at", Moment, nullable=False),
)

# What the operator is to be told; written where it happens, made into deliveries by the daemon.
notice = Table(
    "notice",
    metadata,
    key(),
    Column("subject", String, nullable=False),
    Column("text", Text, nullable=False),
    Column("channel", String, nullable=False, server_default=""),  # that it is about: told through another
    Column("mass_id", Id, ForeignKey(mass.c.id)),  # told also to those whose rules ask for such changes
    Column("about", String, nullable=False, server_default=""),  # "source NAME", "channel NAME": told in order
    Column("created_at", Moment, nullable=False),
    Column("told_at", Moment),
    Index(
        "ix_notice_untold", "id", sqlite_where=sa.text("told_at IS NULL"), postgresql_where=sa.text("told_at IS NULL")
    ),
)

# One row: how the dead man's switch that watches the daemon was last served.
heartbeat = Table(
    "heartbeat",
    metadata,
    Column("id", Integer, primary_key=True, autoincrement=False),
    Column("at", Moment, nullable=False),
    Column("called_at", Moment),  # the last time that it answered
    Column("reason", String, nullable=False, server_default=""),  # why it was not called at `at`, or did not answer
)
