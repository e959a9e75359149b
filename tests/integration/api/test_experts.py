"""The researchers' API: experts hosted, found and called by real peers on this computer."""

from collections.abc import Iterator

import pytest
import torch
from torch import nn

from core.api import (
    DHT,
    BatchTensorDescriptor,
    ModuleBackend,
    MoEBeamSearcher,
    RemoteMixtureOfExperts,
    RemoteSwitchMixtureOfExperts,
    Server,
    create_remote_experts,
    declare_experts,
    get_dht_time,
    get_experts,
)
from core.errors import ExpertError

HIDDEN = 16


@pytest.fixture(scope="module", autouse=True)
def _one_thread() -> Iterator[None]:
    before = torch.get_num_threads()
    torch.set_num_threads(1)
    yield
    torch.set_num_threads(before)


@pytest.fixture(scope="module")
def server() -> Iterator[Server]:
    uids = [f"expert.{i}.{j}" for i in range(2) for j in range(3)]
    with Server.create(expert_uids=uids, hidden_dim=HIDDEN, optim_cls=_sgd, start=True) as made:
        yield made


def _sgd(parameters) -> torch.optim.Optimizer:
    return torch.optim.SGD(parameters, lr=0.1)


@pytest.fixture(scope="module")
def dht(server: Server) -> Iterator[DHT]:
    with DHT(server.dht.get_visible_maddrs(), start=True) as made:
        yield made


def test_values_are_stored_and_found_plain_and_as_dictionaries(server: Server, dht: DHT) -> None:
    end = get_dht_time() + 60
    assert dht.store("plain", {"a": [1, 2.5, "x"]}, end)
    assert server.dht.get("plain", latest=True) == ({"a": [1, 2.5, "x"]}, pytest.approx(end))
    assert not dht.store("plain", "shorter", end - 10)  # later expirations win
    assert dht.store("many", 1, end, subkey="one")
    assert server.dht.store("many", 2, end + 5, subkey=2)
    value, expires = dht.get("many", latest=True)
    assert {key: each.value for key, each in value.items()} == {"one": 1, 2: 2}
    assert expires == pytest.approx(end + 5)
    assert dht.get("nothing") is None
    assert dht.get("plain", return_future=True).result(10).value == {"a": [1, 2.5, "x"]}
    with pytest.raises(ValueError, match="1000"):
        dht.store("large", b"x" * 2000, end)


def test_coroutines_run_in_the_network_s_thread_and_cannot_wait_for_it(dht: DHT) -> None:
    async def look(own: DHT, node) -> int:
        assert own is dht
        with pytest.raises(RuntimeError, match="await"):
            own.thread.run(node.get([bytes(32)]))
        return len(node.contacts())

    assert dht.run_coroutine(look) >= 1


def test_a_remote_expert_computes_and_learns_as_its_module_does(server: Server, dht: DHT) -> None:
    known, unknown = create_remote_experts(get_experts(dht, ["expert.1.2", "expert.7.7"]), dht)
    assert unknown is None
    module = server.module_backends["expert.1.2"].module
    x = torch.randn(5, HIDDEN, requires_grad=True)
    y = known(x)
    torch.testing.assert_close(y, module(x))
    (wanted,) = torch.autograd.grad(module(x).square().sum(), x)
    before = [parameter.clone() for parameter in module.parameters()]
    (gradient,) = torch.autograd.grad(y.square().sum(), x)
    torch.testing.assert_close(gradient, wanted, rtol=1e-4, atol=1e-5)
    assert any(not torch.equal(old, new) for old, new in zip(before, module.parameters(), strict=True))
    with pytest.raises(TypeError, match="rows"):
        known(torch.randn(5, HIDDEN + 1))


def test_a_mixture_trains_gate_and_experts(server: Server, dht: DHT) -> None:
    torch.manual_seed(0)
    moe = RemoteMixtureOfExperts(in_features=HIDDEN, grid_size=(2, 3), dht=dht, uid_prefix="expert.", k_best=2)
    head = nn.Linear(HIDDEN, 2)
    optimizer = torch.optim.Adam([*moe.parameters(), *head.parameters()], lr=0.01)
    x = torch.randn(32, HIDDEN)
    target = (x[:, 0] > 0).long()
    losses = []
    for _ in range(15):
        loss = nn.functional.cross_entropy(head(moe(x)), target)
        optimizer.zero_grad()
        loss.backward()
        optimizer.step()
        losses.append(loss.item())
    assert losses[-1] < losses[0] - 0.05
    assert sum(backend.steps for backend in server.module_backends.values()) > 15


def test_the_switch_mixture_returns_output_and_a_loss_with_a_gradient(dht: DHT) -> None:
    moe = RemoteSwitchMixtureOfExperts(in_features=HIDDEN, grid_size=(2, 3), dht=dht, uid_prefix="expert.")
    x = torch.randn(8, HIDDEN)
    before = x.clone()
    output, loss = moe(x)
    assert output.shape == x.shape
    loss.backward()
    assert moe.proj.weight.grad.abs().sum() > 0
    assert torch.equal(x, before)


def test_beam_search_finds_the_best_of_those_alive(dht: DHT) -> None:
    search = MoEBeamSearcher(dht, "expert", (4, 3))
    scores = [[0.0, 1.0, 9.0, 9.0], [0.0, 0.5, 2.0]]
    assert [each.uid for each in search.find_best_experts(scores, 3)] == ["expert.1.2", "expert.0.2", "expert.1.1"]
    batch = search.batch_find_best_experts([torch.tensor([row] * 2) for row in scores], 1)
    assert [[each.uid for each in row] for row in batch] == [["expert.1.2"], ["expert.1.2"]]


class Gated(nn.Module):
    """Two tensors by position, one by name; the output has another shape than any."""

    def __init__(self) -> None:
        super().__init__()
        self.map = nn.Linear(4, 2)

    def forward(self, x: torch.Tensor, mask: torch.Tensor, *, scale: torch.Tensor) -> torch.Tensor:
        return self.map(x * mask) * scale


def test_a_module_of_one_s_own_with_several_inputs() -> None:
    module = Gated()
    backend = ModuleBackend(
        "own.3",
        module,
        optimizer=torch.optim.SGD(module.parameters(), lr=0.1),
        args_schema=(BatchTensorDescriptor(4), BatchTensorDescriptor(4, dtype=torch.bool)),
        kwargs_schema={"scale": BatchTensorDescriptor(1)},
    )
    assert backend.outputs_schema == BatchTensorDescriptor(2)
    with DHT(start=True) as host, Server(host, {"own.3": backend}, start=True):  # noqa: SIM117 - one begins after it
        with DHT(host.get_visible_maddrs(), start=True) as client:
            (expert,) = create_remote_experts(get_experts(client, ["own.3"]), client)
            assert expert.info["keyword_names"] == ("scale",)
            x, scale = torch.randn(3, 4, requires_grad=True), torch.randn(3, 1, requires_grad=True)
            mask = torch.tensor([[True, False, True, True]] * 3)
            y = expert(x, mask, scale=scale)
            expected = module(x, mask, scale=scale)
            torch.testing.assert_close(y, expected)
            wanted = torch.autograd.grad(expected.sum(), [x, scale])
            for got, want in zip(torch.autograd.grad(y.sum(), [x, scale]), wanted, strict=True):
                torch.testing.assert_close(got, want)
            assert backend.steps == 1
            with pytest.raises(TypeError, match="keyword"):
                expert(x, mask, scale)


def test_what_is_announced_is_found_until_it_expires(dht: DHT, server: Server) -> None:
    assert declare_experts(dht, ["lone.4"], get_dht_time() + 30) == {"lone.4": True}
    (info,) = get_experts(server.dht, ["lone.4"])
    assert (info.uid, info.peer_id) == ("lone.4", dht.peer_id)
    assert get_experts(server.dht, ["lone.4"], get_dht_time() + 60) == [None]
    with pytest.raises(ExpertError, match="no name"):
        declare_experts(dht, ["lone.x"])
