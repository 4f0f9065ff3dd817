"""The annual report's tables: what is counted, from which registers, what must hold."""

from __future__ import annotations

from dataclasses import dataclass
from decimal import Decimal

from ledgerbook.annual import tables
from ledgerbook.annual.counting import REGISTERS, Count, counts, figure
from ledgerbook.annual.doubtful import Doubt, doubts
from ledgerbook.annual.identities import Checked, check, odd
from ledgerbook.annual.tables import Spot
from ledgerbook.ledger import Ledger
from ledgerbook.model import Book

__all__ = ["Annual", "annual"]


@dataclass(frozen=True, slots=True)
class Annual:
    """The figures of tables 2 to 4 and what is to be said of them.

    ``figures`` lack what no register of this book can tell; ``given`` is what the
    office has told of last year; ``odd`` are figures that cannot be right.
    """

    figures: dict[Spot, Decimal]
    given: dict[Spot, Decimal]
    checked: tuple[Checked, ...]
    odd: tuple[Spot, ...]
    doubts: tuple[Doubt, ...]


def kept(book: Book) -> tuple[str, ...]:
    """Return the keys of the registers that the report is counted from and are kept."""
    owed = {key for section in book.sections for key in section.registers}
    return tuple(key for key in REGISTERS if key in owed)


def annual(ledger: Ledger) -> Annual | None:
    """Count the tables; None where no section keeps any register they are made of."""
    book = ledger.book
    if not kept(book):
        return None
    figures = {
        spot: figure(count, ledger.records, book.year)
        for spot, count in counts().items()
        if countable(book, count)
    }
    given = {tables.REFERENCE[name]: value for name, value in book.reference}
    known = {**figures, **given}
    return Annual(
        figures, given, check(known), odd(known), doubts(book, ledger.records)
    )


def countable(book: Book, count: Count) -> bool:
    """Whether some section keeps the register, and it has all columns counted by."""
    form = book.form_called(count.register)
    if form is None or count.register not in kept(book):
        return False
    return count.columns <= {column.key for column in form.columns}
