"""What a browser gets of the window: small, checked, kept as long as it may be, and in frames as the setting says."""

from __future__ import annotations

import gzip
import re

import pytest

from bot.built import Built
from bot.web.window import BUILT
from knowledge.base import KnowledgeBase
from knowledge.records import Language
from tests.web.conftest import Client, Start

LOADER_BYTES = 1536
WINDOW_BYTES = 20 * 1024


async def fetch(client: Client, path: str) -> bytes:
    response = await client.get(path)
    assert response.status == 200, path
    return await response.read()


def packed(content: bytes) -> int:
    return len(gzip.compress(content, 9))


async def test_the_loader_stays_within_a_kilobyte_and_a_half(client: Client) -> None:
    assert packed(await fetch(client, "/widget.js")) <= LOADER_BYTES


@pytest.mark.parametrize("language", Language)
async def test_the_window_with_its_texts_stays_within_twenty_kilobytes(client: Client, language: Language) -> None:
    frame = await fetch(client, f"/widget/frame?language={language}")
    assets = [await fetch(client, path) for path in re.findall(r'"(/widget/assets/[^"]+)"', frame.decode())]
    assert len(assets) == 2
    assert sum(map(packed, (frame, *assets))) <= WINDOW_BYTES


async def test_the_loader_names_itself_in_every_language(client: Client, base: KnowledgeBase) -> None:
    loader = (await fetch(client, "/widget.js")).decode()
    assert "LABELS" not in loader
    for language in Language:
        assert base.phrases[language]("window.title") in loader


async def test_assets_are_kept_for_ever_and_named_with_their_integrity(client: Client) -> None:
    frame = (await fetch(client, "/widget/frame")).decode()
    for asset in Built(BUILT).assets.values():
        response = await client.get(f"/widget/assets/{asset.file}")
        assert "immutable" in response.headers["Cache-Control"]
        assert f'{asset.file}" integrity="{asset.integrity}"' in frame


async def test_everything_travels_compressed(client: Client) -> None:
    response = await client.get("/widget.js", headers={"Accept-Encoding": "gzip"})
    assert response.headers["Content-Encoding"] == "gzip"


async def test_the_frame_may_stand_anywhere_unless_the_installation_says_where(client: Client, start: Start) -> None:
    policy = (await client.get("/widget/frame")).headers["Content-Security-Policy"]
    assert "frame-ancestors *;" in policy
    assert "unsafe" not in policy
    assert "require-trusted-types-for 'script'" in policy
    chosen = await start(frame_ancestors="https://www.example.org https://intranet.example.org")
    policy = (await chosen.get("/widget/frame")).headers["Content-Security-Policy"]
    assert "frame-ancestors https://www.example.org https://intranet.example.org;" in policy


@pytest.mark.parametrize("value", ["", "'none'; script-src *", "https://a.example, https://b.example", "a\nb"])
async def test_a_setting_cannot_add_to_the_policy(start: Start, value: str) -> None:
    with pytest.raises(ValueError, match="frame_ancestors"):
        await start(frame_ancestors=value)


async def test_nothing_is_served_that_was_not_built(client: Client) -> None:
    for path in ("/widget/assets/manifest.json", "/widget/assets/..%2f..%2fpackage.json", "/widget/texts/de"):
        assert (await client.get(path)).status == 404


@pytest.mark.parametrize(
    ("header", "language"),
    [
        ("", "en"),
        ("de", "en"),
        ("fr-CH, en;q=0.5", "fr"),
        ("en;q=0.1, ar;q=0.9", "ar"),
        ("es;q=0, ru", "ru"),
        ("*", "en"),
    ],
)
async def test_the_page_is_in_the_language_that_the_browser_prefers(client: Client, header: str, language: str) -> None:
    page = await (await client.get("/", headers={"Accept-Language": header})).text()
    assert f'<html lang="{language}"' in page
