"""Parse deadline texts (时限) such as 6月底前 into due dates and recurrences.

The result is a date, a recurrence (每季度首月10日前), 长期, or no deadline; nothing is
ever estimated. A text that cannot be understood for certain gives no deadline but a
doubt, from which :mod:`ledgerbook.plan.deadline_questions` makes an open question. 前
includes the day itself: 6月10日前 is due on 10 June. A period stands for its last day:
11月中旬 for the 20th, 6月 and 6月底 for 30 June, 全年 for 31 December.

The text is normalized, then scanned from left to right for phrases that the patterns
of the last two sections match; the phrases found are combined into one result.
"""

from __future__ import annotations

import re
from calendar import monthrange
from collections.abc import Callable, Iterator, Mapping, Sequence
from dataclasses import dataclass, replace
from datetime import date
from enum import Enum, auto
from functools import lru_cache
from itertools import pairwise
from types import MappingProxyType

from ledgerbook.chinese_numerals import ORDINAL_CHARACTERS, ZERO_LOOKALIKES, ZEROS, convert_numeral
from ledgerbook.deadlines import MONTHS_PER_INTERVAL, WEEKDAYS, count_times
from ledgerbook.model import (
    Deadline,
    FixedDeadline,
    Interval,
    NoDeadline,
    OngoingDeadline,
    Recurrence,
)
from ledgerbook.text import normalize


class _PhraseKind(Enum):
    """What a phrase of a deadline text means."""

    DATE = auto()
    START = auto()
    RECURRENCE = auto()
    ONGOING = auto()
    # A demand without a date, such as 尽快.
    UNDATED = auto()
    # A date that does not exist, such as 6月31日.
    IMPOSSIBLE = auto()
    # A month with 前 or 初: its first day or its last?
    AMBIGUOUS = auto()
    # A deadline relative to an event that the text does not date, such as 3个工作日内.
    UNREADABLE = auto()


@dataclass(frozen=True, slots=True)
class _Phrase:
    """A phrase of a deadline text, and ``text_before``, the text between it and the last one.

    ``day`` is set for ``DATE`` and ``START``, ``recurrence`` for ``RECURRENCE``.
    """

    kind: _PhraseKind
    text: str
    text_before: str = ""
    day: date | None = None
    recurrence: Recurrence | None = None


class DeadlineDoubt(Enum):
    """Why a deadline text is in doubt, so that the office is asked about it."""

    UNREADABLE = auto()
    UNDATED = auto()
    IMPOSSIBLE = auto()
    AMBIGUOUS = auto()
    SEVERAL = auto()
    DATE_RANGE = auto()
    PAST = auto()


@dataclass(frozen=True, slots=True)
class ParsedDeadline:
    """The deadline of a text; ``doubtful_phrases`` are the words that ``doubt`` is about."""

    deadline: Deadline
    doubt: DeadlineDoubt | None = None
    doubtful_phrases: tuple[str, ...] = ()


@dataclass(slots=True)
class _YearContext:
    """The year of the plan, and the year that the text named last."""

    plan_year: int
    named_year: int | None = None


_EDGE_PUNCTUATION = "。.;,、"
# What is typed into a cell to mark it as blank.
_BLANK_MARKS = re.compile(r"[-—–/\\、。.无]*")
# A number of days or months outside all phrases: it is relative to something unknown.
_UNMATCHED_PERIOD = re.compile(r"\d个?(?:年|月|日|号|天|周|星期|小时|季)|[日周月年]后")
_RANGE_JOINER = re.compile(r"(?:[-—–―~]+|至|到)")
# Texts that name a period and nothing else.
_INTERVAL_ONLY = {
    "季度": Interval.QUARTER,
    "月度": Interval.MONTH,
    "季": Interval.QUARTER,
}
_LIST_END = re.compile(r"[\d一二三四上][、,和及与]$")
_LIST_START = re.compile(rf"[、,和及与][{WEEKDAYS}]")
_SINCE_WORD = re.compile(r"[自从]$")
_UNTIL_WORDS = re.compile(r"(?:之|以)?前|(?:完成|办结)")
# Any year: a recurrence has equally many occurrences in each, but for weeks.
_SAMPLE_YEAR = 2022


def parse_deadline(text: str, year: int) -> Deadline:
    """Return the deadline that ``text`` means in a plan for ``year``; never raises."""
    return parse_deadline_with_doubts(text, year).deadline


@lru_cache(maxsize=4096)
def parse_deadline_with_doubts(text: str, year: int) -> ParsedDeadline:
    """Return the deadline that ``text`` means in a plan for ``year``, and any doubt about it."""
    normalized = _normalize_deadline_text(text).strip(_EDGE_PUNCTUATION)
    if _BLANK_MARKS.fullmatch(normalized):
        return ParsedDeadline(NoDeadline())
    if normalized in _INTERVAL_ONLY:
        return ParsedDeadline(Recurrence(_INTERVAL_ONLY[normalized]))
    *phrases, tail = _scan_phrases(normalized, _YearContext(year))
    if any(map(_is_part_of_list, phrases, [*phrases[1:], tail])):
        return ParsedDeadline(NoDeadline(), DeadlineDoubt.SEVERAL, (normalized,))
    for kind, doubt in (
        (_PhraseKind.IMPOSSIBLE, DeadlineDoubt.IMPOSSIBLE),
        (_PhraseKind.AMBIGUOUS, DeadlineDoubt.AMBIGUOUS),
    ):
        if doubtful := tuple(phrase.text for phrase in phrases if phrase.kind is kind):
            return ParsedDeadline(NoDeadline(), doubt, doubtful)
    is_unreadable = any(phrase.kind is _PhraseKind.UNREADABLE for phrase in phrases)
    gaps = [phrase.text_before for phrase in (*phrases, tail)]
    if is_unreadable or any(map(_UNMATCHED_PERIOD.search, gaps)):
        return ParsedDeadline(NoDeadline(), DeadlineDoubt.UNREADABLE)
    return _combine_phrases(_mark_range_starts(phrases), year)


def has_deadline_doubt(text: str, year: int) -> bool:
    """Return whether it is doubtful what ``text`` means as a deadline."""
    return parse_deadline_with_doubts(text, year).doubt is not None


def find_deadline_phrases(text: str, year: int) -> tuple[str, ...]:
    """Return the phrases of a longer text that are probably deadlines."""
    phrases: dict[str, None] = {}
    for phrase, next_phrase in pairwise(
        _scan_phrases(_normalize_deadline_text(text), _YearContext(year))
    ):
        until_match = _UNTIL_WORDS.match(next_phrase.text_before)
        if phrase.kind is _PhraseKind.RECURRENCE:
            phrases[phrase.text] = None
        elif until_match and phrase.kind in (_PhraseKind.DATE, _PhraseKind.AMBIGUOUS):
            phrases[f"{phrase.text}{until_match[0]}"] = None
    return tuple(phrases)


def _is_part_of_list(phrase: _Phrase, next_phrase: _Phrase) -> bool:
    """Return whether ``phrase`` is part of a list such as 一、三季度 or 每周一、三、五.

    The other parts of such a list match no phrase.
    """
    ends_list = phrase.kind is not _PhraseKind.UNREADABLE and _LIST_END.search(phrase.text_before)
    begins_list = phrase.kind is _PhraseKind.RECURRENCE and _LIST_START.match(
        next_phrase.text_before
    )
    return bool(ends_list or begins_list)


def _mark_range_starts(phrases: Sequence[_Phrase]) -> tuple[_Phrase, ...]:
    """Change a date after 自, and the first of two dates joined by 至, into a start."""
    result = [
        replace(phrase, kind=_PhraseKind.START)
        if phrase.kind is _PhraseKind.DATE and _SINCE_WORD.search(phrase.text_before)
        else phrase
        for phrase in phrases
    ]
    for index in range(1, len(result)):
        phrase, previous = result[index], result[index - 1]
        are_dates = {phrase.kind, previous.kind} <= {_PhraseKind.DATE, _PhraseKind.START}
        if (
            are_dates
            and previous.kind is _PhraseKind.DATE
            and _RANGE_JOINER.fullmatch(phrase.text_before)
        ):
            result[index - 1] = replace(previous, kind=_PhraseKind.START)
    return tuple(result)


def _combine_phrases(phrases: Sequence[_Phrase], year: int) -> ParsedDeadline:
    """Return the deadline that the phrases of one text mean together."""
    date_phrases = [phrase for phrase in phrases if phrase.kind is _PhraseKind.DATE]
    recurrences = list(_find_recurrences(phrases))
    start_days = [
        phrase.day for phrase in phrases if phrase.kind is _PhraseKind.START and phrase.day
    ]
    has_clash = any(
        _contradicts_dates(recurrence, date_phrases, year) for recurrence in recurrences
    )
    if len({phrase.day for phrase in date_phrases}) > 1 or len(recurrences) > 1 or has_clash:
        texts = (
            phrase.text
            for phrase in phrases
            if phrase.kind in (_PhraseKind.DATE, _PhraseKind.RECURRENCE)
        )
        return ParsedDeadline(NoDeadline(), DeadlineDoubt.SEVERAL, tuple(texts))
    if recurrences:
        return ParsedDeadline(replace(recurrences[0], since=max(start_days, default=None)))
    if date_phrases and date_phrases[0].day:
        return _build_fixed_deadline(date_phrases[0].day, phrases, start_days, year)
    if any(phrase.kind is _PhraseKind.ONGOING for phrase in phrases):
        return ParsedDeadline(OngoingDeadline())
    if any(phrase.kind is _PhraseKind.UNDATED for phrase in phrases):
        return ParsedDeadline(NoDeadline(), DeadlineDoubt.UNDATED)
    return ParsedDeadline(NoDeadline(), DeadlineDoubt.UNREADABLE)


def _find_recurrences(phrases: Sequence[_Phrase]) -> Iterator[Recurrence]:
    """Yield the different recurrences; 每季度一次，全年四次 is a single one."""
    recurrences = list(dict.fromkeys(phrase.recurrence for phrase in phrases if phrase.recurrence))
    within_year = [
        recurrence for recurrence in recurrences if recurrence.interval is not Interval.YEAR
    ]
    for recurrence in recurrences:
        is_plain_yearly = recurrence == Recurrence(
            Interval.YEAR, times_per_period=recurrence.times_per_period
        )
        is_restatement = is_plain_yearly and any(
            count_times(replace(other, since=None), _SAMPLE_YEAR) == recurrence.times_per_period
            for other in within_year
        )
        if not is_restatement:
            yield recurrence


def _contradicts_dates(recurrence: Recurrence, date_phrases: Sequence[_Phrase], year: int) -> bool:
    """Return whether a date beside a recurrence means something else.

    The end of the year does not, as in 每季度一次，年底前完成.
    """
    has_month = recurrence.interval is Interval.YEAR and bool(recurrence.month or recurrence.day)
    return any(has_month or phrase.day != date(year, 12, 31) for phrase in date_phrases)


def _build_fixed_deadline(
    day: date, phrases: Sequence[_Phrase], start_days: Sequence[date], year: int
) -> ParsedDeadline:
    """Return the deadline of a text with one date, and any doubt about the date."""
    continues_after = any(phrase.kind is _PhraseKind.ONGOING for phrase in phrases)
    deadline = FixedDeadline(day, continues_after)
    if any(start > day for start in start_days):
        return ParsedDeadline(
            NoDeadline(),
            DeadlineDoubt.SEVERAL,
            tuple(phrase.text for phrase in phrases if phrase.day),
        )
    if day.year < year:
        return ParsedDeadline(deadline, DeadlineDoubt.PAST)
    return ParsedDeadline(deadline, DeadlineDoubt.DATE_RANGE if start_days else None)


# --- the text in ASCII digits ---

_TIME_OF_DAY = re.compile(r"(?<=\d)[ T]+\d{1,2}:\d\d(?::\d\d(?:\.\d+)?)?(?!\d)")
_NUMERAL_CHARACTERS = f"{ZEROS}{ORDINAL_CHARACTERS}两"
_CHINESE_NUMERAL = re.compile(
    rf"(?<![统同唯任专万单某])[{_NUMERAL_CHARACTERS}{ZERO_LOOKALIKES}]*[{_NUMERAL_CHARACTERS}]"
    rf"(?=年|月|日|号|次|个|季|天|周|旬|[-—–―~至到][{_NUMERAL_CHARACTERS}]+[年月日号次])"
)


def _normalize_deadline_text(text: str) -> str:
    """Return ``text`` without white space and times of day, with all numbers in ASCII digits."""
    normalized = normalize(_TIME_OF_DAY.sub("", text))
    return _CHINESE_NUMERAL.sub(lambda match: convert_numeral(match[0]), normalized)


# --- the phrases of a text ---

_ONGOING_WORDS = (
    r"长期|常态化?|持续(?![到至])|常年|始终|不间断|日常|随时|实时|贯穿全年|经常"
    r"|全年(?:持续|推进|开展|坚持|实施|抓好|落实)|每[日天]|逐日|每个?工作日(?!内)"
    r"|动态(?:更新|调整|管理)"
)
_UNDATED_WORDS = (
    r"立即|即时|立行立改|即知即改|马上|尽快|尽早|适时|及时|按时|按期|限期|不定期|定期|近期"
    r"|按要求|按上级要求|按规定|按计划|按进度|按通知|视情况?|待定|另行通知"
    r"|根据(?:需要|工作|实际|上级)[^,;。]*"
)
_UNREADABLE_WORDS = (
    r"\d*个?工作日|[春国中]秋?[节庆]节?前?"
    r"|(?<!\d)\d{1,3}(?:个月|年|日|天|周|个?小时)(?:之?内|以内)"
    r"|\d+个?(?:小时|星期)|次月|下个?月|本月|当月|半年内|上下半年|年初|年中|月初|月中"
    r"|(?<![\d月])\d{1,2}[日号](?=之?前|以前)"
)
_KEYWORD_PATTERNS = tuple(
    (re.compile(pattern), kind)
    for pattern, kind in (
        (_ONGOING_WORDS, _PhraseKind.ONGOING),
        (_UNDATED_WORDS, _PhraseKind.UNDATED),
        (_UNREADABLE_WORDS, _PhraseKind.UNREADABLE),
    )
)

# The last day of 上旬, 中旬 and 下旬 of a month; 0 is the last day of the month.
_THIRD_END_DAYS: Mapping[str, int] = MappingProxyType({"上": 10, "中": 20, "下": 0})
_DAY_PATTERN = (
    r"(?:(?P<day>(?<!\d)\d{1,2})(?:日|号|(?=之?前|以前|止))"
    r"|(?P<end>月?[底末](?!月))|(?P<third>[上中下])旬)"
)

# 月初 and 月中 name no day; 上旬 and 中旬 have a last one.
_VAGUE_MONTH_PART = re.compile(r"初|中(?!旬)")


def _scan_phrases(text: str, years: _YearContext) -> Iterator[_Phrase]:
    """Yield the phrases of ``text`` in order, then an empty one with the rest of the text."""
    position = gap_start = 0
    while position < len(text):
        phrase, end = _match_phrase(text, position, years) or (None, position + 1)
        if phrase:
            yield replace(phrase, text_before=text[gap_start:position])
            gap_start = end
        position = end
    yield _Phrase(_PhraseKind.UNREADABLE, "", text[gap_start:])


def _match_phrase(text: str, position: int, years: _YearContext) -> tuple[_Phrase, int] | None:
    """Return the phrase that begins at ``position`` and the index of its end, if any."""
    if recurrence := _match_recurrence(text, position):
        return recurrence
    for pattern, kind in _KEYWORD_PATTERNS:
        if match := pattern.match(text, position):
            return _Phrase(kind, match[0]), match.end()
    return _match_date(text, position, years)


# --- phrases that give a date: 6月底前, 2022.6.30, 11月中旬, 三季度末, 年内 ---

_RELATIVE_YEAR = r"今年|本年度|本年|当年|明年|次年|翌年|下一?年|去年|上年"
_YEAR_PATTERN = (
    r"(?:(?P<year>(?<!\d)(?:19|20)\d\d)年?(?:度|年)?"
    rf"|(?P<short>(?<!\d)\d\d)年(?=\d{{1,2}}月)|(?P<rel>{_RELATIVE_YEAR}))"
)
_WHOLE_YEAR_PATTERN = (
    r"(?:(?P<year>(?<!\d)(?:19|20)\d\d)(?:年(?:度|年)?|(?=[底末]))"
    rf"|(?P<short>(?<!\d)\d\d)年(?=年?[底末])|(?P<rel>{_RELATIVE_YEAR}))"
)
_YEAR_OFFSETS: Mapping[str, int] = MappingProxyType(
    {"明年": 1, "次年": 1, "翌年": 1, "下年": 1, "下一年": 1, "去年": -1, "上年": -1}
)
_BEFORE_WORDS = re.compile(r"(?:之|以)?前")
_STARTING_WORDS = re.compile(r"(?:之|以)?后|起|开始|启动")
_ABOUT_WORDS = re.compile(r"左右|前后|上下")
_RANGE_DASH = r"[-—–―~至到]"
_FULL_DATE = (
    r"(?<!\d)(?P<y>(?:19|20)\d\d)(?P<by>[-./])(?P<m>\d{1,2})(?P=by)"
    r"(?P<d>\d{1,2})(?!\d)[日号]?"
)
_YEAR_MONTH = r"(?<!\d)(?P<y>(?:19|20)\d\d)[-./](?P<m>\d{1,2})(?![\d年./-])月?[底末]?"
_DAY_RANGE = (
    rf"{_YEAR_PATTERN}?(?P<m>(?<!\d)\d{{1,2}})月\d{{1,2}}[日号]?{_RANGE_DASH}(?P<d>\d{{1,2}})[日号]"
)
_MONTH_RANGE = (
    rf"{_YEAR_PATTERN}?(?P<m>(?<![\d.])\d{{1,2}})(?:月份?)?(?:(?P<d>\d{{1,2}})[日号])?{_RANGE_DASH}"
    rf"(?={_YEAR_PATTERN.replace('?P<', '?P<to_')}?\d{{1,2}}月)"
)
_MONTH_DAY = (
    r"(?<![\d.])(?P<m>\d{1,2})[./](?P<d>\d{1,2})(?![\d.])"
    r"(?=[日号]|之?前|以前|[底止]|完成|$)"
)
_QUARTER = (
    rf"{_YEAR_PATTERN}?(?:第?(?P<q>(?<!\d)[1-4])季度?|[Qq](?P<roman>[1-4])(?!\d)"
    r"|前(?P<upto>[1-3])个?季度)(?P<end>[底末])?"
)


def _resolve_year(match: re.Match[str], years: _YearContext) -> int:
    """Return the year of a matched date: its own, else the last one named, else the plan's."""
    groups = match.groupdict()
    if groups.get("year"):
        years.named_year = int(groups["year"])
    elif groups.get("short"):
        years.named_year = years.plan_year // 100 * 100 + int(groups["short"])
    elif groups.get("rel"):
        years.named_year = years.plan_year + _YEAR_OFFSETS.get(groups["rel"], 0)
    return years.named_year or years.plan_year


def _make_date_phrase(
    match: re.Match[str], year: int, month: int, day: int, *, without_day: bool = False
) -> _Phrase:
    """Return the phrase of a date; a ``day`` of 0 is the last of the month.

    ``without_day`` says that the text named only a month or a longer period, so that it
    is ambiguous with 前.
    """
    following = match.string[match.end() :]
    try:
        calendar_day = date(year, month, day or monthrange(year, month)[1])
    except (ValueError, IndexError):
        return _Phrase(_PhraseKind.IMPOSSIBLE, match[0])
    is_vague = _BEFORE_WORDS.match(following) or _VAGUE_MONTH_PART.match(following)
    if _ABOUT_WORDS.match(following) or (without_day and is_vague):
        kind = _PhraseKind.AMBIGUOUS
    elif _STARTING_WORDS.match(following):
        kind = _PhraseKind.START
        calendar_day = calendar_day.replace(day=1) if without_day or not day else calendar_day
    else:
        kind = _PhraseKind.DATE
    return _Phrase(kind, match[0], day=calendar_day)


def _parse_full_date(match: re.Match[str], years: _YearContext) -> _Phrase:
    """Parse 2022.6.30 and 20220630."""
    years.named_year = int(match["y"])
    return _make_date_phrase(match, years.named_year, int(match["m"]), int(match["d"]))


def _parse_year_month(match: re.Match[str], years: _YearContext) -> _Phrase:
    """Parse 2022.6 and 2022-06月."""
    years.named_year = int(match["y"])
    return _make_date_phrase(match, years.named_year, int(match["m"]), 0, without_day=True)


def _parse_month_day(match: re.Match[str], years: _YearContext) -> _Phrase:
    """Parse 6.30 and 6/30 where they are no decimal numbers."""
    year = years.named_year or years.plan_year
    return _make_date_phrase(match, year, int(match["m"]), int(match["d"]))


def _parse_month(match: re.Match[str], years: _YearContext) -> _Phrase:
    """Parse 6月, 2022年6月30日, 6月底 and 11月中旬."""
    day = _find_day(match)
    names_day = bool(match["day"] or match["end"] or match["third"])
    if match["day"] and not day:
        return _Phrase(_PhraseKind.IMPOSSIBLE, match[0])
    year = _resolve_year(match, years)
    return _make_date_phrase(match, year, int(match["m"]), day, without_day=not names_day)


def _find_day(match: re.Match[str]) -> int:
    """Return the day that a phrase names; 0 for the last day of the month."""
    if match["day"]:
        return int(match["day"])
    return _THIRD_END_DAYS[match["third"]] if match["third"] else 0


def _parse_range_start(match: re.Match[str], years: _YearContext) -> _Phrase:
    """Parse the beginning of a range of months, such as 3月至 of 3月至6月."""
    year, month = _resolve_year(match, years), int(match["m"])
    try:
        day = date(year, month, int(match["d"] or 1))
    except ValueError:
        return _Phrase(_PhraseKind.IMPOSSIBLE, match[0])
    return _Phrase(_PhraseKind.START, match[0], day=day)


def _parse_day_range(match: re.Match[str], years: _YearContext) -> _Phrase:
    """Parse a range of days in a month, such as 6月1日至10日, as its last day."""
    year = _resolve_year(match, years)
    return _make_date_phrase(match, year, int(match["m"]), int(match["d"]))


def _parse_half_year(match: re.Match[str], years: _YearContext) -> _Phrase:
    """Parse 上半年 and 下半年."""
    month = 6 if match["half"] == "上" else 12
    return _make_date_phrase(
        match, _resolve_year(match, years), month, 0, without_day=not match["end"]
    )


def _parse_quarter(match: re.Match[str], years: _YearContext) -> _Phrase:
    """Parse 三季度末, Q3 and 前三季度, with numbers in ASCII digits."""
    month = 3 * int(match["q"] or match["upto"] or match["roman"])
    return _make_date_phrase(
        match, _resolve_year(match, years), month, 0, without_day=not match["end"]
    )


def _parse_year_end(match: re.Match[str], years: _YearContext) -> _Phrase:
    """Parse 年底, 全年 and 2022年内."""
    return _make_date_phrase(
        match, _resolve_year(match, years), 12, 0, without_day=not match["end"]
    )


_PhraseParser = Callable[[re.Match[str], _YearContext], _Phrase]
# The patterns are tried in this order.
_DATE_PATTERNS: tuple[tuple[re.Pattern[str], _PhraseParser], ...] = tuple(
    (re.compile(pattern), parse_phrase)
    for pattern, parse_phrase in (
        (_FULL_DATE, _parse_full_date),
        (r"(?<!\d)(?P<y>20\d\d)(?P<m>\d\d)(?P<d>\d\d)(?!\d)", _parse_full_date),
        (_YEAR_MONTH, _parse_year_month),
        (_DAY_RANGE, _parse_day_range),
        (_MONTH_RANGE, _parse_range_start),
        (
            rf"{_YEAR_PATTERN}?的?(?P<m>(?<![\d.])\d{{1,2}})月份?{_DAY_PATTERN}?",
            _parse_month,
        ),
        (_MONTH_DAY, _parse_month_day),
        (rf"{_YEAR_PATTERN}?(?P<half>[上下])半年(?P<end>[底末])?", _parse_half_year),
        (_QUARTER, _parse_quarter),
        (rf"{_WHOLE_YEAR_PATTERN}(?P<end>年?[底末终]|全年|年?内)?", _parse_year_end),
        (r"(?<!半)(?P<end>年[底末终]|年度?内|岁末|全年)", _parse_year_end),
    )
)


def _match_date(text: str, position: int, years: _YearContext) -> tuple[_Phrase, int] | None:
    """Return the date phrase that begins at ``position`` and the index of its end, if any."""
    for pattern, parse_phrase in _DATE_PATTERNS:
        if match := pattern.match(text, position):
            return parse_phrase(match, years), match.end()
    return None


# --- phrases that say how often: 每季度, 按月, 每月10日前, 每年至少1次 ---

_UNIT_INTERVALS: Mapping[str, Interval] = MappingProxyType(
    {
        "周": Interval.WEEK,
        "星期": Interval.WEEK,
        "礼拜": Interval.WEEK,
        "月": Interval.MONTH,
        "月度": Interval.MONTH,
        "1个月": Interval.MONTH,
        "2个月": Interval.TWO_MONTHS,
        "2月": Interval.TWO_MONTHS,
        "双月": Interval.TWO_MONTHS,
        "3个月": Interval.QUARTER,
        "季": Interval.QUARTER,
        "季度": Interval.QUARTER,
        "6个月": Interval.HALF_YEAR,
        "半年": Interval.HALF_YEAR,
        "半年度": Interval.HALF_YEAR,
        "12个月": Interval.YEAR,
        "年": Interval.YEAR,
        "年度": Interval.YEAR,
    }
)
_UNIT_PATTERN = (
    r"(?P<unit>星期|礼拜|周|双月|(?:12|[1236])个月|2月|月度?|季度?|半年度?|年度?)"
    r"(?![个半期边龄])"
)
_TIMES_SUFFIX = r"(?:[^\d;。,、(]{0,16}?(?P<times>\d{1,2})(?:[-~至到]\d{1,2})?次(?:以上)?)?"
_DAY_IN_MONTH = rf"(?:{_DAY_PATTERN})?"
_LAG_PATTERN = r"(?:(?:结束|终了)后?|后)(?:的?(?P<lag>\d{1,2})[日天](?:之?内|以内))"
_DETAIL_BY_INTERVAL: Mapping[Interval, str] = MappingProxyType(
    {
        Interval.WEEK: rf"(?:的?(?P<weekday>[{WEEKDAYS}天])(?!次))?",
        Interval.MONTH: (
            rf"(?:{_LAG_PATTERN}|(?:(?:结束)?后?的?(?P<following>次月|下个?月))?的?{_DAY_IN_MONTH})"
        ),
        Interval.YEAR: (
            rf"(?:的?(?P<m>\d{{1,2}})月份?{_DAY_IN_MONTH}|年?[底末]"
            r"|第?(?P<q>[1-4])季度[末底]?|(?P<half>[上下])半年)?"
        ),
    }
)
_WITHIN_PERIOD = (
    rf"(?:{_LAG_PATTERN}"
    r"|的?(?:(?P<following>(?:结束)?后?的?次月|(?:结束)?后?的?下个?月)"
    r"|(?P<first>首个?月|第?1个月|第1月|头1?个月)|第?(?P<nth>[2-6])个月|第(?P<nth2>[2-6])月"
    rf"|(?P<final>最后1?个?月|末个?月|末月))份?{_DAY_IN_MONTH}"
    r"|(?P<close>[末底]))?"
)
_RECURRENCE = re.compile(rf"(?:每|逐|各|按)(?:隔)?(?:1(?!\d|个月|2))?个?{_UNIT_PATTERN}")
_IMPLIED_RECURRENCE = re.compile(r"(?P<unit>季度|季)(?=[末底](?!\d))")
_DETAIL_PATTERNS = {
    interval: re.compile(
        _DETAIL_BY_INTERVAL.get(interval, _WITHIN_PERIOD) + r"(?:之前|以前|前|内)?" + _TIMES_SUFFIX
    )
    for interval in Interval
}

# Matches 一年一次, 4次/年, 全年不少于4次.
_TIMES_PATTERNS = tuple(
    re.compile(pattern)
    for pattern in (
        r"(?<![\d第])1个?(?P<unit>年|月|季度|季|周)[^\d;。,、月季年]{0,8}(?P<times>\d{1,2})次",
        r"(?P<times>\d{1,2})次[/每](?P<unit>年|月|季度|季|周|半年)",
        r"(?:全年|年度?内|本?年度|今年内?|本年)(?![底末])[^\d;。,、每按]{0,12}?(?P<times>\d{1,2})次",
    )
)
_MONTH_LENGTHS = (31, 29, 31, 30, 31, 30, 31, 31, 30, 31, 30, 31)
_WEEKDAY_NUMBERS = {name: n for n, name in enumerate(WEEKDAYS, 1)} | {"天": 7}


def _match_recurrence(text: str, position: int) -> tuple[_Phrase, int] | None:
    """Return the recurrence phrase that begins at ``position`` and its end, if any."""
    for pattern in _TIMES_PATTERNS:
        if times_match := pattern.match(text, position):
            unit = times_match.groupdict().get("unit") or "年"
            groups = {"times": times_match["times"]}
            end = times_match.end()
            return _make_recurrence_phrase(
                _UNIT_INTERVALS[unit], groups, times_match[0], text[end:]
            ), end
    match = _RECURRENCE.match(text, position)
    if match is None and not (position and text[position - 1].isdigit()):
        match = _IMPLIED_RECURRENCE.match(text, position)
    detail_match = (
        _DETAIL_PATTERNS[_UNIT_INTERVALS[match["unit"]]].match(text, match.end()) if match else None
    )
    if match is None or detail_match is None:
        return None
    groups = {name: words for name, words in detail_match.groupdict().items() if words}
    words = text[position : detail_match.end()]
    return _make_recurrence_phrase(
        _UNIT_INTERVALS[match["unit"]], groups, words, text[detail_match.end() :]
    ), detail_match.end()


def _make_recurrence_phrase(
    interval: Interval, groups: Mapping[str, str], phrase_text: str, following: str
) -> _Phrase:
    """Return the phrase of a recurrence; ``following`` is the text after it."""
    recurrence = _build_recurrence(interval, groups)
    if recurrence is None:
        return _Phrase(_PhraseKind.IMPOSSIBLE, phrase_text)
    is_ambiguous = _VAGUE_MONTH_PART.match(following) is not None
    return _Phrase(
        _PhraseKind.AMBIGUOUS if is_ambiguous else _PhraseKind.RECURRENCE,
        phrase_text,
        recurrence=recurrence,
    )


def _build_recurrence(interval: Interval, groups: Mapping[str, str]) -> Recurrence | None:
    """Return the recurrence that the named groups describe; ``None`` for an impossible day."""
    month, day = _find_month_in_period(interval, groups), _find_day_in_period(groups)
    max_day = max(_MONTH_LENGTHS)
    if interval is Interval.YEAR and month and "lag" not in groups:
        max_day = _MONTH_LENGTHS[month - 1] if month <= len(_MONTH_LENGTHS) else 0
    times = int(groups.get("times", 1))
    numbers = (int(groups[name]) for name in ("day", "lag", "m", "times") if name in groups)
    if day > max_day or not all(numbers):
        return None
    return Recurrence(interval, month, day, times)


def _find_day_in_period(groups: Mapping[str, str]) -> int:
    """Return the day of the month or week that is meant; 0 for the last."""
    if "third" in groups:
        return _THIRD_END_DAYS[groups["third"]]
    if "weekday" in groups:
        return _WEEKDAY_NUMBERS[groups["weekday"]]
    return int(groups.get("day") or groups.get("lag") or 0)


def _find_month_in_period(interval: Interval, groups: Mapping[str, str]) -> int:
    """Return the number of the month of the period that is meant; 0 for the last."""
    if "following" in groups or "lag" in groups:
        return MONTHS_PER_INTERVAL[interval] + 1
    if "first" in groups:
        return 1
    if "q" in groups:
        return 3 * int(groups["q"])
    if groups.get("half") == "上":
        return 6
    number = int(groups.get("nth") or groups.get("nth2") or groups.get("m") or 0)
    is_last = number == MONTHS_PER_INTERVAL[interval] and interval is not Interval.YEAR
    return 0 if is_last else number
