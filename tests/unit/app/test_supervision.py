import pytest

from app.supervision import Supervision, explain, next_try


def running(now: float = 0.0, **options: bool) -> Supervision:
    supervision = Supervision(**options)
    supervision.answered(now, leaving=False)
    return supervision


def test_an_engine_that_runs_already_is_used() -> None:
    supervision = running()
    assert supervision.status.phase == "running"
    assert not supervision.silent(5)


def test_without_an_engine_one_is_started_once() -> None:
    supervision = Supervision()
    assert supervision.silent(0)
    assert supervision.status.phase == "starting"
    assert not supervision.silent(1)


def test_a_start_that_takes_long_says_so() -> None:
    supervision = Supervision()
    supervision.silent(0)
    supervision.tick(10)
    assert "unusually" not in supervision.status.sentence
    supervision.tick(50)
    assert "unusually long" in supervision.status.sentence


def test_a_crash_shows_its_reason_and_restarts_after_the_backoff() -> None:
    supervision = running(100)
    supervision.exited(-9, "loading", 200)
    assert supervision.status.phase == "waiting"
    assert supervision.status.problem == "The engine was ended by signal 9 (SIGKILL): loading."
    assert next_try(supervision.status, 200) == "Starting it again in 1 s."
    assert not supervision.tick(200.5)
    assert supervision.tick(201)
    supervision.answered(203, leaving=False)
    assert supervision.status.phase == "running"
    assert supervision.status.problem, "the volunteer should still learn that it had crashed"


def test_crashes_in_a_row_wait_longer_and_stay_visible() -> None:
    supervision = running()
    now = 0.0
    for expected in (1, 2, 4):
        supervision.exited(1, "boom", now)
        assert supervision.status.retry_at == now + expected
        now += expected
        assert supervision.tick(now)
        supervision.answered(now, leaving=False)
    assert supervision.status.crashes == 3
    supervision.answered(now + 61, leaving=False)
    assert supervision.status.crashes == 0
    assert supervision.status.problem, "three in a row stay visible until somebody has read it"
    supervision.dismiss()
    assert not supervision.status.problem


def test_one_crash_is_forgotten_after_calm() -> None:
    supervision = running()
    supervision.exited(1, "boom", 10)
    supervision.tick(11)
    supervision.answered(12, leaving=False)
    supervision.answered(71, leaving=False)
    assert supervision.status.problem
    supervision.answered(72, leaving=False)
    assert not supervision.status.problem


@pytest.mark.parametrize("code", [0, 3, -15, None])
def test_an_end_that_was_asked_for_is_no_crash(code: int | None) -> None:
    supervision = running()
    supervision.stop_asked()
    supervision.exited(code, "bye", 10)
    assert supervision.status.phase == "stopped"
    assert not supervision.status.problem
    assert not supervision.tick(1000)


def test_an_engine_that_says_it_leaves_is_not_restarted() -> None:
    supervision = running()
    supervision.answered(5, leaving=True)
    supervision.exited(None, "", 6)
    assert supervision.status.phase == "stopped"


def test_exit_code_zero_is_a_decision() -> None:
    supervision = running()
    supervision.exited(0, "", 6)
    assert supervision.status.phase == "stopped"


def test_try_again_starts_at_once_and_counts_afresh() -> None:
    supervision = running()
    for _ in range(4):
        supervision.exited(1, "", 0)
    assert supervision.retry_asked(1)
    assert supervision.status.phase == "starting"
    assert not supervision.retry_asked(1), "one start is enough"
    supervision.exited(1, "", 2)
    assert supervision.status.retry_at == 3


def test_another_engine_that_answers_clears_our_own_failure() -> None:
    supervision = Supervision()
    supervision.silent(0)
    supervision.exited(1, "another engine works in this home", 1)
    supervision.answered(1.5, leaving=False)
    assert supervision.status.phase == "running"
    assert not supervision.status.problem


def test_attached_windows_start_nothing() -> None:
    supervision = Supervision(attach_only=True)
    assert not supervision.silent(0)
    assert supervision.status.phase == "absent"
    assert not supervision.retry_asked(0)
    supervision.answered(1, leaving=False)
    assert not supervision.exited(-9, "", 2)
    assert supervision.status.phase == "absent"
    assert not supervision.tick(100)


def test_a_busy_engine_is_not_taken_for_dead() -> None:
    supervision = running()
    supervision.stalled()
    assert supervision.status.phase == "unresponsive"
    supervision.answered(3, leaving=False)
    assert supervision.status.phase == "running"


def test_a_failed_start_says_why() -> None:
    supervision = Supervision()
    supervision.silent(0)
    supervision.failed_to_start("Hivelet cannot write in /x.", 0)
    assert supervision.status.phase == "waiting"
    assert supervision.status.problem == "Hivelet cannot write in /x."
    assert supervision.status.can_retry


def test_explain_is_one_safe_sentence() -> None:
    assert explain(1, "Port 5 is in use.") == "The engine ended with exit code 1: Port 5 is in use."
    assert explain(None, "") == "The engine's process is gone."
    assert explain(-99, "") == "The engine was ended by signal 99."
    assert "\u202e" not in explain(1, "evil\u202e\x1b[2J")


def test_a_clock_that_was_set_back_makes_no_wait_longer() -> None:
    made = Supervision()
    made.silent(1000.0)
    made.exited(1, "", 1000.0)
    assert not made.tick(1000.5)
    assert made.tick(1000.0 - 86400)
    assert made.status.phase == "starting"
