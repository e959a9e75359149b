"""A host behind a router that opens nothing serves an expert, to callers with and without a public address."""

import time
from collections.abc import Callable
from pathlib import Path
from typing import Any

from tests.integration.net.relay_nat_peer import HIDDEN, ROWS
from tests.integration.net.test_nat import Peer
from tests.support.namespaces import Computer, Internet

PROGRAM = Path(__file__).with_name("relay_nat_peer.py")
TENSORS = ROWS * HIDDEN * 4 * 5  # bytes that one forward and one backward call send, both ways together


class Role(Peer):
    """One `relay_nat_peer.py`."""

    program = PROGRAM

    def ask(self) -> dict[str, Any]:
        """Have it train the expert."""
        assert self.process.stdin is not None
        self.process.stdin.write("now\n")
        self.process.stdin.flush()
        result: dict[str, Any] = self.until(lambda now: now["result"], 25)["result"]
        return result


def until(condition: Callable[[], bool], seconds: float = 10.0) -> None:
    """Peers tell of what they have done a moment later."""
    end = time.monotonic() + seconds
    while not condition():
        assert time.monotonic() < end
        time.sleep(0.05)


def relayed(peers: list[Role]) -> int:
    """Bytes that all relays have passed on."""
    return sum(int(peer.until(lambda now: True)["relayed_bytes"]) for peer in peers)


def test_a_host_behind_nat_serves_through_relays_and_by_reversal() -> None:
    with Internet() as internet:

        def start(computer: Computer, *arguments: str) -> Role:
            return Role(computer, *arguments)

        first = start(internet.computer("first"), "public")
        address = first.until(lambda now: now["address"])["address"]
        public = [first, *(start(internet.computer(f"public{n}"), "public", address) for n in range(3))]
        host = start(internet.home("closed").computer("host"), "host", address)
        outside = start(internet.computer("outside"), "ask", address)
        inside = start(internet.home("other").computer("inside"), "ask", address)
        now = host.until(lambda now: now["relays"] == 2, 45)
        assert now["state"] == "relayed"
        # Both behind routers: everything goes through a relay.
        before = relayed(public)
        assert inside.ask()["text"] == ""
        until(lambda: relayed(public) - before > TENSORS)
        # A caller that others can dial is dialled by the host, and the relays are spared.
        outside.until(lambda now: now["state"] == "direct", 30)
        before = relayed(public)
        assert outside.ask()["text"] == ""
        time.sleep(0.5)  # ten times as long as a peer takes to tell of a change
        assert relayed(public) - before < TENSORS / 10
        for peer in (inside, outside, host):
            peer.stop()
