"""Where peers are: endpoints, and the signed card with which a peer makes itself known."""

import asyncio
import ipaddress
import re
import socket
from dataclasses import dataclass
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
        return next((route.control for route in self.routes if not route.relay), "")

    @property
    def bulk(self) -> str:
        """The bulk plane's address of the first direct route, "" where there is none."""
        return next((route.bulk for route in self.routes if not route.relay), "")

    @property
    def dialable(self) -> bool:
        """Whether others can open a connection to the peer itself."""
        return bool(self.control)


async def resolve(endpoint: Endpoint, *, loopback: bool) -> Endpoint:
    """The endpoint with an IP address for its host, that an address given by the user may be dialled at.

    loopback: no name but localhost is looked up, and nothing outside this computer is returned.
    Raises AddressError, also for a name that is unknown.
    """
    if endpoint.host == "localhost":
        return Endpoint("127.0.0.1", endpoint.port)
    try:
        ipaddress.ip_address(endpoint.host)
    except ValueError:
        if loopback:
            raise AddressError(f"{endpoint} is outside this computer, where a loopback peer never goes.") from None
        try:
            found = await asyncio.get_running_loop().getaddrinfo(
                endpoint.host, endpoint.port, type=socket.SOCK_STREAM, proto=socket.IPPROTO_TCP
            )
        except OSError as error:
            raise AddressError(f"The name {endpoint.host} is unknown ({error.strerror}).") from error
        endpoint = Endpoint(str(found[0][4][0]), endpoint.port)
    return endpoint.require_dialable(loopback=loopback)


def own_address(bound: str) -> str:
    """The IP address to announce for a listener bound to `bound`: itself, or this computer's main one for a wildcard.

    Nothing is sent: connecting a UDP socket only asks the system which of its addresses it would use.
    """
    if not Endpoint(bound, 0).is_wildcard:
        return bound
    family, outside, fallback = (
        (socket.AF_INET6, "2001:db8::1", "::1") if ":" in bound else (socket.AF_INET, "192.0.2.1", "127.0.0.1")
    )
    with socket.socket(family, socket.SOCK_DGRAM) as probe:
        try:
            probe.connect((outside, 9))
            return str(probe.getsockname()[0])
        except OSError:
            return fallback  # no network: only this computer can reach it
