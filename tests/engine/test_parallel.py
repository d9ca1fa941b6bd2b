"""Work of a training is done on all cores, and comes back in order."""

from __future__ import annotations

import os
from collections.abc import Sequence

import pytest

from bot.engine.parallel import at_once, shared_out


def _lengths(texts: Sequence[str]) -> list[int]:
    return [len(text) for text in texts]


def test_results_come_in_the_order_of_what_was_asked() -> None:
    assert shared_out(_lengths, ["a", "bb", "ccc", "dddd", "eeeee"]) == [1, 2, 3, 4, 5]
    assert shared_out(_lengths, []) == []


def test_all_but_the_first_are_done_elsewhere() -> None:
    here, elsewhere = at_once(os.getpid, os.getpid)
    assert here == os.getpid() != elsewhere


def test_a_process_that_dies_is_told_of() -> None:
    with pytest.raises(RuntimeError, match="status 3"):
        at_once(lambda: 0, lambda: os._exit(3))
