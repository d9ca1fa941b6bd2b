"""Administrators export and erase what is kept of an address or a conversation; nobody else does."""

from __future__ import annotations

import pytest

from bot.console.privacy import subject_of
from bot.privacy.subject import Subject

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
