"""Working days of China, weekends worked for a holiday among them.

The one seam to chinesecalendar. It holds what the State Council announces every
autumn for the year to come: whole years from 2004 on (release 1.11: to 2026), and it
raises NotImplementedError for any other. A year that it lacks is never guessed at.
"""

from __future__ import annotations

from datetime import date, timedelta
from functools import lru_cache
from itertools import dropwhile, takewhile

import chinese_calendar

# So many years before and after its own does a book of a year look back and ahead.
_BEFORE, _AFTER = 4, 1
# The notice for the next year may still free a weekday from this day of December on,
# or have a weekend worked: that for 2019 moved 29 and 31 December 2018.
_UNSETTLED = (12, 29)

Calendar = tuple[date, ...]


@lru_cache(maxsize=8)
def calendar(year: int) -> Calendar:
    """List the working days around ``year`` in order, as far as they are settled.

    The years are consecutive: none is left out between two that are known.
    """
    around = range(year - _BEFORE, year + _AFTER + 1)
    known = takewhile(_is_known, dropwhile(lambda each: not _is_known(each), around))
    return tuple(day for each in known for day in _of_year(each))


def _is_known(year: int) -> bool:
    try:
        chinese_calendar.is_workday(date(year, 1, 1))
    except NotImplementedError:
        return False
    return True


def _of_year(year: int) -> list[date]:
    first, next_year = date(year, 1, 1), date(year + 1, 1, 1)
    end = next_year if _is_known(year + 1) else date(year, *_UNSETTLED)
    days = (first + timedelta(n) for n in range((end - first).days))
    return [day for day in days if chinese_calendar.is_workday(day)]
