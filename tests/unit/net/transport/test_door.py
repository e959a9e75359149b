"""Who may stay when too many connections come: those who brought something, and those who hold few."""

import asyncio
import socket
from collections.abc import Iterator

import pytest

from net.transport.door import Door, DoorKeeper, neighbourhood


@pytest.mark.parametrize(
    ("host", "near"),
    [
        ("8.8.8.8", "8.8.8.0/24"),
        ("2606:4700::1111", "2606:4700::/56"),
        ("::ffff:8.8.8.8", "8.8.8.0/24"),
        ("fe80::1%eth0", "fe80::1"),
        ("192.168.1.7", "192.168.1.7"),
        ("127.0.0.2", "127.0.0.2"),
        ("", ""),
    ],
)
def test_one_owner_holds_a_whole_network_or_a_private_address(host: str, near: str) -> None:
    assert neighbourhood(host) == near


def test_there_is_room_for_so_many() -> None:
    door = Door(room=10, unproven=4)
    assert [door.opened(number, "10.0.0.1") for number in range(4)] == [[]] * 4
    assert len(door) == 4


def test_the_one_that_holds_most_makes_room_whoever_comes() -> None:
    door = Door(room=10, unproven=4)
    door.opened(1, "10.0.0.9")
    for number in (2, 3, 4):
        door.opened(number, "10.0.0.1")
    assert door.opened(5, "10.0.0.2") == [2]
    assert door.opened(6, "10.0.0.1") == [3]
    assert len(door) == 4


def test_a_whole_24_is_one() -> None:
    door = Door(room=10, unproven=3)
    door.opened(1, "1.1.1.1")
    door.opened(2, "8.8.8.1")
    door.opened(3, "8.8.8.2")
    assert door.opened(4, "8.8.8.3") == [2]


def test_silent_ones_never_drive_out_those_who_spoke() -> None:
    door = Door(room=4, unproven=100)
    for number in (1, 2):
        door.opened(number, "10.0.0.1")
        assert door.heard(number) == []
    going = [gone for number in range(10, 100) for gone in door.opened(number, "10.0.0.2")]
    assert going == list(range(10, 98))


def test_of_those_who_spoke_the_one_goes_that_has_been_silent_longest() -> None:
    door = Door(room=6, unproven=3)
    for number in range(3):
        door.opened(number, "10.0.0.1")
        assert door.heard(number) == []
    door.opened(3, "10.0.0.2")
    assert door.heard(0) == []
    assert door.heard(3) == [1]


def test_what_has_ended_counts_no_more() -> None:
    door = Door(room=3, unproven=2)
    for number in range(100):
        assert door.opened(number, "10.0.0.1") == []
        door.heard(number)
        door.closed(number)
        door.heard(number)  # late news
    assert len(door) == 0


def test_a_descriptor_that_comes_again_is_a_new_connection() -> None:
    door = Door(room=2, unproven=2)
    door.opened(1, "10.0.0.1")
    door.heard(1)
    door.opened(1, "10.0.0.2")
    assert len(door) == 1


@pytest.fixture
def listener() -> Iterator[socket.socket]:
    with socket.create_server(("127.0.0.1", 0)) as made:
        made.settimeout(5)
        yield made


async def test_a_connection_too_many_is_shut(listener: socket.socket) -> None:
    keeper = DoorKeeper(Door(room=4, unproven=2))
    pairs = []
    for _ in range(3):
        outside = socket.create_connection(listener.getsockname(), timeout=5)
        inside, _ = listener.accept()
        pairs.append((outside, inside))
        keeper.accepted(inside.fileno())
    assert await asyncio.to_thread(pairs[0][0].recv, 1) == b""
    keeper.ended(pairs[0][1].fileno())
    assert len(keeper) == 2
    for outside, inside in pairs:
        outside.close()
        inside.close()
    keeper.close()
    assert len(keeper) == 0


async def test_a_connection_ends_with_its_life(listener: socket.socket) -> None:
    keeper = DoorKeeper(Door(room=2, unproven=2), life_s=0.01)
    with socket.create_connection(listener.getsockname(), timeout=5) as outside:
        inside, _ = listener.accept()
        with inside:
            keeper.accepted(inside.fileno())
            assert await asyncio.to_thread(outside.recv, 1) == b""
    keeper.close()


async def test_a_descriptor_that_is_something_else_by_now_is_left_alone(listener: socket.socket) -> None:
    keeper = DoorKeeper(Door(room=1, unproven=1))
    with socket.create_connection(listener.getsockname(), timeout=5) as gone:
        inside, _ = listener.accept()
        descriptor = inside.fileno()
        keeper.accepted(descriptor)
        inside.close()
    with socket.create_connection(listener.getsockname(), timeout=5) as outside:
        other, _ = listener.accept()
        with other:
            keeper._door.opened(descriptor, "127.0.0.1")
            keeper._shut(descriptor if other.fileno() == descriptor else other.fileno())
            other.sendall(b"still here")
            assert await asyncio.to_thread(outside.recv, 100) == b"still here"
    assert gone.fileno() == -1
    keeper.close()
