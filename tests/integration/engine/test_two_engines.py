"""Two engines started by hand, in two homes, with one bootstrap address."""

import math
import os
import time
from pathlib import Path

import psutil
import pytest

from tests.support.processes import Engine, ask, hivelet

FIND_EACH_OTHER_S = 5.0
PAUSE_S = 1.0


@pytest.mark.timeout(150)
def test_two_engines_find_each_other_and_do_what_they_are_told(tmp_path: Path) -> None:
    limits = {"max_experts": 8}
    with Engine(tmp_path / "a", preferences=limits) as first:
        address = first.ready().address
        with Engine(tmp_path / "b", "--bootstrap", address, preferences=limits) as second:
            began = second.wait("an address", lambda now: now.address, 20.0)
            first.wait("being found", lambda now: now.peers, FIND_EACH_OTHER_S)
            second.wait("finding", lambda now: now.peers, FIND_EACH_OTHER_S)
            assert began.state in ("starting", "connecting", "working")

            whole = first.wait("all experts", lambda now: now.project and now.project.experts_alive == 16)
            second.wait("its own half", lambda now: len(now.experts) == 8)
            assert whole.project is not None
            assert len(whole.experts) == 8

            # What the commands print agrees with what the engines say.
            peers = ask("peers", home=second.home.root)["peers"]
            assert [peer["peer_id"] for peer in peers] == [whole.peer_id]
            hosted = {uid["uid"] for home in (first, second) for uid in ask("experts", home=home.home.root)["experts"]}
            assert len(hosted) == 16
            for engine in (first, second):
                engine.wait("training", lambda now: now.project and now.project.step > 2, 40.0)

            _commands_work(first)
            _commands_work(second)
            _what_left_is_told(first, second)
            _trunks_stay_together(first, second)
            assert hivelet("quit", "--home", str(second.home.root)).returncode == 0
            assert second.process.wait(15.0) == 0
        assert not second.home.control_key.exists()
        first.wait("going on alone", lambda now: now.state == "connecting" and not now.peers, 40.0)


def _commands_work(engine: Engine) -> None:
    home = engine.home.root
    assert ask("budget", "70%", home=home) == {"budget": 0.7}
    assert engine.snapshot().budget_now == 0.7
    assert ask("budget", "100%", home=home) == {"budget": 1.0}
    ask("pause", "--for", "1h", home=home)
    paused = engine.snapshot()
    assert paused.state == "paused"
    assert paused.reasons[0].code == "paused_by_user"
    assert paused.reasons[0].until == pytest.approx(time.time() + 3600, abs=60)
    _computes_nothing(engine)
    ask("resume", home=home)
    assert engine.snapshot().state == "working"
    assert ask("status", home=home)["peer_id"] == paused.peer_id
    assert ask("contribution", home=home)["today"]["samples"] > 0
    assert hivelet("log", "--home", str(home)).returncode == 0


def _what_left_is_told(first: Engine, second: Engine) -> None:
    """What one engine says that it sent to the other is less than all traffic, and of known kinds."""
    other = second.snapshot().peer_id
    found = ask("trust", home=first.home.root)
    rows = [row for row in found["rows"] if row["peer"] == other]
    assert {"activations for experts", "answers of experts"} <= {row["kind"] for row in rows}
    assert {found["projects"][row["project"]] for row in rows} == {second.snapshot().project.title}
    snapshot = first.snapshot()
    assert 0 < sum(row["bytes"] for row in rows) < snapshot.traffic_month
    works = {view["name"]: view["works"] for view in ask("detectors", home=first.home.root)["detectors"]}
    assert works["idle"]
    assert works["others_cpu"]


def _computes_nothing(engine: Engine) -> None:
    """A second after the pause, batches have stopped."""
    time.sleep(PAUSE_S)
    process = psutil.Process(engine.process.pid)
    steps, used = _steps(engine), sum(process.cpu_times()[:2])
    time.sleep(1.5)
    assert _steps(engine) == steps
    assert sum(process.cpu_times()[:2]) - used < 0.3  # network and control go on; learning would take all of it


def _steps(engine: Engine) -> int:
    project = engine.snapshot().project
    assert project is not None
    return project.step


def _trunks_stay_together(first: Engine, second: Engine) -> None:
    """Averaging, every two seconds: the trunks are nearly one after each meeting, and never drift far apart."""
    ratios = []
    for _ in range(15):
        one, two = (engine.client.call("debug_trunk", timeout=10.0)["vector_sample"] for engine in (first, second))
        ratios.append(math.dist(one, two) / math.hypot(*one))
        time.sleep(0.4)
    assert min(ratios) < 0.15
    assert max(ratios) < 0.6


@pytest.mark.timeout(90)
def test_a_second_engine_on_one_home_is_refused_with_one_sentence(tmp_path: Path) -> None:
    with Engine(tmp_path / "a", preferences={"train": False, "max_experts": 1}) as engine:
        engine.wait("an address", lambda now: now.address)
        second = hivelet("engine", "--home", str(tmp_path / "a"), "--loopback")
        assert second.returncode == 1
        assert len(second.stderr.strip().splitlines()) == 1
        assert "already works in" in second.stderr
        assert str(engine.process.pid) in second.stderr


@pytest.mark.timeout(90)
def test_preferences_apply_to_the_running_engine(tmp_path: Path) -> None:
    with Engine(tmp_path / "a", preferences={"max_experts": 4}) as engine:
        home = engine.home.root
        engine.wait("its experts", lambda now: len(now.experts) == 4 and now.project and now.project.step > 2, 40.0)
        ask("preferences", "set", "max_experts", "2", home=home)
        engine.wait("fewer experts", lambda now: len(now.experts) == 2 and now.experts_allowed == 2)
        ask("preferences", "set", "train", "off", home=home)
        time.sleep(PAUSE_S)  # batches under way end
        steps = _steps(engine)
        time.sleep(PAUSE_S)
        assert _steps(engine) == steps
        ask("preferences", "set", "train", "on", home=home)
        engine.wait("training again", lambda now: now.project and now.project.step > steps)
        assert ask("preferences", "get", "max_experts", home=home) == {"max_experts": 2}
        ask("preferences", "set", "mode", "paused", home=home)
        assert [reason.code for reason in engine.snapshot().reasons if reason.holds] == ["mode_paused"]
        ask("preferences", "set", "schedule", "mon-sun 0-24 0%", home=home)
        ask("resume", home=home)
        assert ask("preferences", "get", "mode", home=home) == {"mode": "auto"}
        held = engine.snapshot()
        assert (held.state, [reason.code for reason in held.reasons]) == ("guarded", ["schedule"])
        (action,) = [action for action in held.reasons[0].actions if action.command == "preferences_set"]
        engine.client.call(action.command, **action.arguments)
        assert engine.snapshot().state in ("working", "connecting")


@pytest.mark.timeout(90)
def test_an_idle_engine_is_small_and_keeps_what_it_learned(tmp_path: Path) -> None:
    with Engine(tmp_path / "a", preferences={"max_experts": 4}) as engine:
        before = engine.wait("some training", lambda now: any(expert.step > 3 for expert in now.experts), 40.0)
        ask("pause", home=engine.home.root)
        time.sleep(PAUSE_S)  # the batches under way end, and freed memory goes back
        resident = psutil.Process(engine.process.pid).memory_info().rss
        assert resident <= 350 * 2**20
        if os.name == "posix":
            for path in (engine.home.identity, engine.home.control_key):
                assert path.stat().st_mode & 0o777 == 0o600
    saved = {expert.uid: expert.step for expert in before.experts}
    with Engine(tmp_path / "a", preferences={"max_experts": 4}) as engine:
        after = engine.wait("its experts", lambda now: len(now.experts) == 4)
        assert after.peer_id == before.peer_id
        assert after.state == "paused"  # an open pause survives a restart
        kept = {expert.uid: expert.step for expert in after.experts if expert.uid in saved}
        assert kept
        assert all(step >= saved[uid] for uid, step in kept.items())


@pytest.mark.timeout(120)
def test_a_lone_engine_goes_on_where_it_was_after_a_restart(tmp_path: Path) -> None:
    limits = {"max_experts": 4}
    with Engine(tmp_path / "a", preferences=limits) as engine:
        engine.wait("training", lambda now: now.project and now.project.step > 20, 60.0)
        ask("pause", "--for", "until-restart", home=engine.home.root)
        time.sleep(PAUSE_S)  # the batches under way end
        before = engine.client.call("debug_trunk", timeout=10.0)
        assert hivelet("quit", "--home", str(engine.home.root)).returncode == 0
        assert engine.process.wait(20.0) == 0
    with Engine(tmp_path / "a", preferences={**limits, "train": False}) as again:
        back = again.wait("its experts", lambda now: now.project and len(now.experts) == 4, 30.0)
        assert again.client.call("debug_trunk", timeout=10.0) == before
        assert before["age"] > 20
        assert min(expert.step for expert in back.experts) > 0
