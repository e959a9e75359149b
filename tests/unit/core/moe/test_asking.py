"""Who is asked next when experts fail."""

from collections import Counter

import numpy as np
import pytest
import torch

from core.experts.uid import Grid
from core.moe.asking import Asking, AskingConfig
from core.moe.dispatch import Patience
from net.wire.messages import ExpertForward
from tests.support.expert_swarm import Hive, rows

GRID = Grid("ffn.", (6,))
WIDTH = 8
SAMPLES = np.arange(10)


def ask(hive: Hive, scores: torch.Tensor | None = None, **settings) -> Asking:
    scores = rows(10, 6, seed=3) if scores is None else scores
    config = AskingConfig(**{"k_best": 2, "spare": 0, "search_s": 0.0, **settings})
    asking = Asking((rows(10, WIDTH),), scores, hive.directory.alive("ffn."), hive.caller, config)
    asking.run(SAMPLES, hive.directory)
    return asking


def answers_of(asking: Asking) -> Counter[int]:
    return Counter(row for each in asking.answered for row in each.rows.tolist())


def requests(hive: Hive) -> list[list[str]]:
    return [[c.uid for c in each.calls] for each in hive.trainer.rpc.sent if isinstance(each, ExpertForward)]


def test_every_expert_is_asked_once_a_batch() -> None:
    """Hivemind's defect 5: one request for each pair of sample and expert."""
    with Hive([GRID], hosts=2, hidden=WIDTH) as hive:
        asking = ask(hive)
        asked = Counter(uid for request in requests(hive) for uid in request)
        assert set(asked.values()) == {1}
        assert len(requests(hive)) <= 2
        assert answers_of(asking) == dict.fromkeys(range(10), 2)


def test_samples_without_an_answer_try_their_spare_experts() -> None:
    with Hive([GRID], hosts=2, hidden=WIDTH) as hive:
        hive.peers[0].rpc.fault.unreachable = True  # hosts the even experts
        scores = torch.tensor([[6.0, 1.0, 5.0, 2.0, 4.0, 3.0]]).repeat(10, 1)  # the even ones score best
        assert answers_of(ask(hive, scores)) == {}
        hive.directory.report_success(hive.peers[0].peer_id)
        asking = ask(hive, scores, spare=2)
        assert answers_of(asking) == dict.fromkeys(range(10), 1)
        assert [each.uid for each in asking.answered] == ["ffn.5"]


def test_a_sample_with_one_answer_of_two_is_served() -> None:
    with Hive([GRID], hosts=2, hidden=WIDTH) as hive:
        hive.peers[0].rpc.fault.unreachable = True
        scores = torch.tensor([[6.0, 5.0, 1.0, 1.0, 1.0, 1.0]]).repeat(10, 1)
        asking = ask(hive, scores, spare=2)
        assert [each.uid for each in asking.answered] == ["ffn.1"]


def test_when_all_else_fails_the_dht_is_asked_who_is_there() -> None:
    with Hive([GRID], hosts=2, hidden=WIDTH) as hive:
        stale = hive.peers[0]
        hive.swarm.records.clear()
        for uid in ("ffn.1", "ffn.3"):
            hive.thread.run(hive.swarm.announce(hive.peers[1], uid))
        stale.rpc.fault.unreachable = True
        scores = torch.tensor([[6.0, 0.0, 5.0, 1.0, 4.0, 0.0]]).repeat(10, 1)
        hive.directory._refreshed = float("-inf")
        asking = ask(hive, scores, spare=1, search_s=5.0)
        assert sorted(each.uid for each in asking.answered) == ["ffn.1", "ffn.3"]


def test_an_expert_that_answered_is_not_asked_again_by_a_fresh_search() -> None:
    with Hive([GRID], hosts=2, hidden=WIDTH) as hive:
        hive.peers[0].rpc.fault.unreachable = True
        scores = torch.tensor([[6.0, 5.0, 4.0, 3.0, 2.0, 1.0]]).repeat(10, 1)
        eager = Patience(k_min=2)
        hive.directory._refreshed = float("-inf")
        asking = ask(hive, scores, search_s=5.0, forward=eager)
        assert sorted(each.uid for each in asking.answered) == ["ffn.1", "ffn.3"]
        assert answers_of(asking) == dict.fromkeys(range(10), 2)


def test_only_the_samples_named_are_asked_about() -> None:
    with Hive([GRID], hosts=1, hidden=WIDTH) as hive:
        config = AskingConfig(k_best=2)
        asking = Asking((rows(10, WIDTH),), rows(10, 6), hive.directory.alive("ffn."), hive.caller, config)
        asking.run(np.array([3, 7]), hive.directory)
        assert answers_of(asking) == {3: 2, 7: 2}


def test_without_live_experts_nobody_is_asked() -> None:
    with Hive([GRID], hosts=1, hidden=WIDTH) as hive:
        hive.directory.report_failure(hive.peers[0].peer_id)
        asking = ask(hive, search_s=5.0)
        assert asking.answered == []
        assert requests(hive) == []


@pytest.mark.parametrize("call_rows", [1, 4])
def test_calls_are_cut_to_what_hosts_take(call_rows: int) -> None:
    with Hive([GRID], hosts=1, hidden=WIDTH) as hive:
        assert answers_of(ask(hive, call_rows=call_rows)) == dict.fromkeys(range(10), 2)
