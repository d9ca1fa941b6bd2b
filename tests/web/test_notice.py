"""How what is written is handled can be read in every language, and nobody else ever learns of it."""

from __future__ import annotations

import re

import pytest

from bot.console.problems import _HEADERS as CONSOLE_HEADERS
from bot.settings import ROOT
from knowledge.base import KnowledgeBase
from knowledge.records import Language
from tests.web.conftest import Client

SOURCES = sorted(
    path
    for folder, ends in (
        ("bot/widget/src", "*.ts"),
        ("bot/console/assets/src", "*.ts"),
        ("bot/web/static", "*.css"),
        ("bot/web/templates", "*.html"),
        ("bot/console/templates", "*.html"),
    )
    for path in (ROOT / folder).rglob(ends)
)
REACHING_OUT = re.compile(
    r"""(?:src|action|data-src|poster)\s*=\s*["'](?:https?:)?//|(?:fetch|EventSource|WebSocket|sendBeacon|import)\s*\(\s*["'`](?:\w+:)?//"""
    r"""|@import|url\(\s*["']?(?:https?:)?//|<link[^>]+href=["'](?:https?:)?//|document\.cookie""",
    re.IGNORECASE,
)


@pytest.mark.parametrize("language", list(Language))
async def test_the_notice_is_there_in_every_language(client: Client, base: KnowledgeBase, language: Language) -> None:
    response = await client.get(f"/notice?language={language}")
    page = await response.text()
    phrases = base.phrases[language]
    assert f'<html lang="{language}" dir="{language.direction}">' in page
    assert phrases("notice.title") in page
    for days in ("30", "365", "730"):
        assert days in page
    assert "{" not in page
    for path in ("/", "/plain"):
        shown = await (await client.get(f"{path}?language={language}")).text()
        assert f'href="/notice?language={language}"' in shown
        assert phrases("window.notice") in shown


async def test_the_periods_are_those_of_the_installation(start: object) -> None:
    client = await start(unmasked_days=12, record_days=99)  # type: ignore[operator]
    page = await (await client.get("/notice?language=en")).text()
    assert "for 12 days" in page
    assert "for 99 days" in page


async def test_no_page_lets_a_browser_ask_anybody_else_or_keep_a_cookie(client: Client) -> None:
    for path in ("/", "/plain", "/notice", "/widget/frame", "/widget.js"):
        response = await client.get(path)
        assert "Set-Cookie" not in response.headers
        assert only_ours(response.headers.get("Content-Security-Policy", "default-src 'none'"))
    assert only_ours(CONSOLE_HEADERS["Content-Security-Policy"])


def only_ours(policy: str) -> bool:
    directives = dict(part.strip().partition(" ")[::2] for part in policy.split(";") if part.strip())
    directives.pop("frame-ancestors", None)  # who may show us, not whom we ask
    directives.pop("require-trusted-types-for", None)
    directives.pop("trusted-types", None)
    allowed = {"'none'", "'self'", "data:"}
    return directives.get("default-src") == "'none'" and all(
        set(value.split()) <= allowed for value in directives.values()
    )


@pytest.mark.parametrize("path", SOURCES, ids=lambda path: path.name)
def test_no_page_and_no_script_reaches_out(path: object) -> None:
    assert REACHING_OUT.findall(path.read_text(encoding="utf-8")) == []  # type: ignore[attr-defined]
