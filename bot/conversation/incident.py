"""The id that ties an apology to the log."""

from __future__ import annotations

import secrets


def new_incident() -> str:
    """Eight characters without look-alikes, to be read aloud."""
    return "".join(secrets.choice("23456789ABCDEFGHJKMNPQRSTVWXYZ") for _ in range(8))
