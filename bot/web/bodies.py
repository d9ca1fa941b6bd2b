"""What clients send and get, as models: they check requests and make the OpenAPI document."""

from __future__ import annotations

import json
from datetime import date, datetime
from http import HTTPStatus
from typing import Annotated, Any, Literal, TypeVar
from uuid import UUID

from aiohttp import web
from pydantic import BaseModel, ConfigDict, Field, StringConstraints, ValidationError, model_validator

from bot.conversation.outcome import Outcome
from bot.conversation.question import LONGEST
from bot.conversation.reply import ContactLine, Part, Reply
from bot.web.problems import Problem
from knowledge.records import Language

B = TypeVar("B", bound=BaseModel)


class Body(BaseModel):
    """A request's body; unknown members are ignored, so that clients may be newer than we are."""

    model_config = ConfigDict(extra="ignore", frozen=True, strict=True)


class Opening(Body):
    """Opens a conversation."""

    language: Annotated[Language, "where the conversation begins"] | None = None

    @model_validator(mode="before")
    @classmethod
    def _as_language(cls, data: Any) -> Any:
        if isinstance(data, dict) and isinstance(data.get("language"), str):
            try:
                return {**data, "language": Language(data["language"])}
            except ValueError:
                raise ValueError(f"language must be one of {', '.join(Language)}") from None
        return data


class Message(Body):
    """A question typed, or a button pressed: either `text` or `payload`."""

    text: str | None = None
    payload: Annotated[str, StringConstraints(max_length=200)] | None = None
    client_message_id: Annotated[
        str, StringConstraints(min_length=36, max_length=36), Field(json_schema_extra={"format": "uuid"})
    ]

    @model_validator(mode="after")
    def _one_of_both(self) -> Message:
        if (self.text is None) == (self.payload is None):
            raise ValueError("send either text or payload")
        try:
            UUID(self.client_message_id)
        except ValueError:
            raise ValueError("client_message_id must be a UUID") from None
        return self


class Feedback(Body):
    """What the delegate says of a reply."""

    reply_id: Annotated[str, StringConstraints(min_length=1, max_length=36)]
    helpful: bool
    comment: Annotated[str, StringConstraints(max_length=LONGEST)] | None = None


class Opened(Part):
    """A new conversation; the token opens it until `expires_at`."""

    id: str
    token: str
    language: Language
    expires_at: datetime
    replies: tuple[Reply, ...]


class Turn(Part):
    """How a message was answered."""

    outcome: Outcome
    replies: tuple[Reply, ...]


class Said(Part):
    """One thing said. `cursor` goes into `after` to ask for what came later; a question's is its client_message_id."""

    cursor: str
    role: Literal["delegate", "assistant", "person"]
    at: datetime
    text: str
    state: Literal["waiting", "answered"] | None = None
    reply: Reply | None = None
    in_reply_to: str | None = None
    """The cursor of the question that a reply answers."""


class Case(Part):
    """A question that a person was asked and has not answered yet."""

    reference: str
    state: Literal["queued", "sent", "failed"]
    contact: ContactLine
    answer_by: date
    """The day by which an answer can be expected."""


class History(Part):
    """What was said, oldest first, and the case that is open, if one is."""

    messages: tuple[Said, ...]
    case: Case | None = None


async def read(request: web.Request, kind: type[B]) -> B:
    """The request's body as a `kind`.

    Raises:
        Problem: 400 not JSON in UTF-8; 415 not declared as JSON; 422 JSON of another shape.
    """
    if request.content_type != "application/json":
        raise Problem(HTTPStatus.UNSUPPORTED_MEDIA_TYPE, "Send JSON, as 'Content-Type: application/json'.")
    raw = await request.read()
    try:
        data = json.loads(raw.decode("utf-8") or "{}")
    except (UnicodeDecodeError, ValueError, RecursionError):
        raise Problem(HTTPStatus.BAD_REQUEST, "The body is not JSON in UTF-8.") from None
    if not isinstance(data, dict):
        raise Problem(HTTPStatus.UNPROCESSABLE_ENTITY, "The body must be a JSON object.")
    try:
        return kind.model_validate(data)
    except ValidationError as error:
        wrong = [f"{'.'.join(map(str, e['loc'])) or 'body'}: {e['msg']}" for e in error.errors()]
        raise Problem(HTTPStatus.UNPROCESSABLE_ENTITY, "; ".join(wrong)) from None
