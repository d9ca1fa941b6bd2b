"""Says plainly that nothing was found, when no entry is close enough."""

from __future__ import annotations

from actions.turn import Reply, Understood
from bot.conversation.reply import ReplyBody
from knowledge.records import Entry


class DefaultFallback(Reply):
    """Refers to the contact of the area that the message is likeliest about."""

    NAME = "action_default_fallback"

    def compose(self, understood: Understood) -> tuple[ReplyBody, Entry | None]:
        """By the area of the closest entry, else the one in focus, else the package's."""
        closest = next(iter(understood.entries), None)
        area = self.base.areas[closest.area] if closest else understood.area
        return self.composer.refer(area or self.composer.default_area), None
