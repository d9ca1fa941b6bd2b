"""Goes on in another language, and gives the last answer again in it."""

from __future__ import annotations

from actions.turn import Reply, Said, Understood
from bot.conversation.compose import Composer
from knowledge.records import Language


class ChangeLanguage(Reply):
    """The entry in focus again, or one line where nothing has been answered yet."""

    NAME = "action_change_language"

    def speaks(self, understood: Understood) -> Language | None:
        """The language that was named, where it is one of the six."""
        for named in understood.named("language"):
            return Language(named) if named in set(Language) else None
        return super().speaks(understood)

    def compose(self, understood: Understood, composer: Composer) -> Said:
        """By the entry in focus."""
        if understood.focus is None:
            return Said.one(composer.language_changed())
        return Said.one(composer.answer(understood.focus), understood.focus)
