"""`hivelet doctor` prints what this computer could host of each project, with the arithmetic."""

import pytest

from core.cli import diagnosis
from core.host.devices import DeviceInfo, FakeDevices
from core.paths import Home
from core.projects.authoring import new_project, sign_project
from core.projects.registry import ProjectRegistry
from net.identity import Identity

GB = 10**9


def test_the_plan_of_joined_and_built_in_projects_with_its_arithmetic(
    tmp_path, monkeypatch: pytest.MonkeyPatch
) -> None:
    card = DeviceInfo("cuda:0", "Card", 8 * GB, 7 * GB)
    fake = FakeDevices([card], {"cpu": 40.0, "cuda:0": 9000.0})
    monkeypatch.setattr(diagnosis, "TorchDevices", lambda: fake)
    home = Home.find(str(tmp_path / "home"))
    home.create()
    file = tmp_path / "mine.toml"
    new_project(file, name="mine")
    sign_project(file, Identity.generate())
    ProjectRegistry(home).join(str(file))
    findings = diagnosis.diagnose(str(home.root))
    for project in ("mine", "text", "digits"):
        lines = [line for subject, good, line in findings if subject == f"project {project}" and good]
        words = "\n".join(lines)
        assert "(weights, optimizer state)" in words
        assert "(activations, gradients)" in words
        assert "cuda:0: 50% of 8.0 GB graphics memory" in words
        assert "9000 GFLOP/s serve" in words
        assert lines[-1].endswith("can be hosted.")
