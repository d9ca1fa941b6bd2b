"""What `make check` holds the content to, beyond the schema: one function a rule, each yielding its findings."""

from __future__ import annotations

import re
from datetime import date

from knowledge.base import KnowledgeBase
from knowledge.findings import Finding, Problems, Rule, place_finding
from knowledge.records import Entry, Kind, Language, Use
from knowledge.translation_rules import TRANSLATION_RULES

LONGEST_ANSWER = 90
"""Words; a delegate reads the answer on a phone."""

CHARACTERS_A_WORD = 2
"""In Chinese."""

NUMBER = re.compile(r"(?<!COVID-)\d+(?:[.,]\d+)*")
"""A number that states something; the 19 of COVID-19 is part of a name."""


def check(base: KnowledgeBase) -> list[Finding]:
    """Every breach of every rule, in no particular order."""
    return [place_finding(base, owner, problem) for rule in RULES for owner, problem in rule(base)]


def coverage(base: KnowledgeBase) -> tuple[int, int]:
    """How many facts some answered entry states, and how many there are."""
    used = {fact for entry in base.entries.values() if entry.answered for fact in entry.facts}
    return len(used), len(base.facts)


def _uses_every_fact(base: KnowledgeBase) -> Problems:
    used = {fact for entry in base.entries.values() if entry.answered for fact in entry.facts}
    for fact in base.facts:
        if fact not in used:
            yield fact, "no entry uses this fact; add it to an entry's facts and say it in the answer"


def _entry_has_a_source(base: KnowledgeBase) -> Problems:
    for entry in base.entries.values():
        if entry.answered and not entry.facts:
            yield entry.id, "an entry without facts has no source; name the facts, or move it to the gaps"


def _answer_is_short(base: KnowledgeBase) -> Problems:
    for entry in base.entries.values():
        for language in (Language.EN, *entry.translations):
            words = words_in(entry.in_language(language).answer, language)
            if words > LONGEST_ANSWER:
                yield entry.id, f"the {language} answer has {words} words, more than {LONGEST_ANSWER}; shorten it"


def _answer_states_no_number_of_its_own(base: KnowledgeBase) -> Problems:
    """Every number in an answer stands in one of its facts, or in the title or date of one of their sources."""
    for entry in base.entries.values():
        texts = [base.facts[fact].text for fact in entry.facts]
        named = base.sources_of((*entry.facts, *base.contact_of(entry).facts))
        texts += [source.title for source in named]
        texts += [str(int(part)) for source in named for part in re.findall(r"\d+", source.date or "")]
        known = {n for text in texts for n in NUMBER.findall(text)}
        for number in NUMBER.findall(entry.answer):
            if number not in known:
                yield entry.id, f"the answer says {number}, which none of its facts says; correct one of them"


def _questions_are_asked_once(base: KnowledgeBase) -> Problems:
    seen: dict[str, str] = {}
    for entry in base.entries.values():
        for question in entry.questions:
            key = re.sub(r"\W+", " ", question).strip().casefold()
            if key in seen:
                yield entry.id, f"the question {question!r} is also in {seen[key]}; keep it where it belongs"
            seen[key] = entry.id


def _area_is_complete(base: KnowledgeBase) -> Problems:
    for area in base.areas.values():
        roles = {
            "overview": (area.overview, Kind.WHAT),
            "access": (area.access, Kind.HOW_TO_ASK),
            "contact": (area.contact_entry, Kind.CONTACT),
        }
        for role, (entry_id, kind) in roles.items():
            entry = base.entries[entry_id]
            if entry.area != area.id or kind not in entry.kinds or not entry.answered:
                yield area.id, f"its {role} entry {entry_id} must be an answered entry of this area, of kind {kind}"


def _hedged_facts_name_the_contact(base: KnowledgeBase) -> Problems:
    for entry in base.entries.values():
        hedged = [fact for fact in entry.facts if base.facts[fact].use is Use.HEDGE]
        if hedged and not shows_contact(entry):
            yield entry.id, f"it states {', '.join(hedged)}, which must be confirmed; set confirm: true"


def _names_are_unambiguous(base: KnowledgeBase) -> Problems:
    seen: dict[str, str] = {}
    for named in (*base.services.values(), *base.member_states.values()):
        for name in named.names:
            owner = seen.setdefault(name.casefold(), named.id)
            if owner != named.id:
                yield named.id, f"the name {name!r} is also {owner}'s; keep it at one of them"


def words_in(text: str, language: Language) -> int:
    """How many words a text has; in Chinese, which does not space them, two characters count as one."""
    if language is Language.ZH:
        return len(text) // CHARACTERS_A_WORD
    return len(text.split())


def shows_contact(entry: Entry, today: date | None = None) -> bool:
    """Whether a reply from this entry names its contact: it must be confirmed, is not answered, or asks for it.

    With `today`, also whether the answer is past the day until which it stands by itself.
    """
    past = today is not None and entry.valid_until is not None and today > entry.valid_until
    return entry.confirm or past or not entry.answered or Kind.CONTACT in entry.kinds


RULES: tuple[Rule, ...] = (
    _uses_every_fact,
    _entry_has_a_source,
    _answer_is_short,
    _answer_states_no_number_of_its_own,
    _questions_are_asked_once,
    _area_is_complete,
    _hedged_facts_name_the_contact,
    _names_are_unambiguous,
    *TRANSLATION_RULES,
)
