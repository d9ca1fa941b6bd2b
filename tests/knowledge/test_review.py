"""The page for language reviewers shows all that is said, in six columns, and marks what nobody has approved."""

from __future__ import annotations

from collections import Counter
from dataclasses import dataclass, field, replace
from html.parser import HTMLParser
from pathlib import Path
from typing import Any

import pytest

from knowledge import __main__ as commands
from knowledge.base import KnowledgeBase
from knowledge.phrases import Phrases
from knowledge.records import Language
from knowledge.review import page, write

VOID = {"meta"}


@dataclass
class Shown:
    """A cell of the page: its attributes and the words in it."""

    attributes: dict[str, str | None]
    words: list[str] = field(default_factory=list)


class Page(HTMLParser):
    """The cells of the page by row, all ids, all links, and whether every element is closed."""

    def __init__(self, html: str) -> None:
        super().__init__()
        self.rows: dict[str, list[Shown]] = {}
        self.ids: list[str] = []
        self.links: list[str] = []
        self.tags: Counter[str] = Counter()
        self._open: list[str] = []
        self._row: list[Shown] = []
        self.feed(html)
        self.close()
        assert self._open == []

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        self.tags[tag] += 1
        given = dict(attrs)
        if identity := given.get("id"):
            self.ids.append(identity)
            if tag == "tbody":
                self._row = self.rows.setdefault(identity, [])
        if tag == "td" and "lang" in given:
            self._row.append(Shown(given))
        if tag == "a":
            self.links.append(given["href"] or "")
        if tag not in VOID:
            self._open.append(tag)

    def handle_endtag(self, tag: str) -> None:
        assert self._open.pop() == tag

    def handle_data(self, data: str) -> None:
        if "td" in self._open and self._row and data.strip():
            self._row[-1].words.append(data)


@pytest.fixture(scope="module")
def shown(base: KnowledgeBase) -> Page:
    return Page(page(base))


def with_entry(base: KnowledgeBase, entry_id: str, **fields: Any) -> KnowledgeBase:
    changed = base.entries[entry_id].model_copy(update=fields)
    return replace(base, entries={**base.entries, entry_id: changed})


def test_every_entry_stands_in_its_area_in_six_columns(base: KnowledgeBase, shown: Page) -> None:
    for entry in base.entries.values():
        cells = shown.rows[f"{entry.area}-{entry.id}"]
        assert [cell.attributes["lang"] for cell in cells] == ["en", "fr", "es", "ar", "zh", "ru"]
        assert [cell.attributes["dir"] for cell in cells] == ["ltr", "ltr", "ltr", "rtl", "ltr", "ltr"]
        for cell, language in zip(cells, Language):
            written = entry.in_language(language)
            assert cell.words[-2:] == [written.title, written.answer]
            assert ("class" in cell.attributes) == entry.needs_review_in(language)


def test_the_phrases_contacts_and_names_of_areas_are_there_too(base: KnowledgeBase, shown: Page) -> None:
    for column, language in enumerate(Language):
        for key, text in base.phrases[language].by_key.items():
            assert shown.rows[f"phrases-{key}"][column].words == [text]
    for contact in base.contacts.values():
        for cell, language in zip(shown.rows[f"contacts-{contact.id}"], Language):
            assert cell.words == [contact.name[language], contact.title[language]]
    for area in base.areas.values():
        assert shown.rows[f"{area.id}-{area.id}.title"][1].words == [area.title[Language.FR]]


def test_the_index_leads_to_every_section(base: KnowledgeBase, shown: Page) -> None:
    assert shown.links == [f"#{section}" for section in (*base.areas, "contacts", "phrases")]
    assert len(set(shown.ids)) == len(shown.ids)
    assert {link[1:] for link in shown.links} <= set(shown.ids)


def test_the_page_needs_no_other_file_and_runs_nothing(shown: Page) -> None:
    assert not shown.tags.keys() & {"link", "script", "img", "iframe"}
    assert shown.tags["style"] == 1


def test_what_is_outdated_not_approved_or_missing_is_marked(base: KnowledgeBase) -> None:
    entry = base.entries["pkg_overview"]
    current = {"of": entry.version, "approved": True}
    changes: dict[Language, dict[str, Any]] = {
        Language.FR: current,
        Language.ES: {**current, "approved": False},
        Language.AR: {**current, "of": "0" * 12},
        Language.ZH: {"of": "0" * 12, "approved": False},
    }
    translations = {lang: entry.translations[lang].model_copy(update=change) for lang, change in changes.items()}
    cells = Page(page(with_entry(base, entry.id, translations=translations))).rows["response_package-pkg_overview"]
    assert [cell.words[:-2] for cell in cells[:-1]] == [
        [],
        [],
        ["not approved"],
        ["outdated"],
        ["outdated", "not approved"],
    ]
    assert cells[-1].words == ["missing"]
    assert ["class" in cell.attributes for cell in cells] == [False, False, True, True, True, True]


def test_a_phrase_that_a_language_lacks_is_marked(base: KnowledgeBase) -> None:
    less = {key: text for key, text in base.phrases[Language.RU].by_key.items() if key != "welcome"}
    phrases = {**base.phrases, Language.RU: Phrases(Language.RU, less)}
    assert Page(page(replace(base, phrases=phrases))).rows["phrases-welcome"][-1].words == ["missing"]


def test_a_gap_is_told_from_an_answer(base: KnowledgeBase) -> None:
    gaps = sum(not entry.answered for entry in base.entries.values())
    assert page(base).count("(gap: no fact answers this)") == gaps > 0


def test_what_looks_like_html_is_shown_as_it_is_written(base: KnowledgeBase) -> None:
    html = page(with_entry(base, "pkg_overview", title="<script>alert('1')</script>", answer="a < b & c"))
    assert "<script>" not in html
    assert Page(html).rows["response_package-pkg_overview"][0].words == ["<script>alert('1')</script>", "a < b & c"]


def test_the_command_writes_the_page_where_it_is_told(
    base: KnowledgeBase, tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    path = tmp_path / "new/folder/page.html"
    assert commands.main(["review", str(path)]) == 0
    assert capsys.readouterr().out == f"wrote {path}\n"
    assert path.read_text(encoding="utf-8") == page(base)
    write(base, tmp_path / "again.html")
    assert (tmp_path / "again.html").read_text(encoding="utf-8") == page(base)
