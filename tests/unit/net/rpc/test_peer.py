"""RpcPeer in virtual time over the memory transport."""

from typing import Any

from net.rpc.base import Reply
from net.wire.messages import ExpertForward, ExpertResults, Ping, Pong

PROJECT = bytes(32)


def test_the_handler_sees_who_asks(world: Any) -> None:
    @world.run
    async def scenario() -> None:
        alice, bob = world.peer(), world.peer()
        seen = []

        async def pong(caller, request, payload):
            seen.append((caller.peer_id, caller.contact, caller.timeout))
            return Pong(5.0)

        bob.handle(Ping, pong)
        assert (await alice.call(bob.contact, Ping(), timeout=1)).message == Pong(5.0)
        assert seen == [(alice.peer_id, alice.contact, 1.0)]


def test_big_payload(world):
    @world.run
    async def scenario() -> None:
        alice, bob = world.peer(), world.peer()

        async def echo(caller, request, payload):
            return Reply(ExpertResults(()), payload)

        bob.handle(ExpertForward, echo)
        data = [world.rng.randbytes(n) for n in (5, 0, 7_000_000, 300_000)]
        reply = await alice.call(bob.contact, ExpertForward(PROJECT, ()), data, timeout=5)
        assert [bytes(b) for b in reply.payload] == data
