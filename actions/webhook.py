"""Rasa's action webhook: runs the action it names; a failure becomes a reply, never silence."""

from __future__ import annotations

import json
from collections.abc import Mapping
from http import HTTPStatus
from typing import Any

import structlog
from aiohttp import web
from rasa_sdk.events import SlotSet
from rasa_sdk.executor import ActionExecutor
from rasa_sdk.interfaces import ActionNotFoundException, Tracker
from structlog.contextvars import bind_contextvars

from actions.answer import Answer
from actions.answer_each import AnswerEach
from actions.change_language import ChangeLanguage
from actions.clarify import Clarify
from actions.default_fallback import DefaultFallback
from actions.end_handoff import EndHandoff
from actions.handoff_form import ValidateHandoffForm
from actions.out_of_scope import OutOfScope
from actions.refer import Refer
from actions.small_talk import SmallTalk
from actions.turn import Reply, Understood
from bot.cases.request import CaseDesk, DeskAway
from bot.conversation.compose import Composer
from bot.conversation.incident import new_incident
from bot.conversation.language import Languages
from knowledge.records import Language

log = structlog.get_logger(__name__)

ACTIONS: tuple[type[Reply], ...] = (
    Answer,
    AnswerEach,
    ChangeLanguage,
    Clarify,
    DefaultFallback,
    OutOfScope,
    Refer,
    SmallTalk,
)
ANSWERED_BY = {
    "open_question": Refer,
    "several_questions": AnswerEach,
    "choose": Answer,
    "unclear": Clarify,
    "out_of_scope": OutOfScope,
    "nlu_fallback": DefaultFallback,
    "small_talk": SmallTalk,
    "change_language": ChangeLanguage,
}
"""The action for each intent as the rules in data/stories have it, for questions in the middle of the handoff form; the
areas' is `Answer`."""
LARGEST_CALL = 8 * 1024 * 1024
"""Bytes; Rasa sends the whole conversation along with every call."""


class Webhook:
    """`POST /webhook` as Rasa calls it."""

    def __init__(self, composers: Mapping[Language, Composer], languages: Languages, cases: CaseDesk) -> None:
        self._composers = composers
        self._executor = ActionExecutor()
        replies = {action: action(composers, languages) for action in ACTIONS}
        areas = dict.fromkeys(composers[Language.EN].base.areas, Answer)
        answers = {intent: replies[action] for intent, action in (areas | ANSWERED_BY).items()}
        form = ValidateHandoffForm(composers, languages, answers, cases)
        for action in (*replies.values(), form, EndHandoff(composers)):
            self._executor.register_action(action)

    def app(self) -> web.Application:
        """The application for the loopback port."""
        app = web.Application(client_max_size=LARGEST_CALL)
        app.router.add_post("/webhook", self.handle)
        return app

    async def handle(self, request: web.Request) -> web.Response:
        """Runs one action."""
        language, action = Language.EN, None
        try:
            call = json.loads(await request.read())
            action = call.get("next_action")
            bind_contextvars(**_known_by(call))
            language = Understood(Tracker.from_dict(call["tracker"]), self._composers[language].base).held_in
            # Rasa sends no domain (enable_selective_domain) and no digest: our actions need neither.
            result = await self._executor.run({**call, "domain": call.get("domain") or {"version": "3.1"}})
        except ActionNotFoundException as error:
            body = {"error": str(error), "action_name": error.action_name}
            return web.json_response(body, status=HTTPStatus.NOT_FOUND)
        except DeskAway as error:
            # The engine drops the turn, and the desk has it asked again: an apology would be the message's only answer.
            log.warning("action.later", action=action, error=type(error.__cause__).__name__)
            return web.json_response({"error": "the database is away"}, status=HTTPStatus.SERVICE_UNAVAILABLE)
        except Exception:  # noqa: BLE001 - whatever failed, the delegate gets a reply
            return web.json_response(self._failed(language, action))
        if result is None:
            return web.json_response({"events": [], "responses": []})
        return web.json_response(result.model_dump())

    def _failed(self, language: Language, action: str | None) -> dict[str, object]:
        incident = new_incident()
        log.exception("action.failed", incident=incident)
        reply = self._composers[language].error(incident).model_dump(mode="json")
        # A form that hears of no slot lets another action answer as well.
        events = [SlotSet("clarified", [])] if action == ValidateHandoffForm.NAME else []
        return {"events": events, "responses": [{"custom": {"reply": reply, "incident": incident, "trace": {}}}]}


def _known_by(call: Mapping[str, Any]) -> dict[str, object]:
    """What the logs call the message by, as the desk gave it to the engine."""
    metadata = (call["tracker"].get("latest_message") or {}).get("metadata") or {}
    return {name: metadata[name] for name in ("request", "message") if metadata.get(name) is not None}
