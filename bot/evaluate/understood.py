"""What the assistant would reply to a message that a model has understood, without a server: its own actions decide."""

from __future__ import annotations

from collections.abc import Mapping, MutableMapping
from typing import Any

from rasa_sdk.interfaces import Tracker

from actions.answer import Answer
from actions.turn import Reply, Understood, remembered
from actions.webhook import ACTIONS, ANSWERED_BY
from bot.conversation.compose import Composer
from bot.conversation.language import Languages
from bot.conversation.outcome import Outcome
from bot.evaluate.figures import Turn
from bot.evaluate.questions import Asked
from knowledge.base import KnowledgeBase
from knowledge.records import Language

TO_A_PERSON = "ask_for_person"
"""The intent that opens the handoff form."""


class Judge:
    """The actions over one knowledge base."""

    def __init__(self, base: KnowledgeBase, languages: Languages) -> None:
        composers = {language: Composer(base, language) for language in Language}
        replies: Mapping[type[Reply], Reply] = {action: action(composers, languages) for action in ACTIONS}
        by_intent = dict.fromkeys(base.areas, Answer) | ANSWERED_BY
        self._actions = {intent: replies[action] for intent, action in by_intent.items()}
        self._base = base

    def turn(self, asked: Asked, message: Mapping[str, Any], slots: MutableMapping[str, Any] | None = None) -> Turn:
        """The turn that comes of a message.

        Args:
            asked: the question.
            message: what a model understood, as bot.engine.compare writes it.
            slots: what the turns before left for this one, which leaves its own; nothing before the first.
        """
        slots = {} if slots is None else slots
        understood = Understood(_tracker(asked.language, message, slots), self._base)
        action = self._actions.get(understood.intent)
        if action is None:
            is_handoff = understood.intent == TO_A_PERSON
            outcome = Outcome.HANDOFF if is_handoff else Outcome.ERROR
            return _turn(asked, outcome, frozenset(), None, understood.confidence)
        said = action.says(understood)
        slots.update({event["name"]: event["value"] for event in remembered(said, understood)})
        outcomes = [reply.outcome for reply in said.replies]
        return _turn(
            asked,
            Outcome.ANSWER if Outcome.ANSWER in outcomes else outcomes[-1],
            frozenset(fact for reply in said.replies for fact in reply.facts),
            said.entry.id if said.entry else None,
            understood.confidence,
        )


def _turn(asked: Asked, outcome: Outcome, facts: frozenset[str], entry: str | None, confidence: float) -> Turn:
    return Turn(
        asked=asked,
        outcome=outcome,
        facts=facts,
        entry=entry,
        confidence=confidence,
        language=asked.language,
        text="",
    )


def _tracker(language: Language, message: Mapping[str, Any], slots: Mapping[str, Any]) -> Tracker:
    latest = {**message, "metadata": {"language": language.value}}
    return Tracker("compared", dict(slots), latest, [], False, None, {}, None)
