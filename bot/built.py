"""Files that a build has made for browsers, with a manifest of their names and integrity."""

from __future__ import annotations

import json
from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path

from aiohttp import hdrs, web

FOR_EVER = "public, max-age=31536000, immutable"
"""An asset's name changes with its content."""
_KINDS = {".js": "text/javascript", ".css": "text/css"}


@dataclass(frozen=True)
class Asset:
    """A built file: its name with the hash of its content, and its integrity as browsers check it."""

    file: str
    integrity: str


class Built:
    """What is in a folder that a build wrote.

    Raises:
        FileNotFoundError: it has not been built; `make setup` does.
    """

    def __init__(self, folder: Path) -> None:
        manifest = json.loads((folder / "manifest.json").read_text(encoding="utf-8"))
        self.assets = {name: Asset(**asset) for name, asset in manifest.items()}
        self._contents = {asset.file: (folder / asset.file).read_bytes() for asset in self.assets.values()}

    def response(self, file: str) -> web.Response | None:
        """The file as browsers get it; nothing where none of this name was built."""
        content = self._contents.get(file)
        return None if content is None else packed(content, _KINDS[Path(file).suffix], FOR_EVER)


def packed(body: bytes, kind: str, keep: str, headers: Mapping[str, str] | None = None) -> web.Response:
    """A response that travels compressed where the client understands that."""
    all_headers = {hdrs.CACHE_CONTROL: keep, hdrs.VARY: hdrs.ACCEPT_ENCODING, **(headers or {})}
    response = web.Response(body=body, content_type=kind, charset="utf-8", headers=all_headers)
    response.enable_compression()
    return response
