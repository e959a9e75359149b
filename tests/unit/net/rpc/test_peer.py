"""RpcPeer in virtual time over the memory transport."""

import asyncio
import pytest

from net.errors import RemoteError, DeadlineExceeded, PeerUnreachable
from net.wire.messages import ExpertForward, ExpertResults, FailureCode, FindNode, Ping, Pong, Nodes

PROJECT = bytes(32)


async def test_request_and_response(make_peer):
    alice, bob = make_peer(), make_peer()
    seen = []

    async def pong(caller, request, payload):
        seen.append((caller.peer_id, caller.contact, caller.timeout))
        return Pong(5.0)

    bob.handle(Ping, pong)
    assert (await alice.call(bob.contact, Ping(), timeout=1)).message == Pong(5.0)
    assert seen == [(alice.peer_id, alice.contact, 1.0)]


async def test_big_payload(make_peer, rng):
    alice, bob = make_peer(), make_peer()

    async def echo(caller, request, payload):
        return ExpertResults(()), payload

    async def echo2(caller, request, payload):
        from net.rpc.base import Reply

        return Reply(ExpertResults(()), payload)

    bob.handle(ExpertForward, echo2)
    data = [rng.randbytes(n) for n in (5, 0, 3_000_000, 300_000)]
    reply = await alice.call(bob.contact, ExpertForward(PROJECT, ()), data, timeout=5)
    assert [bytes(b) for b in reply.payload] == data
