"""`dateline try match`."""

from __future__ import annotations

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
