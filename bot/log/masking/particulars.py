"""Dates of birth, IP addresses, user names and vehicles."""

from __future__ import annotations

import ipaddress
import re
from collections.abc import Iterator

from bot.log.masking.cues import Cues
from bot.log.masking.text import HAN, Finding, Kind, any_of, has_digits

_DATE = (
    r"(?:(?:19|20)\d\d[-/.]\d{1,2}[-/.]\d{1,2}|\d{1,2}[-/.]\d{1,2}[-/.](?:(?:19|20)\d\d|\d\d)"
    r"|\d{1,2}(?:er|st|nd|rd|th|\.|º)? ?(?:of |de |d')?[^\W\d_]{3,12}\.?,? (?:de |del )?(?:19|20)\d\d(?: ?г\.?)?"
    r"|[^\W\d_]{3,12} \d{1,2}(?:st|nd|rd|th)?,? (?:19|20)\d\d|(?:19|20)\d\d ?年 ?\d{1,2} ?月(?: ?\d{1,2} ?日)?)(?!\d)"
)
_FROM_CUE, _TO_CUE = 40, 6
"""Characters between a date and the words that say whose birth it is."""
_IPV4 = re.compile(r"(?<![\d.])\d{1,3}(?:\.\d{1,3}){3}(?![\d.]*\d)")
_IPV6 = re.compile(r"(?<![\w:.])(?=[0-9A-Fa-f:.]*:[0-9A-Fa-f:.]*:)[0-9A-Fa-f:]{4,}[0-9A-Fa-f](?![\w:])")
_AT = re.compile(r"(?<![A-Za-z0-9_.@/])@[^\W\d_][\w.]{2,}")
_PART = "[A-Za-z0-9_]"
_USER = (
    rf"(?<![A-Za-z0-9_.@/-])(?=[0-9]*[A-Za-z])(?:{_PART}+[.:-])*{_PART}*"
    rf"(?:\d|_|[A-Za-z][.:-]{_PART}){_PART}*(?:[.:-]{_PART}+)*(?![A-Za-z0-9_@/])"
)
"""A user's name has a digit or a sign in it: a word alone may say anything."""
_LEAST_USER = 5
_SURE_IPV4 = 32
"""A version's numbers are small: of an address that is not said to be one, one number is from this one on."""
_SAID_IP = re.compile(r"(?<![A-Za-z])ip(?![A-Za-z])|آي ?بي", re.IGNORECASE)
_NUMERIC_USER = r"\d{5,12}"
_PLATE = r"(?=[^\W_]*[ -]?[^\W_]*\d)[^\W_]{1,4}(?:[ ·-]?[^\W_]{1,6}){1,3}"


class Particulars:
    """Finds them."""

    def __init__(self, cues: Cues) -> None:
        born, behind = any_of(cues.born), any_of(cues.born_behind)
        self._born = re.compile(rf"{born}[^\n?？؟;]{{0,{_FROM_CUE}}}?(?<!\d)({_DATE})", re.IGNORECASE)
        self._born_behind = re.compile(rf"(?<!\d)({_DATE})[^\n]{{0,{_TO_CUE}}}?{behind}", re.IGNORECASE)
        self._also = re.compile(rf"(?<!\d)({_DATE})", re.IGNORECASE)
        said = any_of(cues.handles)
        between = rf"(?:[ \t:：«\"'»]|{any_of(cues.handle_joins)}){{1,5}}?|(?<=[{HAN}])[:：是为]?"
        self._user = re.compile(rf"{said}(?:{between})({_USER})", re.IGNORECASE)
        self._qq = re.compile(rf"(?i:qq)(?:号)?\s*[:：是为]?\s*({_NUMERIC_USER})(?!\d)")
        self._plate = re.compile(
            rf"{any_of(cues.plates)}[^\n\d?？؟;,]{{0,16}}?(?<![^\W_])({_PLATE})(?![^\W_])", re.IGNORECASE
        )
        self._ours = cues.published.handles

    def find(self, text: str) -> Iterator[Finding]:
        """What is found; findings may overlap."""
        yield from self._births(text)
        said = bool(_SAID_IP.search(text))
        for pattern in (_IPV4, _IPV6):
            yield from (
                Finding(Kind.IP, *match.span()) for match in pattern.finditer(text) if _is_address(match[0], said)
            )
        for match in _AT.finditer(text):
            written = re.match(r"@[A-Za-z0-9_]*", match[0])
            if written is None or written[0].lower() not in self._ours:
                yield Finding(Kind.HANDLE, match.start(), match.start() + len(match[0].rstrip(".")))
        for kind, pattern in ((Kind.HANDLE, self._user), (Kind.HANDLE, self._qq), (Kind.PLATE, self._plate)):
            for match in pattern.finditer(text):
                if len(match[1]) >= _LEAST_USER or kind is Kind.PLATE:
                    yield Finding(kind, *match.span(1))

    def _births(self, text: str) -> Iterator[Finding]:
        if not has_digits(text):
            return
        for pattern in (self._born, self._born_behind):
            for match in pattern.finditer(text):
                yield Finding(Kind.BIRTH_DATE, *match.span(1))
                # A correction names it twice.
                again = self._also.search(text, match.end(1))
                if again and pattern is self._born and len(text[match.end(1) : again.start()]) <= _FROM_CUE // 2:
                    yield Finding(Kind.BIRTH_DATE, *again.span(1))


def _is_address(written: str, said: bool) -> bool:
    if "." in written and not said and max(int(number) for number in written.split(".")) < _SURE_IPV4:
        return False
    try:
        ipaddress.ip_address(written)
    except ValueError:
        return False
    return True
