"""`python -m bot.switch off` turns the assistant off with a notice, without a restart; `on` turns it on again."""

from __future__ import annotations

import argparse
import asyncio
import sys
from pathlib import Path

from sqlalchemy import delete, exists, select
from sqlalchemy.exc import DBAPIError

from bot.settings import Settings
from bot.store.database import Sessions, are_shared, connect, inserting, sessions
from bot.store.node_tables import OffRow
from bot.store.nodes import NOW

FILE = "off"


class Switch:
    """While it is off, every message is answered with the notice and reaches no engine, on all machines.

    In PostgreSQL it is a row. SQLite belongs to one machine: there it is a file in the data folder.
    """

    def __init__(self, data: Path, sessions: Sessions) -> None:
        self._file, self._sessions = data / FILE, sessions

    async def is_off(self) -> bool:
        """Looked up each time, so that nobody has to be told and nobody can miss it: a file, or one row of one table.

        Raises:
            DBAPIError: the database cannot be asked.
        """
        if not are_shared(self._sessions):
            return self._file.exists()
        async with self._sessions() as session:
            return bool(await session.scalar(select(exists(OffRow))))

    async def turn_off(self) -> None:
        """From the next message on."""
        if not are_shared(self._sessions):
            self._file.parent.mkdir(parents=True, exist_ok=True)
            self._file.touch()
            return
        async with self._sessions.begin() as session:
            await session.execute(inserting(session, OffRow).values(id=1, since=NOW).on_conflict_do_nothing())

    async def turn_on(self) -> None:
        """From the next message on."""
        if not are_shared(self._sessions):
            self._file.unlink(missing_ok=True)
            return
        async with self._sessions.begin() as session:
            await session.execute(delete(OffRow))


def main(arguments: list[str] | None = None) -> int:
    """Runs the command; returns the exit status."""
    parser = argparse.ArgumentParser(prog="bot.switch", description=__doc__)
    parser.add_argument("to", choices=["off", "on", "status"])
    try:
        is_off = asyncio.run(_turn(parser.parse_args(arguments).to, Settings()))
    except DBAPIError as error:
        sys.stderr.write(
            f"bot.switch: the database does not do it ({str(error.orig).strip()}); look at DATABASE_URL, and where the"
            " assistant was never started there, start it: it makes the tables\n"
        )
        return 1
    sys.stdout.write(f"the assistant is {'off' if is_off else 'on'}\n")
    return 0


async def _turn(to: str, settings: Settings) -> bool:
    engine = connect(settings.database)
    switch = Switch(settings.data, sessions(engine))
    try:
        match to:
            case "off":
                await switch.turn_off()
            case "on":
                await switch.turn_on()
        return await switch.is_off()
    finally:
        await engine.dispose()


if __name__ == "__main__":
    sys.exit(main())
