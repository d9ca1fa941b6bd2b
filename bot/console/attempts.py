"""How often one may try to sign in."""

from __future__ import annotations

from datetime import datetime, timedelta

from bot.store.staff_sessions import Attempts

TRIES, WINDOW = 5, timedelta(minutes=15)
"""Wrong passwords for one name from one address; wrong codes for one account."""
NAME_TRIES, ADDRESS_TRIES, LONG_WINDOW = 50, 200, timedelta(hours=1)
"""Wrong passwords for one name from anywhere; from one address, which an office may share, for any name."""


class Throttle:
    """Counts every attempt before it is made, and forgets those of who succeeds."""

    def __init__(self, attempts: Attempts) -> None:
        self._attempts = attempts

    async def password(self, name: str, address: str, now: datetime) -> bool:
        """Whether a password may be tried."""
        for key, limit, window in (
            (f"both {name} {address}", TRIES, WINDOW),
            (f"name {name}", NAME_TRIES, LONG_WINDOW),
            (f"address {address}", ADDRESS_TRIES, LONG_WINDOW),
        ):
            if not await self._attempts.take(key, limit, window, now):
                return False
        return True

    async def password_was_right(self, name: str, address: str) -> None:
        """Forgets what was counted for this name."""
        for key in (f"both {name} {address}", f"name {name}"):
            await self._attempts.forget(key)

    async def code(self, account_id: int, now: datetime) -> bool:
        """Whether a code may be tried."""
        return await self._attempts.take(f"code {account_id}", TRIES, WINDOW, now)

    async def code_was_right(self, account_id: int) -> None:
        """Forgets what was counted for this account."""
        await self._attempts.forget(f"code {account_id}")
