"""Composes replies from the knowledge base; nothing is said here that is not written there."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from datetime import UTC, datetime

from babel import Locale

from bot.conversation.choice import PERSON, payload_of
from bot.conversation.direction import isolated
from bot.conversation.outcome import Outcome
from bot.conversation.reply import Button, ContactLine, ReplyBody, SourceLine
from bot.conversation.source_date import in_words
from knowledge.base import KnowledgeBase
from knowledge.records import Area, Contact, Entry, Language, Source
from knowledge.rules import LONGEST_ANSWER, shows_contact, words_in

MOST_BUTTONS = 4
"""Further questions offered below an answer."""


class Composer:
    """Composes the replies of one language."""

    def __init__(self, base: KnowledgeBase, language: Language = Language.EN) -> None:
        self.base = base
        self.language = language
        self.phrases = base.phrases[language]

    def answer(self, entry: Entry, *, about: bool = False, state: str | None = None) -> ReplyBody:
        """The entry's answer; a gap's says that no fact answers it, and refers to the contact.

        Args:
            entry: the entry or gap.
            about: begin with what the answer is about, because the question did not say it.
            state: a member state that the question names; where the answer does not, it says so.
        """
        contact = self.base.contact_of(entry)
        shown = shows_contact(entry, datetime.now(UTC).date())
        sources = self.base.sources_of(entry.facts)
        if shown:
            sources = _once([*sources, *self.base.contact_sources(contact)])
        related = self._choices(self.base.entries[e] for e in entry.related)
        return self._reply(
            Outcome.ANSWER if entry.answered else Outcome.REFER,
            self._framed(entry, about, state),
            area=entry.area,
            facts=entry.facts,
            sources=sources,
            contact=contact if shown else None,
            buttons=(*related, self._person_button) if not entry.answered else related,
        )

    def _framed(self, entry: Entry, about: bool, state: str | None) -> str:
        """The answer with what is put before and behind it, as far as the reply stays short."""
        written = entry.in_language(self.language)
        text = written.answer
        if state and entry.answered:
            name = self.state_name(state)
            line = self.phrases("nothing_particular", state=name)
            if name not in text and words_in(f"{text} {line}", self.language) <= LONGEST_ANSWER:
                text = f"{text}{self._space}{line}"
        if about:
            line = self.phrases("about", title=written.title)
            if words_in(f"{line} {text}", self.language) <= LONGEST_ANSWER:
                text = f"{line}\n{text}"
        return text

    @property
    def _space(self) -> str:
        return "" if self.language is Language.ZH else " "

    def state_name(self, code: str) -> str:
        """A member state's name in this language (CLDR, by its ISO 3166 code)."""
        name: str | None = Locale(self.language).territories.get(code)
        return name or self.base.member_states[code].names[0]

    def answer_both(self, first: Entry, second: Entry) -> ReplyBody | None:
        """One answer from two entries, where the second says what the first lacks and both are short enough."""
        texts = [entry.in_language(self.language).answer for entry in (first, second)]
        text = self._space.join(texts)
        if set(second.facts) <= set(first.facts) or words_in(text, self.language) > LONGEST_ANSWER:
            return None
        one, other = self.answer(first), self.answer(second)
        offered = {button.payload for button in (*one.buttons, *other.buttons)}
        offered -= {payload_of(first), payload_of(second)}
        return one.model_copy(
            update={
                "text": self._in_order(text),
                "facts": tuple(dict.fromkeys((*one.facts, *other.facts))),
                "sources": tuple(dict.fromkeys((*one.sources, *other.sources))),
                "contact": one.contact or other.contact,
                "buttons": tuple(
                    button for button in dict.fromkeys((*one.buttons, *other.buttons)) if button.payload in offered
                )[:MOST_BUTTONS],
            }
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
        return self._to_contact(Outcome.REFER, "refer", area, (self._person_button,))

    def out_of_scope(self, topic: str | None) -> ReplyBody:
        """Says what the assistant can help with; for a topic near to ours, with the nearest entry and its source."""
        pointer = self.base.pointers.get(topic or "")
        nearest = self.base.entries[pointer.entry] if pointer else None
        key = f"out_of_scope.{topic}"
        return self._reply(
            Outcome.OUT_OF_SCOPE,
            self.phrases(key if key in self.phrases else "out_of_scope.other"),
            sources=self.base.sources_of(nearest.facts) if nearest else (),
            buttons=(*self._choices([nearest] if nearest else ()), *self.starting_points()),
        )

    def small_talk(self, kind: str) -> ReplyBody:
        """One line."""
        buttons = self.starting_points() if kind in {"greet", "capabilities"} else ()
        return self._reply(Outcome.SMALL_TALK, self.phrases(f"small_talk.{kind}"), buttons=buttons)

    def offer_person(self, area: Area) -> ReplyBody:
        """After failing twice in a row: no third apology, but who can help."""
        return self._to_contact(Outcome.REFER, "offer_person", area, (self._person_button,))

    @property
    def _person_button(self) -> Button:
        return Button(title=self.phrases("button.person"), payload=PERSON)

    def language_changed(self) -> ReplyBody:
        """Says, in the new language, that it is spoken from now on."""
        return self._reply(Outcome.SMALL_TALK, self.phrases("language.changed"), buttons=self.starting_points())

    def other_language(self) -> ReplyBody:
        """Says which languages are spoken, to someone who writes in another."""
        lines = dict.fromkeys((self.phrases("language.other"), self.base.phrases[Language.EN]("language.other")))
        return self._reply(Outcome.OUT_OF_SCOPE, "\n".join(lines), buttons=self._languages())

    def _languages(self) -> tuple[Button, ...]:
        return tuple(
            Button(title=phrases("language.name"), payload=f"language:{language}")
            for language, phrases in self.base.phrases.items()
        )

    def person(self, area: Area) -> ReplyBody:
        """Names the person to turn to, and offers to write to them."""
        return self._to_contact(Outcome.HANDOFF, "person", area, (self._person_button,))

    def handoff(self, text: str, buttons: tuple[Button, ...] = (), *, contact: Contact | None = None) -> ReplyBody:
        """A step of the form that takes a question to a person; with the contact where the text names it."""
        sources = self.base.contact_sources(contact) if contact else []
        return self._reply(Outcome.HANDOFF, text, sources=sources, contact=contact, buttons=buttons)

    def named(self, contact: Contact) -> dict[str, str]:
        """What a phrase needs to name a contact."""
        return {"contact": contact.name[self.language], "contact_title": contact.title[self.language]}

    def contact_line(self, contact: Contact) -> ContactLine:
        """A contact as a reply shows it."""
        return ContactLine(id=contact.id, name=contact.name[self.language], title=contact.title[self.language])

    def welcome(self) -> ReplyBody:
        """What a new conversation begins with."""
        return self._reply(Outcome.SMALL_TALK, self.phrases("welcome"), buttons=self.starting_points())

    def error(self, incident: str) -> ReplyBody:
        """An apology with the incident's id, and the default contact."""
        contact = self.base.contacts[self.default_area.contact]
        return self._reply(
            Outcome.ERROR,
            self.phrases("error", incident=incident, **self.named(contact)),
            sources=self.base.contact_sources(contact),
            contact=contact,
        )

    def turned_off(self) -> ReplyBody:
        """The notice that the assistant is turned off, and the default contact."""
        contact = self.base.contacts[self.default_area.contact]
        return self._reply(
            Outcome.ERROR,
            self.phrases("turned_off", **self.named(contact)),
            sources=self.base.contact_sources(contact),
            contact=contact,
        )

    def _to_contact(self, outcome: Outcome, phrase: str, area: Area, buttons: tuple[Button, ...] = ()) -> ReplyBody:
        contact = self.base.contacts[area.contact]
        return self._reply(
            outcome,
            self.phrases(phrase, **self.named(contact)),
            area=area.id,
            sources=self.base.contact_sources(contact),
            contact=contact,
            buttons=buttons,
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
        return tuple(Button(title=e.in_language(self.language).title, payload=payload_of(e)) for e in entries)

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
            text=self._in_order(text),
            language=self.language,
            direction=self.language.direction,
            outcome=outcome,
            area=area,
            facts=facts,
            sources=tuple(SourceLine(title=s.title, url=s.url, date=in_words(s, self.phrases)) for s in sources),
            contact=contact and self.contact_line(contact),
            buttons=tuple(button.model_copy(update={"title": self._in_order(button.title)}) for button in buttons),
        )

    def _in_order(self, text: str) -> str:
        return isolated(text) if self.language is Language.AR else text


def _once(sources: Iterable[Source]) -> list[Source]:
    return list({source.id: source for source in sources}.values())
