"""The state machine of reachability: events in, instructions out."""

from net.addresses import Route
from net.nat.reachability import (
    CONFIRMED_S,
    DOUBTED_S,
    FIRST_RETRY_S,
    GRACE_S,
    LONGEST_RETRY_S,
    Announce,
    AskOthers,
    HelpersKnown,
    Origin,
    OthersSaid,
    Place,
    PlacesFound,
    Ports,
    Reachability,
    RelaysChanged,
    State,
    Tick,
    WantRelay,
)

PORTS = Ports(4800, 4801, 4802)
HOME = Place("192.168.1.10", PORTS, Origin.INTERFACE)
PUBLIC = Place("11.1.0.1", PORTS, Origin.INTERFACE)
PUBLIC6 = Place("2a00:1::1", PORTS, Origin.INTERFACE)
MAPPED = Place("11.2.0.1", Ports(4900, 4901, 4902), Origin.MAPPING)
SEEN = Place("11.2.0.1", PORTS, Origin.OBSERVED)
RELAY = Route("tcp://11.9.0.1:4801", "tcp://11.9.0.1:4802", b"k" * 32)


def machine(*places: Place, helpers: int = 0) -> Reachability:
    made = Reachability()
    made.handle(PlacesFound(Origin.INTERFACE, places), 0.0)
    if helpers:
        made.handle(HelpersKnown(helpers), 0.0)
    return made


def test_a_first_peer_has_nobody_to_ask_and_announces_what_it_has() -> None:
    made = Reachability()
    assert made.handle(PlacesFound(Origin.INTERFACE, (PUBLIC, PUBLIC6)), 0.0) == [
        Announce((PUBLIC.route, PUBLIC6.route))
    ]
    assert made.handle(Tick(), 1e6) == []
    assert made.state is State.LOCAL
    assert made.place == PUBLIC


def test_a_computer_at_home_is_known_in_its_home_alone_until_it_meets_others() -> None:
    made = machine(HOME)
    assert made.routes == (HOME.route,)
    assert made.state is State.LOCAL
    assert made.handle(Tick(), 1e6) == []  # no relay is wanted where nobody is


def test_public_addresses_are_tested_as_soon_as_somebody_can_test_them() -> None:
    made = machine(PUBLIC, PUBLIC6)
    assert made.handle(HelpersKnown(3), 5.0) == [AskOthers(PUBLIC), AskOthers(PUBLIC6)]
    assert made.state is State.UNKNOWN
    assert made.handle(HelpersKnown(4), 6.0) == []  # under way already
    assert made.handle(OthersSaid(PUBLIC, reached=3, not_reached=1), 7.0) == []
    assert made.state is State.DIRECT
    assert made.handle(OthersSaid(PUBLIC6, reached=0, not_reached=2), 7.0) == [Announce((PUBLIC.route,))]


def test_a_tie_is_no_majority() -> None:
    made = machine(PUBLIC, helpers=4)
    assert WantRelay(on=True) in made.handle(OthersSaid(PUBLIC, reached=2, not_reached=2), 1.0)
    assert made.state is State.CLIENT


def test_a_closed_home_wants_relays_and_names_them_before_its_private_address() -> None:
    made = machine(HOME)
    made.handle(PlacesFound(Origin.OBSERVED, (SEEN,)), 0.0)
    assert made.handle(HelpersKnown(4), 1.0) == [AskOthers(SEEN)]
    assert made.routes == (HOME.route,)  # what was only seen is not announced before it is confirmed
    assert made.handle(OthersSaid(SEEN, reached=0, not_reached=4), 2.0) == [WantRelay(on=True)]
    assert made.state is State.CLIENT
    assert made.handle(RelaysChanged((RELAY,)), 3.0) == [Announce((RELAY, HOME.route))]
    assert made.state is State.RELAYED


def test_relays_wait_a_moment_for_what_others_see() -> None:
    made = machine(HOME, helpers=3)
    assert made.state is State.UNKNOWN
    assert made.handle(Tick(), GRACE_S - 0.1) == []
    assert made.handle(Tick(), GRACE_S) == [WantRelay(on=True)]


def test_ports_that_the_router_opened_replace_relays() -> None:
    made = machine(HOME, helpers=3)
    made.handle(Tick(), GRACE_S)
    made.handle(RelaysChanged((RELAY,)), 20.0)
    assert made.handle(PlacesFound(Origin.MAPPING, (MAPPED,)), 30.0) == [
        AskOthers(MAPPED),
        Announce((MAPPED.route, RELAY, HOME.route)),
    ]
    assert made.state is State.RELAYED  # until others have reached it
    assert made.handle(OthersSaid(MAPPED, reached=3, not_reached=0), 31.0) == [
        WantRelay(on=False),
        Announce((MAPPED.route, HOME.route)),
    ]
    assert made.state is State.MAPPED
    assert made.place == MAPPED
    assert MAPPED.introduction == "tcp://11.2.0.1:4900"


def test_ports_opened_by_hand_make_it_direct() -> None:
    made = machine(HOME)
    made.handle(PlacesFound(Origin.OBSERVED, (SEEN,)), 0.0)
    made.handle(HelpersKnown(3), 0.0)
    made.handle(OthersSaid(SEEN, reached=3, not_reached=0), 1.0)
    assert made.state is State.DIRECT
    assert made.routes == (SEEN.route, HOME.route)


def test_a_route_that_works_is_tested_again_and_one_bad_round_is_forgiven() -> None:
    made = machine(PUBLIC, helpers=3)
    made.handle(OthersSaid(PUBLIC, reached=3, not_reached=0), 0.0)
    assert made.handle(Tick(), CONFIRMED_S - 1) == []
    assert made.handle(Tick(), CONFIRMED_S) == [AskOthers(PUBLIC)]
    made.handle(OthersSaid(PUBLIC, reached=0, not_reached=3), CONFIRMED_S)
    assert made.state is State.DIRECT
    again = CONFIRMED_S + DOUBTED_S
    assert made.handle(Tick(), again) == [AskOthers(PUBLIC)]
    assert made.handle(OthersSaid(PUBLIC, reached=0, not_reached=3), again) == [WantRelay(on=True), Announce(())]
    assert made.state is State.CLIENT


def test_a_route_that_does_not_work_is_tried_ever_more_rarely() -> None:
    made, now, pauses = machine(PUBLIC, helpers=3), 0.0, []
    for _ in range(8):
        made.handle(OthersSaid(PUBLIC, reached=0, not_reached=3), now)
        pause = 0.0
        while made.handle(Tick(), now + pause) != [AskOthers(PUBLIC)]:
            pause += FIRST_RETRY_S
        now += pause
        pauses.append(pause)
    assert pauses[:3] == [FIRST_RETRY_S, 2 * FIRST_RETRY_S, 4 * FIRST_RETRY_S]
    assert pauses[-1] == LONGEST_RETRY_S


def test_helpers_that_cannot_tell_change_nothing() -> None:
    made = machine(PUBLIC, helpers=1)
    assert made.handle(OthersSaid(PUBLIC, reached=0, not_reached=0), 0.0) == []
    assert made.state is State.UNKNOWN
    assert made.routes == (PUBLIC.route,)
    assert made.handle(Tick(), FIRST_RETRY_S) == [AskOthers(PUBLIC)]


def test_an_answer_about_an_address_that_is_gone_is_passed_over() -> None:
    made = machine(PUBLIC, helpers=3)
    moved = Place("11.7.0.1", PORTS, Origin.INTERFACE)
    assert made.handle(PlacesFound(Origin.INTERFACE, (moved,)), 1.0) == [AskOthers(moved), Announce((moved.route,))]
    assert made.handle(OthersSaid(PUBLIC, reached=3, not_reached=0), 2.0) == []
    assert made.state is State.UNKNOWN


def test_a_contact_names_at_most_four_ways() -> None:
    made = machine(HOME, helpers=3)
    made.handle(RelaysChanged((RELAY,) * 6), 1.0)
    assert made.routes == (RELAY, RELAY, RELAY, HOME.route)


def test_a_place_that_router_and_peers_both_name_is_one_place() -> None:
    same = Place(SEEN.host, PORTS, Origin.MAPPING)
    made = machine(HOME, helpers=3)
    made.handle(PlacesFound(Origin.OBSERVED, (SEEN,)), 1.0)
    assert made.handle(PlacesFound(Origin.MAPPING, (same,)), 2.0)[0] == AskOthers(same)
    assert made.handle(OthersSaid(same, reached=3, not_reached=0), 3.0) == []
    assert made.state is State.MAPPED
