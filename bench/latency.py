"""From the look that lists an article to its webhook: the real daemon between the demo's newspaper and postbox.

The pauses that politeness asks for between two requests to a host are taken off: one for each article.
"""

from __future__ import annotations

import asyncio
import statistics
from time import monotonic

from bench.figure import Figure
from scheduler.demo.stage import DELAY_S, Stage
from scheduler.demo.texts import made_up

ONE_BY_ONE, TOGETHER = 10, 20
FOUND = "The ferry to Gull Island sails on Monday."  # what the rule of the stage holds for
LIMIT_S = 3.0


def run() -> list[Figure]:
    single, last = asyncio.run(_measure())
    note = f"less {DELAY_S:g} s a request, the host's delay"
    return [
        Figure("from look to webhook, an article, median", statistics.median(single), "s", bar=LIMIT_S, note=note),
        Figure("from look to webhook, an article, slowest", max(single), "s", bar=LIMIT_S, note=note),
        Figure(f"from look to webhook, last of {TOGETHER}", last, "s", bar=LIMIT_S, note=note),
    ]


async def _measure() -> tuple[list[float], float]:
    """Seconds for each article that was listed alone, and for the last of many that were listed at once."""
    async with Stage(revisit=["30d"]) as stage:
        stage.newspaper.publish(*made_up(0))
        await stage.start_dateline()
        await stage.seen("the first article", stage.archive.newest)
        numbers = iter(range(1, 1 + ONE_BY_ONE + TOGETHER))
        single = [await _from_look_to_webhook(stage, [next(numbers)]) for _ in range(ONE_BY_ONE)]
        return single, await _from_look_to_webhook(stage, list(numbers))


async def _from_look_to_webhook(stage: Stage, numbers: list[int]) -> float:
    newspaper, postbox = stage.newspaper, stage.postbox
    told = _told(stage) + len(numbers)
    looks = newspaper.statistics.requests["/"]
    for number in numbers:
        title, paragraphs = made_up(number)
        newspaper.publish(title, (FOUND, *paragraphs))
    await newspaper.wait_for("/", looks + 1)
    began = monotonic()
    while _told(stage) < told:
        await postbox.wait_for(hooks=len(postbox.received_hooks) + 1)
    return monotonic() - began - DELAY_S * len(numbers)


def _told(stage: Stage) -> int:
    """How many alerts have come."""
    return sum(len(hook.content["data"]["alerts"]) for hook in stage.postbox.received_hooks)
