"""The language a page is shown in."""

from __future__ import annotations

from aiohttp import web
from babel import negotiate_locale

from knowledge.records import Language


def language_of(request: web.Request) -> Language:
    """What the address names (`?language=fr`), or else what the browser prefers of the six."""
    named = request.query.get("language")
    if named in set(Language):
        return Language(named)
    found = negotiate_locale(_preferred(request.headers.get("Accept-Language", "")), [str(one) for one in Language])
    return Language(found) if found else Language.EN


def _preferred(header: str) -> list[str]:
    """The languages of Accept-Language, the most wanted first; those not wanted at all left out."""
    weighed = []
    for part in header.split(","):
        code, _, weight = part.strip().partition(";q=")
        try:
            wanted = float(weight or 1)
        except ValueError:
            wanted = 0.0
        if wanted > 0:
            weighed.append((wanted, code.split("-")[0].lower()))
    return [code for _, code in sorted(weighed, key=lambda one: -one[0])]
