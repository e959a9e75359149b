"""Kademlia's four questions, PING, FIND_NODE, FIND_VALUE and STORE: asked of other peers here.

Every question updates what we think of the peer: an answer lets it into the routing table, silence counts against
it. Nothing here raises because of another peer: a question without a usable answer returns None.
"""

import logging
from collections import OrderedDict
from collections.abc import Callable, Sequence
from typing import TypeVar

from net.addresses import Contact, PeerId
from net.clock import Clock
from net.dht.background import Spawn
from net.dht.blacklist import Blacklist
from net.dht.config import DhtConfig
from net.dht.contacts import Candidate, check_told
from net.dht.knocking import Knocks
from net.dht.routing_table import Offer, RoutingTable
from net.dht.storage import Position
from net.dht.validation import RecordValidator
from net.errors import DeadlineExceeded, IdentityError, PeerUnreachable, QueueFull, RecordError, RemoteError, WireError
from net.rpc.base import Rpc
from net.skew import ClockSkew
from net.wire.messages import (
    FailureCode,
    FindNode,
    FindValue,
    Found,
    Message,
    Nodes,
    Ping,
    Pong,
    Record,
    Store,
    Stored,
    Values,
)

logger = logging.getLogger(__name__)

M = TypeVar("M", bound=Message)


_TOKENS_REMEMBERED = 4096


class DhtProtocol:
    """The asking side. on_peer: told of every peer that enters the table for the first time."""

    def __init__(
        self,
        rpc: Rpc,
        table: RoutingTable,
        validator: RecordValidator,
        clock: Clock,
        config: DhtConfig,
        spawn: Spawn,
    ) -> None:
        self._rpc = rpc
        self._table = table
        self._validator = validator
        self._clock = clock
        self._config = config
        self._spawn = spawn
        self._tokens: OrderedDict[PeerId, tuple[bytes, float]] = OrderedDict()
        self._dialling: set[PeerId] = set()
        self.questions = 0  # about keys, so far
        self.skew = ClockSkew(clock)
        self.blacklist = Blacklist(config.backoff_first, config.backoff_max)
        self._knocks = Knocks()
        self.on_peer: Callable[[Candidate], None] = lambda _: None

    def woke(self) -> None:
        """This computer slept: tokens have expired, and who did not answer in between is not to blame."""
        self._tokens.clear()
        self.blacklist.clear()

    # --- questions -----------------------------------------------------------------------------------------

    async def ping(self, peer: Candidate) -> bool:
        """Whether it answers. It also tells its time, and gives a token."""
        asked = self._clock.monotonic()
        answer = await self._ask(peer, Ping(), Pong)
        if answer is None:
            return False
        self.skew.told(peer.peer_id, answer.time, asked)
        self._remember_token(peer.peer_id, answer.token)
        return True

    async def find_node(self, peer: Candidate, target: bytes) -> list[Candidate] | None:
        """The contacts nearest to `target` that it knows, checked."""
        answer = await self._ask(peer, FindNode(target), Nodes)
        if answer is None:
            return None
        self._remember_token(peer.peer_id, answer.token)
        return self._told(peer, answer.contacts)

    async def find_values(
        self, peer: Candidate, keys: Sequence[bytes], after: Position | None = None
    ) -> dict[bytes, Found] | None:
        """What it knows about at most MAX_KEYS keys; only records that pass validation are left in.

        after: the last record already known of the single key asked about.
        """
        self.questions += 1
        subkey, owner = after or (b"", b"")
        answer = await self._ask(peer, FindValue(tuple(keys), subkey, owner), Values)
        if answer is None:
            return None
        self._remember_token(peer.peer_id, answer.token)
        wanted = set(keys)
        found: dict[bytes, Found] = {}
        for item in answer.found:
            if item.key not in wanted:
                continue
            records = self._believable(peer, item)
            if records is None:
                return None
            found[item.key] = Found(item.key, records, item.more, item.contacts)
        return found

    async def store(self, peer: Candidate, records: Sequence[Record]) -> list[bool] | None:
        """Ask it to keep records that fit into one message; for each, whether it does."""
        for attempt in range(2):
            token = await self._token_of(peer, renew=attempt > 0)
            if token is None:
                return None
            try:
                answer = await self._call(peer, Store(token, tuple(records)), Stored)
            except RemoteError as error:
                if error.code == FailureCode.UNAUTHORIZED:
                    continue  # its secret has changed since
                return None
            if answer is None or len(answer.refusals) != len(records):
                return None
            self._remember_token(peer.peer_id, answer.token)
            return [not refusal for refusal in answer.refusals]
        return None

    # --- what questions teach ------------------------------------------------------------------------------

    def met(self, peer: Candidate) -> None:
        """This peer has called us: dial it back if the table would have it.

        Only an answer to our own call proves that it can be reached where its contact says.
        """
        if not peer.control or self._table.heard(peer, self._clock.time()):
            return
        if peer.peer_id in self._table:
            self.blacklist.succeeded(peer.contact)  # it was reachable once, and now it is back
        if self._table.wants(peer):
            self.dial(peer)
        else:
            self._table.note(peer, self._clock.time())

    def dial(self, peer: Candidate) -> None:
        """Ask a peer that the table would have whether it answers; at most `max_dialling` at once."""
        if (
            peer.peer_id in self._dialling
            or len(self._dialling) >= self._config.max_dialling
            or self.blocks(peer)
            or not self._table.wants(peer)
        ):
            return
        # Now, not when the call goes out: a thousand Hellos are read before the first task begins.
        self._knock(peer)
        self._dialling.add(peer.peer_id)
        self._spawn(self._dial(peer))

    def _knock(self, peer: Candidate) -> None:
        """A call to this peer begins; those to strangers are counted, once while they are being dialled."""
        if peer.peer_id not in self._table and peer.peer_id not in self._dialling:
            self._knocks.knocked(peer.control, self._clock.monotonic())

    async def _dial(self, peer: Candidate) -> None:
        try:
            await self.ping(peer)
        finally:
            self._dialling.discard(peer.peer_id)

    def blocks(self, peer: Candidate) -> bool:
        """Whether this peer, or too many strangers at its address, failed lately and should be left alone for now."""
        now = self._clock.monotonic()
        if self.blacklist.blocks(peer.contact, now):
            return True
        return peer.peer_id not in self._table and not self._knocks.allows(peer.control, now)

    def told(self, peer: Candidate, found: Found) -> list[Candidate]:
        """The usable contacts of an answer to FIND_VALUE."""
        return self._told(peer, found.contacts)

    def _told(self, peer: Candidate, contacts: Sequence[Contact]) -> list[Candidate]:
        candidates = check_told(contacts, peer.contact, self._table.own_id, self._clock.time())
        newest = [self._newest_card(candidate) for candidate in candidates]
        if len(self._table) < self._table.k:
            # In a swarm this small everyone should know everyone, without any lookups.
            for candidate in newest:
                self.dial(candidate)
        return newest

    def _newest_card(self, candidate: Candidate) -> Candidate:
        known = self._table.get(candidate.peer_id)
        if known is None or known.candidate is candidate:
            return candidate
        self._table.renew(candidate)
        return known.candidate if known.contact.expires >= candidate.contact.expires else candidate

    def _believable(self, peer: Candidate, found: Found) -> tuple[Record, ...] | None:
        """The valid records of an answer. None when one is forged: then nothing of this peer is believed."""
        now = self._clock.time()
        good: list[Record] = []
        for record in found.records:
            try:
                self._validator.check_cheap(record, now)
            except RecordError:
                continue  # expired a moment ago, or one of us has a wrong clock
            try:
                self._validator.check(record, now)
            except RecordError:
                logger.info("Peer %s passed on a forged record.", peer.peer_id.hex()[:8])
                self._failed(peer)
                return None
            if record.key == found.key:
                good.append(record)
        return tuple(good)

    # --- calls ---------------------------------------------------------------------------------------------

    async def _ask(self, peer: Candidate, request: Message, expected: type[M]) -> M | None:
        try:
            return await self._call(peer, request, expected)
        except RemoteError:
            return None

    async def _call(self, peer: Candidate, request: Message, expected: type[M]) -> M | None:
        """Raises RemoteError, which proves that the peer is alive, and ClosedError."""
        self._knock(peer)
        try:
            reply = await self._rpc.call(peer.contact, request, timeout=self._config.request_timeout)
        except RemoteError:
            self._answered(peer)
            raise
        except QueueFull:
            return None  # says more about our own line than about the peer
        except (PeerUnreachable, DeadlineExceeded, IdentityError, WireError):
            self._failed(peer)
            return None
        if not isinstance(reply.message, expected):
            self._failed(peer)
            return None
        self._answered(peer)
        return reply.message

    def _answered(self, peer: Candidate) -> None:
        self.blacklist.succeeded(peer.contact)
        if peer.peer_id not in self._table:
            self._knocks.opened(peer.control)
        if self._table.offer(peer, self._clock.time()) is Offer.ADDED:
            self.on_peer(peer)

    def _failed(self, peer: Candidate) -> None:
        self.blacklist.failed(peer.contact, self._clock.monotonic())
        successor = self._table.failed(peer.peer_id)
        if successor is not None:
            self.dial(successor)

    # --- write tokens of other peers -----------------------------------------------------------------------

    def _remember_token(self, peer_id: PeerId, token: bytes) -> None:
        if not token:
            return
        self._tokens.pop(peer_id, None)
        self._tokens[peer_id] = (token, self._clock.monotonic())
        if len(self._tokens) > _TOKENS_REMEMBERED:
            self._tokens.popitem(last=False)

    async def _token_of(self, peer: Candidate, *, renew: bool) -> bytes | None:
        token, since = self._tokens.get(peer.peer_id, (b"", float("-inf")))
        if not renew and self._clock.monotonic() - since < self._config.token_period:
            return token
        self._tokens.pop(peer.peer_id, None)
        await self.find_node(peer, peer.peer_id)
        return self._tokens.get(peer.peer_id, (None, 0.0))[0]
