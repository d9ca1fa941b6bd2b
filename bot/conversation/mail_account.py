"""Which account a mail address leads to, for counting; letters go to the address as it was given."""

from __future__ import annotations

_WITHOUT_DOTS = frozenset({"gmail.com", "googlemail.com"})
"""Google's two names for the same accounts, in which it ignores dots: https://support.google.com/mail/answer/7436150.

No other provider does; elsewhere a dot tells two people apart.
"""


def account(address: str) -> str:
    """The address without what may stand after a plus sign (RFC 5233), in small letters.

    Two accounts that this takes for one share their limit, which is all that can go wrong.
    """
    local, _, domain = address.casefold().rpartition("@")
    local = local.partition("+")[0] or local
    if domain in _WITHOUT_DOTS:
        local, domain = local.replace(".", ""), "gmail.com"
    return f"{local}@{domain}"
