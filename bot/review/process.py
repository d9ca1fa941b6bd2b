"""The intake's part of the background process: it looks for what arrived, a batch after the other."""

from __future__ import annotations

import asyncio
import contextlib

import structlog
from sqlalchemy.exc import SQLAlchemyError

from bot.review.intake import Intake

LOOK_SECONDS = 2.0
"""Between two looks for what arrived."""
BETWEEN_SECONDS = 0.05
"""Between two batches, so that whoever else writes comes in between."""

log = structlog.get_logger(__name__)


async def take_in(intake: Intake, stop: asyncio.Event) -> None:
    """Takes in until it is stopped; a database that cannot be had just now is tried again.

    Several machines may: each batch is one transaction, and those follow each other.
    """
    while not stop.is_set():
        wait = LOOK_SECONDS
        try:
            if await intake.take_in():
                wait = BETWEEN_SECONDS
        except SQLAlchemyError:
            log.exception("review.failed")
        with contextlib.suppress(TimeoutError):
            await asyncio.wait_for(stop.wait(), wait)
