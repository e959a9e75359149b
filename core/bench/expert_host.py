"""The other process of a measurement: one peer that hosts experts, and lives until its standard input ends."""

import asyncio
import contextlib
import json
import os
import queue
import subprocess
import threading
import time
from collections.abc import Iterator, Sequence
from dataclasses import asdict, dataclass
from itertools import islice
from typing import Any

from core.bench.settings import like_an_engine
from core.errors import HiveletError
from core.experts.announcement import VERSION, Announcement, row_key
from core.experts.runtime import OpenGate
from core.experts.service import ExpertHost
from core.experts.spec import ExpertSpec, OptimizerSpec
from core.experts.tickets import TicketLimits
from core.experts.uid import Grid, row_of
from core.paths import START_FOLDER, program_command
from net.clock import SystemClock, new_event_loop
from net.dht.base import Entry
from net.identity import Identity
from net.node import NodeConfig, PeerNode
from net.wire.limits import MIB

PROJECT = bytes(range(32))
SEED = 7
_LIFE_S = 3600.0
_START_S = 60.0


@dataclass(frozen=True, slots=True)
class HostOptions:
    """Which experts the process hosts: `experts` of one layer type, hidden -> inner -> hidden.

    dims: of their grid, like "4x4"; one row by default. Where the grid has more places, the first ones are taken.
    learning_rate: small by default, as the same rows come again and again. tickets_mb: memory for what backward calls
    will need.
    """

    layer: str = "nop"
    hidden: int = 1024
    inner: int = 4096
    experts: int = 1
    dims: str = ""
    learning_rate: float = 1e-5
    tickets_mb: int = TicketLimits().memory_bytes // MIB

    @property
    def grid(self) -> Grid:
        """Their places."""
        return Grid("bench.", tuple(map(int, self.dims.split("x"))) if self.dims else (self.experts,))

    @property
    def uids(self) -> list[str]:
        """Their names."""
        return list(islice(self.grid.uids(), self.experts))

    @property
    def spec(self) -> ExpertSpec:
        """What each of them is."""
        return ExpertSpec(self.layer, self.hidden, self.inner, OptimizerSpec(learning_rate=self.learning_rate))


@dataclass(frozen=True, slots=True)
class HostProcess:
    """A host that serves. start_s: how long it took until it did."""

    address: str
    pid: int
    start_s: float


def run_host(described: str) -> int:
    """Serve until standard input ends. Prints one JSON line with the address. Returns the exit code.

    described: `HostOptions` as JSON.
    """
    options = HostOptions(**json.loads(described))
    like_an_engine()
    with asyncio.Runner(loop_factory=new_event_loop) as runner:
        runner.run(_serve(options))
    return 0


async def _serve(options: HostOptions) -> None:
    clock = SystemClock()
    node = await PeerNode.start(NodeConfig(listen="tcp://127.0.0.1:0", loopback=True), Identity.generate(), clock)
    host = ExpertHost(
        node.rpc,
        PROJECT,
        ["cpu"],
        OpenGate(),
        lambda *_: None,
        clock,
        tickets=TicketLimits(memory_bytes=options.tickets_mb * MIB),
    )
    try:
        for number, uid in enumerate(options.uids):
            host.add(uid, options.spec, SEED + number)
        host.start()
        await _announce(node, options.uids)
        print(json.dumps({"address": node.address}), flush=True)  # noqa: T201 - how the other process learns it
        await _end_of_input()
    finally:
        await host.close()
        await node.close()


async def _announce(node: PeerNode, uids: Sequence[str]) -> None:
    now = time.time()
    value = Announcement(VERSION, node.contact, now, 0, "serving").to_bytes()
    places = [row_of(uid) for uid in uids]
    await node.dht.store([Entry(row_key(PROJECT, row), last.encode(), value, now + _LIFE_S) for row, last in places])


async def _end_of_input() -> None:
    loop, ended = asyncio.get_running_loop(), asyncio.Event()

    def wait() -> None:
        # os-level reads: a daemon thread inside sys.stdin's lock would abort the interpreter's exit.
        while os.read(0, 1024):
            pass
        loop.call_soon_threadsafe(ended.set)

    threading.Thread(target=wait, name="stdin", daemon=True).start()
    await ended.wait()


@contextlib.contextmanager
def host_process(options: HostOptions) -> Iterator[HostProcess]:
    """Run the host as a process of its own. It is gone afterwards, whatever happens.

    Raises HiveletError when it does not start.
    """
    began = time.perf_counter()
    process = subprocess.Popen(
        [*program_command(), "bench", "expert-host", json.dumps(asdict(options))],
        cwd=START_FOLDER,
        stdin=subprocess.PIPE,
        stdout=subprocess.PIPE,
        env={**os.environ, "HIVELET_LOOPBACK": "1", "OMP_NUM_THREADS": "1"},
    )
    try:
        address = _first_line(process)["address"]
        yield HostProcess(address, process.pid, time.perf_counter() - began)
    finally:
        assert process.stdin is not None  # noqa: S101 - a pipe was asked for
        process.stdin.close()
        try:
            process.wait(10.0)
        except subprocess.TimeoutExpired:
            process.kill()
            process.wait(10.0)
        if process.stdout is not None:
            process.stdout.close()


def _first_line(process: "subprocess.Popen[bytes]") -> dict[str, Any]:
    lines: queue.SimpleQueue[bytes] = queue.SimpleQueue()
    out = process.stdout
    assert out is not None  # noqa: S101 - a pipe was asked for
    threading.Thread(target=lambda: lines.put(out.readline()), name="host output", daemon=True).start()
    try:
        said = lines.get(timeout=_START_S)
    except queue.Empty:
        said = b""
    if not said:
        raise HiveletError("The process that hosts the experts did not start; its last words are above.")
    found: dict[str, Any] = json.loads(said)
    return found
