"""One article at several addresses: which of them leads, which is ahead, which a page names as its original."""

from __future__ import annotations

from dataclasses import replace
from datetime import UTC, datetime

import sqlalchemy as sa

from storage.model.articles import When
from storage.model.looking import Outcome
from storage.schema.articles import address, article, article_source, change
from storage.schema.looking import host, listing, source
from storage.sightings import Sighting
from tests.storage.sighted import BODY, EDITED, HOUR, OTHER, REPORT, START, Archive, copy_of


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
