"""Single experts by name: announcing them, finding them, and calling them as torch modules."""

import asyncio
import time
from collections.abc import Sequence
from concurrent.futures import Future
from typing import Any, NamedTuple

import torch
from torch import nn
from torch.autograd.function import once_differentiable

from core.api.dht import DHT, PeerID, get_dht_time
from core.api.peer import PROJECT, ExpertPeer
from core.errors import ExpertError
from core.experts.announcement import VERSION, AnnouncedExpert, Announcement, read, resolve, row_key
from core.experts.endpoint import describe
from core.experts.outcome import Call, Kind, Outcome, Ticket
from core.experts.remote_expert import ExpertCaller
from core.experts.uid import MAX_GRID_DIMS, Grid, parse_coordinate, row_of
from core.tensors.descriptor import DTYPES, BatchTensorDescriptor
from net.addresses import Contact
from net.dht.base import Entry
from net.errors import NetError
from net.wire.limits import MAX_RECORD_LIFE_S
from net.wire.messages import ExpertDescribe, ExpertDescription, TensorKind

_DESCRIBE_S = 10.0
_LIFE_S = 300.0


class ExpertInfo(NamedTuple):
    """Where an expert lives."""

    uid: str
    peer_id: PeerID


def declare_experts(
    dht: DHT, uids: Sequence[str], expiration_time: float | None = None, wait: bool = True
) -> dict[str, bool] | Future[dict[str, bool]]:
    """Tell the swarm that this peer hosts these experts until `expiration_time` (five minutes ahead by default, two
    hours at most). Returns for each whether some node keeps that. Raises ExpertError for a name that cannot be used."""
    grids = {uid: grid_of(uid) for uid in uids}
    expires = min(expiration_time or get_dht_time() + _LIFE_S, get_dht_time() + MAX_RECORD_LIFE_S - 1)
    future = dht.thread.start(_declare(dht, list(grids), expires))
    return future.result() if wait else future


async def _declare(dht: DHT, uids: Sequence[str], expires: float) -> dict[str, bool]:
    value = Announcement(VERSION, dht.node.contact, time.time(), 0, "serving").to_bytes()
    places = [row_of(uid) for uid in uids]
    kept = await dht.node.dht.store(
        [Entry(row_key(PROJECT, row), last.encode(), value, expires) for row, last in places]
    )
    return dict(zip(uids, map(bool, kept), strict=True))


def get_experts(
    dht: DHT, uids: Sequence[str], expiration_time: float | None = None, return_future: bool = False
) -> Any:
    """For each uid its ExpertInfo, None where nobody announces it (for longer than `expiration_time`)."""
    future = dht.thread.start(_get(dht, list(uids), expiration_time or 0.0))
    return future if return_future else future.result()


async def _get(dht: DHT, uids: Sequence[str], expiration_time: float) -> list[ExpertInfo | None]:
    keys = {uid: row_key(PROJECT, row_of(uid)[0]) for uid in uids}
    found = await dht.node.dht.get(list(set(keys.values())), fresh=True)
    now = get_dht_time()
    infos: list[ExpertInfo | None] = []
    for uid in uids:
        row, last = row_of(uid)
        records = [record for record in found.get(keys[uid], []) if record.subkey == last.encode()]
        heard = (read(record, grid_of(uid), row, now) for record in records)
        host = resolve(each for each in heard if each and each.expires >= expiration_time).get(uid)
        if host is not None:
            ExpertPeer.of(dht).known.remember(host)
        infos.append(ExpertInfo(uid, PeerID(host.peer_id)) if host else None)
    return infos


def create_remote_experts(infos: Any, dht: DHT, return_future: bool = False) -> Any:
    """Modules for what `get_experts` found, None where it found nobody. infos: its result, or its future."""
    if return_future:

        async def wait() -> list[RemoteExpert | None]:
            return _modules(await asyncio.wrap_future(infos), dht)

        return dht.thread.start(wait())
    return _modules(infos.result() if isinstance(infos, Future) else infos, dht)


def _modules(infos: Sequence[ExpertInfo | None], dht: DHT) -> "list[RemoteExpert | None]":
    return [RemoteExpert(info, dht) if info is not None else None for info in infos]


def grid_of(uid: str) -> Grid:
    """A grid in which this uid has a place. Raises ExpertError for one that is no name."""
    prefix, *rest = uid.split(".")
    place = [parse_coordinate(part) for part in rest]
    numbers = [number for number in place if number is not None]
    if len(numbers) != len(place) or not 1 <= len(numbers) <= MAX_GRID_DIMS:
        raise ExpertError(f"{uid[:96]!r} is no name of an expert; write a prefix and 1 to 4 numbers, like ffn.3.17.")
    return Grid(f"{prefix}.", tuple(number + 1 for number in numbers))


class RemoteExpert(nn.Module):
    """An expert on another peer, as a module: forward and backward are requests to it, and backward trains it.

    p2p: the DHT, where Hivemind takes its connection to a daemon. Raises ExpertError when a call brings no usable
    answer; inputs that do not fit raise TypeError before anything is sent.
    """

    def __init__(self, expert_info: ExpertInfo, p2p: DHT) -> None:
        super().__init__()
        self._info = expert_info
        self.dht = p2p
        self._description: ExpertDescription | None = None
        self._caller: ExpertCaller | None = None

    @property
    def uid(self) -> str:
        """Its name."""
        return self._info.uid

    @property
    def peer_id(self) -> PeerID:
        """Who hosts it."""
        return self._info.peer_id

    @property
    def info(self) -> dict[str, Any]:
        """forward_schema (positional, by keyword), outputs_schema and keyword_names, as its host describes them."""
        from core.api.tensors import BatchTensorDescriptor as Descriptor  # noqa: PLC0415 - for this alone

        described = self._described()

        def schema(kinds: Sequence[TensorKind]) -> list[Descriptor]:
            return [Descriptor(*kind.row_shape, dtype=DTYPES[kind.dtype]) for kind in kinds]

        positional = [kind for kind in described.inputs if not kind.keyword]
        named = [kind for kind in described.inputs if kind.keyword]
        outputs = schema(described.outputs)
        return {
            "forward_schema": (tuple(schema(positional)), dict(zip(self._keywords, schema(named), strict=True))),
            "outputs_schema": outputs[0] if len(outputs) == 1 else tuple(outputs),
            "keyword_names": self._keywords,
        }

    @property
    def _keywords(self) -> tuple[str, ...]:
        return tuple(kind.keyword for kind in self._described().inputs if kind.keyword)

    def forward(self, *args: torch.Tensor, **kwargs: torch.Tensor) -> torch.Tensor:
        """Tensors as `info` says, batch first -> the output."""
        described, names = self._described(), self._keywords
        if set(kwargs) != set(names):
            raise TypeError(f"{self.uid} takes the keyword arguments {names}, not {tuple(kwargs)}.")
        inputs = [*args, *(kwargs[name] for name in names)]  # in the host's order, whatever the caller's
        if len(inputs) != len(described.inputs):
            raise TypeError(f"{self.uid} takes {len(described.inputs)} tensors, not {len(inputs)}.")
        rows = inputs[0].shape[0] if inputs[0].dim() else 0
        sent = [each.to("cpu", DTYPES[kind.dtype]) for each, kind in zip(inputs, described.inputs, strict=True)]
        for tensor, kind in zip(sent, described.inputs, strict=True):
            if not _descriptor(kind).matches(tensor, rows) or not 1 <= rows <= described.max_rows:
                raise TypeError(
                    f"{self.uid} takes {_descriptor(kind)}, up to {described.max_rows} rows, not {tuple(tensor.shape)}."
                )
        if self._caller is None:
            peer = ExpertPeer.of(self.dht)
            self._caller = peer.caller(peer.known)
        outputs = tuple(map(_descriptor, described.outputs))
        dummy = torch.empty(0, requires_grad=True)  # so that backward reaches the expert whatever needs gradients
        result: torch.Tensor = _Ask.apply(dummy, self._caller, self.uid, outputs, torch.is_grad_enabled(), *sent)  # type: ignore[no-untyped-call]
        return result.to(inputs[0].device)

    def _described(self) -> ExpertDescription:
        if self._description is None:
            self._description = self.dht.thread.run(self._describe())
        return self._description

    async def _describe(self) -> ExpertDescription:
        """Ask its host. Raises ExpertError."""
        known = ExpertPeer.of(self.dht).known
        if known.callable_host(self.uid) is None:
            await _get(self.dht, [self.uid], 0.0)
        host: AnnouncedExpert | None = known.callable_host(self.uid)
        own = ExpertPeer.of(self.dht).host
        if own is not None and (schema := own.schema(self.uid)) is not None:
            return describe(schema, own.max_rows)
        if host is None:
            raise ExpertError(f"Nobody announces the expert {self.uid}.")
        contact: Contact = host.contact
        try:
            reply = await self.dht.node.rpc.call(contact, ExpertDescribe(PROJECT, self.uid), timeout=_DESCRIBE_S)
        except NetError as error:
            raise ExpertError(f"The host of {self.uid} does not tell what it takes: {error}") from error
        described = reply.message
        if not isinstance(described, ExpertDescription) or any(
            kind.dtype not in DTYPES for kind in (*described.inputs, *described.outputs)
        ):
            raise ExpertError(f"The host of {self.uid} describes it in a way that cannot be used.")
        return described

    def extra_repr(self) -> str:
        """For print()."""
        return f"uid={self.uid}, server_peer_id={self.peer_id}"


def _descriptor(kind: TensorKind) -> BatchTensorDescriptor:
    return BatchTensorDescriptor(kind.row_shape, kind.dtype)


def _answer(caller: ExpertCaller, kind: Kind, call: Call) -> Outcome:
    (outcome,) = caller.call(kind, [call])
    if not outcome.ok:
        raise ExpertError(f"The expert {call.uid} gave no usable answer: {outcome.text}")
    return outcome


class _Ask(torch.autograd.Function):
    @staticmethod
    def forward(
        ctx: Any,
        dummy: torch.Tensor,  # noqa: ARG004 - its place in the graph is what matters
        caller: ExpertCaller,
        uid: str,
        outputs: tuple[BatchTensorDescriptor, ...],
        keep: bool,
        *inputs: torch.Tensor,
    ) -> torch.Tensor:
        sent = tuple(each.detach().contiguous() for each in inputs)
        outcome = _answer(caller, Kind.FORWARD, Call(uid, sent, outputs, keep=keep))
        ctx.caller, ctx.uid, ctx.ticket = caller, uid, outcome.ticket
        ctx.save_for_backward(*sent)
        return outcome.tensors[0]

    @staticmethod
    @once_differentiable
    def backward(ctx: Any, gradient: torch.Tensor) -> tuple[torch.Tensor | None, ...]:
        inputs: tuple[torch.Tensor, ...] = ctx.saved_tensors
        expected = tuple(BatchTensorDescriptor.of(each) for each in inputs if each.is_floating_point())
        ticket: Ticket | None = ctx.ticket
        call = Call(ctx.uid, (*inputs, gradient.contiguous()), expected, ticket=ticket)
        found = iter(_answer(ctx.caller, Kind.BACKWARD, call).tensors)
        return (None, None, None, None, None, *(next(found) if x.is_floating_point() else None for x in inputs))
