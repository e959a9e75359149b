"""One peer as a process of its own: prints its address, answers, and lives until it is killed or its stdin ends.

usage: python peer_process.py [BOOTSTRAP…]
"""

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
    config = NodeConfig(listen="tcp://127.0.0.1:0", bootstrap=tuple(sys.argv[1:]), loopback=True)
    node = await PeerNode.start(config, Identity.generate(), SystemClock())
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
