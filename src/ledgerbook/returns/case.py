"""A sheet to identify, and what it is found to be."""

from __future__ import annotations

from collections.abc import Container, Mapping
from dataclasses import dataclass

from ledgerbook.issue.top import NIL_LABEL, issued_above
from ledgerbook.marks import Mark
from ledgerbook.model import Book, Form, Task
from ledgerbook.problems.catalogue import Place, Problem
from ledgerbook.returns import words
from ledgerbook.returns.columns import Columns
from ledgerbook.returns.raw import Cell, RawSheet
from ledgerbook.returns.roster import Roster
from ledgerbook.returns.rows import KnownRow
from ledgerbook.returns.values import joined, shown
from ledgerbook.text import squash


@dataclass(frozen=True, slots=True)
class ReturnSheet:
    """One sheet that answers for a section; ``rows`` are its recognised rows.

    ``doubted`` are tasks of the section whose rows are held for a person, ``nil``
    whether the section ticked that it has nothing to report.
    """

    raw: RawSheet
    mark: Mark
    form: Form
    columns: Columns
    rows: tuple[KnownRow, ...]
    doubted: tuple[Task, ...] = ()
    nil: bool = False


@dataclass(frozen=True, slots=True)
class ReturnRegister:
    """A sheet on which a section keeps a register; ``rows`` are those with entries."""

    raw: RawSheet
    mark: Mark
    form: Form
    columns: Columns
    rows: tuple[int, ...]


@dataclass(frozen=True, slots=True)
class Return:
    """A workbook identified. ``found`` counts every cell that somebody filled."""

    sheets: tuple[ReturnSheet, ...] = ()
    problems: tuple[Problem, ...] = ()
    found: int = 0
    registers: tuple[ReturnRegister, ...] = ()


@dataclass(frozen=True, slots=True)
class Case:
    """One sheet to identify, with all that its workbook says.

    ``line`` is the mark on the sheet itself, ``claims`` are those of the workbook.
    """

    file: str
    sheet: RawSheet
    claims: tuple[Mark, ...]
    line: Mark | None
    roster: Roster
    form: Form
    columns: Columns | None

    @property
    def book(self) -> Book:
        return self.roster.book

    @property
    def genuine(self) -> tuple[Mark, ...]:
        """What the workbook says of itself and our book has signed."""
        return tuple(claim for claim in self.claims if self.roster.genuine(claim))

    @property
    def section(self) -> str:
        """Whose workbook this is, if it says so of one section only."""
        named = {claim.section for claim in self.genuine}
        return named.pop() if len(named) == 1 else ""

    @property
    def tick(self) -> Cell | None:
        """The cell that says, beside its label, that there is nothing to report."""
        first = self.columns.first_row if self.columns else 0
        label = squash(NIL_LABEL)
        above = [cell for cell in self.sheet.cells if cell[0] < first]
        for row, column in above:
            if squash(shown(self.sheet.cells[row, column])) == label:
                beside = (c for r, c in self.sheet.cells if r == row and c > column)
                cell = (row, min(beside, default=column))
                if squash(shown(self.sheet.cells[cell])) in words.YES:
                    return cell
        return None

    def filled(self, issued_rows: Container[int]) -> list[Cell]:
        """List the cells that we did not send.

        In ``issued_rows`` we sent the fixed ones.
        """
        if self.columns is None:
            return sorted(self.sheet.cells)
        columns, form, first = self.columns, self.form, self.columns.first_row
        fixed = {*columns.officials(form).values(), columns.row_key}
        heads = columns.header_cells | {self.tick}
        return sorted(
            cell
            for cell, value in self.sheet.cells.items()
            if cell not in heads
            and not (cell[0] in issued_rows and cell[1] in fixed)
            and not (cell[0] < first and issued_above(shown(value), form))
        )

    def whole(self, code: str, values: Mapping[str, str] | None = None) -> Return:
        """Hold every filled cell of the sheet on one problem."""
        last = max(row for row, _ in self.sheet.cells)
        first = self.columns.first_row if self.columns else last
        cells = self.filled(range(first, last + 1))
        told = {**(values or {}), "raw": joined(self.sheet, cells)}
        place = Place(self.file, self.sheet.name)
        held = Problem(code, place, told, self.section, len(cells))
        return Return((), (held,), len(cells))
