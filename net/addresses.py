"""Where peers are: endpoints, and the signed card with which a peer makes itself known."""

import asyncio
import functools
import ipaddress
import re
import socket
from dataclasses import dataclass
from enum import IntEnum
from typing import Annotated, NewType

from net.errors import AddressError
from net.wire.limits import MAX_ADDRESS_CHARS, MAX_ROUTES, Exactly, Max

PeerId = NewType("PeerId", bytes)
"""SHA-256 of a peer's Ed25519 public key: 32 bytes."""

_ENDPOINT = re.compile(r"tcp://(?:\[(?P<v6>[0-9A-Fa-f:.]+)\]|(?P<host>[A-Za-z0-9.\-]+)):(?P<port>[0-9]{1,5})")
_BROADCAST = ipaddress.ip_address("255.255.255.255")


@dataclass(frozen=True, slots=True)
class Endpoint:
    """A TCP host and port, written `tcp://host:port`, IPv6 in brackets."""

    host: str
    port: int

    @classmethod
    def parse(cls, text: str) -> "Endpoint":
        """Read `tcp://HOST:PORT`; port 0 means "any free port". Raises AddressError with one clear sentence."""
        found = _ENDPOINT.fullmatch(text) if len(text) <= MAX_ADDRESS_CHARS else None
        if not found:
            raise AddressError(f"{text[:80]!r} is not an address of the form tcp://HOST:PORT.")
        port = int(found["port"])
        if port > 65535:
            raise AddressError(f"{text!r} names port {port}; ports end at 65535.")
        return cls(found["v6"] or found["host"], port)

    def __str__(self) -> str:
        return f"tcp://[{self.host}]:{self.port}" if ":" in self.host else f"tcp://{self.host}:{self.port}"

    def require_dialable(self, *, loopback: bool) -> "Endpoint":
        """Itself, where a stranger's word is enough to open a connection to it; AddressError otherwise.

        It must be a literal IP address of one host, because a name would cost a DNS request that a stranger chose.
        loopback: only this computer may be dialled.
        """
        try:
            ip = ipaddress.ip_address(self.host)
        except ValueError:
            raise AddressError(f"{self} names no IP address.") from None
        if not self.port or ip.is_unspecified or ip.is_multicast or ip == _BROADCAST:
            raise AddressError(f"{self} is no address of one peer.")
        if loopback and not ip.is_loopback:
            raise AddressError(f"{self} is outside this computer, where a loopback peer never goes.")
        return self

    @property
    def is_wildcard(self) -> bool:
        """True for 0.0.0.0 and ::, which stand for every address of this computer."""
        return self.host in {"0.0.0.0", "::"}  # noqa: S104 - recognised, not bound

    @property
    def is_loopback(self) -> bool:
        """True for 127.0.0.0/8, ::1 and the name localhost."""
        if self.host == "localhost":
            return True
        try:
            return ipaddress.ip_address(self.host).is_loopback
        except ValueError:
            return False


class Scope(IntEnum):
    """From how far an address can be reached; a peer may pass on contacts of its own scope or wider ones."""

    LOOPBACK = 0
    PRIVATE = 1
    GLOBAL = 2


@functools.lru_cache(maxsize=8192)
def scope_of(host: str) -> Scope:
    """The scope of a literal IP address. Raises AddressError for what is none, or none of a single computer."""
    try:
        ip = ipaddress.ip_address(host)
    except ValueError:
        raise AddressError(f"{host[:80]!r} is no IP address.") from None
    if isinstance(ip, ipaddress.IPv6Address) and ip.ipv4_mapped is not None:
        ip = ip.ipv4_mapped
    if ip.is_loopback:
        return Scope.LOOPBACK
    if ip.is_unspecified or ip.is_multicast:
        raise AddressError(f"{host} is no address of a single computer.")
    return Scope.GLOBAL if ip.is_global else Scope.PRIVATE


@dataclass(frozen=True, slots=True)
class Route:
    """One way to a peer: its own two listeners, or those of a relay that passes on to it.

    relay: empty for a direct route, else the relay's CURVE key, 32 bytes, which the connection to it must prove.
    """

    control: Annotated[str, Max(MAX_ADDRESS_CHARS)]
    bulk: Annotated[str, Max(MAX_ADDRESS_CHARS)]
    relay: Annotated[bytes, Max(32)] = b""


@dataclass(frozen=True, slots=True)
class Contact:
    """A peer's card: who it is, the CURVE key of its present run, and the ways to it, the one it prefers first.

    Signed by the peer's Ed25519 key over every other field (`net.identity.sign_contact`), so that it can be
    passed on by anyone and believed by everyone. A peer without a direct route is a client, and never enters a
    routing table; without any route nobody can call it.
    """

    public_key: Annotated[bytes, Exactly(32)]
    curve_key: Annotated[bytes, Exactly(32)]
    routes: Annotated[tuple[Route, ...], Max(MAX_ROUTES)]
    expires: float
    signature: Annotated[bytes, Exactly(64)]

    @property
    def direct(self) -> tuple[Route, ...]:
        """The ways that lead to the peer itself, over no relay."""
        return tuple(route for route in self.routes if not route.relay)

    @property
    def control(self) -> str:
        """The control plane's address of the first direct route, "" where there is none."""
        for route in self.routes:  # a loop: this is asked more often than anything else about a peer
            if not route.relay:
                return route.control
        return ""

    @property
    def bulk(self) -> str:
        """The bulk plane's address of the first direct route, "" where there is none."""
        return next((route.bulk for route in self.routes if not route.relay), "")

    @property
    def dialable(self) -> bool:
        """Whether others can open a connection to the peer itself."""
        return bool(self.control)


async def resolve(endpoint: Endpoint, *, loopback: bool) -> tuple[Endpoint, ...]:
    """Every IP address that an address given by the user stands for and that may be dialled, in the system's order.

    loopback: no name but localhost is looked up, and nothing outside this computer is returned.
    Raises AddressError where there is none, also for a name that is unknown.
    """
    if endpoint.host == "localhost":
        return (Endpoint("127.0.0.1", endpoint.port),)
    try:
        ipaddress.ip_address(endpoint.host)
    except ValueError:
        if loopback:
            raise AddressError(f"{endpoint} is outside this computer, where a loopback peer never goes.") from None
    else:
        return (endpoint.require_dialable(loopback=loopback),)
    try:
        found = await asyncio.get_running_loop().getaddrinfo(
            endpoint.host, endpoint.port, type=socket.SOCK_STREAM, proto=socket.IPPROTO_TCP
        )
    except OSError as error:
        raise AddressError(f"The name {endpoint.host} is unknown ({error.strerror}).") from error
    hosts = dict.fromkeys(str(row[4][0]).partition("%")[0] for row in found)
    usable: list[Endpoint] = []
    problem = AddressError(f"The name {endpoint.host} has no address.")
    for host in hosts:
        try:
            usable.append(Endpoint(host, endpoint.port).require_dialable(loopback=loopback))
        except AddressError as error:
            problem = error
    if not usable:
        raise problem
    return tuple(usable)
