"""The keys that contact data is sealed with: a file of ours, made at the first start, which only its owner can read.

A file has a line for each key, `<id> <32 bytes in base64>`; the last one seals, the others still open.
"""

from __future__ import annotations

import base64
import hashlib
import hmac
import os
import secrets
import tempfile
from collections.abc import Sequence
from pathlib import Path

from cryptography.exceptions import InvalidTag
from cryptography.hazmat.primitives.ciphers.aead import AESGCM

from bot.conversation.mail_account import account

KEY_BYTES, NONCE_BYTES, ID_BYTES = 32, 12, 4
_ID = 2 * ID_BYTES
"""Characters of an id: hexadecimal."""


class KeysTrouble(Exception):
    """The keys cannot be read, or what is sealed cannot be opened with them; the message says what to do."""


class Digest(str):
    """What stands for a value that is looked up: its keyed hash, and the key's id before it."""

    __slots__ = ()


class _Key:
    def __init__(self, id_: str, secret: bytes) -> None:
        self.id = id_
        self.cipher = AESGCM(_derived(secret, b"sealing"))
        self._marks = _derived(secret, b"marks")

    def mark(self, value: str) -> Digest:
        # 128 bits: two addresses that share one would have to be looked for on purpose, and with the key.
        digest = hmac.new(self._marks, value.encode(), hashlib.sha256).hexdigest()[:32]
        return Digest(f"{self.id}.{digest}")


class ContactKeys:
    """Seals and opens with AES-256-GCM (NIST SP 800-38D), and marks by HMAC-SHA-256. Read when first needed.

    A key of another process that came since is found by reading the file again.
    """

    def __init__(self, file: Path) -> None:
        self.file = file
        self._found: dict[str, _Key] = {}

    @property
    def ids(self) -> Sequence[str]:
        """The keys' ids, the one that seals last.

        Raises:
            KeysTrouble: as `seal`.
        """
        return tuple(self._keys)

    def seal(self, value: bytes, place: str) -> bytes:
        """The value, sealed for this place, a table's column: it opens nowhere else.

        Raises:
            KeysTrouble: the file cannot be made or read.
        """
        key, nonce = self._newest, os.urandom(NONCE_BYTES)
        return key.id.encode() + nonce + key.cipher.encrypt(nonce, value, place.encode())

    def open(self, sealed: bytes, place: str) -> bytes:
        """What was sealed for this place.

        Raises:
            KeysTrouble: its key is not in the file, or it was not sealed so.
        """
        id_, nonce = sealed[:_ID].decode("ascii", "replace"), sealed[_ID : _ID + NONCE_BYTES]
        key = self._keys.get(id_) or self._read_again().get(id_)
        if key is None:
            raise KeysTrouble(
                f"{place} was sealed with the key {id_!r}, which {self.file} does not have; put back the file that"
                " belongs to this database (docs/privacy.md)"
            )
        try:
            return key.cipher.decrypt(nonce, sealed[_ID + NONCE_BYTES :], place.encode())
        except InvalidTag:
            raise KeysTrouble(
                f"{place} does not open with the key {id_} of {self.file}: one of them was changed"
            ) from None

    def mark(self, value: str) -> Digest:
        """What stands for the value where it is looked up, by the key that seals.

        Of a mail address it is that of its account: `Amina+1@example.org` and `amina@example.org` are the same.

        Raises:
            KeysTrouble: as `seal`.
        """
        return self._newest.mark(_normal(value))

    def marks(self, value: str) -> Sequence[Digest]:
        """All that may stand for the value, by whichever key.

        Raises:
            KeysTrouble: as `seal`.
        """
        normal = _normal(value)
        return [key.mark(normal) for key in self._read_again().values()]

    def add(self) -> str:
        """Adds a key, which seals from now on; its id.

        Raises:
            KeysTrouble: the file cannot be written.
        """
        known = [*self._lines(), _new_line()]
        self._write(known)
        self._read_again()
        return self._newest.id

    def keep_newest(self) -> Sequence[str]:
        """Takes all keys but the newest out of the file; their ids. What they sealed can never be opened again.

        Raises:
            KeysTrouble: the file cannot be written.
        """
        gone = self.ids[:-1]
        self._write(self._lines()[-1:])
        self._read_again()
        return gone

    @property
    def _keys(self) -> dict[str, _Key]:
        return self._found or self._read_again()

    @property
    def _newest(self) -> _Key:
        return self._keys[self.ids[-1]]

    def _read_again(self) -> dict[str, _Key]:
        if not self.file.exists():
            self._make()
        self._found = dict(self._parsed(line) for line in self._lines())
        if not self._found:
            raise KeysTrouble(f"{self.file} is empty; put back the keys that belong to this database")
        return self._found

    def _parsed(self, line: str) -> tuple[str, _Key]:
        id_, _, written = line.partition(" ")
        try:
            secret = base64.b64decode(written, validate=True)
            if len(secret) != KEY_BYTES or len(id_) != _ID or not set(id_) <= set("0123456789abcdef"):
                raise ValueError
        except ValueError:
            raise KeysTrouble(
                f"{self.file} has a line that is no key; each is `<8 hexadecimal digits> <{KEY_BYTES} bytes in base64>`"
            ) from None
        return id_, _Key(id_, secret)

    def _lines(self) -> list[str]:
        try:
            if self.file.stat().st_mode & 0o077:
                raise KeysTrouble(f"others can read {self.file}; run: chmod 600 {self.file}")
            return [line for line in self.file.read_text("ascii").splitlines() if line.strip()]
        except (OSError, UnicodeDecodeError) as error:
            raise KeysTrouble(f"{self.file} cannot be read: {error}") from None

    def _make(self) -> None:
        """Of several processes that start at once, one makes the file."""
        self._put([_new_line()], replace=False)

    def _write(self, lines: Sequence[str]) -> None:
        self._put(lines, replace=True)

    def _put(self, lines: Sequence[str], *, replace: bool) -> None:
        try:
            self.file.parent.mkdir(parents=True, exist_ok=True)
            # mkstemp's files are their owner's alone.
            handle, name = tempfile.mkstemp(dir=self.file.parent, prefix=".contact-keys-")
            written = Path(name)
            try:
                with os.fdopen(handle, "w", encoding="ascii") as file:
                    file.write("".join(f"{line}\n" for line in lines))
                    file.flush()
                    os.fsync(file.fileno())
                if replace:
                    written.replace(self.file)
                else:
                    self.file.hardlink_to(written)
            finally:
                written.unlink(missing_ok=True)
        except FileExistsError:
            return
        except OSError as error:
            raise KeysTrouble(f"{self.file} cannot be written: {error}") from None


def _new_line() -> str:
    return f"{secrets.token_hex(ID_BYTES)} {base64.b64encode(os.urandom(KEY_BYTES)).decode()}"


def _derived(secret: bytes, purpose: bytes) -> bytes:
    """One key a purpose. The secret is random and whole, so one HMAC is enough (RFC 5869, section 3.3)."""
    return hmac.new(secret, b"contact data: " + purpose, hashlib.sha256).digest()


def _normal(value: str) -> str:
    return account(value.strip()) if "@" in value else " ".join(value.casefold().split())
