"""`python -m bot.engine.larger <model> <times> …`: what understanding costs with a knowledge base so many times larger.

Reads texts from the standard input, one a line as JSON, and prints for each size the middle milliseconds of a message
as JSON. To train on a hundred times the examples would take days, and nobody has them: what was learned of the entries
is repeated instead, each time about other subjects. The vectors of the repeated examples point another way, and their
words are others; there are as many of both for an entry as today.
"""

from __future__ import annotations

import functools
import json
import statistics
import sys
import tarfile
import tempfile
import time
from collections.abc import Iterator, Sequence
from pathlib import Path

import numpy as np
from scipy import sparse

from bot.engine.arrays import Bytes, Floats, Integers
from bot.engine.context import Kinds, Near
from bot.engine.encoders import encode
from bot.engine.lexical import Bm25
from bot.engine.names import Names
from bot.engine.ranking import Ranking, Text
from bot.engine.regression import Regression
from bot.engine.text import normal
from bot.engine.understanding import Encoders, Understanding
from bot.engine.views import Nearest, NearViews, WordViews

CLASSIFIER = "RequestClassifier"
"""In the name of its folder in a model."""


def enlarged(learned: Understanding, times: int, encoders: Encoders) -> Understanding:
    """What would have been learned with so many times the entries; other classes stay as they are."""
    entries = np.flatnonzero(learned.near.inside)
    copies = [np.arange(len(learned.names)), *[entries] * (times - 1)]
    of = np.concatenate(copies)
    more = range(len(learned.names), len(of))
    names = [*learned.names, *(f"{learned.names[of[at]]}~{at}" for at in more)]
    subjects = [learned.subjects[one] for one in of]
    chance = np.random.default_rng(0)
    return Understanding(
        names,
        subjects,
        _ranking(learned.ranking, copies, chance),
        Near(names, subjects, learned.near.answers[of]),
        Kinds(learned.kinds.names, learned.kinds.regression, subjects),
        learned.context,
        encoders,
    )


def _ranking(learned: Ranking, copies: Sequence[Integers], chance: np.random.Generator) -> Ranking:
    of = np.concatenate(copies)
    words, labels = _words(learned.words, copies, chance)
    near = learned.first
    weights = [
        learned.regression.weights[:, one] * _ways(base, len(learned.regression.weights), chance)[:, None]
        for base, one in _numbered(copies)
    ]
    return Ranking(
        Names(learned.names.names, learned.names.shares[:, of]),
        WordViews(words, labels, learned.words.has_answer[of]),
        Regression(np.concatenate(weights, axis=1), learned.regression.bias[of]),
        NearViews(
            near.mean, near.axes, _nearest(near.questions, copies, chance), _nearest(near.answers, copies, chance)
        ),
        None,
        (learned.quick, learned.thorough),
    )


def _nearest(learned: Nearest, copies: Sequence[Integers], chance: np.random.Generator) -> Nearest:
    rows, labels = list[Bytes](), list[Integers]()
    for base, chosen in _numbered(copies):
        place = np.full(int(max(learned.labels.max(), chosen.max())) + 1, -1)
        place[chosen] = base + np.arange(len(chosen))
        kept = place[learned.labels] >= 0
        rows.append(learned.rows[kept] * _ways(base, learned.rows.shape[1], chance).astype(np.int8))
        labels.append(place[learned.labels[kept]])
    classes = sum(len(one) for one in copies)
    return Nearest(np.concatenate(rows), learned.step, np.concatenate(labels), classes, learned.count)


def _words(
    learned: WordViews, copies: Sequence[Integers], chance: np.random.Generator
) -> tuple[dict[str, Bm25], Integers]:
    found: dict[str, list[sparse.csr_matrix]] = {name: [] for name in learned.indexes}
    labels = list[Integers]()
    for base, chosen in _numbered(copies):
        kept = np.isin(learned.labels, chosen)
        labels.append(base + np.searchsorted(chosen, learned.labels[kept]))
        for name, index in learned.indexes.items():
            others = chance.permutation(index.weights.shape[1]) if base else slice(None)
            found[name].append(index.weights.tocsr()[kept][:, others])
    indexes = {
        name: Bm25(index.terms, index.vocabulary, sparse.vstack(found[name]).tocsc())
        for name, index in learned.indexes.items()
    }
    return indexes, np.concatenate(labels)


def _numbered(copies: Sequence[Integers]) -> Iterator[tuple[int, Integers]]:
    """Each copy's classes with the number of the first of them."""
    base = 0
    for chosen in copies:
        yield base, chosen
        base += len(chosen)


def _ways(base: int, dimensions: int, chance: np.random.Generator) -> Floats:
    """For each axis of a copy another way, or the same; the first copy stays as it is."""
    if not base:
        return np.ones(dimensions, dtype=np.float32)
    return chance.choice(np.array([-1.0, 1.0], dtype=np.float32), dimensions)


def measure(learned: Understanding, texts: Sequence[str]) -> float:
    """The middle milliseconds of a message, in turn with an entry in focus and with none."""
    focuses = [None, *sorted(learned.near.number)]
    taken = []
    for at, written in enumerate(texts):
        text, focus = Text(normal(written)), focuses[at % 2 * (at % len(focuses))]
        begun = time.perf_counter()
        learned.foresee([text, *learned.behind(text, focus)])
        learned.of_intents(np.exp(learned.log_probabilities(text, focus)[0]))
        taken.append((time.perf_counter() - begun) * 1000)
    return statistics.median(taken)


def main() -> None:
    """Prints what each size costs."""
    model, *sizes = sys.argv[1:]
    texts = [json.loads(line) for line in sys.stdin]
    encoders: Encoders = functools.partial(encode, "use"), None
    with tempfile.TemporaryDirectory() as folder:
        with tarfile.open(model) as archive:
            archive.extractall(folder, filter="data")
        (classifier,) = (one for one in Path(folder).glob("components/*") if CLASSIFIER in one.name)
        learned = Understanding.restore(classifier, encoders)
    measure(learned, texts)
    found = {times: measure(enlarged(learned, int(times), encoders), texts) for times in sizes}
    sys.stdout.write(json.dumps(found) + "\n")


if __name__ == "__main__":
    main()
