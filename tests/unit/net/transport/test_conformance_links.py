"""What every transport must do, over the memory network and over ZeroMQ. Here: links, and who is behind them."""

import asyncio
from typing import Any

import pytest

from net.errors import AddressError, ClosedError, PeerUnreachable
from net.identity import Identity, sign_contact
from net.wire.messages import (
    Ping,
    Plane,
    Pong,
)
from tests.support.rpc import FORWARD, Recorder, contact_of, pong

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
