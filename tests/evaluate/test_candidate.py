"""A candidate is corrected where its changes are questions and that is enough, and trained otherwise."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import pytest

from bot.evaluate import candidate
from bot.publishing.changes import AnswerEdited, Change, OutsideAdded, QuestionAdded
from bot.settings import Settings
from knowledge.records import Language

ASKS = QuestionAdded(language=Language.EN, text="whom do I ring about the bundle", entry="pkg_contact")
LIES_OUTSIDE = OutsideAdded(language=Language.FR, text="la météo à Genève", topic="weather_food_sport")
EDITED = AnswerEdited(entry="pkg_contact", language=Language.EN, title="Contact", answer="Write to the focal point.")


class Made:
    """What was done to make candidates, in its order."""

    def __init__(self, *, enough: bool) -> None:
        self.enough, self.steps = enough, list[str]()

    def correct(self, old: Path, wanted: Path, questions: Any, record: Path | None) -> bool:
        self.steps.append("corrected with " + ", ".join(request for _, request in questions))
        return self.enough

    def train(self, models: Path, content: Path, record: Path | None) -> None:
        self.steps.append("trained")


def steps(monkeypatch: pytest.MonkeyPatch, folder: Path, *changes: Change, enough: bool = True) -> list[str]:
    made = Made(enough=enough)
    monkeypatch.setattr(candidate, "correct", made.correct)
    monkeypatch.setattr(candidate, "train", made.train)
    settings = Settings(data_dir=folder, models_dir=folder)
    training = candidate.Training(None, settings, None, None, None)  # type: ignore[arg-type]
    training._make(folder / "old.tar.gz", folder / "new.tar.gz", folder, changes)
    return made.steps


def test_questions_correct_the_model_that_runs(monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> None:
    found = steps(monkeypatch, tmp_path, ASKS, LIES_OUTSIDE)
    assert found == ["corrected with pkg_contact, weather_food_sport"]


def test_where_that_is_not_enough_it_is_trained(monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> None:
    assert steps(monkeypatch, tmp_path, ASKS, enough=False) == ["corrected with pkg_contact", "trained"]


@pytest.mark.parametrize("changes", [(), (ASKS, EDITED)])
def test_anything_else_is_trained(monkeypatch: pytest.MonkeyPatch, tmp_path: Path, changes: tuple[Change, ...]) -> None:
    assert steps(monkeypatch, tmp_path, *changes) == ["trained"]
