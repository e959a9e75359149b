"""The mixture layer: a gate here, experts anywhere, and a result even when some of them do not answer."""

from copy import deepcopy
from dataclasses import dataclass, field
from typing import Any, cast

import numpy as np
import torch
from torch import nn
from torch.autograd.function import once_differentiable

from core.experts.beam_search import NOBODY, find_best
from core.experts.directory import ExpertDirectory, GridView
from core.experts.outcome import Call, Kind
from core.experts.remote_expert import ExpertCaller
from core.experts.uid import Grid
from core.moe.balance import balance_loss
from core.moe.dispatch import Group, Patience, Rows, collect, group_by_expert
from core.moe.gating import ProductKeyGate, responder_weights
from core.tensors.codec import is_finite


@dataclass(frozen=True, slots=True)
class MixtureConfig:
    """k_best: experts asked for each sample; spare: further ones that step in where too few answer; forward and
    backward: what to wait for; call_rows: samples of one call; search_s: how long a fresh search may take when the
    known experts failed, 0 for none."""

    k_best: int = 4
    spare: int = 2
    forward: Patience = field(default_factory=Patience)
    backward: Patience = field(default_factory=Patience)
    call_rows: int = 4096
    search_s: float = 3.0


@dataclass(frozen=True, slots=True)
class _Answered:
    """A group whose expert answered. columns: [D], the expert's scores in the gate's output."""

    uid: str
    rows: Rows
    inputs: torch.Tensor
    columns: torch.Tensor
    outputs: torch.Tensor


class RemoteMixtureOfExperts(nn.Module):
    """Maps each sample through its k best live experts and adds their outputs up, weighted by the gate.

    Weights are a softmax over those experts of a sample that answered. A sample whose experts failed tries its spare
    experts, then those that a fresh look at the DHT finds; when nobody answers at all its output is exactly zero:
    used as `x + mixture(norm(x))` the layer then passes it through unchanged. The output is never NaN. `passed` tells
    which samples of the last forward went that way (bool [N]).

    Forward and backward block the calling thread and may run in several threads at once, but not in the event
    loop's. Backward trains the experts that answered, one request each, and tolerates failures: what does not come
    back counts as zero. Experts are computed on float32 on the CPU side of any device the gate lives on.

    deepcopy copies the gate and shares `caller` and `directory`.
    """

    passed: torch.Tensor

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
        config: MixtureConfig | None = None,
    ) -> None:
        super().__init__()
        self.gate = ProductKeyGate(in_features, grid)
        self.grid = grid
        self.caller = caller
        self.directory = directory
        self.config = config or MixtureConfig(k_best, spare, Patience(k_min), Patience(k_min))
        self.passed = torch.zeros(0, dtype=torch.bool)
        self._last: tuple[torch.Tensor, GridView, torch.Tensor] | None = None

    def __deepcopy__(self, memo: dict[int, Any]) -> "RemoteMixtureOfExperts":
        memo[id(self.caller)] = self.caller
        memo[id(self.directory)] = self.directory
        copy = cast(RemoteMixtureOfExperts, type(self).__new__(type(self)))
        memo[id(self)] = copy
        copy.__dict__.update({k: None if k == "_last" else deepcopy(v, memo) for k, v in self.__dict__.items()})
        return copy

    def forward(self, x: torch.Tensor) -> torch.Tensor:
        """[…, in_features] -> the same shape."""
        flat = x.reshape(-1, x.shape[-1])
        scores = self.gate(flat)
        # Experts speak float32 on the CPU. Moving the tensor out here, inside autograd's graph, also makes the remote
        # call's backward run in the thread that asked for it, never in a device's own thread, which experts may need.
        rows = flat.to("cpu", torch.float32)
        answered = self._ask(rows.detach(), scores)
        samples = flat.shape[0]
        self.passed = torch.ones(samples, dtype=torch.bool)
        if not answered:
            self._count_passed(samples)
            return torch.zeros_like(x)
        pair_rows = torch.from_numpy(np.concatenate([each.rows for each in answered]))
        self.passed[pair_rows] = False
        self._count_passed(int(self.passed.sum()))
        # The gate's weight rides along without a gradient: it ties the experts to whatever autograd.grad() is asked
        # for, so that they are trained even where nothing before this layer is.
        outputs = _Remote.apply(rows, self.gate.projection.weight, self, answered)
        columns = torch.cat([each.columns.expand(len(each.rows), -1) for each in answered])
        weights = responder_weights(scores.float().cpu(), columns, pair_rows)
        mixed = torch.zeros_like(rows).index_add(0, pair_rows, outputs * weights.unsqueeze(1))
        return mixed.to(x).reshape(x.shape)

    @property
    def balance_loss(self) -> torch.Tensor:
        """How unevenly the last forward used the live experts: 1 when all alike. Add a little of it to the loss,
        before backward; its gradient goes to the gate."""
        if self._last is None:
            return self.gate.projection.weight.sum() * 0
        scores, view, chosen = self._last
        return balance_loss(scores, view.index, chosen)

    def _count_passed(self, samples: int) -> None:
        if samples:
            self.caller.counters.add(passed_through=samples)

    def _ask(self, x: torch.Tensor, scores: torch.Tensor) -> list[_Answered]:
        """Find experts and have them answer: the best ones, then the spare ones, then after a fresh search."""
        config = self.config
        view = self.directory.alive(self.grid.prefix)
        everyone = np.arange(x.shape[0])
        if not is_finite(x):  # a broken sample would make its whole group refused
            everyone = torch.isfinite(x).all(dim=1).nonzero()[:, 0].numpy()
        best = find_best(scores, view.index, config.k_best + config.spare)
        self._last = (scores, view, best[:, : config.k_best])
        chosen = best if len(everyone) == x.shape[0] else best[everyone]
        answered: list[_Answered] = []
        counts = np.zeros(x.shape[0], dtype=np.int64)
        self._round(x, view, chosen[:, : config.k_best], everyone, answered, counts)
        short = self._short(counts, everyone)
        if len(short) and config.spare:
            self._round(x, view, best[short, config.k_best :], short, answered, counts)
            short = self._short(counts, everyone)
        if len(short) and config.search_s and self.caller.search_again(config.search_s):
            fresh = self.directory.alive(self.grid.prefix)
            again = find_best(scores[torch.from_numpy(short)], fresh.index, config.k_best)
            again = _without(again, fresh, short, answered)
            self._round(x, fresh, again, short, answered, counts)
        return answered

    def _short(self, counts: Rows, samples: Rows) -> Rows:
        """Samples with fewer answers than they need."""
        return samples[counts[samples] < self.config.forward.k_min]

    def _round(
        self,
        x: torch.Tensor,
        view: GridView,
        chosen: torch.Tensor,
        samples: Rows,
        answered: list[_Answered],
        counts: Rows,
    ) -> None:
        """Ask these experts, once each; add what they answered."""
        groups = group_by_expert(x, chosen, samples, self.config.call_rows)
        if not groups:
            return
        uids = [view.experts[group.expert].uid for group in groups]
        calls = [Call(uid, (group.inputs,)) for uid, group in zip(uids, groups, strict=True)]
        answers = self.caller.dispatch(Kind.FORWARD, calls)
        outcomes = collect(answers, [group.rows for group in groups], x.shape[0], self.config.forward)
        for index in sorted(outcomes):
            if outcomes[index].ok:
                group = groups[index]
                columns = view.index.columns[group.expert]
                answered.append(_Answered(uids[index], group.rows, group.inputs, columns, outcomes[index].tensors[0]))
                counts[group.rows] += 1
