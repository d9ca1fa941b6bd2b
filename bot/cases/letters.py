"""The letters: each a whole message but for From, To and Reply-To, which are added when it is sent."""

from __future__ import annotations

import secrets
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import date, datetime
from email.headerregistry import Address
from email.message import EmailMessage
from email.policy import SMTP
from email.utils import format_datetime
from pathlib import Path
from typing import TypeVar

from babel import Locale
from jinja2 import Environment, FileSystemLoader, StrictUndefined

from bot.cases.conversation import Conversation
from bot.cases.freetext import line, paragraph, quoted
from bot.conversation.direction import isolated
from bot.conversation.source_date import day_in_words
from bot.store.case_tables import CaseRow, LetterKind, LetterState, OutboxRow
from knowledge.base import KnowledgeBase
from knowledge.records import Language

T = TypeVar("T")

LONGEST_NAME = 100
"""Characters of a name in a subject."""
_LONGEST_LINE = 500
_TOKEN_LETTERS = "abcdefghjkmnpqrstvwxyz23456789"  # noqa: S105 - an alphabet, no secret
TOKEN_LENGTH = 24
"""Characters of a letter's token: 117 bits, in letters that mail systems leave alone."""

_POLICY = SMTP.clone(cte_type="7bit")
"""Lines that any mail server takes as they are."""
_UNFOLDED = _POLICY.clone(max_line_length=500)
"""For headers in ASCII: a fold before the first word would show as a space."""


@dataclass(frozen=True)
class Envelope:
    """What a letter's headers need beside its text."""

    case_key: str
    kind: LetterKind
    language: Language
    contact: str | None = None
    address: str | None = None
    in_reply_to: str | None = None


def new_token() -> str:
    """A letter's own secret."""
    return "".join(secrets.choice(_TOKEN_LETTERS) for _ in range(TOKEN_LENGTH))


class Letters:
    """Writes the letters from templates and phrases. `domain` stands in the Message-IDs."""

    def __init__(self, base: KnowledgeBase, domain: str) -> None:
        self._base, self._domain = base, domain
        loader = FileSystemLoader(Path(__file__).parent / "templates")
        common = {"undefined": StrictUndefined, "trim_blocks": True, "lstrip_blocks": True}
        self._plain = Environment(loader=loader, autoescape=False, **common)  # type: ignore[arg-type]  # noqa: S701
        self._html = Environment(loader=loader, autoescape=True, **common)  # type: ignore[arg-type]
        self._plain.filters["quoted"] = quoted

    def question(self, case: CaseRow, said: Conversation | None, now: datetime) -> OutboxRow:
        """The delegate's question to the contact; `said` is the conversation, where they agreed to send it."""
        return self._to_contact(LetterKind.QUESTION, "question_subject", case, said, None, None, now)

    def reminder(self, case: CaseRow, question: OutboxRow | None, now: datetime) -> OutboxRow:
        """That the question is still unanswered, as a reply to it."""
        lead = self._phrase(
            Language.EN, "reminder", date=self.day(Language.EN, _known(case.answer_by)), reference=case.reference
        )
        before = question.message_id if question else None
        return self._to_contact(LetterKind.REMINDER, "reminder_subject", case, None, lead, before, now)

    def follow_up(self, case: CaseRow, text: str, question: OutboxRow | None, now: datetime) -> OutboxRow:
        """What the delegate wrote back by e-mail, to the contact."""
        before = question.message_id if question else None
        envelope = Envelope(case.key, LetterKind.FOLLOW_UP, Language.EN, case.contact, None, before)
        subject = self._phrase(Language.EN, "follow_up_subject", reference=case.reference, who=self._who(case))
        blocks = [
            ("text", self._phrase(Language.EN, "follow_up_intro")),
            ("quote", paragraph(text)),
            ("text", self._phrase(Language.EN, "how_to_answer")),
        ]
        return self._note(envelope, subject, blocks, now)

    def confirmation(self, case: CaseRow, now: datetime) -> OutboxRow:
        """The reference and what happens next, to the delegate; nothing in it was typed by anybody."""
        language = Language(case.language)
        contact = self._base.contacts[_known(case.contact)]
        envelope = Envelope(case.key, LetterKind.CONFIRMATION, language, None, case.email)
        values = {
            "reference": case.reference,
            "contact": contact.name[language],
            "contact_title": contact.title[language],
            "date": self.day(language, _known(case.answer_by)),
        }
        keys = ("greeting", "confirmation", "confirmation_reference", "confirmation_answer_by", "confirmation_not_you")
        blocks = [("text", self._phrase(language, key, **values)) for key in keys]
        subject = self._phrase(language, "confirmation_subject", **values)
        return self._note(envelope, subject, blocks, now)

    def answer(
        self, case: CaseRow, text: str, files: Sequence[str], confirmation: OutboxRow | None, now: datetime
    ) -> OutboxRow:
        """The contact's answer to the delegate, as plain text, with the names of the files that came with it."""
        language = Language(case.language)
        contact = self._base.contacts[_known(case.contact)]
        before = confirmation.message_id if confirmation else None
        envelope = Envelope(case.key, LetterKind.ANSWER, language, None, case.email, before)
        values = {"reference": case.reference, "contact": contact.name[language]}
        blocks = [
            ("text", self._phrase(language, "greeting")),
            ("text", self._phrase(language, "answer_intro", **values)),
        ]
        if text:
            blocks.append(("quote", paragraph(text)))
        if files:
            names = ", ".join(line(name, LONGEST_NAME) for name in files)
            blocks.append(("text", self._phrase(language, "answer_files", names=names)))
        blocks.append(("text", self._phrase(language, "answer_question")))
        blocks.append(("quote", paragraph(_known(case.question))))
        blocks.append(("text", self._phrase(language, "answer_again")))
        return self._note(envelope, self._phrase(language, "answer_subject", **values), blocks, now)

    def anew(self, letter: OutboxRow, address: str, now: datetime) -> OutboxRow:
        """The same letter to another address, with a token and a Message-ID of its own."""
        token = new_token()
        message_id = f"<{token}@{self._domain}>"
        return OutboxRow(
            case_key=letter.case_key,
            kind=letter.kind,
            address=address,
            language=letter.language,
            token=token,
            message_id=message_id,
            content=letter.content.replace(letter.message_id.encode(), message_id.encode(), 1),
            state=LetterState.QUEUED.value,
            attempts=0,
            due_at=now,
            created_at=now,
        )

    def sender_name(self, language: Language) -> str:
        """The name that letters come from."""
        return self._base.phrases[language]("window.title")

    def day(self, language: Language, day: date) -> str:
        """A day in the language's words."""
        return day_in_words(day, language, "full")

    def state_name(self, code: str | None) -> str | None:
        """The English name of a member state."""
        state = self._base.member_states.get(code or "")
        return state.names[0] if state else code

    def _to_contact(
        self,
        kind: LetterKind,
        subject: str,
        case: CaseRow,
        said: Conversation | None,
        lead: str | None,
        before: str | None,
        now: datetime,
    ) -> OutboxRow:
        language = Language(case.language)
        area = self._base.areas.get(case.area)
        title = area.title[Language.EN] if area else case.area
        written = Locale("en").languages[language.value]
        facts = [
            ("name", line(_known(case.name), _LONGEST_LINE)),
            ("member_state", self.state_name(case.member_state)),
            ("organisation", line(case.organisation or "", _LONGEST_LINE)),
            ("email", case.email),
            ("language", written),
            ("area", title),
            ("reference", case.reference),
        ]
        context = {
            "label": lambda key: self._labels(language, key),
            "lead": lead,
            "who": self._who(case),
            "asks": self._phrase(Language.EN, "asks", who=self._who(case)),
            "question": paragraph(_known(case.question)),
            "question_language": language.value,
            "facts": [(key, value) for key, value in facts if value],
            "answer_by": self.day(Language.EN, _known(case.answer_by)),
            "how_to_answer": self._phrase(Language.EN, "how_to_answer"),
            "said": said,
            "consent": case.consent,
            "paragraph": paragraph,
            "kind": kind.value,
            "footer": self._phrase(Language.EN, "automatic"),
        }
        envelope = Envelope(case.key, kind, Language.EN, case.contact, None, before)
        heading = self._phrase(Language.EN, subject, reference=case.reference, who=self._who(case), area=title)
        return self._letter(envelope, heading, "question", context, now)

    def _who(self, case: CaseRow) -> str:
        name = line(_known(case.name), LONGEST_NAME)
        home = self.state_name(case.member_state) or line(case.organisation or "", LONGEST_NAME)
        return f"{name} ({home})" if home else name

    def _note(self, envelope: Envelope, subject: str, blocks: Sequence[tuple[str, str]], now: datetime) -> OutboxRow:
        context = {
            "blocks": [(kind, isolated(text) if kind == "text" else text) for kind, text in blocks],
            "language": envelope.language.value,
            "direction": envelope.language.direction,
            "footer": self._phrase(envelope.language, "automatic"),
        }
        return self._letter(envelope, subject, "note", context, now)

    def _letter(
        self, envelope: Envelope, subject: str, template: str, context: Mapping[str, object], now: datetime
    ) -> OutboxRow:
        token = new_token()
        message = EmailMessage(policy=_POLICY)
        # The library would decode an encoded word that somebody typed, line breaks and all, into headers.
        message["Subject"] = subject.replace("=?", "= ?")
        message["Date"] = format_datetime(now)
        message["Message-ID"] = f"<{token}@{self._domain}>"
        if envelope.in_reply_to:
            message["In-Reply-To"] = envelope.in_reply_to
            message["References"] = envelope.in_reply_to
        message["Auto-Submitted"] = "auto-generated"
        message.set_content(self._plain.get_template(f"{template}.txt.j2").render(context))
        html = self._html.get_template(f"{template}.html.j2").render(context)
        message.add_alternative(html, subtype="html")
        message["Content-Language"] = envelope.language.value
        return OutboxRow(
            case_key=envelope.case_key,
            kind=envelope.kind.value,
            contact=envelope.contact,
            address=envelope.address,
            language=envelope.language.value,
            token=token,
            message_id=f"<{token}@{self._domain}>",
            content=message.as_bytes(policy=_UNFOLDED if subject.isascii() else _POLICY),
            state=LetterState.QUEUED.value,
            attempts=0,
            due_at=now,
            created_at=now,
        )

    def _labels(self, language: Language, key: str) -> str:
        english = self._phrase(Language.EN, key)
        other = self._phrase(language, key)
        return english if other == english else f"{english} · {other}"

    def _phrase(self, language: Language, key: str, **values: object) -> str:
        return self._base.phrases[language](f"letter.{key}", **values)


def addressed(content: bytes, sender: Address, recipient: Address | str, reply_to: str | None) -> bytes:
    """The whole message: `content` after From, To and Reply-To. A text as recipient names a group without members."""
    headers = EmailMessage(policy=_POLICY)
    headers["From"] = sender
    headers["To"] = recipient if isinstance(recipient, Address) else f"{recipient}:;"
    if reply_to:
        headers["Reply-To"] = reply_to
    return headers.as_bytes().rstrip(b"\r\n") + b"\r\n" + content


def _known(value: T | None) -> T:
    if value is None:
        raise ValueError("a submitted case has this")
    return value
