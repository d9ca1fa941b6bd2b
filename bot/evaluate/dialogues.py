"""The development dialogues: what is said in turn, and what should come back."""

from __future__ import annotations

from pathlib import Path
from typing import Annotated, Any

from pydantic import BaseModel, ConfigDict, Field, StringConstraints

from bot.conversation.outcome import Outcome
from bot.evaluate.figures import Turn
from bot.evaluate.questions import DIALOGUES, Asked, Question
from knowledge.base import KnowledgeBase
from knowledge.reading import ContentError, File, line_naming, read
from knowledge.records import Language

Text = Annotated[str, StringConstraints(min_length=1)]


class Line(BaseModel):
    """One message. `entries` are those whose answer would be right; `all` has a list of them for each of several."""

    model_config = ConfigDict(extra="forbid", frozen=True)

    say: Text
    expect: Outcome | tuple[Outcome, ...]
    entries: tuple[str, ...] = ()
    all: tuple[tuple[str, ...], ...] = ()

    @property
    def outcomes(self) -> tuple[Outcome, ...]:
        """Those that would be right."""
        return self.expect if isinstance(self.expect, tuple) else (self.expect,)

    def asked(self, dialogue: Dialogue) -> Asked:
        """The line as a question in its place."""
        question = Question(text=self.say, style="dialogue", expect=self.outcomes[0], entries=self.entries)
        return Asked(question=question, area="dialogue", language=dialogue.language, asked_in=dialogue.name)


class Dialogue(BaseModel):
    """A conversation."""

    model_config = ConfigDict(extra="forbid", frozen=True)

    name: Text
    turns: tuple[Line, ...] = Field(min_length=2)
    language: Language = Language.EN


class _Dialogues(File):
    dialogues: tuple[Dialogue, ...]


def load_dialogues(folder: Path, base: KnowledgeBase) -> list[Dialogue]:
    """All dialogues below `folder`, in `<language>/dialogues/`.

    Raises:
        ContentError: a file does not fit, or names an entry that does not exist.
    """
    found: list[Dialogue] = []
    for path in sorted(folder.glob(f"*/{DIALOGUES}/*.yml")):
        content: Any = read(path, _Dialogues)
        for dialogue in content.dialogues:
            for line in dialogue.turns:
                for entry in (*line.entries, *(e for part in line.all for e in part)):
                    if entry not in base.entries:
                        problem = f"there is no entry {entry}; mend its spelling"
                        raise ContentError(path, line_naming(path, entry), problem)
            found.append(dialogue.model_copy(update={"language": Language(path.parent.parent.name)}))
    return found


def is_right(line: Line, turn: Turn, base: KnowledgeBase) -> bool:
    """Whether a turn is what was expected: its outcome and, for an answer, the entry or all the facts of one."""
    if turn.outcome not in line.outcomes:
        return False
    if line.all:
        return all(any(set(base.entries[e].facts) <= turn.facts for e in part) for part in line.all)
    if turn.outcome is not Outcome.ANSWER or not line.entries:
        return True
    stated = any(set(base.entries[e].facts) <= turn.facts for e in line.entries if base.entries[e].facts)
    return turn.entry in line.entries or stated
