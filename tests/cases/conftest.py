"""Cases over a real database file, with real mail servers beside them."""

from __future__ import annotations

import asyncio
import time
import uuid
from collections.abc import Awaitable, Callable, Iterator
from dataclasses import dataclass, field, replace
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Any

import pytest

from bot.cases.desk import MailDesk
from bot.cases.post import Post
from bot.cases.request import Receipt, Request
from bot.cases.staff_desk import StaffDesk
from bot.settings import HandoffSettings, Settings
from bot.store.case_tables import CaseRow
from bot.store.cases import Cases
from bot.store.conversations import Conversations
from bot.store.database import Sessions
from bot.store.inbox import Inbox
from bot.store.outbox import Outbox
from knowledge.base import KnowledgeBase
from knowledge.records import Language
from tests.cases.post_office import PostOffice, open_office

FOCAL_POINT = "focal.point@example.org"
GLOBAL_CHALLENGES = "global.challenges@example.org"
CENTER = "center@example.org"
DELEGATE = "amina.otieno@example.org"

ASKED = Request(
    conversation_id="none",
    language=Language.EN,
    area="response_package",
    name="Amina Otieno",
    email=DELEGATE,
    question="Could our office receive a TISC trainer in March?",
    member_state="KE",
    organisation=None,
    consent=False,
)

LIMITS = ("limit_cases_conversation", "limit_cases_client", "limit_cases_address", "limit_cases")


class Clock:
    """A clock that a test sets."""

    def __init__(self, now: datetime = datetime(2026, 3, 2, 9, 0, tzinfo=UTC)) -> None:
        self.now = now

    def __call__(self) -> datetime:
        return self.now

    def forward(self, **time: float) -> None:
        self.now += timedelta(**time)


async def until(holds: Callable[[], bool | Awaitable[bool]], seconds: float = 20) -> None:
    """Waits for a condition."""
    deadline = time.monotonic() + seconds
    while True:
        found = holds()
        if found if isinstance(found, bool) else await found:
            return
        assert time.monotonic() < deadline, "it did not come to pass"
        await asyncio.sleep(0.02)


@dataclass
class House:
    """The desk and the courier over one database."""

    folder: Path
    base: KnowledgeBase
    store: Sessions
    options: dict[str, Any]
    clock: Clock = field(default_factory=Clock)

    def __post_init__(self) -> None:
        # Most tests ask often in one conversation and for one address.
        unlimited = dict.fromkeys(LIMITS, "1000000/hour")
        self.settings = HandoffSettings(**{**unlimited, **self.options})
        self.desk = MailDesk(self.settings, self.store, self.base, self.clock)
        self.staff = StaffDesk(self.settings, self.store, self.base, self.clock)
        self.post = Post(Settings(data_dir=self.folder), self.settings, self.store, self.base, self.clock)
        self.cases, self.outbox, self.inbox = Cases(self.store), Outbox(self.store), Inbox(self.store)
        self.conversations = Conversations(self.store)

    def with_settings(self, **options: Any) -> House:
        """The same house after its settings were changed."""
        return House(self.folder, self.base, self.store, {**self.options, **options}, self.clock)

    async def ask(self, **changes: Any) -> Receipt:
        key = str(uuid.uuid4())
        request = replace(ASKED, **changes)
        await self.desk.begin(key, request.conversation_id, request.language, request.area)
        return await self.desk.submit(key, request)

    async def carry(self) -> int:
        """Sends everything that is due."""
        total = 0
        while carried := await self.post.courier.carry(asyncio.Event()):
            total += carried
        return total

    async def case(self, receipt: Receipt) -> CaseRow:
        return await self.cases.by_reference(receipt.reference)

    async def state(self, receipt: Receipt) -> str:
        return (await self.case(receipt)).state

    async def causes(self, receipt: Receipt) -> list[str]:
        return [event.cause for event in await self.cases.events((await self.case(receipt)).key)]


@pytest.fixture
def office() -> Iterator[PostOffice]:
    with open_office() as open_one:
        yield open_one


@pytest.fixture
def options(office: PostOffice) -> dict[str, Any]:
    return {
        "address_focal_point": FOCAL_POINT,
        "address_global_challenges": GLOBAL_CHALLENGES,
        "address_arbitration_and_mediation_center": CENTER,
        "mail_from": "assistant@example.org",
        "reply_address": "replies@example.org",
        "smtp_host": "127.0.0.1",
        "smtp_port": office.port,
        "smtp_security": "none",
        "smtp_seconds": 5,
    }


@pytest.fixture
def house(tmp_path: Path, base: KnowledgeBase, store: Sessions, options: dict[str, Any]) -> House:
    return House(tmp_path, base, store, options)
