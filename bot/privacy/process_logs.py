"""Takes texts out of the files that processes write to as they run."""

from __future__ import annotations

import json
import re
from collections.abc import Collection, Iterator
from pathlib import Path

SHORTEST = 8
"""Characters from which on a text is looked for: shorter ones stand in any log."""
BLANK = b"*"


class ProcessLogs:
    """The files below this folder; they may be written to meanwhile."""

    def __init__(self, folder: Path) -> None:
        self._folder = folder

    def find(self, texts: Collection[str]) -> Iterator[tuple[Path, str]]:
        """The lines that any of these texts stand in, with their file."""
        pattern = _pattern(texts)
        for path in self._files() if pattern else ():
            for line in path.read_bytes().splitlines():
                if pattern and pattern.search(line):
                    yield path, line.decode("utf-8", "replace")

    def blank(self, texts: Collection[str]) -> int:
        """Overwrites these texts where they lie, each byte by an asterisk; returns how often.

        The file stays as long as it is, so that whoever writes at its end is not disturbed.
        """
        pattern, count = _pattern(texts), 0
        for path in self._files() if pattern else ():
            with path.open("r+b") as file:
                content = file.read()
                for match in pattern.finditer(content) if pattern else ():
                    file.seek(match.start())
                    file.write(BLANK * len(match[0]))
                    count += 1
        return count

    def _files(self) -> list[Path]:
        return sorted(path for path in self._folder.rglob("*") if path.is_file()) if self._folder.is_dir() else []


def _pattern(texts: Collection[str]) -> re.Pattern[bytes] | None:
    """Any of the texts, as they are or as JSON writes them; the longest first, since one may be part of another."""
    forms = {form for text in texts if len(text.strip()) >= SHORTEST for form in _forms(text.strip())}
    longest = sorted(forms, key=len, reverse=True)
    return re.compile(b"|".join(re.escape(form) for form in longest), re.IGNORECASE) if longest else None


def _forms(text: str) -> Iterator[bytes]:
    yield text.encode()
    yield json.dumps(text)[1:-1].encode()
    yield json.dumps(text, ensure_ascii=False)[1:-1].encode()
    yield repr(text)[1:-1].encode()
