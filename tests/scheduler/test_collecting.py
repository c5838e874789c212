import gc

import pytest

from scheduler.collecting import without_collecting


def test_garbage_is_collected_again_afterwards_though_it_failed() -> None:
    with pytest.raises(ZeroDivisionError), without_collecting():
        assert not gc.isenabled()
        1 / 0
    assert gc.isenabled()


def test_within_each_other_the_outer_one_decides() -> None:
    with without_collecting():
        with without_collecting():
            pass
        assert not gc.isenabled()
    assert gc.isenabled()
