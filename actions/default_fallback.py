"""Says plainly that nothing was found, when no entry is close enough."""

from __future__ import annotations

from actions.turn import Reply, Said, Understood
from bot.conversation.compose import Composer


class DefaultFallback(Reply):
    """Refers to the contact of the area that the message is likeliest about."""

    NAME = "action_default_fallback"

    def compose(self, understood: Understood, composer: Composer) -> Said:
        """By the area of the closest entry, else the one in focus, else the package's."""
        closest = next(iter(understood.entries), None)
        area = self.base.areas[closest.area] if closest else understood.area
        return Said.one(composer.refer(area or composer.default_area), failed=True)
