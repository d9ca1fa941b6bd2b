"""Every text that the staff's pages ask for is there, every one there is asked for, and none stands elsewhere."""

from __future__ import annotations

import ast
import re
from collections.abc import Iterable, Iterator, Mapping
from pathlib import Path

import pytest

from bot.console.acts import Act
from bot.console.cases import STATES
from bot.console.permissions import Role
from bot.console.record import FEEDBACK
from bot.console.rendering import TEMPLATES
from bot.console.review import SHOW
from bot.console.texts import Texts
from bot.conversation.outcome import Outcome
from bot.log.filters import Filters
from bot.publishing.comparison import Among
from bot.publishing.hints import Says
from bot.publishing.jobs import STEPS
from bot.review.reasons import Reason
from bot.review.settling import State, Verdict
from bot.settings import ROOT
from bot.store.case_causes import Cause
from bot.store.case_tables import LetterKind, LetterState, MailKind
from bot.store.inbox import Unfit
from bot.store.publishing_tables import JobState, VersionKind, VersionState
from bot.store.staff import Way
from knowledge.records import Kind, Language, Use

GROUPS: Mapping[str, Iterable[str]] = {
    "act": Act,
    "among": Among,
    "case_cause": Cause,
    "case_state": STATES,
    "change_kind": ("question_added", "outside_added", "unanswered_added", "answer_edited", "entry_proposed"),
    "hint": Says,
    "job_state": JobState,
    "job_step": STEPS,
    "kind": Kind,
    "feedback": FEEDBACK,
    "language": Language,
    "not_aside": Unfit,
    "letter_kind": LetterKind,
    "letter_state": LetterState,
    "mail_kind": MailKind,
    "outcome": Outcome,
    "reason": Texts().phrases.below("reason"),
    "record_filter": Filters.model_fields,
    "review_reason": [reason.key for reason in Reason],
    "review_show": SHOW,
    "review_state": State,
    "role": Role,
    "role_for": Role,
    "use": Use,
    "verdict": Verdict,
    "version_kind": VersionKind,
    "version_state": VersionState,
    "way": Way,
    "unsuitable": ("short", "long", "name"),
    "problem_title": ("403", "404", "405", "409", "413", "422", "429", "500", "other"),
    "problem_text": ("403", "404", "405", "409", "413", "422", "429", "500", "other"),
}
"""What can stand after `t.of("group", …)`."""

SOURCES = sorted((ROOT / "bot/console").glob("**/*.py"))
PAGES = sorted(TEMPLATES.glob("**/*.html"))

IN_TEMPLATES = re.compile(r"""\bt(\.of|\.named)?\("([^"]+)\"""")


def asked_in_code(source: str) -> Iterator[tuple[bool, str]]:
    """The keys written out in code, and whether each names a group: `t("…")`, `texts_of(request)("…")`, `nav="…"`."""
    for node in ast.walk(ast.parse(source)):
        if isinstance(node, ast.keyword) and node.arg == "nav" and isinstance(node.value, ast.Constant):
            yield False, str(node.value.value)
        if not isinstance(node, ast.Call) or not node.args or not isinstance(node.args[0], ast.Constant):
            continue
        if not isinstance(node.args[0].value, str):
            continue
        called = ast.unparse(node.func)
        if called in ("t", "texts", "texts_of(request)"):
            yield False, node.args[0].value
        elif called in ("t.of", "t.named", "texts_of(request).of", "texts_of(request).named", "Texts().of"):
            yield True, node.args[0].value


def asked() -> set[str]:
    found = [one for path in SOURCES for one in asked_in_code(path.read_text(encoding="utf-8"))]
    for path in PAGES:
        found += [(bool(of), key) for of, key in IN_TEMPLATES.findall(path.read_text(encoding="utf-8"))]
    return set(asked_by(found))


def asked_by(found: list[tuple[bool, str]]) -> Iterator[str]:
    for is_group, key in found:
        yield from (f"{key}.{name}" for name in GROUPS[key]) if is_group else (key,)


def test_every_key_that_is_used_is_there_and_every_key_there_is_used() -> None:
    there = Texts().phrases.keys
    assert sorted(asked() - there) == []
    assert sorted(there - asked()) == []


@pytest.mark.parametrize("path", PAGES, ids=lambda path: path.name)
def test_no_template_has_words_of_its_own(path: Path) -> None:
    text = path.read_text(encoding="utf-8")
    left = re.sub(r"\{%.*?%\}|\{\{.*?\}\}|\{#.*?#\}|<[^>]*>", " ", text, flags=re.S)
    assert re.findall(r"[^\W\d_]{2,}", left) == []
    assert re.findall(r'\b(?:aria-label|alt|title|placeholder)="[^"{]*[A-Za-z][^"]*"', text) == []


@pytest.mark.parametrize("path", PAGES, ids=lambda path: path.name)
def test_no_template_has_script_or_style_in_it(path: Path) -> None:
    text = path.read_text(encoding="utf-8")
    assert re.findall(r"\son\w+=|\sstyle=|<style|javascript:|hx-on|\|\s*safe", text) == []
    assert all("src=" in tag for tag in re.findall(r"<script[^>]*>", text))
