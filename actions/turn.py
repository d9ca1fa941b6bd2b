"""What every action starts from and ends with: the tracker read, the replies dispatched."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any

from rasa_sdk.events import EventType, SlotSet
from rasa_sdk.executor import CollectingDispatcher
from rasa_sdk.interfaces import Action, Tracker
from rasa_sdk.types import DomainDict

from bot.conversation.choice import PERSON, UnknownChoice, parse
from bot.conversation.compose import Composer
from bot.conversation.handoff.message import Mention
from bot.conversation.language import Languages
from bot.conversation.outcome import Outcome
from bot.conversation.question import WORD_JOINER
from bot.conversation.reply import ReplyBody
from knowledge.base import KnowledgeBase
from knowledge.records import Area, Entry, Language

SHORT = 12
"""Words up to which a member state named in a message is what the question is about, not who asks."""
FAILURES = 2
"""After so many turns in a row that failed, a person is offered."""

_NO_QUESTION = frozenset({"small_talk", "ask_for_person", "change_language", "handoff_step"})
_NO_SUBJECT = frozenset(
    {"unclear", *(f"out_of_scope/{topic}" for topic in ("nonsense", "abuse", "prompt_injection", "feelings_and_chat"))}
)
"""Requests that put no question."""


@dataclass(frozen=True)
class Question:
    """One of several questions in a message, with what it may ask for, the likeliest first."""

    text: str
    requests: Sequence[tuple[str, str, float]]
    """Intent, request and confidence."""

    @property
    def wishes_person(self) -> bool:
        """Whether it is no question but the wish for a person."""
        return self.requests[0][0] == "ask_for_person"


class Understood:
    """What the engine made of the latest message."""

    def __init__(self, tracker: Tracker, base: KnowledgeBase) -> None:
        self._message: dict[str, Any] = tracker.latest_message or {}
        self._slots: dict[str, Any] = tracker.slots
        self._base = base

    @property
    def text(self) -> str:
        """What the engine read; begins with a slash where a button was pressed."""
        return str(self._message.get("text") or "")

    @property
    def typed(self) -> str:
        """What the delegate typed; nothing where a button was pressed."""
        return "" if self.text.startswith("/") else self.text.removeprefix(WORD_JOINER)

    @property
    def held_in(self) -> Language:
        """The language the conversation has been held in so far."""
        named = (self._message.get("metadata") or {}).get("language")
        return Language(named) if named in set(Language) else Language.EN

    @property
    def intent(self) -> str:
        """The intent the policies acted on."""
        return str((self._message.get("intent") or {}).get("name") or "")

    def named(self, kind: str) -> list[str]:
        """The values of the entities of this kind, in the order of the text."""
        return [str(e["value"]) for e in self._message.get("entities") or [] if e.get("entity") == kind]

    @property
    def chosen(self) -> Entry | None:
        """The entry that a button asked for, or that was chosen in words among those offered."""
        for name in self.named("entry"):
            return self._base.entries.get(name)
        if self.intent != "choose":
            return None  # "the first report" is no choice among what was offered
        place = next(iter(self.named("ordinal")), None)
        found = _chosen(place, self.offered, str(self._slots.get("focus_entry") or ""))
        return self._base.entries.get(found) if found else None

    @property
    def offered(self) -> list[str]:
        """The ids of the entries whose buttons were shown last."""
        return list(self._slots.get("offered") or [])

    @property
    def clarified(self) -> list[str]:
        """The ids of the readings asked about, if the last reply asked back."""
        return list(self._slots.get("clarified") or [])

    @property
    def failures(self) -> int:
        """How many turns before this one failed in a row."""
        return int(self._slots.get("failures") or 0)

    @property
    def entries(self) -> list[Entry]:
        """The entries the message may ask for, the likeliest first."""
        return [entry for entry, _ in self.likely]

    @property
    def likely(self) -> list[tuple[Entry, float]]:
        """The same with their confidences."""
        requests = _requests(self._message)
        return [(self._base.entries[name], p) for _, name, p in requests if name in self._base.entries]

    @property
    def questions(self) -> list[Question]:
        """The questions the message consists of, where they are several."""
        return [Question(part["text"], _requests(part)) for part in self._message.get("parts") or []]

    @property
    def wishes_person(self) -> bool:
        """Whether one part of the message is the wish for a person."""
        return any(question.wishes_person for question in self.questions)

    @property
    def asked_text(self) -> str:
        """What the delegate typed, without the wish for a person where that is one part of it."""
        asked = " ".join(question.text for question in self.questions if not question.wishes_person)
        return asked if asked and self.wishes_person else self.typed

    def topic(self, intent: str) -> str | None:
        """The likeliest request within this intent, where it is no entry: what small talk, or what other topic."""
        return next((name for group, name, _ in _requests(self._message) if group == intent and name), None)

    @property
    def carried(self) -> bool:
        """Whether only what was in focus tells what the message is about."""
        return bool(self._message.get("carried"))

    @property
    def member_state(self) -> str | None:
        """The member state that a short question names, by its ISO 3166 code."""
        if len(self.text.split()) > SHORT:
            return None
        return next(iter(self.named("member_state")), None)

    @property
    def focus(self) -> Entry | None:
        """The entry the conversation is about, as far as earlier answers tell."""
        return self._base.entries.get(self._slots.get("focus_entry") or "")

    @property
    def area(self) -> Area | None:
        """The area the conversation is about, as far as earlier answers tell."""
        return self._base.areas.get(self._slots.get("focus_area") or "")

    @property
    def asks(self) -> bool:
        """Whether the message asks something that a person could answer."""
        if self.intent in _NO_QUESTION:
            return False
        first = next(iter(self._message.get("requests") or []), {"name": ""})["name"]
        return first not in _NO_SUBJECT

    @property
    def unanswered(self) -> tuple[str, str | None] | None:
        """The question to put to a person, with its area.

        The last one that got no answer, unless the conversation went on to another area; else the last one of all.
        """
        last, gap = self._slots.get("last_question"), self._slots.get("open_question")
        asked = gap if gap and last and gap["area"] in {last["area"], None} else last
        return (asked["text"], asked["area"]) if asked else None

    @property
    def step(self) -> str | None:
        """What a button of the handoff form stands for."""
        return next(iter(self.named("step")), None) if self.intent == "handoff_step" else None

    @property
    def states(self) -> tuple[Mention, ...]:
        """The member states named, and where."""
        found = (e for e in self._message.get("entities") or [] if e.get("entity") == "member_state" and "start" in e)
        return tuple(Mention(str(e["value"]), int(e["start"]), int(e["end"])) for e in found)

    @property
    def confidence(self) -> float:
        """Of the intent."""
        return float((self._message.get("intent") or {}).get("confidence") or 0)

    @property
    def trace(self) -> dict[str, Any]:
        """What the log keeps of how the message was understood."""
        intent = self._message.get("intent") or {}
        return {
            "request": intent.get("name"),
            "confidence": intent.get("confidence"),
            "requests": self._message.get("requests") or [],
            "carried": self.carried,
            "entities": [
                {"entity": e.get("entity"), "value": e.get("value")} for e in self._message.get("entities") or []
            ],
        }


@dataclass(frozen=True)
class Said:
    """What an action says. `entry` is what the conversation is about from now on, where that changes."""

    replies: tuple[ReplyBody, ...]
    entry: Entry | None = None
    failed: bool = False
    """Whether the delegate got nothing for their message: after two such turns a person is offered."""
    entries: tuple[Entry, ...] = ()
    """All entries the replies rest on, where they are several."""

    @classmethod
    def one(cls, reply: ReplyBody, entry: Entry | None = None, *, failed: bool = False) -> Said:
        """One reply."""
        return cls((reply,), entry, failed)


def language_of(understood: Understood, languages: Languages) -> Language | None:
    """The language a message is written in, or else is held in; nothing where it is none of the six."""
    if understood.text.startswith("/"):
        return understood.held_in
    found = languages.of(understood.text)
    if found.outside:
        return None
    return found.language or understood.held_in


class Reply(Action):
    """An action. Subclasses have a `NAME` and compose what is said."""

    NAME: str

    def __init__(self, composers: Mapping[Language, Composer], languages: Languages) -> None:
        self._composers, self._languages = composers, languages
        self.base: KnowledgeBase = composers[Language.EN].base

    def name(self) -> str:
        """The name in domain.yml."""
        return self.NAME

    def compose(self, understood: Understood, composer: Composer) -> Said:
        """What to say, by the composer of the delegate's language."""
        raise NotImplementedError

    def speaks(self, understood: Understood) -> Language | None:
        """The language to answer in; nothing where the message is written in none of the six."""
        return language_of(understood, self._languages)

    def says(self, understood: Understood) -> Said:
        """What to say, in the delegate's language; after failing twice in a row, who can help."""
        language = self.speaks(understood)
        composer = self._composers[language or Languages.nearest(understood.text)]
        if language is None:
            return Said.one(composer.other_language())
        said = self.compose(understood, composer)
        if said.failed and understood.failures + 1 >= FAILURES:
            said = Said.one(composer.offer_person(understood.area or composer.default_area), failed=True)
        return said

    async def run(self, dispatcher: CollectingDispatcher, tracker: Tracker, domain: DomainDict) -> list[EventType]:
        """Dispatches the replies with their trace; sets what later turns build on."""
        understood = Understood(tracker, self.base)
        said = self.says(understood)
        dispatch(dispatcher, said, understood, self.NAME)
        return remembered(said, understood)


def dispatch(dispatcher: CollectingDispatcher, said: Said, understood: Understood, action: str) -> None:
    """Sends the replies on their way, each with the trace for the log."""
    entries = said.entries or ((said.entry,) if said.entry else ())
    trace = {
        **understood.trace,
        "entry": said.entry.id if said.entry else None,
        "entries": [entry.id for entry in entries],
        "action": action,
    }
    for reply in said.replies:
        dispatcher.utter_message(json_message={"reply": reply.model_dump(mode="json"), "trace": trace})


def remembered(said: Said, understood: Understood) -> list[EventType]:
    """What later turns build on."""
    last = said.replies[-1]
    offered = [entry for button in last.buttons if (entry := _entry_of(button.payload))]
    events: list[EventType] = [
        SlotSet("offered", offered),
        SlotSet("clarified", offered if last.outcome is Outcome.CLARIFY else []),
        SlotSet("failures", understood.failures + 1 if said.failed else 0),
    ]
    if said.entry is not None:
        events += [SlotSet("focus_entry", said.entry.id), SlotSet("focus_area", said.entry.area)]
    elif last.outcome is Outcome.REFER and last.area and (understood.area is None or last.area != understood.area.id):
        # Another subject, of which no entry tells: the entry in focus is left.
        events += [SlotSet("focus_entry", None), SlotSet("focus_area", last.area)]
    if asked := _asked(said, understood):
        events.append(SlotSet("last_question", asked))
        if not asked["answered"]:
            events.append(SlotSet("open_question", asked))
    return events


def _asked(said: Said, understood: Understood) -> dict[str, Any] | None:
    """The question that was asked, as a person would have to read it, its area, and whether it got an answer."""
    last = said.replies[-1]
    if understood.text.startswith("/"):
        text = said.entry.in_language(last.language).title if said.entry else ""
    elif understood.carried and understood.focus:
        text = f"{understood.focus.in_language(last.language).title}: {understood.typed}"
    else:
        text = understood.asked_text
    if not text or not understood.asks:
        return None
    answered = not said.failed and any(reply.outcome is Outcome.ANSWER for reply in said.replies)
    return {"text": text, "area": last.area, "answered": answered}


def without_person(reply: ReplyBody) -> ReplyBody:
    """Without the offer of a person, where that is under way."""
    return reply.model_copy(update={"buttons": tuple(b for b in reply.buttons if b.payload != PERSON)})


def _entry_of(payload: str) -> str | None:
    try:
        choice = parse(payload)
    except UnknownChoice:
        return None
    return choice.entity[1] if choice.intent == "choose" and choice.entity else None


def unlisted(request: str, base: KnowledgeBase) -> Area | None:
    """The area within which a request asks for what neither an entry nor a gap tells (data/nlu/*/unanswered.yml)."""
    return base.areas.get(request.removeprefix("other_")) if request.startswith("other_") else None


def _chosen(place: str | None, offered: Sequence[str], focus: str) -> str | None:
    """Which of those offered is meant by "1", "2", "last" or "other" (than the one in focus, else than the first)."""
    if not offered or place is None:
        return None
    if place == "last":
        return offered[-1]
    if place == "other":
        others = [entry for entry in offered if entry != focus]
        return others[0] if focus in offered or len(offered) == 1 else (offered[1] if len(offered) > 1 else None)
    number = int(place)
    return offered[number - 1] if number <= len(offered) else None


def _requests(ranked: Mapping[str, Any]) -> list[tuple[str, str, float]]:
    split = ((str(r["name"]).partition("/"), float(r["confidence"])) for r in ranked.get("requests") or [])
    return [(intent, name, confidence) for (intent, _, name), confidence in split]
