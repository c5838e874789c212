"""The tables behind the words, for SQLite and PostgreSQL alike (SQLAlchemy Core)."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta
from typing import Any

import sqlalchemy as sa
from sqlalchemy import Boolean, Column, ForeignKey, Index, Integer, LargeBinary, String, Table, Text
from sqlalchemy.engine import Dialect

metadata = sa.MetaData(
    naming_convention={
        "ix": "ix_%(table_name)s_%(column_0_N_name)s",
        "uq": "uq_%(table_name)s_%(column_0_N_name)s",
        "fk": "fk_%(table_name)s_%(column_0_N_name)s",
        "pk": "pk_%(table_name)s",
    }
)


_EPOCH, _MICROSECOND = datetime(1970, 1, 1, tzinfo=UTC), timedelta(microseconds=1)


class Moment(sa.types.TypeDecorator[datetime]):
    """An aware UTC time, kept as microseconds since 1970: compares as a number, and no driver can lose its zone."""

    impl = sa.BigInteger
    cache_ok = True

    def process_bind_param(self, value: datetime | None, dialect: Dialect) -> int | None:
        if value is None:
            return None
        if value.tzinfo is None:
            raise ValueError(f"a time without a zone reached the store: {value!r}")
        return (value - _EPOCH) // _MICROSECOND

    def process_result_value(self, value: Any, dialect: Dialect) -> datetime | None:
        if value is None:
            return None
        return _EPOCH + int(value) * _MICROSECOND


# BIGINT on PostgreSQL; on SQLite only INTEGER makes a rowid.
Id = sa.BigInteger().with_variant(Integer, "sqlite")


def key() -> Column[int]:
    return Column("id", Id, primary_key=True, autoincrement=True)


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

article = Table(
    "article",
    metadata,
    key(),
    Column("guid", String, nullable=False, unique=True),  # for ever; what feeds call its id
    Column("source_id", Id, ForeignKey("source.id"), nullable=False),  # where it was first seen
    Column("lead_id", Id),  # an address; no foreign key, which would close a circle of tables
    Column("first_seen_at", Moment, nullable=False),
    Column("updated_at", Moment, nullable=False),  # seen_at of its newest revision that is worth telling
    Column("history", Boolean, nullable=False),
    Column("number", Integer, nullable=False),  # of its newest revision; compared by every save
    Column("removed_at", Moment),
    Column("story_id", Id),  # the article that its story began with; null: not placed yet
    # Its lead address was given to another article: since when, at how many spaced looks, and these as in `gone_how`.
    Column("lost_at", Moment),
    Column("lost_looks", Integer),
    Column("lost_how", Text, nullable=False, server_default=""),
    Column("searched", Integer, nullable=False, server_default="0"),  # the revision that search has; 0: none
    Index(
        "ix_article_unsearched",
        "id",
        sqlite_where=sa.text("searched <> number"),
        postgresql_where=sa.text("searched <> number"),
    ),
    Index("ix_article_story_id", "story_id"),
    Index(
        "ix_article_unplaced",
        "id",
        sqlite_where=sa.text("story_id IS NULL"),
        postgresql_where=sa.text("story_id IS NULL"),
    ),
    Index(
        "ix_article_lost",
        "lead_id",
        sqlite_where=sa.text("lost_at IS NOT NULL"),
        postgresql_where=sa.text("lost_at IS NOT NULL"),
    ),
    Index("ix_article_first_seen_at", "first_seen_at", "id"),
    Index("ix_article_updated_at", "updated_at"),
)

article_source = Table(
    "article_source",
    metadata,
    Column("source_id", Id, ForeignKey("source.id"), primary_key=True),
    Column("article_id", Id, ForeignKey("article.id"), primary_key=True),
    Column(
        "first_seen_at", Moment, nullable=False
    ),  # of the article, repeated here so that a source's feed is one range
    Index("ix_article_source_newest", "source_id", "first_seen_at", "article_id"),
    Index("ix_article_source_article", "article_id"),
)

# By what nearly the same texts find each other: storage/minhash.py.
band = Table(
    "band",
    metadata,
    Column("key", sa.BigInteger, primary_key=True, autoincrement=False),
    Column("article_id", Id, primary_key=True, autoincrement=False),
    sqlite_with_rowid=False,
)

address = Table(
    "address",
    metadata,
    key(),
    Column("key", LargeBinary, nullable=False, unique=True),  # 16 bytes: blake2b of the canonical URL
    Column("url", String, nullable=False),
    Column("source_id", Id, ForeignKey("source.id"), nullable=False),  # that first listed it
    Column("article_id", Id, ForeignKey("article.id"), index=True),
    Column("host", String, ForeignKey("host.name"), nullable=False),
    Column("history", Boolean, nullable=False),
    Column("first_seen_at", Moment, nullable=False),
    Column("listed_title", String, nullable=False, server_default=""),
    Column("listed_when", Text, nullable=False, server_default=""),  # JSON of a When
    Column("listed_summary", Text, nullable=False, server_default=""),
    Column("original_key", LargeBinary),  # key of the address that it names as its original
    Column("revision_number", Integer),  # of its article, the newest that this address has shown
    Column("ahead_since", Moment),  # shows a text that its article's lead has not shown yet
    Column("etag", String, nullable=False, server_default=""),
    Column("last_modified", String, nullable=False, server_default=""),
    Column("body_hash", LargeBinary, nullable=False, default=b""),
    Column("looks", Integer, nullable=False, server_default="0"),  # completed
    Column("failures", Integer, nullable=False, server_default="0"),  # in a row
    Column("fault", String, nullable=False, server_default=""),  # Outcome of the last look if it failed
    Column("fault_since", Moment),
    # Since when looks in a row, and how many, have found that the article is not there any more; null: it is there.
    Column("gone_since", Moment),
    Column("gone_looks", Integer, nullable=False, server_default="0"),
    Column("gone_how", Text, nullable=False, server_default=""),  # JSON: storage/proof.py, the looks that counted
    # A text that it showed and that may be no article: storage/stranger.py. When it last did, and since when it has at
    # each look, and at how many that were spaced; null: it shows it no more.
    Column("doubted", LargeBinary),
    Column("doubted_at", Moment),
    Column("doubted_since", Moment),
    Column("doubted_looks", Integer, nullable=False, server_default="0"),
    Column("last_look_at", Moment),
    Column("next_look_at", Moment),  # null: no further look is planned
    Column("tombstone_id", Id, ForeignKey("tombstone.id")),  # its article was dropped: known, and never looked at
    Index(
        "ix_address_gone",
        "host",
        "gone_since",
        sqlite_where=sa.text("gone_since IS NOT NULL"),
        postgresql_where=sa.text("gone_since IS NOT NULL"),
    ),
    Index(
        "ix_address_doubted",
        "host",
        "doubted",
        "doubted_at",
        sqlite_where=sa.text("doubted IS NOT NULL"),
        postgresql_where=sa.text("doubted IS NOT NULL"),
    ),
    # What is new goes first, however many looks again are due: each is found without passing over the others.
    Index(
        "ix_address_new",
        "host",
        "next_look_at",
        sqlite_where=sa.text("next_look_at IS NOT NULL AND looks = 0"),
        postgresql_where=sa.text("next_look_at IS NOT NULL AND looks = 0"),
    ),
    Index(
        "ix_address_again",
        "host",
        "next_look_at",
        sqlite_where=sa.text("next_look_at IS NOT NULL AND looks > 0"),
        postgresql_where=sa.text("next_look_at IS NOT NULL AND looks > 0"),
    ),
    Index("ix_address_seen", "source_id", "first_seen_at"),
    Index(
        "ix_address_tombstone",
        "tombstone_id",
        sqlite_where=sa.text("tombstone_id IS NOT NULL"),
        postgresql_where=sa.text("tombstone_id IS NOT NULL"),
    ),
    Index(
        "ix_address_original",
        "original_key",
        sqlite_where=sa.text("original_key IS NOT NULL"),
        postgresql_where=sa.text("original_key IS NOT NULL"),
    ),
)

# What each listing said of each address when it last named it: another title, date or lastmod is a reason to look.
listed = Table(
    "listed",
    metadata,
    Column("listing_id", Id, ForeignKey("listing.id"), primary_key=True),
    Column("address_id", Id, ForeignKey("address.id"), primary_key=True),
    Column("said", LargeBinary, nullable=False),  # 8 bytes: blake2b of title, date and lastmod
    Column("last_seen_at", Moment, nullable=False),
    Index("ix_listed_address", "address_id"),
)

revision = Table(
    "revision",
    metadata,
    key(),
    Column("article_id", Id, ForeignKey("article.id"), nullable=False),
    Column("number", Integer, nullable=False),
    Column("address_id", Id, ForeignKey("address.id"), nullable=False),
    Column("seen_at", Moment, nullable=False),
    Column("fingerprint", LargeBinary, nullable=False),  # of the text; storage/identity.py
    Column("title_key", LargeBinary),  # 8 bytes of host, title and stated day; null: one of them is missing
    Column("title", String, nullable=False),
    Column("body", Text, nullable=False),
    Column("html", LargeBinary, nullable=False),  # storage/packing.py
    Column("published", Moment),
    Column("language", String, nullable=False, server_default=""),
    Column("meta", Text, nullable=False),  # JSON: the other fields of the Article
    Column("snapshot", String, nullable=False, server_default=""),  # hash of the bytes, of the first page of several
    Column("capture", Text, nullable=False, server_default=""),  # JSON: storage/capture.py; "" = it has no bytes
    Column("chain", LargeBinary),  # 32 bytes: storage/chain.py; null: stored before there was a chain
    sa.UniqueConstraint("article_id", "number"),
    Index("ix_revision_fingerprint", "fingerprint"),
    Index(
        "ix_revision_title_key",
        "title_key",
        sqlite_where=sa.text("title_key IS NOT NULL"),
        postgresql_where=sa.text("title_key IS NOT NULL"),
    ),
)

# Which revisions name which files of bytes that are still kept; what retention has dropped is not in it.
revision_snapshot = Table(
    "revision_snapshot",
    metadata,
    Column("hash", String, primary_key=True),
    Column("revision_id", Id, ForeignKey("revision.id"), primary_key=True),
    Index("ix_revision_snapshot_revision_id", "revision_id"),
)

# What is left of an article that a person dropped: enough to know it, and nothing of what it said.
tombstone = Table(
    "tombstone",
    metadata,
    key(),
    Column("guid", String, nullable=False, unique=True),
    Column("chain", LargeBinary),  # of its newest revision; null: it had none
    Column("revisions", Integer, nullable=False),
    Column("dropped_at", Moment, nullable=False),
    Column("reason", String, nullable=False, server_default=""),
    Column("words_left", Boolean, nullable=False, server_default=sa.false()),  # in the index of search, to be purged
)

tombstone_text = Table(
    "tombstone_text",
    metadata,
    Column("fingerprint", LargeBinary, primary_key=True),  # of a text that it has shown
    Column("tombstone_id", Id, ForeignKey("tombstone.id"), nullable=False),
)

# Many articles of one host that went or came back, or of one source that changed alike, together: told once.
mass = Table(
    "mass",
    metadata,
    key(),
    Column("kind", String, nullable=False),  # removed, restored, edited
    Column("host", String, nullable=False),
    Column("source_id", Id, ForeignKey("source.id"), nullable=False),
    Column("began_at", Moment, nullable=False),
    Column("told_at", Moment),
    Column("ended_at", Moment),
    Column("how", String, nullable=False, server_default=""),  # how it ends or ended: storage/mass.py
    Column("common", Text, nullable=False, server_default=""),  # JSON: what the edits have in common, for people
    Column("articles", Integer, nullable=False, server_default="0"),
    Index(
        "ix_mass_open", "host", sqlite_where=sa.text("ended_at IS NULL"), postgresql_where=sa.text("ended_at IS NULL")
    ),
)

change = Table(
    "change",
    metadata,
    key(),
    Column("article_id", Id, ForeignKey("article.id"), nullable=False),
    Column("kind", String, nullable=False),
    Column("cls", String, nullable=False, server_default=""),
    Column("stealth", Boolean, nullable=False, server_default=sa.false()),  # the page's modified date did not move
    Column("before_id", Id, ForeignKey("revision.id")),
    Column("after_id", Id, ForeignKey("revision.id")),
    Column("diff", Text, nullable=False, server_default=""),  # JSON of a Diff
    Column("seen_at", Moment, nullable=False),
    Column("history", Boolean, nullable=False),
    Column("matched_at", Moment),  # null: not yet judged; history is born judged
    Column("due_at", Moment),  # judged then, and not before: its round must close; null: at once
    Column("mass_id", Id, ForeignKey("mass.id")),  # it is told as part of this, not alone
    Column("proof", Text, nullable=False, server_default=""),  # JSON of a Proof: how a removal was found out
    Index(
        "ix_change_mass",
        "mass_id",
        sqlite_where=sa.text("mass_id IS NOT NULL"),
        postgresql_where=sa.text("mass_id IS NOT NULL"),
    ),
    Index(
        "ix_change_unmatched",
        "id",
        sqlite_where=sa.text("matched_at IS NULL"),
        postgresql_where=sa.text("matched_at IS NULL"),
    ),
    Index("ix_change_seen_at", "seen_at"),
    # Edits and removals are few among the many that were added: the page asks for the newest of them.
    Index(
        "ix_change_after_added",
        "seen_at",
        "id",
        sqlite_where=sa.text("kind <> 'added'"),
        postgresql_where=sa.text("kind <> 'added'"),
    ),
    Index("ix_change_article_id", "article_id"),
    # A revision that is dropped asks who names it: without these, of every change there is.
    Index("ix_change_after_id", "after_id"),
    Index(
        "ix_change_before_id",
        "before_id",
        sqlite_where=sa.text("before_id IS NOT NULL"),
        postgresql_where=sa.text("before_id IS NOT NULL"),
    ),
)

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
    Column("change_id", Id, ForeignKey("change.id"), nullable=False),
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
    Column("mass_id", Id, ForeignKey("mass.id")),  # told also to those whose rules ask for such changes
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
