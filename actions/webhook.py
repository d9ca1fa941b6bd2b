"""Rasa's action webhook: runs the action it names; a failure becomes a reply, never silence."""

from __future__ import annotations

import json
from collections.abc import Mapping
from http import HTTPStatus

import structlog
from aiohttp import web
from rasa_sdk.executor import ActionExecutor
from rasa_sdk.interfaces import ActionNotFoundException, Tracker

from actions.answer import Answer
from actions.answer_each import AnswerEach
from actions.ask_for_person import AskForPerson
from actions.change_language import ChangeLanguage
from actions.clarify import Clarify
from actions.default_fallback import DefaultFallback
from actions.out_of_scope import OutOfScope
from actions.refer import Refer
from actions.small_talk import SmallTalk
from actions.turn import Reply, Understood
from bot.conversation.compose import Composer
from bot.conversation.incident import new_incident
from bot.conversation.language import Languages
from knowledge.records import Language

log = structlog.get_logger(__name__)

ACTIONS: tuple[type[Reply], ...] = (
    Answer,
    AnswerEach,
    AskForPerson,
    ChangeLanguage,
    Clarify,
    DefaultFallback,
    OutOfScope,
    Refer,
    SmallTalk,
)
LARGEST_CALL = 8 * 1024 * 1024
"""Bytes; Rasa sends the whole conversation along with every call."""


class Webhook:
    """`POST /webhook` as Rasa calls it."""

    def __init__(self, composers: Mapping[Language, Composer], languages: Languages) -> None:
        self._composers = composers
        self._executor = ActionExecutor()
        for action in ACTIONS:
            self._executor.register_action(action(composers, languages))

    def app(self) -> web.Application:
        """The application for the loopback port."""
        app = web.Application(client_max_size=LARGEST_CALL)
        app.router.add_post("/webhook", self.handle)
        return app

    async def handle(self, request: web.Request) -> web.Response:
        """Runs one action."""
        language = Language.EN
        try:
            call = json.loads(await request.read())
            language = Understood(Tracker.from_dict(call["tracker"]), self._composers[language].base).held_in
            # Rasa sends no domain (enable_selective_domain) and no digest: our actions need neither.
            result = await self._executor.run({**call, "domain": call.get("domain") or {"version": "3.1"}})
        except ActionNotFoundException as error:
            body = {"error": str(error), "action_name": error.action_name}
            return web.json_response(body, status=HTTPStatus.NOT_FOUND)
        except Exception:  # noqa: BLE001 - whatever failed, the delegate gets a reply
            return web.json_response(self._failed(language))
        if result is None:
            return web.json_response({"events": [], "responses": []})
        return web.json_response(result.model_dump())

    def _failed(self, language: Language) -> dict[str, object]:
        incident = new_incident()
        log.exception("action.failed", incident=incident)
        reply = self._composers[language].error(incident).model_dump(mode="json")
        return {"events": [], "responses": [{"custom": {"reply": reply, "incident": incident, "trace": {}}}]}
