"""E-mail addresses as people type them: found in a message, checked, and offered back where they look mistyped."""

from __future__ import annotations

import re
import unicodedata
from collections.abc import Mapping
from difflib import get_close_matches

from email_validator import EmailNotValidError, validate_email

from knowledge.records import Named

LIKENESS = 0.86
"""How alike a domain must be to a common one to be taken for a slip, between 0 and 1."""

_FOUND = re.compile(r"[^\s@,;:<>()\[\]\"“”«»،，；：。、（）《》]+@[^\s@,;:<>()\[\]\"“”«»،，；：。、（）《》]+")
_SPACED_SIGN = re.compile(
    r"(?<=[\w.+-])\s*@\s*(?=[\w-]+(?:\s*\.\s*[\w-]+)+)|(?<=\w)\s*[\[(]\s*at\s*[\])]\s*(?=\w)", re.I
)
_SPOKEN = re.compile(
    r"([\w.+-]+)\s+(?:at|arobase|arroba|собака)\s+([\w-]+(?:\s*(?:\.|\s(?:dot|point|punto|точка)\s)\s*[\w-]+)+)", re.I
)
_AFTER_HAN = re.compile(r"[^\u3400-\u9fff]+$")
_BEGINS_LATIN = re.compile(r"^[\w-]+(?:\.[\w-]+)+", re.ASCII)
_SPOKEN_DOT = re.compile(r"\s*(?:\.|\s(?:dot|point|punto|точка)\s)\s*", re.IGNORECASE)
_LONG = 9
"""Characters from which a domain is long enough to be mistyped into one that is nobody's."""


class MailAddresses:
    """Knows the common domains and the slips people make in them."""

    def __init__(self, domains: Mapping[str, Named]) -> None:
        self._common = [one.id for one in domains.values() if not one.id.startswith(".")]
        self._slips = {slip: one.id for one in domains.values() if not one.id.startswith(".") for slip in one.names}
        self._endings = {slip: one.id for one in domains.values() if one.id.startswith(".") for slip in one.names}

    @staticmethod
    def in_text(text: str) -> str | None:
        """The last thing in a message that is written like an address, whether it is one or not."""
        found = _FOUND.findall(unicodedata.normalize("NFKC", text))
        if not found:
            return None
        name, _, domain = found[-1].strip(".!?؟'’").rpartition("@")
        # Chinese puts no space between an address and what is said of it.
        return f"{_latin(_AFTER_HAN, name)}@{_latin(_BEGINS_LATIN, domain)}"

    @staticmethod
    def spoken_in(text: str) -> str | None:
        """An address written as it is said, or with spaces in it: "maria at example dot org"."""
        plain = unicodedata.normalize("NFKC", text)
        if match := _SPOKEN.search(plain):
            return MailAddresses.checked(f"{match[1]}@{_SPOKEN_DOT.sub('.', match[2])}")
        joined = _SPACED_SIGN.sub("@", plain)
        return MailAddresses.checked(found) if joined != plain and (found := MailAddresses.in_text(joined)) else None

    @staticmethod
    def checked(address: str) -> str | None:
        """The address in its normal form, or nothing where it cannot be one."""
        try:
            valid = validate_email(address, check_deliverability=False, allow_quoted_local=False, allow_smtputf8=False)
        except EmailNotValidError:
            return None
        return valid.normalized

    def better(self, address: str) -> str | None:
        """The address that may have been meant, where the domain looks mistyped."""
        name, _, domain = address.rpartition("@")
        meant = self._meant(domain.lower())
        return f"{name}@{meant}" if meant else None

    def completed(self, written: str) -> str | None:
        """The address that may have been meant, where a common domain lacks its ending: "maria@gmail"."""
        name, _, domain = written.rpartition("@")
        meant = next((one for one in self._common if one.partition(".")[0] == domain.lower()), None)
        return self.checked(f"{name}@{meant}") if meant else None

    def _meant(self, domain: str) -> str | None:
        if domain in self._common:
            return None
        if domain in self._slips:
            return self._slips[domain]
        if ending := next((slip for slip in self._endings if domain.endswith(slip)), None):
            mended = domain.removesuffix(ending) + self._endings[ending]
            return self._meant(mended) or mended
        # A longer tail is somebody's own domain: "mail.gov.pe" is no slip for "mail.com".
        long = [one for one in self._common if len(one) >= _LONG]
        close = get_close_matches(domain, long, n=1, cutoff=LIKENESS)
        return close[0] if close and close[0].count(".") == domain.count(".") else None


def _latin(pattern: re.Pattern[str], part: str) -> str:
    match = pattern.search(part)
    return match[0] if match else part
