"""Hivemind's defects, found by reading it, that concern hosts: each has its test here, named after it.

The others are tested where they belong: 1 to 5 with beam search and mixtures, 8 and 11 with the DHT, 9 with the
command line.
"""

import pickle
import re
from collections.abc import Iterator
from pathlib import Path

import pytest
import torch

from core.durability.snapshots import SnapshotStore
from core.errors import ExpertError
from core.experts.backend import ExpertBackend
from core.experts.outcome import Call, Kind, Outcome
from core.experts.remote_expert import CallerConfig
from core.experts.spec import ExpertSpec
from core.experts.task_pool import QueueLimits
from core.experts.uid import Grid
from net.wire.messages import FailureCode
from tests.support.expert_swarm import PROJECT, Hive, rows

WIDTH = 8
GRID = Grid("ffn.", (3,))
X, Y = rows(4, WIDTH), rows(4, WIDTH, seed=1)


@pytest.fixture
def hive() -> Iterator[Hive]:
    with Hive([GRID], hosts=1, hidden=WIDTH) as made:
        yield made


def ask(hive: Hive, kind: Kind, *tensors: torch.Tensor, uid: str = "ffn.0") -> Outcome:
    (outcome,) = hive.caller.call(kind, [Call(uid, tensors)])
    return outcome


def test_defect_5_experts_of_one_host_are_asked_in_one_request_with_all_their_samples(hive: Hive) -> None:
    """One request per (sample, expert)."""
    outcomes = hive.caller.call(Kind.FORWARD, [Call(uid, (rows(32, WIDTH),)) for uid in GRID.uids()])
    assert [outcome.tensors[0].shape[0] for outcome in outcomes] == [32, 32, 32]
    assert len(hive.trainer.rpc.sent) == 1


def test_defect_6_checkpoints_are_bounded_atomic_files_without_pickle_or_links(tmp_path) -> None:
    """Checkpoints never rotate, have ":" in their names, use symlinks, and are loaded with pickle."""
    store, spec = SnapshotStore(tmp_path), ExpertSpec("ffn", WIDTH, 16)
    expert = ExpertBackend("ffn.0", spec, 0, torch.device("cpu"))
    for step in range(12):
        store.save(PROJECT, "ffn.0", step, expert.state())
    files = [path for path in tmp_path.rglob("*") if not path.is_dir()]
    assert 1 <= len(files) <= 3
    assert not any(path.is_symlink() or ":" in path.name for path in tmp_path.rglob("*"))
    with pytest.raises(ExpertError, match="cannot be read"):
        ExpertBackend("ffn.0", spec, 0, torch.device("cpu"), pickle.dumps({"parameter": [1.0]}))


@pytest.mark.parametrize("bad", [float("nan"), float("inf"), 3e38])
def test_defect_7_gradients_that_are_no_numbers_teach_nothing(hive: Hive, bad: float) -> None:
    """Anyone may call backward: no NaN check."""
    before = hive.host_of("ffn.0").state("ffn.0")
    assert ask(hive, Kind.BACKWARD, X, torch.full_like(Y, bad)).code == FailureCode.BAD_TENSOR
    assert hive.host_of("ffn.0").state("ffn.0") == before


def test_defect_7_gradients_far_longer_than_usual_teach_nothing(hive: Hive) -> None:
    """Anyone may call backward: no bound on what it does."""
    for number in range(20):
        assert ask(hive, Kind.BACKWARD, X, 1e-3 * rows(4, WIDTH, seed=number)).ok
    before = hive.host_of("ffn.0").state("ffn.0")
    outcome = ask(hive, Kind.BACKWARD, X, 1e3 * Y)
    assert outcome.code == FailureCode.BAD_TENSOR
    assert "times as long" in outcome.text
    assert hive.host_of("ffn.0").state("ffn.0") == before
    assert ask(hive, Kind.BACKWARD, X, 1e-3 * Y).ok  # the sender is not cut off for one


def test_defect_7_who_keeps_sending_rubbish_is_not_served_for_a_while(hive: Hive) -> None:
    """Anyone may call backward: no rate limit."""
    host = hive.host_of("ffn.0")
    codes = []
    for _ in range(12):
        hive.directory.report_success(host_id := hive.peer_of["ffn.0"].peer_id)
        codes.append(ask(hive, Kind.BACKWARD, X, torch.full_like(Y, float("nan"))).code)
    assert codes[0] == FailureCode.BAD_TENSOR
    assert FailureCode.BANNED in codes
    (ban,) = host.door.bans()
    assert ban.peer == hive.trainer.peer_id
    assert ban.until > hive.swarm.clock.monotonic()
    assert host_id != ban.peer
    assert host.turned_away(b"somebody else") is None


def test_defect_7_queues_are_bounded_and_the_caller_hears_when_to_come_back() -> None:
    """Anyone may call backward: no queue bound on the host."""
    config = CallerConfig(busy_patience_s=0.0)
    with Hive([GRID], hosts=1, hidden=WIDTH, limits=QueueLimits(rows=3), caller=config) as hive:
        outcome = ask(hive, Kind.BACKWARD, X, Y)
        assert outcome.code == FailureCode.BUSY
        assert outcome.retry_after > 0


def test_defect_10_nothing_forks_or_needs_what_windows_lacks(hive: Hive) -> None:
    """No Windows: fork, uvloop, Unix sockets. Threads of one process serve any number of experts."""
    root = Path(__file__).parents[4]
    lacking = re.compile(r"\bos\.fork\b|import multiprocessing|uvloop|ipc://")
    sources = [path for layer in ("core/experts", "core/moe", "net") for path in (root / layer).rglob("*.py")]
    assert [str(path) for path in sources if lacking.search(path.read_text(encoding="utf-8"))] == []
    outcomes = hive.caller.call(Kind.FORWARD, [Call(uid, (X,)) for uid in GRID.uids()])
    assert all(outcome.ok for outcome in outcomes)
    assert len(hive.host_of("ffn.0")._runtimes) == 1
