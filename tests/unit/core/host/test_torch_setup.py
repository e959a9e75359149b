"""A new number of threads reaches those threads that compute already."""

from collections.abc import Iterator
from concurrent.futures import ThreadPoolExecutor

import pytest
import torch

from core.host import torch_setup


@pytest.fixture(autouse=True)
def as_before(monkeypatch: pytest.MonkeyPatch) -> Iterator[None]:
    before = torch.get_num_threads()
    monkeypatch.setattr(torch_setup, "_wanted", 0)
    yield
    torch.set_num_threads(before)


def test_a_computing_thread_follows_with_its_next_batch() -> None:
    torch_setup.compute_with(1)

    def batch() -> int:
        torch_setup.follow_threads()
        torch.zeros(4).sum()
        return torch.get_num_threads()

    with ThreadPoolExecutor(1) as threads:
        assert threads.submit(batch).result(10) == 1
        torch_setup.compute_with(3)
        assert threads.submit(torch.get_num_threads).result(10) == 1  # torch itself leaves it as it is
        assert threads.submit(batch).result(10) == 3


def test_a_program_that_chose_its_own_threads_keeps_them() -> None:
    torch.set_num_threads(2)
    torch_setup.follow_threads()
    assert torch.get_num_threads() == 2
