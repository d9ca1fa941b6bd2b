"""`python -m bot.backup make FILE` copies all that is kept into one file while it runs; `restore FILE` puts it back."""

from __future__ import annotations

import argparse
import hashlib
import io
import json
import os
import shutil
import sqlite3
import sys
import tarfile
import tempfile
from contextlib import closing
from datetime import UTC, datetime
from pathlib import Path, PurePosixPath

from sqlalchemy.engine import make_url

from bot.publishing import pointer
from bot.settings import Settings

DATABASES = ("spool.db", "tracker.db", "assistant.db")
"""In this order: an event that moves meanwhile from the spool into the record is in both, where the record takes it
once, and never in neither."""
FOLDERS = ("outbox", "content")
FILES = ("published.json",)
MANIFEST = "manifest.json"
FORMAT = 1
LAST_BACKUP = "last-backup"
"""A file in the data folder, touched by every backup."""


class CannotBackUp(Exception):
    """It could not be made or put back. The message says what to do."""


def make(settings: Settings, target: Path, now: datetime | None = None) -> list[str]:
    """Writes the backup, readable by its owner alone; it appears under its name only once it is whole.

    Returns:
        The names of what is in it.

    Raises:
        CannotBackUp: the records are in a database server, or the target is there already.
    """
    if make_url(settings.database).get_backend_name() != "sqlite":
        raise CannotBackUp("the records are in a database server: back them up with its own tool (pg_dump)")
    if target.exists():
        raise CannotBackUp(f"{target} is there already; name another file")
    data, hashes = settings.data, dict[str, str]()
    target.parent.mkdir(parents=True, exist_ok=True)
    with tempfile.TemporaryDirectory(dir=target.parent, prefix=".backup-") as folder:
        new = Path(folder, "new")
        with os.fdopen(os.open(new, os.O_WRONLY | os.O_CREAT, 0o600), "wb") as file:
            with tarfile.open(fileobj=file, mode="w:gz", compresslevel=6) as archive:
                for name in DATABASES:
                    if (data / name).exists():
                        copy = Path(folder, name)
                        _copy_database(data / name, copy)
                        _put(archive, copy, name, hashes)
                for name in (*FILES, *(f"models/{one}" for one in _models(settings))):
                    source = (
                        settings.models / name.removeprefix("models/") if name.startswith("models/") else data / name
                    )
                    if source.is_file():
                        _put(archive, source, name, hashes)
                for name in FOLDERS:
                    for path in sorted(p for p in (data / name).rglob("*") if p.is_file()):
                        _put(archive, path, path.relative_to(data).as_posix(), hashes)
                manifest = {"format": FORMAT, "made": (now or datetime.now(UTC)).isoformat(), "files": hashes}
                _put_bytes(archive, MANIFEST, json.dumps(manifest, indent=1).encode())
            file.flush()
            os.fsync(file.fileno())
        new.rename(target)
    (data / LAST_BACKUP).touch()
    return list(hashes)


def restore(settings: Settings, source: Path) -> list[str]:
    """Puts a backup back into an empty data folder, once all of it has been checked.

    Returns:
        The names of what was put back.

    Raises:
        CannotBackUp: it is damaged or not ours, or the data folder holds records.
    """
    data = settings.data
    there = [name for name in (*DATABASES, *FILES, *FOLDERS) if (data / name).exists()]
    if there:
        raise CannotBackUp(
            f"{data} holds {', '.join(there)}; stop the assistant, move that folder away, and run this again"
        )
    data.mkdir(parents=True, exist_ok=True)
    with tempfile.TemporaryDirectory(dir=data, prefix=".restore-") as name:
        folder = Path(name)
        files = _unpacked(source, folder)
        for database in DATABASES:
            if (folder / database).exists():
                _check_database(folder / database, source)
        for one in files:
            target = settings.models / one.removeprefix("models/") if one.startswith("models/") else data / one
            target.parent.mkdir(parents=True, exist_ok=True)
            shutil.move(folder / one, target)
    return files


def _models(settings: Settings) -> list[str]:
    """What is needed to run what is published, without training; and the record of what was built here."""
    published = pointer.read(settings.data)
    return [published.model, "built.sha256"] if published else []


def _copy_database(source: Path, target: Path) -> None:
    """SQLite's own copy of a database that others read and write meanwhile."""
    with closing(sqlite3.connect(source, timeout=30)) as old, closing(sqlite3.connect(target)) as new:
        old.backup(new, pages=1000, sleep=0.01)
        new.execute("PRAGMA journal_mode = DELETE")


def _check_database(path: Path, source: Path) -> None:
    with closing(sqlite3.connect(path)) as database:
        (found,) = database.execute("PRAGMA integrity_check").fetchone()
    if found != "ok":
        raise CannotBackUp(f"{path.name} in {source} is damaged ({found}); take an older backup")


def _put(archive: tarfile.TarFile, path: Path, name: str, hashes: dict[str, str]) -> None:
    with path.open("rb") as file:
        hashes[name] = hashlib.file_digest(file, "sha256").hexdigest()
    archive.add(path, name, recursive=False)


def _put_bytes(archive: tarfile.TarFile, name: str, content: bytes) -> None:
    info = tarfile.TarInfo(name)
    info.size = len(content)
    archive.addfile(info, io.BytesIO(content))


def _unpacked(source: Path, folder: Path) -> list[str]:
    """What is in a backup, unpacked and found to be as it was put in."""
    try:
        with tarfile.open(source) as archive:
            archive.extractall(folder, filter="data")
        manifest = json.loads((folder / MANIFEST).read_bytes())
        hashes: dict[str, str] = manifest["files"]
        known = manifest["format"] == FORMAT
    except (OSError, tarfile.TarError, EOFError, ValueError, KeyError, TypeError) as error:
        raise CannotBackUp(f"{source} is no backup that can be read ({type(error).__name__}); take another") from None
    if not known:
        raise CannotBackUp(f"{source} was made by another release; restore it with that")
    for name, digest in hashes.items():
        if PurePosixPath(name).is_absolute() or ".." in PurePosixPath(name).parts or not (folder / name).is_file():
            raise CannotBackUp(f"{source} lacks {name}; take another backup")
        with (folder / name).open("rb") as file:
            if hashlib.file_digest(file, "sha256").hexdigest() != digest:
                raise CannotBackUp(f"{name} in {source} is not as it was put in; take another backup")
    return list(hashes)


def main(arguments: list[str] | None = None) -> int:
    """Runs the command; returns the exit status."""
    parser = argparse.ArgumentParser(prog="bot.backup", description=__doc__)
    parser.add_argument("command", choices=["make", "restore"])
    parser.add_argument("file", type=Path)
    chosen = parser.parse_args(arguments)
    try:
        names = (make if chosen.command == "make" else restore)(Settings(), chosen.file)
    except (CannotBackUp, pointer.Damaged, OSError, sqlite3.Error) as error:
        sys.stderr.write(f"bot.backup: {error}\n")
        return 1
    sys.stdout.write(f"{chosen.command}: {len(names)} files ({', '.join(names[:8])}{' …' if names[8:] else ''})\n")
    return 0


if __name__ == "__main__":
    sys.exit(main())
