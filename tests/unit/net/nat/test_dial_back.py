"""Dial-back over a memory network: what is counted, and what is refused."""

import asyncio
import random
from typing import Any

import pytest

from net.addresses import Contact, Route
from net.clock import LoopClock
from net.errors import RemoteError
from net.identity import Identity
from net.nat.dial_back import HELPERS, DialBackAsker, DialBackServer, choose_helpers, is_helper, network_of
from net.rpc.base import Caller, Payload
from net.rpc.peer import RpcPeer
from net.wire.limits import DIAL_BACK_PRICE_BYTES
from net.wire.messages import FailureCode
from net.wire.nat_messages import DialBack, DialBackCode, DialBackResult

NONCE = bytes(16)


def peer(world: Any, host: str, *, dialable: bool = True) -> RpcPeer:
    """A peer whose connections come from `host`, and that can be dialled there if it is dialable."""
    transport = world.network.transport(dialable=dialable, address=f"tcp://{host}:4801")
    made = RpcPeer(transport, Identity(world.rng.randbytes(32)), LoopClock(asyncio.get_running_loop()))
    world.peers.append(made)
    return made


def helper(world: Any, host: str, **options: Any) -> RpcPeer:
    made = peer(world, host)
    DialBackServer(made, LoopClock(asyncio.get_running_loop()), **{"has_way_to": lambda _: True, **options})
    return made


def route(host: str) -> Route:
    return Route(f"tcp://{host}:4801", f"tcp://{host}:4801")


async def ask(asker: RpcPeer, of: RpcPeer, *routes: Route, payload: Payload = (), card: Contact | None = None) -> int:
    request = DialBack(NONCE, card or asker.card(routes, 60))
    answer = (await asker.call(of.contact, request, payload, timeout=20)).message
    assert isinstance(answer, DialBackResult)
    return answer.code


def test_a_public_peer_is_reached_by_all_and_a_hidden_one_by_none(world: Any) -> None:
    async def scenario() -> None:
        helpers = [helper(world, f"11.{number}.0.1").contact for number in range(1, 7)]
        public, hidden = peer(world, "11.50.0.1"), peer(world, "11.51.0.1", dialable=False)
        rng = random.Random(1)
        assert await DialBackAsker(public, rng).test(route("11.50.0.1"), helpers) == (HELPERS, 0)
        assert await DialBackAsker(hidden, rng).test(route("11.51.0.1"), helpers) == (0, HELPERS)
        assert await DialBackAsker(peer(world, "11.52.0.1"), rng).test(route("11.52.0.1"), []) == (0, 0)

    world.run(scenario)


def test_a_foreign_address_costs_more_than_it_gets(world: Any) -> None:
    async def scenario() -> None:
        asker, other = peer(world, "11.50.0.1"), helper(world, "11.1.0.1")
        assert await ask(asker, other, route("11.60.0.1")) == DialBackCode.PAY_FIRST
        half = (bytes(DIAL_BACK_PRICE_BYTES // 2),)
        assert await ask(asker, other, route("11.60.0.1"), payload=half) == DialBackCode.PAY_FIRST
        price = (bytes(DIAL_BACK_PRICE_BYTES),)
        sent = world.network.messages
        assert await ask(asker, other, route("11.60.0.1"), payload=price) == DialBackCode.NOT_REACHED
        assert world.network.messages - sent < 10
        # The asker pays by itself where it must: here it is dialled at an address that it does not call from.
        world.network.transport(address="tcp://11.61.0.1:4801")
        assert await DialBackAsker(asker, random.Random(1)).test(route("11.61.0.1"), [other.contact]) == (0, 1)

    world.run(scenario)


def test_only_the_askers_own_public_address_is_dialled(world: Any) -> None:
    async def scenario() -> None:
        asker, other = peer(world, "11.50.0.1"), helper(world, "11.1.0.1")
        victim = peer(world, "11.70.0.1")
        price = (bytes(DIAL_BACK_PRICE_BYTES),)
        for card in (
            victim.contact,  # another's
            asker.card((route("192.168.1.1"),), 60),
            asker.card((route("127.0.0.1"),), 60),
            asker.card((route("11.50.0.1"), route("11.50.0.2")), 60),
            asker.card((Route("tcp://11.50.0.1:4801", "tcp://11.50.0.1:4801", bytes(32)),), 60),
            asker.card((Route("tcp://victim.example:80", ""),), 60),
        ):
            with pytest.raises(RemoteError) as refused:
                await ask(asker, other, payload=price, card=card)
            assert refused.value.code == FailureCode.BAD_REQUEST
        assert victim.serving == 0

    world.run(scenario)


def test_nobody_is_dialled_for_too_often(world: Any) -> None:
    async def scenario() -> None:
        asker, other = peer(world, "11.50.0.1"), helper(world, "11.1.0.1")
        codes = [await ask(asker, other, route("11.50.0.1")) for _ in range(8)]
        assert codes.count(DialBackCode.CANNOT_TELL) == 2
        await asyncio.sleep(5.5)
        assert await ask(asker, other, route("11.50.0.1")) != DialBackCode.CANNOT_TELL
        neighbour = peer(world, "11.50.0.9")  # its network has asked enough as well
        assert await ask(neighbour, other, route("11.50.0.9")) == DialBackCode.CANNOT_TELL

    world.run(scenario)


def test_a_helper_without_a_way_there_cannot_tell(world: Any) -> None:
    async def scenario() -> None:
        asker, other = peer(world, "11.50.0.1"), helper(world, "11.1.0.1", has_way_to=lambda _: False)
        assert await ask(asker, other, route("11.50.0.1")) == DialBackCode.CANNOT_TELL

    world.run(scenario)


def test_a_helper_that_only_claims_to_have_reached_us_is_not_counted(world: Any) -> None:
    async def scenario() -> None:
        liar = peer(world, "11.1.0.1")

        async def claim(_caller: Caller, _request: DialBack, _payload: Payload) -> DialBackResult:
            return DialBackResult(DialBackCode.REACHED)

        liar.handle(DialBack, claim)
        asker = peer(world, "11.50.0.1", dialable=False)
        assert await DialBackAsker(asker, random.Random(1)).test(route("11.50.0.1"), [liar.contact]) == (0, 0)

    world.run(scenario)


def test_helpers_are_public_and_of_different_networks_first(world: Any) -> None:
    async def scenario() -> None:
        crowd = [peer(world, f"11.1.0.{number}").contact for number in range(1, 20)]
        alone = [peer(world, f"11.{number}.0.1").contact for number in (2, 3)]
        private = peer(world, "192.168.1.9").contact
        chosen = choose_helpers([*crowd, *alone, private], random.Random(3))
        assert len(chosen) == HELPERS
        assert private not in chosen
        assert all(contact in chosen for contact in alone)
        assert not is_helper(private)
        assert network_of("11.1.2.3") == "11.1.0.0/16"
        assert network_of("2a00:1:2::3") == "2a00:1::/32"

    world.run(scenario)
