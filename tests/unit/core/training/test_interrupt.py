"""A batch is left between two parts, on the way there and on the way back, and the next one is whole again."""

import pytest
import torch
from torch import nn

from core.training.interrupt import InterruptedBatchError, interruptible


class Part(nn.Module):
    """Adds one, and remembers how often it ran in each direction."""

    def __init__(self, log: list[str], name: str) -> None:
        super().__init__()
        self.weight = nn.Parameter(torch.ones(()))
        self.log, self.name = log, name

    def forward(self, x: torch.Tensor) -> torch.Tensor:
        self.log.append(f"{self.name} forward")
        y = x * self.weight
        y.register_hook(lambda _: self.log.append(f"{self.name} backward"))
        return y


@pytest.mark.parametrize(
    ("allowed", "seen"),
    [
        (0, []),
        (2, ["a forward"]),
        (3, ["a forward", "b forward"]),
        (4, ["a forward", "b forward", "b backward"]),
        (100, ["a forward", "b forward", "b backward", "a backward"]),
    ],
)
def test_left_where_it_is(allowed: int, seen: list[str]) -> None:
    log: list[str] = []
    asked = []

    def stop() -> bool:
        asked.append(True)
        return len(asked) > allowed

    model = nn.Sequential(Part(log, "a"), Part(log, "b"))
    interruptible(model, stop)
    try:
        torch.autograd.grad(model(torch.ones(3)).sum(), list(model.parameters()))
    except InterruptedBatchError:
        assert allowed < 100
    else:
        assert allowed == 100
    assert [entry for entry in log if "forward" in entry] == [entry for entry in seen if "forward" in entry]
    assert len(log) <= len(seen) + 1  # the hook of the part itself may come before ours
    asked.clear()
    allowed = 100
    assert torch.autograd.grad(model(torch.ones(3)).sum(), list(model.parameters()))[0] == 3
