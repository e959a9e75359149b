"""The payloads under way over one link: their chunks take turns, and wait where the link is not ready."""

from collections import deque
from collections.abc import Callable
from dataclasses import dataclass

from net.errors import QueueFull, TransportError
from net.rpc.streams import OutgoingPayload
from net.rpc.turns import Turns, Urgency
from net.transport.base import Frames, Link
from net.wire.envelope import Envelope, Kind, pack
from net.wire.limits import ATTACHED_BYTES, PEER_SEND_QUEUE


@dataclass(slots=True)
class _Sending:
    payload: OutgoingPayload
    urgency: Urgency
    done: Callable[[], None] | None
    begin: Frames | None = None  # the message itself, where even that had to wait
    turning: bool = True  # whether it is in the round


class Outbox:
    """See the module. turns: shared with all other links between which the sender may choose."""

    def __init__(self, link: Link, turns: Turns) -> None:
        self._link = link
        self._turns = turns
        self._payloads: dict[int, _Sending] = {}
        self._rounds: tuple[deque[int], ...] = tuple(deque() for _ in Urgency)

    def __len__(self) -> int:
        return len(self._payloads)

    @property
    def ready(self) -> bool:
        """See `net.rpc.turns.Source`."""
        return self._link.ready

    def send(
        self,
        envelope: Envelope,
        body: bytes,
        payload: OutgoingPayload,
        urgency: Urgency = Urgency.REST,
        done: Callable[[], None] | None = None,
    ) -> bool:
        """Send a message with its payload. True when all of it is on its way; else `done` is called when it is.

        A message without a payload goes at once; another one waits for its turn where that has to be waited for.
        Raises what `Link.send` raises, and then nothing has been sent.
        """
        first = payload.first
        if payload.small and len(body) <= ATTACHED_BYTES:
            frames: Frames = [pack(envelope, body, first)]
        else:
            frames = [pack(envelope, body), *first]
        wait = bool(first) and (not self._link.ready or self._turns.crowded(urgency))
        if not wait:
            self._link.send(frames)
            if payload.finished:
                return True
        elif len(self._payloads) >= PEER_SEND_QUEUE:
            raise QueueFull(f"{PEER_SEND_QUEUE} messages wait for {self._link.address} already.")
        self._payloads[envelope.call] = _Sending(payload, urgency, done, frames if wait else None)
        self._rounds[urgency].append(envelope.call)
        self._turns.ask(self, urgency)
        self._turns.run()
        return envelope.call not in self._payloads

    def grant(self, call: int, limit: int) -> None:
        """The receiver of this call's payload allows more."""
        sending = self._payloads.get(call)
        if sending is not None:
            sending.payload.grant(limit)
            if not sending.turning:
                sending.turning = True
                self._rounds[sending.urgency].append(call)
                self._turns.ask(self, sending.urgency)
                self._turns.run()

    def drop(self, call: int) -> None:
        """Send no more of this call's payload."""
        self._payloads.pop(call, None)

    def pump(self) -> None:
        """The link has room again."""
        for urgency in Urgency:
            if self._rounds[urgency]:
                self._turns.ask(self, urgency)
        self._turns.run_soon()

    def send_next(self, urgency: Urgency) -> bool:
        """See `net.rpc.turns.Source`."""
        rounds = self._rounds[urgency]
        while rounds:
            call = rounds.popleft()
            sending = self._payloads.get(call)
            if sending is None:
                continue
            frames = self._next_frames(call, sending)
            if frames is None:
                sending.turning = False
                continue
            try:
                self._link.send(frames)
            except TransportError:  # the link is gone, which its owner is told as well
                self._payloads.clear()
                return False
            if not sending.payload.finished:
                rounds.append(call)
            else:
                del self._payloads[call]
                if sending.done is not None:
                    sending.done()
            break
        return bool(rounds)

    def _next_frames(self, call: int, sending: _Sending) -> Frames | None:
        if sending.begin is not None:
            frames, sending.begin = sending.begin, None
            return frames
        chunk = sending.payload.next()
        if chunk is None:
            return None
        index, pieces = chunk
        return [pack(Envelope(Kind.CHUNK, 0, call, index)), *pieces]
