"""A swarm outlives the peer that everyone joined through: real processes, some of which are killed."""

import subprocess
import sys
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any

import pytest

from net.clock import SystemClock
from net.contacts_file import load_contacts
from net.identity import Identity
from net.node import NodeConfig, PeerNode
from tests.integration.net.test_node import until

PROGRAM = Path(__file__).with_name("peer_process.py")
Begin = Callable[..., tuple[subprocess.Popen[str], str]]


@pytest.fixture
def begin() -> Iterator[Begin]:
    started: list[subprocess.Popen[str]] = []

    def start(*arguments: str | Path) -> tuple[subprocess.Popen[str], str]:
        process = subprocess.Popen(
            [sys.executable, str(PROGRAM), *map(str, arguments)],
            stdin=subprocess.PIPE,
            stdout=subprocess.PIPE,
            text=True,
        )
        started.append(process)
        assert process.stdout is not None
        return process, process.stdout.readline().strip()

    yield start
    for process in started:
        process.kill()
        process.communicate()


async def member(contacts_file: Path, *bootstrap: str) -> PeerNode:
    config = NodeConfig(bootstrap=bootstrap, loopback=True, contacts_file=contacts_file)
    return await PeerNode.start(config, Identity.generate(), SystemClock())


async def test_without_its_bootstrap_peer_a_swarm_is_joined_again_from_memory(begin: Begin, tmp_path: Path) -> None:
    memory = tmp_path / "contacts"
    first, address = begin()
    others = [begin("--identity", tmp_path / f"identity{number}", address) for number in range(2)]
    visitor = await member(memory, address)
    await until(lambda: len(visitor.dht.contacts()) == 3, 20)
    await visitor.close()
    first.kill()
    first.wait()

    again = await member(memory, address)  # its bootstrap address leads nowhere for ever
    await until(lambda: len(again.dht.contacts()) == 2, 20)
    assert again.bootstrap_problem == ""
    await again.close()

    # Now everyone else restarts as well, with new keys at the old places: no contact of the memory holds any more.
    for number, (process, place) in enumerate(others):
        process.kill()
        process.wait()
        begin("--identity", tmp_path / f"identity{number}", "--listen", place)
    assert load_contacts(memory, SystemClock().time()).addresses
    later = await member(memory)
    await until(later.dht.contacts, 20)
    await later.close()


async def test_a_stale_memory_does_not_delay_a_fresh_bootstrap_peer(begin: Begin, tmp_path: Path) -> None:
    memory = tmp_path / "contacts"
    gone, address = begin()
    visitor = await member(memory, address)
    await until(visitor.dht.contacts, 20)
    await visitor.close()
    gone.kill()
    gone.wait()
    _, fresh = begin()
    node: Any = await member(memory, fresh)
    await until(node.dht.contacts, 2)
    await node.close()
