"""Where peers are: endpoints, and the signed card with which a peer makes itself known."""

import ipaddress
import re
from dataclasses import dataclass
from typing import Annotated, NewType

from net.errors import AddressError
from net.wire.limits import MAX_ADDRESS_CHARS, Exactly, Max

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
    def is_loopback(self) -> bool:
        """True for 127.0.0.0/8, ::1 and the name localhost."""
        if self.host == "localhost":
            return True
        try:
            return ipaddress.ip_address(self.host).is_loopback
        except ValueError:
            return False


@dataclass(frozen=True, slots=True)
class Contact:
    """A peer's card: who it is, the CURVE key of its present run, and where it listens.

    Signed by the peer's Ed25519 key over every other field (`net.identity.sign_contact`), so that it can be
    passed on by anyone and believed by everyone. Empty addresses mean that the peer cannot be dialled: it is a
    client, and never enters a routing table.
    """

    public_key: Annotated[bytes, Exactly(32)]
    curve_key: Annotated[bytes, Exactly(32)]
    control: Annotated[str, Max(MAX_ADDRESS_CHARS)]
    bulk: Annotated[str, Max(MAX_ADDRESS_CHARS)]
    expires: float
    signature: Annotated[bytes, Exactly(64)]

    @property
    def dialable(self) -> bool:
        """Whether others can open a connection to it."""
        return bool(self.control)
