"""What should have come back of turns whose text reviewers decided on."""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence

from sqlalchemy import select

from bot.conversation.outcome import Outcome
from bot.log.journey import Decided
from bot.review.settling import Verdict
from bot.store.database import Sessions
from bot.store.record_tables import TurnRow
from bot.store.review_tables import ReviewItemRow, ReviewTurnRow
from knowledge.records import Entry


class Expected:
    """Reads it. `entries` gives those there are by now."""

    def __init__(self, sessions: Sessions, entries: Callable[[], Mapping[str, Entry]]) -> None:
        self._sessions, self._entries = sessions, entries

    async def of(self, turn_ids: Sequence[int]) -> dict[int, Decided]:
        """By turn; without those that came back as they should, and those on which nothing is settled."""
        settled = (
            select(TurnRow, ReviewItemRow)
            .join(ReviewTurnRow, ReviewTurnRow.turn_id == TurnRow.id)
            .join(ReviewItemRow, ReviewItemRow.id == ReviewTurnRow.item_id)
            .where(TurnRow.id.in_(turn_ids), ReviewItemRow.settled_at.is_not(None))
        )
        async with self._sessions() as session:
            rows = (await session.execute(settled)).all()
        found = {turn.id: self._decided(turn, item) for turn, item in rows}
        return {turn_id: decided for turn_id, decided in found.items() if decided is not None}

    def _decided(self, turn: TurnRow, item: ReviewItemRow) -> Decided | None:
        match item.verdict:
            case Verdict.ENTRY:
                entry = self._entries().get(item.target or "")
                return Decided(Outcome.ANSWER if entry is None or entry.answered else Outcome.REFER, item.target)
            case Verdict.UNANSWERED:
                return Decided(Outcome.REFER)
            case Verdict.OUT_OF_SCOPE:
                return Decided(Outcome.OUT_OF_SCOPE)
            case Verdict.NEW_ENTRY:
                return Decided(None)
            case Verdict.RIGHT if (turn.outcome, turn.entry) != (item.judged_outcome, item.judged_entry):
                return Decided(Outcome(item.judged_outcome), item.judged_entry) if item.judged_outcome else None
            case _:
                return None
