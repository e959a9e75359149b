"""One peer in a namespace: prints a JSON line whenever something about it changes, until its stdin ends.

usage: python nat_peer.py [--mapping] [--lan] [--contacts FILE] [--listen ADDRESS] [BOOTSTRAP…]
"""

import argparse
import asyncio
import json
import logging
import sys
import threading
from pathlib import Path

from net.clock import SystemClock
from net.identity import Identity, peer_id_of
from net.node import NodeConfig, PeerNode


def status(node: PeerNode) -> dict[str, object]:
    return {
        "peer_id": node.peer_id.hex(),
        "state": str(node.reach.state),
        "address": node.address,
        "routes": [[route.control, bool(route.relay)] for route in node.contact.routes],
        "known": sorted(peer.peer_id.hex() for peer in node.peers()),
        "table": sorted(peer_id_of(contact.public_key).hex() for contact in node.dht.contacts()),
        "problem": node.reach.mapping_problem,
        "outside": node.reach.router_host,
        "alone": node.bootstrap_problem,
    }


async def main() -> None:
    parser = argparse.ArgumentParser()
    parser.add_argument("--mapping", action="store_true")
    parser.add_argument("--lan", action="store_true")
    parser.add_argument("--contacts", type=Path)
    parser.add_argument("--listen", default="")
    parser.add_argument("--log", action="store_true")
    parser.add_argument("bootstrap", nargs="*")
    chosen = parser.parse_args()
    if chosen.log:
        logging.basicConfig(level=logging.DEBUG)
    config = NodeConfig(
        listen=chosen.listen, bootstrap=tuple(chosen.bootstrap), contacts_file=chosen.contacts,
        port_mapping=chosen.mapping, lan_discovery=chosen.lan,
    )  # fmt: skip
    node = await PeerNode.start(config, Identity.generate(), SystemClock())
    loop, ended = asyncio.get_running_loop(), asyncio.Event()

    def wait_for_the_end() -> None:
        sys.stdin.read()
        loop.call_soon_threadsafe(ended.set)

    threading.Thread(target=wait_for_the_end, daemon=True).start()
    told: dict[str, object] = {}
    while not ended.is_set():
        now = status(node)
        if now != told:
            print(json.dumps(now), flush=True)  # noqa: T201 - how the test learns it
            told = now
        try:
            await asyncio.wait_for(ended.wait(), 0.05)
        except TimeoutError:
            continue
    await node.close()


if __name__ == "__main__":
    with asyncio.Runner(loop_factory=asyncio.SelectorEventLoop) as runner:
        runner.run(main())
