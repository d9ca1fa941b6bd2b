"""What a start runs: what is published, put upon the checkout as it is now."""

from __future__ import annotations

import asyncio
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from datetime import UTC, datetime
from pathlib import Path

from bot.launch.built_models import BuiltModels, Origin
from bot.launch.model import model_path, train
from bot.launch.preflight import CannotStart
from bot.publishing import pointer
from bot.publishing.changes import Changes, Staged
from bot.publishing.composing import Breaches, Composed, compose
from bot.publishing.content import FOLDER, fingerprint
from bot.publishing.pointer import Damaged, Pointer, Slot
from bot.publishing.versions import Versions, pointer_to
from bot.settings import ROOT, Settings
from bot.store.database import Sessions, connect, migrate, sessions
from bot.store.publishing_tables import VersionKind
from knowledge.base import load

Say = Callable[[str], None]


@dataclass(frozen=True)
class Start:
    """The model to start on, and the slot of its engine."""

    model: Path
    slot: Slot


def to_start(settings: Settings, say: Say) -> Start:
    """What is published, or what the repository says where nothing is. Trains where the model is missing.

    On another checkout than the one it was made for, what is published is put upon that anew: changes that the checkout
    has by now are in it once, and those that no longer fit it are set aside, to be staged again.

    Args:
        settings: of the installation.
        say: is told what takes long and what was set aside.

    Raises:
        CannotStart: the file that says what is published is damaged, a model is not as it was built, or training
            failed.
        ContentError: the checkout's content cannot be used.
    """
    try:
        published = pointer.read(settings.data)
    except Damaged as error:
        raise CannotStart(str(error)) from None
    if published is None:
        load()
        return Start(_trained(settings, ROOT, say), Slot.BLUE)
    content = settings.data / FOLDER / published.content
    if published.base == fingerprint() and content.exists():
        named = settings.models / published.model
        return Start(named if _is_ours(settings, named) else _trained(settings, content, say), published.slot)
    load()
    return asyncio.run(_on_new_checkout(settings, published, say))


def _trained(settings: Settings, content: Path, say: Say) -> Path:
    path = model_path(settings.models, content)
    if _is_ours(settings, path):
        return path
    if path.exists():
        say(f"{path.name} is not in the record of the models built here, and is built anew")
    say("training the model, which takes two or three minutes")
    return train(settings.models, content, settings.models_record)


def _is_ours(settings: Settings, model: Path) -> bool:
    """Whether it was built here; one that has been changed since is nothing to build over in silence."""
    built = BuiltModels(settings.models, settings.models_record)
    if not model.exists():
        return False
    if (origin := built.origin(model)) is Origin.CHANGED:
        built.check(model)
    return origin is Origin.OURS


async def _on_new_checkout(settings: Settings, published: Pointer, say: Say) -> Start:
    engine = connect(settings.database, durable=True)
    try:
        await migrate(engine)
        return await _rebased(settings, published, sessions(engine), say)
    finally:
        await engine.dispose()


async def _rebased(settings: Settings, published: Pointer, store: Sessions, say: Say) -> Start:
    versions, now = Versions(store, settings.node), datetime.now(UTC)
    await versions.settle(published, now, "the assistant was started on another checkout")
    current = await versions.current()
    changes = await Changes(store).by_ids(current.changes if current else ())
    composed, kept, aside = _fitting(changes, settings.data / FOLDER / "rebased")
    model = _trained(settings, composed.folder, say)
    row = await versions.prepare(
        VersionKind.REBASED, [one.id for one in kept], model.name, fingerprint(), "the start", now
    )
    composed.folder.replace(settings.data / FOLDER / row.content)
    pointer.write(settings.data, pointer_to(row, published.slot))
    await versions.published(row.id, now, "\n".join(aside) or None)
    for one in aside:
        say(f"published, and no longer fitting: {one}")
    return Start(model, published.slot)


def _fitting(changes: Sequence[Staged], folder: Path) -> tuple[Composed, list[Staged], list[str]]:
    """The checkout with all changes that fit it, those, and what is wrong with the others."""
    try:
        return compose([one.change for one in changes], folder), list(changes), []
    except Breaches:
        pass
    # Edits of one answer in several languages stand and fall together, and were published together.
    kept: list[Staged] = []
    aside: list[str] = []
    for some in _by_entry(changes):
        try:
            compose([one.change for one in (*kept, *some)], folder)
        except Breaches as breaches:
            aside.append(f"changes {', '.join(str(one.id) for one in some)}: {breaches}")
        else:
            kept += some
    kept.sort(key=lambda one: [c.id for c in changes].index(one.id))
    return compose([one.change for one in kept], folder), kept, aside


def _by_entry(changes: Sequence[Staged]) -> list[list[Staged]]:
    groups: dict[str, list[Staged]] = {}
    for one in changes:
        entry = getattr(one.change, "entry", None)
        groups.setdefault(f"entry {entry}" if entry else f"change {one.id}", []).append(one)
    return list(groups.values())
