"""The files of translations have one layout: what is read from them is written back as it was."""

from __future__ import annotations

from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st
from ruamel.yaml import YAML

from knowledge.base import CONTENT, KnowledgeBase
from knowledge.records import Language, Translation
from knowledge.translation_files import WIDTH, document, write

FILES = sorted((CONTENT / "translations").glob("*/*.yml"))
LETTERS = st.characters(categories=["L", "N", "P", "S"])
TEXTS = st.lists(st.text(LETTERS, min_size=1, max_size=150), min_size=1, max_size=30).map(" ".join)


def of_area(base: KnowledgeBase, area: str, language: Language) -> list[Translation]:
    return [e.translations[language] for e in base.entries.values() if e.area == area and language in e.translations]


@pytest.mark.parametrize("path", FILES, ids=lambda path: f"{path.parent.name}-{path.stem}")
def test_what_is_read_is_written_as_it_was(base: KnowledgeBase, tmp_path: Path, path: Path) -> None:
    written = tmp_path / path.parent.name / path.name
    write(written, path.stem, of_area(base, path.stem, Language(path.parent.name)))
    assert written.read_text(encoding="utf-8") == path.read_text(encoding="utf-8"), (
        "not in the layout of knowledge/translation_files.py"
    )


@given(title=TEXTS, answer=TEXTS, question=TEXTS, language=st.sampled_from(Language))
def test_any_text_is_read_as_it_was_written(title: str, answer: str, question: str, language: Language) -> None:
    translation = Translation.model_construct(
        id="pkg_overview", of="0123456789ab", approved=True, title=title, answer=answer, questions=(question,)
    )
    text = document("response_package", [translation], language)
    read = YAML(typ="safe").load(text)
    assert read == {"area": "response_package", "entries": [{**dict(translation), "questions": [question]}]}


def test_a_long_answer_is_wrapped_and_a_chinese_one_is_not(base: KnowledgeBase) -> None:
    text = document("response_package", of_area(base, "response_package", Language.FR), Language.FR)
    answers = [line for line in text.splitlines() if line.startswith("      ") and not line.startswith("      -")]
    assert max(map(len, answers)) == WIDTH + len("      ")
    chinese = of_area(base, "response_package", Language.ZH)
    assert all(f"      {t.answer}\n" in document("response_package", [t], Language.ZH) for t in chinese)
