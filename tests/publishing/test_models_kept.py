"""Which models are kept once others are published."""

from __future__ import annotations

from collections.abc import AsyncIterator
from pathlib import Path

import pytest

from bot.publishing.changes import Changes
from bot.publishing.engines import Engines
from bot.publishing.jobs import Jobs
from bot.publishing.pointer import Slot
from bot.publishing.publisher import KEPT, Publisher
from bot.publishing.served import Served
from bot.publishing.versions import Versions
from bot.settings import Settings
from bot.store.database import Sessions
from bot.store.publishing_tables import JobState, VersionState
from knowledge.base import KnowledgeBase
from tests.publishing.conftest import NOW

pytestmark = pytest.mark.slow


class AtOnce(Engines):
    """Engines that are ready as soon as they are started."""

    async def start(self, slot: Slot, model: Path) -> None:
        assert model.exists()

    async def stop(self, slot: Slot) -> None:
        """Nothing runs."""


@pytest.fixture
async def publisher(store: Sessions, tmp_path: Path, base: KnowledgeBase) -> AsyncIterator[Publisher]:
    settings = Settings(data_dir=tmp_path, models_dir=tmp_path / "models")
    (tmp_path / "models").mkdir()
    served = Served(base, dict.fromkeys(Slot, "http://127.0.0.1:1"))
    one = Publisher(
        settings, Versions(store), Changes(store), Jobs(store), served, AtOnce(tmp_path, dict.fromkeys(Slot, ""))
    )
    yield one
    await one.close()


async def test_old_models_of_ours_are_removed_and_those_to_go_back_to_are_not(
    publisher: Publisher, store: Sessions, tmp_path: Path
) -> None:
    models, jobs, versions = tmp_path / "models", Jobs(store), Versions(store)
    for name in ("first.tar.gz", "somebody-elses.tar.gz"):
        (models / name).touch()
    checkout = await publisher.checkout()
    await versions.first("first.tar.gz", checkout.name, "base", "edith", NOW)
    made = [f"model-{number}.tar.gz" for number in range(KEPT + 2)]
    for name in made:
        current = await publisher.model_now()
        (models / name).touch()
        row = await jobs.begin([], current, None, "edith", NOW)
        await jobs.end(row.id, JobState.DONE, NOW, model=name, result={})
        await publisher.publish_job(row.id, "edith", NOW)
        await publisher.wait()
    assert {row.state for row in await versions.newest()} == {VersionState.PUBLISHED}
    kept = {path.name for path in models.iterdir()}
    assert kept == {"first.tar.gz", "somebody-elses.tar.gz", *made[-KEPT:]}
    await publisher.roll_back("edith", NOW)
    await publisher.wait()
    assert await publisher.model_now() == made[-2]
