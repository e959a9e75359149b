"""The mixture over the real RPC: sessions, signed contacts, tensors cut into chunks."""

import random

import torch

from core.experts.announcement import VERSION, Announcement, row_key
from core.experts.directory import ExpertDirectory
from core.experts.layers import build_layer
from core.experts.remote_expert import CallerConfig, ExpertCaller
from core.experts.runtime import OpenGate
from core.experts.service import ExpertHost
from core.experts.spec import ExpertSpec
from core.experts.uid import Grid
from core.moe.mixture import RemoteMixtureOfExperts
from net.clock import SystemClock
from net.dht.base import Entry
from net.identity import Identity
from net.rpc.peer import RpcPeer
from net.transport.memory import MemoryNetwork
from tests.support.expert_swarm import PROJECT, FakeDht, LoopThread, rows, seed_of

GRID = Grid("ffn.", (4,))
SPEC = ExpertSpec("ffn", 128, 16)
CLOCK = SystemClock()


async def _peers(count: int) -> list[RpcPeer]:
    network = MemoryNetwork(random.Random(0))
    return [RpcPeer(network.transport(), Identity(bytes([n + 1]) * 32), CLOCK) for n in range(count)]


async def _announce(peer: RpcPeer, dht: FakeDht) -> None:
    value = Announcement(VERSION, peer.contact, CLOCK.time(), 0, "serving").to_bytes()
    key = row_key(PROJECT, "ffn.")
    await dht.store([Entry(key, str(n).encode(), value, CLOCK.time() + 60) for n in range(GRID.size)])


async def _close(host: ExpertHost, peers: list[RpcPeer]) -> None:
    await host.close()
    for peer in peers:
        await peer.close()


def test_forward_and_backward_of_a_batch_that_travels_in_several_chunks() -> None:
    with LoopThread() as thread:
        server, client = peers = thread.run(_peers(2))
        host = ExpertHost(server, PROJECT, ["cpu"], OpenGate(), lambda *work: None, CLOCK)
        for uid in GRID.uids():
            host.add(uid, SPEC, seed_of(uid))
        thread.run(_call(host.start))
        dht = FakeDht({}, server.contact.public_key, CLOCK)
        thread.run(_announce(server, dht))
        directory = ExpertDirectory(dht, client, lambda: client.contact, PROJECT, [GRID], CLOCK)
        thread.run(directory.refresh())
        caller = ExpertCaller(client, directory, None, thread.loop, PROJECT, CallerConfig())
        mixture = RemoteMixtureOfExperts(in_features=128, grid=GRID, caller=caller, directory=directory, k_best=4)

        x = rows(1024, 128).requires_grad_()
        y = mixture(x)
        (gradient,) = torch.autograd.grad(y.sum(), x)

        weights = mixture.gate(x).softmax(1)
        outputs = torch.stack([build_layer(SPEC, seed_of(uid))(x) for uid in GRID.uids()], 1)
        expected = (weights.unsqueeze(2) * outputs).sum(1)
        torch.testing.assert_close(y, expected, rtol=1e-5, atol=1e-5)
        torch.testing.assert_close(gradient, torch.autograd.grad(expected.sum(), x)[0], rtol=1e-4, atol=1e-5)
        assert [host.steps(uid) for uid in GRID.uids()] == [1] * 4
        assert caller.rpc_failures == 0
        thread.run(_close(host, peers))


async def _call(function) -> None:
    function()
