"""Make the tables of one bureau: what was collected, row by row."""

from __future__ import annotations

from collections.abc import Callable, Iterator, Mapping, Sequence
from typing import Any

from ledgerbook.data_tables.data_table import (
    DataField,
    DataTable,
    TableDefinition,
    define_text,
    define_value,
)
from ledgerbook.export import (
    ADDED_PREFIX,
    DetailRow,
    ExportColumn,
    ExportType,
    ExportValue,
    build_detail_rows,
    build_ledger_columns,
    encode_key,
    name_register_tables,
)
from ledgerbook.merge.register_entries import compute_entry_due_date, compute_entry_status
from ledgerbook.model import Column, ColumnSource, ColumnType, Filler, Form, StatusCategory
from ledgerbook.model.problems import Place, Problem
from ledgerbook.model.results import (
    Answer,
    Attachment,
    Conflict,
    EarlierAnswer,
    FileReport,
    Ledger,
    RegisterEntry,
    SectionReport,
    UnplannedRow,
)
from ledgerbook.period import Period, find_periods
from ledgerbook.summary import list_review_texts
from ledgerbook.summary.rounds import RoundLine, list_round_lines
from ledgerbook.text import make_distinct_names

_DATE, _TIME = ExportType.DATE, ExportType.TIME
_NUMBER, _DECIMAL, _BOOLEAN = ExportType.NUMBER, ExportType.DECIMAL, ExportType.BOOLEAN


def build_ledger_tables(ledger: Ledger) -> tuple[DataTable, ...]:
    """Return all tables of a ledger, those without rows too.

    A ledger without the contents of personal columns has no such columns.
    """
    return (
        build_task_table(
            build_ledger_columns(ledger),
            build_detail_rows(ledger, list_review_texts(ledger.book)),
        ),
        *(definition.build(list_items(ledger)) for definition, list_items in LEDGER_TABLES),
        *_build_register_tables(ledger),
    )


# --- tasks ---

TASKS_NAME, TASKS_TITLE = "tasks", "科室明细"


def build_task_table(columns: Sequence[ExportColumn], rows: Iterator[DetailRow]) -> DataTable:
    """Return the detail; columns that an office has added are called ``form_`` and their key."""
    names = name_detail_columns(columns)
    renamed = tuple(
        ExportColumn(names[c.key], c.header, c.type, c.width, c.description) for c in columns
    )
    return DataTable(TASKS_NAME, TASKS_TITLE, renamed, (_rename(row, names) for row in rows))


def name_detail_columns(columns: Sequence[ExportColumn]) -> dict[str, str]:
    """Return by the key of each column of the detail its key for programs.

    In a roll-up the added columns of the units are known by their headers alone.
    """
    added = [column.key for column in columns if column.key.startswith(ADDED_PREFIX)]
    names = make_distinct_names(
        (key.removeprefix(ADDED_PREFIX) for key in added), encode_key, _add_number
    )
    return {
        **{column.key: column.key for column in columns},
        **{key: f"form_{names[key.removeprefix(ADDED_PREFIX)]}" for key in added},
    }


def _add_number(name: str, suffix: str) -> str:
    return name + suffix.replace("(", "_").rstrip(")")


def _rename(row: DetailRow, names: Mapping[str, str]) -> dict[str, ExportValue]:
    return {name: row.get_value(key) for key, name in names.items()}


# --- the tables that are alike in every book ---


def define_place(get_place: Callable[[Any], Place]) -> tuple[DataField[Any], ...]:
    """Return the fields that say where something stands."""
    return (
        define_text("file", "文件", lambda item: get_place(item).file),
        define_text("sheet", "工作表", lambda item: get_place(item).sheet),
        define_text("cell", "单元格", lambda item: get_place(item).cell),
    )


SECTIONS: TableDefinition[SectionReport] = TableDefinition(
    "sections",
    "各科室报送情况",
    "一个科室在当前批次的报送情况",
    (
        define_text("section", "科室", lambda s: s.section),
        define_text("round", "批次", lambda s: s.round),
        define_text("status", "报送状态", lambda s: s.status.value),
        define_value("is_late", "迟报", _BOOLEAN, lambda s: s.is_late, "第一次报来已过应报日期"),
        define_value("due", "应报日期", _DATE, lambda s: s.due),
        define_value("saved_at", "最新保存时间", _TIME, lambda s: s.saved_at),
        define_value("row_count", "任务数", _NUMBER, lambda s: s.row_count),
        define_value(
            "filled_row_count",
            "填过的任务数",
            _NUMBER,
            lambda s: s.filled_row_count,
            "任一批次填过内容的",
        ),
        define_value("said", "更新", _NUMBER, lambda s: s.counts.said, "本批次重新填报的行数"),
        define_value("carried", "沿用", _NUMBER, lambda s: s.counts.carried, "照原样报回的行数"),
        define_value(
            "refused", "有误", _NUMBER, lambda s: s.counts.refused, "完成状态读不懂的行数"
        ),
        define_value("blank", "未填", _NUMBER, lambda s: s.counts.blank, "没有填的行数"),
        define_value("error_count", "须处理问题数", _NUMBER, lambda s: s.error_count),
        define_text("files", "来源文件", lambda s: "\n".join(s.file_names), "一个文件一行"),
    ),
)

FILES: TableDefinition[FileReport] = TableDefinition(
    "files",
    "收到的文件",
    "收到的一个文件",
    (
        define_text("file", "文件", lambda f: f.name),
        define_text("status", "处理结果", lambda f: f.status.value),
        define_text("sections", "科室", lambda f: "、".join(f.sections)),
        define_text("round", "批次", lambda f: f.round),
        define_value("saved_at", "保存时间", _TIME, lambda f: f.saved_at),
        define_value(
            "has_doubtful_time",
            "保存时间可疑",
            _BOOLEAN,
            lambda f: f.has_doubtful_time,
            "保存它的电脑日期不对",
        ),
        define_value(
            "received_on", "收到日期", _DATE, lambda f: f.received_on, "收件登记写了的才有"
        ),
        define_value("size", "大小（字节）", _NUMBER, lambda f: f.size),
        define_value("cell_count", "填报单元格数", _NUMBER, lambda f: f.cell_count),
        define_text("note", "说明", lambda f: f.note),
        define_text("sha256", "SHA-256", lambda f: f.sha256, "文件内容的指纹"),
    ),
)

PROBLEMS: TableDefinition[Problem] = TableDefinition(
    "problems",
    "问题清单",
    "一处问题；同样的问题不合并",
    (
        define_text("severity", "级别", lambda p: p.severity.value, "须处理或提示"),
        define_text("code", "问题代号", lambda p: p.code, "同一种问题的代号相同"),
        define_text("section", "科室", lambda p: p.section),
        *define_place(lambda p: p.place),
        define_text("task", "任务代号", lambda p: p.task, "行码前面的一段"),
        define_text("column", "栏目代号", lambda p: p.column, "表单“字段”里的代号"),
        define_text("message", "问题", lambda p: p.message),
        define_text("raw", "原填内容", lambda p: p.raw),
        define_text("advice", "处理办法", lambda p: p.advice),
        define_text("office_matter", "请综合科核实", lambda p: p.office_matter),
        define_text("corrected_by", "更正的文件", lambda p: p.corrected_by),
        define_value(
            "rejected_cells",
            "没有汇入的单元格数",
            _NUMBER,
            lambda p: p.rejected_cells,
            "因为这个问题没有汇入的",
        ),
    ),
)


def _define_answer(
    key: str, header: str, get_answer: Callable[[Any], Answer | None]
) -> tuple[DataField[Any], ...]:
    """Return the fields of an answer: its text, and where it stands."""

    def get_text(item: Any) -> str:
        answer = get_answer(item)
        return answer.text if answer else ""

    def get_place(item: Any) -> Place:
        answer = get_answer(item)
        return answer.place if answer else Place()

    return (
        define_text(key, header, get_text),
        define_text(f"{key}_file", f"{header}的文件", lambda item: get_place(item).file),
        define_text(f"{key}_sheet", f"{header}的工作表", lambda item: get_place(item).sheet),
        define_text(f"{key}_cell", f"{header}的单元格", lambda item: get_place(item).cell),
    )


def _define_subject() -> tuple[DataField[Any], ...]:
    """Return the fields that say what an answer is about."""
    return (
        define_text("section", "科室", lambda item: item.section),
        define_text("round", "批次", lambda item: item.round),
        define_text("form", "登记簿代号", lambda item: item.subject.form, "任务的空着"),
        define_value("number", "任务序号", _NUMBER, lambda item: item.subject.task_number),
        define_text("label", "措施或登记内容", lambda item: item.subject.label),
        define_text("row_code", "行码", lambda item: item.subject.code),
        define_text("header", "栏目", lambda item: item.header),
    )


CONFLICTS: TableDefinition[Conflict] = TableDefinition(
    "conflicts",
    "冲突",
    "同一批次对同一栏目报的两种内容",
    (
        *_define_subject(),
        *_define_answer("accepted", "采用的内容", lambda c: c.accepted),
        define_text(
            "accepted_by", "采用内容的出处", lambda c: c.accepted_file, "填写或清空它的文件"
        ),
        define_value("accepted_saved_at", "采用的保存时间", _TIME, lambda c: c.accepted_saved_at),
        *_define_answer("overruled", "未采用的内容", lambda c: c.overruled),
        define_value(
            "overruled_saved_at", "未采用的保存时间", _TIME, lambda c: c.overruled_saved_at
        ),
        define_value("is_withdrawal", "先填后空", _BOOLEAN, lambda c: c.is_withdrawal),
        define_text("later_round", "以后又报的批次", lambda c: c.later_round),
    ),
)

HISTORY: TableDefinition[EarlierAnswer] = TableDefinition(
    "history",
    "历次填报",
    "后来改了的一处内容",
    (
        *_define_subject(),
        *_define_answer("earlier", "当时填的内容", lambda e: e.answer),
        define_value("saved_at", "当时的保存时间", _TIME, lambda e: e.saved_at),
        *_define_answer("current", "现在的内容", lambda e: e.current_answer),
        define_text("current_round", "现在的批次", lambda e: e.current_round),
        define_text("current_by", "现在的出处", lambda e: e.current_file, "填写或清空它的文件"),
    ),
)

_CATEGORY_KEYS: Mapping[StatusCategory, str] = {
    StatusCategory.NOT_STARTED: "not_started",
    StatusCategory.IN_PROGRESS: "in_progress",
    StatusCategory.COMPLETED: "completed",
    StatusCategory.ONGOING: "ongoing",
    StatusCategory.NOT_APPLICABLE: "not_applicable",
}


def _define_category(category: StatusCategory) -> DataField[RoundLine]:
    return define_value(
        _CATEGORY_KEYS[category], category.value, _NUMBER, lambda r: r.figures.count(category)
    )


ROUNDS: TableDefinition[RoundLine] = TableDefinition(
    "rounds",
    "各批次进展",
    "一个批次按一种口径的数",
    (
        define_text("round", "批次", lambda r: r.round),
        define_value("due", "应报日期", _DATE, lambda r: r.due),
        define_text("basis", "口径", lambda r: r.basis, "截止、含补报或至今"),
        define_value(
            "returned_count", "已报科室数", _NUMBER, lambda r: len(r.figures.returned_sections)
        ),
        define_text(
            "missing_sections", "未报科室", lambda r: "、".join(r.figures.missing_sections)
        ),
        define_value("row_count", "科室任务数", _NUMBER, lambda r: r.figures.row_count),
        *map(_define_category, StatusCategory),
        define_value("unanswered", "未填或未报", _NUMBER, lambda r: r.figures.count(None)),
        define_value("done_late", "其中超期完成", _NUMBER, lambda r: len(r.figures.late_rows)),
        define_value(
            "completion_rate",
            "完成率",
            _DECIMAL,
            lambda r: r.figures.completion_rate,
            "0 到 1；没有要完成的空着",
        ),
    ),
)

UNPLANNED: TableDefinition[tuple[UnplannedRow, Form]] = TableDefinition(
    "unplanned",
    "计划外工作",
    "科室在表里加的一行",
    (
        define_text("section", "科室", lambda u: u[0].section),
        define_text("round", "批次", lambda u: u[0].round),
        *define_place(lambda u: u[0].place),
        define_text("content", "内容", lambda u: _join_texts(*u), "“栏名：内容”，一栏一行"),
    ),
)


def _join_texts(row: UnplannedRow, form: Form) -> str:
    headers = {column.key: column.header for column in form.columns}
    return "\n".join(f"{headers.get(key, key)}：{text}" for key, text in row.texts.items())


ATTACHMENTS: TableDefinition[Attachment] = TableDefinition(
    "attachments",
    "附件清单",
    "表上的一张图片、一个批注或一个链接",
    (
        define_text("section", "科室", lambda a: a.section),
        define_text("kind", "类型", lambda a: a.kind.value),
        *define_place(lambda a: a.place),
        define_text("task", "任务代号", lambda a: a.task),
        define_text("column", "栏目代号", lambda a: a.column),
        define_text("content", "内容", lambda a: a.text),
        define_text("saved_path", "存放位置", lambda a: a.saved_path, "相对于汇总所在的文件夹"),
    ),
)

# Each table, and the items of a ledger that it lists.
LEDGER_TABLES: tuple[tuple[TableDefinition[Any], Callable[[Ledger], Any]], ...] = (
    (SECTIONS, lambda ledger: ledger.section_reports),
    (FILES, lambda ledger: ledger.file_reports),
    (PROBLEMS, lambda ledger: ledger.problems),
    (CONFLICTS, lambda ledger: ledger.conflicts),
    (HISTORY, lambda ledger: ledger.earlier_answers),
    (ROUNDS, lambda ledger: list_round_lines(ledger.round_reports)),
    (
        UNPLANNED,
        lambda ledger: ((row, ledger.book.task_form) for row in ledger.unplanned_rows),
    ),
    (ATTACHMENTS, lambda ledger: ledger.attachments),
)


# --- registers ---

# The columns that every register has beside those of its form; no key of a form is changed
# for them, and one that is the same gets a number.
REGISTER_COLUMNS = (
    ExportColumn("entry_section", "科室", description="登记的科室"),
    ExportColumn("entry_period", "计入年报", description="怎样计入本年年报；登记簿要计入的才有"),
    ExportColumn("entry_limit", "期限情况", description="法定期限的情况；登记簿有期限的才有"),
    ExportColumn("entry_file", "来源文件", description="一个文件一行"),
    ExportColumn("entry_other", "其他内容", description="和栏目的类型不合的，“栏名：内容”"),
)
_RegisterItem = tuple[RegisterEntry, Period]


def _build_register_tables(ledger: Ledger) -> Iterator[DataTable]:
    book = ledger.book
    for key, name in name_register_tables(book.registers).items():
        form = next(form for form in book.registers if form.key == key)
        yield _build_register_table(ledger, form, name)


def _build_register_table(ledger: Ledger, form: Form, name: str) -> DataTable:
    # Of an entry that could not be read at all, the problems tell.
    entries = [e for e in ledger.register_entries if e.form.key == form.key and e.answers]
    periods = find_periods(entries, ledger.book.year, ledger.as_of)
    columns = [
        column
        for column in form.columns
        if column.filler is Filler.SECTION or column.source is ColumnSource.STATUTORY_DUE_DATE
        if not (ledger.omitted and column.is_personal)
    ]
    own_keys = [column.key for column in REGISTER_COLUMNS]
    names = make_distinct_names((c.key for c in columns), str, _add_number, reserved=own_keys)
    section, *computed = REGISTER_COLUMNS
    return DataTable(
        name,
        form.title,
        (
            section,
            *(ExportColumn(names[c.key], c.header, _choose_type(c)) for c in columns),
            *computed,
        ),
        (
            _build_register_row(ledger, entry, period, {names[c.key]: c for c in columns})
            for entry, period in zip(entries, periods, strict=True)
        ),
    )


_TYPES_BY_KIND = {
    ColumnType.DATE: _DATE,
    ColumnType.NUMBER: _DECIMAL,
    ColumnType.WHOLE_NUMBER: _NUMBER,
}


def _choose_type(column: Column) -> ExportType:
    return _DATE if column.due else _TYPES_BY_KIND.get(column.kind, ExportType.TEXT)


def _build_register_row(
    ledger: Ledger, entry: RegisterEntry, period: Period, columns: Mapping[str, Column]
) -> dict[str, ExportValue]:
    """Return an entry; a value that is not of its column's type is under 其他内容."""
    form, year = entry.form, ledger.book.year
    values: dict[str, ExportValue] = {}
    other: list[str] = []
    for name, column in columns.items():
        if column.due:
            values[name] = compute_entry_due_date(entry, column, year).day
        elif answer := entry.answers.get(column.key):
            values[name] = _convert(answer, _choose_type(column))
            if values[name] is None:
                other.append(f"{column.header}：{answer.text}")
    return {
        **values,
        "entry_section": entry.section,
        "entry_period": str(period) if form.period_columns else "",
        "entry_limit": str(compute_entry_status(entry, year, ledger.as_of)),
        "entry_file": "\n".join(dict.fromkeys(a.place.file for a in entry.answers.values())),
        "entry_other": "\n".join(other),
    }


def _convert(answer: Answer, value_type: ExportType) -> ExportValue:
    """Return the value of an answer as its column's type; None where it is of another."""
    value = answer.value
    match value_type:
        case ExportType.TEXT:
            return answer.text
        case ExportType.DATE:
            return value if not isinstance(value, str | float | int) else None
        case ExportType.NUMBER:
            return int(value) if isinstance(value, float | int) and value % 1 == 0 else None
        case _:
            return float(value) if isinstance(value, float | int) else None
