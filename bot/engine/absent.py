"""Leaves out of a process what an answer never needs and Rasa imports all the same.

Rasa imports every component, channel and store it has, whichever a project uses. TensorFlow alone, which none of our
components needs, is a third of the engine's memory and of its start.
"""

from __future__ import annotations

import importlib.abc
import importlib.machinery
import importlib.util
import sys
from collections.abc import Sequence
from types import ModuleType
from typing import Any

LEFT_OUT = frozenset(
    {
        # Rasa's neural networks, and what draws pictures of their training.
        *("tensorflow", "tensorflow_addons", "tensorflow_hub", "tensorflow_text", "keras", "jax", "transformers"),
        *("matplotlib", "sklearn"),
        # Channels other than REST.
        *("aiogram", "fbmessenger", "google.auth", "google.oauth2", "mattermostwrapper", "rocketchat_API", "slack_sdk"),
        *("socketio", "twilio", "webexteamssdk"),
        # Stores and brokers elsewhere.
        *("boto3", "botocore", "confluent_kafka", "pymongo", "aio_pika"),
        # The command line's questions and spaCy's.
        *("questionary", "prompt_toolkit", "randomname", "spacy.cli"),
    }
)
"""Packages that can be imported and hold nothing."""
BROKER = frozenset({"aio_pika"})
"""Of them, what an AMQP broker is spoken to by."""


class LeftOut(ImportError):
    """Something of a package that was left out was used; the message names it."""


class _Kind(type):
    """Of classes that stand for whatever a package has: to be inherited from, named in annotations, caught."""

    sealed = False

    def __getattr__(cls, name: str) -> Any:
        if name.startswith("__"):
            raise AttributeError(name)
        return _nothing(f"{cls.__qualname__}.{name}")

    def __call__(cls, *args: Any, **kwargs: Any) -> Any:
        if _Kind.sealed:
            raise LeftOut(
                f"{cls.__qualname__} is used, and its package is left out of serving (bot/engine/absent.py): take it"
                " from LEFT_OUT, or what uses it out of config.yml, credentials.yml or endpoints.yml"
            )
        return cls


def _nothing(name: str) -> Any:
    return _Kind("Nothing", (Exception,), {"__qualname__": name, "__module__": __name__})


class _Package(ModuleType):
    def __getattr__(self, name: str) -> Any:
        if name.startswith("__"):
            raise AttributeError(name)
        return _nothing(f"{self.__name__}.{name}")


class _Finder(importlib.abc.MetaPathFinder, importlib.abc.Loader):
    def __init__(self, left_out: frozenset[str]) -> None:
        self._left_out = left_out

    def find_spec(
        self, fullname: str, path: Sequence[str] | None, target: ModuleType | None = None
    ) -> importlib.machinery.ModuleSpec | None:
        parts = fullname.split(".")
        if any(".".join(parts[:length]) in self._left_out for length in (1, 2)):
            return importlib.machinery.ModuleSpec(fullname, self, is_package=True)
        return None

    def create_module(self, spec: importlib.machinery.ModuleSpec) -> ModuleType:
        return _Package(spec.name)

    def exec_module(self, module: ModuleType) -> None:
        pass


def leave_out(kept: frozenset[str] = frozenset()) -> None:
    """From now on the packages, but those that are kept, hold nothing.

    Must come before anything of Rasa is imported.
    """
    left_out = LEFT_OUT - kept
    already = sorted(left_out & set(sys.modules))
    if already:
        raise LeftOut(f"{', '.join(already)} cannot be left out: imported already")
    sys.meta_path.insert(0, _Finder(left_out))


def seal() -> None:
    """What is imported needs nothing of them; whatever is called of them from now on raises LeftOut."""
    _Kind.sealed = True
