"""The form as Rasa runs it: a tracker in; replies, slots and cases out."""

from __future__ import annotations

import json
from dataclasses import dataclass, field
from datetime import date
from typing import Any, cast

import pytest
from rasa_sdk.executor import CollectingDispatcher
from rasa_sdk.interfaces import Tracker
from rasa_sdk.types import DomainDict

from actions.answer import Answer
from actions.answer_each import AnswerEach
from actions.end_handoff import EndHandoff
from actions.handoff_form import ValidateHandoffForm
from actions.out_of_scope import OutOfScope
from actions.refer import Refer
from bot.cases.request import Receipt
from bot.conversation.compose import Composer
from bot.conversation.language import Languages
from bot.conversation.outcome import Outcome
from bot.conversation.reply import ReplyBody
from knowledge.records import Language
from tests.actions.case_desk import MemoryDesk


@dataclass
class Talk:
    """A conversation in which the form is open; slots are kept as the engine keeps them, as JSON."""

    composers: dict[Language, Composer]
    languages: Languages
    cases: MemoryDesk = field(default_factory=MemoryDesk)
    slots: dict[str, Any] = field(default_factory=dict)
    held_in: str = "en"
    next: str | None = None
    """The action that the last one asked for."""

    async def say(self, text: str, intent: str = "out_of_scope", **more: Any) -> list[ReplyBody]:
        answers = {
            "innovation_support": Answer(self.composers, self.languages),
            "several_questions": AnswerEach(self.composers, self.languages),
            "choose": Answer(self.composers, self.languages),
            "open_question": Refer(self.composers, self.languages),
            "out_of_scope": OutOfScope(self.composers, self.languages),
        }
        form = ValidateHandoffForm(self.composers, self.languages, answers, self.cases)
        message = {
            "text": text,
            "intent": {"name": intent, "confidence": more.pop("confidence", 0.4)},
            "entities": more.pop("entities", []),
            "requests": [],
            "metadata": {"language": self.held_in},
            **more,
        }
        said = await self._run(form, message)
        if self.slots.get("requested_slot") is None:
            said += await self._run(EndHandoff(self.composers), message)
        if said:
            self.held_in = said[-1].language
        return said

    async def press(self, step: str) -> list[ReplyBody]:
        entities = [{"entity": "step", "value": step}]
        return await self.say(f'/handoff_step{{"step":"{step}"}}', "handoff_step", entities=entities)

    async def ask_and_wish(self, question: str, wish: str, request: str) -> list[ReplyBody]:
        """A question and the wish for a person in one message; no form is open."""
        message = {
            "text": f"{question} {wish}",
            "intent": {"name": "several_questions", "confidence": 0.9},
            "parts": parts(question, wish, request),
            "metadata": {"language": self.held_in},
        }
        said = await self._run(AnswerEach(self.composers, self.languages), message)
        assert self.next == "handoff_form"
        return said + await self._run(ValidateHandoffForm(self.composers, self.languages, {}, self.cases), message)

    async def _run(
        self, action: AnswerEach | ValidateHandoffForm | EndHandoff, message: dict[str, Any]
    ) -> list[ReplyBody]:
        tracker = Tracker("someone", self.slots, message, [], False, None, {}, "action_listen")
        dispatcher = CollectingDispatcher()
        events = await action.run(dispatcher, tracker, cast(DomainDict, {}))
        self.next = next((event["name"] for event in events if event["event"] == "followup"), None)
        self.slots |= json.loads(json.dumps({e["name"]: e["value"] for e in events if e["event"] == "slot"}))
        return [ReplyBody.model_validate(message["custom"]["reply"]) for message in dispatcher.messages]


def parts(question: str, wish: str, request: str) -> list[dict[str, Any]]:
    """What the engine makes of a question and the wish for a person."""
    firsts = ((question, request), (wish, "ask_for_person"))
    return [{"text": text, "requests": [{"name": name, "confidence": 0.9}]} for text, name in firsts]


def state(text: str, name: str, code: str) -> list[dict[str, Any]]:
    at = text.index(name)
    return [{"entity": "member_state", "value": code, "start": at, "end": at + len(name)}]


@pytest.fixture
def talk(composers: dict[Language, Composer], languages: Languages) -> Talk:
    return Talk(composers, languages)


async def fill(talk: Talk) -> None:
    await talk.say("I want a human", "ask_for_person", confidence=1.0)
    await talk.say("Maria Silva")
    await talk.say("Peru", entities=state("Peru", "Peru", "PE"))
    await talk.say("maria@example.org")
    await talk.say("May our office host a workshop?", "skills_and_capacity_building")
    await talk.press("yes")


async def test_the_form_begins_with_the_contact_of_the_area(talk: Talk) -> None:
    talk.slots = {"focus_area": "trilateral_cooperation"}
    (first,) = await talk.say("I want a human", "ask_for_person", confidence=1.0)
    assert first.outcome is Outcome.HANDOFF
    assert first.contact is not None
    assert first.contact.id == "global_challenges"
    assert first.text.endswith("What is your name?")
    assert list(talk.cases.begun.values()) == ["trilateral_cooperation"]
    assert talk.slots["requested_slot"] == "person_name"


async def test_what_is_sent_is_handed_in_once_with_everything(talk: Talk) -> None:
    await fill(talk)
    (receipt,) = await talk.press("send")
    (key,) = talk.cases.begun
    request = talk.cases.submitted[key]
    assert (request.conversation_id, request.language, request.area) == ("someone", Language.EN, "response_package")
    assert (request.name, request.email, request.member_state) == ("Maria Silva", "maria@example.org", "PE")
    assert request.question == "May our office host a workshop?"
    assert request.organisation is None
    assert request.consent is True
    for told in ("7KQ4-M2XP-9S", "7 December 2026", "Saadallah", "maria@example.org"):
        assert told in receipt.text
    assert talk.slots["person_question"] is None
    assert talk.slots["handoff"] is None


async def test_a_second_question_does_not_ask_again_who_asks(talk: Talk) -> None:
    await fill(talk)
    await talk.press("send")
    (first,) = await talk.say("I want a human", "ask_for_person", confidence=1.0)
    assert first.text.endswith("What is your question?")
    assert len(set(talk.cases.begun)) == 2


async def test_what_could_not_be_handed_in_is_kept_and_tried_again(talk: Talk) -> None:
    await fill(talk)
    talk.cases.away = True
    (failed,) = await talk.press("send")
    assert failed.outcome is Outcome.HANDOFF
    assert failed.contact is not None
    assert "Your reference number" not in failed.text
    assert talk.slots["person_name"] == "Maria Silva"
    talk.cases.away = False
    (receipt,) = await talk.say("try again")
    assert "7KQ4-M2XP-9S" in receipt.text
    assert len(talk.cases.submitted) == 1


async def test_beyond_a_limit_it_says_so_and_keeps_what_was_written(talk: Talk) -> None:
    await fill(talk)
    talk.cases.full = True
    (refused,) = await talk.press("send")
    assert refused.outcome is Outcome.HANDOFF
    assert refused.contact is not None
    assert "so many questions" in refused.text
    assert talk.slots["person_name"] == "Maria Silva"
    talk.cases.full = False
    (receipt,) = await talk.press("send")
    assert "7KQ4-M2XP-9S" in receipt.text


async def test_cancelling_forgets_everything_and_withdraws_the_draft(talk: Talk) -> None:
    await fill(talk)
    (gone,) = await talk.say("forget it")
    assert gone.text.startswith("Cancelled.")
    assert talk.cases.withdrawn == list(talk.cases.begun)
    personal = ("person_name", "person_from", "person_email", "person_question", "person_consent", "handoff")
    assert [talk.slots[slot] for slot in personal] == [None] * len(personal)


async def test_a_question_in_the_middle_is_answered_and_the_step_asked_again(talk: Talk) -> None:
    await talk.say("I want a human", "ask_for_person", confidence=1.0)
    requests = [{"name": "innovation_support/inn_tisc_what", "confidence": 0.9}]
    answer, reminder = await talk.say("What is a TISC?", "innovation_support", confidence=0.9, requests=requests)
    assert answer.outcome is Outcome.ANSWER
    assert reminder.outcome is Outcome.HANDOFF
    assert reminder.text.endswith("What is your name?")
    assert reminder.contact is None
    assert talk.slots["focus_entry"] == "inn_tisc_what"
    assert talk.slots["person_name"] is None


async def test_a_question_that_got_no_answer_is_offered_as_the_question(talk: Talk) -> None:
    await talk.say("I want a human", "ask_for_person", confidence=1.0)
    asked = "Who may use the fund for laboratories?"
    requests = [{"name": "open_question/pkg_personal_contact", "confidence": 0.9}]
    refer, _ = await talk.say(asked, "open_question", confidence=0.9, requests=requests)
    assert refer.outcome is Outcome.REFER
    assert "person" not in {button.payload for button in refer.buttons}, "the form is open already"
    await talk.say("Maria Silva")
    await talk.say("ARIPO")
    (question,) = await talk.say("maria@example.org")
    assert asked in question.text
    await talk.press("yes")
    assert talk.slots["person_question"] == asked
    assert talk.slots["person_from"] == {"member_state": None, "organisation": "ARIPO"}


async def test_a_button_below_an_earlier_answer_is_answered_too(talk: Talk) -> None:
    await talk.say("I want a human", "ask_for_person", confidence=1.0)
    entities = [{"entity": "entry", "value": "inn_tisc_what"}]
    answer, reminder = await talk.say('/choose{"entry":"inn_tisc_what"}', "choose", confidence=1.0, entities=entities)
    assert answer.outcome is Outcome.ANSWER
    assert reminder.text.endswith("What is your name?")
    (again,) = await talk.say("/ask_for_person", "ask_for_person", confidence=1.0)
    assert again.text == "What is your name?"


async def test_an_earlier_question_that_waits_is_named_first(talk: Talk) -> None:
    talk.cases.waiting = Receipt("7KQ4-M2XP-9S", date(2026, 12, 7), "arbitration_and_mediation_center")
    (waiting,) = await talk.say("I want a human", "ask_for_person", confidence=1.0)
    assert waiting.contact is not None
    assert waiting.contact.id == "arbitration_and_mediation_center"
    assert "7KQ4-M2XP-9S" in waiting.text
    assert talk.cases.begun == {}
    (kept,) = await talk.say("no thanks")
    assert kept.text.startswith("Very well.")
    await talk.say("I want a human", "ask_for_person", confidence=1.0)
    (first,) = await talk.say("yes please")
    assert first.text.endswith("What is your name?")
    assert len(talk.cases.begun) == 1


async def test_something_else_while_an_earlier_question_waits_ends_the_form(talk: Talk) -> None:
    talk.cases.waiting = Receipt("7KQ4-M2XP-9S", date(2026, 12, 7), "focal_point")
    await talk.say("I want a human", "ask_for_person", confidence=1.0)
    requests = [{"name": "innovation_support/inn_tisc_what", "confidence": 0.9}]
    (answer,) = await talk.say("What is a TISC?", "innovation_support", confidence=0.9, requests=requests)
    assert answer.outcome is Outcome.ANSWER
    assert talk.slots["requested_slot"] is None


async def test_a_value_does_not_switch_the_language(talk: Talk) -> None:
    talk.held_in = "fr"
    await talk.press("another")
    for value in ("Maria Silva", "African Regional Intellectual Property Organization", "maria@example.org"):
        (reply,) = await talk.say(value)
        assert reply.language is Language.FR
    assert talk.slots["requested_slot"] == "person_question"


async def test_another_language_may_be_asked_for_in_the_middle(talk: Talk) -> None:
    await talk.say("I want a human", "ask_for_person", confidence=1.0)
    (reply,) = await talk.say("中文", "change_language", entities=[{"entity": "language", "value": "zh"}])
    assert reply.language is Language.ZH
    assert reply.text.endswith("请问您的姓名？")
    assert reply.contact is not None, "who will answer is said again, in this language"


async def test_a_button_of_a_form_that_is_closed(talk: Talk) -> None:
    (nothing,) = await talk.press("cancel")
    assert nothing.text.startswith("No question to a person is being written")
    assert talk.cases.withdrawn == []
    (begun,) = await talk.press("send")
    assert begun.text.endswith("What is your name?")


@pytest.mark.parametrize("language", list(Language))
async def test_the_words_of_every_step_exist_in_every_language(talk: Talk, language: Language) -> None:
    talk.held_in = str(language)
    for step in ("another", "change", "change:email", "change:consent"):
        await talk.press(step)
    await talk.say("maria@gmial.com")
    for pressed in ("yes", "change:from"):
        await talk.press(pressed)
    await talk.say("Urugay")
    replies = await talk.press("yes")
    assert {reply.language for reply in replies} == {language}
    talk.cases.away = True
    await fill(talk)
    for pressed in ("send", "send", "cancel"):
        (reply,) = await talk.press(pressed)
        talk.cases.away, talk.cases.full = False, True
        assert reply.language is language
        assert "{" not in reply.text


@pytest.mark.parametrize(
    ("language", "question", "wish"),
    [
        ("en", "What is a TISC?", "I want a person."),
        ("fr", "Qu'est-ce qu'un CATI ?", "Je voudrais parler à quelqu'un."),
        ("es", "¿Qué es un CATI?", "Quiero hablar con una persona."),
        ("ar", "ما هو مركز دعم التكنولوجيا والابتكار؟", "أريد التحدث إلى شخص."),
        ("zh", "什么是技术与创新支持中心？", "我要跟真人说话。"),
        ("ru", "Что такое ЦПТИ?", "Хочу поговорить с человеком."),
    ],
)
async def test_a_question_beside_the_wish_is_answered_and_the_form_opened(
    talk: Talk, language: str, question: str, wish: str
) -> None:
    talk.held_in = language
    answer, first = await talk.ask_and_wish(question, wish, "innovation_support/inn_tisc_what")
    assert (answer.outcome, first.outcome) == (Outcome.ANSWER, Outcome.HANDOFF)
    assert {answer.language, first.language} == {Language(language)}
    assert "person" not in {button.payload for button in answer.buttons}, "the form opens"
    assert talk.slots["requested_slot"] == "person_name"
    assert talk.slots["handoff"]["found_question"] == question, "without the wish"


async def test_a_question_beside_the_wish_within_the_form_is_answered_and_the_step_asked_again(talk: Talk) -> None:
    await talk.say("I want a human", "ask_for_person", confidence=1.0)
    said = parts("What is a TISC?", "I want a person.", "innovation_support/inn_tisc_what")
    answer, again = await talk.say("What is a TISC? I want a person.", "several_questions", confidence=0.9, parts=said)
    assert answer.outcome is Outcome.ANSWER
    assert again.text.endswith("What is your name?")


async def test_a_question_without_an_answer_beside_the_wish_is_the_one_to_send(talk: Talk) -> None:
    said = parts("Can the fund pay for laboratories?", "I want a person.", "out_of_scope/other_wipo_service")
    await talk.say("Can the fund pay for laboratories? I want a person.", "ask_for_person", confidence=0.9, parts=said)
    assert talk.slots["handoff"]["found_question"] == "Can the fund pay for laboratories?"
