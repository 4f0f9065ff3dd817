"""Make the open questions (待确认) about the deadlines of a plan."""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from types import MappingProxyType

from ledgerbook.deadlines import describe_deadline
from ledgerbook.model import Question
from ledgerbook.plan.deadline_parser import (
    DeadlineDoubt,
    ParsedDeadline,
    find_deadline_phrases,
    parse_deadline_with_doubts,
)
from ledgerbook.plan.grid import ColumnRole, PlanItem, format_task_code

_DATE_ADVICE = (
    "有日期的，请在“任务”表的“完成期限”中填写；定期要做的，请把“时限”改成“每季度”"
    "“每月10日前”这样的写法；没有终点的，写“长期”；不填则不判断是否逾期。"
)
_CHECK_ADVICE = "请核对；不对时在“任务”表的“完成期限”中填写日期。"

# Doubt → templates of the reason and the advice.
_DOUBT_MESSAGES: Mapping[DeadlineDoubt, tuple[str, str]] = MappingProxyType(
    {
        DeadlineDoubt.UNREADABLE: (
            "时限“{text}”没有读懂，没有据此定完成期限。",
            _DATE_ADVICE,
        ),
        DeadlineDoubt.UNDATED: (
            "时限“{text}”没有给出日期，没有定完成期限。",
            _DATE_ADVICE,
        ),
        DeadlineDoubt.IMPOSSIBLE: (
            "时限里的“{about}”不存在，日历上没有这一天，没有定完成期限。",
            "请对照原文件核对，在“任务”表的“完成期限”中填写日期。",
        ),
        DeadlineDoubt.AMBIGUOUS: (
            "时限里的“{about}”可以有几种理解，定不下是哪一天，没有定完成期限。",
            _DATE_ADVICE,
        ),
        DeadlineDoubt.SEVERAL: (
            "时限里不止一个期限（“{about}”），不知道以哪个为准，没有定完成期限。",
            "请在“任务”表的“完成期限”中填写一个日期；要分几步考核的，请拆成几项任务。",
        ),
        DeadlineDoubt.DATE_RANGE: (
            "时限写的是一段时间，已按结束的一天（{deadline}）算。",
            _CHECK_ADVICE,
        ),
        DeadlineDoubt.PAST: (
            "时限里的日期（{deadline}）在本年度以前，已照写明的算。",
            _CHECK_ADVICE,
        ),
    }
)


def ask_about_deadlines(items: Sequence[PlanItem], year: int) -> tuple[Question, ...]:
    """Ask about doubtful deadline texts, and about deadlines in the texts of items without one."""
    return (
        *_ask_about_doubtful_deadlines(items, year),
        *_ask_about_mentioned_deadlines(items, year),
    )


def _ask_about_doubtful_deadlines(items: Sequence[PlanItem], year: int) -> Iterator[Question]:
    """Ask once for all items with the same deadline text."""
    numbers_by_text: dict[str, list[int]] = {}
    for item in items:
        numbers_by_text.setdefault(item.deadline_text, []).append(item.number)
    for text, task_numbers in numbers_by_text.items():
        parsed = parse_deadline_with_doubts(text, year)
        if parsed.doubt:
            reason, advice = _DOUBT_MESSAGES[parsed.doubt]
            yield Question(
                task_codes=tuple(map(format_task_code, task_numbers)),
                field=ColumnRole.DEADLINE.value,
                current_value=text,
                reason=reason.format(**_collect_message_values(text, parsed, year)),
                advice=advice,
            )


def _collect_message_values(text: str, parsed: ParsedDeadline, year: int) -> dict[str, str]:
    """Return the values of the placeholders in ``_DOUBT_MESSAGES``."""
    return {
        "text": text,
        "about": "”“".join(parsed.doubtful_phrases),
        "deadline": describe_deadline(parsed.deadline, year),
    }


def _ask_about_mentioned_deadlines(items: Sequence[PlanItem], year: int) -> Iterator[Question]:
    """Point out phrases in the other texts of items without a deadline text.

    Such a phrase is never used as the deadline of the item: 每年至少听取1次 may be about
    one sentence of five.
    """
    numbers_by_phrases: dict[tuple[str, tuple[str, ...]], list[int]] = {}
    items_without_deadline = [item for item in items if year and not item.deadline_text]
    for item in items_without_deadline:
        column_texts = (
            (ColumnRole.REQUIREMENT.value, item.requirement),
            (ColumnRole.POINT.value, item.point),
            (ColumnRole.MEASURE.value, item.measure),
            (ColumnRole.NOTE.value, item.notes),
        )
        for column, text in column_texts:
            if phrases := find_deadline_phrases(text, year):
                numbers_by_phrases.setdefault((column, phrases), []).append(item.number)
    for (column, phrases), task_numbers in numbers_by_phrases.items():
        yield Question(
            task_codes=tuple(map(format_task_code, task_numbers)),
            field=ColumnRole.DEADLINE.value,
            current_value="、".join(phrases),
            reason=f"方案没有给时限，但“{column}”里写到“{'”“'.join(phrases)}”，"
            "是不是整项任务的时限，系统没有替您决定。",
            advice="是的，请把它抄到“任务”表的“时限”里，或在“完成期限”中填写日期；不是的，不用改。",
        )
