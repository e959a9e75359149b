"""A swarm whose peers are killed while it trains goes on training."""

import itertools
import math

import pytest

from tests.support.processes import demo, events


@pytest.mark.timeout(150)
def test_training_goes_on_while_peers_are_killed() -> None:
    with demo("--seconds", "36", "--kill-every", "12", "--seed", "3") as process:
        told = events(process, 120.0)
    finished = told[-1]
    killed = [event for event in told if event["event"] == "peer_killed"]
    assert len(killed) >= 2
    assert any(event["experts"] for event in killed)
    assert finished["experts_lost"] == sum(len(event["experts"]) for event in killed)
    # Each killed peer was replaced by a new one, which took vacant experts over.
    assert {event["peer"] for event in told if event["event"] == "expert_adopted"}
    assert len([event for event in told if event["event"] == "peer_started"]) > 4
    steps = [event for event in told if event["event"] == "step"]
    assert max(b["t"] - a["t"] for a, b in itertools.pairwise(steps)) <= 20.0
    assert all(math.isfinite(event["loss"]) for event in steps)
    assert finished["loss_last"] < finished["loss_first"]
    assert math.isfinite(finished["bits_per_byte"])
