"""A delegate who fills the form, without the engine: its intents and member states are given by hand."""

from __future__ import annotations

from dataclasses import dataclass, field
from typing import Any

from bot.conversation.handoff.draft import Draft, Origin, Step, from_slots, to_slots
from bot.conversation.handoff.form import Form
from bot.conversation.handoff.message import Mention, Message
from bot.conversation.handoff.move import Act, Move

MARIA = Draft(
    "key", "response_package", "Maria Silva", Origin("PE"), "maria@example.org", "May we have a workshop?", True
)


def message(text: str, intent: str = "out_of_scope", confidence: float = 0.3, **states: str) -> Message:
    """A message as the engine would read it; `PE="Peru"` says that this name of a state is in it."""
    mentions = tuple(Mention(code, text.index(name), text.index(name) + len(name)) for code, name in states.items())
    return Message(text, None, intent, confidence, mentions)


def press(step: str) -> Message:
    return Message("", step, "handoff_step", 1.0)


@dataclass
class Filling:
    """A form that is being filled; between messages its draft is kept in slots, as the engine keeps it."""

    form: Form
    draft: Draft
    moves: list[Move] = field(default_factory=list)

    def say(self, text: str, intent: str = "out_of_scope", confidence: float = 0.3, **states: Any) -> Move:
        return self.take(message(text, intent, confidence, **states))

    def press(self, step: str) -> Move:
        return self.take(press(step))

    def take(self, said: Message) -> Move:
        kept = from_slots(to_slots(self.draft))
        assert kept == self.draft
        move = self.form.advance(kept, said)
        self.draft = move.draft or self.draft
        self.moves.append(move)
        return move

    def asks(self, step: Step) -> bool:
        return self.draft.step is step

    @property
    def act(self) -> Act:
        return self.moves[-1].act
