"""Names in Latin letters keep their place inside Arabic."""

from __future__ import annotations

import pytest

from bot.conversation.compose import Composer
from bot.conversation.direction import isolated
from knowledge.base import KnowledgeBase
from knowledge.records import Language


@pytest.mark.parametrize(
    ("text", "runs"),
    [
        ("يتيح برنامج ARDI الاطلاع", ["ARDI"]),
        ("السيدة Amy Dietterich، مديرة", ["Amy Dietterich"]),
        ("English", []),
        ("arbiter.mail@wipo.int، الهاتف +41 22 338 8247", ["arbiter.mail@wipo.int", "+41 22 338 8247"]),
        ("مركز (TISC).", ["TISC"]),
        ("دورة DL-101.", ["DL-101"]),
        ("ورقمه المرجعي 868B-VQ9S-M3.", ["868B-VQ9S-M3"]),
        ("ورقمه المرجعي 7634-8821-45.", ["7634-8821-45"]),
        ("على العنوان 163abc@example.org وهنا", ["163abc@example.org"]),
        ("بلا أسماء 2021", []),
    ],
)
def test_each_run_is_isolated(text: str, runs: list[str]) -> None:
    marked = isolated(text)
    assert [part.split("\u2069")[0] for part in marked.split("\u2068")[1:]] == runs
    assert marked.replace("\u2068", "").replace("\u2069", "") == text


def test_arabic_replies_are_isolated_and_others_are_not(
    base: KnowledgeBase, composers: dict[Language, Composer]
) -> None:
    entry = base.entries["inn_tisc_what"]
    assert "\u2068TISC\u2069" in composers[Language.AR].answer(entry).text
    assert "\u2068" not in composers[Language.RU].answer(entry).text
