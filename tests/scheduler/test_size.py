"""Sizes are read as they are written, and the mend is said."""

from __future__ import annotations

import pytest

from scheduler.size import bytes_in, size_in_words


@pytest.mark.parametrize(
    ("text", "number"),
    [("512", 512), (512, 512), ("500kB", 500_000), ("8MB", 8_000_000), (" 10 GB ", 10**10), ("2TB", 2 * 10**12)],
)
def test_a_size_is_read(text: object, number: int) -> None:
    assert bytes_in(text) == number


@pytest.mark.parametrize("text", ["", "GB", "1.5GB", "-1MB", "10 gb", "9" * 40, True, None, "١٠ GB\n5"])
def test_what_is_no_size_is_refused(text: object) -> None:
    with pytest.raises(ValueError, match='write "500kB"'):
        bytes_in(text)


def test_sizes_are_told_in_a_unit_that_fits() -> None:
    assert [size_in_words(one) for one in (0, 999, 1000, 20_349_000, 10**10, 3 * 10**12)] == [
        *("0 B", "999 B", "1.0 kB", "20.3 MB", "10.0 GB", "3.0 TB")
    ]
