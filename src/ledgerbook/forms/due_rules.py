"""期限算法: how a register says when an entry is due, as the office writes it.

    rule   = start { ; clause }
    start  = 列名 + N 个工作日 | 列名 + N 天
    clause = 列名 = 选项 { / 选项 } 时再加 N 个工作日 | 时再加 N 天
           | 扣除 列名 至 列名
           | 有 列名 的从它重新算起
           | 以 列名 为办结

Days are working days all through or calendar days all through. At most two stretches
of time are taken out. The words in the book and the rule are two spellings of one
thing; nothing of a limit stands in code.
"""

from __future__ import annotations

import re
from collections.abc import Iterator, Mapping
from dataclasses import dataclass, field

from ledgerbook.model import Column, ColumnType, DueRule, Extension
from ledgerbook.text import squash

_DAYS = r"(?P<days>\d{1,3})(?P<unit>个工作日|工作日|天|日)"
_START = re.compile(rf"(?P<start>[^+]+)\+{_DAYS}")
_EXTENDED = re.compile(rf"(?P<column>[^=]+)=(?P<values>.+?)时?再加{_DAYS}")
_PAUSED = re.compile(r"扣除(?P<first>.+)至(?P<last>.+)")
_RESTART = re.compile(r"有(?P<restart>.+)的从它重新算起")
_CLOSED = re.compile(r"以(?P<closed>.+)为办结")
# As many as the formula of an issued sheet can take account of.
_MOST_PAUSES = 2


class RuleError(Exception):
    """A rule cannot be read; the message, in Chinese, says which part and why."""


@dataclass(slots=True)
class _DueRuleDraft:
    extended: list[Extension] = field(default_factory=list)
    paused: list[tuple[str, str]] = field(default_factory=list)
    closed: str = ""
    restart: str = ""


def read_rule(text: str, columns: Mapping[str, Column]) -> DueRule:
    """Read a rule, where ``columns`` are the form's by their headers.

    Raises RuleError.
    """
    known = {squash(header): column for header, column in columns.items()}
    parts = [part for part in re.split("[;\uff1b]", squash(text)) if part]
    first, *clauses = parts or [""]
    found = _START.fullmatch(first)
    if not found:
        raise RuleError(f"“{first}”看不懂，应写成“收到日期+20个工作日”的样子")
    start, working = _date(found["start"], known), _working(found["unit"])
    if working and not int(found["days"]):
        raise RuleError(f"“{first}”里的工作日，至少要有 1 个")
    draft = _DueRuleDraft()
    for clause in clauses:
        _read_clause(clause, known, draft, working=working)
    return DueRule(
        start=start,
        days=int(found["days"]),
        working=working,
        extended=tuple(draft.extended),
        paused=tuple(draft.paused),
        closed=draft.closed,
        restart=draft.restart,
    )


def _read_clause(
    clause: str, known: Mapping[str, Column], draft: _DueRuleDraft, *, working: bool
) -> None:
    if found := _EXTENDED.fullmatch(clause):
        if _working(found["unit"]) is not working:
            raise RuleError(f"“{clause}”里的天数，要么都算工作日，要么都不算")
        column = _column(found["column"], known)
        if column.kind is not ColumnType.CHOICE:
            raise RuleError(f"“{column.header}”不是下拉选项，不能作延长的条件")
        values = tuple(found["values"].split("/"))
        draft.extended.append(Extension(column.key, values, int(found["days"])))
    elif found := _PAUSED.fullmatch(clause):
        pair = _date(found["first"], known), _date(found["last"], known)
        if len(draft.paused) == _MOST_PAUSES:
            raise RuleError(f"扣除的时间最多写 {_MOST_PAUSES} 段")
        draft.paused.append(pair)
    elif found := _RESTART.fullmatch(clause):
        draft.restart = _date(found["restart"], known)
    elif found := _CLOSED.fullmatch(clause):
        draft.closed = _date(found["closed"], known)
    else:
        raise RuleError(f"“{clause}”看不懂")


def rule_text(rule: DueRule, headers: Mapping[str, str]) -> str:
    """Write what :func:`read_rule` reads; ``headers`` are those of the keys."""
    return "；".join(_parts(rule, headers))


def _parts(rule: DueRule, headers: Mapping[str, str]) -> Iterator[str]:
    unit = "个工作日" if rule.working else "天"
    yield f"{headers[rule.start]}+{rule.days}{unit}"
    for one in rule.extended:
        yield f"{headers[one.column]}={'/'.join(one.values)}时再加{one.days}{unit}"
    if rule.restart:
        yield f"有{headers[rule.restart]}的从它重新算起"
    for first, last in rule.paused:
        yield f"扣除{headers[first]}至{headers[last]}"
    if rule.closed:
        yield f"以{headers[rule.closed]}为办结"


def rule_words(rule: DueRule, headers: Mapping[str, str]) -> str:
    """Say in plain words what :func:`rule_text` writes as a rule."""
    return "；".join(_words(rule, headers))


def _words(rule: DueRule, headers: Mapping[str, str]) -> Iterator[str]:
    unit = "个工作日" if rule.working else "天"
    yield f"“{headers[rule.start]}”以后 {rule.days} {unit}"
    for one in rule.extended:
        chosen = "”或“".join(one.values)
        yield f"“{headers[one.column]}”选“{chosen}”的，再加 {one.days} {unit}"
    if rule.restart:
        yield f"填了“{headers[rule.restart]}”的，从那一天重新算"
    for first, last in rule.paused:
        yield f"“{headers[first]}”到“{headers[last]}”的时间不算"
    if rule.closed:
        yield f"填了“{headers[rule.closed]}”就算办结"


def _working(unit: str) -> bool:
    return unit.endswith("工作日")


def _column(name: str, known: Mapping[str, Column]) -> Column:
    if name not in known:
        raise RuleError(f"没有“{name}”这一栏")
    return known[name]


def _date(name: str, known: Mapping[str, Column]) -> str:
    column = _column(name, known)
    if column.kind is not ColumnType.DATE:
        raise RuleError(f"“{column.header}”不是日期栏，不能用来算期限")
    return column.key
