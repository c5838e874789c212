"""The tables of what is looked at, and when: sources, listings, hosts. Addresses are with the articles they lead to."""

from __future__ import annotations

import sqlalchemy as sa
from sqlalchemy import Boolean, Column, ForeignKey, Index, Integer, LargeBinary, String, Table, Text

from storage.schema.columns import Id, Moment, key, metadata

source = Table(
    "source",
    metadata,
    key(),
    Column("name", String, nullable=False, unique=True),
    Column("url", String, nullable=False),
    Column("every_s", Integer, nullable=False),
    Column("site", String, nullable=False, server_default=""),
    Column("listing", String, nullable=False, server_default=""),  # as configured; "" = found out by the first look
    Column("language", String, nullable=False, server_default=""),
    Column("timezone", String, nullable=False, server_default=""),
    Column("selector", String, nullable=False, server_default=""),  # CSS of the links that are articles
    Column("enabled", Boolean, nullable=False),
    Column("retired_at", Moment),  # the name left the config; history and addresses stay
    Column("first_completed_at", Moment),  # before it, what is listed is history
    Column("state", String, nullable=False),
    Column("state_since", Moment, nullable=False),
    Column("message", String, nullable=False, server_default=""),  # why it is in that state, for people
    Column("failures", Integer, nullable=False, server_default="0"),  # listing looks in a row
    Column("last_look_at", Moment),
)

listing = Table(
    "listing",
    metadata,
    key(),
    Column("source_id", Id, ForeignKey("source.id"), nullable=False),
    Column("url", String, nullable=False),
    Column("kind", String, nullable=False, server_default=""),  # file in crawler/listings/; "" = found out by the look
    Column("host", String, ForeignKey("host.name"), nullable=False),
    Column("found_on", Id, ForeignKey("listing.id")),  # the listing that named it; null: from the config
    Column("history", Boolean, nullable=False),  # its first completed look lists history
    Column("etag", String, nullable=False, server_default=""),
    Column("last_modified", String, nullable=False, server_default=""),
    Column("body_hash", LargeBinary, nullable=False, default=b""),
    Column("links", Integer, nullable=False, server_default="0"),  # that its last completed look read
    Column("failures", Integer, nullable=False, server_default="0"),
    Column("last_look_at", Moment),
    Column("last_ok_at", Moment),
    Column("named_at", Moment, nullable=False),  # last named by its menu (or the config); sections come and go
    Column("next_look_at", Moment),  # null: not looked at (retired, disabled)
    # A page that a back-fill looks at once; while next_look_at and last_look_at are null it waits for its turn.
    Column("backfill_id", Id, ForeignKey("backfill.id")),
    sa.UniqueConstraint("source_id", "url"),
    Index("ix_listing_due", "host", "next_look_at"),
    Index(
        "ix_listing_backfill",
        "backfill_id",
        sqlite_where=sa.text("backfill_id IS NOT NULL"),
        postgresql_where=sa.text("backfill_id IS NOT NULL"),
    ),
)

# What a person asked for of a source's past: pages that list older articles, one after the other, back to `since`.
backfill = Table(
    "backfill",
    metadata,
    key(),
    Column("source_id", Id, ForeignKey("source.id"), nullable=False),
    Column("since", Moment, nullable=False),
    Column("asked_at", Moment, nullable=False),
    Column("done_at", Moment),
    Column("pages", Integer, nullable=False, server_default="0"),  # that were read
    Column("found", Integer, nullable=False, server_default="0"),  # addresses that were not known before
    Column("message", String, nullable=False, server_default=""),  # how it ended
)

# What became of links by the shape of their addresses: what a list page's links are judged by, beside their looks.
link_shape = Table(
    "link_shape",
    metadata,
    Column("source_id", Id, ForeignKey("source.id"), primary_key=True),
    Column("shape", String, primary_key=True),
    Column("articles", Integer, nullable=False),
    Column("others", Integer, nullable=False),
)

# How the pages of a source at a host are laid out, learned from those that were read: the fast way of reading.
layout = Table(
    "layout",
    metadata,
    Column("source_id", Id, ForeignKey("source.id"), primary_key=True),
    Column("host", String, primary_key=True),
    Column("lessons", Text, nullable=False),  # JSON; crawler/extract/layout.py
    Column("is_known", Boolean, nullable=False),  # enough pages agreed: pages are read by it
    Column("since", Moment, nullable=False),  # in this state
    Column("message", String, nullable=False, server_default=""),  # why it is learned anew, for people
)

host = Table(
    "host",
    metadata,
    Column("name", String, primary_key=True),
    Column("next_due_at", Moment),  # the earliest of its listings and addresses; null: nothing is planned
    Column("next_allowed_at", Moment, nullable=False),  # politeness: delay and Retry-After, kept over a restart
    Column("delay_s", sa.Float, nullable=False, server_default="0"),  # that it was last given
    Column("epoch", Integer, nullable=False, server_default="0"),
    Column("claimed_by", String),
    Column("claimed_at", Moment),
    Column("again_until", Moment),  # looks again have had their share of its time until then; null: none yet
    Index(
        "ix_host_due",
        "next_due_at",
        sqlite_where=sa.text("claimed_by IS NULL"),
        postgresql_where=sa.text("claimed_by IS NULL"),
    ),
)

robots = Table(
    "robots",
    metadata,
    Column("origin", String, primary_key=True),
    Column("host", String, ForeignKey("host.name"), nullable=False, index=True),
    Column("status", Integer, nullable=False),
    Column("body", Text, nullable=False),
    Column("fetched_at", Moment, nullable=False),
)

# Counters, not a row a look: what came of the looks at a source in an hour.
look_count = Table(
    "look_count",
    metadata,
    Column("source_id", Id, ForeignKey("source.id"), primary_key=True),
    Column("hour", Moment, primary_key=True),
    Column("outcome", String, primary_key=True),
    Column("looks", Integer, nullable=False),
)

# What a command asks of a running daemon: `once` beside it is a row here.
request = Table(
    "request",
    metadata,
    key(),
    Column("what", String, nullable=False),
    Column("asked_at", Moment, nullable=False),
    Column("begun_at", Moment),
    Column("done_at", Moment),
    Column("answer", Text, nullable=False, server_default=""),
)
