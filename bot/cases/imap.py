"""Single commands to the mailbox: each within a time, and refused aloud."""

from __future__ import annotations

import asyncio
from datetime import datetime
from email.utils import format_datetime

from aioimaplib import IMAP4, Response

COMMAND_SECONDS = 30.0
"""How long the server may take over one command."""


class MailboxTrouble(Exception):
    """The mailbox cannot be read now. The message says why."""


async def search(client: IMAP4, *criteria: str) -> list[str]:
    """The UIDs of the messages in the chosen folder that fit, the oldest first."""
    found = ok(await client.uid_search(*criteria, charset=None), "the search")
    return (found.lines[0] or b"").decode().split()


async def fetch(client: IMAP4, uid: str, most: int) -> bytes | None:
    """A message's first `most` bytes, its flags left as they are; nothing where it is gone."""
    fetched = ok(await client.uid("fetch", uid, f"(BODY.PEEK[]<0.{most}>)"), "the fetch")
    return next((bytes(one) for one in fetched.lines if isinstance(one, bytearray)), None)


async def mark(client: IMAP4, uids: list[str], flag: str) -> None:
    """Sets a flag."""
    await _uid(client, "store", ",".join(uids), "+FLAGS.SILENT", f"({flag})")


async def move(client: IMAP4, uids: list[str], folder: str) -> None:
    """Moves messages to another folder."""
    if client.has_capability("MOVE"):
        await _uid(client, "move", ",".join(uids), quoted(folder))
    else:
        await _uid(client, "copy", ",".join(uids), quoted(folder))
        await delete(client, uids)


async def delete(client: IMAP4, uids: list[str]) -> None:
    """Deletes messages for good; without UIDPLUS, all that are marked as deleted."""
    await mark(client, uids, r"\Deleted")
    if client.has_capability("UIDPLUS"):
        await _uid(client, "expunge", ",".join(uids))
    else:
        ok(await client.expunge(), "the deletion")


async def _uid(client: IMAP4, command: str, *arguments: str) -> None:
    # The library limits how long a search and a fetch may take, and not these.
    said = await asyncio.wait_for(client.uid(command, *arguments), COMMAND_SECONDS)
    ok(said, f"the command {command}")


def ok(response: Response, what: str) -> Response:
    """The response, unless it is a refusal.

    Raises:
        MailboxTrouble: it is.
    """
    if response.result != "OK":
        said = b" ".join(one for one in response.lines if isinstance(one, bytes)).decode("utf-8", "replace")
        raise MailboxTrouble(f"{what} was refused: {said}")
    return response


def quoted(folder: str) -> str:
    """A folder's name as it stands in a command."""
    escaped = folder.replace("\\", "\\\\").replace('"', '\\"')
    return f'"{escaped}"'


def day(moment: datetime) -> str:
    """A day as searches name it, such as 02-Mar-2026."""
    return "-".join(format_datetime(moment).split()[1:4])
