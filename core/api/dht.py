"""`DHT`: one peer of a swarm, run by a thread of this process."""

import asyncio
import re
import time
from collections.abc import Awaitable, Callable, Iterable, Sequence
from concurrent.futures import Future
from pathlib import Path
from types import TracebackType
from typing import Any, NamedTuple, TypeVar

import msgpack

from core.api.loop import LoopThread
from net.addresses import Endpoint
from net.clock import SystemClock
from net.dht.base import Entry, dht_key
from net.errors import AddressError
from net.identity import Identity
from net.node import NodeConfig, PeerNode
from net.wire.limits import MAX_RECORD_LIFE_S, MAX_SUBKEY_BYTES, MAX_VALUE_BYTES
from net.wire.messages import Record

T = TypeVar("T")
_BASE58 = "123456789ABCDEFGHJKLMNPQRSTUVWXYZabcdefghijkmnopqrstuvwxyz"
_MULTIADDRESS = re.compile(r"/(?:ip4|ip6|dns|dns4|dns6)/([^/]+)/tcp/(\d+)(?:/p2p/(\w+))?")
_PLAIN = b"v"  # the subkey of a value that is no dictionary; entries' subkeys begin with _ENTRY
_ENTRY = b"e"
_JOIN_S = 30.0


def get_dht_time() -> float:
    """Unix seconds, by which expirations are counted. All peers' clocks should agree within 3 seconds."""
    return time.time()


class ValueWithExpiration(NamedTuple):
    """A value and when it expires (see `get_dht_time`)."""

    value: Any
    expiration_time: float


class PeerID(bytes):
    """32 bytes: the SHA-256 of a peer's public key. Not libp2p's id: `to_base58` is over these bytes."""

    def to_base58(self) -> str:
        """As text."""
        number, digits = int.from_bytes(self, "big"), ""
        while number:
            number, digit = divmod(number, 58)
            digits = _BASE58[digit] + digits
        return "1" * (len(self) - len(self.lstrip(b"\0"))) + digits

    @classmethod
    def from_base58(cls, text: str) -> "PeerID":
        """From text. Raises ValueError when it is none."""
        number = 0
        for character in text:
            number = number * 58 + _BASE58.index(character)
        return cls(number.to_bytes(32, "big"))

    def __str__(self) -> str:
        return self.to_base58()

    __repr__ = __str__


class DHT:
    """A peer that stores and finds values with the others, and through which experts are hosted and called.

    initial_peers: addresses of one or more peers to join through; none for the first peer of a swarm. start: listen
    and join now, and return when it has joined at least one of them; otherwise call `run_in_background`. client_mode:
    take no calls from others. host_maddrs: where to listen, by default on this computer alone; give
    "tcp://0.0.0.0:4800" to be reached from elsewhere. identity_path: a file that keeps this peer's key; by default it
    has a new one each time.

    Unlike Hivemind's it is a thread, not a process, and cannot be pickled. daemon, num_workers and await_ready
    are accepted for its sake and change nothing; of record_validators there are none, as every record is signed by
    its owner and checked anyway.
    """

    def __init__(
        self,
        initial_peers: Sequence[str] | None = None,
        *,
        start: bool,
        daemon: bool = True,  # noqa: ARG002 - Hivemind's
        num_workers: int = 4,
        record_validators: Iterable[object] = (),
        shutdown_timeout: float = 3.0,
        await_ready: bool = True,  # noqa: ARG002 - Hivemind's
        client_mode: bool = False,
        host_maddrs: Sequence[str] = ("tcp://127.0.0.1:0",),
        identity_path: str | Path | None = None,
        network: str = "hivelet",
    ) -> None:
        if isinstance(initial_peers, str):
            raise TypeError("initial_peers must be a list of addresses.")
        if tuple(record_validators):
            raise TypeError("There are no record validators here: every record is signed, and checked everywhere.")
        self.initial_peers = [address_of(str(peer)) for peer in initial_peers or ()]
        self.num_workers = num_workers
        self.shutdown_timeout = shutdown_timeout
        self.client_mode = client_mode
        self._listen = address_of(str(host_maddrs[0]))
        self._identity_path = Path(identity_path) if identity_path is not None else None
        self._network = network
        self._thread: LoopThread | None = None
        self._node: PeerNode | None = None
        self._own: dict[tuple[bytes, bytes], float] = {}  # expirations of what this peer stored
        self.shared: dict[object, Any] = {}
        """What other parts of this API keep for this peer, by a key of theirs; closed in `shutdown` by `close`."""
        if start:
            self.run_in_background()

    # --- life -----------------------------------------------------------------------------------------------

    def run_in_background(self, await_ready: bool = True, timeout: float | None = None) -> None:  # noqa: ARG002
        """Listen and join. Raises AddressError, and TimeoutError when no initial peer answers in time."""
        if self._thread is not None:
            raise RuntimeError("This DHT runs already.")
        self._thread = LoopThread("hivelet network")
        try:
            self._node = self._thread.run(self._start(timeout if timeout is not None else _JOIN_S))
        except BaseException:
            self._thread.stop()
            raise

    async def _start(self, timeout: float) -> PeerNode:
        identity = Identity.load_or_create(self._identity_path) if self._identity_path else Identity.generate()
        loopback = Endpoint.parse(self._listen).is_loopback
        config = NodeConfig(self._listen, tuple(self.initial_peers), loopback=loopback, network=self._network)
        node = await PeerNode.start(config, identity, SystemClock())
        if self.client_mode:
            node.rpc.announce(())
            node.dht.update_contact(node.contact)
        try:
            async with asyncio.timeout(timeout):
                while self.initial_peers and not node.dht.contacts():  # noqa: ASYNC110
                    await asyncio.sleep(0.02)  # joining gives no signal
        except TimeoutError:
            problem = node.bootstrap_problem
            await node.close()
            raise TimeoutError(f"None of the initial peers answered. {problem}".strip()) from None
        return node

    def shutdown(self) -> None:
        """Stop what uses this peer, leave the swarm, and end the thread. Doing it again does nothing."""
        thread, node = self._thread, self._node
        self._node = None
        if thread is None or node is None:
            return
        for each in reversed(list(self.shared.values())):
            thread.run(each.close(), 10.0)
        self.shared.clear()
        thread.run(node.close(), self.shutdown_timeout + 5.0)
        thread.stop()

    def is_alive(self) -> bool:
        """Whether it runs."""
        return self._node is not None

    def __enter__(self) -> "DHT":
        return self

    def __exit__(self, kind: type[BaseException] | None, error: BaseException | None, at: TracebackType | None) -> None:
        self.shutdown()

    @property
    def node(self) -> PeerNode:
        """The peer itself; its parts belong to the network's thread. Raises RuntimeError unless it runs."""
        if self._node is None:
            raise RuntimeError("This DHT does not run: create it with start=True, or call run_in_background().")
        return self._node

    @property
    def thread(self) -> LoopThread:
        """The network's thread."""
        if self._thread is None:
            raise RuntimeError("This DHT does not run.")
        return self._thread

    @property
    def peer_id(self) -> PeerID:
        """Who this peer is."""
        return PeerID(self.node.peer_id)

    def get_visible_maddrs(self, latest: bool = False) -> list[str]:  # noqa: ARG002 - Hivemind's
        """Addresses for other peers' `initial_peers`; each names this peer, so that nobody else can answer there."""
        return [f"{self.node.address}#{self.node.peer_id.hex()}"]

    # --- values ---------------------------------------------------------------------------------------------

    def store(
        self, key: Any, value: Any, expiration_time: float, subkey: Any = None, return_future: bool = False
    ) -> Any:
        """Keep a value until `expiration_time` (two hours ahead at most; later is cut). True when some node keeps it,
        False when this peer has stored it for longer already.

        key, value, subkey: anything msgpack can pack, a value at most 1000 bytes then, a subkey 63. Values with a
        subkey form a dictionary. Every peer has entries of its own: none can overwrite another's, and of several
        peers' the one that expires last is found. Raises ValueError for what is too large.
        """
        packed, name = msgpack.packb(value), _PLAIN if subkey is None else _ENTRY + msgpack.packb(subkey)
        if len(packed) > MAX_VALUE_BYTES or len(name) > MAX_SUBKEY_BYTES:
            raise ValueError(f"A value takes {len(packed)} bytes and its subkey {len(name)}; 1000 and 64 are allowed.")
        expires = min(expiration_time, get_dht_time() + MAX_RECORD_LIFE_S - 1)
        future = self.thread.start(self._store(Entry(_key(key), name, packed, expires)))
        return future if return_future else future.result()

    async def _store(self, entry: Entry) -> bool:
        now = get_dht_time()
        if entry.expires <= max(now, self._own.get((entry.key, entry.subkey), 0.0)):
            return False
        kept = bool((await self.node.dht.store([entry]))[0])
        if kept:
            self._own = {name: expires for name, expires in self._own.items() if expires > now}
            self._own[entry.key, entry.subkey] = entry.expires
        return kept

    def get(self, key: Any, latest: bool = False, return_future: bool = False) -> Any:
        """The value of a key as ValueWithExpiration, None when nobody knows one. latest: past the local cache.

        Where it was stored with subkeys its value is a dictionary {subkey: ValueWithExpiration}.
        """
        future = self.thread.start(self._get(_key(key), latest))
        return future if return_future else future.result()

    async def _get(self, key: bytes, latest: bool) -> ValueWithExpiration | None:
        found = (await self.node.dht.get([key], fresh=latest)).get(key, [])
        best: dict[bytes, Record] = {}
        for record in found:
            known = best.get(record.subkey)
            if record.value and (known is None or record.expires > known.expires):
                best[record.subkey] = record
        entries = {}
        for subkey, record in best.items():
            try:
                value = msgpack.unpackb(record.value, strict_map_key=False)
                name = None if subkey == _PLAIN else msgpack.unpackb(subkey[1:], strict_map_key=False)
                entries[name] = ValueWithExpiration(value, record.expires)
            except (ValueError, TypeError, msgpack.UnpackException):
                continue  # a stranger's record that is no value of this API
        plain = entries.pop(None, None)
        whole = max((each.expiration_time for each in entries.values()), default=0.0)
        if plain is not None and plain.expiration_time >= whole:
            return plain
        return ValueWithExpiration(entries, whole) if entries else None

    def run_coroutine(self, coro: "Callable[[DHT, Any], Awaitable[T]]", return_future: bool = False) -> "T | Future[T]":
        """Run `coro(dht, node)` in the network's thread. node: `net.dht.node.DhtNode`, with coroutines store and get.

        It runs in this very process: what it changes stays changed.
        """

        async def run() -> T:
            return await coro(self, self.node.dht)

        future = self.thread.start(run())
        return future if return_future else future.result()


def address_of(text: str) -> str:
    """`tcp://host:port` of it, or of a multiaddress. Raises AddressError."""
    found = _MULTIADDRESS.fullmatch(text)
    if found:
        host = f"[{found[1]}]" if ":" in found[1] else found[1]
        return f"tcp://{host}:{found[2]}"
    if text.startswith("/"):
        raise AddressError(f"{text!r} is no address of this network; write tcp://HOST:PORT or /ip4/HOST/tcp/PORT.")
    return text


def _key(key: Any) -> bytes:
    return dht_key("value", msgpack.packb(key))
