"""What all links of a process share: its line to the network, with the caps on it, and the watch over connections."""

from net.transport.rates import Throttle
from net.transport.watch import FloodWatch
from net.wire.messages import Plane


class Line:
    """up, down: what passes, and what may pass. Made on a running event loop."""

    def __init__(self) -> None:
        self.up = Throttle()
        self.down = Throttle()
        self.watch = FloodWatch()

    def reading(self, plane: Plane) -> Throttle | None:
        """What holds back the reading of a plane's sockets: nothing on the control plane."""
        return self.down if plane is Plane.BULK else None

    def close(self) -> None:
        """Stop watching, forget who waits."""
        self.up.close()
        self.down.close()
        self.watch.close()
