"""Texts are found by their words in six languages."""

from __future__ import annotations

import pytest

from bot.log.filters import Filters
from bot.log.record import Record
from bot.log.words import wording
from tests.log.conftest import Shelf

FOUND = [
    ("How does mediation work?", "mediation"),
    ("How does mediation work?", "MEDIATOR"),
    ("How does mediation work?", "work mediation"),
    ("How does mediation work?", '"mediation work"'),
    ("What is a TISC?", "tisc"),
    ("What is a TISC?", "a"),
    ("Comment créer un CATI à l'université ?", "universite"),
    ("Comment créer un CATI à l'université ?", "cree"),
    ("¿Quién organiza la reunión?", "reunion"),
    ("¿Quién organiza la reunión?", "reuniones"),
    ("Как получить доступ к патентам?", "патент"),
    ("Кто оплачивает ёлку?", "ЕЛКУ"),
    ("كيف تعمل الوساطة؟", "وساطة"),
    ("كيف تعمل الوساطة؟", "للوساطة"),
    ("أين الأكاديمية", "الاكاديميه"),
    ("متى ٢٠٢٤", "2024"),
    ("调解如何进行？", "调解"),
    ("调解如何进行？", "调"),
    ("调解如何进行？", "行"),
    ("调解如何进行？", "如何进行"),
    ("产权组织TISC网络", "网络 tisc"),
    ("ＴＩＳＣ　２０２４", "tisc 2024"),
]
NOT_FOUND = [
    ("How does mediation work?", '"work mediation"'),
    ("How does mediation work?", "mediation fee"),
    ("What is a TISC?", "is-not-there"),
    ("What is an art?", "ar"),
    ("调解如何进行？", "解调"),
    ("调解如何进行？", "如何解"),
    ("How does mediation work?", "?!"),
    ("How does mediation work?", 'mediation OR fee NEAR("'),
]


@pytest.mark.parametrize(("text", "query"), FOUND)
async def test_found(shelf: Shelf, record: Record, text: str, query: str) -> None:
    turn = await shelf.put(text)
    await shelf.put("something else")
    page = await record.page(Filters(text=query))
    assert [found.id for found in page.turns] == [turn]
    assert (await record.count(Filters(text=query))).turns == 1


@pytest.mark.parametrize(("text", "query"), NOT_FOUND)
async def test_not_found(shelf: Shelf, record: Record, text: str, query: str) -> None:
    await shelf.put(text)
    assert (await record.page(Filters(text=query))).turns == ()


def test_the_same_wording_is_known_however_it_is_written() -> None:
    assert wording("What is a TISC?") == wording("  what is a  tisc")
    assert wording("Où est l'université") == wording("ou est l universite ?")
    assert wording("What is a TISC?") != wording("What is an ISC?")
    assert -(2**63) <= wording("x") < 2**63
