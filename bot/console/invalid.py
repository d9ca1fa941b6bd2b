"""What is wrong with what a form sent, in words."""

from __future__ import annotations

from pydantic import ValidationError


def said_of(error: ValidationError | ValueError) -> list[str]:
    """All that is wrong, each with the field it is in."""
    if isinstance(error, ValidationError):
        return [f"{'.'.join(map(str, one['loc']))}: {one['msg']}" for one in error.errors()]
    return [str(error)]
