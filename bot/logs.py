"""The process log: one JSON object a line, and never what a delegate typed."""

from __future__ import annotations

import structlog
from structlog.tracebacks import ExceptionDictTransformer


def configure() -> None:
    """Sets structlog up for the whole process."""
    structlog.configure(
        processors=[
            structlog.contextvars.merge_contextvars,
            structlog.processors.add_log_level,
            structlog.processors.TimeStamper(fmt="iso", utc=True),
            # Without the values of variables: a question may be among them.
            structlog.processors.ExceptionRenderer(ExceptionDictTransformer(show_locals=False)),
            structlog.processors.JSONRenderer(),
        ],
        logger_factory=structlog.PrintLoggerFactory(),
    )
