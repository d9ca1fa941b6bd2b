"""Questions and dialogues asked of two models at once, and how each did: judged as `make evaluate` judges."""

from __future__ import annotations

from collections.abc import AsyncIterator, Sequence
from typing import Any

from bot.conversation.language import Found as Told
from bot.conversation.language import Languages
from bot.conversation.outcome import Outcome
from bot.evaluate.dialogues import Dialogue, Line, is_right
from bot.evaluate.figures import Turn, Verdict, verdict
from bot.evaluate.questions import DIALOGUES, Asked
from bot.evaluate.two_models import NEW, OLD, Both, Message, TwoModels
from bot.evaluate.understood import Judge
from bot.publishing.comparison import Among, Compared, Found
from knowledge.base import KnowledgeBase

AskedOf = tuple[Among, Asked]

FOCUS = "focus_entry"
"""The slot that the engine reads (bot/engine/request_classifier.py)."""


class _ToldOnce(Languages):
    """Tells each text's language once, whichever model was asked."""

    def __init__(self, base: KnowledgeBase) -> None:
        super().__init__(base)
        self._told: dict[str, Told] = {}

    def of(self, text: str) -> Told:
        """As Languages."""
        if text not in self._told:
            self._told[text] = super().of(text)
        return self._told[text]


class Judges:
    """The actions over the content of the old model and over that of the new one."""

    def __init__(self, old: KnowledgeBase, new: KnowledgeBase) -> None:
        languages = _ToldOnce(new)
        self.bases = {OLD: old, NEW: new}
        self.of = {name: Judge(base, languages) for name, base in self.bases.items()}

    async def questions(self, asked: Sequence[AskedOf], models: TwoModels) -> AsyncIterator[Compared]:
        """Each question asked as the first message of a conversation."""
        waiting = iter(asked)
        async for both in models.understand([Message(one.question.text) for _, one in asked]):
            yield self._question(*next(waiting), both)

    def _question(self, among: Among, one: Asked, both: Both) -> Compared:
        found = {}
        for name, base in self.bases.items():
            turn = self.of[name].turn(one, both[name])
            found[name] = _found(turn, both[name], right=verdict(_known(turn, base), base) is Verdict.RIGHT)
        return _compared(among, one, found)

    async def dialogues(self, dialogues: Sequence[Dialogue], models: TwoModels) -> AsyncIterator[Compared]:
        """Each line said after those before it, in as many rounds as the longest has lines.

        A dialogue ends with the line that should open the handoff form: what is said in the form is not the models' to
        understand. A model that opens it elsewhere is in it for the rest.
        """
        talks = [Talk(dialogue, self) for dialogue in dialogues]
        while talking := [talk for talk in talks if not talk.is_over]:
            waiting = iter(talking)
            async for both in models.understand([talk.message for talk in talking]):
                yield next(waiting).hear(both)


class Talk:
    """A dialogue with both models, each in a conversation of its own."""

    def __init__(self, dialogue: Dialogue, judges: Judges) -> None:
        self._dialogue, self._judges = dialogue, judges
        self._lines = lines_before_form(dialogue)
        self._at = 0
        self._slots: dict[str, dict[str, Any]] = {name: {} for name in judges.bases}
        self._handed_off: set[str] = set()

    @property
    def is_over(self) -> bool:
        """Whether all has been said."""
        return self._at == len(self._lines)

    @property
    def message(self) -> Message:
        """What is said next."""
        focus = {name: slots[FOCUS] for name, slots in self._slots.items() if slots.get(FOCUS)}
        return Message(self._lines[self._at].say, focus)

    def hear(self, both: Both) -> Compared:
        """How each did on what was said."""
        line = self._lines[self._at]
        asked = line.asked(self._dialogue).model_copy(update={"asked_in": DIALOGUES})
        self._at += 1
        found = {}
        for name, base in self._judges.bases.items():
            turn = self._judges.of[name].turn(asked, both[name], self._slots[name])
            if name in self._handed_off:
                turn = turn.model_copy(update={"outcome": Outcome.HANDOFF, "entry": None, "facts": frozenset()})
            elif turn.outcome is Outcome.HANDOFF:
                self._handed_off.add(name)
            found[name] = _found(turn, both[name], right=is_right(line, turn, base))
        return _compared(Among.DEVELOPMENT, asked, found, within=self._dialogue.name)


def lines_before_form(dialogue: Dialogue) -> tuple[Line, ...]:
    """The lines up to the one that should open the handoff form, that one included."""
    opens = next((at for at, line in enumerate(dialogue.turns) if line.outcomes == (Outcome.HANDOFF,)), None)
    return dialogue.turns if opens is None else dialogue.turns[: opens + 1]


def _compared(among: Among, asked: Asked, found: dict[str, Found], within: str = "") -> Compared:
    question = asked.question
    return Compared(
        among=among,
        set=asked.asked_in,
        within=within,
        language=asked.language,
        text=question.text,
        expect=question.expect,
        entries=question.entries,
        old=found[OLD],
        new=found[NEW],
    )


def _known(turn: Turn, base: KnowledgeBase) -> Turn:
    """The turn, expected only what the knowledge base has: an entry that is new cannot have been right before."""
    question = turn.asked.question
    entries = tuple(entry for entry in question.entries if entry in base.entries)
    kept = question.model_copy(update={"entries": entries})
    return turn.model_copy(update={"asked": turn.asked.model_copy(update={"question": kept})})


def _found(turn: Turn, message: dict[str, Any], *, right: bool) -> Found:
    requests = message.get("requests") or []
    first = str(requests[0]["name"]).partition("/")[2] if requests else None
    return Found(outcome=turn.outcome, entry=turn.entry or first, confidence=turn.confidence, right=right)
