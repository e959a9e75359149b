"""The smaller view-models: tray, banner, pauses, experts, network, projects."""

from dataclasses import replace
from datetime import UTC, datetime, timedelta, timezone

import pytest

from app.formatting import clock
from app.supervision import EngineStatus
from app.viewmodels import experts, network, projects
from app.viewmodels.banner import banner
from app.viewmodels.pauses import choices, seconds_of
from app.viewmodels.tray import TOOLTIP_LIMIT, tray, window_title
from core.control.snapshot import State
from tests.support.snapshots import NOW, hostile, snapshot

RUNNING = EngineStatus(phase="running", sentence="")
WAITING = EngineStatus("waiting", "The engine stopped unexpectedly.", "It was killed.", NOW + 8, 3)


@pytest.mark.parametrize(
    ("state", "icon"),
    [("working", "working"), ("finishing", "working"), ("paused", "paused"), ("guarded", "guarded"),
     ("error", "error"), ("connecting", "offline"), ("starting", "offline"), ("stopping", "offline")],
)  # fmt: skip
def test_tray_icon_by_state(state: State, icon: str) -> None:
    assert tray(snapshot(state), RUNNING, NOW).icon == icon


def test_tray_tooltip_has_rate_and_reason() -> None:
    assert tray(snapshot(), RUNNING, NOW).tooltip == "Hivelet: working, 128 samples/s at 50 %"
    assert (
        tray(snapshot("guarded"), RUNNING, NOW).tooltip == "Hivelet: holding work: the computer runs on battery (34 %)"
    )
    assert tray(snapshot("paused"), RUNNING, NOW).tooltip == f"Hivelet: paused until {clock(NOW + 1800)}, 30 min left"
    assert tray(None, WAITING, NOW).icon == "error"
    assert tray(None, EngineStatus(), NOW).icon == "offline"


def test_tray_tooltip_is_short_whatever_the_swarm_sends() -> None:
    assert len(tray(hostile(snapshot("guarded")), RUNNING, NOW).tooltip) <= TOOLTIP_LIMIT


def test_the_task_bar_says_when_nothing_is_computed() -> None:
    assert window_title(snapshot(), RUNNING) == "Hivelet"
    assert window_title(snapshot("paused"), RUNNING) == "Paused – Hivelet"
    assert window_title(snapshot(), WAITING) == "Engine stopped – Hivelet"
    assert window_title(None, EngineStatus()) == "Hivelet"


def test_tray_actions_follow_the_state() -> None:
    working, paused = tray(snapshot(), RUNNING, NOW), tray(snapshot("paused"), RUNNING, NOW)
    assert (working.can_pause, working.can_resume, working.budget) == (True, False, 50)
    assert (paused.can_pause, paused.can_resume) == (True, True), "a pause can be made longer"
    assert not tray(snapshot("stopping"), RUNNING, NOW).can_pause


def test_banner_shows_the_crash_the_next_try_and_a_button() -> None:
    shown = banner(WAITING, "", NOW)
    assert shown is not None
    assert shown.text == "The engine stopped unexpectedly. It was killed. Starting it again in 8 s."
    assert (shown.action, shown.label) == ("retry", "Try again")


def test_banner_after_a_restart_can_be_dismissed() -> None:
    shown = banner(EngineStatus("running", "", "It was killed.", 0, 2), "", NOW)
    assert shown is not None
    assert (shown.action, shown.calm) == ("dismiss", True)
    assert "2 times in a row" in shown.text


def test_banner_for_a_refused_command_and_for_a_busy_engine() -> None:
    refused = banner(RUNNING, "Not now.", NOW)
    assert refused is not None
    assert refused.text == "Not now."
    busy = banner(EngineStatus("unresponsive", "The engine is busy."), "", NOW)
    assert busy is not None
    assert busy.calm
    assert banner(RUNNING, "", NOW) is None


def test_pauses() -> None:
    evening = datetime(2026, 5, 4, 22, 30, tzinfo=timezone(timedelta(hours=2)))
    lengths = [seconds_of(choice.key, evening) for choice in choices()]
    assert lengths == [900.0, 3600.0, 7.5 * 3600, None]
    after_midnight = datetime(2026, 5, 4, 0, 30, tzinfo=UTC)
    assert seconds_of("tomorrow", after_midnight) == 29.5 * 3600


def test_experts_summary_and_empty_states() -> None:
    assert experts.summary(snapshot()) == "14 hosted of 24 allowed · 44.9 MB · 128 samples/s"
    assert experts.empty(snapshot(), RUNNING, NOW) is None
    none = snapshot(experts=0)
    looking = experts.empty(none, RUNNING, NOW)
    assert looking is not None
    assert looking.title == "No expert yet"
    no_room = experts.empty(replace(none, experts_allowed=0), RUNNING, NOW)
    assert no_room is not None
    assert no_room.action == "preference:memory_gb"
    assert none.project is not None
    full = replace(none, project=replace(none.project, experts_alive=64))
    taken = experts.empty(full, RUNNING, NOW)
    assert taken is not None
    assert "64 experts" in taken.sentence


def test_every_page_shares_the_state_without_an_engine() -> None:
    for empty in (experts.empty, network.empty, projects.empty):
        crashed = empty(None, WAITING, NOW)
        assert crashed is not None
        assert (crashed.title, crashed.action, crashed.label) == ("The engine stopped", "retry", "Try again")
        stopped = empty(snapshot(), EngineStatus("stopped", "…"), NOW)
        assert stopped is not None
        assert stopped.label == "Start the engine"
        moment = empty(None, EngineStatus(), NOW)
        assert moment is not None
        assert moment.sentence


def test_network_words() -> None:
    state = network.network(snapshot())
    assert state.summary == "9 other peers · 57 experts on them"
    assert state.join_command == "hivelet engine --bootstrap tcp://192.168.1.23:41235"
    assert state.reachability == "Other computers reach this one through helpers, which is slower."
    assert state.advice.startswith("Switch on UPnP or NAT-PMP in your router's settings")
    assert state.traffic == "812 MB sent · 1.9 GB received"
    alone = network.empty(snapshot(peers=0), RUNNING, NOW)
    assert alone is not None
    assert alone.action == "copy_address"
    assert network.empty(replace(snapshot(peers=0), address=""), RUNNING, NOW).action == ""  # type: ignore[union-attr]


def test_footer() -> None:
    assert network.footer(snapshot(), RUNNING) == "Reference text\n9 peers · 14 experts here"
    assert network.footer(None, EngineStatus()) == "Looking for the engine…"


@pytest.mark.parametrize(
    ("metric", "value", "baseline", "words", "good"),
    [
        ("bits_per_byte", 2.31, 4.71, "51 % less than guessing", True),
        ("bits_per_byte", 4.9, 4.71, "still does as well", False),
        ("accuracy", 0.93, 0.1, "93.0 % correct on held-out data", True),
        ("accuracy", 0.09, 0.1, "still does as well", False),
        ("accuracy", None, 0.1, "Not measured yet", False),
        ("accuracy", 0.5, None, "50.0 % correct on held-out data.", False),
    ],
)
def test_progress_in_plain_words(
    metric: str, value: float | None, baseline: float | None, words: str, good: bool
) -> None:
    base = snapshot().project
    assert base is not None
    sentence, is_good = projects.progress_words(replace(base, metric=metric, metric_value=value, baseline=baseline))
    assert words in sentence
    assert is_good is good


def test_project_state() -> None:
    state = projects.project_state(snapshot())
    assert state is not None
    assert state.coverage == pytest.approx(61 / 64)
    assert [number.value for number in state.numbers] == ["10,480", "1.602", "2.31", "4"]
    assert "0.2 % failed" in state.calls
    assert state.join_commands[0][1].endswith("tcp://192.168.1.23:41235")
    assert projects.project_state(None) is None
    safe = projects.project_state(hostile(snapshot()))
    assert safe is not None
    assert "\u202e" not in safe.title
