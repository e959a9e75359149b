"""Which chunk goes next: over one link, and over several."""

import asyncio
from collections.abc import Callable
from typing import Any

import pytest

from net.errors import PeerUnreachable, QueueFull
from net.rpc.outbox import Outbox
from net.rpc.streams import OutgoingPayload
from net.rpc.turns import CHUNKS_A_RUN, LEAST_EVERY, Turns, Urgency, urgency_of
from net.wire.envelope import Envelope, Kind, unpack
from net.wire.limits import ATTACHED_BYTES, CHUNK_BYTES, PEER_SEND_QUEUE
from net.wire.messages import ExpertBackward, ExpertForward, TrunkFetch


class FakeLink:
    """Takes a given number of messages, then is not ready. log: shared with other links, in the order of sending."""

    address = "tcp://10.0.0.1:1"

    def __init__(self, room: int, log: list[tuple[str, Envelope]] | None = None, name: str = "") -> None:
        self.room = room
        self.sent: list[Envelope] = []
        self.frames: list[int] = []  # of each message
        self.gone = False
        self.name = name
        self.log = [] if log is None else log

    @property
    def ready(self) -> bool:
        return self.room > 0

    def send(self, frames: Any) -> None:
        if self.gone:
            raise PeerUnreachable("gone")
        self.room -= 1
        self.sent.append(unpack(frames[0])[0])
        self.frames.append(len(frames))
        self.log.append((self.name, self.sent[-1]))


def post(
    outbox: Outbox,
    call: int,
    chunks: int,
    urgency: Urgency = Urgency.REST,
    done: Callable[[], None] | None = None,
) -> bool:
    payload = OutgoingPayload([bytes(chunks * CHUNK_BYTES)])
    return outbox.send(Envelope(Kind.REQUEST, 32, call, 0, payload.sizes), b"", payload, urgency, done)


async def pump(*outboxes: Outbox) -> None:
    for outbox in outboxes:
        outbox.pump()
    for _ in range(20):
        await asyncio.sleep(0)


async def test_payloads_take_turns_and_wait_for_room() -> None:
    link: Any = FakeLink(3)
    outbox, done = Outbox(link, Turns()), []
    for call in (1, 2):
        assert not post(outbox, call, 4, done=lambda call=call: done.append(call))
    link.room = 3
    await pump(outbox)
    link.room = 4
    await pump(outbox)
    assert [(each.call, each.argument) for each in link.sent] == [
        (1, 0),
        (1, 1),
        (1, 2),
        (1, 3),
        (2, 0),
        (2, 1),
        (2, 2),
        (2, 3),
    ]
    assert done == [1, 2]
    assert len(outbox) == 0


async def test_what_fits_goes_at_once() -> None:
    link: Any = FakeLink(10)
    outbox = Outbox(link, Turns())
    assert post(outbox, 1, 3)
    assert len(link.sent) == 3


async def test_a_message_without_a_payload_waits_for_nobody() -> None:
    link: Any = FakeLink(0)
    outbox = Outbox(link, Turns())
    assert outbox.send(Envelope(Kind.REQUEST, 32, 1), b"", OutgoingPayload(()))
    assert len(link.sent) == 1


@pytest.mark.parametrize(
    ("sizes", "body", "frames"),
    [((3, 0, 4), 10, 1), ((ATTACHED_BYTES,), 10, 1), ((ATTACHED_BYTES, 1), 10, 3), ((3,), 50_000, 2), ((0,), 10, 1)],
)
async def test_a_small_payload_is_attached_to_a_small_message(sizes: Any, body: int, frames: int) -> None:
    link: Any = FakeLink(10)
    payload = OutgoingPayload([bytes(size) for size in sizes])
    assert Outbox(link, Turns()).send(Envelope(Kind.REQUEST, 32, 1, 0, sizes), bytes(body), payload)
    assert link.frames == [frames]
    assert link.sent[0].attached is (frames == 1 and sum(sizes) > 0)


async def test_so_many_messages_may_wait_and_no_more() -> None:
    outbox = Outbox(FakeLink(0), Turns())  # type: ignore[arg-type]
    for call in range(PEER_SEND_QUEUE):
        post(outbox, call, 1)
    with pytest.raises(QueueFull):
        post(outbox, 999, 1)
    outbox.drop(5)
    post(outbox, 1000, 1)


async def test_a_dropped_payload_sends_no_more() -> None:
    link: Any = FakeLink(1)
    outbox = Outbox(link, Turns())
    post(outbox, 1, 5)
    outbox.drop(1)
    link.room = 10
    await pump(outbox)
    assert len(link.sent) == 1


async def test_a_link_that_breaks_in_between_ends_the_round() -> None:
    link: Any = FakeLink(1)
    outbox = Outbox(link, Turns())
    post(outbox, 1, 5)
    link.room, link.gone = 10, True
    await pump(outbox)
    assert len(outbox) == 0


async def test_a_small_payload_of_one_peer_passes_a_huge_one_of_another() -> None:
    turns, log = Turns(), []
    huge, small = FakeLink(1, log, "huge"), FakeLink(0, log, "small")
    boxes = [Outbox(huge, turns), Outbox(small, turns)]  # type: ignore[arg-type]
    post(boxes[0], 1, 12)
    post(boxes[1], 2, 3)
    huge.room = small.room = 100
    await pump(*boxes)
    assert [name for name, _ in log][:7] == ["huge", "huge", "small", "huge", "small", "huge", "small"]


async def test_the_most_urgent_goes_first_and_the_least_urgent_goes_on() -> None:
    turns, log = Turns(), []
    links = {urgency: FakeLink(0, log, urgency.name) for urgency in Urgency}
    boxes = {urgency: Outbox(link, turns) for urgency, link in links.items()}  # type: ignore[arg-type]
    for urgency in reversed(Urgency):
        post(boxes[urgency], 1, 15, urgency)
    for link in links.values():
        link.room = 1000
    await pump(*boxes.values())
    names = [name for name, _ in log]
    assert len(names) == 45
    assert names[: LEAST_EVERY - 1] == ["BACKWARD"] * (LEAST_EVERY - 1)
    assert names[LEAST_EVERY - 1] == "REST"
    assert names[LEAST_EVERY : 2 * LEAST_EVERY - 2] == ["FORWARD"] * (LEAST_EVERY - 2)


async def test_the_loop_is_not_kept_from_other_things() -> None:
    link: Any = FakeLink(1000)
    outbox = Outbox(link, Turns())
    post(outbox, 1, 17)
    assert len(link.sent) == 1 + CHUNKS_A_RUN
    await asyncio.sleep(0)
    assert len(link.sent) == 17


def test_urgencies_are_those_of_requests() -> None:
    assert [urgency_of(each.CODE) for each in (ExpertBackward, ExpertForward, TrunkFetch)] == list(Urgency)
