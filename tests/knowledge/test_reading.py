"""A content file that does not fit is refused with its name, the line, and what to do."""

from __future__ import annotations

import re
import shutil
from collections.abc import Callable
from pathlib import Path

import pytest

from knowledge.base import CONTENT, load
from knowledge.reading import ContentError

pytestmark = pytest.mark.slow

Edit = Callable[[str, str, str], None]


@pytest.fixture
def content(tmp_path: Path) -> Path:
    copy = tmp_path / "knowledge"
    shutil.copytree(CONTENT, copy, ignore=shutil.ignore_patterns("*.py", "__pycache__"))
    return copy


@pytest.fixture
def edit(content: Path) -> Edit:
    def replace(name: str, old: str, new: str) -> None:
        path = content / name
        text = path.read_text(encoding="utf-8")
        assert old in text, f"{name} no longer holds {old!r}; mend this test"
        path.write_text(text.replace(old, new, 1), encoding="utf-8")

    return replace


def line_of(content: Path, name: str, needle: str) -> int:
    lines = (content / name).read_text(encoding="utf-8").splitlines()
    return next(number for number, line in enumerate(lines, 1) if needle in line)


def refused(content: Path) -> ContentError:
    with pytest.raises(ContentError) as caught:
        load(content)
    return caught.value


def test_the_content_itself_loads(content: Path) -> None:
    assert len(load(content).facts) == 208


def test_a_field_with_a_wrong_name(content: Path, edit: Edit) -> None:
    edit("contacts.yml", "    facts: [PKG08]", "    fact: [PKG08]")
    error = refused(content)
    assert error.path.name == "contacts.yml"
    assert "add it" in error.problem or "remove it" in error.problem


def test_a_kind_that_does_not_exist_is_named_with_its_line(content: Path, edit: Edit) -> None:
    edit("entries/trilateral_cooperation.yml", "kinds: [who_may]", "kinds: [whomay]")
    error = refused(content)
    assert error.line == line_of(content, "entries/trilateral_cooperation.yml", "whomay")
    assert "'whomay' is not one of" in error.problem
    assert "use one of these" in error.problem


def test_a_fact_that_does_not_exist(content: Path, edit: Edit) -> None:
    edit("entries/trilateral_cooperation.yml", "facts: [TRI07]", "facts: [TRI97]")
    error = refused(content)
    assert error.line == line_of(content, "entries/trilateral_cooperation.yml", "TRI97")
    assert "names the fact TRI97, which does not exist" in error.problem


def test_an_id_used_twice(content: Path, edit: Edit) -> None:
    edit("entries/response_package.yml", "  - id: pkg_aims\n", "  - id: pkg_overview\n")
    assert "pkg_overview is also in response_package.yml" in refused(content).problem


def test_too_few_questions(content: Path) -> None:
    path = content / "entries/bilateral_technical_assistance.yml"
    text = path.read_text(encoding="utf-8")
    path.write_text(
        re.sub(r"(    questions:\n)(?:      .*\n)+", r"\1      - Only one?\n", text, count=1), encoding="utf-8"
    )
    assert "has 1 items and needs 6" in refused(content).problem


def test_a_file_that_is_no_yaml(content: Path) -> None:
    (content / "areas.yml").write_text("areas:\n  - id: [unclosed\n", encoding="utf-8")
    error = refused(content)
    assert error.path.name == "areas.yml"
    assert error.line >= 2
    assert error.problem.startswith("not YAML")


def test_a_file_that_is_not_utf8(content: Path) -> None:
    (content / "areas.yml").write_bytes(b"areas: \xff\n")
    assert "save the file as UTF-8" in refused(content).problem


def test_a_missing_file(content: Path) -> None:
    (content / "sources.yml").unlink()
    assert "restore it from version control" in refused(content).problem
