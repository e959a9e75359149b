"""How good the model is on data that nobody trains on."""

import math
import time
from collections.abc import Callable
from dataclasses import dataclass

import torch
from torch import nn

from core.errors import DataError
from core.training.data import Dataset


@dataclass(frozen=True, slots=True)
class Evaluation:
    """metric: "bits_per_byte" or "accuracy"; value: of the model; baseline: of the best predictor that never looks at
    its input; samples: bytes or images that were measured."""

    metric: str
    value: float
    baseline: float
    samples: int


def evaluate(
    model: nn.Module,
    dataset: Dataset,
    metric: str,
    timeout: float,
    clock: Callable[[], float] = time.monotonic,
    may_go_on: Callable[[float], bool] = lambda _: True,
) -> Evaluation:
    """Measure `model` on the held-out part, or on as much of it as `timeout` seconds allow.

    may_go_on: asked before every batch but the first, waits for at most so many seconds; where it says no, what was
    measured so far is the answer. The model is put into evaluation mode. Batches are spread over the held-out part, so
    a part of them is a fair sample. Raises DataError when the model's answers are not finite.
    """
    until = clock() + timeout
    total, samples = 0.0, 0
    model.eval()
    with torch.no_grad():
        for batch in dataset.held_out():
            if samples and (clock() >= until or not may_go_on(until - clock())):
                break
            logits = model(batch.inputs).flatten(0, -2)
            targets = batch.targets.flatten()
            if metric == "accuracy":
                total += float((logits.argmax(dim=-1) == targets).sum())
            else:
                total += float(nn.functional.cross_entropy(logits, targets, reduction="sum")) / math.log(2)
            samples += batch.samples
    if not math.isfinite(total):
        raise DataError("The model's answers are not finite; it cannot be evaluated.")
    return Evaluation(metric, total / samples, dataset.baseline, samples)
