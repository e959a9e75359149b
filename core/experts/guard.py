"""What an expert is used to: tensors far longer than those before them are not let near it. Pure."""

import math
from collections.abc import Hashable
from dataclasses import dataclass


@dataclass(frozen=True, slots=True)
class GuardConfig:
    """factor: how many times longer than usual a tensor's rows may be, at least; deviations: how many deviations of
    the logarithm, where lengths vary much; first: tensors that are only learned from; memory: about so many of the
    last ones make the average."""

    factor: float = 64.0
    deviations: float = 6.0
    first: int = 16
    memory: int = 64


@dataclass(slots=True)
class _Usual:
    count: int = 0
    mean: float = 0.0
    deviation: float = 0.0


class NormGuard:
    """Moving averages of the logarithm of lengths, one for each key (an expert and a kind of tensor).

    Gradients shrink by orders of magnitude during training, so it is ratios that count, and only upwards. What is
    refused moves the average a little, too: a swarm in which everything has become longer is believed after a while,
    one sender among many is not. Not thread-safe.
    """

    def __init__(self, config: GuardConfig | None = None) -> None:
        self._config = config or GuardConfig()
        self._usual: dict[Hashable, _Usual] = {}

    def check(self, key: Hashable, norm: float, rows: int) -> str:
        """Why a tensor of this length (over all its rows) is refused, or "" to let it in."""
        if not math.isfinite(norm):
            return "A tensor holds NaN or infinite numbers, or numbers near the end of their range."
        if not norm:
            return ""  # says nothing about what is usual
        config = self._config
        usual = self._usual.setdefault(key, _Usual())
        length = math.log(norm / math.sqrt(rows))
        limit = max(math.log(config.factor), config.deviations * usual.deviation)
        excess = length - usual.mean
        refused = usual.count >= config.first and excess > limit
        weight = 1 / min(usual.count + 1, config.memory)
        step = min(excess, limit) if usual.count >= config.first else excess
        usual.deviation += (abs(step) - usual.deviation) * weight if usual.count and not refused else 0.0
        usual.mean += step * weight
        usual.count += 1
        if not refused:
            return ""
        return f"A tensor is {math.exp(min(excess, 50)):.3g} times as long as this expert is used to."

    def forget(self, expert: Hashable) -> None:
        """Drop all keys (expert, …)."""
        for key in [key for key in self._usual if isinstance(key, tuple) and key[0] == expert]:
            del self._usual[key]
