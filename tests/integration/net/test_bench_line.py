"""The lines of `hivelet bench line --netem`: the kernel's TCP crosses a long and lossy loopback."""

import json
import subprocess
import sys

import pytest

from tests.support import namespaces

_ECHO = """
import json, socket, sys, threading, time
from core.bench import netem
from core.bench.line import LineSpec

if sys.argv[1] == "tunnel":
    netem.queue_of = lambda spec: ("no-such-queue",)
made_by = netem.enter(LineSpec.parse("8mbit,60ms,1%"))
listener = socket.create_server(("127.0.0.1", 0))

def echo():
    connection, _ = listener.accept()
    while data := connection.recv(65536):
        connection.sendall(data)

threading.Thread(target=echo, daemon=True).start()
began = time.monotonic()
client = socket.create_connection(listener.getsockname(), timeout=20)
connected = time.monotonic() - began
sent = bytes(range(256)) * 400
threading.Thread(target=client.sendall, args=(sent,), daemon=True).start()
got = b""
while len(got) < len(sent):
    got += client.recv(65536)
print(json.dumps([made_by, connected, time.monotonic() - began, got == sent]))
"""


@pytest.mark.skipif(bool(namespaces.missing()), reason=namespaces.missing())
@pytest.mark.parametrize("way", ["tunnel", "netem"])
def test_the_kernel_s_tcp_crosses_a_line_of_packets(way: str) -> None:
    done = subprocess.run([sys.executable, "-c", _ECHO, way], capture_output=True, text=True, timeout=40, check=True)
    made_by, connected, took, same = json.loads(done.stdout)
    assert made_by in (("a tunnel in user space",) if way == "tunnel" else ("tc netem", "a tunnel in user space"))
    assert same
    assert 0.06 <= connected < 5  # a round trip, or some more where its first packet was lost
    assert took >= 2 * 102_400 / 1e6  # both ways share the rate
