"""Names that no "my name is" leads to: by the company they keep, or because no text of ours has such words."""

from __future__ import annotations

import re
from collections.abc import Iterator
from dataclasses import dataclass

from bot.log.masking.cues import Cues
from bot.log.masking.text import HAN, Finding, Kind, any_of

_WORD = re.compile(r"[^\W\d_](?:[^\W\d_]|['-](?=[^\W\d_]))*(?![\d_])\.?")
_FIRST = re.compile(r"(?:^|[\n.!?…:;«\"(•])[ \t]*(?:[-*–•] ?)?$")
_SOLE_LINE = re.compile(r"(?:^|\n)[ \t]*$"), re.compile(r"[ \t]*(?:$|\n)")
_LISTED = re.compile(r"(?:^|\n)[ \t]*(?:\d{1,2}[.)]|[-*•])[ \t]*$")
_CONTACT = re.compile(r"[ ,:(<-]{1,4}(?:[^\s@]+@|\+?\(?\d[\d ().-]{6,})")
_LONGEST, _LEAST = 5, 2
"""Words."""
_SHORTEST = 2
"""Letters of a word of a name, but for initials."""
_ACRONYM = 5
"""Letters up to which a word in capitals may be one."""


@dataclass(frozen=True)
class _Word:
    text: str
    start: int
    end: int
    known: bool
    """Whether our own texts have it."""


class LooseNames:
    """Finds them. `known` are all words of our own texts, in small letters."""

    def __init__(self, cues: Cues, i_am: tuple[str, ...], known: set[str]) -> None:
        self._known = known
        self._particles = set(cues.particles)
        self._bearers = set(cues.bearers)
        self._titles = {*cues.titles, *cues.weak_titles, *cues.roles}
        self._before = re.compile(rf"{any_of((*cues.relations, *cues.replacing))}[ ,:]{{1,2}}$", re.IGNORECASE)
        self._replaced = re.compile(rf"{any_of(cues.replacing)}\b", re.IGNORECASE)
        self._behind = re.compile(rf",? ?{any_of(cues.presenting)}", re.IGNORECASE)
        surname = f"(?:{'|'.join(cues.double_surnames)}|[{cues.surnames.replace(' ', '')}])"
        self._han = re.compile(
            rf"(?:{'|'.join(word for word in cues.relations if re.match(f'[{HAN}]', word))})[：:， ]?"
            rf"({surname}[{HAN}]{{1,2}})(?=$|[\s,，。；、.!！（(]|的|在|是|因|将|已|住|核|出|女士|先生|小姐|博士)"
        )
        self._i_am = re.compile(
            rf"{any_of(i_am)} ([^\W\d_]{{3,}})(?= (?:from|of|at|de|du|des|del|из|от|с|من)\b)", re.IGNORECASE
        )
        arabic = [word for word in cues.relations if re.match("[\u0621-\u064a]", word)]
        self._arabic = re.compile(rf"{any_of(arabic)} ((?:[\u0621-\u064a]+ ?){{2,3}})")

    def find(self, text: str) -> Iterator[Finding]:
        """What is found; findings may overlap."""
        for run in self._runs(text):
            yield from self._in_run(text, run)
        for match in self._i_am.finditer(text):
            if match[1].lower() not in self._known:
                yield Finding(Kind.NAME, *match.span(1))
        for match in self._han.finditer(text):
            yield Finding(Kind.NAME, *match.span(1))
        for match in self._arabic.finditer(text):
            words = match[1].split()
            unknown = [word for word in words if word not in self._known]
            if len(unknown) == len(words):
                yield Finding(Kind.NAME, match.start(1), match.start(1) + len(match[1].rstrip()))

    def _runs(self, text: str) -> Iterator[list[_Word]]:
        """Capitalised words with nothing but a space between; a particle may stand among them."""
        run: list[_Word] = []
        for match in _WORD.finditer(text):
            word = match[0]
            bare = word.rstrip(".")
            if word.endswith(".") and len(bare) > _SHORTEST:
                word = bare
            one = _Word(word, match.start(), match.start() + len(word), self._is_known(bare))
            joined = bool(run) and text[run[-1].end : one.start] in {" ", "  "}
            if not joined and run:
                yield _trimmed(run)
                run = []
            if bare[0].isupper() or (run and joined and bare.lower() in self._particles):
                run.append(one)
            elif run:
                yield _trimmed(run)
                run = []
        if run:
            yield _trimmed(run)

    def _in_run(self, text: str, run: list[_Word]) -> Iterator[Finding]:
        for some in self._unknown(run):
            before, after = text[: some[0].start], text[some[-1].end :]
            around = {word.text.lower().strip(".") for word in run} | set(_beside(before, after))
            if around & self._bearers or len(some) > _LONGEST:
                continue
            alone = len(some) < _LEAST
            led = bool(self._before.search(before)) or bool(self._behind.match(after))
            if alone and not led:
                continue
            if not led and len(some) == _LEAST and _FIRST.search(before) and not self._stands_apart(before, after):
                # A sentence that begins with a name, or with an unknown word and a place's name: nobody can tell.
                continue
            yield Finding(Kind.NAME, some[0].start, some[-1].end)

    def _stands_apart(self, before: str, after: str) -> bool:
        """Whether it is a line of its own, or one of a list, or has an address behind it, or a comma."""
        line = _SOLE_LINE[0].search(before) and _SOLE_LINE[1].match(after)
        return bool(line or _LISTED.search(before) or _CONTACT.match(after) or after[:1] in {",", "("})

    def _unknown(self, run: list[_Word]) -> Iterator[list[_Word]]:
        """The parts of a run that our texts have nothing of."""
        some: list[_Word] = []
        for word in [*run, None]:
            if (word is not None and not word.known and _is_name_like(word.text)) or (
                word is not None and some and word.text.lower() in self._particles
            ):
                some.append(word)
            else:
                if some := _trimmed(some):
                    yield some
                some = []

    def _is_known(self, bare: str) -> bool:
        low = bare.lower()
        return (
            low in self._known
            or low in self._titles
            or any(part in self._known for part in low.split("-") if len(part) > 3 and "-" in low)
        )


def _trimmed(run: list[_Word]) -> list[_Word]:
    """Without particles at either end."""
    while run and not run[-1].text[0].isupper():
        run = run[:-1]
    while run and not run[0].text[0].isupper():
        run = run[1:]
    return run


def _is_name_like(word: str) -> bool:
    bare = word.rstrip(".")
    if len(bare) <= _SHORTEST and word.endswith("."):
        return True
    if len(bare) < _SHORTEST:
        return False
    return not (bare.isupper() and len(bare) <= _ACRONYM)


def _beside(before: str, after: str) -> Iterator[str]:
    """The words next to a run."""
    yield from (word.lower() for word in re.findall(r"([^\W\d_]+)\.? $", before[-30:]))
    yield from (word.lower() for word in re.findall(r"^ ([^\W\d_]+)", after[:30]))
