"""The way into the swarm, in virtual time."""

import asyncio
import random
from typing import Any

import pytest

from net.addresses import Contact, Route
from net.bootstrap import CHECK_S, FIRST_PAUSE_S, LONGEST_PAUSE_S, MEMORY_PAUSE_S, Bootstrap
from net.clock import VirtualTimeLoop
from net.errors import AddressError, PeerUnreachable
from net.introduction import BootstrapAddress

FIRST = BootstrapAddress.parse("tcp://127.0.0.1:1")
SECOND = BootstrapAddress.parse("tcp://127.0.0.1:2")
CONTACT = Contact(bytes(32), bytes(32), (Route("tcp://127.0.0.1:3", "tcp://127.0.0.1:4"),), 0.0, bytes(64))


class Swarm:
    """Which addresses answer, who has joined, and when each was asked."""

    def __init__(self, *answering: BootstrapAddress) -> None:
        self.answering = set(answering)
        self.alone = True
        self.joined: list[list[Contact]] = []
        self.asked: dict[BootstrapAddress, list[float]] = {}

    async def introduce(self, address: BootstrapAddress) -> Contact:
        self.asked.setdefault(address, []).append(asyncio.get_running_loop().time())
        await asyncio.sleep(0.01)
        if address not in self.answering:
            raise PeerUnreachable("Nobody is there.")
        return CONTACT

    async def join(self, contacts: Any) -> int:
        self.joined.append(list(contacts))
        self.alone = False
        return 1

    def bootstrap(self, *addresses: BootstrapAddress) -> Bootstrap:
        return Bootstrap(
            addresses, introduce=self.introduce, join=self.join, alone=lambda: self.alone, rng=random.Random(1)
        )


def run(scenario: Any) -> None:
    with asyncio.Runner(loop_factory=VirtualTimeLoop) as runner:
        runner.run(scenario())


def test_whoever_answers_first_is_joined_and_the_silent_one_is_no_problem() -> None:
    async def scenario() -> None:
        swarm = Swarm(SECOND)
        bootstrap = swarm.bootstrap(FIRST, SECOND)
        task = asyncio.create_task(bootstrap.run())
        await asyncio.sleep(0.1)
        assert swarm.joined == [[CONTACT]]
        assert bootstrap.problem == ""
        assert swarm.asked[FIRST][0] == swarm.asked[SECOND][0]
        task.cancel()

    run(scenario)


def test_one_that_does_not_answer_is_asked_ever_more_slowly_and_named() -> None:
    async def scenario() -> None:
        swarm = Swarm()
        bootstrap = swarm.bootstrap(FIRST)
        task = asyncio.create_task(bootstrap.run())
        assert bootstrap.problem == ""
        await asyncio.sleep(2000)
        pauses = [later - earlier for earlier, later in zip(swarm.asked[FIRST], swarm.asked[FIRST][1:], strict=False)]
        assert pauses[0] < 1.3 * FIRST_PAUSE_S + 0.1
        assert all(pause < 1.3 * LONGEST_PAUSE_S for pause in pauses)
        assert sum(pauses[-5:]) / 5 == pytest.approx(LONGEST_PAUSE_S, rel=0.25)
        assert bootstrap.problem == "The bootstrap peer tcp://127.0.0.1:1 cannot be used: Nobody is there."
        swarm.answering.add(FIRST)
        await asyncio.sleep(1.3 * LONGEST_PAUSE_S)
        assert swarm.joined == [[CONTACT]]
        assert bootstrap.problem == ""
        task.cancel()

    run(scenario)


def test_a_peer_that_lost_everyone_asks_again() -> None:
    async def scenario() -> None:
        swarm = Swarm(FIRST)
        task = asyncio.create_task(swarm.bootstrap(FIRST).run())
        await asyncio.sleep(10 * CHECK_S)
        assert len(swarm.asked[FIRST]) == 1
        swarm.alone = True
        await asyncio.sleep(2 * CHECK_S)
        assert len(swarm.asked[FIRST]) == 2
        task.cancel()

    run(scenario)


def test_remembered_contacts_are_tried_beside_the_addresses() -> None:
    async def scenario() -> None:
        swarm = Swarm()
        task = asyncio.create_task(swarm.bootstrap(FIRST).run([CONTACT, CONTACT]))
        await asyncio.sleep(0.1)
        assert swarm.joined == [[CONTACT, CONTACT]]
        task.cancel()

    run(scenario)


def test_peers_of_an_earlier_run_are_asked_where_they_were_while_nobody_is_known() -> None:
    async def scenario() -> None:
        memory = [BootstrapAddress.parse(f"tcp://127.0.0.1:{port}") for port in range(10, 20)]
        swarm = Swarm(memory[5])
        task = asyncio.create_task(swarm.bootstrap(FIRST).run(memory=memory))
        await asyncio.sleep(0.7 * MEMORY_PAUSE_S)
        assert not swarm.asked.keys() & set(memory)  # their contacts may still hold
        await asyncio.sleep(MEMORY_PAUSE_S)
        assert swarm.joined == [[CONTACT]]
        assert swarm.asked.keys() & set(memory) == set(memory[:8])  # four at a time, until one answers
        await asyncio.sleep(5 * CHECK_S)
        assert len(swarm.asked[memory[0]]) == 1
        swarm.alone = True
        await asyncio.sleep(2 * CHECK_S)
        assert len(swarm.asked[memory[0]]) >= 2
        task.cancel()

    run(scenario)


def test_a_stale_memory_does_not_delay_a_bootstrap_peer() -> None:
    async def scenario() -> None:
        swarm = Swarm(FIRST)
        joins = asyncio.Event()

        async def join(contacts: Any) -> int:
            if len(contacts) > 1:  # the stale ones: nobody answers
                await asyncio.Event().wait()
            joins.set()
            return 1

        bootstrap = Bootstrap(
            [FIRST], introduce=swarm.introduce, join=join, alone=lambda: not joins.is_set(), rng=random.Random(1)
        )
        task = asyncio.create_task(bootstrap.run([CONTACT] * 40, [SECOND]))
        async with asyncio.timeout(0.1):
            await joins.wait()
        task.cancel()

    run(scenario)


def test_the_first_peer_of_a_swarm_has_no_problem() -> None:
    async def scenario() -> None:
        swarm = Swarm()
        bootstrap = swarm.bootstrap()
        await bootstrap.run()
        assert bootstrap.problem == ""

    run(scenario)


def test_an_address_may_pin_the_peer() -> None:
    pin = "ab" * 32
    address = BootstrapAddress.parse(f"tcp://peer.example:4242#{pin}")
    assert address.peer_id == bytes.fromhex(pin)
    assert str(address) == f"tcp://peer.example:4242#{pin}"
    assert BootstrapAddress.parse("tcp://peer.example:4242").peer_id is None


@pytest.mark.parametrize("text", ["", "tcp://h:0", "tcp://h:1#", "tcp://h:1#abcd", "tcp://h:1#" + "x" * 64, "h:1"])
def test_what_is_no_bootstrap_address_is_refused(text: str) -> None:
    with pytest.raises(AddressError):
        BootstrapAddress.parse(text)


def test_after_a_sleep_nobody_waits_for_the_next_look() -> None:
    async def scenario() -> None:
        swarm = Swarm()
        bootstrap = swarm.bootstrap(FIRST)
        task = asyncio.create_task(bootstrap.run())
        await asyncio.sleep(600)  # by now it asks once a minute
        swarm.answering.add(FIRST)
        bootstrap.woke()
        await asyncio.sleep(0.1)
        assert swarm.joined == [[CONTACT]]
        swarm.alone = True  # another sleep, in which everybody was forgotten
        bootstrap.woke()
        await asyncio.sleep(0.1)
        assert len(swarm.joined) == 2
        task.cancel()

    run(scenario)
