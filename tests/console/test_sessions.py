"""Cookies, tokens against forged forms, and what stands in the database of a session."""

from __future__ import annotations

import pytest
from aiohttp import hdrs
from sqlalchemy import select, text
from structlog.testing import capture_logs

from bot.console.permissions import Role
from bot.store.staff_tables import StaffSessionRow
from tests.console.conftest import Browser, Console, Start


async def set_cookie(browser: Browser) -> str:
    page = await browser.get("/console/sign-in")
    return page.response.headers[hdrs.SET_COOKIE]


async def test_the_cookie_is_kept_from_scripts_and_other_sites(console: Console) -> None:
    cookie = await set_cookie(await console.visitor())
    assert cookie.startswith("staff=")
    assert {"HttpOnly", "SameSite=Lax", "Path=/"} <= {part.strip() for part in cookie.split(";")}
    assert "Domain" not in cookie


async def test_where_browsers_come_by_https_it_is_kept_to_that(start: Start) -> None:
    console = await start(console_address="https://help.example.org")
    cookie = await set_cookie(await console.visitor())
    assert cookie.startswith("__Host-staff=")
    assert {"Secure", "HttpOnly", "SameSite=Lax", "Path=/"} <= {part.strip() for part in cookie.split(";")}


async def test_the_database_never_holds_the_cookie_itself(console: Console) -> None:
    browser = await console.signed_in(Role.READER)
    value = browser.cookie()
    assert value
    async with console.store() as session:
        rows = (await session.scalars(select(StaffSessionRow))).all()
    assert rows
    assert all(value not in (row.id_hash, str(row.data)) for row in rows)


async def test_pages_without_a_form_make_no_session(console: Console) -> None:
    browser = await console.visitor()
    for path in ("/console/nowhere", "/console/assets/nothing.js"):
        page = await browser.get(path)
        assert (page.status, hdrs.SET_COOKIE in page.response.headers) == (404, False)


async def add(browser: Browser, csrf: str | None, **headers: str) -> int:
    fields = {"name": "new", "role": "reader"} | ({} if csrf is None else {"csrf": csrf})
    return (await browser.post("/console/staff", fields, headers=headers)).status


async def test_a_form_needs_the_token_of_its_own_session(console: Console) -> None:
    browser = await console.signed_in(Role.ADMINISTRATOR)
    other = await console.signed_in(Role.ADMINISTRATOR)
    for forged in (None, "", "x", other.csrf_token):
        assert await add(browser, forged) == 403
    assert await console.staff.by_name("new") is None
    assert await add(browser, None, **{"X-CSRF-Token": browser.csrf_token}) == 200


@pytest.mark.parametrize("origin", ["https://example.net", "null", "", "http://127.0.0.1:1", "nonsense"])
async def test_a_form_must_come_from_our_own_pages(console: Console, origin: str) -> None:
    browser = await console.signed_in(Role.ADMINISTRATOR)
    assert await add(browser, browser.csrf_token, Origin=origin) == 403


async def test_behind_a_proxy_our_own_pages_are_those_of_the_address_that_is_set(start: Start) -> None:
    console = await start(console_address="http://help.example.org")
    browser = await console.signed_in(Role.ADMINISTRATOR)
    assert await add(browser, browser.csrf_token) == 403
    assert await add(browser, browser.csrf_token, Origin="http://help.example.org") == 200


async def test_every_page_forbids_what_it_does_not_need(console: Console) -> None:
    browser = await console.signed_in(Role.ADMINISTRATOR)
    for path in ("/console/", "/console/nowhere", "/console/trail"):
        headers = (await browser.get(path)).response.headers
        policy = headers["Content-Security-Policy"]
        assert "unsafe" not in policy
        for part in ("default-src 'none'", "frame-ancestors 'none'", "require-trusted-types-for 'script'"):
            assert part in policy
        assert (headers["Cache-Control"], headers["Referrer-Policy"]) == ("no-store", "same-origin")


async def test_assets_are_kept_for_ever(console: Console) -> None:
    browser = await console.visitor()
    page = await browser.get("/console/sign-in")
    asset = page.text.partition('<link rel="stylesheet" href="')[2].partition('"')[0]
    assert "immutable" in (await browser.get(asset)).response.headers["Cache-Control"]


async def test_the_address_without_its_slash_leads_in(console: Console) -> None:
    assert (await (await console.visitor()).get("/console")).path == "/console/sign-in"


async def test_what_fails_inside_is_said_under_an_incident_and_nothing_more(console: Console) -> None:
    browser = await console.signed_in(Role.ADMINISTRATOR)
    async with console.store.begin() as session:
        await session.execute(text("DROP TABLE trail"))
    with capture_logs() as logged:
        page = await browser.get("/console/trail")
    (failure,) = [line for line in logged if line["event"] != "request"]
    assert page.status == 500
    assert page.said().partition("tell your administrator this number: ")[2].split()[0] == failure["incident"]
    assert "no such table" not in page.text


async def test_a_part_of_a_page_leads_to_the_sign_in_page_as_a_whole(console: Console) -> None:
    page = await (await console.visitor()).get("/console/trail", headers={"HX-Request": "true"})
    assert (page.status, page.response.headers["HX-Redirect"].partition("?")[0]) == (200, "/console/sign-in")
