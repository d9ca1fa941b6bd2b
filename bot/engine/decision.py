"""Decides whether the ranking is sure enough to answer, close enough to ask back, or neither."""

from __future__ import annotations

from typing import Any

from rasa.engine.graph import ExecutionContext, GraphComponent
from rasa.engine.recipes.default_recipe import DefaultV1Recipe
from rasa.engine.storage.resource import Resource
from rasa.engine.storage.storage import ModelStorage
from rasa.nlu.classifiers.classifier import IntentClassifier
from rasa.shared.nlu.constants import INTENT, INTENT_RANKING_KEY
from rasa.shared.nlu.training_data.message import Message

from bot.engine.request_classifier import PARTS, PERSON, REQUESTS

UNCLEAR, UNKNOWN, SEVERAL = "unclear", "nlu_fallback", "several_questions"
_WITHOUT_ENTRY = {"small_talk", "out_of_scope", PERSON, "change_language"}
_OUTSIDE = {"small_talk", "out_of_scope"}
_NO_SUBJECT = {"small_talk", "choose", "unclear"}
"""What part of a message may say without being a question of its own."""


@DefaultV1Recipe.register(DefaultV1Recipe.ComponentType.INTENT_CLASSIFIER, is_trainable=False)
class Decision(GraphComponent, IntentClassifier):
    """Sets the intent the policies act on from the ranked requests.

    A message is several questions when each of its parts asks for something else with a confidence of `part`, and it
    does not `sure`ly lie outside as a whole. Where one of them `sure`ly wishes for a person and the rest is no question
    to be answered, the wish counts.
    Otherwise the first request stands when its confidence reaches `answer` - unless it is an entry, not `sure`, and the
    topics outside the knowledge base together reach `outside`: then the message is out of scope, because a wrong answer
    is worse than a refusal. Otherwise the message is `unclear` when two or three entries together reach `unclear`, and
    not understood when they do not. The thresholds were measured (docs/evaluation.md).
    """

    def __init__(self, config: dict[str, Any]) -> None:
        self._answer: float = config["answer"]
        self._unclear: float = config["unclear"]
        self._part: float = config["part"]
        self._outside: float = config["outside"]
        self._sure: float = config["sure"]

    @staticmethod
    def get_default_config() -> dict[str, Any]:
        """Thresholds on calibrated confidences, between 0 and 1."""
        return {"answer": 0.2, "unclear": 0.3, "part": 0.5, "outside": 0.4, "sure": 0.7}

    @classmethod
    def create(
        cls,
        config: dict[str, Any],
        model_storage: ModelStorage,
        resource: Resource,
        execution_context: ExecutionContext,
    ) -> Decision:
        """Takes the thresholds from config.yml."""
        return cls(config)

    def process(self, messages: list[Message]) -> list[Message]:
        """Sets the intent of each message that was classified."""
        for message in messages:
            requests = message.get(REQUESTS)
            if requests:
                parts = message.get(PARTS) or []
                several = None if self._lies_outside(requests[0]) else self.several(parts)
                ranking = {i["name"]: i["confidence"] for i in message.get(INTENT_RANKING_KEY) or []}
                message.set(INTENT, several or self.wish(parts) or self.decide(requests, ranking), add_to_output=True)
        return messages

    def _lies_outside(self, first: dict[str, Any]) -> bool:
        """Whether the message as a whole surely does, whatever its parts seem to be by themselves."""
        return first["name"].split("/")[0] in _OUTSIDE and first["confidence"] >= self._sure

    def several(self, parts: list[dict[str, Any]]) -> dict[str, Any] | None:
        """The intent of a message of several questions, with the confidence of the least sure; nothing for others."""
        firsts = [part[REQUESTS][0] for part in parts]
        intents = [first["name"].split("/")[0] for first in firsts]
        least = min((first["confidence"] for first in firsts), default=0.0)
        different = len({first["name"] for first in firsts})
        if different < max(2, len(parts)) or least < self._part or _NO_SUBJECT & set(intents):
            return None
        if all(intent in _WITHOUT_ENTRY for intent in intents):
            return None
        return {"name": SEVERAL, "confidence": least}

    def wish(self, parts: list[dict[str, Any]]) -> dict[str, Any] | None:
        """The wish for a person that is one part of a message, with its confidence."""
        firsts = (part[REQUESTS][0] for part in parts)
        found = (
            one["confidence"]
            for one in firsts
            if one["name"].split("/")[0] == PERSON and one["confidence"] >= self._sure
        )
        return next(({"name": PERSON, "confidence": confidence} for confidence in found), None)

    def decide(self, requests: list[dict[str, Any]], intents: dict[str, float] | None = None) -> dict[str, Any]:
        """The intent for these ranked requests and confidences of all intents, with the confidence it rests on."""
        first = requests[0]
        name = first["name"].split("/")[0]
        outside = sum((intents or {}).get(intent, 0.0) for intent in _OUTSIDE)
        if name not in _WITHOUT_ENTRY | _NO_SUBJECT and outside >= self._outside and first["confidence"] < self._sure:
            return {"name": "out_of_scope", "confidence": outside}
        if first["confidence"] >= self._answer:
            return {"name": name, "confidence": first["confidence"]}
        totals: dict[str, float] = {}
        for request in requests:
            group = request["name"].split("/")[0]
            totals[group] = totals.get(group, 0.0) + request["confidence"]
        other, total = max(totals.items(), key=lambda item: item[1])
        if other in _WITHOUT_ENTRY and total >= self._answer:
            return {"name": other, "confidence": total}
        readings = [r for r in requests if r["name"].split("/")[0] not in _WITHOUT_ENTRY][:3]
        together = sum(reading["confidence"] for reading in readings)
        if len(readings) > 1 and together >= self._unclear:
            return {"name": UNCLEAR, "confidence": together}
        return {"name": UNKNOWN, "confidence": 1 - together}
