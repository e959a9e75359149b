"""Strikes and bans, in made-up time."""

from core.experts.strikes import StrikeConfig, Strikes

PEER = b"mallory"
CONFIG = StrikeConfig(strikes=3, half_life_s=10, first_ban_s=60, longest_ban_s=200, forgive_s=1000, capacity=2)


def struck(strikes: Strikes, at: float, times: int = 3) -> list[bool]:
    return [strikes.strike(PEER, at, "NaN") for _ in range(times)]


def test_enough_strikes_at_once_make_a_ban_that_ends() -> None:
    strikes = Strikes(CONFIG)
    assert struck(strikes, 0.0) == [False, False, True]
    assert strikes.banned_for(PEER, 1.0) == 59.0
    assert [(ban.peer, ban.until, ban.strikes, ban.reason) for ban in strikes.bans(1.0)] == [(PEER, 60.0, 3, "NaN")]
    assert strikes.banned_for(PEER, 60.0) == 0.0
    assert strikes.bans(60.0) == []


def test_a_strike_now_and_then_is_forgiven() -> None:
    strikes = Strikes(CONFIG)
    assert not any(strikes.strike(PEER, 20.0 * number, "outlier") for number in range(100))
    assert strikes.total == 100


def test_each_further_ban_lasts_twice_as_long_up_to_the_longest() -> None:
    strikes, at, lengths = Strikes(CONFIG), 0.0, []
    for _ in range(4):
        struck(strikes, at)
        lengths.append(strikes.banned_for(PEER, at))
        at += lengths[-1]
    assert lengths == [60, 120, 200, 200]


def test_after_a_long_time_without_strikes_it_begins_anew() -> None:
    strikes = Strikes(CONFIG)
    struck(strikes, 0.0)
    struck(strikes, 1100.0)
    assert strikes.banned_for(PEER, 1100.0) == 60.0


def test_others_are_not_concerned_and_memory_is_bounded() -> None:
    strikes = Strikes(CONFIG)
    struck(strikes, 0.0)
    assert strikes.banned_for(b"alice", 1.0) == 0.0
    for number in range(10):
        strikes.strike(bytes([number]), 1.0, "NaN")
    assert strikes.bans(1.0) == []  # forgotten, with the rest of a crowd's first
