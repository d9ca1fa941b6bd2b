"""Pasted e-mail signatures: names, titles and addresses below a question, which say nothing of what is asked."""

from __future__ import annotations

import re

_DELIMITER = re.compile(r"^\s*(?:--|__+|—+|-{3,})\s*$")
_CLOSING = re.compile(
    r"^\W*(?:(?:with |my |our )?(?:best|kind|warm|kindest|warmest|many) (?:regards|wishes|thanks)|regards|sincerely"
    r"|yours (?:sincerely|faithfully|truly)|respectfully|sent from my \w+"
    r"|cordialement|bien (?:cordialement|à vous)|salutations(?: distinguées)?|respectueusement"
    r"|(?:un )?(?:cordial(?:es)? )?saludos?(?: cordiales)?|atentamente|respetuosamente"
    r"|с уважением|с наилучшими пожеланиями|此致|敬礼|顺颂商祺|مع (?:أطيب )?(?:التحيات|التحية|تحياتي)|وتفضلوا بقبول .*)"
    r"\b[\s,.!،，。]*(?:\S+\s*){0,5}$",
    re.IGNORECASE,
)
_QUESTION = re.compile(r"[?؟？]")
_SHORT = 9
"""Words of a line of an address block, at most."""
_LEAST = 2
"""Words that must remain for the rest to be a message."""


def without_signature(text: str) -> str:
    """The text up to its signature; all of it where there is none, or where nothing else would be left.

    A signature begins at a line of dashes, at a closing formula on a line of its own, or with a last paragraph of two
    or more short lines that ask nothing.
    """
    if "\n" not in text:
        return text
    lines = text.split("\n")
    for number, line in enumerate(lines):
        before = "\n".join(lines[:number]).strip()
        below = "\n".join(lines[number:])
        if len(before.split()) < _LEAST or _QUESTION.search(below):
            continue
        if _DELIMITER.match(line) or _CLOSING.match(line):
            return before
    paragraphs = re.split(r"\n\s*\n", text.strip())
    if len(paragraphs) > 1:
        last = [line for line in paragraphs[-1].split("\n") if line.strip()]
        is_block = len(last) > 1 and all(len(line.split()) <= _SHORT for line in last)
        rest = "\n\n".join(paragraphs[:-1]).strip()
        if is_block and not _QUESTION.search(paragraphs[-1]) and len(rest.split()) >= _LEAST:
            return rest
    return text
