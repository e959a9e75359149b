"""What a server saves of a module and takes up again."""

import pytest
import safetensors.torch
import torch
from torch import nn

from core.api import BatchTensorDescriptor, ModuleBackend
from core.api.backend import HostedModule
from core.api.server import _schedule
from core.errors import ExpertError

X, UPSTREAM = torch.linspace(-1, 1, 12).view(4, 3), torch.linspace(1, 2, 12).view(4, 3)


def hosted(optim_cls=torch.optim.Adam, width: int = 3, **settings) -> HostedModule:
    torch.manual_seed(0)
    module = nn.Linear(width, width)
    optimizer = optim_cls(module.parameters(), lr=0.1, **settings) if optim_cls else None
    scheduler = _schedule("linear", optimizer, 2, 10)
    schema = BatchTensorDescriptor(width)
    return HostedModule(ModuleBackend("own.0", module, optimizer=optimizer, scheduler=scheduler, args_schema=(schema,)))


def train(expert: HostedModule, steps: int) -> torch.Tensor:
    for _ in range(steps):
        expert.backend.backward(X, UPSTREAM)
    return expert.forward(X)


@pytest.mark.parametrize(
    ("optim_cls", "settings"),
    [(torch.optim.Adam, {}), (torch.optim.SGD, {"momentum": 0.9}), (torch.optim.SGD, {}), (None, {})],
)
def test_training_goes_on_after_a_restart_as_if_there_had_been_none(optim_cls, settings) -> None:
    here, there = hosted(optim_cls, **settings), hosted(optim_cls, **settings)
    train(here, 5)
    there.load(here.state())
    assert there.steps == 5
    torch.testing.assert_close(train(there, 3), train(here, 3))
    if optim_cls:
        rates = [each.backend.optimizer.param_groups[0]["lr"] for each in (here, there)]
        assert rates[0] == pytest.approx(rates[1])
        assert rates[0] == pytest.approx(0.1 * 2 / 8)  # eight of ten steps are done, two of them warm-up


def test_a_state_of_another_module_is_refused_in_one_sentence() -> None:
    wide = hosted(width=4)
    with pytest.raises(ExpertError, match=r"own\.0 does not fit"):
        hosted().load(wide.state())
    with pytest.raises(ExpertError, match=r"own\.0 does not fit"):
        hosted().load(b"\x80\x04N.")


def test_an_optimizer_s_state_of_other_parameters_is_refused() -> None:
    here = hosted()
    train(here, 1)
    for name, changed in (
        ("hivelet.optimizer.0.exp_avg", torch.zeros(2)),
        ("hivelet.optimizer.7.exp_avg", torch.zeros(3)),
        ("hivelet.optimizer.0.exp_avg", torch.full((3, 3), float("nan"))),
    ):
        tensors = safetensors.torch.load(here.state()) | {name: changed}
        with pytest.raises(ExpertError, match="other parameters"):
            hosted().load(safetensors.torch.save(tensors))
