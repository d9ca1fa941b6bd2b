"""`python -m bot.engine.lean bot.engine.compare <old> <new> [<vectors>]`: what two trained models make of messages.

Reads JSON lines `{"text", "focus"?}` from the standard input; writes one for each with `old` and `new`, what each model
understood: `intent`, `entities`, `requests`, `parts` and `carried`, as Rasa hands them to an action. `focus` has under
`old` and `new` the entry that each meets in focus. Lines are understood many at once; an empty line has those before it
understood now. The models' files are read as they lie, without the policies and without a server. Every text is encoded
once for both; with a folder for vectors, once for all comparisons whose encoders are the same.
"""

from __future__ import annotations

import functools
import json
import sys
import tempfile
from collections.abc import Callable, Iterable, Iterator, Sequence
from pathlib import Path
from typing import Any

import numpy as np
from rasa.engine.graph import ExecutionContext, SchemaNode
from rasa.engine.storage.local_model_storage import LocalModelStorage
from rasa.engine.storage.resource import Resource
from rasa.shared.core.events import SlotSet
from rasa.shared.core.slots import AnySlot
from rasa.shared.core.trackers import DialogueStateTracker
from rasa.shared.nlu.constants import ENTITIES, INTENT, TEXT
from rasa.shared.nlu.training_data.message import Message

from bot.engine.arrays import Floats
from bot.engine.encoders import encode
from bot.engine.ranking import Text
from bot.engine.request_classifier import CARRIED, FOCUS, PARTS, REQUESTS, Looked, RequestClassifier
from bot.engine.understanding import Encoder, Understanding

AT_ONCE = 128
"""Messages that are understood together."""
SAID = (INTENT, ENTITIES, REQUESTS, PARTS, CARRIED)

Understood = dict[str, Any]


class Remembered:
    """An encoder that is asked for each text once, whichever model wants it; `file` keeps what was asked."""

    def __init__(self, encode: Encoder, file: Path | None) -> None:
        self._encode, self._file = encode, file
        self._kept: dict[str, Floats] = {}
        self._asked: dict[str, Floats] = {}
        if file is not None and file.exists():
            with np.load(file, allow_pickle=False) as stored:
                self._kept = dict(zip(stored["texts"].tolist(), stored["vectors"]))

    def __call__(self, texts: Sequence[str]) -> Floats:
        """The texts' vectors, one a row."""
        for text in texts:
            if text in self._kept and text not in self._asked:
                self._asked[text] = self._kept[text]
        missing = list(dict.fromkeys(text for text in texts if text not in self._asked))
        if missing:
            self._asked.update(zip(missing, self._encode(missing)))
        return np.stack([self._asked[text] for text in texts])

    def save(self) -> None:
        """Keeps the vectors of what was asked this time, in one move."""
        if self._file is None or not self._asked or self._asked.keys() == self._kept.keys():
            return
        self._file.parent.mkdir(parents=True, exist_ok=True)
        with tempfile.NamedTemporaryFile(dir=self._file.parent, delete=False) as file:
            np.savez(file, texts=np.array(list(self._asked)), vectors=np.stack(list(self._asked.values())))
        Path(file.name).replace(self._file)


class Model:
    """A trained model's components, in the order in which they see a message; `learned` is what the classifier has."""

    learned: Understanding
    resource: Resource
    """Where in the storage that is."""

    def __init__(self, archive: Path, folder: Path, encoder: Callable[[str], Encoder]) -> None:
        self.storage, self.metadata = LocalModelStorage.from_model_archive(folder, archive)
        context = ExecutionContext(self.metadata.predict_schema, self.metadata.model_id)
        self._components: list[Any] = []
        for node in _ours(self.metadata.predict_schema.nodes.values()):
            config = {**node.uses.get_default_config(), **node.config}
            if node.uses is RequestClassifier and node.resource:
                with self.storage.read_from(node.resource) as trained:
                    second = encoder(config["second"]) if config["second"] else None
                    self.learned = Understanding.restore(trained, (encoder(config["first"]), second))
                self.resource = node.resource
                component: Any = RequestClassifier(config, self.storage, node.resource, self.learned)
            else:
                component = getattr(node.uses, node.constructor_name)(
                    config=config, model_storage=self.storage, resource=node.resource, execution_context=context
                )
            self._components.append(component)

    def wholes(self, texts: Sequence[str]) -> list[Text]:
        """Messages as the classifier sees them, with the names that are found before it."""
        messages = [Message({TEXT: text}) for text in texts]
        for component in self._components:
            if isinstance(component, RequestClassifier):
                break
            component.process(messages)
        return [Looked.at(message).whole for message in messages]

    def understand(self, asked: Sequence[tuple[str, str | None]]) -> Iterator[Understood]:
        """What each message is taken for, where the conversation is about this entry."""
        messages = [Message({TEXT: text}) for text, _ in asked]
        for component in self._components:
            if isinstance(component, RequestClassifier):
                self._foresee(list(zip(messages, (focus for _, focus in asked))))
                for message, (_, focus) in zip(messages, asked):
                    component.process([message], _tracker(focus))
            else:
                component.process(messages)
        for message in messages:
            yield {"text": message.get(TEXT), **{name: message.get(name) for name in SAID}}

    def _foresee(self, met: Sequence[tuple[Message, str | None]]) -> None:
        """Has many messages understood together, which costs a fraction of one after the other."""
        texts: list[Text] = []
        for message, focus in met:
            looked = Looked.at(message)
            texts += [looked.whole, *self.learned.behind(looked.whole, focus), *looked.pieces]
        self.learned.foresee(texts)


def _ours(nodes: Iterable[SchemaNode]) -> Iterator[SchemaNode]:
    """The components of this package that see messages; their order in the model's file is that of the pipeline."""
    return (node for node in nodes if node.fn == "process" and node.uses.__module__.startswith("bot.engine."))


def _tracker(focus: str | None) -> DialogueStateTracker | None:
    """A conversation about this entry."""
    if focus is None:
        return None
    slot = AnySlot(FOCUS, mappings=[], influence_conversation=False)
    return DialogueStateTracker.from_events("compared", [SlotSet(FOCUS, focus)], slots=[slot])


def compare(
    old: Path, new: Path, asked: Iterable[Sequence[dict[str, Any]]], vectors: Path | None = None
) -> Iterator[dict[str, Understood]]:
    """What both models make of each message, as soon as some are understood.

    Args:
        old: a model's file.
        new: another's.
        asked: messages, some at once, each with its `text` and, where entries are in focus, their ids by model.
        vectors: a folder that keeps vectors from one comparison to the next.
    """
    encoders: dict[str, Remembered] = {}

    def encoder(name: str) -> Remembered:
        if name not in encoders:
            encoders[name] = Remembered(functools.partial(encode, name), vectors and vectors / f"{name}.npz")
        return encoders[name]

    with tempfile.TemporaryDirectory() as folder:
        models = {}
        for name, archive in (("old", old), ("new", new)):
            (Path(folder) / name).mkdir()
            models[name] = Model(archive, Path(folder) / name, encoder)
        for some in asked:
            met = {name: [(one["text"], one.get("focus", {}).get(name)) for one in some] for name in models}
            understood = {name: model.understand(met[name]) for name, model in models.items()}
            for before, after in zip(understood["old"], understood["new"]):
                yield {"old": before, "new": after}
    for one in encoders.values():
        one.save()


def at_once(lines: Iterable[str]) -> Iterator[list[dict[str, Any]]]:
    """The messages of the lines, as many together as are understood at once; an empty line ends some."""
    some: list[dict[str, Any]] = []
    for line in lines:
        if line.strip():
            some.append(json.loads(line))
        if some and (len(some) == AT_ONCE or not line.strip()):
            yield some
            some = []
    if some:
        yield some


def main() -> int:
    """Answers the lines of the standard input."""
    old, new, *vectors = map(Path, sys.argv[1:])
    for found in compare(old, new, at_once(sys.stdin), vectors[0] if vectors else None):
        sys.stdout.write(json.dumps(found, ensure_ascii=False) + "\n")
        sys.stdout.flush()
    return 0
