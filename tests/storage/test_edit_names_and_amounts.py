"""Names that look like small words of another language, and amounts of which no figure changed."""

from __future__ import annotations

import pytest

from storage.diff import diff
from storage.model.articles import Article

BODY = """The minister said on Monday that the bridge over the river would be rebuilt within two years.

The council will vote on the budget next week, officials said.

{}"""
BODY_KO = "총비서동지께서 공장을 현지지도하시였다. 일군들이 그이를 맞이하였다. {}"


def step(before: str, after: str, body: str = BODY) -> str:
    return diff(Article("T", body.format(before)), Article("T", body.format(after))).cls


@pytest.mark.parametrize(
    ("before", "after"),
    [
        ("Kim Jong Un visited a farm.", "Kim Jong Il visited a farm."),
        ("Kim Jong Il visited a farm.", "Kim Jong Un visited a farm."),
        ("Kim Jong-un visited a farm.", "Kim Jong-il visited a farm."),
        ("They met Kim Jong-chul there.", "They met Kim Jong-nam there."),
        ("The treaty was signed with Le Pen.", "The treaty was signed with La Pen."),
    ],
)
def test_a_part_of_a_name_that_is_a_small_word_elsewhere_is_of_the_name(before: str, after: str) -> None:
    """Un and il are articles in French and Italian, and a person in Korea."""
    assert step(before, after) == "names"


@pytest.mark.parametrize(
    ("before", "after"),
    [
        ("The US-led force left.", "The US-run force left."),
        ("In the end he came.", "At the end he came."),
        ("How Kim Came To The Front", "How Kim Came In The Front"),
        ("Er sagt, dass Sie Brot und die Milch wollen.", "Er sagt, dass Ihr Brot und die Milch wollen."),
    ],
)
def test_a_small_word_with_a_capital_is_no_name_by_that_alone(before: str, after: str) -> None:
    assert step(before, after) != "names"


@pytest.mark.parametrize(
    ("before", "after"),
    [
        ("It cost $5 million.", "It cost €5 million."),
        ("It cost US$5 million.", "It cost A$5 million."),
        ("It cost USD 5.", "It cost EUR 5."),
        ("It cost 5 million dollars.", "It cost 5 million euros."),
        ("It was 5 degrees.", "It was -5 degrees."),
        ("It was −5 degrees.", "It was 5 degrees."),
        ("A profit of +3% was made.", "A profit of -3% was made."),
        ("They met at 10 a.m. there.", "They met at 10 p.m. there."),
        ("It is 5 km away.", "It is 5 miles away."),
        ("A 5-km run began.", "A 5-mile run began."),
        ("Ten days later it ended.", "Ten weeks later it ended."),
        ("It made 5 million.", "It made 5 billion."),
        ("It made $5m.", "It made $5bn."),
    ],
)
def test_a_sign_a_currency_and_a_unit_are_of_the_figure(before: str, after: str) -> None:
    assert step(before, after) == "numbers"


@pytest.mark.parametrize(
    ("before", "after"),
    [
        ("It is 5 km away.", "It is 5 kilometres away."),
        ("It rose by 5 percent.", "It rose by 5%."),
        ("They bought 5 apples.", "They bought 5 pears."),
        ("See pages 5-7.", "See pages 5–7."),
        ("He came by the mile.", "He came by the yard."),
    ],
)
def test_another_spelling_of_a_unit_and_what_is_none_are_no_figures(before: str, after: str) -> None:
    assert step(before, after) != "numbers"


@pytest.mark.parametrize(
    ("cls", "before", "after"),
    [
        ("numbers", "첫째를 보았다.", "둘째를 보았다."),
        ("numbers", "5달러를 주었다.", "5유로를 주었다."),
        ("names", "백두산을 보았다.", "금강산을 보았다."),
        ("names", "대동강에서 보았다.", "압록강에서 보았다."),
        ("wording", "총생산을 보았다.", "부동산을 보았다."),
        ("wording", "몸건강을 보았다.", "총철강을 보았다."),
    ],
)
def test_korean_ordinals_are_figures_and_mountains_and_rivers_names(cls: str, before: str, after: str) -> None:
    assert step(before, after, BODY_KO) == cls
