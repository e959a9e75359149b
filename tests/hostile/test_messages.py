"""Messages that are none: bombs of msgpack, false types, calls that break every rule of calls."""

import struct

import msgpack
import pytest

from net.wire.codec import encode
from net.wire.envelope import Envelope, Kind, pack
from net.wire.limits import MAX_CALLS_PER_PEER, PAYLOAD_BUFFERS, STREAM_BYTES
from net.wire.messages import PROTOCOL_VERSION, Failure, FailureCode, FindNode, FindValue, Nodes, Ping, Pong, Store
from tests.support.siege import Node, siege
from tests.support.strangers import Stranger, request, strangers

KEY = bytes(32)
BOMBS = {
    "depth 60,000": b"\x91" * 60_000 + b"\xc0",
    "array32 of 2^32 - 1": b"\xdd\xff\xff\xff\xff",
    "map32 of 2^32 - 1": b"\xdf\xff\xff\xff\xff",
    "str32 of 2^32 - 1": b"\xdb\xff\xff\xff\xff" + b"x" * 100,
    "bin32 of 2^32 - 1": b"\xc6\xff\xff\xff\xff" + b"x" * 100,
    "ext32 of 2^32 - 1": b"\xc9\xff\xff\xff\xff\x01" + b"x" * 100,
    "nothing but empty maps": b"\xdc" + struct.pack("!H", 60_000) + b"\x80" * 60_000,
    "nothing but empty arrays": b"\xdc" + struct.pack("!H", 60_000) + b"\x90" * 60_000,
    "duplicate keys": b"\x91\x82\xa1a\x01\xa1a\x02",
    "a map where an array belongs": msgpack.packb({"target": KEY}),
    "an extension type": b"\x91" + msgpack.packb(msgpack.ExtType(1, KEY)),
    "a timestamp": b"\x91\xd6\xff\x00\x00\x00\x00",
    "NaN": msgpack.packb([float("nan")]),
    "text that is no UTF-8": b"\x91\xd9\x20" + b"\xff" * 32,
    "text for bytes": msgpack.packb(["x" * 32]),
    "a number for bytes": msgpack.packb([7]),
    "too few bytes": msgpack.packb([KEY[:31]]),
    "too many bytes": msgpack.packb([KEY + b"x"]),
    "no field": msgpack.packb([]),
    "a field too many": msgpack.packb([KEY, 1]),
    "trailing bytes": msgpack.packb([KEY]) + b"\x00",
    "a reserved byte": b"\xc1",
    "nothing at all": b"",
}


def head(code: int, call: int, body: bytes, *, version: int = PROTOCOL_VERSION, argument: int = 5000) -> bytes:
    return struct.pack("!BBHQIH", version, Kind.REQUEST, code, call, argument, 0) + body


async def test_bombs_are_answered_as_bad_requests(node: Node) -> None:
    # A body has at most 63 KB, of which msgpack makes at most so many lists: 56 bytes each, for a moment.
    async with siege(node, "bombs of msgpack", grow_mb=24):
        with strangers() as context:
            stranger = Stranger(context, node.contact)
            await stranger.greet()
            for _ in range(20):
                for name, body in BOMBS.items():
                    answer = await stranger.ask(head(FindNode.CODE, 7, body))
                    assert isinstance(answer, Failure), name
                    assert answer.code == FailureCode.BAD_REQUEST, name
            assert isinstance(await stranger.ask(request(FindNode(KEY))), Nodes)


@pytest.mark.parametrize(
    ("body", "code"),
    [
        (msgpack.packb([[], b"", b""]), FailureCode.BAD_REQUEST),
        (msgpack.packb([[KEY] * 17, b"", b""]), FailureCode.BAD_REQUEST),
        (msgpack.packb([[KEY] * 2, b"a", KEY]), FailureCode.BAD_REQUEST),
        (msgpack.packb([[KEY], b"a" * 65, KEY]), FailureCode.BAD_REQUEST),
        (msgpack.packb([[KEY], True, KEY]), FailureCode.BAD_REQUEST),
    ],
)
async def test_keys_that_break_a_bound(node: Node, body: bytes, code: FailureCode) -> None:
    with strangers() as context:
        stranger = Stranger(context, node.contact)
        await stranger.greet()
        assert (await stranger.ask(head(FindValue.CODE, 7, body))).code == code


async def test_methods_that_nobody_serves(node: Node) -> None:
    """Unknown numbers, answers sent as questions, questions on the wrong plane."""
    async with siege(node, "every message number", grow_mb=16):
        with strangers() as context:
            stranger = Stranger(context, node.contact)
            await stranger.greet()
            for code in [*range(16), *range(24, 256), 2**16 - 1]:
                if code == 3:
                    continue
                answer = await stranger.ask(head(code, 7, b"\x90"))
                assert isinstance(answer, Failure), code
                assert answer.code in {FailureCode.UNKNOWN_METHOD, FailureCode.BAD_REQUEST}, code
            wrong = Stranger(context, node.contact, bulk=True)
            await wrong.greet()
            assert (await wrong.ask(request(FindNode(KEY)))).code == FailureCode.BAD_REQUEST


async def test_calls_that_break_the_rules_of_calls(node: Node) -> None:
    async with siege(node, "calls that break the rules", grow_mb=24):
        with strangers() as context:
            stranger = Stranger(context, node.contact)
            await stranger.greet()
            socket = stranger.socket
            # answers that nobody asked for, chunks and credits of calls that there are not
            for kind in (Kind.RESPONSE, Kind.FAILURE, Kind.CHUNK, Kind.CREDIT, Kind.CANCEL):
                for call in range(300):
                    await socket.send_multipart([pack(Envelope(kind, Nodes.CODE, call, 2**32 - 1)), bytes(100)])
            # a payload that is announced and never comes, with no time to come in, and with all the time there is
            for call, milliseconds in ((1000, 0), (1001, 2**32 - 1)):
                sizes = (STREAM_BYTES,)
                await socket.send(pack(Envelope(Kind.REQUEST, Ping.CODE, call, milliseconds, sizes), encode(Ping())))
            too_late = await stranger.answer()
            assert too_late.code in {FailureCode.TOO_LATE, FailureCode.BUSY}
            # more bytes than announced, fewer, none: by another, for the first has no room left
            stranger = Stranger(context, node.contact)
            await stranger.greet()
            socket = stranger.socket
            for frames in ([bytes(9)], [bytes(3), bytes(3)], [b""]):
                envelope = Envelope(Kind.REQUEST, Ping.CODE, 2000, 200, (8,))
                answer = await stranger.ask(pack(envelope, encode(Ping())), *frames)
                assert answer.code in {FailureCode.BAD_REQUEST, FailureCode.TOO_LATE}
            # sizes beyond the frame, and beyond all bounds
            await socket.send(head(Ping.CODE, 3000, b"")[:-2] + struct.pack("!H", PAYLOAD_BUFFERS))
            await socket.send(head(Ping.CODE, 3000, b"")[:-2] + b"\xff\xff" + bytes(60_000))
            await socket.send(head(Ping.CODE, 3000, b"")[:-2] + b"\x00\x02" + b"\xff" * 8 + encode(Ping()))
            assert isinstance(await stranger.ask(request(Ping(), 4000)), Pong)


async def test_payloads_that_never_come_keep_no_room(node: Node) -> None:
    """64 MB announced, 64 times, by each of four keys: the room is taken on paper, and given back at the deadline."""
    async with siege(node, "payloads of 16 GB announced", grow_mb=24):
        with strangers() as context:
            for _ in range(4):
                stranger = Stranger(context, node.contact)
                await stranger.greet()
                codes = []
                for call in range(MAX_CALLS_PER_PEER):
                    envelope = Envelope(Kind.REQUEST, Ping.CODE, call + 10, 500, (STREAM_BYTES,))
                    await stranger.socket.send(pack(envelope, encode(Ping())))
                for _ in range(MAX_CALLS_PER_PEER):
                    answer = await stranger.answer()
                    codes.append(answer.code)
                assert codes.count(FailureCode.BUSY) >= MAX_CALLS_PER_PEER - 2
                assert FailureCode.TOO_LATE in codes


async def test_more_calls_at_once_than_one_peer_may_have(node: Node) -> None:
    async with siege(node, "5,000 calls at once", grow_mb=24):
        with strangers() as context:
            stranger = Stranger(context, node.contact)
            await stranger.greet()
            body = encode(Store(b"", ()))
            for call in range(5000):
                await stranger.socket.send(pack(Envelope(Kind.REQUEST, Store.CODE, call + 10, 5000), body))
            answers = [await stranger.answer() for _ in range(1000)]
            assert {answer.code for answer in answers} <= {FailureCode.UNAUTHORIZED, FailureCode.BUSY}
