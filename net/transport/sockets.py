"""One ZeroMQ socket on the event loop, without the futures of `zmq.asyncio`, which cost more than the messages.

A socket's file descriptor only says "look again": it becomes readable once when something changed, and any call
on the socket may swallow that signal. So every look drains the socket, and every send is followed by a look.
"""

import asyncio
import logging
from collections.abc import Callable, Sequence

import zmq

from net.transport.base import Buffer
from net.transport.rates import Throttle
from net.wire.limits import MESSAGE_FRAMES, MIB

Frame = zmq.Frame

logger = logging.getLogger(__name__)

# Plain numbers: the flag class costs more than the call.
_POLLIN, _POLLOUT, _EVENTS, _NOBLOCK = int(zmq.POLLIN), int(zmq.POLLOUT), int(zmq.EVENTS), int(zmq.NOBLOCK)
_MORE = int(zmq.SNDMORE) | _NOBLOCK
_COPIED_BYTES = zmq.COPY_THRESHOLD  # what is shorter is sooner copied than shared
_FRAMES_A_TURN = 256  # then other things on the loop get theirs
_BYTES_A_TURN = 1 * MIB  # the same: what is read is copied at once


class LoopSocket:
    """Calls `on_message` with the frames of each whole message, and `on_progress` whenever sending may succeed.

    A message of more than MESSAGE_FRAMES frames is read away and passed to `on_flood` (its first frames only).
    throttle: while it is closed nothing is read, so that the other side has to wait.
    """

    def __init__(
        self,
        socket: "zmq.Socket[bytes]",
        on_message: Callable[[list[Frame]], None],
        on_progress: Callable[[], None] | None = None,
        on_flood: Callable[[list[Frame]], None] | None = None,
        throttle: Throttle | None = None,
    ) -> None:
        self.raw = socket
        self._throttle = throttle
        self._read = 0  # bytes in this turn
        self._on_message = on_message
        self._on_progress = on_progress
        self._on_flood = on_flood
        self._loop = asyncio.get_running_loop()
        self._partial: list[Frame] = []
        self._flooded = False
        self._look_due = False
        self._looking = False
        self._used = False  # since the socket's events were last read: a signal may have been swallowed
        self.wants_room = False  # the owner of a one-peer socket sets it while something waits to be sent
        self.closed = False
        self._timer: asyncio.TimerHandle | None = None
        self._descriptor: int = socket.getsockopt(zmq.FD)  # type: ignore[assignment]
        self._loop.add_reader(self._descriptor, self.look)
        self.look_soon()  # what happened before now gave no signal

    def look_soon(self) -> None:
        """Look at the socket in the loop's next round; call it after using `raw`."""
        if not self._look_due and not self.closed:
            self._look_due = True
            self._loop.call_soon(self._look_now)

    def look_later(self, seconds: float) -> None:
        """Look at the socket in a while, whatever it signals."""
        if self._timer is None and not self.closed:
            self._timer = self._loop.call_later(seconds, self._on_timer)

    def soon(self, call: Callable[[], None]) -> None:
        """Call this in the loop's next round, outside of whatever runs now."""
        self._loop.call_soon(call)

    def send(self, frames: Sequence[Buffer]) -> bool:
        """Hand over one message; False where there is no room for it. What is large is shared, not copied.

        Raises ZMQError where the other side is gone.
        """
        send, last = self.raw.send, len(frames) - 1
        self._used = True
        try:
            for index, frame in enumerate(frames):
                send(frame, _MORE if index < last else _NOBLOCK, copy=len(frame) < _COPIED_BYTES)
        except zmq.Again:
            return False
        self.check()
        return True

    def check(self) -> None:
        """After using `raw`: see whether that swallowed a signal, and look again if so."""
        if self._look_due or self._looking:
            return
        events = self.raw.getsockopt(_EVENTS)
        self._used = False
        if (events & _POLLIN and self._may_read()) or (events & _POLLOUT and self.wants_room):  # type: ignore[operator]
            self.look_soon()

    def look(self) -> None:
        """Read what is there, then let the owner send what waits."""
        self._read = frames = 0
        self._looking = self._used = True
        try:
            while not self.closed and self._may_read() and (count := self._read_message(first=not frames)):
                frames += count
                if frames >= _FRAMES_A_TURN or self._read >= _BYTES_A_TURN:
                    self.look_soon()
                    break
            if self._on_progress is not None and not self.closed:
                self._on_progress()
        except BaseException:
            self.look_soon()  # an owner's mistake must not keep what came after it waiting for ever
            raise
        finally:
            self._looking = False
        if self._used and not self.closed:
            self.check()

    def close(self) -> None:
        """Let go of the descriptor and the socket; what has not left is discarded."""
        if self._timer is not None:
            self._timer.cancel()
        if not self.closed:
            self.closed = True
            self._loop.remove_reader(self._descriptor)
            self.raw.close(0)

    def _may_read(self) -> bool:
        throttle = self._throttle
        if throttle is None or throttle.open:
            return True
        throttle.wait(self._look_now)
        return False

    def _look_now(self) -> None:
        self._look_due = False
        if not self.closed:
            self.look()

    def _on_timer(self) -> None:
        self._timer = None
        if not self.closed:
            self.look()

    def _read_message(self, *, first: bool) -> int:
        """Read a message, or a part of a long one, and pass it on; how many frames that were, 0 where nothing is there.

        first: of this look, which a signal began: most likely something is there. Later it is asked whether, which is
        much cheaper than to catch that nothing was.
        """
        if not (first or self._partial):
            self._used = False
            if not self.raw.getsockopt(_EVENTS) & _POLLIN:  # type: ignore[operator]
                return 0
        self._used = True
        receive, partial = self.raw.recv, self._partial
        count = 0
        try:
            while count < _FRAMES_A_TURN:
                frame = receive(_NOBLOCK, copy=False)
                count += 1
                self._read += len(frame)
                if len(partial) < MESSAGE_FRAMES + 1:  # a ROUTER's messages begin with the routing id
                    partial.append(frame)
                else:
                    self._flooded = True
                if not frame.more:
                    self._pass_on()
                    break
        except zmq.Again:
            pass
        except zmq.ZMQError as error:
            logger.warning("A socket cannot be read: %s", error)
        return count

    def _pass_on(self) -> None:
        """Everything of one message is here."""
        frames, flooded, self._partial, self._flooded = self._partial, self._flooded, [], False
        if not flooded:
            self._on_message(frames)
        elif self._on_flood is not None:
            self._on_flood(frames)
