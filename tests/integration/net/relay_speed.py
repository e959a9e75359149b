"""How fast a relayed link is beside a direct one, over loopback: a relay and a hidden host, each a process of its own.

usage: python -m tests.integration.net.relay_speed
"""

import asyncio
import json
import os
import subprocess
import sys
import time
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from statistics import median

from net.addresses import Contact
from net.clock import new_event_loop
from net.wire.codec import decode_fields, encode_fields
from net.wire.messages import Ping, TrunkFetch
from tests.integration.net.relay_process import zeromq_peer

ROOT = Path(__file__).parents[3]
PAYLOAD = 8_000_000
ROUNDS = 7


@contextmanager
def other(relay: str = "") -> Iterator[Contact]:
    """A relay, or a host behind it."""
    with subprocess.Popen(
        [sys.executable, "-m", "tests.integration.net.relay_process", "", *([relay] if relay else [])],
        cwd=ROOT,
        stdin=subprocess.PIPE,
        stdout=subprocess.PIPE,
        text=True,
        env={**os.environ, "HIVELET_LOOPBACK": "1", "OMP_NUM_THREADS": "1"},
    ) as process:
        try:
            assert process.stdout is not None
            yield decode_fields(Contact, bytes.fromhex(process.stdout.readline()))
        finally:
            process.kill()


async def measure() -> None:
    caller = zeromq_peer(dialable=False)
    with other() as relay, other(encode_fields(relay).hex()) as hidden:
        pings: dict[str, list[float]] = {"direct": [], "relayed": []}
        rates: dict[str, list[float]] = {"direct": [], "relayed": []}
        ways = {"direct": relay, "relayed": hidden}
        for _ in range(ROUNDS):  # in turns, so that what else the computer does falls on both
            for way, contact in ways.items():
                for _ in range(40):
                    began = time.perf_counter()
                    await caller.rpc.call(contact, Ping(), timeout=5)
                    pings[way].append(time.perf_counter() - began)
                began = time.perf_counter()
                await caller.rpc.call(contact, TrunkFetch(bytes(32)), [bytes(PAYLOAD)], timeout=30)
                rates[way].append(2 * PAYLOAD / (time.perf_counter() - began) / 1e6)
        result = {
            way: {"p50_ms": round(median(pings[way]) * 1000, 2), "MB_per_s": round(median(rates[way]), 1)}
            for way in ways
        }
        print(json.dumps(result))  # noqa: T201 - the figures
    await caller.close()


if __name__ == "__main__":
    with asyncio.Runner(loop_factory=new_event_loop) as runner:
        runner.run(measure())
