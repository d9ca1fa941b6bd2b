"""Signing in with a password and an authenticator: the way in, what keeps others out, and the way out."""

from __future__ import annotations

import re

import pyotp

from bot.console.permissions import Role
from bot.console.setup_links import SetupLink
from bot.settings import ConsoleSettings
from bot.store.staff import Way
from tests.console.conftest import PASSWORD, Browser, Console, Page, _now


async def try_password(browser: Browser, name: str, password: str = PASSWORD, **fields: str) -> Page:
    return await browser.send(await browser.get("/console/sign-in"), name=name, password=password, **fields)


async def test_from_the_link_to_the_first_page_with_a_new_authenticator(console: Console) -> None:
    link = SetupLink(ConsoleSettings(), _now())
    await console.staff.add("Amina", Role.EDITOR, Way.PASSWORD, link.setup, "a test", _now())
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
    assert "six digits" in (await browser.send(page, code="nonsense")).said().lower()
    secret = found[1].replace(" ", "")
    page = await browser.send(page, code=pyotp.TOTP(secret).now())
    assert (page.status, page.path) == (200, "/console/")
    assert "amina, Editor" in page.said()
    assert (await (await console.visitor()).get(link.path)).status == 404
