"""Where a case can stand, and which changes are permitted."""

from __future__ import annotations

from collections.abc import Mapping
from enum import StrEnum


class CaseState(StrEnum):
    """Where a case stands."""

    DRAFT = "draft"
    """The form is being filled."""
    QUEUED = "queued"
    """Submitted; its letter is not yet with the mail server."""
    SENT = "sent"
    """The mail server has the letter; the contact has not answered."""
    ANSWERED = "answered"
    """A person has answered."""
    CLOSED = "closed"
    """Answered, and nothing more is expected."""
    FAILED = "failed"
    """The letter could not be delivered; staff can send it again."""
    EXPIRED = "expired"
    """A draft nobody submitted, or a case nobody answered for a long time."""
    WITHDRAWN = "withdrawn"
    """The delegate cancelled the form."""


_S = CaseState

PERMITTED: Mapping[CaseState, frozenset[CaseState]] = {
    _S.DRAFT: frozenset({_S.QUEUED, _S.WITHDRAWN, _S.EXPIRED}),
    # An answer may come before our own record that the letter was sent.
    _S.QUEUED: frozenset({_S.SENT, _S.FAILED, _S.ANSWERED, _S.CLOSED, _S.EXPIRED}),
    _S.SENT: frozenset({_S.ANSWERED, _S.FAILED, _S.QUEUED, _S.CLOSED, _S.EXPIRED}),
    _S.ANSWERED: frozenset({_S.CLOSED, _S.ANSWERED}),
    _S.FAILED: frozenset({_S.QUEUED, _S.ANSWERED, _S.CLOSED, _S.EXPIRED}),
    # A form left open for days and then sent is taken, and so is a very late answer.
    _S.EXPIRED: frozenset({_S.QUEUED, _S.ANSWERED, _S.CLOSED}),
    _S.CLOSED: frozenset({_S.ANSWERED}),
    _S.WITHDRAWN: frozenset(),
}

WAITING = (_S.QUEUED, _S.SENT, _S.FAILED)
"""States of a case whose delegate waits for an answer."""

DONE = (_S.ANSWERED, _S.CLOSED)
"""States of a case that nobody is asked about any more."""

ENDED = (_S.CLOSED, _S.EXPIRED, _S.WITHDRAWN)
"""States of a case that nothing more is expected of."""


class NotPermitted(Exception):
    """A case cannot go from the state it is in to the one asked for."""

    def __init__(self, present: CaseState, wanted: CaseState) -> None:
        super().__init__(f"a case that is {present} cannot become {wanted}")


def check(present: CaseState, wanted: CaseState) -> None:
    """Raises NotPermitted unless the change is permitted."""
    if wanted not in PERMITTED[present]:
        raise NotPermitted(present, wanted)
