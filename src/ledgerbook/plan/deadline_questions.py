"""What the time limits of a plan leave open, as questions to the office."""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from types import MappingProxyType

from ledgerbook.deadlines import describe
from ledgerbook.model import Question
from ledgerbook.plan.deadline_parser import DeadlineDoubt, Limit, mentions, read_limit
from ledgerbook.plan.grid import ColumnRole, PlanItem, task_code

_HOW = (
    "有日期的，请在“任务”表的“完成期限”中填写；定期要做的，请把“时限”改成“每季度”"
    "“每月10日前”这样的写法；没有终点的，写“长期”；不填则不判断是否逾期。"
)
_CHECK = "请核对；不对时在“任务”表的“完成期限”中填写日期。"

# What was found in doubt → why, what to do.
_WORDS: Mapping[DeadlineDoubt, tuple[str, str]] = MappingProxyType(
    {
        DeadlineDoubt.UNREAD: ("时限“{text}”没有读懂，没有据此定完成期限。", _HOW),
        DeadlineDoubt.HURRY: ("时限“{text}”没有给出日期，没有定完成期限。", _HOW),
        DeadlineDoubt.IMPOSSIBLE: (
            "时限里的“{about}”不存在，日历上没有这一天，没有定完成期限。",
            "请对照原文件核对，在“任务”表的“完成期限”中填写日期。",
        ),
        DeadlineDoubt.UNSURE: (
            "时限里的“{about}”可以有几种理解，定不下是哪一天，没有定完成期限。",
            _HOW,
        ),
        DeadlineDoubt.SEVERAL: (
            "时限里不止一个期限（“{about}”），不知道以哪个为准，没有定完成期限。",
            "请在“任务”表的“完成期限”中填写一个日期；要分几步考核的，请拆成几项任务。",
        ),
        DeadlineDoubt.SPAN: (
            "时限写的是一段时间，已按结束的一天（{deadline}）算。",
            _CHECK,
        ),
        DeadlineDoubt.PAST: (
            "时限里的日期（{deadline}）在本年度以前，已照写明的算。",
            _CHECK,
        ),
    }
)


def limit_questions(items: Sequence[PlanItem], year: int) -> tuple[Question, ...]:
    """Ask about limits that are in doubt, and those that only the text mentions."""
    return (*_doubted(items, year), *_mentioned(items, year))


def _doubted(items: Sequence[PlanItem], year: int) -> Iterator[Question]:
    """Ask once for all tasks of one limit."""
    numbers: dict[str, list[int]] = {}
    for item in items:
        numbers.setdefault(item.limit, []).append(item.number)
    for text, own in numbers.items():
        limit = read_limit(text, year)
        if limit.doubt:
            reason, advice = _WORDS[limit.doubt]
            yield Question(
                tasks=tuple(map(task_code, own)),
                field=ColumnRole.LIMIT.value,
                found=text,
                reason=reason.format(**_values(text, limit, year)),
                advice=advice,
            )


def _values(text: str, limit: Limit, year: int) -> dict[str, str]:
    return {
        "text": text,
        "about": "”“".join(limit.about),
        "deadline": describe(limit.deadline, year),
    }


def _mentioned(items: Sequence[PlanItem], year: int) -> Iterator[Question]:
    """Point out what a task without a limit says of time elsewhere; it may be one.

    It is not taken for the task's: 每年至少听取1次 may be one sentence of five.
    """
    numbers: dict[tuple[str, tuple[str, ...]], list[int]] = {}
    for item in items if year else ():
        places = (
            (ColumnRole.REQUIREMENT.value, item.requirement),
            (ColumnRole.POINT.value, item.point),
            (ColumnRole.MEASURE.value, item.measure),
            (ColumnRole.NOTE.value, item.notes),
        )
        for where, text in places if not item.limit else ():
            if found := mentions(text, year):
                numbers.setdefault((where, found), []).append(item.number)
    for (where, found), own in numbers.items():
        yield Question(
            tasks=tuple(map(task_code, own)),
            field=ColumnRole.LIMIT.value,
            found="、".join(found),
            reason=f"方案没有给时限，但“{where}”里写到“{'”“'.join(found)}”，"
            "是不是整项任务的时限，系统没有替您决定。",
            advice="是的，请把它抄到“任务”表的“时限”里，或在“完成期限”中填写日期；"
            "不是的，不用改。",
        )
