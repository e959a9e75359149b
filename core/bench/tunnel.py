"""netem in user space, for a Linux whose kernel has none: the loopback's packets pass a TUN device and wait here.

The TCP at both ends is the kernel's, with its own congestion control, acknowledgements and retransmissions; only the
queue in between is ours, and does to packets what tc-netem(8) does with `rate`, `delay`, `loss` and its default limit.
"""

import fcntl
import os
import random
import select
import struct
import threading
import time
from collections import deque
from collections.abc import Callable
from pathlib import Path

from core.bench.line import LineSpec
from core.errors import HiveletError

_DEVICE = "line"
_SET_INTERFACE = 0x400454CA  # TUNSETIFF, from Linux's if_tun.h
_WHOLE_PACKETS = 0x0001 | 0x1000  # IFF_TUN | IFF_NO_PI
_LIMIT = 1000  # packets, as netem has unless told otherwise
_READ_BYTES = 65536
_SETTINGS = ("route_localnet", "accept_local")
"""So that packets from 127.0.0.1 to itself may leave by a device and come back."""
_ROUTES = (
    f"link set {_DEVICE} mtu 1500 up",
    f"route add default dev {_DEVICE} src 127.0.0.1 table 99",
    "rule add pref 100 lookup local",  # for what comes in
    "rule add pref 10 iif lo to 127.0.0.0/8 lookup 99",  # for what programs of this namespace send
    "rule del pref 0",
)


class PacketQueue:
    """Which packets go on, and when. Pure: times come in."""

    def __init__(self, spec: LineSpec, rng: random.Random) -> None:
        self._spec = spec
        self._rng = rng
        self._free = 0.0
        self._waiting: deque[tuple[float, bytes]] = deque()

    def put(self, now: float, packet: bytes) -> None:
        """Take it, unless it is lost."""
        if self._rng.random() < self._spec.loss or len(self._waiting) >= _LIMIT:
            return
        self._free = max(now, self._free) + (len(packet) / self._spec.rate if self._spec.rate else 0.0)
        self._waiting.append((self._free + self._spec.delay_s / 2, packet))

    def wait_s(self, now: float) -> float | None:
        """Until the next one goes on; None when there is none."""
        return max(0.0, self._waiting[0][0] - now) if self._waiting else None

    def due(self, now: float) -> list[bytes]:
        """Those that go on now, in order."""
        found = []
        while self._waiting and self._waiting[0][0] <= now:
            found.append(self._waiting.popleft()[1])
        return found


def divert(spec: LineSpec, ip: Callable[[str], None], seed: int = 0) -> None:
    """Send the loopback of this process's own network namespace over the line, for as long as the process lives.

    ip: runs one command of iproute2. Raises HiveletError where the system has no TUN device.
    """
    try:
        device = os.open("/dev/net/tun", os.O_RDWR)
        fcntl.ioctl(device, _SET_INTERFACE, struct.pack("16sH22x", _DEVICE.encode(), _WHOLE_PACKETS))
        for scope in ("all", _DEVICE):
            for setting in _SETTINGS:
                Path(f"/proc/sys/net/ipv4/conf/{scope}/{setting}").write_text("1")
            Path(f"/proc/sys/net/ipv4/conf/{scope}/rp_filter").write_text("0")
        Path(f"/proc/sys/net/ipv6/conf/{_DEVICE}/disable_ipv6").write_text("1")
    except OSError as error:
        raise HiveletError(f"No TUN device can be made here: {error.strerror}.") from error
    for command in _ROUTES:
        ip(command)
    queue = PacketQueue(spec, random.Random(seed))
    threading.Thread(target=_carry, args=(device, queue), name="line", daemon=True).start()


def _carry(device: int, queue: PacketQueue) -> None:
    while True:
        if select.select([device], [], [], queue.wait_s(time.monotonic()))[0]:
            queue.put(time.monotonic(), os.read(device, _READ_BYTES))
        for packet in queue.due(time.monotonic()):
            os.write(device, packet)
