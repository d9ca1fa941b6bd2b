"""Accounts on the administrators' page and on the command line, and what the trail says of them."""

from __future__ import annotations

import os
import subprocess
import sys
from datetime import UTC, datetime
from pathlib import Path

import pytest
from sqlalchemy import delete, update
from sqlalchemy.exc import DatabaseError

from bot.console import __main__ as commands
from bot.console.permissions import Role
from bot.settings import ROOT
from bot.store.staff_tables import TrailRow
from bot.store.trail import Wanted
from tests.console.conftest import PASSWORD, Browser, Console, Page

pytestmark = pytest.mark.slow


@pytest.fixture
async def administrator(console: Console) -> Browser:
    return await console.signed_in(Role.ADMINISTRATOR, "root")


async def press(browser: Browser, path: str, **fields: str) -> Page:
    return await browser.send(await browser.get("/console/staff"), path, **fields)


async def test_a_new_account_gets_a_link_that_is_shown_once(console: Console, administrator: Browser) -> None:
    page = await press(administrator, "/console/staff", name="Amina", role="reviewer")
    link = page.text.partition('class="link">')[2].partition("<")[0]
    assert link.startswith(f"{administrator.origin}/console/set-up/")
    assert link not in (await administrator.get("/console/staff")).text
    assert (await (await console.visitor()).get(link.removeprefix(administrator.origin))).status == 200
    assert "called amina already" in (await press(administrator, "/console/staff", name="AMINA", role="reader")).said()
    assert await console.acts(who="root") == ["staff.added"]


@pytest.mark.parametrize("name", ["", "   ", "x" * 201, "a\nb", "\u202e"])
async def test_a_name_must_be_one(administrator: Browser, name: str) -> None:
    assert (await press(administrator, "/console/staff", name=name, role="reader")).status == 422


async def test_a_role_must_be_one(administrator: Browser) -> None:
    assert (await press(administrator, "/console/staff", name="amina", role="king")).status == 422


async def test_roles_change_and_accounts_are_shut_and_reset(console: Console, administrator: Browser) -> None:
    account = await console.account("amina")
    page = await press(administrator, f"/console/staff/{account}/role", role="editor")
    assert "amina: changed." in page.said()
    await press(administrator, f"/console/staff/{account}/disable")
    page = await press(administrator, f"/console/staff/{account}/reset")
    assert "Link for amina" in page.said()
    row = await console.staff.by_name("amina")
    assert row
    assert (row.role, row.password_hash, row.totp_secret, row.disabled_at) == ("editor", None, None, None)
    (changed,) = await console.trail.find(Wanted(act="staff.role_changed"), 10)
    assert (changed.who, changed.object, changed.before, changed.after) == ("root", "staff amina", "reader", "editor")
    assert await console.acts(who="root") == ["staff.reset", "staff.disabled", "staff.role_changed"]


async def test_the_last_administrator_can_neither_leave_nor_be_put_out(
    console: Console, administrator: Browser
) -> None:
    root = await console.staff.by_name("root")
    assert root
    for action in ("role", "disable"):
        page = await press(administrator, f"/console/staff/{root.id}/{action}", role="reader")
        assert (page.status, "only administrator" in page.said()) == (409, True)
    await console.account("second", Role.ADMINISTRATOR)
    assert (await press(administrator, f"/console/staff/{root.id}/disable")).path == "/console/sign-in"


async def test_the_trail_is_filtered_by_its_address_and_paged(console: Console, administrator: Browser) -> None:
    for day in range(1, 29):
        for who in ("amina", "bogdan", "chen", "dina"):
            at = datetime(2026, 3, day, 22, 30, tzinfo=UTC)  # 23:30 at the seat
            await console.trail.add(who, "case.seen", f"case {day}", at, after=f"{who} {day}")
    page = await administrator.get("/console/trail?who=amina&since=2026-03-27&until=2026-03-27")
    assert page.text.count("<tr>") == 1 + 1
    assert '<time datetime="2026-03-27T22:30:00Z">27 Mar 2026, 23:30</time>' in page.text
    assert (await administrator.get("/console/trail?object=case+5")).text.count("<tr>") == 4 + 1
    assert "Nothing fits" in (await administrator.get("/console/trail?act=staff.reset")).said()
    first = await administrator.get("/console/trail?act=case.seen")
    assert first.text.count("<tr>") == 100 + 1
    older = first.text.partition('<p><a href="')[2].partition('"')[0].replace("&amp;", "&")
    second = await administrator.get(older)
    assert second.text.count("<tr>") == 12 + 1
    assert "Older" not in second.said()
    for nonsense in ("since=yesterday", "until=9999-12-31", "below=x", "below=99999999999999999999", "who=%00"):
        assert (await administrator.get(f"/console/trail?{nonsense}")).status == 200


async def test_the_database_itself_refuses_to_change_the_trail(console: Console) -> None:
    await console.trail.add("amina", "case.seen", "case 1", datetime.now(UTC))
    for change in (update(TrailRow).values(who="nobody"), delete(TrailRow)):
        with pytest.raises(DatabaseError, match="only added to"):
            async with console.store.begin() as session:
                await session.execute(change)
    assert await console.acts(who="amina") == ["case.seen"]


def run(folder: Path, *arguments: str) -> subprocess.CompletedProcess[str]:
    environ = {**os.environ, "DATA_DIR": str(folder), "PORT": "8123"}
    command = [sys.executable, "-m", "bot.console", "staff", *arguments]
    return subprocess.run(command, cwd=ROOT, env=environ, capture_output=True, text=True, timeout=60, check=False)


def test_the_first_administrator_is_made_on_the_command_line(tmp_path: Path) -> None:
    made = run(tmp_path, "add", "Amina", "--role", "administrator")
    assert made.returncode == 0, made.stderr
    assert "http://127.0.0.1:8123/console/set-up/" in made.stdout
    assert run(tmp_path, "add", "amina", "--role", "reader").stderr == "there is an account called amina already\n"
    assert "/console/set-up/" in run(tmp_path, "reset", "amina").stdout
    assert run(tmp_path, "disable", "amina").stdout == "amina is disabled\n"
    assert run(tmp_path, "list").stdout == "amina  administrator  password  disabled\n"
    assert "can sign in" in run(tmp_path, "add", "chen@example.org", "--role", "reader", "--openid").stdout
    assert "needs a name" in run(tmp_path, "add", " ", "--role", "reader").stderr
    for unknown in ("reset", "disable"):
        gone = run(tmp_path, unknown, "nobody")
        assert (gone.returncode, gone.stderr) == (1, "there is no account called nobody\n")


@pytest.mark.parametrize(
    ("typed", "status", "said"),
    [
        ((PASSWORD, PASSWORD), 0, "can sign in"),
        (("short",), 1, "at least 12"),
        ((PASSWORD, "another one than that"), 1, "not the same"),
    ],
)
def test_a_password_may_be_typed_on_the_terminal(
    tmp_path: Path,
    monkeypatch: pytest.MonkeyPatch,
    capsys: pytest.CaptureFixture[str],
    typed: tuple[str, ...],
    status: int,
    said: str,
) -> None:
    answers = iter(typed)
    monkeypatch.setenv("DATA_DIR", str(tmp_path))
    monkeypatch.setattr("getpass.getpass", lambda _: next(answers))
    assert commands.main(["staff", "add", "amina", "--role", "administrator", "--password"]) == status
    printed = capsys.readouterr()
    assert said in printed.out + printed.err
    assert "/set-up/" not in printed.out
