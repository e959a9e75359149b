"""The demo's totals, across engines that come and go."""

from core.control.snapshot import EngineSnapshot, ExpertView, ProjectView
from core.demo.tally import Tally


def snapshot(peer: str, uids: tuple[str, ...], *, step: int = 0, loss: float | None = None) -> EngineSnapshot:
    experts = tuple(ExpertView(uid, "serving", 1.0, 1, 1, 1, 1.0, "cpu", 1) for uid in uids)
    project = ProjectView("id", "text", "Text", "text", "bits_per_byte", step, loss, experts_total=4, samples_per_s=2.0)
    return EngineSnapshot("0", 1, peer, "", 0.0, 0.0, "working", project=project, experts=experts)


def test_steps_add_up_across_peers_that_died() -> None:
    tally = Tally()
    tally.update([snapshot("a", (), step=3), snapshot("b", (), step=5)])
    tally.lose("b")
    tally.update([snapshot("a", (), step=7), snapshot("c", (), step=1)])
    assert tally.steps == 7 + 5 + 1


def test_first_and_last_loss_are_means_over_trainers() -> None:
    tally = Tally()
    tally.update([snapshot("a", ())])
    assert tally.loss is None
    tally.update([snapshot("a", (), loss=4.0), snapshot("b", (), loss=2.0)])
    tally.update([snapshot("a", (), loss=1.0), snapshot("b", (), loss=2.0)])
    assert (tally.loss_first, tally.loss) == (3.0, 1.5)
    assert tally.samples_per_s == 4.0


def test_experts_are_lost_with_their_host_and_adopted_by_another() -> None:
    tally = Tally()
    tally.update([snapshot("a", ("ffn.0", "ffn.1")), snapshot("b", ("ffn.2", "ffn.3"))])
    assert (tally.experts_alive, tally.hosts) == (4, {"a": 2, "b": 2})
    assert tally.lose("b") == ["ffn.2", "ffn.3"]
    assert (tally.experts_alive, tally.experts_lost) == (2, 2)
    tally.update([snapshot("a", ("ffn.0", "ffn.1")), snapshot("c", ("ffn.2",))])
    assert tally.adopted == [("ffn.2", "c")]
    assert tally.experts_alive == 3
    tally.update([snapshot("a", ("ffn.0", "ffn.1")), snapshot("c", ("ffn.2",))])
    assert tally.adopted == []


def test_an_engine_that_does_not_answer_for_a_moment_keeps_its_experts() -> None:
    tally = Tally()
    tally.update([snapshot("a", ("ffn.0",)), snapshot("b", ("ffn.1",))])
    tally.update([snapshot("a", ("ffn.0",))])
    assert tally.experts_alive == 2
