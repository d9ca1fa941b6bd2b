"""Signing in with a password and an authenticator: the way in, what keeps others out, and the way out."""

from __future__ import annotations

import re

import pyotp
import pytest

from bot.console.attempts import TRIES
from bot.console.permissions import Role
from bot.console.setup_links import SetupLink
from bot.settings import ConsoleSettings
from bot.store.staff import Way
from tests.console.conftest import PASSWORD, Browser, Console, Page, Start, ago, now

pytestmark = pytest.mark.slow

WRONG = "Name and password do not fit together"


async def try_password(browser: Browser, name: str, password: str = PASSWORD, **fields: str) -> Page:
    return await browser.send(await browser.get("/console/sign-in"), name=name, password=password, **fields)


async def sign_in(console: Console, name: str, browser: Browser | None = None) -> Browser:
    browser = browser or await console.visitor()
    page = await browser.send(await try_password(browser, name), code=console.code(name))
    assert page.path == "/console/", page.said()
    return browser


async def test_from_the_link_to_the_first_page_with_a_new_authenticator(console: Console) -> None:
    link = SetupLink(ConsoleSettings(), now())
    await console.staff.add("Amina", Role.EDITOR, Way.PASSWORD, link.setup, "a test", now())
    browser = await console.visitor()
    page = await browser.get(link.path)
    page = await browser.send(page, password=PASSWORD, again="something else")
    assert "not the same" in page.said()
    page = await browser.send(page, password=PASSWORD, again=PASSWORD)
    assert "Your password is saved" in page.said()
    page = await browser.send(page, name=" AMINA ", password=PASSWORD)
    assert page.path == "/console/sign-in/enrol"
    found = re.search(r'id="secret">([A-Z2-7 ]+)<', page.text)
    assert found
    picture = await browser.get("/console/sign-in/enrol/code.svg")
    assert picture.response.content_type == "image/svg+xml"
    assert "style" not in picture.text
    assert "not the code" in (await browser.send(page, code="nonsense")).said()
    secret = found[1].replace(" ", "")
    page = await browser.send(page, code=pyotp.TOTP(secret).now())
    assert (page.status, page.path) == (200, "/console/")
    assert "amina, Editor" in page.said()
    assert (await (await console.visitor()).get(link.path)).status == 404
    assert await console.acts(object="staff amina") == [
        *("staff.signed_in", "staff.enrolled", "staff.password_chosen", "staff.added"),
    ]


@pytest.mark.parametrize(
    ("password", "why"),
    [("short", "at least 12"), ("x" * 1001, "too long"), ("aminaaminaamina", "must not be"), ("x" * 20, "must not be")],
)
async def test_a_password_that_is_easily_found_is_not_taken(console: Console, password: str, why: str) -> None:
    link = SetupLink(ConsoleSettings(), now())
    await console.staff.add("amina", Role.EDITOR, Way.PASSWORD, link.setup, "a test", now())
    browser = await console.visitor()
    page = await browser.send(await browser.get(link.path), password=password, again=password)
    assert (page.status, why in page.said()) == (422, True)


async def test_a_link_that_is_too_old_opens_nothing(console: Console) -> None:
    link = SetupLink(ConsoleSettings(setup_hours=1), ago(minutes=61))
    await console.staff.add("amina", Role.EDITOR, Way.PASSWORD, link.setup, "a test", now())
    assert (await (await console.visitor()).get(link.path)).status == 404


async def test_with_password_and_code_to_the_page_that_was_wanted(console: Console) -> None:
    await console.account("amina", Role.ADMINISTRATOR)
    browser = await console.visitor()
    page = await browser.get("/console/trail?who=amina")
    assert page.path == "/console/sign-in"
    page = await browser.send(page, name="amina", password=PASSWORD, next="/console/trail?who=amina")
    page = await browser.send(page, code=console.code("amina"))
    assert str(page.response.url).endswith("/console/trail?who=amina")


@pytest.mark.parametrize(
    "elsewhere", ["https://example.net/", "//example.net", "/console//example.net", "/console/\\example.net", "/", "x"]
)
async def test_the_way_in_leads_nowhere_else(console: Console, elsewhere: str) -> None:
    await console.account("amina")
    browser = await console.visitor()
    page = await browser.send(await try_password(browser, "amina", next=elsewhere), code=console.code("amina"))
    assert page.path == "/console/"


async def test_the_session_is_another_one_at_every_step(console: Console) -> None:
    await console.account("amina")
    browser = await console.visitor()
    page = await browser.get("/console/sign-in")
    seen = [browser.cookie()]
    page = await browser.send(page, name="amina", password=PASSWORD)
    seen.append(browser.cookie())
    await browser.send(page, code=console.code("amina"))
    seen.append(browser.cookie())
    assert len(set(seen)) == 3
    for value in seen[:2]:
        older = await console.visitor()
        older.keep_cookie(str(value))
        assert (await older.get("/console/")).path == "/console/sign-in"


async def test_whoever_does_not_exist_or_is_disabled_is_told_the_same_after_the_same_work(console: Console) -> None:
    await console.account("amina")
    await console.account("bogdan")
    await console.staff.disable("bogdan", "a test", now())
    await console.staff.add("chen", Role.READER, Way.OPENID, None, "a test", now())
    pages = [
        await try_password(await console.visitor(), name, password)
        for name, password in (
            *(("amina", "wrong password"), ("nobody", PASSWORD), ("bogdan", PASSWORD), ("chen", PASSWORD)),
            ("amina", "x" * 60_000),
        )
    ]
    assert {(page.status, WRONG in page.said()) for page in pages} == {(422, True)}
    assert console.hashes_compared == len(pages)


async def test_guessing_is_stopped_also_for_names_that_do_not_exist(console: Console) -> None:
    await console.account("amina")
    for name in ("amina", "nobody"):
        browser = await console.visitor()
        for _ in range(TRIES):
            assert (await try_password(browser, name, "wrong password")).status == 422
        page = await try_password(browser, name)
        assert (page.status, "Too many attempts" in page.said()) == (429, True)
    assert console.hashes_compared == 2 * TRIES
    for name in ("staff amina", "staff ?"):
        assert await console.acts(object=name, act="staff.refused") == ["staff.refused"] * TRIES


async def test_guessing_goes_on_a_quarter_of_an_hour_later(console: Console) -> None:
    await console.account("amina")
    browser = await console.visitor()
    for _ in range(TRIES + 1):
        await try_password(browser, "amina", "wrong password")
    console.clock.forward(minutes=16)
    assert (await try_password(browser, "amina")).path == "/console/sign-in/code"


async def test_codes_cannot_be_guessed_or_used_twice(console: Console) -> None:
    await console.account("amina")
    code = console.code("amina")
    await sign_in(console, "amina")
    browser = await console.visitor()
    page = await try_password(browser, "amina")
    assert "not the code" in (await browser.send(page, code=code)).said()
    for _ in range(TRIES - 1):
        page = await browser.send(page, code="000000")
    assert (await browser.send(page, code="000000")).status == 429


async def test_a_code_of_a_minute_ago_is_none(console: Console) -> None:
    await console.account("amina")
    code = console.code("amina")
    console.clock.forward(seconds=61)
    browser = await console.visitor()
    assert "not the code" in (await browser.send(await try_password(browser, "amina"), code=code)).said()


async def test_the_second_step_cannot_be_reached_without_the_first_nor_the_first_page_without_the_second(
    console: Console,
) -> None:
    await console.account("amina")
    browser = await console.visitor()
    for path in ("/console/sign-in/code", "/console/sign-in/enrol"):
        assert (await browser.get(path)).path == "/console/sign-in"
    assert (await browser.get("/console/sign-in/enrol/code.svg")).status == 404
    await try_password(browser, "amina")
    assert (await browser.get("/console/")).path == "/console/sign-in"
    assert (await browser.get("/console/sign-in/enrol")).path == "/console/sign-in"
    console.clock.forward(minutes=11)
    assert (await browser.get("/console/sign-in/code")).path == "/console/sign-in"


async def test_signing_out_ends_the_session_for_every_copy_of_its_cookie(console: Console) -> None:
    await console.account("amina")
    browser = await sign_in(console, "amina")
    copy = await console.visitor()
    copy.keep_cookie(str(browser.cookie()))
    assert (await copy.get("/console/")).path == "/console/"
    page = await browser.send(await browser.get("/console/"), "/console/sign-out")
    assert page.path == "/console/sign-in"
    assert browser.cookie() is None or browser.cookie() != copy.cookie()
    assert (await copy.get("/console/")).path == "/console/sign-in"
    assert (await console.acts(who="amina"))[0] == "staff.signed_out"


async def test_disabling_and_resetting_end_sessions_at_once(console: Console) -> None:
    await console.account("amina")
    await console.account("bogdan")
    browsers = [await sign_in(console, "amina"), await sign_in(console, "bogdan")]
    await console.staff.disable("amina", "a test", now())
    await console.staff.reset("bogdan", None, "a test", now())
    for browser, name in zip(browsers, ("amina", "bogdan")):
        assert (await browser.get("/console/")).path == "/console/sign-in"
        assert WRONG in (await try_password(await console.visitor(), name)).said()


async def test_sessions_end_by_themselves_idle_or_old(start: Start) -> None:
    console = await start(console_idle_minutes=10, console_session_hours=1)
    await console.account("amina")
    browser = await sign_in(console, "amina")
    for _ in range(6):
        console.clock.forward(minutes=9)
        assert (await browser.get("/console/")).path == "/console/"
    console.clock.forward(minutes=9)
    assert (await browser.get("/console/")).path == "/console/sign-in"
    browser = await sign_in(console, "amina")
    console.clock.forward(minutes=11)
    assert (await browser.get("/console/")).path == "/console/sign-in"


async def test_a_new_role_counts_at_once(console: Console) -> None:
    await console.account("amina", Role.ADMINISTRATOR)
    browser = await sign_in(console, "amina")
    assert (await browser.get("/console/trail")).status == 200
    await console.staff.set_role("amina", Role.READER, "a test", now())
    assert (await browser.get("/console/trail")).status == 403
