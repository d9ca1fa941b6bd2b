"""Packs a model's file quickly: its numbers hardly get smaller, however long one tries."""

from __future__ import annotations

from typing import Any

import rasa.engine.storage.local_model_storage as storage

from bot.engine.lighter import replace

LEVEL = 1
"""Of gzip, from 1 to 9, which is what Rasa uses: four times as long, for a file a twentieth smaller."""


class _Quick(storage.TarSafe):
    @classmethod
    def gzopen(cls, name: Any, mode: Any = "r", fileobj: Any = None, compresslevel: int = LEVEL, **how: Any) -> Any:
        return super().gzopen(name, mode, fileobj, compresslevel, **how)


def pack_quickly() -> None:
    """From now on, for the whole process."""
    replace(storage, "TarSafe", _Quick)
