"""`dateline try match`."""

from __future__ import annotations

import pytest

from scheduler.query.trying import try_match


def test_a_match_names_its_places() -> None:
    """Spans are of the text; a match in the title alone has none."""
    assert try_match({"query": "bridge", "text": "A Bridge."}) == {"match": True, "spans": [[2, 8]]}
    assert try_match({"query": "bridge", "text": "None.", "title": "Bridge"}) == {"match": True, "spans": []}
    assert try_match({"query": "bridge", "text": "None.", "language": "en"}) == {"match": False, "spans": []}


def test_a_broken_query_is_an_error() -> None:
    """A query that cannot be used is answered with what is wrong."""
    assert try_match({"query": "a AND", "text": ""}) == {
        "error": "the query cannot be used, at column 6: nothing stands after AND: add a word, or leave it out"
    }


@pytest.mark.parametrize(
    ("record", "fault"),
    [
        ({"lists": ["Kim"]}, '"lists" must be an object of names, each with a list of texts: {"leaders": ["Kim'),
        ({"lists": "leaders"}, '"lists" must be an object of names'),
        ({"lists": {"leaders": "Kim"}}, '"lists": leaders must be a list of texts'),
        ({"lists": {"leaders": ["Kim", 1]}}, '"lists": leaders must be a list of texts'),
        ({"query": ["bridge"]}, '"query" must be a text'),
        ({"text": None}, '"text" must be a text'),
        ({"title": {"en": "Bridge"}}, '"title" must be a text'),
        ({"language": 1}, '"language" must be a text'),
    ],
)
def test_a_record_of_another_shape_is_a_fault_in_words(record: dict[str, object], fault: str) -> None:
    """Which key it is, and what stands there; a null is what is left out."""
    assert try_match({"query": "bridge", "text": "A Bridge."} | record)["error"].startswith(fault)
    left_out = {"query": "bridge", "text": "A Bridge.", "title": None, "language": None, "lists": None}
    assert try_match(left_out)["match"]
