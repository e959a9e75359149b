"""How numbers, sizes, times and foreign text are written for people, in the present language. No clock of its own."""

import math
from datetime import datetime

from PySide6.QtCore import QT_TRANSLATE_NOOP

from app.translation import translate
from core.control.plain import plain as plain  # noqa: PLC0414 - the window takes it from here

_COUNTED = (
    QT_TRANSLATE_NOOP("Count", "peer"), QT_TRANSLATE_NOOP("Count", "peers"),
    QT_TRANSLATE_NOOP("Count", "other peer"), QT_TRANSLATE_NOOP("Count", "other peers"),
    QT_TRANSLATE_NOOP("Count", "expert"), QT_TRANSLATE_NOOP("Count", "experts"),
    QT_TRANSLATE_NOOP("Count", "sample"), QT_TRANSLATE_NOOP("Count", "samples"),
    QT_TRANSLATE_NOOP("Count", "letter"), QT_TRANSLATE_NOOP("Count", "letters"),
    QT_TRANSLATE_NOOP("Count", "computer"), QT_TRANSLATE_NOOP("Count", "computers"),
    QT_TRANSLATE_NOOP("Count", "call"), QT_TRANSLATE_NOOP("Count", "calls"),
    QT_TRANSLATE_NOOP("Count", "answer"), QT_TRANSLATE_NOOP("Count", "answers"),
    QT_TRANSLATE_NOOP("Count", "peer is"), QT_TRANSLATE_NOOP("Count", "peers are"),
    QT_TRANSLATE_NOOP("Count", "was"), QT_TRANSLATE_NOOP("Count", "were"),
)  # fmt: skip
_MINUTE, _HOUR, _DAY = 60, 3600, 86400
_BYTE_UNITS = ("B", "kB", "MB", "GB", "TB")


def number(value: float, digits: int = 0) -> str:
    """`48,210`, `3.42`. Not a number becomes a dash: nothing is claimed that was not measured."""
    if not math.isfinite(value):
        return "–"
    marks = translate("Numbers", ",.")  # between thousands, and before decimals
    return f"{value:,.{digits}f}".translate(str.maketrans(",.", marks))


def compact(value: float) -> str:
    """Whole numbers that fit on a card: `48,210`, `2.84 M`, `12.1 G`."""
    for limit, sign in ((1e9, "G"), (1e6, "M")):
        if math.isfinite(value) and abs(value) >= limit:
            return f"{figure(value / limit)} {sign}"
    return number(value)


def figure(value: float) -> str:
    """Three significant digits below 1000 (`0.214`, `3.42`, `61.5`), whole numbers above."""
    if not math.isfinite(value):
        return "–"
    size = abs(value)
    if size >= 100 or value == int(value):
        return number(value)
    return number(value, 1 if size >= 10 else 2 if size >= 1 else 3)


def rate(value: float) -> str:
    """Things per second: one digit below 100."""
    return number(value, 0 if value >= 100 or value == 0 else 1)


def percent(share: float) -> str:
    """0.5 -> `50 %`."""
    return f"{number(share * 100)} %"


def size(count: float) -> str:
    """Bytes in decimal units: `812 B`, `3.1 MB`."""
    value = float(count)
    for unit in _BYTE_UNITS:
        if abs(value) < 1000 or unit == _BYTE_UNITS[-1]:
            return f"{number(value, 0 if unit == 'B' or value >= 100 else 1)} {unit}"
        value /= 1000
    raise AssertionError("the last unit takes everything")


def milliseconds(value: float) -> str:
    """`3.1 ms`; a dash where nothing was measured."""
    if not math.isfinite(value) or value <= 0:
        return "–"
    return f"{number(value, 1 if value < 100 else 0)} ms"


def duration(seconds: float) -> str:
    """The two leading units: `45 s`, `12 min`, `3 h 20 min`, `2 d 4 h`."""
    left = max(0, round(seconds))
    if left < _MINUTE:
        return f"{left} s"
    if left < _HOUR:
        return f"{left // _MINUTE} min"
    if left < _DAY:
        hours, rest = divmod(left, _HOUR)
        return f"{hours} h {rest // _MINUTE} min" if rest >= _MINUTE else f"{hours} h"
    days, rest = divmod(left, _DAY)
    return f"{days} d {rest // _HOUR} h" if rest >= _HOUR else f"{days} d"


def ago(moment: float, now: float) -> str:
    """`just now`, `2 min ago`; a moment in the future (clocks differ) counts as now."""
    if moment <= 0:
        return translate("Numbers", "never")
    passed = now - moment
    if passed < 5:
        return translate("Numbers", "just now")
    return translate("Numbers", "{time} ago").format(time=duration(passed))


def clock(moment: float) -> str:
    """Local time of day, `14:30`."""
    return _local(moment).strftime("%H:%M")


def clock_with_day(moment: float, now: float) -> str:
    """`14:30` today, `tomorrow 06:00`, else `Mon 06:00` or `3 May 06:00`."""
    then, today = _local(moment), _local(now)
    days = (then.date() - today.date()).days
    if days == 0:
        return clock(moment)
    if days == 1:
        return translate("Numbers", "tomorrow {time}").format(time=clock(moment))
    return f"{_weekday(then)} {clock(moment)}" if 1 < days < 7 else f"{_date(then)} {clock(moment)}"


def day_and_clock(moment: float) -> str:
    """`Mon 3 May 06:00`, in local time."""
    then = _local(moment)
    return f"{_weekday(then)} {_date(then)} {clock(moment)}"


def _weekday(then: datetime) -> str:
    return translate("Numbers", "Mon Tue Wed Thu Fri Sat Sun").split()[then.weekday()]


def _date(then: datetime) -> str:
    month = translate("Numbers", "Jan Feb Mar Apr May Jun Jul Aug Sep Oct Nov Dec").split()[then.month - 1]
    return translate("Numbers", "{day} {month}").format(day=then.day, month=month)


def timestamp(moment: float) -> str:
    """Local time with seconds, for the log."""
    return _local(moment).strftime("%H:%M:%S")


def count(amount: int, singular: str, plural: str = "") -> str:
    """`1 peer`, `9 peers`: of the things in `_COUNTED`."""
    return f"{number(amount)} {translate('Count', singular if amount == 1 else plural or singular + 's')}"


def _local(moment: float) -> datetime:
    try:
        return datetime.fromtimestamp(moment).astimezone()
    except (OverflowError, OSError, ValueError):
        return datetime.fromtimestamp(0).astimezone()
