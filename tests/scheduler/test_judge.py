"""Does a rule hold for a change? The text after it, and for what was edited or removed also before."""

from __future__ import annotations

from dataclasses import replace
from datetime import UTC, datetime, timedelta

import pytest

from scheduler.judge import MOST_WORDS, Rules, holds, is_too_old
from storage.model.articles import Article, Change, ChangeKind, Revision, When
from storage.model.telling import RuleConfig
from storage.outbox import Judged

NOW = datetime(2026, 3, 1, 12, tzinfo=UTC)
HOUR, DAY = timedelta(hours=1), timedelta(days=1)
SHIPS, PEARS = Article("Harbour news", "Ten ships came in."), Article("Orchard news", "Ten pears fell down.")
RULE = RuleConfig("ships", "ships", channels=("mail",))
LOADED = {"ships": NOW - DAY, "pears": NOW - DAY}


def change(kind: ChangeKind, before: Article | None, after: Article | None, cls: str = "") -> Change:
    stood = [one and Revision(number, 1, number, NOW, one) for number, one in enumerate((before, after), 1)]
    return Change(7, 1, "guid", kind, cls, NOW, "https://gazette.example/a", ("gazette", "herald"), stood[0], stood[1])


def added(article: Article = SHIPS) -> Change:
    return change(ChangeKind.ADDED, None, article)


def edited(before: Article, after: Article, cls: str = "") -> Change:
    return change(ChangeKind.EDITED, before, after, cls)


def judge(what: Change, *rules: RuleConfig) -> list[tuple[str, str]]:
    return [(one.rule, one.holds) for one in Rules(rules or (RULE,)).judge(what, LOADED, NOW + timedelta(seconds=1))]


@pytest.mark.parametrize(
    ("kind", "before", "after", "held"),
    [
        (ChangeKind.ADDED, False, True, "now"),
        (ChangeKind.ADDED, False, False, None),
        (ChangeKind.RESTORED, True, True, "now"),
        (ChangeKind.RESTORED, True, False, None),
        (ChangeKind.EDITED, False, True, "now"),
        (ChangeKind.EDITED, True, True, "still"),
        (ChangeKind.EDITED, True, False, "no longer"),
        (ChangeKind.EDITED, False, False, None),
        (ChangeKind.REMOVED, True, False, "no longer"),
        (ChangeKind.REMOVED, False, False, None),
    ],
)
def test_what_a_query_says_of_a_change(kind: ChangeKind, before: bool, after: bool, held: str | None) -> None:
    """Now, no longer or still; nothing where it matches on neither side."""
    assert holds(kind, before, after) == held


def test_an_alert_names_rule_channels_and_the_words_of_the_page() -> None:
    """All that the outbox needs to write it."""
    assert Rules([RULE]).judge(added(), LOADED, NOW) == [
        Judged(7, "ships", "now", ("ships",), ("mail",), once_a_story=True)
    ]
    by_article = Rules([replace(RULE, per="article")]).judge(added(), LOADED, NOW)
    assert [one.once_a_story for one in by_article] == [False]


def test_each_rule_gives_at_most_one_alert_in_the_order_of_the_config() -> None:
    """Rules that do not hold give none."""
    rules = [RULE, RuleConfig("pears", "pears"), replace(RULE, name="boats", query="ten")]
    assert judge(added(), *rules) == [("ships", "now")]  # boats was not loaded yet
    loaded = LOADED | {"boats": NOW}
    assert [one.rule for one in Rules(rules).judge(added(), loaded, NOW)] == ["ships", "boats"]


def test_no_longer_shows_the_words_that_were_there() -> None:
    """What made it hold stands in the text before."""
    (alert,) = Rules([RULE]).judge(edited(SHIPS, PEARS), LOADED, NOW)
    assert (alert.holds, alert.words) == ("no longer", ("ships",))


@pytest.mark.parametrize(
    ("on", "what", "told"),
    [
        (("added",), added(), True),
        (("edited",), added(), False),
        (("edited",), edited(SHIPS, SHIPS), True),
        (("added",), edited(SHIPS, SHIPS), False),
        (("added",), edited(PEARS, SHIPS), True),
        (("removed",), edited(PEARS, SHIPS), False),
        (("added",), edited(SHIPS, PEARS), False),
        (("removed",), change(ChangeKind.REMOVED, SHIPS, None), True),
        (("added", "edited"), change(ChangeKind.REMOVED, SHIPS, None), False),
        (("restored",), change(ChangeKind.RESTORED, SHIPS, SHIPS), True),
        (("edited:headline",), edited(SHIPS, SHIPS, "headline"), True),
        (("edited:headline",), edited(SHIPS, SHIPS, "numbers"), False),
        (("edited:headline", "edited:numbers"), edited(SHIPS, SHIPS, "numbers"), True),
        (("edited:headline",), edited(SHIPS, SHIPS), False),
        (("edited",), edited(SHIPS, SHIPS, "editions"), True),
        (("edited",), edited(SHIPS, SHIPS, "label"), False),
        (("edited:label",), edited(SHIPS, SHIPS, "label"), True),
        (("added",), edited(PEARS, SHIPS, "label"), False),
        (("added", "edited:headline"), edited(PEARS, SHIPS, "numbers"), True),
    ],
)
def test_a_rule_hears_of_what_it_asked_for(on: tuple[str, ...], what: Change, told: bool) -> None:
    """And, if it asked for what is added, of an article that first matches after an edit."""
    assert bool(judge(what, replace(RULE, on=on))) is told


def test_an_edit_of_a_label_is_never_told() -> None:
    """White space, typography, a date label: recorded, and nobody is woken."""
    assert judge(edited(SHIPS, SHIPS, "label")) == []
    assert judge(edited(PEARS, SHIPS, "label"), replace(RULE, on=("added",))) == []
    assert judge(edited(SHIPS, SHIPS, "wording")) == [("ships", "still")]


def test_a_rule_of_some_sources_hears_of_those_alone() -> None:
    """An article that several sources list is of each of them."""
    assert judge(added(), replace(RULE, sources=("herald",))) == [("ships", "now")]
    assert judge(added(), replace(RULE, sources=("other",))) == []


def test_a_rule_holds_for_what_is_seen_from_its_first_load_on() -> None:
    """What was seen before is history for it; one that is not loaded yet hears of nothing that was."""
    rules = Rules([RULE])
    assert len(rules.judge(added(), {"ships": NOW}, NOW)) == 1
    assert rules.judge(added(), {"ships": NOW + timedelta(seconds=1)}, NOW + HOUR) == []
    assert rules.judge(added(), {}, NOW + HOUR) == []


def test_an_alert_keeps_some_of_the_words() -> None:
    """A page that repeats all words of a long query does not make a long alert."""
    many = [f"word{number}" for number in range(MOST_WORDS + 20)]
    rule = replace(RULE, query=" OR ".join(many))
    (alert,) = Rules([rule]).judge(added(Article("Words", " ".join(many))), LOADED, NOW)
    assert len(alert.words) == MOST_WORDS


@pytest.mark.parametrize(
    ("stated", "too_old"),
    [
        (None, False),
        (When(NOW - 24 * HOUR), False),
        (When(NOW - 25 * HOUR), True),
        (When(NOW + DAY), False),
        (When(datetime(2026, 2, 28, tzinfo=UTC), "day"), False),
        (When(datetime(2026, 2, 27, tzinfo=UTC), "day"), False),  # on the other side of the earth it ends at NOW - 24 h
        (When(datetime(2026, 2, 26, tzinfo=UTC), "day"), True),
        (When(datetime(9999, 12, 31, tzinfo=UTC), "day"), False),  # no day ends behind it
        (When(datetime(1, 1, 1, tzinfo=UTC), "day"), True),
    ],
    ids=[
        "no date",
        "a day",
        "more",
        "tomorrow",
        "yesterday",
        "the day before",
        "two days before",
        "the last",
        "the first",
    ],
)
def test_older_than_max_age_is_not_told(stated: When | None, too_old: bool) -> None:
    """The alert is there and says why nobody was told; an article without a date is not old."""
    what = added(replace(SHIPS, published=stated))
    assert is_too_old(what, DAY, NOW) is too_old
    (alert,) = Rules([replace(RULE, max_age=DAY)]).judge(what, LOADED, NOW)
    assert bool(alert.untold) is too_old
    (alert,) = Rules([RULE]).judge(what, LOADED, NOW)
    assert alert.untold == ""


def test_the_age_of_an_edited_article_is_that_of_its_newest_revision() -> None:
    """And of the one before where that has no date any more."""
    old, new = When(NOW - 9 * DAY), When(NOW)
    assert not is_too_old(edited(replace(SHIPS, published=old), replace(SHIPS, published=new)), DAY, NOW)
    assert is_too_old(edited(replace(SHIPS, published=old), SHIPS), DAY, NOW)
    assert is_too_old(change(ChangeKind.REMOVED, replace(SHIPS, published=old), None), DAY, NOW)


@pytest.mark.parametrize(
    ("query", "what", "told"),
    [
        ("ships change:edited:headline", edited(SHIPS, SHIPS, "headline"), [("ships", "still")]),
        ("ships change:edited:headline", edited(SHIPS, SHIPS, "numbers"), []),
        ("ships change:edited", edited(SHIPS, SHIPS, "numbers"), [("ships", "still")]),
        ("ships change:edited", added(), []),
        ("ships NOT change:edited:typo", edited(SHIPS, SHIPS, "typo"), []),
        ("ships NOT change:edited:typo", edited(PEARS, SHIPS, "wording"), [("ships", "now")]),
        ("change:removed", change(ChangeKind.REMOVED, PEARS, None), [("ships", "no longer")]),
        ("ships (change:added OR change:removed)", added(), [("ships", "now")]),
    ],
)
def test_a_query_may_ask_what_happened(query: str, what: Change, told: list[tuple[str, str]]) -> None:
    """Of the change that is judged, whichever of the two texts the words stand in."""
    assert judge(what, replace(RULE, query=query)) == told


def test_a_class_beside_the_one_that_is_told_is_asked_for_as_well() -> None:
    """A toll that rose with a new paragraph: by `on`, and by the query, where NOT means none of them."""
    both = replace(edited(SHIPS, SHIPS, "numbers"), also=("paragraph_added",))
    for cls in ("numbers", "paragraph_added"):
        assert judge(both, replace(RULE, on=(f"edited:{cls}",))) == [("ships", "still")]
        assert judge(both, replace(RULE, query=f"ships change:edited:{cls}")) == [("ships", "still")]
        assert judge(both, replace(RULE, query=f"ships NOT change:edited:{cls}")) == []
    assert judge(both, replace(RULE, on=("edited:paragraph_removed",))) == []


def test_another_headline_is_asked_for_whatever_changed_beside_it() -> None:
    """The class of an edit says what mattered most; a rule for headlines wants each of them."""
    both = edited(SHIPS, replace(SHIPS, title="Harbour loses count", body=SHIPS.body + " And eleven."), cls="numbers")
    assert judge(both, replace(RULE, on=("edited:headline",))) == [("ships", "still")]
    assert judge(both, replace(RULE, on=("edited:numbers",))) == [("ships", "still")]
    assert judge(both, replace(RULE, on=("edited:quote",))) == []
    typography = edited(SHIPS, replace(SHIPS, title=SHIPS.title + " "), cls="label")
    assert judge(typography, replace(RULE, on=("edited:headline",))) == []
