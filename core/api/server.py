"""`Server`: hosts experts on a DHT's peer, all of them in one thread a device."""

import asyncio
import contextlib
import itertools
import random
import re
import threading
from collections.abc import Callable, Mapping, Sequence
from pathlib import Path
from typing import Any

import torch

from core.api.backend import HostedModule, ModuleBackend
from core.api.dht import DHT, get_dht_time
from core.api.experts import _declare, grid_of
from core.api.peer import PROJECT, ExpertPeer
from core.api.tensors import BatchTensorDescriptor, CompressionType
from core.durability.snapshots import SnapshotStore
from core.errors import ExpertError
from core.experts.layers import build_layer, schema_of
from core.experts.runtime import OpenGate
from core.experts.service import ExpertHost
from core.experts.spec import ExpertSpec
from core.experts.task_pool import QueueLimits
from core.tensors.descriptor import DTYPES
from net.clock import SystemClock
from net.errors import NetError

_BLOCK = re.compile(r"\[(\d+):(\d+)\]")
_HIVEMIND_LAYERS = {"ffn": "ffn_residual"}


class Server:
    """Hosts these backends: announces them every `update_period` seconds for `expiration`, and serves calls.

    checkpoint_dir: where experts are saved every `update_period` seconds and at the end, and loaded from (safetensors,
    with their optimizers; the newest two states of each). num_connection_handlers is accepted for Hivemind's sake:
    there are no handlers. kwargs: device, a torch device's name; max_batch_size; the rest of Hivemind's Runtime
    parameters is ignored.
    """

    def __init__(
        self,
        dht: DHT,
        module_backends: Mapping[str, ModuleBackend],
        num_connection_handlers: int = 1,  # noqa: ARG002 - Hivemind's
        update_period: float = 30,
        expiration: float | None = None,
        start: bool = False,
        checkpoint_dir: str | Path | None = None,
        **kwargs: Any,
    ) -> None:
        if dht.client_mode:
            raise ExpertError("A peer in client mode takes no calls, so it cannot host experts.")
        self.dht, self.module_backends = dht, dict(module_backends)
        self.update_period = update_period
        self.expiration = expiration or max(2 * update_period, 3.0)
        self.ready = threading.Event()
        """Set while requests are served."""
        self._device = str(kwargs.get("device") or "cpu")
        self._limits = QueueLimits(batch_rows=int(kwargs.get("max_batch_size") or QueueLimits().batch_rows))
        self._store = SnapshotStore(Path(checkpoint_dir)) if checkpoint_dir is not None else None
        self._hosted = [HostedModule(backend) for backend in self.module_backends.values()]
        self._owns_dht = False
        for uid in self.module_backends:
            grid_of(uid)
        for each in self._hosted:
            saved = self._store.load(PROJECT, each.uid) if self._store else None
            if saved is not None:
                each.load(saved[1])
        self._announcing: Any = None
        self._host: ExpertHost | None = None
        if start:
            self.run_in_background()

    @classmethod
    def create(
        cls,
        num_experts: int | None = None,
        expert_uids: Sequence[str] | None = None,
        expert_pattern: str | None = None,
        expert_cls: str = "ffn",
        hidden_dim: int = 1024,
        optim_cls: Callable[..., torch.optim.Optimizer] | None = torch.optim.Adam,
        scheduler: str = "none",
        num_warmup_steps: int | None = None,
        num_training_steps: int | None = None,
        clip_grad_norm: float | None = None,
        num_handlers: int | None = None,  # noqa: ARG003 - Hivemind's
        min_batch_size: int = 1,
        max_batch_size: int = 4096,
        device: str | None = None,
        initial_peers: Sequence[str] = (),
        checkpoint_dir: str | Path | None = None,
        compression: CompressionType = CompressionType.NONE,
        stats_report_interval: int | None = None,  # noqa: ARG003 - Hivemind's
        custom_module_path: str | None = None,
        update_period: float = 30,
        expiration: float | None = None,
        *,
        start: bool,
        **kwargs: Any,
    ) -> "Server":
        """A server, with a DHT of its own, of several experts of one class.

        Either expert_uids, or num_experts random ones of expert_pattern (`ffn.[0:32].[0:256]`). expert_cls: ffn,
        transformer, causal_transformer, nop, nop_delay, det_dropout, ffn_residual, or one that was registered;
        "ffn" is Hivemind's, with the residual and the norm inside. clip_grad_norm: longest gradient of a step;
        scheduler "linear": warm-up, then down to zero. compression: CompressionType that callers may use; all hosts
        take all of them. kwargs: further parameters of DHT. Custom classes are registered in this process by
        `register_expert_class` or come from an installed package; custom_module_path is refused, as is any other
        way of running a file.
        """
        if custom_module_path is not None:
            raise ExpertError("Files are not run: import the module yourself, and register its class.")
        if (num_experts is None) == (expert_uids is None):
            raise ExpertError("Give either expert_uids or num_experts.")
        uids = list(expert_uids) if expert_uids is not None else _draw(num_experts or 0, expert_pattern)
        place = torch.device(device or ("cuda" if torch.cuda.is_available() else "cpu"))
        layer = _HIVEMIND_LAYERS.get(expert_cls, expert_cls)
        spec = ExpertSpec(layer, hidden_dim, (2 if layer == "det_dropout" else 4) * hidden_dim)
        schema = schema_of(spec)
        described = [
            BatchTensorDescriptor(*each.row_shape, dtype=DTYPES[each.dtype], compression=compression)
            for each in schema.inputs
        ]
        backends = {}
        for uid in uids:
            module = build_layer(spec, random.getrandbits(48)).to(place)
            parameters = list(module.parameters())
            optimizer = optim_cls(parameters) if optim_cls is not None and parameters else None
            if optimizer is not None and clip_grad_norm is not None:
                optimizer.register_step_pre_hook(_clipper(parameters, clip_grad_norm))
            backends[uid] = ModuleBackend(
                uid,
                module,
                optimizer=optimizer,
                scheduler=_schedule(scheduler, optimizer, num_warmup_steps, num_training_steps),
                args_schema=described,
                outputs_schema=described[0],
                min_batch_size=min_batch_size,
                max_batch_size=max_batch_size,
            )
        server = cls(
            DHT(initial_peers, start=True, **kwargs),
            backends,
            update_period=update_period,
            expiration=expiration,
            checkpoint_dir=checkpoint_dir,
            device=str(place),
            max_batch_size=max_batch_size,
        )
        server._owns_dht = True
        if start:
            server.run_in_background()
        return server

    def run_in_background(self, await_ready: bool = True, timeout: float | None = None) -> None:  # noqa: ARG002
        """Serve from now on, and announce the experts."""
        if self._host is not None:
            raise RuntimeError("This server runs already.")
        self.dht.thread.run(self._start(), timeout)
        self.ready.set()

    start = run_in_background

    def run(self) -> None:
        """Serve until `shutdown` is called from another thread."""
        self.run_in_background()
        self._ended.wait()

    async def _start(self) -> None:
        peer = ExpertPeer.of(self.dht)
        if peer.host is not None:
            raise ExpertError("This DHT hosts experts already; a second server needs a DHT of its own.")
        gate, node = OpenGate(), self.dht.node
        self._host = ExpertHost(
            node.rpc, PROJECT, [self._device], gate, lambda *_: None, SystemClock(), limits=self._limits
        )
        for each in self._hosted:
            self._host.put(each)
        self._host.start()
        peer.host = self._host
        self._ended = threading.Event()
        await _declare(self.dht, list(self.module_backends), get_dht_time() + self.expiration)
        self._announcing = asyncio.create_task(self._keep_announcing())
        self.dht.shared[type(self)] = self

    async def _keep_announcing(self) -> None:
        while True:
            await asyncio.sleep(self.update_period)
            with contextlib.suppress(NetError):  # the next round tries again, long before the announcement ends
                await _declare(self.dht, list(self.module_backends), get_dht_time() + self.expiration)
            if self._store is not None:
                await asyncio.to_thread(self._save)

    def _save(self) -> None:
        for each in self._hosted:
            if self._store is not None:
                self._store.save(PROJECT, each.uid, each.steps, each.state())

    def shutdown(self) -> None:
        """Stop serving, and save. A DHT that `create` made ends as well. Doing it again does nothing."""
        if self.dht.is_alive():
            if self.dht.shared.pop(type(self), None) is not None:
                self.dht.thread.run(self.close(), 15.0)
            if self._owns_dht:
                self.dht.shutdown()

    async def close(self) -> None:
        """The same in the network's thread."""
        self.ready.clear()
        if self._announcing is not None:
            self._announcing.cancel()
            await asyncio.gather(self._announcing, return_exceptions=True)
        host, self._host = self._host, None
        if host is not None:
            ExpertPeer.of(self.dht).host = None
            await host.close()
            await asyncio.to_thread(self._save)
            self._ended.set()

    def __enter__(self) -> "Server":
        return self

    def __exit__(self, *_: object) -> None:
        self.shutdown()


def _draw(count: int, pattern: str | None) -> list[str]:
    """So many different uids of a pattern, at random. Raises ExpertError when it has fewer."""
    blocks = (pattern or "expert.[0:65536]").split(".")
    ranges = [range(int(m[1]), int(m[2])) if (m := _BLOCK.fullmatch(each)) else [each] for each in blocks]
    every = [".".join(map(str, each)) for each in itertools.islice(itertools.product(*ranges), 65536)]
    if len(every) < count:
        raise ExpertError(f"The pattern {pattern!r} has {len(every)} names, {count} are needed.")
    return random.sample(every, count)


def _clipper(parameters: Sequence[torch.Tensor], norm: float) -> Callable[..., None]:
    def clip(*_: object) -> None:
        torch.nn.utils.clip_grad_norm_(parameters, norm)

    return clip


def _schedule(name: str, optimizer: torch.optim.Optimizer | None, warm_up: int | None, steps: int | None) -> Any:
    """Hivemind's: "none", or "linear". Raises ExpertError."""
    if name == "none" or optimizer is None:
        return None
    if name != "linear" or steps is None:
        raise ExpertError('scheduler is "none" or "linear", and the latter needs num_training_steps.')
    first = warm_up or 0

    def factor(step: int) -> float:
        if step < first:
            return step / max(1, first)
        return max(0.0, (steps - step) / max(1, steps - first))

    return torch.optim.lr_scheduler.LambdaLR(optimizer, factor)
