"""Read and write the book (台账.xlsx), create it from a plan and update it by a revised plan."""

from ledgerbook.book.create import create_book
from ledgerbook.book.derived_cells import rewrite_stale_cells
from ledgerbook.book.detection import is_book, is_workbook
from ledgerbook.book.issue_records import append_issue_records, list_issue_records
from ledgerbook.book.issued_forms import record_issued_forms
from ledgerbook.book.lines import check_email_addresses
from ledgerbook.book.office_sheets import append_office_notes
from ledgerbook.book.reader import VALID_YEARS, read_book, read_book_and_stale_cells
from ledgerbook.book.reminder_records import append_reminders
from ledgerbook.book.revisions import list_added_parts
from ledgerbook.book.update import BookChanges, MatchOverrides, TaskChangeKind, update_book
from ledgerbook.book.writer import build_book_bytes

__all__ = [
    "VALID_YEARS",
    "BookChanges",
    "MatchOverrides",
    "TaskChangeKind",
    "append_issue_records",
    "append_office_notes",
    "append_reminders",
    "build_book_bytes",
    "check_email_addresses",
    "create_book",
    "is_book",
    "is_workbook",
    "list_added_parts",
    "list_issue_records",
    "read_book",
    "read_book_and_stale_cells",
    "record_issued_forms",
    "rewrite_stale_cells",
    "update_book",
]
