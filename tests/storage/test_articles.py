"""Sightings in, articles out: one article a text, a revision an edit, and nothing for what says the same."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from dataclasses import dataclass, field, replace
from datetime import UTC, datetime, timedelta
from pathlib import Path
from shutil import copyfile
from tempfile import TemporaryDirectory

import pytest
import sqlalchemy as sa
from hypothesis import given, settings
from hypothesis import strategies as st

from storage.articles import Articles
from storage.diff import diff
from storage.identity import address_key, host_of
from storage.model import Article, Outcome, SourceConfig, When
from storage.rows import diff_from, revision_from
from storage.schema import address, article, article_source, change, host, listed, listing, revision, source
from storage.sightings import Known, Saved, Sighting
from storage.sources import take_over
from storage.store import Store, open_store

START = datetime(2026, 3, 1, 12, tzinfo=UTC)
HOUR = timedelta(hours=1)
NOON = datetime(2026, 3, 1, 12, tzinfo=UTC)
BODY = "\n\n".join(
    f"Paragraph {number} of the report says that the harbour office counted {number * 7} ships, that the wind "
    f"came from the north on day {number}, and that nobody complained about the {number + 2} lanterns."
    for number in range(1, 6)
)
REPORT = Article(
    title="Harbour counts its ships",
    body=BODY,
    html="<p>Paragraph</p>",
    published=When(datetime(2026, 3, 1, tzinfo=UTC), "day"),
    language="en",
)
EDITED = replace(REPORT, body=BODY.replace("nobody complained", "many complained"))
OTHER = Article(
    title="Orchard opens",
    body="\n\n".join(
        f"Row {number} of the orchard bears {number * 3} baskets of pears, which visitors may pick in week {number}, "
        f"if they bring gloves, a ladder of {number} steps and some patience for the gardener's stories."
        for number in range(1, 6)
    ),
)


@dataclass
class Archive:
    """A store with sources `one` and `two`, and a clock that each look moves on by an hour."""

    store: Store
    now: datetime = START
    articles: Articles = field(default_factory=Articles)

    def find(self, url: str, *, source_name: str = "one", history: bool = False) -> int:
        """Make an address as a listing look would."""
        with self.store.writer() as connection:
            row = connection.execute(
                sa.select(listing.c.id, listing.c.source_id).join(source).where(source.c.name == source_name)
            ).one()
            if not connection.execute(sa.select(host.c.name).where(host.c.name == host_of(url))).first():
                connection.execute(host.insert().values(name=host_of(url), next_allowed_at=START))
            address_id = connection.execute(
                address.insert()
                .values(
                    key=address_key(url),
                    url=url,
                    source_id=row.source_id,
                    host=host_of(url),
                    history=history,
                    first_seen_at=self.now,
                )
                .returning(address.c.id)
            ).scalar_one()
            self.list(address_id, row.id, connection)
        return int(address_id)

    def list(self, address_id: int, listing_id: int, connection: sa.Connection) -> None:
        connection.execute(
            listed.insert().values(address_id=address_id, listing_id=listing_id, said=b"", last_seen_at=self.now)
        )

    def known(self, address_id: int) -> Known:
        with self.store.reader() as connection:
            return self.articles.known(connection, address_id)

    def sighting(self, address_id: int, said: Article) -> Sighting:
        """As a look prepares it: the diff made against what is known before the write."""
        known = self.known(address_id)
        made = diff(known.current.article, said) if known.current and known.leads else None
        return Sighting(address_id, said, diff=made, expected=known.number)

    def save(self, sighting: Sighting) -> Saved:
        return self.store.write(lambda connection: self.articles.save(connection, sighting, self.now))

    def save_all(self, sightings: Sequence[Sighting]) -> Sequence[Saved]:
        return self.store.write(lambda connection: self.articles.save_all(connection, sightings, self.now))

    def look(self, address_id: int, said: Article) -> Saved:
        """A whole look: what is known, the diff, the save, and that the look was made."""
        self.now += HOUR
        saved = self.save(self.sighting(address_id, said))
        self.looked_at([address_id])
        return saved

    def looked_at(self, address_ids: Sequence[int]) -> None:
        with self.store.writer() as connection:
            connection.execute(address.update().where(address.c.id.in_(address_ids)).values(last_look_at=self.now))

    def picture(self) -> object:
        """All that was stored, but for ids and guids, which may be given in another order."""
        stands = self.rows(
            sa.select(address.c.id, address.c.revision_number, address.c.ahead_since, address.c.original_key)
            .add_columns(article.c.lead_id, article.c.number, article.c.updated_at, article.c.history)
            .outerjoin(article, article.c.id == address.c.article_id)
            .order_by(address.c.id)
        )
        told = self.rows(
            sa.select(article.c.lead_id, revision.c.number, revision.c.address_id, revision.c.body, change.c.diff)
            .add_columns(change.c.kind, change.c.cls, change.c.matched_at, revision.c.seen_at)
            .join(article, article.c.id == revision.c.article_id)
            .join(change, change.c.after_id == revision.c.id)
        )
        return stands, sorted(map(str, told))

    def rows(self, query: sa.Select[tuple[object, ...]]) -> list[sa.Row[tuple[object, ...]]]:
        with self.store.reader() as connection:
            return list(connection.execute(query).all())

    def counts(self) -> tuple[int, int, int]:
        """Articles, revisions, changes."""
        return tuple(  # type: ignore[return-value]
            self.rows(sa.select(sa.func.count()).select_from(table))[0][0] for table in (article, revision, change)
        )

    def place(self, address_id: int) -> sa.Row[tuple[object, ...]]:
        return self.rows(sa.select(address).where(address.c.id == address_id))[0]

    def kinds(self) -> list[tuple[str, str]]:
        return [(row.kind, row.cls) for row in self.rows(sa.select(change).order_by(change.c.id))]


@pytest.fixture(scope="module")
def empty(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A migrated database with the two sources, to be copied: migrating takes longer than most tests here."""
    path = tmp_path_factory.mktemp("store") / "d.db"
    store = open_store(f"sqlite:///{path}", migrate=True)
    with store.writer() as connection:
        take_over(connection, [SourceConfig(name, f"http://{name}.example/") for name in ("one", "two")], START)
    store.close()
    return path


@contextmanager
def opened(empty: Path, path: Path) -> Iterator[Archive]:
    store = open_store(f"sqlite:///{copyfile(empty, path)}")
    # Nobody cuts the power here, and to wait for the disk takes longer than all the rest.
    sa.event.listen(store.engine, "connect", lambda connection, _: connection.execute("PRAGMA synchronous = OFF"))
    try:
        yield Archive(store)
    finally:
        store.close()


@pytest.fixture
def archive(empty: Path, tmp_path: Path) -> Iterator[Archive]:
    with opened(empty, tmp_path / "d.db") as archive:
        yield archive


def copy_of(original: str, said: Article = REPORT) -> Article:
    return replace(said, original_url=original)


class TestAtOneAddress:
    def test_a_first_read_makes_an_article_with_one_revision_and_one_change(self, archive: Archive) -> None:
        """What was never seen is added, with all that was read of it."""
        here = archive.find("http://one.example/ships")
        saved = archive.look(here, REPORT)
        assert saved.outcome is Outcome.NEW and archive.counts() == (1, 1, 1) and archive.kinds() == [("added", "")]
        stored = revision_from(archive.rows(sa.select(revision))[0])
        assert stored.article == REPORT and stored.number == 1 and stored.seen_at == archive.now
        assert archive.rows(sa.select(change.c.matched_at))[0][0] is None
        known = archive.known(here)
        assert (known.article_id, known.number, known.lead_id, known.leads) == (saved.article_id, 1, here, True)

    def test_an_address_without_an_article_asks_for_no_diff(self, archive: Archive) -> None:
        """Before the first read there is nothing to compare with."""
        assert archive.known(archive.find("http://one.example/ships")) == Known()

    def test_the_same_text_again_is_nothing(self, archive: Archive) -> None:
        """Other white space, date labels and metadata make no revision."""
        here = archive.find("http://one.example/ships")
        archive.look(here, REPORT)
        for again in (
            REPORT,
            replace(REPORT, body=BODY.replace("\n\n", " \n\n ").replace(" ships", "  ships")),
            replace(REPORT, published=None, section="Port", authors=("A. Writer",), language=""),
            replace(REPORT, body=BODY + " -0-"),
        ):
            assert archive.look(here, again).outcome is Outcome.UNCHANGED
        assert archive.counts() == (1, 1, 1)

    def test_an_edit_makes_a_revision_a_change_and_moves_updated(self, archive: Archive) -> None:
        """The diff that was made before the write is stored with the change."""
        here = archive.find("http://one.example/ships")
        archive.look(here, REPORT)
        saved = archive.look(here, EDITED)
        assert saved.outcome is Outcome.CHANGED and archive.counts() == (1, 2, 2)
        step = archive.rows(sa.select(change).where(change.c.id == saved.change_id))[0]
        assert (step.kind, step.before_id, step.after_id, step.history) == ("edited", 1, 2, False)
        assert diff_from(step.diff) == diff(REPORT, EDITED)
        row = archive.rows(sa.select(article))[0]
        assert (row.number, row.updated_at, row.first_seen_at) == (2, archive.now, archive.now - HOUR)
        assert archive.place(here).revision_number == 2

    def test_back_to_an_earlier_text_is_an_edit_too(self, archive: Archive) -> None:
        """Revisions say what stood there when, not which texts there were."""
        here = archive.find("http://one.example/ships")
        for said in (REPORT, EDITED, REPORT):
            archive.look(here, said)
        assert archive.counts() == (1, 3, 3)

    @pytest.mark.parametrize("other", [EDITED, replace(REPORT, title="Ships are counted in the harbour")])
    def test_editions_that_take_turns_are_told_once(self, archive: Archive, other: Article) -> None:
        """The second swing says so; from then on either of them is shown again without a revision."""
        here = archive.find("http://one.example/ships")
        for said in (REPORT, other, REPORT, other):
            archive.look(here, said)
        first = diff(REPORT, other).cls
        assert archive.kinds() == [("added", ""), ("edited", first), ("edited", first), ("edited", "editions")]
        for said, number in ((REPORT, 3), (other, 4), (REPORT, 3), (REPORT, 3), (other, 4)):
            assert archive.look(here, said).outcome is Outcome.UNCHANGED
            assert archive.place(here).revision_number == number
        assert archive.counts() == (1, 4, 4)

    def test_a_new_text_of_an_article_with_two_editions_is_an_edit(self, archive: Archive) -> None:
        here = archive.find("http://one.example/ships")
        for said in (REPORT, EDITED, REPORT, EDITED, REPORT):
            archive.look(here, said)
        new = replace(REPORT, body=BODY + "\n\nThe count was ended by the rain, and will go on tomorrow.")
        saved = archive.look(here, new)
        assert saved.outcome is Outcome.CHANGED and archive.counts() == (1, 5, 5)
        step = archive.rows(sa.select(change).where(change.c.id == saved.change_id))[0]
        assert step.before_id == 4  # from the newest revision on, whichever edition stood there last
        assert archive.look(here, REPORT).outcome is Outcome.UNCHANGED

    def test_editions_that_differ_in_typography_alone_are_not_told(self, archive: Archive) -> None:
        here = archive.find("http://one.example/ships")
        joined = replace(REPORT, body=BODY.replace("harbour office", "harbouroffice", 1))
        for said in (REPORT, joined, REPORT, joined, REPORT, joined):
            archive.look(here, said)
        assert archive.kinds() == [("added", ""), ("edited", "label"), ("edited", "label")]

    @pytest.mark.parametrize(
        ("before", "after", "edited", "stealth"),
        [
            (NOON, NOON, EDITED, True),
            (NOON, NOON + HOUR, EDITED, False),
            (None, NOON, EDITED, False),
            (NOON, None, EDITED, False),
            (NOON, NOON, replace(REPORT, title="Ships are counted"), True),
            (NOON, NOON, replace(REPORT, body=BODY.replace("harbour office", "harbouroffice", 1)), False),
            (NOON, NOON, replace(REPORT, body=BODY + "\n\nCorrection: there were 8 ships, not 7."), False),
        ],
    )
    def test_an_edit_that_the_page_does_not_own_to_is_stealth(
        self, archive: Archive, before: datetime | None, after: datetime | None, edited: Article, stealth: bool
    ) -> None:
        """Only where it states when it was modified, before and after; typography is no edit, a note owns to it."""
        here = archive.find("http://one.example/ships")
        archive.look(here, replace(REPORT, modified=When(before) if before else None))
        archive.look(here, replace(edited, modified=When(after) if after else None))
        assert [row.stealth for row in archive.rows(sa.select(change.c.stealth).order_by(change.c.id))] == [
            False,
            stealth,
        ]

    def test_another_headline_alone_is_an_edit(self, archive: Archive) -> None:
        here = archive.find("http://one.example/ships")
        archive.look(here, REPORT)
        assert archive.look(here, replace(REPORT, title="Harbour loses count")).outcome is Outcome.CHANGED

    def test_typography_alone_is_an_edit_of_class_label_that_goes_not_up_again(self, archive: Archive) -> None:
        """Words that are joined differently are kept as evidence, and are no reason to read it again."""
        here = archive.find("http://one.example/ships")
        archive.look(here, REPORT)
        archive.look(here, replace(REPORT, body=BODY.replace("harbour office", "harbouroffice")))
        assert archive.kinds()[-1] == ("edited", "label")
        assert archive.rows(sa.select(article.c.updated_at))[0][0] == archive.now - HOUR

    def test_the_same_sighting_saved_twice_makes_nothing_the_second_time(self, archive: Archive) -> None:
        """A worker that is killed between write and answer repeats its save."""
        here = archive.find("http://one.example/ships")
        for said in (REPORT, EDITED):
            sighting = archive.sighting(here, said)
            archive.save(sighting)
            before = archive.counts()
            again = archive.save(sighting)
            assert again.outcome is Outcome.UNCHANGED and not again.redo and archive.counts() == before

    def test_a_diff_against_an_old_revision_is_sent_back(self, archive: Archive) -> None:
        """Two looks raced: the second is told to make its diff anew, and nothing is written."""
        here = archive.find("http://one.example/ships")
        archive.look(here, REPORT)
        late = archive.sighting(here, replace(EDITED, title="Late"))
        archive.look(here, EDITED)
        before = archive.counts()
        assert archive.save(late).redo and archive.counts() == before
        assert not archive.look(here, late.article).redo

    def test_a_missing_diff_is_asked_for(self, archive: Archive) -> None:
        here = archive.find("http://one.example/ships")
        archive.look(here, REPORT)
        assert archive.save(Sighting(here, EDITED, expected=1)).redo

    def test_an_empty_text_is_refused(self, archive: Archive) -> None:
        """An empty reading never replaces a good one, and never makes an article."""
        here = archive.find("http://one.example/ships")
        with pytest.raises(ValueError, match="no text"):
            archive.look(here, replace(REPORT, body=""))
        assert archive.counts() == (0, 0, 0)

    def test_whether_a_save_revises_is_known_before_it(self, archive: Archive) -> None:
        """A snapshot is written only for what makes a revision."""
        here, there = archive.find("http://one.example/ships"), archive.find("http://one.example/port/ships")

        def will(address_id: int, said: Article) -> bool:
            sighting = archive.sighting(address_id, said)
            with archive.store.reader() as connection:
                return archive.articles.foresee(connection, sighting, archive.now).revises

        assert will(here, REPORT)
        archive.look(here, REPORT)
        assert not will(here, REPORT) and will(here, EDITED) and not will(there, REPORT) and will(there, OTHER)


class TestHistory:
    def test_what_the_first_look_listed_is_born_judged(self, archive: Archive) -> None:
        archive.look(archive.find("http://one.example/old", history=True), REPORT)
        row = archive.rows(sa.select(change))[0]
        assert row.history and row.matched_at == archive.now
        assert archive.rows(sa.select(article.c.history))[0][0]

    def test_an_edit_of_an_old_article_is_news(self, archive: Archive) -> None:
        here = archive.find("http://one.example/old", history=True)
        archive.look(here, REPORT)
        saved = archive.look(here, EDITED)
        row = archive.rows(sa.select(change).where(change.c.id == saved.change_id))[0]
        assert not row.history and row.matched_at is None


class TestListingOnly:
    TOLD = Article(title=REPORT.title, body="The harbour office has counted.", listing_only=True)

    def test_its_text_later_is_a_revision_of_class_completed(self, archive: Archive) -> None:
        here = archive.find("http://one.example/ships")
        archive.look(here, self.TOLD)
        archive.look(here, REPORT)
        assert archive.kinds() == [("added", ""), ("edited", "completed")] and archive.counts() == (1, 2, 2)

    def test_a_completed_article_of_history_is_no_news(self, archive: Archive) -> None:
        here = archive.find("http://one.example/ships", history=True)
        archive.look(here, self.TOLD)
        archive.look(here, REPORT)
        assert [row.matched_at is None for row in archive.rows(sa.select(change))] == [False, False]

    def test_a_headline_without_text_may_be_all_there_is(self, archive: Archive) -> None:
        """Equal headlines without a text are not taken for one article."""
        told = replace(self.TOLD, body="")
        for url in ("http://one.example/a", "http://one.example/b"):
            assert archive.look(archive.find(url), told).outcome is Outcome.NEW

    def test_what_the_listing_tells_never_replaces_a_text(self, archive: Archive) -> None:
        here = archive.find("http://one.example/ships")
        archive.look(here, REPORT)
        assert archive.look(here, self.TOLD).outcome is Outcome.UNCHANGED and archive.counts() == (1, 1, 1)


class TestAnotherAddress:
    def test_the_same_text_under_another_url_is_one_article(self, archive: Archive) -> None:
        """Half of the texts of some sites stand under two to six URLs."""
        first = archive.find("http://one.example/ships")
        archive.look(first, REPORT)
        second = archive.find("http://one.example/port/ships")
        third = archive.find("http://one.example/two/news/9", source_name="two")
        for url in (second, third):
            saved = archive.look(url, REPORT)
            assert saved.outcome is Outcome.UNCHANGED and saved.change_id is None
        assert archive.counts() == (1, 1, 1) and archive.known(third).lead_id == first
        assert not archive.known(third).leads

    def test_the_article_joins_every_source_that_lists_it(self, archive: Archive) -> None:
        """Also where only a listing of the other source names the address."""
        first = archive.find("http://one.example/ships")
        with archive.store.writer() as connection:
            second = connection.execute(sa.select(listing.c.id).join(source).where(source.c.name == "two")).scalar_one()
            archive.list(first, second, connection)
        archive.look(first, REPORT)
        archive.look(archive.find("http://one.example/two/9", source_name="two"), REPORT)
        rows = archive.rows(sa.select(article_source).order_by(article_source.c.source_id))
        assert [(row.source_id, row.article_id) for row in rows] == [(1, 1), (2, 1)]
        assert {row.first_seen_at for row in rows} == {START + HOUR}

    def test_a_text_of_an_earlier_revision_attaches_to_it(self, archive: Archive) -> None:
        first = archive.find("http://one.example/ships")
        archive.look(first, REPORT)
        archive.look(first, EDITED)
        second = archive.find("http://one.example/port/ships")
        assert archive.look(second, REPORT).outcome is Outcome.UNCHANGED
        assert archive.place(second).revision_number == 1 and archive.counts() == (1, 2, 2)
        archive.look(first, REPORT)
        archive.look(second, REPORT)
        assert archive.place(second).revision_number == 3 and archive.counts() == (1, 3, 3)

    def test_behind_is_no_edit(self, archive: Archive) -> None:
        """An address that shows yesterday's text, and later today's, tells nobody anything."""
        first, second = archive.find("http://one.example/ships"), archive.find("http://one.example/port/ships")
        archive.look(first, REPORT)
        archive.look(second, REPORT)
        archive.look(first, EDITED)
        assert archive.look(second, REPORT).outcome is Outcome.UNCHANGED
        assert archive.look(second, EDITED).outcome is Outcome.UNCHANGED
        assert archive.place(second).revision_number == 2 and archive.counts() == (1, 2, 2)

    def test_short_texts_are_told_apart_by_headline_and_day(self, archive: Archive) -> None:
        """A line of furniture that every page carries does not make all pages one article."""
        furniture = replace(REPORT, body="Photos by the harbour office. All rights reserved.")
        tomorrow = When(datetime(2026, 3, 2, tzinfo=UTC), "day")
        for number, said in enumerate(
            (furniture, replace(furniture, title="X"), replace(furniture, published=tomorrow))
        ):
            assert archive.look(archive.find(f"http://one.example/{number}"), said).outcome is Outcome.NEW


class TestAhead:
    def test_the_lead_is_looked_at_first(self, archive: Archive) -> None:
        """An edit that is seen early at another address becomes one edit, told once the lead shows it."""
        first, second = archive.find("http://one.example/ships"), archive.find("http://one.example/two/9")
        archive.look(first, REPORT)
        archive.look(second, REPORT)
        with archive.store.writer() as connection:
            connection.execute(host.update().values(next_due_at=archive.now + 9 * HOUR))
        saved = archive.look(second, EDITED)
        assert saved.outcome is Outcome.UNCHANGED and saved.ahead and archive.counts() == (1, 1, 1)
        assert archive.place(first).next_look_at == archive.now == archive.place(second).ahead_since
        assert archive.rows(sa.select(host.c.next_due_at).where(host.c.name == "one.example"))[0][0] == archive.now
        archive.look(first, EDITED)
        assert not archive.look(second, EDITED).ahead
        assert archive.place(second).ahead_since is None and archive.counts() == (1, 2, 2)

    def test_until_the_lead_was_looked_at_nothing_is_decided(self, archive: Archive) -> None:
        first, second = archive.find("http://one.example/ships"), archive.find("http://one.example/two/9")
        archive.look(first, REPORT)
        archive.look(second, REPORT)
        since = [archive.look(second, EDITED).ahead and archive.place(second).ahead_since for _ in range(3)]
        assert since == [since[0]] * 3 and archive.counts() == (1, 1, 1)

    def test_a_failing_lead_decides_nothing(self, archive: Archive) -> None:
        first, second = archive.find("http://one.example/ships"), archive.find("http://one.example/two/9")
        for url in (first, second):
            archive.look(url, REPORT)
        archive.look(second, OTHER)
        failing = {"fault": "http error", "last_look_at": archive.now + HOUR}
        with archive.store.writer() as connection:
            connection.execute(address.update().where(address.c.id == first).values(failing))
        archive.now += HOUR
        assert archive.look(second, OTHER).ahead and archive.counts() == (1, 1, 1)

    def test_an_edit_shows_where_a_site_moved_its_articles(self, archive: Archive) -> None:
        """The old address leads and is gone; the new one of the same host shows an edit, and leads from then on."""
        old, new = archive.find("http://one.example/ships"), archive.find("http://one.example/archive/ships")
        for url in (old, new):
            archive.look(url, REPORT)
        assert archive.look(new, EDITED).ahead
        archive.now += HOUR
        gone = {"fault": "http error", "last_look_at": archive.now}
        with archive.store.writer() as connection:
            connection.execute(address.update().where(address.c.id == old).values(gone))
        saved = archive.look(new, EDITED)
        assert saved.outcome is Outcome.CHANGED and archive.counts() == (1, 2, 2)
        assert archive.rows(sa.select(article.c.lead_id)) == [(new,)]

    def test_another_sites_copy_is_an_article_of_its_own(self, archive: Archive) -> None:
        """Whichever was read first: an edit of the one is told, and the copy goes on to say what it says."""
        copy, original = (
            archive.find("http://two.example/9", source_name="two"),
            archive.find("http://one.example/ships"),
        )
        for url in (copy, original):
            assert archive.look(url, REPORT).outcome is Outcome.NEW
        assert archive.look(original, EDITED).outcome is Outcome.CHANGED
        assert archive.look(copy, REPORT).outcome is Outcome.UNCHANGED
        assert archive.counts() == (2, 3, 3)

    def test_a_text_of_its_own_becomes_an_article_of_its_own(self, archive: Archive) -> None:
        first, second = archive.find("http://one.example/ships"), archive.find("http://one.example/two/9", history=True)
        for url, said in ((first, REPORT), (second, REPORT), (second, OTHER), (first, REPORT)):
            archive.look(url, said)
        saved = archive.look(second, OTHER)
        assert saved.outcome is Outcome.NEW and archive.counts() == (2, 2, 2)
        place = archive.place(second)
        assert (place.article_id, place.revision_number, place.ahead_since) == (saved.article_id, 1, None)
        assert archive.rows(sa.select(change.c.matched_at).where(change.c.id == saved.change_id))[0][0] is None
        assert archive.look(second, replace(OTHER, title="Orchard closes")).outcome is Outcome.CHANGED

    def test_two_addresses_that_leave_together_stay_together(self, archive: Archive) -> None:
        urls = [archive.find(f"http://one.example/{number}") for number in range(3)]
        for said in (REPORT, OTHER):
            for url in urls[1:] if said is OTHER else urls:
                archive.look(url, said)
        archive.look(urls[0], REPORT)
        for url in urls[1:]:
            archive.look(url, OTHER)
        assert archive.counts() == (2, 2, 2)
        assert archive.place(urls[1]).article_id == archive.place(urls[2]).article_id


class TestOriginals:
    ORIGINAL = "http://one.example/ships"
    # A copy with a line of its own, as another site's page would have it.
    COPY = copy_of(ORIGINAL, replace(REPORT, body=BODY + "\n\nRepublished with the kind leave of the harbour office."))

    def test_a_copy_that_names_its_original_joins_it(self, archive: Archive) -> None:
        archive.look(archive.find(self.ORIGINAL), REPORT)
        copy = archive.find("http://one.example/two/9", source_name="two")
        assert archive.look(copy, self.COPY).outcome is Outcome.UNCHANGED
        assert archive.counts() == (1, 1, 1) and archive.place(copy).revision_number == 1
        for furniture in ("Most read today: pears.", "Most read today: lanterns."):
            said = replace(self.COPY, body=f"{BODY}\n\n{furniture}")
            assert not archive.look(copy, said).ahead
        assert archive.counts() == (1, 1, 1)

    def test_a_copy_of_something_else_does_not(self, archive: Archive) -> None:
        """To name an original is no proof."""
        archive.look(archive.find(self.ORIGINAL), REPORT)
        copy = archive.find("http://one.example/two/9", source_name="two")
        assert archive.look(copy, copy_of(self.ORIGINAL, OTHER)).outcome is Outcome.NEW

    def test_an_original_that_is_seen_later_takes_the_lead(self, archive: Archive) -> None:
        """The copy came first; from then on only what the original shows makes revisions."""
        copy = archive.find("http://one.example/two/9", source_name="two")
        archive.look(copy, copy_of(self.ORIGINAL))
        original = archive.find(self.ORIGINAL.replace("http:", "https:"))
        assert archive.look(original, REPORT).outcome is Outcome.UNCHANGED
        assert archive.counts() == (1, 1, 1) and archive.known(copy).lead_id == original
        assert archive.look(original, EDITED).outcome is Outcome.CHANGED
        assert archive.look(copy, copy_of(self.ORIGINAL)).outcome is Outcome.UNCHANGED
        assert archive.counts() == (1, 2, 2)

    def test_an_original_that_says_it_otherwise_is_an_edit(self, archive: Archive) -> None:
        """The diff is from the copy's text to the original's, and both sources have the article."""
        archive.look(archive.find("http://one.example/two/9", source_name="two"), self.COPY)
        original = archive.find(self.ORIGINAL)
        assert archive.known(original).leads and archive.known(original).article_id is None
        assert archive.save(Sighting(original, REPORT)).redo
        assert archive.look(original, REPORT).outcome is Outcome.CHANGED
        assert archive.kinds() == [("added", ""), ("edited", "paragraph_removed")] and archive.counts() == (1, 2, 2)
        assert len(archive.rows(sa.select(article_source))) == 2

    def test_nobody_takes_the_lead_by_naming_himself(self, archive: Archive) -> None:
        """A copy may say which address is its original, but only the lead can give the lead away."""
        lead = archive.find(self.ORIGINAL)
        archive.look(lead, REPORT)
        theirs = "http://thief.example/real"
        archive.look(archive.find("http://thief.example/copy", source_name="two"), copy_of(theirs))
        thief = archive.find(theirs, source_name="two")
        archive.look(thief, REPORT)
        assert archive.rows(sa.select(article.c.lead_id).where(article.c.id == 1)) == [(lead,)]

    def test_a_named_original_that_is_not_public_is_no_original(self, archive: Archive) -> None:
        here = archive.find(self.ORIGINAL)
        assert archive.look(here, copy_of("javascript:alert(1)")).outcome is Outcome.NEW
        assert archive.place(here).original_key is None

    def test_a_page_that_names_itself_is_no_copy(self, archive: Archive) -> None:
        here = archive.find(self.ORIGINAL)
        archive.look(here, copy_of(self.ORIGINAL))
        assert archive.place(here).original_key is None


class TestTogether:
    """Some dozens saved at once come to the same as one after the other."""

    def test_one_text_under_many_addresses_of_one_batch_is_one_article(self, archive: Archive) -> None:
        urls = [archive.find(f"http://one.example/{number}") for number in range(5)]
        saved = archive.save_all([Sighting(url, REPORT) for url in urls])
        assert [one.outcome for one in saved] == [Outcome.NEW] + 4 * [Outcome.UNCHANGED]
        assert archive.counts() == (1, 1, 1) and {one.article_id for one in saved} == {1}

    def test_one_empty_text_refuses_the_batch(self, archive: Archive) -> None:
        urls = [archive.find(f"http://one.example/{number}") for number in range(2)]
        sightings = [Sighting(urls[0], REPORT), Sighting(urls[1], replace(OTHER, body=""))]
        with pytest.raises(ValueError, match="no text"):
            archive.save_all(sightings)
        assert archive.counts() == (0, 0, 0)

    # Which addresses say which text in each of a few rounds; address 0 is what the copies name as their original.
    @given(st.lists(st.lists(st.tuples(st.integers(0, 4), st.integers(0, 5)), min_size=1, max_size=6), max_size=5))
    @settings(max_examples=20, deadline=None)
    def test_a_batch_comes_to_what_its_parts_would(self, empty: Path, rounds: list[list[tuple[int, int]]]) -> None:
        furnished = replace(REPORT, body=BODY + "\n\nRepublished with the kind leave of the harbour office.")
        original = "http://one.example/0"
        texts = [REPORT, EDITED, OTHER, copy_of(original), copy_of(original, furnished), TestListingOnly.TOLD]
        with (
            TemporaryDirectory() as folder,
            opened(empty, Path(folder) / "a.db") as one_by_one,
            opened(empty, Path(folder) / "b.db") as together,
        ):
            for archive in (one_by_one, together):
                for number in range(5):
                    archive.find(f"http://one.example/{number}")
            for looks in rounds:
                alone, all_at_once = (
                    [archive.sighting(number + 1, texts[text]) for number, text in looks]
                    for archive in (one_by_one, together)
                )
                came_to = [one_by_one.save(sighting) for sighting in alone], together.save_all(all_at_once)
                said, said_together = ([(one.outcome, one.redo, one.ahead) for one in saved] for saved in came_to)
                assert said == said_together
                for archive in (one_by_one, together):
                    archive.looked_at([number + 1 for number, _ in looks])
                    archive.now += HOUR
            assert one_by_one.picture() == together.picture()


def test_a_text_that_nobody_was_ready_to_write_is_asked_for_again(archive: Archive) -> None:
    """What was to be nothing when its save was prepared: its snapshot is not kept, and it may be a stub."""
    address_id = archive.find("https://one.example/ships")
    unready = Sighting(address_id, REPORT, may_write=False)
    with archive.store.writer() as connection:
        assert archive.articles.save(connection, unready, START) == Saved(Outcome.UNCHANGED, redo=True)
    with archive.store.writer() as connection:
        assert archive.articles.save(connection, replace(unready, may_write=True), START).outcome is Outcome.NEW
