"""A project small enough for tests, and a gate that they control."""

import threading
from collections.abc import Iterator

import pytest
import torch

from core.projects.manifest import Manifest, parse
from core.training.data import TextData

TINY_TEXT = b"""
format = 1
name = "tiny"
title = "Tiny"
task = "text"
seed = 3
[model]
width = 16
heads = 2
context = 16
ngrams = [{ order = 2, buckets = 64 }]
[[layers]]
prefix = "ffn0."
dims = [2, 2]
k_best = 2
expert = { inner = 16, learning_rate = 1e-3 }
[trainer]
batch = 4
in_flight = 2
learning_rate = 1e-2
warmup_steps = 5
balance = 0.01
"""

TINY_DIGITS = b"""
format = 1
name = "tiny-digits"
title = "Tiny"
task = "digits"
[model]
width = 16
[[layers]]
prefix = "ffn0."
dims = [4]
expert = { inner = 16 }
[trainer]
batch = 8
"""


@pytest.fixture(autouse=True)
def one_thread() -> Iterator[None]:
    before = torch.get_num_threads()
    torch.set_num_threads(1)
    yield
    torch.set_num_threads(before)


@pytest.fixture
def manifest() -> Manifest:
    return parse(TINY_TEXT, unsigned=True)


@pytest.fixture
def digits_manifest() -> Manifest:
    return parse(TINY_DIGITS, unsigned=True)


@pytest.fixture
def dataset() -> TextData:
    return TextData(b"the cat sat on the mat and the dog sat on the log. " * 400, context=16, held_out=0.1)


class TestGate:
    """Open or closed, as the test says."""

    __test__ = False

    def __init__(self) -> None:
        self.paused = False
        self.open = threading.Event()
        self.open.set()

    def wait(self, timeout: float | None = None) -> bool:
        return self.open.wait(timeout)


@pytest.fixture
def gate() -> TestGate:
    return TestGate()
