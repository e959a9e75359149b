"""Mixtures of experts with Hivemind's parameters."""

from collections.abc import Sequence
from typing import Any

import torch

from core.api.dht import DHT
from core.api.peer import ExpertPeer
from core.errors import ExpertError
from core.experts.uid import Grid
from core.moe import mixture, switch
from core.moe.asking import AskingConfig
from core.moe.dispatch import Patience
from core.tensors.codec import is_finite

_SPARE = 2
_LONG_S = 1e6


def _parts(
    dht: DHT,
    uid_prefix: str,
    grid_size: Sequence[int],
    k_best: int,
    forward: tuple[int, float | None],
    backward: tuple[int, float | None],
    timeout_after_k_min: float | None,
    encoding: str,
) -> dict[str, Any]:
    grid = Grid(uid_prefix if uid_prefix.endswith(".") else f"{uid_prefix}.", tuple(grid_size))
    peer = ExpertPeer.of(dht)
    directory = peer.directory(grid)

    def patience(k_min: int, timeout: float | None) -> Patience:
        # Without a timeout Hivemind waits for everybody; here whoever is late is waited for by a deadline that
        # follows its own answers, so "everybody" ends.
        grace = _LONG_S if timeout_after_k_min is None else timeout_after_k_min
        return Patience(k_min, grace, 0.0, float("inf") if timeout is None else timeout)

    config = AskingConfig(k_best, _SPARE, patience(*forward), patience(*backward))
    return {"grid": grid, "caller": peer.caller(directory, encoding), "directory": directory, "config": config}


def _gated(x: torch.Tensor) -> torch.Tensor:
    """What the gate sees: samples, averaged over all dimensions between the first and the last."""
    return x if x.dim() == 2 else x.mean(dim=tuple(range(1, x.dim() - 1)))


class RemoteMixtureOfExperts(mixture.RemoteMixtureOfExperts):
    """Sends each sample to its k best experts and averages what those return that answer in time.

    Weights are a softmax over a sample's own responders. x: [batch, …, in_features]; further inputs batch first;
    extra dimensions are averaged for the gate alone. The output is like the first input: experts of a mixture return
    what has their first input's shape. k_min and backward_k_min: answers that every sample waits for;
    timeout_after_k_min: how much longer for the others; forward_timeout, backward_timeout: when nothing more is waited
    for. detect_anomalies: raise ValueError for inputs that are not finite (such a sample is else not sent).
    allow_zero_outputs: where nobody answers a sample its output is zero, else ExpertError is raised (True here by
    default, where Hivemind's default raises: a swarm always loses some).

    Gradients go back with one request an expert; deadlines adapt to every peer. encoding: of tensors on the wire,
    "none", "float16", "bfloat16", "int8", or "auto". dht_kwargs are ignored.
    """

    def __init__(
        self,
        *,
        in_features: int,
        grid_size: Sequence[int],
        dht: DHT,
        uid_prefix: str,
        k_best: int,
        k_min: int = 1,
        forward_timeout: float | None = None,
        timeout_after_k_min: float | None = None,
        backward_k_min: int = 1,
        backward_timeout: float | None = None,
        detect_anomalies: bool = False,
        allow_zero_outputs: bool = True,
        encoding: str = "none",
        **dht_kwargs: Any,  # noqa: ARG002 - Hivemind's
    ) -> None:
        forward, backward = (k_min, forward_timeout), (backward_k_min, backward_timeout)
        super().__init__(
            in_features=in_features,
            **_parts(dht, uid_prefix, grid_size, k_best, forward, backward, timeout_after_k_min, encoding),
        )
        self.detect_anomalies = detect_anomalies
        self.allow_zero_outputs = allow_zero_outputs

    @property
    def proj(self) -> torch.nn.Linear:
        """The gate's map, by Hivemind's name."""
        return self.gate.projection

    def forward(self, x: torch.Tensor, *args: torch.Tensor, **kwargs: torch.Tensor) -> torch.Tensor:
        """See the class. kwargs: further inputs by name, in the order in which the expert takes them."""
        inputs = (x, *args, *kwargs.values())
        _check(self.detect_anomalies, inputs)
        output = self.mix(self.gate(_gated(x)), *inputs)
        _require_answers(self.allow_zero_outputs, self.passed)
        return output


class RemoteSwitchMixtureOfExperts(switch.RemoteSwitchMixtureOfExperts):
    """The Switch transformer's mixture: a sample's best expert, times its probability, added to the input.

    `forward` returns (output, balancing loss). The loss has a gradient, unlike Hivemind's; jitter leaves the input as
    it is. The parameters are Hivemind's, and those of RemoteMixtureOfExperts.
    """

    def __init__(
        self,
        *,
        in_features: int,
        grid_size: Sequence[int],
        dht: DHT,
        uid_prefix: str,
        utilization_alpha: float = 0.9,
        grid_dropout: float = 1.0,
        jitter_eps: float = 1e-2,
        k_best: int = 1,
        k_min: int = 0,
        forward_timeout: float | None = None,
        timeout_after_k_min: float | None = None,
        backward_k_min: int = 0,
        backward_timeout: float | None = None,
        detect_anomalies: bool = False,
        allow_zero_outputs: bool = True,
        encoding: str = "none",
        **dht_kwargs: Any,  # noqa: ARG002 - Hivemind's
    ) -> None:
        forward, backward = (k_min, forward_timeout), (backward_k_min, backward_timeout)
        super().__init__(
            in_features=in_features,
            utilization_alpha=utilization_alpha,
            grid_dropout=grid_dropout,
            jitter_eps=jitter_eps,
            **_parts(dht, uid_prefix, grid_size, k_best, forward, backward, timeout_after_k_min, encoding),
        )
        self.detect_anomalies = detect_anomalies
        self.allow_zero_outputs = allow_zero_outputs

    @property
    def proj(self) -> torch.nn.Linear:
        """The gate's map, by Hivemind's name."""
        return self.gate.projection

    def forward(  # type: ignore[override]
        self, x: torch.Tensor, *args: torch.Tensor, **kwargs: torch.Tensor
    ) -> tuple[torch.Tensor, torch.Tensor]:
        """See the class."""
        inputs = (x, *args, *kwargs.values())
        _check(self.detect_anomalies, inputs)
        output, loss = self.switch(_gated(x), *inputs)
        _require_answers(self.allow_zero_outputs, self.passed)
        return output + x, loss


def _check(wanted: bool, inputs: Sequence[torch.Tensor]) -> None:
    if wanted and not all(map(is_finite, inputs)):
        raise ValueError("An input of the mixture holds NaN or infinite numbers.")


def _require_answers(zero_is_fine: bool, passed: torch.Tensor) -> None:
    if not zero_is_fine and bool(passed.any()):
        raise ExpertError(f"No expert answered {int(passed.sum())} of {passed.numel()} samples in time.")
