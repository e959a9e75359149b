"""Whole peers over ZeroMQ on loopback, some of them processes of their own."""

import asyncio
import subprocess
import sys
import time
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any

import pytest

from net.clock import SystemClock
from net.dht.base import Entry, dht_key
from net.errors import AddressError, PeerUnreachable
from net.identity import Identity
from net.node import NodeConfig, PeerNode
from net.wire.messages import ExpertForward, Ping, TrunkFetch

FORWARD = ExpertForward(bytes(32), ())
PROGRAM = Path(__file__).with_name("peer_process.py")


async def start(*bootstrap: str, **settings: Any) -> PeerNode:
    config = NodeConfig(bootstrap=bootstrap, loopback=True, **settings)
    return await PeerNode.start(config, Identity.generate(), SystemClock())


async def until(condition: Callable[[], object], seconds: float = 5.0) -> None:
    async with asyncio.timeout(seconds):
        while not condition():  # noqa: ASYNC110 - there is no event for what another process does
            await asyncio.sleep(0.01)


@pytest.fixture
def start_process() -> Iterator[Callable[..., tuple[Any, str]]]:
    started = []

    def begin(*bootstrap: str) -> tuple[Any, str]:
        process = subprocess.Popen(
            [sys.executable, str(PROGRAM), *bootstrap], stdin=subprocess.PIPE, stdout=subprocess.PIPE, text=True
        )
        started.append(process)
        assert process.stdout is not None
        return process, process.stdout.readline().strip()

    yield begin
    for process in started:
        process.kill()
        process.communicate()


async def test_two_peers_find_each_other_by_one_address() -> None:
    first = await start()
    second = await start(first.address)
    await until(lambda: first.dht.contacts() and second.dht.contacts())
    entry = Entry(dht_key("greeting"), b"", b"hello", time.time() + 60)
    await second.dht.store([entry])
    found = await first.dht.get([entry.key])
    assert [record.value for record in found[entry.key]] == [b"hello"]
    assert {row.peer_id for row in first.peers()} == {second.peer_id}
    assert {row.peer_id for row in second.peers()} == {first.peer_id}
    await second.close()
    await first.close()


async def test_a_third_peer_learns_of_the_second_through_the_first() -> None:
    nodes = [await start()]
    nodes += [await start(nodes[0].address) for _ in range(2)]
    everyone = {node.contact.public_key for node in nodes}
    await until(
        lambda: all(
            {c.public_key for c in node.dht.contacts()} | {node.contact.public_key} == everyone for node in nodes
        )
    )
    for node in nodes:
        await node.close()


async def test_the_first_of_two_bootstrap_addresses_may_be_dead() -> None:
    gone = await start()
    await gone.close()
    first = await start()
    second = await start(gone.address, first.address)
    await until(second.dht.contacts)
    assert second.bootstrap_problem == ""
    await second.close()
    await first.close()


async def test_a_bootstrap_that_comes_later_is_found_and_named_until_then() -> None:
    first = await start()
    address = first.address
    await first.close()
    second = await start(address)
    await until(lambda: second.bootstrap_problem)
    assert second.bootstrap_problem == (
        f"The bootstrap peer {address} cannot be used: {address} cannot be reached: nobody answers there."
    )
    late = await start(listen=address)
    await until(second.dht.contacts)
    assert second.bootstrap_problem == ""
    await second.close()
    await late.close()


async def test_a_pinned_address_accepts_nobody_else() -> None:
    first = await start()
    right = await start(f"{first.address}#{first.peer_id.hex()}")
    wrong = await start(f"{first.address}#{'00' * 32}")
    await until(right.dht.contacts)
    await until(lambda: wrong.bootstrap_problem)
    assert "another peer than the one named" in wrong.bootstrap_problem
    for node in (wrong, right, first):
        await node.close()


async def test_another_network_is_refused_with_a_clear_sentence() -> None:
    first = await start()
    other = await start(first.address, network="testers")
    await until(lambda: other.bootstrap_problem)
    assert "This peer belongs to the network 'hivelet', not 'testers'." in other.bootstrap_problem
    await other.close()
    await first.close()


async def test_known_contacts_lead_back_without_a_bootstrap_address(tmp_path: Path) -> None:
    contacts_file = tmp_path / "contacts.msgpack"
    first = await start()
    second = await start(first.address, contacts_file=contacts_file)
    await until(second.dht.contacts)
    await second.close()
    again = await start(contacts_file=contacts_file)
    await until(again.dht.contacts)
    await again.close()
    await first.close()


async def test_a_port_in_use_is_one_clear_sentence_and_leaves_nothing_open() -> None:
    first = await start()
    with pytest.raises(AddressError, match=r"Port \d+ is in use on 127\.0\.0\.1; choose another with --listen\."):
        await start(listen=first.address)
    await first.close()
    again = await start(listen=first.address)
    assert again.address == first.address
    await again.close()


@pytest.mark.parametrize(
    ("settings", "sentence"),
    [
        ({"listen": "tcp://192.0.2.7:0"}, "rules out"),
        ({"listen": "4242"}, "is not an address of the form"),
        ({"bootstrap": ("tcp://127.0.0.1:0",)}, "port 0"),
        ({"bootstrap": ("somewhere",)}, "is not an address of the form"),
    ],
)
async def test_an_address_that_cannot_be_used_is_one_clear_sentence(settings: Any, sentence: str) -> None:
    with pytest.raises(AddressError, match=sentence):
        await PeerNode.start(NodeConfig(loopback=True, **settings), Identity.generate(), SystemClock())


async def test_a_loopback_peer_is_on_loopback_only_and_dials_nothing_else() -> None:
    node = await start("tcp://192.0.2.7:4242")
    assert node.address.startswith("tcp://127.0.0.1:")
    assert node.contact.control.startswith("tcp://127.0.0.1:")
    assert node.contact.bulk.startswith("tcp://127.0.0.1:")
    await until(lambda: node.bootstrap_problem)
    assert "outside this computer" in node.bootstrap_problem
    await node.close()


async def test_a_killed_process_is_noticed_at_once(start_process: Any) -> None:
    process, address = start_process()
    node = await start(address)
    await until(node.dht.contacts, 20)
    (contact,) = node.dht.contacts()
    payload = [bytes(range(256)) * 4000]
    reply = await node.rpc.call(contact, FORWARD, payload, timeout=20)
    assert [bytes(buffer) for buffer in reply.payload] == payload
    waiting = [
        asyncio.create_task(node.rpc.call(contact, TrunkFetch(bytes(32)), timeout=60)),
        asyncio.create_task(node.rpc.call(contact, FORWARD, [bytes(60 * 1024 * 1024)], timeout=60)),
    ]
    await asyncio.sleep(0.02)
    process.kill()
    killed = time.monotonic()
    results = await asyncio.gather(*waiting, return_exceptions=True)
    assert [type(result) for result in results] == [PeerUnreachable] * 2
    with pytest.raises(PeerUnreachable):
        await node.rpc.call(contact, Ping(), timeout=60)
    assert time.monotonic() - killed < 2  # some milliseconds on a computer that has nothing else to do
    await node.close()


async def test_a_process_ends_cleanly_when_asked_to(start_process: Any) -> None:
    process, address = start_process()
    other, _ = start_process(address)
    for peer in (other, process):
        _, _ = await asyncio.to_thread(peer.communicate, "", 20)
        assert peer.returncode == 0
