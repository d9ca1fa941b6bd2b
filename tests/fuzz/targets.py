"""What is fed with what nobody expected: each target takes input of hypothesis's making and says what must hold."""

from __future__ import annotations

import contextlib
import functools
import tempfile
import unicodedata
from collections.abc import Callable
from pathlib import Path
from typing import Any

from hypothesis import strategies as st

from bot.cases.replies import read as read_mail
from bot.cases.replies import show as show_mail
from bot.conversation.choice import UnknownChoice, parse
from bot.conversation.handoff.draft import Draft
from bot.conversation.handoff.form import Form
from bot.conversation.handoff.message import Message
from bot.conversation.language import Languages
from bot.conversation.question import LONGEST, QuestionError, clean
from bot.engine import parts, text
from bot.log.masking.mask import Masking
from knowledge.base import KnowledgeBase, _Areas, load
from knowledge.phrases import read_phrases
from knowledge.reading import ContentError, read

Target = tuple[st.SearchStrategy[Any], Callable[[Any], None]]

# fmt: off
_WORDS = (
    "my name is", "I am from Kenya", "je m'appelle", "меня зовут", "我叫", "اسمي", "@example.org", "a@b.co", "/choose{",
    "+41 22 338 91 11", "EXTERNAL:", "\u202e", "\u2066", "\u200d", "\u2060", "\u0301\u0301\u0301", "\ufdfa", "ﬃ", "İ",
    "\U0001f1f0\U0001f1ea", "\r\n", "\n\n\n", "\t", "> ", "-- \n", "On Monday, X wrote:", "%s", "{0}", "${7*7}", "send",
    "what is a TISC?", "cancel", "back", "yes", "no", "نعم", "да", "是", "١٢٣", "१२३", "²³", "𝟏𝟐",
)
# fmt: on
_PIECES = st.one_of(st.sampled_from(_WORDS), st.text(max_size=40), st.text("aA .?!,;:@/-'\n", max_size=30))
TEXTS = st.lists(_PIECES, max_size=12).map("".join) | st.text(max_size=3000)
"""Text as delegates might type it, and as nobody would."""


@functools.cache
def _base() -> KnowledgeBase:
    return load()


@functools.cache
def _languages() -> Languages:
    return Languages(_base())


@functools.cache
def _form() -> Form:
    return Form(_base())


@functools.cache
def _masking() -> Masking:
    return Masking(_base())


def normalise(typed: str) -> None:
    """What the engine learns from and what it is asked has one normal form."""
    normal = text.normal(typed)
    assert len(normal) <= text.LONGEST + 1
    assert normal == normal.strip()
    assert "\n" not in normal
    assert len(text.ending(normal, 50)) <= max(50, 0)
    assert all(word.strip() for word in text.words(normal))
    parts.questions(normal)
    parts.beside_questions(normal)


def converse(typed: str) -> None:
    """What a delegate types can be stored, is answered in one of our languages, and is read by the form."""
    try:
        kept = clean(typed)
    except QuestionError:
        return
    assert 0 < len(kept) <= LONGEST
    assert clean(kept) == kept
    assert not {c for c in kept if unicodedata.category(c) in {"Cc", "Cs"}} - {"\n", "\t"}
    kept.encode()
    _languages().of(kept)
    draft = Draft(key="k", area="innovation_support")
    for _ in range(6):
        move = _form().advance(draft, Message(kept))
        if move.draft is None:
            break
        draft = move.draft
    _masking()(kept)


def choose(payload: str) -> None:
    """A button's payload is one of ours or refused."""
    with contextlib.suppress(UnknownChoice):
        assert parse(payload).as_engine_text.startswith("/")


_HEADERS = ("From", "To", "Subject", "In-Reply-To", "References", "Content-Type", "Content-Transfer-Encoding", "Date")
_VALUES = st.sampled_from(
    [
        b"multipart/mixed; boundary=b", b"multipart/report; report-type=delivery-status; boundary=b", b"text/html",
        b"text/plain; charset=utf-7", b"text/plain; charset=nothing", b"message/rfc822", b"message/delivery-status",
        b"base64", b"quoted-printable", b"x-uuencode", b"=?utf-8?b?/////w==?=", b"=?nothing?q?a?=", b"=?utf-8?q?=FF?=",
        b"assistant+token@example.org", b"<a@b> <a@b>", b"\"a\" <a@b>, c@d", b"attachment; filename*=utf-8''%FF",
        b"text/plain; charset=\"utf-8\"; charset=x", b"application/octet-stream; name=\"=?utf-8?q?a?=\"", b"a" * 2000,
        b"auto-replied", b"<>", b"@", b":;", b"\xff\xfe",
    ]
)  # fmt: skip
_NAMES = st.sampled_from(
    [
        name.encode()
        for name in (*_HEADERS, "Content-Disposition", "Auto-Submitted", "Return-Path", "X-Failed-Recipients")
    ]
)
_LINES = st.one_of(
    st.tuples(_NAMES, _VALUES | st.binary(max_size=60)).map(b": ".join),
    st.sampled_from([b"", b"--b", b"--b--", b"Final-Recipient: rfc822; a@b", b"Action: failed", b"> quoted", b"-- "]),
    st.binary(max_size=120),
    st.sampled_from(
        [b"<p>", b"<!--", b"<style>", b"&#x110000;", b"&#xd800;", b"<![CDATA[", b"</", b"begin 644 a", b"`"]
    ),
    st.text(max_size=60).map(lambda line: line.encode("utf-8", "surrogatepass")),
)
MAILS = st.lists(_LINES, max_size=30).map(b"\r\n".join)


def receive(raw: bytes) -> None:
    """Whatever comes by mail can be read, kept and shown."""
    incoming = read_mail(raw, "assistant@example.org")
    for said in (incoming.sender, incoming.subject, incoming.text, *incoming.references, *incoming.tokens):
        said.encode()
    shown = show_mail(raw)
    shown.text.encode()
    for file in (*incoming.files, *shown.files):
        file.name.encode()


_YAML = st.lists(
    st.one_of(
        st.sampled_from(
            [
                "areas:", "- id: a", "  id: innovation_support", "  title:", "    en: a", "!!python/object:os.system",
                "&a [*a]", "*a", "<<: *a", "? a", "- - -", "%YAML 9.9", "---", "...", "{", "}", "[", "a: b: c", "\t",
                "0x", "1e999", ".nan", "2026-13-45", "=", "!!binary x", "!!timestamp x", "!!int x", "!!float x", "|",
                '"\\ud800"', '"\\x"', "'", "a: 1\na: 2", "!!set {a: b}", "!!omap [a: 1]", "? [a]\n: b", "null: a", "~",
            ]
        ),
        st.text(max_size=30),
    ),
    max_size=15,
).map("\n".join)  # fmt: skip
CONTENTS = st.one_of(_YAML.map(lambda content: content.encode("utf-8", "surrogatepass")), st.binary(max_size=300))


def read_content(raw: bytes) -> None:
    """A content file is read, or refused with its place and what to do."""
    with tempfile.TemporaryDirectory() as folder:
        path = Path(folder, "en.yml")
        path.write_bytes(raw)
        for reading in (lambda: read(path, _Areas), lambda: read_phrases(path)):
            with contextlib.suppress(ContentError):
                reading()


TARGETS: dict[str, Target] = {
    "text": (TEXTS, normalise),
    "conversation": (TEXTS, converse),
    "choice": (st.text(max_size=210) | st.from_regex(r"(entry|step|language):[\w/{}\"]*", fullmatch=True), choose),
    "mail": (MAILS, receive),
    "content": (CONTENTS, read_content),
}
