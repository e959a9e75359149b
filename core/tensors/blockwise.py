"""Numbers as 8-bit integers, each block of them with a scale of its own.

A block of BLOCK numbers in row order is multiplied by 127 / its largest magnitude and rounded; the scale that undoes
this travels with it. So an error is at most 1/254 of the largest number nearby, whatever else the tensor holds: for
normal numbers the mean squared error is 4e-5 of their variance. The bytes are all scales (float32), then all integers.
"""

from math import prod

import torch

BLOCK = 128
_SCALE_BYTES = 4
_HIGHEST = 127.0


def encoded_bytes(count: int) -> int:
    """How many bytes so many numbers take."""
    return count + _SCALE_BYTES * _blocks(count)


def quantize(tensor: torch.Tensor) -> torch.Tensor:
    """Any floating-point tensor on the CPU -> uint8 [encoded_bytes]. A block that holds NaN or infinity comes back as
    NaN, for the receiver to refuse."""
    count = tensor.numel()
    blocks = _blocks(count)
    flat = tensor.detach().reshape(-1).to(torch.float32)
    if count < blocks * BLOCK:
        flat = torch.nn.functional.pad(flat, (0, blocks * BLOCK - count))
    rows = flat.view(blocks, BLOCK)
    scales = rows.abs().amax(dim=1, keepdim=True).div_(_HIGHEST)
    # A block of zeros has scale zero; a block of numbers too small for a scale (subnormal) becomes zeros as well.
    steps = torch.where(scales >= torch.finfo(torch.float32).tiny, rows / scales, torch.zeros_like(rows))
    whole = steps.nan_to_num_(0.0).round_().clamp_(-_HIGHEST, _HIGHEST).to(torch.int8)
    return torch.cat([scales.reshape(-1).view(torch.uint8), whole.reshape(-1)[:count].view(torch.uint8)])


def dequantize(data: torch.Tensor, shape: tuple[int, ...]) -> torch.Tensor:
    """uint8 [encoded_bytes of the shape] -> float32 of that shape."""
    count = prod(shape)
    blocks = _blocks(count)
    scales = data[: _SCALE_BYTES * blocks].clone().view(torch.float32)  # a copy lies where float32 may
    whole = data[_SCALE_BYTES * blocks :].view(torch.int8).to(torch.float32)
    if count < blocks * BLOCK:
        whole = torch.nn.functional.pad(whole, (0, blocks * BLOCK - count))
    return (whole.view(blocks, BLOCK) * scales.unsqueeze(1)).view(-1)[:count].view(shape)


def _blocks(count: int) -> int:
    return -(-count // BLOCK)
