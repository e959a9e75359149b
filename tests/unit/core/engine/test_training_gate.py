"""Own batches rest while the volunteer wants to host only."""

from core.engine.training_gate import TrainingGate


class Budget:
    open = True

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
