from datetime import datetime

from app.notifications import RateLimit
from core.preferences import DayHours

NOON = datetime(2026, 3, 4, 12, 0).astimezone().timestamp()


def test_one_of_a_kind_in_a_while() -> None:
    limit = RateLimit(quiet=600)
    assert limit.allows("crash", 0, NOON)
    assert not limit.allows("crash", 599, NOON)
    assert limit.allows("other", 599, NOON)
    assert limit.allows("crash", 600, NOON)


def test_none_in_quiet_hours_and_then_at_once() -> None:
    limit = RateLimit(quiet_hours=DayHours.parse("22-7"))
    night = NOON + 11 * 3600
    assert not limit.allows("crash", 0, night)
    assert limit.allows("crash", 1, night + 8 * 3600)
