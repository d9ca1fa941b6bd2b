"""Who may do what: the one table."""

from __future__ import annotations

from collections.abc import Mapping
from enum import Enum, StrEnum


class Permission(StrEnum):
    """What a route can need."""

    RECORD_READ = "record.read"
    """Conversations, with personal data masked."""
    TEXT_REVEAL = "text.reveal"
    """What is masked; each time in the trail."""
    REVIEW_DECIDE = "review.decide"
    CONTENT_EDIT = "content.edit"
    MODEL_PUBLISH = "model.publish"
    CASES_READ = "cases.read"
    """Questions handed to a person, with who asked them."""
    CASES_ACT = "cases.act"
    STAFF_MANAGE = "staff.manage"
    TRAIL_READ = "trail.read"
    DATA_ERASE = "data.erase"
    """To export and erase all that is kept of a conversation or an address."""


class Access(Enum):
    """What a route needs that is no permission."""

    ANYONE = "anyone"
    SIGNED_IN = "signed in"


Need = Permission | Access


class Role(StrEnum):
    """What an account is for."""

    READER = "reader"
    REVIEWER = "reviewer"
    FOCAL_POINT = "focal_point"
    EDITOR = "editor"
    ADMINISTRATOR = "administrator"


_P = Permission

GRANTED: Mapping[Role, frozenset[Permission]] = {
    Role.READER: frozenset({_P.RECORD_READ}),
    Role.REVIEWER: frozenset({_P.RECORD_READ, _P.TEXT_REVEAL, _P.REVIEW_DECIDE}),
    Role.FOCAL_POINT: frozenset({_P.RECORD_READ, _P.CASES_READ, _P.CASES_ACT}),
    Role.EDITOR: frozenset({_P.RECORD_READ, _P.TEXT_REVEAL, _P.REVIEW_DECIDE, _P.CONTENT_EDIT, _P.MODEL_PUBLISH}),
    Role.ADMINISTRATOR: frozenset(_P),
}


def permits(role: Role, need: Need) -> bool:
    """Whether somebody signed in with this role has what a route needs."""
    return isinstance(need, Access) or need in GRANTED[role]
