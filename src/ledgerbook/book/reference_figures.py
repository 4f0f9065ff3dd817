"""年报参照: figures that the annual report is compared with, where they are known."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from decimal import Decimal, InvalidOperation

from ledgerbook.annual_report.published_tables import LAST_YEAR, REFERENCE_CELLS
from ledgerbook.book.lines import SheetLine
from ledgerbook.model import Book

_LAST_YEAR_NOTE = "照上一年度公布的年度报告填。"
_CATALOGUE_NOTE = "本机关网站现在公开的目录条数，应与表二的现行有效件数一致。"


def build_reference_rows(book: Book) -> list[tuple[str, float | None, str]]:
    """Return a line for every figure, blank where it is not known."""
    known_figures = dict(book.reference_figures)
    return [
        (
            name,
            float(known_figures[name]) if name in known_figures else None,
            _LAST_YEAR_NOTE if table_cell.table == LAST_YEAR else _CATALOGUE_NOTE,
        )
        for name, table_cell in REFERENCE_CELLS.items()
    ]


def read_reference_figures(
    lines: Sequence[SheetLine], errors: list[str]
) -> Iterator[tuple[str, Decimal]]:
    """Yield what has been filled in. A name that we do not know is a slip."""
    for line in lines:
        name, text = line.get_text("项目"), line.get_text("数值")
        if not text:
            continue
        if name not in REFERENCE_CELLS:
            errors.append(f"{line.describe_cell('项目')}：没有“{name}”这一项，请恢复原来的名称。")
            continue
        value = _parse_figure(text)
        if value is None:
            errors.append(f"{line.describe_cell('数值')}：“{text}”不是数，请填一个不小于 0 的数。")
        else:
            yield name, value


def _parse_figure(text: str) -> Decimal | None:
    try:
        value = Decimal(text)
    except InvalidOperation:
        return None
    return value if value.is_finite() and value >= 0 else None
