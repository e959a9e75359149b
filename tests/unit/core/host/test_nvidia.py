"""Whether a card is here that this torch cannot use."""

import sys
from pathlib import Path

import pytest
import torch

from core.errors import HardwareError
from core.host import nvidia
from core.host.nvidia import SystemDriver, cards, torch_has_cuda, unused_card


class FakeDriver:
    def __init__(self, text: str) -> None:
        self.text = text

    def listing(self) -> str:
        if self.text == "broken":
            raise HardwareError("The driver does not answer.")
        return self.text


def test_a_card_that_is_not_used_is_named() -> None:
    words = unused_card(FakeDriver("NVIDIA GeForce RTX 4070\nNVIDIA T4\n"), torch_has_cuda=False)
    assert words is not None
    assert words.startswith("The graphics card NVIDIA GeForce RTX 4070 is not used")


@pytest.mark.parametrize(("text", "built"), [("", False), ("broken", False), ("\n \n", False), ("NVIDIA T4\n", True)])
def test_nothing_is_said_without_a_card_or_with_a_torch_for_it(text: str, built: bool) -> None:
    assert unused_card(FakeDriver(text), torch_has_cuda=built) is None


def test_what_a_driver_says_is_plain_and_bounded() -> None:
    assert cards(FakeDriver("a\x1b[31m\u202eb\n" + "x" * 500 + "\n" + "c\n" * 100)) == ("a[31mb", "x" * 80, *["c"] * 14)


@pytest.mark.skipif(sys.platform == "win32", reason="the tool is a script here")
def test_the_systems_tool_is_asked(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    tool = tmp_path / "nvidia-smi"
    tool.write_text('#!/bin/sh\n[ "$1" = --query-gpu=name ] && echo "NVIDIA T4"\n')
    tool.chmod(0o755)
    monkeypatch.setattr(nvidia, "_LINUX_TOOLS", (str(tmp_path / "missing"), str(tool)))
    monkeypatch.setattr(nvidia.sys, "platform", "linux")
    assert cards(SystemDriver()) == ("NVIDIA T4",)
    tool.write_text("#!/bin/sh\nexit 9\n")
    assert cards(SystemDriver()) == ()
    tool.unlink()
    assert SystemDriver().listing() == ""


@pytest.mark.parametrize(("cuda", "hip", "built"), [(None, None, False), ("12.8", None, True), (None, "6.4", True)])
def test_torch_is_asked_what_it_is_built_for(
    monkeypatch: pytest.MonkeyPatch, cuda: str | None, hip: str | None, built: bool
) -> None:
    monkeypatch.setattr(torch.version, "cuda", cuda)
    monkeypatch.setattr(torch.version, "hip", hip)
    assert torch_has_cuda() is built
