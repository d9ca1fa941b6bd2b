"""Names of persons: behind "my name is", a title, a label, and at the end of a letter."""

from __future__ import annotations

import re
from collections.abc import Iterator

from bot.log.masking.cues import Cues
from bot.log.masking.text import HAN, Finding, Kind, any_of

_WORD = re.compile(r"[^\W\d_](?:[^\W\d_]|['-](?=[^\W\d_]))*(?![\d_])\.?")
_GAP = re.compile(r"[ \t]*")
_LONGEST = 5
"""Words of a name."""
_TITLES = 4
"""Titles before a name."""
_LOWER_CASE = 3
"""Words of a name that is written in small letters."""
_HAN = re.compile(f"[{HAN}]")
_ARABIC = re.compile("[\u0621-\u064a]")
_SIGNS = " \t,:;.-،：，"
_DELIMITER = re.compile(r"(?:^|(?<=\s))(?:--+|__+)[ \t]*$", re.MULTILINE)
_BLOCK = re.compile(r"\n[ \t]*\n(?=[^\n]{3,60}\n[^\n]{2,}(?:\n[^\n]+)*\s*$)")
"""Before a last paragraph of two lines or more."""


class Names:
    """Finds names. `ordinary` are words that no name consists of alone, `introductions` lead to one for sure."""

    def __init__(self, cues: Cues, introductions: tuple[str, ...], i_am: tuple[str, ...], ordinary: set[str]) -> None:
        self._ordinary = ordinary | set(cues.never_names)
        self._joins, self._roles = set(cues.joins), set(cues.roles)
        self._never = set(cues.never_names)
        self._particles = set(cues.particles)
        self._titles = {*cues.titles, *(f"{title}." for title in cues.titles)}
        self._weak = {*cues.weak_titles, *(f"{title}." for title in cues.weak_titles)}
        self._introduced = re.compile(any_of((*introductions, *cues.introductions)) + r"[\s:,：，]*", re.IGNORECASE)
        self._i_am = re.compile(any_of(i_am) + r"\s*", re.IGNORECASE)
        self._titled = re.compile(any_of(cues.titles) + r"\.?[ \t]*", re.IGNORECASE)
        self._label = re.compile(rf"(?:^|(?<=[\n,;，；。.?？]))\s*{any_of(cues.labels)}\s*[:：]\s*", re.IGNORECASE)
        closing = any_of(cues.closings)
        # At the start of a line or a sentence, so that "as regards WIPO" is none.
        self._closing = re.compile(
            rf"(?:^|(?<=[\n.,!?;:،؟。！？])) *{closing}[ \t]*[,.،，!]?[ \t]*(\n?)", re.IGNORECASE
        )
        surname = f"(?:{'|'.join(cues.double_surnames)}|[{cues.surnames.replace(' ', '')}])"
        self._surname = surname
        self._han = re.compile(
            rf"{surname}[{HAN}]{{1,2}}(?=$|[\s,，。；、.!！（(]|在|来自|是|，|来|想|或|和|与|及|收|的|先生|女士|博士)"
        )
        doubled = "|".join(cues.double_surnames)
        self._han_titled = re.compile(
            rf"(?<![·])((?:{surname}[{HAN}]{{1,2}})|(?:{doubled})|(?<![{HAN}])[{cues.surnames.replace(' ', '')}])"
            rf"(?:{'|'.join(cues.titles_behind)})"
        )
        # Names of other languages, as they are written in Chinese.
        self._han_foreign = re.compile(
            rf"(?:(?![为是谨介绍])[{HAN}]){{1,8}}(?:·(?:(?!先生|女士|博士|教授)[{HAN}]){{1,6}})+"
        )
        self._han_apart = re.compile(r"(?<![A-Za-z])[姓名][：: ]?([A-Z][A-Za-z-]+)")
        self._han_whole = re.compile(rf"[{HAN}·]{{2,5}}(?=$|[\s,，。；、.!！（(])")
        self._han_family = re.compile(rf"姓({surname}[，,、 ]*名[{HAN}]{{1,2}})")

    def find(self, text: str) -> Iterator[Finding]:
        """What is found; findings may overlap."""
        for cue in self._introduced.finditer(text):
            yield from self._read(text, cue.end(), sure=True)
        for cue in self._titled.finditer(text):
            yield from self._read(text, cue.end(), titled=True)
        for cue in self._i_am.finditer(text):
            yield from self._read(text, cue.end(), most=4, least=2, known=True)
        for cue in self._label.finditer(text):
            yield from self._labelled(text, cue.end())
        for cue in self._closing.finditer(text):
            yield from self._signature(text, cue.end(), new_line=bool(cue[1]))
        for cue in _DELIMITER.finditer(text):
            yield from self._signature(text, cue.end() + 1, new_line=True)
        for cue in _BLOCK.finditer(text):
            yield from self._read(text, cue.end(), most=4, least=2, known=True, whole_line=True)
        if _HAN.search(text):
            yield from self._in_chinese(text)

    def _in_chinese(self, text: str) -> Iterator[Finding]:
        for match in self._han_titled.finditer(text):
            yield Finding(Kind.NAME, *match.span(1))
        for match in self._han_foreign.finditer(text):
            yield Finding(Kind.NAME, *match.span())
        for match in self._han_apart.finditer(text):
            yield Finding(Kind.NAME, *match.span(1))
        for match in self._han_family.finditer(text):
            yield Finding(Kind.NAME, *match.span(1))

    def _read(
        self,
        text: str,
        at: int,
        *,
        sure: bool = False,
        titled: bool = False,
        known: bool = False,
        whole_line: bool = False,
        least: int = 1,
        most: int = _LONGEST,
    ) -> Iterator[Finding]:
        """The name that begins here, if one does.

        `sure` allows for small letters; `titled` for Arabic, which has no others; with `known` no word of ours may be
        part of it.
        """
        at = self._past_titles(text, at)
        if (han := self._han.match(text, at)) and sure:
            yield Finding(Kind.NAME, *han.span())
            return
        words = self._words(text, at, most)
        if not words:
            return
        if _ARABIC.match(words[0][0]):
            # After "my name" a word with the article begins something else.
            found = self._arabic(words) if titled or (sure and not words[0][0].startswith("ال")) else []
        else:
            shouted = sure and all(word.isupper() for word, _, _ in words) and len(words) > _LOWER_CASE
            found = [] if shouted else self._capitalised(words)
            if titled and all(self._is_ordinary(word) for word, _, _ in found):
                found = []
            if known and any(self._is_ordinary(word) for word, _, _ in found):
                found = []
            if whole_line and found and text[found[-1][2] : found[-1][2] + 1] not in {"\n", ",", "|", " "}:
                found = []
            if not found and sure and not re.match(f"[{HAN}]", words[0][0]):
                found = self._in_small_letters(text, words)
        if len(found) >= least:
            yield Finding(Kind.NAME, found[0][1], found[-1][2])

    def _words(self, text: str, at: int, most: int) -> list[tuple[str, int, int]]:
        """The words that follow each other with nothing but spaces between."""
        words: list[tuple[str, int, int]] = []
        while len(words) <= most + 2:
            begin = _GAP.match(text, at).end()  # type: ignore[union-attr]
            match = _WORD.match(text, begin)
            if match is None:
                break
            end = match.end()
            if match[0].endswith(".") and len(match[0]) > 2:
                # A full stop, unless of an initial: the name ends here.
                words.append((match[0][:-1], begin, end - 1))
                break
            words.append((match[0], begin, end))
            at = end
        return words

    def _capitalised(self, words: list[tuple[str, int, int]]) -> list[tuple[str, int, int]]:
        found: list[tuple[str, int, int]] = []
        for at, word in enumerate(words):
            small = word[0].lower() in self._particles and found and at + 1 < len(words)
            if _is_capitalised(word[0]) and word[0].lower() not in self._roles:
                found.append(word)
            elif not (small and _is_capitalised(words[at + 1][0])):
                break
            else:
                found.append(word)
            if len(found) == _LONGEST:
                break
        return found

    def _in_small_letters(self, text: str, words: list[tuple[str, int, int]]) -> list[tuple[str, int, int]]:
        """Up to three words that are none of ours, up to a sign or a word that joins."""
        found: list[tuple[str, int, int]] = []
        for word in words:
            if found and word[0].lower() in self._joins:
                return found
            if self._is_ordinary(word[0]) or len(found) == _LOWER_CASE:
                return []
            found.append(word)
        after = text[found[-1][2] : found[-1][2] + 1] if found else ""
        return found if after in {"", ",", ".", ";", "\n", "!", "?"} else []

    def _arabic(self, words: list[tuple[str, int, int]]) -> list[tuple[str, int, int]]:
        found: list[tuple[str, int, int]] = []
        ordinary = 0
        for word in words[:_LONGEST]:
            verb = len(word[0]) > 3 and word[0].startswith(("وأ", "ون", "وا"))
            if word[0] in self._never or word[0] in self._roles or verb or not _ARABIC.match(word[0]):
                break
            if self._is_ordinary(word[0]) and (not found or not word[0].startswith("ال")):
                # Names are words too, but seldom two in a row that our own texts use.
                ordinary += 1
                if ordinary > 1 or (not found and word[0].startswith(("ال", "ي", "ت"))):
                    break
            found.append(word)
        return found[:4]

    def _labelled(self, text: str, at: int) -> Iterator[Finding]:
        at = self._past_titles(text, at)
        if han := self._han_whole.match(text, at):
            yield Finding(Kind.NAME, *han.span())
            return
        line = re.compile(r"[^\n,;،，。]*").match(text, at)
        if line and line[0].strip() and not re.search(r"[\d@?؟？:/]", line[0]) and len(line[0].split()) <= _LONGEST:
            yield Finding(Kind.NAME, at, at + len(line[0].rstrip(" .")))

    def _signature(self, text: str, at: int, *, new_line: bool) -> Iterator[Finding]:
        """The name behind a closing, on its line or the next."""
        while new_line and text[at : at + 1] == "\n":
            at += 1
        at = self._past_titles(text, at)
        if (han := self._han_whole.match(text, at)) and new_line and re.match(self._surname, han[0]):
            yield Finding(Kind.NAME, *han.span())
            return
        words = self._words(text, at, _LONGEST)
        if not words:
            return
        if _ARABIC.match(words[0][0]):
            end = words[-1][2]
            before = text[max(0, at - 2) : at]
            whole = text[end : end + 1] in {"", "\n", "."} and ("\n" in before or "," in before or "،" in before)
            found = words if whole and 2 <= len(words) <= 4 else []
        else:
            found = self._capitalised(words)
        if found and not all(self._is_ordinary(word) for word, _, _ in found):
            yield Finding(Kind.NAME, found[0][1], found[-1][2])

    def _past_titles(self, text: str, at: int) -> int:
        begin = at
        for _ in range(_TITLES):
            begin = _GAP.match(text, at).end()  # type: ignore[union-attr]
            match = re.compile(r"[^\W\d_][\w'-]*(?:\.[^\W\d_])*\.?").match(text, begin)
            if match is None or match[0].lower() not in self._titles | self._weak:
                return begin
            following = text[match.end() : match.end() + 1]
            if following != " ":
                return begin
            at = match.end()
        return begin

    def _is_ordinary(self, word: str) -> bool:
        return word.lower().strip(".'") in self._ordinary


def _is_capitalised(word: str) -> bool:
    return word[0].isupper()
