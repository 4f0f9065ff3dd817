"""Working days of China, weekends worked for a holiday among them.

The one seam to chinesecalendar, which holds what the State Council has announced: whole
years from 2004 on, the newest once it is announced. A year that it lacks is never
guessed at.
"""

from __future__ import annotations

from datetime import date, timedelta
from functools import lru_cache

import chinese_calendar

# So many years before and after its own does a book of a year look back and ahead.
_BEFORE, _AFTER = 4, 1

Calendar = tuple[date, ...]


@lru_cache(maxsize=8)
def calendar(year: int) -> Calendar:
    """List the working days around ``year`` in order, as far as they are known.

    The years are consecutive: none is left out between two that are known.
    """
    known: list[date] = []
    for each in range(year - _BEFORE, year + _AFTER + 1):
        days = _of_year(each)
        if days:
            known += days
        elif each > year:
            break
        else:
            known = []
    return tuple(known)


def _of_year(year: int) -> list[date]:
    first = date(year, 1, 1)
    days = (first + timedelta(n) for n in range((date(year + 1, 1, 1) - first).days))
    try:
        return [day for day in days if chinese_calendar.is_workday(day)]
    except NotImplementedError:
        return []
