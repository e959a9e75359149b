"""The Switch mixture: probabilities, the residual, utilisation, dropout, and a balancing loss that balances."""

from typing import Any

import pytest
import torch

from core.experts.layers import build_layer
from core.experts.uid import Grid
from core.moe.switch import RemoteSwitchMixtureOfExperts
from tests.support.expert_swarm import Hive, rows, seed_of

HIDDEN = 8
GRID = Grid("ffn.", (3, 4))


def make_switch(hive: Hive, **settings: Any) -> RemoteSwitchMixtureOfExperts:
    torch.manual_seed(1)
    return RemoteSwitchMixtureOfExperts(
        in_features=HIDDEN, grid=GRID, caller=hive.caller, directory=hive.directory, **settings
    )


def test_the_best_expert_counts_as_much_as_the_gate_is_sure_and_the_input_is_added() -> None:
    with Hive([GRID], hosts=2, hidden=HIDDEN) as hive:
        switch = make_switch(hive).eval()
        x = rows(6, HIDDEN).requires_grad_()
        y, _ = switch(x)
        first, second = (part.softmax(1) for part in switch.gate(x).split([3, 4], 1))
        expected = []
        for row in range(6):
            i, j = int(first[row].argmax()), int(second[row].argmax())
            expert = build_layer(hive.spec, seed_of(f"ffn.{i}.{j}"))
            expected.append(x[row] + first[row, i] * second[row, j] * expert(x[row : row + 1])[0])
        parameters = [x, *switch.gate.parameters()]
        torch.testing.assert_close(y, torch.stack(expected), rtol=1e-5, atol=1e-5)
        wanted = torch.autograd.grad(torch.stack(expected).square().sum(), parameters, retain_graph=True)
        for got, want in zip(torch.autograd.grad(y.square().sum(), parameters), wanted, strict=True):
            torch.testing.assert_close(got, want, rtol=1e-4, atol=1e-5)


def test_a_sample_that_nobody_answers_is_its_input() -> None:
    with Hive([GRID], hosts=1, hidden=HIDDEN) as hive:
        hive.peers[0].rpc.fault.unreachable = True
        x = rows(4, HIDDEN)
        y, loss = make_switch(hive)(x)
        assert torch.equal(y, x)
        assert torch.isfinite(loss)


def test_the_balancing_loss_is_least_when_all_are_used_alike() -> None:
    with Hive([GRID], hosts=1, hidden=HIDDEN) as hive:
        switch = make_switch(hive, jitter_eps=0.0)
        torch.nn.init.zeros_(switch.gate.projection.weight)
        torch.nn.init.zeros_(switch.gate.projection.bias)
        assert switch.switch(rows(4, HIDDEN), rows(4, HIDDEN))[1].item() == pytest.approx(2.0, rel=0.2)
        with torch.no_grad():
            switch.gate.projection.bias[0] = 10.0
        for _ in range(30):
            _, loss = switch(rows(4, HIDDEN))
        assert loss.item() > 3.0


def test_utilisation_follows_the_answers_while_training_alone() -> None:
    with Hive([GRID], hosts=1, hidden=HIDDEN) as hive:
        switch = make_switch(hive, utilization_alpha=0.5)
        assert switch.grid_utilization.tolist() == pytest.approx([1 / 3] * 3 + [1 / 4] * 4)
        with torch.no_grad():
            switch.gate.projection.bias[[1, 3 + 2]] = 1000.0
        switch.eval()(rows(4, HIDDEN))
        assert switch.grid_utilization.tolist() == pytest.approx([1 / 3] * 3 + [1 / 4] * 4)
        switch.train()(rows(4, HIDDEN))
        assert switch.grid_utilization.tolist() == pytest.approx([1 / 6, 4 / 6, 1 / 6, 1 / 8, 1 / 8, 5 / 8, 1 / 8])
        assert "grid_utilization" in switch.state_dict()


def test_dropped_coordinates_are_not_asked_and_some_always_remain() -> None:
    with Hive([GRID], hosts=1, hidden=HIDDEN) as hive:
        switch = make_switch(hive, grid_dropout=0.0, k_best=12)
        y, loss = switch(rows(5, HIDDEN))  # one coordinate of each dimension is left
        asked = {call.uid for request in hive.trainer.rpc.sent if hasattr(request, "calls") for call in request.calls}
        assert len(asked) == 1
        assert torch.isfinite(y).all()
        (gradient,) = torch.autograd.grad(loss, switch.gate.projection.bias)
        assert torch.isfinite(gradient).all()
