"""The query tree: which terms must stand where a query holds."""

from __future__ import annotations

import pytest

from storage.query import And, Not, Or, Query, Term, anchors

A, B, C = Term("a"), Term("b"), Term("c", "source")


@pytest.mark.parametrize(
    ("query", "expected"),
    [
        (A, {A}),
        (Not(A), None),
        (And((A, B)), {A}),
        (And((Not(A), B)), {B}),
        (And((C, B)), {B}),
        (And((C, Not(B))), {C}),
        (Or((A, B)), {A, B}),
        (Or((A, Not(B))), None),
        (And((Or((A, Not(B))), C)), {C}),
        (Not(Or((A, Not(B)))), None),
    ],
)
def test_a_query_is_anchored_by_terms(query: Query, expected: set[Term] | None) -> None:
    """Wherever a query holds one of its anchors stands; one that can hold without any has none."""
    assert anchors(query) == expected
