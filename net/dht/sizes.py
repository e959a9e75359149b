"""How many bytes things take on the wire, rounded up, so that answers stay within one control message."""

from net.addresses import Contact
from net.wire.limits import CONTROL_MESSAGE_BYTES, KIB
from net.wire.messages import Record

MESSAGE_ROOM = CONTROL_MESSAGE_BYTES - 4 * KIB
"""Bytes that records and contacts may fill; the rest is for envelopes and encryption."""

_FIELD_OVERHEAD = 6  # what msgpack puts before one field at most, for fields of these sizes
_NUMBER = 9


def record_bytes(record: Record) -> int:
    """Upper bound of a record's encoded size."""
    return len(record.value) + len(record.subkey) + 32 + 32 + 64 + 2 * _NUMBER + 8 * _FIELD_OVERHEAD


def contact_bytes(contact: Contact) -> int:
    """Upper bound of a contact's encoded size."""
    routes = sum(
        len(route.control) + len(route.bulk) + len(route.relay) + 4 * _FIELD_OVERHEAD for route in contact.routes
    )
    return 32 + 32 + 64 + routes + _NUMBER + 6 * _FIELD_OVERHEAD
