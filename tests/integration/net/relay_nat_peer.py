"""One peer in a network namespace. It prints a JSON line whenever something about it changes, until its stdin ends.

usage: python relay_nat_peer.py public|host|ask [BOOTSTRAP]

public: relays for others. host: serves an expert, and announces it in the DHT once others can reach this peer.
ask: finds that expert in the DHT and trains it, as soon as a line comes on stdin.
"""

import asyncio
import json
import os
import sys
import threading
import time
from typing import Any

from net.clock import SystemClock, new_event_loop
from net.identity import Identity
from net.node import NodeConfig, PeerNode

PROJECT = bytes(range(32))
HIDDEN = 64
ROWS = 300


class Inputs:
    """Lines of standard input."""

    def __init__(self) -> None:
        self.count = 0
        self.ended = asyncio.Event()
        loop = asyncio.get_running_loop()
        threading.Thread(target=self._read, args=(loop,), daemon=True).start()

    def _read(self, loop: asyncio.AbstractEventLoop) -> None:
        while os.read(0, 1024):
            self.count += 1
        loop.call_soon_threadsafe(self.ended.set)


async def serve(node: PeerNode) -> Any:
    """Host the expert `bench.0`."""
    from core.experts.runtime import OpenGate  # noqa: PLC0415 - torch takes seconds, and most peers do without
    from core.experts.service import ExpertHost  # noqa: PLC0415
    from core.experts.spec import ExpertSpec, OptimizerSpec  # noqa: PLC0415

    host = ExpertHost(node.rpc, PROJECT, ["cpu"], OpenGate(), lambda *_: None, SystemClock())
    host.add("bench.0", ExpertSpec("ffn", HIDDEN, 4 * HIDDEN, OptimizerSpec(learning_rate=1e-3)), 7)
    host.start()
    return host


async def announce(node: PeerNode) -> None:
    from core.experts.announcement import VERSION, Announcement, row_key  # noqa: PLC0415
    from net.dht.base import Entry  # noqa: PLC0415

    now = time.time()
    value = Announcement(VERSION, node.contact, now, 0, "serving").to_bytes()
    await node.dht.store([Entry(row_key(PROJECT, "bench."), b"0", value, now + 600)])


async def train(node: PeerNode) -> dict[str, object]:
    """Find the expert, and ask it forward and backward."""
    import torch  # noqa: PLC0415

    from core.experts.directory import ExpertDirectory  # noqa: PLC0415
    from core.experts.outcome import Call, Kind  # noqa: PLC0415
    from core.experts.remote_expert import CallerConfig, ExpertCaller  # noqa: PLC0415
    from core.experts.uid import Grid  # noqa: PLC0415

    grid = Grid("bench.", (1,))
    directory = ExpertDirectory(node.dht, node.rpc, lambda: node.contact, PROJECT, [grid], SystemClock())
    async with asyncio.timeout(20):
        while directory.callable_host("bench.0") is None:  # records come without a signal
            await directory.refresh()
            await asyncio.sleep(0.1)
    caller = ExpertCaller(node.rpc, directory, None, asyncio.get_running_loop(), PROJECT, CallerConfig())
    x, gradients = torch.randn(ROWS, HIDDEN), torch.randn(ROWS, HIDDEN)
    began = time.perf_counter()
    (forward,) = await asyncio.to_thread(caller.call, Kind.FORWARD, [Call("bench.0", (x,))])
    (backward,) = await asyncio.to_thread(caller.call, Kind.BACKWARD, [Call("bench.0", (x, gradients))])
    return {"text": forward.text + backward.text, "seconds": round(time.perf_counter() - began, 3)}


async def main(role: str, *bootstrap: str) -> None:
    inputs = Inputs()
    config = NodeConfig(bootstrap=bootstrap, relay_for_others=role == "public")
    node = await PeerNode.start(config, Identity.generate(), SystemClock())
    host = await serve(node) if role == "host" else None
    told: dict[str, object] = {}
    announced: object = None
    result: dict[str, object] | None = None
    while not inputs.ended.is_set():
        relays = [route for route in node.contact.routes if route.relay]
        if host is not None and relays and announced != node.contact:
            announced = node.contact
            await announce(node)
        if role == "ask" and inputs.count and result is None:
            result = await train(node)
        now: dict[str, object] = {
            "state": str(node.reach.state),
            "address": node.address,
            "relays": len(relays) if announced or host is None else 0,
            "table": len(node.dht.contacts()),
            "relayed_bytes": node.relayed_bytes,
            "result": result,
        }
        if now != told:
            print(json.dumps(now), flush=True)  # noqa: T201 - how the test learns it
            told = now
        try:
            await asyncio.wait_for(inputs.ended.wait(), 0.05)
        except TimeoutError:
            continue
    if host is not None:
        await host.close()
    await node.close()


if __name__ == "__main__":
    with asyncio.Runner(loop_factory=new_event_loop) as runner:
        runner.run(main(*sys.argv[1:]))
