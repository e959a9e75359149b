"""A peer that slept finds its swarm again at once, also when its card, and the others' at it, have become old."""

from pathlib import Path

from net.clock import SystemClock
from net.identity import Identity
from net.node import NodeConfig, PeerNode
from tests.integration.net.test_node import until


class Sleepy(SystemClock):
    """The wall clock of a computer that sleeps."""

    slept = 0.0

    def time(self) -> float:
        return super().time() + self.slept


async def test_a_peer_that_slept_is_in_the_swarm_again_at_once(tmp_path: Path) -> None:
    clock = Sleepy()
    first = await PeerNode.start(NodeConfig(loopback=True), Identity.generate(), clock)
    config = NodeConfig(bootstrap=(first.address,), loopback=True, contacts_file=tmp_path / "contacts")
    sleeper = await PeerNode.start(config, Identity.generate(), clock)
    try:
        await until(lambda: sleeper.dht.contacts() and first.dht.contacts(), 20)
        clock.slept = 86_400.0  # longer than cards and the routing table hold anybody
        sleeper.woke()
        assert [each for each in sleeper.peers() if each.direction == "out"] == []
        # By themselves both would look for each other half a minute later.
        await until(lambda: any(each.direction == "out" for each in sleeper.peers()), 5)
        await until(lambda: any(each.expires > clock.time() for each in sleeper.dht.contacts()), 5)
    finally:
        await sleeper.close()
        await first.close()
