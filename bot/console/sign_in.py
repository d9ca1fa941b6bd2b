"""Signing in, with a password and a code or at the OpenID provider, and out."""

from __future__ import annotations

from http import HTTPStatus

import structlog
from aiohttp import web
from limits import parse
from limits.aio.storage import MemoryStorage
from limits.aio.strategies import FixedWindowRateLimiter

from bot.client_address import client_address
from bot.console.acts import Act
from bot.console.attempts import Throttle
from bot.console.codes import step_of
from bot.console.entry import Entry
from bot.console.guard import NEXT, next_page
from bot.console.openid import NotVouchedFor, OpenId, Pending
from bot.console.passwords import Passwords
from bot.console.permissions import Access
from bot.console.rendering import render, texts_of
from bot.console.routing import PREFIX, Route, get, post, see_other
from bot.console.sessions import Clock, flash, session_of
from bot.console.viewer import VIEWER, viewer
from bot.settings import ConsoleSettings, Settings
from bot.store.staff import Staff, Way, account_name
from bot.store.trail import Trail

log = structlog.get_logger(__name__)

VISITS = parse("120/minute")
"""Showing the page makes a session; how many from one address."""
UNKNOWN = "?"
"""As whom the trail names somebody of no account: what was typed may have been a password."""
_AT_PROVIDER = "at_provider"


class SignIn:
    """The pages on the way in and out."""

    def __init__(
        self,
        settings: Settings,
        console: ConsoleSettings,
        staff: Staff,
        trail: Trail,
        throttle: Throttle,
        passwords: Passwords,
        entry: Entry,
        clock: Clock,
    ) -> None:
        self._proxies, self._console = settings.trusted_proxies, console
        self._staff, self._trail, self._throttle, self._passwords = staff, trail, throttle, passwords
        self._entry, self._clock = entry, clock
        self._openid = OpenId(console) if console.has_openid else None
        self._visits = FixedWindowRateLimiter(MemoryStorage())

    def routes(self) -> list[Route]:
        """All routes."""
        return [
            get("/sign-in", self.show, Access.ANYONE, name="sign_in"),
            post("/sign-in", self.try_password, Access.ANYONE, name="sign_in"),
            get("/sign-in/code", self.ask_code, Access.ANYONE, name="code"),
            post("/sign-in/code", self.try_code, Access.ANYONE, name="code"),
            get("/sign-in/openid", self.go_to_provider, Access.ANYONE, name="openid"),
            get("/sign-in/openid/back", self.come_back, Access.ANYONE, name="openid_back"),
            post("/sign-out", self.sign_out, Access.SIGNED_IN, name="sign_out"),
        ]

    async def show(self, request: web.Request) -> web.Response:
        """The form."""
        if VIEWER in request:
            return see_other(request, "home")
        if not await self._visits.hit(VISITS, client_address(request, self._proxies)):
            raise web.HTTPTooManyRequests
        return self._form(request, next_page(request.query.get(NEXT)))

    async def try_password(self, request: web.Request) -> web.Response:
        """Name and password."""
        sent = await request.post()
        name, password, wanted = account_name(str(sent.get("name", ""))), str(sent.get("password", "")), sent.get(NEXT)
        address, now, t = client_address(request, self._proxies), self._clock(), texts_of(request)
        if not await self._throttle.password(name, address, now):
            log.warning("console.throttled", address=address)
            return self._form(request, next_page(wanted), t("sign_in.too_often"), HTTPStatus.TOO_MANY_REQUESTS)
        account = await self._staff.by_name(name)
        usable = account is not None and account.disabled_at is None and account.way == Way.PASSWORD
        fits = await self._passwords.fits(account.password_hash if account and usable else None, password)
        if account is None or not fits:
            # For a name that does not exist as well: what is written takes time, too.
            await self._refused(account.name if account else UNKNOWN, "password")
            return self._form(request, next_page(wanted), t("sign_in.wrong"), HTTPStatus.UNPROCESSABLE_ENTITY)
        await self._throttle.password_was_right(name, address)
        if account.password_hash and self._passwords.is_outdated(account.password_hash):
            await self._staff.set_password(account.id, await self._passwords.hash(password))
        await self._entry.password_was_right(request, account, wanted)
        return see_other(request, "enrol" if account.totp_secret is None else "code")

    async def ask_code(self, request: web.Request) -> web.Response:
        """The form for the code."""
        account = await self._entry.pending(request)
        if account is None or account.totp_secret is None:
            return see_other(request, "sign_in")
        return render(request, "code.html", problem="")

    async def try_code(self, request: web.Request) -> web.Response:
        """The authenticator's code."""
        account, t = await self._entry.pending(request), texts_of(request)
        if account is None or account.totp_secret is None:
            return see_other(request, "sign_in")
        if not await self._throttle.code(account.id, self._clock()):
            return render(request, "code.html", HTTPStatus.TOO_MANY_REQUESTS, problem=t("sign_in.too_often"))
        step = step_of(account.totp_secret, str((await request.post()).get("code", "")), self._clock())
        if step is None or not await self._staff.use_step(account.id, step):
            await self._refused(account.name, "code")
            return render(request, "code.html", HTTPStatus.UNPROCESSABLE_ENTITY, problem=t("code.wrong"))
        await self._throttle.code_was_right(account.id)
        return await self._entry.let_in(request, account)

    async def go_to_provider(self, request: web.Request) -> web.Response:
        """Sends the browser to the OpenID provider."""
        if self._openid is None:
            raise web.HTTPNotFound
        if not await self._visits.hit(VISITS, client_address(request, self._proxies)):
            raise web.HTTPTooManyRequests
        pending = Pending.new()
        try:
            address = await self._openid.address(pending, self._redirect(request))
        except NotVouchedFor as error:
            return self._not_vouched_for(request, error)
        session_of(request)[_AT_PROVIDER] = {**pending.kept(), NEXT: next_page(request.query.get(NEXT))}
        return web.Response(status=303, headers={"Location": str(address)})

    async def come_back(self, request: web.Request) -> web.Response:
        """The browser comes from the OpenID provider."""
        if self._openid is None:
            raise web.HTTPNotFound
        kept = session_of(request).pop(_AT_PROVIDER, {})
        try:
            person = await self._openid.person(request.query, kept, self._redirect(request))
        except NotVouchedFor as error:
            return self._not_vouched_for(request, error)
        account = await self._staff.from_provider(person.subject, person.name, self._clock())
        if account is None:
            flash(request, texts_of(request)("sign_in.no_account"))
            return see_other(request, "sign_in")
        return await self._entry.let_in(request, account, kept.get(NEXT))

    async def sign_out(self, request: web.Request) -> web.Response:
        """Ends the session."""
        who = viewer(request)
        await self._trail.add(who.name, Act.STAFF_SIGNED_OUT, f"staff {who.name}", self._clock())
        self._entry.let_out(request)
        return see_other(request, "sign_in")

    def _form(
        self, request: web.Request, wanted: str | None, problem: str = "", status: HTTPStatus = HTTPStatus.OK
    ) -> web.Response:
        has_openid = self._openid is not None
        return render(request, "sign_in.html", status, wanted=wanted or "", problem=problem, has_openid=has_openid)

    def _redirect(self, request: web.Request) -> str:
        base = self._console.console_address or f"{request.scheme}://{request.host}"
        return f"{base}{PREFIX}/sign-in/openid/back"

    async def _refused(self, name: str, what: str) -> None:
        await self._trail.add(name, Act.STAFF_REFUSED, f"staff {name}", self._clock(), after=what)

    @staticmethod
    def _not_vouched_for(request: web.Request, error: NotVouchedFor) -> web.Response:
        log.warning("console.not_vouched_for", reason=str(error))
        flash(request, texts_of(request)("sign_in.not_vouched_for"))
        return see_other(request, "sign_in")
