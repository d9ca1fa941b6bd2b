"""Finds who the delegate is in what they write: their name, and the member state or organisation they write for."""

from __future__ import annotations

import re
import unicodedata
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from difflib import get_close_matches

from bot.conversation.handoff.draft import Origin
from bot.conversation.handoff.message import Mention, Message, one_line
from bot.conversation.handoff.words import Words, length, like

LONGEST_NAME = 8
"""Words,"""
LONGEST_LINE = 120
"""and characters of a name or an organisation."""
LIKENESS = 0.82
"""How alike what was typed must be to the name of a member state to be offered back, between 0 and 1."""

_END = re.compile(r"[,;،；，、。\n()|]|:(?!//)|\s[-–—]\s|(?<=\w{5})\.(?=\s)|[!.]$")
"""What ends a name or an organisation in a sentence."""
_NO_NAME = re.compile(r"[\d@?؟？#/\\<>{}\[\]=*_|~^]|https?:", re.IGNORECASE)
_NO_ORGANISATION = re.compile(r"[@?؟？<>{}\\|~^]|https?:", re.IGNORECASE)
_LETTER = re.compile(r"[^\W\d_]")
_CASED = re.compile(r"[A-Za-zÀ-ɏА-яЁёͰ-Ͽ]")
_WORD = re.compile(r"[^\W\d_]+")
_SIGNS = " .,;:!،。，\"'“”«»"
_PARTICLES = frozenset(
    {"de", "d'", "da", "do", "dos", "das", "del", "della", "der", "den", "des", "di", "du", "la", "le", "el", "al"}
    | {"bin", "bint", "ben", "ibn", "van", "von", "ter", "y", "e", "i", "af", "av"}
)
"""Small words inside names."""
_AND = frozenset({"and", "et", "и"})
"""What joins a name to where one is from."""
_HAN = re.compile(r"[\u3400-\u9fff]")
_LONGEST_HAN = 12
_LOWER_CASE = 3
"""Words, small ones apart, up to which a name may be written in small letters alone."""
_LEAD = 5
"""Words that may say where one is from, before the name of a state."""
_JOINS = 3
"""Letters up to which what stands beside the name of a state is an article or preposition."""


@dataclass(frozen=True)
class Part:
    """A clause of a message, with the member states in it."""

    text: str
    states: tuple[Mention, ...]


@dataclass(frozen=True)
class Who:
    """What a message tells of the delegate; empty where it tells nothing."""

    name: str | None = None
    origin: Origin | None = None


class Values:
    """Reads names and origins. `states` gives each member state's names by its code."""

    def __init__(self, words: Words, states: Mapping[str, Sequence[str]]) -> None:
        self._words = words
        self._states = {like(name): code for code, names in states.items() for name in names}

    def name(self, text: str) -> str | None:
        """A person's name, or nothing where the text is none by its form."""
        line = one_line(text).strip(_SIGNS)
        if not line or len(line) > LONGEST_LINE or _NO_NAME.search(line) or not _LETTER.search(line):
            return None
        if length(line) > LONGEST_NAME or len(_HAN.findall(line)) > _LONGEST_HAN:
            return None
        return None if self._is_sentence(line) else self._without_end(line)

    def is_no_name(self, text: str) -> bool:
        """Whether a text is an answer in the form's own words, or begins by declining."""
        if _is_full_name(text.strip(_SIGNS)):
            return False  # "An Le" and "Ne Win" are names.
        return self._words.is_own(text) or self._words.begins("rather_not", text) or self._words.begins("not", text)

    def _is_sentence(self, line: str) -> bool:
        """Whether words in small letters, but for the first, are more, or others, than a name has."""
        words = [word for word in line.split() if word not in _PARTICLES]
        if not all(word.islower() for word in words[1:]) or not _CASED.match(line):
            return False
        if line.islower() and len(words) > _LOWER_CASE:
            return True
        return any(self._words.is_all("filler", word) for word in words if line.islower() or len(words) > _LOWER_CASE)

    def _without_end(self, line: str) -> str:
        """A name without a "please" behind it."""
        words = line.split()
        while len(words) > 1 and not line.islower() and words[-1].islower() and self._words.is_all("filler", words[-1]):
            words.pop()
        return " ".join(words)

    def introduced(self, message: Message) -> Who:
        """Who a message says that its writer is, beside what else it says: "I am Maria Silva from Peru, please …"."""
        name = origin = None
        for part in self._parts(message):
            state = self._own_state(part)
            name = name or self._introduced_name(part, state)
            origin = origin or (Origin(state.code) if state else None)
        return Who(name, origin)

    def answered(self, message: Message) -> Who:
        """The same in an answer to the question for the name: its first part, greetings apart, is the name."""
        parts = self._parts(message)
        at = next((at for at, part in enumerate(parts) if not self._words.is_own(part.text)), 0)
        first, *others = parts[at:] or [Part("", ())]
        state = self._own_state(first)
        said = self._before(first, state) if state else self._up_to_origin(first.text)
        name = self.name(self._bare(said))
        if name is None and state and _HAN.match(after := first.text[state.end :]):
            # Chinese puts where one is from before the name.
            name = self.name(self._words.without("filler", self._words.without("i_am_from", after)))
        codes = [state.code] if state else [one.code for part in others for one in part.states]
        return Who(name, Origin(codes[0]) if len(set(codes)) == 1 else None)

    def _bare(self, said: str) -> str:
        """A name without the words that introduce it."""
        plain = self._words.without("i_am", self._words.without("my_name", self._words.without("greeting", said)))
        after = self._words.without("it_is", plain)
        return after if _is_capitalised(after) else plain

    def origin(self, message: Message) -> Origin | None:
        """The member state that the text names, the organisation as typed, or both; nothing where it is neither."""
        stated = self._words.without("i_am_from", message.text) or message.text
        line = one_line(stated).strip(_SIGNS)
        declined = self._words.is_own(message.text) or self._words.begins("rather_not", message.text)
        organisation = line if _is_organisation(line) and not declined else None
        if mention := self._one_state(message):
            return Origin(mention.code, None if self._only_says_from(_beside(message)) else organisation)
        return Origin(None, organisation) if organisation else None

    def only_state(self, message: Message) -> str | None:
        """The code of the member state that a message names and says nothing else of."""
        mention = self._one_state(message)
        says_more = mention and not self._words.given_nothing(self._words.strip("i_am_from", _beside(message)))
        return mention.code if mention and not says_more else None

    def _one_state(self, message: Message) -> Mention | None:
        """The member state that a message names, if it is one alone: "not Peru, Chile" names Chile."""
        named = message.states
        if len(named) > 1:
            named = tuple(one for one in named if not self._words.denies(message.text[: one.start]))
        return named[0] if len({one.code for one in named}) == 1 else None

    def close_state(self, text: str) -> str | None:
        """The code of the member state whose name is almost what was typed."""
        stated = like(self._words.without("i_am_from", text)).strip(" .,;:!")
        close = get_close_matches(stated, self._states, n=1, cutoff=LIKENESS) if length(stated) <= LONGEST_NAME else []
        return self._states[close[0]] if close and len(stated) > _JOINS + 1 else None

    def _only_says_from(self, rest: str) -> bool:
        """Whether nothing but "we are from", "no", or an article stands beside the name of a state."""
        if self._words.only("i_am_from", rest):
            return True
        return not _HAN.search(rest) and all(len(word) <= _JOINS for word in _WORD.findall(rest))

    def _introduced_name(self, part: Part, state: Mention | None) -> str | None:
        said = self._before(part, state) if state else self._up_to_origin(part.text)
        sure = self._words.begins("my_name", said)
        if not sure and not self._words.begins("i_am", said):
            return None
        plain = self._words.without("my_name" if sure else "i_am", said)
        name = None if self._words.starts("i_am_from", plain) else self.name(plain)
        if name is None or length(name) > LONGEST_NAME // 2:
            return None
        if _CASED.match(name):
            return name if sure or _is_capitalised(name) else None
        # Where there are no capitals "I am …" may go on with anything, unless it goes on with where one is from.
        return name if sure or said != part.text else None

    def _own_state(self, part: Part) -> Mention | None:
        """The member state that this part says its writer is from."""
        return next((one for one in part.states if self._from_at_end(part.text[: one.start]) is not None), None)

    def _before(self, part: Part, state: Mention) -> str:
        """What stands before "from Peru"."""
        before = part.text[: state.start]
        words = before[: self._from_at_end(before)].split()
        while words and like(words[-1]) in _PARTICLES | _AND:
            words.pop()
        return " ".join(words)

    def _from_at_end(self, text: str) -> int | None:
        """Where the words that say where one is from begin, if the text ends with them."""
        starts = [word.start() for word in re.finditer(r"[^\s\u3400-\u9fff]+|[\u3400-\u9fff]", text)][-_LEAD:]
        return next((at for at in starts if self._words.is_all("i_am_from", text[at:])), None)

    def _up_to_origin(self, text: str) -> str:
        """The text before "from …", which itself may begin anywhere but at its start."""
        for word in list(re.finditer(r"\S+", text))[1:]:
            if like(word[0]) not in _PARTICLES and self._words.starts("i_am_from", text[word.start() :]):
                return text[: word.start()].strip()
        return text

    def _parts(self, message: Message) -> list[Part]:
        """The clauses of a message."""
        parts, start = [], 0
        ends = (
            match
            for match in _END.finditer(message.text)
            if not self._is_title(message.text[: match.start()], match[0])
        )
        for match in (*ends, None):
            end = match.start() if match else len(message.text)
            text = message.text[start:end]
            if text.strip():
                at = start + len(text) - len(text.lstrip())
                within = (one for one in message.states if at <= one.start and one.end <= end)
                parts.append(Part(text.strip(), tuple(Mention(m.code, m.start - at, m.end - at) for m in within)))
            start = match.end() if match else end
        return parts

    def _is_title(self, before: str, sign: str) -> bool:
        """Whether a full stop belongs to a title."""
        return sign == "." and self._words.is_all("title", before.split()[-1] if before.split() else "")


def _beside(message: Message) -> str:
    """What stands beside the names of states."""
    text = message.text
    for one in reversed(message.states):
        text = f"{text[: one.start]} {text[one.end :]}"
    return text


def _is_organisation(line: str) -> bool:
    return 1 < len(line) <= LONGEST_LINE and not _NO_ORGANISATION.search(line) and len(_LETTER.findall(line)) > 1


def _is_full_name(text: str) -> bool:
    """Whether several words with a capital each are written as names are."""
    return text.count(" ") > 0 and all(word[0].isupper() for word in text.split())


def _is_capitalised(name: str) -> bool:
    words = [word for word in name.split() if like(word) not in _PARTICLES]
    return bool(words) and all(unicodedata.category(word[0]) in {"Lu", "Lt", "Lo"} for word in words)
