"""How others reach this computer, in words."""

import pytest

from core.engine.reachability import words
from net.nat.reachability import State
from net.nat.reaching import Reach

PORTS = (4800, 4801, 4802)


def said(state: State, *, ports=PORTS, asks=True, problem="", router=""):
    return words(Reach(state, ports, problem, router), loopback=False, port_mapping=asks)


@pytest.mark.parametrize("state", list(State))
def test_every_state_has_a_sentence(state):
    found = said(state)
    assert found.state == state
    assert found.text.endswith(".")
    assert bool(found.help) == (state in {State.RELAYED, State.CLIENT})


def test_help_names_the_ports():
    assert said(State.CLIENT, problem="UPnP: no router answers.").help == (
        "Switch on UPnP or NAT-PMP in your router's settings, or forward the TCP ports 4800–4802 on your router "
        "to this computer."
    )
    assert "ports 4800, 5001, 5002 on" in said(State.RELAYED, ports=(4800, 5001, 5002)).help


def test_a_volunteer_who_forbade_port_mapping_is_told_of_it():
    assert "preference port_mapping" in said(State.RELAYED, asks=False).help


def test_a_router_behind_another_router_cannot_be_helped_by_forwarding():
    found = said(State.CLIENT, router="100.64.3.4").help
    assert "no public address of its own" in found
    assert "forward" not in found


def test_loopback_says_so():
    found = words(Reach(State.LOCAL, PORTS), loopback=True, port_mapping=True)
    assert found == ("loopback", "Only programs on this computer can reach this one.", "")
