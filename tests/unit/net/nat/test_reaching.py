"""The driver of reachability, over a memory network in virtual time."""

import asyncio
import random
from collections.abc import Callable, Sequence
from typing import Any

import pytest

from net.addresses import Contact, Endpoint, Route
from net.clock import LoopClock
from net.identity import Identity
from net.nat.dial_back import DialBackServer
from net.nat.port_mapping import Mapping, MappingError
from net.nat.reachability import Ports, State
from net.nat.reaching import Means, Reaching
from net.nat.route_choice import RouteChoice
from net.rpc.peer import RpcPeer
from net.wire.messages import Ping, Pong

PORTS = Ports(4800, 4801, 4801)


class FakeRouter:
    """Opens the ports that it is asked for, at this public address; "" for one that does not."""

    name = "UPnP"

    def __init__(self, public: str) -> None:
        self.public = public
        self.opened: dict[int, str] = {}

    async def open(self, host: str, ports: Sequence[int], life: float) -> Mapping:
        if not self.public:
            raise MappingError("no router answers.")
        self.opened = dict.fromkeys(ports, host)
        return Mapping(self.public, tuple((port, port) for port in ports))

    async def close(self, mapping: Mapping) -> None:
        self.opened = {}


class FakeDiscovery:
    def __init__(self) -> None:
        self.started: list[tuple[str, int]] = []
        self.closed = 0
        self.found: Callable[[Endpoint], None] = lambda _: None

    async def start(self, host: str, port: int, found: Callable[[Endpoint], None]) -> None:
        self.started.append((host, port))
        self.found = found

    async def close(self) -> None:
        self.closed += 1


class FakeRelays:
    def __init__(self) -> None:
        self.routes: tuple[Route, ...] = ()
        self.wanted: list[bool] = []
        self.on_change: Callable[[], None] = lambda: None

    def want(self, on: bool) -> None:
        self.wanted.append(on)


class Home:
    """One peer with a driver, at addresses that a test may change."""

    def __init__(self, world: Any, listens_at: str, *hosts: str, router: FakeRouter | None = None) -> None:
        self.hosts = hosts
        self.known: list[Contact] = []
        self.announced: list[list[str]] = []
        self.heard: list[Endpoint] = []
        self.discovery = FakeDiscovery()
        self.relays = FakeRelays()
        clock = LoopClock(asyncio.get_running_loop())
        transport = world.network.transport(address=f"tcp://{listens_at}:4801")
        self.rpc = RpcPeer(transport, Identity(world.rng.randbytes(32)), clock)
        self.choice = RouteChoice(loopback=False, has_way_to=lambda _: False)
        world.peers.append(self.rpc)
        means = Means((router,) if router else (), self.discovery, lambda _: self.hosts)
        self.reaching = Reaching(
            self.rpc, clock, random.Random(1), self.choice, means, bound="0.0.0.0", ports=PORTS,  # noqa: S104
            known=lambda: self.known, announced=lambda: self.announced.append(self.controls), found=self.heard.append,
        )  # fmt: skip
        self.reaching.use_relays(self.relays)
        self.task = asyncio.create_task(self.reaching.run())

    async def close(self) -> None:
        self.task.cancel()
        await asyncio.wait([self.task])
        await self.reaching.close()

    @property
    def controls(self) -> list[str]:
        return [route.control for route in self.rpc.contact.routes]


def public(world: Any, count: int = 4) -> list[Contact]:
    """Peers that dial back, and answer pings."""
    contacts = []
    for number in range(1, count + 1):
        clock = LoopClock(asyncio.get_running_loop())
        transport = world.network.transport(address=f"tcp://11.{number}.0.1:4801")
        peer = RpcPeer(transport, Identity(world.rng.randbytes(32)), clock)
        DialBackServer(peer, clock, has_way_to=lambda _: True)

        async def pong(*_: Any) -> Pong:
            return Pong(0.0)

        peer.handle(Ping, pong)
        world.peers.append(peer)
        contacts.append(peer.contact)
    return contacts


def test_a_public_computer_becomes_direct_and_moves(world: Any) -> None:
    async def scenario() -> None:
        home = Home(world, "11.50.0.1", "11.50.0.1")
        await asyncio.sleep(5)
        assert home.reaching.reach.state is State.LOCAL
        assert home.reaching.address == "tcp://11.50.0.1:4800"
        home.known = public(world)
        await asyncio.sleep(5)
        assert home.reaching.reach.state is State.DIRECT
        home.hosts = ("11.51.0.1",)
        await asyncio.sleep(4)
        assert home.announced[-2:] == [["tcp://11.51.0.1:4801"], ["tcp://11.50.0.1:4801"]]
        assert home.reaching.reach.state is State.DIRECT  # nobody answers there, but where others see it come from
        await home.close()

    world.run(scenario)


def test_a_home_without_a_helpful_router_wants_relays(world: Any) -> None:
    async def scenario() -> None:
        home = Home(world, "192.168.1.10", "192.168.1.10", router=FakeRouter(""))
        await asyncio.sleep(1)
        assert home.controls == ["tcp://192.168.1.10:4801"]
        assert home.choice.secluded
        home.known = public(world)
        await asyncio.sleep(15)
        assert home.reaching.reach.state is State.CLIENT
        assert home.reaching.reach.mapping_problem == "UPnP: no router answers."
        assert not home.choice.secluded
        assert home.relays.wanted == [True]
        home.relays.routes = (Route("tcp://11.1.0.1:4801", "tcp://11.1.0.1:4801", b"k" * 32),)
        home.relays.on_change()
        assert home.reaching.reach.state is State.RELAYED
        assert home.controls == ["tcp://11.1.0.1:4801", "tcp://192.168.1.10:4801"]
        await home.close()

    world.run(scenario)


def test_a_home_whose_router_opens_ports_is_mapped_and_gives_them_back(world: Any) -> None:
    async def scenario() -> None:
        router = FakeRouter("11.60.0.1")
        home = Home(world, "11.60.0.1", "192.168.1.10", router=router)  # what the router passes on arrives
        home.known = public(world)
        await asyncio.sleep(10)
        assert home.reaching.reach.state is State.MAPPED
        assert router.opened == dict.fromkeys((4800, 4801), "192.168.1.10")
        assert home.controls == ["tcp://11.60.0.1:4801", "tcp://192.168.1.10:4801"]
        assert home.reaching.address == "tcp://11.60.0.1:4800"
        assert home.relays.wanted in ([], [True, False])
        await home.close()
        assert router.opened == {}

    world.run(scenario)


def test_a_router_without_a_public_address_of_its_own_is_told_of(world: Any) -> None:
    async def scenario() -> None:
        home = Home(world, "192.168.1.10", "192.168.1.10", router=FakeRouter("100.64.1.2"))
        home.known = public(world)
        await asyncio.sleep(20)
        assert home.reaching.reach.state is State.CLIENT
        assert home.reaching.reach.router_host == "100.64.1.2"
        assert home.controls == ["tcp://192.168.1.10:4801"]
        await home.close()

    world.run(scenario)


def test_what_peers_see_is_tested_too(world: Any) -> None:
    async def scenario() -> None:
        home = Home(world, "11.70.0.1", "192.168.1.10")  # somebody forwards the ports
        home.known = public(world)
        for contact in home.known:
            await home.rpc.call(contact, Ping(), timeout=5)
        await asyncio.sleep(10)
        assert home.rpc.observed == ["11.70.0.1"] * 4
        assert home.reaching.reach.state is State.DIRECT
        assert home.controls == ["tcp://11.70.0.1:4801", "tcp://192.168.1.10:4801"]
        await home.close()

    world.run(scenario)


@pytest.mark.parametrize("lie", ["", "nonsense", "tcp://1.2.3:0", "tcp://0.0.0.0:0", "tcp://224.0.0.1:0", "tcp://x:0"])
def test_a_peer_that_talks_nonsense_about_our_address_is_passed_over(world: Any, lie: str) -> None:
    async def scenario() -> None:
        home = Home(world, "192.168.1.10", "192.168.1.10")
        (contact,) = public(world, 1)
        await home.rpc.call(contact, Ping(), timeout=5)
        for connection in home.rpc._client.connections:
            connection.observed = lie
        assert home.rpc.observed == []
        await asyncio.sleep(10)
        assert not home.task.done()
        await home.close()

    world.run(scenario)


def test_neighbours_are_looked_for_where_the_computer_is(world: Any) -> None:
    async def scenario() -> None:
        home = Home(world, "192.168.1.10", "192.168.1.10")
        await asyncio.sleep(1)
        assert home.discovery.started == [("192.168.1.10", 4800)]
        home.discovery.found(Endpoint("192.168.1.11", 4800))
        assert home.heard == [Endpoint("192.168.1.11", 4800)]
        home.hosts = ("10.0.0.5",)
        await asyncio.sleep(4)
        assert home.discovery.started[1:] == [("10.0.0.5", 4800)]
        assert home.discovery.closed == 1
        home.reaching.use(Means(addresses=lambda _: home.hosts))  # the volunteer switches it off
        await asyncio.sleep(4)
        assert home.discovery.closed == 2
        assert len(home.discovery.started) == 2
        await home.close()
        assert home.discovery.closed == 2

    world.run(scenario)
