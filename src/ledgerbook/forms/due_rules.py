"""Parse and write 期限算法, the rule by which an entry of a register has its due date.

The office writes the rule on 字段, in this grammar:

    rule   = start { ; clause }
    start  = 列名 + N 个工作日 | 列名 + N 天
    clause = 列名 = 选项 { / 选项 } 时再加 N 个工作日 | 时再加 N 天
           | 扣除 列名 至 列名
           | 有 列名 的从它重新算起
           | 以 列名 为办结

All days of a rule are working days, or all are calendar days. At most two periods are
deducted. The statutory limits themselves, such as those of 政府信息公开条例第33条, are data of
the forms; no code knows them. :mod:`ledgerbook.statutory_limits` computes with the rules.
"""

from __future__ import annotations

import re
from collections.abc import Iterator, Mapping
from dataclasses import dataclass, field

from ledgerbook.model import Column, ColumnType, DueRule, Extension
from ledgerbook.text import normalize

_DAYS_PATTERN = r"(?P<days>\d{1,3})(?P<unit>个工作日|工作日|天|日)"
_START_PATTERN = re.compile(rf"(?P<start>[^+]+)\+{_DAYS_PATTERN}")
_EXTENSION_PATTERN = re.compile(rf"(?P<column>[^=]+)=(?P<values>.+?)时?再加{_DAYS_PATTERN}")
_PAUSE_PATTERN = re.compile(r"扣除(?P<first>.+)至(?P<last>.+)")
_RESTART_PATTERN = re.compile(r"有(?P<restart>.+)的从它重新算起")
_CLOSED_PATTERN = re.compile(r"以(?P<closed>.+)为办结")
# The formula in an issued sheet handles at most so many.
_MAX_PAUSES = 2


class DueRuleError(Exception):
    """A rule that cannot be parsed; the message says in Chinese which part and why."""


@dataclass(slots=True)
class _DueRuleDraft:
    """The clauses parsed so far; the fields are those of DueRule."""

    extended: list[Extension] = field(default_factory=list)
    paused: list[tuple[str, str]] = field(default_factory=list)
    closed: str = ""
    restart: str = ""


def parse_rule(text: str, columns: Mapping[str, Column]) -> DueRule:
    """Parse a rule; ``columns`` are the columns of the form by header.

    Raises DueRuleError.
    """
    columns_by_header = {normalize(header): column for header, column in columns.items()}
    start_clause, *clauses = list(filter(None, re.split("[;\uff1b]", normalize(text)))) or [""]
    match = _START_PATTERN.fullmatch(start_clause)
    if not match:
        raise DueRuleError(f"“{start_clause}”看不懂，应写成“收到日期+20个工作日”的样子")
    start = _find_date_column(match["start"], columns_by_header)
    working = _is_working_days(match["unit"])
    if working and not int(match["days"]):
        raise DueRuleError(f"“{start_clause}”里的工作日，至少要有 1 个")
    draft = _DueRuleDraft()
    for clause in clauses:
        _parse_clause(clause, columns_by_header, draft, working=working)
    return DueRule(
        start=start,
        days=int(match["days"]),
        working=working,
        extended=tuple(draft.extended),
        paused=tuple(draft.paused),
        closed=draft.closed,
        restart=draft.restart,
    )


def _parse_clause(
    clause: str,
    columns_by_header: Mapping[str, Column],
    draft: _DueRuleDraft,
    *,
    working: bool,
) -> None:
    """Add one clause to ``draft``. Raises DueRuleError."""
    if match := _EXTENSION_PATTERN.fullmatch(clause):
        if _is_working_days(match["unit"]) is not working:
            raise DueRuleError(f"“{clause}”里的天数，要么都算工作日，要么都不算")
        column = _find_column(match["column"], columns_by_header)
        if column.kind is not ColumnType.CHOICE:
            raise DueRuleError(f"“{column.header}”不是下拉选项，不能作延长的条件")
        values = tuple(match["values"].split("/"))
        draft.extended.append(Extension(column.key, values, int(match["days"])))
    elif match := _PAUSE_PATTERN.fullmatch(clause):
        pair = (
            _find_date_column(match["first"], columns_by_header),
            _find_date_column(match["last"], columns_by_header),
        )
        if len(draft.paused) == _MAX_PAUSES:
            raise DueRuleError(f"扣除的时间最多写 {_MAX_PAUSES} 段")
        draft.paused.append(pair)
    elif match := _RESTART_PATTERN.fullmatch(clause):
        draft.restart = _find_date_column(match["restart"], columns_by_header)
    elif match := _CLOSED_PATTERN.fullmatch(clause):
        draft.closed = _find_date_column(match["closed"], columns_by_header)
    else:
        raise DueRuleError(f"“{clause}”看不懂")


def format_rule(rule: DueRule, headers: Mapping[str, str]) -> str:
    """Return the text that :func:`parse_rule` reads.

    ``headers`` maps the keys of columns to their headers.
    """
    return "；".join(_format_clauses(rule, headers))


def _format_clauses(rule: DueRule, headers: Mapping[str, str]) -> Iterator[str]:
    unit = "个工作日" if rule.working else "天"
    yield f"{headers[rule.start]}+{rule.days}{unit}"
    for extension in rule.extended:
        yield (
            f"{headers[extension.column]}={'/'.join(extension.values)}时再加{extension.days}{unit}"
        )
    if rule.restart:
        yield f"有{headers[rule.restart]}的从它重新算起"
    for first, last in rule.paused:
        yield f"扣除{headers[first]}至{headers[last]}"
    if rule.closed:
        yield f"以{headers[rule.closed]}为办结"


def describe_rule(rule: DueRule, headers: Mapping[str, str]) -> str:
    """Return the rule in plain Chinese for clerks; ``headers`` as for :func:`format_rule`."""
    return "；".join(_describe_clauses(rule, headers))


def _describe_clauses(rule: DueRule, headers: Mapping[str, str]) -> Iterator[str]:
    unit = "个工作日" if rule.working else "天"
    yield f"“{headers[rule.start]}”以后 {rule.days} {unit}"
    for extension in rule.extended:
        values_text = "”或“".join(extension.values)
        yield f"“{headers[extension.column]}”选“{values_text}”的，再加 {extension.days} {unit}"
    if rule.restart:
        yield f"填了“{headers[rule.restart]}”的，从那一天重新算"
    for first, last in rule.paused:
        yield f"“{headers[first]}”到“{headers[last]}”的时间不算"
    if rule.closed:
        yield f"填了“{headers[rule.closed]}”就算办结"


def _is_working_days(unit: str) -> bool:
    return unit.endswith("工作日")


def _find_column(name: str, columns_by_header: Mapping[str, Column]) -> Column:
    if name not in columns_by_header:
        raise DueRuleError(f"没有“{name}”这一栏")
    return columns_by_header[name]


def _find_date_column(name: str, columns_by_header: Mapping[str, Column]) -> str:
    """Return the key of a date column by its normalized header. Raises DueRuleError."""
    column = _find_column(name, columns_by_header)
    if column.kind is not ColumnType.DATE:
        raise DueRuleError(f"“{column.header}”不是日期栏，不能用来算期限")
    return column.key
