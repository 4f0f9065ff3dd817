"""What a plan leaves open, as questions that the office can settle."""

from __future__ import annotations

import re
from collections.abc import Callable, Iterator, Mapping, Sequence
from itertools import groupby, pairwise

from ledgerbook.model import Question
from ledgerbook.plan.grid import ColumnRole, Inference, PlanItem, task_code
from ledgerbook.plan.numbering import NumberingOrder, Numbers
from ledgerbook.plan.numerals import mark, read_heading
from ledgerbook.plan.responsible_units import parse_units
from ledgerbook.plan.text_repair import official
from ledgerbook.plan.title import Title

_DUE = "完成期限"
_BLANK = "空白"


def about_title(title: Title) -> Iterator[Question]:
    """Ask for the agency and the year where the title does not give them."""
    for known, field, option in (
        (title.agency, "机关名称", "--agency"),
        (title.year, "年度", "--year"),
    ):
        if not known:
            yield Question(
                tasks=(),
                field=field,
                found=title.text or _BLANK,
                reason=f"方案的标题里没有读到{field}。",
                advice=f"请用 {option} 写明，或在“基本信息”表中填写。",
            )


_LABEL = re.compile(r"附件?\d*[:\uff1a]?|附表\d*")


def about_above(above: Sequence[str], title: Title) -> Iterator[Question]:
    """List what the table says over its header and is not its title."""
    texts = [official(text) for text in above]
    rest = [t for t in texts if t not in title.text and not _LABEL.fullmatch(t)]
    if rest:
        yield Question(
            tasks=(),
            field="分工方案名称",
            found="；".join(rest),
            reason="方案表格的表头上面还有这些字，不是标题，没有列为任务。",
            advice="请核对；与任务有关的，请在“任务”表中补上。",
        )


def about_numbers(items: Sequence[PlanItem], numbers: Numbers) -> Iterator[Question]:
    """Say so where the numbers are ours, and not the plan's."""
    if numbers.order is NumberingOrder.CONTINUOUS:
        return
    reason, advice = _ORDERS[numbers.order]
    printed = [number or "无" for number in numbers.printed]
    yield Question(
        tasks=_codes(items),
        field=ColumnRole.NUMBER.value,
        found=_BLANK if numbers.order is NumberingOrder.ABSENT else "、".join(printed),
        reason=reason,
        advice=advice,
    )


_ORDERS = {
    NumberingOrder.ABSENT: (
        "方案里的任务没有序号，已按先后顺序编号。",
        "请核对序号；以后修订方案时，任务靠序号和行码对应。",
    ),
    NumberingOrder.RESTARTING: (
        "方案里的任务序号每组都从 1 重新开始，已按先后顺序连续编号。",
        "请核对序号；以后修订方案时，任务靠序号和行码对应。",
    ),
    NumberingOrder.BROKEN: (
        "方案里的任务序号不连续（有跳号、重号或缺号），已按先后顺序重新编号。",
        "请对照原文件，核对有没有漏掉或重复的任务。",
    ),
}


def about_several(items: Sequence[PlanItem], numbers: Numbers) -> Iterator[Question]:
    """Point out the cells that hold several numbered items."""
    if numbers.several:
        yield Question(
            tasks=_codes([items[place] for place in numbers.several]),
            field=ColumnRole.MEASURE.value,
            found="一格内有多条",
            reason="这些任务的一格里写了几条带序号的内容，没有拆开，整格算一项任务。",
            advice="要一条算一项的，请加上 --split-items 重新建台账。",
        )


def about_headings(
    items: Sequence[PlanItem], parts: Sequence[ColumnRole]
) -> Iterator[Question]:
    """Ask for the headings that are blank or missing from their sequence."""
    if ColumnRole.REQUIREMENT in parts:
        yield from _about_blank(items, ColumnRole.REQUIREMENT, _requirement, 1)
    if ColumnRole.POINT in parts:
        yield from _about_blank(items, ColumnRole.POINT, _point, 2)
        yield from _about_skipped_points(items)


def about_doubts(
    doubts: Sequence[Inference], rows: Sequence[int]
) -> Iterator[Question]:
    """Pass on what was inferred; item ``n`` stands in row ``rows[n - 1]``."""
    for doubt in doubts:
        numbers = (n for n, row in enumerate(rows, 1) if row in doubt.rows)
        yield Question(
            tasks=tuple(map(task_code, numbers)),
            field=doubt.part.value,
            found=doubt.found,
            reason=doubt.reason,
            advice=doubt.advice,
        )


def about_units(items: Sequence[PlanItem], filled: Sequence[int]) -> Iterator[Question]:
    for item in items:
        if item.number in filled:
            yield Question(
                tasks=(task_code(item.number),),
                field=ColumnRole.UNITS.value,
                found=_BLANK,
                reason=f"第{item.number}项的“责任单位”是空白，它与第{item.number - 1}项"
                f"同属一个工作要点，看来是合并单元格，已填入上一项的“{item.units}”。",
                advice="请对照原文件核对；不对时在“任务”表中改正“责任单位”。",
            )
        elif not item.units:
            yield Question(
                tasks=(task_code(item.number),),
                field=ColumnRole.UNITS.value,
                found=_BLANK,
                reason=f"第{item.number}项的“责任单位”是空白，上面也没有可以延续的单元格。",
                advice="请在“任务”表中填写“责任单位”；不填则这项任务不会发给任何科室。",
            )


def about_limits(items: Sequence[PlanItem]) -> Iterator[Question]:
    """Ask, once, for the dates of all items that the plan gives no limit for."""
    open_items = [item for item in items if not item.limit]
    if open_items:
        some = len(open_items) < len(items)
        yield Question(
            tasks=_codes(open_items),
            field=_DUE,
            found=_BLANK,
            reason=(
                "方案没有给这些任务写明时限。" if some else "方案没有写明任何时限。"
            ),
            advice="请在“任务”表的“完成期限”中逐项填写日期；不填则不判断是否逾期。",
        )


def unit_questions(
    items: Sequence[PlanItem],
    sections: Sequence[str],
    aliases: Mapping[str, str] | None = None,
) -> tuple[Question, ...]:
    """Ask about units that are none of ``sections`` or could be any of them."""
    read = [(item, parse_units(item.units, sections, aliases)) for item in items]
    return tuple(
        Question(
            tasks=(task_code(item.number),),
            field=ColumnRole.UNITS.value,
            found=item.units,
            reason=why.format("”“".join(names)),
            advice=advice,
        )
        for item, units in read
        for names, why, advice in (
            (units.unknown, *_UNKNOWN),
            (units.vague, *_VAGUE),
        )
        if names
    )


_UNKNOWN = (
    "“{}”不在科室名单里，没有分给任何科室。",
    "是本机关科室的，请在“科室”表中补上；写错的，请在“任务”表中改正“责任单位”。",
)
_WHICH = "没有说明是哪些科室"
_VAGUE = (
    f"“{{}}”{_WHICH}，没有分给任何科室。",
    "请在“处理结果”里选科室；有几个的，用顿号隔开写上；都承担的写“各科室”。",
)


def asks_which_sections(field: str, reason: str) -> bool:
    """Whether a question is one that is settled by naming sections."""
    return field == ColumnRole.UNITS.value and _WHICH in reason


# ── headings ─────────────────────────────────────────────────────────────────────


def _requirement(item: PlanItem) -> str:
    return item.requirement


def _point(item: PlanItem) -> str:
    return item.point


def _about_blank(
    items: Sequence[PlanItem],
    part: ColumnRole,
    heading: Callable[[PlanItem], str],
    level: int,
) -> Iterator[Question]:
    """Ask once for each run of items whose heading is blank."""
    runs = [(text, tuple(run)) for text, run in groupby(items, heading)]
    texts = ["", *(text for text, _ in runs), ""]
    for (text, run), before, after in zip(runs, texts, texts[2:], strict=False):
        if not text:
            yield Question(
                tasks=_codes(run),
                field=part.value,
                found=_BLANK,
                reason=_why_blank(run, part, before, after, level),
                advice=f"请对照原文件，在“任务”表中补填这些任务的“{part}”；不知道就留空。",
            )


def _why_blank(
    run: Sequence[PlanItem], part: ColumnRole, before: str, after: str, level: int
) -> str:
    """Say how the numbering shows that a heading is lost, if it does."""
    numbers = _span(run)
    first, last = (read_heading(text, level).ordinal for text in (before, after))
    restarts = level == 1 and read_heading(run[0].point, 2).ordinal == 1
    again = f"，而“工作要点”从第{run[0].number}项起重新由“{mark(2, 1)}”编号"
    if first and last == first + 2:
        lost = mark(level, first + 1)
        return (
            f"{numbers}的“{part}”是空白：前一个是“{mark(level, first)}”，后一个是"
            f"“{mark(level, last)}”{again if restarts else ''}，"
            f"可见中间缺了“{lost}”这个标题，它的文字无从得知。"
        )
    return f"{numbers}的“{part}”在方案里是空白{again if restarts else ''}。"


def _about_skipped_points(items: Sequence[PlanItem]) -> Iterator[Question]:
    """Ask where (一) is followed by (三): items may stand under a wrong heading."""
    runs = [tuple(run) for _, run in groupby(items, _point)]
    for run, following in pairwise(runs):
        here, there = (read_heading(r[0].point, 2).ordinal for r in (run, following))
        if here and there > here + 1:
            yield Question(
                tasks=_codes((*run, *following)),
                field=ColumnRole.POINT.value,
                found=f"{mark(2, here)}、{mark(2, there)}",
                reason=f"“工作要点”的编号从“{mark(2, here)}”跳到“{mark(2, there)}”，"
                f"中间缺了“{mark(2, here + 1)}”，有的任务可能归错了要点。",
                advice="请对照原文件核对这些任务的“工作要点”；不对时在“任务”表中改正。",
            )


def _span(run: Sequence[PlanItem]) -> str:
    first, last = run[0].number, run[-1].number
    return f"第{first}项" if first == last else f"第{first}至{last}项"


def _codes(items: Sequence[PlanItem]) -> tuple[str, ...]:
    return tuple(task_code(item.number) for item in items)
