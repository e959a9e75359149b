"""Text from a language model, one byte after the other."""

import time
from collections.abc import Callable

import torch
from torch import nn

TEMPERATURE = 0.7


def generate(
    model: nn.Module,
    prompt: str,
    length: int,
    *,
    context: int,
    timeout: float,
    seed: int = 0,
    clock: Callable[[], float] = time.monotonic,
) -> str:
    """Continue `prompt` by up to `length` bytes, or by fewer when `timeout` seconds are over.

    The answer does not repeat the prompt. context: bytes that the model can look back. The model is put into
    evaluation mode. Bytes that are no UTF-8 become replacement characters; equal seeds give equal texts for as long
    as the experts answer alike.
    """
    until = clock() + timeout
    begin = prompt.encode() or b"\n"
    text = bytearray(begin)
    generator = torch.Generator().manual_seed(seed)
    model.eval()
    with torch.no_grad():
        while len(text) - len(begin) < length and clock() < until:
            window = torch.frombuffer(bytearray(text[-context:]), dtype=torch.uint8).long()
            logits = model(window[None])[0, -1] / TEMPERATURE
            odds = torch.nan_to_num(logits, nan=0.0, posinf=50.0, neginf=-50.0).softmax(dim=0)
            text.append(int(torch.multinomial(odds, 1, generator=generator)))
    return text[len(begin) :].decode("utf-8", errors="replace")
