"""The number of a case: unguessable, readable aloud, and with a check against slips."""

from __future__ import annotations

import re
import secrets

ALPHABET = "23456789ABCDEFGHJKMNPQRSTVWXYZ"
"""Crockford's base32 less 0 and 1, which are heard and read as letters; I, L, O and U are not in it."""
LENGTH = 9
"""Random characters: 44 bits."""
_MODULUS = 31
"""The least prime above the size of the alphabet: it catches any one wrong character and any two exchanged."""


def new_reference() -> str:
    """A reference such as 7KQ4-M2XP-9S."""
    while True:
        body = "".join(secrets.choice(ALPHABET) for _ in range(LENGTH))
        check = _check(body)
        if check is not None:
            return _grouped(body + check)


def read_reference(text: str) -> str | None:
    """The reference as we write it, from one typed or dictated; nothing where its check character is wrong."""
    letters = re.sub(r"[\s-]", "", text).upper()
    if len(letters) != LENGTH + 1 or set(letters) - set(ALPHABET) or _check(letters[:-1]) != letters[-1]:
        return None
    return _grouped(letters)


def _check(body: str) -> str | None:
    total = sum(place * ALPHABET.index(letter) for place, letter in enumerate(body, start=1)) % _MODULUS
    return ALPHABET[total] if total < len(ALPHABET) else None


def _grouped(letters: str) -> str:
    return "-".join((letters[:4], letters[4:8], letters[8:]))
