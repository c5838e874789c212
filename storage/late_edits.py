"""Edits that bring an article what a site-wide change brought its siblings before: it was only looked at later."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass

import sqlalchemy as sa
from sqlalchemy import func, select

from storage.blocks import edited_lines
from storage.furniture import learned
from storage.mass import common_of
from storage.model.articles import Article, Diff, DiffOp
from storage.rows import diff_from
from storage.schema.articles import change, mass

MOST_READ = 500  # changes of a source, the oldest that wait


@dataclass(frozen=True, slots=True)
class Late:
    """What was found out of changes that wait, by their ids."""

    follow: Mapping[int, int]  # the site-wide change whose lines are all that the edit is made of
    apart: frozenset[int]  # made of such lines, too, and yet somebody wrote them into this one article


def late(connection: sa.Connection, waiting: Mapping[int, int]) -> Late:
    """Ask of edits that wait, id -> source, whether their source had a site-wide change that they go back to."""
    of_source: dict[int, list[int]] = defaultdict(list)
    for change_id, source_id in waiting.items():
        of_source[source_id].append(change_id)
    follow: dict[int, int] = {}
    apart: set[int] = set()
    for source_id, event_id in _site_wide(connection, of_source):
        common, furniture = common_of(connection, source_id), None
        for change_id, diff in _diffs(connection, of_source[source_id]):
            if not _may_follow(diff, common):
                continue
            furniture = furniture or learned(connection, source_id)
            before, after = _texts(diff)
            if furniture.explains(before, after):
                follow[change_id] = event_id
            elif furniture.is_written_amid(before, after):
                apart.add(change_id)
    return Late(follow, frozenset(apart))


def _may_follow(diff: Diff, common: frozenset[str]) -> bool:
    """Is every line that came or went one that a site-wide change put there or took away?"""
    lines = {line.lower() for line in edited_lines(diff)}
    return bool(lines) and all(not common.isdisjoint((f"+{line[1:]}", f"-{line[1:]}")) for line in lines)


def _texts(diff: Diff) -> tuple[Article, Article]:
    """The two texts: the parts of a diff joined are exactly these."""
    before, after = (Article(_joined(diff.title, signs), _joined(diff.body, signs)) for signs in ("=-<", "=+>"))
    return before, after


def _joined(ops: Sequence[DiffOp], signs: str) -> str:
    return "".join(text for sign, text in ops if sign in signs)


def _site_wide(connection: sa.Connection, source_ids: Iterable[int]) -> list[tuple[int, int]]:
    """The newest site-wide change with lines in common of each source that had one, as (source, event)."""
    query = (
        select(mass.c.source_id, func.max(mass.c.id))
        .where(mass.c.source_id.in_(list(source_ids)), mass.c.common != "")
        .group_by(mass.c.source_id)
    )
    return [(row[0], row[1]) for row in connection.execute(query)]


def _diffs(connection: sa.Connection, change_ids: Sequence[int]) -> Iterator[tuple[int, Diff]]:
    query = select(change.c.id, change.c.diff).where(change.c.id.in_(change_ids[:MOST_READ])).order_by(change.c.id)
    for row in connection.execute(query):
        if (diff := diff_from(row.diff)) is not None:
            yield row.id, diff
