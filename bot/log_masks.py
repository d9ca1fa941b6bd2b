"""Personal data in what a process writes to its log, by their form alone: no process needs the knowledge base for it.

`python -m bot.log_masks MODULE …` is `python -m MODULE …` with what it logs masked, in the engine's environment too.
"""

from __future__ import annotations

import logging
import re
import runpy
import sys
from typing import Any

_MASKS = (
    (re.compile(r"[\w.%+'-]{1,64}@[\w-]+(?:\.[\w-]+)+"), "[e-mail]"),
    (re.compile(r"\b[A-Z]{2}\d{2}(?:[ -]?[A-Z0-9]){11,30}\b"), "[account]"),
    # A number with a plus sign, or of ten digits and more in groups: not a time, an id or a count.
    (
        re.compile(r"(?<![\w.+-])(?:\+\d(?:[ ().-]{0,2}\d){6,14}|\(?\d{2,5}\)?(?:[ .-]\d{2,5}){3,6})(?![\w.:-])"),
        "[telephone]",
    ),
    (re.compile(r"(?<![\w.-])\d(?:[ -]?\d){12,18}(?![\w.-])"), "[number]"),
)


def masked(text: str) -> str:
    """The text without e-mail addresses, accounts, telephone and other long numbers."""
    for pattern, mask in _MASKS:
        text = pattern.sub(mask, text)
    return text


def mask_logging() -> None:
    """Has everything that this process logs from now on be masked, whoever logs it."""
    made = logging.getLogRecordFactory()
    if getattr(made, "masks", False):
        return

    def record(*arguments: Any, **named: Any) -> logging.LogRecord:
        one = made(*arguments, **named)
        if not isinstance(one.msg, str):
            # Structured: its own processors write it.
            return one
        try:
            one.msg, one.args = masked(one.getMessage()), None
        except (TypeError, ValueError):
            # Its own handler will say what is wrong with it.
            return one
        return one

    record.masks = True  # type: ignore[attr-defined]
    logging.setLogRecordFactory(record)


if __name__ == "__main__":
    mask_logging()
    program = sys.argv.pop(1)
    runpy.run_module(program, run_name="__main__", alter_sys=True)
