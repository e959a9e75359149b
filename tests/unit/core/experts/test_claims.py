"""Claims: every expert gets exactly one host, hosts that vanish are replaced, and nobody holds more than allowed."""

import asyncio
import random
from collections import Counter
from dataclasses import replace

from core.errors import ExpertError
from core.experts.claims import ClaimConfig, ExpertClaims, choose_vacant
from core.experts.service import ExpertHost
from core.experts.spec import ExpertSpec
from core.experts.uid import Grid
from tests.support.expert_swarm import PROJECT, Peer, Swarm

GRIDS = [Grid("a.", (4,)), Grid("b.", (2, 2))]
SPEC = ExpertSpec("nop", 2, 1)


class SwitchedGate:
    paused = False

    def wait(self, timeout: float | None = None, *, urgent: bool = False) -> bool:
        return True


class Hosting:
    """A peer that claims; its experts are only names here, as nothing is computed."""

    def __init__(self, swarm: Swarm, allowed: int, modesty_s: float = 0.0) -> None:
        self.peer: Peer = swarm.peer()
        self.gate = SwitchedGate()
        self.released: list[str] = []
        self.impossible: set[str] = set()
        self.directory = swarm.directory(self.peer, GRIDS)
        self.host = ExpertHost(self.peer.rpc, PROJECT, ["cpu"], self.gate, lambda *work: None, swarm.clock)
        self.claims = ExpertClaims(
            self.peer.dht,
            self.directory,
            self.host,
            allowed=allowed,
            acquire=self._acquire,
            release=self._release,
            rng=random.Random(self.peer.peer_id),
            config=replace(ClaimConfig.quick(), modesty_s=modesty_s),
        )

    async def _acquire(self, uid: str) -> None:
        if uid in self.impossible:
            raise ExpertError("It does not fit.")
        self.host.add(uid, SPEC, 0)

    async def _release(self, uid: str) -> None:
        self.host.remove(uid)
        self.released.append(uid)


def held(*hostings: Hosting) -> Counter[str]:
    return Counter(uid for each in hostings for uid in each.host.uids)


def everyone() -> Counter[str]:
    return Counter(uid for grid in GRIDS for uid in grid.uids())


def test_the_neediest_layer_comes_first_and_layers_fill_evenly() -> None:
    vacant = {"a.": ["a.1", "a.2", "a.3"], "b.": ["b.0", "b.1", "b.2", "b.3"], "c.": []}
    sizes = {"a.": 4, "b.": 4, "c.": 4}
    chosen = choose_vacant(vacant, sizes, 5, random.Random(1))
    assert chosen[0].startswith("b.")
    assert Counter(uid[0] for uid in chosen) == {"b": 3, "a": 2}
    assert sorted(choose_vacant(vacant, sizes, 99, random.Random(1))) == sorted(vacant["a."] + vacant["b."])
    assert choose_vacant(vacant, sizes, 0, random.Random(1)) == []


def test_different_peers_start_at_different_places() -> None:
    vacant = {"a.": [f"a.{n}" for n in range(64)]}
    firsts = {choose_vacant(vacant, {"a.": 64}, 1, random.Random(seed))[0] for seed in range(40)}
    assert len(firsts) > 20


def test_peers_that_start_together_share_all_experts_without_overlap(in_virtual_time) -> None:
    async def scenario(swarm: Swarm) -> None:
        hostings = [Hosting(swarm, allowed=2) for _ in range(4)]
        async with asyncio.TaskGroup() as tasks:
            running = [tasks.create_task(each.claims.run()) for each in hostings]
            await asyncio.sleep(10)
            assert held(*hostings) == everyone()
            assert all(len(each.host.uids) == 2 for each in hostings)
            await hostings[0].directory.refresh()
            assert hostings[0].directory.experts_alive == 8
            for each in running:
                each.cancel()
        assert not any(each.released for each in hostings)  # settled before anything was served

    in_virtual_time(scenario)


def test_the_first_peer_leaves_half_for_those_who_come_next_and_takes_the_rest_when_nobody_does(
    in_virtual_time,
) -> None:
    async def scenario(swarm: Swarm) -> None:
        first, second = Hosting(swarm, allowed=8, modesty_s=15.0), Hosting(swarm, allowed=2, modesty_s=15.0)
        async with asyncio.TaskGroup() as tasks:
            running = [tasks.create_task(first.claims.run())]
            await asyncio.sleep(5)
            assert len(first.host.uids) == 4
            running.append(tasks.create_task(second.claims.run()))
            await asyncio.sleep(5)
            assert len(second.host.uids) == 2
            await asyncio.sleep(15)
            assert len(first.host.uids) == 6
            assert held(first, second) == everyone()
            for each in running:
                each.cancel()

    in_virtual_time(scenario)


def test_experts_of_a_host_that_vanished_are_taken_over_when_its_word_expires(in_virtual_time) -> None:
    async def scenario(swarm: Swarm) -> None:
        first, second = Hosting(swarm, allowed=8), Hosting(swarm, allowed=8)
        async with asyncio.TaskGroup() as tasks:
            vanishing = tasks.create_task(first.claims.run())
            await asyncio.sleep(3)
            assert held(first) == everyone()
            staying = tasks.create_task(second.claims.run())
            vanishing.cancel()
            await asyncio.sleep(8)
            assert held(second) == Counter()
            await asyncio.sleep(12)
            assert held(second) == everyone()
            staying.cancel()

    in_virtual_time(scenario)


def test_a_host_that_says_goodbye_is_replaced_at_once(in_virtual_time) -> None:
    async def scenario(swarm: Swarm) -> None:
        first, second = Hosting(swarm, allowed=8), Hosting(swarm, allowed=8)
        async with asyncio.TaskGroup() as tasks:
            leaving = tasks.create_task(first.claims.run())
            await asyncio.sleep(3)
            staying = tasks.create_task(second.claims.run())
            await asyncio.sleep(3)
            leaving.cancel()
            await first.claims.withdraw()
            await asyncio.sleep(3)
            assert held(second) == everyone()
            staying.cancel()

    in_virtual_time(scenario)


def test_two_halves_of_a_parted_swarm_settle_in_favour_of_the_earlier_host(in_virtual_time) -> None:
    async def scenario(swarm: Swarm) -> None:
        first, second = Hosting(swarm, allowed=8), Hosting(swarm, allowed=8)
        together, second.peer.dht.shared = second.peer.dht.shared, {}
        async with asyncio.TaskGroup() as tasks:
            one = tasks.create_task(first.claims.run())
            await asyncio.sleep(2)
            other = tasks.create_task(second.claims.run())
            await asyncio.sleep(5)
            assert held(first) == held(second) == everyone()
            second.peer.dht.shared = together
            refreshing = tasks.create_task(second.directory.run())
            await asyncio.sleep(10)
            assert held(first) == everyone()
            assert held(second) == Counter()
            assert sorted(second.released) == sorted(everyone())
            for each in (one, other, refreshing):
                each.cancel()

    in_virtual_time(scenario)


def test_fewer_allowed_releases_the_surplus_for_others(in_virtual_time) -> None:
    async def scenario(swarm: Swarm) -> None:
        first, second = Hosting(swarm, allowed=8), Hosting(swarm, allowed=8)
        async with asyncio.TaskGroup() as tasks:
            running = [tasks.create_task(each.claims.run()) for each in (first, second)]
            await asyncio.sleep(5)
            first.claims.allow(1)
            second.claims.allow(7)
            await asyncio.sleep(10)
            assert (len(first.host.uids), len(second.host.uids)) == (1, 7)
            assert held(first, second) == everyone()
            for each in running:
                each.cancel()

    in_virtual_time(scenario)


def test_a_pause_is_announced_at_once_and_keeps_the_experts(in_virtual_time) -> None:
    async def scenario(swarm: Swarm) -> None:
        first, second = Hosting(swarm, allowed=8), Hosting(swarm, allowed=8)
        async with asyncio.TaskGroup() as tasks:
            one = tasks.create_task(first.claims.run())
            await asyncio.sleep(3)
            first.gate.paused = True
            first.claims.wake()
            await asyncio.sleep(0.1)
            other = tasks.create_task(second.claims.run())
            await asyncio.sleep(60)
            assert held(first) == everyone()
            assert held(second) == Counter()
            await second.directory.refresh()
            assert second.directory.experts_alive == 0
            first.gate.paused = False
            await asyncio.sleep(1)
            await second.directory.refresh()
            assert second.directory.experts_alive == 8
            one.cancel()
            other.cancel()

    in_virtual_time(scenario)


def test_an_expert_that_cannot_be_hosted_is_left_to_others_for_a_while(in_virtual_time) -> None:
    async def scenario(swarm: Swarm) -> None:
        poor, able = Hosting(swarm, allowed=8), Hosting(swarm, allowed=8)
        poor.impossible = {"a.1"}
        async with asyncio.TaskGroup() as tasks:
            one = tasks.create_task(poor.claims.run())
            await asyncio.sleep(4)
            assert "a.1" not in poor.host
            assert len(poor.host.uids) == 7
            other = tasks.create_task(able.claims.run())
            await asyncio.sleep(8)
            assert able.host.uids == ("a.1",)
            one.cancel()
            other.cancel()

    in_virtual_time(scenario)


def test_after_a_restart_a_peer_takes_back_what_was_its_own(in_virtual_time) -> None:
    async def scenario(swarm: Swarm) -> None:
        before = Hosting(swarm, allowed=3)
        async with asyncio.TaskGroup() as tasks:
            crashing = tasks.create_task(before.claims.run())
            await asyncio.sleep(3)
            crashing.cancel()
        had = before.host.uids
        for uid in had:  # the process is gone, its announcements are not
            before.host.remove(uid)
        async with asyncio.TaskGroup() as tasks:
            again = tasks.create_task(before.claims.run())
            await asyncio.sleep(3)
            assert before.host.uids == had
            again.cancel()

    in_virtual_time(scenario)


def test_only_experts_of_the_planned_size_are_claimed_and_larger_ones_go(in_virtual_time) -> None:
    async def scenario(swarm: Swarm) -> None:
        only = Hosting(swarm, allowed=8)
        only.claims.allow(8, lambda uid: -1 if uid.startswith("a.") else 0)
        await only.claims.round()
        await only.claims.round()
        assert {uid[:2] for uid in only.host.uids} == {"b."}
        only.claims.allow(8)
        for _ in range(3):
            await only.claims.round()
        assert held(only) == everyone()
        only.claims.allow(8, lambda uid: 1 if uid.startswith("a.") else 0)  # less memory: those are too large now
        await only.claims.round()
        assert {uid[:2] for uid in only.host.uids} == {"b."}
        assert {uid[:2] for uid in only.released} == {"a."}

    in_virtual_time(scenario)


def test_who_slept_leaves_its_experts_to_those_who_took_them_over_meanwhile(in_virtual_time) -> None:
    async def scenario(swarm: Swarm) -> None:
        sleeper, second = Hosting(swarm, allowed=8), Hosting(swarm, allowed=8)
        async with asyncio.TaskGroup() as tasks:
            awake = tasks.create_task(sleeper.claims.run())
            await asyncio.sleep(3)
            staying = tasks.create_task(second.claims.run())
            awake.cancel()
            await asyncio.sleep(30)
            assert held(second) == everyone()
            assert held(sleeper) == everyone()  # as it believes
            sleeper.claims.lapse()
            again = tasks.create_task(sleeper.claims.run())
            looking = tasks.create_task(sleeper.directory.run())
            await asyncio.sleep(10)
            assert held(second) == everyone()
            assert held(sleeper) == Counter()
            for each in (staying, again, looking):
                each.cancel()

    in_virtual_time(scenario)
