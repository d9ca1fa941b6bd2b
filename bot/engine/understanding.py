"""Everything learned about what messages ask for: the ranking, and how what was said before changes it."""

from __future__ import annotations

import json
from collections.abc import Callable, Iterable, Mapping, Sequence
from dataclasses import asdict, dataclass
from pathlib import Path

import numpy as np

from bot.engine.arrays import Floats, Integers
from bot.engine.context import CLEAR, LONG, Context, Kinds, Near, Subject, centred_answers, columns, length
from bot.engine.ranking import Answers, Examples, Ranking, Text, a_few_of_each
from bot.engine.regression import Regression
from bot.engine.text import ending, normal
from bot.engine.views import Written

READ = 100
"""Characters of a text that the second encoder reads, from its end: its cost grows with each word."""
READ_A_CLASS = 2
"""Examples of each class that the second encoder reads in training; a third gains nothing."""
READ_AN_ANSWER = 100
"""Characters of an answer that the second encoder reads, from its beginning; the rest gains nothing."""
STANDALONE = 300
"""Questions that stand for themselves among which the context's weights are learned."""

MET = 900
"""Messages, follow-ups and others, that meet an entry in focus in training."""

FORESEEN = 2000
"""Texts of which it is kept how they rank."""

Encoder = Callable[[Sequence[str]], Floats]
Encoders = tuple[Encoder, "Encoder | None"]
"""The first, asked for every text, and the second, dearer one, if there is one."""


@dataclass(frozen=True)
class Example:
    """A text, the name of its class, its language where that is known, and the names of services in it."""

    text: str
    name: str
    language: str = ""
    names: frozenset[str] = frozenset()


@dataclass(frozen=True)
class FollowUp:
    """What was said when an entry was in focus, and the class it asks for."""

    focus: str
    text: str
    name: str
    names: frozenset[str] = frozenset()


class Understanding:
    """Ranks the classes for messages; `names` are theirs, in the order of all arrays."""

    def __init__(
        self,
        names: Sequence[str],
        subjects: Sequence[Subject],
        ranking: Ranking,
        near: Near,
        kinds: Kinds,
        context: Context,
        encoders: Encoders,
    ) -> None:
        self.names, self.subjects, self.ranking = list(names), list(subjects), ranking
        self.near, self.kinds, self.context = near, kinds, context
        self.intents, self._intents = np.unique([name.partition("/")[0] for name in names], return_inverse=True)
        self._first, self._second = encoders
        self._foreseen: dict[Text, Floats] = {}

    @classmethod
    def fit(
        cls,
        examples: Sequence[Example],
        answers: Sequence[Example],
        subjects: Mapping[str, Subject],
        follow_ups: Sequence[FollowUp],
        encoders: Encoders,
        read_a_class: int = READ_A_CLASS,
    ) -> Understanding:
        """Learns from examples and from the answers of the classes that have one.

        Args:
            examples: at least one for each class.
            answers: may be several for one class, say in several languages.
            subjects: what the knowledge base says of the classes that it holds.
            follow_ups: those of unknown classes or with an unknown focus are left out.
            encoders: the first, and the second if there is one.
            read_a_class: how many examples of each class the second encoder reads.
        """
        first, second = encoders
        names = sorted({example.name for example in examples})
        number = {name: at for at, name in enumerate(names)}
        known = [subjects.get(name, Subject()) for name in names]
        asked = [Written(normal(e.text), number[e.name], e.language, e.names) for e in examples]
        texts = [one.text for one in asked]
        labels = np.array([one.label for one in asked])
        vectors = first(texts)
        few = a_few_of_each(labels, read_a_class)
        read = few if second else few[:0]
        learned = Examples(asked, labels, vectors, read, _by(second, [ending(texts[row], READ) for row in read]))
        answered = _answers(answers, number, encoders)
        ranking, before, unseen = Ranking.fit(learned, answered, len(names))
        near = Near(names, known, _class_answers(answered, len(names)))
        kinds = Kinds.fit(ranking.first.centred(vectors), list(map(int, labels)), known)
        # The context learns on a ranking that has not seen the questions it meets.
        self = cls(names, known, before, near, kinds, Context(np.zeros(0, dtype=np.float32)), encoders)
        self.context = self._learn_context(learned, np.intersect1d(unseen, few), follow_ups)
        self.ranking = ranking
        self._foreseen.clear()
        return self

    def _learn_context(self, examples: Examples, unseen: Integers, follow_ups: Sequence[FollowUp]) -> Context:
        number = {name: at for at, name in enumerate(self.names)}
        chance = np.random.default_rng(0)
        met = [
            (
                self.near.number[follow_up.focus],
                Text(normal(follow_up.text), follow_up.names),
                number[follow_up.name],
            )
            for follow_up in follow_ups
            if follow_up.focus in self.near.number and follow_up.name in number
        ]
        inside = sorted(self.near.number.values())
        if not met or not inside:
            return Context(np.zeros(0, dtype=np.float32))
        met += [
            (int(chance.choice(inside)), _text(examples.written[row]), int(examples.labels[row]))
            for row in chance.permutation(unseen)[:STANDALONE]
        ]
        met = [met[at] for at in chance.permutation(len(met))[:MET]]
        alone = self.quick([text for _, text, _ in met])
        found = self._columns([(text, focus) for focus, text, _ in met], alone)
        return Context.fit(found, [label for _, _, label in met])

    def foresee(self, texts: Iterable[Text]) -> None:
        """Has `quick` know these: together they cost little more than one, because what is learned is read once."""
        missing = list(dict.fromkeys(text for text in texts if text not in self._foreseen))
        if len(self._foreseen) + len(missing) > FORESEEN:
            self._foreseen.clear()
        if missing:
            self._foreseen.update(zip(missing, self._quick(missing)))

    def alone(self, texts: Sequence[Text]) -> Floats:
        """The logarithms of the probabilities by the messages alone: shape (texts, classes)."""
        if self._second is None:
            return self.quick(texts)
        vectors = self._first([text.text for text in texts])
        return self.ranking.log_probabilities(
            texts, vectors, lambda unsure: _by(self._second, [ending(text, READ) for text in unsure])
        )

    def quick(self, texts: Sequence[Text]) -> Floats:
        """As `alone`, without the second encoder: for the parts of a message, which are several."""
        if all(text in self._foreseen for text in texts):
            return np.stack([self._foreseen[text] for text in texts])
        return self._quick(texts)

    def _quick(self, texts: Sequence[Text]) -> Floats:
        return self.ranking.quick_log_probabilities(texts, self._first([text.text for text in texts]))

    def log_probabilities(self, text: Text, focus: str | None, alone: Floats | None = None) -> tuple[Floats, bool]:
        """The logarithm of each class's probability for a message, with the entry in focus if there is one.

        Args:
            text: the message.
            focus: the id of an entry.
            alone: what `alone` says of the message, where that is known already.

        Returns:
            The logarithms, and whether the likeliest class is that only because of what is in focus.
        """
        if alone is None:
            alone = self.alone([text])[0]
        at = self._in_focus(focus)
        if at is None or _stands(text, alone):
            return alone, False
        together = self.context.log_probabilities(self._columns([(text, at)], alone[None])[0])
        return together, bool(together.argmax() != alone.argmax())

    def behind(self, text: Text, focus: str | None, alone: Floats | None = None) -> list[Text]:
        """The message behind the title of what is in focus, where `log_probabilities` will go by that; else nothing.

        Without `alone` that is known of short messages only.
        """
        at = self._in_focus(focus)
        stands = length(text.text) >= LONG if alone is None else _stands(text, alone)
        return [] if at is None or stands else [self._behind(text, at)]

    def _in_focus(self, focus: str | None) -> int | None:
        """The number of what is in focus, where that counts."""
        return self.near.number.get(focus or "") if len(self.context.weights) else None

    def _behind(self, text: Text, focus: int) -> Text:
        return Text(f"{self.subjects[focus].title}. {text.text}", text.names)

    def _columns(self, met: Sequence[tuple[Text, int]], alone: Floats) -> Floats:
        """What speaks for each class when these messages meet these entries in focus: shape (messages, classes, …).

        Args:
            met: the messages with the numbers of the entries.
            alone: what `alone` says of the messages.
        """
        vectors = self._first([text.text for text, _ in met])
        named = self.ranking.names.scores([text.names for text, _ in met])[..., 0]
        together = self.quick([self._behind(text, focus) for text, focus in met])
        centred = self.ranking.first.centred(vectors)
        return np.stack(
            [
                columns(
                    *(text.text, alone[at], self.near.outside_by(alone[at]), together[at], self.near.to(focus)),
                    *(self.kinds.fit_of(centred[at]), named[at]),
                )
                for at, (text, focus) in enumerate(met)
            ]
        )

    def of_intents(self, probabilities: Floats) -> dict[str, float]:
        """Each intent's probability, which is the sum over its classes."""
        totals = np.bincount(self._intents, probabilities, len(self.intents))
        return dict(zip(self.intents.tolist(), totals.tolist()))

    def correct(self, text: Text, name: str) -> None:
        """Has a message, and what is close to it, be taken for the class of this name, which is known."""
        self.ranking.correct(text, self._first([text.text])[0], self.names.index(name))
        self._foreseen.clear()

    def save(self, folder: Path) -> None:
        """Writes everything below `folder`."""
        self.ranking.save(folder)
        np.savez(
            folder / "context.npz",
            weights=self.context.weights,
            answers=self.near.answers,
            kinds=self.kinds.regression.weights,
            kinds_bias=self.kinds.regression.bias,
        )
        subjects = [{**asdict(subject), "related": sorted(subject.related)} for subject in self.subjects]
        known = {"names": self.names, "subjects": subjects, "kinds": self.kinds.names}
        (folder / "classes.json").write_text(json.dumps(known, ensure_ascii=False), encoding="utf-8")

    @classmethod
    def restore(cls, folder: Path, encoders: Encoders) -> Understanding:
        """What `save` wrote."""
        known = json.loads((folder / "classes.json").read_text(encoding="utf-8"))
        subjects = [
            Subject(s["area"], s["title"], frozenset(s["related"]), tuple(s["kinds"])) for s in known["subjects"]
        ]
        with np.load(folder / "context.npz", allow_pickle=False) as stored:
            arrays = dict(stored)
        near = Near(known["names"], subjects, arrays["answers"])
        kinds = Kinds(known["kinds"], Regression(arrays["kinds"], arrays["kinds_bias"]), subjects)
        return cls(known["names"], subjects, Ranking.restore(folder), near, kinds, Context(arrays["weights"]), encoders)


def _stands(text: Text, alone: Floats) -> bool:
    """Whether a message is what it is whatever is in focus."""
    return bool(length(text.text) >= LONG and np.exp(alone.max()) >= CLEAR)


def _text(written: Written) -> Text:
    return Text(written.text, written.names)


def _by(encoder: Encoder | None, texts: Sequence[str]) -> Floats:
    """The texts' vectors; none where there is no encoder."""
    return encoder(texts) if encoder else np.zeros((0, 0), dtype=np.float32)


def _answers(answers: Sequence[Example], number: Mapping[str, int], encoders: Encoders) -> Answers:
    written = [Written(normal(answer.text), number[answer.name], answer.language) for answer in answers]
    written.sort(key=lambda one: one.label)
    texts = [one.text for one in written]
    labels = np.array([one.label for one in written], dtype=np.int64)
    first, second = encoders
    main = np.unique(labels, return_index=True)[1]
    return Answers(written, labels, first(texts), main, _by(second, [texts[row][:READ_AN_ANSWER] for row in main]))


def _class_answers(answers: Answers, classes: int) -> Floats:
    """The mean of each class's answers, centred; zero where it has none: shape (classes, dimensions)."""
    total = np.zeros((classes, answers.first.shape[1]), dtype=np.float32)
    np.add.at(total, answers.labels, answers.first)
    return centred_answers(total)
