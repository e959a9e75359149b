"""Text from a language model, one byte after the other."""

import time
from collections.abc import Callable, Generator
from dataclasses import dataclass
from typing import Protocol, runtime_checkable

import torch
from torch import nn

TEMPERATURE = 0.7


@runtime_checkable
class Traced(Protocol):
    """A mixture layer that tells who answered (`core.moe.mixture.RemoteMixtureOfExperts`)."""

    def answerers(self, row: int) -> tuple[str, ...]:
        """The experts behind one sample of the last forward."""
        ...


@dataclass(frozen=True, slots=True)
class Token:
    """One byte, and the experts that it went through: for each mixture layer that tells, their uids, the gate's
    favourites first."""

    byte: int
    experts: tuple[tuple[str, ...], ...]


def stream(
    model: nn.Module,
    prompt: str,
    length: int,
    *,
    context: int,
    timeout: float,
    seed: int = 0,
    clock: Callable[[], float] = time.monotonic,
) -> Generator[Token]:
    """Continue `prompt` by up to `length` bytes, or by fewer when `timeout` seconds are over, each as soon as it is
    there. For as long as it is not exhausted the model, which is put into evaluation mode, belongs to this iterator.

    context: bytes that the model can look back.
    """
    until = clock() + timeout
    text = bytearray(prompt.encode() or b"\n")
    generator = torch.Generator().manual_seed(seed)
    model.eval()
    mixtures = [module for module in model.modules() if isinstance(module, Traced)]
    for _ in range(length):
        if clock() >= until:
            return
        window = torch.frombuffer(bytearray(text[-context:]), dtype=torch.uint8).long()
        with torch.no_grad():
            logits = model(window[None])[0, -1] / TEMPERATURE
            odds = torch.nan_to_num(logits, nan=0.0, posinf=50.0, neginf=-50.0).softmax(dim=0)
            byte = int(torch.multinomial(odds, 1, generator=generator))
        text.append(byte)
        yield Token(byte, tuple(mixture.answerers(len(window) - 1) for mixture in mixtures))


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
    """What `stream` gives, as text.

    The answer does not repeat the prompt. Bytes that are no UTF-8 become replacement characters; equal seeds give equal
    texts for as long as the experts answer alike.
    """
    tokens = stream(model, prompt, length, context=context, timeout=timeout, seed=seed, clock=clock)
    return bytes(token.byte for token in tokens).decode("utf-8", errors="replace")
