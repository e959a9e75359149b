"""From an address to a contact, over ZeroMQ on loopback."""

import asyncio
from collections.abc import Iterator
from dataclasses import replace
from typing import Any

import pytest
import zmq

from net import introduction
from net.addresses import Endpoint, Route
from net.clock import SystemClock
from net.errors import AddressError, IdentityError, PeerUnreachable, RemoteError, WireError
from net.identity import Identity, sign_contact
from net.introduction import IntroductionServer, check_introduction, introduce
from net.wire.codec import encode
from net.wire.envelope import Envelope, Kind, pack
from net.wire.messages import FailureCode, Introduce, Introduction, Pong

ALICE = Identity(b"a" * 32)
NONCE = bytes(range(16))
CLOCK = SystemClock()


def card(**changes: Any) -> Any:
    fields = {
        "curve_key": b"c" * 32,
        "control": "tcp://127.0.0.1:1",
        "bulk": "tcp://127.0.0.1:2",
        "expires": CLOCK.time() + 600,
    }
    return sign_contact(ALICE, **(fields | changes))


@pytest.fixture
def context() -> Iterator[Any]:
    made = zmq.Context()
    yield made
    made.destroy(linger=0)


def server(context: Any, contact: Any = None, **options: Any) -> IntroductionServer:
    settings = {
        "identity": ALICE,
        "contact": lambda: contact or card(),
        "network": "hivelet",
        "clock": CLOCK,
    }
    return IntroductionServer(context, Endpoint("127.0.0.1", 0), **(settings | options))


def run(scenario: Any) -> None:
    with asyncio.Runner(loop_factory=asyncio.SelectorEventLoop) as runner:
        runner.run(scenario())


def request(**changes: Any) -> bytes:
    message = replace(Introduce(1, "hivelet", NONCE), **changes)
    return pack(Envelope(Kind.REQUEST, Introduce.CODE, 5), encode(message))


def test_an_address_becomes_a_verified_contact(context: Any) -> None:
    async def scenario() -> None:
        contact = card()
        served = server(context, contact)
        endpoint = Endpoint("127.0.0.1", served.port)
        answers = [introduce(context, endpoint, network="hivelet", clock=CLOCK, timeout=5) for _ in range(3)]
        assert await asyncio.gather(*answers) == [contact] * 3
        served.close()

    run(scenario)


def test_another_network_is_refused(context: Any) -> None:
    async def scenario() -> None:
        served = server(context)
        endpoint = Endpoint("127.0.0.1", served.port)
        with pytest.raises(RemoteError, match="belongs to the network 'hivelet', not 'other'") as caught:
            await introduce(context, endpoint, network="other", clock=CLOCK, timeout=5)
        assert caught.value.code == FailureCode.UNAUTHORIZED
        served.close()

    run(scenario)


def test_nobody_there_is_noticed_at_once(context: Any) -> None:
    async def scenario() -> None:
        served = server(context)
        served.close()
        endpoint = Endpoint("127.0.0.1", served.port)
        async with asyncio.timeout(5):
            with pytest.raises(PeerUnreachable):
                await introduce(context, endpoint, network="hivelet", clock=CLOCK, timeout=60)

    run(scenario)


def test_a_port_in_use_is_one_clear_sentence(context: Any) -> None:
    async def scenario() -> None:
        served = server(context)
        with pytest.raises(AddressError) as caught:
            IntroductionServer(
                context,
                Endpoint("127.0.0.1", served.port),
                identity=ALICE,
                contact=card,
                network="hivelet",
                clock=CLOCK,
            )
        assert str(caught.value) == f"Port {served.port} is in use on 127.0.0.1; choose another with --listen."
        served.close()

    run(scenario)


def test_only_introductions_are_answered(context: Any) -> None:
    async def scenario() -> None:
        served = server(context)
        assert served.answer(request()) is not None
        for frame in (
            b"",
            bytes([1]) * 40,
            pack(Envelope(Kind.REQUEST, Pong.CODE, 1), encode(Pong(1.0))),
            pack(Envelope(Kind.RESPONSE, Introduce.CODE, 1), encode(Introduce(1, "hivelet", NONCE))),
            pack(Envelope(Kind.REQUEST, Introduce.CODE, 1), b"\x90"),
            pack(Envelope(Kind.REQUEST, Introduce.CODE, 1, 0, (5,)), encode(Introduce(1, "hivelet", NONCE))),
        ):
            assert served.answer(frame) is None
        newer = served.answer(bytes([2]) + request()[1:])
        assert newer is not None
        with pytest.raises(RemoteError, match="protocol version 2"):
            check_introduction([newer], NONCE, "hivelet", CLOCK.time())
        served.close()

    run(scenario)


def test_a_flood_of_questions_is_answered_at_a_bounded_rate(context: Any, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(introduction, "_BURST", 10.0)
    monkeypatch.setattr(introduction, "_ANSWERS_A_SECOND", 0.001)

    async def scenario() -> None:
        served = server(context)
        assert [served._allow() for _ in range(12)] == [True] * 10 + [False] * 2
        served.close()

    run(scenario)


def reply(contact: Any, *, nonce: bytes = NONCE, network: str = "hivelet", signer: Identity = ALICE) -> list[bytes]:
    signature = signer.sign(introduction._signed(nonce, network, contact))
    return [pack(Envelope(Kind.RESPONSE, Introduction.CODE, 1), encode(Introduction(1, contact, signature)))]


def test_a_true_answer_is_believed() -> None:
    contact = card()
    assert check_introduction(reply(contact), NONCE, "hivelet", CLOCK.time()) == contact


@pytest.mark.parametrize(
    ("frames", "error"),
    [
        (reply(card(), nonce=bytes(16)), IdentityError),  # replayed
        (reply(card(), network="other"), IdentityError),
        (reply(card(), signer=Identity(b"b" * 32)), IdentityError),  # another one passes on her card
        (reply(card(expires=1.0)), IdentityError),
        (reply(replace(card(), routes=(Route("tcp://127.0.0.1:9", "tcp://127.0.0.1:10"),))), IdentityError),
        (reply(card(control="", bulk="")), IdentityError),
        ([*reply(card()), b""], WireError),
        ([pack(Envelope(Kind.RESPONSE, Pong.CODE, 1), encode(Pong(1.0)))], WireError),
        ([b"nonsense"], WireError),
    ],
    ids=["replay", "network", "signer", "expired", "changed", "hidden", "frames", "message", "bytes"],
)
def test_a_false_answer_is_not(frames: Any, error: type[Exception]) -> None:
    with pytest.raises(error):
        check_introduction(frames, NONCE, "hivelet", CLOCK.time())
