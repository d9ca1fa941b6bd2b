"""What is written down is so: settings are documented, and what the documents name exists."""

from __future__ import annotations

import re
from importlib import import_module
from importlib.util import find_spec
from pathlib import Path

import pytest

from bot.settings import ROOT, ConsoleSettings, HandoffSettings, ReviewSettings, Settings

KINDS = (Settings, HandoffSettings, ConsoleSettings, ReviewSettings)
DOCUMENTS = sorted([ROOT / "README.md", *(ROOT / "docs").rglob("*.md")])


def test_every_setting_is_documented_and_nothing_else_is() -> None:
    text = (ROOT / "docs/settings.md").read_text(encoding="utf-8")
    documented = set(re.findall(r"`([A-Z][A-Z_]+)`", text))
    assert documented == {name.upper() for kind in KINDS for name in kind.model_fields}


@pytest.mark.parametrize("document", DOCUMENTS, ids=lambda path: path.name)
def test_links_and_paths_lead_somewhere(document: Path) -> None:
    text = document.read_text(encoding="utf-8")
    links = [link for link in re.findall(r"\]\(([^)#]+)", text) if not link.startswith("http")]
    assert [link for link in links if not (document.parent / link).exists()] == []


@pytest.mark.parametrize("document", DOCUMENTS, ids=lambda path: path.name)
def test_links_into_documents_lead_to_a_heading(document: Path) -> None:
    for place, anchor in re.findall(r"\]\(([^)#:]*\.md|)#([^)]+)\)", document.read_text(encoding="utf-8")):
        text = ((document.parent / place) if place else document).read_text(encoding="utf-8")
        headings = re.findall(r"^#+ (.+)$", text, flags=re.M)
        assert anchor in {re.sub(r"[^\w -]", "", one.lower()).replace(" ", "-") for one in headings}, place


@pytest.mark.parametrize("document", DOCUMENTS, ids=lambda path: path.name)
def test_commands_exist(document: Path) -> None:
    makefile = (ROOT / "Makefile").read_text(encoding="utf-8")
    targets = set(re.findall(r"^([a-z-]+):", makefile, flags=re.M))
    named = set(re.findall(r"`make ([a-z-]+)`", document.read_text(encoding="utf-8")))
    assert named <= targets


@pytest.mark.parametrize("document", DOCUMENTS, ids=lambda path: path.name)
def test_python_commands_exist(document: Path, capsys: pytest.CaptureFixture[str]) -> None:
    text = document.read_text(encoding="utf-8")
    for module, words in re.findall(r"\bpython -m (bot\.[a-z]+|knowledge)\b(?!\.)((?: [a-z][a-z-]*)*)", text):
        found = find_spec(module)
        assert found is not None, module
        package = found.submodule_search_locations is not None
        with pytest.raises(SystemExit) as ended:
            import_module(f"{module}.__main__" if package else module).main([*words.split(), "--help"])
        assert ended.value.code == 0, f"{module}{words}: {capsys.readouterr().err}"
