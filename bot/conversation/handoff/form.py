"""What a message in the form means: a value, a correction, a step back, the end, or a question to the assistant."""

from __future__ import annotations

from dataclasses import replace

from babel import Locale

from bot.conversation.handoff.draft import Draft, Origin, Step
from bot.conversation.handoff.mail_address import MailAddresses
from bot.conversation.handoff.message import Message
from bot.conversation.handoff.move import Act, Move, answer, back
from bot.conversation.handoff.values import Values, Who
from bot.conversation.handoff.words import Words, length
from bot.conversation.question import LONGEST
from knowledge.base import KnowledgeBase
from knowledge.records import Language

LEAST_QUESTION = 2
"""Words."""
BRIEF = 6
"""Words up to which "yes, …" and "no, …" answer a question of ours."""
WISH = 8
"""Words up to which the wish for a person is no question to one."""
ASIDE = 4
"""Words up to which thanks or a greeting are no question to a person."""
SURE = 0.75
"""The confidence from which a message that could be a value is something else."""
LIKELY = 0.5
"""The same for a message that is no value by its form."""

_AGREES = ("yes", "right")
_DECLINES = ("no", "rather_not")
_REASONS = frozenset({Step.NAME, Step.FROM, Step.EMAIL, Step.CONSENT})
"""Steps of which it is said, when asked, what they are for."""
_TALK = frozenset({"small_talk"})
_PERSON = "ask_for_person"
_OUTSIDE = frozenset({"out_of_scope", "nlu_fallback", "unclear", "change_language", "handoff_step", _PERSON, ""})
"""Intents that a name or an organisation may be taken for."""


class Form:
    """Reads messages to the form. Knows no language of its own: all words stand in knowledge/gazetteer."""

    def __init__(self, base: KnowledgeBase) -> None:
        self._words = Words(base.handoff_words)
        self._addresses = MailAddresses(base.mail_domains)
        self._values = Values(self._words, _names_of_states(base))

    def begin(self, draft: Draft, message: Message) -> Draft:
        """With what the wish for a person tells already: who asks, an address, the question behind a colon."""
        who = self._values.introduced(message)
        if who.name and not draft.name:
            draft = draft.filled(name=who.name)
        if (written := self._addresses.in_text(message.text)) and (address := self._addresses.checked(written)):
            draft = self._with_address(draft, address)
        if who.origin and not draft.origin:
            draft = replace(draft, origin=who.origin, unconfirmed=True)
        question = self._words.after_colon(message.text)
        return replace(draft, found_question=question) if question else draft

    def advance(self, draft: Draft, message: Message) -> Move:
        """What a message in the form comes to."""
        if message.pressed:
            return self._pressed(draft, message.pressed)
        if not message.text.strip():
            # A button that is none of the form's.
            return Move(Act.ANSWER, None if draft.again else draft)
        return (
            self._attached(draft, message)
            or self._control(draft, message)
            or self._agreed(draft, message)
            or self._corrected(draft, message)
            or self._taken(draft, message)
        )

    # What buttons and short words do.

    def _pressed(self, draft: Draft, pressed: str) -> Move:
        kind, _, field = pressed.partition(":")
        match kind:
            case "cancel":
                return Move(Act.KEEP if draft.again else Act.CANCEL, None)
            case "back":
                return back(draft)
            case "change":
                return Move(Act.ASK, draft.asking(Step(field) if field else Step.FIELD))
            case "another":
                return Move(Act.ASK, replace(draft, again=False))
            case "send" if draft.step is Step.REVIEW:
                return Move(Act.SEND, draft)
            case "yes" | "no":
                return answer(draft, kind == "yes") or Move(Act.ASK, draft)
            case _:
                return Move(Act.ASK, draft)

    def _control(self, draft: Draft, message: Message) -> Move | None:
        text, words = message.text, self._words
        asked_back = draft.offered_email or draft.offered_state or draft.offers_question
        asked_for_yes_or_no = draft.step is Step.CONSENT or asked_back
        if words.means(text, "keep_on", beside=(*_AGREES, *_DECLINES, "send", Step.QUESTION)):
            return Move(Act.ASK, draft)
        if words.means(text, "cancel", beside=(*_AGREES, *_DECLINES, Step.QUESTION)) or (
            not asked_for_yes_or_no and words.means(text, "rather_not", "cancel")
        ):
            return Move(Act.KEEP if draft.again else Act.CANCEL, None)
        if words.means(text, "back"):
            return back(draft)
        if draft.step is not Step.REVIEW and words.means(text, "no"):
            return None  # "wrong" takes back what was just said.
        field = words.to_change(text)
        if field is Step.FIELD and words.means(text, "yes", "send"):
            return None  # "Correct" alone agrees.
        if field is None and draft.step in {Step.REVIEW, Step.FIELD}:
            field = words.field(text)
        if field is Step.FIELD and (asked_back or draft.unconfirmed):
            field = draft.step if asked_back else Step.FROM
        if field and draft.again:
            return Move(Act.ASK, replace(draft, again=False)) if field is Step.QUESTION else None
        return Move(Act.ASK, draft.asking(field)) if field else None

    def _attached(self, draft: Draft, message: Message) -> Move | None:
        """That the conversation is to go along or not, said after it was asked."""
        if draft.consent is None or draft.step is Step.CONSENT:
            return None
        attached = self._words.attaches(message.text)
        if attached is None or (attached is draft.consent and self._yes_or_no(draft, message.text)):
            return None
        return Move(Act.ASK, draft.filled(consent=attached))

    def _agreed(self, draft: Draft, message: Message) -> Move | None:
        agreed = self._yes_or_no(draft, message.text)
        if agreed is None:
            return None
        return Move(Act.SEND, draft) if agreed and draft.step is Step.REVIEW else answer(draft, agreed)

    def _yes_or_no(self, draft: Draft, text: str) -> bool | None:
        """What a message answers to what was asked. That the question is to be sent gives no consent to send more."""
        words = self._words
        match draft.step:
            case Step.CONSENT:
                beside = ("right", "send", Step.CONSENT)
                return words.answers(text, ("yes", "attach"), (*_DECLINES, "alone"), beside)
            case Step.REVIEW:
                return words.answers(text, (*_AGREES, "send"), _DECLINES, ("attach", Step.QUESTION, Step.CONSENT))
            case Step.QUESTION if draft.found_question:
                return words.answers(text, (*_AGREES, "send"), _DECLINES, (Step.QUESTION,))
            case step:
                return words.answers(text, _AGREES, _DECLINES, (step,))

    # Corrections of what was said before.

    def _corrected(self, draft: Draft, message: Message) -> Move | None:
        """A field named with its value, a member state alone, or an address alone."""
        if draft.again:
            return None
        given = self._words.given(message.text)
        if given and (changed := self._given(draft, message, *given)):
            return Move(Act.ASK, changed)
        elsewhere = draft.step not in {Step.NAME, Step.FROM}
        if draft.step is Step.QUESTION:
            elsewhere = self._words.corrects(message.text)
        state = self._values.only_state(message) if elsewhere and draft.origin else None
        if state:
            return Move(Act.ASK, draft.filled(origin=Origin(state), unconfirmed=True))
        return None

    def _given(self, draft: Draft, message: Message, field: Step, at: int) -> Draft | None:
        value = message.after(at)
        own_question = draft.step is Step.QUESTION and field is not Step.QUESTION
        if field is not Step.QUESTION and (self._words.asks(value.text) or self._words.is_own(value.text)):
            return None
        match field:
            case Step.NAME if (who := self._values.answered(value)).name:
                if own_question and length(value.text) > ASIDE:
                    return None
                return self._with_name(draft, who)
            case Step.FROM if not own_question and (origin := self._values.origin(value)):
                return draft.filled(origin=origin, unconfirmed=bool(origin.member_state))
            case Step.EMAIL if address := self._address_in(message.text):
                return self._with_address(draft, address)
            case Step.QUESTION if length(value.text) >= LEAST_QUESTION and draft.step is not Step.QUESTION:
                return draft.filled(question=value.text[:LONGEST])
            case _:
                return None

    @staticmethod
    def _with_name(draft: Draft, who: Who) -> Draft:
        """With this name, and with where its bearer is from unless that is known."""
        draft = draft.filled(name=who.name)
        return draft.filled(origin=who.origin, unconfirmed=True) if who.origin and not draft.origin else draft

    def _address_in(self, text: str) -> str | None:
        written = self._addresses.in_text(text)
        return self._addresses.checked(written) if written else None

    def _with_address(self, draft: Draft, address: str) -> Draft:
        better = self._addresses.better(address)
        if better is None:
            return draft.filled(email=address)
        return replace(draft.asking(Step.EMAIL), typed_email=address, offered_email=better)

    # Values for the step.

    def _taken(self, draft: Draft, message: Message) -> Move:
        if draft.again:
            if message.intent == _PERSON:
                return Move(Act.ASK, replace(draft, again=False))
            return Move(Act.ANSWER, None)
        rest = message
        written = self._addresses.in_text(message.text)
        if written and (draft.step is not Step.QUESTION or not self._says_more(message.without(written))):
            address = self._addresses.checked(written)
            if address is None:
                if meant := self._addresses.completed(written):
                    return Move(Act.ASK, replace(draft.asking(Step.EMAIL), offered_email=meant))
                return Move(Act.ASK, draft, "no_email")
            draft, rest = self._with_address(draft, address), message.without(written)
            if draft.offered_email or not self._says_more(rest) or draft.step is Step.QUESTION:
                return Move(Act.ASK, self._beside(draft, rest))
        if self._asks_why(draft.step, rest):
            return Move(Act.ASK, draft, f"why_{draft.step}")
        match draft.step:
            case Step.NAME:
                return self._name(draft, rest)
            case Step.FROM:
                return self._from(draft, rest)
            case Step.EMAIL:
                return self._email(draft, rest)
            case Step.QUESTION:
                return self._question(draft, rest)
            case Step.CONSENT if self._declines(rest):
                return Move(Act.ASK, draft.filled(consent=False))
            case _ if written:
                return Move(Act.ASK, draft)
            case _ if not self._words.is_own(rest.text) and self._asks_something(rest):
                return Move(Act.ANSWER, draft)
            case Step.CONSENT:
                return Move(Act.ASK, draft, "yes_or_no")
            case _:
                return Move(Act.ASK, draft, "not_understood")

    def _asks_why(self, step: Step, message: Message) -> bool:
        """Whether it asks what the step's own field is needed for."""
        words, text = self._words, message.text
        if step not in _REASONS or length(text) > WISH or not words.names("why", text) or not words.asks(text):
            return False
        return words.names(step, text) or words.is_all("why", text)

    def _declines(self, message: Message) -> bool:
        """Whether a few words begin with a no: what goes on behind it need not be understood to send nothing more."""
        words, text = self._words, message.text
        if length(text) > BRIEF or words.asks(text) or words.is_own(text) or words.names("objection", text):
            return False
        return words.starts("no", text)

    def _asks_something(self, message: Message) -> bool:
        """Whether a message where only a yes or no was asked is a question to the assistant."""
        return self._words.asks(message.text) or (message.intent != _PERSON and message.confidence >= LIKELY)

    def _beside(self, draft: Draft, rest: Message) -> Draft:
        """With a name that was given along with an address which is to be confirmed first."""
        who = self._values.answered(rest) if not draft.name and self._says_more(rest) else Who()
        return replace(draft, name=who.name or draft.name, origin=draft.origin or who.origin)

    def _says_more(self, message: Message) -> bool:
        """Whether anything stands beside an address."""
        return not (self._words.given_nothing(message.text))

    def _name(self, draft: Draft, message: Message) -> Move:
        introduces = self._words.begins("my_name", message.text) or self._words.begins("i_am", message.text)
        if not introduces:
            if self._interrupts(message, _OUTSIDE):
                return Move(Act.ANSWER, draft)
            if self._wants_person(message):
                return Move(Act.ASK, draft)
        elif self._words.asks(message.text):
            return Move(Act.ANSWER, draft)
        if not introduces and draft.origin is None and (state := self._values.only_state(message)):
            # Whose name is also a state's gives it again.
            return Move(Act.ASK, draft.filled(origin=Origin(state), unconfirmed=True), "no_name")
        who = self._values.answered(message)
        if who.name is None or (not introduces and self._values.is_no_name(message.text)):
            return Move(Act.ASK, draft, "no_name")
        return Move(Act.ASK, self._with_name(draft, who))

    def _from(self, draft: Draft, message: Message) -> Move:
        names_one = bool(message.states) or self._words.names(Step.FROM, message.text)
        if self._words.asks(message.text) or (not names_one and self._is_aside(message)):
            return Move(Act.ANSWER, draft)
        if not message.states and length(message.text) > ASIDE and self._interrupts(message, _OUTSIDE | _TALK):
            return Move(Act.ANSWER, draft)
        if not message.states and self._wants_person(message):
            return Move(Act.ASK, draft)
        origin = self._values.origin(message)
        if origin is None:
            return Move(Act.ASK, draft, "no_origin")
        if origin.member_state is None and (close := self._values.close_state(message.text)):
            return Move(Act.ASK, replace(draft, offered_state=close, typed_origin=origin.organisation))
        return Move(Act.ASK, draft.filled(origin=origin, unconfirmed=bool(origin.member_state)))

    def _email(self, draft: Draft, message: Message) -> Move:
        if spoken := self._addresses.spoken_in(message.text):
            offered = self._addresses.better(spoken) or spoken
            return Move(Act.ASK, replace(draft, offered_email=offered, typed_email=None))
        if self._words.names(Step.EMAIL, message.text) and not self._words.asks(message.text):
            return Move(Act.ASK, draft, "no_email")
        known = (
            not self._is_answer(message)
            and message.intent != _PERSON
            and message.confidence >= LIKELY
            and not message.states
        )
        if self._words.asks(message.text) or (known and message.intent != "out_of_scope"):
            return Move(Act.ANSWER, draft)
        return Move(Act.ASK, draft, "no_email")

    def _question(self, draft: Draft, message: Message) -> Move:
        if self._is_aside(message):
            return Move(Act.ANSWER, draft)
        if self._wants_person(message) and length(message.text) <= WISH:
            return Move(Act.ASK, draft)
        if length(message.text) < LEAST_QUESTION or (
            length(message.text) <= BRIEF and self._words.is_own(message.text)
        ):
            return Move(Act.ASK, draft, "no_question")
        return Move(Act.ASK, draft.filled(question=message.text.strip()[:LONGEST], found_question=None))

    def _interrupts(self, message: Message, values: frozenset[str]) -> bool:
        """Whether a message that could be a value of a few words is something else."""
        if self._is_answer(message):
            return False
        if self._words.asks(message.text) or self._is_aside(message):
            return True
        if message.confidence < SURE or message.intent in values or message.states:
            return False
        return message.intent in _TALK or length(message.text) >= ASIDE

    @staticmethod
    def _wants_person(message: Message) -> bool:
        """Whether it asks for a person, which is under way already."""
        return message.intent == _PERSON and message.confidence >= SURE

    def _is_answer(self, message: Message) -> bool:
        """Whether it is a yes or a no where none was asked for: the step is asked again, and nothing said of it."""
        return self._words.means(message.text, *_AGREES, *_DECLINES, "send")

    def _is_aside(self, message: Message) -> bool:
        """Whether it is thanks, a greeting or the like."""
        return (
            not self._is_answer(message)
            and message.intent in _TALK
            and message.confidence >= SURE
            and length(message.text) <= ASIDE
        )


def _names_of_states(base: KnowledgeBase) -> dict[str, list[str]]:
    """Our own names of each member state and those of CLDR in the six languages, by its ISO 3166 code."""
    territories = [Locale(language).territories for language in Language]
    return {
        code: [*named.names, *(names[code] for names in territories if code in names)]
        for code, named in base.member_states.items()
    }
