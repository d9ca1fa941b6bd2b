"""Writes the files of `knowledge/translations/` in the one layout they have, so that a change shows as a change."""

from __future__ import annotations

import json
import textwrap
from collections.abc import Iterable
from pathlib import Path

from knowledge.records import Language, Translation

WIDTH = 104
"""Characters of a line of an answer, without its indentation."""


def write(path: Path, area: str, translations: Iterable[Translation]) -> None:
    """Writes the translations of an area's entries; the folder of `path` names their language."""
    path.parent.mkdir(parents=True, exist_ok=True)
    path.write_text(document(area, translations, Language(path.parent.name)), encoding="utf-8")


def document(area: str, translations: Iterable[Translation], language: Language) -> str:
    """The text of such a file."""
    return f"area: {area}\nentries:\n" + "\n".join(_item(translation, language) for translation in translations)


def _item(translation: Translation, language: Language) -> str:
    lines = [
        f"  - id: {translation.id}",
        f'    of: "{translation.of}"',
        f"    approved: {str(translation.approved).lower()}",
        f"    title: {_quoted(translation.title)}",
        "    answer: >-",
        *(f"      {line}" for line in _lines(translation.answer, language)),
    ]
    if translation.questions:
        lines += ["    questions:", *(f"      - {_quoted(question)}" for question in translation.questions)]
    else:
        lines.append("    questions: []")
    return "\n".join(lines) + "\n"


def _quoted(text: str) -> str:
    """A double-quoted scalar: what JSON writes is YAML too."""
    return json.dumps(text, ensure_ascii=False)


def _lines(answer: str, language: Language) -> list[str]:
    """The lines of a folded scalar; Chinese stays on one, because a line's end would be read as a space."""
    if language is Language.ZH:
        return [answer]
    return textwrap.wrap(answer, WIDTH, break_long_words=False, break_on_hyphens=False)
