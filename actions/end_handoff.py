"""Says how the handoff form ended."""

from __future__ import annotations

from collections.abc import Mapping
from datetime import date

from rasa_sdk.events import EventType, SlotSet
from rasa_sdk.executor import CollectingDispatcher
from rasa_sdk.interfaces import Action, Tracker
from rasa_sdk.types import DomainDict

from actions.turn import Said, Understood, dispatch
from bot.conversation.compose import Composer
from bot.conversation.handoff.prompts import Prompts
from knowledge.records import Language


class EndHandoff(Action):
    """The reference number and what happens next, or one line that nothing was sent."""

    NAME = "action_end_handoff"

    def __init__(self, composers: Mapping[Language, Composer]) -> None:
        self._composers = composers
        self.base = composers[Language.EN].base

    def name(self) -> str:
        """The name in domain.yml."""
        return self.NAME

    async def run(self, dispatcher: CollectingDispatcher, tracker: Tracker, domain: DomainDict) -> list[EventType]:
        """By what the form left; nothing where the last message has been answered otherwise."""
        understood = Understood(tracker, self.base)
        left = tracker.slots.get("handoff") or {}
        prompts = Prompts(self._composers[understood.held_in])
        match left.get("ended"):
            case "sent":
                email = str(tracker.slots.get("person_email"))
                day = date.fromisoformat(left["answer_by"])
                reply = prompts.sent(left["contact"], left["reference"], day, email)
                dispatch(dispatcher, Said.one(reply), understood, self.NAME)
            case str(how):
                dispatch(dispatcher, Said.one(prompts.ended(how)), understood, self.NAME)
        return [SlotSet("handoff", None)]
