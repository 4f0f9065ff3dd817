"""年报参照: figures that the annual report is compared with, where they are known."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from decimal import Decimal, InvalidOperation

from ledgerbook.annual_report.published_tables import LAST_YEAR, REFERENCE
from ledgerbook.book.lines import SheetLine
from ledgerbook.model import Book

_USE_LAST_YEAR = "照上一年度公布的年度报告填。"
_USE_CATALOGUE = "本机关网站现在公开的目录条数，应与表二的现行有效件数一致。"


def reference_rows(book: Book) -> list[tuple[str, float | None, str]]:
    """Return a line for every figure, blank where it is not known."""
    known = dict(book.reference)
    return [
        (
            name,
            float(known[name]) if name in known else None,
            _USE_LAST_YEAR if spot.table == LAST_YEAR else _USE_CATALOGUE,
        )
        for name, spot in REFERENCE.items()
    ]


def read_reference(
    lines: Sequence[SheetLine], slips: list[str]
) -> Iterator[tuple[str, Decimal]]:
    """Yield what has been filled in. A name that we do not know is a slip."""
    for line in lines:
        name, text = line.text("项目"), line.text("数值")
        if not text:
            continue
        if name not in REFERENCE:
            slips.append(f"{line.at('项目')}：没有“{name}”这一项，请恢复原来的名称。")
            continue
        value = _number(text)
        if value is None:
            slips.append(f"{line.at('数值')}：“{text}”不是数，请填一个不小于 0 的数。")
        else:
            yield name, value


def _number(text: str) -> Decimal | None:
    try:
        value = Decimal(text)
    except InvalidOperation:
        return None
    return value if value.is_finite() and value >= 0 else None
