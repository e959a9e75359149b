"""The snapshot survives the wire, newer and older engines, and refuses what is none."""

from dataclasses import fields

import msgpack
import pytest

from core.control.snapshot import (
    Action,
    ContributionView,
    DeviceView,
    EngineSnapshot,
    ExpertView,
    HardwareView,
    PeerView,
    ProjectView,
    Reason,
    UsageView,
)

FULL = EngineSnapshot(
    version="1",
    pid=2,
    peer_id="ab",
    home="/home",
    started=1.0,
    now=2.0,
    state="guarded",
    reasons=(
        Reason("on_battery", "text", 3.0, "fix", (Action("preferences_set", {"values": {"mode": "always"}}, "Go"),)),
        Reason("temperature", "text", holds=False),
    ),
    headline="h",
    hardware=HardwareView("cpu", 4, 10, 5, (DeviceView("cpu", "Chip", 10, 5, 1.5),)),
    usage=UsageView(0.3, 1, 2, 3),
    project=ProjectView("id", "text", "Text", "text", "bits_per_byte", loss=None, metric_value=2.5),
    experts=(ExpertView("ffn0.1", "serving", 1.0, 2, 3, 4, 5.0, "cpu", 6),),
    peers=(PeerView("cd", "tcp://127.0.0.1:1", "out", 1.0, 2, 3.0, 4, 5),),
    today=ContributionView(1, 2.0, 3.0),
)


def test_there_and_back_over_the_wire():
    wire = msgpack.packb(FULL.to_dict())
    assert EngineSnapshot.from_dict(msgpack.unpackb(wire)) == FULL


def test_a_newer_engine_may_add_fields():
    data = {**FULL.to_dict(), "new": 1}
    data["project"]["newer"] = 2
    data["experts"][0]["newest"] = 3
    assert EngineSnapshot.from_dict(data) == FULL


def test_an_older_engine_may_lack_optional_fields():
    minimal = {f.name: getattr(FULL, f.name) for f in fields(FULL)[:7]}
    snapshot = EngineSnapshot.from_dict(minimal)
    assert (snapshot.pid, snapshot.experts, snapshot.project) == (2, (), None)


@pytest.mark.parametrize("data", [{}, {"version": "1"}])
def test_what_is_no_snapshot(data):
    with pytest.raises((TypeError, ValueError)):
        EngineSnapshot.from_dict(data)
