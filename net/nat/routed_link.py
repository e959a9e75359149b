"""A link to a peer that several routes lead to: the best is tried first, the next a moment later or when it fails.

Only the first message (a Hello) is sent over a route on trial, so that nothing is asked twice; whatever route brings
an answer first carries everything else, and the others are let go.
"""

import asyncio
from collections import deque
from collections.abc import Callable, Sequence

from net.errors import ClosedError, NetError, PeerUnreachable, QueueFull, TransportError
from net.transport.base import Frames, Link, Receiver
from net.wire.limits import PEER_SEND_QUEUE
from net.wire.messages import Plane

HEAD_START_S = 0.5
"""How long a route is tried alone; longer than a handshake takes over most lines."""

Way = Callable[[], Link]
"""Begins a link over one route. Raises AddressError, TransportError."""


class RoutedLink:
    """See `net.transport.base.Link`. Its owner passes on what the links on trial and the chosen one report."""

    outbound = True

    def __init__(
        self,
        plane: Plane,
        key: bytes,
        ways: Sequence[Way],
        receiver: Receiver,
        bind: Callable[[Link, "RoutedLink | None"], None],
    ) -> None:
        """ways: at least one; bind: told of each link that is begun, so that its news come here, and with None when
        that shall end.

        Raises the last way's error where none can be begun.
        """
        self.plane = plane
        self.key = key
        self.address = ""
        self.sent_bytes = 0
        self.received_bytes = 0
        self.open = True
        self.chosen: Link | None = None
        self._ways = deque(ways)
        self._receiver = receiver
        self._bind = bind
        self._trials: list[Link] = []
        self._first: Frames | None = None
        self._waiting: deque[Frames] = deque()
        self._timer: asyncio.TimerHandle | None = None
        self._try_next()

    @property
    def ready(self) -> bool:
        """See Link."""
        return self.open and self.chosen is not None and self.chosen.ready

    def send(self, frames: Frames) -> None:
        """See Link."""
        if not self.open:
            raise ClosedError("The link is closed.")
        if self.chosen is not None:
            self.chosen.send(frames)
        elif self._first is None:
            self._first = frames
            for trial in self._trials:
                trial.send(frames)
        elif len(self._waiting) >= PEER_SEND_QUEUE:
            raise QueueFull(f"{PEER_SEND_QUEUE} messages wait for a peer that is being dialled.")
        else:
            self._waiting.append(frames)
        self.sent_bytes += sum(map(len, frames))

    def close(self) -> None:
        """See Link."""
        self.open = False
        self._waiting.clear()
        self._let_go(None)
        if self.chosen is not None:
            self._bind(self.chosen, None)
            self.chosen.close()

    # --- what the links report -----------------------------------------------------------------------------------

    def received(self, link: Link, frames: Frames) -> None:
        """A message came over one of them."""
        if not self.open:
            return
        if self.chosen is None:
            self._choose(link)
        if link is self.chosen:
            self.received_bytes += sum(map(len, frames))
            self._receiver.received(self, frames)

    def writable(self, link: Link) -> None:
        """One of them has room."""
        if self.open and link is self.chosen:
            self._receiver.writable(self)

    def lost(self, link: Link, error: TransportError) -> None:
        """One of them is gone."""
        if not self.open:
            return
        if link is self.chosen:
            self._fail(error)
            return
        self._bind(link, None)
        if link in self._trials:
            self._trials.remove(link)
        if self.chosen is not None or self._trials:
            return
        try:
            self._try_next()
        except NetError:
            self._fail(error)

    def _choose(self, link: Link) -> None:
        self.chosen = link
        self.address = link.address
        self._let_go(link)
        waiting, self._waiting = self._waiting, deque()
        try:
            for frames in waiting:
                link.send(frames)
        except TransportError as error:
            self._fail(error)
            return
        if self.ready:
            self._receiver.writable(self)

    def _let_go(self, kept: Link | None) -> None:
        if self._timer is not None:
            self._timer.cancel()
            self._timer = None
        trials, self._trials = self._trials, []
        for trial in trials:
            if trial is not kept:
                self._bind(trial, None)
                trial.close()

    def _fail(self, error: TransportError) -> None:
        self.close()
        self._receiver.lost(self, error)

    def _try_next(self) -> None:
        """Begin the next way that can be begun. Raises the last one's error where none is left."""
        if self._timer is not None:
            self._timer.cancel()
            self._timer = None
        error: NetError = PeerUnreachable("No route is left.")
        while self._ways:
            try:
                link = self._ways.popleft()()
                if self._first is not None:
                    link.send(self._first)
            except NetError as failed:
                error = failed
                continue
            self._trials.append(link)
            self.address = self.address or link.address
            self._bind(link, self)
            if self._ways:
                self._timer = asyncio.get_running_loop().call_later(HEAD_START_S, self._late)
            return
        raise error

    def _late(self) -> None:
        self._timer = None
        try:
            self._try_next()
        except NetError:  # those that are being tried may still succeed
            return
