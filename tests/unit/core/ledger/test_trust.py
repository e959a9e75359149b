"""What left: counted where it leaves, bounded, kept across restarts and full disks."""

from datetime import datetime

import msgpack
import pytest

from core.control.commands import MAX_REPLY_BYTES
from core.engine.counting import OTHER, CountingRpc
from core.ledger.trust import KEEP_MONTHS, MOST_PEERS, MOST_ROWS, OTHERS, TrustBook
from net.identity import Identity, peer_id_of
from net.rpc.base import Reply
from net.wire.messages import ExpertForward, ExpertResults, Ping, Pong, TrunkFetch

MARCH = datetime(2026, 3, 4, 12, 0).astimezone().timestamp()


class Clock:
    now = MARCH

    def __call__(self) -> float:
        return self.now


@pytest.fixture
def clock():
    return Clock()


@pytest.fixture
def book(tmp_path, clock):
    made = TrustBook(tmp_path / "trust.sqlite", clock)
    yield made
    made.close()


def test_sums_by_project_peer_and_kind(book, clock):
    for _ in range(3):
        book.sent("p", "alice", "trunk", 2, 100)
        clock.now += 1
    book.sent("p", "alice", "answers", 1, 5)
    book.sent("q", "bob", "trunk", 1, 50)
    names = ("month", "project", "peer", "kind", "messages", "tensors", "bytes", "last")
    assert [tuple(row[name] for name in names) for row in book.rows()] == [
        ("2026-03", "p", "alice", "trunk", 3, 6, 300, MARCH + 2),
        ("2026-03", "q", "bob", "trunk", 1, 1, 50, MARCH + 3),
        ("2026-03", "p", "alice", "answers", 1, 1, 5, MARCH + 3),
    ]


def test_ten_thousand_peers_take_bounded_room(book):
    for n in range(10_000):
        book.sent("p", f"{n:064x}", "trunk", 1, 1)
    rows = book.rows()
    assert len(rows) == MOST_PEERS + 1
    assert rows[0]["peer"] == OTHERS
    assert sum(row["bytes"] for row in rows) == 10_000


def test_an_answer_fits_into_one_message(book, clock):
    for _ in range(KEEP_MONTHS):
        for n in range(MOST_PEERS):
            for kind in ("activations for experts", "gradients for experts", "answers of experts", "trunk"):
                book.sent("ab" * 32, f"{n:064x}", kind, 1000, 10**12)
        clock.now += 31 * 86400
    rows = book.rows()
    assert len(rows) == MOST_ROWS
    assert len(msgpack.packb([1, True, {"rows": rows, "projects": {}}])) < MAX_REPLY_BYTES / 2


def test_a_year_is_kept(book, clock):
    for _ in range(20):
        book.sent("p", "alice", "trunk", 1, 1)
        book.flush()
        clock.now += 31 * 86400
    assert len({row["month"] for row in book.rows()}) == KEEP_MONTHS


def test_a_restart_goes_on_and_remembers_who_is_known(tmp_path, clock):
    first = TrustBook(tmp_path / "t.sqlite", clock)
    for n in range(MOST_PEERS):
        first.sent("p", str(n), "trunk", 1, 1)
    first.close()
    second = TrustBook(tmp_path / "t.sqlite", clock)
    second.sent("p", "late", "trunk", 1, 1)
    second.sent("p", "5", "trunk", 1, 1)
    rows = {row["peer"]: row["bytes"] for row in second.rows()}
    second.close()
    assert (rows["5"], rows[OTHERS], len(rows)) == (2, 1, MOST_PEERS + 1)


def test_what_cannot_be_written_is_not_lost(tmp_path, clock):
    book = TrustBook(tmp_path / "none" / "t.sqlite", clock)
    book.sent("p", "alice", "trunk", 1, 1)
    assert not book.flush()
    book.sent("p", "alice", "trunk", 1, 1)
    (tmp_path / "none").mkdir()
    assert [row["bytes"] for row in book.rows()] == [2]
    book.close()


class FakeRpc:
    def __init__(self):
        self.handlers = {}
        self.calls = 0

    async def call(self, contact, request, payload=(), *, timeout):
        self.calls += 1
        return Reply(Pong(1.0))

    def handle(self, request_type, handler):
        self.handlers[request_type] = handler


class Caller:
    def __init__(self, peer_id):
        self.peer_id = peer_id


class TestCounting:
    @pytest.fixture
    def identities(self):
        return Identity.generate(), Identity.generate()

    @pytest.fixture
    def rpc(self, book, identities):
        return CountingRpc(FakeRpc(), book, "p", identities[0].peer_id)

    def contact(self, identity):
        class Card:
            public_key = identity.public_key

        return Card()

    async def test_calls_count_with_their_tensors(self, rpc, book, identities):
        project = b"\0" * 32
        await rpc.call(self.contact(identities[1]), ExpertForward(project, ()), [b"123", bytearray(5)], timeout=1)
        await rpc.call(self.contact(identities[1]), Ping(), timeout=1)
        await rpc.call(self.contact(identities[0]), ExpertForward(project, ()), [b"123"], timeout=1)
        (row,) = book.rows()
        assert (row["kind"], row["tensors"], row["bytes"]) == ("activations for experts", 2, 8)
        assert row["peer"] == identities[1].peer_id.hex() == peer_id_of(identities[1].public_key).hex()
        assert rpc.inner.calls == 3

    async def test_answers_count_and_reach_the_caller(self, rpc, book, identities):
        answer = Reply(ExpertResults(()), [memoryview(bytearray(16))])

        async def handler(caller, request, payload):
            return answer

        async def small(caller, request, payload):
            return Pong(1.0)

        rpc.handle(ExpertForward, handler)
        rpc.handle(Ping, small)
        assert await rpc.inner.handlers[ExpertForward](Caller(identities[1].peer_id), None, ()) is answer
        assert await rpc.inner.handlers[Ping](Caller(identities[1].peer_id), None, ()) == Pong(1.0)
        (row,) = book.rows()
        assert (row["kind"], row["bytes"]) == ("answers of experts", 16)

    async def test_kinds_that_are_not_listed_are_counted_too(self, rpc, book, identities):
        await rpc.call(self.contact(identities[1]), TrunkFetch(b"\0" * 32), [b"x"], timeout=1)
        assert book.rows()[0]["kind"] == OTHER
