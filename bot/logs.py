"""The process log: an event a line, never with what a delegate typed, and with personal data that slip in masked."""

from __future__ import annotations

import sys
from collections.abc import Callable, MutableMapping
from typing import Any

import structlog
from structlog.tracebacks import ExceptionDictTransformer
from structlog.typing import Processor

from bot.log_masks import masked
from bot.settings import LogFormat

_OURS = {"timestamp", "level", "event"}
"""Fields that we write ourselves."""


def configure(form: LogFormat | None) -> None:
    """Sets structlog up for the whole process: plain lines on a terminal and JSON elsewhere, unless `form` is given."""
    colours = sys.stdout.isatty()
    exceptions, written = _FORMS[form or ("plain" if colours else "json")](colours)
    structlog.configure(
        processors=[
            structlog.contextvars.merge_contextvars,
            structlog.processors.add_log_level,
            structlog.processors.TimeStamper(fmt="iso", utc=True),
            exceptions,
            masked_fields,
            written,
        ],
        logger_factory=structlog.PrintLoggerFactory(),
    )


def _json(_: bool) -> tuple[Processor, Processor]:
    # Without the values of variables: a question may be among them.
    exceptions = structlog.processors.ExceptionRenderer(ExceptionDictTransformer(show_locals=False))
    return exceptions, structlog.processors.JSONRenderer()


def _plain(colours: bool) -> tuple[Processor, Processor]:
    # Python's own traceback, which has no values of variables either; a text by the time it is masked.
    renderer = structlog.dev.ConsoleRenderer(colors=colours, exception_formatter=structlog.dev.plain_traceback)
    return structlog.processors.format_exc_info, renderer


_FORMS: dict[LogFormat, Callable[[bool], tuple[Processor, Processor]]] = {"json": _json, "plain": _plain}
"""How an exception and a whole event are written, with colours or without."""


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
