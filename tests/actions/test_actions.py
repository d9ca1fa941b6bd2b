"""Each action: what the engine understood in, the reply and the slots out."""

from __future__ import annotations

import pytest

from actions.answer import Answer
from actions.answer_each import AnswerEach
from actions.change_language import ChangeLanguage
from actions.clarify import Clarify
from actions.default_fallback import DefaultFallback
from actions.out_of_scope import OutOfScope
from actions.refer import Refer
from actions.small_talk import SmallTalk
from bot.conversation.outcome import Outcome
from knowledge.records import Language
from tests.actions.conftest import Run


async def test_answers_from_the_first_entry_and_keeps_it_in_focus(run: Run) -> None:
    ran = await run(
        Answer, "innovation_support", ["innovation_support/inn_tisc_what", "open_question/inn_gap_tisc_nearest"]
    )
    assert ran.reply.outcome is Outcome.ANSWER
    assert "INN07" in ran.reply.facts
    assert ran.slots["focus_entry"] == "inn_tisc_what"
    assert ran.slots["focus_area"] == "innovation_support"
    assert ran.slots["failures"] == 0
    assert ran.trace["entry"] == "inn_tisc_what"
    assert ran.trace["requests"][0]["confidence"] == 0.8


async def test_answers_the_entry_a_button_asked_for(run: Run) -> None:
    ran = await run(Answer, "choose", entry="skl_scholarship_who")
    assert set(ran.reply.facts) >= {"SKL19"}


async def test_a_button_for_an_open_question_refers(run: Run) -> None:
    ran = await run(Answer, "choose", entry="tri_form_address")
    assert ran.reply.outcome is Outcome.REFER
    assert ran.reply.contact is not None
    assert ran.reply.contact.id == "global_challenges"


async def test_a_choice_of_nothing_is_asked_back(run: Run) -> None:
    ran = await run(Answer, "choose")
    assert ran.reply.outcome is Outcome.CLARIFY
    assert 2 <= len(ran.reply.buttons) <= 3
    assert "focus_entry" not in ran.slots
    assert ran.slots["failures"] == 1


async def test_refers_an_open_question_to_its_contact(run: Run) -> None:
    ran = await run(Refer, "open_question", ["open_question/pkg_personal_contact"])
    assert ran.reply.outcome is Outcome.REFER
    assert ran.reply.contact is not None


async def test_asks_which_of_three_readings(run: Run) -> None:
    names = ["inn_aspi_cost", "inn_r4l_cost", "inn_gap_aspi_group3_price", "inn_ardi_what"]
    ran = await run(Clarify, "unclear", [f"innovation_support/{name}" for name in names])
    assert [b.payload for b in ran.reply.buttons] == [f"entry:{name}" for name in names[:3]]


async def test_asks_where_to_begin_when_no_subject_is_named(run: Run) -> None:
    ran = await run(Clarify, "unclear", ["unclear"], slots={"focus_area": "ip_dispute_resolution"})
    assert [b.payload for b in ran.reply.buttons] == ["entry:adr_overview", "entry:adr_access", "entry:adr_contact"]


async def test_says_what_it_is_for_when_asked_about_something_else(run: Run) -> None:
    ran = await run(OutOfScope, "out_of_scope", ["out_of_scope/jobs"])
    assert ran.reply.outcome is Outcome.OUT_OF_SCOPE
    assert ran.reply.contact is None


async def test_greets_and_takes_leave_in_one_line(run: Run) -> None:
    hello = await run(SmallTalk, "small_talk", ["small_talk/greet"])
    goodbye = await run(SmallTalk, "small_talk", ["small_talk/goodbye"])
    assert hello.reply.outcome is goodbye.reply.outcome is Outcome.SMALL_TALK
    assert hello.reply.text != goodbye.reply.text


async def test_does_not_know_and_names_the_contact_of_the_closest_area(run: Run) -> None:
    ran = await run(DefaultFallback, "nlu_fallback", ["ip_dispute_resolution/adr_cost"])
    assert ran.reply.outcome is Outcome.REFER
    assert ran.reply.contact is not None
    assert ran.reply.contact.id == "arbitration_and_mediation_center"
    assert ran.reply.facts == ()


@pytest.mark.parametrize(
    ("place", "focus", "entry"),
    [
        ("1", "", "inn_aspi_cost"),
        ("2", "", "inn_r4l_cost"),
        ("last", "", "inn_tisc_what"),
        ("other", "", "inn_r4l_cost"),
        ("other", "inn_r4l_cost", "inn_aspi_cost"),
    ],
)
async def test_chooses_in_words_among_what_was_offered(run: Run, place: str, focus: str, entry: str) -> None:
    slots = {"offered": ["inn_aspi_cost", "inn_r4l_cost", "inn_tisc_what"], "focus_entry": focus}
    ran = await run(Answer, "choose", slots=slots, entities=[{"entity": "ordinal", "value": place}])
    assert ran.slots["focus_entry"] == entry


async def test_a_place_in_a_question_of_its_own_chooses_nothing(run: Run) -> None:
    ran = await run(
        Answer,
        "knowledge_resources",
        ["knowledge_resources/kno_first_report"],
        slots={"offered": ["adr_file_mediation", "adr_cost"]},
        entities=[{"entity": "ordinal", "value": "1"}],
    )
    assert ran.slots["focus_entry"] == "kno_first_report"


async def test_a_place_beyond_what_was_offered_is_asked_back(run: Run) -> None:
    ran = await run(
        Answer, "choose", slots={"offered": ["tri_overview"]}, entities=[{"entity": "ordinal", "value": "3"}]
    )
    assert ran.reply.outcome is Outcome.CLARIFY


async def test_answers_each_of_two_questions(run: Run) -> None:
    parts = [
        {"text": "What is a TISC", "requests": [{"name": "innovation_support/inn_tisc_what", "confidence": 0.9}]},
        {"text": "and the weather?", "requests": [{"name": "out_of_scope/weather_food_sport", "confidence": 0.9}]},
    ]
    ran = await run(AnswerEach, "several_questions", parts=parts)
    assert [reply.outcome for reply in ran.replies] == [Outcome.ANSWER, Outcome.OUT_OF_SCOPE]
    assert ran.slots["focus_entry"] == "inn_tisc_what"


async def test_two_short_answers_are_one_reply(run: Run) -> None:
    names = ["tri_workshop_1", "tri_workshop_2"]
    parts = [
        {"text": name, "requests": [{"name": f"trilateral_cooperation/{name}", "confidence": 0.9}]} for name in names
    ]
    ran = await run(AnswerEach, "several_questions", parts=parts)
    assert ran.reply.outcome is Outcome.ANSWER
    assert len(ran.reply.text.split()) <= 90


async def test_never_asks_the_same_twice_in_a_row(run: Run) -> None:
    names = ["innovation_support/inn_aspi_cost", "innovation_support/inn_r4l_cost"]
    first = await run(Clarify, "unclear", names)
    again = await run(Clarify, "unclear", names, slots=first.slots)
    assert first.reply.outcome is Outcome.CLARIFY
    assert again.reply.outcome is Outcome.REFER
    assert again.reply.buttons[0].payload == "person"


async def test_offers_a_person_after_two_failures_in_a_row(run: Run) -> None:
    first = await run(OutOfScope, "out_of_scope", ["out_of_scope/nonsense"])
    second = await run(DefaultFallback, "nlu_fallback", [], slots=first.slots)
    assert "Saadallah" not in first.reply.text
    assert second.reply.text.startswith("I have not been able to help you so far.")
    assert second.slots["failures"] == 2
    helped = await run(Answer, "choose", entry="pkg_aims", slots=second.slots)
    assert helped.slots["failures"] == 0


async def test_says_what_an_answer_is_about_when_only_the_context_tells(run: Run) -> None:
    ran = await run(Answer, "trilateral_cooperation", ["trilateral_cooperation/tri_contact"], carried=True)
    assert ran.reply.text.startswith("About: ")


async def test_answers_in_the_language_of_the_message(run: Run) -> None:
    ran = await run(
        Answer,
        "trilateral_cooperation",
        ["trilateral_cooperation/tri_contact"],
        text="Qui est notre interlocuteur pour la coopération trilatérale ?",
    )
    assert ran.reply.language is Language.FR


async def test_a_text_too_short_to_tell_keeps_the_conversations_language(run: Run) -> None:
    ran = await run(
        Answer,
        "innovation_support",
        ["innovation_support/inn_tisc_what"],
        text="TISC?",
        metadata={"language": "ru"},
    )
    assert ran.reply.language is Language.RU


async def test_gives_the_last_answer_again_in_the_language_asked_for(run: Run) -> None:
    ran = await run(
        ChangeLanguage,
        "change_language",
        text="请用中文",
        slots={"focus_entry": "tri_contact"},
        entities=[{"entity": "language", "value": "zh"}],
    )
    assert ran.reply.language is Language.ZH
    assert ran.slots["focus_entry"] == "tri_contact"
    fresh = await run(ChangeLanguage, "change_language", entities=[{"entity": "language", "value": "es"}])
    assert fresh.reply.text.startswith("Continúo en español")


async def test_a_language_outside_the_six_gets_the_list_of_the_six(run: Run) -> None:
    ran = await run(Answer, "ip_dispute_resolution", text="Wie viel kostet ein Schiedsverfahren bei der Organisation?")
    assert ran.reply.outcome is Outcome.OUT_OF_SCOPE
    assert len(ran.reply.buttons) == 6
