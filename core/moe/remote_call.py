"""The step of autograd that leaves this computer: outputs came from experts, gradients go back to them."""

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any

import torch
from torch.autograd.function import once_differentiable

from core.experts.outcome import Call, Kind, Ticket
from core.experts.remote_expert import ExpertCaller
from core.moe.dispatch import Patience, Rows, collect


@dataclass(frozen=True, slots=True)
class Answered:
    """Samples that one expert has answered. rows: [m] their numbers; inputs, outputs: [m, features]; columns: [D],
    which of the gate's scores are this expert's; ticket: stands for the inputs at its host."""

    uid: str
    rows: Rows
    inputs: torch.Tensor
    outputs: torch.Tensor
    columns: torch.Tensor
    ticket: Ticket | None = None


def outputs_of(
    x: torch.Tensor, anchor: torch.Tensor, caller: ExpertCaller, patience: Patience, answered: Sequence[Answered]
) -> torch.Tensor:
    """All outputs of `answered` below each other, [M, features], tied to `x` [N, features] for backward.

    Backward trains the experts with one request each and adds the input gradients up; an expert that does not answer
    within `patience` contributes zero. anchor: a tensor that requires gradients; it gets none, but makes backward
    reach the experts whatever torch.autograd.grad() is asked for, even where nothing before this layer is trained.
    """
    result: torch.Tensor = _RemoteCall.apply(x, anchor, caller, patience, answered)  # type: ignore[no-untyped-call]
    return result


class _RemoteCall(torch.autograd.Function):
    @staticmethod
    def forward(
        ctx: Any,
        x: torch.Tensor,
        anchor: torch.Tensor,  # noqa: ARG004 - its place in the graph is what matters
        caller: ExpertCaller,
        patience: Patience,
        answered: Sequence[Answered],
    ) -> torch.Tensor:
        ctx.samples = x.shape[0]
        ctx.caller = caller
        ctx.patience = patience
        ctx.answered = answered
        return torch.cat([each.outputs for each in answered])

    @staticmethod
    @once_differentiable
    def backward(ctx: Any, gradients: torch.Tensor) -> tuple[torch.Tensor | None, ...]:
        answered: Sequence[Answered] = ctx.answered
        pieces = torch.split(gradients.contiguous(), [len(each.rows) for each in answered])
        calls = [
            Call(each.uid, (each.inputs, piece), ticket=each.ticket)
            for each, piece in zip(answered, pieces, strict=True)
        ]
        answers = ctx.caller.dispatch(Kind.BACKWARD, calls)
        outcomes = collect(answers, [each.rows for each in answered], ctx.samples, ctx.patience)
        total = gradients.new_zeros(ctx.samples, gradients.shape[1])
        for index in sorted(outcomes):  # in a fixed order: sums of floats depend on it
            if outcomes[index].ok:
                total.index_add_(0, torch.from_numpy(answered[index].rows), outcomes[index].tensors[0])
        return total, None, None, None, None
