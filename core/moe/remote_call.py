"""The step of autograd that leaves this computer: outputs came from experts, gradients go back to them."""

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any

import torch
from torch.autograd.function import once_differentiable

from core.experts.outcome import Call, Kind, Ticket
from core.experts.remote_expert import ExpertCaller
from core.moe.dispatch import Collecting, Patience, Rows, Tensors
from core.tensors.descriptor import BatchTensorDescriptor


@dataclass(frozen=True, slots=True)
class Answered:
    """Samples that one expert has answered. rows: [m] their numbers; inputs, outputs: [m, …]; columns: [D], which of
    the gate's scores are this expert's; ticket: for the backward call."""

    uid: str
    rows: Rows
    inputs: Tensors
    outputs: torch.Tensor
    columns: torch.Tensor
    ticket: Ticket | None = None


def outputs_of(
    inputs: Tensors, anchor: torch.Tensor, caller: ExpertCaller, patience: Patience, answered: Sequence[Answered]
) -> torch.Tensor:
    """All outputs of `answered` below each other, [M, …], tied to `inputs` (each [N, …]) for backward.

    Backward trains the experts with one request each and adds the input gradients up; an expert that does not answer
    within `patience` contributes zero. anchor: a tensor that requires gradients; it gets none, but makes backward
    reach the experts whatever torch.autograd.grad() is asked for, even where nothing before this layer is trained.
    """
    result: torch.Tensor = _RemoteCall.apply(anchor, caller, patience, answered, *inputs)  # type: ignore[no-untyped-call]
    return result


class _RemoteCall(torch.autograd.Function):
    @staticmethod
    def forward(
        ctx: Any,
        anchor: torch.Tensor,  # noqa: ARG004 - its place in the graph is what matters
        caller: ExpertCaller,
        patience: Patience,
        answered: Sequence[Answered],
        *inputs: torch.Tensor,
    ) -> torch.Tensor:
        # Backward needs the inputs' shapes alone; each expert's own share is in `answered`.
        ctx.shapes = [each.shape if each.is_floating_point() else None for each in inputs]
        ctx.caller = caller
        ctx.patience = patience
        ctx.answered = answered
        return torch.cat([each.outputs for each in answered])

    @staticmethod
    @once_differentiable
    def backward(ctx: Any, gradients: torch.Tensor) -> tuple[torch.Tensor | None, ...]:
        answered: Sequence[Answered] = ctx.answered
        pieces = torch.split(gradients.contiguous(), [len(each.rows) for each in answered])
        calls = [_backward_call(each, piece) for each, piece in zip(answered, pieces, strict=True)]
        answers = ctx.caller.dispatch(Kind.BACKWARD, calls)
        samples = next(shape[0] for shape in ctx.shapes if shape is not None)
        collecting = Collecting(answers, [each.rows for each in answered], samples, ctx.patience)
        collecting.wait()
        totals = [None if shape is None else gradients.new_zeros(shape) for shape in ctx.shapes]
        floats = [total for total in totals if total is not None]
        for index in sorted(collecting.outcomes):  # in a fixed order: sums of floats depend on it
            if collecting.outcomes[index].ok:
                rows = torch.from_numpy(answered[index].rows)
                for total, own in zip(floats, collecting.outcomes[index].tensors, strict=True):
                    total.index_add_(0, rows, own)
        return (None, None, None, None, *totals)


def _backward_call(each: Answered, gradients: torch.Tensor) -> Call:
    expected = tuple(BatchTensorDescriptor.of(x) for x in each.inputs if x.is_floating_point())
    return Call(each.uid, (*each.inputs, gradients), expected, ticket=each.ticket)
