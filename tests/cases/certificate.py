"""A certificate for 127.0.0.1 that nobody but the test trusts."""

from __future__ import annotations

import shutil
import subprocess
from pathlib import Path

import pytest


def make_certificate(folder: Path) -> Path:
    """A file with the certificate and its key; it vouches for itself."""
    openssl = shutil.which("openssl")
    if openssl is None:
        pytest.fail("no openssl on PATH; install it (Debian: apt-get install openssl)")
    key, certificate, both = (folder / name for name in ("key.pem", "certificate.pem", "both.pem"))
    command = [
        *(openssl, "req", "-x509", "-newkey", "rsa:2048", "-nodes", "-days", "2", "-subj", "/CN=127.0.0.1"),
        *("-addext", "subjectAltName=IP:127.0.0.1", "-keyout", str(key), "-out", str(certificate)),
    ]
    subprocess.run(command, check=True, capture_output=True)
    both.write_bytes(certificate.read_bytes() + key.read_bytes())
    return both
