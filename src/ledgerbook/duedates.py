"""When an entry of a register is due, and whether it was done in time. Pure.

The same as the formulas of an issued sheet come to: both look days up in one list of
working days, and what the list does not reach is not told.
"""

from __future__ import annotations

from bisect import bisect_right
from collections.abc import Mapping
from dataclasses import dataclass
from datetime import date
from enum import StrEnum

from ledgerbook.model import DueRule
from ledgerbook.workdays import Calendar

# What stands in place of a day: the calendar does not reach so far; the limit stands
# still until others have answered.
UNKNOWN, PAUSED = "无法计算", "暂停计时"
# A limit that is so many days away is pressing.
SOON_DAYS = 5


class State(StrEnum):
    """How an entry stands towards its limit; blank while there is time."""

    NONE = ""
    IN_TIME = "按期"
    TOO_LATE = "超期"
    OVERDUE = "逾期"
    SOON = "临期"


@dataclass(frozen=True, slots=True)
class Due:
    """The last day of a limit, or else ``told`` why there is none."""

    day: date | None = None
    told: str = ""

    @property
    def shown(self) -> date | str:
        return self.day or self.told


Said = Mapping[str, object]


def due(rule: DueRule, said: Said, days: Calendar) -> Due:
    """Compute the limit of an entry that says ``said`` (column key → value).

    Without a first day there is none. Days between the two dates of a pause do not
    count (those after the first, up to the last), if it began within the limit; while
    the second is missing, the limit stands still.
    """
    start = _date(said, rule.restart) or _date(said, rule.start)
    if start is None:
        return Due()
    if rule.working and (not days or start < days[0]):
        return Due(told=UNKNOWN)
    ruler = _Ruler(days if rule.working else ())
    end = ruler.place(start) + rule.days
    end += sum(e.days for e in rule.extended if said.get(e.column) in e.values)
    paused = 0
    for first, last in rule.paused:
        begun, over = _date(said, first), _date(said, last)
        if begun is None or ruler.place(max(begun, start)) >= end:
            continue
        if over is None:
            return Due(told=PAUSED)
        since = ruler.place(max(begun, start))
        paused += max(0, ruler.place(max(over, start)) - since)
    day = ruler.day(end + paused)
    return Due(day) if day else Due(told=UNKNOWN)


def state(rule: DueRule, limit: Due, said: Said, as_of: date) -> State:
    """Say how an entry stands on ``as_of``; what has no limit stands nowhere."""
    if limit.day is None:
        return State.NONE
    if closed := _date(said, rule.closed):
        return State.IN_TIME if closed <= limit.day else State.TOO_LATE
    left = (limit.day - as_of).days
    if left < 0:
        return State.OVERDUE
    return State.SOON if left <= SOON_DAYS else State.NONE


@dataclass(frozen=True, slots=True)
class _Ruler:
    """Days as places on a line: in the list of working days, or any day by itself."""

    days: Calendar

    def place(self, day: date) -> int:
        return bisect_right(self.days, day) if self.days else day.toordinal()

    def day(self, place: int) -> date | None:
        if not self.days:
            return date.fromordinal(place)
        return self.days[place - 1] if place <= len(self.days) else None


def _date(said: Said, key: str) -> date | None:
    value = said.get(key)
    return value if isinstance(value, date) else None
