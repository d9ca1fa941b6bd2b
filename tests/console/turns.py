"""What the record is filled with in tests of the staff's pages: turns as they come, and hostile ones."""

from __future__ import annotations

import uuid
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Any

from bot.conversation.outcome import Outcome
from bot.log.rollups import count_changed
from bot.store.conversations import Answer, Conversations
from bot.store.database import Sessions, writing
from bot.store.tables import ConversationRow, MessageRow, MessageState
from tests.console.content import HOSTILE, LONG
from tests.log.conftest import Shelf

ASKED = (
    ("en", "What is a TISC?"),
    ("fr", "Qu'est-ce qu'un CATI ?"),
    ("es", "¿Qué es un CATI?"),
    ("ar", "ما هي مراكز دعم التكنولوجيا والابتكار؟"),
    ("zh", "什么是技术与创新支持中心？"),
    ("ru", "Что такое ЦПТИ?"),
)
UNMASKED = "Write to amina.otieno@example.org"


@dataclass
class Turns:
    """Conversations, by what is in them."""

    ordinary: str
    hostile: str
    kept: str
    """One whose own text is still there to be revealed."""


async def fill_record(store: Sessions, now: datetime) -> Turns:
    """Ten days of questions in six languages, a conversation with everything in it, and a hostile one."""
    shelf, turns = Shelf(store), Turns("ordinary", "hostile", str(uuid.uuid4()))
    for day in range(10):
        for number, (language, text) in enumerate(ASKED[: 6 - day % 3]):
            what: dict[str, Any] = {"language": language, "confidence": 0.3 + number / 10, "milliseconds": 60 * number}
            if number % 2:
                what |= {"outcome": "refer", "request": "open_question/other_innovation_support", "entries": ()}
            await shelf.put(text, at=now - timedelta(days=day, minutes=number + 5), helpful=not number, **what)
    await _with_everything(shelf, turns.ordinary, now, "inn_tisc_what", "KE", "Why not?", "What is a TISC?")
    await _with_everything(shelf, turns.hostile, now, HOSTILE, "XX", f"{HOSTILE}\u202e", f"{HOSTILE} {LONG}")
    await _kept(store, shelf, turns.kept, now)
    async with writing(store) as session:
        await count_changed(session, 0)
    return turns


async def _with_everything(
    shelf: Shelf, conversation: str, now: datetime, named: str, state: str, comment: str, text: str
) -> None:
    requests = [{"name": f"innovation_support/{named}", "confidence": 0.8}, {"name": named, "confidence": 0.1}]
    seen: dict[str, Any] = {"intent": named, "requests": requests, "facts": [named], "services": [named]}
    seen |= {"action": named, "incident": named, "engine_milliseconds": 70.0, "carried": True}
    seen["replies"] = [{"outcome": "answer", "text": text, "buttons": [text, "More"]}]
    told = {"policy": named, "policy_confidence": 1.0, "focus": named, "action_milliseconds": 20.0, "form": True}
    for minute in range(2):
        await shelf.put(
            text,
            at=now - timedelta(minutes=3 - minute),
            conversation=conversation,
            seen=seen,
            told=told,
            entries=(named[:80],),
            member_states=(state,),
            helpful=False,
            comment=comment,
            area=named[:60],
            request=named[:120],
            entry=named[:80],
            model=named[:64],
            case_reference="7KQ4-M2XP-9S",
        )


async def _kept(store: Sessions, shelf: Shelf, conversation: str, now: datetime) -> None:
    async with writing(store) as session:
        times = {"created_at": now, "expires_at": now + timedelta(days=1)}
        session.add(ConversationRow(id=conversation, token_hash=conversation, language="en", **times))
        await session.flush()
        message = MessageRow(
            conversation_id=conversation,
            client_message_id=conversation,
            text=UNMASKED,
            state=MessageState.WAITING,
            created_at=now,
        )
        session.add(message)
    await Conversations(store).answer(message.id, Answer(Outcome.ANSWER, (), None, {}))
    shelf.messages = message.id - 1
    await shelf.put("Write to [e-mail]", conversation=conversation, at=now)
