"""The process log: one JSON object a line, never what a delegate typed, and personal data that slip in masked."""

from __future__ import annotations

from collections.abc import MutableMapping
from typing import Any

import structlog
from structlog.tracebacks import ExceptionDictTransformer

from bot.log_masks import masked

_OURS = {"timestamp", "level", "event"}
"""Fields that we write ourselves."""


def configure() -> None:
    """Sets structlog up for the whole process."""
    structlog.configure(
        processors=[
            structlog.contextvars.merge_contextvars,
            structlog.processors.add_log_level,
            structlog.processors.TimeStamper(fmt="iso", utc=True),
            # Without the values of variables: a question may be among them.
            structlog.processors.ExceptionRenderer(ExceptionDictTransformer(show_locals=False)),
            masked_fields,
            structlog.processors.JSONRenderer(),
        ],
        logger_factory=structlog.PrintLoggerFactory(),
    )


def masked_fields(_: Any, __: str, fields: MutableMapping[str, Any]) -> MutableMapping[str, Any]:
    """Masks what a field has of anybody: a mail server's response, an error's message."""
    for name, value in fields.items():
        if name not in _OURS:
            fields[name] = _masked(value)
    return fields


def _masked(value: Any) -> Any:
    match value:
        case str():
            return masked(value)
        case dict():
            return {key: _masked(one) for key, one in value.items()}
        case list() | tuple():
            return [_masked(one) for one in value]
    return value
