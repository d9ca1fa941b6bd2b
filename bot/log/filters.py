"""Which turns are looked for, as the address of a page says it."""

from __future__ import annotations

from collections.abc import Mapping
from datetime import date
from typing import Annotated, Literal, Self
from urllib.parse import urlencode

from pydantic import BaseModel, ConfigDict, Field, StringConstraints, ValidationError, model_validator

from bot.conversation.outcome import Outcome
from knowledge.records import Language

Name = Annotated[str, StringConstraints(pattern=r"^[A-Za-z0-9_.-]{1,80}$")]


Day = Annotated[date, Field(ge=date(2000, 1, 1), le=date(2999, 12, 31))]


class UnreadableFilter(ValueError):
    """An address asks for something that cannot be looked for. `name` is the parameter, `why` a sentence on it."""

    def __init__(self, name: str, why: str) -> None:
        super().__init__(f"{name}: {why}")
        self.name, self.why = name, why


class Filters(BaseModel):
    """What a turn must be to be shown; what is not set is left open. Names are those of the address's parameters."""

    model_config = ConfigDict(frozen=True, extra="ignore", str_strip_whitespace=True)

    text: str | None = Field(default=None, max_length=200)
    """Words of what was asked (bot.log.words)."""
    since: Day | None = None
    """The first day, UTC."""
    until: Day | None = None
    """The last day, UTC."""
    language: Language | None = None
    area: Name | None = None
    outcome: Outcome | None = None
    confidence_from: float | None = Field(default=None, ge=0, le=1)
    confidence_to: float | None = Field(default=None, ge=0, le=1)
    feedback: Literal["helpful", "unhelpful", "none"] | None = None
    entry: Name | None = None
    request: Annotated[str, StringConstraints(pattern=r"^[A-Za-z0-9_./-]{1,120}$")] | None = None
    """What it was most likely taken to ask for."""
    member_state: Annotated[str, StringConstraints(pattern=r"^[A-Za-z]{2}$", to_upper=True)] | None = None
    model: Name | None = None
    reviewed: bool | None = None
    case: bool | None = None
    """Whether the turn handed in a case."""

    @model_validator(mode="after")
    def _in_order(self) -> Self:
        if self.since and self.until and self.since > self.until:
            raise ValueError("since: it is after until")
        if (self.confidence_from or 0) > (1 if self.confidence_to is None else self.confidence_to):
            raise ValueError("confidence_from: it is above confidence_to")
        return self

    @classmethod
    def from_query(cls, query: Mapping[str, str]) -> Self:
        """The filters of an address's parameters; empty ones and those it does not know are passed over.

        Raises:
            UnreadableFilter: a value does not fit.
        """
        given = {name: query[name] for name in cls.model_fields if query.get(name, "").strip()}
        try:
            return cls.model_validate(given)
        except ValidationError as error:
            first = error.errors()[0]
            name, _, why = first["msg"].removeprefix("Value error, ").partition(": ")
            if first["loc"]:
                name, why = str(first["loc"][0]), first["msg"]
            raise UnreadableFilter(name, why) from None

    def to_query(self) -> dict[str, str]:
        """The parameters that give these filters again, in a fixed order."""
        given = self.model_dump(mode="json", exclude_none=True)
        return {name: str(value).lower() if isinstance(value, bool) else str(value) for name, value in given.items()}

    @property
    def query_string(self) -> str:
        """The same as they stand in an address, without a question mark."""
        return urlencode(self.to_query())
