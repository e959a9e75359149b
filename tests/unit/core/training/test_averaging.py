"""Trunks meet in virtual time: they come together, newcomers catch up, unsound vectors and silent peers do no harm."""

import asyncio
import random

import pytest
import torch
from torch import nn

from core.projects.manifest import TrainerSpec
from core.tensors.codec import encode
from core.training.averaging import AveragingConfig, TrunkAverager
from core.training.trunk import Trunk
from net.clock import LoopClock, VirtualTimeLoop
from net.errors import RemoteError
from net.rpc.base import Reply
from net.wire.messages import FailureCode, TensorHeader, TrunkExchange, TrunkFetch, TrunkState
from tests.support.expert_swarm import PROJECT, Swarm

SIZE = 40
PERIOD_S = 5.0


class Trainers:
    """Trainers of one project on one virtual network."""

    def __init__(self):
        self.swarm = Swarm(LoopClock(asyncio.get_running_loop()))
        self.tasks = []

    def add(self, value=1.0, *, steps=0, run=True, **config):
        """A trainer whose trunk is full of `value` and that has taken `steps` steps."""
        peer = self.swarm.peer()
        peer.rpc.fault.delay = 0.05
        trunk = Trunk(nn.Linear(SIZE, 1, bias=False), TrainerSpec(batch=1, learning_rate=1e-8, weight_decay=0.0))
        for _ in range(steps):
            trunk.apply(torch.ones(SIZE))
        trunk.replace(steps, torch.full((SIZE,), value))
        averager = TrunkAverager(
            peer.rpc,
            peer.dht,
            lambda: peer.contact,
            PROJECT,
            trunk,
            self.swarm.clock,
            PERIOD_S,
            config=AveragingConfig(**{"announce_s": 5.0, "life_s": 15.0, "refresh_s": 1.0, **config}),
            rng=random.Random(len(self.swarm.peers)),
        )
        averager.peer, averager.trunk = peer, trunk
        if run:
            averager.task = asyncio.create_task(averager.run())
            self.tasks.append(averager.task)
        return averager

    async def train(self, seconds):
        """So much time passes, in which every trainer takes one (tiny) step a second."""
        for _ in range(seconds):
            for averager in [a for a in self.all if not a.task.done()]:
                averager.trunk.apply(torch.ones(SIZE))
            await asyncio.sleep(1.0)

    all = ()

    async def close(self):
        for task in self.tasks:
            task.cancel()
        await asyncio.gather(*self.tasks, return_exceptions=True)


def virtual(scenario):
    """Runs the test in virtual time with a fresh set of trainers."""

    def test():
        async def main():
            trainers = Trainers()
            try:
                await scenario(trainers)
            finally:
                await trainers.close()

        with asyncio.Runner(loop_factory=VirtualTimeLoop) as runner:
            runner.run(main())

    test.__name__, test.__doc__ = scenario.__name__, scenario.__doc__
    return test


def value(averager):
    return float(averager.trunk.read()[1].mean())


def spread(averagers):
    return max(map(value, averagers)) - min(map(value, averagers))


def request(vector, *, step=500, project=PROJECT):
    header, buffer = encode(vector)
    return TrunkExchange(project, step, (header,)), (buffer,)


@virtual
async def test_trunks_come_together_and_their_mean_stays(trainers):
    trainers.all = [trainers.add(v, steps=300) for v in (1.0, 2.0, 3.0, 4.0, 5.0)]
    assert spread(trainers.all) == 4.0
    await trainers.train(120)
    assert all(averager.trainers_seen == 5 for averager in trainers.all)
    assert spread(trainers.all) < 0.1
    assert sum(map(value, trainers.all)) / 5 == pytest.approx(3.0, abs=0.01)
    assert all(averager.meetings > 10 for averager in trainers.all)


@virtual
async def test_two_who_ask_each_other_do_not_swap(trainers):
    one, other = trainers.all = [trainers.add(v, steps=300, run=False) for v in (1.0, 3.0)]
    for averager in trainers.all:
        await averager._list.announce(300)
    for averager in trainers.all:
        await averager._list.refresh()
    results = await asyncio.gather(one.average(), other.average())
    assert sorted(results) == [False, True]
    assert value(one) == pytest.approx(2.0)
    assert value(other) == pytest.approx(2.0)


@virtual
async def test_steps_taken_meanwhile_are_kept(trainers):
    one, other = [trainers.add(v, steps=300, run=False) for v in (1.0, 3.0)]
    await other._list.announce(300)
    await one._list.refresh()
    meeting = asyncio.create_task(one.average())
    await asyncio.sleep(0.01)  # the vector is under way
    one.trunk.shift(torch.full((SIZE,), 0.25))
    assert await meeting
    assert value(one) == pytest.approx(2.25)
    assert value(other) == pytest.approx(2.0)


@virtual
async def test_a_newcomer_takes_over_the_trunk_that_is_furthest(trainers):
    for steps, v in ((300, 7.0), (200, 5.0)):
        await trainers.add(v, steps=steps, run=False)._list.announce(steps)
    newcomer = trainers.add(0.0, run=False)
    assert await newcomer.join()
    assert value(newcomer) == 7.0
    assert newcomer.trunk.age == 300
    assert newcomer.trunk.applied == 0
    assert not await newcomer.join()  # nobody is further now


@virtual
async def test_the_first_trainer_has_nobody_to_join(trainers):
    first = trainers.add(1.0, run=False)
    assert not await first.join()
    assert not await first.average()
    assert first.trainers_seen == 1
    twin = trainers.add(2.0, run=False)
    await twin._list.announce(0)
    assert not await first.join()  # both begin: nobody is further


@virtual
async def test_a_newcomer_asks_the_next_when_one_is_silent(trainers):
    silent = trainers.add(9.0, steps=400, run=False)
    sound = trainers.add(7.0, steps=300, run=False)
    for averager in (silent, sound):
        await averager._list.announce(averager.trunk.age)
    silent.peer.rpc.fault.silent = True
    newcomer = trainers.add(0.0, run=False, timeout_s=3.0)
    assert await newcomer.join()
    assert value(newcomer) == 7.0


@virtual
async def test_one_who_hears_late_of_the_others_catches_up_instead_of_dragging_them_back(trainers):
    old = trainers.add(5.0, steps=300)
    late = trainers.add(1.0, steps=3)
    trainers.all = [old, late]
    await trainers.train(30)
    assert value(old) == pytest.approx(5.0, abs=0.01)
    assert value(late) == pytest.approx(5.0, abs=0.01)


@virtual
async def test_a_beginner_that_is_asked_by_one_who_is_further_takes_that_trunk(trainers):
    old = trainers.add(5.0, steps=300, run=False)
    beginner = trainers.add(1.0, steps=2, run=False)
    await beginner._list.announce(2)
    await old._list.refresh()
    assert await old.average()
    assert value(beginner) == pytest.approx(5.0)
    assert value(old) == pytest.approx(5.0)
    assert beginner.trunk.age == 300


@virtual
async def test_hostile_vectors_are_refused(trainers):
    victim, attacker = trainers.add(1.0, steps=300, run=False), trainers.swarm.peer()
    hostile = [
        torch.full((SIZE,), float("nan")),
        torch.full((SIZE,), float("inf")),
        torch.full((SIZE,), 1e30),
        torch.full((SIZE,), 900.0),  # finite, but far away
        torch.ones(SIZE + 1),
        torch.ones(SIZE - 1),
        torch.ones(1, SIZE),
        torch.ones(SIZE, dtype=torch.float64),
        torch.ones(0),
    ]
    for number, vector in enumerate(hostile):
        await asyncio.sleep(PERIOD_S)
        message, payload = request(vector, step=2**62)
        with pytest.raises(RemoteError) as caught:
            await attacker.rpc.call(victim.peer.contact, message, payload, timeout=5)
        assert caught.value.code == FailureCode.BAD_TENSOR, number
    await asyncio.sleep(PERIOD_S)
    lying = TrunkExchange(PROJECT, 1, (TensorHeader((SIZE,), "float32", "none", 4 * SIZE),) * 2)
    with pytest.raises(RemoteError, match="one tensor"):
        await attacker.rpc.call(victim.peer.contact, lying, (bytes(4 * SIZE),) * 2, timeout=5)
    assert victim.refused == len(hostile) + 1
    assert value(victim) == 1.0
    assert victim.meetings == 0


@virtual
async def test_a_claimed_age_cannot_run_away(trainers):
    victim, attacker = trainers.add(1.0, steps=300, run=False), trainers.swarm.peer()
    message, payload = request(torch.ones(SIZE), step=2**62)
    reply = await attacker.rpc.call(victim.peer.contact, message, payload, timeout=5)
    assert victim.trunk.age <= 1300
    assert reply.message.step <= 1300


@virtual
async def test_one_peer_cannot_pull_again_and_again(trainers):
    victim, attacker = trainers.add(1.0, steps=300, run=False), trainers.swarm.peer()
    message, payload = request(torch.full((SIZE,), 2.0))
    await attacker.rpc.call(victim.peer.contact, message, payload, timeout=5)
    assert value(victim) == 1.5
    with pytest.raises(RemoteError) as caught:
        await attacker.rpc.call(victim.peer.contact, message, payload, timeout=5)
    assert caught.value.code == FailureCode.BUSY
    assert 0 < caught.value.retry_after <= PERIOD_S
    assert value(victim) == 1.5
    await asyncio.sleep(caught.value.retry_after)
    await attacker.rpc.call(victim.peer.contact, message, payload, timeout=5)


@virtual
async def test_answers_are_checked_as_requests_are(trainers):
    asker = trainers.add(1.0, steps=300, run=False, rest_s=1.0)
    liar = trainers.add(1.0, steps=300, run=False)
    await liar._list.announce(300)
    await asker._list.refresh()
    answers = [torch.full((SIZE,), float("nan")), torch.full((SIZE,), 800.0), torch.ones(SIZE + 1)]
    for vector in answers:
        header, buffer = encode(vector)

        async def lie(caller, message, payload, reply=(header, buffer)):
            return Reply(TrunkState(2**62, (reply[0],)), (reply[1],))

        liar.peer.rpc.handlers[TrunkExchange] = lie
        assert not await asker.average()
        await asyncio.sleep(120)  # it is left alone for a while after each lie
        await liar._list.announce(300)
        await asker._list.refresh()
    assert asker.refused == len(answers)
    assert value(asker) == 1.0
    newcomer = trainers.add(0.0, run=False)
    header, buffer = encode(torch.full((SIZE,), 1e30))

    async def poison(caller, message, payload):
        return Reply(TrunkState(300, (header,)), (buffer,))

    liar.peer.rpc.handlers[TrunkFetch] = poison
    assert not await newcomer.join()
    assert value(newcomer) == 0.0


@virtual
async def test_another_project_is_not_served(trainers):
    averager, asker = trainers.add(1.0, run=False), trainers.swarm.peer()
    message, payload = request(torch.ones(SIZE), project=bytes(32))
    for each, data in ((message, payload), (TrunkFetch(bytes(32)), ())):
        with pytest.raises(RemoteError) as caught:
            await asker.rpc.call(averager.peer.contact, each, data, timeout=5)
        assert caught.value.code == FailureCode.NOT_FOUND


@virtual
async def test_a_dead_partner_is_left_alone_and_the_others_go_on(trainers):
    trainers.all = [trainers.add(v, steps=300, timeout_s=2.0) for v in (1.0, 2.0, 3.0, 4.0)]
    await trainers.train(10)
    dead = trainers.all[3]
    dead.task.cancel()
    dead.peer.rpc.fault.silent = True
    await trainers.train(60)
    living = trainers.all[:3]
    assert spread(living) < 0.1
    assert all(averager.trainers_seen == 3 for averager in living)  # its announcement has expired
    asked = sum(type(message) is TrunkExchange for averager in living for message in averager.peer.rpc.sent)
    assert asked > 20
    dead.peer.rpc.fault.silent = False
    dead.task = asyncio.create_task(dead.run())
    trainers.tasks.append(dead.task)
    await trainers.train(60)
    assert spread(trainers.all) < 0.1


@virtual
async def test_who_learns_nothing_new_asks_nobody_but_answers(trainers):
    paused, working = trainers.all = [trainers.add(v, steps=300) for v in (1.0, 3.0)]
    await asyncio.sleep(20)  # nobody trains: at first each has something to tell, then nobody has
    paused.peer.rpc.sent.clear()
    for _ in range(60):
        working.trunk.apply(torch.ones(SIZE))
        await asyncio.sleep(1.0)
    assert not any(isinstance(message, TrunkExchange) for message in paused.peer.rpc.sent)
    assert sum(isinstance(message, TrunkExchange) for message in working.peer.rpc.sent) > 5
    assert spread(trainers.all) < 1e-3


@virtual
async def test_leaving_is_announced(trainers):
    one, other = (trainers.add(1.0, run=False) for _ in range(2))
    for averager in (one, other):
        await averager._list.announce(0)
        await averager._list.refresh()
    assert other.trainers_seen == 2
    await one.leave()
    await other._list.refresh()
    assert other.trainers_seen == 1


@virtual
async def test_a_forged_announcement_is_ignored(trainers):
    sound, forger = (trainers.add(1.0, run=False) for _ in range(2))
    watcher = trainers.add(1.0, run=False)
    await sound._list.announce(5)
    (record,) = (await sound.peer.dht.get([sound._list._key]))[sound._list._key]
    forger.peer.dht.shared[(record.key, b"", forger.peer.identity.public_key)] = type(record)(
        record.key, b"", forger.peer.identity.public_key, 1, record.expires, record.value, bytes(64)
    )
    await watcher._list.refresh()
    assert [trainer.peer_id for trainer in watcher._list.others] == [sound.peer.peer_id]


@virtual
async def test_who_slept_catches_up_instead_of_dragging_the_others_back(trainers):
    awake = trainers.add(5.0, steps=3000)
    sleeper = trainers.add(1.0, steps=900)
    trainers.all = [awake, sleeper]
    sleeper._settled = True
    sleeper.woke()
    await trainers.train(30)
    assert value(awake) == pytest.approx(5.0, abs=0.01)
    assert value(sleeper) == pytest.approx(5.0, abs=0.01)
