"""Classifies the request: which of all entries, open questions and other topics a message is about."""

from __future__ import annotations

import functools
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import numpy as np
from rasa.engine.graph import ExecutionContext, GraphComponent
from rasa.engine.recipes.default_recipe import DefaultV1Recipe
from rasa.engine.storage.resource import Resource
from rasa.engine.storage.storage import ModelStorage
from rasa.nlu.classifiers.classifier import IntentClassifier
from rasa.shared.core.trackers import DialogueStateTracker
from rasa.shared.nlu.constants import ENTITIES, INTENT, INTENT_RANKING_KEY, METADATA, METADATA_INTENT, TEXT
from rasa.shared.nlu.training_data.message import Message
from rasa.shared.nlu.training_data.training_data import TrainingData
from ruamel.yaml import YAML

from bot.engine.arrays import Floats
from bot.engine.context import Subject
from bot.engine.encoders import encode
from bot.engine.gazetteer import Finder
from bot.engine.parts import beside_questions, questions
from bot.engine.ranking import Text
from bot.engine.signature import without_signature
from bot.engine.text import normal
from bot.engine.understanding import Encoders, Example, FollowUp, Understanding

REQUESTS = "requests"
"""The message's attribute with the ranked classes: `[{"name": "<intent>/<request>", "confidence": 0.8}, …]`."""
PARTS = "parts"
"""The message's attribute with the questions it consists of, where they are several: each with its `requests`. The wish
for a person is one beside a question."""
PERSON = "ask_for_person"
CARRIED = "carried"
"""The message's attribute that tells whether only the entry in focus tells what it is about."""
SHOWN = 8
"""How many requests are passed on."""
SERVICE = "service"
"""The entity whose values are names of services, programs and bodies."""
FOCUS = "focus_entry"
"""The slot with the entry the conversation is about."""
STANDS = 0.95
"""The probability from which one of several questions is understood without what stands before it."""
WISHES = 0.7
"""The probability from which a sentence beside a question is the wish for a person."""
LEADS = 0.3
"""The probability from which what stands before a question of several tells what it is about."""


@DefaultV1Recipe.register(DefaultV1Recipe.ComponentType.INTENT_CLASSIFIER, is_trainable=True)
class RequestClassifier(GraphComponent, IntentClassifier):
    """Ranks requests, each an intent and what is asked within it; an intent's confidence is the sum over its own.

    What an example asks for stands in the metadata of its block in the training data: `request`; and for what the
    knowledge base holds `answers`, `title`, `area`, `related` and `kinds`. `first` and `second` name the encoders of
    its stages; without `second` there is one. `follow_ups` is the folder with what delegates say when an entry is in
    focus.
    """

    def __init__(
        self, config: dict[str, Any], storage: ModelStorage, resource: Resource, learned: Understanding | None = None
    ) -> None:
        self._encoders = _encoders(config)
        self._follow_ups: str | None = config["follow_ups"]
        self._storage, self._resource, self._learned = storage, resource, learned

    @staticmethod
    def get_default_config() -> dict[str, Any]:
        """One encoder, and no follow-ups."""
        return {"first": "use", "second": None, "follow_ups": None}

    @classmethod
    def create(
        cls,
        config: dict[str, Any],
        model_storage: ModelStorage,
        resource: Resource,
        execution_context: ExecutionContext,
    ) -> RequestClassifier:
        """An untrained classifier."""
        return cls(config, model_storage, resource)

    @classmethod
    def load(
        cls,
        config: dict[str, Any],
        model_storage: ModelStorage,
        resource: Resource,
        execution_context: ExecutionContext,
        **kwargs: Any,
    ) -> RequestClassifier:
        """The classifier as trained, warmed by one ranking."""
        with model_storage.read_from(resource) as folder:
            learned = Understanding.restore(folder, _encoders(config))
        component = cls(config, model_storage, resource, learned)
        component.process([Message({TEXT: "warm"})])
        return component

    def train(self, training_data: TrainingData) -> Resource:
        """Learns from the intent examples, from the answers of the requests that have one, and from follow-ups."""
        about = [(_name(example), _about(example)) for example in training_data.intent_examples]
        examples = [
            Example(example.get(TEXT), name, known.get("language", ""), names_in(example))
            for example, (name, known) in zip(training_data.intent_examples, about)
        ]
        answers = dict.fromkeys(
            Example(known["answer"], name, known.get("language", "")) for name, known in about if "answer" in known
        )
        subjects: dict[str, Subject] = {}
        for name, known in about:
            if known.get("area") or name not in subjects:
                subjects[name] = _subject(known, subjects.get(name, Subject()))
        finder = Finder.of(training_data)
        follow_ups = list(_follow_ups(Path(self._follow_ups), list(subjects), finder)) if self._follow_ups else []
        self._learned = Understanding.fit(examples, list(answers), subjects, follow_ups, self._encoders)
        with self._storage.write_to(self._resource) as folder:
            self._learned.save(folder)
        return self._resource

    def process(self, messages: list[Message], tracker: DialogueStateTracker | None = None) -> list[Message]:
        """Sets the intent, the ranking of intents, the ranked requests, and those of each of several questions."""
        focus = tracker.get_slot(FOCUS) if tracker else None
        for message in messages:
            if self._learned is not None and message.get(TEXT):
                _understand(message, self._learned, focus)
        return messages


@dataclass(frozen=True)
class Looked:
    """What is looked at of a message: the whole, what it states beside its questions, and its questions if they are
    several, each with what stands before it; all as typed and in normal form."""

    whole: Text
    stated: list[tuple[str, Text]]
    asked: list[tuple[str, Text, Text]]

    @classmethod
    def at(cls, message: Message) -> Looked:
        """Takes the message apart."""
        text = message.get(TEXT)
        stated = [(part, _piece(message, part)) for part in beside_questions(without_signature(text))]
        asked = [(part, _piece(message, part), _piece(message, before)) for part, before in questions(text)]
        return cls(Text(normal(text), names_in(message)), stated, asked)

    @property
    def pieces(self) -> list[Text]:
        """Everything but the whole."""
        asked = (piece for _, part, before in self.asked for piece in (part, before) if piece.text)
        return [*(piece for _, piece in self.stated), *asked]


def _piece(message: Message, text: str) -> Text:
    return Text(normal(text), names_in(message, text))


def _understand(message: Message, learned: Understanding, focus: str | None) -> None:
    looked = Looked.at(message)
    learned.foresee([looked.whole, *learned.behind(looked.whole, focus), *looked.pieces])
    logs, carried = learned.log_probabilities(looked.whole, focus)
    totals = learned.of_intents(np.exp(logs))
    intents = [{"name": name, "confidence": min(1.0, total)} for name, total in totals.items()]
    intents.sort(key=lambda intent: -float(str(intent["confidence"])))
    likeliest = learned.names[int(logs.argmax())].split("/")[0]
    message.set(INTENT, next(i for i in intents if i["name"] == likeliest), add_to_output=True)
    message.set(INTENT_RANKING_KEY, intents, add_to_output=True)
    message.set(REQUESTS, _ranked(logs, learned), add_to_output=True)
    message.set(CARRIED, carried, add_to_output=True)
    message.set(PARTS, _parts(message, looked, learned, focus), add_to_output=True)


def _parts(message: Message, looked: Looked, learned: Understanding, focus: str | None) -> list[dict[str, Any]]:
    """The questions of a message that asks several: where one does not stand for itself, what is before it may tell."""
    asked, wish = looked.asked, _wish(looked, learned)
    if wish and not asked:
        rest = message.get(TEXT).replace(wish["text"], " ").strip()
        asked = [(rest, _piece(message, rest), Text(""))]
    if not asked:
        return []
    alone = learned.quick([part for _, part, _ in asked])
    unsure = [piece for (_, *both), logs in zip(asked, alone) if not _stands(logs) for piece in both if piece.text]
    learned.foresee(text for one in unsure for text in learned.behind(one, focus, learned.quick([one])[0]))
    found = [
        {"text": text, REQUESTS: _ranked(_in_its_place(part, before, logs, learned, focus), learned)}
        for (text, part, before), logs in zip(asked, alone)
    ]
    return [*found, wish] if wish else found


def _wish(looked: Looked, learned: Understanding) -> dict[str, Any] | None:
    """The sentence beside a question that wishes for a person, with its requests."""
    if not looked.stated:
        return None
    logs = learned.quick([piece for _, piece in looked.stated])
    ranked: Iterator[dict[str, Any]] = (
        {"text": text, REQUESTS: _ranked(one, learned)} for (text, _), one in zip(looked.stated, logs)
    )
    return next((part for part in ranked if _wishes(part[REQUESTS][0])), None)


def _wishes(first: dict[str, Any]) -> bool:
    return bool(first["name"].split("/")[0] == PERSON and first["confidence"] >= WISHES)


def _stands(logs: Floats) -> bool:
    return bool(np.exp(logs.max()) >= STANDS)


def _in_its_place(part: Text, before: Text, alone: Floats, learned: Understanding, focus: str | None) -> Floats:
    """The logarithms for one of several questions; `alone` are those by itself."""
    if _stands(alone):
        return alone
    if before.text:
        led, _ = learned.log_probabilities(before, focus, learned.quick([before])[0])
        first = int(led.argmax())
        if np.exp(led[first]) >= LEADS and learned.subjects[first].area:
            focus = learned.names[first].partition("/")[2]
    return learned.log_probabilities(part, focus, alone)[0]


def names_in(message: Message, part: str | None = None) -> frozenset[str]:
    """The services and bodies that the message names, or that this part of it does."""
    text = message.get(TEXT)
    return frozenset(
        entity["value"]
        for entity in message.get(ENTITIES, [])
        if entity["entity"] == SERVICE and (part is None or text[entity["start"] : entity["end"]] in part)
    )


def _ranked(logs: Floats, learned: Understanding) -> list[dict[str, Any]]:
    order = np.argsort(-logs)[:SHOWN]
    return [{"name": learned.names[at], "confidence": float(np.exp(logs[at]))} for at in order]


def _encoders(config: dict[str, Any]) -> Encoders:
    second = functools.partial(encode, config["second"]) if config["second"] else None
    return functools.partial(encode, config["first"]), second


def _about(example: Message) -> dict[str, Any]:
    return (example.get(METADATA) or {}).get(METADATA_INTENT) or {}


def _name(example: Message) -> str:
    """`<intent>/<request>`, or the intent alone where it is one request."""
    request = _about(example).get("request")
    return f"{example.get(INTENT)}/{request}" if request else str(example.get(INTENT))


def _subject(known: dict[str, Any], so_far: Subject) -> Subject:
    """What the metadata say; the title is that of the first language met, which is English."""
    return Subject(
        known.get("area", ""),
        so_far.title or known.get("title", ""),
        frozenset(known.get("related", ())),
        tuple(known.get("kinds", ())),
    )


def _follow_ups(folder: Path, names: list[str], finder: Finder) -> Iterator[FollowUp]:
    """The follow-ups in all files of the folder; an entry is named by its id, another topic with its intent."""
    by_request = {name.partition("/")[2]: name for name in names if "/" in name}
    for path in sorted(folder.glob("*.yml")):
        for written in YAML(typ="safe").load(path)["follow_ups"]:
            name = by_request.get(written["entry"], written["entry"])
            services = frozenset(e["value"] for e in finder.find(written["say"]) if e["entity"] == SERVICE)
            yield FollowUp(written["focus"], written["say"], name, services)
