"""Content as folders: the checkout's, and whole copies of it with changes, `content/<name>` below the data folder."""

from __future__ import annotations

import hashlib
import os
import shutil
from collections.abc import Iterator
from pathlib import Path

from bot.settings import ROOT

FOLDER = "content"
PARTS = ("knowledge", "data", "domain.yml", "config.yml")
"""What is copied: the YAML files of these."""
LEARNED_BY = ("bot/engine", "environments/engine/requirements.lock")
"""What beside the content decides what a model is."""


def copy_content(source: Path, target: Path) -> None:
    """A copy of the content in a folder that does not yet exist; nothing is left of one that fails.

    Copies of copies share their files, which are replaced and never written into; the checkout's are written into by
    editors, and so copied.
    """
    part = target.with_name(f"{target.name}.part")
    shutil.rmtree(part, ignore_errors=True)
    place = shutil.copyfile if source == ROOT else os.link
    for path in files_of(source):
        copied = part / path.relative_to(source)
        copied.parent.mkdir(parents=True, exist_ok=True)
        place(path, copied)
    part.replace(target)


def files_of(root: Path) -> Iterator[Path]:
    """The content's files, sorted."""
    for name in PARTS:
        path = root / name
        yield from [path] if path.is_file() else sorted(path.rglob("*.yml"))


def fingerprint(root: Path = ROOT) -> str:
    """Tells one checkout from another: a hash over its content and over what learns from it."""
    total = hashlib.sha256()
    for path in files_of(root):
        _take(total, path, root)
    for name in LEARNED_BY:
        path = ROOT / name
        for file in [path] if path.is_file() else sorted(path.rglob("*.py")):
            _take(total, file, ROOT)
    return total.hexdigest()[:16]


def _take(total: hashlib._Hash, path: Path, root: Path) -> None:
    total.update(path.relative_to(root).as_posix().encode() + b"\0" + hashlib.sha256(path.read_bytes()).digest())
