"""Administrators export and erase what is kept of an address or a conversation; nobody else does."""

from __future__ import annotations

import pytest

from bot.console.permissions import Role
from bot.console.privacy import subject_of
from bot.privacy.subject import Subject
from tests.console.conftest import Console

ID = "f47ac10b-58cc-4372-a567-0e02b2c3d479"


@pytest.mark.parametrize(
    ("typed", "subject"),
    [
        (f" {ID} ", Subject(conversation=ID)),
        (" amina@example.org", Subject(email="amina@example.org")),
        ("amina at example.org", None),
        ("@example.org", None),
        ("", None),
    ],
)
def test_what_is_typed_says_whose_data_are_meant(typed: str, subject: Subject | None) -> None:
    assert subject_of(typed) == subject


async def test_an_administrator_exports_and_erases_and_the_trail_says_so(console: Console) -> None:
    browser = await console.signed_in(Role.ADMINISTRATOR)
    page = await browser.get("/console/privacy")
    assert "30 days from when the conversation was opened" in page.text
    exported = await browser.post("/console/privacy/export", {"csrf": page.csrf, "subject": "amina@example.org"})
    assert exported.response.headers["Content-Disposition"] == 'attachment; filename="export.json"'
    unsure = await browser.post("/console/privacy/erase", {"csrf": page.csrf, "subject": "amina@example.org"})
    assert unsure.response.status == 422
    assert await console.acts(act="data.erased") == []
    done = await browser.post(
        "/console/privacy/erase", {"csrf": page.csrf, "subject": "amina@example.org", "sure": "1"}
    )
    assert done.response.status in (200, 303)
    assert len(await console.acts(act="data.erased")) == 1
    assert len(await console.acts(act="data.exported")) == 1
