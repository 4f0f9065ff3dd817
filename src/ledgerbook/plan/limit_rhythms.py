"""每季度, 按月, 每月10日前, 每年至少1次: phrases that say how often."""

from __future__ import annotations

import re
from collections.abc import Mapping
from types import MappingProxyType

from ledgerbook.days.deadlines import MONTHS
from ledgerbook.model import Every, Recurrence
from ledgerbook.plan.limit_words import DAY_PART, THIRDS, VAGUE, Mark, Said

_UNITS: Mapping[str, Every] = MappingProxyType(
    {
        "周": Every.WEEK,
        "星期": Every.WEEK,
        "礼拜": Every.WEEK,
        "月": Every.MONTH,
        "月度": Every.MONTH,
        "1个月": Every.MONTH,
        "2个月": Every.TWO_MONTHS,
        "2月": Every.TWO_MONTHS,
        "双月": Every.TWO_MONTHS,
        "3个月": Every.QUARTER,
        "季": Every.QUARTER,
        "季度": Every.QUARTER,
        "6个月": Every.HALF_YEAR,
        "半年": Every.HALF_YEAR,
        "半年度": Every.HALF_YEAR,
        "12个月": Every.YEAR,
        "年": Every.YEAR,
        "年度": Every.YEAR,
    }
)
_UNIT = (
    r"(?P<unit>星期|礼拜|周|双月|(?:12|[1236])个月|2月|月度?|季度?|半年度?|年度?)"
    r"(?![个半期边龄])"
)
_TIMES = r"(?:[^\d;。,、(]{0,16}?(?P<times>\d{1,2})(?:[-~至到]\d{1,2})?次(?:以上)?)?"
_IN_MONTH = rf"(?:{DAY_PART})?"
_LAG = r"(?:(?:结束|终了)后?|后)(?:的?(?P<lag>\d{1,2})[日天](?:之?内|以内))"
_DETAILS: Mapping[Every, str] = MappingProxyType(
    {
        Every.WEEK: r"(?:的?(?P<weekday>[一二三四五六日天])(?!次))?",
        Every.MONTH: (
            rf"(?:{_LAG}|(?:(?:结束)?后?的?(?P<following>次月|下个?月))?的?{_IN_MONTH})"
        ),
        Every.YEAR: (
            rf"(?:的?(?P<m>\d{{1,2}})月份?{_IN_MONTH}|年?[底末]"
            r"|第?(?P<q>[1-4])季度[末底]?|(?P<half>[上下])半年)?"
        ),
    }
)
_WITHIN_PERIOD = (
    rf"(?:{_LAG}"
    r"|的?(?:(?P<following>(?:结束)?后?的?次月|(?:结束)?后?的?下个?月)"
    r"|(?P<first>首个?月|第?1个月|第1月|头1?个月)|第?(?P<nth>[2-6])个月|第(?P<nth2>[2-6])月"
    rf"|(?P<final>最后1?个?月|末个?月|末月))份?{_IN_MONTH}"
    r"|(?P<close>[末底]))?"
)
_RHYTHM = re.compile(rf"(?:每|逐|各|按)(?:隔)?(?:1(?!\d|个月|2))?个?{_UNIT}")
_HIDDEN_RHYTHM = re.compile(r"(?P<unit>季度|季)(?=[末底](?!\d))")
_DETAIL = {
    every: re.compile(
        _DETAILS.get(every, _WITHIN_PERIOD) + r"(?:之前|以前|前|内)?" + _TIMES
    )
    for every in Every
}
# 一年一次, 4次/年, 全年不少于4次.
_COUNTED = tuple(
    re.compile(pattern)
    for pattern in (
        r"(?<![\d第])1个?(?P<unit>年|月|季度|季|周)[^\d;。,、月季年]{0,8}(?P<times>\d{1,2})次",
        r"(?P<times>\d{1,2})次[/每](?P<unit>年|月|季度|季|周|半年)",
        r"(?:全年|年度?内|本?年度|今年内?|本年)(?![底末])[^\d;。,、每按]{0,12}?(?P<times>\d{1,2})次",
    )
)


def rhythm_at(text: str, at: int) -> tuple[Mark, int] | None:
    """Read 每季度首月10日前 and the like at a place of the text; say where it ends."""
    for pattern in _COUNTED:
        if counted := pattern.match(text, at):
            unit = counted.groupdict().get("unit") or "年"
            said = {"times": counted["times"]}
            end = counted.end()
            return _mark(_UNITS[unit], said, counted[0], text[end:]), end
    found = _RHYTHM.match(text, at)
    if found is None and not (at and text[at - 1].isdigit()):
        found = _HIDDEN_RHYTHM.match(text, at)
    detail = _DETAIL[_UNITS[found["unit"]]].match(text, found.end()) if found else None
    if found is None or detail is None:
        return None
    said = {name: words for name, words in detail.groupdict().items() if words}
    words = text[at : detail.end()]
    return _mark(_UNITS[found["unit"]], said, words, text[detail.end() :]), detail.end()


def _mark(every: Every, said: Mapping[str, str], words: str, rest: str) -> Mark:
    rhythm = _recurrence(every, said)
    if rhythm is None:
        return Mark(Said.IMPOSSIBLE, words)
    unsure = VAGUE.match(rest) is not None
    return Mark(Said.UNSURE if unsure else Said.RHYTHM, words, rhythm=rhythm)


_LONGEST = (31, 29, 31, 30, 31, 30, 31, 31, 30, 31, 30, 31)
_WEEKDAYS = {name: n for n, name in enumerate("一二三四五六日", 1)} | {"天": 7}


def _recurrence(every: Every, said: Mapping[str, str]) -> Recurrence | None:
    """Put together what was said of a period; None for a day that there is not."""
    month, day = _month_of(every, said), _day_of(said)
    longest = max(_LONGEST)
    if every is Every.YEAR and month and "lag" not in said:
        longest = _LONGEST[month - 1] if month <= len(_LONGEST) else 0
    times = int(said.get("times", 1))
    numbers = (int(said[name]) for name in ("day", "lag", "m", "times") if name in said)
    if day > longest or not all(numbers):
        return None
    return Recurrence(every, month, day, times)


def _day_of(said: Mapping[str, str]) -> int:
    if "third" in said:
        return THIRDS[said["third"]]
    if "weekday" in said:
        return _WEEKDAYS[said["weekday"]]
    return int(said.get("day") or said.get("lag") or 0)


def _month_of(every: Every, said: Mapping[str, str]) -> int:
    """Return which month of a period is meant; 0 for its last."""
    if "following" in said or "lag" in said:
        return MONTHS[every] + 1
    if "first" in said:
        return 1
    if "q" in said:
        return 3 * int(said["q"])
    if said.get("half") == "上":
        return 6
    number = int(said.get("nth") or said.get("nth2") or said.get("m") or 0)
    return 0 if number == MONTHS[every] != MONTHS[Every.YEAR] else number
