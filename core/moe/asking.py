"""Who is asked for each sample, and who next when too few of them answer."""

from dataclasses import dataclass, field

import numpy as np
import torch

from core.experts.beam_search import NOBODY, find_best
from core.experts.directory import ExpertDirectory
from core.experts.grid_view import GridView
from core.experts.outcome import Call, Kind
from core.experts.remote_expert import ExpertCaller
from core.moe.dispatch import Patience, Rows, collect, group_by_expert
from core.moe.remote_call import Answered


@dataclass(frozen=True, slots=True)
class AskingConfig:
    """k_best: experts asked for each sample; spare: further ones that step in where too few answer; forward and
    backward: what to wait for; call_rows: most samples of one call; search_s: how long a fresh search may take when
    the known experts failed, 0 for none."""

    k_best: int = 4
    spare: int = 2
    forward: Patience = field(default_factory=Patience)
    backward: Patience = field(default_factory=Patience)
    call_rows: int = 4096
    search_s: float = 3.0


class Asking:
    """One forward pass's questions. x: [N, features], float32 on the CPU; scores: [N, S] of the gate.

    `view` and `chosen` [N, k_best] tell whom the gate wanted; `answered` grows with every round.
    """

    def __init__(
        self, x: torch.Tensor, scores: torch.Tensor, view: GridView, caller: ExpertCaller, config: AskingConfig
    ) -> None:
        self.view = view
        self.answered: list[Answered] = []
        self._x = x
        self._scores = scores.detach().float().cpu()
        self._caller = caller
        self._config = config
        self._counts = np.zeros(x.shape[0], dtype=np.int64)  # answers of each sample
        best = find_best(self._scores, view.index, config.k_best + config.spare)
        self.chosen, self._spare = best[:, : config.k_best], best[:, config.k_best :]

    def run(self, samples: Rows, directory: ExpertDirectory) -> list[Answered]:
        """Ask for these samples: their best experts, where those failed the spare ones, where those failed too
        whoever a fresh look at the DHT finds."""
        self._ask(samples, self.view, self.chosen[torch.from_numpy(samples)])
        short = self._short(samples)
        if short.size and self._config.spare:
            self._ask(short, self.view, self._spare[torch.from_numpy(short)])
            short = self._short(short)
        if short.size and self._config.search_s and self._caller.search_again(self._config.search_s):
            fresh = directory.alive(self.view.grid.prefix)
            self._ask(short, fresh, self._unasked(short, fresh))
        return self.answered

    def _short(self, samples: Rows) -> Rows:
        """Those with fewer answers than they need."""
        return samples[self._counts[samples] < self._config.forward.k_min]

    def _unasked(self, samples: Rows, view: GridView) -> torch.Tensor:
        """[n, k_best]: the best experts of a new view, without those that answered the sample already."""
        chosen = find_best(self._scores[torch.from_numpy(samples)], view.index, self._config.k_best)
        for each in self.answered:
            position = view.position.get(each.uid)
            if position is not None:
                has = torch.from_numpy(np.isin(samples, each.rows))
                chosen[has.unsqueeze(1) & (chosen == position)] = NOBODY
        return chosen

    def _ask(self, samples: Rows, view: GridView, chosen: torch.Tensor) -> None:
        """One round: one call an expert, all at once. chosen: [n, any] positions in `view`."""
        groups = group_by_expert(self._x, chosen, samples, self._config.call_rows)
        if not groups:
            return
        uids = [view.experts[group.expert].uid for group in groups]
        calls = [Call(uid, (group.inputs,)) for uid, group in zip(uids, groups, strict=True)]
        answers = self._caller.dispatch(Kind.FORWARD, calls)
        outcomes = collect(answers, [group.rows for group in groups], len(self._counts), self._config.forward)
        for index in sorted(outcomes):
            if outcomes[index].ok:
                group, outputs = groups[index], outcomes[index].tensors[0]
                columns = view.index.columns[group.expert]
                self.answered.append(Answered(uids[index], group.rows, group.inputs, outputs, columns))
                self._counts[group.rows] += 1
