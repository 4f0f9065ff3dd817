"""Draw a sheet for each register that has entries, with those of all sections."""

from __future__ import annotations

from collections import Counter
from collections.abc import Callable, Sequence
from dataclasses import replace

from ledgerbook.annual_report.figures import PERIOD_COLUMN
from ledgerbook.excel.names import make_sheet_names
from ledgerbook.excel.pagination import PAPER_WIDTH, convert_to_points, find_column_breaks
from ledgerbook.excel.portrait_page import MIN_PRINT_SIZE
from ledgerbook.excel.sheet_writer import SheetWriter, Tint, WritableValue, display_text
from ledgerbook.excel.tables import (
    TableColumn,
    compute_column_width,
    compute_usual_length,
    draw_filter_table,
)
from ledgerbook.export import name_register_tables
from ledgerbook.merge.register_entries import (
    compute_column_status,
    compute_entry_due_date,
    compute_entry_status,
)
from ledgerbook.model import Column, ColumnSource, Filler, Form
from ledgerbook.model.form_columns import get_alignment
from ledgerbook.model.results import Ledger, RegisterEntry, SubmissionStatus
from ledgerbook.period import find_periods
from ledgerbook.statutory_limits import LimitStatus
from ledgerbook.summary.column_widths import fit_to_page
from ledgerbook.summary.labels import describe_blank_columns

_FONT_SIZE = 9.0
# So many points wide, a table is printed on one page in legible type.
_MAX_TABLE_WIDTH = PAPER_WIDTH * _FONT_SIZE / MIN_PRINT_SIZE
# A blank column still has room for three characters of its header in a line.
_MIN_WIDTH = 6.0
# No column becomes wider than this many times its width, for two pages.
_MAX_FACTOR = 2.0


def name_register_sheets(ledger: Ledger, used_names: tuple[str, ...]) -> dict[str, Form]:
    """Return sheet names for the registers with entries, all different from ``used_names``."""
    entered_keys = _list_entered_keys(ledger)
    forms = [form for form in ledger.book.registers if form.key in entered_keys]
    names = make_sheet_names([*used_names, *(form.title for form in forms)])
    return {names[form.title]: form for form in forms}


def describe_unlisted_registers(ledger: Ledger) -> str:
    """Name the registers that sections keep and that have no sheet; blank if none.

    Those that are empty stand apart from those of which that is not known yet.
    """
    entered_keys = _list_entered_keys(ledger)
    empty, unknown = [], []
    for form in ledger.book.registers:
        reports = [report for report in ledger.register_reports if report.form == form.key]
        absent_sections = [report.section for report in reports if not report.status.has_arrived]
        if form.key in entered_keys or not reports:
            continue
        if absent_sections:
            unknown.append(f"{form.title}（{'、'.join(absent_sections)}）")
        else:
            empty.append(form.title)
    sentences = []
    if empty:
        titles = "、".join(empty)
        sentences.append(f"以下登记簿，已报送的科室都没有登记，不单列工作表：{titles}。")
    if unknown:
        sentences.append(
            "还不知道有没有登记的（承担的科室没有报送、报来的没能汇入，或程序没能读）："
            f"{'、'.join(unknown)}。"
        )
    return "".join(sentences)


def _list_entered_keys(ledger: Ledger) -> set[str]:
    return {entry.form.key for entry in ledger.register_entries}


def draw_register(canvas: SheetWriter, ledger: Ledger, form: Form) -> dict[str, str]:
    """Draw one register, its entries in the order of the sections.

    Return the cells of each column by its key; none where no entry could be read.
    """
    form_entries = (entry for entry in ledger.register_entries if entry.form.key == form.key)
    # Of a record that could not be read at all, the problem list tells.
    entries = [entry for entry in form_entries if entry.answers]
    columns = _list_register_columns(form)
    built_columns = _build_register_columns(ledger, form, columns, entries)
    table_columns = _fit_columns(built_columns, entries)
    # Section and first column, as a rule a number or a name, tell which record it is.
    widths = [table_column.width for table_column in table_columns]
    canvas.set_columns(widths[:-1], widths[-1:], repeated_columns=2)
    canvas.write_title(f"{ledger.book.year}年{form.title}")
    canvas.write_note(_build_register_note(ledger, form, entries))
    header_row = canvas.row
    table_name = name_register_tables(ledger.book.registers)[form.key]
    area = draw_filter_table(canvas, table_name, table_columns, entries, _FONT_SIZE)
    canvas.set_up_page_and_freeze(header_row=header_row, frozen_rows=header_row + 1)
    canvas.print_columns_of_page()
    keys = [*(column.key for column in columns), PERIOD_COLUMN] if entries else []
    return {key: area.format_column_range(n) for n, key in enumerate(keys, 1)}


def _fit_columns(
    columns: Sequence[TableColumn[RegisterEntry]], entries: Sequence[RegisterEntry]
) -> list[TableColumn[RegisterEntry]]:
    """Narrow columns to their contents where the page cannot hold them.

    The last one, from where an entry comes, is not printed. What one page cannot hold in
    legible type is made so wide that it is printed on pages side by side.
    """
    printed, origin = columns[:-1], columns[-1]
    if _compute_total_width(printed) <= _MAX_TABLE_WIDTH:
        return list(columns)
    narrowed = _narrow_to_contents(printed, entries)
    fitted = fit_to_page(narrowed, _FONT_SIZE)
    if _compute_total_width(fitted) <= _MAX_TABLE_WIDTH:
        return [*fitted, origin]
    factor = 1.0
    while factor < _MAX_FACTOR and not find_column_breaks([c.width * factor for c in narrowed]):
        factor += 0.05
    return [*(replace(column, width=column.width * factor) for column in narrowed), origin]


def _compute_total_width(columns: Sequence[TableColumn[RegisterEntry]]) -> float:
    return sum(convert_to_points(column.width) for column in columns)


def _narrow_to_contents(
    columns: Sequence[TableColumn[RegisterEntry]], entries: Sequence[RegisterEntry]
) -> list[TableColumn[RegisterEntry]]:
    narrowed_columns: list[TableColumn[RegisterEntry]] = []
    for column in columns:
        texts = Counter(display_text(column.get_value(entry)) for entry in entries)
        needed_width = max(
            _MIN_WIDTH, compute_column_width(compute_usual_length(texts), _FONT_SIZE)
        )
        narrowed_columns.append(replace(column, width=min(column.width, needed_width)))
    return narrowed_columns


def _build_register_note(ledger: Ledger, form: Form, entries: list[RegisterEntry]) -> str:
    entered_sections = {entry.section for entry in entries}
    parts = [f"共 {len(entries)} 条。", describe_blank_columns(ledger, form)]
    reports = [report for report in ledger.register_reports if report.form == form.key]
    for label, statuses in _REPORT_LABELS.items():
        if names := [
            report.section
            for report in reports
            if report.status in statuses
            and not (report.status.has_arrived and report.section in entered_sections)
        ]:
            parts.append(f"{label}：{'、'.join(names)}。")
    if carried := [f"{r.section}（{r.carried_round}）" for r in reports if r.carried_round]:
        parts.append(f"本批次还没有收到、沿用以前批次报的：{'、'.join(carried)}。")
    return "".join(parts)


_ARRIVED_STATUSES = frozenset(status for status in SubmissionStatus if status.has_arrived)
_REPORT_LABELS = {
    "报了、没有登记的科室": _ARRIVED_STATUSES,
    "还没有收到的": frozenset({SubmissionStatus.MISSING}),
    "报来没能汇入的": frozenset({SubmissionStatus.NOT_ACCEPTED}),
    "程序没能读的（不是表的问题）": frozenset({SubmissionStatus.NOT_READ}),
}


def _list_register_columns(form: Form) -> list[Column]:
    """Return the columns of a register: section, form, alerts, origin."""
    due_sources = (
        (ColumnSource.STATUTORY_DUE_DATE, ColumnSource.DUE_ALERT) if form.due_columns else ()
    )
    return [c for c in form.columns if c.filler is Filler.SECTION or c.source in due_sources]


def _build_register_columns(
    ledger: Ledger, form: Form, columns: list[Column], entries: Sequence[RegisterEntry]
) -> tuple[TableColumn[RegisterEntry], ...]:
    needs_alert_column = form.due_columns and all(
        c.source is not ColumnSource.DUE_ALERT for c in columns
    )
    return (
        TableColumn("科室", 12, lambda r: r.section, "center"),
        *(_build_register_column(ledger, column) for column in columns),
        *([_build_period_column(ledger, entries)] if form.period_columns else []),
        # A colour alone says nothing in print.
        *([_build_alert_column(ledger, ColumnSource.DUE_ALERT, 9)] if needs_alert_column else []),
        TableColumn("出处", 22, _format_entry_origin),
    )


def _build_register_column(ledger: Ledger, column: Column) -> TableColumn[RegisterEntry]:
    def format_limit(entry: RegisterEntry) -> WritableValue:
        return compute_entry_due_date(entry, column, ledger.book.year).display_value

    def choose_tint(entry: RegisterEntry) -> Tint:
        state = compute_column_status(entry, column, ledger.book.year, ledger.as_of)
        return _STATE_TINTS.get(state, Tint.NONE)

    if column.due:
        return TableColumn(column.header, column.width, format_limit, "center", choose_tint)
    if column.source is ColumnSource.DUE_ALERT:
        return _build_alert_column(ledger, column.header, column.width)
    align = get_alignment(column)
    return TableColumn(column.header, column.width, _make_answer_getter(column), align)


def _build_period_column(
    ledger: Ledger, entries: Sequence[RegisterEntry]
) -> TableColumn[RegisterEntry]:
    """Return the column that says how entries belong to the year; the figures count over it."""
    periods = find_periods(entries, ledger.book.year, ledger.as_of)
    # Entries contain mappings, so that they cannot be keys themselves.
    periods_by_entry = {id(entry): period for entry, period in zip(entries, periods, strict=True)}

    def choose_tint(entry: RegisterEntry) -> Tint:
        return Tint.AMBER if periods_by_entry[id(entry)].doubt else Tint.NONE

    return TableColumn(
        "计入年报", 8, lambda entry: str(periods_by_entry[id(entry)]), "center", choose_tint
    )


def _build_alert_column(ledger: Ledger, header: str, width: float) -> TableColumn[RegisterEntry]:
    """Return the column that says in words whether an entry is overdue."""

    def get_state(entry: RegisterEntry) -> LimitStatus:
        return compute_entry_status(entry, ledger.book.year, ledger.as_of)

    return TableColumn(
        header,
        width,
        lambda entry: str(get_state(entry)),
        "center",
        lambda entry: _STATE_TINTS.get(get_state(entry), Tint.NONE),
    )


_STATE_TINTS = {
    LimitStatus.OVERDUE: Tint.OVERDUE,
    LimitStatus.CLOSED_LATE: Tint.AMBER,
    LimitStatus.SOON: Tint.DUE_SOON,
}


def _make_answer_getter(column: Column) -> Callable[[RegisterEntry], WritableValue]:
    key = column.key
    return lambda entry: entry.answers[key].value if key in entry.answers else ""


def _format_entry_origin(entry: RegisterEntry) -> str:
    """Return the files of an entry, each with the row it stands in."""
    row_labels: dict[str, None] = {}
    for answer in entry.answers.values():
        place = answer.place
        row_labels[f"{place.file} {place.sheet} 第 {place.row_number} 行"] = None
    return "\n".join(row_labels)
