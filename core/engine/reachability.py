"""How others reach this computer, in words: one sentence that says it, and one that says what would help."""

from typing import NamedTuple

from net.addresses import Scope, scope_of
from net.nat.reachability import State
from net.nat.reaching import Reach
from net.words import say


class Words(NamedTuple):
    """state: a stable word; text: one sentence; help: what the volunteer could do, "" where nothing is missing."""

    state: str
    text: str
    help: str = ""


def words(reach: Reach, *, loopback: bool, port_mapping: bool) -> Words:
    """loopback: the engine was told to stay on this computer; port_mapping: the router may be asked."""
    if loopback:
        return Words("loopback", say("Only programs on this computer can reach this one."))
    state = reach.state
    match state:
        case State.UNKNOWN:
            return Words(state, say("Other computers are being asked whether they can reach this one."))
        case State.LOCAL:
            return Words(state, say("Computers in this home can reach this one; nobody outside has been met yet."))
        case State.DIRECT:
            return Words(state, say("Other computers can reach this one directly."))
        case State.MAPPED:
            return Words(state, say("Other computers can reach this one directly: your router opened ports for it."))
        case State.RELAYED:
            text = say("Other computers reach this one through helpers, which is slower.")
            return Words(state, text, _help(reach, port_mapping=port_mapping))
        case State.CLIENT:
            text = say("Other computers cannot reach this one, so it calls them.")
            return Words(state, text, _help(reach, port_mapping=port_mapping))


def _help(reach: Reach, *, port_mapping: bool) -> str:
    if reach.router_host and scope_of(reach.router_host) is not Scope.GLOBAL:
        return say(
            "Your router has no public address of its own, as when a provider shares one among many homes. "
            "Ask your provider for IPv6 or for a public IPv4 address."
        )
    ports = _ports(reach.ports)
    if not port_mapping:
        return say(
            "Allow Hivelet to ask your router for open ports (preference port_mapping), or forward the TCP ports "
            "{ports} on your router to this computer.",
            ports=ports,
        )
    if reach.mapping_problem:
        return say(
            "Switch on UPnP or NAT-PMP in your router's settings, or forward the TCP ports {ports} on your router to "
            "this computer.",
            ports=ports,
        )
    return say("It would be faster to forward the TCP ports {ports} on your router to this computer.", ports=ports)


def _ports(ports: tuple[int, int, int]) -> str:
    first, second, third = ports
    if (second, third) == (first + 1, first + 2):
        return f"{first}–{third}"
    return f"{first}, {second}, {third}"
