"""Replies say what the knowledge base says, with their sources."""

from __future__ import annotations

import pytest

from bot.conversation.choice import Choice, UnknownChoice, payload_of, payload_of_step, read, title_of
from bot.conversation.compose import Composer
from bot.conversation.outcome import Outcome
from knowledge.base import KnowledgeBase
from knowledge.records import Language
from knowledge.rules import words_in


def test_every_entry_becomes_a_reply_with_sources_and_short_text(base: KnowledgeBase, composer: Composer) -> None:
    for entry in base.entries.values():
        reply = composer.answer(entry)
        assert reply.outcome is (Outcome.ANSWER if entry.answered else Outcome.REFER)
        assert reply.facts == entry.facts
        assert reply.sources, f"{entry.id} shows no source"
        assert len(reply.text.split()) <= 90
        assert (reply.contact is not None) or (entry.answered and not entry.confirm)


def test_a_hedged_answer_names_its_contact_and_where_the_name_comes_from(
    base: KnowledgeBase, composer: Composer
) -> None:
    reply = composer.answer(base.entries["inn_aspi_cost"])
    assert reply.contact is not None
    assert reply.contact.id == "focal_point"
    assert {s.url for s in reply.sources} >= {base.sources["seed"].url}


def test_trilateral_questions_go_to_the_global_challenges_division(base: KnowledgeBase, composer: Composer) -> None:
    reply = composer.refer(base.areas["trilateral_cooperation"])
    assert reply.contact is not None
    assert reply.contact.name == "Ms. Amy Dietterich"
    assert "Ms. Amy Dietterich" in reply.text


def test_a_clarification_offers_a_button_for_each_reading(base: KnowledgeBase, composer: Composer) -> None:
    readings = [base.entries["tri_platform_who"], base.entries["tri_platform_ask"]]
    reply = composer.clarify(readings)
    assert [read(b.payload, base) for b in reply.buttons] == [Choice("choose", ("entry", r.id)) for r in readings]
    assert reply.area == "trilateral_cooperation"


def test_out_of_scope_pushes_no_contact(composer: Composer) -> None:
    assert composer.out_of_scope("visas_and_travel").contact is None
    assert composer.out_of_scope("pct_filing").text != composer.out_of_scope(None).text


def test_an_error_gives_its_incident_and_the_contact(composer: Composer) -> None:
    reply = composer.error("7K3FQ2MW")
    assert "7K3FQ2MW" in reply.text
    assert reply.contact is not None


@pytest.mark.parametrize("payload", ["", "entry:", "entry:no_such", "/restart", "entry:pkg_aims\n", "ENTRY:pkg_aims"])
def test_a_payload_no_button_carries(base: KnowledgeBase, payload: str) -> None:
    with pytest.raises(UnknownChoice):
        read(payload, base)


def test_a_buttons_payload_leads_back_to_its_entry(base: KnowledgeBase) -> None:
    for entry in base.entries.values():
        choice = read(payload_of(entry), base)
        assert choice == Choice("choose", ("entry", entry.id))
        assert choice.as_engine_text == f'/choose{{"entry":"{entry.id}"}}'
        assert title_of(choice, base, Language.FR) == entry.translations[Language.FR].title


def test_a_button_for_a_person_and_one_for_a_language(base: KnowledgeBase) -> None:
    assert read("person", base).as_engine_text == "/ask_for_person"
    assert read("language:ar", base).as_engine_text == '/change_language{"language":"ar"}'
    assert title_of(read("language:ar", base), base, Language.EN) == "العربية"
    with pytest.raises(UnknownChoice):
        read("language:de", base)


@pytest.mark.parametrize("language", list(Language))
def test_every_entry_in_every_language_is_short_and_says_where_it_comes_from(
    base: KnowledgeBase, composers: dict[Language, Composer], language: Language
) -> None:
    for entry in base.entries.values():
        reply = composers[language].answer(entry, about=True, state="PE")
        assert words_in(reply.text, language) <= 90, entry.id
        assert reply.facts == entry.facts
        assert reply.language is language
        assert reply.direction == ("rtl" if language is Language.AR else "ltr")


def test_an_answer_to_a_question_without_a_subject_begins_with_what_it_is_about(
    base: KnowledgeBase, composer: Composer
) -> None:
    entry = base.entries["tri_contact"]
    assert composer.answer(entry, about=True).text == f"About: {entry.title}\n{entry.answer}"


def test_a_state_the_answer_does_not_name_gets_a_line(base: KnowledgeBase, composer: Composer) -> None:
    with_state = composer.answer(base.entries["skl_scholarship_who"], state="PE").text
    assert with_state.endswith("Peru: I have found nothing that is particular to this state.")
    named = composer.answer(base.entries["bta_peru"], state="PE").text
    assert "nothing that is particular" not in named


def test_one_answer_from_two_entries(base: KnowledgeBase, composer: Composer) -> None:
    first, second = base.entries["tri_workshop_1"], base.entries["tri_workshop_2"]
    both = composer.answer_both(first, second)
    assert both is not None
    assert set(both.facts) == {*first.facts, *second.facts}
    assert first.answer in both.text
    assert second.answer in both.text
    assert composer.answer_both(first, first) is None


def test_two_answers_that_are_too_long_together_stay_apart(base: KnowledgeBase, composer: Composer) -> None:
    assert composer.answer_both(base.entries["adr_compare"], base.entries["adr_overview"]) is None


@pytest.mark.parametrize("step", ["yes", "no", "send", "cancel", "back", "another", "change", "change:email"])
def test_a_button_of_the_form(base: KnowledgeBase, step: str) -> None:
    choice = read(payload_of_step(step), base)
    assert choice.as_engine_text == f'/handoff_step{{"step":"{step}"}}'
    for language in Language:
        assert title_of(choice, base, language)


@pytest.mark.parametrize(
    "payload", ["handoff:", "handoff:submit", "handoff:change:", "handoff:change:key", "handoff:yes "]
)
def test_a_step_that_no_button_carries(base: KnowledgeBase, payload: str) -> None:
    with pytest.raises(UnknownChoice):
        read(payload, base)


def test_an_open_question_offers_a_person(base: KnowledgeBase, composer: Composer) -> None:
    for gap in (entry for entry in base.entries.values() if not entry.answered):
        assert [button.payload for button in composer.answer(gap).buttons][-1] == "person"
