"""Peers of an older and of a newer version, over the real wire: each is told which versions met and what to do."""

import asyncio
import struct
import time
from typing import Any

import pytest
import zmq
from zmq.utils import z85

from net.addresses import Contact
from net.clock import SystemClock
from net.errors import RemoteError
from net.identity import Identity, sign_contact
from net.node import NodeConfig, PeerNode
from net.wire.codec import decode, encode
from net.wire.envelope import Envelope, Kind, pack, unpack
from net.wire.messages import PROTOCOL_VERSION, Failure, FailureCode, Hello, Introduce, Ping
from tests.support.siege import Node, peer, until
from tests.support.strangers import Stranger, request, strangers

OLDER, NEWER = PROTOCOL_VERSION - 1, PROTOCOL_VERSION + 1
SENTENCES = {
    version: f"You speak protocol version {version}; this peer speaks version {PROTOCOL_VERSION}: {advice}."
    for version, advice in ((OLDER, "update Hivelet"), (NEWER, "it must be updated first"))
}


def in_version(version: int, frame: bytes) -> bytes:
    """The same first frame, as a peer of another version would begin it."""
    return bytes([version]) + frame[1:]


@pytest.mark.parametrize("version", [OLDER, NEWER])
@pytest.mark.parametrize("bulk", [False, True], ids=["control", "bulk"])
async def test_both_planes_refuse_another_version(node: Node, version: int, bulk: bool) -> None:
    """By the first byte, whatever follows it in that version; and by the version that a Hello names."""
    with strangers() as context:
        for frame in (
            in_version(version, request(Ping(), 12)),
            in_version(version, struct.pack("!BBHQ", 0, Kind.REQUEST, Hello.CODE, 12) + b"whatever is new"),
        ):
            stranger = Stranger(context, node.contact, bulk=bulk)
            answer = await stranger.ask(frame)
            assert (answer.code, answer.text) == (FailureCode.VERSION, SENTENCES[version])
        stranger = Stranger(context, node.contact, bulk=bulk)
        answer = await stranger.ask(stranger.hello(version=version))
        assert (answer.code, answer.text) == (FailureCode.VERSION, SENTENCES[version])


@pytest.mark.parametrize("version", [OLDER, NEWER])
async def test_the_introduction_port_refuses_another_version(node: Node, version: int) -> None:
    introduce = pack(Envelope(Kind.REQUEST, Introduce.CODE, 12), encode(Introduce(version, "hivelet", bytes(16))))
    with strangers() as context:
        for frame in (introduce, in_version(version, introduce)):
            socket = context.socket(zmq.DEALER)
            socket.connect(node.address)
            await socket.send(frame)
            async with asyncio.timeout(5):
                (answer,) = await socket.recv_multipart()
            envelope, body = unpack(answer)
            assert (envelope.kind, envelope.call) == (Kind.FAILURE, 12)
            failure = decoded(body)
            assert (failure.code, failure.text) == (FailureCode.VERSION, SENTENCES[version])


def decoded(body: Any) -> Failure:
    message = decode(Failure.CODE, body)
    assert isinstance(message, Failure)
    return message


async def serve_as(version: int, server: Any) -> None:
    """Answer everything as a peer of another version does: by its own first byte, and what nobody here knows."""
    while True:
        routing_id, frame, *_ = await server.recv_multipart()
        head = struct.pack("!BBH", version, Kind.FAILURE, Failure.CODE) + frame[4:12]
        await server.send_multipart([routing_id, head + b"whatever is new"])


@pytest.mark.parametrize(("version", "advice"), [(OLDER, "it must be updated first"), (NEWER, "update Hivelet")])
async def test_a_person_sees_why_a_bootstrap_peer_of_another_version_is_of_no_use(version: int, advice: str) -> None:
    with strangers() as context:
        server = context.socket(zmq.ROUTER)
        port = server.bind_to_random_port("tcp://127.0.0.1")
        serving = asyncio.create_task(serve_as(version, server))
        config = NodeConfig(bootstrap=(f"tcp://127.0.0.1:{port}",), loopback=True)
        node = await PeerNode.start(config, Identity.generate(), SystemClock())
        try:
            await until(lambda: node.bootstrap_problem)
            sentence = f"speaks protocol version {version}; Hivelet here speaks version {PROTOCOL_VERSION}: {advice}."
            assert sentence in node.bootstrap_problem
        finally:
            await node.close()
            serving.cancel()


@pytest.mark.parametrize(("version", "advice"), [(OLDER, "it must be updated first"), (NEWER, "update Hivelet")])
async def test_a_call_to_a_peer_of_another_version_says_so(node: Node, version: int, advice: str) -> None:
    with strangers() as context:
        public, secret = zmq.curve_keypair()
        server = context.socket(zmq.ROUTER)
        server.curve_server, server.curve_secretkey = True, secret
        address = f"tcp://127.0.0.1:{server.bind_to_random_port('tcp://127.0.0.1')}"
        serving = asyncio.create_task(serve_as(version, server))
        honest = peer()
        try:
            contact = card(public, address)
            with pytest.raises(RemoteError, match=f"speaks protocol version {version}.*{advice}"):
                await honest.call(contact, Ping(), timeout=5)
        finally:
            await honest.close()
            serving.cancel()


def card(public: bytes, address: str) -> Contact:
    return sign_contact(
        Identity.generate(), curve_key=z85.decode(public), control=address, bulk=address, expires=time.time() + 600
    )
