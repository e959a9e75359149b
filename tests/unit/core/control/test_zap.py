"""Which connections the control socket admits."""

import pytest
import zmq.asyncio

from core.control.zap import SingleKeyZap

KEY = b"k" * 32
GOOD = [b"1.0", b"7", b"domain", b"127.0.0.1", b"", b"CURVE", KEY]


@pytest.fixture
async def zap():
    context = zmq.asyncio.Context()
    zap = SingleKeyZap(context, b"domain", KEY)
    yield zap
    zap.close()
    context.term()


async def test_the_one_key_is_let_in(zap):
    assert zap.decide(GOOD) == [b"1.0", b"7", b"200", b"", b"volunteer", b""]


@pytest.mark.parametrize(
    "request_frames",
    [
        [*GOOD[:6], b"x" * 32],
        [*GOOD[:5], b"NULL", KEY],
        [*GOOD[:5], b"PLAIN", b"user", b"password"],
        [*GOOD[:2], b"other", *GOOD[3:]],
        [b"2.0", *GOOD[1:]],
        GOOD[:6],
        [*GOOD, b"more"],
        [b"1.0"],
        [],
    ],
)
async def test_everything_else_is_refused_without_raising(zap, request_frames):
    answer = zap.decide(request_frames)
    assert len(answer) == 6
    assert answer[2] == b"400"
