"""What `hivelet bench rpc` makes of its measurements."""

import pytest

from core.bench.expert_host import HostOptions
from core.bench.rpc import Round, RpcOptions, _report

TIMES = [0.001] * 18 + [0.002, 0.010]


@pytest.mark.parametrize(("backward", "tensors"), [(False, 2), (True, 4)])
def test_both_directions_count(backward: bool, tensors: int) -> None:
    options = RpcOptions(HostOptions("nop", 1000), batch=10, backward=backward)
    found = _report(options, [Round(TIMES, 5000.0)] * 3, [Round(TIMES, 20000.0)] * 3)
    assert found["payload_MB_per_s"] == pytest.approx(5000 * 1000 * 4 * tensors / 1e6)
    assert (found["samples_per_s"], found["local_samples_per_s"]) == (5000.0, 20000.0)
    assert found["remote_over_local"] == 0.25
    assert (found["p50_ms"], found["calls"]) == (1.0, 60)
    assert 2.0 < found["p95_ms"] <= 10.0


def test_one_disturbed_round_changes_no_rate() -> None:
    rounds = [Round(TIMES, rate) for rate in (100.0, 101.0, 3.0)]
    found = _report(RpcOptions(), rounds, rounds)
    assert found["samples_per_s"] == 100.0
