"""Graphics cards follow their own percentages and, in proportion, what slows the processor."""

from types import SimpleNamespace

import pytest

from core.engine.attachment import Prepared
from core.host.devices import DeviceInfo, FakeDevices
from core.host.hardware import Hardware
from core.host.policy import Decision
from core.preferences_file import Preferences


@pytest.mark.parametrize(
    ("preferences", "share", "expected"),
    [
        ({}, 0.5, {"cuda:0": 1.0, "cuda:1": 1.0}),
        ({"gpu_percent": 60}, 0.5, {"cuda:0": 0.6, "cuda:1": 0.6}),
        ({"gpu_percent": 60, "gpu_percent_by_card": "cuda:1=20"}, 0.5, {"cuda:0": 0.6, "cuda:1": 0.2}),
        ({"gpu_percent": 60}, 0.25, {"cuda:0": 0.3, "cuda:1": 0.3}),
        ({"gpu_percent": 1}, 0.01, {"cuda:0": 0.01, "cuda:1": 0.01}),
        ({"cpu_percent": 0}, 0.0, {"cuda:0": 1.0, "cuda:1": 1.0}),
    ],
)
def test_cards(preferences, share, expected):
    cards = tuple(DeviceInfo(name, name, 1, 1) for name in ("cuda:0", "cuda:1"))
    hardware = Hardware("cpu", 2, 1, 1, cards)
    prepared = Prepared(FakeDevices(), hardware, {}, None, None, 0)
    limits = {}
    prepared.limit_cards(
        Preferences(preferences), Decision(None, share), SimpleNamespace(host=SimpleNamespace(limit=limits.__setitem__))
    )
    assert limits == {name: pytest.approx(value) for name, value in expected.items()}
