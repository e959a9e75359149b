from dataclasses import replace
from datetime import datetime

from app.notifications import Notifier, RateLimit
from app.supervision import EngineStatus
from core.control.snapshot import Reason
from core.preferences import DayHours
from tests.support.snapshots import NOW, snapshot

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


def test_a_crash_leads_to_its_report_once_in_a_while() -> None:
    notifier = Notifier()
    crashed = EngineStatus("waiting", "It stopped.", "It was killed.", NOON + 8, 1)
    told = notifier.engine(crashed, 0, NOON)
    assert told is not None
    assert (told.text, told.action) == ("It was killed. Starting it again in 8 s.", "crash_report")
    assert notifier.engine(crashed, 5, NOON) is None
    assert notifier.engine(EngineStatus("running", ""), 5000, NOON) is None


def test_trouble_and_the_end_of_a_pause_are_told_on_their_change_alone() -> None:
    notifier = Notifier()
    told = [notifier.snapshot(snapshot(state), n * 1000, NOON) for n, state in enumerate(("working", "error", "error"))]
    assert [notice and notice.kind for notice in told] == [None, "error", None]
    paused = replace(snapshot("paused"), reasons=(Reason("paused_by_user", "you paused it", NOON + 60),))
    assert notifier.snapshot(paused, 4000, NOON) is None
    over = notifier.snapshot(snapshot("working", NOON + 61), 5000, NOON)
    assert over is not None
    assert over.kind == "pause_over"


def test_a_pause_that_the_volunteer_ended_is_no_news() -> None:
    notifier = Notifier()
    forever = replace(snapshot("paused"), reasons=(Reason("paused_by_user", "you paused it"),))
    assert notifier.snapshot(forever, 0, NOON) is None
    assert notifier.snapshot(snapshot("working"), 1, NOON) is None
    timed = replace(snapshot("paused"), reasons=(Reason("paused_by_user", "you paused it", NOW + 600),))
    assert notifier.snapshot(timed, 2, NOON) is None
    assert notifier.snapshot(snapshot("working"), 1, NOON) is None
