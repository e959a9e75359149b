"""How many experts fit, from numbers that can be checked by hand."""

from dataclasses import dataclass, replace

import pytest

from core.host.capacity import BATCH_SAMPLES, plan_experts
from core.host.devices import DeviceInfo
from core.host.hardware import Hardware
from core.preferences_file import Preferences

MB, GB = 10**6, 10**9


@dataclass(frozen=True)
class Size:
    """An expert of 100 MB whose batch takes 4096 × 1024 = 4.2 MB."""

    hidden: int = 256
    inner: int = 256
    memory_bytes: int = 100 * MB
    flops_per_sample: int = 1_000_000


PC = Hardware("Chip", 4, 16 * GB, 10 * GB)
CARD = DeviceInfo("cuda:0", "Card", 8 * GB, 7 * GB)


def plan(hardware=PC, speeds=None, total=1000, spec=None, **preferences):
    return plan_experts(hardware, speeds or {}, Preferences(preferences), [spec or Size()], total)


def test_the_memory_preference_limits():
    assert plan(memory_gb=2.0).count == 19  # (2 GB - 4.2 MB) / 100 MB
    assert plan(memory_gb=2.0).devices == ("cpu",) * 19


def test_free_memory_limits():
    result = plan(replace(PC, memory_available=1 * GB), memory_gb=2.0)
    assert result.count == 7  # (80 % of 1 GB - 4.2 MB) / 100 MB
    assert "80% of 1.0 GB free memory" in result.explanation[1]


def test_a_batch_must_fit_beside_the_experts():
    big = Size(inner=100_000)
    assert BATCH_SAMPLES * 4 * 2 * (big.hidden + big.inner) > 800 * MB
    assert plan(memory_gb=1.0, spec=big).count == 1


def test_a_slow_computer_hosts_fewer():
    # One expert's batch: 4 × 1024 samples × 1 MFLOP = 4.1 GFLOP. 10 s of 50 % of 2 GFLOP/s: 10 GFLOP.
    result = plan(speeds={"cpu": 2.0}, memory_gb=2.0, cpu_percent=50)
    assert result.count == 2
    assert "50% of 2 GFLOP/s serve 2 within 10 s" in result.explanation[1]
    assert plan(speeds={"cpu": 2.0}, memory_gb=2.0, cpu_percent=100).count == 4
    assert plan(speeds={"cpu": 0.001}, memory_gb=2.0).count == 1
    assert plan(speeds={"cpu": 200.0}, memory_gb=2.0, cpu_percent=0).count == 4  # as at 1 %: experts outlive a pause


def test_max_experts_and_the_grid_limit():
    assert plan(max_experts=5).count == 5
    assert plan(total=3).count == 3
    result = plan(max_experts=5)
    assert result.explanation[-1] == "The preference max_experts allows 5, so 5 are hosted."


def test_a_fast_card_is_filled_first():
    result = plan(replace(PC, gpus=(CARD,)), {"cpu": 50.0, "cuda:0": 9000.0}, gpu_memory_percent=50, memory_gb=1.0)
    # 50 % of 8 GB holds 39 beside a batch, 1 GB holds 9.
    assert result.devices == ("cuda:0",) * 39 + ("cpu",) * 9
    assert plan(replace(PC, gpus=(CARD,)), {"cpu": 50.0, "cuda:0": 9000.0}, max_experts=40, memory_gb=1.0).devices == (
        "cuda:0",
    ) * 39 + ("cpu",)


def test_free_graphics_memory_limits():
    card = replace(CARD, memory_free=1 * GB)
    result = plan(replace(PC, gpus=(card,)), {"cuda:0": 9000.0, "cpu": 1.0}, gpu_memory_percent=100, memory_gb=0.1)
    assert result.devices == ("cuda:0",) * 7


def test_use_gpu_off_leaves_the_card_alone():
    assert set(plan(replace(PC, gpus=(CARD,)), {"cpu": 50.0, "cuda:0": 9000.0}, use_gpu=False).devices) == {"cpu"}


def test_an_expert_that_fits_nowhere():
    result = plan(memory_gb=0.1, spec=Size(memory_bytes=GB))
    assert (result.count, result.devices) == (0, ())
    assert "no expert fits" in result.explanation[-1]


def test_the_largest_of_several_sizes_counts():
    specs = [Size(), Size(memory_bytes=500 * MB)]
    assert plan_experts(PC, {}, Preferences({"memory_gb": 2.0}), specs, 100).count == 3


@pytest.mark.parametrize(("specs", "total"), [([], 5), ([Size()], 0)])
def test_a_project_without_experts(specs, total):
    result = plan_experts(PC, {}, Preferences(), specs, total)
    assert result.count == 0
    assert result.explanation == ("The project has no experts.",)
