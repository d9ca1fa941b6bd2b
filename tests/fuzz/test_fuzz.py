"""A short run of every fuzzer, and what longer runs have found; `make fuzz` is the long run."""

from __future__ import annotations

from typing import Any

import pytest
from hypothesis import HealthCheck, given, settings

from tests.fuzz.targets import TARGETS

pytestmark = pytest.mark.slow


@pytest.mark.parametrize("name", TARGETS)
def test_nothing_breaks(name: str) -> None:
    inputs, check = TARGETS[name]

    @settings(max_examples=80, deadline=None, database=None, suppress_health_check=list(HealthCheck))
    @given(inputs)
    def try_one(given_one: Any) -> None:
        check(given_one)

    try_one()
