"""The bands of a text: the same for ever and everywhere, shared by nearly the same texts, and by few others."""

from __future__ import annotations

from random import Random

import pytest

from storage.minhash import LEAD_BANDS, WHOLE_BANDS, bands
from tests.made_up import text

WRITTEN = ["\n\n".join(text(Random(seed), 8)) for seed in range(120)]


def test_the_bands_of_a_text_never_change() -> None:
    """They lie in stores: another value for one of them would lose all that was stored before."""
    assert bands(WRITTEN[0])[:2] == (1648250246591226282, 8424623502036259790)
    assert len(bands(WRITTEN[0])) == WHOLE_BANDS + LEAD_BANDS
    assert all(-(2**63) <= key < 2**63 for key in bands(WRITTEN[0]))


@pytest.mark.parametrize("said", ["", "  \n\n", "One word.", "1,204 views\n\n5 minutes ago"])
def test_what_says_too_little_has_none(said: str) -> None:
    assert bands(said) == ()


def share(changed: list[str]) -> float:
    """Of the texts, how many have a band in common with what became of them."""
    return sum(bool({*bands(one)} & {*bands(other)}) for one, other in zip(WRITTEN, changed, strict=True)) / len(
        changed
    )


def test_copies_that_are_cut_longer_or_in_another_order_share_a_band() -> None:
    paragraphs = [one.split("\n\n") for one in WRITTEN]
    assert share(["\n\n".join(one[:2]) for one in paragraphs]) >= 0.97
    assert share(["HARBOUR, 1 March (Agency) -- " + one for one in WRITTEN]) == 1
    assert share(["\n\n".join([*one, *text(Random(9), 3)]) for one in paragraphs]) >= 0.97
    assert share(["\n\n".join([*one[4:], *one[:4]]) for one in paragraphs]) >= 0.97
    assert share(["\n\n".join([*one[:3], *text(Random(n), 2), *one[5:]]) for n, one in enumerate(paragraphs)]) >= 0.97


def test_typography_and_counters_change_no_band() -> None:
    assert (
        bands(WRITTEN[0].replace(" the ", "\u00a0the ")) == bands(WRITTEN[0] + "\n\n1,204 views") == bands(WRITTEN[0])
    )


def test_other_texts_hardly_ever_share_one() -> None:
    assert share([*WRITTEN[1:], WRITTEN[0]]) <= 0.05


def test_texts_without_spaces_have_bands_too() -> None:
    body = "平壌市の学校で新しい図書館の開館式が行われ、多くの生徒と教師が参加した。図書館には三万冊の本がある。"
    assert {*bands(body)} & {*bands(body.replace("三万冊", "四万冊"))}
    assert {*bands("김정은 동지께서 새로 건설된 학교를 현지에서 지도하시였다. " * 3)}
