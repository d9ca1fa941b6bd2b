"""The link by which somebody chooses a password, once."""

from __future__ import annotations

import secrets
from datetime import datetime, timedelta

from bot.console.routing import PREFIX
from bot.settings import ConsoleSettings
from bot.store.staff import Setup
from bot.store.staff_sessions import hash_of


class SetupLink:
    """A new link: `path` is for whom it is given to, `setup` for the database."""

    def __init__(self, settings: ConsoleSettings, now: datetime) -> None:
        token = secrets.token_urlsafe(32)
        self.path = f"{PREFIX}/set-up/{token}"
        self.setup = Setup(hash_of(token), now + timedelta(hours=settings.setup_hours))
