"""What a rule must hold for and must not, as its writer says in the config: tried whenever the config is read."""

from __future__ import annotations

from collections.abc import Collection
from datetime import UTC, date, datetime, time
from typing import Annotated, Any

from pydantic import AfterValidator, BaseModel, BeforeValidator, ConfigDict, ValidationInfo

from scheduler.kinds import answers_to, asks_for, check_asked
from scheduler.query.explain import explain, found_in
from scheduler.query.flips import flips
from scheduler.query.grammar import NO_LISTS, parse
from scheduler.query.matcher import compile_rules
from scheduler.query.text import Text
from storage.model.articles import When
from storage.text import one_line

MOST_SHOWN = 80  # characters of an example that a fault names
MOST_NAMED = 3  # of the clauses that would have to be otherwise


class Example(BaseModel):
    """An article, as far as it matters. A text alone stands as headline and as text: a rule that asks for either is
    tried by it."""

    model_config = ConfigDict(extra="forbid", frozen=True, hide_input_in_errors=True)
    title: str = ""
    body: str = ""
    source: str = ""
    language: str = ""
    author: str = ""
    section: str = ""
    url: str = ""
    published: date | None = None
    change: Annotated[str, AfterValidator(lambda name: check_asked(name) if name else name)] = ""
    story: str = ""

    @property
    def changes(self) -> frozenset[str]:
        """The names under which its change is asked for; none where it states no change."""
        kind, _, cls = self.change.partition(":")
        return answers_to(kind, cls) if kind else frozenset()

    @property
    def text(self) -> Text:
        return Text(
            self.title,
            self.body,
            sources=_if_any(self.source),
            language=self.language,
            changes=self.changes,
            authors=_if_any(self.author),
            section=self.section,
            urls=_if_any(self.url),
            published=When(datetime.combine(self.published, time(), UTC), "day") if self.published else None,
            story=self.story,
        )


def _if_any(value: str) -> tuple[str, ...]:
    return (value,) if value else ()


_BESIDE = ", ".join(one for one in Example.model_fields if one not in ("title", "body"))


def _example(value: object) -> object:
    if isinstance(value, str):
        value = {"title": value, "body": value}
    if not isinstance(value, dict | Example):
        raise ValueError(f'write a text in quotes, or {{ title = "...", body = "..." }}, beside them also {_BESIDE}')
    said = value if isinstance(value, dict) else value.model_dump()
    if said.keys() <= Example.model_fields.keys() and not any(
        isinstance(said.get(one), str) and said[one].strip() for one in ("title", "body")
    ):
        raise ValueError("the example has neither a headline nor a text")
    return value


def _must(example: Example, info: ValidationInfo) -> Example:
    if not _is_asked_for(example, on := info.data.get("on") or ()):
        raise ValueError(
            f'the rule is not told of "{_shown(example)}": it states change = "{example.change}", and on asks for '
            f"{', '.join(on)} alone"
        )
    if (fault := _tried(example, info, wanted=True)) is not None:
        raise ValueError(f'the rule does not hold for "{_shown(example)}"; it would {fault}')
    return example


def _must_not(example: Example, info: ValidationInfo) -> Example:
    if not _is_asked_for(example, info.data.get("on") or ()):
        return example
    if (fault := _tried(example, info, wanted=False)) is not None:
        raise ValueError(f'the rule holds for "{_shown(example)}"{fault}')
    return example


def _is_asked_for(example: Example, on: Collection[str]) -> bool:
    """May the rule be told of such a change, by its `on`? Of an edit an example shows one text alone: the other may be
    one that the query does not hold for. Without a change, and where `on` has a fault itself, `on` is not asked."""
    if not example.change or not on:
        return True
    kind, _, cls = example.change.partition(":")
    return asks_for(on, kind, cls, example.changes, is_new=True)


def _tried(example: Example, info: ValidationInfo, *, wanted: bool) -> str | None:
    """What is wrong, in words; None for what is as it should be, or cannot be tried: the query has a fault itself."""
    query: Any = info.data.get("query")
    if not isinstance(query, str):
        return None
    sources = info.data.get("sources") or ()
    is_elsewhere = bool(sources and example.source and example.source not in sources)
    tree = parse(query, (info.context or {}).get("lists", NO_LISTS))
    holds = "" in compile_rules({"": tree}).match(example.text)
    if (holds and not is_elsewhere) == wanted:
        return None
    if wanted and is_elsewhere:
        return f"if {example.source!r} were among its sources"
    others = flips(tree, example.text)
    more = f" (and {len(others) - MOST_NAMED} more)" if len(others) > MOST_NAMED else ""
    turn = f"{' and '.join(others[:MOST_NAMED])}{more}"
    if wanted:
        return turn or "not do so whatever stood there: the query contradicts itself"
    found = found_in(explain(tree, example.text))
    by = f" by {'; '.join(found[:MOST_NAMED])}" if found else ""
    return f"{by}; it would not {turn}"


def _shown(example: Example) -> str:
    return one_line(example.title or example.body, MOST_SHOWN)


MustMatch = Annotated[Example, BeforeValidator(_example), AfterValidator(_must)]
MustNotMatch = Annotated[Example, BeforeValidator(_example), AfterValidator(_must_not)]
