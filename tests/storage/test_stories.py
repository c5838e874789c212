"""Nearly the same text at several places is one story: told once, its copies known."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass, field, replace
from random import Random

import pytest
import sqlalchemy as sa

from storage import outbox, stories
from storage.model.articles import Article, When
from storage.model.looking import Link, SourceConfig
from storage.model.telling import RuleConfig
from storage.outbox import Judged
from storage.schema.articles import address, article, band, revision
from storage.schema.telling import alert
from storage.store import Store
from tests.made_up import text, title
from tests.storage.watch import DAY, GAZETTE, HERALD, HOUR, START, Watch, link


@dataclass
class Press(Watch):
    """Three newspapers; what they printed once stands there."""

    said: dict[str, Article] = field(default_factory=dict)


@pytest.fixture
def watch(store: Store) -> Iterator[Press]:
    watch = Press(store)
    watch.config(GAZETTE, HERALD, SourceConfig("tribune", "https://tribune.example/list", every=HERALD.every))
    watch.round()
    watch.later(HOUR)
    yield watch


def written(name: str) -> Article:
    chance = Random(name)
    return Article(title(chance), "\n\n".join(text(chance, 6)))


def copied(name: str) -> Article:
    """As the Herald prints it: under its own headline, with its own frame, and cut."""
    body = written(name).body.split("\n\n")
    return Article(
        f"Herald: {name}", "\n\n".join(["HARBOUR (Agency) -- " + body[0], *body[1:4], "Printed by the Herald."])
    )


def stored(watch: Press, said: dict[str, Article]) -> None:
    """Each source lists what is its own, and all is read."""
    said = watch.said = watch.said | said
    papers = {name: name.rstrip("0123456789").rpartition("-")[2] for name in said}
    links = {
        name: Link(f"https://{paper}.example/{name}", said[name].title)
        if paper in ("herald", "tribune")
        else link(name, said[name].title)
        for name, paper in papers.items()
    }

    def listed(root: str) -> list[Link]:
        return [one for one in links.values() if one.url.startswith(root.rpartition("/")[0])]

    while claims := watch.claim():
        for claim in claims:
            for due in claim.listings:
                watch.listed(claim, due, listed(due.url))
            for one in claim.addresses:
                watch.read(claim, one, said[one.url.rpartition("/")[2]])
            watch.release(claim)
    watch.place()


def grouped(watch: Press) -> list[list[str]]:
    """The titles of each story, in order."""
    rows = watch.rows(
        sa.select(article.c.story_id, revision.c.title)
        .join(revision, (revision.c.article_id == article.c.id) & (revision.c.number == article.c.number))
        .order_by(article.c.story_id, article.c.id)
    )
    found: dict[int, list[str]] = {}
    for row in rows:
        found.setdefault(row.story_id, []).append(row.title)
    return list(found.values())


def test_a_copy_joins_the_story_of_its_original(watch: Press) -> None:
    said = {"ships": written("ships"), "pears": written("pears")}
    stored(watch, said)
    watch.later(HOUR)
    stored(watch, said | {"ships-herald": copied("ships"), "bridge-herald": written("bridge")})
    assert sorted(grouped(watch)) == sorted(
        [[said["ships"].title, "Herald: ships"], [said["pears"].title], [written("bridge").title]]
    )


def test_a_copy_of_a_copy_is_of_the_same_story(watch: Press) -> None:
    """Also where the copies come days after the original."""
    stored(watch, {"ships": written("ships")})
    copy, late = copied("ships"), When(START + 2 * DAY, "day")
    stored(watch, {"ships-herald": replace(copy, published=late)})
    watch.later(2 * DAY)
    tribune = replace(copy, body=f"{copy.body}\n\nAnd more.", published=late)
    stored(watch, {"ships-tribune": tribune})
    assert [len(one) for one in grouped(watch)] == [3]


def test_what_a_source_reports_in_the_same_words_on_another_day_is_news(watch: Press) -> None:
    """Weather, markets, messages of congratulation: each day is a story."""
    for number in range(3):
        watch.later(DAY)
        said = replace(written("weather"), body=f"{written('weather').body}\n\nNo. {number}.")
        stored(watch, {f"weather{number}": replace(said, published=When(watch.now, "minute"))})
    assert [len(one) for one in grouped(watch)] == [1, 1, 1]


def test_the_same_words_a_year_later_are_another_story(watch: Press) -> None:
    """What is printed on each anniversary."""
    old = replace(written("ships"), published=When(START - 365 * DAY, "day"))
    new = replace(copied("ships"), published=When(START, "day"))
    stored(watch, {"ships": old, "ships-herald": new})
    assert [len(one) for one in grouped(watch)] == [1, 1]


def test_placing_again_or_in_other_portions_changes_nothing(watch: Press) -> None:
    said = {f"a{number}": written(f"a{number}") for number in range(12)}
    said |= {f"a{number}-herald": copied(f"a{number}") for number in range(0, 12, 3)}
    stored(watch, said)
    once, keys = grouped(watch), watch.rows(sa.select(band).order_by(band.c.key, band.c.article_id))
    with watch.store.writer() as connection:
        connection.execute(sa.update(article).values(story_id=None))
        connection.execute(band.delete())
    while True:
        with watch.store.reader() as connection:
            some = stories.unplaced(connection, 3)
        if not some:
            break
        watch.store.write(lambda connection, some=some: stories.place(connection, some))
        watch.store.write(lambda connection, some=some: stories.place(connection, some))  # a kill before it was known
    assert grouped(watch) == once and len(once) == 12
    assert watch.rows(sa.select(band).order_by(band.c.key, band.c.article_id)) == keys


def test_a_thousand_pages_of_furniture_do_not_hide_the_original(watch: Press) -> None:
    """Pages that share bands with it come in great numbers; those that share most are compared first."""
    foot = "\n\n".join(text(Random(1), 1))
    said = {"ships": written("ships")} | {
        f"short{number}": Article(f"Short {number}", f"{text(Random(number + 10), 1)[0]}\n\n{foot}")
        for number in range(120)
    }
    stored(watch, said)
    watch.later(HOUR)
    stored(watch, {"ships-herald": copied("ships")})
    assert [one for one in grouped(watch) if len(one) > 1] == [[said["ships"].title, "Herald: ships"]]


def alerts(watch: Press, *, once: bool, rule: str = "all") -> list[str]:
    """Why each change is untold, of a rule that holds for all of them."""
    with watch.store.reader() as connection:
        changes = outbox.unmatched(connection, 100, watch.now)
    judged = [Judged(one.id, rule, "now", (), ("mail",), once_a_story=once) for one in changes]
    watch.store.write(
        lambda c: outbox.raise_alerts(c, [one.id for one in changes], judged, watch.now, lambda rule, name, at: at)
    )
    return [row.untold for row in watch.rows(sa.select(alert.c.untold).order_by(alert.c.id))]


@pytest.mark.parametrize("together", [True, False])
def test_a_rule_tells_a_story_once(watch: Press, together: bool) -> None:
    """Also where both copies are judged in one portion. The second says which alert told the story."""
    watch.store.write(lambda c: outbox.take_over_rules(c, [RuleConfig("all", "")], START))
    stored(watch, {"ships": written("ships"), "pears": written("pears")})
    if not together:
        assert alerts(watch, once=True) == ["", ""]
    watch.later(HOUR)
    stored(watch, {"ships-herald": copied("ships")})
    assert alerts(watch, once=True) == ["", "", "the same story was told in alert 1"]


def test_a_rule_that_asks_for_articles_tells_each(watch: Press) -> None:
    stored(watch, {"ships": written("ships")})
    watch.later(HOUR)
    stored(watch, {"ships-herald": copied("ships")})
    assert alerts(watch, once=False) == ["", ""]


def test_a_rule_that_did_not_hold_for_the_first_tells_the_second(watch: Press) -> None:
    stored(watch, {"ships": written("ships")})
    assert alerts(watch, once=True, rule="other") == [""]
    watch.later(HOUR)
    stored(watch, {"ships-herald": copied("ships")})
    assert alerts(watch, once=True, rule="all") == ["", ""]


def test_what_a_source_reports_again_is_told_again(watch: Press) -> None:
    """A second report in nearly the same words, of the same day and the same story: from its own source it is news."""
    stored(watch, {"ships": replace(written("ships"), published=When(watch.now, "minute"))})
    assert alerts(watch, once=True) == [""]
    watch.later(HOUR)
    again = replace(copied("ships"), published=When(watch.now, "minute"))
    stored(watch, {"more": replace(again, body=f"{written('ships').body}\n\nThe strike is over.")})
    while len(grouped(watch)[0]) < 2:  # it waits for a look at the first
        watch.later(HOUR)
        stored(watch, {})
    assert alerts(watch, once=True) == ["", ""]


def test_a_digest_makes_no_story_of_the_reports_in_it(watch: Press) -> None:
    """Each stands whole in it, and has nothing to do with the other."""
    ships, pears = written("ships"), written("pears")
    stored(watch, {"ships": ships})
    watch.later(HOUR)
    stored(watch, {"digest-herald": Article("The morning in brief", f"{ships.body}\n\n{pears.body}")})
    watch.later(HOUR)
    stored(watch, {"pears-tribune": pears})
    assert [len(one) for one in grouped(watch)] == [2, 1]


def test_an_article_that_cannot_be_read_holds_up_no_other(watch: Press) -> None:
    stored(watch, {"ships": written("ships")})
    with watch.store.writer() as connection:
        connection.execute(sa.update(revision).values(meta="{"))
        connection.execute(sa.update(article).values(story_id=None))
        connection.execute(sa.update(address).values(next_look_at=None))
    watch.later(HOUR)
    stored(watch, {"ships-herald": copied("ships")})
    assert [len(one) for one in grouped(watch)] == [1, 1]
