"""RpcPeer in virtual time: servers that misbehave, bounds, and what the user sees of it."""

import asyncio
from typing import Any

import pytest

from net.errors import (
    LimitError,
    NetError,
    PeerUnreachable,
    QueueFull,
    RemoteError,
    WireError,
)
from net.identity import Identity, sign_contact
from net.rpc import calls, serving
from net.transport.memory import Conditions
from net.wire.codec import encode
from net.wire.envelope import Envelope, Kind, pack, unpack
from net.wire.limits import CHUNK_BYTES, MIB
from net.wire.messages import (
    ExpertForward,
    ExpertResults,
    Failure,
    FailureCode,
    FindNode,
    Ping,
    Plane,
    Pong,
    Welcome,
)
from tests.support.rpc import FORWARD, echo, never, now, pong

# --- misbehaving servers --------------------------------------------------------------------------------------


def answering(peer: Any, *answers: tuple[Envelope, bytes, list[bytes]]) -> None:
    """Let this peer answer every request but Hello with exactly these messages."""

    def begin(link: Any, envelope: Envelope, body: Any, frames: Any) -> None:
        for answer, encoded, payload in answers:
            link.send([pack(answer._replace(call=answer.call or envelope.call), encoded), *payload])

    peer._server._begin = begin


def response(message: Any, sizes: tuple[int, ...] = ()) -> tuple[Envelope, bytes]:
    return Envelope(Kind.RESPONSE, message.CODE, 0, 0, sizes), encode(message)


def chunk(index: int) -> tuple[Envelope, bytes]:
    return Envelope(Kind.CHUNK, 0, 0, index), b""


@pytest.mark.parametrize(
    "answers",
    [
        [(Envelope(Kind.RESPONSE, 99, 0), b"\x90", [])],
        [(Envelope(Kind.RESPONSE, Pong.CODE, 0), b"\xff", [])],
        [(Envelope(Kind.FAILURE, Failure.CODE, 0), b"\x90", [])],
        [(*response(ExpertResults(()), (10,)), [b"12345678901"])],
        [(*response(ExpertResults(()), (CHUNK_BYTES + 9,)), [bytes(CHUNK_BYTES)]), (*chunk(2), [bytes(9)])],
        [(*response(ExpertResults(()), (CHUNK_BYTES + 9,)), [bytes(CHUNK_BYTES)])] * 2,
        [(Envelope(Kind.RESPONSE, Welcome.CODE, 0), b"\x90", [])],
    ],
    ids=["code", "body", "failure", "payload", "chunk", "twice", "welcome"],
)
def test_nonsense_from_a_server_is_a_wire_error(world: Any, answers: Any) -> None:
    @world.run
    async def scenario() -> None:
        alice, bob = world.peer(), world.peer()
        answering(bob, *answers)
        with pytest.raises(WireError):
            await alice.call(bob.contact, FORWARD, timeout=5)
        assert alice._client._quota.used == 0


def test_unsolicited_duplicate_and_late_answers_are_passed_over(world: Any) -> None:
    @world.run
    async def scenario() -> None:
        alice, bob = world.peer(), world.peer()
        stray = Envelope(Kind.RESPONSE, Pong.CODE, 2**63), encode(Pong(9.0)), []
        answering(bob, stray, (*response(Pong(1.0)), []), (*response(Pong(2.0)), []))
        assert (await alice.call(bob.contact, Ping(), timeout=5)).message == Pong(1.0)


def test_a_request_on_the_wrong_plane_is_refused(world: Any) -> None:
    @world.run
    async def scenario() -> None:
        alice, bob = world.peer(), world.peer()
        bob.handle(ExpertForward, echo)
        bob.handle(Ping, pong)
        await alice.call(bob.contact, Ping(), timeout=5)
        (connection,) = alice._client.connections
        assert connection.plane is Plane.CONTROL
        answers: list[Any] = []
        alice._client.received = lambda link, envelope, body, frames: answers.append(envelope)
        connection.link.send([pack(Envelope(Kind.REQUEST, ExpertForward.CODE, 50, 1000), encode(FORWARD))])
        await asyncio.sleep(1)
        assert [answer.kind for answer in answers] == [Kind.FAILURE]


# --- bounds ---------------------------------------------------------------------------------------------------


def test_too_large_a_message_or_payload_is_refused_before_it_is_sent(world: Any) -> None:
    @world.run
    async def scenario() -> None:
        alice, bob = world.peer(), world.peer()
        with pytest.raises(LimitError):
            await alice.call(bob.contact, FindNode(bytes(31)), timeout=5)
        with pytest.raises(LimitError):
            await alice.call(bob.contact, FORWARD, [bytes(65 * MIB)], timeout=5)


def test_more_pending_calls_than_allowed_are_queue_full(world: Any, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(calls, "MAX_PENDING_CALLS", 3)

    @world.run
    async def scenario() -> None:
        alice, bob = world.peer(), world.peer()
        bob.handle(Ping, never)
        waiting = [asyncio.create_task(alice.call(bob.contact, Ping(), timeout=1)) for _ in range(3)]
        await asyncio.sleep(0.1)
        with pytest.raises(QueueFull):
            await alice.call(bob.contact, Ping(), timeout=1)
        await asyncio.gather(*waiting, return_exceptions=True)


def test_the_least_recently_used_idle_connection_makes_room(world: Any, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(calls, "MAX_OUTBOUND", 2)

    @world.run
    async def scenario() -> None:
        alice, *others = [world.peer() for _ in range(4)]
        for other in others:
            other.handle(Ping, pong)
            await alice.call(other.contact, Ping(), timeout=1)
        kept = [connection.contact for connection in alice._client.connections]
        assert kept == [other.contact for other in others[1:]]
        others[0].handle(FindNode, never)
        others[1].handle(FindNode, never)
        busy = [asyncio.create_task(alice.call(other.contact, FindNode(bytes(32)), timeout=1)) for other in others[:2]]
        await asyncio.sleep(0.1)
        with pytest.raises(QueueFull):
            await alice.call(others[2].contact, Ping(), timeout=1)
        await asyncio.gather(*busy, return_exceptions=True)


def test_sessions_are_bounded_and_idle_ones_make_room(world: Any, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(serving, "MAX_SESSIONS", 2)

    @world.run
    async def scenario() -> None:
        bob = world.peer()
        bob.handle(Ping, pong)
        for _ in range(4):
            await world.peer().call(bob.contact, Ping(), timeout=1)
        assert len(bob._server.sessions) == 2


def test_bytes_under_way_are_bounded_for_each_peer(world: Any) -> None:
    @world.run
    async def scenario() -> None:
        alice, bob = world.peer(), world.peer()
        bob.handle(ExpertForward, echo)
        bob._server._quota._per_peer = MIB
        with pytest.raises(RemoteError) as caught:
            await alice.call(bob.contact, FORWARD, [bytes(2 * MIB)], timeout=5)
        assert caught.value.code == FailureCode.BUSY
        await alice.call(bob.contact, FORWARD, [bytes(MIB // 2)], timeout=5)
        assert bob._server._quota.used == 0


@pytest.mark.parametrize(
    "frames",
    [
        [pack(Envelope(Kind.REQUEST, ExpertForward.CODE, 999, 2000, (10,)), encode(FORWARD)), bytes(11)],
        [pack(Envelope(Kind.REQUEST, ExpertForward.CODE, 999, 2000, (10,)), encode(FORWARD), [bytes(11)])],
        [pack(Envelope(Kind.REQUEST, ExpertForward.CODE, 999, 2000, (10,)), encode(FORWARD), [bytes(9)])],
        [pack(Envelope(Kind.REQUEST, ExpertForward.CODE, 999, 2000, (10,)), encode(FORWARD), [bytes(10)]), b"more"],
        [pack(Envelope(Kind.REQUEST, ExpertForward.CODE, 999, 2000, (9999,), attached=True), encode(FORWARD))],
    ],
    ids=["beside", "attached and longer", "attached and shorter", "both", "attached and nothing"],
)
def test_a_payload_that_does_not_fit_its_sizes_is_a_bad_request_and_frees_its_share(world: Any, frames: Any) -> None:
    @world.run
    async def scenario() -> None:
        alice, bob = world.peer(), world.peer()
        bob.handle(ExpertForward, echo)
        await alice.call(bob.contact, FORWARD, timeout=5)
        (connection,) = alice._client.connections
        failures: list[Any] = []
        alice._client.received = lambda link, envelope, body, frames: failures.append(envelope.kind)
        connection.link.send(frames)
        await asyncio.sleep(1)
        assert failures == [Kind.FAILURE]
        assert (bob.serving, bob._server._quota.used) == (0, 0)


def test_a_slow_peer_does_not_delay_another(world: Any) -> None:
    @world.run
    async def scenario() -> None:
        world.network.delay_of = lambda one, other: 1.0 if slow._transport.address in {one, other} else 0.01
        alice, bob, slow = world.peer(), world.peer(), world.peer()
        for peer in (bob, slow):
            peer.handle(ExpertForward, echo)
        waiting = asyncio.create_task(alice.call(slow.contact, FORWARD, [bytes(5 * MIB)], timeout=300))
        await asyncio.sleep(0)
        began = now()
        await alice.call(bob.contact, FORWARD, [bytes(5 * MIB)], timeout=5)
        assert now() - began < 1
        await waiting


def test_bandwidth_bounds_a_payload_and_credit_keeps_it_moving(world: Any) -> None:
    @world.run
    async def scenario() -> None:
        world.network.conditions = Conditions(bandwidth=1_000_000.0, handshake=0)
        alice, bob = world.peer(), world.peer()
        bob.handle(ExpertForward, echo)
        began = now()
        await alice.call(bob.contact, FORWARD, [bytes(10_000_000)], timeout=60)
        assert now() - began == pytest.approx(20.0, rel=0.05)


# --- what the user sees ---------------------------------------------------------------------------------------


def test_peers_are_listed_once_with_direction_and_round_trip(world: Any) -> None:
    @world.run
    async def scenario() -> None:
        world.network.conditions = Conditions(latency=0.05)
        alice, bob, carol = (world.peer() for _ in range(3))
        for peer in (alice, bob):
            peer.handle(Ping, pong)
            peer.handle(ExpertForward, echo)
        for _ in range(3):
            await alice.call(bob.contact, Ping(), timeout=5)
        await alice.call(bob.contact, FORWARD, [bytes(1000)], timeout=5)
        await bob.call(alice.contact, Ping(), timeout=5)
        await carol.call(alice.contact, Ping(), timeout=5)
        rows = {row.peer_id: row for row in alice.peers()}
        assert set(rows) == {bob.peer_id, carol.peer_id}
        assert (rows[bob.peer_id].direction, rows[carol.peer_id].direction) == ("out", "in")
        assert rows[bob.peer_id].rtt_s == pytest.approx(0.1, rel=0.01)
        assert rows[bob.peer_id].address == bob.contact.control
        assert rows[bob.peer_id].received_bytes > 1000 < rows[bob.peer_id].sent_bytes
        assert rows[carol.peer_id].rtt_s is None
        assert rows[carol.peer_id].address == carol.contact.control


def test_a_peer_whose_connections_broke_is_not_listed_until_it_is_heard_again(world: Any) -> None:
    @world.run
    async def scenario() -> None:
        alice, bob = world.peer(), world.peer()
        for peer in (alice, bob):
            peer.handle(Ping, pong)
        await alice.call(bob.contact, Ping(), timeout=5)
        await bob.call(alice.contact, Ping(), timeout=5)
        assert [row.peer_id for row in alice.peers()] == [bob.peer_id]
        await bob.close()
        await asyncio.sleep(0.1)
        assert alice.peers() == []


def test_a_peer_that_cannot_be_dialled_is_listed_while_it_talks_to_us(world: Any) -> None:
    """Behind a router: it dials out, and nobody gets in."""

    @world.run
    async def scenario() -> None:
        alice, bob = world.peer(), world.peer()
        alice.handle(Ping, pong)
        await bob.call(alice.contact, Ping(), timeout=5)
        closed = sign_contact(
            bob._identity,
            curve_key=bob.contact.curve_key,
            control="tcp://10.9.9.9:1",
            bulk="tcp://10.9.9.9:2",
            expires=bob.contact.expires,
        )
        await asyncio.sleep(0.1)
        with pytest.raises(NetError):
            await alice.call(closed, Ping(), timeout=5)
        assert [(row.peer_id, row.direction) for row in alice.peers()] == [(bob.peer_id, "in")]


def test_nothing_of_a_dead_peer_stays(world: Any) -> None:
    @world.run
    async def scenario() -> None:
        alice, bob = world.peer(), world.peer()
        bob.handle(ExpertForward, never)
        call = asyncio.create_task(alice.call(bob.contact, FORWARD, [bytes(MIB)], timeout=60))
        await asyncio.sleep(0.1)
        assert bob.serving == 1
        await alice._transport.close()
        await asyncio.sleep(0.1)
        assert (bob.serving, bob._server._quota.used) == (0, 0)
        call.cancel()
        with pytest.raises((asyncio.CancelledError, NetError)):
            await call


def test_an_unknown_peer_is_unreachable(world: Any) -> None:
    @world.run
    async def scenario() -> None:
        alice = world.peer()
        nobody = sign_contact(
            Identity(bytes(32)),
            curve_key=bytes(32),
            control="tcp://10.9.9.9:1",
            bulk="tcp://10.9.9.9:1",
            expires=alice._clock.time() + 60,
        )
        with pytest.raises(PeerUnreachable, match=r"tcp://10\.9\.9\.9:1 cannot be reached: nobody listens there"):
            await alice.call(nobody, Ping(), timeout=5)


def test_first_frames_that_are_none_are_passed_over(world: Any) -> None:
    @world.run
    async def scenario() -> None:
        alice, bob = world.peer(), world.peer()
        bob.handle(Ping, pong)
        await alice.call(bob.contact, Ping(), timeout=5)
        (connection,) = alice._client.connections
        for frames in ([], [b""], [b"\x01"], [bytes(18)], [b"\x01\x63" + bytes(16)]):
            connection.link.send(frames or [b""])
        await alice.call(bob.contact, Ping(), timeout=5)
        assert unpack(pack(Envelope(Kind.CANCEL, 0, 1)))[0].kind is Kind.CANCEL
