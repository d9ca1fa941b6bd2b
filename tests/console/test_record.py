"""The list: what it shows, and how it is searched, filtered and paged by its address."""

from __future__ import annotations

import re
from datetime import timedelta
from html import unescape
from typing import Any

import pytest
from yarl import URL

from bot.console.permissions import Role
from bot.conversation.outcome import Outcome
from bot.log.filters import Filters
from tests.console.conftest import Browser, Console, Page
from tests.log.conftest import NOON, Shelf

LIST = "/console/record"
HOSTILE = '"><script>alert(1)</script>\u202e{{7*7}}'


@pytest.fixture
def shelf(console: Console) -> Shelf:
    return Shelf(console.store)


@pytest.fixture
async def browser(console: Console) -> Browser:
    return await console.signed_in(Role.READER)


def asked(page: Page) -> list[str]:
    """The texts on the list, in its order."""
    return [unescape(text) for text in re.findall(r"<a [^>]*data-line[^>]*>(.*?)</a>", page.text, flags=re.S)]


def link(page: Page, text: str) -> str:
    """Where a link with this text leads."""
    found = re.search(rf'href="([^"]+)"[^>]*>{text}</a>', page.text)
    assert found, f"no link {text} on {page.path}"
    return unescape(found[1])


def chosen(page: Page) -> dict[str, str]:
    """What the form says is looked for."""
    form = page.text.partition('<form method="get"')[2]
    fields = re.findall(r'<input[^>]* name="(\w+)" value="([^"]+)"', form)
    found = {name: unescape(value) for name, value in fields}
    for name, options in re.findall(r'<select name="(\w+)">(.*?)</select>', form, flags=re.S):
        for value in re.findall(r'<option value="([^"]+)" selected>', options):
            found[name] = value
    return found


async def test_a_line_has_all_that_is_known_of_a_turn(shelf: Shelf, browser: Browser) -> None:
    known: dict[str, Any] = {"helpful": False, "comment": "Too short", "case_reference": "7KQ4-M2XP-9S"}
    await shelf.put("Что такое ЦПТИ?", language="ru", confidence=0.874, reviewed=True, **known)
    said = (await browser.get(LIST)).said()
    assert "Turns that fit: " in said
    assert (
        "Что такое ЦПТИ? 2 Mar 2026, 13:00 Russian answered What a TISC is 87% Innovation support"
        " What a TISC is not helpful Too short yes 7KQ4-M2XP-9S" in said
    )


async def test_the_newest_is_first_and_pages_lead_there_and_back(shelf: Shelf, browser: Browser) -> None:
    texts = [f"question {n}" for n in range(120)]
    for n, text in enumerate(texts):
        await shelf.put(text, at=NOON + timedelta(minutes=n), language="fr")
    await shelf.put("another", at=NOON + timedelta(minutes=30))
    first = await browser.get(f"{LIST}?language=fr")
    second = await browser.get(link(first, "Older"))
    third = await browser.get(link(second, "Older"))
    assert asked(first) + asked(second) + asked(third) == texts[::-1]
    assert "Older</a>" not in third.text
    assert asked(await browser.get(link(third, "Newer"))) == asked(second)


async def test_words_are_found_in_any_language(shelf: Shelf, browser: Browser) -> None:
    for language, text in (("en", "Who funds patents?"), ("ar", "ما هي مراكز الدعم؟"), ("zh", "什么是技术支持中心")):
        await shelf.put(text, language=language)
    for words, found in (
        ("patent", "Who funds patents?"),
        ("الدعم", "ما هي مراكز الدعم؟"),
        ("支持", "什么是技术支持中心"),
    ):
        assert asked(await browser.get(LIST, params={"text": words})) == [found]


ROUND_TRIP = {
    "text": 'who "may apply" & <b>',
    "since": "2026-01-02",
    "until": "2026-03-04",
    "language": "ar",
    "area": "innovation_support",
    "outcome": "refer",
    "confidence_from": "0.2",
    "confidence_to": "0.75",
    "feedback": "unhelpful",
    "entry": "inn_tisc_what",
    "request": "innovation_support/inn_tisc_what",
    "member_state": "KE",
    "model": "20260301-120000",
    "reviewed": "false",
    "case": "true",
}


async def test_every_filter_goes_from_the_address_to_the_form_and_back(browser: Browser) -> None:
    assert set(ROUND_TRIP) == set(Filters.model_fields)
    page = await browser.get(LIST, params={**ROUND_TRIP, "before": "17"})
    assert chosen(page) == ROUND_TRIP
    pushed = URL(page.response.headers["HX-Push-Url"])
    assert dict(pushed.query) == ROUND_TRIP
    assert chosen(await browser.get(str(pushed))) == ROUND_TRIP


@pytest.mark.parametrize(("name", "value"), ROUND_TRIP.items())
async def test_each_filter_alone_finds_only_what_it_is_for(
    shelf: Shelf, browser: Browser, name: str, value: str
) -> None:
    """Of two turns, one has all that is asked for and the other nothing of it."""
    fitting: dict[str, Any] = {
        "at": NOON - timedelta(days=20),
        "language": "ar",
        "area": "innovation_support",
        "outcome": "refer",
        "confidence": 0.5,
        "helpful": False,
        "entries": ("inn_tisc_what",),
        "request": "innovation_support/inn_tisc_what",
        "member_states": ("KE",),
        "model": "20260301-120000",
        "case_reference": "7KQ4-M2XP-9S",
    }
    await shelf.put("Who may apply? b", **fitting)
    other: dict[str, Any] = {"area": None, "entries": (), "request": None, "helpful": True, "reviewed": True}
    at, sure = NOON - timedelta(days=400 if name == "since" else -20), 0.9 if name == "confidence_to" else 0.1
    await shelf.put("Else", at=at, confidence=sure, **other)
    assert asked(await browser.get(LIST, params={name: value})) == ["Who may apply? b"]


@pytest.mark.parametrize(
    "query",
    ["language=xx", "since=yesterday", "until=9999-12-31", "since=2026-02-01&until=2026-01-01", "confidence_from=2"],
)
async def test_what_cannot_be_looked_for_is_named(browser: Browser, query: str) -> None:
    page = await browser.get(f"{LIST}?{query}")
    assert page.status == 422
    assert "this cannot be looked for" in page.said()
    by_htmx = await browser.get(f"{LIST}?{query}", headers={"HX-Request": "true"})
    assert (by_htmx.status, "this cannot be looked for" in by_htmx.said()) == (200, True)
    assert "HX-Push-Url" not in by_htmx.response.headers


@pytest.mark.parametrize("query", ["before=x", "before=-1", f"after={'9' * 40}", "before=٣", "text=%00", "text=%FF"])
async def test_an_address_that_was_tampered_with_is_answered(shelf: Shelf, browser: Browser, query: str) -> None:
    await shelf.put("asked")
    assert (await browser.get(f"{LIST}?{query}")).status == 200


async def test_nothing_asked_and_nothing_found_are_told_apart(shelf: Shelf, browser: Browser) -> None:
    assert "Nothing has been asked yet." in (await browser.get(LIST)).said()
    await shelf.put("asked")
    assert "Nothing fits." in (await browser.get(f"{LIST}?text=unheard")).said()


HOSTILE_FIELDS = ("text", "comment", "request", "entry", "area", "model", "case_reference")


async def test_hostile_text_is_shown_as_text_in_every_field(shelf: Shelf, browser: Browser) -> None:
    for field in HOSTILE_FIELDS:
        # Of a reference the database keeps no more than its length.
        told = HOSTILE[:16] if field == "case_reference" else HOSTILE
        what: dict[str, Any] = {"text": "asked", "conversation": field, "helpful": False, field: told}
        await shelf.put(**what)
    pages = [await browser.get(f"/console/record/conversations/{field}") for field in HOSTILE_FIELDS]
    pages.append(await browser.get(LIST))
    assert [page.status for page in pages] == [200] * len(pages)
    assert [page.path for page in pages if "<script>alert" in page.text] == []
    assert pages[-1].text.count("&lt;script&gt;alert(1)") >= len(HOSTILE_FIELDS) - 1
    assert "&lt;script&gt;alert(1)" in pages[HOSTILE_FIELDS.index("model")].text


async def test_hostile_filters_are_shown_as_text(browser: Browser) -> None:
    for name in ROUND_TRIP:
        page = await browser.get(LIST, params={name: HOSTILE})
        assert page.status in (200, 422)
        assert "<script>alert" not in page.text


async def test_every_outcome_has_a_word(shelf: Shelf, browser: Browser) -> None:
    for outcome in Outcome:
        await shelf.put("asked", outcome=outcome.value)
    assert (await browser.get(LIST)).status == 200
