"""RpcPeer in virtual time over the memory transport: what the conformance suite leaves to one transport."""

import asyncio
import logging
from typing import Any

import pytest

from net.errors import (
    ClosedError,
    DeadlineExceeded,
    IdentityError,
    RecordError,
    RemoteError,
    TransportError,
)
from net.identity import sign_contact
from net.rpc import calls
from net.rpc.base import Reply
from net.transport.memory import Conditions
from net.wire.codec import encode
from net.wire.envelope import Envelope, Kind, pack
from net.wire.limits import CONTACT_LIFE_S, MIB
from net.wire.messages import (
    PROTOCOL_VERSION,
    ExpertForward,
    ExpertResults,
    FailureCode,
    FindNode,
    Hello,
    Nodes,
    Ping,
    Pong,
)
from tests.support.rpc import FORWARD, echo, never, now, pong

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


def test_what_peers_say_about_our_address_is_kept_only_where_it_is_one(world: Any) -> None:
    @world.run
    async def scenario() -> None:
        alice = world.peer()
        for said in ("tcp://11.1.1.1:0", "", "nonsense", "tcp://999.1.1.1:0", "tcp://name.example:0"):
            bob = world.peer()
            bob.handle(Ping, pong)
            await alice.call(bob.contact, Ping(), timeout=5)
            alice._client.connections[-1].observed = said
        assert alice.observed == ["11.1.1.1"]


def test_after_a_sleep_nothing_waits_on_old_connections_and_both_sides_begin_anew(world: Any) -> None:
    @world.run
    async def scenario() -> None:
        alice, bob = world.peer(), world.peer()
        bob.handle(Ping, pong)
        bob.handle(ExpertForward, never)
        assert await alice.call(bob.contact, Ping(), timeout=5)
        waiting = asyncio.ensure_future(alice.call(bob.contact, FORWARD, timeout=60))
        await asyncio.sleep(1)
        before = now()
        alice.woke()
        with pytest.raises(TransportError, match="slept"):
            await waiting
        assert now() - before < 0.1
        assert alice.peers() == []
        assert await alice.call(bob.contact, Ping(), timeout=5)
        assert [each.direction for each in alice.peers()] == ["out"]
        bob.woke()  # this time the other side: it has forgotten alice, who introduces herself again
        assert await alice.call(bob.contact, Ping(), timeout=5)
