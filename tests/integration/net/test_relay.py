"""A host hidden behind a relay, over ZeroMQ, each a process of its own: it serves, and the relay reads nothing."""

import asyncio
import os
import random
import subprocess
import sys
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any

import pytest
import torch

from core.experts.announcement import VERSION, Announcement, row_key
from core.experts.directory import ExpertDirectory
from core.experts.outcome import Call, Kind
from core.experts.remote_expert import CallerConfig, ExpertCaller
from core.experts.uid import Grid
from net.addresses import Contact
from net.clock import SystemClock
from net.dht.base import Entry
from net.wire.codec import decode_fields, encode_fields
from tests.integration.net.relay_process import HIDDEN, PROJECT, zeromq_peer
from tests.support.expert_swarm import FakeDht

ROOT = Path(__file__).parents[3]
CLOCK = SystemClock()
Start = Callable[..., Contact]


@pytest.fixture
def start() -> Iterator[Start]:
    """Starts `relay_process.py` and returns its contact."""
    processes = []

    def begin(record: Path | None = None, relay: str = "") -> Contact:
        process = subprocess.Popen(
            [
                sys.executable,
                "-m",
                "tests.integration.net.relay_process",
                str(record or ""),
                *([relay] if relay else []),
            ],
            cwd=ROOT,
            stdin=subprocess.PIPE,
            stdout=subprocess.PIPE,
            text=True,
            env={**os.environ, "HIVELET_LOOPBACK": "1", "OMP_NUM_THREADS": "1"},
        )
        processes.append(process)
        assert process.stdout is not None
        return decode_fields(Contact, bytes.fromhex(process.stdout.readline()))

    yield begin
    for process in processes:
        process.kill()
        process.communicate()


async def train(caller: Any, host: Contact, seed: int) -> tuple[list[torch.Tensor], torch.Tensor]:
    """Ask this host's expert forward and backward: the tensors that travelled, and the outputs."""
    dht = FakeDht({}, host.public_key, CLOCK)
    value = Announcement(VERSION, host, CLOCK.time(), 0, "serving").to_bytes()
    await dht.store([Entry(row_key(PROJECT, "bench."), b"0", value, CLOCK.time() + 60)])
    directory = ExpertDirectory(dht, caller.rpc, lambda: caller.contact, PROJECT, [Grid("bench.", (1,))], CLOCK)
    await directory.refresh()
    experts = ExpertCaller(caller.rpc, directory, None, asyncio.get_running_loop(), PROJECT, CallerConfig())
    generator = torch.Generator().manual_seed(seed)
    x, gradients = (torch.randn(300, HIDDEN, generator=generator) for _ in range(2))
    (forward,) = await asyncio.to_thread(experts.call, Kind.FORWARD, [Call("bench.0", (x,))])
    assert forward.ok, forward.text
    (backward,) = await asyncio.to_thread(experts.call, Kind.BACKWARD, [Call("bench.0", (x, gradients))])
    assert backward.ok, backward.text
    (after,) = await asyncio.to_thread(experts.call, Kind.FORWARD, [Call("bench.0", (x,))])
    assert not torch.equal(after.tensors[0], forward.tensors[0])  # it has learned
    return [x, gradients, *forward.tensors, *backward.tensors], forward.tensors[0]


def found(tensors: list[torch.Tensor], record: Path) -> int:
    """How many of many 24-byte pieces of the tensors, taken at random, are in the record."""
    recorded, rng = record.read_bytes(), random.Random(2)
    pieces = []
    for tensor in tensors:
        data = tensor.detach().numpy().tobytes()
        pieces += [data[at : at + 24] for at in (rng.randrange(0, len(data) - 24) for _ in range(25))]
    return sum(piece in recorded for piece in pieces)


async def test_a_hidden_host_serves_an_expert_and_its_relay_reads_nothing(start: Start, tmp_path: Path) -> None:
    record = tmp_path / "record"
    relay = start(record)
    hidden = start(None, encode_fields(relay).hex())
    assert (hidden.dialable, [route.relay for route in hidden.routes]) == (False, [relay.curve_key])
    caller = zeromq_peer(dialable=True)
    try:
        tensors, output = await train(caller, hidden, 1)
        assert record.stat().st_size > 2 * 7 * tensors[0].nbytes  # three calls' tensors came to the relay, and left it
        assert found(tensors, record) == 0
        # The same search finds what the relay itself is asked: it can find something, and would.
        plain, same = await train(caller, relay, 2)
        assert found(plain, record) == 100
        assert found(tensors, record) == 0
        assert output.shape == same.shape
    finally:
        await caller.close()
