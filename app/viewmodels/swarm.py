"""The swarm as a picture: this computer in the middle, others the farther out the longer their answers take."""

import math
from collections.abc import Sequence
from dataclasses import dataclass, field

from app.formatting import ago, count, milliseconds, plain, size
from app.translation import translate
from app.viewmodels.network import direction_words
from core.control.snapshot import PeerView

FRESH_S = 60.0
NEAREST_MS, FARTHEST_MS = 1.0, 1000.0
INNER = 0.26
"""Radius of 1 ms, where the edge of the picture is 1."""
MOST_LINES = 80
"""With more peers than these, lines to them would only fill the picture."""


@dataclass(frozen=True, slots=True)
class SwarmDot:
    """One peer. x, y: in the unit circle; radius: in pixels; two dots are equal when they are drawn alike."""

    x: float
    y: float
    radius: float
    fresh: bool
    called: bool  # we dialled it
    peer: PeerView = field(compare=False)


@dataclass(frozen=True, slots=True)
class SwarmPicture:
    """rings: (radius, label) of equal latency; dots: the farthest first, so that near ones lie on top."""

    rings: tuple[tuple[float, str], ...] = ()
    dots: tuple[SwarmDot, ...] = ()
    summary: str = ""

    @property
    def lines(self) -> bool:
        """Whether lines lead to the dots."""
        return len(self.dots) <= MOST_LINES

    def nearest(self, x: float, y: float, reach: float) -> SwarmDot | None:
        """The dot at a place, within `reach` of the unit circle's radius."""
        best = min(self.dots, key=lambda dot: (dot.x - x) ** 2 + (dot.y - y) ** 2, default=None)
        return best if best is not None and math.hypot(best.x - x, best.y - y) <= reach else None


def swarm(peers: Sequence[PeerView], now: float) -> SwarmPicture:
    """Each peer's direction comes from its id, so that it stays there; its distance is its latency."""
    dots = [_dot(peer, now) for peer in peers]
    dots.sort(key=lambda dot: -(dot.x**2 + dot.y**2))
    rings = tuple((_distance(ms), words) for ms, words in ((1, "1 ms"), (10, "10 ms"), (100, "100 ms"), (1000, "1 s")))
    fresh = sum(dot.fresh for dot in dots)
    summary = translate("Swarm", "{peers}, of which {fresh} answered within the last minute")
    return SwarmPicture(rings, tuple(dots), summary.format(peers=count(len(dots), "peer"), fresh=fresh))


def read_out(peer: PeerView, now: float) -> tuple[str, ...]:
    """What the pointer reads out, line by line."""
    traffic = translate("Swarm", "{sent} sent, {received} received")
    return (
        plain(peer.peer_id[:16], 16),
        f"{count(peer.experts, 'expert')} · {milliseconds(peer.latency_ms)}",
        f"{direction_words(peer.direction)} · {ago(peer.last_seen, now)}",
        traffic.format(sent=size(peer.sent_bytes), received=size(peer.received_bytes)),
    )


def _dot(peer: PeerView, now: float) -> SwarmDot:
    angle, distance = 2 * math.pi * _turn(peer.peer_id), _distance(peer.latency_ms)
    return SwarmDot(
        x=round(distance * math.cos(angle), 2),
        y=round(distance * math.sin(angle), 2),
        radius=round(3.0 + min(6.0, math.sqrt(max(0, peer.experts))), 1),
        fresh=now - peer.last_seen < FRESH_S,
        called=peer.direction == "out",
        peer=peer,
    )


def _turn(peer_id: str) -> float:
    """0 to 1 from the id's digits; the golden ratio spreads ids that are close to each other."""
    try:
        return int(peer_id[:8], 16) * 0.6180339887498949 % 1.0
    except ValueError:
        return 0.0


def _distance(latency_ms: float) -> float:
    """0 to 1 on a logarithmic scale; what was not measured yet lies outside."""
    if not math.isfinite(latency_ms) or latency_ms <= 0:
        return 1.0
    part = math.log(min(FARTHEST_MS, max(NEAREST_MS, latency_ms)) / NEAREST_MS) / math.log(FARTHEST_MS / NEAREST_MS)
    return INNER + (1.0 - INNER) * part
