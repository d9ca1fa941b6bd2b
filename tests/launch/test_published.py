"""What a start does with what is published where the checkout is another one by now."""

from __future__ import annotations

from datetime import UTC, datetime
from pathlib import Path

import pytest

from bot.launch import published
from bot.launch.built_models import BuiltModels
from bot.launch.model import model_path
from bot.launch.published import to_start
from bot.publishing import pointer
from bot.publishing.changes import AnswerEdited, Change, Changes, QuestionAdded
from bot.publishing.content import FOLDER
from bot.publishing.pointer import Pointer, Slot
from bot.publishing.versions import Versions
from bot.settings import Settings
from bot.store.database import Sessions
from bot.store.publishing_tables import VersionKind, VersionRow
from bot.store.staff import Staff, Way
from knowledge.base import KnowledgeBase, load
from knowledge.records import Language
from tests.journeys.staff import with_store

pytestmark = pytest.mark.slow

NOW = datetime(2026, 11, 30, 12, tzinfo=UTC)
QUESTION = QuestionAdded(language=Language.EN, text="whom do I ring about the bundle", entry="pkg_contact")
GONE = QuestionAdded(language=Language.FR, text="qui appeler", entry="no_longer_there")


@pytest.fixture
def settings(tmp_path: Path) -> Settings:
    return Settings(data_dir=tmp_path, models_dir=tmp_path / "models")


@pytest.fixture(autouse=True)
def trained(monkeypatch: pytest.MonkeyPatch) -> list[Path]:
    """The folders that a model was trained from; training itself takes minutes."""
    folders = []

    def train(models: Path, content: Path, record: Path | None) -> Path:
        folders.append(content)
        model = model_path(models, content)
        model.parent.mkdir(exist_ok=True)
        model.touch()
        BuiltModels(models, record).add(model)
        return model

    monkeypatch.setattr(published, "train", train)
    return folders


def publish(settings: Settings, *changes: Change) -> int:
    """A version with these changes, published on a checkout that is no longer there."""

    async def run(store: Sessions) -> int:
        author = (await Staff(store).add("edith", "editor", Way.PASSWORD, None, "a test", NOW)).id
        ids = [await Changes(store).stage(author, change, NOW) for change in changes]
        versions = Versions(store)
        row = await versions.prepare(VersionKind.MODEL, ids, "old.tar.gz", "another", "edith", NOW)
        await versions.published(row.id, NOW)
        kept = Pointer(version=row.id, content=row.content, model=row.model, base=row.base, slot=Slot.GREEN)
        pointer.write(settings.data, kept)
        return row.id

    return with_store(settings.data, run)


def current(settings: Settings) -> VersionRow:
    found = with_store(settings.data, lambda store: Versions(store).current())
    assert found is not None
    return found


def staged(settings: Settings) -> list[Change]:
    return [one.change for one in with_store(settings.data, lambda store: Changes(store).staged())]


def test_what_fits_is_put_upon_it_and_what_does_not_is_set_aside_and_staged_again(
    settings: Settings, base: KnowledgeBase, trained: list[Path]
) -> None:
    french = base.entries["mtg_overview"].in_language(Language.FR)
    edit = AnswerEdited(
        entry="mtg_overview", language=Language.FR, title=french.title, answer=f"{french.answer} Écrivez-nous."
    )
    before = publish(settings, QUESTION, GONE, edit)
    said: list[str] = []
    start = to_start(settings, said.append)

    row, written = current(settings), pointer.read(settings.data)
    assert (row.kind, row.before, row.author) == (VersionKind.REBASED, before, "the start")
    assert written == Pointer(
        version=row.id, content=row.content, model=start.model.name, base=row.base, slot=Slot.GREEN
    )
    assert start.slot is Slot.GREEN
    content = load(settings.data / FOLDER / row.content / "knowledge")
    assert QUESTION.text in content.entries["pkg_contact"].in_language(Language.EN).questions
    assert content.entries["mtg_overview"].in_language(Language.FR).answer.endswith("Écrivez-nous.")
    assert len(trained) == 1
    assert "no_longer_there" in (row.problem or "")
    assert any("no_longer_there" in one for one in said)
    assert staged(settings) == [GONE]

    start.model.parent.mkdir(exist_ok=True)
    start.model.touch()
    again = to_start(settings, said.append)
    assert (again, current(settings).id) == (start, row.id), "the same checkout, so it runs as it is"
    assert len(trained) == 1


def test_what_the_checkout_has_by_now_is_in_it_once(settings: Settings, base: KnowledgeBase) -> None:
    entry = base.entries["pkg_contact"]
    there = QUESTION.model_copy(update={"text": entry.questions[0]})
    publish(settings, there)
    to_start(settings, lambda _: None)
    row = current(settings)
    content = load(settings.data / FOLDER / row.content / "knowledge")
    assert content.entries["pkg_contact"].questions == entry.questions
    assert row.problem is None
    assert len(row.changes) == 1
