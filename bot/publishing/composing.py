"""Makes the content of a version: the checkout with the changes in force, held to the rules of `make check`."""

from __future__ import annotations

import shutil
from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from pathlib import Path

from bot.publishing.applying import Copy, DoesNotFit
from bot.publishing.changes import AnswerEdited, Change, EntryProposed
from bot.publishing.content import copy_content
from bot.settings import ROOT
from knowledge import rules, training_data
from knowledge.base import KnowledgeBase, load
from knowledge.reading import ContentError
from knowledge.records import Language


class Breaches(Exception):
    """The content with the changes is not what it must be; `problems` says in what."""

    def __init__(self, problems: Sequence[str]) -> None:
        super().__init__("; ".join(problems))
        self.problems = tuple(problems)


@dataclass(frozen=True)
class Composed:
    """A folder with content that keeps the rules, and what it holds."""

    folder: Path
    base: KnowledgeBase


def compose(changes: Iterable[Change], folder: Path, source: Path = ROOT) -> Composed:
    """The content of `source` with these changes, in their order, in a new folder.

    Raises:
        Breaches: a change does not fit, or the result breaks a rule; the folder is gone again.
    """
    shutil.rmtree(folder, ignore_errors=True)
    folder.parent.mkdir(parents=True, exist_ok=True)
    copy_content(source, folder)
    try:
        return Composed(folder, _changed(list(changes), folder))
    except BaseException:
        shutil.rmtree(folder, ignore_errors=True)
        raise


def _changed(changes: Sequence[Change], folder: Path) -> KnowledgeBase:
    content = folder / "knowledge"
    try:
        base, areas = load(content), set[str]()
        # New entries first, so that questions can be theirs; and each edit on what the one before it left.
        rounds = _rounds(changes)
        for some in rounds:
            copy = Copy(folder, base)
            problems = []
            for change in some:
                try:
                    copy.apply(change)
                except DoesNotFit as error:
                    problems.append(str(error))
            if problems:
                raise Breaches(problems)
            copy.save()
            areas |= copy.areas
            base = load(content)
        base = _restamped(changes, folder, base)
    except ContentError as error:
        raise Breaches([_at(str(error), folder)]) from error
    if findings := rules.check(base):
        raise Breaches([_at(str(finding), folder) for finding in findings])
    training_data.write(training_data.derive_areas(base, folder, sorted(areas)))
    return base


def _rounds(changes: Sequence[Change]) -> list[list[Change]]:
    """Changes that can be made together: no two edit the same text."""
    rounds: list[list[Change]] = []
    taken: list[set[object]] = []
    for change in changes:
        place: object = None
        if isinstance(change, EntryProposed):
            place = change.entry
        elif isinstance(change, AnswerEdited):
            place = (change.entry, change.language)
        names = {place, getattr(change, "entry", None)} - {None}
        # Behind the last round that has to do with the same entry.
        after = max((at for at, some in enumerate(taken) if place in some or _made(rounds[at], names)), default=-1)
        wanted = after + 1 if place is not None or after >= 0 else 0
        while len(rounds) <= wanted:
            rounds.append([])
            taken.append(set())
        rounds[wanted].append(change)
        if place is not None:
            taken[wanted].add(place)
    return rounds


def _made(some: Iterable[Change], names: set[object]) -> bool:
    """Whether one of these makes an entry that is named."""
    return any(isinstance(one, EntryProposed) and one.entry in names for one in some)


def _restamped(changes: Sequence[Change], folder: Path, base: KnowledgeBase) -> KnowledgeBase:
    """Each translation that was edited, or was said to stand, renders the English as it is in the end."""
    edited = {(c.entry, c.language) for c in changes if isinstance(c, AnswerEdited) and c.language is not Language.EN}
    outdated = [(entry, language) for entry, language in edited if base.entries[entry].is_outdated_in(language)]
    if not outdated:
        return base
    copy = Copy(folder, base)
    for entry, language in outdated:
        copy.restamp(entry, language)
    copy.save()
    return load(folder / "knowledge")


def _at(text: str, folder: Path) -> str:
    """What is said of a file, without the folder it was found in."""
    return text.replace(f"{folder}/", "")
