"""A message that came in, read: what it replies to, what kind it is, and what of it to show. Pure."""

from __future__ import annotations

import hashlib
import logging
import re
from collections.abc import Collection, Sequence
from dataclasses import dataclass
from email import message_from_bytes
from email.errors import MessageError
from email.message import EmailMessage, Message
from email.policy import compat32, default
from email.utils import getaddresses, parseaddr

from flufl.bounce import all_failures
from mailparser_reply import EmailMessage as Fragments

from bot.cases.freetext import line, paragraph
from bot.cases.markup import as_text
from bot.store.case_tables import CaseRow, MailKind, OutboxRow

# Its detectors stumble over mail that is no bounce, and would say so with every such message.
logging.getLogger("flufl.bounce").setLevel(logging.CRITICAL)

LONGEST_TEXT = 20_000
"""Characters of an answer that are shown and passed on; the whole message is kept."""
_LONGEST_HEADER = 500
_LONGEST_LINE = 1000
_SHOWN_HEADERS = ("From", "To", "Cc", "Reply-To", "Date", "Subject")
_LONGEST_MARKUP = 50_000
"""Characters: beyond these, reading what a stranger sent would take minutes."""
_TELLING_BYTES = 64 * 1024
_SIGNATURE_LINES = 12
_FIRST_WORDS = 6
"""Words a signature's first line may have; a longer one is a sentence that only begins like a greeting."""

_LANGUAGES = ("en", "fr", "es", "de", "it", "zh", "ru")
_ATTRIBUTION = re.compile(r"(?:@|\d\D+\d).*[:：]$")
"""A line before a quotation that says who wrote it when."""
_FORWARDED = re.compile(
    r"^-{2,} ?(?:Original Message|Message d'origine|Mensaje original|原始邮件|Исходное сообщение)", re.M
)
_AUTOMATIC_SUBJECT = re.compile(
    r"^\W*(?:automatic reply|auto(?:matic)?[- ]?(?:reply|response)|out of (?:the )?office|réponse automatique"
    r"|absence du bureau|respuesta automática|fuera de la oficina|رد تلقائي|自动答复|自动回复|автоматический ответ"
    r"|автоответ|automatische antwort)",
    re.IGNORECASE,
)


@dataclass(frozen=True)
class File:
    """A file that came with a message, by its place among the message's parts."""

    part: int
    name: str
    media_type: str
    size: int


@dataclass(frozen=True)
class Incoming:
    """A message as far as it concerns cases."""

    fingerprint: str
    sender: str
    subject: str
    tokens: tuple[str, ...]
    """What stood after the plus sign in the addresses it came to."""
    references: tuple[str, ...]
    """The Message-IDs it replies to, the nearest first."""
    text: str
    files: tuple[File, ...]
    automatic: str | None
    """Why it counts as sent by a machine; nothing where a person wrote it."""
    failed: frozenset[str]
    """The addresses that it says a letter could not be delivered to."""
    delayed: bool


@dataclass(frozen=True)
class Shown:
    """A whole message, made fit to be read by staff."""

    headers: tuple[tuple[str, str], ...]
    text: str
    files: tuple[File, ...]


@dataclass(frozen=True)
class Verdict:
    """What kind a message is, and what made it so."""

    kind: MailKind
    why: str


def read(raw: bytes, reply_address: str | None, recipients: Sequence[str] = ()) -> Incoming:
    """Reads a message, whatever its state; `recipients` are those of the envelope, where they are known."""
    message = _parsed(raw)
    plain = message_from_bytes(raw, policy=compat32)
    failed, delayed = _failures(plain)
    nearest = [*_ids(plain.get("In-Reply-To")), *reversed(_ids(plain.get("References"))), *_returned(plain)]
    return Incoming(
        fingerprint=fingerprint(raw),
        sender=parseaddr(_header(plain, "From"))[1].casefold(),
        subject=line(_decoded(message, "Subject"), _LONGEST_HEADER),
        tokens=_tokens(plain, reply_address, recipients),
        references=tuple(dict.fromkeys(nearest)),
        text=latest(_body(message)),
        files=_files(message),
        automatic=_automatic(plain, _decoded(message, "Subject")),
        failed=failed,
        delayed=delayed,
    )


def show(raw: bytes) -> Shown:
    """The message with its quotes and signature, whatever its state."""
    message = _parsed(raw)
    headers = ((name, line(_decoded(message, name), _LONGEST_HEADER)) for name in _SHOWN_HEADERS)
    text = paragraph(_body(message))
    return Shown(tuple((name, value) for name, value in headers if value), text, _files(message))


def judge(incoming: Incoming, letter: OutboxRow | None, case: CaseRow | None, may_answer: Collection[str]) -> Verdict:
    """What the message is. `may_answer` are addresses, and domains as `@example.org`, that answer for the contact."""
    if letter is None or case is None:
        return Verdict(MailKind.STRANGER, "it belongs to no letter of ours")
    to_contact = letter.contact is not None
    from_contact = to_contact and _is_among(incoming.sender, may_answer)
    # What a person wrote may speak of deliveries, or quote a letter that does.
    reported = not from_contact or incoming.automatic is not None
    if incoming.failed and reported:
        return Verdict(MailKind.BOUNCE, f"not delivered to {', '.join(sorted(incoming.failed))}")
    if incoming.delayed and reported:
        return Verdict(MailKind.AUTOMATIC, "a delay that the mail server reports")
    if incoming.automatic:
        return Verdict(MailKind.AUTOMATIC, incoming.automatic)
    if from_contact:
        if not incoming.text and not incoming.files:
            return Verdict(MailKind.AUTOMATIC, "it has neither text nor files")
        return Verdict(MailKind.ANSWER, "from the contact")
    if not to_contact and incoming.sender == (case.email or "").casefold():
        return Verdict(MailKind.FOLLOW_UP, "from the delegate")
    who = incoming.sender or "nobody"
    if to_contact:
        return Verdict(MailKind.STRANGER, f"{who} is not among those who may answer for the contact")
    return Verdict(MailKind.STRANGER, f"{who} is not the delegate whose letter this replies to")


def fingerprint(raw: bytes) -> str:
    """What tells that a message came before: its Message-ID and how its body begins, whatever servers added on the way.

    No more than the beginning, so that a message read as far as another limit goes is the same.
    """
    head, _, body = raw.replace(b"\r\n", b"\n").partition(b"\n\n")
    named = re.search(rb"^message-id:\s*(\S+)", head, re.IGNORECASE | re.MULTILINE)
    return hashlib.sha256((named[1] if named else head) + b"\0" + body[:_TELLING_BYTES].rstrip()).hexdigest()


def latest(text: str) -> str:
    """What was newly written in a message: without quoted text and signature."""
    text = paragraph(text)
    if not text:
        return ""
    text = _FORWARDED.split(text)[0] or text
    text = "\n".join(one[:_LONGEST_LINE] for one in text[:LONGEST_TEXT].split("\n"))
    replies = Fragments(text=text, languages=list(_LANGUAGES), keep_hyphen_lists=True).read().replies
    for reply in replies[:2]:
        kept = reply.full_body
        signature = reply.signatures or ""
        if _is_signature(signature, kept):
            kept = kept[: kept.rindex(signature)]
        unquoted = _unquoted(kept)
        if unquoted:
            return unquoted[:LONGEST_TEXT]
    return ""


def _unquoted(text: str) -> str:
    kept: list[str] = []
    for one in text.split("\n"):
        if not one.startswith(">"):
            kept.append(one)
        elif kept and _ATTRIBUTION.search(kept[-1]):
            kept.pop()
    return re.sub(r"\n{3,}", "\n\n", "\n".join(kept)).strip()


def _is_signature(signature: str, text: str) -> bool:
    lines = signature.split("\n")
    return bool(
        signature
        and text.endswith(signature)
        and text != signature
        and len(lines) <= _SIGNATURE_LINES
        and len(lines[0].split()) <= _FIRST_WORDS
    )


def _parsed(raw: bytes) -> EmailMessage:
    return message_from_bytes(raw, policy=default)


def _header(message: Message, name: str) -> str:
    return str(message.get(name) or "")


def _decoded(message: EmailMessage, name: str) -> str:
    try:
        return str(message.get(name) or "")
    except (ValueError, IndexError, AttributeError, TypeError, MessageError):
        return ""  # Headers so broken that the standard library stumbles over them.


def _ids(header: object) -> list[str]:
    return re.findall(r"<[^<>\s]+>", str(header or ""))


def _tokens(message: Message, reply_address: str | None, recipients: Sequence[str]) -> tuple[str, ...]:
    if reply_address is None:
        return ()
    local, _, domain = reply_address.casefold().rpartition("@")
    headers = [
        str(value) for name in ("Delivered-To", "X-Original-To", "To", "Cc") for value in message.get_all(name, [])
    ]
    named = [*recipients, *(address for _, address in getaddresses(headers))]
    found = []
    for address in named:
        own, _, its_domain = address.casefold().rpartition("@")
        if its_domain == domain and own.startswith(f"{local}+"):
            found.append(own[len(local) + 1 :])
    return tuple(dict.fromkeys(found))


def _automatic(message: Message, subject: str) -> str | None:
    """By RFC 3834 and what mail systems do beside it."""
    submitted = _header(message, "Auto-Submitted").strip().casefold()
    if submitted and not submitted.startswith("no"):
        return f"Auto-Submitted: {line(submitted, 60)}"
    precedence = _header(message, "Precedence").strip().casefold()
    if precedence in {"bulk", "junk", "auto_reply"}:
        return f"Precedence: {precedence}"
    for name in ("X-Autoreply", "X-Autorespond", "X-Autogenerated"):
        if message.get(name):
            return name
    if _header(message, "Return-Path").strip() == "<>":
        return "it came from the empty address"
    if message.get_content_type() == "multipart/report":
        return "a report of a machine"
    if _AUTOMATIC_SUBJECT.search(subject):
        return f"its subject: {line(subject, 60)}"
    return None


def _failures(message: Message) -> tuple[frozenset[str], bool]:
    try:
        temporary, permanent = all_failures(message)
    except Exception:  # noqa: BLE001 - its detectors look into whatever a stranger sent
        return frozenset(), False
    failed = {one.decode("ascii", "replace").casefold() if isinstance(one, bytes) else str(one) for one in permanent}
    return frozenset(failed), bool(temporary) and not failed


def _returned(message: Message) -> list[str]:
    """The Message-IDs of the letters that a report brings back."""
    found = []
    for part in message.walk():
        if part.get_content_type() in {"message/rfc822", "text/rfc822-headers"}:
            inner = part.get_payload()
            text = inner[0] if isinstance(inner, list) and inner else None
            if isinstance(text, Message):
                found += _ids(text.get("Message-ID"))
            elif isinstance(inner, str):
                named = re.search(r"^message-id:\s*(<[^<>\s]+>)", inner, re.IGNORECASE | re.MULTILINE)
                found += [named[1]] if named else []
    return found


def _is_among(sender: str, allowed: Collection[str]) -> bool:
    domain = "@" + sender.rpartition("@")[2]
    names = {one.casefold() for one in allowed}
    return bool(sender) and (sender in names or domain in names)


def _body(message: EmailMessage) -> str:
    try:
        part = message.get_body(("plain", "html"))
        if part is None:
            return ""
        content = part.get_content()
    except (LookupError, ValueError, AttributeError, TypeError, MessageError):
        return _as_it_lies(message)
    return as_text(content[:_LONGEST_MARKUP]) if part.get_content_subtype() == "html" else content


def _as_it_lies(message: EmailMessage) -> str:
    """The first text of a message whose structure or character set is unknown."""
    for part in message.walk():
        if part.get_content_maintype() == "text":
            payload = part.get_payload(decode=True)
            if isinstance(payload, bytes):
                text = payload.decode("utf-8", "replace")
                return as_text(text[:_LONGEST_MARKUP]) if part.get_content_subtype() == "html" else text
    return ""


def _files(message: EmailMessage) -> tuple[File, ...]:
    found = []
    for place, part in enumerate(message.walk()):
        if part.is_multipart() or not _is_file(part):
            continue
        content = part.get_payload(decode=True)
        name = line(_file_name(part) or "", _LONGEST_HEADER) or f"file-{place}"
        size = len(content) if isinstance(content, bytes) else 0
        found.append(File(place, name, line(part.get_content_type(), 200), size))
    return tuple(found)


def _is_file(part: Message) -> bool:
    return part.get_content_disposition() == "attachment" or part.get_content_maintype() not in {"text", "multipart"}


def _file_name(part: Message) -> str | None:
    try:
        return part.get_filename()
    except (ValueError, IndexError, AttributeError, TypeError, MessageError):
        return None
