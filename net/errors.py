"""Every error that net raises.

NetError
├── AddressError          an address or link that cannot be used
├── IdentityError         a key file, certificate or signature that does not hold
├── WireError             bytes that are no valid message
│   └── LimitError        ... because they exceed a limit
├── TransportError        nothing could be sent
│   ├── ClosedError       closed by this side
│   ├── PeerUnreachable   nobody answers at that address, or the connection broke
│   └── QueueFull         the bounded queue to that peer is full
├── RpcError
│   ├── DeadlineExceeded  no answer in time
│   └── RemoteError       the peer answered with an error (code, text, retry_after)
└── RecordError           a DHT record that may not be stored or believed
"""


class NetError(Exception):
    """Base of everything that net raises on purpose; str() is one clear sentence."""


class AddressError(NetError):
    """An address that cannot be parsed, resolved or bound."""


class IdentityError(NetError):
    """A key file, certificate or signature that does not hold."""


class WireError(NetError):
    """Bytes that are no valid message."""


class LimitError(WireError):
    """A message, field or count beyond its limit."""


class TransportError(NetError):
    """Nothing could be sent or received."""


class ClosedError(TransportError):
    """The transport was closed by this side."""


class PeerUnreachable(TransportError):  # noqa: N818 - reads as the state of the peer
    """Nobody answers there, or the connection broke."""


class QueueFull(TransportError):  # noqa: N818 - the standard library's name for it
    """The bounded queue to one peer is full."""


class RpcError(NetError):
    """A call that brought no answer."""


class DeadlineExceeded(RpcError):  # noqa: N818 - the field's standard name
    """No answer came before the deadline."""


class RemoteError(RpcError):
    """The peer answered with an error.

    code: one of net.wire.messages.FailureCode; retry_after: seconds, 0 when unknown.
    """

    def __init__(self, code: int, text: str, retry_after: float = 0.0) -> None:
        super().__init__(text)
        self.code = code
        self.text = text
        self.retry_after = retry_after


class RecordError(NetError):
    """A DHT record that may not be stored or believed."""
