"""The messages between peers that reach each other; those that help them to do so are in `net.wire.nat_messages`.

What is not in the closed table of `net.wire.table` cannot be received. Every message is a frozen dataclass of numbers,
text, bytes, tuples and nested dataclasses; annotations carry the bounds that the codec (`net.wire.codec`) checks before
a handler sees anything. `docs/protocol.md` is authoritative. Tensors do not travel inside messages: a message carries
their headers, the bytes follow as its payload.
"""

from dataclasses import dataclass
from enum import IntEnum
from typing import Annotated, ClassVar

from net.addresses import Contact
from net.wire.limits import (
    MAX_ADDRESS_CHARS,
    MAX_CALLS,
    MAX_CONTACTS,
    MAX_DIMS,
    MAX_KEYS,
    MAX_RECORDS,
    MAX_SUBKEY_BYTES,
    MAX_TENSORS,
    MAX_TEXT_CHARS,
    MAX_TIMEOUT_S,
    MAX_UID_CHARS,
    MAX_VALUE_BYTES,
    STREAM_BYTES,
    TICKET_BYTES,
    Between,
    Exactly,
    Max,
)

PROTOCOL_VERSION = 1

Key = Annotated[bytes, Exactly(32)]
Signature = Annotated[bytes, Exactly(64)]
Nonce = Annotated[bytes, Exactly(16)]
Text = Annotated[str, Max(MAX_TEXT_CHARS)]
Uid = Annotated[str, Max(MAX_UID_CHARS)]
Ticket = Annotated[bytes, Max(TICKET_BYTES)]
Count = Annotated[int, Between(0, 2**62)]


class Plane(IntEnum):
    """Which of the two sockets a message takes."""

    __hash__ = int.__hash__  # an Enum's own is a function of Python's, and every call looks for its connection
    CONTROL = 0
    BULK = 1


class FailureCode(IntEnum):
    """Why a peer answers with an error."""

    INTERNAL = 1  # its fault, not yours
    BAD_REQUEST = 2  # the message breaks a rule
    UNKNOWN_METHOD = 3
    VERSION = 4  # speaks another protocol version
    HELLO_REQUIRED = 5  # introduce yourself first
    UNAUTHORIZED = 6
    BUSY = 7  # try again after retry_after seconds
    PAUSED = 8  # its volunteer has paused it
    NOT_FOUND = 9  # no such expert or project here
    BAD_TENSOR = 10  # shape, dtype, NaN or Inf, or far longer than this expert is used to
    TOO_LATE = 11  # the caller's deadline has passed
    TICKET_GONE = 12  # send the inputs again, once
    BANNED = 13  # too many of your calls broke the rules; not before retry_after seconds


class Message:
    """Base of everything in the table. CODE is its number on the wire, PLANE the socket it takes."""

    __slots__ = ()
    CODE: ClassVar[int]
    PLANE: ClassVar[Plane] = Plane.CONTROL


# --- parts of messages (no code of their own) ---------------------------------------------------------------


@dataclass(frozen=True, slots=True)
class Record:
    """One owner-signed entry of the DHT: (key, subkey, owner) names it, the highest seq wins.

    expires: Unix seconds. signature: Ed25519 by `owner` over the exact bytes of all other fields.
    """

    key: Key
    subkey: Annotated[bytes, Max(MAX_SUBKEY_BYTES)]
    owner: Key  # Ed25519 public key
    seq: Count
    expires: float
    value: Annotated[bytes, Max(MAX_VALUE_BYTES)]
    signature: Signature


@dataclass(frozen=True, slots=True)
class Found:
    """What a node knows about one key: records it holds, and the contacts nearest to the key."""

    key: Key
    records: Annotated[tuple[Record, ...], Max(MAX_RECORDS)]
    more: bool  # records were left off for lack of room: ask again with after = the last one's (subkey, owner)
    contacts: Annotated[tuple[Contact, ...], Max(MAX_CONTACTS)]


@dataclass(frozen=True, slots=True)
class TensorHeader:
    """One tensor of the payload: its shape and type, the encoding of its bytes, and how many bytes follow."""

    shape: Annotated[tuple[Annotated[int, Between(0, 2**31)], ...], Max(MAX_DIMS)]
    dtype: Annotated[str, Max(16)]  # "float32", "float16", "bfloat16", "int64", …
    encoding: Annotated[str, Max(16)]  # "none", "float16", "bfloat16", …
    nbytes: Annotated[int, Between(0, STREAM_BYTES)]


@dataclass(frozen=True, slots=True)
class ExpertCall:
    """One expert's share of a request; its tensors follow in the payload, in the order of the calls.

    ticket: of a backward call, from the answer to its forward call; then the call brings no inputs.
    """

    uid: Uid
    tensors: Annotated[tuple[TensorHeader, ...], Max(MAX_TENSORS)]
    ticket: Ticket = b""


@dataclass(frozen=True, slots=True)
class ExpertResult:
    """One expert's answer: code 0 and tensors, or a FailureCode and a text.

    retry_after: seconds, as in Failure; ticket: stands for the inputs in a backward call, empty where there is none.
    """

    uid: Uid
    code: Annotated[int, Between(0, 255)]
    text: Text
    tensors: Annotated[tuple[TensorHeader, ...], Max(MAX_TENSORS)]
    retry_after: Annotated[float, Between(0, 3600)] = 0.0
    ticket: Ticket = b""


# --- session ------------------------------------------------------------------------------------------------


@dataclass(frozen=True, slots=True)
class Introduce(Message):
    """Sent in the clear to the introduction port by one who knows an address only."""

    CODE: ClassVar[int] = 1
    version: Count
    network: Text
    nonce: Nonce


@dataclass(frozen=True, slots=True)
class Introduction(Message):
    """The answer: my contact, and my signature over your nonce, so that it cannot be replayed."""

    CODE: ClassVar[int] = 2
    version: Count
    contact: Contact
    signature: Signature


@dataclass(frozen=True, slots=True)
class Hello(Message):
    """First message on every connection, on each plane: who is behind this CURVE key."""

    CODE: ClassVar[int] = 3
    version: Count
    network: Text
    contact: Contact


@dataclass(frozen=True, slots=True)
class Welcome(Message):
    """Answer to Hello: my own contact, and the address that your connection comes from."""

    CODE: ClassVar[int] = 4
    version: Count
    contact: Contact
    observed: Annotated[str, Max(MAX_ADDRESS_CHARS)]
    time: float


@dataclass(frozen=True, slots=True)
class Failure(Message):
    """Answer to any request that was not served."""

    CODE: ClassVar[int] = 5
    code: Annotated[int, Between(1, 255)]
    text: Text
    retry_after: Annotated[float, Between(0, 3600)]


# --- DHT ----------------------------------------------------------------------------------------------------


@dataclass(frozen=True, slots=True)
class Ping(Message):
    """Are you there, and what is your time?"""

    CODE: ClassVar[int] = 16


@dataclass(frozen=True, slots=True)
class Pong(Message):
    """Here; time is Unix seconds. token: show it when storing here."""

    CODE: ClassVar[int] = 17
    time: float
    token: Annotated[bytes, Max(32)] = b""


@dataclass(frozen=True, slots=True)
class FindNode(Message):
    """The k contacts nearest to target, please."""

    CODE: ClassVar[int] = 18
    target: Key


@dataclass(frozen=True, slots=True)
class Nodes(Message):
    """Answer to FindNode. token: show it when storing here."""

    CODE: ClassVar[int] = 19
    contacts: Annotated[tuple[Contact, ...], Max(MAX_CONTACTS)]
    token: Annotated[bytes, Max(32)]


@dataclass(frozen=True, slots=True)
class FindValue(Message):
    """Records under each key, or the way to them. after: (subkey, owner) of the last record that you have of
    a key, for a key whose answer said `more`; empty otherwise (then only one key is allowed when it is set)."""

    CODE: ClassVar[int] = 20
    keys: Annotated[tuple[Key, ...], Max(MAX_KEYS)]
    after_subkey: Annotated[bytes, Max(MAX_SUBKEY_BYTES)]
    after_owner: Annotated[bytes, Max(32)]


@dataclass(frozen=True, slots=True)
class Values(Message):
    """Answer to FindValue, one Found a key. token: show it when storing here."""

    CODE: ClassVar[int] = 21
    found: Annotated[tuple[Found, ...], Max(MAX_KEYS)]
    token: Annotated[bytes, Max(32)]


@dataclass(frozen=True, slots=True)
class Store(Message):
    """Keep these records. token: from an earlier answer of yours."""

    CODE: ClassVar[int] = 22
    token: Annotated[bytes, Max(32)]
    records: Annotated[tuple[Record, ...], Max(MAX_RECORDS)]


@dataclass(frozen=True, slots=True)
class Stored(Message):
    """Answer to Store, one reason a record, empty where it was stored. token: for the next time."""

    CODE: ClassVar[int] = 23
    refusals: Annotated[tuple[Text, ...], Max(MAX_RECORDS)]
    token: Annotated[bytes, Max(32)] = b""


# --- experts ------------------------------------------------------------------------------------------------


@dataclass(frozen=True, slots=True)
class ExpertForward(Message):
    """Run these experts of one project; payload = each call's input tensors. keep: a backward call will follow, please
    remember what it needs."""

    CODE: ClassVar[int] = 32
    PLANE: ClassVar[Plane] = Plane.BULK
    project: Key
    calls: Annotated[tuple[ExpertCall, ...], Max(MAX_CALLS)]
    keep: bool = False


@dataclass(frozen=True, slots=True)
class ExpertBackward(Message):
    """Train these experts; payload = each call's input tensors (none where it has a ticket), then output gradients."""

    CODE: ClassVar[int] = 33
    PLANE: ClassVar[Plane] = Plane.BULK
    project: Key
    calls: Annotated[tuple[ExpertCall, ...], Max(MAX_CALLS)]


@dataclass(frozen=True, slots=True)
class ExpertResults(Message):
    """Answer to either; payload = each successful result's tensors (outputs, or input gradients). seconds: from the
    whole request's arrival to this answer, so that the caller can tell the line from the computing."""

    CODE: ClassVar[int] = 34
    PLANE: ClassVar[Plane] = Plane.BULK
    results: Annotated[tuple[ExpertResult, ...], Max(MAX_CALLS)]
    seconds: Annotated[float, Between(0, MAX_TIMEOUT_S)] = 0.0


@dataclass(frozen=True, slots=True)
class ExpertDescribe(Message):
    """What does this expert take and give?"""

    CODE: ClassVar[int] = 44
    project: Key
    uid: Uid


@dataclass(frozen=True, slots=True)
class TensorKind:
    """One tensor that an expert takes or gives: a row's shape, its type, and the name of a keyword argument."""

    row_shape: Annotated[tuple[Annotated[int, Between(0, 2**31)], ...], Max(MAX_DIMS)]
    dtype: Annotated[str, Max(16)]
    keyword: Annotated[str, Max(16)] = ""


@dataclass(frozen=True, slots=True)
class ExpertDescription(Message):
    """Answer to ExpertDescribe. max_rows: the most that one call may bring."""

    CODE: ClassVar[int] = 45
    inputs: Annotated[tuple[TensorKind, ...], Max(MAX_TENSORS)]
    outputs: Annotated[tuple[TensorKind, ...], Max(MAX_TENSORS)]
    max_rows: Count


# --- trunk --------------------------------------------------------------------------------------------------


@dataclass(frozen=True, slots=True)
class TrunkFetch(Message):
    """A newcomer asks a trainer for its trunk."""

    CODE: ClassVar[int] = 48
    PLANE: ClassVar[Plane] = Plane.BULK
    project: Key


@dataclass(frozen=True, slots=True)
class TrunkExchange(Message):
    """Let us meet in the middle: payload = my trunk's parameters; answer with the mean of mine and yours."""

    CODE: ClassVar[int] = 49
    PLANE: ClassVar[Plane] = Plane.BULK
    project: Key
    step: Count
    tensors: Annotated[tuple[TensorHeader, ...], Max(MAX_TENSORS)]


@dataclass(frozen=True, slots=True)
class TrunkState(Message):
    """Answer to both; payload = the parameters."""

    CODE: ClassVar[int] = 50
    PLANE: ClassVar[Plane] = Plane.BULK
    step: Count
    tensors: Annotated[tuple[TensorHeader, ...], Max(MAX_TENSORS)]
