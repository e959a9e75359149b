"""One peer as a process of its own: prints its address, answers, and lives until it is killed or its stdin ends.

usage: python peer_process.py [--contacts FILE] [--identity FILE] [--listen ADDRESS] [BOOTSTRAP…]
"""

import argparse
import asyncio
import sys
import threading
from pathlib import Path

sys.path.insert(0, str(Path(__file__).parents[3]))

from net.clock import SystemClock
from net.identity import Identity
from net.node import NodeConfig, PeerNode
from net.rpc.base import Caller, Payload, Reply
from net.wire.messages import ExpertForward, ExpertResults, TrunkFetch


async def echo(caller: Caller, request: ExpertForward, payload: Payload) -> Reply:
    return Reply(ExpertResults(()), payload)


async def never(caller: Caller, request: TrunkFetch, payload: Payload) -> Reply:
    await asyncio.Event().wait()
    raise AssertionError


async def main() -> None:
    parser = argparse.ArgumentParser()
    parser.add_argument("--contacts", type=Path)
    parser.add_argument("--identity", type=Path)
    parser.add_argument("--listen", default="tcp://127.0.0.1:0")
    parser.add_argument("bootstrap", nargs="*")
    chosen = parser.parse_args()
    config = NodeConfig(
        listen=chosen.listen, bootstrap=tuple(chosen.bootstrap), loopback=True, contacts_file=chosen.contacts
    )
    identity = Identity.load_or_create(chosen.identity) if chosen.identity else Identity.generate()
    node = await PeerNode.start(config, identity, SystemClock())
    node.rpc.handle(ExpertForward, echo)
    node.rpc.handle(TrunkFetch, never)
    print(node.address, flush=True)  # noqa: T201 - how the test learns it
    loop, ended = asyncio.get_running_loop(), asyncio.Event()

    def wait_for_the_end() -> None:
        sys.stdin.read()
        loop.call_soon_threadsafe(ended.set)

    threading.Thread(target=wait_for_the_end, daemon=True).start()
    await ended.wait()
    await node.close()


if __name__ == "__main__":
    with asyncio.Runner(loop_factory=asyncio.SelectorEventLoop) as runner:
        runner.run(main())
