"""RpcPeer in virtual time over the memory transport: what the conformance suite leaves to one transport."""

import asyncio
import logging
from typing import Any

import pytest

from net.errors import (
    ClosedError,
    DeadlineExceeded,
    IdentityError,
    LimitError,
    NetError,
    PeerUnreachable,
    QueueFull,
    RecordError,
    RemoteError,
    WireError,
)
from net.identity import Identity, sign_contact
from net.rpc import calls, serving
from net.rpc.base import Reply
from net.transport.memory import Conditions
from net.wire.codec import encode
from net.wire.envelope import Envelope, Kind, pack, unpack
from net.wire.limits import CHUNK_BYTES, CONTACT_LIFE_S, MIB
from net.wire.messages import (
    PROTOCOL_VERSION,
    ExpertForward,
    ExpertResults,
    Failure,
    FailureCode,
    FindNode,
    Hello,
    Nodes,
    Ping,
    Plane,
    Pong,
    Welcome,
)

FORWARD = ExpertForward(bytes(32), ())


async def pong(caller: Any, request: Ping, payload: Any) -> Pong:
    return Pong(1.5)


async def echo(caller: Any, request: ExpertForward, payload: Any) -> Reply:
    return Reply(ExpertResults(()), payload)


async def never(caller: Any, request: Any, payload: Any) -> Pong:
    await asyncio.Event().wait()
    raise AssertionError


def now() -> float:
    return asyncio.get_running_loop().time()


# --- errors of handlers ---------------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("raised", "code", "text", "retry_after"),
    [
        (RemoteError(FailureCode.PAUSED, "It sleeps.", 60.0), FailureCode.PAUSED, "It sleeps.", 60.0),
        (RemoteError(FailureCode.BUSY, "x" * 1000, 1e9), FailureCode.BUSY, "x" * 300, 3600.0),
        (RecordError("Too old."), FailureCode.BAD_REQUEST, "Too old.", 0.0),
        (KeyError("secret detail"), FailureCode.INTERNAL, "The request failed here; it is not your fault.", 0.0),
        (TimeoutError(), FailureCode.INTERNAL, "The request failed here; it is not your fault.", 0.0),
    ],
    ids=["remote", "long", "net", "bug", "timeout"],
)
@pytest.mark.parametrize("local", [False, True], ids=["far", "self"])
def test_what_a_handler_raises_becomes_a_failure(
    world: Any, caplog: Any, raised: Exception, code: int, text: str, retry_after: float, local: bool
) -> None:
    @world.run
    async def scenario() -> None:
        bob = world.peer()
        alice = bob if local else world.peer()

        async def fail(caller: Any, request: Ping, payload: Any) -> Pong:
            raise raised

        bob.handle(Ping, fail)
        with caplog.at_level(logging.CRITICAL, "net.rpc.serving"), pytest.raises(RemoteError) as caught:
            await alice.call(bob.contact, Ping(), timeout=5)
        assert caught.value.code == code
        if not local:  # a peer's own texts need no cutting
            assert (caught.value.text, caught.value.retry_after) == (text, retry_after)


def test_an_unserved_message_is_an_unknown_method(world: Any) -> None:
    @world.run
    async def scenario() -> None:
        alice, bob = world.peer(), world.peer()
        for peer in (alice, bob):
            with pytest.raises(RemoteError) as caught:
                await peer.call(bob.contact, Ping(), timeout=5)
            assert caught.value.code == FailureCode.UNKNOWN_METHOD


def test_a_type_is_served_once_and_hello_never(world: Any) -> None:
    @world.run
    async def scenario() -> None:
        bob = world.peer()
        bob.handle(Ping, pong)
        with pytest.raises(ValueError, match="Ping is served already"):
            bob.handle(Ping, pong)
        with pytest.raises(ValueError, match="no request that can be served"):
            bob.handle(Hello, pong)


def test_an_answer_that_breaks_its_bounds_is_an_internal_failure(world: Any, caplog: Any) -> None:
    @world.run
    async def scenario() -> None:
        alice, bob = world.peer(), world.peer()

        async def wrong(caller: Any, request: Ping, payload: Any) -> Nodes:
            return Nodes((), bytes(33))

        bob.handle(Ping, wrong)
        with caplog.at_level(logging.CRITICAL, "net.rpc.serving"), pytest.raises(RemoteError) as caught:
            await alice.call(bob.contact, Ping(), timeout=5)
        assert caught.value.code == FailureCode.INTERNAL


# --- calls to oneself -----------------------------------------------------------------------------------------


def test_a_call_to_oneself_goes_straight_to_the_handler(world: Any) -> None:
    @world.run
    async def scenario() -> None:
        alice = world.peer(dialable=False)
        seen = []

        async def note(caller: Any, request: ExpertForward, payload: Any) -> Reply:
            seen.append((caller.peer_id, caller.contact))
            return Reply(ExpertResults(()), payload)

        alice.handle(ExpertForward, note)
        buffer = bytearray(b"mine")
        reply = await alice.call(alice.contact, FORWARD, [buffer], timeout=1)
        assert reply.payload[0] is buffer
        assert seen == [(alice.peer_id, alice.contact)]
        alice.handle(Ping, never)
        with pytest.raises(DeadlineExceeded):
            await alice.call(alice.contact, Ping(), timeout=1)
        await alice.close()
        with pytest.raises(ClosedError):
            await alice.call(alice.contact, Ping(), timeout=1)


# --- deadlines ------------------------------------------------------------------------------------------------


def test_a_deadline_is_kept_to_the_millisecond_and_ends_the_handler_too(world: Any) -> None:
    @world.run
    async def scenario() -> None:
        world.network.conditions = Conditions(latency=0.1)
        alice, bob = world.peer(), world.peer()
        bob.handle(Ping, pong)
        bob.handle(FindNode, never)
        await alice.call(bob.contact, Ping(), timeout=5)
        began = now()
        with pytest.raises(DeadlineExceeded, match=r"did not answer within 3\.0 seconds"):
            await alice.call(bob.contact, FindNode(bytes(32)), timeout=3)
        assert now() - began == pytest.approx(3.0)
        assert bob.serving == 1  # the request travelled for 0.1 s, and so does the news of its end
        await asyncio.sleep(0.2)
        assert bob.serving == 0


def test_a_request_whose_payload_never_comes_is_given_up_at_its_deadline(world: Any) -> None:
    @world.run
    async def scenario() -> None:
        alice, bob = world.peer(), world.peer()
        bob.handle(ExpertForward, echo)
        await alice.call(bob.contact, FORWARD, timeout=5)
        (connection,) = alice._client.connections
        envelope = Envelope(Kind.REQUEST, ExpertForward.CODE, 999, 2000, (60 * MIB,))
        connection.link.send([pack(envelope, encode(FORWARD)), bytes(10)])
        await asyncio.sleep(1)
        assert (bob.serving, bob._server._quota.used) == (1, 60 * MIB)
        await asyncio.sleep(1.5)
        assert (bob.serving, bob._server._quota.used) == (0, 0)


def test_lost_messages_become_deadlines(world: Any) -> None:
    @world.run
    async def scenario() -> None:
        alice, bob = world.peer(), world.peer()
        bob.handle(Ping, pong)
        await alice.call(bob.contact, Ping(), timeout=1)
        world.network.conditions.loss = 1.0
        with pytest.raises(DeadlineExceeded):
            await alice.call(bob.contact, Ping(), timeout=1)
        world.network.conditions.loss = 0.0
        await alice.call(bob.contact, Ping(), timeout=1)


def test_a_partition_is_silent_and_heals(world: Any) -> None:
    @world.run
    async def scenario() -> None:
        alice, bob = world.peer(), world.peer()
        bob.handle(Ping, pong)
        world.network.partition([alice._transport], [bob._transport])
        with pytest.raises(DeadlineExceeded):
            await alice.call(bob.contact, Ping(), timeout=2)
        world.network.heal()
        await asyncio.sleep(20)  # the connection that never came to be is given up
        await alice.call(bob.contact, Ping(), timeout=2)


# --- sessions -------------------------------------------------------------------------------------------------


def test_a_forgotten_session_is_renewed_and_the_call_repeated(world: Any) -> None:
    @world.run
    async def scenario() -> None:
        alice, bob = world.peer(), world.peer()
        bob.handle(ExpertForward, echo)
        payload = [bytes(range(256)) * 8000]
        await alice.call(bob.contact, FORWARD, payload, timeout=5)
        bob._server._sessions.clear()
        replies = await asyncio.gather(*(alice.call(bob.contact, FORWARD, payload, timeout=5) for _ in range(5)))
        assert [bytes(reply.payload[0]) for reply in replies] == payload * 5


def test_a_peer_that_always_asks_for_hello_gets_no_third_try(world: Any) -> None:
    @world.run
    async def scenario() -> None:
        alice, bob = world.peer(), world.peer()
        bob.handle(Ping, pong)
        requests = []

        def begin(link: Any, envelope: Any, body: Any, frames: Any) -> None:
            requests.append(envelope)
            raise RemoteError(FailureCode.HELLO_REQUIRED, "Say Hello first.")

        bob._server._begin = begin
        with pytest.raises(RemoteError) as caught:
            await alice.call(bob.contact, Ping(), timeout=5)
        assert caught.value.code == FailureCode.HELLO_REQUIRED
        assert len(requests) == 2


def test_contacts_are_renewed_before_they_expire_on_both_sides(world: Any) -> None:
    @world.run
    async def scenario() -> None:
        alice, bob = world.peer(), world.peer()
        seen = []

        async def note(caller: Any, request: Ping, payload: Any) -> Pong:
            seen.append(caller.contact)
            return Pong(0.0)

        bob.handle(Ping, note)
        for _ in range(40):  # a month and more
            await alice.call(bob.contact, Ping(), timeout=5)
            assert seen[-1] == alice.contact
            assert seen[-1].expires - alice._clock.time() >= CONTACT_LIFE_S / 2 - 1
            await asyncio.sleep(86400)
        assert len(set(seen)) > 10


def test_a_session_ends_with_its_contact(world: Any) -> None:
    @world.run
    async def scenario() -> None:
        alice, bob = world.peer(), world.peer()
        bob.handle(Ping, pong)
        await alice.call(bob.contact, Ping(), timeout=5)
        hellos = []
        greet = bob._server._greet
        bob._server._greet = lambda *arguments: (hellos.append(now()), greet(*arguments))
        alice._client._own_contact = lambda: alice._contact  # it renews nothing
        alice._contact = sign_contact(
            alice._identity,
            curve_key=alice._contact.curve_key,
            control="",
            bulk="",
            expires=alice._clock.time() + 100,
        )
        await alice.call(bob.contact, Ping(), timeout=5)
        await asyncio.sleep(101)
        with pytest.raises(RemoteError) as caught:
            await alice.call(bob.contact, Ping(), timeout=5)
        assert caught.value.code == FailureCode.UNAUTHORIZED
        assert len(hellos) == 2


def test_another_network_is_refused_with_a_clear_sentence(world: Any) -> None:
    @world.run
    async def scenario() -> None:
        alice, bob = world.peer(), world.peer(network="testers")
        bob.handle(Ping, pong)
        with pytest.raises(RemoteError, match="This peer belongs to the network 'testers', not 'hivelet'"):
            await alice.call(bob.contact, Ping(), timeout=5)


def test_another_version_is_refused_with_a_clear_sentence(world: Any, monkeypatch: pytest.MonkeyPatch) -> None:
    @world.run
    async def scenario() -> None:
        alice, bob = world.peer(), world.peer()
        bob.handle(Ping, pong)
        monkeypatch.setattr(calls, "PROTOCOL_VERSION", PROTOCOL_VERSION + 1)
        with pytest.raises(RemoteError, match="You speak protocol version 2; this peer speaks version 1") as caught:
            await alice.call(bob.contact, Ping(), timeout=5)
        assert caught.value.code == FailureCode.VERSION


@pytest.mark.parametrize("side", ["client", "server"])
def test_frames_of_another_version_end_the_call_with_version(world: Any, side: str) -> None:
    @world.run
    async def scenario() -> None:
        alice, bob = world.peer(), world.peer()
        bob.handle(Ping, pong)
        changed = alice if side == "server" else bob
        received = changed.received

        def as_if_newer(link: Any, frames: Any) -> None:
            received(link, [bytes([9]) + bytes(frames[0])[1:], *frames[1:]])

        changed._transport.attach(_Redirect(changed, as_if_newer))
        with pytest.raises(RemoteError, match="protocol version 9") as caught:
            await alice.call(bob.contact, Ping(), timeout=5)
        assert caught.value.code == FailureCode.VERSION


class _Redirect:
    def __init__(self, peer: Any, received: Any) -> None:
        self.received = received
        self.writable = peer.writable
        self.lost = peer.lost


def test_forged_and_expired_contacts_are_not_dialled(world: Any) -> None:
    @world.run
    async def scenario() -> None:
        alice, bob = world.peer(), world.peer()
        expired = sign_contact(
            bob._identity,
            curve_key=bob.contact.curve_key,
            control=bob.contact.control,
            bulk=bob.contact.bulk,
            expires=alice._clock.time(),
        )
        with pytest.raises(IdentityError):
            await alice.call(expired, Ping(), timeout=5)
        assert alice._client.connections == []


def test_a_welcome_of_another_peer_is_an_identity_error(world: Any) -> None:
    @world.run
    async def scenario() -> None:
        alice, bob, eve = world.peer(), world.peer(), world.peer()
        # Eve names Bob's CURVE key as her own: she cannot welcome anyone as Bob does.
        false = sign_contact(
            eve._identity,
            curve_key=bob.contact.curve_key,
            control=bob.contact.control,
            bulk=bob.contact.bulk,
            expires=bob.contact.expires,
        )
        bob.handle(Ping, pong)
        answers = await asyncio.gather(
            *(alice.call(false, Ping(), timeout=5) for _ in range(2)), return_exceptions=True
        )
        assert all(isinstance(answer, (IdentityError, Reply)) for answer in answers)
        assert alice._client.connections == []


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


def test_a_payload_that_does_not_fit_its_sizes_is_a_bad_request_and_frees_its_share(world: Any) -> None:
    @world.run
    async def scenario() -> None:
        alice, bob = world.peer(), world.peer()
        bob.handle(ExpertForward, echo)
        await alice.call(bob.contact, FORWARD, timeout=5)
        (connection,) = alice._client.connections
        failures: list[Any] = []
        alice._client.received = lambda link, envelope, body, frames: failures.append(envelope.kind)
        envelope = Envelope(Kind.REQUEST, ExpertForward.CODE, 999, 2000, (10,))
        connection.link.send([pack(envelope, encode(FORWARD)), bytes(11)])
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
