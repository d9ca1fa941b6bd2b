"""Everything of publishing that stands behind the desk, put together."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import UTC, datetime
from pathlib import Path

from bot.publishing import pointer
from bot.publishing.changes import Changes
from bot.publishing.content import FOLDER
from bot.publishing.engines import Engines
from bot.publishing.following import Following
from bot.publishing.jobs import Jobs, Trainings
from bot.publishing.pointer import Slot
from bot.publishing.publisher import Publisher
from bot.publishing.served import Served
from bot.publishing.versions import Versions
from bot.settings import ROOT, Settings
from bot.store.database import Sessions
from knowledge.base import KnowledgeBase


@dataclass(frozen=True)
class Publishing:
    """What changes the content and the model, and what is served of them."""

    served: Served
    changes: Changes
    versions: Versions
    jobs: Jobs
    trainings: Trainings
    publisher: Publisher
    following: Following

    @classmethod
    def of(cls, settings: Settings, store: Sessions, base: KnowledgeBase) -> Publishing:
        """With what is published, whose content is `base`."""
        published = pointer.read(settings.data)
        urls = _urls(settings)
        served = Served(base, urls, published.slot if published else Slot.BLUE)
        changes, versions, jobs = Changes(store), Versions(store, settings.node), Jobs(store, settings.node)
        engines = Engines(settings.data, urls, token=settings.engine_token)
        publisher = Publisher(settings, versions, changes, jobs, served, engines)
        trainings = Trainings(settings, jobs)
        return cls(served, changes, versions, jobs, trainings, publisher, Following(versions, publisher, trainings))

    async def begin(self) -> None:
        """Brings everything in line with what is published."""
        await self.publisher.settle(datetime.now(UTC))
        self.following.begin()

    async def close(self) -> None:
        """Ends what runs; the next start settles what was on its way."""
        await self.following.close()
        await self.trainings.close()
        await self.publisher.close()


def published_content(settings: Settings) -> Path:
    """The folder of the content that is published: `knowledge/` below it is what is loaded."""
    published = pointer.read(settings.data)
    return settings.data / FOLDER / published.content if published else ROOT


def _urls(settings: Settings) -> Mapping[Slot, str]:
    return {Slot.BLUE: settings.engine_url, Slot.GREEN: settings.engine_url_green or settings.engine_url}
