"""The classifier learns from a small training set, tells its requests apart, and is restored as it was."""

from __future__ import annotations

from pathlib import Path

import numpy as np
import pytest
from rasa.engine.storage.local_model_storage import LocalModelStorage
from rasa.engine.storage.resource import Resource
from rasa.shared.core.slots import AnySlot
from rasa.shared.core.trackers import DialogueStateTracker
from rasa.shared.nlu.training_data.formats.rasa_yaml import RasaYAMLReader
from rasa.shared.nlu.training_data.message import Message

from bot.engine.encoders import encode
from bot.engine.ranking import Text
from bot.engine.request_classifier import PARTS, REQUESTS, RequestClassifier

TRAINING = """
version: "3.1"
nlu:
  - intent: training
    metadata: {request: cost, area: training, title: Price, kinds: [cost], answer: The course is free of charge.}
    examples: |
      - What does the course cost?
      - price of the course
      - Is there a fee for taking the course?
      - how much do I pay for the course
  - intent: training
    metadata: {request: register, area: training, title: Enrolment, kinds: [how_to_ask], answer: Sign up online.}
    examples: |
      - How do I sign up for the course?
      - course registration
      - Where can one enrol?
      - how to join the course
  - intent: small_talk
    metadata: {request: greet}
    examples: |
      - hello
      - good morning
      - hi there
      - greetings
  - intent: ask_for_person
    examples: |
      - I want to talk to a person
      - give me a human
      - let me speak with somebody
      - connect me to staff
"""

FOLLOW_UPS = """
follow_ups:
  - {focus: register, say: is it expensive, entry: cost}
  - {focus: register, say: and the price, entry: cost}
  - {focus: cost, say: and how does one join, entry: register}
  - {focus: cost, say: where can I enrol, entry: register}
  - {focus: cost, say: good evening, entry: greet}
  - {focus: register, say: a person please, entry: ask_for_person}
  - {focus: unknown, say: leave me out, entry: cost}
"""


@pytest.fixture(scope="module")
def storage(tmp_path_factory: pytest.TempPathFactory) -> LocalModelStorage:
    return LocalModelStorage(tmp_path_factory.mktemp("model"))


@pytest.fixture(scope="module")
def follow_ups(tmp_path_factory: pytest.TempPathFactory) -> Path:
    folder = tmp_path_factory.mktemp("follow_ups")
    (folder / "en.yml").write_text(FOLLOW_UPS, encoding="utf-8")
    return folder


@pytest.fixture(scope="module")
def classifier(storage: LocalModelStorage, follow_ups: Path) -> RequestClassifier:
    config = {**RequestClassifier.get_default_config(), "follow_ups": str(follow_ups)}
    trained = RequestClassifier(config, storage, Resource("requests"))
    trained.train(RasaYAMLReader().reads(TRAINING))
    return trained


def ask(classifier: RequestClassifier, text: str) -> Message:
    return classifier.process([Message({"text": text})])[0]


@pytest.mark.parametrize(
    ("text", "request_name", "intent"),
    [
        ("is the course expensive", "training/cost", "training"),
        ("enrolling in a course, how?", "training/register", "training"),
        ("good evening", "small_talk/greet", "small_talk"),
        ("may I speak to a human being", "ask_for_person", "ask_for_person"),
    ],
)
def test_classifies_unseen_wording(classifier: RequestClassifier, text: str, request_name: str, intent: str) -> None:
    message = ask(classifier, text)
    assert message.get(REQUESTS)[0]["name"] == request_name
    assert message.get("intent")["name"] == intent
    assert message.get("intent")["confidence"] <= 1


def test_confidences_are_probabilities(classifier: RequestClassifier) -> None:
    requests = ask(classifier, "what does it cost to enrol").get(REQUESTS)
    assert sum(request["confidence"] for request in requests) == pytest.approx(1, abs=1e-4)


def test_is_restored_as_it_was(classifier: RequestClassifier, storage: LocalModelStorage) -> None:
    config = RequestClassifier.get_default_config()
    again = RequestClassifier.load(config, storage, Resource("requests"), None)  # type: ignore[arg-type]
    for text in ("price?", "hello", "x"):
        assert ask(again, text).get(REQUESTS) == ask(classifier, text).get(REQUESTS)


def test_an_unknown_encoder_is_named() -> None:
    with pytest.raises(ValueError, match="no encoder 'bert'"):
        encode("bert", ["x"])


def test_texts_keep_their_places_when_encoded_by_length() -> None:
    texts = ["a rather long question about the price of the course and who may take it", "price?", "who may take it"]
    together = encode("use", texts)
    assert np.allclose(together, np.vstack([encode("use", [text]) for text in texts]), atol=1e-3)


@pytest.mark.parametrize(
    ("text", "focus", "request_name"),
    [
        ("and how much is it?", "register", "training/cost"),
        ("how do I sign up", "cost", "training/register"),
        ("thanks, hello", "cost", "small_talk/greet"),
    ],
)
def test_a_follow_up_is_understood_by_what_is_in_focus(
    classifier: RequestClassifier, text: str, focus: str, request_name: str
) -> None:
    slot = AnySlot("focus_entry", mappings=[{}], initial_value=focus)
    tracker = DialogueStateTracker("someone", [slot])
    message = classifier.process([Message({"text": text})], tracker)[0]
    assert message.get(REQUESTS)[0]["name"] == request_name


def test_what_is_in_focus_is_not_asked_where_a_long_question_is_clear_by_itself(classifier: RequestClassifier) -> None:
    learned = classifier._learned
    assert learned is not None
    text, short = Text("Good morning, hello, hi there, and greetings to you"), Text("hello")
    alone = learned.quick([text])[0]
    alone[alone.argmax()] = 0.0
    assert learned.log_probabilities(text, "cost", alone)[0] is alone
    assert learned.behind(text, "cost", alone) == []
    assert [one.text for one in learned.behind(short, "cost")] == ["Price. hello"]
    assert learned.behind(short, "no entry") == []


def test_a_message_is_understood_the_same_alone_and_among_others(classifier: RequestClassifier) -> None:
    learned = classifier._learned
    assert learned is not None
    texts = [Text("is the course expensive"), Text("enrolling in a course, how?"), Text("who are you?")]
    singly = [learned._quick([text])[0] for text in texts]
    learned.foresee(texts)
    assert np.allclose(learned.quick(texts), singly, atol=1e-3)


def test_takes_a_message_of_two_questions_apart(classifier: RequestClassifier) -> None:
    message = ask(classifier, "What does the course cost, and how do I sign up for it?")
    assert [part["requests"][0]["name"] for part in message.get(PARTS)] == ["training/cost", "training/register"]
    assert ask(classifier, "What does the course cost?").get(PARTS) == []
