"""How the rules are: what each of them has raised lately."""

from __future__ import annotations

from collections import Counter
from collections.abc import Collection
from dataclasses import dataclass
from datetime import date, datetime, timedelta

import sqlalchemy as sa
from sqlalchemy import func, select

from storage.schema.telling import alert

_DAY_US = 86_400_000_000


@dataclass(frozen=True, slots=True)
class RuleCount:
    """`alerts` that a rule raised, and of how many of these nobody was told."""

    alerts: int = 0
    untold: int = 0


def raised_since(connection: sa.Connection, since: datetime) -> dict[str, RuleCount]:
    """By rule; those that raised nothing are not in it."""
    untold = func.sum(sa.case((alert.c.untold != "", 1), else_=0))
    query = select(alert.c.rule, func.count(), untold).where(alert.c.created_at >= since).group_by(alert.c.rule)
    return {name: RuleCount(int(number), int(not_told)) for name, number, not_told in connection.execute(query)}


def raised_by_day(connection: sa.Connection, since: datetime, rules: Collection[str]) -> dict[str, Counter[date]]:
    """How many alerts each of these rules raised on each day (UTC) from then on; in one query, however many rules."""
    day = (sa.type_coerce(alert.c.created_at, sa.BigInteger) // _DAY_US).label("day")
    query = select(alert.c.rule, day, func.count()).where(alert.c.created_at >= since, alert.c.rule.in_(rules))
    found: dict[str, Counter[date]] = {name: Counter() for name in rules}
    for name, days, number in connection.execute(query.group_by(alert.c.rule, day)):
        found[name][date(1970, 1, 1) + timedelta(days=days)] = number
    return found
