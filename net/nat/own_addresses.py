"""Which IP addresses this computer has that others could dial: the main one of each family."""

import socket

import psutil

from net.addresses import Endpoint

_OUTSIDE = {socket.AF_INET: "192.0.2.1", socket.AF_INET6: "2000::1"}  # asked about, never sent to
_FALLBACK = {socket.AF_INET: "127.0.0.1", socket.AF_INET6: "::1"}


def own_addresses(bound: str) -> tuple[str, ...]:
    """The addresses under which a listener bound to `bound` can be dialled, IPv4 first.

    bound: an IP address, or a wildcard, for which the system is asked what it would use towards the Internet
    (`::` stands for both families). Without any network, the loopback address.
    """
    if not Endpoint(bound, 0).is_wildcard:
        return (bound,)
    families = (socket.AF_INET, socket.AF_INET6) if ":" in bound else (socket.AF_INET,)
    found = tuple(host for host in map(_main_address, families) if host)
    return found or (_FALLBACK[families[0]],)


def has_family(host: str) -> bool:
    """Whether this computer has an address of the same family as this one, and a way out from it."""
    return bool(_main_address(socket.AF_INET6 if ":" in host else socket.AF_INET))


def wildcard() -> str:
    """The address to bind for everyone: both families at once where the system can."""
    return "::" if socket.has_ipv6 and socket.has_dualstack_ipv6() else "0.0.0.0"  # noqa: S104 - what a peer is for


def _main_address(family: socket.AddressFamily) -> str:
    """Nothing is sent: connecting a UDP socket only asks the system which of its addresses it would use."""
    try:
        with socket.socket(family, socket.SOCK_DGRAM) as probe:
            probe.connect((_OUTSIDE[family], 9))
            host = str(probe.getsockname()[0])
    except OSError:
        return _any_address(family)  # no way to the Internet, but perhaps a neighbour at the other end of a cable
    return "" if host == _FALLBACK[family] else host


def _any_address(family: socket.AddressFamily) -> str:
    addresses = (address for rows in psutil.net_if_addrs().values() for address in rows if address.family == family)
    hosts = (str(address.address) for address in addresses)
    return next((host for host in hosts if host != _FALLBACK[family] and "%" not in host), "")
