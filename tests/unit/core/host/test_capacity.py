"""How many experts fit, from numbers that can be checked by hand."""

from dataclasses import dataclass, replace
from types import SimpleNamespace

import pytest

from core.experts.spec import ExpertSpec, OptimizerSpec
from core.host.capacity import BATCH_SAMPLES, HostPlan, misplaced, plan_experts, worth_following
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
    gradient_bytes: int = 0
    flops_per_sample: int = 1_000_000

    @property
    def exact_memory_bytes(self) -> int:
        return self.memory_bytes


PC = Hardware("Chip", 4, 16 * GB, 10 * GB)
CARD = DeviceInfo("cuda:0", "Card", 8 * GB, 7 * GB)


def plan(hardware=PC, speeds=None, total=1000, spec=None, **preferences):
    return plan_experts(hardware, speeds or {}, Preferences(preferences), [(spec or Size(), total)])


def test_the_memory_preference_limits():
    assert plan(memory_gb=2.0).count == 18  # (2 GB - 4.2 MB for a batch - 134 MB kept between calls) / 100 MB
    assert plan(memory_gb=2.0).devices == ("cpu",) * 18


def test_the_first_experts_keep_more_exact_moments_and_take_more():
    """16 MB with 12 bytes a number: after three of them 32 MB are full, and the others take 10."""
    number = 16 * MB // 12
    spec = ExpertSpec("ffn", 1, 1, OptimizerSpec())
    sizes = {"memory_bytes": 10 * number, "exact_memory_bytes": 12 * number, "gradient_bytes": 0}
    real = SimpleNamespace(hidden=1, inner=1, flops_per_sample=1, **sizes)
    assert (spec.memory_bytes / spec.parameters, spec.exact_memory_bytes / spec.parameters) == (10, 12)
    result = plan(memory_gb=1.0, spec=real)
    room = 1 * GB - 125 * MB - BATCH_SAMPLES * 4 * 4
    exact = 3  # two take a few bytes less than 32 MB, as 12 does not divide 16 million
    assert result.count == exact + int((room - exact * 12 * number) // (10 * number))
    assert f", 16.0 MB the first {exact};" in result.explanation[0]
    assert plan(memory_gb=0.1, spec=real).count == 5  # of 87 MB, three take 16 and two 13.3


def test_free_memory_limits():
    result = plan(replace(PC, memory_available=1 * GB), memory_gb=2.0)
    assert result.count == 6  # (80 % of 1 GB - 4.2 MB - an eighth) / 100 MB
    assert "80% of 1.0 GB free memory" in result.explanation[1]


def test_a_batch_must_fit_beside_the_experts():
    big = Size(inner=100_000)
    assert BATCH_SAMPLES * 4 * 2 * (big.hidden + big.inner) > 800 * MB
    assert plan(memory_gb=1.0, spec=big).count == 0
    assert plan(memory_gb=1.1, spec=big).count == 1


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


def test_the_disk_limits():
    result = plan(disk_gb=1.2)
    assert result.count == 11  # twelve of 100 MB fit, and one is written beside the one that it replaces
    assert result.explanation[-1] == "On the disk 1.2 GB are allowed by disk_gb, so 11 are hosted."
    assert plan(disk_gb=1.0, spec=Size(memory_bytes=GB)).count == 0
    assert plan(disk_gb=1.2, max_experts=2).explanation[-1].startswith("The preference max_experts")


def test_a_fast_card_is_filled_first():
    result = plan(replace(PC, gpus=(CARD,)), {"cpu": 50.0, "cuda:0": 9000.0}, gpu_memory_percent=50, memory_gb=1.0)
    # 50 % of 8 GB holds 38 beside a batch and what is kept, 1 GB holds 8.
    assert result.devices == ("cuda:0",) * 38 + ("cpu",) * 8
    assert (
        plan(replace(PC, gpus=(CARD,)), {"cpu": 50.0, "cuda:0": 9000.0}, max_experts=40, memory_gb=1.0).devices
        == ("cuda:0",) * 38 + ("cpu",) * 2
    )


def test_single_cards_have_caps_of_their_own():
    other = replace(CARD, name="cuda:1")
    pc, speeds = replace(PC, gpus=(CARD, other)), {"cpu": 1.0, "cuda:0": 9000.0, "cuda:1": 8000.0}
    settings = {"gpu_memory_percent": 50, "gpu_memory_percent_by_card": "cuda:1=25", "memory_gb": 0.1}
    assert plan(pc, speeds, **settings).devices == ("cuda:0",) * 38 + ("cuda:1",) * 18


def test_free_graphics_memory_limits():
    card = replace(CARD, memory_free=1 * GB)
    result = plan(replace(PC, gpus=(card,)), {"cuda:0": 9000.0, "cpu": 1.0}, gpu_memory_percent=100, memory_gb=0.1)
    assert result.devices == ("cuda:0",) * 6


def test_use_gpu_off_leaves_the_card_alone():
    assert set(plan(replace(PC, gpus=(CARD,)), {"cpu": 50.0, "cuda:0": 9000.0}, use_gpu=False).devices) == {"cpu"}


def test_an_expert_that_fits_nowhere():
    result = plan(memory_gb=0.1, spec=Size(memory_bytes=GB))
    assert (result.count, result.devices) == (0, ())
    assert "no expert fits" in result.explanation[-1]


def test_layers_of_one_width_are_planned_by_the_larger_expert():
    sizes = [(Size(), 50), (Size(memory_bytes=500 * MB), 50)]
    assert plan_experts(PC, {}, Preferences({"memory_gb": 2.0}), sizes).count == 3


TIERS = [(Size(inner=64, memory_bytes=10 * MB), 500), (Size(), 400), (Size(inner=1024, memory_bytes=GB), 100)]


@pytest.mark.parametrize(
    ("memory_gb", "inner", "count"),
    [
        (7.0, 1024, 6),  # (7 GB - 10.5 MB - 134 MB) / 1 GB
        (4.0, 256, 38),  # three giants would fit: too few
        (0.5, 256, 4),
        (0.3, 64, 25),
        (0.1, 64, 8),
    ],
)
def test_the_largest_size_of_which_several_fit_is_hosted(memory_gb, inner, count):
    result = plan_experts(PC, {}, Preferences({"memory_gb": memory_gb}), TIERS)
    assert (result.inner, result.count) == (inner, count)
    assert f"{count} of inner width {inner}" in result.explanation[0] or not count


def test_a_slow_computer_takes_smaller_experts():
    tiers = [(Size(inner=64, flops_per_sample=10_000), 500), (Size(), 400)]
    fast, slow = {"cpu": 1000.0}, {"cpu": 1.0}
    assert plan_experts(PC, fast, Preferences({"memory_gb": 2.0}), tiers).inner == 256
    assert plan_experts(PC, slow, Preferences({"memory_gb": 2.0}), tiers).inner == 64


@pytest.mark.parametrize("sizes", [[], [(Size(), 0)]])
def test_a_project_without_experts(sizes):
    result = plan_experts(PC, {}, Preferences(), sizes)
    assert result.count == 0
    assert result.explanation == ("The project has no experts.",)


@pytest.mark.parametrize(
    ("old", "new", "follow"),
    [
        ((10, 256), (9, 256), True),  # another program took memory
        ((10, 256), (11, 256), False),
        ((10, 256), (14, 256), True),
        ((10, 256), (20, 64), True),  # the larger ones do not fit any more
        ((10, 256), (4, 1024), False),  # trained experts are not given up for larger ones
        ((0, 0), (1, 64), True),
        ((1, 64), (0, 0), False),  # the last ones stay: the memory guard holds work when it must
    ],
)
def test_fresh_readings_replace_a_plan_only_when_it_matters(old, new, follow):
    plans = [HostPlan(count, ("cpu",) * count, (), inner) for count, inner in (old, new)]
    assert worth_following(*plans) is follow


@pytest.mark.parametrize(
    ("planned", "hosted", "moves"),
    [
        ("gg", "gg", ""),
        ("cc", "gg", "cc"),  # the card is to be left alone
        ("ggc", "cgc", "g  "),  # one more fits on the card
        ("c", "gg", "c "),  # the other one is released
        ("", "gg", ""),
        ("cc", "c", ""),
    ],
)
def test_experts_move_where_the_plan_wants_them(planned, hosted, moves):
    names = {"c": "cpu", "g": "cuda:0"}
    place = HostPlan(len(planned), tuple(names[each] for each in planned), ())
    found = misplaced(place, {f"ffn.{n}": names[each] for n, each in enumerate(hosted)})
    assert found == [(f"ffn.{n}", names[each]) for n, each in enumerate(moves) if each != " "]


def test_a_card_that_is_gone_is_reason_enough_for_another_plan():
    both, alone = HostPlan(2, ("cuda:0", "cpu"), ()), HostPlan(2, ("cpu", "cpu"), ())
    assert worth_following(both, alone)
    assert not worth_following(alone, both)


def test_the_plan_says_what_each_device_keeps_between_calls():
    result = plan(replace(PC, gpus=(replace(CARD, memory_total=GB, memory_free=GB),)), memory_gb=2.0)
    assert result.kept == {"cpu": 128 << 20, "cuda:0": 62_500_000}  # an eighth of 50 % of 1 GB
    assert "62.5 MB kept between calls" in " ".join(result.explanation)


def test_memory_that_a_gpu_shares_with_the_processor_counts_once():
    apple = DeviceInfo("mps", "Apple GPU", 12 * GB, 9 * GB, unified=True)
    result = plan(replace(PC, gpus=(apple,)), {"cpu": 50.0, "mps": 3000.0}, memory_gb=2.0, gpu_memory_percent=50)
    assert result.devices == ("mps",) * 18
    assert "shared with the GPU" in result.explanation[1]
