"""Rules that can raise no alert, since what their query asks of a change and what their `on` asks for exclude each
other. Pure; only what is certain is said: of words, sources and dates nothing is."""

from __future__ import annotations

from collections.abc import Collection

from storage.model.articles import ChangeKind, EditClass
from storage.query import And, Not, Or, Query, Term

LABEL = f"{ChangeKind.EDITED}:{EditClass.LABEL}"
# What a change may be. An edit is one of typography or another, and that one of any of the other classes.
_KINDS = (*map(str, ChangeKind), LABEL)


def excluded(query: Query, on: Collection[str]) -> str:
    """Why such a rule can raise no alert, with the mend; "" where it may raise one."""
    may_hold = [kind for kind in _KINDS if _holds(query, kind) is not False]
    if not may_hold:
        return (
            "no alert can be raised: no change is all that the query asks for with its change: at once. Write OR "
            "between them, or leave one out"
        )
    if any(_is_asked_for(kind, on, _holds(query, kind)) for kind in may_hold):
        return ""
    named = ", ".join(f'"{kind}"' for kind in may_hold)
    asked = ", ".join(f'"{one}"' for one in on)
    return (
        f"no alert can be raised: by its change: the query holds for {named} alone, and `on` asks for {asked}. Write "
        f"on = [{named}], or leave the change: out of the query"
    )


def _is_asked_for(kind: str, on: Collection[str], held: bool | None) -> bool:
    """May a change of this kind be one that `on` asks for? `held` None: the query may hold after an edit and not
    before it, which is news to a rule that asks for what is added (`kinds.asks_for`)."""
    if kind != ChangeKind.EDITED:
        return kind in on
    return any(one.startswith(kind) and one != LABEL for one in on) or (ChangeKind.ADDED in on and held is None)


def _holds(query: Query, kind: str) -> bool | None:
    """Does the query hold for a change of this kind? None: it depends on the article, or on the class of the edit."""
    match query:
        case Term(field="change"):
            if kind == ChangeKind.EDITED and query.text.startswith(f"{kind}:") and query.text != LABEL:
                return None
            return query.text == kind
        case Not():
            held = _holds(query.part, kind)
            return None if held is None else not held
        case And() | Or():
            decides = isinstance(query, Or)
            held_parts = [_holds(part, kind) for part in query.parts]
            return decides if decides in held_parts else None if None in held_parts else not decides
    return None
