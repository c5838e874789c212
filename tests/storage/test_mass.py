"""Many articles that go, come back or change alike together are one event with a list, told once."""

from __future__ import annotations

from dataclasses import replace
from datetime import timedelta

import pytest
import sqlalchemy as sa

from storage import mass, mass_removals, notices, outbox, stopped
from storage.articles import Articles
from storage.gone import round_of
from storage.looks import Looks
from storage.mass import Mass
from storage.model.articles import Article
from storage.rhythm import Rhythm
from storage.schema.articles import address, article, change
from storage.schema.telling import notice
from storage.sources import due_at
from tests.storage.watch import DAY, GAZETTE, HOUR, MINUTE, REVISIT, Watch, link, report

NAMES = [f"story-{chr(ord('a') + number // 10)}{chr(ord('a') + number % 10)}" for number in range(30)]
LINKS = [link(name) for name in NAMES]


@pytest.fixture
def watched(watch: Watch) -> Watch:
    """Thirty articles that were read two days ago and again since."""
    watch.articles = Articles(round_of(DAY))
    watch.config(GAZETTE)
    watch.round([])
    watch.later(15 * MINUTE).round(LINKS)
    watch.pass_by(5 * HOUR, step=HOUR, links=LINKS)
    return watch


def kinds(watch: Watch) -> list[str]:
    return [kind for kind, _ in watch.changes() if kind != "added"]


def events(watch: Watch) -> list[Mass]:
    with watch.store.reader() as connection:
        return mass.events(connection)


def titles(watch: Watch, event: Mass) -> list[str]:
    with watch.store.reader() as connection:
        return [member.title for member in mass.members(connection, event)]


def told_singly(watch: Watch) -> list[str]:
    """What rules would be asked about now."""
    watch.place()
    with watch.store.reader() as connection:
        return [str(one.kind) for one in outbox.unmatched(connection, 500, watch.now) if one.kind != "added"]


def gone_titles(number: int) -> list[str]:
    return [f"Title of {name}" for name in NAMES[:number]]


def test_a_purge_is_one_notice_with_all_of_them(watched: Watch) -> None:
    """Twelve of thirty: told once with the list, none alone; after three days they are recorded as removed."""
    gone = NAMES[:12]
    watched.pass_by(2 * DAY, step=HOUR, links=LINKS, gone=gone)
    [event] = events(watched)
    assert (event.kind, event.host, event.articles, event.ended_at) == ("removed", "gazette.example", 12, None)
    assert titles(watched, event) == gone_titles(12)
    [row] = watched.rows(sa.select(notice))
    assert row.subject == "12 articles are gone from gazette.example: the site changed, moved or purged them"
    assert all(title in row.text for title in gone_titles(12))
    assert f"still gone on {event.told_at + 3 * DAY:%Y-%m-%d at %H:%M} UTC" in row.text
    assert kinds(watched) == []

    watched.pass_by(4 * DAY, step=3 * HOUR, links=LINKS, gone=gone)
    [event] = events(watched)
    assert (event.how, titles(watched, event)) == (mass.IN_TIME, gone_titles(12))
    assert kinds(watched) == ["removed"] * 12
    assert (told_singly(watched), len(watched.notices())) == ([], 1)


def test_a_person_confirms(watched: Watch) -> None:
    """They are recorded at once, as part of the event, and nobody is told again."""
    watched.pass_by(2 * DAY, step=HOUR, links=LINKS, gone=NAMES[:12])
    [event] = events(watched)
    watched.store.write(lambda c: mass.decide(c, event.id, mass.CONFIRMED))
    watched.settle()
    assert kinds(watched) == ["removed"] * 12
    assert (told_singly(watched), len(watched.notices())) == ([], 1)
    assert titles(watched, events(watched)[0]) == gone_titles(12)


def test_a_person_dismisses(watched: Watch) -> None:
    """The site has moved: nothing is recorded, the old addresses are asked for no more, the articles stay."""
    watched.pass_by(2 * DAY, step=HOUR, links=LINKS, gone=NAMES[:12])
    [event] = events(watched)
    watched.store.write(lambda c: mass.decide(c, event.id, mass.DISMISSED))
    watched.pass_by(10 * DAY, step=6 * HOUR, links=LINKS, gone=NAMES[:12])
    assert kinds(watched) == []
    assert events(watched)[0].how == mass.DISMISSED
    assert watched.address(NAMES[0]).next_look_at is None
    with pytest.raises(ValueError, match="has ended"):
        watched.store.write(lambda c: mass.decide(c, event.id, mass.CONFIRMED))


def test_what_comes_back_in_time_was_nothing(watched: Watch) -> None:
    """A server that loses its articles for half a day: an event that nobody hears of."""
    watched.pass_by(34 * HOUR, step=HOUR, links=LINKS, gone=NAMES)
    watched.pass_by(3 * DAY, step=HOUR, links=LINKS)
    assert (kinds(watched), watched.notices()) == ([], [])
    assert [one.how for one in events(watched)] == [mass.CAME_BACK]


def test_all_that_come_back_are_one_notice_too(watched: Watch) -> None:
    """Recorded as restored, each, and told together."""
    gone = NAMES[:12]
    watched.pass_by(7 * DAY, step=3 * HOUR, links=LINKS, gone=gone)
    watched.pass_by(20 * DAY, step=3 * HOUR, links=LINKS)
    assert kinds(watched) == ["removed"] * 12 + ["restored"] * 12
    assert watched.notices()[1:] == ["12 articles that were removed from gazette.example are back"]
    assert told_singly(watched) == []


def test_few_are_told_singly(watched: Watch) -> None:
    """Three of thirty: each is a removal of its own."""
    watched.pass_by(3 * DAY, step=HOUR, links=LINKS, gone=NAMES[:3])
    assert kinds(watched) == ["removed"] * 3
    assert (told_singly(watched), events(watched)) == (["removed"] * 3, [])


def test_a_whole_site_that_is_gone_is_asked_about(watched: Watch) -> None:
    """All of its articles: so a site that has moved looks; one notice, and no removal until it is decided."""
    watched.pass_by(2 * DAY, step=HOUR, links=[], gone=NAMES)
    assert (kinds(watched), len(watched.notices())) == ([], 1)
    assert titles(watched, events(watched)[0]) == gone_titles(30)


def test_old_articles_that_were_no_longer_looked_at_are_in_the_list(watched: Watch) -> None:
    """When an event begins, every article of the host is asked for, or its list would end with the ladder."""
    watched.pass_by(2 * DAY, step=6 * HOUR, links=LINKS)
    assert watched.address(NAMES[0]).next_look_at is None
    newer = [link(f"newer-{number}") for number in range(8)]
    watched.round([*LINKS, *newer])
    watched.pass_by(5 * HOUR, step=HOUR, links=[*LINKS, *newer])
    gone = [*NAMES, *(f"newer-{number}" for number in range(8))]
    watched.pass_by(3 * DAY, step=HOUR, links=[*LINKS, *newer], gone=gone)
    assert len(titles(watched, events(watched)[0])) == 38
    assert len(watched.notices()) == 1


# Edits


def with_footer(name: str, footer: str) -> Article:
    article = report(name)
    return replace(article, body=f"{article.body}\n\n{footer}")


def test_an_edit_is_told_when_its_siblings_stand_as_they_did(watched: Watch) -> None:
    """Some are looked at before the round ends; then there is nothing to wait for."""
    edited = lambda name: report(name, "everybody complained" if name == NAMES[7] else "nobody complained")  # noqa: E731
    at = watched.address(NAMES[7]).next_look_at
    watched.now = at
    watched.round(LINKS, says=edited)
    assert told_singly(watched) == []
    watched.settle()
    watched.later(MINUTE).round(LINKS, says=edited)
    watched.settle()
    assert told_singly(watched) == ["edited"]


def test_an_edit_waits_no_longer_than_its_round(watch: Watch) -> None:
    """Where there are no siblings to look at, it is told when its round closes, if not before."""
    watch.articles = Articles(round_of(DAY))
    watch.config(GAZETTE)
    watch.round([])
    watch.later(15 * MINUTE).round([link("one")])
    watch.later(HOUR).round([link("one")], words="everybody complained")
    watch.later(round_of(DAY))
    assert told_singly(watch) == ["edited"]


def test_a_new_footer_is_one_event(watched: Watch) -> None:
    """Whatever number stands in it: one notice that names it, every revision kept, and no edit told."""

    def says(name: str) -> Article:
        return with_footer(name, f"The Gazette is owned by the Harbour Trust. Article {NAMES.index(name)} of 30.")

    watched.pass_by(2 * DAY, step=HOUR, links=LINKS, says=says)
    assert kinds(watched) == ["edited"] * 30
    [event] = [one for one in events(watched) if one.kind == "edited"]
    assert event.common == ("+The Gazette is owned by the Harbour Trust. Article 0 of 0.",)
    assert (titles(watched, event), told_singly(watched)) == (gone_titles(30), [])
    [subject] = watched.notices()
    assert subject.startswith("site-wide change at gazette: ")


def test_a_footer_that_comes_after_its_event_is_a_part_of_it(watched: Watch) -> None:
    """What the worker stored before it knew of the event, however short the time in which edits are compared."""
    footer = "The Gazette is owned by the Harbour Trust."
    late = {*NAMES[20:]}

    def says(name: str) -> Article:
        return report(name) if name in late else with_footer(name, footer)

    def looks(after: timedelta) -> None:
        watched.later(after)
        watched.store.write(lambda c: c.execute(address.update().values(next_look_at=watched.now)))
        watched.store.write(lambda c: due_at(c, "gazette.example", watched.now))
        watched.round(LINKS, says=says)
        for _ in range(2):
            watched.settle(MINUTE)
            watched.later(round_of(MINUTE))

    watched.articles = Articles(round_of(MINUTE), MINUTE)
    looks(HOUR)
    assert [event.articles for event in events(watched)] == [20]
    for name in NAMES[20:]:
        late.remove(name)
        looks(HOUR)
    [event] = events(watched)
    assert (event.articles, told_singly(watched)) == (30, [])


def test_what_was_told_before_is_counted_apart(watched: Watch) -> None:
    """The first page with a new footer is an edit like any other until the next ones have it too."""
    footer = "The Gazette is owned by the Harbour Trust."
    first = lambda name: with_footer(name, footer) if name == NAMES[0] else report(name)  # noqa: E731
    noticed = [replace(one, title="Title, longer") if one == LINKS[0] else one for one in LINKS]
    watched.pass_by(HOUR, links=noticed, says=first)
    assert told_singly(watched) == ["edited"]
    watched.pass_by(2 * DAY, step=HOUR, links=noticed, says=lambda name: with_footer(name, footer))
    [notice] = watched.rows(sa.text("select subject, text from notice"))
    number = int(notice.subject.split(": ")[1].split()[0])
    listed = notice.text.count("\n- ")
    assert "1 of them was told before this was known; the list has the other" in notice.text
    assert listed == number - 1 and "more." not in notice.text
    assert told_singly(watched) == ["edited"]


def test_a_redesign_that_reads_otherwise_is_one_event(watched: Watch) -> None:
    """Every text lacks its first paragraph, which is another one each time."""

    def says(name: str) -> Article:
        article = report(name)
        return replace(article, body=article.body.partition("\n\n")[2])

    watched.pass_by(2 * DAY, step=HOUR, links=LINKS, says=says)
    assert (kinds(watched), told_singly(watched)) == (["edited"] * 30, [])
    assert len(watched.notices()) == 1


def test_a_busy_desk_is_no_redesign(watched: Watch) -> None:
    """Eight articles edited in one day, each in its own words: eight edits."""
    busy = set(NAMES[:8])
    edited = lambda name: report(name, f"{name} was wrong" if name in busy else "nobody complained")  # noqa: E731
    watched.pass_by(2 * DAY, step=HOUR, links=LINKS, says=edited)
    assert kinds(watched) == ["edited"] * 8
    assert (told_singly(watched), watched.notices()) == (["edited"] * 8, [])


def test_a_decision_needs_an_event(watched: Watch) -> None:
    """The message says where the numbers stand."""
    with pytest.raises(mass.NoSuchMass, match="dateline mass"):
        watched.store.write(lambda c: mass.decide(c, 7, mass.CONFIRMED))


def test_the_notice_of_an_event_goes_to_those_who_asked(watched: Watch) -> None:
    """Beside the operator's channels to those of the rules that ask for removals of this source, unless stopped."""
    watched.pass_by(2 * DAY, step=HOUR, links=LINKS, gone=NAMES[:12])
    asked: list[tuple[str, str]] = []

    def of_mass(kind: str, source: str) -> list[tuple[str, str]]:
        asked.append((kind, source))
        return [("ships", "desk"), ("ships", "mail"), ("boats", "home")]

    watched.store.write(lambda c: outbox.take_over_channels(c, ("mail", "desk", "home"), watched.now))
    watched.store.write(lambda c: stopped.stop(c, "boats", "home", watched.now))
    watched.store.write(lambda c: notices.take_notices(c, ("mail",), watched.now, of_mass))
    assert asked == [("removed", "gazette")]
    channels = watched.rows(sa.text("select channel from delivery order by channel"))
    assert [row.channel for row in channels] == ["desk", "mail"]


def test_a_kill_between_two_portions_records_the_rest(watched: Watch, monkeypatch: pytest.MonkeyPatch) -> None:
    """Each transaction stands for itself; the next minute goes on."""
    watched.pass_by(2 * DAY, step=HOUR, links=LINKS, gone=NAMES[:12])
    [event] = events(watched)
    watched.store.write(lambda c: mass.decide(c, event.id, mass.CONFIRMED))
    monkeypatch.setattr("storage.mass_removals.RECORDED_AT_ONCE", 5)
    with watched.store.reader() as connection:
        suspected = mass_removals.suspect(connection, watched.now, DAY)
    assert watched.store.write(lambda c: mass_removals.settle(c, suspected, watched.now, DAY))
    assert len(watched.rows(sa.select(article).where(article.c.removed_at.is_not(None)))) == 5
    watched.settle()
    assert kinds(watched) == ["removed"] * 12
    assert len(watched.rows(sa.select(change).where(change.c.mass_id == event.id))) == 12


def test_a_purge_that_is_recorded_in_portions_did_not_come_back(
    watched: Watch, monkeypatch: pytest.MonkeyPatch
) -> None:
    """The last portion is small, and so is what is left of an event whose articles are back."""
    monkeypatch.setattr("storage.mass_removals.RECORDED_AT_ONCE", 5)
    watched.pass_by(6 * DAY, step=3 * HOUR, links=LINKS, gone=NAMES[:12])
    assert kinds(watched) == ["removed"] * 12
    assert len(watched.notices()) == 1
    [event] = events(watched)
    assert event.how == mass.IN_TIME


def test_the_rest_of_a_purge_that_comes_back_between_two_portions(
    watched: Watch, monkeypatch: pytest.MonkeyPatch
) -> None:
    """What was recorded stays; nobody is told that they are back, and no person can say any more that none went."""
    watched.pass_by(2 * DAY, step=HOUR, links=LINKS, gone=NAMES[:12])
    [event] = events(watched)
    assert event.told_at
    monkeypatch.setattr("storage.mass_removals.RECORDED_AT_ONCE", 8)
    watched.now = event.told_at + 3 * DAY
    with watched.store.reader() as connection:
        suspected = mass_removals.suspect(connection, watched.now, DAY)
    assert watched.store.write(lambda c: mass_removals.settle(c, suspected, watched.now, DAY))
    with pytest.raises(ValueError, match="is being recorded"):
        watched.store.write(lambda c: mass.decide(c, event.id, mass.DISMISSED))

    watched.store.write(lambda c: c.execute(address.update().values(next_look_at=watched.now)))
    watched.store.write(lambda c: due_at(c, event.host, watched.now))
    watched.round(LINKS, gone=NAMES[:8])
    watched.later(MINUTE)
    watched.settle()
    [event] = events(watched)
    assert (kinds(watched), event.how, len(watched.notices())) == (["removed"] * 8, mass.IN_TIME, 1)


def test_what_comes_back_between_reading_and_recording_is_not_removed(watched: Watch) -> None:
    """To read what a purge left takes seconds, and meanwhile the worker goes on: it would never be restored."""
    watched.pass_by(2 * DAY, step=HOUR, links=LINKS, gone=NAMES[:12])
    [event] = events(watched)
    watched.store.write(lambda c: mass.decide(c, event.id, mass.CONFIRMED))
    with watched.store.reader() as connection:
        suspected = mass_removals.suspect(connection, watched.now, DAY)
    watched.store.write(lambda c: c.execute(address.update().values(next_look_at=watched.now)))
    watched.store.write(lambda c: due_at(c, "gazette.example", watched.now))
    watched.round(LINKS)
    assert watched.rows(sa.select(address.c.id).where(address.c.gone_since.is_not(None))) == []
    watched.store.write(lambda c: mass_removals.settle(c, suspected, watched.now, DAY))
    assert kinds(watched) == []


def test_an_edit_after_a_redesign_is_an_edit(watched: Watch) -> None:
    """Each article takes part in a redesign once, whenever it is looked at; what changes then is told."""

    def redesigned(name: str, words: str = "nobody complained") -> Article:
        article = report(name, words)
        return replace(article, body=article.body.partition("\n\n")[2])

    def edited(name: str) -> Article:
        return redesigned(name, "everybody complained" if name == NAMES[3] else "nobody complained")

    watched.looks = Looks(Rhythm((*REVISIT, 2 * DAY, 3 * DAY), spread=0), DAY)
    watched.pass_by(30 * HOUR, step=HOUR, links=LINKS, says=redesigned)
    assert told_singly(watched) == []
    watched.pass_by(40 * HOUR, step=HOUR, links=LINKS, says=edited)
    assert (told_singly(watched), len(watched.notices())) == (["edited"], 1)
