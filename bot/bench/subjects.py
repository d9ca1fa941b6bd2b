"""What is measured: the whole assistant, and the stock project of `rasa init`."""

from __future__ import annotations

import http.client
import json
import shutil
import signal
import subprocess
import tempfile
import time
import uuid
from collections.abc import Iterator, Sequence
from contextlib import AbstractContextManager, closing, contextmanager
from dataclasses import dataclass, field
from http import HTTPStatus
from pathlib import Path
from typing import Protocol

import aiohttp

from bot.bench.resident import tree
from bot.evaluate.asking import assistant
from bot.evaluate.questions import load as load_questions
from bot.launch.model import ENGINE_PYTHON, engine_environment
from bot.launch.preflight import free_loopback_port
from bot.settings import ROOT, Settings
from knowledge.base import load

READY_SECONDS = 300
WITHOUT_LIMITS = {"limit_conversation": "1000000/minute", "limit_address": "1000000/minute", "answer_seconds": 60}
"""The limits are looked at for each message all the same."""

STOCK_SAYS = ("hello", "I am very sad", "yes", "are you a bot?", "great", "goodbye")


class Talker(Protocol):
    """One conversation with a subject."""

    async def say(self, text: str) -> None:
        """Returns when the whole answer is there.

        Raises:
            RuntimeError: there was none.
        """


@dataclass(frozen=True)
class Address:
    """Where a running subject listens, and the first of its processes."""

    name: str
    port: int
    pid: int
    data: Path

    @property
    def url(self) -> str:
        """The root of its port."""
        return f"http://127.0.0.1:{self.port}"

    async def talk(self, session: aiohttp.ClientSession) -> Talker:
        """Opens a conversation."""
        return await _Delegate.open(session, self.url) if self.name == "ours" else _Sender(session, self.url)

    def processes(self) -> dict[int, str]:
        """All processes of the subject with what each is called."""
        return tree(self.pid)


@dataclass
class _Sender:
    session: aiohttp.ClientSession
    url: str
    sender: str = field(default_factory=lambda: str(uuid.uuid4()))

    async def say(self, text: str) -> None:
        body = {"sender": self.sender, "message": text}
        async with self.session.post(f"{self.url}/webhooks/rest/webhook", json=body) as response:
            if response.status != HTTPStatus.OK or not await response.json():
                raise RuntimeError(f"the stock project answered {response.status} to {text!r}")


@dataclass
class _Delegate:
    session: aiohttp.ClientSession
    messages: str
    headers: dict[str, str]

    @classmethod
    async def open(cls, session: aiohttp.ClientSession, url: str) -> _Delegate:
        async with session.post(f"{url}/api/v1/conversations", json={"language": "en"}) as response:
            opened = await response.json()
        return cls(
            session,
            f"{url}/api/v1/conversations/{opened['id']}/messages",
            {"Authorization": f"Bearer {opened['token']}"},
        )

    async def say(self, text: str) -> None:
        body = {"text": text, "client_message_id": str(uuid.uuid4())}
        async with self.session.post(self.messages, json=body, headers=self.headers) as response:
            said = await response.json()
            if response.status != HTTPStatus.OK or not said["replies"] or said["outcome"] == "error":
                raise RuntimeError(f"the assistant answered {response.status} to {text!r}: {said}")


class Subject(Protocol):
    """Something to measure."""

    @property
    def name(self) -> str:
        """`ours` or `stock`."""

    @property
    def says(self) -> Sequence[str]:
        """What to say to it."""

    def running(self) -> AbstractContextManager[Address]:
        """Runs it until the context ends; ready to answer from its beginning."""


class Ours:
    """The whole assistant: edge, actions, knowledge base, record and engine."""

    name = "ours"

    def __init__(self, data: Path | None = None, **settings: object) -> None:
        self._data, self._settings = data, settings

    @property
    def says(self) -> Sequence[str]:
        """The development questions, of all languages in turn."""
        return questions()

    @contextmanager
    def running(self) -> Iterator[Address]:
        """On the installation's model, with records of its own."""
        with (
            tempfile.TemporaryDirectory(prefix="bench-") as folder,
            assistant(self._data or Path(folder), **{**WITHOUT_LIMITS, **self._settings}) as running,
        ):
            yield Address(self.name, running.port, running.pid, running.data)


class Stock:
    """What `rasa init` makes, trained as it comes: Rasa's own pipeline and policies, and nothing around them."""

    name = "stock"
    says = STOCK_SAYS

    def __init__(self, folder: Path) -> None:
        self.folder = folder

    def build(self) -> None:
        """Makes and trains the project, unless that is done; the seconds that training took are kept with it."""
        if self.training_seconds is None:
            shutil.rmtree(self.folder, ignore_errors=True)
            self.folder.mkdir(parents=True)
            make = "import sys; from rasa.cli.scaffold import create_initial_project as make; make(sys.argv[1])"
            _engine(["-c", make, str(self.folder)], ROOT)
            self.train()

    def train(self) -> float:
        """Trains it; returns the seconds that took."""
        begun = time.perf_counter()
        _engine(["-m", "rasa", "train", "--quiet", "--force"], self.folder)
        taken = time.perf_counter() - begun
        (self.folder / "training.json").write_text(json.dumps(taken), encoding="utf-8")
        return taken

    @property
    def training_seconds(self) -> float | None:
        """How long it was trained; nothing where it has not been."""
        kept = self.folder / "training.json"
        return float(json.loads(kept.read_text(encoding="utf-8"))) if kept.exists() else None

    @contextmanager
    def running(self) -> Iterator[Address]:
        """`rasa run` with the REST channel alone."""
        port = free_loopback_port()
        credentials = self.folder / "rest.yml"
        credentials.write_text("rest:\n", encoding="utf-8")
        command = [
            *(str(ENGINE_PYTHON), "-m", "rasa", "run", "--quiet", "--interface", "127.0.0.1", "--port", str(port)),
            *("--credentials", credentials.name),
        ]
        with (self.folder / "run.log").open("wb") as log:
            process = subprocess.Popen(
                command, cwd=self.folder, env=engine_environment(), stdout=log, stderr=subprocess.STDOUT
            )
            try:
                _listens(port, process)
                yield Address(self.name, port, process.pid, self.folder)
            finally:
                process.send_signal(signal.SIGTERM)
                process.wait()


def questions() -> Sequence[str]:
    """The development questions, dealt so that languages and topics take turns."""
    asked = [one.question.text for one in load_questions(ROOT / "tests/development", load())]
    step = 619  # a prime, larger than any file has questions
    return [asked[at * step % len(asked)] for at in range(len(asked))]


def stock_folder() -> Path:
    """Where the stock project is kept from one run to the next."""
    return Settings().data / "bench/stock"


def _engine(arguments: Sequence[str], folder: Path) -> None:
    done = subprocess.run(
        [str(ENGINE_PYTHON), *arguments],
        cwd=folder,
        env=engine_environment(),
        stdin=subprocess.DEVNULL,
        capture_output=True,
        text=True,
        check=False,
    )
    if done.returncode:
        raise RuntimeError(f"{' '.join(arguments[:3])} failed:\n{(done.stdout + done.stderr)[-2000:]}")


def _listens(port: int, process: subprocess.Popen[bytes]) -> None:
    deadline = time.monotonic() + READY_SECONDS
    while time.monotonic() < deadline and process.poll() is None:
        with closing(http.client.HTTPConnection("127.0.0.1", port, timeout=2)) as connection:
            try:
                connection.request("GET", "/")
                if connection.getresponse().status == HTTPStatus.OK:
                    return
            except (OSError, http.client.HTTPException):
                time.sleep(0.05)
    raise RuntimeError(f"nothing listens on port {port}; the process {'ended' if process.poll() else 'is silent'}")
