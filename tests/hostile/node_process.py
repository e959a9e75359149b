"""The node under attack, as a process of its own: prints one JSON line about itself, and lives until its stdin ends.

usage: node_process.py [--experts] [--relay] [--descriptors N] [--clock-ahead SECONDS]

It answers what a real engine's node answers. With --experts a real expert host serves `ffn.0` (see HIDDEN) too.
"""

import argparse
import asyncio
import json
import logging
import sys
import threading
from pathlib import Path
from typing import Any

sys.path.insert(0, str(Path(__file__).parents[2]))

from net.clock import SystemClock
from net.identity import Identity
from net.node import NodeConfig, PeerNode

HIDDEN = 64
PROJECT = bytes(range(32))
UID = "ffn.0"


class WrongClock(SystemClock):
    """A computer's clock that is wrong by so many seconds."""

    def __init__(self, ahead: float) -> None:
        self._ahead = ahead

    def time(self) -> float:
        return super().time() + self._ahead


def limit_descriptors(count: int) -> None:
    """Let this process open no more than `count` files, and let it not change its mind. POSIX only."""
    import resource  # noqa: PLC0415

    resource.setrlimit(resource.RLIMIT_NOFILE, (count, count))


def host_experts(node: PeerNode) -> Any:
    """A running host with one expert."""
    import torch  # noqa: PLC0415

    from core.experts.runtime import OpenGate  # noqa: PLC0415
    from core.experts.service import ExpertHost  # noqa: PLC0415
    from core.experts.spec import ExpertSpec  # noqa: PLC0415

    torch.set_num_threads(1)
    host = ExpertHost(node.rpc, PROJECT, ["cpu"], OpenGate(), lambda *_: None, SystemClock())
    host.add(UID, ExpertSpec("ffn", HIDDEN, HIDDEN), 0)
    host.start()
    return host


async def main() -> None:
    parser = argparse.ArgumentParser()
    parser.add_argument("--experts", action="store_true")
    parser.add_argument("--relay", action="store_true")
    parser.add_argument("--descriptors", type=int, default=0)
    parser.add_argument("--clock-ahead", type=float, default=0.0)
    options = parser.parse_args()
    logging.basicConfig(level=logging.ERROR)  # what attackers do is no error of ours
    if options.descriptors:
        limit_descriptors(options.descriptors)
    config = NodeConfig(listen="tcp://127.0.0.1:0", loopback=True, relay_for_others=options.relay)
    node = await PeerNode.start(config, Identity.generate(), WrongClock(options.clock_ahead))
    host = host_experts(node) if options.experts else None
    print(json.dumps({"address": node.address}), flush=True)  # noqa: T201 - how the test learns it
    loop, ended = asyncio.get_running_loop(), asyncio.Event()

    def wait_for_the_end() -> None:
        sys.stdin.read()
        loop.call_soon_threadsafe(ended.set)

    threading.Thread(target=wait_for_the_end, daemon=True).start()
    await ended.wait()
    if host is not None:
        await host.close()
    await node.close()


if __name__ == "__main__":
    with asyncio.Runner(loop_factory=asyncio.SelectorEventLoop) as runner:
        runner.run(main())
