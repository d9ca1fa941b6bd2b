"""What is kept is written down as the settings have it, and ends when they say."""

from __future__ import annotations

import re

from bot.privacy.processing import processing, record_of_processing
from bot.settings import ROOT, ConsoleSettings, HandoffSettings, Settings
from bot.store.tables import Table
from tests.privacy.conftest import Installation
from tests.privacy.test_erasure import holding, tables_holding

WORD = "quetzalcoatlus"
INTERNAL = {
    "changed_days", "contact_keys", "leases", "nodes", "reply_texts", "review_arrivals", "turn_changes", "turned_off",
}  # fmt: skip
"""Tables that have nothing of anybody."""


def test_the_document_has_the_table_of_the_default_settings() -> None:
    table = record_of_processing(Settings(), HandoffSettings(), ConsoleSettings())
    assert table in (ROOT / "docs/privacy.md").read_text(encoding="utf-8")


def test_the_periods_are_those_of_the_settings() -> None:
    kept = [
        one.kept for one in processing(Settings(unmasked_days=12), HandoffSettings(case_days=99), ConsoleSettings())
    ]
    assert any("12 days from" in one for one in kept)
    assert any("99 days after" in one for one in kept)


def test_every_table_is_accounted_for() -> None:
    where = " ".join(one.where for one in processing(Settings(), HandoffSettings(), ConsoleSettings()))
    named = set(re.findall(r"[a-z_]+", where))
    assert {table.name for table in Table.metadata.sorted_tables} - named == INTERNAL


async def test_a_case_that_came_to_its_end_is_erased_in_time_with_its_letters(installation: Installation) -> None:
    house = installation.house
    receipt = await house.ask(name=f"Amina {WORD}", email=f"{WORD}@example.org", question=f"What of {WORD}?")
    await house.carry()
    await house.staff.close(receipt.reference, "focal.point@example.org")
    house.clock.forward(days=729)
    await house.post.ageing.pass_by(house.clock())
    assert await tables_holding(installation, [WORD])
    house.clock.forward(days=2)
    await house.post.ageing.pass_by(house.clock())
    assert await tables_holding(installation, [WORD]) == []
    assert list((installation.folder / "outbox").iterdir()) == []
    await house.conversations.remove_traces()
    assert holding(installation.folder, WORD) == []
