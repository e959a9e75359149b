"""Times that come again: levels for every hour of the week, and hours of the day. Pure, in local time."""

import re
from dataclasses import dataclass
from datetime import datetime

HOURS = 24
DAYS = ("mon", "tue", "wed", "thu", "fri", "sat", "sun")
FULL = 10
_FULL_LETTER = "F"
_RULE = re.compile(r"([a-z]{3})(?:-([a-z]{3}))?\s+(\d{1,2})-(\d{1,2})\s+(\d{1,3})\s*%?")
_HOURS = re.compile(r"(\d{1,2})(?::(\d{2}))?\s*-\s*(\d{1,2})(?::(\d{2}))?")


@dataclass(frozen=True, slots=True)
class WeekLevels:
    """How much of the budget may be used in each hour of a week.

    levels: 168 whole numbers from 0 (none) to 10 (all of it), Monday 00:00 first. As text: "" for all of it always,
    else seven words of 24 characters, a digit an hour (tens of percent) and F for all.
    """

    levels: tuple[int, ...] = (FULL,) * (len(DAYS) * HOURS)

    @classmethod
    def parse(cls, text: str) -> "WeekLevels":
        """From the text above, or from rules like `mon-fri 9-17 20%, sat 0-24 50%`; hours without a rule are full.

        Raises ValueError.
        """
        words = text.split()
        if not words:
            return cls()
        if len(words) == len(DAYS) and all(len(word) == HOURS for word in words):
            return cls(tuple(_level(letter) for letter in "".join(words)))
        levels = list(cls().levels)
        for part in text.lower().split(","):
            found = _RULE.fullmatch(part.strip())
            if not found:
                raise ValueError(f"{part.strip()!r} is no rule")
            first, last = _day(found[1]), _day(found[2] or found[1])
            start, end, percent = int(found[3]), int(found[4]), int(found[5])
            if not (start <= HOURS and end <= HOURS and percent <= 100):
                raise ValueError(f"{part.strip()!r} is out of range")
            for n in range((last - first) % len(DAYS) + 1):
                for hour in _hours(start, end):
                    levels[((first + n) * HOURS + hour) % len(levels)] = round(percent / FULL)
        return cls(tuple(levels))

    @property
    def text(self) -> str:
        """The text above."""
        if all(level == FULL for level in self.levels):
            return ""
        letters = "".join(_FULL_LETTER if level == FULL else str(level) for level in self.levels)
        return " ".join(letters[n : n + HOURS] for n in range(0, len(letters), HOURS))

    def at(self, t: float) -> float:
        """The share of the budget at Unix time `t`, 0 to 1."""
        moment = datetime.fromtimestamp(t).astimezone()
        return self.levels[moment.weekday() * HOURS + moment.hour] / FULL

    def next_change(self, t: float) -> float:
        """The Unix time at which another level than that of `t` begins; 0 when none ever does."""
        now = self.at(t)
        for _ in range(len(self.levels) + 2):
            moment = datetime.fromtimestamp(t).astimezone()
            t += 3600 - moment.minute * 60 - moment.second - moment.microsecond / 1e6
            if self.at(t) != now:
                return round(t)
        return 0.0


@dataclass(frozen=True, slots=True)
class DayHours:
    """A span of every day, start included, end not; it may reach over midnight. Minutes since midnight.

    As text: "" for never, else `22:00-07:00`.
    """

    start: int = 0
    end: int = 0

    @classmethod
    def parse(cls, text: str) -> "DayHours":
        """From text as above, or `22-7`. Raises ValueError."""
        if not text.strip():
            return cls()
        found = _HOURS.fullmatch(text.strip())
        if not found:
            raise ValueError(f"{text!r} is no span of hours")
        start = int(found[1]) * 60 + int(found[2] or 0)
        end = int(found[3]) * 60 + int(found[4] or 0)
        if start > HOURS * 60 or end > HOURS * 60 or int(found[2] or 0) > 59 or int(found[4] or 0) > 59:
            raise ValueError(f"{text!r} is no span of hours")
        return cls(start % (HOURS * 60), end)

    @property
    def text(self) -> str:
        """The text above."""
        if self.start == self.end:
            return ""
        return f"{self.start // 60:02}:{self.start % 60:02}-{self.end // 60:02}:{self.end % 60:02}"

    def contains(self, t: float) -> bool:
        """Whether Unix time `t` lies within."""
        moment = datetime.fromtimestamp(t).astimezone()
        minute = moment.hour * 60 + moment.minute
        if self.start <= self.end:
            return self.start <= minute < self.end
        return minute >= self.start or minute < self.end


def _level(letter: str) -> int:
    if letter in (_FULL_LETTER, _FULL_LETTER.lower()):
        return FULL
    if letter.isascii() and letter.isdigit():
        return int(letter)
    raise ValueError(f"{letter!r} is no level")


def _day(word: str) -> int:
    if word not in DAYS:
        raise ValueError(f"{word!r} is no day; days are {', '.join(DAYS)}")
    return DAYS.index(word)


def _hours(start: int, end: int) -> range:
    """Hours from start to end; over midnight they run into the next day."""
    return range(start, end) if start < end else range(start, end + HOURS)
