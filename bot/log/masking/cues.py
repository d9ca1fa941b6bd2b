"""Reads the words by which personal data are recognised."""

from __future__ import annotations

from pathlib import Path

from knowledge.reading import File, read

Words = tuple[str, ...]


class Streets(File):
    """Words of street names, by where they stand."""

    behind: Words
    before: Words
    after_name: Words
    numbered: Words


class Published(File):
    """What is nobody's personal data, beside what the knowledge base publishes."""

    domains: Words
    names: Words
    streets: Words
    handles: Words


class Cues(File):
    """The words of cues.yml, which says what each list is for."""

    introductions: Words
    relations: Words
    replacing: Words
    presenting: Words
    titles: Words
    weak_titles: Words
    titles_behind: Words
    roles: Words
    closings: Words
    labels: Words
    never_names: Words
    joins: Words
    particles: Words
    surnames: str
    double_surnames: Words
    passport: Words
    identity: Words
    account: Words
    telephone: Words
    at: Words
    dot: Words
    born: Words
    born_behind: Words
    handles: Words
    handle_joins: Words
    plates: Words
    bearers: Words
    streets: Streets
    boxes: Words
    published: Published


def cues() -> Cues:
    """The words as the file has them.

    Raises:
        ContentError: the file does not fit its schema.
    """
    return read(Path(__file__).with_name("cues.yml"), Cues)
