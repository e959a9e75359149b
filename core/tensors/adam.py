"""Adam over one flat vector, in one pass over memory where torch has a kernel for that.

Not torch.optim, whose first use loads torch's compiler: memory and time that neither a host nor a trainer needs.
"""

import math
import threading

import torch

EPSILON = 1e-8
_FUSED = getattr(torch, "_fused_adam_", None)
"""torch's own kernel behind `Adam(fused=True)`: five times as fast as the operations one by one, as it reads and
writes everything once. Where a version or device lacks it, the operations below do the same."""
_FUSED_DEVICES = ("cpu", "cuda")
_PIECE = 1 << 18  # numbers that are widened at a time on a processor, so that they stay in its cache


class _Room(threading.local):
    """Where a thread widens: fresh memory for each piece would cost more than the conversion."""

    def __init__(self) -> None:
        self.wide = torch.empty(_PIECE)


_room = _Room()


def adam_step(
    vector: torch.Tensor,
    gradient: torch.Tensor,
    moments: tuple[torch.Tensor, torch.Tensor],
    step: int,
    rate: float,
    betas: tuple[float, float] = (0.9, 0.999),
) -> None:
    """One step in place (Kingma & Ba, 2015), as torch.optim.Adam does it.

    vector, gradient and the second moment: float32 [n]; the first moment: the same, or bfloat16, in which it is kept
    between steps. step: 1 for the first one. AdamW's weight decay is the caller's multiplication of the vector by
    1 - rate * decay, before.
    """
    first, second = moments
    if first.dtype == torch.float32:
        _step(vector, gradient, first, second, step, rate, betas)
        return
    room = _room.wide if vector.device.type == "cpu" else torch.empty_like(vector)
    if first.numel() <= room.numel():
        _step_widened(vector, gradient, first, second, room, step, rate, betas)
        return
    for start in range(0, first.numel(), room.numel()):
        part = slice(start, start + room.numel())
        _step_widened(vector[part], gradient[part], first[part], second[part], room, step, rate, betas)


def _step_widened(
    vector: torch.Tensor,
    gradient: torch.Tensor,
    first: torch.Tensor,
    second: torch.Tensor,
    room: torch.Tensor,
    step: int,
    rate: float,
    betas: tuple[float, float],
) -> None:
    wide = room[: first.numel()].copy_(first)
    _step(vector, gradient, wide, second, step, rate, betas)
    first.copy_(wide)


def _step(
    vector: torch.Tensor,
    gradient: torch.Tensor,
    first: torch.Tensor,
    second: torch.Tensor,
    step: int,
    rate: float,
    betas: tuple[float, float],
) -> None:
    if _FUSED is not None and vector.device.type in _FUSED_DEVICES:
        with torch.no_grad():
            _FUSED(
                [vector], [gradient], [first], [second], [], [torch.tensor(float(step), device=vector.device)],
                lr=rate, beta1=betas[0], beta2=betas[1], weight_decay=0.0, eps=EPSILON, amsgrad=False, maximize=False,
            )  # fmt: skip
        return
    first.lerp_(gradient, 1 - betas[0])
    second.mul_(betas[1]).addcmul_(gradient, gradient, value=1 - betas[1])
    divisor = torch.sqrt(second).mul_(1 / math.sqrt(1 - betas[1] ** step)).add_(EPSILON)
    vector.addcdiv_(first, divisor, value=-rate / (1 - betas[0] ** step))
