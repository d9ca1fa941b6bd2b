"""`python -m bot.console staff add NAME --role ROLE`: the accounts of the staff, from the command line.

Nothing has a default password: a new account, or one that is reset, chooses its own by a link that works once.
"""

from __future__ import annotations

import argparse
import asyncio
import getpass
import sys
from datetime import UTC, datetime

from bot.console.passwords import SHORTEST, Passwords, Unsuitable, check
from bot.console.permissions import Role
from bot.console.setup_links import SetupLink
from bot.console.texts import Texts
from bot.settings import ConsoleSettings, Settings
from bot.store.database import connect, migrate, sessions
from bot.store.staff import LONGEST_NAME, NameTaken, NotAName, Staff, UnknownStaff, Way, account_name

WHO = "the command line"
"""As whom the trail names what is done here."""


class Refused(Exception):
    """What was asked for cannot be done; the message says why."""


def main(arguments: list[str] | None = None) -> int:
    """Runs the command; returns the exit status."""
    chosen = _parser().parse_args(arguments)
    try:
        asyncio.run(_run(chosen))
    except NotAName:
        print(f"an account needs a name of at most {LONGEST_NAME} visible characters", file=sys.stderr)
    except NameTaken as error:
        print(f"there is an account called {error} already", file=sys.stderr)
    except UnknownStaff as error:
        print(f"there is no account called {error}", file=sys.stderr)
    except Refused as error:
        print(error, file=sys.stderr)
    else:
        return 0
    return 1


def _parser() -> argparse.ArgumentParser:
    parser = argparse.ArgumentParser(prog="bot.console", description=__doc__)
    commands = parser.add_subparsers(required=True).add_parser("staff").add_subparsers(dest="command", required=True)
    add = commands.add_parser("add", help="a new account")
    add.add_argument("name")
    add.add_argument("--role", choices=list(Role), required=True, metavar="|".join(Role))
    way = add.add_mutually_exclusive_group()
    way.add_argument("--password", action="store_true", help="ask for the password here instead of printing a link")
    way.add_argument("--openid", action="store_true", help="signs in at the OpenID provider, under this name")
    for command, what in (
        ("reset", "takes password and authenticator away, ends the sessions and prints a new link"),
        ("disable", "shuts the account and ends its sessions at once"),
    ):
        commands.add_parser(command, help=what).add_argument("name")
    commands.add_parser("list", help="all accounts")
    return parser


async def _run(chosen: argparse.Namespace) -> None:
    settings, console = Settings(), ConsoleSettings()
    settings.data.mkdir(parents=True, exist_ok=True)
    engine = connect(settings.database, durable=True)
    try:
        await migrate(engine)
        accounts = Accounts(Staff(sessions(engine)), settings, console)
        if chosen.command == "add":
            way = Way.OPENID if chosen.openid else Way.PASSWORD
            await accounts.add(chosen.name, chosen.role, way, asks=chosen.password)
        elif chosen.command == "reset":
            await accounts.reset(chosen.name)
        elif chosen.command == "disable":
            await accounts.disable(chosen.name)
        else:
            await accounts.list()
    finally:
        await engine.dispose()


class Accounts:
    """The commands."""

    def __init__(self, staff: Staff, settings: Settings, console: ConsoleSettings) -> None:
        self._staff, self._settings, self._console = staff, settings, console

    async def add(self, name: str, role: Role, way: Way, *, asks: bool) -> None:
        """A new account."""
        password = _ask(account_name(name)) if asks else None
        link = SetupLink(self._console, _now()) if way is Way.PASSWORD and password is None else None
        row = await self._staff.add(name, role, way, link.setup if link else None, WHO, _now())
        if password is not None:
            await self._staff.set_password(row.id, await Passwords().hash(password))
        self._say_how(row.name, link)

    async def reset(self, name: str) -> None:
        """Lets somebody in anew, who was disabled too."""
        known = await self._staff.by_name(name)
        link = SetupLink(self._console, _now()) if known and known.way == Way.PASSWORD else None
        row = await self._staff.reset(name, link.setup if link else None, WHO, _now())
        self._say_how(row.name, link)

    async def disable(self, name: str) -> None:
        """Shuts an account."""
        await self._staff.disable(name, WHO, _now())
        print(f"{account_name(name)} is disabled")

    async def list(self) -> None:
        """All accounts."""
        for row in await self._staff.all():
            seen = f"{row.signed_in_at:%Y-%m-%d %H:%M}" if row.signed_in_at else "never signed in"
            state = "disabled" if row.disabled_at else seen
            print(f"{row.name}  {row.role}  {row.way}  {state}")

    def _say_how(self, name: str, link: SetupLink | None) -> None:
        if link is None:
            print(f"{name} can sign in at {self._address()}/console/")
        else:
            print(f"{name} chooses a password here, once, within {self._console.setup_hours:g} hours:")
            print(f"{self._address()}{link.path}")

    def _address(self) -> str:
        host = "127.0.0.1" if self._settings.host.is_unspecified else str(self._settings.host)
        return self._console.console_address or f"http://{host}:{self._settings.port}"


def _ask(name: str) -> str:
    """The password typed on the terminal, twice.

    Raises:
        Refused: it cannot be taken.
    """
    password = getpass.getpass(f"password of {name}: ")
    try:
        check(password, name)
    except Unsuitable as error:
        raise Refused(Texts().of("unsuitable", str(error), shortest=SHORTEST)) from None
    if getpass.getpass("the same again: ") != password:
        raise Refused("the two are not the same")
    return password


def _now() -> datetime:
    return datetime.now(UTC)


if __name__ == "__main__":
    sys.exit(main())
