"""A home, and a server in the test's own event loop."""

import asyncio
from collections.abc import AsyncIterator, Callable
from typing import Any

import pytest

from core.control.client import ControlClient
from core.control.server import ControlServer, Handler
from core.paths import Home


@pytest.fixture
def home(tmp_path) -> Home:
    return Home(tmp_path / "home").create()


@pytest.fixture
async def serve(home: Home) -> AsyncIterator[Callable[[Handler], Any]]:
    """`await serve(handler)` starts a server on `home`; all are closed at the end."""
    servers: list[ControlServer] = []

    async def start(handler: Handler) -> ControlServer:
        server = ControlServer(home, handler)
        servers.append(server)
        await server.start()
        return server

    yield start
    for server in servers:
        await server.close()


@pytest.fixture
def ask(home: Home) -> Callable[..., Any]:
    """`await ask(name, **arguments)` as a client in another thread would."""

    async def call(name: str, timeout: float = 5.0, **arguments: Any) -> dict[str, Any]:
        return await asyncio.to_thread(ControlClient(home).call, name, timeout, **arguments)

    return call
