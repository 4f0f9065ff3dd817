"""Make the open questions (待确认) about a plan, but for those about its deadlines.

Each function yields questions of one subject. Their texts are Chinese sentences for
the office, which answers in the book.
"""

from __future__ import annotations

import re
from collections import defaultdict
from collections.abc import Callable, Collection, Iterator, Mapping, Sequence
from itertools import groupby, pairwise

from ledgerbook.model import Question
from ledgerbook.plan.grid import ColumnRole, Inference, PlanItem, format_task_code
from ledgerbook.plan.number_marks import format_mark, parse_heading
from ledgerbook.plan.numbering import ItemNumbering, NumberingOrder, has_inner_marks
from ledgerbook.plan.responsible_units import is_other_body, parse_units
from ledgerbook.plan.text_repair import format_official
from ledgerbook.plan.title import Title

_DUE_DATE_HEADER = "完成期限"
_BLANK_TEXT = "空白"
_ANNEX_LABEL = re.compile(r"附件?\d*[:\uff1a]?|附表\d*")
# Numbering order → reason, advice.
_NUMBERING_MESSAGES = {
    NumberingOrder.RESTARTING: (
        "方案里的任务序号每组都从 1 重新开始，已按先后顺序连续编号。",
        "请核对序号；以后修订方案时，任务靠序号和行码对应。",
    ),
    NumberingOrder.BROKEN: (
        "方案里的任务序号不连续（有跳号、重号或缺号），已按先后顺序重新编号。",
        "请对照原文件，核对有没有漏掉或重复的任务。",
    ),
}
# The answer for a unit that is not of the agency: it gets no form.
NOT_OF_AGENCY = "不是本机关，不发表"
_NO_SECTIONS = "不在科室名单里"
_NO_SECTIONS_ADVICE = (
    "要发表的，请在“科室”表中补上；不是本机关的，在“处理结果”里选“"
    f"{NOT_OF_AGENCY}”；由哪个科室代办的，写那个科室；写错的，在“任务”表中改正。"
)
_WHICH_SECTIONS = "没有说明是哪些科室"
_WHICH_SECTIONS_ADVICE = (
    "请在“处理结果”里选科室；有几个的，用顿号隔开写上；都承担的写“各科室”；"
    f"不是本机关的，写“{NOT_OF_AGENCY}”。"
)
_QUOTED_NAME = re.compile("“([^“”]+)”")


def ask_about_title(title: Title) -> Iterator[Question]:
    """Ask for the agency and the year where the title does not give them."""
    for value, field, option in (
        (title.agency, "机关名称", "--agency"),
        (title.year, "年度", "--year"),
    ):
        if not value:
            yield Question(
                task_codes=(),
                field=field,
                current_value=title.text or _BLANK_TEXT,
                reason=f"方案的标题里没有读到{field}。",
                advice=f"请用 {option} 写明，或在“基本信息”表中填写。",
            )


def ask_about_text_above(texts_above: Sequence[str], title: Title) -> Iterator[Question]:
    """Ask about the texts above the header of the table that are not part of the title."""
    texts = [format_official(text) for text in texts_above]
    unexplained = [
        text for text in texts if text not in title.text and not _ANNEX_LABEL.fullmatch(text)
    ]
    if unexplained:
        yield Question(
            task_codes=(),
            field="分工方案名称",
            current_value="；".join(unexplained),
            reason="方案表格的表头上面还有这些字，不是标题，没有列为任务。",
            advice="请核对；与任务有关的，请在“任务”表中补上。",
        )


def ask_about_numbers(items: Sequence[PlanItem], numbering: ItemNumbering) -> Iterator[Question]:
    """Point out that the items were renumbered; there is nothing to check without numbers."""
    if numbering.order not in _NUMBERING_MESSAGES:
        return
    reason, advice = _NUMBERING_MESSAGES[numbering.order]
    printed = [number or "无" for number in numbering.printed_numbers]
    yield Question(
        task_codes=_list_task_codes(items),
        field=ColumnRole.NUMBER.value,
        current_value="、".join(printed),
        reason=reason,
        advice=advice,
    )


def ask_about_multi_item_cells(
    items: Sequence[PlanItem], numbering: ItemNumbering
) -> Iterator[Question]:
    """Point out the cells that contain several numbered items."""
    if numbering.multi_item_indices:
        yield Question(
            task_codes=_list_task_codes([items[index] for index in numbering.multi_item_indices]),
            field=ColumnRole.MEASURE.value,
            current_value="一格内有多条",
            reason="这些任务的一格里写了几条带序号的内容，没有拆开，整格算一项任务。",
            advice="要一条算一项的，请加上 --split-items 重新建台账；不拆的，不用改。",
        )


def ask_about_unsplit_cells(items: Sequence[PlanItem], split_count: int) -> Iterator[Question]:
    """Say which cells with several marked points were not split although it was asked for.

    ``split_count`` is the number of cells that were.
    """
    unsplit = [item for item in items if has_inner_marks(item.measure)]
    if unsplit:
        yield Question(
            task_codes=_list_task_codes(unsplit),
            field=ColumnRole.MEASURE.value,
            current_value="没有拆开",
            reason="这些任务的一格里像是写了几条，没有拆开：第一条前面还有别的话，"
            "或者几条的序号不是从头连续的。",
            advice="要拆的，请在方案里把每一条另写一格，再重新建台账；不拆的，不用改。",
        )
    elif not split_count:
        yield Question(
            task_codes=(),
            field=ColumnRole.MEASURE.value,
            current_value="没有拆开",
            reason="建台账时写了 --split-items，但没有一格写了几条带序号的内容，没有可拆的。",
            advice="请核对任务的项数；对的，不用改。",
        )


def ask_about_headings(
    items: Sequence[PlanItem], column_roles: Sequence[ColumnRole]
) -> Iterator[Question]:
    """Ask about headings that are blank or missing from their sequence."""
    if ColumnRole.REQUIREMENT in column_roles:
        yield from _ask_about_blank_headings(items, ColumnRole.REQUIREMENT, _get_requirement, 1)
    if ColumnRole.POINT in column_roles:
        yield from _ask_about_blank_headings(items, ColumnRole.POINT, _get_point, 2)
        yield from _ask_about_skipped_points(items)


def ask_about_inferences(
    inferences: Sequence[Inference], rows: Sequence[int]
) -> Iterator[Question]:
    """Ask to check what was inferred, once for like things at several places.

    Item number n was read from row ``rows[n - 1]``.
    """
    numbers_by_row: dict[int, list[int]] = defaultdict(list)
    for number, row in enumerate(rows, 1):
        numbers_by_row[row].append(number)
    like_inferences: dict[tuple[str, str, str], list[Inference]] = {}
    for inference in inferences:
        key = inference.role.value, inference.reason, inference.advice
        like_inferences.setdefault(key, []).append(inference)
    for (field, reason, advice), group in like_inferences.items():
        group_rows = {row for inference in group for row in inference.rows}
        yield Question(
            task_codes=tuple(
                map(format_task_code, sorted(n for row in group_rows for n in numbers_by_row[row]))
            ),
            field=field,
            current_value="；".join(dict.fromkeys(one.quoted_text for one in group)),
            reason=f"这样的有 {len(group)} 处：{reason}" if len(group) > 1 else reason,
            advice=advice,
        )


def ask_about_blank_units(
    items: Sequence[PlanItem], filled_numbers: Sequence[int]
) -> Iterator[Question]:
    """Ask about items without responsible units, at most one question of each kind.

    ``filled_numbers`` are the numbers of those that were given the units of the item above.
    """
    numbers_from_above = set(filled_numbers)
    filled = [item for item in items if item.number in numbers_from_above]
    blank = [item for item in items if not item.units and item.number not in numbers_from_above]
    if filled:
        yield Question(
            task_codes=_list_task_codes(filled),
            field=ColumnRole.UNITS.value,
            current_value=_BLANK_TEXT,
            reason=f"{_list_numbers(filled)}的“责任单位”是空白，与上一项同属一个工作要点，"
            f"看来是合并单元格，已填入上一项的{_quote_units(filled)}。",
            advice="请对照原文件核对；不对时在“任务”表中改正“责任单位”。",
        )
    if blank:
        yield Question(
            task_codes=_list_task_codes(blank),
            field=ColumnRole.UNITS.value,
            current_value=_BLANK_TEXT,
            reason=f"{_list_numbers(blank)}的“责任单位”是空白，上面也没有可以延续的单元格。",
            advice="请在“任务”表中填写“责任单位”；不填则这些任务不会发给任何科室。",
        )


def _list_numbers(items: Sequence[PlanItem]) -> str:
    return f"第{'、'.join(str(item.number) for item in items)}项"


def _quote_units(items: Sequence[PlanItem]) -> str:
    return "".join(dict.fromkeys(f"“{item.units}”" for item in items))


def ask_about_missing_deadlines(items: Sequence[PlanItem]) -> Iterator[Question]:
    """Ask once for the due dates of the items without a deadline text, if others have one.

    Where none has one, nothing can have been misread; the blank cells of 任务 ask for the dates.
    """
    items_without_deadline = [item for item in items if not item.deadline_text]
    if 0 < len(items_without_deadline) < len(items):
        yield Question(
            task_codes=_list_task_codes(items_without_deadline),
            field=_DUE_DATE_HEADER,
            current_value=_BLANK_TEXT,
            reason="方案没有给这些任务写明时限。",
            advice="请在“任务”表的“完成期限”中逐项填写日期；不填则不判断是否逾期。",
        )


def ask_about_units(
    items: Sequence[PlanItem],
    sections: Sequence[str],
    aliases: Mapping[str, str] | None = None,
    decided_names: Collection[str] = (),
) -> Iterator[Question]:
    """Ask about responsible units that are no section, or that name none in particular.

    One question is about all that are no sections of the agency, and one about each word for
    several sections. ``aliases`` are other names of sections (alias → section);
    ``decided_names`` are no longer asked about.
    """
    numbers_by_body: dict[str, list[int]] = {}
    numbers_by_word: dict[str, list[int]] = {}
    for item in items:
        units = parse_units(item.units, sections, aliases)
        for name in (*units.unknown_names, *units.vague_names):
            is_word = name in units.vague_names and not is_other_body(name)
            group = numbers_by_word if is_word else numbers_by_body
            if name not in decided_names:
                group.setdefault(name, []).append(item.number)
    if numbers_by_body:
        names_text = "".join(
            f"“{name}”{_format_places(numbers) if len(numbers_by_body) > 1 else ''}"
            for name, numbers in numbers_by_body.items()
        )
        yield _ask_about_names(
            numbers_by_body,
            f"{names_text}{_NO_SECTIONS}，没有分给任何科室。",
            _NO_SECTIONS_ADVICE,
        )
    for name, numbers in numbers_by_word.items():
        yield _ask_about_names(
            {name: numbers},
            f"“{name}”{_WHICH_SECTIONS}，没有分给任何科室。",
            _WHICH_SECTIONS_ADVICE,
        )


def _ask_about_names(
    numbers_by_name: Mapping[str, Sequence[int]], reason: str, advice: str
) -> Question:
    numbers = sorted({number for numbers in numbers_by_name.values() for number in numbers})
    return Question(
        task_codes=tuple(map(format_task_code, numbers)),
        field=ColumnRole.UNITS.value,
        current_value="、".join(numbers_by_name),
        reason=reason,
        advice=advice,
    )


def _format_places(numbers: Sequence[int]) -> str:
    return f"（第{'、'.join(map(str, numbers))}项）"


def asks_which_sections(reason: str) -> bool:
    """Return whether a question is about a word for several sections."""
    return _WHICH_SECTIONS in reason


def list_asked_names(field: str, reason: str) -> tuple[str, ...]:
    """Return the names of units that a question asks about; none if it asks something else."""
    is_about_names = field == ColumnRole.UNITS.value and (
        asks_which_sections(reason) or _NO_SECTIONS in reason
    )
    return tuple(_QUOTED_NAME.findall(reason)) if is_about_names else ()


# --- headings ---


def _get_requirement(item: PlanItem) -> str:
    return item.requirement


def _get_point(item: PlanItem) -> str:
    return item.point


def _ask_about_blank_headings(
    items: Sequence[PlanItem],
    column_role: ColumnRole,
    get_heading: Callable[[PlanItem], str],
    level: int,
) -> Iterator[Question]:
    """Ask once for each run of items whose heading is blank."""
    runs = [(text, tuple(run)) for text, run in groupby(items, get_heading)]
    headings = ["", *(text for text, _ in runs), ""]
    for (text, run), before, after in zip(runs, headings, headings[2:], strict=False):
        if not text:
            yield Question(
                task_codes=_list_task_codes(run),
                field=column_role.value,
                current_value=_BLANK_TEXT,
                reason=_explain_blank_heading(run, column_role, before, after, level),
                advice=f"请对照原文件，在“任务”表中补填这些任务的“{column_role}”；不知道就留空。",
            )


def _explain_blank_heading(
    run: Sequence[PlanItem],
    column_role: ColumnRole,
    before: str,
    after: str,
    level: int,
) -> str:
    """Return the reason of a question; it says so if the numbering shows that a heading is lost."""
    number_range = _format_number_range(run)
    ordinal_before, ordinal_after = (parse_heading(text, level).ordinal for text in (before, after))
    restarts = level == 1 and parse_heading(run[0].point, 2).ordinal == 1
    restart_note = f"，而“工作要点”从第{run[0].number}项起重新由“{format_mark(2, 1)}”编号"
    if ordinal_before and ordinal_after == ordinal_before + 2:
        missing_mark = format_mark(level, ordinal_before + 1)
        return (
            f"{number_range}的“{column_role}”是空白："
            f"前一个是“{format_mark(level, ordinal_before)}”，后一个是"
            f"“{format_mark(level, ordinal_after)}”{restart_note if restarts else ''}，"
            f"可见中间缺了“{missing_mark}”这个标题，它的文字无从得知。"
        )
    return f"{number_range}的“{column_role}”在方案里是空白{restart_note if restarts else ''}。"


def _ask_about_skipped_points(items: Sequence[PlanItem]) -> Iterator[Question]:
    """Ask where (一) is followed by (三): items may be under a wrong heading."""
    runs = [tuple(run) for _, run in groupby(items, _get_point)]
    for run, next_run in pairwise(runs):
        ordinal, next_ordinal = (
            parse_heading(items_of_point[0].point, 2).ordinal for items_of_point in (run, next_run)
        )
        if ordinal and next_ordinal > ordinal + 1:
            yield Question(
                task_codes=_list_task_codes((*run, *next_run)),
                field=ColumnRole.POINT.value,
                current_value=f"{format_mark(2, ordinal)}、{format_mark(2, next_ordinal)}",
                reason=f"“工作要点”的编号从“{format_mark(2, ordinal)}”"
                f"跳到“{format_mark(2, next_ordinal)}”，"
                f"中间缺了“{format_mark(2, ordinal + 1)}”，有的任务可能归错了要点。",
                advice="请对照原文件核对这些任务的“工作要点”；不对时在“任务”表中改正。",
            )


def _format_number_range(run: Sequence[PlanItem]) -> str:
    first, last = run[0].number, run[-1].number
    return f"第{first}项" if first == last else f"第{first}至{last}项"


def _list_task_codes(items: Sequence[PlanItem]) -> tuple[str, ...]:
    return tuple(format_task_code(item.number) for item in items)
