"""Own batches rest while the volunteer wants to host only."""

from core.engine.training_gate import TrainingGate


class Budget:
    open = True
    paused = False

    def wait(self, timeout: float | None = None) -> bool:
        return self.open


def test_both_must_agree() -> None:
    budget = Budget()
    gate = TrainingGate(budget)
    assert not gate.wait(0.0)
    gate.allow(on=True)
    assert gate.wait(0.0)
    budget.open = False
    assert not gate.wait(0.0)
    budget.open = True
    gate.allow(on=False)
    assert not gate.wait(0.0)


def test_a_pause_of_the_budget_is_a_pause_and_rest_is_none() -> None:
    budget = Budget()
    gate = TrainingGate(budget)
    assert not gate.paused
    budget.paused = True
    assert gate.paused
