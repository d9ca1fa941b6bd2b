"""What every action starts from and ends with: the tracker read, the reply dispatched."""

from __future__ import annotations

from typing import Any

from rasa_sdk.events import EventType, SlotSet
from rasa_sdk.executor import CollectingDispatcher
from rasa_sdk.interfaces import Action, Tracker
from rasa_sdk.types import DomainDict

from bot.conversation.compose import Composer
from bot.conversation.reply import ReplyBody
from knowledge.base import KnowledgeBase
from knowledge.records import Area, Entry


class Understood:
    """What the engine made of the latest message."""

    def __init__(self, tracker: Tracker, base: KnowledgeBase) -> None:
        self._message: dict[str, Any] = tracker.latest_message or {}
        self._slots: dict[str, Any] = tracker.slots
        self._base = base

    @property
    def intent(self) -> str:
        """The intent the policies acted on."""
        return str((self._message.get("intent") or {}).get("name") or "")

    @property
    def chosen(self) -> Entry | None:
        """The entry that a button asked for."""
        for entity in self._message.get("entities") or []:
            if entity.get("entity") == "entry":
                return self._base.entries.get(entity["value"])
        return None

    @property
    def entries(self) -> list[Entry]:
        """The entries the message may ask for, the likeliest first."""
        names = (name for _, name in self._requests)
        return [self._base.entries[name] for name in names if name in self._base.entries]

    def topic(self, intent: str) -> str | None:
        """The likeliest request within this intent, where it is no entry: what small talk, or what other topic."""
        return next((name for group, name in self._requests if group == intent and name), None)

    @property
    def area(self) -> Area | None:
        """The area the conversation is about, as far as earlier answers tell."""
        return self._base.areas.get(self._slots.get("focus_area") or "")

    @property
    def trace(self) -> dict[str, Any]:
        """What the log keeps of how the message was understood."""
        intent = self._message.get("intent") or {}
        return {
            "request": intent.get("name"),
            "confidence": intent.get("confidence"),
            "requests": self._message.get("requests") or [],
            "entities": [
                {"entity": e.get("entity"), "value": e.get("value")} for e in self._message.get("entities") or []
            ],
        }

    @property
    def _requests(self) -> list[tuple[str, str]]:
        split = (str(r["name"]).partition("/") for r in self._message.get("requests") or [])
        return [(intent, name) for intent, _, name in split]


class Reply(Action):
    """An action that says one thing. Subclasses have a `NAME` and compose the reply."""

    NAME: str

    def __init__(self, composer: Composer) -> None:
        self.composer = composer
        self.base = composer.base

    def name(self) -> str:
        """The name in domain.yml."""
        return self.NAME

    def compose(self, understood: Understood) -> tuple[ReplyBody, Entry | None]:
        """The reply, and the entry the conversation is about from now on, if that changes."""
        raise NotImplementedError

    async def run(self, dispatcher: CollectingDispatcher, tracker: Tracker, domain: DomainDict) -> list[EventType]:
        """Dispatches the composed reply with its trace; sets the focus."""
        understood = Understood(tracker, self.base)
        reply, entry = self.compose(understood)
        trace = {**understood.trace, "entry": entry.id if entry else None, "action": self.NAME}
        dispatcher.utter_message(json_message={"reply": reply.model_dump(mode="json"), "trace": trace})
        if entry is None:
            return []
        return [SlotSet("focus_entry", entry.id), SlotSet("focus_area", entry.area)]
