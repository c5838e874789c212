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


def test_what_is_not_there_is_no_word() -> None:
    """A program's null is neither "None" nor a query."""
    assert try_match({"query": "none", "text": None}) == {"match": False, "spans": []}
    assert try_match({"query": None, "text": "None."})["error"].endswith("the query is empty: write at least one word")


@pytest.mark.parametrize("lists", [{"kims": "Kim"}, {"kims": ["Kim", 5]}, {"kims": None}, ["Kim"]])
def test_a_list_that_is_none_is_an_error(lists: object) -> None:
    """A text in the place of a list would be a list of its letters."""
    assert try_match({"query": "@kims", "text": "A K.", "lists": lists}) == {
        "error": 'lists are written as {"kims": ["Kim Jong-un", "김정은"]}'
    }
