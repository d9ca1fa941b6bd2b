"""`python -m bot.demo.console_screenshots`: the staff's pages as pictures in docs/images/.

The record is made up of our own texts. With names of pictures after it, only those are taken.
"""

from __future__ import annotations

import asyncio
import os
import sys
import tempfile
from collections.abc import Awaitable, Callable, Sequence
from datetime import UTC, datetime, timedelta
from pathlib import Path

from playwright.async_api import Page, ViewportSize, async_playwright

from bot.console.permissions import Role
from bot.conversation.compose import Composer
from bot.conversation.reply import ReplyBody
from bot.demo.comparison import train
from bot.demo.console import COOKIE, console, signed_in
from bot.log.reasons import Request, SaidReply, Seen, Told
from bot.log.rollups import count_changed
from bot.log.synthetic import load_turns
from bot.log.words import found_by, wording
from bot.review.intake import Intake
from bot.review.nearness import KnownQuestions
from bot.settings import ROOT, ReviewSettings
from bot.store.database import Place, Sessions, connect, migrate, sessions, writing
from bot.store.record_tables import moment
from bot.store.review_arrivals import all_arrived
from bot.store.staff import Staff
from bot.store.tables import ConversationRow
from bot.store.turns import RecordedTurn, put_turns
from knowledge.base import KnowledgeBase, load
from knowledge.records import Entry, Language

IMAGES = ROOT / "docs/images"
DESKTOP: ViewportSize = {"width": 1280, "height": 860}
TALL: ViewportSize = {"width": 1280, "height": 1150}
NARROW: ViewportSize = {"width": 320, "height": 640}
TURNS = 6000
STAFF = "amina@example.org"
STORY = ("inn_tisc_what", "inn_tisc_who_pays", "inn_gap_tisc_user_fee")
"""What the conversation of the transcript asks for, in this order, in Spanish; the last has no answer."""
COMMENT = "Necesito saber si se paga."
_CONVERSATION = "5d0c7a52-2b0e-4d6c-9a53-0f6f3f0a7b11"

Act = Callable[[Page], Awaitable[None]]


async def _open_reasons(page: Page) -> None:
    await page.locator("summary").last.click()
    await page.locator(".turn").last.scroll_into_view_if_needed()


async def _drawn(page: Page) -> None:
    await page.locator("[data-plot] canvas").first.wait_for()


async def _nothing(_: Page) -> None:
    """As it opens."""


PICTURES: tuple[tuple[str, str, ViewportSize, Act], ...] = (
    ("console-record", "/record", DESKTOP, _nothing),
    ("console-search", "/record?text=mediation&feedback=unhelpful", DESKTOP, _nothing),
    ("console-transcript", f"/record/conversations/{_CONVERSATION}", TALL, _open_reasons),
    ("console-overview", "/overview", TALL, _drawn),
    ("console-queue", "/review", DESKTOP, _nothing),
    ("console-compare", "/compare/{training}", TALL, _nothing),
    ("console-320", "/overview", NARROW, _drawn),
)


async def tell(store: Sessions, base: KnowledgeBase, now: datetime) -> None:
    """Puts the conversation into the record."""
    composer, language = Composer(base, Language.ES), Language.ES
    async with writing(store, Place.RECORD) as session:
        times = {"created_at": now, "expires_at": now + timedelta(days=1)}
        row = ConversationRow(id=_CONVERSATION, token_hash=_CONVERSATION, language=str(language), **times)
        session.add(row)
        for number, name in enumerate(STORY):
            entry = base.entries[name]
            reply = composer.answer(entry)
            text = entry.in_language(language).questions[0]
            at = now - timedelta(minutes=2 * (len(STORY) - number))
            last = number == len(STORY) - 1
            seen, told = _reasons(base, entry, reply, number)
            turn = RecordedTurn(
                id=moment(at),
                conversation_id=_CONVERSATION,
                message_id=10_000_000 + number,
                columns={
                    "language": str(language),
                    "outcome": str(reply.outcome),
                    "area": entry.area,
                    "request": seen.requests[0].name,
                    "confidence": seen.requests[0].confidence,
                    "entry": entry.id,
                    "model": told.model,
                    "milliseconds": 71 + 9 * number,
                    "pressed": False,
                    "helpful": False if last else None,
                    "case_reference": None,
                    "comment": COMMENT if last else None,
                    "text": text,
                    "wording": wording(text),
                },
                found_by=found_by(text),
                seen=seen.kept(),
                told=told.kept(),
                entries=[entry.id],
            )
            await put_turns(session, [turn])
        await count_changed(session, 0)


def _reasons(base: KnowledgeBase, entry: Entry, reply: ReplyBody, number: int) -> tuple[Seen, Told]:
    area = entry.area if entry.answered else "open_question"
    near = [base.entries[one] for one in (*entry.related, *STORY) if one != entry.id and one in base.entries][:3]
    confidences = (0.86 - 0.17 * number, 0.07 + 0.06 * number, 0.03, 0.01)
    names = [f"{area}/{entry.id}", *(f"{one.area}/{one.id}" for one in near)]
    seen = Seen(
        intent=area,
        requests=tuple(Request(name=name, confidence=round(c, 2)) for name, c in zip(names, confidences)),
        carried=number > 0,
        services=("TISC",),
        facts=reply.facts,
        action="action_answer" if entry.answered else "action_refer",
        engine_milliseconds=52.0 + number,
        replies=(
            SaidReply(outcome=reply.outcome, text=reply.text, buttons=tuple(button.title for button in reply.buttons)),
        ),
    )
    told = Told(
        model="20261116-081500",
        policy="RulePolicy",
        policy_confidence=1.0,
        focus=entry.id,
        action_milliseconds=11.0,
    )
    return seen, told


async def take(folder: Path, wanted: Sequence[str]) -> None:
    """Makes the record, and takes the pictures."""
    base, now = load(), datetime.now(UTC)
    engine = connect(f"sqlite+aiosqlite:///{folder / 'assistant.db'}")
    await migrate(engine)
    store = sessions(engine)
    await load_turns(store, base, TURNS, now - timedelta(minutes=10))
    await tell(store, base, now)
    cookie = await signed_in(store, Role.ADMINISTRATOR, now, STAFF)
    account = await Staff(store).by_name(STAFF)
    if account is None:
        raise LookupError(STAFF)
    training = await train(store, base, account.id, STAFF, now)
    async with writing(store) as session:
        await all_arrived(session)
    await Intake(store, KnownQuestions(base), ReviewSettings()).take_in_all()
    async with console(store, base, lambda: datetime.now(UTC)) as address, async_playwright() as playwright:
        browser = await playwright.chromium.launch(executable_path=os.environ["BROWSER_PATH"], args=["--no-sandbox"])
        for name, path, size, act in PICTURES:
            if wanted and name not in wanted:
                continue
            context = await browser.new_context(
                viewport=size,
                locale="en-GB",
                timezone_id="Europe/Zurich",
                reduced_motion="reduce",
            )
            await context.add_cookies([{"name": COOKIE, "value": cookie, "url": address}])
            page = await context.new_page()
            await page.goto(f"{address}/console{path.format(training=training)}")
            await act(page)
            await page.screenshot(path=IMAGES / f"{name}.png")
            await context.close()
        await browser.close()
    await engine.dispose()


def main(wanted: Sequence[str] = ()) -> int:
    """Writes the pictures."""
    with tempfile.TemporaryDirectory() as folder:
        asyncio.run(take(Path(folder), wanted))
    return 0


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
