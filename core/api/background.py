"""`background_server`, and the process that it starts: one server, until standard input ends."""

import contextlib
import json
import os
import subprocess
import sys
import threading
from collections.abc import Iterator
from pathlib import Path
from typing import Any, NamedTuple

from core.api.dht import PeerID
from core.api.server import Server
from core.errors import HiveletError
from core.host.memory import keep_heap_small

_START_S = 60.0


class ServerInfo(NamedTuple):
    """A background server's peer id, and its addresses for `initial_peers`."""

    peer_id: PeerID
    addrs: list[str]


@contextlib.contextmanager
def background_server(shutdown_timeout: float = 10, **kwargs: Any) -> Iterator[ServerInfo]:
    """A server in a process of its own, gone when the context ends. kwargs: those of `Server.create` that JSON can
    carry. The process is a fresh interpreter, never a fork: classes that only this one registered are unknown there,
    those of installed packages are known. Raises HiveletError when it does not start."""
    process = subprocess.Popen(
        [sys.executable, "-m", "core.api.background", json.dumps(kwargs)],
        stdin=subprocess.PIPE,
        stdout=subprocess.PIPE,
        cwd=Path(__file__).parents[2],
        env={**os.environ, "PYTHONUNBUFFERED": "1"},
    )
    try:
        yield ServerInfo(*_first_line(process))
    finally:
        assert process.stdin is not None  # noqa: S101 - a pipe was asked for
        process.stdin.close()
        try:
            process.wait(shutdown_timeout)
        except subprocess.TimeoutExpired:
            process.kill()
            process.wait(shutdown_timeout)
        if process.stdout is not None:
            process.stdout.close()


def _first_line(process: "subprocess.Popen[bytes]") -> tuple[PeerID, list[str]]:
    out = process.stdout
    assert out is not None  # noqa: S101 - a pipe was asked for
    said: list[bytes] = []
    reading = threading.Thread(target=lambda: said.append(out.readline()), name="server output", daemon=True)
    reading.start()
    reading.join(_START_S)
    if not said or not said[0]:
        raise HiveletError("The background server did not start; its last words are above.")
    found = json.loads(said[0])
    return PeerID(bytes.fromhex(found["peer_id"])), found["addrs"]


def main() -> int:
    """Serve. Prints one JSON line with the peer's id and addresses."""
    keep_heap_small()
    try:
        server = Server.create(**json.loads(sys.argv[1]), start=True)
    except HiveletError as error:
        print(error, file=sys.stderr)  # noqa: T201
        return 1
    print(json.dumps({"peer_id": server.dht.peer_id.hex(), "addrs": server.dht.get_visible_maddrs()}), flush=True)  # noqa: T201
    while os.read(0, 1024):
        pass
    server.shutdown()
    return 0


if __name__ == "__main__":
    sys.exit(main())
