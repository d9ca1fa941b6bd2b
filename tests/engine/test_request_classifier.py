"""The classifier learns from a small training set, tells its requests apart, and is restored as it was."""

from __future__ import annotations

import numpy as np
import pytest
from rasa.engine.storage.local_model_storage import LocalModelStorage
from rasa.engine.storage.resource import Resource
from rasa.shared.nlu.training_data.formats.rasa_yaml import RasaYAMLReader
from rasa.shared.nlu.training_data.message import Message

from bot.engine.encoders import SentenceEncoder, encode, vector_of
from bot.engine.request_classifier import REQUESTS, RequestClassifier
from bot.engine.tokens import MultilingualTokenizer

TRAINING = """
version: "3.1"
nlu:
  - intent: training
    metadata: {request: cost, answer: The course is free of charge.}
    examples: |
      - What does the course cost?
      - price of the course
      - Is there a fee for taking the course?
      - how much do I pay for the course
  - intent: training
    metadata: {request: register, answer: Register with an account and choose a course.}
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


@pytest.fixture(scope="module")
def storage(tmp_path_factory: pytest.TempPathFactory) -> LocalModelStorage:
    return LocalModelStorage(tmp_path_factory.mktemp("model"))


@pytest.fixture(scope="module")
def classifier(storage: LocalModelStorage) -> RequestClassifier:
    config = RequestClassifier.get_default_config()
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


def test_uses_the_vectors_the_encoders_left_on_the_message(classifier: RequestClassifier) -> None:
    message = Message({"text": "price of the course"})
    for model in ("use", "e5"):
        SentenceEncoder(model).process([message])
        assert np.allclose(vector_of(message, model), encode(model, ["price of the course"])[0])
    assert classifier.process([message])[0].get(REQUESTS)[0]["name"] == "training/cost"


def test_an_unknown_encoder_is_named() -> None:
    with pytest.raises(ValueError, match="no encoder 'bert'"):
        encode("bert", ["x"])


def test_tokens_know_their_places() -> None:
    tokenizer = MultilingualTokenizer(MultilingualTokenizer.get_default_config())
    tokens = tokenizer.tokenize(Message({"text": "What's ASPI, s'il vous plaît?"}), "text")
    assert [token.text for token in tokens][:3] == ["What", "'s", "ASPI"]
    assert tokens[2].start == 7
