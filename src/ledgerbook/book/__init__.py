"""The book: 台账.xlsx ⇄ Book, and how a plan becomes one."""

from ledgerbook.book.new import new_book
from ledgerbook.book.read import read_book
from ledgerbook.book.versions import remember
from ledgerbook.book.write import book_bytes

__all__ = ["book_bytes", "new_book", "read_book", "remember"]
