"""The page on which administrators make, change and shut accounts."""

from __future__ import annotations

from http import HTTPStatus

from aiohttp import web

from bot.console.permissions import Permission, Role
from bot.console.rendering import render, texts_of
from bot.console.routing import Route, get, number_of, post, see_other
from bot.console.sessions import Clock, flash
from bot.console.setup_links import SetupLink
from bot.console.viewer import viewer
from bot.settings import ConsoleSettings
from bot.store.staff import LONGEST_NAME, LastOne, NameTaken, NotAName, Staff, Way, account_name
from bot.store.staff_tables import StaffRow


class Accounts:
    """The page and its actions."""

    def __init__(self, settings: ConsoleSettings, staff: Staff, clock: Clock) -> None:
        self._settings, self._staff, self._clock = settings, staff, clock

    def routes(self) -> list[Route]:
        """All routes."""
        return [
            get("/staff", self.list, Permission.STAFF_MANAGE, name="staff", nav="nav.staff"),
            post("/staff", self.add, Permission.STAFF_MANAGE, name="staff"),
            post("/staff/{id}/role", self.change_role, Permission.STAFF_MANAGE, name="staff_role"),
            post("/staff/{id}/reset", self.reset, Permission.STAFF_MANAGE, name="staff_reset"),
            post("/staff/{id}/disable", self.disable, Permission.STAFF_MANAGE, name="staff_disable"),
        ]

    async def list(self, request: web.Request) -> web.Response:
        """All accounts."""
        return await self._page(request)

    async def add(self, request: web.Request) -> web.Response:
        """A new account; the page shows its link this once."""
        sent, t = await request.post(), texts_of(request)
        name, role = account_name(str(sent.get("name", ""))), _role(sent.get("role"))
        way = Way.OPENID if sent.get("way") == Way.OPENID and self._settings.has_openid else Way.PASSWORD
        link = SetupLink(self._settings, self._clock()) if way is Way.PASSWORD else None
        try:
            await self._staff.add(name, role, way, link.setup if link else None, viewer(request).name, self._clock())
        except NotAName:
            problem = t("staff.name_needed", longest=LONGEST_NAME)
            return await self._page(request, problem=problem, status=HTTPStatus.UNPROCESSABLE_ENTITY)
        except NameTaken:
            problem = t("staff.name_taken", name=name)
            return await self._page(request, problem=problem, status=HTTPStatus.CONFLICT)
        return await self._page(request, name=name, link=link)

    async def change_role(self, request: web.Request) -> web.Response:
        """Another role."""
        account, role = await self._account(request), _role((await request.post()).get("role"))
        try:
            await self._staff.set_role(account.name, role, viewer(request).name, self._clock(), keep=Role.ADMINISTRATOR)
        except LastOne:
            return await self._last_one(request)
        flash(request, texts_of(request)("staff.changed", name=account.name))
        return see_other(request, "staff")

    async def reset(self, request: web.Request) -> web.Response:
        """Lets somebody in anew who has lost password or authenticator; the page shows the link this once."""
        account = await self._account(request)
        link = SetupLink(self._settings, self._clock()) if account.way == Way.PASSWORD else None
        await self._staff.reset(account.name, link.setup if link else None, viewer(request).name, self._clock())
        return await self._page(request, name=account.name, link=link)

    async def disable(self, request: web.Request) -> web.Response:
        """Shuts an account."""
        account = await self._account(request)
        try:
            await self._staff.disable(account.name, viewer(request).name, self._clock(), keep=Role.ADMINISTRATOR)
        except LastOne:
            return await self._last_one(request)
        flash(request, texts_of(request)("staff.changed", name=account.name))
        return see_other(request, "staff")

    async def _account(self, request: web.Request) -> StaffRow:
        found = await self._staff.by_id(number_of(request, "id"))
        if found is None:
            raise web.HTTPNotFound
        return found

    async def _last_one(self, request: web.Request) -> web.Response:
        return await self._page(request, problem=texts_of(request)("staff.last_one"), status=HTTPStatus.CONFLICT)

    async def _page(
        self,
        request: web.Request,
        *,
        problem: str = "",
        name: str = "",
        link: SetupLink | None = None,
        status: HTTPStatus = HTTPStatus.OK,
    ) -> web.Response:
        base = self._settings.console_address or f"{request.scheme}://{request.host}"
        return render(
            request,
            "staff.html",
            status,
            accounts=await self._staff.all(),
            roles=list(Role),
            has_openid=self._settings.has_openid,
            problem=problem,
            ready=name,
            link=f"{base}{link.path}" if link else "",
            hours=f"{self._settings.setup_hours:g}",
        )


def _role(sent: object) -> Role:
    """The role a form names.

    Raises:
        HTTPUnprocessableEntity: it names none.
    """
    try:
        return Role(str(sent))
    except ValueError:
        raise web.HTTPUnprocessableEntity from None
