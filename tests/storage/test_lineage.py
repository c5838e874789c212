"""Who had a story first, who has it from whom, and what was added or dropped on the way."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta
from random import Random

from storage.lineage import MOST_COMPARED, copies
from storage.model.articles import StoryMember
from tests.made_up import text

BEGAN = datetime(2026, 3, 1, 12, tzinfo=UTC)


def member(number: int) -> StoryMember:
    seen_at = BEGAN + timedelta(hours=number)
    return StoryMember(
        f"guid {number}", f"https://paper{number}.example/", f"Title {number}", (f"paper{number}",), seen_at
    )


def told(*bodies: list[str]) -> list[tuple[StoryMember, str]]:
    return [(member(number), "\n\n".join(body)) for number, body in enumerate(bodies)]


def test_each_copy_stands_beside_the_earlier_one_that_it_is_nearest_to() -> None:
    """The third has the paragraph that the second added, so it has the story from there."""
    body, comment = text(Random(1), 6), text(Random(2), 1)
    first, second, third = copies(told(body, [*body, *comment], [*body[2:], *comment]))
    assert (first.parent, first.added, first.dropped) == (None, (), ())
    assert (second.parent, second.added, second.dropped) == (0, tuple(comment), ())
    assert (third.parent, third.added) == (1, ()) and sorted(third.dropped) == sorted(body[:2])
    assert third.share > 0.9


def test_of_two_that_are_equally_near_the_earlier_was_copied() -> None:
    body = text(Random(1), 3)
    assert [one.parent for one in copies(told(body, body, body))] == [None, 0, 0]


def test_of_a_great_story_the_first_are_compared_and_all_are_listed() -> None:
    body = text(Random(1), 1)
    found = copies(told(*([body] * (MOST_COMPARED + 5))))
    assert len(found) == MOST_COMPARED + 5
    assert [one.parent for one in found[-6:]] == [0, None, None, None, None, None]


def test_none_is_none() -> None:
    assert copies([]) == []
