"""What reviewers have judged, as questions with what would be right: a candidate is asked them too."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime

from sqlalchemy import select

from bot.conversation.outcome import Outcome
from bot.store.database import Sessions
from bot.store.record_tables import TurnReasonsRow, TurnRow, moment
from knowledge.records import Language


@dataclass(frozen=True)
class ReviewedTurn:
    """A turn that was judged, and what it came to; what it should have come to is bot.review's to say."""

    id: int
    text: str
    language: Language
    outcome: Outcome
    entry: str | None


async def reviewed_since(sessions: Sessions, since: datetime, limit: int = 2000) -> list[ReviewedTurn]:
    """The newest turns since then that were judged and can be asked again by themselves, each text once.

    That leaves out buttons, and what was clear only from what had been said before.
    """
    query = (
        select(TurnRow, TurnReasonsRow)
        .outerjoin(TurnReasonsRow, TurnReasonsRow.turn_id == TurnRow.id)
        .where(TurnRow.id >= moment(since), TurnRow.reviewed.is_(True), TurnRow.pressed.is_(False))
        .order_by(TurnRow.id.desc())
        .limit(limit)
    )
    async with sessions() as session:
        rows = (await session.execute(query)).all()
    found: dict[tuple[str, str], ReviewedTurn] = {}
    for turn, reasons in rows:
        carried = bool(reasons and reasons.seen.get("carried"))
        if not carried:
            one = ReviewedTurn(turn.id, turn.text, Language(turn.language), Outcome(turn.outcome), turn.entry)
            found.setdefault((turn.text, turn.language), one)
    return list(found.values())
