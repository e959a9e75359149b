"""The one visible wiring of net: introduction, transport, RPC, DHT and bootstrap of one peer."""

import asyncio
import contextlib
import logging
import random
from collections.abc import Sequence
from dataclasses import dataclass, replace
from pathlib import Path

import zmq

from net.addresses import Contact, Endpoint, PeerId, Route, resolve
from net.bootstrap import Bootstrap
from net.clock import Clock
from net.contacts_file import Remembered, load_contacts, save_contacts
from net.descriptors import raise_descriptor_limit
from net.dht.config import DhtConfig
from net.dht.node import DhtNode
from net.dht.validation import Validator
from net.errors import AddressError, IdentityError, NetError
from net.identity import Identity, peer_id_of
from net.introduction import BootstrapAddress, IntroductionServer, introduce
from net.nat.lan import LanDiscovery
from net.nat.nat_pmp import NatPmp
from net.nat.own_addresses import own_addresses, wildcard
from net.nat.reachability import Ports, State
from net.nat.reaching import Means, Reach, Reaching
from net.nat.relay_client import RelayClient
from net.nat.relayed_transport import RelayedTransport
from net.nat.route_choice import RouteChoice
from net.nat.upnp import Upnp
from net.rpc.peer import PeerStats, RpcPeer
from net.transport.zeromq import Listen, ZmqTransport

logger = logging.getLogger(__name__)

_INTRODUCE_TIMEOUT_S = 4.0
_FIRST_SAVE_S = 10.0
_UPKEEP_S = 300.0  # between looks at what must be saved or renewed
_HIGHEST_PORT = 65535
_USUAL_PORTS = range(4800, 4830, 3)  # three a peer: several peers of one computer or home take turns
_ASK_AGAIN_S = 60.0  # the same address in this home
_MOST_AT_HOME = 64


@dataclass(frozen=True, slots=True)
class NodeConfig:
    """listen: where the introduction port is, port 0 for any, "" for every address of this computer and a port that
    is the same at each start where it is free; bootstrap: addresses of peers to join through; loopback: bind, announce
    and dial this computer only; network: peers of another one are refused; contacts_file: where known contacts are
    kept between runs; port_mapping: ask the home's router to open ports; lan_discovery: find peers in this home;
    relay_for_others: pass on for peers that cannot be reached, while this one can be; record_checks: what records of
    others must pass to be kept or believed here, beside their owners' signatures."""

    listen: str = ""
    bootstrap: tuple[str, ...] = ()
    loopback: bool = False
    network: str = "hivelet"
    contacts_file: Path | None = None
    port_mapping: bool = False
    lan_discovery: bool = False
    relay_for_others: bool = False
    record_checks: tuple[Validator, ...] = ()


class PeerNode:
    """A running peer: `rpc` and `dht` to use, `contact` and `address` to tell others. Made by `start`."""

    def __init__(self, config: NodeConfig, identity: Identity, clock: Clock, dht_config: DhtConfig | None) -> None:
        """Bind every port; nothing is asked or answered before `start`'s end. Raises AddressError."""
        self._config = config
        self._clock = clock
        rng = random.Random()
        bootstrap = [BootstrapAddress.parse(text) for text in config.bootstrap]
        host, ports = _listen(config)
        self._choice = choice = RouteChoice(loopback=config.loopback)
        self._remembered: list[Contact] = []  # of earlier runs
        self._context: zmq.Context[zmq.Socket[bytes]] = zmq.Context()
        try:
            self._introductions = self._listen_for_introductions(host, ports, identity)
            port = self._introductions.port
            planes = (port + 1, port + 2) if port + 2 <= _HIGHEST_PORT else (0, 0)
            listen = Listen(host, *planes, announce=own_addresses(host)[0], loopback=config.loopback)
            transport = ZmqTransport(listen, choice.routes)
        except AddressError:
            self._context.destroy(linger=0)
            raise
        self._transport = transport
        self._relayed = RelayedTransport(
            transport, clock, config.network, choose=choice.routes, direct=self._public_route
        )
        self.rpc = RpcPeer(self._relayed, identity, clock, network=config.network)
        self._reaching = Reaching(
            self.rpc,
            clock,
            rng,
            choice,
            _means(config),
            bound=host,
            ports=Ports(port, Endpoint.parse(transport.control).port, Endpoint.parse(transport.bulk).port),
            known=self._known,
            announced=self._announced,
            found=self._found_at_home,
        )
        self._relays = RelayClient(self._relayed.links, config.network, lambda: self.contact, self._known, clock, rng)
        self._reaching.use_relays(self._relays)
        self._relayed.server.enable(config.relay_for_others)
        self.dht = DhtNode(self.rpc, identity, self.rpc.contact, clock, dht_config, rng, config.record_checks)
        self._bootstrap = Bootstrap(
            bootstrap, introduce=self._introduce, join=self.dht.join, alone=lambda: not self.dht.contacts(), rng=rng
        )
        self._work: asyncio.Task[None] | None = None
        self._tasks: asyncio.TaskGroup
        self._recalling: asyncio.Task[None] | None = None
        self._asked_at_home: dict[Endpoint, float] = {}

    @classmethod
    async def start(
        cls, config: NodeConfig, identity: Identity, clock: Clock, *, dht_config: DhtConfig | None = None
    ) -> "PeerNode":
        """Listen, serve, and begin to join the swarm; it does not wait until that has succeeded.

        Raises AddressError for an address that is malformed, in use, or outside this computer under `loopback`.
        """
        raise_descriptor_limit()
        node = cls(config, identity, clock, dht_config)
        await node.dht.start()
        node._work = asyncio.create_task(node._run())
        return node

    @property
    def contact(self) -> Contact:
        """This peer's card. It is renewed from time to time: ask again each time it is passed on."""
        return self.rpc.contact

    @property
    def address(self) -> str:
        """What others pass to --bootstrap: the best address that this peer has now."""
        return self._reaching.address

    @property
    def reach(self) -> Reach:
        """How others reach this peer now."""
        return self._reaching.reach

    def set_rates(self, up: float | None, down: float | None) -> None:
        """Cap what this peer sends and receives, in bytes a second, from now on; None: no cap. Small messages are
        counted but do not wait. Raises ValueError unless a rate is positive."""
        self._transport.set_rates(up, down)
        self.rpc.expect_rate(down)

    @property
    def passed(self) -> tuple[int, int]:
        """Bytes sent and received since the start, without what TCP/IP and CURVE add."""
        return self._transport.passed

    def allow(self, *, port_mapping: bool, lan_discovery: bool) -> None:
        """What may be done in the home's network from now on; see NodeConfig."""
        changed = replace(self._config, port_mapping=port_mapping, lan_discovery=lan_discovery)
        if changed != self._config:
            self._config = changed
            self._reaching.use(_means(changed))

    def woke(self) -> None:
        """The computer slept, or stood still: connections are dead, addresses may be others, and peers have forgotten
        this one. Everything is made anew at once, instead of when its time is up."""
        self.rpc.woke()
        self._reaching.woke()
        self._relays.woke()
        self.dht.woke()
        self._bootstrap.woke()
        if self._config.contacts_file is not None and self._work is not None:
            self._save()  # cards may have expired in sleep: their owners are asked, where they were, for new ones
            memory = self._addresses(load_contacts(self._config.contacts_file, self._clock.time()))
            if self._recalling is not None:
                self._recalling.cancel()
            self._recalling = self._tasks.create_task(self._bootstrap.recall(memory))

    def relay_for_others(self, on: bool) -> None:
        """Whether to pass on for peers that cannot be reached, from now on, while this one can be."""
        self._relayed.server.enable(on)

    @property
    def relayed_bytes(self) -> int:
        """Bytes passed on between others since the start."""
        return self._relayed.server.relayed_bytes

    @property
    def peer_id(self) -> PeerId:
        """Who this peer is."""
        return self.rpc.peer_id

    @property
    def bootstrap_problem(self) -> str:
        """Why this peer is alone, in one sentence; "" where it is not, or is the first of its swarm."""
        return self._bootstrap.problem

    @property
    def clock_problem(self) -> str:
        """What is wrong with this computer's clock and what to do, in one sentence; "" where nothing is known to be."""
        return self.dht.clock_problem

    def peers(self) -> list[PeerStats]:
        """One row for each peer that this one talks with."""
        return self.rpc.peers()

    async def close(self) -> None:
        """Remember the contacts, stop everything, and release the ports."""
        if self._work is not None:
            self._work.cancel()
            await asyncio.gather(self._work, return_exceptions=True)
            self._work = None
            self._save()
        await self._reaching.close()
        await self.dht.close()
        await self.rpc.close()
        self._introductions.close()
        self._context.destroy(linger=0)

    async def _run(self) -> None:
        path = self._config.contacts_file
        remembered = load_contacts(path, self._clock.time()) if path is not None else Remembered()
        self._remembered = [contact for contact in remembered.contacts if self._choice.routes(contact)]
        memory = self._addresses(remembered)
        try:
            async with asyncio.TaskGroup() as self._tasks:
                self._tasks.create_task(self._bootstrap.run(self._remembered, memory))
                self._tasks.create_task(self._keep_up())
                self._tasks.create_task(self._reaching.run())
                self._tasks.create_task(self._relays.run())
        except* Exception:
            logger.exception("A part of the network stopped unexpectedly.")
            raise

    async def _keep_up(self) -> None:
        pause = _FIRST_SAVE_S  # one whose plug is pulled soon shall know somebody, too
        while True:
            await asyncio.sleep(pause)
            pause = _UPKEEP_S
            self.dht.update_contact(self.contact)
            self._save()

    def _save(self) -> None:
        """Keep those known now, and after them those of earlier runs, who may be back another day."""
        known = {contact.public_key: contact for contact in self.dht.contacts()}
        if self._config.contacts_file is not None and known:
            earlier = [contact for contact in self._remembered if contact.public_key not in known]
            save_contacts(self._config.contacts_file, [*known.values(), *earlier])

    def _addresses(self, remembered: Remembered) -> tuple[BootstrapAddress, ...]:
        """Where peers of earlier can be asked for their present cards."""
        loopback = self._config.loopback
        return tuple(each for each in remembered.addresses if each.endpoint.is_loopback or not loopback)

    def _known(self) -> list[Contact]:
        return self.dht.contacts()

    def _announced(self) -> None:
        """The ways to this peer have changed: those nearest to it in the DHT shall know."""
        self.dht.update_contact(self.rpc.contact)
        if self._work is not None and self.dht.contacts():
            self._tasks.create_task(self.dht.join(()))

    def _public_route(self) -> Route | None:
        """A route that others have proven to lead here."""
        if self._config.loopback or self.reach.state in {State.DIRECT, State.MAPPED}:
            return next(iter(self.contact.direct), None)
        return None

    def _found_at_home(self, endpoint: Endpoint) -> None:
        """Somebody in this home says to be a peer."""
        now = self._clock.monotonic()
        self._asked_at_home = {each: at for each, at in self._asked_at_home.items() if now - at < _ASK_AGAIN_S}
        if endpoint not in self._asked_at_home and len(self._asked_at_home) < _MOST_AT_HOME:
            self._asked_at_home[endpoint] = now
            self._tasks.create_task(self._meet_at_home(endpoint))

    async def _meet_at_home(self, endpoint: Endpoint) -> None:
        try:
            contact = await self._introduce_at(endpoint.require_dialable(loopback=self._config.loopback), None)
            self._reaching.meet(contact)
            await self.dht.join([contact])
        except NetError as error:
            logger.info("A peer heard of in this home cannot be met: %s", error)

    def _listen_for_introductions(self, host: str, ports: Sequence[int], identity: Identity) -> IntroductionServer:
        """On the first of these ports that is free. Raises AddressError where none is."""
        *first, last = ports
        for port in first:
            with contextlib.suppress(AddressError):
                return self._introduction_server(Endpoint(host, port), identity)
        return self._introduction_server(Endpoint(host, last), identity)

    def _introduction_server(self, endpoint: Endpoint, identity: Identity) -> IntroductionServer:
        return IntroductionServer(
            self._context,
            endpoint,
            identity=identity,
            contact=lambda: self.contact,
            network=self._config.network,
            clock=self._clock,
        )

    async def _introduce(self, address: BootstrapAddress) -> Contact:
        """Ask every IP address of the host, in order. Raises NetError."""
        problem: NetError | None = None
        for endpoint in await resolve(address.endpoint, loopback=self._config.loopback):
            try:
                return await self._introduce_at(endpoint, address.peer_id)
            except NetError as error:
                problem = problem or error
        assert problem is not None  # noqa: S101 - there was at least one address
        raise problem

    async def _introduce_at(self, endpoint: Endpoint, peer_id: PeerId | None) -> Contact:
        contact = await introduce(
            self._context, endpoint, network=self._config.network, clock=self._clock, timeout=_INTRODUCE_TIMEOUT_S
        )
        if peer_id not in {None, peer_id_of(contact.public_key)}:
            raise IdentityError(f"another peer than the one named answers at {endpoint}.")
        if contact.public_key == self.contact.public_key:
            raise AddressError(f"{endpoint} is this very peer.")
        return contact


def _listen(config: NodeConfig) -> tuple[str, tuple[int, ...]]:
    """The host to bind, and the ports to try for the introduction. Raises AddressError."""
    if not config.listen:
        return ("127.0.0.1", (0,)) if config.loopback else (wildcard(), (*_USUAL_PORTS, 0))
    endpoint = Endpoint.parse(config.listen)
    if endpoint.host == "localhost":
        endpoint = replace(endpoint, host="127.0.0.1")
    if config.loopback and endpoint.is_wildcard:
        endpoint = replace(endpoint, host="::1" if ":" in endpoint.host else "127.0.0.1")
    if config.loopback and not endpoint.is_loopback:
        raise AddressError(f"{config.listen} is outside this computer, which --loopback rules out.")
    return endpoint.host, (endpoint.port,)


def _means(config: NodeConfig) -> Means:
    """Loopback rules everything out that leaves this computer."""
    if config.loopback:
        return Means()
    return Means(
        mappers=(NatPmp(), Upnp()) if config.port_mapping else (),
        discovery=LanDiscovery(config.network) if config.lan_discovery else None,
    )
