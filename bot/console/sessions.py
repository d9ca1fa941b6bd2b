"""Sessions of the staff's browsers: aiohttp-session over our database, so that an end is an end at once."""

from __future__ import annotations

import secrets
from collections.abc import Callable
from datetime import datetime, timedelta
from typing import Any

from aiohttp import web
from aiohttp_session import SESSION_KEY, AbstractStorage, Session, get_session, new_session

from bot.settings import ConsoleSettings
from bot.store.staff_sessions import StaffSessions, hash_of
from bot.store.staff_tables import StaffSessionRow

Clock = Callable[[], datetime]

ACCOUNT = "account"
"""The id of who is signed in."""
_CSRF = "csrf"
_FLASH = "flash"

VISIT = timedelta(hours=1)
"""How long one may take to sign in."""
SEEN = timedelta(minutes=1)
"""How exactly it is known when a session was last used."""


class DatabaseStorage(AbstractStorage):
    """Keeps sessions under the hash of the cookie's value."""

    def __init__(self, sessions: StaffSessions, settings: ConsoleSettings, clock: Clock) -> None:
        # The browser itself keeps a cookie named so to HTTPS, to this host and to the whole of it.
        name = "__Host-staff" if settings.secure else "staff"
        super().__init__(cookie_name=name, path="/", secure=settings.secure, httponly=True, samesite="Lax")
        self._sessions, self._clock = sessions, clock
        self._idle = timedelta(minutes=settings.console_idle_minutes)
        self._longest = timedelta(hours=settings.console_session_hours)

    async def load_session(self, request: web.Request) -> Session:
        """The session of the request's cookie, or a new one."""
        value = self.load_cookie(request)
        row = await self._sessions.load(hash_of(value)) if value else None
        now = self._clock()
        if row is None or self._is_over(row, now):
            return Session(None, data=None, new=True)
        if now - row.seen_at > SEEN:
            await self._sessions.seen(row.id_hash, now)
        return Session(row.id_hash, data={"created": int(row.created_at.timestamp()), "session": row.data}, new=False)

    async def save_session(self, request: web.Request, response: web.StreamResponse, session: Session) -> None:
        """Keeps what changed; an empty session is ended."""
        if session.identity is None:
            if not session.empty:
                await self._begin(response, session)
        elif session.empty:
            await self._sessions.end(session.identity)
            response.del_cookie(
                self.cookie_name,
                path="/",
                secure=self.cookie_params["secure"],
                httponly=True,
                samesite=self.cookie_params["samesite"],
            )
        else:
            await self._sessions.save(session.identity, dict(session))

    async def end(self, session: Session) -> None:
        """Ends a session, its cookie being replaced."""
        if session.identity is not None:
            await self._sessions.end(session.identity)

    async def _begin(self, response: web.StreamResponse, session: Session) -> None:
        now, value = self._clock(), secrets.token_urlsafe(32)
        await self._sessions.end_old(now - self._idle, now - self._longest, now - VISIT)
        await self._sessions.begin(hash_of(value), session.get(ACCOUNT), dict(session), now)
        self.save_cookie(response, value)

    def _is_over(self, row: StaffSessionRow, now: datetime) -> bool:
        age, longest = now - row.created_at, self._longest if row.account_id is not None else VISIT
        return age > longest or now - row.seen_at > self._idle


async def renew(request: web.Request, storage: DatabaseStorage, **data: Any) -> None:
    """Puts a new session with another cookie in the place of the present one: whoever knew the old knows nothing."""
    await storage.end(await get_session(request))
    session = await new_session(request)
    session.update(data)
    csrf_token(request)


def session_of(request: web.Request) -> Session:
    """The request's session, which the guard has loaded."""
    session: Session = request[SESSION_KEY]
    return session


def csrf_token(request: web.Request) -> str:
    """What every form of this session carries."""
    session = session_of(request)
    if _CSRF not in session:
        session[_CSRF] = secrets.token_urlsafe(32)
    token: str = session[_CSRF]
    return token


def is_csrf_token(request: web.Request, given: str) -> bool:
    """Whether it is this session's."""
    expected = session_of(request).get(_CSRF)
    return isinstance(expected, str) and secrets.compare_digest(
        expected.encode(), given.encode("utf-8", "surrogateescape")
    )


def flash(request: web.Request, text: str) -> None:
    """Says something on the next page that this browser is shown."""
    session = session_of(request)
    session[_FLASH] = [*session.get(_FLASH, ()), text]


def take_flashes(request: web.Request) -> list[str]:
    """What is to be said, once."""
    session = request.get(SESSION_KEY)
    if session is None or _FLASH not in session:
        return []
    said: list[str] = session[_FLASH]
    del session[_FLASH]
    return said
