"""Which contacts may be believed: id bound to key, a signature that holds, an address that makes sense.

Contacts come from strangers, twenty at a time. Cheap checks come before the signature, whose result
`net.identity` remembers, since it is mostly the same cards that arrive again.
"""

import functools
import ipaddress
from collections.abc import Sequence
from dataclasses import dataclass, field
from typing import NamedTuple

from net.addresses import Contact, Endpoint, PeerId, Scope, scope_of
from net.errors import AddressError, IdentityError
from net.identity import verify_contact


@dataclass(slots=True)
class Candidate:
    """A checked contact and the id that its key hashes to.

    number: the id, ready for XOR; control: the contact's own, "" for a client.
    """

    peer_id: PeerId
    contact: Contact
    number: int = field(init=False, repr=False, compare=False)
    control: str = field(init=False, repr=False, compare=False)

    def __post_init__(self) -> None:
        self.number = int.from_bytes(self.peer_id, "big")
        self.control = self.contact.control


class Place(NamedTuple):
    """What the table needs to know of an address: its scope, and the network that it shares with neighbours."""

    scope: Scope
    group: str  # "203.0.113.0/24" or "2001:db8::/56"; empty where many addresses of one owner are normal


@functools.lru_cache(maxsize=16_384)
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
    scope = scope_of(endpoint.host)
    if scope is not Scope.GLOBAL:
        return Place(scope, "")
    prefix = 24 if ip.version == 4 else 56
    return Place(Scope.GLOBAL, str(ipaddress.ip_network(f"{ip}/{prefix}", strict=False)))


def check_contact(contact: Contact, now: float) -> Candidate:
    """The contact with its id. now: Unix seconds.

    Raises IdentityError for a card that is forged or has expired, AddressError for one that cannot be dialled.
    """
    return _check(contact, now).candidate


def candidate_of(peer_id: PeerId, contact: Contact) -> Candidate:
    """The candidate for a peer that the layer below has authenticated under this contact; the one there is, if any."""
    known = _good_cards.get(contact.signature)
    return known.candidate if known is not None and known.candidate.contact is contact else Candidate(peer_id, contact)


def check_told(contacts: Sequence[Contact], teller: Contact, own_id: bytes, now: float) -> list[Candidate]:
    """The usable ones among contacts that `teller` passed on; the others are dropped silently.

    Dropped too: this peer itself, repetitions, and addresses of a narrower scope than the teller's own, since
    a stranger from the Internet has no business naming computers of this home.
    """
    scope = place_of(teller.control).scope
    usable: dict[PeerId, Candidate] = {}
    for contact in contacts:
        checked = _good_cards.get(contact.signature)
        if checked is None or checked.candidate.contact is not contact or contact.expires <= now:
            try:
                checked = _check(contact, now)
            except (IdentityError, AddressError):
                continue
        candidate = checked.candidate
        if checked.scope >= scope and candidate.peer_id != own_id:
            usable[candidate.peer_id] = candidate
    return list(usable.values())


class _Checked(NamedTuple):
    candidate: Candidate
    scope: Scope


_CARDS = 16_384
_good_cards: dict[bytes, _Checked] = {}  # by signature, the first to come the first to go; about 1 KB each


def _check(contact: Contact, now: float) -> _Checked:
    """As `check_contact`. Cards found good are remembered: the same ones come again with almost every answer."""
    known = _good_cards.get(contact.signature)
    if known is not None and (known.candidate.contact is contact or known.candidate.contact == contact):
        if contact.expires <= now:
            raise IdentityError("A contact has expired.")
        return known
    if not contact.dialable:
        raise AddressError("This contact has no address: its peer is a client.")
    scope = place_of(contact.control).scope
    checked = _Checked(Candidate(verify_contact(contact, now), contact), scope)
    _good_cards[contact.signature] = checked
    if len(_good_cards) > _CARDS:
        del _good_cards[next(iter(_good_cards))]
    return checked
