"""One peer of `hivelet bench dht`, in a process of its own: does what it is told on standard input until that ends.

One JSON object a line, in any number at once; each is answered by one line with the same `id`.
"""

import asyncio
import base64
import json
import signal
import sys
import threading
import time
from typing import Any

from net.clock import SystemClock, new_event_loop
from net.dht.base import Entry
from net.identity import Identity
from net.node import NodeConfig, PeerNode

_LIFE_S = 300.0


def run_dht_peer(bootstrap: str) -> int:
    """bootstrap: an address to join through, "" for the first peer. Returns the exit code."""
    signal.signal(signal.SIGINT, signal.SIG_IGN)  # Ctrl-C reaches every process of a terminal: the bench ends us
    with asyncio.Runner(loop_factory=new_event_loop) as runner:
        runner.run(_serve(bootstrap))
    return 0


async def _serve(bootstrap: str) -> None:
    config = NodeConfig("tcp://127.0.0.1:0", bootstrap=(bootstrap,) if bootstrap else (), loopback=True)
    node = await PeerNode.start(config, Identity.generate(), SystemClock())
    try:
        _say({"id": 0, "address": node.address})
        lines = _lines()
        async with asyncio.TaskGroup() as group:
            while line := await lines.get():
                group.create_task(_obey(node, json.loads(line)))
    finally:
        await node.close()


async def _obey(node: PeerNode, order: dict[str, Any]) -> None:
    answer: dict[str, Any] = {"id": order["id"]}
    if order["do"] == "known":
        answer["peers"] = len(node.dht.table)
        answer["cpu"] = time.process_time()
    elif order["do"] == "store":
        expires = SystemClock().time() + _LIFE_S
        value = base64.b64decode(order["value"])
        entry = Entry(bytes.fromhex(order["key"]), bytes.fromhex(order["subkey"]), value, expires)
        answer["kept"] = (await node.dht.store([entry]))[0]
    else:
        key = bytes.fromhex(order["key"])
        found = (await node.dht.get([key]))[key]
        answer["found"] = {record.subkey.hex(): base64.b64encode(record.value).decode() for record in found}
    _say(answer)


def _say(answer: dict[str, Any]) -> None:
    print(json.dumps(answer), flush=True)  # noqa: T201 - how the other process learns it


def _lines() -> "asyncio.Queue[str]":
    """Lines of standard input as they come, then "" once. At most as many wait as the bench sends at once."""
    loop = asyncio.get_running_loop()
    lines: asyncio.Queue[str] = asyncio.Queue()

    def read() -> None:
        for line in sys.stdin:
            loop.call_soon_threadsafe(lines.put_nowait, line)
        loop.call_soon_threadsafe(lines.put_nowait, "")

    threading.Thread(target=read, name="stdin", daemon=True).start()
    return lines
