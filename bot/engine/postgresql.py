"""How the engine's connections to PostgreSQL notice that it is gone."""

from __future__ import annotations

NOTICED = {
    "connect_timeout": 5,
    "keepalives_idle": 5,
    "keepalives_interval": 5,
    "keepalives_count": 3,
    "tcp_user_timeout": 20_000,
}
"""As libpq has them and the desk does (bot.store.database): after 20 seconds, and not after a quarter of an hour."""
