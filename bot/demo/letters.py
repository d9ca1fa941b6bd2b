"""The letters of a demonstration: out of the folder that an assistant without a mail server writes them to."""

from __future__ import annotations

import html
import smtplib
import time
from email import message_from_bytes
from email.message import EmailMessage
from email.policy import default
from email.utils import make_msgid
from pathlib import Path

CENTER = "center@example.org"
SETTINGS = {"address_arbitration_and_mediation_center": CENTER, "mail_from": "assistant@example.org"}
PATIENCE = 30
"""Seconds in which a letter is written."""
_HEADERS = ("From", "To", "Subject")


def arrived(data: Path, kind: str) -> EmailMessage:
    """The letter of this kind, as soon as it is there.

    Raises:
        TimeoutError: it is not.
    """
    deadline = time.monotonic() + PATIENCE
    while time.monotonic() < deadline:
        for path in (data / "outbox").glob(f"*-{kind}.eml"):
            return message_from_bytes(path.read_bytes(), policy=default)
        time.sleep(0.1)
    raise TimeoutError(f"no letter of the kind {kind} below {data}")


def as_opened(letter: EmailMessage) -> str:
    """The letter as a mail program shows it: who it is from and what about, and below that its HTML."""
    body = letter.get_body(("html",))
    if body is None:
        raise ValueError("the letter has no HTML")
    head = "".join(f"<div>{name}: <bdi>{html.escape(str(letter[name]))}</bdi></div>" for name in _HEADERS)
    strip = f'<div style="margin:-16px -16px 16px;padding:8px 16px;font-size:14px;background:#e8e8e8">{head}</div>'
    start, opening, rest = str(body.get_content()).partition("<body")
    attributes, closing, content = rest.partition(">")
    return f"{start}{opening}{attributes}{closing}{strip}{content}"


def answer(letter: EmailMessage, text: str, lmtp_port: int) -> None:
    """Answers the letter, as the contact's mail program does."""
    message = EmailMessage()
    message["From"], message["To"] = CENTER, letter["Reply-To"]
    message["Subject"], message["Message-ID"] = f"Re: {letter['Subject']}", make_msgid(domain="example.org")
    message["In-Reply-To"] = letter["Message-ID"]
    message.set_content(text)
    with smtplib.LMTP("127.0.0.1", lmtp_port, timeout=PATIENCE) as client:
        client.send_message(message, CENTER, [str(letter["Reply-To"])])
