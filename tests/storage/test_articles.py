"""Sightings in, articles out: one article a text, a revision an edit, and nothing for what says the same."""

from __future__ import annotations

from dataclasses import replace
from datetime import datetime
from pathlib import Path
from tempfile import TemporaryDirectory

import pytest
import sqlalchemy as sa
from hypothesis import given, settings
from hypothesis import strategies as st

from storage.diff import diff
from storage.model.articles import Article, When
from storage.model.looking import Outcome
from storage.rows import diff_from, revision_from
from storage.schema.articles import article, change, revision
from storage.sightings import Known, Saved, Sighting
from tests.storage.sighted import BODY, EDITED, HOUR, NOON, OTHER, REPORT, START, Archive, copy_of, opened


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
