"""HINT3: the classifier alone beside Rasa's stock pipeline, in the engine's environment (bot.engine.hint3)."""

from __future__ import annotations

import json
import subprocess
from collections.abc import Sequence

from pydantic import BaseModel, ConfigDict

from bot.launch.model import ENGINE_PYTHON, engine_environment, model_path
from bot.settings import ROOT, Settings

DATA = ROOT / "tests/benchmarks/hint3"


class Score(BaseModel):
    """In-scope accuracy, and the area under the ROC curve of the confidence for in scope against out of scope."""

    model_config = ConfigDict(frozen=True)

    accuracy: float
    auroc: float


class Benchmark(BaseModel):
    """Scores by data set and classifier (`ours`, `stock`); milliseconds to parse a message (`p50`, `p95`)."""

    model_config = ConfigDict(frozen=True)

    sets: dict[str, dict[str, Score]]
    parsing: dict[str, dict[str, float]]

    def mean(self, classifier: str) -> Score:
        """The mean over the data sets."""
        scores = [by_classifier[classifier] for by_classifier in self.sets.values()]
        return Score(
            accuracy=sum(score.accuracy for score in scores) / len(scores),
            auroc=sum(score.auroc for score in scores) / len(scores),
        )


PUBLISHED = {
    "Haptik": Score(accuracy=0.734, auroc=0.818),
    "BERT": Score(accuracy=0.719, auroc=0.797),
    "Dialogflow": Score(accuracy=0.693, auroc=0.818),
    "Rasa 2020": Score(accuracy=0.675, auroc=0.768),
}
"""Arora et al., 2020: means over all three data sets of HINT3, of which two are asked here."""


def run(texts: Sequence[str]) -> Benchmark:
    """Trains and asks both; `texts` are parsed for the times. Takes several minutes, most of them the stock pipeline's.

    Raises:
        RuntimeError: the engine's part failed; the message ends with its last lines.
    """
    command = [str(ENGINE_PYTHON), "-m", "bot.engine.hint3", str(DATA), str(model_path(Settings().models))]
    said = "\n".join(json.dumps(text) for text in texts)
    # One thread, as the engine has while it serves.
    environment = {**engine_environment(), "OMP_NUM_THREADS": "1"}
    done = subprocess.run(command, input=said, cwd=ROOT, env=environment, capture_output=True, text=True, check=False)
    if done.returncode:
        raise RuntimeError(f"HINT3 could not be run:\n{done.stderr[-2000:]}")
    return Benchmark.model_validate_json(done.stdout.strip().splitlines()[-1])
