"""The metrics are what their names say."""

import numpy as np
import pytest
import torch
from torch import nn

from core.errors import DataError
from core.training.data import ImageData, TextData
from core.training.evaluation import evaluate


class Uniform(nn.Module):
    def forward(self, x):
        assert not torch.is_grad_enabled()
        assert not self.training
        return torch.zeros(*x.shape, 256)


class Oracle(nn.Module):
    """Knows that after byte n comes n + 1 modulo 200."""

    def forward(self, x):
        return nn.functional.one_hot((x + 1) % 200, 256) * 50.0


@pytest.fixture
def counting():
    return TextData(bytes(range(200)) * 600, context=32, held_out=0.2)


def test_bits_per_byte(counting):
    uniform = evaluate(Uniform().train(), counting, "bits_per_byte", timeout=10)
    assert uniform.value == pytest.approx(8.0)
    assert uniform.samples == sum(batch.samples for batch in counting.held_out())
    assert uniform.baseline == counting.baseline == pytest.approx(np.log2(200), abs=0.01)
    assert evaluate(Oracle(), counting, "bits_per_byte", timeout=10).value == pytest.approx(0.0, abs=1e-6)


def test_accuracy():
    classes = np.arange(1000) % 4
    data = ImageData(classes[:, None].astype(np.float32), classes, held_out=0.5)

    class Half(nn.Module):  # is right about two classes of four
        def forward(self, x):
            return nn.functional.one_hot(x[:, 0].long() % 2, 4).float()

    found = evaluate(Half(), data, "accuracy", timeout=10)
    held = torch.cat([batch.targets for batch in data.held_out()])
    assert found.value == pytest.approx(float((held < 2).float().mean()))
    assert (found.metric, found.samples) == ("accuracy", 500)


def test_it_ends_in_time_with_what_it_has(counting):
    now = 0.0

    class Slow(Uniform):
        def forward(self, x):
            nonlocal now
            now += 1.0
            return super().forward(x)

    found = evaluate(Slow(), counting, "bits_per_byte", timeout=2.5, clock=lambda: now)
    assert now == 3.0
    assert found.samples == sum(batch.samples for batch in counting.held_out()[:3])
    assert evaluate(Slow(), counting, "bits_per_byte", timeout=0.0, clock=lambda: now).samples > 0


def test_a_broken_model_is_no_result(counting):
    class Broken(nn.Module):
        def forward(self, x):
            return torch.full((*x.shape, 256), float("nan"))

    with pytest.raises(DataError, match="not finite"):
        evaluate(Broken(), counting, "bits_per_byte", timeout=10)


def test_a_pause_ends_it_with_what_it_has(counting):
    asked = []

    def closes_after_two(seconds: float) -> bool:
        asked.append(seconds)
        return len(asked) < 2

    found = evaluate(Uniform(), counting, "bits_per_byte", timeout=10, clock=lambda: 4.0, may_go_on=closes_after_two)
    assert found.samples == sum(batch.samples for batch in counting.held_out()[:2])
    assert asked == [10.0, 10.0]
