"""Peers that work together against the others, for simulations: what a lookup must survive.

They have real identities, so they cannot choose where in the space of ids they stand, and real contacts: those are
signed, so they cannot make up any.
"""

from bisect import bisect, insort
from dataclasses import replace
from itertools import cycle

from core.bench.simulation import SimulatedRpc
from net.addresses import Contact, PeerId
from net.dht.base import Entry
from net.dht.node_id import distance
from net.dht.record import sign_record
from net.rpc.base import Caller, Payload
from net.wire.limits import MAX_CONTACTS
from net.wire.messages import FindNode, FindValue, Found, Nodes, Record, Store, Stored, Values

_TOKEN = b"colluder"
_LIFE_S = 600.0
_AROUND = 3 * MAX_CONTACTS


class Colluders:
    """All bad peers of one simulation. `add` makes one of them; they answer pings like anybody."""

    def __init__(self) -> None:
        self._contacts: dict[PeerId, Contact] = {}
        self._ids: list[PeerId] = []  # sorted
        self._stored: dict[bytes, Record] = {}  # what they were given, by key: as good as a copy to forge from

    def __contains__(self, peer_id: PeerId) -> bool:
        return peer_id in self._contacts

    def add(self, rpc: SimulatedRpc) -> None:
        """From now on this peer lies."""
        self._contacts[rpc.identity.peer_id] = rpc.contact
        insort(self._ids, rpc.identity.peer_id)
        lies = cycle((self._nothing, self._forged, self._own))

        def on_find_node(_caller: Caller, request: FindNode, _payload: Payload) -> Nodes:
            return Nodes(self._nearest(request.target), _TOKEN)

        def on_find_value(_caller: Caller, request: FindValue, _payload: Payload) -> Values:
            lie = next(lies)
            return Values(tuple(Found(key, lie(rpc, key), False, self._nearest(key)) for key in request.keys), _TOKEN)

        def on_store(_caller: Caller, request: Store, _payload: Payload) -> Stored:
            self._stored.update((record.key, record) for record in request.records)
            return Stored(("",) * len(request.records))

        rpc.handle(FindNode, on_find_node)
        rpc.handle(FindValue, on_find_value)
        rpc.handle(Store, on_store)

    def _nearest(self, target: bytes) -> tuple[Contact, ...]:
        # Ids near by XOR share a prefix, so they stand together in order.
        middle = bisect(self._ids, target)
        around = self._ids[max(0, middle - _AROUND) : middle + _AROUND]
        ranked = sorted(around, key=lambda peer_id: distance(target, peer_id))
        return tuple(self._contacts[peer_id] for peer_id in ranked[:MAX_CONTACTS])

    # --- what they say about a record -----------------------------------------------------------------------

    def _nothing(self, _rpc: SimulatedRpc, _key: bytes) -> tuple[Record, ...]:
        return ()

    def _forged(self, _rpc: SimulatedRpc, key: bytes) -> tuple[Record, ...]:
        """The owner's record with another value: its signature does not hold."""
        true = self._stored.get(key)
        return (replace(true, seq=true.seq + 1, value=b"forged"),) if true else ()

    def _own(self, rpc: SimulatedRpc, key: bytes) -> tuple[Record, ...]:
        """A record of its own under that key, which is valid."""
        return (sign_record(rpc.identity, Entry(key, b"subkey", b"own", rpc.network.clock.time() + _LIFE_S), 1),)
