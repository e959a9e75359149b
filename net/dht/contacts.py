"""Which contacts may be believed: id bound to key, a signature that holds, an address that makes sense.

Contacts come from strangers, twenty at a time. Cheap checks come before the signature, whose result
`net.identity` remembers, since it is mostly the same cards that arrive again.
"""

import functools
import ipaddress
from collections.abc import Sequence
from enum import IntEnum
from typing import NamedTuple

from net.addresses import Contact, Endpoint, PeerId
from net.errors import AddressError, IdentityError
from net.identity import verify_contact


class Candidate(NamedTuple):
    """A checked contact and the id that its key hashes to."""

    peer_id: PeerId
    contact: Contact


class Scope(IntEnum):
    """From how far an address can be reached; a peer may pass on contacts of its own scope or wider ones."""

    LOOPBACK = 0
    PRIVATE = 1
    GLOBAL = 2


class Place(NamedTuple):
    """What the table needs to know of an address: its scope, and the network that it shares with neighbours."""

    scope: Scope
    group: str  # "203.0.113.0/24" or "2001:db8::/56"; empty where many addresses of one owner are normal


@functools.lru_cache(maxsize=8192)
def place_of(address: str) -> Place:
    """Scope and network group of a control address. Raises AddressError where nobody can be dialled.

    Host names are refused: a contact that strangers pass on must not make others ask their name servers.
    """
    endpoint = Endpoint.parse(address)
    if endpoint.port == 0:
        raise AddressError(f"{address!r} has port 0, where nobody listens.")
    if endpoint.host == "localhost":
        return Place(Scope.LOOPBACK, "")
    try:
        ip = ipaddress.ip_address(endpoint.host)
    except ValueError:
        raise AddressError(f"{address!r} is a host name; contacts carry IP addresses.") from None
    if isinstance(ip, ipaddress.IPv6Address) and ip.ipv4_mapped is not None:
        ip = ip.ipv4_mapped
    if ip.is_loopback:
        return Place(Scope.LOOPBACK, "")
    if ip.is_unspecified or ip.is_multicast:
        raise AddressError(f"{address!r} is no address of a single computer.")
    if not ip.is_global:
        return Place(Scope.PRIVATE, "")
    prefix = 24 if ip.version == 4 else 56
    return Place(Scope.GLOBAL, str(ipaddress.ip_network(f"{ip}/{prefix}", strict=False)))


def check_contact(contact: Contact, now: float) -> Candidate:
    """The contact with its id. now: Unix seconds.

    Raises IdentityError for a card that is forged or has expired, AddressError for one that cannot be dialled.
    """
    if not contact.dialable:
        raise AddressError("This contact has no address: its peer is a client.")
    place_of(contact.control)
    return Candidate(verify_contact(contact, now), contact)


def check_told(contacts: Sequence[Contact], teller: Contact, own_id: bytes, now: float) -> list[Candidate]:
    """The usable ones among contacts that `teller` passed on; the others are dropped silently.

    Dropped too: this peer itself, repetitions, and addresses of a narrower scope than the teller's own, since
    a stranger from the Internet has no business naming computers of this home.
    """
    scope = place_of(teller.control).scope
    usable: dict[PeerId, Candidate] = {}
    for contact in contacts:
        try:
            if place_of(contact.control).scope < scope:
                continue
            peer_id = verify_contact(contact, now)
        except (IdentityError, AddressError):
            continue
        if peer_id != own_id:
            usable[peer_id] = Candidate(peer_id, contact)
    return list(usable.values())
