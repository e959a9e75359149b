"""What every transport must do: each test runs over the memory network and over ZeroMQ."""

import asyncio
from typing import Any

import pytest

from net.addresses import Contact
from net.errors import AddressError, ClosedError, DeadlineExceeded, PeerUnreachable, RemoteError
from net.identity import Identity, sign_contact
from net.rpc.base import Reply
from net.wire.codec import encode_fields
from net.wire.limits import BODY_BYTES, CHUNK_BYTES, MAX_CALLS_PER_PEER
from net.wire.messages import (
    ExpertForward,
    ExpertResults,
    FailureCode,
    FindNode,
    Nodes,
    Ping,
    Plane,
    Pong,
    Record,
    Store,
)

FORWARD = ExpertForward(bytes(32), ())
MIB = 1024 * 1024


async def pong(caller: Any, request: Ping, payload: Any) -> Pong:
    return Pong(1.5)


async def echo(caller: Any, request: ExpertForward, payload: Any) -> Reply:
    return Reply(ExpertResults(()), payload)


class Recorder:
    """A receiver that keeps everything it is told, and lets tests wait for it."""

    def __init__(self) -> None:
        self.messages: list[tuple[Any, list[bytes]]] = []
        self.lost_links: list[Any] = []
        self.news = asyncio.Condition()
        self._changed = asyncio.Event()

    def received(self, link: Any, frames: Any) -> None:
        self.messages.append((link, [bytes(frame) for frame in frames]))
        self._changed.set()

    def writable(self, link: Any) -> None:
        self._changed.set()

    def lost(self, link: Any, error: Exception) -> None:
        self.lost_links.append((link, error))
        self._changed.set()

    async def until(self, condition: Any) -> None:
        async with asyncio.timeout(10):
            while not condition():
                self._changed.clear()
                await self._changed.wait()


def contact_of(transport: Any, identity: Identity, now: float, **changes: Any) -> Contact:
    fields = {"curve_key": transport.key, "control": transport.control, "bulk": transport.bulk, "expires": now + 3600}
    return sign_contact(identity, **(fields | changes))


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


# --- who is there, and who is not -----------------------------------------------------------------------------


def test_nobody_at_the_address_is_noticed_at_once(world: Any) -> None:
    @world.run
    async def scenario() -> None:
        alice, bob = world.peer(), world.peer()
        await bob.close()
        for request in (Ping(), FORWARD):
            async with asyncio.timeout(5):
                with pytest.raises(PeerUnreachable):
                    await alice.call(bob.contact, request, timeout=30)


def test_a_peer_without_an_address_cannot_be_dialled(world: Any) -> None:
    @world.run
    async def scenario() -> None:
        alice = world.peer()
        hidden = sign_contact(
            Identity.generate(), curve_key=bytes(32), control="", bulk="", expires=world.clock().time() + 60
        )
        with pytest.raises(AddressError):
            await alice.call(hidden, Ping(), timeout=5)


def test_another_key_at_the_address_is_refused(world: Any) -> None:
    @world.run
    async def scenario() -> None:
        alice, bob, eve = world.peer(), world.peer(), world.peer()
        served = []

        async def note(caller: Any, request: Ping, payload: Any) -> Pong:
            served.append(caller)
            return Pong(0.0)

        eve.handle(Ping, note)
        # Bob's card with Eve's addresses: signed by Bob, so that only the proof of his CURVE key can tell.
        stolen = sign_contact(
            bob._identity,
            curve_key=bob.contact.curve_key,
            control=eve.contact.control,
            bulk=eve.contact.bulk,
            expires=bob.contact.expires,
        )
        async with asyncio.timeout(10):
            with pytest.raises(PeerUnreachable):
                await alice.call(stolen, Ping(), timeout=30)
        assert served == []


def test_a_peer_that_restarted_is_unreachable_under_its_old_contact_and_served_under_the_new(world: Any) -> None:
    @world.run
    async def scenario() -> None:
        alice, bob = world.peer(), world.peer()
        bob.handle(Ping, pong)
        await alice.call(bob.contact, Ping(), timeout=5)
        old = bob.contact
        await bob.close()
        reborn = world.peer(like=bob, identity=bob._identity)
        reborn.handle(Ping, pong)
        async with asyncio.timeout(10):
            with pytest.raises(PeerUnreachable):
                await alice.call(old, Ping(), timeout=30)
        assert (await alice.call(reborn.contact, Ping(), timeout=5)).message == Pong(1.5)


def test_calls_that_wait_when_the_peer_dies_fail_at_once(world: Any) -> None:
    @world.run
    async def scenario() -> None:
        alice, bob = world.peer(), world.peer()
        began = asyncio.Event()

        async def never(caller: Any, request: Any, payload: Any) -> Pong:
            began.set()
            await asyncio.Event().wait()
            raise AssertionError

        bob.handle(Ping, never)
        call = asyncio.create_task(alice.call(bob.contact, Ping(), timeout=60))
        await began.wait()
        await bob._transport.close()
        async with asyncio.timeout(5):
            with pytest.raises(PeerUnreachable):
                await call


def test_closing_ends_own_calls_with_closed_error(world: Any) -> None:
    @world.run
    async def scenario() -> None:
        alice, bob = world.peer(), world.peer()
        began = asyncio.Event()

        async def never(caller: Any, request: Any, payload: Any) -> Pong:
            began.set()
            await asyncio.Event().wait()
            raise AssertionError

        bob.handle(Ping, never)
        call = asyncio.create_task(alice.call(bob.contact, Ping(), timeout=60))
        await began.wait()
        await alice.close()
        with pytest.raises(ClosedError):
            await call
        with pytest.raises(ClosedError):
            await alice.call(bob.contact, Ping(), timeout=60)


# --- links ----------------------------------------------------------------------------------------------------


@pytest.mark.parametrize("plane", list(Plane))
def test_messages_of_one_link_arrive_in_order_and_so_do_the_answers(world: Any, plane: Plane) -> None:
    @world.run
    async def scenario() -> None:
        here, there = world.transport(), world.transport()
        mine, theirs = Recorder(), Recorder()
        here.attach(mine)
        there.attach(theirs)
        link = here.dial(contact_of(there, Identity.generate(), world.clock().time()), plane)
        sent = [[b"%d" % number, bytes(number)] for number in range(60)]
        for frames in sent:
            link.send(frames)
        await theirs.until(lambda: len(theirs.messages) == 60)
        assert [frames for _, frames in theirs.messages] == sent
        back = theirs.messages[0][0]
        assert {id(link) for link, _ in theirs.messages} == {id(back)}
        assert (back.outbound, back.plane, back.key) == (False, plane, here.key)
        for frames in sent:
            back.send(frames)
        await mine.until(lambda: len(mine.messages) == 60)
        assert [frames for _, frames in mine.messages] == sent


def test_the_first_message_of_every_new_link_arrives(world: Any) -> None:
    @world.run
    async def scenario() -> None:
        here, there = world.transport(), world.transport()
        mine, theirs = Recorder(), Recorder()
        here.attach(mine)
        there.attach(theirs)
        contact = contact_of(there, Identity.generate(), world.clock().time())
        for _ in range(60):
            links = [here.dial(contact, Plane.CONTROL) for _ in range(3)]
            theirs.messages.clear()
            for number, link in enumerate(links):
                link.send([b"%d" % number])
            await theirs.until(lambda: len(theirs.messages) == 3)
            for link in links:
                link.close()
        assert mine.lost_links == []


def test_a_link_counts_its_bytes(world: Any) -> None:
    @world.run
    async def scenario() -> None:
        here, there = world.transport(), world.transport()
        mine, theirs = Recorder(), Recorder()
        here.attach(mine)
        there.attach(theirs)
        link = here.dial(contact_of(there, Identity.generate(), world.clock().time()), Plane.BULK)
        link.send([b"12345", b"678"])
        await theirs.until(lambda: theirs.messages)
        assert link.sent_bytes == theirs.messages[0][0].received_bytes == 8


def test_a_lost_link_is_reported_once_and_takes_nothing_more(world: Any) -> None:
    @world.run
    async def scenario() -> None:
        here, there = world.transport(), world.transport()
        mine, theirs = Recorder(), Recorder()
        here.attach(mine)
        there.attach(theirs)
        link = here.dial(contact_of(there, Identity.generate(), world.clock().time()), Plane.CONTROL)
        link.send([b"hello"])
        await theirs.until(lambda: theirs.messages)
        await there.close()
        await mine.until(lambda: mine.lost_links)
        ((lost, error),) = mine.lost_links
        assert lost is link
        assert isinstance(error, PeerUnreachable)
        with pytest.raises(ClosedError):
            link.send([b"more"])
