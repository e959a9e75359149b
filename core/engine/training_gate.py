"""The volunteer's word on training, in front of the budget: hosting may go on while own batches rest."""

import threading
from typing import Protocol


class Gate(Protocol):
    """The budget (`core.host.budget.BudgetGate`)."""

    @property
    def paused(self) -> bool:
        """Whether nothing may be computed at all."""
        ...

    def wait(self, timeout: float | None = None) -> bool:
        """Wait for leave to start a batch."""
        ...


class TrainingGate:
    """Asked by trainer threads before each batch; closed until `allow`."""

    def __init__(self, budget: Gate) -> None:
        self._budget = budget
        self._on = threading.Event()

    @property
    def paused(self) -> bool:
        """Whether nothing may be computed at all. Own batches that rest are no pause: those under way end."""
        return self._budget.paused

    def allow(self, on: bool) -> None:
        """Let own batches run, or rest from the next one on."""
        if on:
            self._on.set()
        else:
            self._on.clear()

    def wait(self, timeout: float | None = None) -> bool:
        """Wait until the next batch may start; False when that is not within `timeout` seconds."""
        return self._on.wait(timeout) and self._budget.wait(timeout)
