"""E-mail addresses and numbers that lead to a person: telephones, accounts, cards, passports, national numbers."""

from __future__ import annotations

import re
from collections.abc import Iterator

import phonenumbers
from stdnum import iban, luhn
from stdnum.br import cpf
from stdnum.ch import ssn as ahv
from stdnum.cl import rut
from stdnum.cn import ric
from stdnum.es import dni, nie
from stdnum.fr import nir
from stdnum.mx import curp

from bot.log.masking.cues import Cues
from bot.log.masking.text import HAN, Finding, Kind, any_of, digits, has_digits

_NO_HAN = rf"(?![{HAN}])"
"""Chinese puts no space between an address and what is said of it."""
_LOCAL = rf"(?<!{_NO_HAN}[\w.%+'-])(?:{_NO_HAN}[\w.%+'-]){{1,64}}"
_EMAIL = re.compile(rf"{_LOCAL}@(?:{_NO_HAN}[\w-])+(?:\.(?:{_NO_HAN}[\w-])+)+")
_AT = re.compile("@")
_IBAN = re.compile(r"(?<![A-Za-z0-9])[A-Z]{2}\d{2}(?:[ -]?[A-Z0-9]){11,30}(?![a-z])")
_LEAST_IBAN = 15
_CARD = re.compile(r"(?<![\d.,/+-])\d(?:[ -]?\d){12,18}(?!\d)")
_VALUE = re.compile(r"(?<![A-Za-z0-9])(?=[A-Za-z]*\d)[A-Za-z0-9]+(?:(?: ?№ ?|[ .\-/])[A-Za-z]*\d[A-Za-z0-9]*)*")
"""A number with or without letters in it, in one piece or several."""
_DATE = re.compile(
    r"(?:19|20)\d\d([-/.])\d{1,2}\1\d{1,2}|\d{1,2}([-/.])\d{1,2}\2(?:\d\d|(?:19|20)\d\d)"
    r"|(?:19|20)\d\d[-/ ](?:19|20)\d\d"
)
_INTERNATIONAL = re.compile(r"(?<![\w/+-])(?<!\d )(?:\+ ?|00[ -]?)\(?[1-9](?:[ ().\-]{0,3}\d){6,14}(?!\d)")
_NATIONAL = re.compile(r"(?<![\d/.-])\+?\(?\d(?:[ ().\-]{0,2}\d){5,14}(?![\d/])")
_UNSAID = re.compile(
    r"(?<![\d/.,-])(?:"
    r"0[1-9](?:([ .-]?)\d\d)(?:\1\d\d){3}"  # 06 12 34 56 78
    r"|\(\d{2,4}\) ?\d{3,4}[ -]?\d{2,4}(?:[ -]\d{2})?"  # (202) 456-1414
    r"|8[ -]?\(?\d{3}\)?[ -]?\d{3}[ -]?\d{2}[ -]?\d{2}"  # 8 (495) 123-45-67
    r"|1[3-9]\d(?:[ -]?\d{4}){2}"  # 139 1234 5678
    r")(?![\d/]|[.,-]\d)"
)
"""Telephone numbers that are written as nothing else is, without a word that says what they are."""
_REACH = 35
"""Characters between a word that says what a number is and the number."""
_LEAST_DIGITS, _LEAST_ACCOUNT = 6, 10
_MIXED = re.compile(r"(?=(?:[A-Z]*\d){3})[A-Z0-9]{8,12}")
"""A number in which letters stand anywhere."""
_LEAST_TELEPHONE, _MOST_TELEPHONE = 6, 15

_CHECKED = (
    (re.compile(r"(?<![A-Za-z0-9])\d{8}[A-Z](?![A-Za-z0-9])"), dni),
    (re.compile(r"(?<![A-Za-z0-9])[XYZ]\d{7}[A-Z](?![A-Za-z0-9])"), nie),
    (re.compile(r"(?<!\d)756\.?\d{4}\.?\d{4}\.?\d{2}(?!\d)"), ahv),
    (re.compile(r"(?<!\d)\d{17}[\dXx](?![A-Za-z0-9])"), ric),
    (re.compile(r"(?<!\d)[12] ?\d\d ?\d\d ?\d[\dAB] ?\d{3} ?\d{3} ?\d\d(?!\d)"), nir),
    (re.compile(r"(?<![A-Za-z0-9])[A-Z]{4}\d{6}[HM][A-Z]{5}[A-Z0-9]\d(?![A-Za-z0-9])"), curp),
    (re.compile(r"(?<!\d)\d{3}\.\d{3}\.\d{3}-\d{2}(?!\d)"), cpf),
    (re.compile(r"(?<!\d)\d{1,2}\.\d{3}\.\d{3}-[\dkK](?![A-Za-z0-9])"), rut),
)
"""National numbers whose form and check digit tell them from all else."""


class Numbers:
    """Finds them. `published` are telephone numbers and `domains` those of addresses that are nobody's own."""

    def __init__(self, cues: Cues, published: set[str], addresses: set[str]) -> None:
        self._published = {digits(number)[-_OWN:] for number in published}
        self._addresses = addresses
        self._domains = cues.published.domains
        self._at = re.compile(any_of(cues.at), re.IGNORECASE)
        at = rf"(?:\s*[\[(]\s*{any_of(cues.at)}\s*[\])]\s*)"
        dot = rf"(?:\s+{any_of(cues.dot)}\s+|\s*[\[(]\s*{any_of(cues.dot)}\s*[\])]\s*)"
        self._spoken = re.compile(
            rf"{_LOCAL}(?:{dot}[\w.+-]{{1,64}}){{0,4}}"
            rf"(?:{at}[\w-]+(?:(?:\.|{dot})[\w-]+)+|\s+{any_of(cues.at)}\s+[\w-]+(?:{dot}[\w-]+)+)",
            re.IGNORECASE,
        )
        self._said = {
            kind: re.compile(any_of(words), re.IGNORECASE)
            for kind, words in (
                (Kind.PASSPORT, cues.passport),
                (Kind.NATIONAL, cues.identity),
                (Kind.ACCOUNT, cues.account),
                (Kind.TELEPHONE, cues.telephone),
            )
        }

    def find(self, text: str) -> Iterator[Finding]:
        """What is found, the surest first; findings may overlap."""
        yield from self._emails(text)
        if not has_digits(text):
            return
        yield from _ibans(text)
        yield from (
            Finding(Kind.CARD, *match.span())
            for match in _CARD.finditer(text)
            if match[0][0] in "23456" and len(set(digits(match[0]))) > 1 and luhn.is_valid(digits(match[0]))
        )
        for kind in (Kind.PASSPORT, Kind.NATIONAL, Kind.ACCOUNT):
            yield from self._behind(kind, text)
        for pattern, number in _CHECKED:
            yield from (
                Finding(Kind.NATIONAL, *match.span()) for match in pattern.finditer(text) if number.is_valid(match[0])
            )
        yield from self._telephones(text)

    def _emails(self, text: str) -> Iterator[Finding]:
        # An address begins with any word: it is looked for only where its sign is.
        for sign, pattern in ((_AT, _EMAIL), (self._at, self._spoken)):
            if not sign.search(text):
                continue
            for match in pattern.finditer(text):
                address = match[0].lower().strip(".-'")
                domain = address.rpartition("@")[2]
                ours = any(domain == one or domain.endswith(f".{one}") for one in self._domains)
                if not ours and address not in self._addresses:
                    start = match.start() + len(match[0]) - len(match[0].lstrip(".-'"))
                    yield Finding(Kind.EMAIL, start, start + len(match[0].strip(".-'")))

    def _behind(self, kind: Kind, text: str) -> Iterator[Finding]:
        """Numbers behind words that say what they are."""
        for said in self._said[kind].finditer(text):
            least = _LEAST_ACCOUNT if kind is Kind.ACCOUNT else _LEAST_DIGITS
            value = next((m for m in _VALUE.finditer(text, said.end()) if _is_number(m[0], least)), None)
            if value and _leads_to(text[said.end() : value.start()]) and not _DATE.fullmatch(value[0]):
                yield Finding(kind, *value.span())

    def _telephones(self, text: str) -> Iterator[Finding]:
        for match in _INTERNATIONAL.finditer(text):
            number = "+" + digits(match[0]).removeprefix("00") if match[0].startswith("00") else match[0]
            if _is_possible(number):
                yield from self._telephone(match)
        for said in self._said[Kind.TELEPHONE].finditer(text):
            value = _NATIONAL.search(text, said.end())
            if value and _leads_to(text[said.end() : value.start()]) and not _DATE.fullmatch(value[0]):
                yield from self._telephone(value)
        for match in _UNSAID.finditer(text):
            yield from self._telephone(match)

    def _telephone(self, match: re.Match[str]) -> Iterator[Finding]:
        number = digits(match[0])
        if _LEAST_TELEPHONE <= len(number) <= _MOST_TELEPHONE + 2 and number[-_OWN:] not in self._published:
            yield Finding(Kind.TELEPHONE, *match.span())


def _leads_to(between: str) -> bool:
    """Whether a word and a number with this between them belong together."""
    return len(between) <= _REACH and not re.search(r"[\n?؟？]", between)


def _is_number(written: str, least: int) -> bool:
    # One letter may stand for a digit.
    return len(written) >= least and (len(digits(written)) >= least - 1 or bool(_MIXED.fullmatch(written)))


_OWN = 9
"""The last digits of a telephone number, which are the same with and without its country's."""


def _is_possible(number: str) -> bool:
    try:
        return phonenumbers.is_possible_number(phonenumbers.parse(number))
    except phonenumbers.NumberParseException:
        return False


def _ibans(text: str) -> Iterator[Finding]:
    for match in _IBAN.finditer(text):
        end = match.end()
        while end - match.start() >= _LEAST_IBAN:
            written = text[match.start() : end]
            if _is_iban(written):
                yield Finding(Kind.ACCOUNT, match.start(), end)
                break
            end -= 1


def _is_iban(written: str) -> bool:
    try:
        iban.validate(written, check_country=False)
    except iban.ValidationError:
        return False
    return written[-1].isalnum()
