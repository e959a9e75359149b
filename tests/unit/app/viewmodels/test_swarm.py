"""Where peers are drawn: their direction stays, their distance is their latency."""

import math
from dataclasses import replace

import pytest

from app.viewmodels.swarm import INNER, MOST_LINES, read_out, swarm
from core.control.snapshot import PeerView
from tests.support.snapshots import NOW, hostile, snapshot

PEER = snapshot().peers[0]


def at(peer: PeerView) -> tuple[float, float]:
    dot = swarm([peer], NOW).dots[0]
    return math.hypot(dot.x, dot.y), math.atan2(dot.y, dot.x)


@pytest.mark.parametrize(
    ("latency", "distance"),
    [(1.0, INNER), (0.2, INNER), (1000.0, 1.0), (9e9, 1.0), (0.0, 1.0), (math.nan, 1.0), (math.inf, 1.0)],
)
def test_the_distance_is_the_latency(latency: float, distance: float) -> None:
    assert at(replace(PEER, latency_ms=latency))[0] == pytest.approx(distance, abs=0.01)


def test_the_direction_stays_while_the_latency_changes() -> None:
    near, far = replace(PEER, latency_ms=20.0), replace(PEER, latency_ms=400.0)
    assert at(near)[1] == pytest.approx(at(far)[1], abs=0.05)
    assert at(near)[0] < at(far)[0]


@pytest.mark.parametrize("peer_id", ["", "zz", "\u202e<b>"])
def test_an_id_that_is_none_is_drawn_too(peer_id: str) -> None:
    assert len(swarm([replace(PEER, peer_id=peer_id)], NOW).dots) == 1


def test_pointing_finds_the_nearest_peer_and_nothing_far_away() -> None:
    picture = swarm(snapshot().peers, NOW)
    dot = picture.dots[3]
    assert picture.nearest(dot.x + 0.01, dot.y, 0.05) == dot
    assert picture.nearest(5.0, 5.0, 0.05) is None
    assert swarm((), NOW).nearest(0.0, 0.0, 1.0) is None


def test_the_read_out_is_safe_and_the_lines_end_where_they_would_fill_the_picture() -> None:
    lines = read_out(hostile(snapshot()).peers[0], NOW)
    assert lines[0] == PEER.peer_id[:16]
    assert not any("\u202e" in line for line in lines)
    assert swarm(snapshot(peers=MOST_LINES).peers, NOW).lines
    assert not swarm(snapshot(peers=MOST_LINES + 1).peers, NOW).lines


def test_news_that_change_nothing_visible_leave_the_picture_as_it_is() -> None:
    before = swarm([PEER], NOW)
    assert swarm([replace(PEER, sent_bytes=PEER.sent_bytes + 1)], NOW + 1) == before
    assert swarm([replace(PEER, last_seen=NOW - 600)], NOW) != before
