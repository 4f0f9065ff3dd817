"""Write and read 年报参照, the figures that the annual report is checked against.

They are last year's published figures and the number of documents in the catalogue of
the bureau's web site, typed by the office where it knows them.
"""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from decimal import Decimal, InvalidOperation

from ledgerbook.annual_report.published_tables import LAST_YEAR, REFERENCE_CELLS
from ledgerbook.book.lines import SheetLine
from ledgerbook.model import Book

_LAST_YEAR_NOTE = "照上一年度公布的年度报告填。"
_CATALOGUE_NOTE = "本机关网站现在公开的目录条数，应与表二的现行有效件数一致。"


def build_reference_rows(book: Book) -> list[tuple[str, float | None, str]]:
    """Return the rows of the sheet (项目, 数值, 说明), blank for a figure that is not known."""
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
    """Yield name and value of the figures that are filled in.

    An unknown name and a value that is not a number of 0 or more go to ``errors``.
    """
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
    """Return a finite number of 0 or more, or None."""
    try:
        value = Decimal(text)
    except InvalidOperation:
        return None
    return value if value.is_finite() and value >= 0 else None
