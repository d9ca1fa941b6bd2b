"""Every role, and nobody, tried against every page and action. A route that is added is tried by itself."""

from __future__ import annotations

import re
from collections.abc import Iterable

import pytest
from aiohttp import web

from bot.console.permissions import GRANTED, Access, Permission, Role
from bot.console.routing import PREFIX, ROUTES, Route, Unguarded, check_guarded, get, register
from bot.settings import ROOT
from tests.console.conftest import Browser, Console

pytestmark = pytest.mark.slow

P = Permission

INTENDED = {
    "reader": {P.RECORD_READ},
    "reviewer": {P.RECORD_READ, P.TEXT_REVEAL, P.REVIEW_DECIDE},
    "focal_point": {P.RECORD_READ, P.CASES_READ, P.CASES_ACT},
    "editor": {P.RECORD_READ, P.TEXT_REVEAL, P.REVIEW_DECIDE, P.CONTENT_EDIT, P.MODEL_PUBLISH},
    "administrator": set(P),
}
"""What each role is meant to have, written down a second time: a slip in the table is seen here."""


def routes_of(browser: Browser) -> list[Route]:
    """Every registered route of the staff's pages."""
    app = browser.client.server.app  # type: ignore[attr-defined]
    (console,) = (one for one in app._subapps if ROUTES in one)
    return list(console[ROUTES].values())


def address(route: Route) -> str:
    """An address of the route; what it names is not there."""
    return PREFIX + re.sub(r"\{\w+(:[^}]*)?\}", "0", route.path)


async def tried(browser: Browser, route: Route) -> str:
    """What comes of it: allowed, refused, or sent to the sign-in page."""
    if route.method == "GET":
        page = await browser.get(address(route), allow_redirects=False)
    else:
        page = await browser.post(
            address(route), {}, headers={"X-CSRF-Token": browser.csrf_token}, allow_redirects=False
        )
    assert page.status < 500, f"{route.method} {route.path}: {page.status}"
    if page.status == 403:
        return "refused"
    if route.needs is Access.ANYONE or browser.csrf_token:
        return "allowed"
    leads_to_sign_in = page.response.headers.get("Location", "").partition("?")[0] == f"{PREFIX}/sign-in"
    return "to sign-in" if page.status == 303 and leads_to_sign_in else "allowed"


def expected(route: Route, role: Role | None) -> str:
    if route.needs is Access.ANYONE:
        # Nobody has a session yet whose token an action could carry.
        return "refused" if role is None and route.method == "POST" else "allowed"
    if role is None:
        return "to sign-in"
    return "allowed" if route.needs is Access.SIGNED_IN or route.needs in INTENDED[role] else "refused"


def table(rows: Iterable[tuple[str, list[str]]]) -> str:
    return "\n".join(f"{name:48} " + " ".join(f"{one:10}" for one in found) for name, found in rows)


async def test_every_role_against_every_page_and_action(console: Console) -> None:
    everybody: list[Role | None] = [None, *Role]
    routes = routes_of(await console.visitor())
    rows, wrong = [], []
    for route in routes:
        found = []
        for role in everybody:
            # Each time a new session: what is tried may end it.
            outcome = await tried(await console.signed_in(role), route)
            found.append(outcome)
            if outcome != expected(route, role):
                wrong.append(f"{route.method} {route.path} as {role or 'nobody'}: {outcome}")
        rows.append((f"{route.method} {route.path}", found))
    print(table([("", [role or "nobody" for role in everybody]), *rows]))
    assert wrong == []


def test_the_table_is_what_was_intended() -> None:
    assert {str(role): set(granted) for role, granted in GRANTED.items()} == INTENDED


def test_the_documentation_says_the_same() -> None:
    lines = (ROOT / "docs/console.md").read_text(encoding="utf-8").split("\n")
    cells = [[cell.strip() for cell in line.split("|")[1:-1]] for line in lines if line.startswith("|")]
    (roles,) = (row[1:] for row in cells if row[0] == "permission")
    documented = {
        row[0].split("`")[1]: {role for role, cell in zip(roles, row[1:]) if cell}
        for row in cells
        if row[0].startswith("`") and row[0].split("`")[1] in set(Permission)
    }
    assert documented == {str(one): {str(role) for role in Role if one in GRANTED[role]} for one in Permission}


async def nothing(_: web.Request) -> web.Response:
    return web.Response()


@pytest.mark.parametrize("needs", [None, "record.read", True])
def test_a_route_that_does_not_say_what_it_needs_is_refused(needs: object) -> None:
    with pytest.raises(Unguarded, match="/secret"):
        get("/secret", nothing, needs)  # type: ignore[arg-type]


async def test_a_route_that_came_another_way_stops_the_start() -> None:
    app = web.Application()
    register(app, [get("/known", nothing, Permission.RECORD_READ)])
    await check_guarded(app)
    app.router.add_get("/secret", nothing)
    with pytest.raises(Unguarded, match="/secret"):
        await check_guarded(app)
