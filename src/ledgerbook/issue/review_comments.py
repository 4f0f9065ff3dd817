"""Find the office's review comments (审核意见) that a section has not acted on yet."""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterable, Iterator, Mapping

from ledgerbook import identity
from ledgerbook.model import Book
from ledgerbook.model.office_entries import NoteItem, OfficeNote
from ledgerbook.model.results import AssignmentResult, Ledger


def find_open_comments(
    book: Book, rows: Iterable[AssignmentResult]
) -> Iterator[tuple[AssignmentResult, OfficeNote]]:
    """Yield the rows whose answers have not changed since the comment, with the comment."""
    notes = book.map_office_notes()
    for row in rows:
        note = notes.get((row.code, NoteItem.REVIEW))
        if note and note.fingerprint in ("", identity.compute_row_fingerprint(row.texts)):
            yield row, note


def count_unsent_comments(ledger: Ledger) -> Mapping[str, int]:
    """Return how many comments no correction workbook lists, by section.

    A section of which nothing has come in the current round gets none.
    """
    comments = find_open_comments(ledger.book, ledger.assignment_results)
    counts = Counter(row.section for row, _ in comments)
    return {
        report.section: counts[report.section]
        for report in ledger.section_reports
        if counts[report.section] and not report.file_names
    }
