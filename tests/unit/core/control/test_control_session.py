"""A connection that is kept: one for many calls, a new one when the engine is another."""

import asyncio

import pytest

from core.control.client import ControlSession
from core.control.server import ControlServer
from core.control.zap import SingleKeyZap
from core.errors import ControlError, NotRunning


async def echo(command):
    return {"name": command.name}


@pytest.fixture
def session(home):
    with ControlSession(home) as kept:
        yield kept


async def test_many_calls_need_one_connection(session, serve, monkeypatch):
    admitted = []
    decide = SingleKeyZap.decide
    monkeypatch.setattr(SingleKeyZap, "decide", lambda zap, request: (admitted.append(1), decide(zap, request))[1])
    await serve(echo)
    for _ in range(20):
        assert await asyncio.to_thread(session.call, "status") == {"name": "status"}
    assert admitted == [1]


async def test_a_restarted_engine_is_followed(session, home):
    for _ in range(3):
        server = ControlServer(home, echo)
        await server.start()
        assert await asyncio.to_thread(session.call, "status") == {"name": "status"}
        await server.close()
        with pytest.raises(NotRunning):
            await asyncio.to_thread(session.call, "status")


async def test_an_engine_that_vanished_is_told_at_once(session, home):
    server = ControlServer(home, echo)
    await server.start()
    await asyncio.to_thread(session.call, "status")
    key = home.control_key.read_bytes()
    await server.close()
    home.control_key.write_bytes(key)  # as after a crash: the file is there, and nobody listens
    with pytest.raises(NotRunning):
        await asyncio.to_thread(session.call, "status", 30.0)


async def test_an_answer_that_comes_too_late_is_not_taken_for_the_next_one(session, serve):
    go_on = asyncio.Event()

    async def slow(command):
        if command.name == "history":
            await go_on.wait()
        return {"name": command.name}

    await serve(slow)
    with pytest.raises(ControlError, match="did not answer"):
        await asyncio.to_thread(session.call, "history", 0.2, since=0.0)
    go_on.set()
    assert await asyncio.to_thread(session.call, "status") == {"name": "status"}


async def test_closing_twice_is_fine_and_the_next_call_connects_again(session, serve):
    await serve(echo)
    session.close()
    session.close()
    assert await asyncio.to_thread(session.call, "status") == {"name": "status"}
