"""Peers behind real NAT rules, in network namespaces: how they find out how they are reached, and what they do."""

import json
import threading
import time
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any

import pytest

from tests.support.namespaces import Computer, Internet
from tests.support.router import nft, opened_ports, serve_port_mapping

PROGRAM = Path(__file__).with_name("nat_peer.py")
Status = dict[str, Any]


class Peer:
    """One `nat_peer.py`, and what it says."""

    program = PROGRAM

    def __init__(self, computer: Computer, *arguments: str) -> None:
        self.process = computer.python(self.program, *arguments)
        self._news = threading.Condition()
        self._now: Status = {}
        threading.Thread(target=self._read, daemon=True).start()

    def until(self, check: Callable[[Status], object], seconds: float = 15.0) -> Status:
        """The first status that passes the check."""
        with self._news:
            if not self._news.wait_for(lambda: self._now and check(self._now), seconds):
                raise AssertionError(f"after {seconds} s it is still so: {self._now}")
            return self._now

    @property
    def now(self) -> Status:
        """Its newest status."""
        with self._news:
            return self._now

    def stop(self) -> None:
        """End it in order."""
        self.process.stdin.close()  # type: ignore[union-attr]
        assert self.process.wait(10) == 0

    def _read(self) -> None:
        assert self.process.stdout is not None
        for line in self.process.stdout:
            with self._news:
                self._now = json.loads(line)
                self._news.notify_all()


def somebody(peers: list[Peer], check: Callable[[Status], object], seconds: float = 15.0) -> None:
    """Wait until the status of one of them passes the check: a newcomer makes itself known to a few."""
    end = time.monotonic() + seconds
    while not any(peer.now and check(peer.now) for peer in peers):
        assert time.monotonic() < end, [peer.now for peer in peers]
        time.sleep(0.05)


@pytest.fixture(scope="module")
def swarm() -> Iterator[tuple[Internet, str, list[Peer]]]:
    """Four peers with public addresses, in networks of their own."""
    with Internet() as internet:
        first = Peer(internet.computer("first"))
        address = first.until(lambda now: now["address"])["address"]
        peers = [first, *(Peer(internet.computer(f"public{number}"), address) for number in range(3))]
        yield internet, address, peers


def controls(now: Status) -> list[str]:
    """The direct routes' addresses."""
    return [control for control, relay in now["routes"] if not relay]


def lan_address(now: Status) -> str:
    """192.168.N.10, as it stands in the last route."""
    return str(now["routes"][-1][0]).split("/")[2].partition(":")[0]


def test_public_computers_are_reached_directly_over_both_families(swarm: Any) -> None:
    _, address, peers = swarm
    for peer in peers:
        now = peer.until(lambda now: now["state"] == "direct" and len(now["table"]) == 3)
        assert controls(now)[0].startswith("tcp://11.")
        assert controls(now)[1].startswith("tcp://[2a00:")
    assert address == "tcp://11.1.0.1:4800"


def test_behind_a_router_that_opens_nothing_a_peer_knows_that_nobody_reaches_it(swarm: Any) -> None:
    internet, address, peers = swarm
    laptop = Peer(internet.home("closed").computer("laptop"), "--mapping", address)
    now = laptop.until(lambda now: now["state"] in {"client", "relayed"} and now["problem"])
    assert controls(now) == [f"tcp://{lan_address(now)}:4801"]
    assert now["problem"].endswith("UPnP: no router answers.")
    assert len(now["table"]) == 4
    somebody(peers, lambda seen: now["peer_id"] in seen["known"])
    assert all(now["peer_id"] not in peer.now["table"] for peer in peers)  # a client is in nobody's table
    laptop.stop()


@pytest.mark.parametrize("protocol", ["upnp", "natpmp"])
def test_a_router_opens_ports_and_gets_them_back(swarm: Any, tmp_path: Path, protocol: str) -> None:
    internet, address, peers = swarm
    home = internet.home(protocol)
    serve_port_mapping(home, tmp_path, upnp=protocol == "upnp", natpmp=protocol == "natpmp")
    desktop = Peer(home.computer("desktop"), "--mapping", address)
    now = desktop.until(lambda now: now["state"] == "mapped")
    assert now["address"] == f"tcp://{home.router.v4}:4800"
    assert controls(now)[0] == f"tcp://{home.router.v4}:4801"
    opened = opened_ports(home)
    assert all(f"dnat ip to {lan_address(now)}:{port}" in opened for port in (4800, 4801, 4802))
    somebody(peers, lambda seen: now["peer_id"] in seen["table"])
    desktop.stop()
    assert "dnat" not in opened_ports(home)


def test_ports_that_somebody_opened_by_hand_are_found(swarm: Any) -> None:
    internet, address, _ = swarm
    home = internet.home("forwarded")
    server = home.computer("server")
    nft(home, f"add rule ip nat prerouting iifname eth0 tcp dport 4800-4802 dnat to {server.v4}")
    peer = Peer(server, address)
    now = peer.until(lambda now: now["state"] == "direct")
    assert now["address"] == f"tcp://{home.router.v4}:4800"
    caller = Peer(internet.computer("caller"), now["address"])  # the introduction's port is open, too
    caller.until(lambda seen: now["peer_id"] in seen["table"])
    caller.stop()
    peer.stop()


def test_ipv6_alone_is_enough_where_the_router_lets_it_in(swarm: Any) -> None:
    internet, address, _ = swarm
    home = internet.home("six", ipv6=True)
    desktop = home.computer("desktop")
    nft(home, f"add rule inet filter forward ip6 daddr {desktop.v6} tcp dport 4800-4802 accept")
    peer = Peer(desktop, address)
    now = peer.until(lambda now: now["state"] == "direct" and len(now["routes"]) == 2)
    assert controls(now) == [f"tcp://[{desktop.v6}]:4801", f"tcp://{desktop.v4}:4801"]
    assert now["address"] == f"tcp://[{desktop.v6}]:4800"
    caller = Peer(internet.computer("six-caller"), now["address"])
    caller.until(lambda seen: now["peer_id"] in seen["table"])
    caller.stop()
    peer.stop()


def test_a_computer_that_moves_announces_where_it_is_now(swarm: Any) -> None:
    internet, address, _ = swarm
    laptop = internet.computer("laptop")
    peer = Peer(laptop, address)
    before = peer.until(lambda now: now["state"] == "direct")
    laptop.move("11.77.0.1")
    now = peer.until(lambda now: now["state"] == "direct" and "11.77.0.1" in now["address"])
    assert controls(now)[0] == "tcp://11.77.0.1:4801"
    assert controls(before)[0] != controls(now)[0]
    fresh = Peer(internet.computer("fresh"), address)
    fresh.until(lambda seen: now["peer_id"] in seen["table"])
    fresh.stop()
    peer.stop()


def test_two_computers_in_one_home_find_each_other_without_any_configuration() -> None:
    with Internet() as internet:
        home = internet.home("home")
        one, other = (Peer(home.computer(name), "--lan") for name in ("one", "other"))
        now = one.until(lambda now: now["table"])
        assert other.until(lambda now: now["table"])["table"] == [now["peer_id"]]
        assert now["state"] == "local"
        one.stop()
        other.stop()


def test_neighbours_behind_one_closed_router_find_each_other_beside_the_swarm(swarm: Any) -> None:
    internet, address, peers = swarm
    home = internet.home("pair")
    one, other = (Peer(home.computer(name), "--lan", address) for name in ("one", "other"))
    now = one.until(lambda now: len(now["table"]) >= 5)
    other.until(lambda seen: now["peer_id"] in seen["table"] and len(seen["table"]) >= 5)
    assert now["peer_id"] not in peers[0].until(lambda seen: True)["table"]
    one.stop()
    other.stop()
