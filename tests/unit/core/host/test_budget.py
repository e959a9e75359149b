"""The budget gate: its arithmetic over many threads in virtual time, and its waiting with real threads."""

import itertools
import random
import threading

import pytest

from core.host.budget import BudgetGate, CpuBucket


class Machine:
    """Threads that compute batches on `cores` cores in virtual time, asking the bucket before each batch.

    A thread that must wait looks again `lateness` after it was told to, as on a busy computer. Computing threads
    share the cores evenly; `background` is CPU time a second that asks nobody (the network).
    """

    STEP = 0.005

    def __init__(self, bucket: CpuBucket, cores: float, background: float = 0.0, lateness: float = 0.0) -> None:
        self.bucket, self.cores, self.background, self.lateness = bucket, cores, background, lateness
        self.now = self.cpu = 0.0

    def run(self, seconds: float, batches: list["itertools.cycle[float]"], urgent: int = 0) -> list[float]:
        """Run and return the CPU time that each thread got; batches: CPU seconds of each thread's batches."""
        left = [0.0] * len(batches)
        wake = [0.0] * len(batches)  # a waiting thread looks again only then
        got = [0.0] * len(batches)
        end = self.now + seconds
        while self.now < end:
            self.bucket.settle(self.now, self.cpu)
            for i, sizes in enumerate(batches):
                if left[i] > 0 or self.now < wake[i]:
                    continue
                delay = self.bucket.delay(urgent=i < urgent)
                if delay <= 0:
                    left[i] = next(sizes)
                else:
                    wake[i] = self.now + delay + self.lateness
            active = [i for i, work in enumerate(left) if work > 0]
            used = self.background * self.STEP
            for i in active:
                step = min(left[i], self.STEP * min(1.0, self.cores / len(active)))
                left[i] -= step
                got[i] += step
                used += step
            self.cpu += used
            self.now += self.STEP
        return got


def machine(share: float, cores: float, background: float = 0.0) -> Machine:
    return Machine(CpuBucket(cores, share, 0.0, 0.0), cores, background)


@pytest.mark.parametrize("share", [0.1, 0.3, 0.5, 0.8])
@pytest.mark.parametrize(
    ("cores", "threads", "batch"),
    [(2, 2, 0.02), (2, 5, 0.1), (4, 8, 0.4), (1.5, 3, 0.05), (1, 1, 1.0), (16, 20, 0.25)],
)
def test_the_share_holds_over_twenty_seconds(share, cores, threads, batch):
    rng = random.Random(1)
    sizes = [itertools.cycle([batch * rng.uniform(0.5, 1.5) for _ in range(50)]) for _ in range(threads)]
    computer = machine(share, cores)
    computer.run(3.0, sizes)
    before = computer.cpu
    computer.run(20.0, sizes)
    assert (computer.cpu - before) / 20.0 / cores == pytest.approx(share, abs=0.05)


@pytest.mark.parametrize("share", [0.3, 0.8, 0.9])
@pytest.mark.parametrize("threads", [2, 4])
def test_threads_that_wake_late_catch_up(share, threads):
    computer = Machine(CpuBucket(2, share, 0.0, 0.0), 2, lateness=0.1)
    computer.run(20.0, [itertools.cycle([0.1])] * threads)
    assert computer.cpu / 20.0 / 2 == pytest.approx(share, abs=0.05)


def test_the_full_share_never_waits():
    computer = machine(1.0, 2)
    computer.run(5.0, [itertools.cycle([0.1])] * 4)
    assert computer.cpu == pytest.approx(5.0 * 2, rel=0.01)


def test_network_threads_count():
    computer = machine(0.5, 2, background=0.4)
    computer.run(20.0, [itertools.cycle([0.05])] * 3)
    assert computer.cpu / 20.0 / 2 == pytest.approx(0.5, abs=0.05)


def test_no_burst_after_idle_time():
    computer = machine(0.3, 2)
    computer.run(3600.0, [])
    before = computer.cpu
    computer.run(2.0, [itertools.cycle([0.02])] * 4)
    # What a second at full speed would add to the allowance is the most that may be made up for.
    assert computer.cpu - before <= 2.0 * 0.3 * 2 + 1.0 * 2 * (1 - 0.3)


@pytest.mark.parametrize("share", [0.05, 0.3, 0.8])
def test_one_enormous_batch_does_not_silence_the_engine_for_long(share):
    bucket = CpuBucket(4, share, 0.0, 0.0)
    bucket.settle(100.0, 400.0)
    assert 0 < bucket.delay() <= 20.0


def test_urgent_callers_go_first_and_the_total_stays():
    computer = machine(0.4, 2)
    got = computer.run(20.0, [itertools.cycle([0.02])] * 4, urgent=2)
    assert computer.cpu / 20.0 / 2 == pytest.approx(0.4, abs=0.05)
    assert sum(got[:2]) > sum(got[2:])


def test_a_clock_that_stands_still_or_goes_back_earns_nothing():
    bucket = CpuBucket(2, 0.5, 100.0, 10.0)
    bucket.settle(100.0, 11.0)
    assert bucket.delay() == pytest.approx(1.0)
    bucket.settle(50.0, 11.0)
    assert bucket.delay() == pytest.approx(1.0)
    bucket.settle(51.0, 11.0)
    assert bucket.delay() == pytest.approx(0.0)


def test_share_zero_waits_for_ever():
    assert CpuBucket(2, 0.0, 0.0, 0.0).delay() == float("inf")


class Times:
    """A clock and a CPU clock that the test moves."""

    def __init__(self) -> None:
        self.now = self.cpu = 0.0

    def gate(self, share: float, cores: float = 2) -> BudgetGate:
        return BudgetGate(cores, share, clock=lambda: self.now, cpu_time=lambda: self.cpu)


@pytest.fixture
def times() -> Times:
    return Times()


class Waiter(threading.Thread):
    """Waits at the gate in a thread of its own."""

    def __init__(self, gate: BudgetGate, **arguments: float) -> None:
        super().__init__(daemon=True)
        self.gate, self.arguments = gate, arguments
        self.answer: bool | None = None
        self.start()

    def run(self) -> None:
        self.answer = self.gate.wait(**self.arguments)

    def result(self) -> bool | None:
        self.join(10.0)
        assert not self.is_alive(), "still waits"
        return self.answer

    def assert_blocked(self) -> None:
        """It has reached the condition, and nothing lets it go."""
        while self.is_alive() and not self.gate._changed._waiters:
            pass
        assert self.is_alive()


def test_within_the_budget_nobody_waits(times):
    assert times.gate(0.5).wait(timeout=0.0)


def test_a_debt_is_refused_until_time_has_paid_it(times):
    gate = times.gate(0.5)
    times.cpu = 3.0
    assert not gate.wait(timeout=0.0)
    times.now = 2.9
    assert not gate.wait(timeout=0.0)
    times.now = 3.1
    assert gate.wait(timeout=0.0)


def test_raising_the_share_wakes_waiters_at_once(times):
    gate = times.gate(0.01)
    times.cpu = 100.0
    waiter = Waiter(gate)
    waiter.assert_blocked()
    gate.set_share(1.0)
    assert waiter.result() is True
    assert gate.share == 1.0


def test_pause_holds_and_resume_wakes(times):
    gate = times.gate(1.0)
    gate.pause()
    assert gate.paused
    assert not gate.wait(timeout=0.0)
    waiters = [Waiter(gate) for _ in range(3)]
    waiters[0].assert_blocked()
    gate.resume()
    assert [waiter.result() for waiter in waiters] == [True] * 3


def test_close_turns_everybody_away(times):
    gate = times.gate(1.0)
    gate.pause()
    waiter = Waiter(gate)
    waiter.assert_blocked()
    gate.close()
    assert waiter.result() is False
    assert gate.closed
    gate.resume()
    assert not gate.wait()


def test_share_zero_blocks_until_changed(times):
    gate = times.gate(0.0)
    waiter = Waiter(gate)
    waiter.assert_blocked()
    gate.set_share(0.5)
    assert waiter.result() is True


def test_what_was_used_before_a_change_counts_at_the_old_share(times):
    gate = times.gate(1.0)
    times.now, times.cpu = 10.0, 20.0
    gate.set_share(0.5)
    assert gate.wait(timeout=0.0)


@pytest.mark.parametrize("share", [-0.1, 1.1, float("nan")])
def test_impossible_shares_are_refused(times, share):
    with pytest.raises(ValueError, match="between 0 and 1"):
        times.gate(0.5).set_share(share)
    with pytest.raises(ValueError, match="between 0 and 1"):
        times.gate(share)


def test_the_real_clock_ends_a_wait():
    gate = BudgetGate(2, 0.5, cpu_time=iter([0.0, *[0.02] * 1000]).__next__)
    assert not gate.wait(timeout=0.001)
    assert gate.wait(timeout=10.0)
