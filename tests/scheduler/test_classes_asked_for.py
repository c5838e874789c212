"""An edit is told as what matters most and asked for as all that it is; live, tried, searched and explained alike."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import replace

import pytest
import sqlalchemy as sa

from scheduler import backtest
from scheduler.holding import Holding
from scheduler.judge import Rules
from scheduler.query.grammar import parse
from storage.archive import Archive
from storage.chronicle import Asked
from storage.model.articles import Article
from storage.schema.articles import change
from storage.schema.telling import alert
from tests.scheduler.test_why_commands import Office, office  # noqa: F401  (a fixture)
from tests.storage.watch import DAY, report

RULES = """
[[source]]
name = "gazette"
url = "https://gazette.example/news"
[[rule]]
name = "by on"
query = "lanterns"
on = ["edited:{cls}"]
[[rule]]
name = "by query"
query = "lanterns change:edited:{cls}"
[storage]
url = "{url}"
"""
SAID = 'The mayor said: "We have never seen so many of them in this town."'


def written() -> Article:
    return report("a")


def with_figure_and_paragraph() -> Article:
    """Of figures, and of a new paragraph."""
    said = written()
    return replace(said, body=said.body.replace("counted 7 ships", "counted 9 ships") + "\n\nThe port was closed.")


def with_figure_and_quotation() -> Article:
    """Of figures, and of what somebody said in a paragraph that came."""
    said = with_figure_and_paragraph()
    return replace(said, body=said.body.replace("The port was closed.", SAID))


def with_quotation() -> Article:
    """Of what somebody said, behind what stood in a paragraph."""
    said = written()
    return replace(said, body=f"{said.body} {SAID}")


def with_slip_and_paragraph() -> Article:
    """Of a new paragraph; a slip that was mended beside it is a trifle."""
    said = written()
    return replace(said, body=said.body.replace("spring", "sprnig", 1) + "\n\nThe port was closed.")


@pytest.mark.parametrize(
    ("after", "told_as", "cls", "is_heard"),
    [
        (with_figure_and_paragraph, "numbers", "numbers", True),
        (with_figure_and_paragraph, "numbers", "paragraph_added", True),
        (with_figure_and_paragraph, "numbers", "paragraph_removed", False),
        (with_figure_and_paragraph, "numbers", "quote", False),
        (with_figure_and_quotation, "numbers", "quote", True),
        (with_quotation, "quote", "quote", True),
        (with_quotation, "quote", "paragraph_added", False),
        (with_slip_and_paragraph, "paragraph_added", "typo", False),
    ],
)
async def test_whoever_asks_for_a_class_hears_of_each_edit_that_is_of_it(
    office: Office,  # noqa: F811
    after: Callable[[], Article],
    told_as: str,
    cls: str,
    is_heard: bool,
) -> None:
    office.set(text=RULES.replace("{cls}", cls))
    office.desk.config(office.config.rules, ["hook"])
    url = await office.look(written())
    await office.look(after())
    store = office.watch.store
    assert [row.cls for row in office.watch.rows(sa.select(change.c.cls).where(change.c.kind == "edited"))] == [told_as]
    heard = {row.rule for row in office.watch.rows(sa.select(alert.c.rule))}
    assert heard == ({"by on", "by query"} if is_heard else set())

    start, now = office.watch.now - DAY, office.watch.now
    tried = backtest.run(store, Rules(office.config.rules), start, now).rules
    assert {name for name, tally in tried.items() if tally.alerts} == heard
    archive = Archive(store)
    ids = [place.id for place in archive.places()]
    assert bool(list(Holding(archive, parse(f"lanterns change:edited:{cls}")).among(ids))) is is_heard
    assert bool(archive.chronicle.newest(Asked(kind="edited", cls=cls))) is is_heard
    against = office.against(url, "by on")
    assert any(one.startswith(f"the rule asks for edited:{cls}; this is edited") for one in against) is not is_heard
