"""A short sketch of a text by which nearly the same texts find each other among millions. Pure, the same everywhere."""

from __future__ import annotations

from hashlib import blake2b

from rensa import RMinHash

from storage.churn import without_churn
from storage.identity import shingles_of, words_of

# What a band is made of. A change of any of these makes another kind of band: raise VERSION, and have all made anew.
VERSION = 1
SEED = 20_130_916
ROWS = 3  # values of a band: two texts of which the share s is common agree in a band with the chance s ** ROWS
WHOLE_BANDS = 20  # of half the shingles in common 93 % are found, of a fifth 15 %
LEAD_BANDS = 8
LEAD_WORDS = 64  # a copy that was cut short has the beginning
FEWEST_WORDS = 12  # below, a text is the same or it is not


def bands(body: str) -> tuple[int, ...]:
    """The bands of a body, as numbers that an INTEGER of 64 bits holds, in order; () for one that says too little.

    Two bodies that are nearly the same have at least one in common, all but certainly.
    """
    said = without_churn(body)
    words = words_of(said)
    if len(words) < FEWEST_WORDS:
        return ()
    lead = " ".join(words[:LEAD_WORDS])
    return (*_bands(said, "whole", WHOLE_BANDS), *_bands(lead, "lead", LEAD_BANDS))


def _bands(text: str, part: str, number: int) -> list[int]:
    sketch = RMinHash(num_perm=number * ROWS, seed=SEED)
    sketch.update([" ".join(shingle) for shingle in shingles_of(text)])
    values = sketch.digest()
    return [
        int.from_bytes(
            blake2b(
                f"{VERSION} {part} {band} {values[band * ROWS : (band + 1) * ROWS]}".encode(), digest_size=8
            ).digest(),
            "big",
            signed=True,
        )
        for band in range(number)
    ]
