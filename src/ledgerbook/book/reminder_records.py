"""Keep on the sheet 催办记录 which sections were reminded: when, in which round, of what."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from datetime import date

from ledgerbook.book import schema
from ledgerbook.book.lines import SheetLine
from ledgerbook.book.package_rows import CellsByHeader, add_missing_sheets, append_lines
from ledgerbook.model import Book
from ledgerbook.model.office_entries import ReminderRecord


def append_reminders(book_data: bytes, book: Book, records: Sequence[ReminderRecord]) -> bytes:
    """Return the bytes of the book with ``records`` on 催办记录.

    Who was reminded in a round on a day has one line for it, however often the program was
    run. A book of an earlier version gets the sheets that it lacks. Raises InputError for one
    that cannot be read.
    """
    recorded = {(one.day, one.section, one.round) for one in book.reminders}
    new = [one for one in records if (one.day, one.section, one.round) not in recorded]
    if not new:
        return book_data
    book_data = add_missing_sheets(book_data, schema.ADDED_SHEETS)
    return append_lines(book_data, schema.REMINDERS.name, list(iter_reminder_rows(new)))


def iter_reminder_rows(records: Sequence[ReminderRecord]) -> Iterator[CellsByHeader]:
    """Yield the cells of the lines of 催办记录 by header."""
    for record in records:
        yield {
            "日期": record.day.isoformat(),
            "科室": record.section,
            "批次": record.round,
            "催办的事": record.matters,
        }


def read_reminders(book: Book, lines: Sequence[SheetLine]) -> Iterator[ReminderRecord]:
    """Yield the records of the lines of 催办记录, oldest first; a damaged one is left out.

    A section that has been renamed since has its present name.
    """
    for line in lines:
        try:
            day = date.fromisoformat(line.get_text("日期"))
        except ValueError:
            continue
        section = book.resolve_section(line.get_text("科室"))
        yield ReminderRecord(day, section, line.get_text("批次"), line.get_text("催办的事"))
