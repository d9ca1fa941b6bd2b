"""`python -m bot.engine.hint3 <data> <model>`: the classifier alone on HINT3, beside Rasa's stock pipeline.

HINT3 (Arora et al., 2020) holds real users' messages to deployed chatbots, a large part of them out of scope. Ours
learns from each of its training sets as it does from our own content, without answers and follow-ups, and so does the
pipeline that `rasa init` writes. Both are asked every test message. A message is out of scope when the confidence is
low: ours is the class's probability times the cosines, by both encoders, to the nearest example, less where words of
the message were never met. Then both the trained model of the assistant and the stock one parse the same messages in
turn, and the ratio of their times is given.

Writes JSON to the standard output.
"""

from __future__ import annotations

import asyncio
import csv
import functools
import json
import os
import statistics
import sys
import tempfile
import time
from collections.abc import Callable, Sequence
from dataclasses import asdict, dataclass
from pathlib import Path
from typing import Any

os.environ.setdefault("TF_CPP_MIN_LOG_LEVEL", "3")
os.environ.setdefault("RASA_TELEMETRY_ENABLED", "false")

import numpy as np
from rasa.core.agent import Agent
from rasa.model_training import train_nlu
from ruamel.yaml import YAML
from sklearn.metrics import roc_auc_score

from bot.engine.encoders import encode
from bot.engine.ranking import Text
from bot.engine.text import normal, words
from bot.engine.understanding import Example, Understanding

SETS = ("sofmattress", "curekart")
OUTSIDE = "NO_NODES_DETECTED"
STOCK = {
    "recipe": "default.v1",
    "language": "en",
    "pipeline": [
        {"name": "WhitespaceTokenizer"},
        {"name": "RegexFeaturizer"},
        {"name": "LexicalSyntacticFeaturizer"},
        {"name": "CountVectorsFeaturizer"},
        {"name": "CountVectorsFeaturizer", "analyzer": "char_wb", "min_ngram": 1, "max_ngram": 4},
        {"name": "DIETClassifier", "epochs": 100, "constrain_similarities": True},
        {"name": "EntitySynonymMapper"},
        {"name": "ResponseSelector", "epochs": 100, "constrain_similarities": True},
        {"name": "FallbackClassifier", "threshold": 0.3, "ambiguity_threshold": 0.1},
    ],
}
"""What `rasa init` of Rasa 3.6 runs when its config.yml names nothing."""
TIMED = 200
"""Messages whose parsing is timed."""

Classify = Callable[[Sequence[str]], "list[tuple[str, float]]"]


@dataclass(frozen=True)
class Score:
    """In-scope accuracy, and how well the confidence tells in scope from out of scope (area under the ROC curve)."""

    accuracy: float
    auroc: float


def score(classify: Classify, test: Sequence[tuple[str, str]]) -> Score:
    """Asks every message of the test set."""
    found = classify([text for text, _ in test])
    inside = [label == guess for (_, label), (guess, _) in zip(test, found) if label != OUTSIDE]
    is_inside = [label != OUTSIDE for _, label in test]
    auroc = roc_auc_score(is_inside, [confidence for _, confidence in found])
    return Score(sum(inside) / len(inside), float(auroc))


def ours(train: Sequence[tuple[str, str]]) -> Classify:
    """The assistant's classifier, trained on these texts and labels, with the second encoder that few examples need."""
    first, second = functools.partial(encode, "use"), functools.partial(encode, "e5")
    examples = [Example(text, label) for text, label in train]
    learned = Understanding.fit(examples, [], {}, [], (first, second), read_a_class=len(examples))

    def classify(texts: Sequence[str]) -> list[tuple[str, float]]:
        plain = [normal(text) or "." for text in texts]
        logs = learned.alone([Text(text) for text in plain])
        best = logs.argmax(axis=1)
        confidence, ranking = np.exp(logs.max(axis=1)), learned.ranking
        for view, encoder in ((ranking.first, first), (ranking.second, second)):
            if view is None:
                continue
            nearest = view.questions.nearest(view.centred(encoder(plain)) @ view.axes)
            confidence = confidence * nearest.clip(min=0)
        met = ranking.words.indexes["question_stems"]
        confidence = confidence * (0.5 + np.array([met.share_known(words(text)) for text in plain]))
        return [(learned.names[at], float(sure)) for at, sure in zip(best, confidence)]

    return classify


def stock(train: Sequence[tuple[str, str]], folder: Path) -> tuple[Classify, Agent]:
    """Rasa's stock pipeline, trained on the same."""
    by_label: dict[str, list[str]] = {}
    for text, label in train:
        by_label.setdefault(label, []).append(" ".join(text.split()))
    nlu = [{"intent": label, "examples": "".join(f"- {t}\n" for t in texts)} for label, texts in by_label.items()]
    yaml = YAML()
    yaml.dump(STOCK, folder / "config.yml")
    yaml.dump({"version": "3.1", "nlu": nlu}, folder / "nlu.yml")
    path = train_nlu(str(folder / "config.yml"), str(folder / "nlu.yml"), str(folder))
    if path is None:
        raise RuntimeError(f"Rasa did not train its stock pipeline on {folder}; see the lines above")
    agent = Agent.load(path)

    def classify(texts: Sequence[str]) -> list[tuple[str, float]]:
        parsed = [asyncio.run(agent.parse_message(text))["intent_ranking"] for text in texts]
        # The fallback's own intent hides the one below it.
        likeliest = [next(i for i in ranking if i["name"] != "nlu_fallback") for ranking in parsed]
        return [(intent["name"], float(intent["confidence"])) for intent in likeliest]

    return classify, agent


def times(agents: dict[str, Agent], texts: Sequence[str]) -> dict[str, dict[str, float]]:
    """Milliseconds to parse a message, median and 95th percentile, each message by both agents in turn."""
    taken: dict[str, list[float]] = {name: [] for name in agents}
    for text in texts:
        for name, agent in agents.items():
            started = time.perf_counter()
            asyncio.run(agent.parse_message(text))
            taken[name].append((time.perf_counter() - started) * 1000)
    return {
        name: {"p50": statistics.median(each), "p95": statistics.quantiles(each, n=20)[-1]}
        for name, each in taken.items()
    }


def read(path: Path) -> list[tuple[str, str]]:
    """Texts and labels of one file."""
    with path.open(encoding="utf-8", newline="") as file:
        return [(row["sentence"], row["label"]) for row in csv.DictReader(file)]


def measure(data: Path, model: str, texts: Sequence[str]) -> dict[str, Any]:
    """Everything that is printed."""
    found: dict[str, Any] = {"sets": {}}
    with tempfile.TemporaryDirectory() as folder:
        for name in SETS:
            train, test = read(data / f"{name}_train.csv"), read(data / f"{name}_test.csv")
            part = Path(folder) / name
            part.mkdir()
            classify, agent = stock(train, part)
            found["sets"][name] = {
                "ours": asdict(score(ours(train), test)),
                "stock": asdict(score(classify, test)),
            }
        found["parsing"] = times({"ours": Agent.load(model), "stock": agent}, texts)
    return found


def main() -> int:
    """Measures and prints; the texts to time come one a line on the standard input."""
    data, model = Path(sys.argv[1]), sys.argv[2]
    texts = [json.loads(line) for line in sys.stdin][:TIMED]
    sys.stdout.write(json.dumps(measure(data, model, texts)))
    return 0


if __name__ == "__main__":
    sys.exit(main())
