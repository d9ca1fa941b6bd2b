"""What Rasa's events tell of each message."""

from __future__ import annotations

from bot.log.events import by_message
from bot.log.reasons import Told
from tests.log.events import of_message


def test_each_message_has_its_own_events() -> None:
    first = of_message("a", 1, "first", focus_entry="inn_tisc_what")
    second = of_message("a", 3, "second", model="model-2", focus_entry=None)
    other = of_message("b", 2, "other")
    # Two conversations' events may stand between each other.
    read = {one.message: one for one in by_message([*first[:3], *other, *first[3:], *second])}
    assert {number: one.conversation for number, one in read.items()} == {1: "a", 2: "b", 3: "a"}
    assert read[1].told == Told(
        model="model-1", policy="RulePolicy", policy_confidence=1.0, focus="inn_tisc_what", action_milliseconds=10.0
    )
    assert (read[3].told.model, read[3].told.focus) == ("model-2", "")
    assert read[2].told.focus is None


def test_what_the_form_was_told_is_personal() -> None:
    events = of_message(
        "a",
        1,
        "Amina Otieno, Acme",
        person_name="Amina Otieno",
        person_email="amina@example.org",
        person_from={"member_state": "KE", "organisation": "Acme"},
        person_question="who pays?",
        handoff={"key": "k", "typed_email": "amina@exmaple.org"},
    )
    (read,) = by_message(events)
    assert read.told.form
    assert set(read.personal) == {
        ("name", "Amina Otieno"),
        ("e-mail", "amina@example.org"),
        ("e-mail", "amina@exmaple.org"),
        ("organisation", "Acme"),
    }


def test_events_that_go_on_with_a_message_name_none() -> None:
    (read,) = by_message(of_message("a", 1, "asked", focus_entry="x")[1:])
    assert read.message is None
    assert read.told.focus == "x"
