"""Kademlia's four questions, PING, FIND_NODE, FIND_VALUE and STORE: answered for other peers here.

Whoever asks is authenticated by the layer below; what it says is not trusted. Answers fit into one control message.
"""

import asyncio
from collections.abc import Awaitable, Callable, Sequence

from net.addresses import Contact
from net.clock import Clock
from net.dht.config import DhtConfig
from net.dht.contacts import Candidate, candidate_of
from net.dht.routing_table import RoutingTable
from net.dht.sizes import MESSAGE_ROOM, contact_bytes
from net.dht.storage import Storage
from net.dht.tokens import WriteTokens
from net.dht.validation import RecordValidator
from net.errors import RecordError, RemoteError
from net.rpc.base import Caller, Payload, Rpc
from net.wire.limits import MAX_RECORDS, MAX_TEXT_CHARS
from net.wire.messages import (
    FailureCode,
    FindNode,
    FindValue,
    Found,
    Nodes,
    Ping,
    Pong,
    Record,
    Store,
    Stored,
    Values,
)

_CONTACTS_OF_ALL_KEYS = 80  # of one answer to FIND_VALUE: 20 KB, which leaves most of the message to records
_CONTACTS_OF_HOLDER = 8  # beside records: whoever asks is at its goal, and needs few others
_SIGNATURES_AT_ONCE = 16  # checked before others get a turn: 1.5 ms


class DhtHandlers:
    """The answering side. met: told of everyone who asks. on_stored: told of the key of every new record."""

    def __init__(
        self,
        table: RoutingTable,
        storage: Storage,
        validator: RecordValidator,
        clock: Clock,
        config: DhtConfig,
        met: Callable[[Candidate], None],
    ) -> None:
        self._table = table
        self._storage = storage
        self._validator = validator
        self._clock = clock
        self._config = config
        self._met = met
        self._tokens = WriteTokens(config.token_period)
        self.on_stored: Callable[[bytes], None] = lambda _: None

    def register(self, rpc: Rpc) -> None:
        """Serve all four from now on."""
        rpc.handle(Ping, self._on_ping)
        rpc.handle(FindNode, self._on_find_node)
        rpc.handle(FindValue, self._on_find_value)
        rpc.handle(Store, self._on_store)

    def _on_ping(self, caller: Caller, _request: Ping, _payload: Payload) -> Pong:
        self._meet(caller)
        return Pong(self._clock.time(), self._token(caller))

    def _on_find_node(self, caller: Caller, request: FindNode, _payload: Payload) -> Nodes:
        self._meet(caller)
        return Nodes(self._nearest(caller, request.target, self._config.k), self._token(caller))

    def _on_find_value(self, caller: Caller, request: FindValue, _payload: Payload) -> Values:
        after = (request.after_subkey, request.after_owner) if request.after_owner else None
        if not request.keys or (after and len(request.keys) > 1):
            raise RemoteError(FailureCode.BAD_REQUEST, "A page continues exactly one key.")
        self._meet(caller)
        now = self._clock.time()
        room = MESSAGE_ROOM
        found: list[Found] = []
        contacts_each = 0 if after else min(self._config.k, _CONTACTS_OF_ALL_KEYS // len(request.keys))
        nearest = [
            self._nearest(
                caller, key, min(contacts_each, _CONTACTS_OF_HOLDER) if self._storage.holds(key) else contacts_each
            )
            for key in request.keys
        ]
        room -= sum(contact_bytes(contact) for contacts in nearest for contact in contacts)
        for index, (key, contacts) in enumerate(zip(request.keys, nearest, strict=True)):
            share = room / (len(request.keys) - index)  # what one key leaves over is there for the others
            page = self._storage.page(key, now, after=after, count=MAX_RECORDS, room=share)
            room -= page.size
            found.append(Found(key, page.records, page.more, contacts))
        return Values(tuple(found), self._token(caller))

    def _on_store(self, caller: Caller, request: Store, _payload: Payload) -> Stored | Awaitable[Stored]:
        if not self._tokens.accepts(request.token, caller.peer_id, self._clock.monotonic()):
            raise RemoteError(FailureCode.UNAUTHORIZED, "This write token is not valid; ask FIND_NODE for one.")
        self._meet(caller)
        if len(request.records) > _SIGNATURES_AT_ONCE:
            return self._keep_many(caller, request.records)
        return Stored(tuple(map(self._keep, request.records)), self._token(caller))

    async def _keep_many(self, caller: Caller, records: Sequence[Record]) -> Stored:
        refusals: list[str] = []
        for start in range(0, len(records), _SIGNATURES_AT_ONCE):
            refusals += map(self._keep, records[start : start + _SIGNATURES_AT_ONCE])
            await asyncio.sleep(0)
        return Stored(tuple(refusals), self._token(caller))

    def _keep(self, record: Record) -> str:
        """Store one record; the reason when it is refused, else an empty text."""
        now = self._clock.time()
        try:
            self._validator.check_cheap(record, now)
            if self._storage.check(record):  # before the signature, which costs more
                self._validator.check(record, now)
                self._storage.store(record, now)
        except RecordError as error:
            return str(error)[:MAX_TEXT_CHARS]
        self.on_stored(record.key)
        return ""

    def _meet(self, caller: Caller) -> None:
        self._met(candidate_of(caller.peer_id, caller.contact))

    def _nearest(self, caller: Caller, target: bytes, count: int) -> tuple[Contact, ...]:
        nearest = self._table.nearest(target, count, now=self._clock.time(), told=True, but=caller.peer_id)
        return tuple([peer.contact for peer in nearest])

    def _token(self, caller: Caller) -> bytes:
        return self._tokens.issue(caller.peer_id, self._clock.monotonic())
