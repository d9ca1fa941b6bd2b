"""The first steps of an account: choosing a password by the link that was given, and enrolling an authenticator."""

from __future__ import annotations

from http import HTTPStatus

from aiohttp import web

from bot.console import codes
from bot.console.attempts import Throttle
from bot.console.entry import Entry
from bot.console.passwords import SHORTEST, Passwords, Unsuitable, check
from bot.console.permissions import Access
from bot.console.rendering import render, texts_of
from bot.console.routing import Route, get, post, see_other
from bot.console.sessions import Clock, flash
from bot.store.staff import Staff
from bot.store.staff_sessions import hash_of
from bot.store.staff_tables import StaffRow


class SetUp:
    """The pages of the first steps."""

    def __init__(self, staff: Staff, throttle: Throttle, passwords: Passwords, entry: Entry, clock: Clock) -> None:
        self._staff, self._throttle, self._passwords = staff, throttle, passwords
        self._entry, self._clock = entry, clock

    def routes(self) -> list[Route]:
        """All routes."""
        return [
            get("/set-up/{token}", self.ask_password, Access.ANYONE, name="set_up"),
            post("/set-up/{token}", self.choose_password, Access.ANYONE, name="set_up"),
            get("/sign-in/enrol", self.show_secret, Access.ANYONE, name="enrol"),
            post("/sign-in/enrol", self.enrol, Access.ANYONE, name="enrol"),
            get("/sign-in/enrol/code.svg", self.picture, Access.ANYONE, name="enrol_picture"),
        ]

    async def ask_password(self, request: web.Request) -> web.Response:
        """The form for a new password."""
        account = await self._by_link(request)
        return render(request, "set_up.html", name=account.name, problem="", shortest=SHORTEST)

    async def choose_password(self, request: web.Request) -> web.Response:
        """Takes the new password; the link is used up."""
        account, t = await self._by_link(request), texts_of(request)
        sent = await request.post()
        password, again = str(sent.get("password", "")), str(sent.get("again", ""))
        try:
            check(password, account.name)
        except Unsuitable as error:
            problem = t.of("unsuitable", str(error), shortest=SHORTEST)
        else:
            problem = "" if password == again else t("set_up.differ")
        if problem:
            status = HTTPStatus.UNPROCESSABLE_ENTITY
            return render(request, "set_up.html", status, name=account.name, problem=problem, shortest=SHORTEST)
        hashed = await self._passwords.hash(password)
        if not await self._staff.choose_password(hash_of(request.match_info["token"]), hashed, self._clock()):
            raise web.HTTPNotFound
        flash(request, t("set_up.done"))
        return see_other(request, "sign_in")

    async def show_secret(self, request: web.Request) -> web.Response:
        """The secret for the authenticator, as a picture and as text."""
        account = await self._enrolling(request)
        if account is None:
            return see_other(request, "sign_in")
        return self._secret_page(request)

    async def picture(self, request: web.Request) -> web.Response:
        """The secret as a QR code."""
        account = await self._enrolling(request)
        if account is None:
            raise web.HTTPNotFound
        secret = self._entry.new_authenticator(request, codes.new_secret())
        drawn = codes.picture(secret, account.name, texts_of(request)("enrol.issuer"))
        return web.Response(body=drawn, content_type="image/svg+xml")

    async def enrol(self, request: web.Request) -> web.Response:
        """Keeps the secret once a code shows that the authenticator has it, and lets in."""
        account, t = await self._enrolling(request), texts_of(request)
        if account is None:
            return see_other(request, "sign_in")
        if not await self._throttle.code(account.id, self._clock()):
            return self._secret_page(request, t("sign_in.too_often"), HTTPStatus.TOO_MANY_REQUESTS)
        secret = self._entry.new_authenticator(request, codes.new_secret())
        step = codes.step_of(secret, str((await request.post()).get("code", "")), self._clock())
        if step is None:
            return self._secret_page(request, t("code.wrong"), HTTPStatus.UNPROCESSABLE_ENTITY)
        if not await self._staff.enrol(account.id, secret, step, self._clock()):
            return see_other(request, "sign_in")
        await self._throttle.code_was_right(account.id)
        return await self._entry.let_in(request, account)

    async def _by_link(self, request: web.Request) -> StaffRow:
        account = await self._staff.by_setup(hash_of(request.match_info["token"]), self._clock())
        if account is None:
            raise web.HTTPNotFound
        return account

    async def _enrolling(self, request: web.Request) -> StaffRow | None:
        account = await self._entry.pending(request)
        return account if account is not None and account.totp_secret is None else None

    def _secret_page(self, request: web.Request, problem: str = "", status: HTTPStatus = HTTPStatus.OK) -> web.Response:
        secret = codes.in_groups(self._entry.new_authenticator(request, codes.new_secret()))
        return render(request, "enrol.html", status, secret=secret, problem=problem)
