"""Server and client together, over the real socket on loopback."""

import asyncio
import json
import logging
import stat
import subprocess
import sys
import threading

import msgpack
import pytest
import zmq
import zmq.asyncio

from core.control.client import ControlClient
from core.control.commands import MAX_REPLY_BYTES
from core.control.key_file import KeyFile
from core.control.server import ControlServer
from core.errors import ControlError, HomeError, NotRunning, PreferenceError
from core.paths import Home


async def echo(command):
    return {"name": command.name, "arguments": command.arguments}


async def test_a_command_reaches_the_handler_and_its_answer_comes_back(serve, ask):
    await serve(echo)
    assert await ask("log", after=3, limit=10) == {"name": "log", "arguments": {"after": 3, "limit": 10}}


async def test_commands_outside_the_table_never_reach_the_handler(serve, ask):
    reached = []

    async def handler(command):
        reached.append(command)
        return {}

    await serve(handler)
    for name, arguments in (("launch", {}), ("status", {"x": 1}), ("budget", {"share": "1"}), ("budget", {})):
        with pytest.raises(ControlError) as caught:
            await ask(name, **arguments)
        assert caught.value.code == "bad_request"
    assert reached == []


async def test_a_refusal_keeps_its_sentence(serve, ask):
    async def handler(_command):
        raise PreferenceError("There is no preference 'x'.")

    await serve(handler)
    with pytest.raises(ControlError, match=r"^There is no preference 'x'\.$") as caught:
        await ask("preferences_set", values={"x": 1})
    assert caught.value.code == "preference_error"


async def test_a_crash_in_a_handler_is_logged_and_answered(serve, ask, caplog):
    async def handler(_command):
        raise ZeroDivisionError("secret detail")

    await serve(handler)
    with caplog.at_level(logging.ERROR), pytest.raises(ControlError, match="failed inside the engine") as caught:
        await ask("status")
    assert caught.value.code == "internal"
    assert "secret detail" not in str(caught.value)
    assert "ZeroDivisionError: secret detail" in caplog.text


@pytest.mark.parametrize(
    ("answer", "code"), [({"x": object()}, "internal"), ({"x": b"0" * MAX_REPLY_BYTES}, "too_large")]
)
async def test_answers_that_cannot_be_sent(serve, ask, answer, code):
    async def handler(_command):
        return answer

    await serve(handler)
    with pytest.raises(ControlError) as caught:
        await ask("status")
    assert caught.value.code == code


async def test_a_handler_has_a_deadline(serve, ask, monkeypatch):
    monkeypatch.setattr("core.control.server.DEFAULT_DEADLINE_S", 0.01)

    async def handler(_command):
        await asyncio.Event().wait()

    await serve(handler)
    with pytest.raises(ControlError, match="given up") as caught:
        await ask("status")
    assert caught.value.code == "deadline"


async def test_a_slow_command_holds_up_no_other_and_too_many_are_refused(serve, ask, monkeypatch):
    monkeypatch.setattr("core.control.server._MAX_AT_ONCE", 2)
    arrivals: asyncio.Queue[str] = asyncio.Queue()
    release = asyncio.Event()

    async def handler(command):
        if command.name == "evaluate":
            arrivals.put_nowait(command.name)
            await release.wait()
        return {"name": command.name}

    await serve(handler)
    slow = [asyncio.create_task(ask("evaluate"))]
    await arrivals.get()
    assert await ask("status") == {"name": "status"}
    slow.append(asyncio.create_task(ask("evaluate")))
    await arrivals.get()
    with pytest.raises(ControlError) as caught:
        await ask("status")
    assert caught.value.code == "busy"
    release.set()
    assert await asyncio.gather(*slow) == [{"name": "evaluate"}] * 2


async def test_the_client_gives_up_in_time(serve, ask):
    release = asyncio.Event()

    async def handler(_command):
        await release.wait()
        return {}

    await serve(handler)
    with pytest.raises(ControlError, match=r"did not answer within 0\.1 s") as caught:
        await ask("status", timeout=0.1)
    assert caught.value.code == "no_answer"
    assert not isinstance(caught.value, NotRunning)
    release.set()


def test_no_engine(home):
    with pytest.raises(NotRunning, match=r"No engine runs in .*hivelet engine"):
        ControlClient(home).call("status")


@pytest.mark.parametrize("content", [b"", b"{", b"[]", b'{"address": 1}', b"\xff" * 10])
def test_a_broken_key_file(home, content):
    home.control_key.write_bytes(content)
    with pytest.raises(NotRunning):
        ControlClient(home).call("status")


async def test_the_key_file_of_a_killed_engine(home, ask):
    server = ControlServer(home, echo)
    await server.start()
    stale = home.control_key.read_bytes()
    await server.close()
    home.control_key.write_bytes(stale)
    with pytest.raises(NotRunning):
        await ask("status", timeout=20.0)


async def test_the_address_belongs_to_another_engine_now(home, tmp_path, serve, ask):
    other = ControlServer(Home(tmp_path / "other").create(), echo)
    await other.start()
    await serve(echo)
    mine = json.loads(home.control_key.read_text())
    home.control_key.write_text(json.dumps({**mine, "address": other.address}))
    with pytest.raises(NotRunning):
        await ask("status", timeout=20.0)
    await other.close()


async def test_a_foreign_key_is_refused(home, serve, ask):
    await serve(echo)
    public, secret = zmq.curve_keypair()
    mine = json.loads(home.control_key.read_text())
    foreign = {**mine, "client_public": public.decode(), "client_secret": secret.decode()}
    home.control_key.write_text(json.dumps(foreign))
    with pytest.raises(ControlError):
        await ask("status", timeout=20.0)
    home.control_key.write_text(json.dumps(mine))
    assert (await ask("status"))["name"] == "status"


async def test_the_key_file_is_private_and_goes_with_the_server(home, serve):
    server = await serve(echo)
    if sys.platform != "win32":
        assert stat.S_IMODE(home.control_key.stat().st_mode) == 0o600
    assert KeyFile.read(home.control_key).address == server.address
    await server.close()
    assert not home.control_key.exists()
    await server.close()


async def test_a_successors_key_file_is_left_alone(home, serve, ask):
    first = await serve(echo)
    await serve(echo)
    await first.close()
    assert (await ask("status"))["name"] == "status"


async def test_a_home_that_cannot_be_written_leaves_nothing_open(tmp_path):
    server = ControlServer(Home(tmp_path / "missing"), echo)
    with pytest.raises(HomeError):
        await server.start()
    assert [task for task in asyncio.all_tasks() if task.get_name().startswith("control")] == []


async def test_closing_lets_a_running_command_answer(serve, ask):
    async def handler(_command):
        closing = asyncio.create_task(server.close())
        await asyncio.sleep(0)
        closers.append(closing)
        return {"stopping": True}

    closers = []
    server = await serve(handler)
    assert await ask("quit") == {"stopping": True}
    await asyncio.gather(*closers)


async def test_a_handler_cannot_close_the_server(serve, ask, caplog):
    async def handler(_command):
        await server.close()
        return {}

    server = await serve(handler)
    with pytest.raises(ControlError) as caught:
        await ask("quit")
    assert caught.value.code == "internal"
    assert "cannot be closed by one of its commands" in caplog.text


async def test_an_engine_that_dies_during_a_call_is_noticed_at_once(home, serve, ask, monkeypatch):
    monkeypatch.setattr("core.control.server._GRACE_S", 0.0)
    arrived = asyncio.Event()

    async def handler(_command):
        arrived.set()
        await asyncio.Event().wait()

    server = await serve(handler)
    call = asyncio.create_task(ask("status", timeout=30.0))
    await arrived.wait()
    await server.close()
    with pytest.raises(NotRunning):
        await call


async def test_garbage_with_the_right_key_is_answered_or_ignored(home, serve, ask):
    await serve(echo)
    key = KeyFile.read(home.control_key)
    context = zmq.asyncio.Context()
    socket = context.socket(zmq.DEALER)
    socket.setsockopt(zmq.LINGER, 0)
    socket.setsockopt(zmq.CURVE_SERVERKEY, key.server_public.encode())
    socket.setsockopt(zmq.CURVE_PUBLICKEY, key.client_public.encode())
    socket.setsockopt(zmq.CURVE_SECRETKEY, key.client_secret.encode())
    socket.connect(key.address)
    await socket.send_multipart([b"a", b"b", b"c"])
    for payload in (b"\xc1", b"", msgpack.packb({"a": 1}), msgpack.packb([7, "status"]), b"\x91" * 3000):
        await socket.send(payload)
        number, done, body = msgpack.unpackb(await socket.recv())
        assert (number, done, body["code"]) == (7 if len(payload) == 9 else 0, False, "bad_request")
    socket.close()
    context.term()
    assert (await ask("status"))["name"] == "status"


async def test_many_threads_share_one_client(home, serve):
    await serve(echo)
    client = ControlClient(home)
    answers: list[int] = []

    def work(number: int) -> None:
        answers.append(client.call("log", after=number, limit=1)["arguments"]["after"])

    threads = [threading.Thread(target=work, args=(number,)) for number in range(8)]
    for thread in threads:
        thread.start()
    await asyncio.to_thread(lambda: [thread.join() for thread in threads])
    assert sorted(answers) == list(range(8))


async def test_a_request_that_is_too_large_is_not_sent(serve, ask):
    await serve(echo)
    with pytest.raises(ControlError) as caught:
        await ask("generate", prompt="x" * 70_000, length=1)
    assert caught.value.code == "too_large"


def test_the_client_needs_neither_torch_nor_the_network():
    script = "import sys, core.control.client, core.control.snapshot, core.preferences; print(*sys.modules)"
    loaded = subprocess.run([sys.executable, "-c", script], capture_output=True, text=True, check=True).stdout.split()
    assert "zmq" in loaded
    assert not {"torch", "net", "numpy", "psutil", "asyncio", "nacl"} & set(loaded)
