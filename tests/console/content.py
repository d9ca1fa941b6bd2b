"""What the staff's pages are filled with in tests: cases in every state, with hostile text in every field."""

from __future__ import annotations

import asyncio
import uuid
from collections.abc import Callable
from dataclasses import dataclass
from datetime import datetime, timedelta
from email.message import EmailMessage
from pathlib import Path

from bot.cases.desk import MailDesk
from bot.cases.post import Post
from bot.cases.request import Request
from bot.cases.staff_desk import StaffDesk
from bot.console.permissions import Role
from bot.settings import HandoffSettings, Settings
from bot.store.database import Sessions
from bot.store.inbox import Inbox
from bot.store.outbox import Outbox
from bot.store.staff import Staff, Way
from bot.store.trail import Trail
from knowledge.base import KnowledgeBase
from knowledge.records import Language

FOCAL_POINT = "focal.point@example.org"
HANDOFF = HandoffSettings(
    address_focal_point=FOCAL_POINT, mail_from="assistant@example.org", reply_address="replies@example.org"
)
HOSTILE = (
    '<img src=x onerror="window.hacked=1"><script>window.hacked=1</script></td></table>\'"{{7*7}}{% raw %}'
    "<a href='javascript:window.hacked=1'>x</a>&lt;b&gt;"
)
LONG = "ж" * 300
"""A word that no line is wide enough for."""


@dataclass
class Cases:
    """References of the cases, by what became of them."""

    answered: str
    waiting: str
    astray: str
    """Its question failed; its confirmation failed too, and went to another address in its stead."""


async def fill(store: Sessions, base: KnowledgeBase, folder: Path, clock: Callable[[], datetime]) -> Cases:
    """Three cases of hostile delegates: one answered by a hostile letter, one long overdue, one whose letters failed.

    Two messages are set aside, one of them of no case. There is a hostile colleague.
    """
    now = clock()
    overdue = await _ask(store, base, lambda: now - timedelta(days=30))
    answered = await _ask(store, base, clock)
    post = Post(Settings(data_dir=folder), HANDOFF, store, base, clock)
    await _carry(post)
    key = {one.reference: one.key for one in await post.ageing._cases.newest()}[answered]
    question = next(one for one in await Outbox(store).of_case(key) if one.kind == "question")
    for sender in (FOCAL_POINT, "stranger@example.net"):
        await post.intake.take(_reply(question.token, sender).as_bytes())
    assert len(await Inbox(store).of_case(key)) == 2
    await post.intake.take(_reply("unknown", "stranger@example.net").as_bytes())
    await _carry(post)
    astray = await _ask(store, base, clock)
    outbox = Outbox(store)
    for letter in await outbox.claim("a test", clock(), timedelta(minutes=1), 2):
        await outbox.fail(letter, "a test", clock(), f"550 {HOSTILE} {LONG}")
    await StaffDesk(HANDOFF, store, base, clock).correct_address(astray, "a.otieno@example.org", "a test")
    await Staff(store).add(f"{HOSTILE[:80]}{LONG[:100]}", Role.READER, Way.PASSWORD, None, HOSTILE[:200], now)
    await Trail(store).add(HOSTILE[:200], "case.seen", f"case {HOSTILE}"[:200], now, HOSTILE, LONG)
    return Cases(answered, overdue, astray)


async def _carry(post: Post) -> None:
    while await post.courier.carry(asyncio.Event()):
        pass


async def _ask(store: Sessions, base: KnowledgeBase, clock: Callable[[], datetime]) -> str:
    request = Request(
        conversation_id="none",
        language=Language.EN,
        area="response_package",
        name=f"Amina {HOSTILE}",
        email="amina.otieno@example.org",
        question=f"{HOSTILE}\n{LONG}\u202e",
        member_state=None,
        organisation=HOSTILE,
        consent=False,
    )
    receipt = await MailDesk(HANDOFF, store, base, clock).submit(str(uuid.uuid4()), request)
    return receipt.reference


def _reply(token: str, sender: str) -> EmailMessage:
    message = EmailMessage()
    message["From"], message["To"] = sender, f"replies+{token}@example.org"
    message["Subject"] = HOSTILE
    message.set_content(f"{HOSTILE}\n{LONG}")
    message.add_attachment(b"<script>", maintype="text", subtype="html", filename='<b>"plan.html')
    return message
