"""What servers answered for one text, page by page: held until a revision names it, then kept as its evidence."""

from __future__ import annotations

from dataclasses import replace

from crawler.fetch import Fetched
from storage.capture import Capture
from storage.snapshots import Snapshots

MOST_HELD = 2 << 20  # bytes of a text's further pages in memory; the rest of them go to the disk as they come

# The answers that a text was read from, in the order of its pages: each with its bytes, or with their hash.
Served = tuple[tuple[Fetched, str], ...]


def only(fetched: Fetched) -> Served:
    """A text of one page."""
    return ((fetched, ""),)


def with_page(served: Served, fetched: Fetched, snapshots: Snapshots) -> Served:
    """Add a further page. It goes to the disk where so many bytes are held already: twenty pages of eight megabytes
    would not fit into the worker. What no revision comes to name there is swept away after a day.
    """
    held = sum(len(one.body) for one, _ in served[1:])
    if held + len(fetched.body) <= MOST_HELD:
        return (*served, (fetched, ""))
    return (*served, (replace(fetched, body=b""), snapshots.keep(fetched.body)))


def keep(served: Served, snapshots: Snapshots) -> tuple[Capture, ...]:
    """Keep the bytes of every page; answers what is known of each answer. When it returns, they outlive a power cut."""
    return tuple(
        Capture(
            asked=one.asked or one.url,
            url=one.url,
            status=one.status,
            headers=one.headers,
            at=one.fetched_at,
            snapshot=snapshot or snapshots.keep(one.body),
        )
        for one, snapshot in served
    )
