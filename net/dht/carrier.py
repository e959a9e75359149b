"""Storing on many peers: what is meant for one peer while a message is on its way to it travels in the next one.

So a lone record goes at once, stores that arise beside each other share messages, and a slow peer, or one of a
hundred, has no more than one message waiting at it.
"""

import asyncio
from collections import deque
from collections.abc import Callable, Coroutine, Sequence
from dataclasses import dataclass, field
from typing import Any

from net.addresses import PeerId
from net.dht.background import Spawn
from net.dht.contacts import Candidate
from net.dht.record import Name
from net.dht.sizes import MESSAGE_ROOM, record_bytes
from net.wire.limits import MAX_RECORDS
from net.wire.messages import Record

Store = Callable[[Candidate, Sequence[Record]], Coroutine[Any, Any, list[bool] | None]]
"""Asks one peer to keep records that fit into one message; None when it does not answer."""


@dataclass(slots=True)
class _Parcel:
    left: int  # records that nothing is known of yet
    arrived: "asyncio.Future[list[Name]]"
    taken: list[Name] = field(default_factory=list)

    def settle(self, record: Record, taken: bool) -> None:
        self.left -= 1
        if taken:
            self.taken.append(Name.of(record))
        if not self.left:
            self.end()

    def end(self) -> None:
        if not self.arrived.done():
            self.arrived.set_result(self.taken)


Load = list[tuple[Record, _Parcel]]


@dataclass(slots=True)
class _Way:
    node: Candidate
    waiting: deque[tuple[Record, _Parcel]] = field(default_factory=deque)


class Carrier:
    """Brings records to peers. blocks: whether a peer is known not to answer; at_once: messages to all peers."""

    def __init__(self, store: Store, blocks: Callable[[Candidate], bool], spawn: Spawn, at_once: int) -> None:
        self._store = store
        self._blocks = blocks
        self._spawn = spawn
        self._free = asyncio.Semaphore(at_once)
        self._ways: dict[PeerId, _Way] = {}

    def bring(self, node: Candidate, records: Sequence[Record]) -> "asyncio.Future[list[Name]]":
        """The names of those that it took, once that is known. Raises ClosedError when the node is not running."""
        parcel = _Parcel(len(records), asyncio.get_running_loop().create_future())
        if not records:
            parcel.end()
            return parcel.arrived
        way = self._ways.get(node.peer_id)
        if way is None:
            way = _Way(node)
            self._spawn(self._go(way))
            self._ways[node.peer_id] = way
        way.node = node
        way.waiting.extend((record, parcel) for record in records)
        return parcel.arrived

    async def _go(self, way: _Way) -> None:
        load: Load = []
        try:
            while way.waiting:
                async with self._free:
                    load = take_load(way.waiting)
                    answer = await self._store(way.node, [record for record, _ in load])
                for index, (record, parcel) in enumerate(load):
                    parcel.settle(record, answer is not None and answer[index])
                if answer is None and self._blocks(way.node):
                    break  # what waits would wait in vain
        finally:
            del self._ways[way.node.peer_id]
            for _, parcel in (*load, *way.waiting):
                parcel.end()


def take_load(waiting: deque[tuple[Record, _Parcel]]) -> Load:
    """Take as many records from the front as fit into one control message."""
    load: Load = []
    room = MESSAGE_ROOM
    while waiting and len(load) < MAX_RECORDS:
        room -= record_bytes(waiting[0][0])
        if room < 0 and load:
            break
        load.append(waiting.popleft())
    return load
