"""What a bench reports: a figure, the floor that it is measured against, and the bar that it has to keep under."""

from __future__ import annotations

import gc
import statistics
from collections.abc import Callable
from dataclasses import dataclass
from time import process_time


@dataclass(frozen=True)
class Figure:
    """One line of the table.

    `value` and `floor` are in `unit`; the floor is the cheapest thing that does the same, measured in the same run, 0
    where there is none. `bar` is the most that is allowed: of value / floor, or of the value itself where there is no
    floor or `bar_in_unit` says so.
    """

    name: str
    value: float
    unit: str
    bar: float
    floor: float = 0.0
    note: str = ""
    bar_in_unit: bool = False

    @property
    def ratio(self) -> float | None:
        return self.value / self.floor if self.floor else None

    @property
    def is_kept(self) -> bool:
        measured = self.value if self.bar_in_unit or self.ratio is None else self.ratio
        return measured <= self.bar


def cpu_ms(work: Callable[[], object]) -> float:
    """CPU milliseconds of this process, user and system, that one call takes; other work counts little."""
    gc.collect()
    began = process_time()
    work()
    return (process_time() - began) * 1000


def median_cpu_ms(work: Callable[[], object], runs: int = 5) -> float:
    return statistics.median(cpu_ms(work) for _ in range(runs))
