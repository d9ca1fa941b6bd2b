"""Passwords: hashed with argon2id, and compared in the same time whether or not there is one."""

from __future__ import annotations

import asyncio
import secrets
from functools import cache

from argon2 import PasswordHasher
from argon2.exceptions import InvalidHashError, VerificationError

SHORTEST, LONGEST = 12, 1000
"""Characters of a password."""
AT_ONCE = 2
"""Hashes made at the same time: each takes 64 MiB and a processor."""


class Unsuitable(ValueError):
    """A password that cannot be taken; its argument is `short`, `long` or `name`."""


def check(password: str, name: str) -> None:
    """Refuses a password that is too easily found.

    Raises:
        Unsuitable: it is too short, too long, or made of the account's name.
    """
    if len(password) < SHORTEST:
        raise Unsuitable("short")
    if len(password) > LONGEST:
        raise Unsuitable("long")
    rest = password.casefold().replace(name.casefold(), "")
    if len(rest) < SHORTEST // 2 or len(set(rest)) < SHORTEST // 3:
        raise Unsuitable("name")


class Passwords:
    """Hashes and compares, beside the event loop."""

    def __init__(self) -> None:
        self._hasher, self._nobodys = PasswordHasher(), _nobodys_hash()
        self._turn = asyncio.Semaphore(AT_ONCE)

    async def hash(self, password: str) -> str:
        """What is stored of a password."""
        async with self._turn:
            return await asyncio.to_thread(self._hasher.hash, password)

    async def fits(self, stored: str | None, password: str) -> bool:
        """Whether it is the password; it takes as long where none is stored."""
        async with self._turn:
            fits = await asyncio.to_thread(self._verify, stored or self._nobodys, password[: LONGEST + 1])
        return fits and stored is not None

    def is_outdated(self, stored: str) -> bool:
        """Whether the hash was made with other parameters than today's."""
        return self._hasher.check_needs_rehash(stored)

    def _verify(self, stored: str, password: str) -> bool:
        try:
            return self._hasher.verify(stored, password)
        except (VerificationError, InvalidHashError):
            return False


@cache
def _nobodys_hash() -> str:
    """What a password is compared with where there is none: made before anybody asks, with today's parameters."""
    return PasswordHasher().hash(secrets.token_hex())
