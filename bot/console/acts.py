"""What the trail can say that somebody did; each has its words in the locale (`act`)."""

from __future__ import annotations

from enum import StrEnum


class Act(StrEnum):
    """One thing that is seen, changed or tried. Some are recorded with what they change."""

    CASE_ADDRESS_CORRECTED = "case.address_corrected"
    CASE_CLOSED = "case.closed"
    CASE_DOWNLOADED = "case.downloaded"
    CASE_MAIL_READ = "case.mail_read"
    CASE_RESENT = "case.resent"
    CASE_SEEN = "case.seen"
    CHANGE_STAGED = "change.staged"
    CHANGE_WITHDRAWN = "change.withdrawn"
    DATA_ERASED = "data.erased"
    DATA_EXPORTED = "data.exported"
    ENTRY_OFFERED = "entry.offered"
    MODEL_TRAINED = "model.trained"
    REVIEW_DECIDED = "review.decided"
    REVIEW_RESOLVED = "review.resolved"
    REVIEW_UNDONE = "review.undone"
    MAIL_ACCEPTED = "mail.accepted"
    MAIL_REFUSED = "mail.refused"
    MAIL_SEEN = "mail.seen"
    STAFF_ADDED = "staff.added"
    STAFF_BOUND = "staff.bound"
    STAFF_DISABLED = "staff.disabled"
    STAFF_ENROLLED = "staff.enrolled"
    STAFF_PASSWORD_CHOSEN = "staff.password_chosen"  # noqa: S105 - a name, no secret
    STAFF_REFUSED = "staff.refused"
    STAFF_RESET = "staff.reset"
    STAFF_ROLE_CHANGED = "staff.role_changed"
    STAFF_SIGNED_IN = "staff.signed_in"
    STAFF_SIGNED_OUT = "staff.signed_out"
    TEXT_REVEALED = "text.revealed"
    VERSION_PUBLISHED = "version.published"
    VERSION_ROLLED_BACK = "version.rolled_back"
