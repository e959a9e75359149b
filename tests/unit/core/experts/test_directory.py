"""The cached view: what is announced and usable now, and who is left alone until when."""

import asyncio

from core.experts.announcement import row_key
from core.experts.directory import DirectoryConfig, ExpertDirectory
from core.experts.uid import Grid
from net.wire.messages import FailureCode, Ping
from tests.support.expert_swarm import PROJECT, Swarm

GRID = Grid("ffn.", (2, 2))
LINE = Grid("out.", (3,))


def names(directory: ExpertDirectory, prefix: str = "ffn.") -> list[str]:
    return [expert.uid for expert in directory.alive(prefix).experts]


def test_announced_experts_appear_and_expire(in_virtual_time) -> None:
    async def scenario(swarm: Swarm) -> None:
        me, host = swarm.peer(), swarm.peer()
        directory = swarm.directory(me, [GRID, LINE])
        assert (names(directory), directory.vacant("ffn."), directory.experts_total) == ([], [], 7)
        await swarm.announce(host, "ffn.1.0", life=10)
        await swarm.announce(host, "ffn.0.1", life=30)
        await swarm.announce(me, "out.2")
        await directory.refresh()
        assert names(directory) == ["ffn.0.1", "ffn.1.0"]
        assert names(directory, "out.") == ["out.2"]
        assert directory.vacant("ffn.") == ["ffn.0.0", "ffn.1.1"]
        assert directory.vacant("out.") == ["out.0", "out.1", "out.2"]  # our own one may be from before a restart
        assert directory.host_of("ffn.0.1") == host.contact
        assert directory.host_of("ffn.0.0") is None
        assert (directory.experts_alive, directory.experts_of(host.peer_id)) == (3, 2)
        await asyncio.sleep(15)
        await directory.refresh()
        assert names(directory) == ["ffn.0.1"]

    in_virtual_time(scenario)


def test_paused_and_wanted_experts_are_neither_callable_nor_vacant(in_virtual_time) -> None:
    async def scenario(swarm: Swarm) -> None:
        me, host = swarm.peer(), swarm.peer()
        directory = swarm.directory(me, [LINE])
        await swarm.announce(host, "out.0", state="paused")
        await swarm.announce(host, "out.1", state="claiming")
        await directory.refresh()
        assert names(directory, "out.") == []
        assert directory.vacant("out.") == ["out.2"]
        assert directory.callable_host("out.0") is None
        assert directory.find("out.0").state == "paused"

    in_virtual_time(scenario)


def test_names_outside_the_grids_are_nobodys(in_virtual_time) -> None:
    async def scenario(swarm: Swarm) -> None:
        directory = swarm.directory(swarm.peer(), [LINE])
        for uid in ("", "other.1", "out.", "out.9", "nonsense"):
            assert directory.callable_host(uid) is None
            assert directory.find(uid) is None

    in_virtual_time(scenario)


def test_a_silent_host_is_avoided_at_once_and_returns_when_it_answers_a_ping(in_virtual_time) -> None:
    async def scenario(swarm: Swarm) -> None:
        me, dead, well = swarm.peer(), swarm.peer(), swarm.peer()
        directory = swarm.directory(me, [LINE])
        for peer, uid in ((dead, "out.0"), (well, "out.1")):
            await swarm.announce(peer, uid, life=3000)
        async with asyncio.TaskGroup() as tasks:
            running = tasks.create_task(directory.run())
            await asyncio.sleep(1)
            assert names(directory, "out.") == ["out.0", "out.1"]
            dead.rpc.fault.unreachable = True
            directory.report_failure(dead.peer_id)
            assert names(directory, "out.") == ["out.1"]
            await asyncio.sleep(100)
            assert names(directory, "out.") == ["out.1"]
            pings = sum(isinstance(message, Ping) for message in me.rpc.sent)
            assert 7 <= pings <= 10  # after 0.5, 1, 2, 4, 8, 16, 30, 30 s
            dead.rpc.fault.unreachable = False
            await asyncio.sleep(31)
            assert names(directory, "out.") == ["out.0", "out.1"]
            running.cancel()

    in_virtual_time(scenario)


def test_a_refusal_to_a_ping_is_an_answer(in_virtual_time) -> None:
    async def scenario(swarm: Swarm) -> None:
        me, host = swarm.peer(), swarm.peer()
        directory = swarm.directory(me, [LINE])
        await swarm.announce(host, "out.0")
        await directory.refresh()
        directory.report_failure(host.peer_id)
        host.rpc.fault.error = FailureCode.UNKNOWN_METHOD
        await asyncio.sleep(0.6)
        await directory.probe()
        assert names(directory, "out.") == ["out.0"]

    in_virtual_time(scenario)


def test_an_answer_forgives_at_once(in_virtual_time) -> None:
    async def scenario(swarm: Swarm) -> None:
        me, host = swarm.peer(), swarm.peer()
        directory = swarm.directory(me, [LINE])
        await swarm.announce(host, "out.0")
        await directory.refresh()
        directory.report_failure(host.peer_id)
        directory.report_success(host.peer_id)
        assert names(directory, "out.") == ["out.0"]

    in_virtual_time(scenario)


def test_errors_are_tolerated_twice_and_rest_ends_by_itself(in_virtual_time) -> None:
    async def scenario(swarm: Swarm) -> None:
        me, host = swarm.peer(), swarm.peer()
        directory = swarm.directory(me, [LINE])
        await swarm.announce(host, "out.0")
        await swarm.announce(host, "out.1")
        await directory.refresh()
        directory.report_error(host.peer_id)
        directory.report_error(host.peer_id)
        assert len(names(directory, "out.")) == 2
        directory.report_error(host.peer_id)
        assert names(directory, "out.") == []
        await asyncio.sleep(0.6)
        assert len(names(directory, "out.")) == 2
        directory.report_success(host.peer_id)
        directory.put_aside(host.peer_id, 2.0)
        await asyncio.sleep(1.9)
        assert names(directory, "out.") == []
        await asyncio.sleep(0.2)
        assert len(names(directory, "out.")) == 2

    in_virtual_time(scenario)


def test_one_expert_may_be_left_alone_without_its_host(in_virtual_time) -> None:
    async def scenario(swarm: Swarm) -> None:
        me, host = swarm.peer(), swarm.peer()
        directory = swarm.directory(me, [LINE])
        for uid in LINE.uids():
            await swarm.announce(host, uid)
        await directory.refresh()
        directory.expert_failed("out.0")
        directory.put_expert_aside("out.1", 3.0)
        assert names(directory, "out.") == ["out.2"]
        directory.expert_answered("out.0")
        assert names(directory, "out.") == ["out.0", "out.2"]
        await asyncio.sleep(3.1)
        assert names(directory, "out.") == ["out.0", "out.1", "out.2"]

    in_virtual_time(scenario)


def test_an_unchanged_view_keeps_its_prepared_index(in_virtual_time) -> None:
    async def scenario(swarm: Swarm) -> None:
        me, host = swarm.peer(), swarm.peer()
        directory = swarm.directory(me, [LINE])
        await swarm.announce(host, "out.0", step=1)
        await directory.refresh()
        view = directory.alive("out.")
        await swarm.announce(host, "out.0", step=2)
        await directory.refresh()
        assert directory.alive("out.") is view
        await swarm.announce(host, "out.1")
        await directory.refresh()
        assert directory.alive("out.") is not view

    in_virtual_time(scenario)


def test_large_grids_are_looked_at_in_turn(in_virtual_time) -> None:
    async def scenario(swarm: Swarm) -> None:
        me, host = swarm.peer(), swarm.peer()
        grid = Grid("big.", (5, 2))
        directory = swarm.directory(me, [grid], DirectoryConfig(rows_per_refresh=2))
        for uid in grid.uids():
            await swarm.announce(host, uid)
        seen = []
        for _ in range(3):
            await directory.refresh()
            seen.append(len(directory.alive("big.")))
        assert seen == [4, 8, 10]
        assert max(map(len, me.dht.gets)) == 2
        await directory.look_at(["big.4.1"])
        assert len(me.dht.gets[-1]) == 1

    in_virtual_time(scenario)


def test_many_who_ask_for_a_fresh_look_share_one(in_virtual_time) -> None:
    async def scenario(swarm: Swarm) -> None:
        me = swarm.peer()
        directory = swarm.directory(me, [LINE])
        await asyncio.gather(*(directory.refresh(max_age=1.0) for _ in range(10)))
        assert len(me.dht.gets) == 1
        await asyncio.sleep(1.0)
        await directory.refresh(max_age=1.0)
        assert len(me.dht.gets) == 2

    in_virtual_time(scenario)


def test_a_plain_read_takes_nothing_away(in_virtual_time) -> None:
    """Where requests are dear some rows are read plainly, and whoever answers may hide what it likes."""

    async def scenario(swarm: Swarm) -> None:
        me, host = swarm.peer(), swarm.peer()
        grid = Grid("big.", (6, 2))
        config = DirectoryConfig(requests_per_s=16.0, renew_s=1000.0)
        directory = swarm.directory(me, [grid], config)
        me.dht.costs, me.dht.hidden = (16, 4), True
        for _ in range(12):
            for uid in grid.uids():
                await swarm.announce(host, uid)
            await directory.refresh()
            assert len(directory.alive("big.")) == 12
            await asyncio.sleep(3.0)
        assert me.dht.plain_gets
        assert me.dht.questions <= 16 * (36 + 10 + 1)
        me.dht.hidden = False
        late = swarm.peer()
        swarm.records.clear()
        await swarm.announce(late, "big.5.1")
        for _ in range(6):
            await asyncio.sleep(3.0)
            await directory.refresh()
        assert directory.alive("big.").experts[-1].peer_id == late.peer_id
        assert len(directory.alive("big.")) == 1  # what is gone was read over disjoint paths meanwhile

    in_virtual_time(scenario)


def test_the_rows_of_a_host_that_failed_are_read_first(in_virtual_time) -> None:
    async def scenario(swarm: Swarm) -> None:
        me, host, other = swarm.peer(), swarm.peer(), swarm.peer()
        grid = Grid("big.", (6, 1))
        directory = swarm.directory(me, [grid], DirectoryConfig(rows_per_refresh=1))
        for number in range(6):
            await swarm.announce(host if number == 4 else other, f"big.{number}.0")
        for _ in range(7):
            await directory.refresh()
        directory.report_failure(host.peer_id)
        await directory.refresh()
        assert me.dht.gets[-1] == (row_key(PROJECT, "big.4."),)
        await directory.refresh()
        assert me.dht.gets[-1] == (row_key(PROJECT, "big.1."),)

    in_virtual_time(scenario)
