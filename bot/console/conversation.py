"""A conversation with the reasons of each turn; what is masked is shown to whom may see it, and only this once."""

from __future__ import annotations

from datetime import datetime

from aiohttp import hdrs, web

from bot.console.acts import Act
from bot.console.naming import Naming
from bot.console.permissions import Permission
from bot.console.rendering import render, texts_of
from bot.console.routing import Route, get, post
from bot.console.sessions import Clock
from bot.console.viewer import viewer
from bot.log.journey import Remarks, journey
from bot.log.record import Record
from bot.log.turns import PersonsAnswer, Transcript, WholeTurn
from bot.publishing.served import Served
from bot.review.expected import Expected
from bot.store.trail import Trail


class ConversationPages:
    """The transcript, the reveal of one turn's text, and the conversation as a test."""

    def __init__(
        self,
        record: Record,
        expected: Expected,
        trail: Trail,
        served: Served,
        naming: Naming,
        clock: Clock,
    ) -> None:
        self._record, self._expected, self._trail, self._clock = record, expected, trail, clock
        self._served, self._naming = served, naming

    def routes(self) -> list[Route]:
        """All routes."""
        read = Permission.RECORD_READ
        return [
            get("/record/conversations/{id}", self.show, read, name="conversation"),
            get("/record/conversations/{id}/journey", self.journey, read, name="conversation_journey"),
            post("/record/conversations/{id}/turns/{turn}/reveal", self.reveal, Permission.TEXT_REVEAL, name="reveal"),
        ]

    async def show(self, request: web.Request) -> web.Response:
        """The transcript, masked."""
        return self._page(request, await self._transcript(request))

    async def reveal(self, request: web.Request) -> web.Response:
        """The transcript with the text of one turn as it was written; the trail has it before anybody sees it."""
        transcript = await self._transcript(request)
        wanted = request.match_info["turn"]
        turn = next((one.turn for one in transcript.turns if str(one.turn.id) == wanted), None)
        text = await self._record.reveal(turn.id) if turn else None
        if turn is None or text is None:
            raise web.HTTPNotFound
        who = viewer(request).name
        await self._trail.add(who, Act.TEXT_REVEALED, f"turn {turn.id}", self._clock(), after=transcript.conversation)
        return self._page(request, transcript, revealed={turn.id: text})

    async def journey(self, request: web.Request) -> web.Response:
        """The conversation as a test, to be downloaded."""
        transcript, t = await self._transcript(request), texts_of(request)
        remarks = Remarks(masked=t("journey.masked"), open=t("journey.open"))
        headers = {hdrs.CONTENT_DISPOSITION: f'attachment; filename="{_file_name(transcript)}"'}
        decided = await self._expected.of([one.turn.id for one in transcript.turns])
        text = journey(transcript, self._served.base, remarks, decided)
        return web.Response(text=text, content_type="application/yaml", charset="utf-8", headers=headers)

    async def _transcript(self, request: web.Request) -> Transcript:
        found = await self._record.transcript(request.match_info["id"])
        if found is None:
            raise web.HTTPNotFound
        return found

    def _page(
        self, request: web.Request, transcript: Transcript, revealed: dict[int, str] | None = None
    ) -> web.Response:
        who = viewer(request)
        return render(
            request,
            "conversation.html",
            transcript=transcript,
            said=_in_order(transcript),
            revealed=revealed or {},
            may_reveal=transcript.revealable and who.may(Permission.TEXT_REVEAL),
            may_review=who.may(Permission.REVIEW_DECIDE),
            may_read_cases=who.may(Permission.CASES_READ),
            naming=self._naming,
        )


def _in_order(transcript: Transcript) -> list[WholeTurn | PersonsAnswer]:
    """The turns and what persons answered between them."""

    def at(one: WholeTurn | PersonsAnswer) -> datetime:
        return one.turn.at if isinstance(one, WholeTurn) else one.at

    said: list[WholeTurn | PersonsAnswer] = [*transcript.turns, *transcript.answers]
    return sorted(said, key=at)


def _file_name(transcript: Transcript) -> str:
    first = transcript.turns[0].turn
    return f"conversation_{first.at:%Y_%m_%d}_{first.language}.yml"
