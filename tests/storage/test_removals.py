"""An article is gone when three spaced looks say so while its host shows others, and it is restored when it returns."""

from __future__ import annotations

from dataclasses import replace

import pytest
import sqlalchemy as sa

from storage.model.looking import Outcome
from storage.schema.articles import address, article, change, revision
from storage.sources import due_at
from storage.watched import watched as watches
from tests.storage.watch import DAY, GAZETTE, HOUR, MINUTE, Watch, link, report

NAMES = ("one", "two", "three", "four")
SPORTS = ("goal", "race", "final", "match", "record", "player", "league", "coach")
LINKS = [link(name) for name in NAMES]


@pytest.fixture
def watched(watch: Watch) -> Watch:
    """Four articles that were read some hours ago, no longer history."""
    watch.config(GAZETTE)
    watch.round([])
    watch.later(15 * MINUTE).round(LINKS)
    watch.later(5 * HOUR).round(LINKS)
    return watch


def kinds(watch: Watch) -> list[str]:
    """What happened after the articles were added."""
    return [kind for kind, _ in watch.changes() if kind != "added"]


def test_three_spaced_looks_make_a_removal(watched: Watch) -> None:
    """Over a day, while the others are there; the saved copy stays, and the change leads from it to nothing."""
    watched.pass_by(23 * HOUR, links=LINKS, gone=["two"])
    assert kinds(watched) == []
    watched.pass_by(26 * HOUR, links=LINKS, gone=["two"])
    assert kinds(watched) == ["removed"]
    [row] = watched.rows(sa.select(change).where(change.c.kind == "removed"))
    [stored] = watched.rows(sa.select(article).where(article.c.id == row.article_id))
    [copy] = watched.rows(sa.select(revision).where(revision.c.article_id == row.article_id))
    assert (row.before_id, row.after_id, row.matched_at) == (copy.id, None, None)
    assert stored.removed_at == row.seen_at
    assert copy.body == report("two").body


def test_looks_that_are_late_are_not_made_up_for_at_once(watched: Watch) -> None:
    """After a weekend without the daemon: the second look and the third, which were both due, are still hours apart."""
    while not watched.rows(sa.select(address).where(address.c.gone_since.is_not(None))):
        watched.pass_by(HOUR, links=LINKS, gone=["two"])
    watched.later(3 * DAY)
    watched.pass_by(5 * HOUR, step=HOUR, links=LINKS, gone=["two"])
    assert kinds(watched) == []
    watched.pass_by(4 * HOUR, step=HOUR, links=LINKS, gone=["two"])
    assert kinds(watched) == ["removed"]


def test_a_removed_article_is_told_once(watched: Watch) -> None:
    """However long it stays away, and however often it is looked for."""
    watched.pass_by(40 * DAY, step=6 * HOUR, links=LINKS, gone=["two"])
    assert kinds(watched) == ["removed"]


def test_that_a_removed_article_is_not_there_is_no_fault_of_its_source(watched: Watch) -> None:
    """It is looked for up to 90 days: the source page would show faults all the while. What finds it out counts."""

    def faults() -> int:
        with watched.store.reader() as connection:
            [source] = watches(connection, watched.now, watched.now - 40 * DAY)
        return sum(hour.faults for hour in source.hours)

    watched.pass_by(2 * DAY, step=HOUR, links=LINKS, gone=["two"])
    assert kinds(watched) == ["removed"]
    found_out, looks = faults(), watched.address("two").failures
    assert found_out >= 3
    watched.pass_by(20 * DAY, step=6 * HOUR, links=LINKS, gone=["two"])
    assert watched.address("two").failures > looks
    assert faults() == found_out
    # A server that fails there is one that fails.
    watched.store.write(lambda c: c.execute(address.update().values(next_look_at=watched.now)))
    watched.store.write(lambda c: due_at(c, "gazette.example", watched.now))
    watched.round_fails(Outcome.HTTP_ERROR)
    assert faults() > found_out


def test_what_the_list_names_again_is_looked_at_now(watched: Watch) -> None:
    """It may be back, and its planned look is days away; of what the list has named all along nothing is new."""
    others = [one for one in LINKS if not one.url.endswith("/two")]
    watched.pass_by(40 * DAY, step=6 * HOUR, links=others, gone=["two"])
    assert kinds(watched) == ["removed"]
    watched.pass_by(HOUR, links=LINKS)
    assert kinds(watched) == ["removed", "restored"]


def test_what_a_list_names_again_that_was_empty_is_looked_at_now(watched: Watch) -> None:
    """Its only articles went, and with them all that it says of a host."""
    watched.pass_by(40 * DAY, step=6 * HOUR, gone=["two"])
    assert kinds(watched) == ["removed"]
    watched.pass_by(HOUR, links=LINKS)
    assert kinds(watched) == ["removed", "restored"]


def test_what_a_feed_at_another_host_names_again_is_looked_at_now(watch: Watch) -> None:
    """Many a site has its feed made elsewhere."""
    watch.config(replace(GAZETTE, url="https://feeds.example/gazette"))
    watch.round([])
    watch.later(15 * MINUTE).round(LINKS)
    others = [one for one in LINKS if not one.url.endswith("/two")]
    watch.pass_by(40 * DAY, step=6 * HOUR, links=others, gone=["two"])
    assert kinds(watch) == ["removed"]
    watch.pass_by(HOUR, links=LINKS)
    assert kinds(watch) == ["removed", "restored"]


def test_a_list_that_names_by_turns_what_is_gone_has_it_looked_at_ever_more_seldom(watched: Watch) -> None:
    """Two servers behind one address, of which one has an old copy."""
    others = [one for one in LINKS if not one.url.endswith("/two")]

    watched.pass_by(5 * DAY, step=6 * HOUR, links=others, gone=["two"])
    before = watched.address("two").failures
    for _ in range(24):
        watched.pass_by(HOUR / 2, step=HOUR / 2, links=LINKS, gone=["two"])
        watched.pass_by(HOUR / 2, step=HOUR / 2, links=others, gone=["two"])
    assert 3 <= watched.address("two").failures - before <= 8
    watched.pass_by(6 * HOUR, step=HOUR, links=LINKS)
    assert kinds(watched) == ["removed", "restored"]


def test_what_is_gone_and_still_listed_is_looked_at_as_planned(watched: Watch) -> None:
    """A list that nobody tidies names it for ever."""
    watched.pass_by(40 * DAY, step=6 * HOUR, links=LINKS, gone=["two"])
    assert [watched.address("two").url in watched.later(HOUR).round(LINKS, gone=["two"]) for _ in range(5)] == [
        False
    ] * 5


def test_what_returns_is_restored(watched: Watch) -> None:
    """After days, with the text that it had: told, and the article is as it was."""
    watched.pass_by(3 * DAY, step=HOUR, links=LINKS, gone=["two"])
    watched.pass_by(20 * DAY, step=4 * HOUR, links=LINKS)
    assert kinds(watched) == ["removed", "restored"]
    assert watched.rows(sa.select(article.c.removed_at).where(article.c.removed_at.is_not(None))) == []


def test_a_look_in_between_that_is_good_begins_anew(watched: Watch) -> None:
    """Gone, there, gone: a server that loses its articles for hours says nothing."""
    for _ in range(6):
        watched.pass_by(16 * HOUR, step=HOUR, links=LINKS, gone=["two"])
        watched.later(15 * MINUTE)
        watched.store.write(lambda c: c.execute(sa.text("update address set next_look_at = 0 where url like '%/two'")))
        watched.store.write(lambda c: c.execute(sa.text("update host set next_due_at = 0")))
        watched.round(LINKS)
        watched.settle()
    assert kinds(watched) == []


@pytest.mark.parametrize("outcome", [one for one in Outcome if one.is_fault and one is not Outcome.NOT_FOUND])
def test_no_other_fault_is_a_removal(watched: Watch, outcome: Outcome) -> None:
    """However long it lasts, at all articles or at one."""
    for _ in range(60):
        watched.later(3 * HOUR)
        for claim in watched.claim():
            for due in claim.listings:
                watched.listed(claim, due, LINKS)
            for one in claim.addresses:
                watched.failed(claim, one, outcome)
            watched.release(claim)
        watched.settle()
    assert kinds(watched) == []


def test_nothing_is_removed_while_the_host_shows_nothing_else(watched: Watch) -> None:
    """The siblings fail with 500 while one is 404: the host is not well. When it is, the removal is confirmed."""

    def fails(name: str) -> Outcome | None:
        return Outcome.NOT_FOUND if name == "two" else Outcome.HTTP_ERROR

    for _ in range(30):
        watched.later(2 * HOUR)
        for claim in watched.claim():
            for due in claim.listings:
                watched.listed(claim, due, LINKS)
            for one in claim.addresses:
                watched.failed(claim, one, fails(one.url.rpartition("/")[2]))
            watched.release(claim)
        watched.settle()
    assert kinds(watched) == []
    watched.pass_by(3 * DAY, step=HOUR, links=LINKS, gone=["two"])
    assert kinds(watched) == ["removed"]


def test_a_source_that_is_down_removes_nothing(watched: Watch) -> None:
    """Its listing fails three times in a row, and all its articles are 404: a state of the source."""
    for _ in range(30):
        watched.later(3 * HOUR)
        for claim in watched.claim():
            for due in claim.listings:
                watched.failed(claim, due, Outcome.HTTP_ERROR)
            for one in claim.addresses:
                watched.failed(claim, one, Outcome.NOT_FOUND)
            watched.release(claim)
        watched.settle()
    assert kinds(watched) == []


@pytest.mark.parametrize("gone", [("two",), NAMES[:2] + SPORTS])
def test_a_section_that_is_closed_holds_up_nothing(watched: Watch, gone: tuple[str, ...]) -> None:
    """A source that stays down on a host that is well: what is missed of the other is told, and what stood in the
    section is as missing as anything; before a day has passed nothing is."""
    watched.config(GAZETTE, replace(GAZETTE, name="sport", url="https://gazette.example/sport"))

    def pass_by(hours: int, *, is_closed: bool) -> None:
        for _ in range(hours):
            watched.later(HOUR)
            for claim in watched.claim():
                for due in claim.listings:
                    if due.source == "gazette":
                        watched.listed(claim, due, LINKS)
                    elif is_closed:
                        watched.failed(claim, due, Outcome.NOT_FOUND, "404")
                    else:
                        watched.listed(claim, due, [link(name) for name in SPORTS])
                for one in claim.addresses:
                    name = one.url.rpartition("/")[2]
                    if is_closed and name in ("goal", *gone):
                        watched.failed(claim, one, Outcome.NOT_FOUND, "404")
                    else:
                        watched.read(claim, one, report(name))
                watched.release(claim)
            watched.settle()

    pass_by(6, is_closed=False)
    pass_by(24, is_closed=True)
    assert kinds(watched) == []
    pass_by(9 * 24, is_closed=True)
    assert kinds(watched) == ["removed"] * len({"goal", *gone})


def test_a_control_look_is_asked_for(watched: Watch) -> None:
    """Where the ladder of all siblings has ended, one is looked at again to see that the host is well."""
    watched.pass_by(3 * DAY, step=HOUR, links=LINKS)
    watched.later(15 * MINUTE)
    watched.store.write(lambda c: c.execute(sa.text("update address set next_look_at = 0 where url like '%/two'")))
    watched.store.write(lambda c: c.execute(sa.text("update host set next_due_at = 0")))
    watched.pass_by(2 * DAY, step=HOUR, links=LINKS, gone=["two"])
    assert kinds(watched) == ["removed"]


def test_an_article_without_siblings_takes_longer(watch: Watch) -> None:
    """Nothing but its listing says that the host is well: three times the time, and then it is believed."""
    watch.config(GAZETTE)
    watch.round([])
    watch.later(15 * MINUTE).round([link("only")])
    watch.pass_by(2 * DAY, step=HOUR, links=[link("only")], gone=["only"])
    assert kinds(watch) == []
    watch.pass_by(5 * DAY, step=HOUR, links=[link("only")], gone=["only"])
    assert kinds(watch) == ["removed"]


def test_an_article_that_stands_at_another_address_is_not_gone(watch: Watch) -> None:
    """The other leads from then on, so that its edits are seen."""
    watch.config(GAZETTE)
    watch.round([])
    links = [*LINKS, link("two-again")]
    says = lambda name: report("two" if name == "two-again" else name)  # noqa: E731
    watch.later(15 * MINUTE).round(links, says=says)
    watch.later(5 * HOUR).round(links, says=says)
    assert watch.address("two").article_id == watch.address("two-again").article_id
    watch.pass_by(4 * DAY, step=HOUR, links=links, gone=["two"], says=says)
    assert kinds(watch) == []
    [lead] = watch.rows(sa.select(article.c.lead_id).where(article.c.id == watch.address("two").article_id))
    assert lead.lead_id == watch.address("two-again").id
