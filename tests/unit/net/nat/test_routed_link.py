"""Several routes to one peer, in virtual time: which one is taken, and when."""

import asyncio
from typing import Any

import pytest

from net.addresses import Route
from net.errors import ClosedError, PeerUnreachable, QueueFull
from net.nat.routed_link import HEAD_START_S, RoutedLink
from net.wire.limits import PEER_SEND_QUEUE
from net.wire.messages import ExpertForward, Ping, Plane
from tests.support.relays import RelayPeer, RelayWorld
from tests.support.rpc import FORWARD, MIB, echo, now, pong


@pytest.fixture
def world() -> RelayWorld:
    return RelayWorld()


class Path:
    """A link that notes what is done to it."""

    plane = Plane.CONTROL
    key = bytes(32)
    outbound = True
    sent_bytes = received_bytes = 0

    def __init__(self, name: str) -> None:
        self.address = name
        self.ready = True
        self.sent: list[Any] = []
        self.closed = False

    def send(self, frames: Any) -> None:
        if self.closed:
            raise ClosedError("It is closed.")
        self.sent.append(bytes(frames[0]))

    def close(self) -> None:
        self.closed = True


class Above:
    """Who a link reports to."""

    def __init__(self) -> None:
        self.news: list[Any] = []

    def received(self, link: Any, frames: Any) -> None:
        self.news.append(("received", bytes(frames[0])))

    def writable(self, link: Any) -> None:
        self.news.append(("writable",))

    def lost(self, link: Any, error: Exception) -> None:
        self.news.append(("lost", str(error)))


class Race:
    def __init__(self, *names: str) -> None:
        self.begun: list[Path] = []
        self.bound: dict[Any, Any] = {}
        self.above = Above()
        ways = [lambda name=name: self._begin(name) for name in names]
        self.link = RoutedLink(Plane.CONTROL, bytes(32), ways, self.above, self.bound.__setitem__)

    def _begin(self, name: str) -> Path:
        if name == "none":
            raise PeerUnreachable("No socket is left.")
        self.begun.append(Path(name))
        return self.begun[-1]

    @property
    def owned(self) -> list[str]:
        return [path.address for path, owner in self.bound.items() if owner is self.link]


def test_the_first_route_is_taken_when_it_answers_in_time(world: Any) -> None:
    @world.run
    async def scenario() -> None:
        race = Race("one", "other")
        for text in (b"hello", b"request", b"more"):
            race.link.send([text])
        (one,) = race.begun
        assert one.sent == [b"hello"]
        assert not race.link.ready
        await asyncio.sleep(HEAD_START_S * 0.9)
        race.link.received(one, [b"welcome"])
        assert one.sent == [b"hello", b"request", b"more"]
        assert race.above.news == [("writable",), ("received", b"welcome")]
        await asyncio.sleep(10)
        assert [path.address for path in race.begun] == ["one"]
        assert (race.link.ready, race.link.address, race.owned) == (True, "one", ["one"])
        race.link.lost(one, PeerUnreachable("It broke."))
        assert race.above.news[-1] == ("lost", "It broke.")
        with pytest.raises(ClosedError):
            race.link.send([b"late"])
        assert race.owned == []


def test_nothing_but_the_first_message_is_sent_twice(world: Any) -> None:
    @world.run
    async def scenario() -> None:
        race = Race("one", "other", "third")
        race.link.send([b"hello"])
        race.link.send([b"request"])
        await asyncio.sleep(HEAD_START_S * 1.5)
        one, other = race.begun
        race.link.received(other, [b"welcome"])
        assert (one.sent, one.closed) == ([b"hello"], True)
        assert other.sent == [b"hello", b"request"]
        race.link.received(one, [b"welcome"])  # too late
        assert race.above.news == [("writable",), ("received", b"welcome")]
        await asyncio.sleep(10)
        assert len(race.begun) == 2
        race.link.close()
        assert other.closed


def test_a_route_that_fails_makes_way_at_once(world: Any) -> None:
    @world.run
    async def scenario() -> None:
        race = Race("none", "one", "none", "other")
        race.link.send([b"hello"])
        (one,) = race.begun
        race.link.lost(one, PeerUnreachable("Nobody answers there."))
        assert [path.address for path in race.begun] == ["one", "other"]
        assert race.begun[1].sent == [b"hello"]
        race.link.lost(race.begun[1], PeerUnreachable("Nobody answers there either."))
        assert race.above.news == [("lost", "Nobody answers there either.")]


def test_where_no_route_can_be_begun_the_dialler_is_told(world: Any) -> None:
    @world.run
    async def scenario() -> None:
        with pytest.raises(PeerUnreachable, match="No socket is left"):
            Race("none", "none")


def test_what_waits_is_bounded(world: Any) -> None:
    @world.run
    async def scenario() -> None:
        race = Race("one", "other")
        for _ in range(1 + PEER_SEND_QUEUE):
            race.link.send([b"x"])
        with pytest.raises(QueueFull):
            race.link.send([b"x"])
        race.link.close()
        await asyncio.sleep(10)
        assert all(path.closed for path in race.begun)
        assert race.above.news == []


def test_a_peer_with_a_dead_address_and_a_living_one_is_called(world: Any) -> None:
    @world.run
    async def scenario() -> None:
        caller, callee = world.peer(), world.peer()
        callee.rpc.handle(Ping, pong)
        callee.rpc.handle(ExpertForward, echo)
        living = callee.contact.routes[0]
        gone: RelayPeer = world.peer()
        dead = gone.contact.routes[0]
        await gone.close()
        for routes in ((dead, living), (Route("tcp://10.9.9.9:1", "tcp://10.9.9.9:1"), living)):
            callee.rpc.announce(routes)
            began = now()
            await caller.rpc.call(callee.contact, Ping(), timeout=5)
            reply = await caller.rpc.call(callee.contact, FORWARD, [bytes(MIB)], timeout=5)
            assert len(reply.payload[0]) == MIB
            assert now() - began < 3 * HEAD_START_S
            for connection in caller.rpc._client.connections:
                caller.rpc._client._disconnect(connection)
        assert caller.transport._routed == {}
