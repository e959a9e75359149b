"""Rates that follow what is served now."""

import pytest

from core.experts.meter import Meter


def test_a_steady_stream_is_measured_from_the_first_seconds_on() -> None:
    meter = Meter(0.0)
    for tick in range(1, 601):
        meter.add(5, 0.01, tick * 0.1)
        if tick in {20, 100, 600}:
            assert meter.samples_per_s(tick * 0.1) == pytest.approx(50, rel=0.1)
    assert meter.served == 3000
    assert meter.latency_s == pytest.approx(0.01)


def test_the_rate_fades_when_nothing_comes() -> None:
    meter = Meter(0.0)
    for tick in range(1, 301):
        meter.add(5, 0.01, tick * 0.1)
    assert meter.samples_per_s(60.0) < 50 * 0.06
    assert Meter(0.0).samples_per_s(0.0) == 0.0
