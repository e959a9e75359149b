"""Every limit of the network in one place, and the annotations that put them on message fields.

A limit is a promise about memory: what a stranger can make this process hold is the product of numbers here.
"""

from dataclasses import dataclass

KIB = 1024
MIB = 1024 * KIB

CONTROL_MESSAGE_BYTES = 64 * KIB  # largest frame of the control plane, and largest first frame on either
BULK_MESSAGE_BYTES = 1 * MIB  # largest frame of the bulk plane
BODY_BYTES = 63 * KIB  # one encoded message, which shares its frame with the envelope
CURVE_OVERHEAD_BYTES = 128  # what encryption adds to a frame before libzmq measures it
CHUNK_BYTES = 256 * KIB  # largest piece of a tensor that travels in one message
INTRODUCTION_BYTES = 1 * KIB  # MAXMSGSIZE of the introduction port
MESSAGE_FRAMES = 64  # frames of one multipart message
ATTACHED_BYTES = 8 * KIB  # of a payload that travels in the first frame, which saves a second one
PAYLOAD_BUFFERS = 1000  # buffers (tensors) of one payload
STREAM_WINDOW_CHUNKS = 16  # chunks that a sender may have under way before the receiver grants more
STREAM_BYTES = 64 * MIB  # one reassembled payload
PEER_STREAM_BYTES = 128 * MIB  # all payloads that one peer has under way to us
TOTAL_STREAM_BYTES = 512 * MIB  # all payloads under way to us

PEER_SEND_QUEUE = 128  # messages waiting for one peer; more raises QueueFull
CONTROL_HWM = 200
BULK_HWM = 8
MAX_SESSIONS = 4096  # inbound peers remembered by their CURVE key
MAX_INBOUND = 2048  # connections that others hold to one plane; at most a quarter of the process's open files
MAX_UNPROVEN = 128  # of them, and of the introduction port's, those that have brought no message yet
MAX_INTRODUCTIONS = 256  # connections to the introduction port
MAX_OUTBOUND = 200  # outbound connections kept open, least recently used closed first (Windows selects 512 sockets)
MAX_PENDING_CALLS = 4096  # calls that wait for an answer
MAX_CALLS_PER_PEER = 64  # requests of one peer that are served at once
MAX_SERVED_CALLS = 2048  # requests of all peers that are served at once
MAX_TIMEOUT_S = 600.0  # longest wait that a call may ask for

MAX_ADDRESS_CHARS = 128
MAX_ROUTES = 4  # ways to one peer in its contact
RELAY_CONTROL_PIECE_BYTES = 48 * KIB  # of a message, sealed together on a control circuit
RELAY_BULK_PIECE_BYTES = 384 * KIB  # the same of a bulk circuit
RELAY_CONTROL_WINDOW_BYTES = 256 * KIB  # under way in one direction of a control circuit before more is granted
RELAY_BULK_WINDOW_BYTES = 2 * MIB  # the same of a bulk circuit
RELAY_PIECE_COST = 64  # bytes that each piece takes of a window beside its own
RELAY_MESSAGE_BYTES = 1 * MIB  # one message that is put together from pieces
RELAY_HANDSHAKE_BYTES = 1 * KIB  # each of the two messages that open a circuit
MAX_TEXT_CHARS = 300  # error texts and titles from the network
MAX_UID_CHARS = 96
MAX_TENSORS = 64  # tensors of one message
MAX_CALLS = 256  # expert calls of one message
MAX_DIMS = 8
TICKET_BYTES = 16  # names a forward call's activations at their host

MAX_VALUE_BYTES = 1000  # one DHT value
MAX_SUBKEY_BYTES = 64
MAX_RECORDS = 64  # records of one message
MAX_KEYS = 16  # keys of one FindValue or Store
MAX_CONTACTS = 20  # contacts of one answer: Kademlia's k
MAX_RECORD_LIFE_S = 2 * 3600.0
DIAL_BACK_PRICE_BYTES = 32 * KIB  # of payload, for having a foreign address dialled: more than what is sent there
MAX_CLOCK_SKEW_S = 3.0
MAX_CONTACT_LIFE_S = 7 * 86400.0
CONTACT_LIFE_S = 2 * 86400.0  # how far ahead a peer dates its own contact; renewed at half of it


@dataclass(frozen=True, slots=True)
class Max:
    """At most this many bytes, characters or items."""

    count: int


@dataclass(frozen=True, slots=True)
class Exactly:
    """Exactly this many bytes, characters or items."""

    count: int


@dataclass(frozen=True, slots=True)
class Between:
    """A number in [low, high], both included."""

    low: float
    high: float
