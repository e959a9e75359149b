"""The mixture layer: a gate here, experts anywhere, and a result even when some of them do not answer."""

from copy import deepcopy
from typing import Any

import numpy as np
import torch
from torch import nn

from core.experts.beam_search import NOBODY
from core.experts.directory import ExpertDirectory
from core.experts.grid_view import GridView
from core.experts.remote_expert import ExpertCaller
from core.experts.uid import Grid
from core.moe.asking import Asking, AskingConfig
from core.moe.balance import balance_loss
from core.moe.dispatch import Patience, Rows, Tensors
from core.moe.gating import ProductKeyGate, responder_weights
from core.moe.remote_call import outputs_of
from core.tensors.codec import is_finite


class RemoteMixtureOfExperts(nn.Module):
    """Maps each sample through its k best live experts and adds their outputs up, weighted by the gate.

    Weights are a softmax over those experts of a sample that answered. A sample whose experts failed tries its spare
    experts, then those that a fresh look at the DHT finds; where nobody answers at all the output is exactly zero:
    used as `x + mixture(norm(x))`, the layer passes such a sample through unchanged. `passed` (bool [N]) tells which
    samples of the last forward those were. The output is never NaN because of an expert or a missing one; a sample
    that is not finite itself is not sent to anybody.

    Forward and backward block the calling thread, and may run in several threads at once (each with its own copy of
    the module), but not in the event loop's. Backward trains the experts that answered, one request each; gradients
    that do not come back count as zero.

    caller, directory: shared, also by copies: deepcopy copies the gate alone. k_best, k_min, spare: see AskingConfig
    and Patience; `config` replaces all three.
    """

    def __init__(
        self,
        *,
        in_features: int,
        grid: Grid,
        caller: ExpertCaller,
        directory: ExpertDirectory,
        k_best: int = 4,
        k_min: int = 1,
        spare: int = 2,
        config: AskingConfig | None = None,
    ) -> None:
        super().__init__()
        self.gate = ProductKeyGate(in_features, grid)
        self.grid = grid
        self.caller = caller
        self.directory = directory
        self.config = config or AskingConfig(k_best, spare, Patience(k_min), Patience(k_min))
        self.passed: torch.Tensor = torch.zeros(0, dtype=torch.bool)
        self._last: tuple[torch.Tensor, GridView, torch.Tensor] | None = None
        self._answered: tuple[tuple[str, Rows], ...] = ()

    def __deepcopy__(self, memo: dict[int, Any]) -> "RemoteMixtureOfExperts":
        copied = type(self).__new__(type(self))
        memo |= {id(self): copied, id(self.caller): self.caller, id(self.directory): self.directory}
        # What the last forward left behind belongs to its graph and its thread.
        left: dict[str, Any] = {"_last": None, "_answered": ()}
        kept = {name: value for name, value in self.__dict__.items() if name not in left}
        copied.__dict__ = {name: deepcopy(value, memo) for name, value in kept.items()} | left
        return copied

    def forward(self, x: torch.Tensor) -> torch.Tensor:
        """[…, in_features] -> the same shape, type and device."""
        flat = x.reshape(-1, x.shape[-1])
        return self.mix(self.gate(flat), flat).reshape(x.shape)

    def mix(self, scores: torch.Tensor, *inputs: torch.Tensor) -> torch.Tensor:
        """The mixture of whole samples by these scores of the gate [N, S].

        inputs: what experts take, each [N, …]; the output, [N, …] like the first one, has its type and device too.
        """
        # Experts speak float32 on the CPU. Moving the tensors here, inside the graph, also makes the remote call's
        # backward run in the thread that asked for it, never in a GPU's own autograd thread, which local experts on
        # that GPU need at the same time.
        sent = tuple(each.to("cpu", torch.float32) if each.is_floating_point() else each.cpu() for each in inputs)
        detached = tuple(each.detach() for each in sent)
        asking = Asking(
            detached,
            scores,
            self.directory.alive(self.grid.prefix),
            self.caller,
            self.config,
            keep=torch.is_grad_enabled(),
        )
        self._last = (scores, asking.view, asking.chosen)
        answered = asking.run(_sound(detached), self.directory)
        self._answered = tuple((each.uid, each.rows) for each in answered)
        self.passed = torch.ones(sent[0].shape[0], dtype=torch.bool)
        if not answered:
            self._count_passed()
            return torch.zeros_like(inputs[0])
        pairs = torch.from_numpy(np.concatenate([each.rows for each in answered]))
        self.passed[pairs] = False
        self._count_passed()
        outputs = outputs_of(sent, self.gate.projection.weight, self.caller, self.config.backward, answered)
        columns = torch.cat([each.columns.expand(len(each.rows), -1) for each in answered])
        weights = self.weigh(scores.to("cpu", torch.float32), columns, pairs)
        weighted = outputs * weights.reshape(-1, *[1] * (outputs.dim() - 1))
        return torch.zeros_like(sent[0]).index_add(0, pairs, weighted).to(inputs[0])

    def weigh(self, scores: torch.Tensor, columns: torch.Tensor, rows: torch.Tensor) -> torch.Tensor:
        """How much each answer counts, [M]; see `responder_weights`."""
        return responder_weights(scores, columns, rows)

    @property
    def balance_loss(self) -> torch.Tensor:
        """How unevenly the gate used the live experts in the last forward: 1 when all alike, more when not.

        Add a little of it to the loss, before backward, to keep experts from falling idle; its gradient goes to the
        gate.
        """
        if self._last is None:
            return self.gate.projection.weight.sum() * 0
        scores, view, chosen = self._last
        return balance_loss(scores, view.index, chosen)

    def answerers(self, row: int) -> tuple[str, ...]:
        """The experts whose answers made up one sample of the last forward, the gate's favourites first."""
        came = [uid for uid, rows in self._answered if row in rows]
        if self._last is None:
            return ()
        _scores, view, chosen = self._last
        wanted = [view.experts[place].uid for place in chosen[row].tolist() if place != NOBODY]
        return tuple(sorted(came, key=lambda uid: wanted.index(uid) if uid in wanted else len(wanted)))

    def _count_passed(self) -> None:
        samples = int(self.passed.sum())
        if samples:
            self.caller.counters.add(passed_through=samples)


def _sound(inputs: Tensors) -> Rows:
    """Numbers of the samples that are finite: one that is not would make its whole group refused."""
    if all(map(is_finite, inputs)):
        return np.arange(inputs[0].shape[0])
    finite = [torch.isfinite(each).flatten(1).all(dim=1) for each in inputs if each.is_floating_point()]
    return torch.stack(finite).all(dim=0).nonzero()[:, 0].numpy()
