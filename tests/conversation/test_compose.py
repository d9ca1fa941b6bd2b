"""Replies say what the knowledge base says, with their sources."""

from __future__ import annotations

import pytest

from bot.conversation.choice import UnknownChoice, chosen, payload_of
from bot.conversation.compose import Composer
from bot.conversation.outcome import Outcome
from knowledge.base import KnowledgeBase
from knowledge.records import Language


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
    assert [chosen(b.payload, base) for b in reply.buttons] == readings
    assert reply.area == "trilateral_cooperation"


def test_out_of_scope_pushes_no_contact(composer: Composer) -> None:
    assert composer.out_of_scope("visas_and_travel").contact is None
    assert composer.out_of_scope("pct_filing").text != composer.out_of_scope(None).text


def test_an_error_gives_its_incident_and_the_contact(composer: Composer) -> None:
    reply = composer.error("7K3FQ2MW")
    assert "7K3FQ2MW" in reply.text
    assert reply.contact is not None


def test_a_language_without_content_is_answered_in_english_and_says_so(base: KnowledgeBase) -> None:
    reply = Composer(base, Language.FR).welcome()
    assert reply.language is Language.EN


@pytest.mark.parametrize("payload", ["", "entry:", "entry:no_such", "/restart", "entry:pkg_aims\n", "ENTRY:pkg_aims"])
def test_a_payload_no_button_carries(base: KnowledgeBase, payload: str) -> None:
    with pytest.raises(UnknownChoice):
        chosen(payload, base)


def test_a_buttons_payload_leads_back_to_its_entry(base: KnowledgeBase) -> None:
    for entry in base.entries.values():
        assert chosen(payload_of(entry), base) is entry
