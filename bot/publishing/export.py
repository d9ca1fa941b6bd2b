"""Writes what is published back as files for the repository: those that differ, and the same as a patch."""

from __future__ import annotations

import io
import zipfile
from pathlib import Path

from bot.publishing.difference import FileDiff, difference

PATCH = "published.patch"


def export(checkout: Path, content: Path, folder: Path) -> list[Path]:
    """Writes the files below `folder`; returns their paths.

    Args:
        checkout: the content that changes were applied to.
        content: what is published.
        folder: where to write; made where it is missing.
    """
    found = difference(checkout, content)
    folder.mkdir(parents=True, exist_ok=True)
    written = []
    for one in found:
        path = folder / one.path
        path.parent.mkdir(parents=True, exist_ok=True)
        path.write_bytes((content / one.path).read_bytes())
        written.append(path)
    patch = folder / PATCH
    patch.write_text(_patch(found), encoding="utf-8")
    return [*written, patch]


def packed(checkout: Path, content: Path) -> bytes:
    """The same as a zip archive."""
    found = difference(checkout, content)
    archive = io.BytesIO()
    with zipfile.ZipFile(archive, "w", zipfile.ZIP_DEFLATED) as file:
        for one in found:
            file.writestr(one.path, (content / one.path).read_bytes())
        file.writestr(PATCH, _patch(found))
    return archive.getvalue()


def _patch(found: list[FileDiff]) -> str:
    return "".join(one.text for one in found)
