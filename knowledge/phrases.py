"""Every sentence the assistant says that is not an entry's answer, by key and language."""

from __future__ import annotations

from collections.abc import Mapping
from pathlib import Path
from types import MappingProxyType
from typing import Any

from knowledge.reading import ContentError, read_tree
from knowledge.records import Language


class Phrases:
    """The phrases of one language: `phrases("error.text", incident="7K3F")`.

    Keys are dotted paths into `knowledge/phrases/<language>.yml`; placeholders are those of `str.format`.
    """

    def __init__(self, language: Language, texts: Mapping[str, str]) -> None:
        self.language = language
        self._texts = dict(texts)

    def __call__(self, key: str, **values: object) -> str:
        """The phrase with its placeholders filled.

        Raises:
            KeyError: there is no such phrase, or a placeholder was given no value.
        """
        return self._texts[key].format(**values)

    def __contains__(self, key: str) -> bool:
        return key in self._texts

    @property
    def keys(self) -> frozenset[str]:
        """All dotted keys."""
        return frozenset(self._texts)

    @property
    def texts(self) -> tuple[str, ...]:
        """All phrases, unfilled."""
        return tuple(self._texts.values())

    @property
    def by_key(self) -> Mapping[str, str]:
        """All phrases by key, unfilled, in the order of their file."""
        return MappingProxyType(self._texts)

    def below(self, prefix: str) -> dict[str, str]:
        """The phrases whose key starts with `prefix` and a dot, by the rest of their key, unfilled."""
        start = prefix + "."
        return {key[len(start) :]: text for key, text in self._texts.items() if key.startswith(start)}


def read_phrases(path: Path) -> Phrases:
    """The phrases in `path`, whose name is the language's code.

    Raises:
        ContentError: the file is not a tree of texts.
    """
    texts: dict[str, str] = {}
    _flatten(path, read_tree(path), "", texts)
    return Phrases(Language(path.stem), texts)


def _flatten(path: Path, node: Any, prefix: str, into: dict[str, str]) -> None:
    for key, value in node.items():
        full = f"{prefix}{key}"
        if isinstance(value, dict):
            _flatten(path, value, full + ".", into)
        elif isinstance(value, str) and value.strip():
            into[full] = value.strip()
        else:
            raise ContentError(path, 1, f"{full}: a phrase must be a text, not {value!r}; write one")
