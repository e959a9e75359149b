"""A real expert host behind a real node: tensors that lie, numbers that poison, more than it can take."""

import asyncio
import math
import struct
from collections.abc import Awaitable

import pytest
import torch

from net.errors import RemoteError
from net.rpc.base import Reply
from net.rpc.peer import RpcPeer
from net.wire.limits import MAX_CALLS
from net.wire.messages import (
    ExpertBackward,
    ExpertCall,
    ExpertForward,
    ExpertResults,
    FailureCode,
    TensorHeader,
)
from tests.hostile.node_process import HIDDEN, PROJECT, UID
from tests.support.siege import Node, peer, siege
from tests.support.strangers import Stranger, request, strangers

ROWS = 4
NBYTES = ROWS * HIDDEN * 4
GOOD = TensorHeader((ROWS, HIDDEN), "float32", "none", NBYTES)
ONES = struct.pack("<f", 1.0) * (ROWS * HIDDEN)

LIES = {
    "fewer bytes": TensorHeader((ROWS, HIDDEN), "float32", "none", NBYTES - 4),
    "more bytes": TensorHeader((ROWS, HIDDEN), "float32", "none", NBYTES + 4),
    "no bytes": TensorHeader((ROWS, HIDDEN), "float32", "none", 0),
    "2^31 rows": TensorHeader((2**31, HIDDEN), "float32", "none", NBYTES),
    "2^31 to the eighth": TensorHeader((2**31,) * 8, "float32", "none", NBYTES),
    "no rows": TensorHeader((0, HIDDEN), "float32", "none", 0),
    "a zero among large": TensorHeader((2**31, 0, 2**31), "float32", "none", 0),
    "another width": TensorHeader((ROWS * 2, HIDDEN // 2), "float32", "none", NBYTES),
    "no dimension": TensorHeader((), "float32", "none", NBYTES),
    "one dimension": TensorHeader((ROWS * HIDDEN,), "float32", "none", NBYTES),
    "three": TensorHeader((ROWS, 1, HIDDEN), "float32", "none", NBYTES),
    "another type": TensorHeader((ROWS, HIDDEN), "int32", "none", NBYTES),
    "a wider type": TensorHeader((ROWS, HIDDEN // 2), "float64", "none", NBYTES),
    "no type": TensorHeader((ROWS, HIDDEN), "", "none", NBYTES),
    "a type that is code": TensorHeader((ROWS, HIDDEN), "__import__", "none", NBYTES),
    "no encoding": TensorHeader((ROWS, HIDDEN), "float32", "", NBYTES),
    "an encoding that nobody knows": TensorHeader((ROWS, HIDDEN), "float32", "zip", NBYTES),
    # A bomb: few bytes that claim to unpack to the largest tensor there may be.
    "a compression bomb": TensorHeader((2**20, HIDDEN), "float32", "float16", NBYTES),
    "a bomb of 8-bit numbers": TensorHeader((2**24, HIDDEN), "float32", "blockwise8", NBYTES),
}
POISONS = [math.nan, math.inf, -math.inf, 1e38, -1e38, 3.4e38, 1e-45]


def floats(value: float) -> bytes:
    return struct.pack("<f", value) * (ROWS * HIDDEN)


async def forward(rpc: RpcPeer, node: Node, *headers: TensorHeader, payload: list[bytes]) -> Reply:
    return await rpc.call(node.contact, ExpertForward(PROJECT, (ExpertCall(UID, headers),)), payload, timeout=10)


async def backward(rpc: RpcPeer, node: Node, inputs: bytes, gradients: bytes) -> Reply:
    call = ExpertBackward(PROJECT, (ExpertCall(UID, (GOOD, GOOD)),))
    return await rpc.call(node.contact, call, [inputs, gradients], timeout=10)


def result(reply: Reply) -> tuple[int, list[torch.Tensor]]:
    assert isinstance(reply.message, ExpertResults)
    (only,) = reply.message.results
    return only.code, [torch.frombuffer(bytearray(buffer), dtype=torch.float32) for buffer in reply.payload]


async def code_of(answer: Awaitable[Reply]) -> int:
    """How a call ended. What was computed are numbers, whatever went in."""
    try:
        code, tensors = result(await answer)
    except RemoteError as error:
        return error.code
    assert all(torch.isfinite(tensor).all() for tensor in tensors)
    return code


async def healthy(rpc: RpcPeer, node: Node) -> torch.Tensor:
    """An honest caller's rows are computed, and what comes back are numbers."""
    code, tensors = result(await forward(rpc, node, GOOD, payload=[ONES]))
    assert code == 0
    assert torch.isfinite(tensors[0]).all()
    return tensors[0]


async def test_headers_that_lie(expert_node: Node) -> None:
    async with siege(expert_node, "tensor headers that lie", grow_mb=32) as honest:
        await healthy(honest, expert_node)
        for name, header in LIES.items():
            liar = peer()  # a new one each time: the host soon rests from one that lies
            try:
                for payload in ([ONES], [b""]):
                    code = await code_of(forward(liar, expert_node, header, payload=payload))
                    assert code in {FailureCode.BAD_TENSOR, FailureCode.BAD_REQUEST}, name
            finally:
                await liar.close()
        await healthy(honest, expert_node)


async def test_numbers_that_poison(expert_node: Node) -> None:
    """Activations and gradients of NaN, infinity, and the largest numbers: the expert's answers stay numbers."""
    async with siege(expert_node, "NaN, Inf and 1e38", grow_mb=32) as honest:
        before = await healthy(honest, expert_node)
        for poison in POISONS:
            for inputs, gradients in ((poison, 1.0), (1.0, poison), (poison, poison)):
                poisoner = peer()
                try:
                    code = await code_of(backward(poisoner, expert_node, floats(inputs), floats(gradients)))
                finally:
                    await poisoner.close()
                finite = math.isfinite(inputs) and math.isfinite(gradients)
                assert finite or code == FailureCode.BAD_TENSOR
        after = await healthy(honest, expert_node)
        assert (after - before).abs().max() < 1.0  # clipped steps of a small rate, however large the gradient


async def test_other_projects_other_experts_and_tensors_that_are_missing(expert_node: Node) -> None:
    async with siege(expert_node, "requests for what is not here", grow_mb=32) as honest:
        with pytest.raises(RemoteError, match="no experts of that project"):
            await honest.call(expert_node.contact, ExpertForward(bytes(32), ()), timeout=10)
        for uid in ("ffn.9", "", "../../etc/passwd", "ffn.0\0", "ﬀn.0"):
            call = ExpertForward(PROJECT, (ExpertCall(uid, (GOOD,)),))
            code, _ = result(await honest.call(expert_node.contact, call, [ONES], timeout=10))
            assert code == FailureCode.NOT_FOUND
        for payload in ([], [ONES] * 2):
            with pytest.raises(RemoteError, match="more or fewer tensors"):
                await forward(honest, expert_node, GOOD, payload=payload)
        await healthy(honest, expert_node)


async def test_256_calls_in_one_message_from_many_at_once(expert_node: Node) -> None:
    """The host says BUSY when its queues are full; who asks for little is computed in between."""
    call = ExpertForward(PROJECT, (ExpertCall(UID, (GOOD,)),) * MAX_CALLS)
    async with siege(expert_node, "12 x 256 calls at once", grow_mb=96) as honest:
        greedy = peer()
        try:
            flood = [
                asyncio.create_task(greedy.call(expert_node.contact, call, [ONES] * MAX_CALLS, timeout=20))
                for _ in range(12)
            ]
            await asyncio.sleep(0.05)
            await healthy(honest, expert_node)
            answers = await asyncio.gather(*flood, return_exceptions=True)
            assert all(isinstance(answer, Reply | RemoteError) for answer in answers), answers
        finally:
            await greedy.close()


async def test_clients_that_vanish_in_the_middle_of_a_tensor(expert_node: Node) -> None:
    """Each announces 32 MB, sends the first chunk, and is gone: nothing of it is kept."""
    large = TensorHeader((2**17, HIDDEN), "float32", "none", 2**25)
    call = ExpertForward(PROJECT, (ExpertCall(UID, (large,)),))
    # What one stranger may have under way is 128 MB, but memory is taken as bytes come: a buffer is not touched before.
    async with siege(expert_node, "30 clients that vanish in the middle of a tensor", grow_mb=128):
        with strangers() as context:
            for _ in range(30):
                stranger = Stranger(context, expert_node.contact, bulk=True)
                await stranger.greet()
                await stranger.socket.send_multipart([request(call, sizes=(2**25,)), bytes(2**18)])
                stranger.socket.close(100)
                await asyncio.sleep(0.01)
