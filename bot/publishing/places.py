"""Edits YAML in its text, at the places that a parser finds, so that a change shows as a change and nothing else.

To load a file and dump it again would wrap every long line anew: hundreds of lines of a diff for one question.
"""

from __future__ import annotations

import json
import textwrap
from collections.abc import Iterable, Sequence
from pathlib import Path

from ruamel.yaml import YAML
from ruamel.yaml.nodes import MappingNode, Node, ScalarNode, SequenceNode

from knowledge.records import Language

WIDTH = 112
"""Characters of a line of an answer, without its indentation."""


class NoSuchPlace(LookupError):
    """The file has nothing of what was to be changed."""


class Places:
    """A YAML file, its text and where its nodes stand in it. `save` writes what was changed."""

    def __init__(self, path: Path) -> None:
        self.path = path
        self._text = path.read_text(encoding="utf-8")
        self._edits: dict[tuple[int, int], str] = {}
        root = YAML(typ="rt", pure=True).compose(self._text)
        if not isinstance(root, MappingNode):
            raise NoSuchPlace(f"{path}: no mapping")
        self.root = root

    def save(self) -> None:
        """Writes the text with the changes, in one move."""
        text = self._text
        for (start, end), new in sorted(self._edits.items(), reverse=True):
            text = text[:start] + new + text[end:]
        new_file = self.path.with_name(f"{self.path.name}.new")
        new_file.write_text(text, encoding="utf-8")
        new_file.replace(self.path)

    def value(self, node: MappingNode, key: str) -> Node | None:
        """The value of a key."""
        return next((value for name, value in node.value if name.value == key), None)

    def sequence(self, node: MappingNode, key: str) -> SequenceNode:
        """The list of a key.

        Raises:
            NoSuchPlace: there is none.
        """
        found = self.value(node, key)
        if not isinstance(found, SequenceNode):
            raise NoSuchPlace(f"{self.path.name}: no list {key}")
        return found

    def record(self, key: str, name: str, **wanted: str) -> MappingNode:
        """The item of the file's list `key` whose `id`, or what else `wanted` names, is this.

        Raises:
            NoSuchPlace: there is none.
        """
        for item in self.sequence(self.root, key).value:
            if isinstance(item, MappingNode) and self._is(item, {"id": name, **wanted} if name else wanted):
                return item
        raise NoSuchPlace(f"{self.path.name}: {name or wanted} is not there")

    def _is(self, item: MappingNode, wanted: dict[str, str]) -> bool:
        found = {key: self.value(item, key) for key in wanted}
        return all(isinstance(node, ScalarNode) and node.value == wanted[key] for key, node in found.items())

    def append(self, sequence: SequenceNode, items: Iterable[str]) -> None:
        """Adds items, each a text, behind the last of a list that is written one a line."""
        last = sequence.value[-1]
        column = sequence.start_mark.column
        lines = "".join(f"{' ' * column}- {quoted(item)}\n" for item in items)
        self._insert(self._end_of(last), lines)

    def append_record(self, key: str, lines: Sequence[str], *, apart: bool = False) -> None:
        """Adds a record, given by its lines without indentation, behind the last of the file's list `key`."""
        sequence = self.sequence(self.root, key)
        column = sequence.start_mark.column
        first, *others = lines
        written = [f"{' ' * column}- {first}", *(f"{' ' * (column + 2)}{line}" for line in others)]
        self._insert(
            self._end_of(sequence), ("\n" if apart else "") + "".join(f"{line.rstrip()}\n" for line in written)
        )

    def append_line(self, literal: Node, line: str) -> None:
        """Adds a line to a literal text (`|`)."""
        end = self._end_of(literal)
        above = self._text[:end].rstrip("\n").rsplit("\n", 1)[-1]
        indentation = above[: len(above) - len(above.lstrip(" "))]
        self._insert(end, f"{indentation}{line}\n")

    def replace(self, node: Node, written: str) -> None:
        """Puts another value, as it is written in YAML, in the place of one; it may be folded over lines."""
        end = self._end_of(node)
        # Without the line's end, which stays.
        self._edits[(node.start_mark.index, end - self._text[:end].endswith("\n"))] = written

    def put(self, record: MappingNode, key: str, written: str, *, behind: str) -> None:
        """Sets a key of a record, in a line of its own behind another where it is new."""
        present = self.value(record, key)
        if present is not None:
            self.replace(present, written)
            return
        after = self.value(record, behind)
        if after is None:
            raise NoSuchPlace(f"{self.path.name}: no {behind}")
        self._insert(self._end_of(after), f"{' ' * record.start_mark.column}{key}: {written}\n")

    def drop(self, record: MappingNode, key: str) -> None:
        """Removes a key that stands on one line; nothing where it is not there."""
        present = self.value(record, key)
        if present is not None:
            start = self._text.rindex("\n", 0, present.start_mark.index) + 1
            self._edits[(start, self._end_of(present))] = ""

    def _insert(self, at: int, text: str) -> None:
        before = "" if self._text[:at].endswith("\n") or self._edits.get((at, at)) else "\n"
        self._edits[(at, at)] = self._edits.get((at, at), "") + before + text

    def _end_of(self, node: Node) -> int:
        """Where the line after a node's last begins; comments and empty lines below are not the node's."""
        while isinstance(node, MappingNode | SequenceNode) and node.value and not node.flow_style:
            last = node.value[-1]
            node = last[1] if isinstance(last, tuple) else last
        content = self._text[node.start_mark.index : node.end_mark.index]
        if isinstance(node, ScalarNode) and node.style in ("|", ">"):
            content = _without_comments(content)
        end = node.start_mark.index + len(content.rstrip())
        line_end = self._text.find("\n", end)
        return len(self._text) if line_end < 0 else line_end + 1


def _without_comments(block: str) -> str:
    """A block text as far as it is indented more than nothing."""
    lines = block.split("\n")
    while len(lines) > 1 and (not lines[-1].strip() or not lines[-1].startswith(" ")):
        lines.pop()
    return "\n".join(lines)


def quoted(text: str) -> str:
    """A double-quoted scalar: what JSON writes is YAML too."""
    return json.dumps(text, ensure_ascii=False)


def folded(text: str, language: Language, column: int, width: int = WIDTH) -> str:
    """A text folded over lines; Chinese stays on one, because a line's end would be read as a space."""
    lines = (
        [text]
        if language is Language.ZH
        else textwrap.wrap(text, width, break_long_words=False, break_on_hyphens=False)
    )
    return ">-\n" + "\n".join(f"{' ' * column}{line}" for line in lines)


def listed(names: Iterable[str]) -> str:
    """A list on one line."""
    return f"[{', '.join(names)}]"
