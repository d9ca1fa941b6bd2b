"""The rules that `make check` holds the translations to: each finds its breach, and the content has none."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import replace
from pathlib import Path
from typing import Any

import pytest

from knowledge import rules
from knowledge.base import KnowledgeBase
from knowledge.phrases import Phrases
from knowledge.records import Language
from knowledge.translation_rules import TRANSLATION_RULES

pytestmark = pytest.mark.slow

Change = Callable[..., KnowledgeBase]
FR, ES, AR, ZH, RU = Language.FR, Language.ES, Language.AR, Language.ZH, Language.RU


@pytest.fixture
def with_translation(base: KnowledgeBase) -> Change:
    """The base with that one entry alone, which is what the rules then look at."""

    def change(entry_id: str, language: Language, **fields: Any) -> KnowledgeBase:
        entry = base.entries[entry_id]
        changed = entry.translations[language].model_copy(update=fields)
        translations = {**entry.translations, language: changed}
        return replace(base, entries={entry_id: entry.model_copy(update={"translations": translations})})

    return change


@pytest.fixture
def with_answer(base: KnowledgeBase, with_translation: Change) -> Change:
    """The base with a passage of an answer replaced; the passage must be there."""

    def change(entry_id: str, language: Language, old: str, new: str) -> KnowledgeBase:
        answer = base.entries[entry_id].translations[language].answer
        assert old in answer
        return with_translation(entry_id, language, answer=answer.replace(old, new))

    return change


@pytest.fixture
def with_phrase(base: KnowledgeBase) -> Change:
    def change(language: Language, key: str, text: str | None) -> KnowledgeBase:
        texts = {k: v for k, v in base.phrases[language].by_key.items() if k != key}
        texts |= {key: text} if text is not None else {}
        return replace(base, entries={}, phrases={**base.phrases, language: Phrases(language, texts)})

    return change


def problems(base: KnowledgeBase) -> str:
    return "\n".join(f"{owner}: {problem}" for rule in TRANSLATION_RULES for owner, problem in rule(base))


def test_the_content_breaks_no_rule(base: KnowledgeBase) -> None:
    assert problems(base) == ""


def test_the_check_runs_these_rules() -> None:
    assert set(TRANSLATION_RULES) <= set(rules.RULES)


def test_a_finding_is_where_the_translation_is_written(base: KnowledgeBase, with_translation: Change) -> None:
    alone = with_translation("pkg_aims", ZH, of="0" * 12)
    (finding,) = rules.check(replace(base, entries={**base.entries, **alone.entries}))
    assert finding.path.parts[-3:] == ("translations", "zh", "response_package.yml")
    assert finding.path.read_text(encoding="utf-8").splitlines()[finding.line - 1].strip() == "- id: pkg_aims"


def test_a_finding_is_where_the_phrase_is_written(base: KnowledgeBase, with_phrase: Change) -> None:
    alone = with_phrase(FR, "out_of_scope.other", "Pas encore traduit {x}")
    (finding,) = rules.check(replace(alone, entries=base.entries))
    assert Path(*finding.path.parts[-2:]) == Path("phrases/fr.yml")
    line = finding.path.read_text(encoding="utf-8").splitlines()[finding.line - 1]
    assert line == "  other: >-"


@pytest.mark.parametrize("language", [FR, ES, AR, ZH, RU])
def test_a_missing_translation(base: KnowledgeBase, language: Language) -> None:
    entry = base.entries["pkg_aims"]
    left = {other: translation for other, translation in entry.translations.items() if other is not language}
    changed = entry.model_copy(update={"translations": left})
    found = problems(replace(base, entries={**base.entries, "pkg_aims": changed}))
    assert f"pkg_aims: it has no {language} translation" in found


def test_an_outdated_translation(base: KnowledgeBase, with_translation: Change) -> None:
    now = base.entries["pkg_aims"].version
    found = problems(with_translation("pkg_aims", ES, of="0123456789ab"))
    assert "pkg_aims.es: the es translation is of 0123456789ab" in found
    assert f"run the translation again, or set `of` to {now}" in found


def test_changing_the_english_outdates_all_five(base: KnowledgeBase) -> None:
    entry = base.entries["pkg_aims"]
    changed = entry.model_copy(update={"answer": entry.answer + " It is."})
    found = problems(replace(base, entries={**base.entries, "pkg_aims": changed}))
    assert found.count("run the translation again") == 5


@pytest.mark.parametrize(
    ("entry_id", "language", "old", "new", "found"),
    [
        ("pkg_money", FR, "3 millions", "5 millions", "says 5000000 where the English says 3000000"),
        ("pkg_money", ZH, "300万", "3百万", "says 3 where the English says 3000000"),
        ("pkg_wipo_budget", ZH, "7.908亿", "79.08亿", "says 7908000000 where the English says 790800000"),
        ("pkg_wipo_budget", RU, "790,8 млн", "790,8 млрд", "says 790800000000 where the English says 790800000"),
        ("inn_tisc_numbers", ES, "1.667", "1,667", "says 1.667 where the English says 1667"),
        ("pkg_roundtable", AR, "100", "1000", "says 1000 where the English says 100"),
        ("pkg_approval", FR, "octobre", "novembre", "says November where the English says October"),
        ("pkg_approval", ZH, "10月", "11月", "says November where the English says October"),
        ("pkg_approval", AR, "2021", "2020", "says 2020 where the English says 2021"),
        ("inn_aspi_since", RU, "17 сентября 2010 года", "в 2010 году", "does not say September, 17 as often"),
    ],
)
def test_a_number_amount_or_date_that_differs(
    with_answer: Change, entry_id: str, language: Language, old: str, new: str, found: str
) -> None:
    assert f"{entry_id}.{language}: the {language} answer {found}" in problems(
        with_answer(entry_id, language, old, new)
    )


def test_a_year_that_a_title_leaves_out(with_translation: Change) -> None:
    found = problems(with_translation("pkg_areas", FR, title="Les cinq domaines"))
    assert "pkg_areas.fr: the fr title does not say 2021" in found


@pytest.mark.parametrize(
    ("old", "new"),
    [("arbiter.mail@wipo.int", "arbitre.mail@wipo.int"), ("+41 22 338 8247", "+41 22 338 8274")],
)
@pytest.mark.parametrize("language", [FR, ES, AR, ZH, RU])
def test_an_address_or_telephone_number_that_differs(
    with_answer: Change, language: Language, old: str, new: str
) -> None:
    found = problems(with_answer("adr_contact", language, old, new))
    assert f"adr_contact.{language}: the {language} answer says {new} where the English says {old}" in found


def test_a_web_address_that_nobody_gives_in_english(with_answer: Change) -> None:
    found = problems(with_answer("pkg_aims", FR, "Outre", "(https://www.wipo.int/covid-19) Outre"))
    assert "says https://www.wipo.int/covid-19 more often than the English" in found


@pytest.mark.parametrize(
    ("entry_id", "language", "old", "new", "code"),
    [
        ("kno_patentscope_search", ZH, "PATENTSCOPE", "专利数据库", "PATENTSCOPE"),
        ("inn_aspi_since", AR, "ASPI", "البرنامج", "ASPI"),
        ("adr_eadr", RU, "eADR", "система", "eADR"),
        ("bta_manual", ES, "CDIP/12/7", "del CDIP", "CDIP/12/7"),
        ("tri_overview", FR, "OMC", "OMD", "WTO"),
        ("pkg_money", RU, "ВОИС", "Организация", "WIPO"),
        ("pkg_dietterich", ZH, "世卫组织", "组织", "WHO"),
        ("inn_ardi_what", FR, "Research4Life", "Recherche pour la vie", "Research4Life"),
    ],
)
def test_an_acronym_or_code_that_is_not_named(
    with_answer: Change, entry_id: str, language: Language, old: str, new: str, code: str
) -> None:
    found = problems(with_answer(entry_id, language, old, new))
    assert f"{entry_id}.{language}: the {language} answer does not name {code}" in found


def test_a_code_that_the_english_does_not_name(with_answer: Change) -> None:
    found = problems(with_answer("skl_dl101_what", ES, "DL-101", "DL-101 o DL-102"))
    assert "the es answer names DL-102, which the English does not" in found


def test_a_code_may_be_named_as_the_gazetteer_names_it(with_answer: Change) -> None:
    assert (
        problems(with_answer("inn_tisc_since", FR, "CATI", "centres d'appui à la technologie et à l'innovation")) == ""
    )


@pytest.mark.parametrize(
    ("entry_id", "language", "old", "new", "name"),
    [
        ("pkg_saadallah", AR, "سعد الله", "الموظف", "سعد الله"),
        ("pkg_saadallah", RU, "Саадалла", "Сааданна", "Саадалла"),
        ("pkg_contact", ZH, "谢里夫·萨阿达拉", "Sherif Saadallah", "萨阿达拉"),
        ("pkg_dietterich", FR, "Dietterich", "Dieterich", "Dietterich"),
        ("pkg_approval", ZH, "邓鸿森", "唐大仁", "邓鸿森"),
        ("pkg_overview", RU, "Дареном Тангом", "Дареном Тенгом", "Танг"),
        ("pkg_overview", AR, "دارين تانغ", "دارين تانج", "تانغ"),
    ],
)
def test_a_person_who_is_not_named(
    with_answer: Change, entry_id: str, language: Language, old: str, new: str, name: str
) -> None:
    found = problems(with_answer(entry_id, language, old, new))
    assert f"{entry_id}.{language}: the {language} answer does not name {name}, whom the English names" in found


@pytest.mark.parametrize("language", [FR, ES, AR, ZH, RU])
def test_a_placeholder_that_is_lost_or_unknown(with_phrase: Change, language: Language) -> None:
    found = problems(with_phrase(language, "about", "{titel}"))
    assert f"phrases.{language}.about: it lacks {{title}}, which the English has" in found
    assert f"phrases.{language}.about: it has {{titel}}, which the English has not" in found


def test_phrases_that_are_missing_or_unknown(base: KnowledgeBase, with_phrase: Change) -> None:
    assert "phrases.ru.window.send: this phrase is missing" in problems(with_phrase(RU, "window.send", None))
    assert "phrases.es.window.sent: there is no such phrase" in problems(with_phrase(ES, "window.sent", "Enviado"))
    others = {language: phrases for language, phrases in base.phrases.items() if language is not ZH}
    assert "there are no phrases in zh" in problems(replace(base, phrases=others))


@pytest.mark.parametrize("language", [FR, ES, AR, ZH, RU])
def test_a_text_that_is_the_english(
    base: KnowledgeBase, with_translation: Change, with_phrase: Change, language: Language
) -> None:
    english = base.entries["pkg_aims"]
    assert f"the {language} answer is the English" in problems(
        with_translation("pkg_aims", language, answer=english.answer)
    )
    assert f"the {language} title is the English" in problems(
        with_translation("pkg_aims", language, title=english.title)
    )
    assert f"phrases.{language}.clarify: the {language} phrase is the English" in problems(
        with_phrase(language, "clarify", base.phrases[Language.EN].by_key["clarify"])
    )


@pytest.mark.parametrize("language", [AR, ZH, RU])
def test_a_text_mostly_in_latin_letters(with_translation: Change, language: Language) -> None:
    found = problems(with_translation("pkg_aims", language, title="The aims it has"))
    assert f"pkg_aims.{language}: the {language} title is mostly in Latin letters" in found


@pytest.mark.parametrize("language", [FR, ES])
def test_a_passage_left_in_english(with_answer: Change, language: Language) -> None:
    found = problems(with_answer("pkg_aims", language, "pand", "to help member states cope with the pand"))
    assert f"the {language} answer repeats the English 'to help member states cope with'" in found


def test_an_area_or_contact_without_a_language(base: KnowledgeBase) -> None:
    def lacking(texts: Any, language: Language) -> dict[Language, str]:
        return {other: text for other, text in texts.items() if other is not language}

    area, contact = base.areas["response_package"], base.contacts["focal_point"]
    areas = {**base.areas, area.id: area.model_copy(update={"title": lacking(area.title, AR)})}
    assert "response_package: its title is not given in ar" in problems(replace(base, areas=areas))
    for field in ("name", "title"):
        for language in (RU, Language.EN):
            changed = contact.model_copy(update={field: lacking(getattr(contact, field), language)})
            found = problems(replace(base, contacts={**base.contacts, contact.id: changed}))
            assert f"focal_point: its {field} is not given in {language}" in found
