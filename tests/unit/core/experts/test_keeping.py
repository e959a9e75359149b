"""A caller asks a host to keep no more than it can."""

from core.experts.keeping import LEAST, KeepShares


def asked(shares: KeepShares, requests: int) -> int:
    return sum(shares.next("host") for _ in range(requests))


def test_everything_is_to_be_kept_until_a_ticket_is_gone() -> None:
    shares = KeepShares()
    shares.returned("host", 16, 0)
    assert asked(shares, 10) == 10
    shares.returned("host", 8, 8)
    assert asked(shares, 100) in (50, 51)
    shares.returned("host", 0, 16)
    assert asked(shares, 100) in (25, 26)
    assert shares.next("another")


def test_it_never_gives_up_and_finds_back() -> None:
    shares = KeepShares()
    for _ in range(20):
        shares.returned("host", 0, 1)
    assert asked(shares, 320) in (10, 11)
    assert LEAST == 1 / 32
    for _ in range(200):
        shares.returned("host", 1, 0)
    assert asked(shares, 10) == 10


def test_memory_is_bounded() -> None:
    shares = KeepShares()
    for host in range(KeepShares.CAPACITY + 9):
        shares.returned(host, 0, 1)
    assert len(shares._hosts) == KeepShares.CAPACITY
