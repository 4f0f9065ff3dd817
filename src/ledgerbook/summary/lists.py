"""Draw the lists of the summary.

逾期临期, 问题清单 and 冲突 say what someone must act on; 附件清单 lists pictures, notes and
links; 报送情况 says who returned what; 历次填报 lists what was changed since.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
from datetime import datetime
from typing import TypeVar

from ledgerbook.deadlines import count_days_left
from ledgerbook.excel import styles
from ledgerbook.excel.sheet_writer import (
    FileLink,
    SheetWriter,
    Tint,
    WritableValue,
    choose_file_tint,
    choose_problem_tint,
    choose_tint,
)
from ledgerbook.excel.tables import TableColumn, draw_table
from ledgerbook.excel.workbook_writer import check_result
from ledgerbook.merge.attachments import ATTACHMENT_FOLDER, describe_counts
from ledgerbook.merge.open_matters import list_open_matters
from ledgerbook.merge.task_status import get_done_date
from ledgerbook.model import Book, Column, ColumnSource, Form
from ledgerbook.model.form_columns import (
    SIGNATURE_KEYS,
    get_alignment,
    get_answer_value,
    get_official_header,
    get_status_header,
    group_answer_columns,
    name_task_number,
)
from ledgerbook.model.messages import INSTALLER
from ledgerbook.model.office_entries import BLANK_TEXT, ENTRIES_SHEET, NoteItem
from ledgerbook.model.problems import Place, ProblemGroup, group_problems
from ledgerbook.model.results import (
    Answer,
    AssignmentResult,
    Attachment,
    CellBalance,
    Conflict,
    EarlierAnswer,
    FileReport,
    Ledger,
    RowCounts,
    SectionReport,
    SubmissionStatus,
    UnplannedRow,
    Urgency,
)
from ledgerbook.summary.column_widths import (
    choose_answer_width,
    fit_to_page,
    narrow_blank_columns,
)
from ledgerbook.summary.labels import describe_omitted_cells, format_missed_occurrences
from ledgerbook.summary.office_notes import (
    NOT_TAKEN,
    OVERTAKEN,
    TAKEN,
    format_accepted,
    format_choice,
)
from ledgerbook.text import format_chinese_date

T = TypeVar("T")
NumberedItem = tuple[int, T]


def get_number(item: NumberedItem[T]) -> int:
    return item[0]


def number_items(items: Iterable[T]) -> list[NumberedItem[T]]:
    return list(enumerate(items, 1))


# --- 逾期临期 ---


def _choose_urgency_tint(item: NumberedItem[AssignmentResult]) -> Tint:
    return choose_tint(item[1].urgency, None)


def _format_days(item: NumberedItem[AssignmentResult]) -> str:
    row = item[1]
    if row.days_left is None:
        return ""
    if (done_on := get_done_date(row.answers)) and row.urgency is Urgency.DONE_LATE:
        return f"{done_on} 完成，超期 {-(count_days_left(row.due, done_on) or 0)} 天"
    is_overdue = row.urgency is Urgency.OVERDUE
    days_text = f"已逾期 {-row.days_left} 天" if is_overdue else f"还剩 {row.days_left} 天"
    return "\n".join(filter(None, (days_text, _format_pressing_occurrences(row))))


def _format_status(item: NumberedItem[AssignmentResult]) -> str:
    """Return the status; of a recurring task with the occurrence it was said of."""
    row, cycle = item[1], item[1].recurrence_progress
    if cycle is None or cycle.latest_reported < 0 or row.category is None:
        return row.status
    return f"{row.status}\n（{cycle.occurrences[cycle.latest_reported].name}）"


def _format_pressing_occurrences(row: AssignmentResult) -> str:
    """Name the occurrences of a recurring task that somebody must act on."""
    cycle = row.recurrence_progress
    if cycle is None:
        return ""
    return format_missed_occurrences(cycle) or (
        f"{cycle.next_occurrence}" if cycle.next_occurrence else ""
    )


# Answer columns that the list of pressing tasks leaves out: what has been done, and who
# signed it.
_OMITTED_ANSWER_KEYS = ("done_on", "result", "evidence", "note", *SIGNATURE_KEYS)
# In characters; an answer column that is not here has the width of the form.
_URGENT_ANSWER_WIDTHS: Mapping[str, float] = {
    "reason": 22,
    "next_step": 22,
    "person": 9,
    "phone": 15,
}


def _build_urgent_columns(
    ledger: Ledger, rows: Sequence[NumberedItem[AssignmentResult]]
) -> tuple[TableColumn[NumberedItem[AssignmentResult]], ...]:
    form = ledger.book.task_form
    number_header = name_task_number(get_official_header(form, ColumnSource.NUMBER))
    measure_header = get_official_header(form, ColumnSource.MEASURE)
    due_header = get_official_header(form, ColumnSource.DUE_DATE)
    answer_columns = group_answer_columns(form, omitted=_OMITTED_ANSWER_KEYS)
    return narrow_blank_columns(
        (
            TableColumn("序号", 5, get_number, "center"),
            TableColumn("判定", 6.5, lambda i: i[1].urgency.value, "center", _choose_urgency_tint),
            TableColumn("科室", 12, lambda i: i[1].section, "center"),
            TableColumn(number_header, 6, lambda i: i[1].task.number, "center"),
            TableColumn(measure_header, 40, lambda i: i[1].task.measure),
            TableColumn(due_header, 11.5, lambda i: i[1].due, "center"),
            TableColumn("逾期/剩余天数", 13, _format_days, "center"),
            TableColumn(get_status_header(form), 9, _format_status, "center"),
            *(_build_answer_column(column) for (column,) in answer_columns),
            *_build_contact_columns(ledger),
        ),
        rows,
    )


def _build_contact_columns(
    ledger: Ledger,
) -> Iterator[TableColumn[NumberedItem[AssignmentResult]]]:
    """Yield the column of whom to call in a section, if the book says so for any.

    It is there for sections that never answered too. What goes up (上报汇总) lacks it.
    """
    contacts = {
        section.name: "\n".join(filter(None, (section.contact, section.phone)))
        for section in ledger.book.sections
    }
    if ledger.omitted is None and any(contacts.values()):
        yield TableColumn("科室联系人及电话", 14.5, lambda item: contacts.get(item[1].section, ""))


def _build_answer_column(column: Column) -> TableColumn[NumberedItem[AssignmentResult]]:
    width = _URGENT_ANSWER_WIDTHS.get(column.key) or choose_answer_width(column)
    return TableColumn(
        column.header, width, lambda item: get_answer_value(item[1], column), get_alignment(column)
    )


def count_urgent_rows(ledger: Ledger) -> int:
    """Return how many rows 逾期临期 has."""
    matters = list_open_matters(ledger, ledger.as_of)
    return len(matters.overdue) + len(matters.due_soon) + len(matters.done_late)


def draw_urgent(canvas: SheetWriter, ledger: Ledger) -> None:
    """Draw the overdue rows, the longest overdue first, those due soon, those done late."""
    matters = list_open_matters(ledger, ledger.as_of)
    note = (
        f"汇总日期：{format_chinese_date(ledger.as_of)}。"
        f"逾期 {len(matters.overdue)} 件，临期 {len(matters.due_soon)} 件，"
        f"超期完成 {len(matters.done_late)} 件。"
    )
    rows = number_items((*matters.overdue, *matters.due_soon, *matters.done_late))
    empty_text = "没有逾期、临期或超期完成的任务。"
    columns = _build_urgent_columns(ledger, rows)
    draw_list(canvas, ("逾期临期任务清单", note), columns, rows, empty_text, table_name="urgent")


# --- 问题清单 ---


# A row shows so much of what was typed; the rest stands below the list, or one row would push
# what matters out of sight.
_MAX_SHOWN_CHARS, _MAX_SHOWN_LINES = 300, 6

_PROBLEM_COLUMNS: tuple[TableColumn[NumberedItem[ProblemGroup]], ...] = (
    TableColumn("序号", 5, get_number, "center"),
    TableColumn(
        "级别",
        8,
        lambda i: i[1].first.severity.value,
        "center",
        lambda i: choose_problem_tint(i[1].first),
    ),
    TableColumn("科室", 12, lambda i: i[1].first.section, "center"),
    TableColumn("文件", 22, lambda i: i[1].place.file),
    TableColumn("工作表", 12, lambda i: i[1].place.sheet),
    TableColumn("单元格", 11, lambda i: i[1].cells, "center"),
    TableColumn("问题", 39, lambda i: i[1].short_message),
    TableColumn("原填内容", 28, lambda i: _shorten_raw(i[1])),
    TableColumn("处理办法", 34, lambda i: i[1].first.advice),
)


def _shorten_raw(group: ProblemGroup) -> str:
    if not _is_shortened(group):
        return group.raw
    lines = group.raw.split("\n")[:_MAX_SHOWN_LINES]
    shown = "\n".join(lines)[:_MAX_SHOWN_CHARS]
    return "\n".join(filter(None, (shown, "……（全部列在本表末尾）")))


def _is_shortened(group: ProblemGroup) -> bool:
    """Whether the row of a group lacks some of its places or of what was typed there."""
    raw = group.raw
    return (
        not group.names_all_places
        or len(raw) > _MAX_SHOWN_CHARS
        or raw.count("\n") >= _MAX_SHOWN_LINES
    )


# Below the list: each problem of a line that lacks something, under the number of that line.
_SINGLE_PROBLEM_COLUMNS: tuple[TableColumn[NumberedItem[ProblemGroup]], ...] = (
    *_PROBLEM_COLUMNS[:-2],
    TableColumn("原填内容", 28, lambda i: i[1].raw),
    TableColumn("处理办法", 34, lambda i: f"见上面第 {i[0]} 条"),
)


def draw_problems(canvas: SheetWriter, ledger: Ledger) -> None:
    """Draw every problem, like ones on one line, the grave ones first.

    What has no room in a line stands below the list, place by place.
    """
    problems = sorted(ledger.problems, key=lambda p: (not p.is_error, not p.office_matter))
    error_count = sum(problem.is_error for problem in problems)
    office_count = sum(bool(problem.office_matter) for problem in problems)
    groups = group_problems(problems)
    items = number_items(groups)
    note = (
        f"共 {len(problems)} 条，其中须处理 {error_count} 条，"
        f"提示 {len(problems) - error_count} 条"
        + (f"（排在前面的 {office_count} 条请综合科核实）。" if office_count else "。")
        + ("同一科室同样的问题合写在一行。" if len(groups) < len(problems) else "")
    )
    empty_text = "报回的文件中没有发现问题。"
    draw_list(
        canvas, ("问题清单", note), _PROBLEM_COLUMNS, items, empty_text, table_name="problems"
    )
    singles = [
        (number, ProblemGroup((problem,)))
        for number, group in items
        if _is_shortened(group)
        for problem in group.problems
    ]
    if singles:
        canvas.write_heading("附：上面没有写全的，逐处列在这里")
        draw_table(canvas, _SINGLE_PROBLEM_COLUMNS, singles, empty_text="")


# --- 冲突 ---


def format_answer_origin(answer: Answer, saved_at: datetime | None) -> str:
    place = answer.place
    location = " ".join(filter(None, (place.file, place.sheet, place.cell)))
    if place.sheet == ENTRIES_SHEET:
        return f"{location}\n日期：{saved_at:%Y-%m-%d}" if saved_at else location
    saved_text = f"{saved_at:%Y-%m-%d %H:%M}" if saved_at else "不详"
    return f"{location}\n保存时间：{saved_text}"


def _format_accepted_origin(conflict: Conflict, *, has_rounds: bool) -> str:
    answer = conflict.accepted or Answer("", "", Place(conflict.accepted_file))
    lines = [format_answer_origin(answer, conflict.accepted_saved_at)]
    if has_rounds:
        lines.append(f"批次：{conflict.round}")
    if conflict.later_round:
        lines.append(
            f"“{conflict.later_round}”又报了这一栏，汇总以“{conflict.later_round}”的为准。"
        )
    return "\n".join(lines)


def _build_conflict_columns(book: Book) -> tuple[TableColumn[NumberedItem[Conflict]], ...]:
    form, notes = book.task_form, book.map_office_notes()
    has_rounds = len(book.rounds) > 1
    number_header, label_header = _name_subject_headers(form)

    return (
        TableColumn("序号", 5, get_number, "center"),
        TableColumn("科室", 12, lambda item: item[1].section, "center"),
        TableColumn(number_header, 6, lambda item: item[1].subject.task_number, "center"),
        TableColumn(label_header, 28, lambda item: item[1].subject.label),
        TableColumn("栏目", 11, lambda item: item[1].header, "center"),
        TableColumn(
            "采用的内容",
            28,
            lambda item: format_accepted(item[1]),
            get_tint=lambda _: Tint.GREEN,
        ),
        TableColumn(
            "采用内容的出处",
            22,
            lambda item: _format_accepted_origin(item[1], has_rounds=has_rounds),
        ),
        TableColumn("未采用的内容", 28, lambda item: item[1].overruled.text),
        TableColumn(
            "未采用内容的出处",
            22,
            lambda item: format_answer_origin(item[1].overruled, item[1].overruled_saved_at),
        ),
        TableColumn(NoteItem.CHOSEN.value, 9, lambda item: format_choice(item[1], notes), "center"),
        TableColumn(
            get_official_header(form, ColumnSource.ROW_CODE),
            11,
            lambda item: item[1].subject.code,
            "center",
        ),
    )


def _name_subject_headers(form: Form) -> tuple[str, str]:
    """Return the headers of what an answer is about: the task's number, and its label."""
    return (
        name_task_number(get_official_header(form, ColumnSource.NUMBER)),
        f"{get_official_header(form, ColumnSource.MEASURE)}或登记内容",
    )


def draw_conflicts(canvas: SheetWriter, ledger: Ledger) -> None:
    """Draw every cell that was answered in two ways, both answers side by side."""
    note = (
        f"同一科室在同一批次对同一栏目报了两种内容、或者先填后空的，共 {len(ledger.conflicts)} 处。"
        f"汇总采用“采用的内容”；如不对，在“{NoteItem.CHOSEN}”里选“{NOT_TAKEN}”，保存后再汇总一次；"
        "也可以移走不用的文件，或在命令后面加上“--prefer 文件名”指明以哪份为准。"
        f"以后的批次又报了的，写“{OVERTAKEN}”，不用再选。"
    )
    empty_text = "没有相互矛盾的报送内容。"
    columns = _build_conflict_columns(ledger.book)
    items = number_items(ledger.conflicts)
    draw_list(canvas, ("冲突", note), columns, items, empty_text, table_name="conflicts")
    column = [column.header for column in columns].index(NoteItem.CHOSEN.value)
    rule = {"validate": "list", "source": [TAKEN, NOT_TAKEN]}
    first_row = canvas.row - len(ledger.conflicts)
    for row, conflict in enumerate(ledger.conflicts, first_row):
        if not conflict.later_round:
            check_result(canvas.sheet.data_validation(row, column, row, column, rule))


# --- one way to draw a list ---


def draw_list(
    canvas: SheetWriter,
    title_and_note: tuple[str, str],
    columns: tuple[TableColumn[NumberedItem[T]], ...],
    items: list[NumberedItem[T]],
    empty_text: str,
    *,
    table_name: str = "",
    unprinted_count: int = 0,
) -> None:
    """Draw a sheet of one table, an Excel table if it has a name, legible on paper.

    The last ``unprinted_count`` columns are for the screen alone.
    """
    title, note = title_and_note
    printed_count = len(columns) - unprinted_count
    columns = (*fit_to_page(columns[:printed_count], styles.NOTE_SIZE), *columns[printed_count:])
    widths = [column.width for column in columns]
    canvas.set_columns(widths[:printed_count], widths[printed_count:])
    canvas.write_title(title)
    canvas.write_note(note)
    header_row = canvas.row
    draw_table(canvas, columns, items, empty_text=empty_text, table_name=table_name)
    canvas.set_up_page_and_freeze(header_row=header_row, frozen_rows=header_row + 1)
    if unprinted_count:
        canvas.print_columns_of_page()


# --- 计划外工作 ---


def draw_unplanned(canvas: SheetWriter, ledger: Ledger) -> None:
    """Draw the rows that sections added to their tables, with all that is in them."""
    rows = ledger.unplanned_rows
    note = (
        f"科室在表里加的、方案里没有的工作共 {len(rows)} 行，照原样列出，没有算进任务的统计。"
        "要纳入台账的，请加到台账“任务”表里再发表。"
    )
    items = number_items(rows)
    columns = narrow_blank_columns(_build_unplanned_columns(ledger.book.task_form), items)
    draw_list(
        canvas, ("计划外工作", note), columns, items, "没有计划外工作。", table_name="unplanned"
    )


def _build_unplanned_columns(form: Form) -> tuple[TableColumn[NumberedItem[UnplannedRow]], ...]:
    answer_columns = form.answer_columns
    answer_keys = {column.key for column in answer_columns}

    def join_other_texts(item: NumberedItem[UnplannedRow]) -> str:
        return "\n".join(text for key, text in item[1].texts.items() if key not in answer_keys)

    def get_text_of(key: str) -> Callable[[NumberedItem[UnplannedRow]], str]:
        return lambda item: item[1].texts.get(key, "")

    return (
        TableColumn("序号", 5, get_number, "center"),
        TableColumn("科室", 12, lambda i: i[1].section, "center"),
        TableColumn("工作内容", 40, join_other_texts),
        *(
            TableColumn(column.header, choose_answer_width(column), get_text_of(column.key))
            for column in answer_columns
        ),
        TableColumn("出处", 20, lambda i: i[1].place.short_text),
    )


# --- 附件清单 ---

# A sheet can hold some 65,000 links.
_MAX_LINKS = 60_000


def draw_attachments(canvas: SheetWriter, ledger: Ledger) -> None:
    """Draw all attachments, by section and task."""
    attachments = ledger.attachments
    note = (
        f"表上附带的内容共 {len(attachments)} 项（{describe_counts(attachments)}）。"
        f"图片已另存在本文件旁边的“{ATTACHMENT_FOLDER}”文件夹中，点“存放位置”可以打开。"
    )
    columns = _build_attachment_columns(ledger.book)
    draw_list(
        canvas,
        ("附件清单", note),
        columns,
        number_items(attachments),
        "没有附带的内容。",
        table_name="attachments",
    )


def _build_attachment_columns(
    book: Book,
) -> tuple[TableColumn[NumberedItem[Attachment]], ...]:
    task_numbers = {task.code: task.number for task in book.tasks}
    headers = {column.key: column.header for column in book.task_form.columns}
    number_header, _ = _name_subject_headers(book.task_form)
    return (
        TableColumn("序号", 5, get_number, "center"),
        TableColumn("科室", 14, lambda item: item[1].section, "center"),
        TableColumn(number_header, 6, lambda item: task_numbers.get(item[1].task), "center"),
        TableColumn("栏目", 11, lambda item: headers.get(item[1].column, ""), "center"),
        TableColumn("类型", 7, lambda item: item[1].kind.value, "center"),
        TableColumn("内容", 34, lambda item: item[1].text),
        # Wide enough for a usual path: LibreOffice breaks no line of a link.
        TableColumn("存放位置", 56, _link_stored_file),
        TableColumn("出处", 26, _format_attachment_origin),
    )


def _link_stored_file(item: NumberedItem[Attachment]) -> WritableValue:
    stored_path = item[1].saved_path
    return FileLink(stored_path) if stored_path and item[0] <= _MAX_LINKS else stored_path


def _format_attachment_origin(item: NumberedItem[Attachment]) -> str:
    place = item[1].place
    return " ".join(filter(None, (place.file, place.sheet, place.cell)))


# --- 报送情况 ---

SUBMISSIONS_SHEET = "报送情况"
# The headers by which read_summary_metadata finds the table of files.
FILE_HEADER, DIGEST_HEADER = "文件", "SHA-256"

_SUBMISSION_STATUS_TINTS = {
    SubmissionStatus.MISSING: Tint.RED,
    SubmissionStatus.LATE: Tint.AMBER,
    SubmissionStatus.PARTIAL: Tint.AMBER,
    SubmissionStatus.WRONGLY_FILLED: Tint.RED,
    SubmissionStatus.RETURNED_EMPTY: Tint.AMBER,
    SubmissionStatus.NOT_ACCEPTED: Tint.RED,
    SubmissionStatus.NOT_READ: Tint.AMBER,
}

# Both tables share the columns of the sheet. The digest, the last of them, is for programs.
_SECTION_COLUMNS: tuple[TableColumn[SectionReport], ...] = (
    TableColumn("科室", 26, lambda s: s.section),
    TableColumn(
        "报送状态",
        13,
        lambda s: s.standing,
        "center",
        lambda s: _SUBMISSION_STATUS_TINTS.get(s.status, Tint.NONE),
    ),
    TableColumn("应报日期", 13, lambda s: s.due, "center"),
    TableColumn("最新保存时间", 17, lambda s: s.saved_at, "center"),
    TableColumn("本批次填报情况", 17, lambda s: _format_row_counts(s.counts), "center"),
    TableColumn("任务数", 13.5, lambda s: s.row_count, "center"),
    TableColumn("须处理问题数", 9, lambda s: s.error_count, "center"),
    TableColumn("来源文件", 26, lambda s: "\n".join(s.file_names)),
)

_FILE_COLUMNS: tuple[TableColumn[FileReport], ...] = (
    TableColumn(FILE_HEADER, 26, lambda f: f.name),
    TableColumn("处理结果", 13, lambda f: f.status.value, "center", choose_file_tint),
    TableColumn("科室", 13, lambda f: "、".join(f.sections), "center"),
    TableColumn("批次", 17, lambda f: f.round, "center"),
    TableColumn("保存时间", 17, lambda f: f.saved_at, "center"),
    TableColumn("大小（字节）", 13.5, lambda f: f.size, "center"),
    TableColumn("填报单元格数", 9, lambda f: f.cell_count, "center"),
    TableColumn("说明", 26, lambda f: f.note),
    TableColumn(DIGEST_HEADER, 70, lambda f: f.sha256),
)

_SUBMISSION_STATUS_COLUMN = 1


def _format_row_counts(counts: RowCounts) -> str:
    """Return how many rows of a round are answered, left as issued, wrong or blank."""
    parts = (
        ("更新", counts.said),
        ("沿用", counts.carried),
        ("有误", counts.refused),
        ("未填", counts.blank),
    )
    return "，".join(f"{name} {count}" for name, count in parts if count)


def draw_submissions(canvas: SheetWriter, ledger: Ledger) -> str:
    """Draw 报送情况; return the cells of the submission statuses, for formulas."""
    widths = [column.width for column in _FILE_COLUMNS]
    canvas.set_columns(widths[:-1], widths[-1:])
    canvas.write_title(SUBMISSIONS_SHEET)
    canvas.write_note(f"汇总日期：{format_chinese_date(ledger.as_of)}", align="right")
    frozen_row = canvas.row
    canvas.write_heading("一、各科室报送情况")
    area = draw_table(
        canvas,
        _SECTION_COLUMNS,
        ledger.section_reports,
        empty_text="台账中没有科室。",
        table_name="sections",
    )
    files_row = canvas.row
    canvas.write_heading(f"二、收到的文件（共 {len(ledger.file_reports)} 个）")
    header_row = canvas.row
    draw_table(
        canvas,
        _FILE_COLUMNS,
        ledger.file_reports,
        empty_text="没有收到任何文件。",
        table_name="files",
    )
    canvas.write_heading("三、填报内容核对")
    canvas.write_note(_format_cell_balance(ledger.cell_balance) + describe_omitted_cells(ledger))
    # Only the table of files grows long: its header is the one said on later pages.
    if sum(canvas.heights) > canvas.page_height:
        canvas.insert_page_breaks([files_row])
    canvas.set_up_page_and_freeze(header_row=header_row, frozen_rows=frozen_row)
    canvas.print_columns_of_page()
    return area.format_column_range(_SUBMISSION_STATUS_COLUMN)


def _format_cell_balance(balance: CellBalance) -> str:
    """Return a sentence that accounts for every answer cell of every file."""
    conclusion = (
        "两者一致。"
        if balance.is_balanced
        else f"两者不一致，汇总可能有遗漏，请勿使用本汇总，并联系{INSTALLER}。"
    )
    return (
        f"{balance.equation}，合计 {balance.accounted_for} 个，{conclusion}{balance.foreign_text}"
    )


# --- 历次填报 ---


def _build_history_columns(form: Form) -> tuple[TableColumn[NumberedItem[EarlierAnswer]], ...]:
    number_header, label_header = _name_subject_headers(form)
    return (
        TableColumn("序号", 5, get_number, "center"),
        TableColumn("科室", 12, lambda i: i[1].section, "center"),
        TableColumn(number_header, 6, lambda i: i[1].subject.task_number, "center"),
        TableColumn(label_header, 30, lambda i: i[1].subject.label),
        TableColumn("栏目", 11, lambda i: i[1].header, "center"),
        TableColumn("批次", 11, lambda i: i[1].round, "center"),
        TableColumn("当时填的内容", 32, lambda i: i[1].answer.text),
        TableColumn("出处", 24, lambda i: format_answer_origin(i[1].answer, i[1].saved_at)),
        TableColumn(
            "现在的内容",
            32,
            lambda i: f"【{i[1].current_round}】{_format_current(i[1])}",
        ),
    )


def _format_current(earlier: EarlierAnswer) -> str:
    """Return what holds now; of a cell that is blank now, who cleared it."""
    if earlier.current_answer:
        return earlier.current_answer.text
    return f"{BLANK_TEXT}由{earlier.current_file}清空"


def draw_history(canvas: SheetWriter, ledger: Ledger) -> None:
    """Draw the answers that their section has changed since."""
    note = (
        "以前填过、后来的报表或批次又改了内容的，当时的内容保留在此处，"
        f"共 {len(ledger.earlier_answers)} 处。汇总采用最新的内容。"
    )
    empty_text = "以前的内容没有变化。"
    items = number_items(ledger.earlier_answers)
    columns = _build_history_columns(ledger.book.task_form)
    draw_list(canvas, ("历次填报", note), columns, items, empty_text, table_name="history")
