"""Why a case has an event: all that `move` and `note` can be told; each has its words on the staff's pages."""

from __future__ import annotations

from enum import StrEnum
from typing import Literal

from bot.store.case_tables import LetterKind, MailKind

Became = Literal["sent", "failed", "bounced"]
"""What can become of a letter."""


class Cause(StrEnum):
    """What happened to a case."""

    BEGUN = "begun"
    SUBMITTED = "submitted"
    CANCELLED = "cancelled"
    NEVER_SUBMITTED = "never_submitted"

    QUESTION_SENT = "question_sent"
    QUESTION_FAILED = "question_failed"
    QUESTION_BOUNCED = "question_bounced"
    CONFIRMATION_SENT = "confirmation_sent"
    CONFIRMATION_FAILED = "confirmation_failed"
    CONFIRMATION_BOUNCED = "confirmation_bounced"
    CONFIRMATION_WITHHELD = "confirmation_withheld"
    REMINDER_SENT = "reminder_sent"
    REMINDER_FAILED = "reminder_failed"
    REMINDER_BOUNCED = "reminder_bounced"
    ANSWER_SENT = "answer_sent"
    ANSWER_FAILED = "answer_failed"
    ANSWER_BOUNCED = "answer_bounced"
    FOLLOW_UP_SENT = "follow_up_sent"
    FOLLOW_UP_FAILED = "follow_up_failed"
    FOLLOW_UP_BOUNCED = "follow_up_bounced"

    ANSWERED = "answered"
    FOLLOW_UP_RECEIVED = "follow_up_received"
    AUTOMATIC_RECEIVED = "automatic_received"
    BOUNCE_RECEIVED = "bounce_received"
    STRANGER_RECEIVED = "stranger_received"
    MAIL_CUT = "mail_cut"

    ACCEPTED_BY_STAFF = "accepted_by_staff"
    ADDRESS_CORRECTED = "address_corrected"
    CLOSED_BY_STAFF = "closed_by_staff"
    GIVEN_TO_ANOTHER_CASE = "given_to_another_case"
    REFUSED_BY_STAFF = "refused_by_staff"
    RESENT_BY_STAFF = "resent_by_staff"

    REMINDED = "reminded"
    NOTHING_MORE_CAME = "nothing_more_came"
    NEVER_ANSWERED = "never_answered"
    NEVER_SENT = "never_sent"


def of_letter(kind: str, became: Became) -> Cause:
    """What became of a letter of this kind."""
    return Cause(f"{LetterKind(kind)}_{became}")


def of_mail(kind: str) -> Cause:
    """That mail came which is no answer."""
    return Cause(f"{MailKind(kind)}_received")
