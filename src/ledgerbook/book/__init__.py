"""The book: 台账.xlsx ⇄ Book, and how a plan becomes one, or comes to one again."""

from ledgerbook.book.create import new_book
from ledgerbook.book.detection import is_book, is_workbook
from ledgerbook.book.issued_forms import remember
from ledgerbook.book.lines import check_addresses
from ledgerbook.book.reader import read_book
from ledgerbook.book.revisions import strangers
from ledgerbook.book.update import Changes, MatchOverrides, TaskChangeKind, updated_book
from ledgerbook.book.writer import book_bytes

__all__ = [
    "Changes",
    "MatchOverrides",
    "TaskChangeKind",
    "book_bytes",
    "check_addresses",
    "is_book",
    "is_workbook",
    "new_book",
    "read_book",
    "remember",
    "strangers",
    "updated_book",
]
