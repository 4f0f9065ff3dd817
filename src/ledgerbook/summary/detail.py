"""科室明细: one row per task and section with every column of the form, to filter."""

from __future__ import annotations

from collections import Counter
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, replace

from ledgerbook.excel import styles as look
from ledgerbook.excel.canvas import SheetWriter, Tint, Value, shown, tint_of
from ledgerbook.excel.pagination import PAPER_WIDTH, points
from ledgerbook.excel.sheet_parts import shares, told
from ledgerbook.excel.tables import (
    TableColumn,
    draw_filter_table,
    unlike,
    usual_length,
    width_of,
)
from ledgerbook.excel.writer import done
from ledgerbook.export import REVIEWS as REVIEW_KEYS
from ledgerbook.export import key_of
from ledgerbook.merge.attachments import counted
from ledgerbook.model import Column, ColumnSource, ColumnType, Filler, Form
from ledgerbook.model.results import AssignmentResult, Attachment, Ledger
from ledgerbook.summary.labels import missed_text, status_column, turns_text
from ledgerbook.summary.office_notes import DETAIL, OfficeNotes, review_fields
from ledgerbook.summary.office_notes import HEADERS as REVIEWS

_TABLE = "科室明细表"
_SIZE = 9.0
# Type this small on paper (小六号) is still read; the sheet is for the screen first.
_SMALLEST_PRINT = 6.5

_OFFICIAL: Mapping[ColumnSource, Callable[[AssignmentResult], Value]] = {
    ColumnSource.NUMBER: lambda r: r.task.number,
    ColumnSource.ROW_CODE: lambda r: r.code,
    ColumnSource.REQUIREMENT: lambda r: r.task.requirement,
    ColumnSource.POINT: lambda r: r.task.point,
    ColumnSource.MEASURE: lambda r: r.task.measure,
    ColumnSource.ROLES: lambda r: "、".join(r.roles),
    ColumnSource.LIMIT: lambda r: r.task.limit,
    ColumnSource.DUE: lambda r: r.due,
}

# The narrowest a column of a kind may be, in characters.
_LEAST: Mapping[ColumnType, float] = {
    ColumnType.TEXT: 5.5,
    ColumnType.LONG: 6.5,
    ColumnType.CHOICE: 7.5,
    ColumnType.DATE: 10,
    ColumnType.NUMBER: 5,
    ColumnType.PHONE: 8,
}
# What hangs on a row; 附件清单 tells more.
ATTACHED = "附件"
_SHORT, _WIDEST = 10.5, 60.0
_REVIEW_WIDTH = 24.0

# Lines that fit the tallest row Excel can show.
_MOST_LINES = look.lines_within(_SIZE)

_CENTERED = frozenset({ColumnType.CHOICE, ColumnType.DATE, ColumnType.NUMBER})


@dataclass(frozen=True, slots=True)
class RowRanges:
    """Where the rows stand, for formulas over sections, requirements and statuses."""

    sections: str
    requirements: str
    statuses: str
    urgencies: str


@dataclass(frozen=True, slots=True)
class _DetailColumn:
    """A column of the sheet; ``name`` tells those that the overview counts over."""

    name: str
    kind: ColumnType
    field: TableColumn[AssignmentResult]


def draw_detail(
    canvases: Sequence[SheetWriter], ledger: Ledger, reviews: OfficeNotes, most: int
) -> tuple[RowRanges, ...]:
    """Draw the filterable table of every task and section, ``most`` rows a sheet."""
    columns = _all_columns(ledger)
    lengths = _Lengths(columns, ledger.rows)
    widths = _widths(columns, lengths.usual)
    printed = tuple(
        replace(c.field, width=w) for c, w in zip(columns, widths, strict=True)
    )
    # The office's own columns are worked in on the screen and stay off the paper.
    reviewed = review_fields(reviews, _code, _REVIEW_WIDTH)
    fields = (*printed, *reviewed)
    note = _note(len(ledger.rows), lengths.tall(widths))
    ranges: list[RowRanges] = []
    shared = shares(DETAIL, ledger.rows, most).values()
    for n, (canvas, rows) in enumerate(zip(canvases, shared, strict=True), 1):
        canvas.columns(widths, [field.width for field in reviewed])
        canvas.title(f"{ledger.book.year}年重点任务科室明细")
        canvas.note(note + told(n, len(canvases), len(rows)))
        head = canvas.row
        name = f"{_TABLE}{n}" if n > 1 else _TABLE
        area = draw_filter_table(canvas, name, fields, rows, _SIZE)
        canvas.frame(head_row=head, frozen=head + 1)
        done(canvas.sheet.print_area(0, 0, canvas.row - 1, len(printed) - 1))
        at = {column.name: area.column(i) for i, column in enumerate(columns)}
        names = ("section", "requirement", "status", "urgency")
        ranges.append(RowRanges(*(at[name] for name in names)))
    return tuple(ranges)


def headers(ledger: Ledger) -> dict[str, str]:
    """Return the sheet's headers by the keys of the common schema.

    A column that the schema does not know is there under a key of its own.
    """
    columns = _all_columns(ledger)
    titles = unlike([*(column.field.header for column in columns), *REVIEWS])
    names = [*(column.name for column in columns), *REVIEW_KEYS]
    known = {f"form:{c.key}": key_of(c) for c in ledger.book.form.columns}
    return {
        known.get(name) or _KEYS.get(name, name): title
        for name, title in zip(names, titles, strict=True)
    }


# What the sheet's own columns are called in the common schema.
_KEYS = {"files": "source"}


def _all_columns(ledger: Ledger) -> tuple[_DetailColumn, ...]:
    """Return the columns of this ledger's detail, but for the office's own."""
    columns = _columns(ledger.book.form)
    if any(row.cycle for row in ledger.rows):
        columns = (*columns, _TURNS)
    if any(one.task for one in ledger.attachments):
        columns = (*columns, _attached(ledger))
    return columns


def _columns(form: Form) -> tuple[_DetailColumn, ...]:
    """Return every column of the form, and what is known beside it.

    The overview counts over section, requirement, status and urgency: these four
    are there whatever the office has removed from the form.
    """
    status = status_column(form)
    # 判定 says as of the day of collection what the alert says as of today.
    columns = [c for c in form.columns if c.source is not ColumnSource.ALERT]
    own = tuple(_form_column(column, status) for column in columns)
    names = {column.name for column in own}
    missing = tuple(column for column in _COUNTED if column.name not in names)
    return (_SECTION, *own, *missing, *_KNOWN)


def _form_column(column: Column, status: Column | None) -> _DetailColumn:
    align = "center" if column.kind in _CENTERED else "left"
    if column is status:
        field = TableColumn(column.header, 0, _status, align, _tint)
        return _DetailColumn("status", column.kind, field)
    counted = column.source is ColumnSource.REQUIREMENT
    name = "requirement" if counted else f"form:{column.key}"
    return _DetailColumn(
        name, column.kind, TableColumn(column.header, 0, _show(column), align)
    )


def _show(column: Column) -> Callable[[AssignmentResult], Value]:
    if column.filler is Filler.OFFICIAL:
        return _OFFICIAL[column.source] if column.source else lambda _: ""
    key = column.key
    return lambda row: row.answers[key].value if key in row.answers else ""


class _Lengths:
    """How long the texts of each column are, looked at once."""

    def __init__(
        self, columns: Sequence[_DetailColumn], rows: Sequence[AssignmentResult]
    ) -> None:
        self.usual: list[float] = []
        self._long: list[Counter[str]] = []
        for column in columns:
            texts = Counter(shown(column.field.show(row)) for row in rows)
            # Where nothing was said, no room is needed.
            del texts[""]
            self.usual.append(usual_length(texts))
            # A shorter one cannot take more lines than a row can show.
            long = {text: n for text, n in texts.items() if len(text) > _MOST_LINES}
            self._long.append(Counter(long))

    def tall(self, widths: Sequence[float]) -> int:
        """Count the cells that no row can show whole."""
        return sum(
            n
            for texts, width in zip(self._long, widths, strict=True)
            for text, n in texts.items()
            if look.line_count(text, width, _SIZE) > _MOST_LINES
        )


def _widths(
    columns: Sequence[_DetailColumn], lengths: Sequence[float]
) -> tuple[float, ...]:
    """Share the width of one legible page: short columns what they need, long the rest.

    Long columns share by the length of their longer texts, so that no row is taller
    than it must be.
    """
    least = [_LEAST[column.kind] for column in columns]
    for i, column in enumerate(columns):
        if column.kind is not ColumnType.LONG:
            least[i] = min(_SHORT, max(least[i], width_of(lengths[i], _SIZE)))
    room = PAPER_WIDTH * _SIZE / _SMALLEST_PRINT - sum(points(w) for w in least)
    shares = [
        n if c.kind is ColumnType.LONG else 0
        for n, c in zip(lengths, columns, strict=True)
    ]
    spare = max(0.0, room) / (7 * 0.75) / (sum(shares) or 1)
    return tuple(
        round(min(_WIDEST, width + spare * share), 1)
        for width, share in zip(least, shares, strict=True)
    )


def _note(rows: int, tall: int) -> str:
    text = (
        f"共 {rows} 行，一个科室承担一项任务为一行；可用表头的箭头筛选。"
        f"最后两栏（{'、'.join(REVIEWS)}）供综合科填写，下次汇总会保留。"
    )
    if not tall:
        return text
    return (
        f"{text}有 {tall} 个单元格内容较长，行高有限，本表打印不全："
        "点开单元格可看全文，打印请用“年度汇总”。"
    )


def _attached(ledger: Ledger) -> _DetailColumn:
    by_row: dict[tuple[str, str], list[Attachment]] = {}
    for one in ledger.attachments:
        by_row.setdefault((one.section, one.task), []).append(one)

    def show(row: AssignmentResult) -> str:
        return counted(by_row.get((row.section, row.task.code), ()))

    return _DetailColumn("attached", ColumnType.TEXT, TableColumn(ATTACHED, 0, show))


def _files(row: AssignmentResult) -> str:
    places = (answer.place.file for answer in row.answers.values())
    return "\n".join(dict.fromkeys(filter(None, places)))


def _tint(row: AssignmentResult) -> Tint:
    return tint_of(row.urgency, row.meaning)


def _code(row: AssignmentResult) -> str:
    return row.code


def _status(row: AssignmentResult) -> str:
    return row.status


_SECTION = _DetailColumn(
    "section", ColumnType.TEXT, TableColumn("科室", 0, lambda r: r.section, "center")
)
_COUNTED = (
    _DetailColumn(
        "requirement",
        ColumnType.LONG,
        TableColumn("工作要求", 0, _OFFICIAL[ColumnSource.REQUIREMENT]),
    ),
    _DetailColumn(
        "status",
        ColumnType.CHOICE,
        TableColumn("完成状态", 0, _status, "center", _tint),
    ),
)


def _turns(row: AssignmentResult) -> str:
    cycle = row.cycle
    if cycle is None:
        return ""
    return "；".join(filter(None, (turns_text(cycle), missed_text(cycle))))


# Only where some task recurs; elsewhere it would be blank.
_TURNS = _DetailColumn("turns", ColumnType.LONG, TableColumn("定期任务进度", 0, _turns))
_KNOWN = (
    _DetailColumn(
        "urgency",
        ColumnType.TEXT,
        TableColumn("判定", 0, lambda r: r.urgency.value, "center", _tint),
    ),
    _DetailColumn(
        "days",
        ColumnType.NUMBER,
        TableColumn("剩余天数", 0, lambda r: r.days, "center"),
    ),
    _DetailColumn("files", ColumnType.LONG, TableColumn("来源文件", 0, _files)),
)
