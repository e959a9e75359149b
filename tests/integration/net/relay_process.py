"""A relay, or a host of an expert that hides behind one, as a process of its own over ZeroMQ on loopback.

usage: python relay_process.py RECORD [RELAY'S CONTACT IN HEX]

Prints its contact in hex once it serves, and lives until its stdin ends. Either hosts the expert `bench.0`, and
answers Ping, and TrunkFetch with what it brought. RECORD:
every frame that comes to this process or leaves it is appended to this file, as it is after CURVE; "" for none.
"""

import asyncio
import os
import random
import sys
import threading
from pathlib import Path
from typing import Any

from core.experts.runtime import OpenGate
from core.experts.service import ExpertHost
from core.experts.spec import ExpertSpec, OptimizerSpec
from net.addresses import Contact
from net.clock import SystemClock, new_event_loop
from net.identity import Identity
from net.nat.relay_limits import RelayLimits
from net.rpc.base import Caller, Payload, Reply
from net.transport.zeromq import Listen, ZmqTransport
from net.wire.codec import decode_fields, encode_fields
from net.wire.limits import MIB
from net.wire.messages import Ping, TrunkFetch, TrunkState
from tests.support.relays import RelayPeer
from tests.support.rpc import pong

PROJECT = bytes(range(32))
HIDDEN = 64
SPEC = ExpertSpec("ffn", HIDDEN, 4 * HIDDEN, OptimizerSpec(learning_rate=1e-3))
FAST = RelayLimits(bytes_per_s=10_000 * MIB, burst_bytes=1000 * MIB, reservation_bytes=10_000 * MIB)


def zeromq_peer(*, dialable: bool, limits: RelayLimits | None = None) -> RelayPeer:
    transport = ZmqTransport(Listen() if dialable else Listen(announce=""))
    return RelayPeer(
        transport,
        Identity.generate(),
        SystemClock(),
        random.Random(),
        dialable=dialable,
        reversible=False,
        limits=limits,
    )


def record(peer: RelayPeer, path: Path) -> None:
    """Append every frame that passes between the peer's connections and what is above them."""
    file = path.open("ab", buffering=0)
    seen: set[Any] = set()

    def write(frames: Any) -> None:
        for frame in frames:
            file.write(bytes(frame))

    received = peer.transport.received

    def receive(link: Any, frames: Any) -> None:
        if link not in seen:
            seen.add(link)
            send = link.send
            link.send = lambda out: (write(out), send(out))[1]
        write(frames)
        received(link, frames)

    peer.transport.received = receive  # type: ignore[method-assign]


async def echo(caller: Caller, request: TrunkFetch, payload: Payload) -> Reply:
    return Reply(TrunkState(0, ()), payload)


class Somebody:
    """A peer of which only the contact is known."""

    def __init__(self, contact: Contact) -> None:
        self.rpc = self
        self.contact = contact


async def main(path: str, relay: str) -> None:
    peer = zeromq_peer(dialable=not relay, limits=FAST)
    if path:
        record(peer, Path(path))
    host = ExpertHost(peer.rpc, PROJECT, ["cpu"], OpenGate(), lambda *_: None, SystemClock())
    host.add("bench.0", SPEC, 7)
    host.start()
    peer.rpc.handle(Ping, pong)
    peer.rpc.handle(TrunkFetch, echo)
    if relay:
        await peer.hide(Somebody(decode_fields(Contact, bytes.fromhex(relay))))  # type: ignore[arg-type]
    else:
        peer.relay()
    print(encode_fields(peer.contact).hex(), flush=True)  # noqa: T201 - how the test learns it
    loop, ended = asyncio.get_running_loop(), asyncio.Event()

    def wait_for_the_end() -> None:
        while os.read(0, 1024):
            pass
        loop.call_soon_threadsafe(ended.set)

    threading.Thread(target=wait_for_the_end, daemon=True).start()
    await ended.wait()
    await host.close()
    await peer.close()


if __name__ == "__main__":
    with asyncio.Runner(loop_factory=new_event_loop) as runner:
        runner.run(main(sys.argv[1], sys.argv[2] if len(sys.argv) > 2 else ""))
