"""A real Dovecot on a free loopback port, in a folder of its own."""

from __future__ import annotations

import contextlib
import getpass
import grp
import imaplib
import os
import shutil
import signal
import subprocess
import time
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path

import pytest

from bot.launch.preflight import free_loopback_port

USER, PASSWORD = "replies", "a-secret-of-this-test"


@dataclass
class ImapServer:
    port: int

    def deliver(self, *messages: bytes, flags: str = "", came: str = "", folder: str = "INBOX") -> None:
        """Puts messages into the mailbox, as new ones unless flags and a date in IMAP's form say otherwise."""
        with self.connection() as client:
            for message in messages:
                status, said = client.append(folder, flags, came, message)
                assert status == "OK", said

    def flags(self, folder: str = "INBOX") -> list[str]:
        """The flags of every message; none where there is no such folder."""
        with self.connection() as client:
            if client.select(folder, readonly=True)[0] != "OK":
                return []
            _, found = client.search(None, "ALL")
            numbers = found[0].split()
            return [str(client.fetch(number, "(FLAGS)")[1][0]) for number in numbers]

    @contextlib.contextmanager
    def connection(self) -> Iterator[imaplib.IMAP4]:
        client = imaplib.IMAP4("127.0.0.1", self.port)
        try:
            client.login(USER, PASSWORD)
            yield client
        finally:
            with contextlib.suppress(imaplib.IMAP4.error, OSError):
                client.logout()


def dovecot() -> str:
    """The server's program."""
    found = os.environ.get("IMAP_SERVER") or shutil.which("dovecot") or shutil.which("dovecot", path="/usr/sbin")
    if not found:
        pytest.fail("no Dovecot found; install it (Debian: apt-get install dovecot-imapd) or run scripts/imap-server")
    return found


@contextlib.contextmanager
def serving(
    folder: Path, *, capability: str = "", port: int = 0, certificate: Path | None = None
) -> Iterator[ImapServer]:
    """The server while the block lasts.

    `capability` replaces what it says it can do; `certificate` is a file with its certificate and key, and then it
    listens with TLS on the port after `port` too.
    """
    port = port or free_loopback_port()
    user = getpass.getuser()
    owner = "nobody" if user == "root" else user
    group = "nogroup" if user == "root" else grp.getgrgid(os.getgid()).gr_name
    (folder / "mail").mkdir(parents=True, exist_ok=True)
    configuration = folder / "dovecot.conf"
    configuration.write_text(
        f"""
protocols = imap
listen = 127.0.0.1
base_dir = {folder}/run
state_dir = {folder}/run
log_path = {folder}/dovecot.log
{f"ssl = yes{chr(10)}ssl_cert = <{certificate}{chr(10)}ssl_key = <{certificate}" if certificate else "ssl = no"}
disable_plaintext_auth = no
default_login_user = {owner}
default_internal_user = {owner}
default_internal_group = {group}
mail_location = maildir:{folder}/mail
mail_uid = {owner}
mail_gid = {group}
first_valid_uid = 1
{f"imap_capability = {capability}" if capability else ""}
passdb {{
  driver = static
  args = password={PASSWORD}
}}
userdb {{
  driver = static
  args = uid={owner} gid={group} home={folder}
}}
service imap-login {{
  chroot =
  inet_listener imap {{
    port = {port}
  }}
  inet_listener imaps {{
    port = {port + 1 if certificate else 0}
    ssl = {"yes" if certificate else "no"}
  }}
}}
service anvil {{
  chroot =
}}
""",
        encoding="utf-8",
    )
    program = dovecot()
    if user == "root":
        for path in (folder, folder / "mail"):
            shutil.chown(path, "nobody", "nogroup")
            path.chmod(0o755)
        for parent in folder.parents:
            if parent.stat().st_uid == 0 and not parent.stat().st_mode & 0o001:
                parent.chmod(parent.stat().st_mode | 0o011)
    server = subprocess.Popen(
        [program, "-F", "-c", str(configuration)],
        stdout=subprocess.PIPE,
        stderr=subprocess.STDOUT,
        start_new_session=True,
    )
    try:
        yield _ready(ImapServer(port), server, folder)
    finally:
        with contextlib.suppress(ProcessLookupError):
            os.killpg(server.pid, signal.SIGKILL)
        server.communicate()


def _ready(server: ImapServer, process: subprocess.Popen[bytes], folder: Path) -> ImapServer:
    deadline = time.monotonic() + 15
    while True:
        try:
            with server.connection():
                return server
        except (OSError, imaplib.IMAP4.error) as error:
            if process.poll() is not None or time.monotonic() > deadline:
                log = folder / "dovecot.log"
                said = log.read_text(encoding="utf-8", errors="replace") if log.exists() else ""
                pytest.fail(f"Dovecot does not serve ({error}):\n{said}")
        time.sleep(0.05)
