"""What is lost, done twice or out of order is found, wherever it is."""

from __future__ import annotations

from collections import Counter
from collections.abc import Callable
from typing import Any

import pytest

from tests.faults.accounting import Account, Accounting
from tests.faults.delegates import Delegate, Said
from tests.faults.records import Records, Row

Tables = dict[str, list[Row]]
Change = Callable[[Tables, list[dict[str, Any]]], None]


def tables() -> Tables:
    """Of one conversation of two messages and a case."""
    return {
        "messages": [(1, "c", "one", "1", "answer"), (2, "c", "two", "2", "handoff")],
        "replies": [(1, 0), (2, 0), (2, 1)],
        "turns": [("c", 1), ("c", 2)],
        "events": [("c", '{"metadata": {"message": 1}}'), ("c", '{"metadata": {"message": 2}}')],
        "cases": [("7KQ4", "c", 0)],
    }


def history() -> list[dict[str, Any]]:
    return [
        {"cursor": "welcome", "role": "assistant"},
        {"cursor": "one", "role": "delegate"},
        {"cursor": "reply 1", "role": "assistant", "in_reply_to": "one"},
        {"cursor": "two", "role": "delegate"},
        {"cursor": "reply 2", "role": "assistant", "in_reply_to": "two"},
        {"cursor": "reply 3", "role": "assistant", "in_reply_to": "two"},
    ]


def account(
    found: Tables,
    shown: list[dict[str, Any]],
    letters: tuple[str, ...] = ("a", "b"),
    subject: str = "[7KQ4] A question",
) -> Account:
    def ask(statement: str) -> list[Row]:
        table = next(name for name in found if f" FROM {name} " in f"{statement} ")
        return found[table]

    delegate = Delegate(None, "", Counter())  # type: ignore[arg-type]
    delegate.id, delegate.case = "c", True
    delegate.said = [Said("1", "one"), Said("2", "two")]
    delegate.heard = history()[:3]
    return Accounting([delegate], {"c": shown}, Records(ask, ask), Counter(letters), [subject]).account()


def test_where_nothing_is_wrong_nothing_is_found() -> None:
    found = account(tables(), history())
    assert (found.messages, found.cases) == (2, 1)
    assert found.is_right, found.why
    assert (found.failed, found.letters_again) == (0, 0)


@pytest.mark.parametrize("table", ["messages", "turns", "events"])
def test_what_is_missing_in_one_place_is_lost(table: str) -> None:
    found = tables()
    found[table].pop()
    assert account(found, history()).lost


def test_a_message_without_a_reply_is_lost() -> None:
    found = tables() | {"replies": [(1, 0)]}
    assert account(found, history()[:4]).lost


def test_a_case_without_its_letter_is_lost_and_a_delegate_without_a_case_too() -> None:
    assert account(tables(), history(), subject="[ZZZZ] A question").lost
    assert account(tables() | {"cases": [("7KQ4", "c", 1)]}, history()).lost
    assert account(tables() | {"cases": []}, history()).lost


@pytest.mark.parametrize("table", ["replies", "turns", "events", "cases"])
def test_what_is_there_again_is_twice(table: str) -> None:
    found = tables()
    found[table].append(found[table][-1])
    assert account(found, history()).twice


@pytest.mark.parametrize("table", ["turns", "events"])
def test_another_order_than_that_of_the_messages_is_found(table: str) -> None:
    found = tables()
    found[table].reverse()
    assert account(found, history()).disordered


def test_an_answer_above_its_question_and_questions_in_another_order_are_found() -> None:
    shown = history()
    shown[1], shown[2] = shown[2], shown[1]
    assert account(tables(), shown).disordered
    shown = history()
    assert account(tables(), [shown[0], *shown[3:], *shown[1:3]]).disordered


def test_who_did_not_hear_what_is_shown_is_found() -> None:
    shown = history()
    shown.insert(1, {"cursor": "late", "role": "person"})
    assert account(tables(), shown).unheard


def test_letters_that_came_again_are_told_apart() -> None:
    found = account(tables(), history(), letters=("a", "b", "b"))
    assert found.is_right
    assert found.letters_again == 1
