"""Digests: when all that has gathered is told, by the clock of a zone or every so many hours."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from zoneinfo import ZoneInfo

from cronsim import CronSim, CronSimError

from scheduler.duration import duration

SHORTEST = timedelta(minutes=1)
_EPOCH = datetime(1970, 1, 1, tzinfo=UTC)
_SOME_DAY = datetime(2026, 1, 1, tzinfo=UTC)


@dataclass(frozen=True, slots=True)
class Digest:
    """Either `cron`, five fields as in crontab by the clocks of `zone`, or `every`, counted from 1970 in UTC: "every
    4h" is at 0, 4, 8 ... o'clock UTC, whatever clocks are set to. `zone` "" is for the reader of the config to fill.
    """

    cron: str = ""
    every: timedelta = timedelta(0)
    zone: str = ""

    def next(self, moment: datetime) -> datetime:
        """The first digest behind `moment`.

        A clock time that is skipped in spring comes as soon as clocks show a later one, and one that is shown twice in
        autumn counts the first time: once a day either way.
        """
        if not self.cron:
            return _EPOCH + ((moment - _EPOCH) // self.every + 1) * self.every
        for found in CronSim(self.cron, moment.astimezone(ZoneInfo(self.zone))):
            # It reckons with clock times: within the hour that comes twice, what it finds may have been an hour ago.
            if found.astimezone(UTC) > moment:
                return found.astimezone(UTC)
        raise AssertionError("a cron time that never comes is refused when it is read")


def read_digest(value: object) -> Digest:
    """Read "0 8 * * mon-fri" or "every 4h". Raises ValueError with the mend."""
    if isinstance(value, Digest):
        return value
    text = " ".join(value.split()) if isinstance(value, str) else ""
    if text.startswith("every "):
        every = duration(text.removeprefix("every "))
        if every < SHORTEST:
            raise ValueError(f"{text!r} is too often: at least every 1m")
        return Digest(every=every)
    if len(text.split(" ")) != 5:
        raise ValueError(
            f'{value!r}: write cron times as "0 8 * * mon-fri" (minute hour day month weekday), or "every 4h"'
        )
    try:
        next(CronSim(text, _SOME_DAY))
    except CronSimError as reason:
        order = "minute hour day month weekday"
        raise ValueError(f"{text!r}: {str(reason)[:1].lower()}{str(reason)[1:]}; its order is {order}") from None
    except StopIteration:
        raise ValueError(f"{text!r} never comes: there is no such day") from None
    return Digest(cron=text)
