"""The lists of a roll-up: the detail, who is missing, what is overdue or wrong."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import dataclass
from typing import TypeVar

from ledgerbook.excel import styles as look
from ledgerbook.excel.canvas import (
    SheetWriter,
    Tint,
    Value,
    shown,
    tint_of_file,
    tint_of_problem,
)
from ledgerbook.excel.sheet_parts import shares, told
from ledgerbook.excel.tables import TableColumn, draw_filter_table, draw_table, untinted
from ledgerbook.excel.writer import done
from ledgerbook.export import DONE, KEYS, SCHEMA, DetailRow, Spec, Type
from ledgerbook.model.problems import Problem
from ledgerbook.model.results import FileReport, Urgency
from ledgerbook.rollup.merge import Missing, Rollup
from ledgerbook.summary.lists import Numbered, draw_list, number, numbered
from ledgerbook.text import chinese_date

T = TypeVar("T")

DETAIL, OVERDUE = "各单位明细", "逾期清单"
_SIZE = 9.0
# Lines that fit the tallest row Excel can show.
_MOST_LINES = look.lines_within(_SIZE)


@dataclass(frozen=True, slots=True)
class Ranges:
    """Where one sheet of the detail has what the figures count."""

    units: str
    sections: str
    classes: str
    urgencies: str


# -- 各单位明细 -----------------------------------------------------------------------

_COUNTED = ("unit", "section", "class", "urgency")
_PRINTED = 1 + next(n for n, spec in enumerate(SCHEMA) if spec.key == "place")
_TINTED = ("status", "urgency")


def _field(spec: Spec) -> TableColumn[DetailRow]:
    centred = spec.type is not Type.TEXT or spec.width < 10  # noqa: PLR2004
    tint = _row_tint if spec.key in _TINTED else untinted
    align = "center" if centred else "left"
    return TableColumn(spec.header, spec.width, _show(spec.key), align, tint)


def _show(key: str) -> Callable[[DetailRow], Value]:
    return lambda row: row.value(key)


_URGENT_TINTS = {Urgency.OVERDUE.value: Tint.RED, Urgency.SOON.value: Tint.AMBER}


def _row_tint(row: DetailRow) -> Tint:
    plain = Tint.GREEN if row.kind == DONE else Tint.NONE
    return _URGENT_TINTS.get(row.urgency, plain)


_DETAIL = tuple(_field(spec) for spec in SCHEMA)


def draw_detail(
    canvases: Sequence[SheetWriter], rollup: Rollup, most: int
) -> tuple[Ranges, ...]:
    """Draw the detail, ``most`` rows a sheet; return where the figures find it."""
    widths = [field.width for field in _DETAIL]
    note = (
        f"共 {rollup.merged} 行，一个科室承担一项任务为一行；可用表头的箭头筛选。"
        f"“判定”按 {chinese_date(rollup.as_of)} 判断。"
    ) + _tall(_DETAIL[:_PRINTED], rollup.rows)
    ranges: list[Ranges] = []
    shared = shares(DETAIL, rollup.rows, most).values()
    for n, (canvas, rows) in enumerate(zip(canvases, shared, strict=True), 1):
        canvas.columns(widths[:_PRINTED], widths[_PRINTED:])
        canvas.title(f"{rollup.year}年重点任务各单位明细")
        canvas.note(note + told(n, len(canvases), len(rows)))
        head = canvas.row
        area = draw_filter_table(canvas, f"{DETAIL}表{n}", _DETAIL, rows, _SIZE)
        canvas.frame(head_row=head, frozen=head + 1)
        done(canvas.sheet.print_area(0, 0, canvas.row - 1, _PRINTED - 1))
        ranges.append(Ranges(*(area.column(KEYS.index(key)) for key in _COUNTED)))
    return tuple(ranges)


def _tall(fields: Sequence[TableColumn[T]], items: Sequence[T]) -> str:
    """Say how many cells are longer than the tallest row; nothing if there are none."""
    tall = sum(
        look.line_count(text, field.width, _SIZE) > _MOST_LINES
        for field in fields
        for text in (shown(field.show(item)) for item in items)
        # A shorter one cannot take so many lines.
        if len(text) > _MOST_LINES
    )
    if not tall:
        return ""
    return f"有 {tall} 个单元格内容较长，行高有限，打印不全：点开单元格可看全文。"


# -- 未报送 ---------------------------------------------------------------------------

_MISSING: tuple[TableColumn[Numbered[Missing]], ...] = (
    TableColumn("序号", 6, number, "center"),
    TableColumn("单位", 40, lambda i: i[1].unit),
    TableColumn("科室", 26, lambda i: i[1].section or "（整个单位）"),
    TableColumn("情况", 40, lambda i: i[1].why, tint=lambda _: Tint.RED),
)


def draw_missing(canvas: SheetWriter, rollup: Rollup) -> None:
    """Draw who has not reported."""
    units = sum(not one.section for one in rollup.missing)
    sections = len(rollup.missing) - units
    note = f"没有报来的单位 {units} 个；报来的单位中，没有报送的科室 {sections} 个。"
    if not rollup.listed:
        note += "没有给出应报单位的名单（--expect），不知道还有哪些单位应报而没有报。"
    items = numbered(rollup.missing)
    draw_list(canvas, ("未报送清单", note), _MISSING, items, "都已报送。")


# -- 逾期清单 -------------------------------------------------------------------------


def _text(key: str) -> Callable[[Numbered[DetailRow]], Value]:
    return lambda item: item[1].value(key)


def _overdue_fields(rollup: Rollup) -> tuple[TableColumn[Numbered[DetailRow]], ...]:
    def days(item: Numbered[DetailRow]) -> Value:
        due = item[1].due
        return (rollup.as_of - due).days if due and due < rollup.as_of else None

    return (
        TableColumn("序号", 5, number, "center"),
        TableColumn("单位", 16, _text("unit")),
        TableColumn("科室", 11, _text("section"), "center"),
        TableColumn("任务序号", 6, _text("number"), "center"),
        TableColumn("计划措施", 38, _text("measure")),
        TableColumn("完成期限", 11.5, _text("due"), "center"),
        TableColumn("逾期天数", 7, days, "center", lambda _: Tint.RED),
        TableColumn("完成状态", 9, _text("status"), "center"),
        TableColumn("未完成原因", 22, _text("reason")),
        TableColumn("下一步措施", 22, _text("next_step")),
        TableColumn("责任人", 9, _text("person")),
        TableColumn("联系电话", 14, _text("phone")),
    )


def overdue(rollup: Rollup) -> list[Numbered[DetailRow]]:
    """Return what is overdue, the longest overdue first."""
    late = [row for row in rollup.rows if row.urgency == Urgency.OVERDUE.value]
    late.sort(key=lambda row: (row.due is None, row.due or rollup.as_of, row.unit))
    return numbered(late)


def draw_overdue(canvases: Sequence[SheetWriter], rollup: Rollup, most: int) -> None:
    """Draw what is overdue, ``most`` rows a sheet."""
    late, fields = overdue(rollup), _overdue_fields(rollup)
    note = f"按 {chinese_date(rollup.as_of)} 判断，逾期 {len(late)} 件。"
    if rollup.rejudged:
        note += (
            f"其中和临期的合计有 {rollup.rejudged} 件，是各单位汇总以后才到日子的，"
            "请向单位核实是否已经办好。"
        )
    note += _tall(fields, late)
    shared = shares(OVERDUE, late, most).values()
    for n, (canvas, rows) in enumerate(zip(canvases, shared, strict=True), 1):
        canvas.columns([field.width for field in fields])
        canvas.title(OVERDUE)
        canvas.note(note + told(n, len(canvases), len(rows)))
        head = canvas.row
        if rows:
            draw_filter_table(canvas, f"{OVERDUE}表{n}", fields, rows, _SIZE)
        else:
            draw_table(canvas, fields, rows, empty="没有逾期的任务。")
        canvas.frame(head_row=head, frozen=head + 1)


# -- 问题清单 -------------------------------------------------------------------------


_PROBLEMS: tuple[TableColumn[Numbered[Problem]], ...] = (
    TableColumn("序号", 5, number, "center"),
    TableColumn(
        "级别",
        8,
        lambda i: i[1].level.value,
        "center",
        lambda i: tint_of_problem(i[1]),
    ),
    TableColumn("文件", 26, lambda i: i[1].place.file),
    TableColumn("工作表", 12, lambda i: i[1].place.sheet),
    TableColumn("单元格", 8, lambda i: i[1].place.cell, "center"),
    TableColumn("问题", 46, lambda i: i[1].brief),
    TableColumn("没有并入的行数", 9, lambda i: i[1].cells or None, "center"),
    TableColumn("原填内容", 28, lambda i: i[1].raw),
    TableColumn("处理办法", 34, lambda i: i[1].advice),
)


def draw_problems(canvas: SheetWriter, rollup: Rollup) -> None:
    must = sum(problem.grave for problem in rollup.problems)
    rest = len(rollup.problems) - must
    note = f"共 {len(rollup.problems)} 条，其中须处理 {must} 条，提示 {rest} 条。"
    words = ("问题清单", note)
    draw_list(canvas, words, _PROBLEMS, numbered(rollup.problems), "没有发现问题。")


# -- 文件清单 -------------------------------------------------------------------------

_FILES: tuple[TableColumn[Numbered[FileReport]], ...] = (
    TableColumn("序号", 5, number, "center"),
    TableColumn("文件", 30, lambda i: i[1].name),
    TableColumn(
        "处理结果",
        13,
        lambda i: i[1].verdict.value,
        "center",
        lambda i: tint_of_file(i[1]),
    ),
    TableColumn("单位", 26, lambda i: "\n".join(i[1].sections)),
    TableColumn("保存时间", 18.5, lambda i: i[1].saved_at, "center"),
    TableColumn("大小（字节）", 11, lambda i: i[1].size, "center"),
    TableColumn("并入行数", 9, lambda i: i[1].cells, "center"),
    TableColumn("说明", 28, lambda i: i[1].note),
    TableColumn("SHA-256", 36, lambda i: i[1].sha256),
)


def conservation(rollup: Rollup) -> str:
    """Say where every row of every summary went, and whether the count is even."""
    end = (
        "两者一致，一行不少。"
        if rollup.balanced
        else "两者不一致，汇总可能有遗漏，请勿使用本汇总，并联系维护人员。"
    )
    return (
        f"各份汇总的明细共 {rollup.found} 行。其中：并入 {rollup.merged} 行，"
        f"列入“问题清单”没有并入 {rollup.held} 行，"
        f"合计 {rollup.merged + rollup.held} 行，{end}"
    )


def draw_files(canvas: SheetWriter, rollup: Rollup) -> None:
    words = (f"文件清单（共 {len(rollup.files)} 个）", conservation(rollup))
    draw_list(canvas, words, _FILES, numbered(rollup.files), "没有收到任何文件。")
