"""Whatever is called, in whichever order, the answer is one that the OpenAPI document promises."""

from __future__ import annotations

from pathlib import Path

import pytest

from knowledge.base import KnowledgeBase
from tests.api.harness import Caller, running

pytestmark = pytest.mark.slow


def test_no_answer_is_undocumented_and_what_is_erased_is_gone(base: KnowledgeBase, tmp_path: Path) -> None:
    with running(base, tmp_path) as address:
        caller = Caller(address)
        caller.in_turn(25)
        caller.one_by_one(8)
    assert caller.cases > 100
    # Conversations were opened, carried on, erased and called again.
    assert {200, 201, 204, 401, 422} <= set(caller.statuses)
