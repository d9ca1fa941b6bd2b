"""Changes become content: small diffs of real files, held to the content's own rules."""

from __future__ import annotations

import difflib
from datetime import date
from pathlib import Path

import pytest

from bot.publishing.changes import (
    AnswerEdited,
    Change,
    EntryProposed,
    OutsideAdded,
    QuestionAdded,
    UnansweredAdded,
    Worded,
)
from bot.publishing.composing import Breaches, compose
from bot.publishing.content import files_of
from bot.settings import ROOT
from knowledge.base import KnowledgeBase, load
from knowledge.records import Fact, Kind, Language, Source, Use

pytestmark = pytest.mark.slow

EN, FR, ES, AR, ZH, RU = Language


def changed_lines(folder: Path) -> dict[str, list[str]]:
    """The lines that differ from the checkout, by file."""
    found = {}
    for path in files_of(folder):
        name = path.relative_to(folder).as_posix()
        before, after = ((root / name).read_text("utf-8").splitlines() for root in (ROOT, folder))
        lines = [
            line for line in difflib.unified_diff(before, after, n=0, lineterm="") if line[:3] not in ("---", "+++")
        ]
        if lines:
            found[name] = [line for line in lines if not line.startswith("@@")]
    return found


@pytest.fixture
def folder(tmp_path: Path) -> Path:
    return tmp_path / "content/one"


def test_a_question_is_one_line_where_it_belongs_and_one_that_is_learned_from(folder: Path) -> None:
    asked = [(EN, 'so "what" is: it? #1'), (FR, "c'est quoi: au juste ?"), (ZH, "这是什么一揽子方案呀")]
    compose([QuestionAdded(language=language, text=text, entry="pkg_overview") for language, text in asked], folder)
    assert changed_lines(folder) == {
        "knowledge/entries/response_package.yml": ['+      - "so \\"what\\" is: it? #1"'],
        "knowledge/translations/fr/response_package.yml": ['+      - "c\'est quoi: au juste ?"'],
        "knowledge/translations/zh/response_package.yml": ['+      - "这是什么一揽子方案呀"'],
        "data/nlu/en/response_package.yml": ['+      - so "what" is: it? #1'],
        "data/nlu/fr/response_package.yml": ["+      - c'est quoi: au juste ?"],
        "data/nlu/zh/response_package.yml": ["+      - 这是什么一揽子方案呀"],
    }
    kept = load(folder / "knowledge").entries["pkg_overview"]
    assert all(kept.in_language(language).questions[-1] == text for language, text in asked)


def test_two_questions_of_one_entry_follow_each_other(folder: Path) -> None:
    texts = ["first of the new", "second of the new"]
    made = compose([QuestionAdded(language=EN, text=text, entry="pkg_money") for text in texts], folder)
    assert list(made.base.entries["pkg_money"].questions[-2:]) == texts


def test_what_is_out_of_scope_or_unanswered_is_one_line_of_its_block(folder: Path) -> None:
    changes: list[Change] = [
        OutsideAdded(language=FR, text="et la [taxe] du\nPCT", topic="pct_filing"),
        UnansweredAdded(language=AR, text="سؤال جديد", area="response_package"),
    ]
    compose(changes, folder)
    assert changed_lines(folder) == {
        "data/nlu/fr/out_of_scope.yml": ["+    - et la (taxe) du PCT"],
        "data/nlu/ar/unanswered.yml": ["+    - سؤال جديد"],
    }


def test_every_entry_topic_and_area_in_every_language_can_be_added_to(folder: Path, base: KnowledgeBase) -> None:
    changes: list[Change] = [
        QuestionAdded(language=language, text=f"xyzzy {entry} {language}", entry=entry)
        for entry in base.entries
        for language in Language
    ]
    changes += [
        UnansweredAdded(language=language, text=f"xyzzy {area}", area=area)
        for area in base.areas
        for language in Language
    ]
    made = compose(changes, folder)
    for entry in made.base.entries.values():
        for language in Language:
            assert entry.in_language(language).questions[-1] == f"xyzzy {entry.id} {language}"
            assert entry.in_language(language).questions[:-1] == base.entries[entry.id].in_language(language).questions


def test_what_is_there_already_changes_nothing(folder: Path, base: KnowledgeBase) -> None:
    entry = base.entries["pkg_overview"]
    there: list[Change] = [
        QuestionAdded(language=FR, text=entry.in_language(FR).questions[3], entry=entry.id),
        OutsideAdded(language=FR, text="taxes PCT", topic="pct_filing"),
        AnswerEdited(entry=entry.id, language=EN, title=entry.title, answer=entry.answer, facts=entry.facts),
    ]
    compose(there, folder)
    assert changed_lines(folder) == {}


def edits(base: KnowledgeBase, entry_id: str, suffix: dict[Language, str]) -> list[Change]:
    entry = base.entries[entry_id]
    return [
        AnswerEdited(
            entry=entry_id,
            language=language,
            title=entry.in_language(language).title,
            answer=entry.in_language(language).answer + suffix.get(language, ""),
        )
        for language in Language
    ]


def test_an_answer_is_edited_in_all_languages(folder: Path, base: KnowledgeBase) -> None:
    suffix = {
        EN: " Ask us.",
        FR: " Écrivez-nous.",
        ES: " Escríbanos.",
        AR: " راسلونا.",
        ZH: "请来函。",
        RU: " Пишите нам.",
    }
    made = compose(edits(base, "mtg_overview", suffix), folder)
    entry = made.base.entries["mtg_overview"]
    for language in Language:
        assert entry.in_language(language).answer.endswith(suffix[language].strip())
        assert not entry.is_outdated_in(language)
    touched = changed_lines(folder)
    assert len(touched["knowledge/entries/meetings_and_webinars.yml"]) <= 8
    assert {name.split("/")[0] for name in touched} == {"knowledge", "data"}


def test_a_translation_that_was_said_to_stand_is_of_the_new_english(folder: Path, base: KnowledgeBase) -> None:
    made = compose(edits(base, "mtg_overview", {EN: " Ask us."}), folder)
    assert not any(made.base.entries["mtg_overview"].is_outdated_in(language) for language in Language)
    french = changed_lines(folder)["knowledge/translations/fr/meetings_and_webinars.yml"]
    assert [line[:9] for line in french] == ["-    of: ", "+    of: "]


def test_english_that_changes_alone_is_refused(folder: Path, base: KnowledgeBase) -> None:
    with pytest.raises(Breaches, match="run the translation again"):
        compose(edits(base, "mtg_overview", {EN: " Ask us."})[:1], folder)
    assert not folder.exists()


@pytest.mark.parametrize(
    ("answer", "why"),
    [
        ("It has 17 rooms.", "the answer says 17, which none of its facts says"),
        ("word " * 91, "more than 90"),
    ],
)
def test_an_answer_keeps_the_rules_of_the_content(folder: Path, base: KnowledgeBase, answer: str, why: str) -> None:
    title = base.entries["mtg_overview"].title
    with pytest.raises(Breaches, match=why):
        compose([AnswerEdited(entry="mtg_overview", language=EN, title=title, answer=answer)], folder)


def test_edits_follow_each_other(folder: Path, base: KnowledgeBase) -> None:
    first, second = (dict.fromkeys(Language, f" {word}") for word in ("Eins.", "Zwei."))
    made = compose([*edits(base, "mtg_overview", first), *edits(base, "mtg_overview", second)], folder)
    assert made.base.entries["mtg_overview"].answer == f"{base.entries['mtg_overview'].answer} Zwei."


def test_facts_and_the_last_day_are_the_entrys(folder: Path, base: KnowledgeBase) -> None:
    entry = base.entries["mtg_overview"]
    facts = (*entry.facts, "MTG03")
    edit = AnswerEdited(
        entry=entry.id,
        language=EN,
        title=entry.title,
        answer=entry.answer,
        facts=facts,
        valid_until=date(2027, 1, 31),
    )
    made = compose([edit], folder)
    assert made.base.entries[entry.id].facts == facts
    assert made.base.entries[entry.id].valid_until == date(2027, 1, 31)
    gone = compose([edit.model_copy(update={"valid_until": None, "facts": None})], folder.with_name("two"), folder)
    assert gone.base.entries[entry.id].valid_until is None
    assert gone.base.entries[entry.id].facts == facts


def proposed(base: KnowledgeBase) -> EntryProposed:
    like = base.entries["mtg_languages"]
    words = {
        language: Worded(
            title=like.in_language(language).title,
            answer=like.in_language(language).answer,
            questions=tuple(f"xyzzy {language} {number}" for number in range(6)),
        )
        for language in Language
    }
    source = Source(
        id="case_answer", title="An answer: of the focal point", url="https://example.org/a", publisher="WIPO"
    )
    fact = Fact(id="MTG98", text='He said: "yes"', source="case_answer", use=Use.PLAIN)
    return EntryProposed(
        entry="mtg_new",
        area="meetings_and_webinars",
        kinds=(Kind.WHAT,),
        source=source,
        new_facts=(fact,),
        facts=(*like.facts, "MTG98"),
        related=("mtg_overview",),
        confirm=True,
        words=words,
    )


def test_a_new_entry_and_a_question_for_it(folder: Path, base: KnowledgeBase) -> None:
    question = QuestionAdded(language=FR, text="encore une façon", entry="mtg_new")
    made = compose([proposed(base), question], folder)
    entry = made.base.entries["mtg_new"]
    assert entry.in_language(FR).questions[-1] == "encore une façon"
    assert made.base.facts["MTG98"].text == 'He said: "yes"'
    assert entry.answered
    assert not any(line.startswith("-") for lines in changed_lines(folder).values() for line in lines)
    again = compose([proposed(base), question], folder.with_name("two"), folder)
    assert again.base.entries == made.base.entries


def test_an_entry_that_lacks_a_language_is_refused(folder: Path, base: KnowledgeBase) -> None:
    whole = proposed(base)
    lacking = whole.model_copy(update={"words": {k: v for k, v in whole.words.items() if k is not RU}})
    with pytest.raises(Breaches, match="not written in ru"):
        compose([lacking], folder)


@pytest.mark.parametrize(
    "change",
    [
        QuestionAdded(language=EN, text="what", entry="no_such_entry"),
        OutsideAdded(language=EN, text="what", topic="no_such_topic"),
        UnansweredAdded(language=EN, text="what", area="no_such_area"),
        AnswerEdited(entry="no_such_entry", language=EN, title="a", answer="b"),
    ],
)
def test_what_names_nothing_that_is_there_is_refused(folder: Path, change: Change) -> None:
    with pytest.raises(Breaches, match="no_such"):
        compose([change], folder)
    assert not folder.exists()
