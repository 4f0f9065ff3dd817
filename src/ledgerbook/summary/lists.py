"""逾期临期, 问题清单 and 冲突: what someone must act on, most pressing first."""

from __future__ import annotations

from collections.abc import Iterable
from datetime import datetime
from typing import TypeVar

from ledgerbook.excel.canvas import (
    FileLink,
    SheetWriter,
    Tint,
    Value,
    tint_of,
    tint_of_file,
    tint_of_problem,
)
from ledgerbook.excel.tables import TableColumn, draw_table
from ledgerbook.merge.attachments import FOLDER, counted
from ledgerbook.model import Book, Form, StatusCategory
from ledgerbook.model.problems import Problem
from ledgerbook.model.results import (
    Answer,
    AssignmentResult,
    Attachment,
    CellBalance,
    Conflict,
    EarlierAnswer,
    FileReport,
    Ledger,
    RoundReport,
    SectionReport,
    SubmissionStatus,
    Urgency,
)
from ledgerbook.summary.labels import missed_text
from ledgerbook.text import chinese_date

T = TypeVar("T")
Numbered = tuple[int, T]

_PRESSING = (Urgency.OVERDUE, Urgency.SOON)


def number(item: Numbered[T]) -> int:
    return item[0]


def numbered(items: Iterable[T]) -> list[Numbered[T]]:
    return list(enumerate(items, 1))


# -- 逾期临期 -------------------------------------------------------------------------


def _urgent_tint(item: Numbered[AssignmentResult]) -> Tint:
    return tint_of(item[1].urgency, None)


def _days(item: Numbered[AssignmentResult]) -> str:
    row = item[1]
    if row.days is None:
        return ""
    late = row.urgency is Urgency.OVERDUE
    days = f"已逾期 {-row.days} 天" if late else f"还剩 {row.days} 天"
    return "\n".join(filter(None, (days, _turn(row))))


def _status(item: Numbered[AssignmentResult]) -> str:
    """Show the status, of a recurring duty with the turn that it was said of."""
    row, cycle = item[1], item[1].cycle
    if cycle is None or cycle.latest < 0 or row.meaning is None:
        return row.status
    return f"{row.status}\n（{cycle.turns[cycle.latest].name}）"


def _turn(row: AssignmentResult) -> str:
    """Name the turns of a recurring duty that somebody must act on."""
    cycle = row.cycle
    if cycle is None:
        return ""
    return missed_text(cycle) or (f"{cycle.coming}" if cycle.coming else "")


def _answer(
    key: str, header: str, width: float
) -> TableColumn[Numbered[AssignmentResult]]:
    return TableColumn(header, width, lambda i: i[1].text(key))


_URGENT: tuple[TableColumn[Numbered[AssignmentResult]], ...] = (
    TableColumn("序号", 5, number, "center"),
    TableColumn("判定", 6.5, lambda i: i[1].urgency.value, "center", _urgent_tint),
    TableColumn("科室", 12, lambda i: i[1].section, "center"),
    TableColumn("任务序号", 6, lambda i: i[1].task.number, "center"),
    TableColumn("计划措施", 40, lambda i: i[1].task.measure),
    TableColumn("完成期限", 11.5, lambda i: i[1].due, "center"),
    TableColumn("逾期/剩余天数", 13, _days, "center"),
    TableColumn("完成状态", 9, _status, "center"),
    _answer("reason", "未完成原因", 22),
    _answer("next_step", "下一步措施", 22),
    _answer("person", "责任人", 9),
    _answer("phone", "联系电话", 15),
)


def draw_urgent(canvas: SheetWriter, ledger: Ledger) -> None:
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


_PROBLEMS: tuple[TableColumn[Numbered[Problem]], ...] = (
    TableColumn("序号", 5, number, "center"),
    TableColumn(
        "级别",
        8,
        lambda i: i[1].level.value,
        "center",
        lambda i: tint_of_problem(i[1]),
    ),
    TableColumn("科室", 12, lambda i: i[1].section, "center"),
    TableColumn("文件", 24, lambda i: i[1].place.file),
    TableColumn("工作表", 12, lambda i: i[1].place.sheet),
    TableColumn("单元格", 8, lambda i: i[1].place.cell, "center"),
    TableColumn("问题", 40, lambda i: i[1].brief),
    TableColumn("原填内容", 28, lambda i: i[1].raw),
    TableColumn("处理办法", 34, lambda i: i[1].advice),
)


def draw_problems(canvas: SheetWriter, ledger: Ledger) -> None:
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


def _conflict_fields() -> tuple[TableColumn[Numbered[Conflict]], ...]:
    return (
        TableColumn("序号", 5, number, "center"),
        TableColumn("科室", 12, lambda i: i[1].section, "center"),
        TableColumn("任务序号", 6, lambda i: i[1].subject.number, "center"),
        TableColumn("计划措施或登记内容", 30, lambda i: i[1].subject.words),
        TableColumn("栏目", 11, lambda i: i[1].column, "center"),
        TableColumn(
            "采用的内容", 30, lambda i: i[1].taken.text, tint=lambda _: Tint.GREEN
        ),
        TableColumn(
            "采用内容的出处", 24, lambda i: origin(i[1].taken, i[1].taken_saved)
        ),
        TableColumn("未采用的内容", 30, lambda i: i[1].aside.text),
        TableColumn(
            "未采用内容的出处", 24, lambda i: origin(i[1].aside, i[1].aside_saved)
        ),
    )


def draw_conflicts(canvas: SheetWriter, ledger: Ledger) -> None:
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
    canvas: SheetWriter,
    words: tuple[str, str],
    fields: tuple[TableColumn[Numbered[T]], ...],
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


# 附件清单: every picture, note and link that hung on a sheet, and where it is kept.

# A sheet can hold some 65,000 links.
_MOST_LINKS = 60_000


def draw_attachments(canvas: SheetWriter, ledger: Ledger) -> None:
    """Draw all attachments, by section and task."""
    items = ledger.attachments
    note = (
        f"表上附带的内容共 {len(items)} 项（{counted(items)}）。"
        f"图片已另存在本文件旁边的“{FOLDER}”文件夹中，点“存放位置”可以打开。"
    )
    fields = _fields(ledger.book)
    draw_list(canvas, ("附件清单", note), fields, numbered(items), "没有附带的内容。")


def _fields(book: Book) -> tuple[TableColumn[Numbered[Attachment]], ...]:
    numbers = {task.code: task.number for task in book.tasks}
    headers = {column.key: column.header for column in book.form.columns}
    return (
        TableColumn("序号", 5, number, "center"),
        TableColumn("科室", 14, lambda i: i[1].section, "center"),
        TableColumn("任务序号", 6, lambda i: numbers.get(i[1].task), "center"),
        TableColumn("栏目", 11, lambda i: headers.get(i[1].column, ""), "center"),
        TableColumn("类型", 7, lambda i: i[1].kind.value, "center"),
        TableColumn("内容", 34, lambda i: i[1].text),
        # Wide enough for a usual path: LibreOffice breaks no line of a link.
        TableColumn("存放位置", 56, _kept_at),
        TableColumn("出处", 26, _origin),
    )


def _kept_at(item: Numbered[Attachment]) -> Value:
    stored = item[1].stored
    return FileLink(stored) if stored and item[0] <= _MOST_LINKS else stored


def _origin(item: Numbered[Attachment]) -> str:
    place = item[1].place
    return " ".join(filter(None, (place.file, place.sheet, place.cell)))


# 报送情况: every section's standing, every file once, and the count of answers.

SHEET = "报送情况"
# The headers by which the table of files is found again.
FILE, DIGEST = "文件", "SHA-256"

_STANDING_TINTS = {
    SubmissionStatus.MISSING: Tint.RED,
    SubmissionStatus.LATE: Tint.AMBER,
    SubmissionStatus.NOTHING: Tint.AMBER,
    SubmissionStatus.HELD: Tint.RED,
}

# Both tables stand on one grid of columns.
_SECTIONS: tuple[TableColumn[SectionReport], ...] = (
    TableColumn("科室", 26, lambda s: s.section),
    TableColumn(
        "报送状态",
        13,
        lambda s: s.standing.value,
        "center",
        lambda s: _STANDING_TINTS.get(s.standing, Tint.NONE),
    ),
    TableColumn("应报日期", 13, lambda s: s.due, "center"),
    TableColumn("最新保存时间", 18.5, lambda s: s.saved_at, "center"),
    TableColumn("任务数", 18.5, lambda s: s.rows, "center"),
    TableColumn("已填报任务数", 10, lambda s: s.filled, "center"),
    TableColumn("须处理问题数", 9, lambda s: s.problems, "center"),
    TableColumn("来源文件", 26, lambda s: "\n".join(s.files), span=2),
)

_FILES: tuple[TableColumn[FileReport], ...] = (
    TableColumn(FILE, 26, lambda f: f.name),
    TableColumn("处理结果", 13, lambda f: f.verdict.value, "center", tint_of_file),
    TableColumn("科室", 13, lambda f: "、".join(f.sections), "center"),
    TableColumn("批次", 18.5, lambda f: f.round, "center"),
    TableColumn("保存时间", 18.5, lambda f: f.saved_at, "center"),
    TableColumn("大小（字节）", 13.5, lambda f: f.size, "center"),
    TableColumn("填报单元格数", 9, lambda f: f.cells, "center"),
    TableColumn("说明", 26, lambda f: f.note),
    TableColumn(DIGEST, 32, lambda f: f.sha256),
)

_STANDING_COLUMN = 1


def draw_submissions(canvas: SheetWriter, ledger: Ledger) -> str:
    """Draw who returned what; return the cells of the standings, for formulas."""
    canvas.columns([field.width for field in _FILES])
    canvas.title(SHEET)
    canvas.note(f"汇总日期：{chinese_date(ledger.as_of)}", align="right")
    frozen = canvas.row
    canvas.heading("一、各科室报送情况")
    area = draw_table(canvas, _SECTIONS, ledger.sections, empty="台账中没有科室。")
    files = canvas.row
    canvas.heading(f"二、收到的文件（共 {len(ledger.files)} 个）")
    head = canvas.row
    draw_table(canvas, _FILES, ledger.files, empty="没有收到任何文件。")
    canvas.heading("三、填报内容核对")
    canvas.note(_tally(ledger.tally))
    # Only the table of files grows long: its header is the one said on later pages.
    if sum(canvas.heights) > canvas.page_height:
        canvas.turn_pages([files])
    canvas.frame(head_row=head, frozen=frozen)
    return area.column(_STANDING_COLUMN)


def _tally(tally: CellBalance) -> str:
    """Say where every answer cell of every file went, and whether the count is even."""
    earlier = (
        f"以前批次的旧内容（见“历次填报”）{tally.earlier} 个，" if tally.earlier else ""
    )
    end = (
        "两者一致。"
        if tally.balanced
        else "两者不一致，汇总可能有遗漏，请勿使用本汇总，并联系维护人员。"
    )
    return (
        f"所有文件中共有填报单元格 {tally.found} 个。其中：汇入 {tally.kept} 个，"
        f"与已汇入内容相同 {tally.repeated} 个，"
        f"因冲突未采用（见“冲突”）{tally.aside} 个，"
        f"{earlier}列入“问题清单”待处理 {tally.held} 个，"
        f"合计 {tally.accounted} 个，{end}"
    )


# 各批次进展 and 历次填报: how the year went from round to round.


def draw_rounds(canvas: SheetWriter, ledger: Ledger) -> None:
    """Draw a line for each round so far: who returned, how things stood at its end."""
    note = (
        f"汇总日期：{chinese_date(ledger.as_of)}。状态各栏是该批次结束时的累计情况"
        "（科室任务，件）：该批次没有再报的，沿用以前批次报的。"
    )
    fields = _round_fields(ledger.book.form)
    empty = "还没有收到任何批次的报送表。"
    draw_list(canvas, ("各批次进展", note), fields, numbered(ledger.rounds), empty)


def _round_fields(form: Form) -> tuple[TableColumn[Numbered[RoundReport]], ...]:
    return (
        TableColumn("序号", 5, number, "center"),
        TableColumn("批次", 13, lambda i: i[1].round, "center"),
        TableColumn("应报日期", 11.5, lambda i: i[1].due, "center"),
        TableColumn("已报科室数", 8, lambda i: len(i[1].returned), "center"),
        TableColumn("未报科室", 30, lambda i: "、".join(i[1].missing) or "无"),
        TableColumn("科室任务数", 8, lambda i: i[1].rows, "center"),
        *(_counted(form, meaning) for meaning in StatusCategory),
        TableColumn("未填或未报", 9, _unsaid, "center"),
        TableColumn("完成率", 9, _rate, "center"),
    )


def _counted(form: Form, meaning: StatusCategory) -> TableColumn[Numbered[RoundReport]]:
    """Count one meaning under the office's own words for it."""
    choices = form.choices_of(form.status).choices
    words = "、".join(c.value for c in choices if c.meaning is meaning)
    return TableColumn(
        words or meaning.value, 9, lambda i: i[1].meanings[meaning], "center"
    )


def _unsaid(item: Numbered[RoundReport]) -> int:
    one = item[1]
    return one.rows - sum(one.meanings.values())


def _rate(item: Numbered[RoundReport]) -> str:
    one = item[1]
    owed = one.rows - one.meanings[StatusCategory.EXEMPT]
    return f"{one.meanings[StatusCategory.DONE] / owed:.1%}" if owed else "—"


_HISTORY: tuple[TableColumn[Numbered[EarlierAnswer]], ...] = (
    TableColumn("序号", 5, number, "center"),
    TableColumn("科室", 12, lambda i: i[1].section, "center"),
    TableColumn("任务序号", 6, lambda i: i[1].subject.number, "center"),
    TableColumn("计划措施或登记内容", 30, lambda i: i[1].subject.words),
    TableColumn("栏目", 11, lambda i: i[1].column, "center"),
    TableColumn("批次", 11, lambda i: i[1].round, "center"),
    TableColumn("当时填的内容", 32, lambda i: i[1].answer.text),
    TableColumn("出处", 24, lambda i: origin(i[1].answer, i[1].saved_at)),
    TableColumn("现在的内容", 32, lambda i: f"【{i[1].now_round}】{i[1].now.text}"),
)


def draw_history(canvas: SheetWriter, ledger: Ledger) -> None:
    """Draw what earlier rounds said that a later one has replaced."""
    note = (
        "以前批次填过、后来的批次又有新内容的，当时的内容保留在此处，"
        f"共 {len(ledger.history)} 处。汇总采用最新批次的内容。"
    )
    empty = "以前批次的内容没有变化。"
    items = numbered(ledger.history)
    draw_list(canvas, ("历次填报", note), _HISTORY, items, empty)
