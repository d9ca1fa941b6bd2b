"""What the form says, in one language."""

from __future__ import annotations

from datetime import date
from typing import Literal

from bot.conversation.choice import payload_of_step
from bot.conversation.compose import Composer
from bot.conversation.handoff.draft import Draft, Origin, Step
from bot.conversation.reply import Button, ReplyBody
from bot.conversation.source_date import day_in_words
from knowledge.records import Contact, Language


class Prompts:
    """The replies of the form."""

    def __init__(self, composer: Composer) -> None:
        self._composer, self._phrases, self._base = composer, composer.phrases, composer.base

    def first(self, draft: Draft) -> ReplyBody:
        """What the form begins with: who will answer, what happens, and the first step."""
        contact = self._contact(draft)
        begin = self._join(self._phrases("person", **self._composer.named(contact)), self._phrases("handoff.begin"))
        return self._composer.handoff(f"{begin}\n{self._step(draft)}", self._buttons(draft), contact=contact)

    def ask(self, draft: Draft, note: str | None = None) -> ReplyBody:
        """The step that is next, below what was wrong with the answer to it."""
        buttons = self._buttons(draft)
        said = [self._phrases(f"handoff.note.{note}")] if note else []
        if draft.step is Step.REVIEW:
            if said:
                return self._composer.handoff(said[0], buttons)
            return self._composer.handoff(self._review(draft), buttons, contact=self._contact(draft))
        return self._composer.handoff(self._join(*said, self._step(draft)), buttons)

    def _step(self, draft: Draft) -> str:
        """The step, with the member state that was recognised just now."""
        state = self._recognised(draft)
        told = [self._phrases("handoff.state", state=state)] if state else []
        return self._join(*told, self._asked(draft))

    def _recognised(self, draft: Draft) -> str | None:
        """The member state that was recognised just now."""
        code = draft.origin.member_state if draft.unconfirmed and draft.origin else None
        return self._composer.state_name(code) if code else None

    def resume(self, draft: Draft) -> ReplyBody:
        """The step again, briefly, below the answer to something else."""
        short = self._phrases("handoff.ask.review") if draft.step is Step.REVIEW else self._asked(draft)
        return self._composer.handoff(f"{self._phrases('handoff.resume')}\n{short}", self._buttons(draft))

    def waiting(self, draft: Draft, contact_id: str, reference: str, answer_by: date) -> ReplyBody:
        """That an earlier question waits for its answer, and whether another is to be written."""
        contact = self._base.contacts[contact_id]
        told = self._phrases(
            "handoff.waiting", **self._composer.named(contact), reference=reference, date=self._day(answer_by)
        )
        return self._composer.handoff(
            f"{told}\n{self._phrases('handoff.ask.again')}", self._buttons(draft), contact=contact
        )

    def sent(self, contact_id: str, reference: str, answer_by: date, email: str) -> ReplyBody:
        """The reference number, and what happens next."""
        contact = self._base.contacts[contact_id]
        told = self._phrases(
            "handoff.sent",
            **self._composer.named(contact),
            reference=reference,
            date=self._day(answer_by),
            email=email,
        )
        return self._composer.handoff(told, contact=contact)

    def failed(self, draft: Draft, how: Literal["failed", "too_many"] = "failed") -> ReplyBody:
        """That the question could not be handed in, and what can be done."""
        contact = self._contact(draft)
        buttons = (self._button("send", "retry"), self._button("cancel"))
        return self._composer.handoff(
            self._phrases(f"handoff.{how}", **self._composer.named(contact)), buttons, contact=contact
        )

    def ended(self, how: str) -> ReplyBody:
        """One line where the form ends without a question sent: `cancelled`, `kept` or `nothing`."""
        return self._composer.handoff(self._phrases(f"handoff.{how}"))

    # The steps.

    def _asked(self, draft: Draft) -> str:
        if draft.step is Step.EMAIL and draft.offered_email:
            key = "handoff.offer.email" if draft.typed_email else "handoff.offer.email_said"
            values = {"typed": draft.typed_email} if draft.typed_email else {}
            return self._phrases(key, offered=draft.offered_email, **values)
        if draft.step is Step.FROM and draft.offered_state:
            return self._phrases("handoff.offer.state", state=self._composer.state_name(draft.offered_state))
        if draft.step is Step.QUESTION and draft.found_question:
            return self._phrases("handoff.ask.question_found", question=draft.found_question)
        if draft.step is Step.REVIEW:
            return self._review(draft)
        return self._phrases(f"handoff.ask.{draft.step}")

    def _review(self, draft: Draft) -> str:
        fields = {"name": draft.name, "from": self._origin(draft.origin), "email": draft.email}
        return "\n".join(
            [
                self._phrases("handoff.review.intro"),
                *(self._phrases(f"handoff.review.{field}", value=value) for field, value in fields.items()),
                self._phrases("handoff.review.to", **self._composer.named(self._contact(draft))),
                self._phrases("handoff.review.question", value=draft.question),
                self._phrases(f"handoff.review.consent_{'yes' if draft.consent else 'no'}"),
                self._phrases("handoff.ask.review"),
            ]
        )

    def _origin(self, origin: Origin | None) -> str:
        if origin is None:
            return ""
        state = self._composer.state_name(origin.member_state) if origin.member_state else None
        if state and origin.organisation:
            return f"{origin.organisation} ({state})"
        return state or origin.organisation or ""

    def _buttons(self, draft: Draft) -> tuple[Button, ...]:
        cancel = self._button("cancel")
        match draft.step:
            case Step.AGAIN:
                return (self._button("another"), self._button("no"))
            case Step.FROM if draft.offered_state:
                return (self._button("yes"), self._button("no"), cancel)
            case Step.EMAIL if draft.offered_email:
                no = self._button("no", "as_typed") if draft.typed_email else self._button("no")
                return (self._button("yes", "use_offered", offered=draft.offered_email), no, cancel)
            case Step.QUESTION if draft.found_question:
                return (self._button("yes", "send_this"), self._button("change:question", "another"), cancel)
            case Step.CONSENT:
                return (self._button("yes", "send_along"), self._button("no", "send_alone"), cancel)
            case Step.FIELD:
                fields = ("name", "from", "email", "question", "consent")
                return (*(self._button(f"change:{field}") for field in fields), cancel)
            case Step.REVIEW:
                return (self._button("send"), self._button("change"), cancel)
            case _ if state := self._recognised(draft):
                return (self._button("change:from", "not_this_state", state=state), cancel)
            case _:
                return (cancel,)

    def _button(self, step: str, title: str | None = None, **values: str) -> Button:
        title = title or step.replace(":", "_")
        return Button(title=self._phrases(f"handoff.button.{title}", **values), payload=payload_of_step(step))

    def _contact(self, draft: Draft) -> Contact:
        return self._base.contacts[self._base.areas[draft.area].contact]

    def _day(self, day: date) -> str:
        return day_in_words(day, self._composer.language)

    def _join(self, *said: str) -> str:
        return ("" if self._composer.language is Language.ZH else " ").join(said)
