"""What was made and may be asked for again, up to a total size; what was not used for longest goes first."""

from __future__ import annotations

from collections import OrderedDict
from collections.abc import Hashable
from threading import Lock
from typing import Generic, TypeVar

Value = TypeVar("Value")


class Shelf(Generic[Value]):
    """Values by key, for several threads. `room` is the total size that it keeps, in whatever unit `put` is told."""

    def __init__(self, room: int) -> None:
        self._room = room
        self._used = 0
        self._values: OrderedDict[Hashable, tuple[int, Value]] = OrderedDict()
        self._lock = Lock()

    def get(self, key: Hashable) -> Value | None:
        with self._lock:
            if key not in self._values:
                return None
            self._values.move_to_end(key)
            return self._values[key][1]

    def put(self, key: Hashable, value: Value, size: int) -> None:
        """Keep the value; one that is larger than the shelf is not kept at all."""
        with self._lock:
            self._used -= self._values.pop(key, (0, value))[0]
            if size > self._room:
                return
            self._values[key] = (size, value)
            self._used += size
            while self._used > self._room:
                _, (freed, _) = self._values.popitem(last=False)
                self._used -= freed
