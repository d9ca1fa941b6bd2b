"""Codes of an authenticator (TOTP, RFC 6238), and the picture from which it takes the secret."""

from __future__ import annotations

import io
from datetime import datetime

import pyotp
import segno
from pyotp.exceptions import OTPVerificationError

SECONDS = 30
"""How long a code is shown."""
LATE = 1
"""Steps by which the authenticator's clock may be wrong, either way."""


def new_secret() -> str:
    """160 random bits in base32."""
    return pyotp.random_base32()


def step_of(secret: str, typed: str, now: datetime) -> int | None:
    """The time step that a code belongs to; nothing where it is not one of now."""
    code = "".join(typed.split())
    try:
        return pyotp.TOTP(secret, interval=SECONDS).verify_and_get_timecode(code, for_time=now, valid_window=LATE)
    except OTPVerificationError:
        return None


def picture(secret: str, name: str, issuer: str) -> bytes:
    """The secret as a QR code, an SVG without styles; an authenticator shows `issuer` and `name` beside its codes."""
    address = pyotp.TOTP(secret, interval=SECONDS, name=name, issuer=issuer).provisioning_uri()
    drawn = io.BytesIO()
    segno.make(address, micro=False).save(drawn, kind="svg", scale=5, border=4, dark="#000", light="#fff")
    return drawn.getvalue()


def in_groups(secret: str) -> str:
    """The secret as one types it."""
    return " ".join(secret[at : at + 4] for at in range(0, len(secret), 4))
