"""The engines under the supervisor: one serves, and beside it another can be started on another model."""

from __future__ import annotations

import asyncio
import http.client
import xmlrpc.client
from collections.abc import Mapping
from http import HTTPStatus
from pathlib import Path
from typing import Any

import aiohttp
from pydantic import SecretStr
from supervisor.xmlrpc import SupervisorTransport

from bot.publishing.pointer import Slot

READY_SECONDS = 240.0
"""How long an engine may take until it listens; two of them share the machine meanwhile."""
LOOK_SECONDS = 0.5
READY = "/webhooks/rest/ready"
"""Where an engine says whether it can answer."""
_RUNNING = 20
"""The supervisor's number for a program that runs; it starts, or is started again, in 10 and 30."""
_ALIVE = (10, _RUNNING, 30)


class NotStarted(RuntimeError):
    """An engine did not become ready."""


def program(slot: Slot) -> str:
    """What the supervisor calls the engine of a slot."""
    return f"engine-{slot}"


def model_file(data: Path, slot: Slot) -> Path:
    """The file that says on which model the engine of a slot runs."""
    return data / "run" / f"{program(slot)}.model"


def set_model(data: Path, slot: Slot, model: Path) -> None:
    """Has the next start of a slot's engine take this model."""
    path = model_file(data, slot)
    path.parent.mkdir(parents=True, exist_ok=True)
    new = path.with_name(f"{path.name}.new")
    new.write_text(str(model), encoding="utf-8")
    new.replace(path)


def bearer(token: SecretStr | None) -> dict[str, str]:
    """The headers by which an engine knows us; it asks for none where no token is set."""
    return {"Authorization": f"Bearer {token.get_secret_value()}"} if token else {}


class Engines:
    """Starts, stops and looks for them; `urls` says where each listens, and `token` opens them."""

    def __init__(
        self, data: Path, urls: Mapping[Slot, str], seconds: float = READY_SECONDS, token: SecretStr | None = None
    ) -> None:
        self._data, self._urls, self._seconds, self._headers = data, urls, seconds, bearer(token)
        self._socket = data / "run/supervisor.sock"

    async def start(self, slot: Slot, model: Path) -> None:
        """Starts the engine of a slot on a model, and comes back when it can answer.

        Raises:
            NotStarted: there is no such model, it did not become ready in time, or there is no supervisor.
        """
        if not await asyncio.to_thread(model.exists):
            raise NotStarted(f"there is no model {model.name}")
        await self.stop(slot)
        set_model(self._data, slot, model)
        await self._call("startProcess", program(slot), False)
        deadline = asyncio.get_running_loop().time() + self._seconds
        while not await self.is_ready(slot):
            if asyncio.get_running_loop().time() > deadline:
                await self.stop(slot)
                raise NotStarted(f"{program(slot)} was not ready within {self._seconds:g} s; see its log")
            await asyncio.sleep(LOOK_SECONDS)

    async def stop(self, slot: Slot) -> None:
        """Ends the engine of a slot; nothing where it does not run.

        Raises:
            NotStarted: there is no supervisor.
        """
        if await self._state(slot) in _ALIVE:
            await self._call("stopProcess", program(slot))

    async def keep(self, slot: Slot) -> None:
        """Has the supervisor run the engine of a slot, on the model it had."""
        if await self._state(slot) not in _ALIVE:
            await self._call("startProcess", program(slot), False)

    async def is_ready(self, slot: Slot) -> bool:
        """Whether the engine has understood something: its model is loaded and works."""
        try:
            async with (
                aiohttp.ClientSession(timeout=aiohttp.ClientTimeout(total=2), headers=self._headers) as session,
                session.get(f"{self._urls[slot]}{READY}") as response,
            ):
                return response.status == HTTPStatus.OK
        except (aiohttp.ClientError, TimeoutError):
            return False

    @property
    def supervised(self) -> bool:
        """Whether a supervisor is there at all."""
        return self._socket.exists()

    async def _state(self, slot: Slot) -> int:
        info = await self._call("getProcessInfo", program(slot))
        return int(info["state"])

    async def _call(self, method: str, *arguments: object) -> Any:
        def ask() -> Any:
            transport: Any = SupervisorTransport(None, None, f"unix://{self._socket}")
            with xmlrpc.client.ServerProxy("http://127.0.0.1", transport) as server:
                return getattr(server.supervisor, method)(*arguments)

        try:
            return await asyncio.to_thread(ask)
        except (OSError, http.client.HTTPException, xmlrpc.client.Error) as error:
            raise NotStarted(f"the supervisor did not {method} {arguments[0]}: {error}") from error
