"""Each action: what the engine understood in, the reply and the slots out."""

from __future__ import annotations

from actions.answer import Answer
from actions.ask_for_person import AskForPerson
from actions.clarify import Clarify
from actions.default_fallback import DefaultFallback
from actions.out_of_scope import OutOfScope
from actions.refer import Refer
from actions.small_talk import SmallTalk
from bot.conversation.outcome import Outcome
from tests.actions.conftest import Run


async def test_answers_from_the_first_entry_and_keeps_it_in_focus(run: Run) -> None:
    ran = await run(
        Answer, "innovation_support", ["innovation_support/inn_tisc_what", "open_question/inn_gap_tisc_nearest"]
    )
    assert ran.reply.outcome is Outcome.ANSWER
    assert "INN07" in ran.reply.facts
    assert ran.slots == {"focus_entry": "inn_tisc_what", "focus_area": "innovation_support"}
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
    assert ran.slots == {}


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


async def test_names_the_person_of_the_area_in_focus(run: Run) -> None:
    ran = await run(AskForPerson, "ask_for_person", slots={"focus_area": "trilateral_cooperation"})
    assert ran.reply.outcome is Outcome.HANDOFF
    assert "Dietterich" in ran.reply.text


async def test_does_not_know_and_names_the_contact_of_the_closest_area(run: Run) -> None:
    ran = await run(DefaultFallback, "nlu_fallback", ["ip_dispute_resolution/adr_cost"])
    assert ran.reply.outcome is Outcome.REFER
    assert ran.reply.contact is not None
    assert ran.reply.contact.id == "arbitration_and_mediation_center"
    assert ran.reply.facts == ()
