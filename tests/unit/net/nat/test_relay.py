"""Hidden peers, relays and callers in virtual time."""

import asyncio
from typing import Any

import pytest

from net.errors import PeerUnreachable, RemoteError
from net.wire.messages import ExpertForward, FailureCode, Ping
from tests.support.relays import RelayWorld
from tests.support.rpc import FORWARD, MIB, echo, pong


@pytest.fixture
def world() -> RelayWorld:
    return RelayWorld()


def test_a_hidden_peer_serves_through_its_relay_on_both_planes(world: Any) -> None:
    @world.run
    async def scenario() -> None:
        relay, hidden, caller = world.peer(relays=True), world.peer(dialable=False), world.peer()
        hidden.rpc.handle(Ping, pong)
        seen = []

        async def note(asker: Any, request: ExpertForward, payload: Any) -> Any:
            seen.append((asker.peer_id, asker.contact))
            return await echo(asker, request, payload)

        hidden.rpc.handle(ExpertForward, note)
        await hidden.hide(relay)
        assert [route.relay for route in hidden.contact.routes] == [relay.contact.curve_key]
        reply = await caller.rpc.call(hidden.contact, Ping(), timeout=5)
        assert reply.message.time == 1.5
        payload = [bytes(range(256)) * 4096 * 5, b"", b"end"]
        for _ in range(3):
            reply = await caller.rpc.call(hidden.contact, FORWARD, payload, timeout=20)
            assert [bytes(buffer) for buffer in reply.payload] == payload
        assert seen[0] == (caller.rpc.peer_id, caller.contact)
        assert relay.server.circuits == 2
        assert relay.server.relayed_bytes > 6 * 5 * MIB
        assert relay.server.queued_bytes == 0


def test_a_caller_that_can_be_dialled_is_and_the_relay_is_spared(world: Any) -> None:
    @world.run
    async def scenario() -> None:
        relay, hidden = world.peer(relays=True), world.peer(dialable=False)
        caller = world.peer(reversible=True)
        hidden.rpc.handle(Ping, pong)
        hidden.rpc.handle(ExpertForward, echo)
        await hidden.hide(relay)
        payload = [bytes(range(256)) * 4096 * 5]
        for _ in range(2):
            await caller.rpc.call(hidden.contact, Ping(), timeout=5)
            reply = await caller.rpc.call(hidden.contact, FORWARD, payload, timeout=20)
            assert [bytes(buffer) for buffer in reply.payload] == payload
        await asyncio.sleep(1)
        assert relay.server.circuits == 0
        assert relay.server.relayed_bytes == 0
        (row,) = [row for row in caller.rpc.peers() if row.peer_id == hidden.rpc.peer_id]
        assert row.address == hidden.inner.address
        # The caller lets go; the hidden peer closes what it has dialled, and the next call begins anew.
        for connection in caller.rpc._client.connections:
            caller.rpc._client._disconnect(connection)
        await asyncio.sleep(1)
        assert hidden.transport.links.owners == {} == caller.transport.links.owners
        await caller.rpc.call(hidden.contact, Ping(), timeout=5)
        assert relay.server.relayed_bytes == 0


def test_a_reversal_that_does_not_come_costs_a_moment_only(world: Any) -> None:
    @world.run
    async def scenario() -> None:
        relay, hidden, caller = world.peer(relays=True), world.peer(dialable=False), world.peer(reversible=True)
        hidden.rpc.handle(Ping, pong)
        await hidden.hide(relay)
        began = asyncio.get_running_loop().time()
        world.network.connected = lambda one, other: {one, other} != {hidden.inner.address, caller.inner.address}
        await caller.rpc.call(hidden.contact, Ping(), timeout=10)
        assert 2.0 < asyncio.get_running_loop().time() - began < 3.0
        assert relay.server.circuits == 1
        await caller.rpc.call(hidden.contact, Ping(), timeout=0.5)


def test_a_broken_reversed_connection_is_made_anew(world: Any) -> None:
    @world.run
    async def scenario() -> None:
        relay, hidden, caller = world.peer(relays=True), world.peer(dialable=False), world.peer(reversible=True)
        hidden.rpc.handle(Ping, pong)
        await hidden.hide(relay)
        await caller.rpc.call(hidden.contact, Ping(), timeout=5)
        (path,) = hidden.transport.links.owners
        path.close()
        await asyncio.sleep(1)
        assert hidden.rpc.serving == 0
        await caller.rpc.call(hidden.contact, Ping(), timeout=5)


def test_hidden_peers_call_each_other_both_ways(world: Any) -> None:
    @world.run
    async def scenario() -> None:
        relay = world.peer(relays=True)
        one, other = world.peer(dialable=False), world.peer(dialable=False)
        for peer in (one, other):
            peer.rpc.handle(ExpertForward, echo)
            await peer.hide(relay)
        payload = [bytes(3 * MIB)]
        replies = await asyncio.gather(
            one.rpc.call(other.contact, FORWARD, payload, timeout=60),
            other.rpc.call(one.contact, FORWARD, payload, timeout=60),
        )
        assert [bytes(reply.payload[0]) for reply in replies] == payload * 2


def test_when_a_relay_vanishes_another_takes_its_place(world: Any) -> None:
    @world.run
    async def scenario() -> None:
        relays = [world.peer(relays=True) for _ in range(4)]
        hidden, caller = world.peer(dialable=False), world.peer()
        hidden.rpc.handle(Ping, pong)
        hidden.rpc.handle(ExpertForward, echo)
        await hidden.hide(*relays)
        old = hidden.contact
        payload = [bytes(MIB)]
        assert (await caller.rpc.call(old, FORWARD, payload, timeout=2)).payload == payload
        by_key = {relay.contact.curve_key: relay for relay in relays}
        first, second = (by_key[route.relay] for route in old.routes)
        await caller.rpc.call(old, Ping(), timeout=5)
        await first.close()
        await asyncio.sleep(1)
        # An old card still leads there, through the relay that is left.
        await caller.rpc.call(old, Ping(), timeout=5)
        await hidden.until(lambda: len(hidden.client.routes) == 2)
        assert first.contact.curve_key not in {route.relay for route in hidden.contact.routes}
        await second.close()
        await hidden.until(lambda: second.contact.curve_key not in {route.relay for route in hidden.contact.routes})
        await caller.rpc.call(hidden.contact, Ping(), timeout=5)


def test_a_relay_that_falls_silent_costs_a_head_start_only(world: Any) -> None:
    @world.run
    async def scenario() -> None:
        relays = [world.peer(relays=True) for _ in range(2)]
        hidden, caller = world.peer(dialable=False), world.peer()
        hidden.rpc.handle(Ping, pong)
        await hidden.hide(*relays)
        first = next(relay for relay in relays if relay.contact.curve_key == hidden.contact.routes[0].relay)
        world.network.partition([first.inner])
        began = asyncio.get_running_loop().time()
        world.network.connected = lambda one, other: first.inner.address not in {one, other}
        await caller.rpc.call(hidden.contact, Ping(), timeout=5)
        assert 0.5 < asyncio.get_running_loop().time() - began < 1.5


# --- refusals -------------------------------------------------------------------------------------------------


def test_a_target_that_nobody_knows_fails_at_once(world: Any) -> None:
    @world.run
    async def scenario() -> None:
        relay, hidden, caller = world.peer(relays=True), world.peer(dialable=False), world.peer()
        await hidden.hide(relay)
        contact = hidden.contact
        await hidden.close()
        await asyncio.sleep(1)
        began = asyncio.get_running_loop().time()
        with pytest.raises(PeerUnreachable, match="relay"):
            await caller.rpc.call(contact, Ping(), timeout=60)
        assert asyncio.get_running_loop().time() - began < 1.0
        assert relay.server.reservations == 0
        assert relay.server.circuits == 0


def test_a_relay_that_is_switched_off_ends_what_it_carried(world: Any) -> None:
    @world.run
    async def scenario() -> None:
        one, other = world.peer(relays=True), world.peer()
        hidden, caller = world.peer(dialable=False), world.peer()
        hidden.rpc.handle(Ping, pong)
        hidden.candidates = [one, other]
        hidden._task = asyncio.create_task(hidden.client.run())
        hidden.client.want(True)
        await asyncio.sleep(5)
        assert [route.relay for route in hidden.client.routes] == [one.contact.curve_key]  # the other does not relay
        contact = hidden.contact
        await caller.rpc.call(contact, Ping(), timeout=5)
        one.server.enable(False)
        await asyncio.sleep(1)
        assert hidden.client.routes == ()
        assert not hidden.contact.routes
        assert (one.server.reservations, one.server.circuits) == (0, 0)
        with pytest.raises(PeerUnreachable):
            await caller.rpc.call(contact, Ping(), timeout=5)
        hidden.client.want(False)
        await asyncio.sleep(1)
        assert hidden.transport.links._carriers == {}


def test_another_network_gets_no_reservation(world: Any) -> None:
    @world.run
    async def scenario() -> None:
        relay, hidden = world.peer(relays=True), world.peer(dialable=False)
        hidden.client._network = "testers"
        hidden.candidates = [relay]
        hidden._task = asyncio.create_task(hidden.client.run())
        hidden.client.want(True)
        await asyncio.sleep(60)
        assert (hidden.client.routes, relay.server.reservations) == ((), 0)


def test_a_caller_of_another_network_is_refused_by_the_hidden_peer(world: Any) -> None:
    @world.run
    async def scenario() -> None:
        relay, hidden, caller = world.peer(relays=True), world.peer(dialable=False), world.peer()
        await hidden.hide(relay)
        caller.rpc._client._network = "testers"
        with pytest.raises(RemoteError) as caught:
            await caller.rpc.call(hidden.contact, Ping(), timeout=5)
        assert caught.value.code == FailureCode.UNAUTHORIZED


# --- time -----------------------------------------------------------------------------------------------------


def test_reservations_are_renewed_for_days_and_idle_circuits_are_closed(world: Any) -> None:
    @world.run
    async def scenario() -> None:
        relay, hidden, caller = world.peer(relays=True), world.peer(dialable=False), world.peer()
        hidden.rpc.handle(Ping, pong)
        await hidden.hide(relay)
        for _ in range(4):
            await caller.rpc.call(hidden.contact, Ping(), timeout=5)
            assert relay.server.circuits == 1
            await asyncio.sleep(12 * 3600)
            assert (relay.server.reservations, relay.server.circuits) == (1, 0)
        assert len(hidden.client.routes) == 1


def test_a_reservation_that_nobody_renews_ends(world: Any) -> None:
    @world.run
    async def scenario() -> None:
        relay, hidden = world.peer(relays=True), world.peer(dialable=False)
        await hidden.hide(relay)
        hidden.client._held[0].renew = float("inf")
        hidden.client._news.set()
        await asyncio.sleep(500)
        assert relay.server.reservations == 1
        await asyncio.sleep(200)
        assert relay.server.reservations == 0
        assert hidden.client.routes == ()  # the relay said so
