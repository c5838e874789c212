"""Pages that never stand still, though nobody writes: counters, clocks, teasers, two forms of a page in turn."""

from __future__ import annotations

from dataclasses import replace
from random import Random

from storage.model.articles import Article
from storage.model.looking import Outcome
from tests.crawler.test_walk import Walker, walker  # noqa: F401  (a fixture)
from tests.made_up import text, title
from tests.storage.watch import link

NAMES = tuple(f"a{number}" for number in range(40))
FOOT = "Follow the Gazette on all channels."


def written(name: str) -> Article:
    chance = Random(name)
    return Article(title(chance), "\n\n".join([*text(chance, 3), FOOT]))


def restless(name: str, chance: Random) -> Article:
    """What a reader finds at one visit: the article, and around it what the page makes up anew each time."""
    said = written(name)
    paragraphs = said.body.split("\n\n")
    others = [written(other).title for other in NAMES if other != name]
    beside = [
        f"{chance.randint(1, 99_999):,} views",
        f"{chance.randint(2, 59)} minutes ago",
        f"조회수 {chance.randint(1, 9_999)}",
        f"{chance.choice(('Sunday', 'Monday'))}, {chance.randint(1, 30)} November 2026",
        f"{chance.randint(0, 400)} comments",
        FOOT,
        chance.choice(others),
        f"Read also: {chance.choice(others)}",
    ]
    for line in chance.sample(beside, chance.randint(0, len(beside))):
        paragraphs.insert(chance.choice((0, 1, len(paragraphs))), line)
    if chance.random() < 0.5:  # the other edition of the page: its quotes are curly, its spaces hard
        paragraphs = [one.replace("'", "’").replace(" the ", "\u00a0the ") for one in paragraphs]
    return replace(said, body="\n\n".join(paragraphs))


async def test_a_thousand_looks_at_pages_that_only_churn_find_no_change(walker: Walker) -> None:  # noqa: F811
    chance = Random(7)
    walker.lists(*(link(name, written(name).title) for name in NAMES))
    await walker.walk({name: written(name) for name in NAMES})
    for _ in range(25):
        await walker.walk({name: restless(name, chance) for name in NAMES})
    assert walker.watch.changes() == [("added", True)] * len(NAMES)


async def test_an_edit_among_the_churn_is_found(walker: Walker) -> None:  # noqa: F811
    """Neither a counter beside it nor a teaser that stands on all pages hides a word that was changed."""
    chance = Random(8)
    walker.lists(*(link(name, written(name).title) for name in NAMES))
    await walker.walk({name: written(name) for name in NAMES})
    for edits in range(1, 9):
        edited = restless("a0", chance)
        edited = replace(edited, body=edited.body.replace("\n\n", f"\n\nVersion {edits}: the harbour is closed. ", 1))
        await walker.walk({"a0": edited} | {name: restless(name, chance) for name in NAMES[1:]})
        assert [kind for kind, _ in walker.watch.changes()].count("edited") == edits


async def test_a_page_that_shows_an_article_of_another_address_lost_its_own(walker: Walker) -> None:  # noqa: F811
    """A site that answers for what it took away with its newest article: that is no edit and no new article."""
    walker.lists(*(link(name, written(name).title) for name in NAMES))
    await walker.walk({name: written(name) for name in NAMES})
    for _ in range(2):
        await walker.walk({name: written("a7") if name == "a0" else written(name) for name in NAMES})
    assert walker.watch.changes() == [("added", True)] * len(NAMES)
    taken = walker.watch.address("a0")
    assert taken.fault == str(Outcome.NOT_FOUND) and taken.gone_since is not None


async def test_a_figure_in_a_line_that_many_pages_have_is_news(walker: Walker) -> None:  # noqa: F811
    """A form that a ministry fills in every day: its words are the site's, its figures are not."""

    def filled(name: str, killed: int) -> Article:
        said = written(name)
        return replace(said, body=f"{said.body}\n\nAccording to the ministry, {killed} people were killed.")

    walker.lists(*(link(name, written(name).title) for name in NAMES[:6]))
    await walker.walk({name: filled(name, 3) for name in NAMES[:6]})
    await walker.walk({name: filled(name, 300 if name == "a0" else 3) for name in NAMES[:6]})
    assert [kind for kind, _ in walker.watch.changes()].count("edited") == 1


async def test_a_sentence_that_three_articles_share_is_not_the_sites(walker: Walker) -> None:  # noqa: F811
    """It is taken out of one of them and put into another: two edits."""
    denied = "The governor denied all charges against him on Tuesday."

    def says(name: str, *having: str) -> Article:
        said = written(name)
        return replace(said, body=f"{said.body}\n\n{denied}") if name in having else said

    walker.lists(*(link(name, written(name).title) for name in NAMES))
    await walker.walk({name: says(name, "a0", "a1", "a2") for name in NAMES})
    await walker.walk({name: says(name, "a1", "a2", "a3") for name in NAMES})
    assert [kind for kind, _ in walker.watch.changes()].count("edited") == 2
