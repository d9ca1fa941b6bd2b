"""The rules that `make check` holds the content to: each finds its breach, and the content has none."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import replace
from typing import Any

import pytest

from knowledge import rules
from knowledge.base import KnowledgeBase
from knowledge.records import Kind, Named

pytestmark = pytest.mark.slow

Change = Callable[..., KnowledgeBase]


@pytest.fixture
def with_entry(base: KnowledgeBase) -> Change:
    def change(entry_id: str, **fields: Any) -> KnowledgeBase:
        changed = base.entries[entry_id].model_copy(update=fields)
        return replace(base, entries={**base.entries, entry_id: changed})

    return change


def problems(base: KnowledgeBase) -> str:
    return "\n".join(map(str, rules.check(base)))


def test_the_content_breaks_no_rule(base: KnowledgeBase) -> None:
    assert problems(base) == ""


def test_every_fact_is_used(base: KnowledgeBase) -> None:
    assert rules.coverage(base) == (208, 208)


def test_a_fact_nobody_uses(base: KnowledgeBase, with_entry: Change) -> None:
    only = [e for e in base.entries.values() if e.answered and "TRI07" in e.facts]
    changed = base
    for entry in only:
        rest = tuple(f for f in entry.facts if f != "TRI07")
        changed = replace(
            changed, entries={**changed.entries, entry.id: entry.model_copy(update={"facts": rest or ("TRI06",)})}
        )
    assert "TRI07: no entry uses this fact" in problems(changed)


def test_an_entry_without_a_source(with_entry: Change) -> None:
    assert "tri_platform_who: an entry without facts has no source" in problems(
        with_entry("tri_platform_who", facts=())
    )


def test_an_answer_that_is_too_long(with_entry: Change) -> None:
    assert "has 91 words, more than 90" in problems(with_entry("pkg_aims", answer="word " * 91))


def test_a_number_that_no_fact_gives(with_entry: Change) -> None:
    assert "the answer says 4711" in problems(with_entry("pkg_aims", answer="It cost 4711 francs."))


def test_the_19_of_covid_19_states_nothing(with_entry: Change) -> None:
    assert "the answer says" not in problems(with_entry("pkg_aims", answer="It is about COVID-19."))


def test_a_question_asked_twice(base: KnowledgeBase, with_entry: Change) -> None:
    taken = base.entries["pkg_overview"].questions[0]
    asked = (*base.entries["pkg_aims"].questions, taken.upper() + "!")
    assert "is also in pkg_overview" in problems(with_entry("pkg_aims", questions=asked))


def test_an_area_without_its_contact_entry(with_entry: Change) -> None:
    assert "its contact entry tri_contact must be" in problems(with_entry("tri_contact", kinds=(Kind.WHAT,)))


def test_a_hedge_without_a_contact(with_entry: Change) -> None:
    assert "inn_aspi_cost: it states INN24, which must be confirmed" in problems(
        with_entry("inn_aspi_cost", confirm=False)
    )


def test_a_name_that_means_two_things(base: KnowledgeBase) -> None:
    doubled = replace(base, services={**base.services, "TPPM": Named(id="TPPM", names=("TPPM", "tisc"))})
    assert "TPPM: the name 'tisc' is also TISC's" in problems(doubled)
