"""How a group forms, and how its members' vectors become one mean.

Whoever looks for a group says so in the DHT. When matchmaking ends, everybody sends its vector to the peer with the
lowest id that it found looking; that one waits for those it knows of, and answers all with the mean. A peer that
follows another leader refuses; whoever was refused looks again.
"""

import asyncio
from collections.abc import Sequence
from dataclasses import dataclass, field
from typing import TYPE_CHECKING, Annotated, Any

import msgpack
import torch

from core.api.dht import DHT, get_dht_time
from core.errors import TensorError
from core.tensors.codec import decode, encode, require_finite
from core.tensors.descriptor import BatchTensorDescriptor
from net.addresses import Contact, PeerId
from net.dht.base import Entry, dht_key
from net.errors import IdentityError, NetError, RemoteError, WireError
from net.identity import peer_id_of, verify_contact
from net.rpc.base import Buffer, Caller, Payload, Reply
from net.wire.codec import decode_fields, encode_fields
from net.wire.limits import Between, Max
from net.wire.messages import FailureCode, TensorHeader, TrunkExchange, TrunkFetch, TrunkState

if TYPE_CHECKING:
    from core.api.averaging import DecentralizedAverager

MAX_NUMBERS = 15 * 1024 * 1024
"""A vector travels in one payload of at most 64 MiB."""
_MAX_GATHER_BYTES = 4096
_LOOK_S = 0.25
_GRACE_S = 3.0  # for members whose clock or line is slower


@dataclass(frozen=True, slots=True)
class _Looking:
    """A DHT entry: this peer looks for a group until `until` (Unix seconds). size: numbers in its vector."""

    contact: Contact
    until: float
    size: Annotated[int, Between(1, MAX_NUMBERS)]
    leads: bool


@dataclass(frozen=True, slots=True)
class _Said:
    """What travels beside a vector. gather: msgpack."""

    weight: float
    gather: Annotated[bytes, Max(_MAX_GATHER_BYTES)]


@dataclass(frozen=True, slots=True)
class Round:
    """What one peer wants. least, most: members; leads: whether it may lead; end: Unix seconds."""

    prefix: str
    bits: str
    size: int
    end: float
    least: int
    most: int
    leads: bool
    encoding: str
    timeout_s: float

    @property
    def project(self) -> bytes:
        """What its messages name."""
        return project_of(self.prefix)


def project_of(prefix: str) -> bytes:
    """The 32 bytes that stand for a prefix."""
    return dht_key("averaging", prefix)


@dataclass(frozen=True, slots=True)
class Member:
    """One vector in a group."""

    weight: float
    gather: bytes
    vector: torch.Tensor


@dataclass(frozen=True, slots=True)
class Met:
    """What came of a round."""

    mean: torch.Tensor
    gathered: dict[PeerId, bytes]


@dataclass(slots=True, eq=False)
class _Group:
    """One that this peer leads. opened: whether it has looked around; closed: resolves to the result, or None."""

    wanted: Round
    members: dict[PeerId, Member] = field(default_factory=dict)
    changed: asyncio.Event = field(default_factory=asyncio.Event)
    closed: "asyncio.Future[Met | None]" = field(default_factory=lambda: asyncio.get_running_loop().create_future())


class AveragingPeer:
    """One DHT's part in averaging; belongs to the network's thread, but for `serve` and `forget`."""

    def __init__(self, dht: DHT) -> None:
        self._dht = dht
        self._serving: dict[bytes, DecentralizedAverager] = {}
        self._groups: dict[bytes, _Group] = {}

    @classmethod
    def of(cls, dht: DHT) -> "AveragingPeer":
        """The one that belongs to this DHT."""
        if cls not in dht.shared:
            made = dht.shared[cls] = cls(dht)
            dht.thread.run(made._listen())
        found: AveragingPeer = dht.shared[cls]
        return found

    async def _listen(self) -> None:
        self._dht.node.rpc.handle(TrunkExchange, self._on_exchange)
        self._dht.node.rpc.handle(TrunkFetch, self._on_fetch)

    def serve(self, prefix: str, averager: "DecentralizedAverager") -> None:
        """Share this averager's state."""
        self._serving[project_of(prefix)] = averager

    def forget(self, prefix: str) -> None:
        """No more."""
        self._serving.pop(project_of(prefix), None)

    async def close(self) -> None:
        """Whoever waits for a group hears that there is none."""
        self._serving.clear()
        for group in self._groups.values():
            if not group.closed.done():
                group.closed.set_result(None)

    # --- forming a group --------------------------------------------------------------------------------------

    async def meet(self, wanted: Round, own: Member, ready: float) -> Met | None:
        """One attempt; matchmaking ends at `ready` (Unix seconds). None when nobody was there. Raises NetError."""
        if own.vector.numel() > MAX_NUMBERS:
            raise TensorError(
                f"{own.vector.numel()} numbers are too many to average at once; {MAX_NUMBERS} are allowed."
            )
        group = _Group(wanted)
        group.members[self._dht.node.peer_id] = own
        if wanted.leads:
            self._groups[wanted.project] = group
        try:
            others = await self._look(wanted, ready)
            leader = min((each for each in others if each[1].leads), key=lambda each: each[0], default=None)
            if wanted.leads and (leader is None or self._dht.node.peer_id < leader[0]):
                return await self._lead(group, {peer_id for peer_id, _ in others})
            self._groups.pop(wanted.project, None)
            self._refuse(group)
            return await self._follow(leader[1].contact, wanted, own) if leader else None
        finally:
            self._groups.pop(wanted.project, None)
            self._refuse(group)

    @staticmethod
    def _refuse(group: _Group) -> None:
        if not group.closed.done():
            group.closed.set_result(None)

    def _key(self, wanted: Round) -> bytes:
        return dht_key("averaging", wanted.prefix, wanted.bits)

    async def _look(self, wanted: Round, ready: float) -> list[tuple[PeerId, _Looking]]:
        """Announce, and watch until `ready` who else does; all others that look for the same."""
        node, key = self._dht.node, self._key(wanted)
        value = encode_fields(_Looking(node.contact, ready + _GRACE_S, wanted.size, wanted.leads))
        await node.dht.store([Entry(key, node.peer_id, value, ready + _GRACE_S)])
        while True:
            records = (await node.dht.get([key], fresh=True)).get(key, [])
            others = [found for record in records if (found := _read(record.value, record.owner)) is not None]
            others = [each for each in others if each[0] != node.peer_id and each[1].size == wanted.size]
            left = ready - get_dht_time()
            if left <= 0 or len(others) + 1 >= wanted.most:
                return others[: wanted.most - 1]
            await asyncio.sleep(min(_LOOK_S, left))

    async def _lead(self, group: _Group, expected: set[PeerId]) -> Met | None:
        """Wait for them, average what came, and let everybody know."""
        wanted = group.wanted
        try:
            patience = _GRACE_S + wanted.timeout_s / 2 if expected else min(_GRACE_S, wanted.end - get_dht_time())
            async with asyncio.timeout(max(0.1, patience)):
                while not (expected <= group.members.keys() and len(group.members) >= wanted.least):
                    group.changed.clear()
                    await group.changed.wait()
        except TimeoutError:
            pass  # whoever is missing is left out
        if len(group.members) < wanted.least:
            return None
        met = await asyncio.to_thread(_average, dict(group.members))
        if not group.closed.done():
            group.closed.set_result(met)
        return met

    async def _follow(self, leader: Contact, wanted: Round, own: Member) -> Met | None:
        header, buffer = encode(own.vector, wanted.encoding)
        said = encode_fields(_Said(own.weight, own.gather))
        note = torch.frombuffer(bytearray(said), dtype=torch.uint8)
        note_header, note_buffer = encode(note)
        request = TrunkExchange(wanted.project, 0, (header, note_header))
        timeout = wanted.timeout_s + 2 * _GRACE_S
        reply = await self._dht.node.rpc.call(leader, request, [buffer, note_buffer], timeout=timeout)
        if not isinstance(reply.message, TrunkState):
            raise TensorError("The group's leader answered with something else than the mean.")
        mean, note = _vectors(reply.message.tensors, reply.payload, wanted.size, most_note=1 << 20)
        gathered = msgpack.unpackb(bytes(note.numpy()), strict_map_key=False)
        if not isinstance(gathered, dict) or not all(isinstance(each, bytes) for each in gathered.values()):
            raise TensorError("The group's leader tells of members in a way that cannot be read.")
        return Met(mean, gathered)

    # --- answering --------------------------------------------------------------------------------------------

    async def _on_exchange(self, caller: Caller, request: TrunkExchange, payload: Payload) -> Reply:
        group = self._groups.get(request.project)
        if group is None or group.closed.done():
            raise RemoteError(FailureCode.BUSY, "No group is forming here now.", _LOOK_S)
        if len(group.members) >= group.wanted.most and caller.peer_id not in group.members:
            raise RemoteError(FailureCode.BUSY, "The group is complete.", _LOOK_S)
        try:
            vector, note = _vectors(request.tensors, payload, group.wanted.size, most_note=2 * _MAX_GATHER_BYTES)
            said = decode_fields(_Said, bytes(note.numpy()))
        except (TensorError, WireError) as error:
            raise RemoteError(FailureCode.BAD_TENSOR, str(error)) from error
        if not 0 <= said.weight <= 1e12:
            raise RemoteError(FailureCode.BAD_REQUEST, "A weight is not negative, and not that large.")
        group.members[caller.peer_id] = Member(said.weight, said.gather, vector)
        group.changed.set()
        met = await asyncio.shield(group.closed)
        if met is None or caller.peer_id not in met.gathered:
            raise RemoteError(FailureCode.BUSY, "The group came to nothing.", _LOOK_S)
        return _reply(met.mean, msgpack.packb(met.gathered), group.wanted.encoding)

    async def _on_fetch(self, _caller: Caller, request: TrunkFetch, _payload: Payload) -> Reply:
        averager = self._serving.get(request.project)
        if averager is None or not averager.allow_state_sharing:
            raise RemoteError(FailureCode.NOT_FOUND, "No state is shared here.")
        metadata, tensors = await asyncio.to_thread(averager.get_current_state)
        flat = torch.cat([each.detach().reshape(-1).to("cpu", torch.float32) for each in tensors])
        shapes = [list(each.shape) for each in tensors]
        return _reply(flat, msgpack.packb((metadata, shapes)), "none")

    async def fetch(self, prefix: str, timeout: float) -> tuple[Any, list[torch.Tensor]] | None:
        """The state of one of those who averaged last."""
        node, project = self._dht.node, project_of(prefix)
        for contact in await self._sharers(prefix):
            try:
                reply = await node.rpc.call(contact, TrunkFetch(project), timeout=timeout)
                if isinstance(reply.message, TrunkState):
                    flat, note = _vectors(reply.message.tensors, reply.payload, None, most_note=1 << 20)
                    metadata, shapes = msgpack.unpackb(bytes(note.numpy()), strict_map_key=False)
                    sizes = [torch.Size(shape).numel() for shape in shapes]
                    return metadata, [p.view(s) for p, s in zip(torch.split(flat, sizes), shapes, strict=True)]
            except (NetError, TensorError, ValueError, TypeError, RuntimeError):
                continue  # the next one may do better
        return None

    async def share(self, prefix: str, life_s: float) -> None:
        """Say that state may be had here."""
        node = self._dht.node
        expires = get_dht_time() + life_s
        value = encode_fields(_Looking(node.contact, expires, 1, True))
        await node.dht.store([Entry(dht_key("averaging state", prefix), node.peer_id, value, expires)])

    async def _sharers(self, prefix: str) -> list[Contact]:
        key = dht_key("averaging state", prefix)
        records = (await self._dht.node.dht.get([key], fresh=True)).get(key, [])
        found = [_read(record.value, record.owner) for record in records]
        return [each[1].contact for each in found if each is not None and each[0] != self._dht.node.peer_id]


def _read(value: bytes, owner: bytes) -> tuple[PeerId, _Looking] | None:
    try:
        said = decode_fields(_Looking, value)
        verify_contact(said.contact, get_dht_time())
    except (WireError, IdentityError):
        return None
    if said.contact.public_key != owner or said.until < get_dht_time():
        return None
    return peer_id_of(owner), said


def _average(members: dict[PeerId, Member]) -> Met:
    total = sum(each.weight for each in members.values())
    mean = torch.zeros_like(next(iter(members.values())).vector)
    for each in members.values():
        mean.add_(each.vector, alpha=each.weight / total if total else 1 / len(members))
    return Met(mean, {peer_id: each.gather for peer_id, each in members.items()})


def _reply(vector: torch.Tensor, note: bytes, encoding: str) -> Reply:
    header, buffer = encode(vector, encoding)
    note_header, note_buffer = encode(torch.frombuffer(bytearray(note), dtype=torch.uint8))
    return Reply(TrunkState(0, (header, note_header)), [buffer, note_buffer])


def _vectors(
    headers: Sequence[TensorHeader], payload: Sequence[Buffer], size: int | None, *, most_note: int
) -> tuple[torch.Tensor, torch.Tensor]:
    """A float32 vector (of `size` numbers) and a note in bytes, checked before they are allocated.

    Raises TensorError.
    """
    if len(headers) != 2 or len(payload) != 2:
        raise TensorError("A vector travels with one note.")
    rows = BatchTensorDescriptor(()).check(headers[0], size or MAX_NUMBERS)
    BatchTensorDescriptor((), "uint8").check(headers[1], most_note)
    if size is not None and rows != size:
        raise TensorError(f"A vector of {rows} numbers came, {size} are averaged here.")
    vector = decode(headers[0], payload[0])
    require_finite([vector])
    return vector, decode(headers[1], payload[1])
