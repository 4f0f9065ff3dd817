"""A sheet for each register: every record of every section, to filter and to print."""

from __future__ import annotations

from collections import Counter
from collections.abc import Callable, Sequence
from dataclasses import replace

from ledgerbook.excel.canvas import SheetWriter, Tint, Value, shown
from ledgerbook.excel.names import sheet_names
from ledgerbook.excel.pagination import PAPER_WIDTH, points
from ledgerbook.excel.tables import (
    TableColumn,
    draw_filter_table,
    usual_length,
    width_of,
)
from ledgerbook.merge.registers import limit_of, state_by, state_of
from ledgerbook.model import Column, ColumnSource, ColumnType, Filler, Form
from ledgerbook.model.results import Ledger, RegisterEntry
from ledgerbook.statutory_limits import State

_SIZE = 9.0
# So many points wide, a table is printed on one page in letters easy to read.
_ROOM = PAPER_WIDTH * _SIZE / 7.0
# A blank column still has room for three characters of its header in a line.
_NARROWEST = 6.0
_CENTERED = frozenset({ColumnType.CHOICE, ColumnType.DATE, ColumnType.NUMBER})


def register_sheets(ledger: Ledger, taken: tuple[str, ...]) -> dict[str, Form]:
    """Name a sheet for each register that somebody keeps, beside those ``taken``."""
    kept = [form for form in ledger.book.registers if _is_kept(ledger, form)]
    names = sheet_names([*taken, *(form.title for form in kept)])
    return {names[form.title]: form for form in kept}


def _is_kept(ledger: Ledger, form: Form) -> bool:
    owed = any(form.key in section.registers for section in ledger.book.sections)
    return owed or any(record.form.key == form.key for record in ledger.records)


def draw_register(canvas: SheetWriter, ledger: Ledger, form: Form) -> dict[str, str]:
    """Draw one register, its records in the order of the sections.

    Return the cells of each column by its key; of an empty register there are none.
    """
    own = (one for one in ledger.records if one.form.key == form.key)
    # Of a record that could not be read at all, the problem list tells.
    records = [one for one in own if one.answers]
    columns = _columns(form)
    fields = _fitting(_fields(ledger, form, columns), records)
    # Section and first column, as a rule a number or a name, tell which record it is.
    canvas.columns([field.width for field in fields], repeated=2)
    canvas.title(f"{ledger.book.year}年{form.title}")
    canvas.note(_note(ledger, form, records))
    head = canvas.row
    area = draw_filter_table(canvas, f"登记_{form.key}", fields, records, _SIZE)
    canvas.frame(head_row=head, frozen=head + 1)
    keys = [column.key for column in columns] if records else []
    return {key: area.column(n) for n, key in enumerate(keys, 1)}


def _fitting(
    fields: Sequence[TableColumn[RegisterEntry]], records: Sequence[RegisterEntry]
) -> list[TableColumn[RegisterEntry]]:
    """Make columns no wider than what stands in them, where a page holds no more."""
    if sum(points(field.width) for field in fields) <= _ROOM:
        return list(fields)
    fitted: list[TableColumn[RegisterEntry]] = []
    for field in fields:
        texts = Counter(shown(field.show(record)) for record in records)
        needed = max(_NARROWEST, width_of(usual_length(texts), _SIZE))
        fitted.append(replace(field, width=min(field.width, needed)))
    return fitted


def _note(ledger: Ledger, form: Form, records: list[RegisterEntry]) -> str:
    owing = [s.name for s in ledger.book.sections if form.key in s.registers]
    blank = [name for name in owing if name not in {one.section for one in records}]
    told = f"共 {len(records)} 条。"
    return f"{told}没有登记的科室：{'、'.join(blank)}。" if blank else told


def _columns(form: Form) -> list[Column]:
    """Return what a register's sheet shows: what was entered, and when it is due."""
    due = (ColumnSource.LEGAL_DUE, ColumnSource.ALERT) if form.due else ()
    return [c for c in form.columns if c.filler is Filler.SECTION or c.source in due]


def _fields(
    ledger: Ledger, form: Form, columns: list[Column]
) -> tuple[TableColumn[RegisterEntry], ...]:
    unsaid = form.due and all(c.source is not ColumnSource.ALERT for c in columns)
    return (
        TableColumn("科室", 12, lambda r: r.section, "center"),
        *(_field(ledger, column) for column in columns),
        # A colour alone says nothing in print.
        *([_alert(ledger, ColumnSource.ALERT, 9)] if unsaid else []),
        TableColumn("出处", 22, _origin),
    )


def _field(ledger: Ledger, column: Column) -> TableColumn[RegisterEntry]:
    def limit(record: RegisterEntry) -> Value:
        return limit_of(record, column, ledger.book.year).shown

    def tint(record: RegisterEntry) -> Tint:
        now = state_by(record, column, ledger.book.year, ledger.as_of)
        return _TINTS.get(now, Tint.NONE)

    if column.due:
        return TableColumn(column.header, column.width, limit, "center", tint)
    if column.source is ColumnSource.ALERT:
        return _alert(ledger, column.header, column.width)
    align = "center" if column.kind in _CENTERED else "left"
    return TableColumn(column.header, column.width, _show(column), align)


def _alert(ledger: Ledger, header: str, width: float) -> TableColumn[RegisterEntry]:
    """Say in words how each record stands."""

    def now(record: RegisterEntry) -> State:
        return state_of(record, ledger.book.year, ledger.as_of)

    return TableColumn(
        header,
        width,
        lambda record: str(now(record)),
        "center",
        lambda record: _TINTS.get(now(record), Tint.NONE),
    )


_TINTS = {
    State.OVERDUE: Tint.RED,
    State.TOO_LATE: Tint.AMBER,
    State.SOON: Tint.AMBER,
}


def _show(column: Column) -> Callable[[RegisterEntry], Value]:
    key = column.key
    return lambda record: record.answers[key].value if key in record.answers else ""


def _origin(record: RegisterEntry) -> str:
    """Name the files a record came from, and the row of each."""
    rows: dict[str, None] = {}
    for answer in record.answers.values():
        place = answer.place
        digits = "".join(c for c in place.cell if c.isdigit())
        rows[f"{place.file} {place.sheet} 第 {digits} 行"] = None
    return "\n".join(rows)
