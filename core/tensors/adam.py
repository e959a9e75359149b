"""Adam over one flat vector, in a few operations.

Not torch.optim, whose first use loads torch's compiler: memory and time that neither a host nor a trainer needs.
"""

import math

import torch

EPSILON = 1e-8


def adam_step(
    vector: torch.Tensor,
    gradient: torch.Tensor,
    moments: tuple[torch.Tensor, torch.Tensor],
    step: int,
    rate: float,
    betas: tuple[float, float] = (0.9, 0.999),
) -> None:
    """One step in place (Kingma & Ba, 2015), as torch.optim.Adam does it.

    vector, gradient and both moments: float32 [n]. step: 1 for the first one. AdamW's weight decay is the caller's
    multiplication of the vector by 1 - rate * decay, before.
    """
    first, second = moments
    first.lerp_(gradient, 1 - betas[0])
    second.mul_(betas[1]).addcmul_(gradient, gradient, value=1 - betas[1])
    spread = torch.sqrt(second).mul_(1 / math.sqrt(1 - betas[1] ** step)).add_(EPSILON)
    vector.addcdiv_(first, spread, value=-rate / (1 - betas[0] ** step))
