"""Forms of one word, where texts are judged in several threads at once."""

from __future__ import annotations

import sys
from concurrent.futures import ThreadPoolExecutor
from itertools import product

from scheduler.query.stems import same_stem


def test_threads_that_stem_at_once_do_not_get_each_others_words() -> None:
    """Each would miss alerts for as long as the daemon runs: what came of a word is kept."""
    letters = "bcdfghklmnprst"
    forms = [
        [(f"{head}{one}{other}{end}s", f"{head}{one}{other}{end}") for one, other in product(letters, letters)]
        for head, end in (("attac", "ing"), ("foun", "ation"), ("nati", "ize"))
    ]
    before = sys.getswitchinterval()
    sys.setswitchinterval(1e-6)
    try:
        with ThreadPoolExecutor(len(forms)) as threads:
            found = list(threads.map(lambda some: [same_stem(*pair, "en") for pair in some], forms))
    finally:
        sys.setswitchinterval(before)
    assert all(map(all, found))
