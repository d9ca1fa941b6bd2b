"""Several machines: what one publishes, the others take over.

The version and its changes are in the database; each machine composes the content anew from its own checkout, which
must be the same. The model is a file that all of them find in the folder of models.
"""

from __future__ import annotations

import asyncio

import structlog
from sqlalchemy.exc import SQLAlchemyError

from bot.publishing.composing import Breaches
from bot.publishing.engines import NotStarted
from bot.publishing.jobs import Trainings
from bot.publishing.publisher import CannotFollow, Publisher
from bot.publishing.versions import Versions

log = structlog.get_logger(__name__)

LOOK_SECONDS = 3.0
"""How often it is looked for what others have published, or cancelled."""


class Following:
    """Looks for it, as long as it runs; nothing where there are no other machines."""

    def __init__(self, versions: Versions, publisher: Publisher, trainings: Trainings) -> None:
        self._versions, self._publisher, self._trainings = versions, publisher, trainings
        self._task: asyncio.Task[None] | None = None
        self._given_up: int | None = None

    def begin(self) -> None:
        """Begins to look."""
        if self._versions.are_shared:
            self._task = asyncio.create_task(self._run())

    async def close(self) -> None:
        """Ends it."""
        if self._task is not None:
            self._task.cancel()
            await asyncio.gather(self._task, return_exceptions=True)

    async def look(self) -> None:
        """Takes over what another machine has published since."""
        await self._trainings.heed()
        row = await self._versions.current()
        if row is None or row.node == self._versions.node:
            return
        try:
            await self._publisher.follow(row)
        except (Breaches, CannotFollow, NotStarted) as error:
            # Tried again: a checkout may come, or a model. Said once.
            if self._given_up != row.id:
                log.error("publishing.not_followed", version=row.id, reason=str(error))
            self._given_up = row.id

    async def _run(self) -> None:
        while True:
            try:
                await self.look()
            except (SQLAlchemyError, OSError) as error:
                log.warning("publishing.database", error=type(error).__name__)
            await asyncio.sleep(LOOK_SECONDS)
