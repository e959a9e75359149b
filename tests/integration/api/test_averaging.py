"""Averagers and optimizers of several real peers."""

import threading
from collections.abc import Iterator

import pytest
import torch

from core.api import DHT, CompressionType, DecentralizedAverager, Optimizer


@pytest.fixture(scope="module")
def peers() -> Iterator[list[DHT]]:
    first = DHT(start=True)
    made = [first, *(DHT(first.get_visible_maddrs(), start=True) for _ in range(2))]
    yield made
    for each in reversed(made):
        each.shutdown()


def test_three_peers_meet_at_their_weighted_mean(peers: list[DHT]) -> None:
    tensors = [[torch.full((3, 2), float(n)), torch.full((4,), -float(n))] for n in range(3)]
    averagers = [
        DecentralizedAverager(own, dht, start=True, prefix="mean", min_matchmaking_time=2.0, target_group_size=3)
        for own, dht in zip(tensors, peers, strict=True)
    ]
    futures = [each.step(gather=n, weight=n + 1.0, timeout=20, wait=False) for n, each in enumerate(averagers)]
    results = [future.result(30) for future in futures]
    assert all(sorted(found.values()) == [0, 1, 2] for found in results)
    assert set(results[0]) == {dht.peer_id for dht in peers}
    mean = (0 * 1 + 1 * 2 + 2 * 3) / 6
    for own in tensors:
        torch.testing.assert_close(own[0], torch.full((3, 2), mean))
        torch.testing.assert_close(own[1], torch.full((4,), -mean))
    metadata, state = averagers[2].load_state_from_peers()
    assert metadata == {}
    torch.testing.assert_close(state, tensors[0])


def test_alone_a_round_comes_to_nothing(peers: list[DHT]) -> None:
    own = torch.ones(2)
    averager = DecentralizedAverager([own], peers[0], start=True, prefix="alone", min_matchmaking_time=0.2)
    assert averager.step(timeout=0.5, allow_retries=False) is None
    assert own.tolist() == [1.0, 1.0]


def test_defect_9_client_mode_is_what_it_was_asked_to_be(peers: list[DHT]) -> None:
    """Hivemind's defect 9: whoever asks for it gets the DHT's mode instead."""
    with DHT(peers[0].get_visible_maddrs(), start=True, client_mode=True) as client:
        assert client.client_mode
        assert not client.node.contact.dialable
        made = [
            DecentralizedAverager([torch.ones(1)], dht, start=False, prefix="m", client_mode=asked).client_mode
            for dht in (client, peers[1])
            for asked in (None, False, True)
        ]
    assert made == [True, False, True, False, False, True]


def test_two_optimizers_take_the_same_step_on_the_mean_of_their_gradients(peers: list[DHT]) -> None:
    parameters = [torch.nn.Parameter(torch.zeros(3)) for _ in range(2)]
    optimizers = [
        Optimizer(
            dht=dht,
            run_id="run",
            target_batch_size=12,
            batch_size_per_step=4,
            params=[parameter],
            optimizer=lambda params: torch.optim.SGD(params, lr=1.0),
            matchmaking_time=1.0,
            averaging_timeout=10.0,
            grad_compression=CompressionType.FLOAT16,
        )
        for dht, parameter in zip(peers, parameters, strict=False)
    ]

    def train(n: int) -> None:
        while optimizers[n].local_epoch < 1:
            optimizers[n].zero_grad()
            (parameters[n] * (n + 1)).sum().backward()
            optimizers[n].step()

    threads = [threading.Thread(target=train, args=(n,), daemon=True) for n in range(2)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join(40)
    assert [each.local_epoch for each in optimizers] == [1, 1]
    torch.testing.assert_close(parameters[0].data, parameters[1].data)
    assert -2.0 < parameters[0][0].item() < -1.0  # between either's own gradient
    for each in optimizers:
        each.shutdown()
