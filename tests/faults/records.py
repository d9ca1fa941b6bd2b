"""What the databases say of conversations, read past everything of ours: the record's and Rasa's own."""

from __future__ import annotations

import contextlib
import json
import sqlite3
from collections.abc import Callable, Collection
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import psycopg

Row = tuple[Any, ...]
Ask = Callable[[str], list[Row]]


@dataclass(frozen=True)
class Message:
    """A message as it was accepted."""

    id: int
    conversation: str
    client_id: str
    text: str
    outcome: str | None
    """Nothing while it waits."""


@dataclass(frozen=True)
class Case:
    """A case that was handed in, and its letters that wait to be sent."""

    reference: str
    conversation: str
    letters_waiting: int


class Records:
    """`ask` reads our own tables, `ask_engine` those of Rasa's tracker store."""

    def __init__(self, ask: Ask, ask_engine: Ask) -> None:
        self._ask, self._ask_engine = ask, ask_engine

    def messages(self) -> list[Message]:
        """All, in the order they were accepted."""
        columns = "id, conversation_id, client_message_id, text, outcome"
        return [Message(*row) for row in self._ask(f"SELECT {columns} FROM messages ORDER BY id")]

    def replies(self) -> list[tuple[int, int]]:
        """The message of each reply, and the reply's place among those to it."""
        asked = "SELECT message_id, position FROM replies WHERE message_id IS NOT NULL ORDER BY message_id, position"
        return [(row[0], row[1]) for row in self._ask(asked)]

    def recorded(self) -> list[tuple[str, int]]:
        """The conversation and the message of each turn of the record, by the moment it was asked."""
        return [(row[0], row[1]) for row in self._ask("SELECT conversation_id, message_id FROM turns ORDER BY id")]

    def untold(self, conversations: Collection[str]) -> int:
        """How many of their turns in the record do not know what Rasa's events tell."""
        asked = (
            "SELECT turns.conversation_id FROM turns LEFT JOIN turn_reasons ON turn_reasons.turn_id = turns.id"
            " WHERE turns.outcome <> 'error'"
            " AND (turn_reasons.told IS NULL OR CAST(turn_reasons.told AS TEXT) = 'null')"
        )
        return sum(row[0] in conversations for row in self._ask(asked))

    def understood(self) -> list[tuple[str, int]]:
        """The conversation and the message of each thing that Rasa was told by a delegate, in the order it was."""
        rows = self._ask_engine("SELECT sender_id, data FROM events WHERE type_name = 'user' ORDER BY id")
        numbered = ((row[0], (json.loads(row[1]).get("metadata") or {}).get("message")) for row in rows)
        return [(conversation, number) for conversation, number in numbered if number is not None]

    def cases(self) -> list[Case]:
        """Those that were handed in."""
        waiting = "SELECT count(*) FROM outbox WHERE outbox.case_key = cases.key AND outbox.state <> 'sent'"
        asked = f"SELECT reference, conversation_id, ({waiting}) FROM cases WHERE submitted_at IS NOT NULL"
        return [Case(*row) for row in self._ask(asked)]


def of_files(data: Path) -> Records:
    """Those of one machine with SQLite."""
    return Records(_file(data / "assistant.db"), _file(data / "tracker.db"))


def of_postgresql(url: str) -> Records:
    """Those of several machines."""

    def ask(statement: str) -> list[Row]:
        with psycopg.connect(url, autocommit=True) as connection:
            return list(connection.execute(statement.encode()).fetchall())

    return Records(ask, ask)


def _file(path: Path) -> Ask:
    def ask(statement: str) -> list[Row]:
        with contextlib.closing(sqlite3.connect(path, timeout=30)) as database:
            return database.execute(statement).fetchall()

    return ask
