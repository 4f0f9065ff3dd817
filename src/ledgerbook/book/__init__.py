"""The book: 台账.xlsx ⇄ Book, and how a plan becomes one, or comes to one again."""

from ledgerbook.book.changes import Changes, Fate
from ledgerbook.book.history import strangers
from ledgerbook.book.known import is_book, is_workbook
from ledgerbook.book.mailing import check_addresses
from ledgerbook.book.new import new_book
from ledgerbook.book.read import read_book
from ledgerbook.book.update import Said, updated_book
from ledgerbook.book.versions import remember
from ledgerbook.book.write import book_bytes

__all__ = [
    "Changes",
    "Fate",
    "Said",
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
