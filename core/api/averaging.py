"""`DecentralizedAverager`: tensors of several peers, moved to their weighted mean in groups that form by themselves."""

import asyncio
import contextlib
import threading
from collections.abc import Iterator, Sequence
from concurrent.futures import Future
from typing import Any

import msgpack
import torch

from core.api.averaging_group import AveragingPeer, Member, Round
from core.api.dht import DHT, PeerID, get_dht_time
from core.api.tensors import CompressionType
from core.errors import HiveletError, TensorError
from net.errors import NetError

_MOST_PEERS = 64
_PAUSE_S = 0.5
_TIMEOUT_S = 30.0
_SHARED_S = 1800.0


class DecentralizedAverager:
    """Averages these tensors in place with peers that average under the same prefix.

    averaged_tensors: float tensors on the CPU, of the same shapes on every peer. In `step` a peer announces that it
    looks for a group, waits `min_matchmaking_time` seconds for others (less when `target_group_size` have come), and
    sends its tensors to the peer with the lowest id among them, which answers everybody with the mean. That is the
    difference from Hivemind, where every member reduces a part: here the leader's line carries all, which suits
    groups of up to about sixteen, and one failed member cannot spoil the round for others.

    averaging_alpha: how far the tensors move towards the mean. compression: of what is sent. initial_group_bits:
    peers with the same bits meet. weight of `step`: this peer's share. allow_state_sharing: answer those who call
    `load_state_from_peers`. client_mode: never lead; by default as the DHT is. Other parameters of Hivemind's are
    accepted and ignored. Tensors are locked while they are averaged: see `get_tensors`.
    """

    def __init__(
        self,
        averaged_tensors: Sequence[torch.Tensor],
        dht: DHT,
        *,
        start: bool,
        prefix: str,
        target_group_size: int | None = None,
        min_group_size: int = 2,
        initial_group_bits: str = "",
        min_matchmaking_time: float = 5.0,
        averaging_alpha: float = 1.0,
        allreduce_timeout: float | None = None,
        compression: CompressionType = CompressionType.NONE,
        allow_state_sharing: bool | None = None,
        client_mode: bool | None = None,
        auxiliary: bool = False,
        **others: Any,  # noqa: ARG002 - Hivemind's
    ) -> None:
        tensors = tuple(averaged_tensors)
        if not tensors or not all(each.is_floating_point() and not each.is_cuda for each in tensors):
            raise TensorError("Only floating-point tensors on the CPU are averaged, one at least.")
        self.dht, self.prefix = dht, prefix
        # Hivemind inverts this: it takes the DHT's mode when it was told one, and None otherwise.
        self.client_mode = dht.client_mode if client_mode is None else client_mode
        self.auxiliary = auxiliary
        can_share = not (self.client_mode or auxiliary)
        self.allow_state_sharing = can_share if allow_state_sharing is None else allow_state_sharing
        self.compression = CompressionType(compression)
        self.alpha = averaging_alpha
        self.min_group_size = min_group_size
        self.target_group_size = target_group_size or _MOST_PEERS
        self.min_matchmaking_time = min_matchmaking_time
        self.allreduce_timeout = allreduce_timeout or _TIMEOUT_S
        self._tensors = tensors
        self._bits = initial_group_bits
        self._lock = threading.Lock()
        self._peer: AveragingPeer | None = None
        if start:
            self.run_in_background()

    @property
    def total_size(self) -> int:
        """Numbers in all tensors."""
        return sum(each.numel() for each in self._tensors)

    @property
    def peer_id(self) -> PeerID:
        """This peer."""
        return self.dht.peer_id

    def run_in_background(self, await_ready: bool = True, timeout: float | None = None) -> None:  # noqa: ARG002
        """Answer others from now on."""
        self._peer = AveragingPeer.of(self.dht)
        self._peer.serve(self.prefix, self)
        if self.allow_state_sharing:
            self.dht.thread.run(self._peer.share(self.prefix, _SHARED_S))

    def shutdown(self) -> None:
        """Answer nobody any more."""
        if self._peer is not None:
            self._peer.forget(self.prefix)

    # --- averaging ------------------------------------------------------------------------------------------

    def step(
        self,
        gather: Any = None,
        scheduled_time: float | None = None,
        weight: float | None = None,
        timeout: float | None = None,
        allow_retries: bool = True,
        require_trigger: bool = False,
        wait: bool = True,
    ) -> Any:
        """One round. Returns {peer id: what it gathered} on success, None when no group came about in `timeout`
        seconds (a minute by default); a future of that unless `wait`.

        gather: anything small that msgpack can pack, for everybody in the group. scheduled_time: matchmaking ends
        then, by default after `min_matchmaking_time`. require_trigger is not offered.
        """
        if require_trigger:
            raise HiveletError("require_trigger is not offered: call step when the round may begin.")
        if weight is None:
            weight = 0.0 if self.auxiliary else 1.0
        end = get_dht_time() + (timeout if timeout is not None else 60.0)
        began = self.dht.thread.start(self._step(gather, scheduled_time, float(weight), end, retry=allow_retries))
        return began.result() if wait else began

    async def _step(
        self, gather: Any, scheduled: float | None, weight: float, end: float, *, retry: bool
    ) -> dict[PeerID, Any] | None:
        peer = self._running()
        while True:
            ready = min(end, scheduled or get_dht_time() + self.min_matchmaking_time)
            own = Member(weight, msgpack.packb(gather), self.flat())
            try:
                found = await peer.meet(self._round(end), own, ready)
            except (NetError, TensorError):
                found = None
            if found is not None:
                await asyncio.to_thread(self._move, own.vector, found.mean)
                if self.allow_state_sharing:
                    await peer.share(self.prefix, _SHARED_S)
                return {
                    PeerID(each): msgpack.unpackb(said, strict_map_key=False) for each, said in found.gathered.items()
                }
            if not retry or get_dht_time() + _PAUSE_S >= end:
                return None
            scheduled = None
            await asyncio.sleep(_PAUSE_S)

    def _round(self, end: float) -> Round:
        return Round(
            self.prefix,
            self._bits,
            self.total_size,
            end=end,
            least=self.min_group_size,
            most=self.target_group_size,
            leads=not self.client_mode,
            encoding=self.compression.encoding,
            timeout_s=self.allreduce_timeout,
        )

    def flat(self) -> torch.Tensor:
        """A copy of all tensors as one float32 vector."""
        with self._lock, torch.no_grad():
            return torch.cat([each.detach().reshape(-1).to(torch.float32) for each in self._tensors])

    def _move(self, before: torch.Tensor, mean: torch.Tensor) -> None:
        """Add the difference, so that what was done to the tensors meanwhile is kept."""
        with self._lock, torch.no_grad():
            pieces = torch.split((mean - before) * self.alpha, [each.numel() for each in self._tensors])
            for tensor, piece in zip(self._tensors, pieces, strict=True):
                tensor.add_(piece.view(tensor.shape).to(tensor.dtype))

    @contextlib.contextmanager
    def get_tensors(self) -> Iterator[tuple[torch.Tensor, ...]]:
        """The tensors, which are not averaged as long as the context lasts."""
        with self._lock:
            yield self._tensors

    # --- state ----------------------------------------------------------------------------------------------

    def get_current_state(self) -> tuple[Any, Sequence[torch.Tensor]]:
        """(small metadata, tensors) for those who call `load_state_from_peers`. Meant to be overridden."""
        with self._lock:
            return {}, [each.detach().clone() for each in self._tensors]

    def load_state_from_peers(self, wait: bool = True, timeout: float | None = None) -> Any:
        """(metadata, tensors) of a peer that averages under this prefix, None when nobody shares its state; a future
        of that unless `wait`. The tensors here are left as they are."""
        began: Future[Any] = self.dht.thread.start(
            self._running().fetch(self.prefix, timeout or self.allreduce_timeout)
        )
        return began.result() if wait else began

    def _running(self) -> AveragingPeer:
        if self._peer is None:
            raise HiveletError("This averager does not run: create it with start=True.")
        return self._peer
