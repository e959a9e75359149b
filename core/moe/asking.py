"""Who is asked for each sample, and who next when too few of them answer, or answer too late."""

from dataclasses import dataclass, field

import numpy as np
import torch

from core.experts.beam_search import NOBODY, find_best
from core.experts.directory import ExpertDirectory
from core.experts.grid_view import GridView
from core.experts.outcome import Call, Kind, Outcome
from core.experts.remote_expert import ExpertCaller
from core.moe.dispatch import Collecting, Group, Hedge, Patience, Rows, Tensors, group_by_expert
from core.moe.remote_call import Answered


@dataclass(frozen=True, slots=True)
class AskingConfig:
    """k_best: experts asked for each sample; spare: further ones that step in where too few answer; forward and
    backward: what to wait for; call_rows: most samples of one call; search_s: how long a fresh search may take when
    the known experts failed, 0 for none; hedge: when spare experts are asked before the wanted ones have failed, None
    for never."""

    k_best: int = 4
    spare: int = 2
    forward: Patience = field(default_factory=Patience)
    backward: Patience = field(default_factory=Patience)
    call_rows: int = 4096
    search_s: float = 3.0
    hedge: Hedge | None = field(default_factory=Hedge)


class Asking:
    """One forward pass's questions. inputs: each [N, …] on the CPU; scores: [N, S] of the gate; keep: a backward pass
    will follow.

    `view` and `chosen` [N, k_best] tell whom the gate wanted; `answered` grows with every round.
    """

    def __init__(
        self,
        inputs: Tensors,
        scores: torch.Tensor,
        view: GridView,
        caller: ExpertCaller,
        config: AskingConfig,
        *,
        keep: bool = False,
    ) -> None:
        self.view = view
        self.answered: list[Answered] = []
        self._inputs = inputs
        self._scores = scores.detach().float().cpu()
        self._caller = caller
        self._config = config
        self._keep = keep  # hosts then remember what the backward pass needs
        self._counts = np.zeros(inputs[0].shape[0], dtype=np.int64)  # answers of each sample
        best = find_best(self._scores, view.index, config.k_best + config.spare)
        self.chosen, self._spare = best[:, : config.k_best], best[:, config.k_best :]

    def run(self, samples: Rows, directory: ExpertDirectory) -> list[Answered]:
        """Ask for these samples: their best experts, where those failed or are late the spare ones, where those
        failed too whoever a fresh look at the DHT finds."""
        hedged = self._ask(samples, self.view, self.chosen[torch.from_numpy(samples)], hedging=True)
        short = self._short(samples)
        unhedged = short[~hedged[short]]
        if unhedged.size and self._config.spare:
            self._ask(unhedged, self.view, self._spare[torch.from_numpy(unhedged)])
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

    def _ask(self, samples: Rows, view: GridView, chosen: torch.Tensor, *, hedging: bool = False) -> Rows:
        """One round: one call an expert, all at once. chosen: [n, any] positions in `view`. Returns which of all
        samples [N] were hedged."""
        late = np.zeros(len(self._counts), dtype=bool)
        groups = self._groups(chosen, samples)
        if not groups:
            return late
        answers = self._caller.dispatch(Kind.FORWARD, self._calls(view, groups))
        rows = [group.rows for group in groups]
        collecting = Collecting(answers, rows, len(self._counts), self._config.forward)
        if hedging and self._config.hedge and self._config.spare:
            late = collecting.wait_before_hedging(self._config.hedge)
            who = np.flatnonzero(late)
            more = self._groups(self._spare[torch.from_numpy(who)], who) if who.size else []
            if more:
                collecting.also(
                    self._caller.dispatch(Kind.FORWARD, self._calls(view, more)), [group.rows for group in more]
                )
                groups += more
                self._caller.counters.add(hedged=len(who))
        collecting.wait()
        for index in sorted(collecting.outcomes):
            if collecting.outcomes[index].ok:
                self._note(view, groups[index], collecting.outcomes[index])
        return late

    def _groups(self, chosen: torch.Tensor, samples: Rows) -> list[Group]:
        return group_by_expert(self._inputs, chosen, samples, self._config.call_rows)

    def _calls(self, view: GridView, groups: list[Group]) -> list[Call]:
        return [Call(view.experts[group.expert].uid, group.inputs, keep=self._keep) for group in groups]

    def _note(self, view: GridView, group: Group, outcome: Outcome) -> None:
        uid, columns = view.experts[group.expert].uid, view.index.columns[group.expert]
        self.answered.append(Answered(uid, group.rows, group.inputs, outcome.tensors[0], columns, outcome.ticket))
        self._counts[group.rows] += 1
