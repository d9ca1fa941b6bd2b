"""Vectors by text, kept from one training to the next: most texts stay, and to encode them is most of the work."""

from __future__ import annotations

import functools
import hashlib
import os
import tempfile
from collections.abc import Callable, Sequence
from pathlib import Path

import numpy as np

from bot.engine.arrays import Floats

FOLDER = "VECTOR_CACHE"
"""The environment's variable with the folder of the caches; without it nothing is kept."""
MOST = 200_000
"""Texts that are kept; beyond, only those asked for last are."""

Encode = Callable[[Sequence[str]], Floats]


def kept(encoder: str, encode: Encode) -> Encode:
    """`encode` itself, or with a folder set one that is asked only for texts whose vectors are not kept there.

    Meant for few calls with many texts: each reads the whole cache.

    Args:
        encoder: its name and version: another version has another cache.
        encode: gives float32 of shape (texts, dimensions) for one text or more.
    """
    folder = os.environ.get(FOLDER)
    return functools.partial(_encode, Path(folder) / f"{encoder}.npz", encode) if folder else encode


def _encode(path: Path, encode: Encode, texts: Sequence[str]) -> Floats:
    known = _read(path)
    keys = [hashlib.blake2b(text.encode(), digest_size=16).hexdigest() for text in texts]
    missing = {key: text for key, text in zip(keys, texts) if key not in known}
    if missing:
        if len(known) + len(missing) > MOST:
            known = {key: known[key] for key in keys if key in known}
        known.update(zip(missing, encode(list(missing.values()))))
        _write(path, known)
    return np.stack([known[key] for key in keys])


def _read(path: Path) -> dict[str, Floats]:
    if not path.exists():
        return {}
    with np.load(path, allow_pickle=False) as stored:
        return dict(zip(stored["keys"].tolist(), stored["vectors"]))


def _write(path: Path, known: dict[str, Floats]) -> None:
    """In one move, so that whoever reads meanwhile finds the old or the new whole."""
    path.parent.mkdir(parents=True, exist_ok=True)
    with tempfile.NamedTemporaryFile(dir=path.parent, delete=False) as file:
        np.savez(file, keys=np.array(list(known)), vectors=np.stack(list(known.values())))
    Path(file.name).replace(path)
