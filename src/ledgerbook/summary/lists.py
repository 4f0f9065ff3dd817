"""逾期临期, 问题清单 and 冲突: what someone must act on, most pressing first."""

from __future__ import annotations

from collections.abc import Iterable
from datetime import datetime
from typing import TypeVar

from ledgerbook.ledger import Answer, Conflict, Ledger, LedgerRow, Urgency
from ledgerbook.problems.catalogue import Problem
from ledgerbook.summary.cells import Tint, tint_of, tint_of_problem
from ledgerbook.summary.labels import missed_text
from ledgerbook.summary.sheet import Canvas
from ledgerbook.summary.table import Field, draw_table
from ledgerbook.text import chinese_date

T = TypeVar("T")
Numbered = tuple[int, T]

_PRESSING = (Urgency.OVERDUE, Urgency.SOON)


def number(item: Numbered[T]) -> int:
    return item[0]


def numbered(items: Iterable[T]) -> list[Numbered[T]]:
    return list(enumerate(items, 1))


# -- 逾期临期 -------------------------------------------------------------------------


def _urgent_tint(item: Numbered[LedgerRow]) -> Tint:
    return tint_of(item[1].urgency, None)


def _days(item: Numbered[LedgerRow]) -> str:
    row = item[1]
    if row.days is None:
        return ""
    late = row.urgency is Urgency.OVERDUE
    days = f"已逾期 {-row.days} 天" if late else f"还剩 {row.days} 天"
    return "\n".join(filter(None, (days, _turn(row))))


def _status(item: Numbered[LedgerRow]) -> str:
    """Show the status, of a recurring duty with the turn that it was said of."""
    row, cycle = item[1], item[1].cycle
    if cycle is None or cycle.latest < 0 or row.meaning is None:
        return row.status
    return f"{row.status}\n（{cycle.turns[cycle.latest].name}）"


def _turn(row: LedgerRow) -> str:
    """Name the turns of a recurring duty that somebody must act on."""
    cycle = row.cycle
    if cycle is None:
        return ""
    return missed_text(cycle) or (f"{cycle.coming}" if cycle.coming else "")


def _answer(key: str, header: str, width: float) -> Field[Numbered[LedgerRow]]:
    return Field(header, width, lambda i: i[1].text(key))


_URGENT: tuple[Field[Numbered[LedgerRow]], ...] = (
    Field("序号", 5, number, "center"),
    Field("判定", 6.5, lambda i: i[1].urgency.value, "center", _urgent_tint),
    Field("科室", 12, lambda i: i[1].section, "center"),
    Field("任务序号", 6, lambda i: i[1].task.number, "center"),
    Field("计划措施", 40, lambda i: i[1].task.measure),
    Field("完成期限", 11.5, lambda i: i[1].due, "center"),
    Field("逾期/剩余天数", 13, _days, "center"),
    Field("完成状态", 9, _status, "center"),
    _answer("reason", "未完成原因", 22),
    _answer("next_step", "下一步措施", 22),
    _answer("person", "责任人", 9),
    _answer("phone", "联系电话", 15),
)


def draw_urgent(canvas: Canvas, ledger: Ledger) -> None:
    """Draw what is overdue, the longest overdue first, then what is due soon."""
    rows = [row for row in ledger.rows if row.urgency in _PRESSING]
    rows.sort(key=lambda r: (_PRESSING.index(r.urgency), r.days or 0))
    overdue = sum(row.urgency is Urgency.OVERDUE for row in rows)
    note = (
        f"汇总日期：{chinese_date(ledger.as_of)}。"
        f"逾期 {overdue} 件，临期 {len(rows) - overdue} 件。"
    )
    empty = "没有逾期的任务，也没有临期的任务。"
    draw_list(canvas, ("逾期临期任务清单", note), _URGENT, numbered(rows), empty)


# -- 问题清单 -------------------------------------------------------------------------


_PROBLEMS: tuple[Field[Numbered[Problem]], ...] = (
    Field("序号", 5, number, "center"),
    Field(
        "级别",
        8,
        lambda i: i[1].level.value,
        "center",
        lambda i: tint_of_problem(i[1]),
    ),
    Field("科室", 12, lambda i: i[1].section, "center"),
    Field("文件", 24, lambda i: i[1].place.file),
    Field("工作表", 12, lambda i: i[1].place.sheet),
    Field("单元格", 8, lambda i: i[1].place.cell, "center"),
    Field("问题", 40, lambda i: i[1].brief),
    Field("原填内容", 28, lambda i: i[1].raw),
    Field("处理办法", 34, lambda i: i[1].advice),
)


def draw_problems(canvas: Canvas, ledger: Ledger) -> None:
    """Draw every problem, those that someone must settle first."""
    problems = sorted(ledger.problems, key=lambda p: not p.grave)
    must = sum(problem.grave for problem in problems)
    note = (
        f"共 {len(problems)} 条，其中须处理 {must} 条，提示 {len(problems) - must} 条。"
    )
    empty = "报回的文件中没有发现问题。"
    draw_list(canvas, ("问题清单", note), _PROBLEMS, numbered(problems), empty)


# -- 冲突 -----------------------------------------------------------------------------


def origin(answer: Answer, saved: datetime | None) -> str:
    place = answer.place
    where = " ".join(filter(None, (place.file, place.sheet, place.cell)))
    when = f"{saved:%Y-%m-%d %H:%M}" if saved else "不详"
    return f"{where}\n保存时间：{when}"


def _conflict_fields() -> tuple[Field[Numbered[Conflict]], ...]:
    return (
        Field("序号", 5, number, "center"),
        Field("科室", 12, lambda i: i[1].section, "center"),
        Field("任务序号", 6, lambda i: i[1].subject.number, "center"),
        Field("计划措施或登记内容", 30, lambda i: i[1].subject.words),
        Field("栏目", 11, lambda i: i[1].column, "center"),
        Field("采用的内容", 30, lambda i: i[1].taken.text, tint=lambda _: Tint.GREEN),
        Field("采用内容的出处", 24, lambda i: origin(i[1].taken, i[1].taken_saved)),
        Field("未采用的内容", 30, lambda i: i[1].aside.text),
        Field("未采用内容的出处", 24, lambda i: origin(i[1].aside, i[1].aside_saved)),
    )


def draw_conflicts(canvas: Canvas, ledger: Ledger) -> None:
    """Draw every cell that was answered in two ways, both answers side by side."""
    note = (
        f"同一科室在同一批次对同一栏目报了两种内容的，共 {len(ledger.conflicts)} 处。"
        "汇总采用“采用的内容”；如不对，请移走不用的文件，"
        "或在命令后面加上“--prefer 文件名”指明以哪份为准，再汇总一次。"
    )
    empty = "没有相互矛盾的报送内容。"
    fields = _conflict_fields()
    draw_list(canvas, ("冲突", note), fields, numbered(ledger.conflicts), empty)


# -- one way to draw a list -----------------------------------------------------------


def draw_list(
    canvas: Canvas,
    words: tuple[str, str],
    fields: tuple[Field[Numbered[T]], ...],
    items: list[Numbered[T]],
    empty: str,
) -> None:
    """Draw a sheet of one table under its title and note."""
    title, note = words
    canvas.columns([field.width for field in fields])
    canvas.title(title)
    canvas.note(note)
    head = canvas.row
    draw_table(canvas, fields, items, empty=empty)
    canvas.frame(head_row=head, frozen=head + 1)
