"""The one visible wiring of net: introduction, transport, RPC, DHT and bootstrap of one peer."""

import asyncio
import logging
import random
from dataclasses import dataclass, replace
from pathlib import Path

import zmq

from net.addresses import Contact, Endpoint, PeerId, resolve
from net.bootstrap import Bootstrap
from net.clock import Clock
from net.contacts_file import load_contacts, save_contacts
from net.descriptors import raise_descriptor_limit
from net.dht.config import DhtConfig
from net.dht.node import DhtNode
from net.errors import AddressError, IdentityError, NetError
from net.identity import Identity, peer_id_of
from net.introduction import BootstrapAddress, IntroductionServer, introduce
from net.nat.own_addresses import own_addresses
from net.rpc.peer import PeerStats, RpcPeer
from net.transport.zeromq import Listen, ZmqTransport

logger = logging.getLogger(__name__)

_INTRODUCE_TIMEOUT_S = 4.0
_UPKEEP_S = 300.0  # between looks at what must be saved or renewed
_HIGHEST_PORT = 65535


@dataclass(frozen=True, slots=True)
class NodeConfig:
    """listen: where the introduction port is, port 0 for any; bootstrap: addresses of peers to join through;
    loopback: bind, announce and dial this computer only; network: peers of another one are refused;
    contacts_file: where known contacts are kept between runs."""

    listen: str = "tcp://0.0.0.0:0"
    bootstrap: tuple[str, ...] = ()
    loopback: bool = False
    network: str = "hivelet"
    contacts_file: Path | None = None


class PeerNode:
    """A running peer: `rpc` and `dht` to use, `contact` and `address` to tell others. Made by `start`."""

    def __init__(self, config: NodeConfig, identity: Identity, clock: Clock, dht_config: DhtConfig | None) -> None:
        """Bind every port; nothing is asked or answered before `start`'s end. Raises AddressError."""
        self._config = config
        self._clock = clock
        rng = random.Random()
        bootstrap = [BootstrapAddress.parse(text) for text in config.bootstrap]
        listen = _listen(config)
        announced = own_addresses(listen.host)[0]
        self._context: zmq.Context[zmq.Socket[bytes]] = zmq.Context()
        try:
            self._introductions = IntroductionServer(
                self._context,
                listen,
                identity=identity,
                contact=lambda: self.contact,
                network=config.network,
                clock=clock,
            )
            port = self._introductions.port
            ports = (port + 1, port + 2) if port + 2 <= _HIGHEST_PORT else (0, 0)
            transport = ZmqTransport(Listen(listen.host, *ports, announce=announced, loopback=config.loopback))
        except AddressError:
            self._context.destroy(linger=0)
            raise
        self.address = str(Endpoint(announced, port))
        """What others pass to --bootstrap."""
        self.rpc = RpcPeer(transport, identity, clock, network=config.network)
        self.dht = DhtNode(self.rpc, identity, self.rpc.contact, clock, dht_config, rng)
        self._bootstrap = Bootstrap(
            bootstrap, introduce=self._introduce, join=self.dht.join, alone=lambda: not self.dht.contacts(), rng=rng
        )
        self._work: asyncio.Task[None] | None = None

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
    def peer_id(self) -> PeerId:
        """Who this peer is."""
        return self.rpc.peer_id

    @property
    def bootstrap_problem(self) -> str:
        """Why this peer is alone, in one sentence; "" where it is not, or is the first of its swarm."""
        return self._bootstrap.problem

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
        await self.dht.close()
        await self.rpc.close()
        self._introductions.close()
        self._context.destroy(linger=0)

    async def _run(self) -> None:
        path = self._config.contacts_file
        remembered = load_contacts(path, self._clock.time()) if path is not None else []
        if self._config.loopback:
            remembered = [contact for contact in remembered if Endpoint.parse(contact.control).is_loopback]
        async with asyncio.TaskGroup() as group:
            group.create_task(self._bootstrap.run(remembered))
            group.create_task(self._keep_up())

    async def _keep_up(self) -> None:
        while True:
            await asyncio.sleep(_UPKEEP_S)
            self.dht.update_contact(self.contact)
            self._save()

    def _save(self) -> None:
        contacts = self.dht.contacts()
        if self._config.contacts_file is not None and contacts:
            save_contacts(self._config.contacts_file, contacts)

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


def _listen(config: NodeConfig) -> Endpoint:
    """Where to bind. Raises AddressError."""
    endpoint = Endpoint.parse(config.listen)
    if endpoint.host == "localhost":
        endpoint = replace(endpoint, host="127.0.0.1")
    if config.loopback and endpoint.is_wildcard:
        endpoint = replace(endpoint, host="::1" if ":" in endpoint.host else "127.0.0.1")
    if config.loopback and not endpoint.is_loopback:
        raise AddressError(f"{config.listen} is outside this computer, which --loopback rules out.")
    return endpoint
