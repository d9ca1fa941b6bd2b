"""Reads the YAML files of the knowledge base into records; an error names the file, the line and what to do."""

from __future__ import annotations

import re
from collections.abc import Callable, Sequence
from pathlib import Path
from typing import Any, TypeVar

from pydantic import BaseModel, ConfigDict, ValidationError
from ruamel.yaml import YAML
from ruamel.yaml.comments import CommentedMap, CommentedSeq
from ruamel.yaml.error import MarkedYAMLError, YAMLError

R = TypeVar("R", bound=BaseModel)


class ContentError(Exception):
    """A content file cannot be used. The message names the file, the line and the mend."""

    def __init__(self, path: Path, line: int, problem: str) -> None:
        super().__init__(f"{path}:{line}: {problem}")
        self.path, self.line, self.problem = path, line, problem


class File(BaseModel):
    """The whole of one content file; each kind of file is a subclass that names its lists."""

    model_config = ConfigDict(extra="forbid", frozen=True)


def read(path: Path, kind: type[R]) -> R:
    """The content of `path` as a `kind`.

    Raises:
        ContentError: the file is missing, not YAML, or does not fit the schema.
    """
    data = _parse(path, YAML(typ="safe"))
    try:
        return kind.model_validate(data)
    except ValidationError as error:
        first = error.errors()[0]
        where = ".".join(str(part) for part in first["loc"])
        raise ContentError(path, line_of(path, first["loc"]), f"{where}: {_mend(first)}") from None


def read_tree(path: Path) -> dict[str, Any]:
    """The content of `path` as it stands there, which must be a tree of keys.

    Raises:
        ContentError: the file is missing, not YAML, or no tree.
    """
    tree = _parse(path, YAML(typ="safe"))
    if not isinstance(tree, dict):
        raise ContentError(path, 1, "the file must be a tree of keys; restore it from version control")
    return tree


def line_of(path: Path, place: Sequence[str | int]) -> int:
    """The line, counted from 1, of the value at `place` (keys and indexes from the top), or of what encloses it.

    Reads the file once more with a parser that remembers lines and is too slow for every start.
    """
    node, line = _parse(path, YAML(typ="rt")), 1
    for step in place:
        try:
            if isinstance(node, CommentedMap):
                line = node.lc.value(step)[0] + 1 if step in node else line
            elif isinstance(node, CommentedSeq):
                line = node.lc.item(step)[0] + 1
            node = node[step]
        except (KeyError, IndexError, TypeError):
            break
    return line


def line_naming(path: Path, word: str) -> int:
    """The first line of `path` that holds `word` as a whole word, counted from 1; 1 where none does."""
    pattern = re.compile(rf"(?<!\w){re.escape(word)}(?!\w)")
    with path.open(encoding="utf-8") as file:
        return next((number for number, line in enumerate(file, 1) if pattern.search(line)), 1)


def _parse(path: Path, parser: YAML) -> Any:
    try:
        with path.open(encoding="utf-8") as file:
            return parser.load(file)
    except FileNotFoundError:
        raise ContentError(path, 0, "the file is missing; restore it from version control") from None
    except UnicodeDecodeError as error:
        raise ContentError(path, 1, f"byte {error.start} is not UTF-8; save the file as UTF-8") from None
    except MarkedYAMLError as error:
        mark = error.problem_mark or error.context_mark
        line = mark.line + 1 if mark else 1
        raise ContentError(path, line, f"not YAML: {error.problem}; mend the line or the one above it") from None
    except (
        YAMLError,
        ValueError,
        TypeError,
        LookupError,
        AttributeError,
        RecursionError,
        NotImplementedError,
    ) as error:
        # What the parser raises for a value that is not what its tag says, a character that may not stand in a file,
        # or a file that goes on in circles.
        raise ContentError(path, 1, f"not content that can be read ({_first_line(error)}); mend the file") from None


def _first_line(error: BaseException) -> str:
    return next(iter(str(error).splitlines()), type(error).__name__)


_MENDS: dict[str, Callable[[dict[str, Any]], str]] = {
    "missing": lambda e: "this field is missing; add it",
    "extra_forbidden": lambda e: "there is no such field; remove it or mend its spelling",
    "string_too_long": lambda e: f"longer than {e['ctx']['max_length']} characters; shorten it",
    "string_pattern_mismatch": lambda e: f"{e['input']!r} does not look like {e['ctx']['pattern']}; rename it",
    "too_short": lambda e: f"has {e['ctx']['actual_length']} items and needs {e['ctx']['min_length']}; add some",
    "enum": lambda e: f"{e['input']!r} is not one of {e['ctx']['expected']}; use one of these",
}


def _mend(error: Any) -> str:
    mend = _MENDS.get(error["type"])
    return mend(error) if mend else f"{error['msg']} (got {error['input']!r}); mend it"
