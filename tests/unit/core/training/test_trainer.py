"""Batches in flight: they overlap, they fail alone, and they end when they are told to."""

import dataclasses
import gc
import logging
import threading
import time
import weakref

import numpy as np
import pytest
import torch
from torch import nn

from core.errors import ExpertError, UsageError
from core.training.model import build_model
from core.training.trainer import Trainer, TrainerConfig
from tests.support.mixtures import LocalMixture

WAIT_S = 20.0


class Steps:
    """Collects on_step calls and waits for so many of them."""

    def __init__(self, wanted):
        self.calls = []
        self.enough = threading.Event()
        self._wanted = wanted

    def __call__(self, step, loss, samples):
        self.calls.append((step, loss, samples))
        if len(self.calls) >= self._wanted:
            self.enough.set()


@pytest.fixture
def make(manifest, dataset, gate):
    """Makes trainers that are stopped at the end."""
    made = []

    def factory(mixture_for=LocalMixture, *, project=manifest, data=dataset, steps=1, **config):
        config = dataclasses.replace(TrainerConfig.of(project, seed=1), first_back_off_s=0.001, **config)
        trainer = Trainer(project, mixture_for, data, gate, config)
        trainer.on_step = Steps(steps)
        made.append(trainer)
        return trainer

    yield factory
    gate.open.set()
    for trainer in made:
        assert trainer.stop(WAIT_S)


class Scripted(nn.Module):
    """A mixture that runs `script(number of the call)` before it passes its input on."""

    def __init__(self, script):
        super().__init__()
        self.scale = nn.Parameter(torch.ones(()))
        self.script = script

    def __deepcopy__(self, memo):
        return Scripted(self.script)

    def forward(self, x):
        factor = self.script()
        return x * self.scale * (1.0 if factor is None else factor)


def test_it_learns(make, dataset):
    trainer = make(steps=150, in_flight=3)
    before = trainer.evaluate()
    trainer.start()
    assert trainer.on_step.enough.wait(WAIT_S)
    assert trainer.stop(WAIT_S)
    steps, losses, samples = zip(*trainer.on_step.calls, strict=True)
    assert sorted(steps) == list(range(1, len(steps) + 1))
    assert set(samples) == {4 * 16}
    stats = trainer.stats()
    assert stats.step == len(steps) == trainer.trunk.applied
    assert stats.loss < losses[0] / 2
    assert stats.samples_per_s > 0
    assert (stats.in_flight, stats.skipped, stats.errors, stats.problem) == (0, 0, 0, "")
    after = trainer.evaluate()
    assert (after.metric, after.baseline) == ("bits_per_byte", dataset.baseline)
    assert after.value < before.value - 2


def test_the_balance_loss_reaches_the_gates(manifest, make):
    model = build_model(manifest, LocalMixture)
    gate = model.branches[-1].inner.mixture.gate
    trainers = [make(balance=balance) for balance in (0.0, 10.0)]
    batch = trainers[0]._dataset.batch(4, np.random.default_rng(0))
    gradients = []
    for trainer in trainers:
        replica = trainer.trunk.replica()
        index = [p.shape for p in replica.parameters].index(gate.weight.shape)
        start = sum(p.numel() for p in replica.parameters[:index])
        _, gradient = trainer._loss_and_gradient(replica, batch)
        gradients.append(gradient[start : start + gate.weight.numel()].norm())
    assert gradients[1] > gradients[0] * 2


def test_several_batches_are_in_flight(make):
    barrier = threading.Barrier(3)
    seen = []

    def meet():
        barrier.wait(WAIT_S)
        seen.append(trainer.stats().in_flight)
        barrier.wait(WAIT_S)

    trainer = make(lambda layer: Scripted(meet), in_flight=2)
    trainer.start()
    barrier.wait(WAIT_S)  # both batches are inside the mixture
    barrier.wait(WAIT_S)
    barrier.abort()  # later batches do not meet
    assert seen == [2, 2]


def test_the_gate_is_asked_before_every_batch(make, gate):
    gate.open.clear()
    trainer = make(steps=2, in_flight=1)
    trainer.start()
    assert not trainer.on_step.enough.wait(0.05)
    assert trainer.stats().step == 0
    gate.open.set()
    assert trainer.on_step.enough.wait(WAIT_S)
    gate.open.clear()
    held = trainer.evaluate(1.0)  # the closed gate holds training alone
    assert held.samples > 0


def test_stopping_does_not_wait_for_an_expert(make):
    asked, answer = threading.Event(), threading.Event()

    def silent():
        asked.set()
        answer.wait(WAIT_S)

    trainer = make(lambda layer: Scripted(silent), in_flight=2)
    trainer.start()
    assert asked.wait(WAIT_S)
    assert not trainer.stop(0.01)
    answer.set()
    assert trainer.stop(WAIT_S)
    assert trainer.trunk.applied == 0  # what came late was dropped
    assert trainer.stats().step == 0


def test_a_failing_batch_is_reported_and_training_goes_on(make, caplog):
    failures = iter([ExpertError("No expert answers."), ValueError("odd"), ExpertError("Again.")])

    def fail():
        for error in failures:
            raise error

    trainer = make(lambda layer: Scripted(fail), steps=3, in_flight=1)
    with caplog.at_level(logging.WARNING):
        trainer.start()
        assert trainer.on_step.enough.wait(WAIT_S)
    stats = trainer.stats()
    assert stats.errors == 3
    assert stats.problem == "A batch failed: Again."
    assert [record.getMessage() for record in caplog.records] == ["A batch failed; training goes on."]
    assert "No expert answers." in caplog.text


def test_what_is_not_finite_is_skipped_and_counted(make):
    factors = iter([float("nan"), 1.0, float("inf"), 1.0])
    trainer = make(lambda layer: Scripted(lambda: next(factors, 1.0)), steps=4, in_flight=1)
    trainer.start()
    assert trainer.on_step.enough.wait(WAIT_S)
    assert trainer.stop(WAIT_S)
    stats = trainer.stats()
    assert stats.skipped == 2
    assert stats.step == trainer.trunk.applied >= 4
    assert torch.isfinite(trainer.trunk.read()[1]).all()


def test_measuring_holds_new_batches(make):
    steps_while_measuring = []

    class Watching:
        """A data set that looks, in the middle of the evaluation, whether training goes on."""

        def __init__(self, inner):
            self.inner = inner
            self.baseline = inner.baseline
            self.batch = inner.batch

        def held_out(self):
            first = trainer.stats()
            deadline = threading.Event()
            while trainer.stats().in_flight:
                deadline.wait(0.001)
            settled = trainer.stats().step
            deadline.wait(0.05)
            steps_while_measuring.append((first.step <= settled, trainer.stats().step - settled))
            return self.inner.held_out()[:1]

    trainer = make(steps=2, in_flight=2)
    trainer._dataset = Watching(trainer._dataset)
    trainer.start()
    assert trainer.on_step.enough.wait(WAIT_S)
    trainer.evaluate()
    assert steps_while_measuring == [(True, 0)]
    step = trainer.stats().step
    trainer.on_step = Steps(1)
    assert trainer.on_step.enough.wait(WAIT_S)  # and it goes on afterwards
    assert trainer.stats().step > step


def test_generation(make, digits_manifest):
    trainer = make()
    text = trainer.generate("the cat", 12)
    assert 1 <= len(text) <= 12
    classifier = make(project=digits_manifest)
    with pytest.raises(UsageError, match="writes no text"):
        classifier.generate("a", 1)


def test_a_trainer_starts_once(make):
    trainer = make()
    trainer.start()
    with pytest.raises(RuntimeError, match="starts once"):
        trainer.start()
    stopped = make()
    assert stopped.stop(0.0)
    with pytest.raises(RuntimeError, match="starts once"):
        stopped.start()


def test_a_pause_leaves_the_batch_under_way_and_is_no_error(make, gate):
    entered, go_on, left = threading.Event(), threading.Event(), threading.Event()

    def script():
        if not entered.is_set():
            entered.set()
            assert go_on.wait(WAIT_S)
        elif gate.paused:
            left.set()

    trainer = make(lambda _: Scripted(script), in_flight=1)
    trainer.start()
    assert entered.wait(WAIT_S)
    gate.open.clear()
    gate.paused = True
    go_on.set()
    assert not trainer.on_step.enough.wait(0.3)
    stats = trainer.stats()
    assert (stats.step, stats.errors, stats.skipped, stats.in_flight) == (0, 0, 0, 0)
    assert not left.is_set()
    gate.paused = False
    gate.open.set()
    assert trainer.on_step.enough.wait(WAIT_S)


def test_a_paused_trainer_keeps_no_copy_of_the_trunk(make, gate):
    copies = weakref.WeakSet()

    class Counted(Scripted):
        def __deepcopy__(self, memo):
            copies.add(copy := Counted(self.script))
            return copy

    trainer = make(lambda _: Counted(lambda: None), in_flight=2, steps=4)
    own = len(copies)
    trainer.start()
    assert trainer.on_step.enough.wait(WAIT_S)
    assert len(copies) > own
    gate.paused = True
    gate.open.clear()
    until = time.monotonic() + WAIT_S
    while len(copies) > own and time.monotonic() < until:
        gc.collect()
    assert len(copies) == own
    steps = len(trainer.on_step.calls)
    gate.paused = False
    gate.open.set()
    while len(trainer.on_step.calls) == steps and time.monotonic() < until:
        pass
    assert len(trainer.on_step.calls) > steps
