"""A browser on its way in: what is known of it between its steps, and how it is let in."""

from __future__ import annotations

from typing import Any

from aiohttp import web

from bot.console.guard import next_page
from bot.console.routing import see_other
from bot.console.sessions import ACCOUNT, Clock, DatabaseStorage, renew, session_of
from bot.store.staff import Staff
from bot.store.staff_tables import StaffRow

_PENDING, _SECONDS = "pending", 600
"""Where the session keeps whose password was right, and how long that counts."""


class Entry:
    """The steps between the password and the first page."""

    def __init__(self, staff: Staff, storage: DatabaseStorage, clock: Clock) -> None:
        self._staff, self._storage, self._clock = staff, storage, clock

    async def password_was_right(self, request: web.Request, account: StaffRow, wanted: object) -> None:
        """Remembers it for the next step, in a session with another cookie."""
        until = self._clock().timestamp() + _SECONDS
        pending = {"account": account.id, "until": until, "next": next_page(wanted)}
        await renew(request, self._storage, **{_PENDING: pending})

    async def pending(self, request: web.Request) -> StaffRow | None:
        """Whose password was right a short time ago."""
        pending: dict[str, Any] | None = session_of(request).get(_PENDING)
        if pending is None or pending["until"] < self._clock().timestamp():
            return None
        account = await self._staff.by_id(pending["account"])
        return account if account and account.disabled_at is None and account.password_hash else None

    def new_authenticator(self, request: web.Request, secret: str) -> str:
        """The secret that this browser is shown: the one it was shown before, or else `secret`."""
        pending = session_of(request)[_PENDING]
        shown: str = pending.setdefault("secret", secret)
        session_of(request).changed()
        return shown

    async def let_in(self, request: web.Request, account: StaffRow, wanted: str | None = None) -> web.Response:
        """Signs the account in, in a session with another cookie, and shows the page that was wanted."""
        wanted = wanted or session_of(request).get(_PENDING, {}).get("next")
        await renew(request, self._storage, **{ACCOUNT: account.id})
        await self._staff.signed_in(account.id, self._clock())
        return web.Response(status=303, headers={"Location": wanted}) if wanted else see_other(request, "home")

    def let_out(self, request: web.Request) -> None:
        """Ends the session."""
        session_of(request).invalidate()
