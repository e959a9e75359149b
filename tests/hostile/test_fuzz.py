"""A short run of the fuzzer, and a proof that it would find something."""

from typing import Any

import pytest
import torch

from net.dht.handlers import DhtHandlers
from net.introduction import IntroductionServer
from tests.hostile.fuzz import fuzz


async def test_20_000_messages_find_no_fault() -> None:
    torch.set_num_threads(1)
    found = await fuzz(20_000, seed=7)
    assert found["faults"] == {}
    assert found["rss_growth_MB"] < 64  # the caches that it fills are bounded; a longer run grows no further
    rejected = found["rejected"]
    assert sum(rejected.values()) > 10_000
    for kind in ("BAD_REQUEST", "UNKNOWN_METHOD", "VERSION", "UNAUTHORIZED", "answered", "own call: WireError"):
        assert rejected[kind] > 0, kind


@pytest.mark.parametrize(
    ("where", "name"), [(DhtHandlers, "_nearest"), (IntroductionServer, "answer")], ids=["in a handler", "outside"]
)
async def test_a_fault_would_be_found(where: Any, name: str, monkeypatch: pytest.MonkeyPatch) -> None:
    def broken(*_: object) -> None:
        raise KeyError("a fault")

    monkeypatch.setattr(where, name, broken)
    found = await fuzz(500, seed=7)
    assert any("a fault" in fault for fault in found["faults"])
