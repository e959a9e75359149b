"""The flat Adam step against torch's own."""

import pytest
import torch

from core.tensors import adam
from core.tensors.adam import adam_step


@pytest.mark.parametrize("fused", [True, False])
def test_it_steps_as_torch_does(monkeypatch: pytest.MonkeyPatch, *, fused: bool) -> None:
    if not fused:
        monkeypatch.setattr(adam, "_FUSED", None)
    generator = torch.Generator().manual_seed(1)
    vector = torch.randn(50, generator=generator)
    reference = torch.nn.Parameter(vector.clone())
    optimizer = torch.optim.AdamW([reference], lr=1e-2, betas=(0.9, 0.99), weight_decay=0.1)
    moments = (torch.zeros(50), torch.zeros(50))
    for step in range(1, 20):
        gradient = torch.randn(50, generator=generator)
        reference.grad = gradient.clone()
        optimizer.step()
        vector.mul_(1 - 1e-2 * 0.1)
        adam_step(vector, gradient, moments, step, 1e-2, (0.9, 0.99))
        assert torch.allclose(vector, reference.detach(), atol=1e-6)


@pytest.mark.parametrize("fused", [True, False])
def test_a_first_moment_in_bfloat16_is_widened_for_the_step_and_rounded_after(
    monkeypatch: pytest.MonkeyPatch, *, fused: bool
) -> None:
    if not fused:
        monkeypatch.setattr(adam, "_FUSED", None)
    monkeypatch.setattr(adam._room, "wide", torch.empty(16))  # 50 numbers: three pieces and a rest
    generator = torch.Generator().manual_seed(1)
    vector = torch.randn(50, generator=generator)
    reference = vector.clone()
    first, second = torch.zeros(50, dtype=torch.bfloat16), torch.zeros(50)
    exact = (torch.zeros(50), torch.zeros(50))
    for step in range(1, 20):
        gradient = torch.randn(50, generator=generator)
        adam_step(vector, gradient, (first, second), step, 1e-2)
        adam_step(reference, gradient, exact, step, 1e-2)
        exact[0].copy_(exact[0].bfloat16())
    assert torch.equal(first.float(), exact[0])
    torch.testing.assert_close(second, exact[1])
    torch.testing.assert_close(vector, reference)
