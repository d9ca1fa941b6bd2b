"""Translations go out to translators' tools as XLIFF 2.0, and come back."""

from __future__ import annotations

import re
import shutil
import xml.etree.ElementTree as ET
from collections.abc import Callable
from dataclasses import replace
from pathlib import Path
from typing import Any

import pytest

from knowledge import __main__ as commands
from knowledge.base import CONTENT, KnowledgeBase, load
from knowledge.reading import ContentError
from knowledge.records import Entry, Language, Translation
from knowledge.xliff import NAMESPACE, DocumentError, export, import_

pytestmark = pytest.mark.slow

FR = Language.FR
AREA = "response_package"
XLF = {"x": NAMESPACE}

Change = Callable[..., KnowledgeBase]


@pytest.fixture(scope="module")
def base(base: KnowledgeBase) -> KnowledgeBase:
    """The real content while every translation is current and none is approved."""

    def fresh(entry: Entry) -> Entry:
        changes = {"of": entry.version, "approved": False}
        translations = {language: t.model_copy(update=changes) for language, t in entry.translations.items()}
        return entry.model_copy(update={"translations": translations})

    return replace(base, entries={entry.id: fresh(entry) for entry in base.entries.values()})


@pytest.fixture
def root(tmp_path: Path) -> Path:
    """A folder with a copy of the content, to write into."""
    shutil.copytree(CONTENT, tmp_path / "knowledge", ignore=shutil.ignore_patterns("*.py", "__pycache__"))
    return tmp_path


@pytest.fixture
def with_french(base: KnowledgeBase) -> Change:
    """The knowledge base with another French translation of one entry; with none where nothing is given."""

    def change(entry_id: str, **fields: Any) -> KnowledgeBase:
        entry = base.entries[entry_id]
        translations = {language: t for language, t in entry.translations.items() if language is not FR}
        if fields:
            translations[FR] = entry.translations[FR].model_copy(update=fields)
        return replace(
            base, entries={**base.entries, entry_id: entry.model_copy(update={"translations": translations})}
        )

    return change


def unit(document: str, unit_id: str) -> str:
    """The text of one unit."""
    found = re.search(rf'    <unit id="{re.escape(unit_id)}">.*?</unit>', document, flags=re.S)
    assert found, unit_id
    return found[0]


def edited(document: str, unit_id: str, *, state: str, target: str | None = None) -> str:
    """The document with another state and perhaps another target in one unit."""
    before = unit(document, unit_id)
    after = re.sub(r'state="\w+"', f'state="{state}"', before)
    if target is not None:
        after = re.sub(r"</source>.*</segment>", f"</source><target>{target}</target></segment>", after, flags=re.S)
    return document.replace(before, after)


def swapped(document: str, old: str, new: str) -> str:
    assert old in document, f"the document no longer holds {old!r}; mend this test"
    return document.replace(old, new, 1)


def french(root: Path, entry_id: str) -> Translation:
    return load(root / "knowledge").entries[entry_id].translations[FR]


def refused(base: KnowledgeBase, document: str, root: Path) -> DocumentError:
    """The error; and nothing has been written."""
    before = {path: path.read_bytes() for path in root.rglob("*.yml")}
    with pytest.raises(DocumentError) as caught:
        import_(base, document, root)
    assert {path: path.read_bytes() for path in root.rglob("*.yml")} == before
    return caught.value


# What goes out


def test_the_document_has_all_that_needs_review_by_area(with_french: Change) -> None:
    base = with_french("pkg_overview", approved=True)
    for language in (FR, Language.AR):
        document = ET.XML(export(base, language))
        assert document.tag == f"{{{NAMESPACE}}}xliff"
        assert document.attrib == {"version": "2.0", "srcLang": "en", "trgLang": language}
        units = {file.get("id"): [u.get("id") for u in file.iterfind("x:unit", XLF)] for file in document}
        expected: dict[str | None, list[str | None]] = {area: [] for area in base.areas}
        for entry in base.entries.values():
            if entry.id != "pkg_overview" or language is not FR:
                expected[entry.area] += [f"{entry.id}.title", f"{entry.id}.answer"]
        assert units == expected


def test_what_is_not_approved_goes_out_as_translated(with_french: Change) -> None:
    changed = with_french("pkg_overview", approved=False, title="Titre & « texte »")
    document = ET.XML(export(changed, FR))
    segment = document.find(".//x:unit[@id='pkg_overview.title']/x:segment", XLF)
    assert segment is not None
    assert segment.get("state") == "translated"
    assert segment.findtext("x:source", None, XLF) == changed.entries["pkg_overview"].title
    assert segment.findtext("x:target", None, XLF) == "Titre & « texte »"
    assert document.find(".//x:unit[@id='pkg_overview.title']/x:notes", XLF) is None


def test_what_is_missing_goes_out_as_initial_and_without_a_target(with_french: Change) -> None:
    text = unit(export(with_french("pkg_overview"), FR), "pkg_overview.answer")
    assert 'state="initial"' in text
    assert "<target>" not in text


@pytest.mark.parametrize("approved", [True, False])
def test_what_is_outdated_goes_out_with_a_note_and_is_to_be_looked_at(with_french: Change, approved: bool) -> None:
    text = unit(export(with_french("pkg_overview", of="0" * 12, approved=approved), FR), "pkg_overview.answer")
    assert "<note>The English has changed" in text
    assert 'state="initial"' in text
    assert "<target>" in text


# What comes back


def test_what_comes_back_untouched_changes_nothing(base: KnowledgeBase, root: Path) -> None:
    for language in list(Language)[1:]:
        assert import_(base, export(base, language), root) == []


def test_a_new_wording_is_written_into_its_file_and_nothing_else_is(with_french: Change, root: Path) -> None:
    before = with_french("pkg_overview", approved=False)
    path = root / f"knowledge/translations/fr/{AREA}.yml"
    others = {p: p.read_bytes() for p in root.rglob("*.yml") if p != path}
    document = edited(
        export(before, FR), "pkg_overview.title", state="translated", target="Un nouveau\n  titre&#160;!\u2028"
    )
    assert import_(before, document, root) == [path]
    after = french(root, "pkg_overview")
    assert after.title == "Un nouveau titre\u00a0!"
    assert after.answer == before.entries["pkg_overview"].translations[FR].answer
    assert after.questions == before.entries["pkg_overview"].translations[FR].questions
    assert after.of == before.entries["pkg_overview"].version
    assert not after.approved
    assert {p: p.read_bytes() for p in root.rglob("*.yml") if p != path} == others


@pytest.mark.parametrize(
    ("title", "answer", "approved"),
    [
        ("final", "reviewed", True),
        ("reviewed", "reviewed", True),
        ("final", "translated", False),
        ("initial", "final", False),
    ],
)
def test_a_translation_is_approved_when_title_and_answer_are(
    with_french: Change, root: Path, title: str, answer: str, approved: bool
) -> None:
    before = with_french("pkg_overview", approved=False)
    document = edited(export(before, FR), "pkg_overview.title", state=title)
    document = edited(document, "pkg_overview.answer", state=answer, target="Une réponse.")
    import_(before, document, root)
    assert french(root, "pkg_overview").approved is approved


def test_an_approval_that_was_given_ends_with_a_new_wording(with_french: Change, root: Path) -> None:
    document = export(with_french("pkg_overview", approved=False), FR)
    document = edited(document, "pkg_overview.title", state="translated", target="Autre titre")
    import_(with_french("pkg_overview", approved=True), document, root)
    assert not french(root, "pkg_overview").approved


def test_what_is_outdated_becomes_current_only_when_both_are_done(with_french: Change, root: Path) -> None:
    before = with_french("pkg_overview", of="0" * 12)
    document = export(before, FR)
    assert import_(before, document, root) == []
    document = edited(document, "pkg_overview.title", state="final", target="Titre")
    import_(before, document, root)
    assert french(root, "pkg_overview").of == "0" * 12
    document = edited(document, "pkg_overview.answer", state="final", target="Réponse.")
    import_(before, document, root)
    assert french(root, "pkg_overview").of == before.entries["pkg_overview"].version


def test_a_new_translation_is_written_and_asks_for_its_questions(with_french: Change, root: Path) -> None:
    before = with_french("pkg_overview")
    document = edited(export(before, FR), "pkg_overview.title", state="final", target="Titre")
    document = edited(document, "pkg_overview.answer", state="final", target="Réponse.")
    (path,) = import_(before, document, root)
    assert path.read_text(encoding="utf-8").startswith(
        f'area: {AREA}\nentries:\n  - id: pkg_overview\n    of: "{before.entries["pkg_overview"].version}"\n'
        '    approved: true\n    title: "Titre"\n    answer: >-\n      Réponse.\n    questions: []\n'
    )
    with pytest.raises(ContentError) as caught:
        load(root / "knowledge")
    assert "questions: has 0 items and needs 6" in caught.value.problem


def test_remarks_of_a_tool_inside_a_text_are_left_out(base: KnowledgeBase, root: Path) -> None:
    document = edited(
        export(base, FR), "pkg_overview.title", state="final", target='Titre <mrk id="1" type="term">court</mrk>'
    )
    import_(base, document, root)
    assert french(root, "pkg_overview").title == "Titre court"


def test_an_answer_comes_back_in_any_script(base: KnowledgeBase, root: Path) -> None:
    for language, answer in ((Language.AR, "إجابة \"جديدة\" عن 'كوفيد-19': نعم."), (Language.ZH, "新 的 回 答。" * 40)):
        document = edited(export(base, language), "pkg_overview.answer", state="translated", target=answer)
        import_(base, document, root)
        assert load(root / "knowledge").entries["pkg_overview"].translations[language].answer == answer


# What is refused


@pytest.mark.parametrize(
    ("document", "line", "problem"),
    [
        ("", 1, "not XML: no element found"),
        ("<xliff>\n<file></xliff>", 2, "not XML: mismatched tag"),
        ("<html/>", 1, "not XLIFF 2.0; save it as XLIFF 2.0"),
        ('<xliff version="2.0"/>', 1, "not XLIFF 2.0"),
        ('<xliff xmlns="urn:oasis:names:tc:xliff:document:1.2" version="1.2"/>', 1, "not XLIFF 2.0"),
        (f'<xliff xmlns="{NAMESPACE}" version="2.2"/>', 1, "not XLIFF 2.0"),
    ],
)
def test_what_is_not_xliff_2_0(base: KnowledgeBase, root: Path, document: str, line: int, problem: str) -> None:
    error = refused(base, document, root)
    assert error.line == line
    assert problem in error.problem


@pytest.mark.parametrize(
    "declaration",
    [
        '<!DOCTYPE xliff [<!ENTITY title SYSTEM "file:///etc/passwd">]>',
        '<!DOCTYPE xliff [<!ENTITY a "aaaaaaaaaa"><!ENTITY title "&a;&a;&a;&a;&a;&a;&a;&a;">]>',
        '<!DOCTYPE xliff SYSTEM "http://192.0.2.1/xliff.dtd">',
    ],
)
def test_a_document_type_and_its_entities(base: KnowledgeBase, root: Path, declaration: str) -> None:
    document = edited(export(base, FR), "pkg_overview.title", state="final", target="&title;")
    error = refused(base, swapped(document, "<xliff", f"{declaration}\n<xliff"), root)
    assert error.line == 2
    assert "remove <!DOCTYPE" in error.problem


@pytest.mark.parametrize("language", ["de", "en", "fr-CH", ""])
def test_a_language_that_is_not_ours(base: KnowledgeBase, root: Path, language: str) -> None:
    error = refused(base, swapped(export(base, FR), 'trgLang="fr"', f'trgLang="{language}"'), root)
    assert error.line == 2
    assert f"trgLang {language!r} is none of our languages; use one of fr, es, ar, zh, ru" in error.problem


def test_a_translation_from_another_language(base: KnowledgeBase, root: Path) -> None:
    error = refused(base, swapped(export(base, FR), 'srcLang="en"', 'srcLang="es"'), root)
    assert "translate from the English" in error.problem


@pytest.mark.parametrize("unit_id", ["pkg_nothing.title", "pkg_overview.questions", "pkg_overview"])
def test_a_unit_that_does_not_exist(base: KnowledgeBase, root: Path, unit_id: str) -> None:
    document = swapped(export(base, FR), '"pkg_aims.title"', f'"{unit_id}"')
    error = refused(base, document, root)
    assert f'"{unit_id}"' in document.splitlines()[error.line - 1]
    assert f"unit {unit_id}: there is no such title or answer; mend its id, or remove it" in str(error)


def test_a_unit_that_is_there_twice(base: KnowledgeBase, root: Path) -> None:
    document = swapped(export(base, FR), '"pkg_aims.title"', '"pkg_overview.title"')
    assert "unit pkg_overview.title: it is there twice" in str(refused(base, document, root))


def test_an_english_that_has_changed_since(base: KnowledgeBase, root: Path) -> None:
    document = export(base, FR)
    entry = base.entries["pkg_overview"].model_copy(update={"title": "Another title"})
    error = refused(replace(base, entries={**base.entries, entry.id: entry}), document, root)
    assert "unit pkg_overview.title: its English is not what we say now; translate a new export" in str(error)


@pytest.mark.parametrize(
    ("target", "problem"),
    [
        ("", "String should have at least 1 character; mend its target"),
        ("Mot " * 20, "String should have at most 60 characters; mend its target"),
        ('Un <ph id="1"/> titre', "its text holds codes, such as <ph>; ours is plain, so remove them"),
    ],
)
def test_a_target_that_cannot_be_used(base: KnowledgeBase, root: Path, target: str, problem: str) -> None:
    document = edited(export(base, FR), "pkg_overview.title", state="final", target=target)
    assert problem in refused(base, document, root).problem


def test_a_state_that_the_standard_does_not_know(base: KnowledgeBase, root: Path) -> None:
    document = edited(export(base, FR), "pkg_overview.title", state="done")
    assert "use one of initial, translated, reviewed, final" in refused(base, document, root).problem


def test_a_unit_in_pieces(base: KnowledgeBase, root: Path) -> None:
    document = swapped(export(base, FR), "</segment>", "</segment><segment><source>More</source></segment>")
    assert "it has 2 segments instead of one" in refused(base, document, root).problem


def test_half_of_a_new_translation(with_french: Change, root: Path) -> None:
    before = with_french("pkg_overview")
    document = edited(export(before, FR), "pkg_overview.title", state="final", target="Titre")
    assert "unit pkg_overview.title: only one of title and answer" in str(refused(before, document, root))


# The commands


def test_the_commands_write_read_and_say_what_is_wrong(
    root: Path, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    monkeypatch.setattr(commands, "ROOT", root)
    monkeypatch.setattr(commands, "CONTENT", root / "knowledge")
    # One entry that needs review, whatever the others do.
    before = root / f"knowledge/translations/fr/{AREA}.yml"
    before.write_text(before.read_text("utf-8").replace("approved: true", "approved: false", 1), encoding="utf-8")
    assert commands.main(["export", "fr"]) == 0
    path = root / "var/xliff/fr.xlf"
    assert "need review in fr" in capsys.readouterr().out

    assert commands.main(["import", str(path)]) == 0
    assert "nothing in it is new" in capsys.readouterr().out

    document = path.read_text(encoding="utf-8")
    changed = edited(document, "pkg_overview.title", state="final", target="Titre")
    path.write_text("\ufeff" + changed, encoding="utf-8")
    assert commands.main(["import", str(path)]) == 0
    assert f"wrote knowledge/translations/fr/{AREA}.yml\nrun `make derive`" in capsys.readouterr().out

    path.write_text(document.replace("pkg_overview.title", "pkg_nothing.title"), encoding="utf-8")
    assert commands.main(["import", str(path)]) == 1
    assert f"{path}:7: unit pkg_nothing.title: there is no such" in capsys.readouterr().err

    path.write_bytes(b"\xff")
    assert commands.main(["import", str(path)]) == 1
    assert "save it as UTF-8" in capsys.readouterr().err
    assert commands.main(["import", str(root)]) == 1
    assert "give the path of an XLIFF file" in capsys.readouterr().err


def test_nothing_is_exported_where_nothing_needs_review(
    root: Path, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    monkeypatch.setattr(commands, "CONTENT", root / "knowledge")
    base = load(root / "knowledge")
    for path in (root / "knowledge/translations/fr").glob("*.yml"):
        text = path.read_text(encoding="utf-8").replace("approved: false", "approved: true")
        for entry in base.entries.values():
            text = text.replace(
                f'id: {entry.id}\n    of: "{entry.translations[FR].of}"', f'id: {entry.id}\n    of: "{entry.version}"'
            )
        path.write_text(text, encoding="utf-8")
    assert commands.main(["export", "fr", str(root / "fr.xlf")]) == 0
    assert capsys.readouterr().out == "nothing needs review in fr\n"
    assert not (root / "fr.xlf").exists()
