"""The transcript: what was said and why it ended as it did, the reveal, and the conversation as a test."""

from __future__ import annotations

import uuid
from datetime import timedelta
from pathlib import Path
from typing import Any

import pytest

from bot.console.permissions import Role
from bot.conversation.outcome import Outcome
from bot.store.conversations import Answer, Conversations
from bot.store.database import writing
from bot.store.tables import ConversationRow, MessageRow, MessageState
from bot.store.trail import Wanted
from tests.console.conftest import Browser, Console, now
from tests.console.test_record import HOSTILE
from tests.journeys.test_conversations import stories_of
from tests.log.conftest import NOON, Shelf

SECRET = "Write to maria.silva@example.org"
MASKED = "Write to [e-mail]"


@pytest.fixture
def shelf(console: Console) -> Shelf:
    return Shelf(console.store)


def address(conversation: str) -> str:
    return f"/console/record/conversations/{conversation}"


def reveal(conversation: str, turn: int) -> str:
    return f"{address(conversation)}/turns/{turn}/reveal"


@pytest.fixture
async def kept(console: Console, shelf: Shelf) -> tuple[str, int]:
    """A conversation that is still kept, whose turn is masked in the record; its id and the turn's."""
    conversation = str(uuid.uuid4())
    async with writing(console.store) as session:
        times = {"created_at": now(), "expires_at": now() + timedelta(days=1)}
        session.add(ConversationRow(id=conversation, token_hash="x", language="en", **times))
        await session.flush()
        message = MessageRow(
            conversation_id=conversation,
            client_message_id="x",
            text=SECRET,
            state=MessageState.WAITING,
            created_at=NOON,
        )
        session.add(message)
    await Conversations(console.store).answer(message.id, Answer(Outcome.ANSWER, (), None, {}))
    shelf.messages = message.id - 1
    return conversation, await shelf.put(MASKED, conversation=conversation)


async def test_a_transcript_gives_the_reasons_of_every_turn(console: Console, shelf: Shelf) -> None:
    requests = [
        {"name": "innovation_support/inn_tisc_what", "confidence": 0.81},
        {"name": "open_question/host_a_centre", "confidence": 0.07},
    ]
    reply = {"outcome": "answer", "text": "A TISC is a centre.", "buttons": ["Where TISCs are usually hosted"]}
    seen: dict[str, Any] = {
        "intent": "innovation_support",
        "requests": requests,
        "facts": ["INN07"],
        "replies": [reply],
    }
    seen |= {"action": "action_answer", "engine_milliseconds": 70.0, "services": ["TISC"]}
    told = {"policy": "RulePolicy", "policy_confidence": 1.0, "focus": "inn_tisc_what", "action_milliseconds": 20.0}
    await shelf.put("What is a TISC?", conversation="c", seen=seen, told=told, member_states=("KE",))
    await shelf.put("And there?", conversation="c", at=NOON + timedelta(minutes=1), helpful=False, comment="No")
    page = await (await console.signed_in(Role.READER)).get(address("c"))
    said = page.said()
    for part in (
        "What is a TISC?",
        "A TISC is a centre.",
        "Where TISCs are usually hosted",
        "What a TISC is innovation_support/inn_tisc_what 81%",
        "open question: host a centre open_question/host_a_centre 7%",
        "Facts INN07",
        "Member states named Kenya",
        "Action action_answer",
        "Policy RulePolicy",
        "Model first",
        "From acceptance to answer 80 ms",
        "Understanding 50 ms",
        "In focus before What a TISC is",
        "Feedback: not helpful No",
    ):
        assert part in said
    assert 'href="/console/record?entry=inn_tisc_what"' in page.text


async def test_a_case_is_linked_for_those_who_may_read_it(console: Console, shelf: Shelf) -> None:
    await shelf.put("asked", conversation="c", case_reference="7KQ4-M2XP-9S")
    for role, linked in ((Role.READER, False), (Role.FOCAL_POINT, True)):
        page = await (await console.signed_in(role)).get(address("c"))
        assert "7KQ4-M2XP-9S" in page.said()
        assert ('href="/console/cases/7KQ4-M2XP-9S"' in page.text) == linked


async def test_what_is_masked_is_shown_once_and_the_trail_has_it(console: Console, kept: tuple[str, int]) -> None:
    conversation, turn = kept
    browser = await console.signed_in(Role.REVIEWER, "vera")
    page = await browser.get(address(conversation))
    assert MASKED in page.said()
    assert SECRET not in page.text
    shown = await browser.send(page, reveal(conversation, turn))
    assert SECRET in shown.said()
    assert shown.response.headers["Cache-Control"] == "no-store"
    (line,) = await console.trail.find(Wanted(act="text.revealed"), 10)
    assert (line.who, line.object, line.after) == ("vera", f"turn {turn}", conversation)
    assert SECRET not in (await browser.get(address(conversation))).text


async def test_who_may_not_see_it_is_offered_nothing_and_gets_nothing(console: Console, kept: tuple[str, int]) -> None:
    conversation, turn = kept
    browser = await console.signed_in(Role.READER)
    assert "/reveal" not in (await browser.get(address(conversation))).text
    refused = await browser.post(reveal(conversation, turn), {}, headers={"X-CSRF-Token": browser.csrf_token})
    assert (refused.status, SECRET in refused.text) == (403, False)
    assert await console.acts(act="text.revealed") == []


async def test_what_is_no_longer_kept_is_not_offered(console: Console, shelf: Shelf) -> None:
    turn = await shelf.put(MASKED, conversation="c")
    browser = await console.signed_in(Role.REVIEWER)
    page = await browser.get(address("c"))
    assert "no longer kept" in page.said()
    assert "/reveal" not in page.text
    headers = {"X-CSRF-Token": browser.csrf_token}
    assert (await browser.post(reveal("c", turn), {}, headers=headers)).status == 404
    assert await console.acts(act="text.revealed") == []


async def test_a_turn_is_revealed_in_its_own_conversation_only(
    console: Console, shelf: Shelf, kept: tuple[str, int]
) -> None:
    await shelf.put("another", conversation="c")
    browser = await console.signed_in(Role.REVIEWER)
    headers = {"X-CSRF-Token": browser.csrf_token}
    for turn in (str(kept[1]), "x", "9" * 30):
        page = await browser.post(f"{address('c')}/turns/{turn}/reveal", {}, headers=headers)
        assert page.status == 404


HOSTILE_SEEN: list[dict[str, Any]] = [
    {"intent": HOSTILE},
    {"requests": [{"name": HOSTILE, "confidence": 0.4}]},
    {"facts": [HOSTILE]},
    {"services": [HOSTILE]},
    {"action": HOSTILE},
    {"incident": HOSTILE},
    {"replies": [{"outcome": "answer", "text": HOSTILE}]},
    {"replies": [{"outcome": "answer", "text": "x", "buttons": [HOSTILE]}]},
]


@pytest.mark.parametrize("seen", HOSTILE_SEEN, ids=lambda seen: next(iter(seen)))
async def test_hostile_reasons_are_shown_as_text(console: Console, shelf: Shelf, seen: dict[str, Any]) -> None:
    await shelf.put("asked", conversation="c", seen=seen, told={"policy": HOSTILE, "focus": HOSTILE})
    await shelf.put("asked", conversation="c", at=NOON + timedelta(minutes=1), entries=(HOSTILE,))
    page = await (await console.signed_in(Role.READER)).get(address("c"))
    assert page.status == 200
    assert "<script>alert" not in page.text
    assert "&lt;script&gt;alert" in page.text


async def test_a_conversation_becomes_a_test_in_one_click(console: Console, shelf: Shelf, tmp_path: Path) -> None:
    seen = {"facts": ["INN07"], "replies": [{"outcome": "answer", "text": "x"}]}
    await shelf.put("Что такое ЦПТИ? Пишите [e-mail]", conversation="c", language="ru", seen=seen)
    file = await (await console.signed_in(Role.READER)).get(f"{address('c')}/journey")
    assert file.response.headers["Content-Disposition"] == 'attachment; filename="conversation_2026_03_02_ru.yml"'
    assert file.text.startswith("# ")
    path = tmp_path / "journey.yml"
    path.write_text(file.text, encoding="utf-8")
    (story,) = stories_of(path)
    assert story["language"] == "ru"
    expect = {"outcome": "answer", "facts": ["INN07"]}
    assert story["turns"] == [{"say": "Что такое ЦПТИ? Пишите [e-mail]", "expect": expect}]


async def test_nobodys_conversation_is_not_there(console: Console) -> None:
    browser: Browser = await console.signed_in(Role.READER)
    for path in ("", "/journey"):
        assert (await browser.get(address("nobodys") + path)).status == 404
