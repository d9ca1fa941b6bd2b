"""What the form has taken down so far, and which step comes next."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import asdict, dataclass, replace
from enum import StrEnum
from typing import Any


class Step(StrEnum):
    """What the form asks for; the values are also the names of the fields in buttons and phrases."""

    AGAIN = "again"
    """Whether to write another question, while an earlier one waits for its answer."""
    NAME = "name"
    FROM = "from"
    EMAIL = "email"
    QUESTION = "question"
    CONSENT = "consent"
    FIELD = "field"
    """Which field to change."""
    REVIEW = "review"


FIELDS = (Step.NAME, Step.FROM, Step.EMAIL, Step.QUESTION, Step.CONSENT)
"""In the order they are asked."""


_FIELD_OF = dict(zip(("name", "origin", "email", "question", "consent"), FIELDS))
"""The field that each value belongs to."""


@dataclass(frozen=True)
class Origin:
    """Whom the delegate writes for: a member state by its ISO 3166 code, an organisation as typed, or both."""

    member_state: str | None = None
    organisation: str | None = None


@dataclass(frozen=True)
class Draft:
    """A question to a person as far as it is taken down. `key` names it to the case desk."""

    key: str
    area: str
    name: str | None = None
    origin: Origin | None = None
    email: str | None = None
    question: str | None = None
    consent: bool | None = None
    found_question: str | None = None
    """What the delegate asked before, offered as the question."""
    typed_email: str | None = None
    """An address whose domain looks mistyped,"""
    offered_email: str | None = None
    """and the one that may have been meant."""
    offered_state: str | None = None
    """A member state whose name is close to what was typed,"""
    typed_origin: str | None = None
    """and what was typed."""
    unconfirmed: bool = False
    """Whether a member state was recognised just now, and is to be shown with the next step."""
    changing: Step | None = None
    """A step that is asked out of order, to correct what is there."""
    again: bool = False
    """Whether it has yet to be agreed that another question is to be written."""

    @property
    def step(self) -> Step:
        """What is asked now."""
        if self.again:
            return Step.AGAIN
        if self.changing:
            return self.changing
        return next((field for field in FIELDS if not self.has(field)), Step.REVIEW)

    def has(self, field: Step) -> bool:
        """Whether this field is filled."""
        return any(of is field and getattr(self, name) is not None for name, of in _FIELD_OF.items())

    @property
    def offers_question(self) -> bool:
        """Whether what was asked before is offered as the question."""
        return self.step is Step.QUESTION and self.found_question is not None

    @property
    def asks_yes_or_no(self) -> bool:
        """Whether the step itself asks for a yes or a no, so that one says nothing of the state named before it."""
        return self.step in {Step.CONSENT, Step.REVIEW} or self.offers_question

    @property
    def untouched(self) -> bool:
        """Whether nothing has been told yet."""
        return not self.again and not any(self.has(field) for field in FIELDS)

    def filled(self, **values: Any) -> Draft:
        """With these fields; what was offered for them, and a change under way that they complete, are settled."""
        settled: dict[str, Any] = {"unconfirmed": False}
        if "email" in values:
            settled |= {"typed_email": None, "offered_email": None}
        if "origin" in values:
            settled |= {"typed_origin": None, "offered_state": None}
        if self.changing is Step.FIELD or self.changing in {_FIELD_OF.get(name) for name in values}:
            settled["changing"] = None
        return replace(self, **{**settled, **values})

    def asking(self, step: Step | None) -> Draft:
        """With this step asked next; what was offered back is dropped."""
        return replace(
            self,
            changing=step,
            typed_email=None,
            offered_email=None,
            typed_origin=None,
            offered_state=None,
            unconfirmed=False,
            found_question=None if step is Step.QUESTION else self.found_question,
        )

    def before(self) -> Step | None:
        """The step before the one asked now, if there is one."""
        step = self.step
        order = (*FIELDS, Step.REVIEW)
        if step not in order:
            return None
        at = order.index(step)
        return order[at - 1] if at else None

    def next_question(self, key: str, area: str) -> Draft:
        """A new draft by the same delegate: who they are is not asked again."""
        return Draft(key, area, self.name, self.origin, self.email)


SLOTS = {
    "person_name": "name",
    "person_from": "origin",
    "person_email": "email",
    "person_question": "question",
    "person_consent": "consent",
}
"""The slots of the form that hold a field."""


def to_slots(draft: Draft | None) -> dict[str, Any]:
    """The slots' values for a draft; nothing remains of none."""
    if draft is None:
        return {**dict.fromkeys(SLOTS), "handoff": None}
    values = asdict(draft)
    own = {slot: values.pop(field) for slot, field in SLOTS.items()}
    return {**own, "handoff": values}


def from_slots(slots: Mapping[str, Any]) -> Draft | None:
    """The draft in these slots, if one is begun."""
    state = slots.get("handoff")
    if not state or not state.get("key"):
        return None
    values = {**state, **{field: slots.get(slot) for slot, field in SLOTS.items()}}
    values["origin"] = Origin(**values["origin"]) if values["origin"] else None
    values["changing"] = Step(values["changing"]) if values["changing"] else None
    return Draft(**values)
