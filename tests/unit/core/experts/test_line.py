"""What a line's speed is taken for, and which encodings follow from it."""

import pytest

from core.errors import TensorError
from core.experts.line import LineMeter, WireEncoding, encodings_taken

ALL = ("none", "float16", "bfloat16", "int8")
AUTO = WireEncoding.of("auto")


def metered(rate: float, latency: float, sizes: list[int]) -> float:
    meter = LineMeter()
    for nbytes in sizes:
        meter.exchanged("peer", nbytes, latency + nbytes / rate)
    return meter.bytes_per_s("peer")


def test_the_rate_is_told_apart_from_the_latency() -> None:
    assert metered(1.25e6, 0.1, [40_000, 120_000] * 8) == pytest.approx(1.25e6, rel=0.01)


def test_exchanges_of_one_size_make_the_line_look_slower_never_faster() -> None:
    assert metered(1e6, 0.1, [100_000] * 8) == pytest.approx(5e5)


def test_little_is_believed_and_much_is_followed() -> None:
    assert metered(1.0, 0.0, [100] * (LineMeter.FIRST - 1)) == float("inf")
    meter = LineMeter()
    for rate in [1e6] * 40 + [1e5] * 100:
        for nbytes in (10_000, 30_000):
            meter.exchanged("peer", nbytes, nbytes / rate)
    assert meter.bytes_per_s("peer") == pytest.approx(1e5, rel=0.2)
    meter.exchanged("peer", 10_000, -1.0)  # a host that says it computed longer than it took
    assert meter.bytes_per_s("peer") == pytest.approx(1e5, rel=0.2)


def test_memory_is_bounded() -> None:
    meter = LineMeter()
    for peer in range(LineMeter.CAPACITY + 5):
        meter.exchanged(peer, 1, 1.0)
    assert len(meter._lines) == LineMeter.CAPACITY


@pytest.mark.parametrize(("rate", "chosen"), [(float("inf"), "none"), (3e7, "none"), (1.2e7, "float16"), (1e6, "int8")])
def test_auto_is_as_exact_as_the_line_allows(rate: float, chosen: str) -> None:
    assert AUTO.choose(1_000_000, rate, ALL) == (chosen, chosen)


def test_a_peer_gets_only_what_it_takes() -> None:
    assert encodings_taken(("int8", "morse")) == ("none", "int8")
    assert AUTO.choose(1_000_000, 1e3, encodings_taken(("float16",))) == ("float16", "float16")
    assert AUTO.choose(1_000_000, 1e3, encodings_taken(())) == ("none", "none")
    assert WireEncoding("int8", "float16").choose(1, 1.0, ("none", "int8")) == ("int8", "none")


def test_unknown_names_are_refused() -> None:
    with pytest.raises(TensorError, match="encoding"):
        WireEncoding("morse")
