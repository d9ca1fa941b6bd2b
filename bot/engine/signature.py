"""Pasted e-mail signatures: names, titles and addresses below a question, which say nothing of what is asked."""

from __future__ import annotations

import re
from collections.abc import Iterator, Sequence

_DELIMITER = re.compile(r"^\s*(?:--|__+|—+|-{3,})\s*$")
_FORMULA = (
    r"(?:(?:with |my |our )?(?:best|kind|warm|kindest|warmest|many) (?:regards|wishes|thanks)|regards|sincerely"
    r"|yours (?:sincerely|faithfully|truly)|respectfully|sent from my \w+"
    r"|cordialement|bien (?:cordialement|à vous)|salutations(?: distinguées)?|respectueusement"
    r"|(?:un )?(?:cordial(?:es)? )?saludos?(?: cordiales)?|atentamente|respetuosamente"
    r"|с уважением|с наилучшими пожеланиями|此致|敬礼|顺颂商祺|مع (?:أطيب )?(?:التحيات|التحية|تحياتي)|وتفضلوا بقبول .*)"
)
_CLOSING = re.compile(rf"^\W*{_FORMULA}\b[\s,.!،，。]*(?:\S+\s*){{0,5}}$", re.IGNORECASE)
_CLOSING_WITHIN = re.compile(rf"(?<=[?؟？])\s*{_FORMULA}\s*[,.!،，。\n][^?؟？]{{0,200}}$", re.IGNORECASE)
"""The same behind the question in its own line, with the name and what follows it."""
_QUESTION = re.compile(r"[?؟？]")
_ASKS_AT_ITS_END = re.compile(r"[?؟？]\W*$")
_SHORT = 9
"""Words of a line of an address block, at most."""
_LEAST = 2
"""Words that must remain for the rest to be a message."""


def without_signature(text: str) -> str:
    """The text up to its signature; all of it where there is none, or where nothing else would be left.

    A signature begins at a line of dashes, at a closing formula, with a last paragraph of two or more short lines that
    ask nothing, or with as many such lines below a question.
    """
    for before in _befores(text):
        if len(before.split()) >= _LEAST:
            return before.strip()
    return text


def _befores(text: str) -> Iterator[str]:
    """What stands before each place where a signature may begin."""
    lines = text.split("\n")
    for number, line in enumerate(lines):
        below = "\n".join(lines[number:])
        if not _QUESTION.search(below) and (_DELIMITER.match(line) or _CLOSING.match(line)):
            yield "\n".join(lines[:number])
    if closing := _CLOSING_WITHIN.search(text):
        yield text[: closing.start()]
    paragraphs = re.split(r"\n\s*\n", text.strip())
    if _is_block(paragraphs[-1].split("\n")):
        yield "\n\n".join(paragraphs[:-1])
    asking = max((number for number, line in enumerate(lines) if _ASKS_AT_ITS_END.search(line)), default=None)
    if asking is not None and _is_block(lines[asking + 1 :]):
        yield "\n".join(lines[: asking + 1])


def _is_block(lines: Sequence[str]) -> bool:
    """Whether these are two or more short lines that ask nothing, as names and addresses are."""
    written = [line for line in lines if line.strip()]
    return len(written) > 1 and all(len(line.split()) <= _SHORT and not _QUESTION.search(line) for line in written)
