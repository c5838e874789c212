"""`try same`: a pair of texts in, a relation out, whatever the line holds."""

from __future__ import annotations

from random import Random
from typing import Any

import pytest

from scheduler.pairs import try_same
from tests.made_up import text

BODY = "\n\n".join(text(Random(1), 5))


def said(url: str, body: str = BODY, title: str = "Harbour counts its ships") -> dict[str, Any]:
    return {"id": "1", "url": url, "title": title, "body": body, "language": "en"}


@pytest.mark.parametrize(
    ("other", "relation"),
    [
        (said("http://www.a.example/1?utm_source=x"), "same"),
        (said("https://a.example/1", BODY + "\n\nAnd more was said."), "edited"),
        (said("https://b.example/9", "(Agency) " + BODY), "copy"),
        (said("https://b.example/9", "\n\n".join(text(Random(2), 5))), "different"),
        (said("", "(Agency) " + BODY), "copy"),  # an address that is not known
    ],
)
def test_a_pair_has_a_relation_and_a_similarity(other: dict[str, Any], relation: str) -> None:
    answer = try_same({"a": said("https://a.example/1"), "b": other})
    assert answer["relation"] == relation and 0 <= answer["similarity"] <= 1
    assert (answer["similarity"] > 0.9) is (relation != "different")


@pytest.mark.parametrize(
    ("record", "why"),
    [
        ({}, 'the line has no "a" with url, title and body'),
        ({"a": said("x"), "b": "text"}, 'the line has no "b" with url, title and body'),
        ({"a": said("x"), "b": {"url": "x", "body": ""}}, '"b" has neither title nor body'),
        ({"a": said("x"), "b": {"title": "x", "text": "y"}}, '"b" has no body: a text is {"url", "title", "body"}'),
        ({"a": said("x"), "b": {"title": 7, "body": "x"}}, '"b": url, title and body are texts'),
    ],
)
def test_what_is_no_pair_is_an_error_that_says_why(record: dict[str, Any], why: str) -> None:
    assert try_same(record) == {"error": why}


def test_odd_texts_are_compared_like_others() -> None:
    odd = said("https://a.example/1", "\ud800\x00\u202e" * 50, "\r\n")
    assert try_same({"a": odd, "b": odd})["relation"] == "same"
