"""The OpenAPI document of the chat API, made from the models that check its calls."""

from __future__ import annotations

from typing import Any

from pydantic import BaseModel
from pydantic.json_schema import models_json_schema

from bot.web import bodies
from bot.web.api import LONGEST_WAIT

_REFERENCE = "#/components/schemas/{model}"
_PROBLEM = {
    "description": "A problem document (RFC 9457).",
    "content": {
        "application/problem+json": {
            "schema": {
                "type": "object",
                "required": ["type", "title", "status", "detail"],
                "properties": {
                    "type": {"type": "string"},
                    "title": {"type": "string"},
                    "status": {"type": "integer"},
                    "detail": {"type": "string"},
                },
            }
        }
    },
}
_CONVERSATION = {
    "name": "conversation",
    "in": "path",
    "required": True,
    "schema": {"type": "string", "format": "uuid"},
}
_AFTER = {
    "name": "after",
    "in": "query",
    "required": False,
    "description": "The cursor of the last message already known.",
    "schema": {"type": "string"},
}
_WAIT = {
    "name": "wait",
    "in": "query",
    "required": False,
    "description": "Seconds to wait until there is something to tell.",
    "schema": {"type": "integer", "minimum": 0, "maximum": LONGEST_WAIT, "default": 0},
}
_BODY_ERRORS = ("400", "403", "408", "413", "415", "422")
_ID = {"conversation": "$response.body#/id"}
_SAME = {"conversation": "$request.path.conversation"}
_FROM_OPENING = {
    name: {"operationId": name, "parameters": _ID} for name in ("say", "readHistory", "getTranscript", "erase")
}
_FROM_SAYING = {
    "readHistory": {
        "operationId": "readHistory",
        "parameters": {**_SAME, "after": "$request.body#/client_message_id"},
    },
    "giveFeedback": {
        "operationId": "giveFeedback",
        "parameters": _SAME,
        "requestBody": {"reply_id": "$response.body#/replies/0/id", "helpful": True},
    },
    "getTranscript": {"operationId": "getTranscript", "parameters": _SAME},
    "erase": {"operationId": "erase", "parameters": _SAME},
}
"""What can be called next, and with which values of what came before."""


def document() -> dict[str, Any]:
    """The document, as OpenAPI 3.1."""
    models: list[type[BaseModel]] = [
        *(bodies.Opening, bodies.Message, bodies.Feedback),
        *(bodies.Opened, bodies.Turn, bodies.History),
    ]
    _, schemas = models_json_schema([(model, "serialization") for model in models], ref_template=_REFERENCE)
    one = "/conversations/{conversation}"
    return {
        "openapi": "3.1.0",
        "info": {"title": "Help for delegates: chat API", "version": "1"},
        "servers": [{"url": "/api/v1"}],
        "security": [{"token": []}],
        "paths": {
            "/conversations": {
                "post": _call(
                    "open",
                    "Open a conversation",
                    "201",
                    bodies.Opened,
                    bodies.Opening,
                    open_to_all=True,
                    links=_FROM_OPENING,
                )
            },
            f"{one}/messages": {
                "post": _call(
                    "say", "Say something", "200", bodies.Turn, bodies.Message, more=("503",), links=_FROM_SAYING
                ),
                "get": _call(
                    "readHistory",
                    "Read the history",
                    "200",
                    bodies.History,
                    parameters=[_AFTER, _WAIT],
                    more=("422",),
                ),
                "parameters": [_CONVERSATION],
            },
            f"{one}/feedback": {
                "post": _call(
                    "giveFeedback", "Say whether a reply helped", "204", None, bodies.Feedback, more=("404",)
                ),
                "parameters": [_CONVERSATION],
            },
            f"{one}/transcript": {
                "get": _call("getTranscript", "Get the transcript", "200", "text/plain"),
                "parameters": [_CONVERSATION],
            },
            one: {
                "delete": _call("erase", "Erase the conversation", "204", None),
                "parameters": [_CONVERSATION],
            },
        },
        "components": {
            "schemas": schemas["$defs"],
            "securitySchemes": {"token": {"type": "http", "scheme": "bearer"}},
        },
    }


def _call(
    operation: str,
    summary: str,
    status: str,
    answer: type[BaseModel] | str | None,
    body: type[BaseModel] | None = None,
    *,
    open_to_all: bool = False,
    parameters: list[dict[str, Any]] | None = None,
    more: tuple[str, ...] = (),
    links: dict[str, Any] | None = None,
) -> dict[str, Any]:
    done: dict[str, Any] = {"description": "Done."}
    if isinstance(answer, str):
        done["content"] = {answer: {"schema": {"type": "string"}}}
    elif answer is not None:
        done["content"] = {"application/json": {"schema": _ref(answer)}}
    errors = (*(() if open_to_all else ("401", "403")), *(_BODY_ERRORS if body else ()), *more)
    errors = (*errors, "429")
    if links:
        done["links"] = links
    call: dict[str, Any] = {
        "operationId": operation,
        "summary": summary,
        "responses": {status: done, **dict.fromkeys(dict.fromkeys(errors), _PROBLEM)},
    }
    if body:
        call["requestBody"] = {"required": True, "content": {"application/json": {"schema": _ref(body)}}}
    if parameters:
        call["parameters"] = parameters
    if open_to_all:
        call["security"] = []
    return call


def _ref(model: type[BaseModel]) -> dict[str, str]:
    return {"$ref": _REFERENCE.format(model=model.__name__)}
