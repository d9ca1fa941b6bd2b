"""What Rasa's events tell of each message."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from typing import Any

from bot.log.masking.text import Kind
from bot.log.reasons import Told

Event = Mapping[str, Any]
"""An event as Rasa's event brokers publish it."""

_ABOUT_THE_DELEGATE = {"person_name": Kind.NAME, "person_email": Kind.EMAIL}
_FORM = ("person_", "requested_slot")
"""How the names of the slots begin that only the handoff form sets."""


@dataclass(frozen=True)
class EventsOfMessage:
    """What the events between one message and the next tell."""

    conversation: str
    message: int | None
    """The message's id; empty where the events go on with a message that came before."""
    told: Told
    personal: tuple[tuple[str, str], ...]
    """Kind and value of what the form was told about the delegate."""


def by_message(events: Iterable[Event]) -> Iterator[EventsOfMessage]:
    """The events of each message, in the order of the messages."""
    groups: dict[str, list[Event]] = {}
    for event in events:
        conversation = str(event.get("sender_id"))
        if event.get("event") == "user" and conversation in groups:
            yield _read(conversation, groups.pop(conversation))
        groups.setdefault(conversation, []).append(event)
    for conversation, group in groups.items():
        yield _read(conversation, group)


def _read(conversation: str, events: Sequence[Event]) -> EventsOfMessage:
    user = next((event for event in events if event.get("event") == "user"), {})
    metadata = user.get("metadata") or {}
    number = metadata.get("message")
    after = events[events.index(user) + 1 :] if user else events
    action = next((e for e in after if e.get("event") == "action" and e.get("policy")), {})
    slots = {str(e.get("name")): e.get("value") for e in after if e.get("event") == "slot"}
    said = [float(e["timestamp"]) for e in after if e.get("event") == "bot" and e.get("timestamp")]
    told = Told(
        model=metadata.get("model_id"),
        policy=action.get("policy"),
        policy_confidence=action.get("confidence"),
        focus=str(slots["focus_entry"] or "") if "focus_entry" in slots else None,
        form=any(name.startswith(_FORM) for name in slots),
        action_milliseconds=round((max(said) - float(user["timestamp"])) * 1000, 1) if said and user else None,
    )
    return EventsOfMessage(
        conversation, number if isinstance(number, int) else None, told, tuple(dict.fromkeys(_personal(slots)))
    )


def _personal(slots: Mapping[str, Any]) -> Iterator[tuple[str, str]]:
    for slot, kind in _ABOUT_THE_DELEGATE.items():
        if value := slots.get(slot):
            yield kind.value, str(value)
    if (origin := slots.get("person_from")) and origin.get("organisation"):
        yield Kind.ORGANISATION.value, str(origin["organisation"])
    if typed := (slots.get("handoff") or {}).get("typed_email"):
        yield Kind.EMAIL.value, str(typed)
