"""Composes replies from the knowledge base; nothing is said here that is not written there."""

from __future__ import annotations

from collections.abc import Iterable, Sequence

from bot.conversation.choice import payload_of
from bot.conversation.outcome import Outcome
from bot.conversation.reply import Button, ContactLine, ReplyBody, SourceLine
from knowledge.base import KnowledgeBase
from knowledge.records import Area, Contact, Entry, Language, Source
from knowledge.rules import shows_contact


class Composer:
    """Composes the replies of one language.

    A language the content is not yet written in is answered in English, and says so in `language`.
    """

    def __init__(self, base: KnowledgeBase, language: Language = Language.EN) -> None:
        self.base = base
        self.language = language if language in base.phrases else Language.EN
        self.phrases = base.phrases[self.language]

    def answer(self, entry: Entry) -> ReplyBody:
        """The entry's answer; a gap's says that no fact answers it, and refers to the contact."""
        contact = self.base.contact_of(entry)
        shown = shows_contact(entry)
        sources = self.base.sources_of(entry.facts)
        if shown:
            sources = _once([*sources, *self.base.contact_sources(contact)])
        return self._reply(
            Outcome.ANSWER if entry.answered else Outcome.REFER,
            entry.answer,
            area=entry.area,
            facts=entry.facts,
            sources=sources,
            contact=contact if shown else None,
            buttons=self._choices(self.base.entries[e] for e in entry.related),
        )

    def clarify(self, entries: Sequence[Entry]) -> ReplyBody:
        """A short question with a button for each reading."""
        areas = {entry.area for entry in entries}
        return self._reply(
            Outcome.CLARIFY,
            self.phrases("clarify"),
            area=areas.pop() if len(areas) == 1 else None,
            buttons=self._choices(entries),
        )

    def refer(self, area: Area) -> ReplyBody:
        """Says that no fact answers the question, and names the area's contact."""
        contact = self.base.contacts[area.contact]
        return self._reply(
            Outcome.REFER,
            self.phrases("refer", **self._named(contact)),
            area=area.id,
            sources=self.base.contact_sources(contact),
            contact=contact,
        )

    def out_of_scope(self, topic: str | None) -> ReplyBody:
        """Says what the assistant can help with; for a topic near to ours, where it does belong."""
        key = f"out_of_scope.{topic}"
        return self._reply(
            Outcome.OUT_OF_SCOPE,
            self.phrases(key if key in self.phrases else "out_of_scope.other"),
            buttons=self.starting_points(),
        )

    def small_talk(self, kind: str) -> ReplyBody:
        """One line."""
        buttons = self.starting_points() if kind in {"greet", "capabilities"} else ()
        return self._reply(Outcome.SMALL_TALK, self.phrases(f"small_talk.{kind}"), buttons=buttons)

    def person(self, area: Area) -> ReplyBody:
        """Names the person to turn to."""
        contact = self.base.contacts[area.contact]
        return self._reply(
            Outcome.HANDOFF,
            self.phrases("person", **self._named(contact)),
            area=area.id,
            sources=self.base.contact_sources(contact),
            contact=contact,
        )

    def welcome(self) -> ReplyBody:
        """What a new conversation begins with."""
        return self._reply(Outcome.SMALL_TALK, self.phrases("welcome"), buttons=self.starting_points())

    def error(self, incident: str) -> ReplyBody:
        """An apology with the incident's id, and the default contact."""
        contact = self.base.contacts[self.default_area.contact]
        return self._reply(
            Outcome.ERROR,
            self.phrases("error", incident=incident, **self._named(contact)),
            sources=self.base.contact_sources(contact),
            contact=contact,
        )

    @property
    def default_area(self) -> Area:
        """The package as a whole: the first area of the file, whose contact is everybody's."""
        return next(iter(self.base.areas.values()))

    def starting_points(self) -> tuple[Button, ...]:
        """Buttons for those who do not know what to ask."""
        first = self.default_area
        return self._choices(self.base.entries[e] for e in (first.overview, first.access, first.contact_entry))

    def _choices(self, entries: Iterable[Entry]) -> tuple[Button, ...]:
        return tuple(Button(title=entry.title, payload=payload_of(entry)) for entry in entries)

    def _named(self, contact: Contact) -> dict[str, str]:
        return {"contact": contact.name[self.language], "contact_title": contact.title[self.language]}

    def _reply(
        self,
        outcome: Outcome,
        text: str,
        *,
        area: str | None = None,
        facts: tuple[str, ...] = (),
        sources: Iterable[Source] = (),
        contact: Contact | None = None,
        buttons: tuple[Button, ...] = (),
    ) -> ReplyBody:
        return ReplyBody(
            text=text,
            language=self.language,
            direction=self.language.direction,
            outcome=outcome,
            area=area,
            facts=facts,
            sources=tuple(SourceLine(title=s.title, url=s.url, date=s.date) for s in sources),
            contact=contact
            and ContactLine(id=contact.id, name=contact.name[self.language], title=contact.title[self.language]),
            buttons=buttons,
        )


def _once(sources: Iterable[Source]) -> list[Source]:
    return list({source.id: source for source in sources}.values())
