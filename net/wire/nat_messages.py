"""Messages with which peers find out how they can be reached, and are reached where no connection comes in."""

from dataclasses import dataclass
from enum import IntEnum
from typing import Annotated, ClassVar

from net.addresses import Contact, Route
from net.wire.limits import RELAY_HANDSHAKE_BYTES, Between, Max
from net.wire.messages import Count, Key, Message, Nonce, Text

# --- reachability -------------------------------------------------------------------------------------------


class DialBackCode(IntEnum):
    """What became of a request to be dialled."""

    REACHED = 0  # the nonce was delivered there
    NOT_REACHED = 1
    PAY_FIRST = 2  # that is not where you call from: ask again with DIAL_BACK_PRICE_BYTES of payload
    CANNOT_TELL = 3  # no way from here to such an address, or too many ask


@dataclass(frozen=True, slots=True)
class DialBack(Message):
    """Please open a new connection to this route of mine, and knock there with this nonce.

    contact: the asker's own card, valid for a minute, with the one route to be tried.
    """

    CODE: ClassVar[int] = 64
    nonce: Nonce
    contact: Contact


@dataclass(frozen=True, slots=True)
class DialBackResult(Message):
    """Answer to DialBack. code: a DialBackCode."""

    CODE: ClassVar[int] = 65
    code: Annotated[int, Between(0, 255)]


@dataclass(frozen=True, slots=True)
class Knock(Message):
    """The nonce of a DialBack, over the connection that it asked for."""

    CODE: ClassVar[int] = 66
    nonce: Nonce


@dataclass(frozen=True, slots=True)
class Knocked(Message):
    """Answer to Knock."""

    CODE: ClassVar[int] = 67


# --- relays and reversal: these travel in frames of kind RELAY, on either plane ------------------------------


@dataclass(frozen=True, slots=True)
class Reserve(Message):
    """Pass on to me what comes for my CURVE key, over this connection."""

    CODE: ClassVar[int] = 72
    network: Text
    contact: Contact


@dataclass(frozen=True, slots=True)
class Reserved(Message):
    """Answer to Reserve: for so many seconds, and at most so many bytes both ways."""

    CODE: ClassVar[int] = 73
    seconds: Annotated[float, Between(0, 86400)]
    budget: Count


@dataclass(frozen=True, slots=True)
class OpenCircuit(Message):
    """From a caller to the relay, and on from the relay: let me talk with the peer of this CURVE key."""

    CODE: ClassVar[int] = 74
    target: Key
    handshake: Annotated[bytes, Max(RELAY_HANDSHAKE_BYTES)]


@dataclass(frozen=True, slots=True)
class CircuitOpened(Message):
    """Answer to OpenCircuit by the peer that is called, passed on by the relay."""

    CODE: ClassVar[int] = 75
    handshake: Annotated[bytes, Max(RELAY_HANDSHAKE_BYTES)]


@dataclass(frozen=True, slots=True)
class CloseCircuit(Message):
    """This circuit is over, or never was. code: a FailureCode, 0 where the other end simply let go."""

    CODE: ClassVar[int] = 76
    code: Annotated[int, Between(0, 255)]
    text: Text


@dataclass(frozen=True, slots=True)
class Reverse(Message):
    """Sealed within OpenCircuit's handshake: dial me at this route instead, and say the nonce."""

    CODE: ClassVar[int] = 77
    route: Route
    nonce: Nonce


@dataclass(frozen=True, slots=True)
class Reversed(Message):
    """First message on the connection that Reverse asked for: from now on the requests are yours."""

    CODE: ClassVar[int] = 78
    nonce: Nonce
