"""Contacts, records and identities by the thousand, none of them honest, against a real node's DHT."""

import asyncio
import contextlib
import socket
import time
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from dataclasses import replace
from typing import Any

import msgpack
import pytest

from net.addresses import Contact
from net.dht.base import Entry
from net.dht.record import sign_record
from net.dht.storage import StorageLimits
from net.errors import NetError
from net.identity import Identity, sign_contact
from net.rpc.peer import RpcPeer
from net.wire.codec import decode_fields, encode_fields
from net.wire.envelope import Envelope, Kind, pack
from net.wire.limits import MAX_RECORD_LIFE_S
from net.wire.messages import FindNode, FindValue, Nodes, Ping, Pong, Record, Store, Stored, Values
from tests.support.siege import Node, peer, siege, until
from tests.support.strangers import Stranger, request, strangers

KEY = b"k" * 32


async def token(rpc: RpcPeer, node: Node) -> bytes:
    reply = await rpc.call(node.contact, FindNode(KEY), timeout=5)
    assert isinstance(reply.message, Nodes)
    return reply.message.token


async def store(rpc: RpcPeer, node: Node, *records: Record) -> tuple[str, ...]:
    """Why each was refused; "" for those that are kept."""
    reply = await rpc.call(node.contact, Store(await token(rpc, node), records), timeout=5)
    assert isinstance(reply.message, Stored)
    return reply.message.refusals


def record(owner: Identity, subkey: bytes = b"", value: bytes = b"v", seq: int = 1, life: float = 60) -> Record:
    return sign_record(owner, Entry(KEY, subkey, value, time.time() + life), seq)


async def kept(rpc: RpcPeer, node: Node) -> list[Record]:
    reply = await rpc.call(node.contact, FindValue((KEY,), b"", b""), timeout=5)
    assert isinstance(reply.message, Values)
    return list(reply.message.found[0].records)


OWNER = Identity(b"o" * 32)
LIES: dict[str, Any] = {
    "a signature of zeros": lambda: replace(record(OWNER), signature=bytes(64)),
    "another owner": lambda: replace(record(OWNER), owner=Identity(b"p" * 32).public_key),
    "an owner that is no key": lambda: replace(record(OWNER), owner=bytes(32)),
    "another value": lambda: replace(record(OWNER), value=b"w"),
    "another key": lambda: replace(record(OWNER), key=b"K" * 32),
    "a later expiry": lambda: replace(record(OWNER), expires=time.time() + 600),
    "expired": lambda: record(OWNER, life=-1),
    "expiry 10^18": lambda: record(OWNER, life=1e18),
    "a clock that is a day ahead": lambda: record(OWNER, life=86_400 + 60),
    "a clock that is a day behind": lambda: record(OWNER, life=60 - 86_400),
    "longer than any may live": lambda: record(OWNER, life=MAX_RECORD_LIFE_S + 60),
}


async def test_records_that_lie(node: Node) -> None:
    async with siege(node, "records that lie", grow_mb=16) as honest:
        for name, lie in LIES.items():
            for _ in range(20):
                (refusal,) = await store(honest, node, lie())
                assert refusal, name
        assert await kept(honest, node) == []


async def test_records_beyond_every_bound_are_no_messages(node: Node) -> None:
    """seq = 2^63, 1 MB values, long subkeys cannot even be written down by an honest codec."""
    good = record(OWNER)
    fields = [good.key, good.subkey, good.owner, good.seq, good.expires, good.value, good.signature]
    with strangers() as context:
        stranger = Stranger(context, node.contact)
        await stranger.greet()
        found = await stranger.ask(request(FindNode(KEY)))
        for place, false in ((3, 2**63), (3, -1), (3, True), (4, 2**62), (5, bytes(1001)), (1, bytes(65)), (0, b"k")):
            wrong = [*fields[:place], false, *fields[place + 1 :]]
            answer = await stranger.ask(raw(Store.CODE, [found.token, [wrong]]))
            assert answer.code == 2, place


def raw(code: int, fields: list[Any]) -> bytes:
    return pack(Envelope(Kind.REQUEST, code, 9, 5000), msgpack.packb(fields))


async def test_one_sequence_number_with_two_values(node: Node) -> None:
    """Its owner may contradict itself: the node keeps one of the two, and is not talked into changing its mind."""
    owner = Identity(b"q" * 32)
    versions = [record(owner, value=bytes([number]), seq=5) for number in range(50)]
    async with siege(node, "one sequence number, 50 values", grow_mb=16) as honest:
        for _ in range(5):
            for version in versions:
                await store(honest, node, version)
        (one,) = [found for found in await kept(honest, node) if found.owner == owner.public_key]
        assert one in versions
        assert await store(honest, node, record(owner, value=b"newer", seq=6)) == ("",)
        assert (await store(honest, node, one))[0]
        (one,) = [found for found in await kept(honest, node) if found.owner == owner.public_key]
        assert one.value == b"newer"


async def test_a_flood_of_one_owners_records(node: Node) -> None:
    """6,400 subkeys of the largest values: its quota is the bound, and others are still kept."""
    quota = StorageLimits().owner_records
    owner = Identity(b"f" * 32)
    async with siege(node, "6,400 records of one owner", grow_mb=quota * 3000 / 1e6 + 16) as honest:
        right = await token(honest, node)
        kept_count = 0
        for batch in range(128):
            flood = [record(owner, bytes([batch, number]), bytes(1000)) for number in range(50)]
            reply = await honest.call(node.contact, Store(right, tuple(flood)), timeout=10)
            assert isinstance(reply.message, Stored)
            kept_count += reply.message.refusals.count("")
        assert kept_count == quota
        assert await store(honest, node, record(Identity(b"h" * 32), b"honest")) == ("",)


async def test_storing_without_a_token_or_with_another_ones(node: Node) -> None:
    async with siege(node, "2,000 stores without a token", grow_mb=16) as honest:
        others = await token(honest, node)
        with strangers() as context:
            thief = Stranger(context, node.contact)
            await thief.greet()
            flood = (record(Identity(b"t" * 32)),)
            for number in range(2000):
                answer = await thief.ask(request(Store((b"", others, bytes(16))[number % 3], flood), number + 10))
                assert answer.code == 6


def told(number: int, **changes: Any) -> Contact:
    """A signed card of a peer that need not exist."""
    fields = {
        "curve_key": bytes(32),
        "control": f"tcp://127.0.0.1:{2000 + number}",
        "bulk": "tcp://127.0.0.1:1",
        "expires": time.time() + 600,
    }
    return sign_contact(Identity(number.to_bytes(32, "big")), **(fields | changes))


@asynccontextmanager
async def liar(node: Node, answer: Any) -> AsyncIterator[RpcPeer]:
    """A peer that the node dials back and then asks, and that answers FIND_NODE with whatever it likes."""
    made = peer()

    async def find_node(caller: Any, question: Any, payload: Any) -> Nodes:
        return Nodes(answer(), b"token")

    async def pong(caller: Any, question: Any, payload: Any) -> Any:
        return Pong(time.time() + 86_400)  # its clock is a day ahead

    made.handle(FindNode, find_node)
    made.handle(Ping, pong)
    try:
        await made.call(node.contact, Ping(), timeout=5)
        yield made
    finally:
        await made.close()


async def test_contacts_of_nowhere(node: Node) -> None:
    """Itself, port 0, private, multicast and unspecified addresses, host names, forged and expired cards."""
    addresses = ["127.0.0.1:0", "0.0.0.0:9", "224.0.0.1:9", "255.255.255.255:9", "10.0.0.1:9", "[ff02::1]:9", "a.b:9"]
    cards = [told(number, control=f"tcp://{address}") for number, address in enumerate(addresses)]
    cards += [
        node.contact,
        replace(told(50), signature=bytes(64)),
        told(51, expires=time.time() - 1),
        told(52, control=""),
    ]
    cards += [told(53, expires=time.time() + 10**9)]
    before = node.descriptors()
    async with siege(node, "contacts of nowhere", grow_mb=16), liar(node, lambda: tuple(cards)) as one:
        for _ in range(5):
            await one.call(node.contact, FindNode(KEY), timeout=5)
            await asyncio.sleep(0.05)
        reply = await one.call(node.contact, FindNode(KEY), timeout=5)
        assert isinstance(reply.message, Nodes)
        keys = {contact.public_key for contact in reply.message.contacts}
        assert not keys & {card.public_key for card in cards}
    await until(lambda: node.descriptors() <= before + 10)


async def test_ten_thousand_contacts_in_one_answer_are_no_message(node: Node) -> None:
    """An answer may carry 20; more cannot be decoded, and so nothing of it is believed."""
    card = encode_fields(told(1))
    body = b"\x92\xdd" + (10_000).to_bytes(4, "big") + card * 10_000 + b"\xc4\x00"
    with pytest.raises(NetError):
        decode_fields(Nodes, body)
    with pytest.raises(NetError):
        decode_fields(Nodes, b"\x92\xdc\x00\x15" + card * 21 + b"\xc4\x00")


async def test_a_victims_address_announced_by_a_thousand(node: Node) -> None:
    """1,000 identities call, each with a card that names the victim: the node knocks there a few times and no more."""
    with socket.create_server(("127.0.0.9", 0), backlog=1000) as victim:
        address = f"tcp://127.0.0.9:{victim.getsockname()[1]}"
        victim.setblocking(False)
        async with siege(node, "a victim announced by 1,000", grow_mb=48):
            with strangers() as context:
                stranger = Stranger(context, node.contact)
                for number in range(1000):
                    identity = Identity(number.to_bytes(32, "little"))
                    routes = {"identity": identity, "control": address, "bulk": address}
                    await stranger.socket.send(stranger.hello(**routes))
                    await stranger.socket.send(request(Ping(), number + 10))
                    if number % 20 == 0:
                        await asyncio.sleep(0.02)
                await asyncio.sleep(1)
        knocks = 0
        with contextlib.suppress(BlockingIOError):
            while True:
                victim.accept()[0].close()
                knocks += 1
        assert 1 <= knocks <= 8


async def test_a_thousand_identities_of_one_address(node: Node) -> None:
    """Sybils that nobody can reach: none of them enters the table, whatever bucket they aim at."""
    async with siege(node, "1,000 Sybils that cannot be reached", grow_mb=32) as honest:
        with strangers() as context:
            stranger = Stranger(context, node.contact)
            names = set()
            for number in range(1000):
                identity = Identity(number.to_bytes(32, "big"))
                names.add(identity.public_key)
                port = 40_000 + number
                routes = {"control": f"tcp://127.0.0.8:{port}", "bulk": f"tcp://127.0.0.8:{port}"}
                await stranger.socket.send(stranger.hello(identity=identity, **routes))
                await stranger.socket.send(request(FindNode(KEY), number + 10))
                if number % 20 == 0:
                    await asyncio.sleep(0.01)
        reply = await honest.call(node.contact, FindNode(KEY), timeout=5)
        assert isinstance(reply.message, Nodes)
        assert not names & {contact.public_key for contact in reply.message.contacts}


@pytest.mark.parametrize("ahead", [86_400.0, -86_400.0])
async def test_a_node_whose_clock_is_off_by_a_day_serves_and_is_served(ahead: float) -> None:
    """Its cards hold long enough; its records are refused by others, and theirs by it, in a sentence."""
    wrong = await asyncio.to_thread(Node, "--clock-ahead", str(ahead))
    try:
        async with siege(wrong, f"a clock off by {ahead / 3600:+.0f} h", grow_mb=16) as honest:
            (refusal,) = await store(honest, wrong, record(OWNER))
            assert "expired" in refusal or "lives longer" in refusal
    finally:
        errors = await asyncio.to_thread(wrong.close)
    assert errors == ""
