"""Unite the rows beyond the plan (计划外工作) of all files."""

from __future__ import annotations

from collections.abc import Sequence

from ledgerbook.intake.file_content import FileContent
from ledgerbook.model import Book
from ledgerbook.model.results import UnplannedRow


def merge_unplanned_rows(
    book: Book, files: Sequence[FileContent]
) -> tuple[tuple[UnplannedRow, ...], int]:
    """Return the rows of ``files`` (oldest first), and how many cells only repeat others.

    Of rows of a section that say the same the one of the newest file is returned. Sections are
    in the order of the book.
    """
    rows = [row for file in files for row in file.unplanned_rows]
    distinct = {(row.section, tuple(sorted(row.texts.items()))): row for row in rows}
    repeated = sum(len(row.texts) for row in rows) - sum(
        len(row.texts) for row in distinct.values()
    )
    order = {name: position for position, name in enumerate(book.section_names)}
    merged = sorted(
        distinct.values(),
        key=lambda row: (
            order.get(row.section, len(order)),
            row.place.file,
            row.place.sheet,
            row.place.row_number,
        ),
    )
    return tuple(merged), repeated
