"""What becomes of mail in the mailbox once it is in the database: it never grows without end."""

from __future__ import annotations

import time
from collections.abc import Callable
from datetime import datetime, timedelta

import structlog
from aioimaplib import IMAP4

from bot.cases import imap
from bot.cases.intake import Intake
from bot.settings import HandoffSettings

log = structlog.get_logger(__name__)

LOOK_SECONDS = 3600.0
"""How often old mail is looked for."""
BATCH = 100
"""Messages put away at a time; what has just come goes first."""


class PuttingAway:
    """Moves mail that was taken to another folder, where one is set, and deletes it there or here after some days.

    Whoever looks into the mailbox may have marked a message as seen before it was taken; so each is taken once more,
    which changes nothing where it was taken, before it is put away.
    """

    def __init__(self, settings: HandoffSettings, intake: Intake, clock: Callable[[], datetime]) -> None:
        self._settings, self._intake, self._clock = settings, intake, clock
        self._folder = settings.imap_done_folder
        self._looked: float | None = None

    async def put_away(self, client: IMAP4, taken: list[str]) -> None:
        """Puts away what was just taken, and what is old; a server that will not have it stops nothing."""
        now = time.monotonic()
        try:
            if taken and (self._folder or not self._settings.imap_done_days):
                for start in range(0, len(taken), BATCH):
                    await self._away(client, taken[start : start + BATCH])
            if self._looked is None or now - self._looked >= LOOK_SECONDS:
                # Where there is more, it is looked for again the next time.
                self._looked = None if await self._put_away_old(client) else now
        except imap.MailboxTrouble as error:
            log.warning("mailbox.not_put_away", reason=str(error))
            self._looked = now

    async def _put_away_old(self, client: IMAP4) -> bool:
        before = imap.day(self._clock() - timedelta(days=self._settings.imap_done_days))
        at_once = self._folder or not self._settings.imap_done_days
        seen = await imap.search(client, "SEEN", *([] if at_once else ["BEFORE", before]))
        kept = [uid for uid in seen[:BATCH] if await self._is_kept(client, uid)]
        if kept:
            await self._away(client, kept)
        return len(seen) > BATCH or bool(self._folder and await self._empty_folder(client, self._folder, before))

    async def _is_kept(self, client: IMAP4, uid: str) -> bool:
        try:
            raw = await imap.fetch(client, uid, self._settings.largest_message)
            if raw is not None:
                await self._intake.take(raw)
        except (LookupError, TypeError, ValueError):
            log.exception("mailbox.not_taken", uid=uid)
            return False
        return True

    async def _away(self, client: IMAP4, uids: list[str]) -> None:
        if self._folder and self._settings.imap_done_days:
            await client.create(imap.quoted(self._folder))  # It says no where there is one.
            await imap.move(client, uids, self._folder)
        else:
            await imap.delete(client, uids)

    async def _empty_folder(self, client: IMAP4, folder: str, before: str) -> bool:
        chosen = await client.select(imap.quoted(folder))
        try:
            if chosen.result != "OK":
                return False  # Nothing was put there yet.
            old = await imap.search(client, "BEFORE", before)
            if old:
                await imap.delete(client, old[:BATCH])
            return len(old) > BATCH
        finally:
            imap.ok(await client.select(imap.quoted(self._settings.imap_folder)), "the folder")
