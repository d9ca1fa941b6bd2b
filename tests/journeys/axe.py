"""What axe-core finds wrong for people who cannot see, hear or point as others do."""

from __future__ import annotations

from playwright.sync_api import Frame, Page

from bot.settings import ROOT

_AXE = (ROOT / "bot/widget/node_modules/axe-core/axe.min.js").read_text(encoding="utf-8")
_RUN = """async () => (await axe.run(document, { resultTypes: ["violations"] })).violations
    .map(({ id, impact, nodes }) => `${id} (${impact}): ${nodes.map((node) => node.html).join(" ")}`)"""


def violations(*documents: Page | Frame) -> list[str]:
    """What it finds in these documents, each by itself."""
    found: list[str] = []
    for document in documents:
        if not document.evaluate("typeof axe === 'object'"):
            document.evaluate(_AXE)
        found += document.evaluate(_RUN)
    return found
