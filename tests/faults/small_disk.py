"""A disk that can be full: a small file system of its own, which root alone can mount."""

from __future__ import annotations

import contextlib
import os
import shutil
import subprocess
from collections.abc import Iterator
from pathlib import Path

BYTES = 700 * 1024 * 1024
"""Enough for an assistant to start, with little to spare."""
_FILLER = "filler"


@contextlib.contextmanager
def small_disk(folder: Path) -> Iterator[Path]:
    """`folder` on a file system of BYTES.

    Raises:
        RuntimeError: it cannot be mounted.
    """
    folder.mkdir(parents=True, exist_ok=True)
    mount = ["mount", "-t", "tmpfs", "-o", f"size={BYTES}", "tmpfs", str(folder)]
    done = subprocess.run(mount, capture_output=True, text=True, check=False)
    if done.returncode:
        raise RuntimeError(f"a full disk needs a small file system, which root alone can mount: {done.stderr.strip()}")
    try:
        yield folder
    finally:
        # Lazily: a process that is about to end may still have a file open.
        subprocess.run(["umount", "--lazy", str(folder)], check=True)


def fill(folder: Path) -> None:
    """Leaves not one byte."""
    with (folder / _FILLER).open("ab", buffering=0) as file, contextlib.suppress(OSError):
        while free := shutil.disk_usage(folder).free:
            os.posix_fallocate(file.fileno(), os.fstat(file.fileno()).st_size, free)


def free(folder: Path) -> None:
    """Makes room again."""
    (folder / _FILLER).unlink(missing_ok=True)
