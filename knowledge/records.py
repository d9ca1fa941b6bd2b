"""The records of the knowledge base, as they are written in its YAML files."""

from __future__ import annotations

import hashlib
from collections.abc import Mapping
from datetime import date
from enum import StrEnum
from typing import Annotated

from pydantic import BaseModel, ConfigDict, Field, StringConstraints

Id = Annotated[str, StringConstraints(pattern=r"^[a-z][a-z0-9_]{1,59}$")]
FactId = Annotated[str, StringConstraints(pattern=r"^[A-Z]{3}\d{2}$")]
Sentence = Annotated[str, StringConstraints(min_length=1, strip_whitespace=True)]
LONGEST_LABEL = 60
"""Characters; a label stands on a button."""

Label = Annotated[str, StringConstraints(min_length=1, max_length=LONGEST_LABEL, strip_whitespace=True)]


class Language(StrEnum):
    """The six languages of the Organization, by their ISO 639-1 codes."""

    EN = "en"
    FR = "fr"
    ES = "es"
    AR = "ar"
    ZH = "zh"
    RU = "ru"

    @property
    def direction(self) -> str:
        """`rtl` for Arabic, `ltr` for the others."""
        return "rtl" if self is Language.AR else "ltr"


class Use(StrEnum):
    """How a fact may be stated."""

    PLAIN = "plain"
    SAY_THE_YEAR = "say_the_year"
    PAST_ONLY = "past_only"
    HEDGE = "hedge"


class Kind(StrEnum):
    """What a request wants to know about its subject."""

    WHAT = "what"
    WHO_MAY = "who_may"
    HOW_TO_ASK = "how_to_ask"
    COST = "cost"
    WHEN = "when"
    CONTACT = "contact"
    WHERE = "where"
    RESULTS = "results"
    FORMAT = "format"


class Dated(StrEnum):
    """What the date of a source is, where it is not the day it was published."""

    EVENT = "event"
    ABOUT = "about"
    BEFORE = "before"
    UNTIL = "until"
    FROM = "from"
    REFERS_TO = "refers_to"


Texts = Mapping[Language, Sentence]


class Record(BaseModel):
    """A record as read from a file: no field it does not know, and nothing changed after loading."""

    model_config = ConfigDict(extra="forbid", frozen=True)


class Source(Record):
    """Where facts come from. Many bear no date; `dated` tells what a date is that is not that of publication."""

    id: Id
    title: Sentence
    url: Annotated[str, StringConstraints(pattern=r"^https?://")]
    date: Annotated[str, StringConstraints(pattern=r"^\d{4}(-\d\d(-\d\d)?|/\d{4})?$")] | None = None
    dated: Dated | None = None
    publisher: Sentence


class Fact(Record):
    """One thing that may be stated, in our own words."""

    id: FactId
    text: Sentence
    source: Id
    use: Use
    also_source: Id | None = None

    @property
    def sources(self) -> tuple[str, ...]:
        """The ids of its sources, the main one first."""
        return (self.source,) if self.also_source is None else (self.source, self.also_source)


class Contact(Record):
    """Whom a delegate may turn to. `facts` are those that name the contact and anything said of it here."""

    id: Id
    name: Texts
    title: Texts
    facts: tuple[FactId, ...] = Field(min_length=1)


class Area(Record):
    """An area of support, with its default contact and the three entries every area must have."""

    id: Id
    title: Texts
    contact: Id
    overview: Id
    access: Id
    contact_entry: Id


class WrittenEntry(Record):
    """An entry as an editor writes it, in the file of its area.

    `facts` are exactly those its answer states; `confirm` is true where the delegate should confirm with the
    contact, or ask it for what the facts leave out. After the day `valid_until` every reply from it has them confirm.
    """

    id: Id
    title: Label
    kinds: tuple[Kind, ...] = Field(min_length=1)
    facts: tuple[FactId, ...]
    related: tuple[Id, ...] = ()
    contact: Id | None = None
    confirm: bool = False
    valid_until: date | None = None
    answer: Sentence
    questions: tuple[Sentence, ...] = Field(min_length=6)


class Translation(Record):
    """An entry in another language, with that language's own ways of asking.

    `of` is the version of the English it renders; `approved` tells whether a language reviewer has approved it.
    """

    id: Id
    of: Annotated[str, StringConstraints(pattern=r"^[0-9a-f]{12}$")]
    approved: bool = False
    title: Label
    answer: Sentence
    questions: tuple[Sentence, ...] = Field(min_length=6)


class Entry(WrittenEntry):
    """An entry in its area. `answered` is false for a gap: in scope, asked for, and answered by no fact."""

    area: Id
    answered: bool
    translations: Mapping[Language, Translation] = Field(default_factory=dict)

    @property
    def version(self) -> str:
        """What tells one wording of the English from another."""
        return version_of(self.title, self.answer)

    def in_language(self, language: Language) -> Entry | Translation:
        """What has the title, the answer and the questions in this language; the English where nobody wrote it."""
        return self.translations.get(language, self)

    def is_outdated_in(self, language: Language) -> bool:
        """Whether the English has changed since it was translated into this language."""
        translation = self.translations.get(language)
        return translation is not None and translation.of != self.version

    def needs_review_in(self, language: Language) -> bool:
        """Whether this language's translation is missing, outdated or not approved; the English never is."""
        if language is Language.EN:
            return False
        translation = self.translations.get(language)
        return translation is None or not translation.approved or translation.of != self.version


def version_of(title: str, answer: str) -> str:
    """The start of a hash over an English title and answer."""
    return hashlib.sha256(f"{title}\n{answer}".encode()).hexdigest()[:12]


class Named(Record):
    """Something the assistant recognises by name: a service, an acronym, a member state."""

    id: Annotated[str, StringConstraints(min_length=1)]
    names: tuple[Sentence, ...] = Field(min_length=1)


class Pointer(Record):
    """A topic outside the subject, by the name it has in data/nlu/*/out_of_scope.yml, and the entry nearest to it."""

    id: Id
    entry: Id
