"""One expert: its numbers, its training, its state as bytes."""

import pytest
import safetensors.torch
import torch
from torch import nn

from core.errors import ExpertError, TensorError
from core.experts import layers, spec
from core.experts.backend import ExpertBackend
from core.experts.layers import build_layer, register_expert_class
from core.experts.spec import ExpertSpec, OptimizerSpec
from tests.support.expert_swarm import rows

SPEC = ExpertSpec("ffn", 6, 12, OptimizerSpec(learning_rate=0.01))
CPU = torch.device("cpu")


def expert(state: bytes | None = None, seed: int = 4, of: ExpertSpec = SPEC) -> ExpertBackend:
    return ExpertBackend("ffn.0", of, seed, CPU, state)


def test_forward_is_the_layer_and_leaves_no_graph() -> None:
    x = rows(5, 6)
    y = expert().forward(x)
    torch.testing.assert_close(y, build_layer(SPEC, 4)(x).detach())
    assert not y.requires_grad


def test_backward_returns_input_gradients_of_the_weights_before_its_step() -> None:
    x, upstream = rows(5, 6), rows(5, 6, seed=1)
    backend = expert()
    inputs = x.clone().requires_grad_()
    build_layer(SPEC, 4)(inputs).backward(upstream)
    torch.testing.assert_close(backend.backward(x, upstream), inputs.grad)
    assert backend.steps == 1
    assert not torch.equal(backend.forward(x), expert().forward(x))
    assert not x.requires_grad


def test_training_lowers_a_loss() -> None:
    backend, x, target = expert(), rows(64, 6), rows(64, 6, seed=2)
    losses = []
    for _ in range(60):
        error = backend.forward(x) - target
        losses.append(error.pow(2).mean().item())
        backend.backward(x, 2 * error / error.numel())
    assert losses[-1] < 0.7 * losses[0]


def test_state_moves_an_expert_to_another_host_in_the_middle_of_training() -> None:
    x, upstream = rows(8, 6), rows(8, 6, seed=1)
    here = expert()
    for _ in range(3):
        here.backward(x, upstream)
    there = expert(here.state(), seed=99)
    assert there.steps == 3
    for _ in range(2):  # moments came along: both go on alike
        here.backward(x, upstream)
        there.backward(x, upstream)
    assert torch.equal(here.forward(x), there.forward(x))


@pytest.mark.parametrize("short", [False, True])
def test_a_host_that_keeps_moments_shorter_or_longer_takes_a_state_too(*, short: bool) -> None:
    x, upstream = rows(8, 6), rows(8, 6, seed=1)
    here = ExpertBackend("ffn.0", SPEC, 4, CPU, short=short)
    here.backward(x, upstream)
    there = ExpertBackend("ffn.0", SPEC, 99, CPU, here.state(), short=not short)
    kinds = {short: torch.bfloat16, not short: torch.float32}
    for each, kind in ((here, kinds[True]), (there, kinds[False])):
        moments = safetensors.torch.load(each.state())
        assert {t.dtype for name, t in moments.items() if name.startswith("exp_avg.")} == {kind}
    assert (there.steps, there.memory_bytes) == (1, SPEC.exact_memory_bytes if short else SPEC.memory_bytes)
    torch.testing.assert_close(there.forward(x), here.forward(x))


def changed_state(**changes: torch.Tensor | None) -> bytes:
    tensors = safetensors.torch.load(expert().state())
    for name, tensor in changes.items():
        if tensor is None:
            del tensors[name.replace("__", ".")]
        else:
            tensors[name.replace("__", ".")] = tensor
    return safetensors.torch.save(tensors)


@pytest.mark.parametrize(
    ("state", "words"),
    [
        (b"", "cannot be read"),
        (b"\x80\x04N.", "cannot be read"),  # a pickle
        (expert().state()[:-7], "cannot be read"),
        (changed_state(parameter__norm__bias=None), "other tensors"),
        (changed_state(extra=torch.zeros(1)), "other tensors"),
        (changed_state(parameter__norm__bias=torch.zeros(7)), "does not fit"),
        (changed_state(parameter__norm__bias=torch.zeros(6, dtype=torch.float64)), "does not fit"),
        (changed_state(exp_avg__norm__bias=torch.full((6,), float("nan"))), "not finite"),
        (changed_state(steps=torch.tensor([-1])), "-1 steps"),
    ],
)
def test_a_state_that_does_not_fit_is_refused(state: bytes, words: str) -> None:
    with pytest.raises(ExpertError, match=words):
        expert(state)


def test_inputs_that_lead_to_infinity_teach_nothing() -> None:
    backend = expert()
    before = backend.state()
    with pytest.raises(TensorError):
        backend.backward(rows(2, 6), torch.full((2, 6), 3e38))
    assert backend.state() == before


def test_an_expert_without_parameters_passes_gradients_through() -> None:
    backend = expert(of=ExpertSpec("nop", 6, 1))
    x, upstream = rows(3, 6), rows(3, 6, seed=1)
    assert torch.equal(backend.backward(x, upstream), upstream)
    assert expert(backend.state(), of=ExpertSpec("nop", 6, 1)).steps == 1


def test_layers_without_gradients_of_their_own_are_trained_by_autograd(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(layers, "_LAYERS", dict(layers._LAYERS))
    monkeypatch.setattr(spec, "_COSTS", dict(spec._COSTS))

    @register_expert_class("scaling")
    class Scaling(nn.Module):
        def __init__(self, hidden: int, inner: int) -> None:
            super().__init__()
            self.scale = nn.Parameter(torch.full((hidden,), 2.0))
            self.unused = nn.Parameter(torch.ones(inner))

        def forward(self, x: torch.Tensor) -> torch.Tensor:
            return x * self.scale

    backend = expert(of=ExpertSpec("scaling", 6, 3, OptimizerSpec("sgd", 0.1, clip_norm=0.0)))
    x, upstream = rows(4, 6), rows(4, 6, seed=1)
    torch.testing.assert_close(backend.backward(x, upstream), 2 * upstream)
    torch.testing.assert_close(backend.forward(torch.ones(1, 6))[0], 2 - 0.1 * (x * upstream).sum(0))


def test_buffers_and_frozen_parameters_are_part_of_the_state(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(layers, "_LAYERS", dict(layers._LAYERS))
    monkeypatch.setattr(spec, "_COSTS", dict(spec._COSTS))

    @register_expert_class("counting")
    class Counting(nn.Module):
        def __init__(self, hidden: int, inner: int) -> None:
            super().__init__()
            self.scale = nn.Parameter(torch.full((hidden,), 2.0), requires_grad=False)
            self.register_buffer("calls", torch.zeros(1))

        def forward(self, x: torch.Tensor) -> torch.Tensor:
            self.calls += 1
            return x * self.scale

    of = ExpertSpec("counting", 6, 1)
    backend = expert(of=of)
    backend.forward(rows(1, 6))
    again = safetensors.torch.load(expert(backend.state(), of=of).state())
    assert again["fixed.calls"].item() == 1
    assert torch.equal(again["fixed.scale"], torch.full((6,), 2.0))
