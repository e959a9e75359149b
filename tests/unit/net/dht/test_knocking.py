"""Strangers are called a few times where nobody answers, and as often as one likes where somebody does."""

from net.dht.knocking import Knocks, computer_of


def test_a_computer_is_its_host_and_on_loopback_a_port() -> None:
    assert computer_of("tcp://192.0.2.1:5") == computer_of("tcp://192.0.2.1:6") == "192.0.2.1"
    assert computer_of("tcp://[2001:db8::1]:5") == "2001:db8::1"
    assert computer_of("tcp://127.0.0.1:5") != computer_of("tcp://127.0.0.1:6")


def test_after_so_many_in_vain_it_is_left_alone_for_a_while() -> None:
    knocks = Knocks(most=3, window_s=60)
    for port in range(3):
        assert knocks.allows(f"tcp://192.0.2.1:{port}", 10.0 + port)
        knocks.knocked(f"tcp://192.0.2.1:{port}", 10.0 + port)
    assert not knocks.allows("tcp://192.0.2.1:9", 69.9)
    assert knocks.allows("tcp://192.0.2.2:9", 69.9)
    assert knocks.allows("tcp://192.0.2.1:9", 70.0)
    knocks.knocked("tcp://192.0.2.1:9", 70.0)
    assert not knocks.allows("tcp://192.0.2.1:9", 70.5)


def test_answers_do_not_count() -> None:
    knocks = Knocks(most=2, window_s=60)
    for now in range(100):
        assert knocks.allows("tcp://192.0.2.1:1", now)
        knocks.knocked("tcp://192.0.2.1:1", now)
        knocks.opened("tcp://192.0.2.1:1")
    assert len(knocks) == 0
    knocks.opened("tcp://192.0.2.1:1")


def test_it_remembers_a_bounded_number_of_computers() -> None:
    knocks = Knocks(capacity=10)
    for number in range(100):
        knocks.knocked(f"tcp://192.0.2.{number}:1", 0.0)
    assert len(knocks) == 10
