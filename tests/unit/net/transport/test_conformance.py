"""What every transport must do: each test runs over the memory network and over ZeroMQ. Here: calls."""

import asyncio
from typing import Any

import pytest

from net.errors import DeadlineExceeded, RemoteError
from net.rpc.base import Reply
from net.wire.codec import encode_fields
from net.wire.limits import BODY_BYTES, CHUNK_BYTES, MAX_CALLS_PER_PEER
from net.wire.messages import (
    ExpertForward,
    FailureCode,
    FindNode,
    Nodes,
    Ping,
    Pong,
    Record,
    Store,
    TrunkFetch,
)
from tests.support.rpc import FORWARD, MIB, echo, never, pong

# --- calls --------------------------------------------------------------------------------------------------


def test_a_request_gets_its_answer(world: Any) -> None:
    @world.run
    async def scenario() -> None:
        alice, bob = world.peer(), world.peer()
        bob.handle(Ping, pong)
        assert await alice.call(bob.contact, Ping(), timeout=5) == (Pong(1.5), [])


def test_the_handler_sees_who_asks_and_how_long_that_one_waits(world: Any) -> None:
    @world.run
    async def scenario() -> None:
        alice, bob = world.peer(), world.peer()
        seen = []

        async def note(caller: Any, request: Ping, payload: Any) -> Pong:
            seen.append(caller)
            return Pong(0.0)

        bob.handle(Ping, note)
        await alice.call(bob.contact, Ping(), timeout=5)
        (caller,) = seen
        assert (caller.peer_id, caller.contact) == (alice.peer_id, alice.contact)
        assert 4 < caller.timeout <= 5


@pytest.mark.parametrize(
    "sizes",
    [
        [],
        [0],
        [1],
        [1024, 0, 3],
        [CHUNK_BYTES],
        [CHUNK_BYTES + 1],
        [5, 7 * MIB, 0, 300_000],
        [100] * 200,
        [MIB] * 6,
    ],
    ids=str,
)
def test_payloads_come_back_unchanged(world: Any, sizes: list[int]) -> None:
    @world.run
    async def scenario() -> None:
        alice, bob = world.peer(), world.peer()
        bob.handle(ExpertForward, echo)
        sent = [world.rng.randbytes(size) for size in sizes]
        reply = await alice.call(bob.contact, FORWARD, sent, timeout=20)
        assert [bytes(buffer) for buffer in reply.payload] == sent


def test_the_largest_message_passes(world: Any) -> None:
    @world.run
    async def scenario() -> None:
        alice, bob = world.peer(), world.peer()

        async def count(caller: Any, request: Store, payload: Any) -> Pong:
            return Pong(float(len(request.records)))

        bob.handle(Store, count)
        record = Record(bytes(32), b"", bytes(32), 1, 1.0, bytes(1000), bytes(64))
        records = (record,) * ((BODY_BYTES - 100) // len(encode_fields(record)))
        assert (await alice.call(bob.contact, Store(b"", records), timeout=5)).message == Pong(float(len(records)))


def test_received_buffers_are_writable(world: Any) -> None:
    @world.run
    async def scenario() -> None:
        alice, bob = world.peer(), world.peer()
        bob.handle(ExpertForward, echo)
        for size in (100, 70_000, MIB):
            reply = await alice.call(bob.contact, FORWARD, [bytes(size)], timeout=20)
            view = memoryview(reply.payload[0])
            view[size - 1] = 7
            assert view[size - 1] == 7


def test_many_calls_at_once_each_get_their_own_answer(world: Any) -> None:
    @world.run
    async def scenario() -> None:
        callers, bob = [world.peer() for _ in range(4)], world.peer()

        async def mirror(caller: Any, request: FindNode, payload: Any) -> Nodes:
            return Nodes((), request.target)

        bob.handle(FindNode, mirror)
        targets = [world.rng.randbytes(32) for _ in range(50)]
        calls = [caller.call(bob.contact, FindNode(target), timeout=10) for caller in callers for target in targets]
        answers = await asyncio.gather(*calls)
        assert [answer.message.token for answer in answers] == targets * 4


def test_big_payloads_of_several_calls_do_not_mix(world: Any) -> None:
    @world.run
    async def scenario() -> None:
        alice, bob = world.peer(), world.peer()
        bob.handle(ExpertForward, echo)
        sent = [world.rng.randbytes(2 * MIB) for _ in range(5)]
        replies = await asyncio.gather(*(alice.call(bob.contact, FORWARD, [one], timeout=20) for one in sent))
        assert [bytes(reply.payload[0]) for reply in replies] == sent


def test_a_call_too_many_is_answered_busy(world: Any) -> None:
    @world.run
    async def scenario() -> None:
        alice, bob = world.peer(), world.peer()
        full, go_on = asyncio.Event(), asyncio.Event()
        running = 0

        async def wait(caller: Any, request: Ping, payload: Any) -> Pong:
            nonlocal running
            running += 1
            if running == MAX_CALLS_PER_PEER:
                full.set()
            await go_on.wait()
            return Pong(0.0)

        bob.handle(Ping, wait)
        async with asyncio.TaskGroup() as group:
            for _ in range(MAX_CALLS_PER_PEER):
                group.create_task(alice.call(bob.contact, Ping(), timeout=20))
            await full.wait()
            with pytest.raises(RemoteError) as refusal:
                await alice.call(bob.contact, Ping(), timeout=20)
            go_on.set()
        assert refusal.value.code == FailureCode.BUSY
        assert refusal.value.retry_after > 0


# --- deadlines and cancellation -------------------------------------------------------------------------------


def test_the_deadline_ends_the_call_and_its_handler(world: Any) -> None:
    @world.run
    async def scenario() -> None:
        alice, bob = world.peer(), world.peer()
        ended = asyncio.Event()

        async def never(caller: Any, request: Ping, payload: Any) -> Pong:
            try:
                await asyncio.Event().wait()
            finally:
                ended.set()
            raise AssertionError

        bob.handle(Ping, never)
        with pytest.raises(DeadlineExceeded):
            await alice.call(bob.contact, Ping(), timeout=0.05)
        async with asyncio.timeout(5):
            await ended.wait()
        assert alice.pending == 0


def test_a_cancelled_call_ends_its_handler_and_frees_both_sides(world: Any) -> None:
    @world.run
    async def scenario() -> None:
        alice, bob = world.peer(), world.peer()
        began, ended = asyncio.Event(), asyncio.Event()

        async def never(caller: Any, request: ExpertForward, payload: Any) -> Reply:
            began.set()
            try:
                await asyncio.Event().wait()
            finally:
                ended.set()
            raise AssertionError

        bob.handle(ExpertForward, never)
        call = asyncio.create_task(alice.call(bob.contact, FORWARD, [bytes(MIB)], timeout=60))
        await began.wait()
        call.cancel()
        await asyncio.wait([call])
        assert call.cancelled()
        async with asyncio.timeout(5):
            await ended.wait()
        assert alice.pending == 0


def test_a_call_cancelled_in_the_middle_of_its_payload_leaves_the_link_usable(world: Any) -> None:
    @world.run
    async def scenario() -> None:
        alice, bob = world.peer(), world.peer()
        bob.handle(ExpertForward, echo)
        await alice.call(bob.contact, FORWARD, timeout=20)
        call = asyncio.create_task(alice.call(bob.contact, FORWARD, [bytes(40 * MIB)], timeout=60))
        await asyncio.sleep(0)
        await asyncio.sleep(0)
        call.cancel()
        await asyncio.wait([call])
        assert (await alice.call(bob.contact, FORWARD, [b"next"], timeout=20)).payload == [b"next"]


async def settled(*conditions: Any) -> None:
    async with asyncio.timeout(5):
        while not all(condition() for condition in conditions):  # noqa: ASYNC110 - several sides settle by themselves
            await asyncio.sleep(0.01)


def idle(peer: Any) -> bool:
    """Whether nothing of any call is left: counts, quotas, queues."""
    outboxes = [each.outbox for each in peer._client.connections] + [
        line.outbox for line in peer._server._lines.values()
    ]
    calls = [each.calls for each in peer._client.connections] + [line.calls for line in peer._server._lines.values()]
    return not (peer.pending or peer.serving or peer._client._quota.used or any(map(len, outboxes)) or any(calls))


def test_cancelled_calls_free_both_sides(world: Any) -> None:
    @world.run
    async def scenario() -> None:
        alice, bob = world.peer(), world.peer()
        bob.handle(ExpertForward, echo)
        bob.handle(TrunkFetch, never)
        await alice.call(bob.contact, FORWARD, [b"x"], timeout=5)
        for patience in (0, 0, 0.002, 0.005, 0.02):  # seconds until they are cancelled: in every stage
            calls = [
                asyncio.create_task(alice.call(bob.contact, FORWARD, [bytes(6 * MIB)], timeout=50)) for _ in range(4)
            ]
            calls.append(asyncio.create_task(alice.call(bob.contact, TrunkFetch(bytes(32)), timeout=50)))
            await asyncio.sleep(patience)
            for call in calls:
                call.cancel()
            await asyncio.gather(*calls, return_exceptions=True)
        await settled(lambda: idle(alice), lambda: idle(bob))
        reply = await alice.call(bob.contact, FORWARD, [b"still there"], timeout=5)
        assert bytes(reply.payload[0]) == b"still there"


def test_what_is_done_for_a_caller_that_is_gone_ends_at_once(world: Any) -> None:
    @world.run
    async def scenario() -> None:
        alice, bob = world.peer(), world.peer()
        bob.handle(TrunkFetch, never)
        call = asyncio.create_task(alice.call(bob.contact, TrunkFetch(bytes(32)), timeout=500))
        await settled(lambda: bob.serving == 1)
        await alice.close()
        await settled(lambda: bob.serving == 0)
        await asyncio.gather(call, return_exceptions=True)
