"""What was worked out for each word, as long as there is room: most words of an article were in others before.

The room is one for all: each feed and each rule that was asked by itself has words of its own, and a daemon has
thousands of them.
"""

from __future__ import annotations

from collections.abc import Callable
from itertools import count
from threading import Lock
from weakref import WeakValueDictionary

LONGEST_KNOWN = 24  # letters: longer words are of scripts without spaces, and come but once
WORDS_KNOWN = 50_000  # of one; a hundred bytes each
ALL_KNOWN = 500_000  # that were learned since all were forgotten


class Known(dict[str, tuple[int, ...]]):
    def __init__(self, work_out: Callable[[str], tuple[int, ...]]) -> None:
        super().__init__()
        self._work_out = work_out
        _room.enter(self)

    def __missing__(self, word: str) -> tuple[int, ...]:
        offsets = self._work_out(word)
        if len(word) <= LONGEST_KNOWN:
            if len(self) >= WORDS_KNOWN:
                self.clear()
            _room.take()
            self[word] = offsets
        return offsets


class _Room:
    """Searches run in threads of their own, and each makes some: the lock guards who is in the room."""

    def __init__(self) -> None:
        self._lock, self._numbers, self._taken = Lock(), count(), 0
        self._all: WeakValueDictionary[int, Known] = WeakValueDictionary()

    def enter(self, known: Known) -> None:
        with self._lock:
            self._all[next(self._numbers)] = known

    def take(self) -> None:
        self._taken += 1
        if self._taken < ALL_KNOWN:
            return
        with self._lock:
            self._taken = 0
            for known in list(self._all.values()):
                known.clear()


_room = _Room()
