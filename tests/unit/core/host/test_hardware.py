"""What is found on this computer, and what is made of graphics cards that do not work."""

import pytest

from core.errors import HardwareError
from core.host.devices import DeviceInfo, FakeDevices, TorchDevices
from core.host.hardware import CPU, Hardware, cpu_label, detect, label_from_cpuinfo

GB = 10**9
CARD = DeviceInfo("cuda:0", "Testforce 9", 8 * GB, 6 * GB)


def test_a_working_card_is_found():
    hardware = detect(FakeDevices([CARD]))
    assert hardware.gpus == (CARD,)
    assert hardware.problems == ()
    assert hardware.cores > 0
    assert hardware.memory_total >= hardware.memory_available > 0


def test_a_card_without_memory_is_left_out_with_a_sentence():
    hardware = detect(FakeDevices([CARD, DeviceInfo("cuda:1", "Fullforce", 8 * GB, 10_000_000)]))
    assert hardware.gpus == (CARD,)
    (problem,) = hardware.problems
    assert "Fullforce (cuda:1) has 10 MB of free memory" in problem
    assert "Close other programs" in problem


def test_a_card_that_cannot_be_opened_does_not_hide_the_others():
    hardware = detect(FakeDevices([CARD], broken={"cuda:1": "The graphics card cuda:1 cannot be opened (no)."}))
    assert hardware.gpus == (CARD,)
    assert hardware.problems == ("The graphics card cuda:1 cannot be opened (no). It is left out.",)


def test_a_broken_driver_means_the_processor():
    hardware = detect(FakeDevices([CARD], driver_problem="The graphics driver does not work (version)."))
    assert hardware.gpus == ()
    assert "The processor is used instead." in hardware.problems[0]


def test_without_use_gpu_no_device_is_touched():
    hardware = detect(FakeDevices([CARD], driver_problem="broken"), use_gpu=False)
    assert (hardware.gpus, hardware.problems) == ((), ())


def test_the_view_lists_the_processor_first():
    hardware = Hardware("Chip", 1.5, 16 * GB, 8 * GB, (CARD,))
    view = hardware.view({CPU: 100.0, "cuda:0": 9000.0})
    assert view.cores == 2
    assert [(d.name, d.label, d.gflops) for d in view.devices] == [
        ("cpu", "Chip", 100.0),
        ("cuda:0", "Testforce 9", 9000.0),
    ]
    assert hardware.view({}).devices[1].gflops == 0.0


def test_threads():
    hardware = Hardware("Chip", 3.2, GB, GB)
    assert hardware.threads(2) == 2
    assert hardware.threads(64) == 4
    assert Hardware("Chip", 0.1, GB, GB).threads(0) == 1


@pytest.mark.parametrize(
    ("cores", "physical", "lanes", "threads"),
    [
        (0.5, 4, 1, 1),
        (1, 1, 1, 1),
        (2, 2, 2, 1),
        (4, 2, 2, 1),
        (4, 0, 2, 2),
        (8, 8, 3, 3),
        (32, 16, 4, 4),
        (3.2, 8, 2, 2),
    ],
)
def test_lanes_and_their_threads_take_all_real_cores(cores: float, physical: int, lanes: int, threads: int) -> None:
    hardware = Hardware("Chip", cores, GB, GB, physical=physical)
    assert (hardware.lanes, hardware.threads(0)) == (lanes, threads)
    assert lanes * threads >= hardware.real_cores


@pytest.mark.parametrize(
    ("text", "label"),
    [
        ("processor\t: 0\nmodel name\t: AMD  EPYC\nmodel name\t: other\n", "AMD  EPYC"),
        ("processor : 0\nBogoMIPS : 3\n\nHardware : BCM2835\nModel : Raspberry Pi 5\n", "Raspberry Pi 5"),
        ("", ""),
    ],
)
def test_labels_from_cpuinfo(text, label):
    assert label_from_cpuinfo(text) == label


def test_this_processor_has_a_name(monkeypatch):
    assert cpu_label() == " ".join(cpu_label().split()) != ""

    def fail() -> str:
        raise OSError

    monkeypatch.setattr("core.host.hardware._system_cpu_label", fail)
    assert cpu_label()


class _BrokenCuda:
    """torch.cuda where the driver answers, but no device can be opened."""

    @staticmethod
    def is_available() -> bool:
        return True

    @staticmethod
    def device_count() -> int:
        return 2

    @staticmethod
    def get_device_properties(name: str) -> object:
        raise RuntimeError("CUDA error: out of memory\nCompile with TORCH_USE_CUDA_DSA")


def test_torch_errors_become_sentences(monkeypatch):
    monkeypatch.setattr("torch.cuda", _BrokenCuda)
    devices = TorchDevices()
    assert devices.names() == ["cuda:0", "cuda:1"]
    with pytest.raises(HardwareError, match=r"cuda:1 cannot be opened \(CUDA error: out of memory\)\.$"):
        devices.info("cuda:1")
    hardware = detect(devices)
    assert hardware.gpus == ()
    assert len(hardware.problems) == 2


def test_torch_measures_the_processor():
    devices = TorchDevices()
    assert devices.gflops("cpu", 0.0) > 0.01
    assert devices.version
    with pytest.raises(HardwareError, match="cannot compute"):
        devices.gflops("no such device", 0.0)


@pytest.mark.parametrize(
    ("capability", "precision"),
    [((9, 0), "bfloat16"), ((8, 6), "bfloat16"), ((7, 5), "float16"), ((7, 0), "float16"), ((6, 1), "float32")],
)
def test_cards_compute_in_what_they_have_units_for(monkeypatch, capability, precision):
    monkeypatch.setattr("torch.cuda.get_device_capability", lambda name: capability)
    assert TorchDevices().precision("cuda:0") == precision
    assert TorchDevices().precision("cpu") == TorchDevices().precision("mps") == "float32"


def test_a_card_that_cannot_be_asked_computes_in_float32(monkeypatch):
    def broken(name):
        raise RuntimeError("no driver")

    monkeypatch.setattr("torch.cuda.get_device_capability", broken)
    assert TorchDevices().precision("cuda:0") == "float32"


def test_apples_gpu_shares_the_main_memory(monkeypatch):
    monkeypatch.setattr("torch.cuda.is_available", lambda: False)
    monkeypatch.setattr("torch.backends.mps.is_available", lambda: True)
    monkeypatch.setattr("torch.mps.recommended_max_memory", lambda: 12 << 30)
    monkeypatch.setattr("torch.mps.driver_allocated_memory", lambda: 1 << 30)
    layer = TorchDevices()
    assert list(layer.names()) == ["mps"]
    card = layer.info("mps")
    assert card.unified
    assert 1 << 30 <= card.memory_free <= card.memory_total == 12 << 30
