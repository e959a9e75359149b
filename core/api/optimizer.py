"""`Optimizer`: a torch optimizer that steps when the swarm together has seen enough samples."""

import time
from collections.abc import Callable, Iterable, Sequence
from typing import Any

import torch

from core.api.averaging import DecentralizedAverager
from core.api.dht import DHT, get_dht_time
from core.api.tensors import CompressionType
from core.errors import HiveletError

OptimizerFactory = Callable[[Any], torch.optim.Optimizer]
_LIFE_S = 60.0
_REPORT_S = 0.5


class Optimizer:
    """Data-parallel training with peers of the same run_id.

    Peers accumulate gradients until all of them together have seen `target_batch_size` samples; then they average the
    gradients, weighted by samples, and everybody takes one step of the wrapped optimizer: an *epoch*. With
    use_local_updates every call of `step` steps at once, and an epoch ends with averaging the parameters. Every
    `average_state_every` epochs parameters are averaged as well, so that peers do not drift apart; who falls more than
    one epoch behind takes over another peer's parameters.

    params: parameters, where optimizer is a callable; or optimizer is a torch optimizer. scheduler: a callable or torch
    scheduler, stepped once an epoch. batch_size_per_step: samples of one call of `step`. matchmaking_time,
    averaging_timeout: seconds. client_mode: by default as the DHT is. When nobody joins an averaging round in time
    the step is taken with the own gradients, as with Hivemind. Averaging happens inside `step`, never in the
    background: the delay_… and offload_… parameters are accepted and change nothing, nor do Hivemind's further ones.
    """

    def __init__(
        self,
        *,
        dht: DHT,
        run_id: str,
        target_batch_size: int,
        batch_size_per_step: int | None = None,
        optimizer: torch.optim.Optimizer | OptimizerFactory,
        params: Iterable[Any] | None = None,
        scheduler: Any = None,
        matchmaking_time: float = 15.0,
        averaging_timeout: float = 60.0,
        average_state_every: int = 1,
        use_local_updates: bool = False,
        client_mode: bool | None = None,
        auxiliary: bool = False,
        grad_compression: CompressionType = CompressionType.NONE,
        state_averaging_compression: CompressionType = CompressionType.NONE,
        extra_tensors: Sequence[torch.Tensor] = (),
        shutdown_timeout: float = 5.0,  # noqa: ARG002 - Hivemind's
        **others: Any,  # noqa: ARG002 - Hivemind's
    ) -> None:
        if isinstance(optimizer, torch.optim.Optimizer):
            self.opt = optimizer
        elif params is not None:
            self.opt = optimizer(list(params))
        else:
            raise HiveletError("Give a torch optimizer, or params and a callable that makes one of them.")
        self.scheduler = scheduler(self.opt) if callable(scheduler) and not hasattr(scheduler, "step") else scheduler
        self.dht, self.run_id = dht, run_id
        self.target_batch_size, self.batch_size_per_step = target_batch_size, batch_size_per_step
        self.averaging_timeout, self.average_state_every = averaging_timeout, average_state_every
        self.use_local_updates, self.auxiliary = use_local_updates, auxiliary
        self.client_mode = dht.client_mode if client_mode is None else client_mode
        self.local_epoch = 0
        self._samples = 0
        self._reported = 0.0
        self._others = (0, 0)  # samples of others in this epoch, and the highest epoch among them
        parameters = [p for group in self.opt.param_groups for p in group["params"]]
        self._parameters: list[torch.Tensor] = parameters
        self._sums = [torch.zeros(p.shape) for p in parameters]
        self._state = [*(p.data for p in parameters), *extra_tensors]

        def averager(name: str, tensors: Sequence[torch.Tensor], compression: CompressionType) -> DecentralizedAverager:
            return DecentralizedAverager(
                tensors,
                dht,
                start=True,
                prefix=f"{run_id}_{name}",
                min_matchmaking_time=matchmaking_time,
                allreduce_timeout=averaging_timeout,
                compression=compression,
                client_mode=self.client_mode,
                auxiliary=auxiliary,
            )

        self._gradients = averager("grads", self._sums, grad_compression)
        self._averager = averager("state", self._state, state_averaging_compression)

    # --- what torch optimizers have -----------------------------------------------------------------------------

    @property
    def param_groups(self) -> list[dict[str, Any]]:
        """The wrapped optimizer's."""
        return self.opt.param_groups

    @property
    def state(self) -> Any:
        """The wrapped optimizer's."""
        return self.opt.state

    def zero_grad(self, set_to_none: bool = True) -> None:
        """Clear the parameters' gradients; what was accumulated for the epoch stays."""
        self.opt.zero_grad(set_to_none=set_to_none)

    def state_dict(self) -> dict[str, Any]:
        """The wrapped optimizer's state and the epoch."""
        return {**self.opt.state_dict(), "local_epoch": self.local_epoch}

    def load_state_dict(self, state_dict: dict[str, Any]) -> None:
        """Take up such a state."""
        own = dict(state_dict)
        self.local_epoch = int(own.pop("local_epoch", 0))
        self.opt.load_state_dict(own)

    # --- training -----------------------------------------------------------------------------------------------

    def step(
        self, closure: Callable[[], Any] | None = None, batch_size: int | None = None, grad_scaler: object = None
    ) -> Any:
        """Count the gradients of `batch_size` samples; average and step when the swarm has enough of them."""
        if grad_scaler is not None:
            raise HiveletError("A grad_scaler is not offered: scale the gradients back before the step.")
        loss = closure() if closure is not None else None
        size = batch_size or self.batch_size_per_step or 0
        if size <= 0 and not self.auxiliary:
            raise HiveletError("How many samples are these gradients of? Set batch_size_per_step.")
        if not self.auxiliary:
            self._accumulate(size)
        if self._look() >= self.target_batch_size:
            self._finish_epoch()
        elif self._others[1] > self.local_epoch + 1:
            self.load_state_from_peers()
        return loss

    @torch.no_grad()
    def _accumulate(self, size: int) -> None:
        self._samples += size
        if self.use_local_updates:
            self.opt.step()
            return
        for total, parameter in zip(self._sums, self._parameters, strict=True):
            if parameter.grad is not None:
                total.add_(parameter.grad.to("cpu", torch.float32), alpha=size)

    def _look(self) -> int:
        """Samples of all peers in this epoch. The DHT is asked at most twice a second, or when it matters."""
        now = time.monotonic()
        if now - self._reported >= _REPORT_S or self._samples >= self.target_batch_size:
            self._reported = now
            key, end = f"{self.run_id}_progress", get_dht_time() + _LIFE_S
            if not self.auxiliary:
                self.dht.store(key, [self.local_epoch, self._samples], end, subkey=bytes(self.dht.peer_id))
            found = self.dht.get(key, latest=True)
            own = bytes(self.dht.peer_id)
            samples, epoch = 0, 0
            for peer, each in found.value.items() if found is not None and isinstance(found.value, dict) else ():
                if peer != own and isinstance(each.value, list) and len(each.value) == 2:
                    epoch = max(epoch, int(each.value[0]))
                    samples += int(each.value[1]) if each.value[0] == self.local_epoch else 0
                    # Who has finished this epoch already has seen enough for all.
                    samples += self.target_batch_size if each.value[0] == self.local_epoch + 1 else 0
            self._others = (samples, epoch)
        return self._samples + self._others[0]

    def _finish_epoch(self) -> None:
        alone = not self._others[0]
        if not self.use_local_updates:
            self._step_together(alone=alone)
        if self.scheduler is not None:
            self.scheduler.step()
        self.local_epoch += 1
        self._samples, self._others = 0, (0, self._others[1])
        self._reported = 0.0
        if not alone and self.local_epoch % self.average_state_every == 0:
            self._averager.step(timeout=self.averaging_timeout, weight=0.0 if self.auxiliary else 1.0)

    @torch.no_grad()
    def _step_together(self, *, alone: bool) -> None:
        with self._gradients.get_tensors() as sums:
            for total in sums:
                total.div_(max(1, self._samples))
        if not alone:
            self._gradients.step(weight=float(self._samples), timeout=self.averaging_timeout)
        with self._gradients.get_tensors() as sums:
            for total, parameter in zip(sums, self._parameters, strict=True):
                parameter.grad = total.to(parameter.device, parameter.dtype, copy=True)
                total.zero_()
        self.opt.step()
        self.opt.zero_grad()

    @torch.no_grad()
    def load_state_from_peers(self, **kwargs: Any) -> bool:
        """Take over another peer's parameters and the swarm's epoch. False when nobody shares them."""
        found = self._averager.load_state_from_peers(timeout=kwargs.get("timeout", self.averaging_timeout))
        if found is None or [each.shape for each in found[1]] != [each.shape for each in self._state]:
            return False
        with self._averager.get_tensors() as own:
            for mine, theirs in zip(own, found[1], strict=True):
                mine.copy_(theirs.to(mine.dtype))
        self.local_epoch = max(self.local_epoch, self._others[1])
        self._samples = 0
        for total in self._sums:
            total.zero_()
        return True

    def shutdown(self) -> None:
        """Answer nobody any more."""
        self._gradients.shutdown()
        self._averager.shutdown()
