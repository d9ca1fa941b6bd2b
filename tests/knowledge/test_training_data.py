"""What Rasa learns is derived from the knowledge base, and the committed files say the same."""

from __future__ import annotations

from pathlib import Path

import pytest
from ruamel.yaml import YAML

from knowledge.base import CONTENT, KnowledgeBase
from knowledge.records import Language
from knowledge.training_data import derive, out_of_date, write

pytestmark = pytest.mark.slow


def test_the_committed_files_are_what_the_knowledge_base_says(base: KnowledgeBase) -> None:
    assert out_of_date(derive(base, CONTENT.parent)) == [], "run `make derive` and commit the files"


def test_a_file_is_written_only_where_it_differs(base: KnowledgeBase, tmp_path: Path) -> None:
    files = derive(base, tmp_path)
    assert sorted(write(files)) == sorted(files)
    assert write(files) == []
    first = next(iter(files))
    first.write_text("edited by hand", encoding="utf-8")
    assert write(files) == [first]


def test_every_question_becomes_an_example_of_its_intent(base: KnowledgeBase, tmp_path: Path) -> None:
    examples: dict[tuple[str, str], tuple[str, list[str]]] = {}
    for path, text in derive(base, tmp_path).items():
        for block in YAML(typ="safe").load(text)["nlu"]:
            if "intent" in block:
                lines = [line.removeprefix("- ") for line in block["examples"].splitlines()]
                about = block["metadata"]
                examples[about["request"], about["language"]] = (block["intent"], lines)
        assert path.is_relative_to(tmp_path)
    for entry in base.entries.values():
        for language in Language:
            intent, lines = examples[entry.id, language]
            assert intent == (entry.area if entry.answered else "open_question")
            assert len(lines) == len(entry.in_language(language).questions)
