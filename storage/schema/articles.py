"""The tables of what was seen: articles, their addresses, revisions and changes."""

from __future__ import annotations

import sqlalchemy as sa
from sqlalchemy import Boolean, Column, ForeignKey, Index, Integer, LargeBinary, String, Table, Text

from storage.schema.columns import Id, Moment, key, metadata
from storage.schema.looking import host, listing, source

article = Table(
    "article",
    metadata,
    key(),
    Column("guid", String, nullable=False, unique=True),  # for ever; what feeds call its id
    Column("source_id", Id, ForeignKey(source.c.id), nullable=False),  # where it was first seen
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
    Column("source_id", Id, ForeignKey(source.c.id), primary_key=True),
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
    Column("source_id", Id, ForeignKey(source.c.id), nullable=False),  # that first listed it
    Column("article_id", Id, ForeignKey("article.id"), index=True),
    Column("host", String, ForeignKey(host.c.name), nullable=False),
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
    # And news before the articles that a source had when it was added: of these it may have thousands.
    Index(
        "ix_address_news",
        "host",
        "next_look_at",
        sqlite_where=sa.text("next_look_at IS NOT NULL AND looks = 0 AND history = 0"),
        postgresql_where=sa.text("next_look_at IS NOT NULL AND looks = 0 AND NOT history"),
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
    Column("listing_id", Id, ForeignKey(listing.c.id), primary_key=True),
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
    Column("source_id", Id, ForeignKey(source.c.id), nullable=False),
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
    # The classes that an edit is of beside it, " names typo "; not known of what was stored before this column was.
    Column("also", String, nullable=False, server_default=""),
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
