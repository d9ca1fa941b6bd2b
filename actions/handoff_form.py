"""The step of the handoff form that a message leads to."""

from __future__ import annotations

import uuid
from collections.abc import Mapping
from dataclasses import asdict, replace

import structlog
from rasa_sdk.events import EventType, SlotSet
from rasa_sdk.executor import CollectingDispatcher
from rasa_sdk.interfaces import Action, Tracker
from rasa_sdk.types import DomainDict

from actions.turn import Reply, Said, Understood, dispatch, language_of, remembered, without_person
from bot.cases.request import CaseDesk, Receipt, Request, TooMany
from bot.conversation.compose import Composer
from bot.conversation.handoff.draft import Draft, Step, from_slots, to_slots
from bot.conversation.handoff.form import Form
from bot.conversation.handoff.message import Message
from bot.conversation.handoff.move import Act
from bot.conversation.handoff.prompts import Prompts
from bot.conversation.language import Languages
from bot.conversation.reply import ReplyBody
from knowledge.records import Language

log = structlog.get_logger(__name__)

ENDS = frozenset({"cancel", "no", "back"})
"""Buttons that leave nothing to do where no form is open."""
_SLOTS = {
    Step.NAME: "person_name",
    Step.FROM: "person_from",
    Step.EMAIL: "person_email",
    Step.QUESTION: "person_question",
    Step.CONSENT: "person_consent",
}


class ValidateHandoffForm(Action):
    """Begins the form, takes each message in it, and hands the question in.

    Rasa calls it for every message while the form is open; what the message means is read by `Form`. A question to the
    assistant is answered by the action that `answers` names for its intent, and the step is asked again below.
    """

    NAME = "validate_handoff_form"

    def __init__(
        self,
        composers: Mapping[Language, Composer],
        languages: Languages,
        answers: Mapping[str, Reply],
        cases: CaseDesk,
    ) -> None:
        self._composers, self._languages, self._answers, self._cases = composers, languages, answers, cases
        self.base = composers[Language.EN].base
        self._form = Form(self.base)

    def name(self) -> str:
        """The name in domain.yml."""
        return self.NAME

    async def run(self, dispatcher: CollectingDispatcher, tracker: Tracker, domain: DomainDict) -> list[EventType]:
        """Says what comes next; sets the form's slots."""
        understood = Understood(tracker, self.base)
        turn = _Turn(dispatcher, understood, tracker.sender_id)
        draft = from_slots(tracker.slots)
        if draft is None:
            return await self._begin(turn, tracker)
        if language := self._asked_for(understood):
            prompts = Prompts(self._composers[language])
            return turn.step(draft, prompts.first(draft) if draft.untouched else prompts.ask(draft))
        move = self._form.advance(draft, _message(understood))
        prompts = Prompts(self._composers[understood.held_in])
        if draft.again and move.draft and not move.draft.again:
            await self._cases.begin(draft.key, turn.conversation_id, understood.held_in, draft.area)
        match move.act:
            case Act.CANCEL:
                await self._cases.withdraw(draft.key)
                return turn.end("cancelled", None)
            case Act.KEEP:
                return turn.end("kept", draft)
            case Act.SEND:
                return await self._send(draft, turn)
            case Act.ANSWER if answer := self._answers.get(understood.intent):
                return self._aside(answer, move.draft, draft, turn)
            case _:
                draft = move.draft or draft
                return turn.step(draft, prompts.ask(draft, move.note))

    async def _begin(self, turn: _Turn, tracker: Tracker) -> list[EventType]:
        understood = turn.understood
        if understood.step in ENDS:
            return turn.end("nothing", None)
        language = language_of(understood, self._languages)
        composer = self._composers[language or Languages.nearest(understood.text)]
        asked, asked_in = understood.unanswered or (None, None)
        area = asked_in or (understood.area or composer.default_area).id
        draft = replace(_known(tracker).next_question(str(uuid.uuid4()), area), found_question=asked)
        if understood.wishes_person:
            draft = replace(draft, found_question=understood.asked_text)
        draft = self._form.begin(draft, _message(understood))
        if language is None:
            return turn.step(draft, composer.other_language())
        waiting = await self._cases.open_in(turn.conversation_id) if understood.step != "another" else None
        if waiting:
            draft = replace(draft, again=True)
            return turn.step(
                draft, Prompts(composer).waiting(draft, waiting.contact, waiting.reference, waiting.answer_by)
            )
        await self._cases.begin(draft.key, turn.conversation_id, language, area)
        return turn.step(draft, Prompts(composer).first(draft))

    def _asked_for(self, understood: Understood) -> Language | None:
        """One of the six languages that the message asks for."""
        if understood.intent != "change_language":
            return None
        return next((Language(code) for code in understood.named("language") if code in set(Language)), None)

    def _aside(self, answer: Reply, goes_on: Draft | None, draft: Draft, turn: _Turn) -> list[EventType]:
        """Answers a question in the middle of the form."""
        said = answer.says(turn.understood)
        said = replace(said, replies=tuple(map(without_person, said.replies)))
        dispatch(turn.dispatcher, said, turn.understood, answer.NAME)
        memory = remembered(said, turn.understood)
        if goes_on is None:
            return [*memory, *turn.end(None, draft)]
        asked = {event["name"]: event["value"] for event in memory}.get("last_question")
        if asked and not asked["answered"] and goes_on.question is None and goes_on.found_question is None:
            goes_on = replace(goes_on, found_question=asked["text"])
        reminder = Prompts(self._composers[said.replies[-1].language]).resume(goes_on)
        return [*memory, *turn.step(goes_on, reminder)]

    async def _send(self, draft: Draft, turn: _Turn) -> list[EventType]:
        language = turn.understood.held_in
        prompts = Prompts(self._composers[language])
        try:
            receipt = await self._cases.submit(draft.key, _request(draft, turn.conversation_id, language))
        except TooMany as error:
            log.warning("handoff.too_many", key=draft.key, limit=str(error))
            return turn.step(draft, prompts.failed(draft, "too_many"))
        except Exception:
            log.exception("handoff.not_taken", key=draft.key)
            return turn.step(draft, prompts.failed(draft))
        return turn.end("sent", draft, receipt)


class _Turn:
    """One message and what is said to it."""

    def __init__(self, dispatcher: CollectingDispatcher, understood: Understood, conversation_id: str) -> None:
        self.dispatcher, self.understood, self.conversation_id = dispatcher, understood, conversation_id

    def step(self, draft: Draft, reply: ReplyBody) -> list[EventType]:
        """The form goes on with this reply."""
        dispatch(self.dispatcher, Said.one(reply), self.understood, ValidateHandoffForm.NAME)
        slots = [SlotSet(name, value) for name, value in to_slots(draft).items()]
        return [*slots, SlotSet("requested_slot", _SLOTS.get(draft.step, "person_review"))]

    def end(self, how: str | None, draft: Draft | None, receipt: Receipt | None = None) -> list[EventType]:
        """The form ends; `action_end_handoff` says how. Who the delegate is stays known, unless it was cancelled."""
        told = {"ended": how}
        if receipt and draft:
            told |= {
                "reference": receipt.reference,
                "answer_by": receipt.answer_by.isoformat(),
                "contact": receipt.contact,
            }
        kept = replace(draft, question=None, consent=None) if draft else None
        slots = {**to_slots(kept), "handoff": told, "person_review": receipt.reference if receipt else None}
        if receipt:
            slots |= {"last_question": None, "open_question": None}
        return [*(SlotSet(name, value) for name, value in slots.items()), SlotSet("requested_slot", None)]


def _message(understood: Understood) -> Message:
    return Message(
        text=understood.typed,
        pressed=understood.step,
        intent=understood.intent,
        confidence=understood.confidence,
        states=understood.states,
    )


def _known(tracker: Tracker) -> Draft:
    """Who the delegate is, where an earlier question told."""
    return from_slots({**tracker.slots, "handoff": asdict(Draft("earlier", ""))}) or Draft("earlier", "")


def _request(draft: Draft, conversation_id: str, language: Language) -> Request:
    if draft.name is None or draft.origin is None or draft.email is None or draft.question is None:
        raise ValueError("the form is not complete")
    return Request(
        conversation_id=conversation_id,
        language=language,
        area=draft.area,
        name=draft.name,
        email=draft.email,
        question=draft.question,
        member_state=draft.origin.member_state,
        organisation=draft.origin.organisation,
        consent=bool(draft.consent),
    )
