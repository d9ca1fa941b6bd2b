"""Mail that was set aside, for staff to decide on."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

from bot.store.case_tables import InboxRow, MailKind
from bot.store.inbox import Inbox


@dataclass(frozen=True)
class Aside:
    """A message that staff can make an answer."""

    mail: InboxRow
    reference: str | None
    """Of the case whose letter it replies to."""
    files: Sequence[str]
    """The names of those that came with it."""

    @property
    def waits(self) -> bool:
        """Whether it is still to be decided on."""
        return self.mail.kind == MailKind.STRANGER


async def newest_aside(inbox: Inbox, limit: int, *, refused: bool = False, below: int | None = None) -> list[Aside]:
    """What was set aside, or what staff refused of it, the newest first; `below` as the inbox has it."""
    found = await inbox.set_aside(limit, MailKind.REFUSED if refused else MailKind.STRANGER, below)
    files = await inbox.file_names([mail.id for mail, _ in found])
    return [Aside(mail, reference, files.get(mail.id, ())) for mail, reference in found]
