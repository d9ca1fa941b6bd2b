"""Which of several machines this is: what one has begun, the others leave alone as long as it lives."""

from __future__ import annotations

import os
import uuid
from pathlib import Path

FILE = "node"


def node_of(data: Path) -> str:
    """The name of the installation whose data folder this is; made at its first start, and kept."""
    path = data / FILE
    if not path.exists():
        data.mkdir(parents=True, exist_ok=True)
        new = path.with_name(f"{FILE}.{os.getpid()}.new")
        new.write_text(str(uuid.uuid4()), encoding="utf-8")
        try:
            # Whichever of our processes comes first names us.
            os.link(new, path)
        except FileExistsError:
            pass
        finally:
            new.unlink()
    return path.read_text(encoding="utf-8").strip()
