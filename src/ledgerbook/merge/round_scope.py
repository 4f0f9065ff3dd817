"""Say what each round asks of whom: its scope.

What was issued is a fact of the book (签发记录): a round asks for the rows and registers that
were issued in it, and for nothing else. A task or section that the book gets, renames or drops
later changes nothing of it. A round that was never issued through the program asks for what
the book has now.
"""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from datetime import date

from ledgerbook.intake.file_content import FileContent
from ledgerbook.model import Book, Round
from ledgerbook.model.issued_values import IssueRecord
from ledgerbook.model.results import RowKey


@dataclass(frozen=True, slots=True)
class RoundScope:
    """The task codes and the keys of the registers that a round asks for, by section.

    ``is_recorded``: they were issued through the program.
    """

    round: Round
    tasks: Mapping[str, tuple[str, ...]]
    registers: Mapping[str, tuple[str, ...]] = field(default_factory=dict)
    is_recorded: bool = False

    @property
    def sections(self) -> tuple[str, ...]:
        """The sections of which anything is asked."""
        return tuple(dict.fromkeys((*self.tasks, *self.registers)))

    @property
    def row_keys(self) -> Iterator[RowKey]:
        """The rows that are asked for: task code and section."""
        return ((task, section) for section, tasks in self.tasks.items() for task in tasks)


@dataclass(frozen=True, slots=True)
class RoundScopes:
    """The scopes of all rounds on a day: as it is then, and as it was on the round's due day.

    ``at_due`` has only the rounds whose due day is over.
    """

    current: Mapping[str, RoundScope]
    at_due: Mapping[str, RoundScope]

    def collect_row_keys(self, last: Round) -> frozenset[RowKey]:
        """Return the rows that any round up to ``last`` asks for."""
        keys: set[RowKey] = set()
        for name, scope in self.current.items():
            keys.update(scope.row_keys)
            if name == last.name:
                break
        return frozenset(keys)


def build_scopes(book: Book, as_of: date) -> RoundScopes:
    """Return the scope of each round of ``book``, by name, on the day ``as_of``."""
    records_by_round: dict[str, list[IssueRecord]] = defaultdict(list)
    for record in book.issue_records:
        if record.issued_on <= as_of:
            records_by_round[record.round].append(record)
    unrecorded = _list_book_tasks(book), _list_book_registers(book)
    current: dict[str, RoundScope] = {}
    at_due: dict[str, RoundScope] = {}
    for round_ in book.rounds:
        records = records_by_round[round_.name]
        current[round_.name] = (
            _build_recorded_scope(book, round_, records)
            if records
            else RoundScope(round_, *unrecorded)
        )
        if is_over(round_, as_of):
            at_due[round_.name] = (
                _build_recorded_scope(book, round_, _list_first_records(round_, records))
                if records
                else current[round_.name]
            )
    return RoundScopes(current, at_due)


def map_later_issues(book: Book, as_of: date) -> dict[RowKey, date]:
    """Return the rows that were not among the first that were issued, with their first day.

    A task or a section owes from its first issue on.
    """
    first_days: dict[RowKey, date] = {}
    for record in book.issue_records:
        if record.issued_on <= as_of:
            for task in record.task_codes:
                first_days.setdefault((task, record.section), record.issued_on)
    first_day = min(first_days.values(), default=as_of)
    return {row: day for row, day in first_days.items() if day > first_day}


def is_over(round_: Round, as_of: date) -> bool:
    """Return whether the due day of a round is past; never without one."""
    return round_.due is not None and round_.due < as_of


def _list_first_records(round_: Round, records: Sequence[IssueRecord]) -> list[IssueRecord]:
    """Return what was issued until the round's due day; of a round issued later, the first day."""
    first_day = min(record.issued_on for record in records)
    last_day = max(round_.due or first_day, first_day)
    return [record for record in records if record.issued_on <= last_day]


def _build_recorded_scope(book: Book, round_: Round, records: Sequence[IssueRecord]) -> RoundScope:
    """Return the scope by the newest of ``records`` of each section and form."""
    newest = {(record.section, record.form): record for record in records}
    section_order = {name: position for position, name in enumerate(book.section_names)}
    tasks: dict[str, tuple[str, ...]] = {}
    registers: dict[str, tuple[str, ...]] = {}
    # A section that is no longer in the book comes last.
    for section, form in sorted(
        newest, key=lambda key: (section_order.get(key[0], len(section_order)), key)
    ):
        record = newest[section, form]
        if record.task_codes:
            tasks[section] = (*tasks.get(section, ()), *record.task_codes)
        else:
            registers[section] = (*registers.get(section, ()), form)
    return RoundScope(round_, tasks, registers, is_recorded=True)


def _list_book_tasks(book: Book) -> dict[str, tuple[str, ...]]:
    codes = {
        section: tuple(task.code for task in book.get_tasks(section))
        for section in book.section_names
    }
    return {section: tasks for section, tasks in codes.items() if tasks}


def _list_book_registers(book: Book) -> dict[str, tuple[str, ...]]:
    keys = {
        section: tuple(form.key for form in book.get_registers(section))
        for section in book.section_names
    }
    return {section: registers for section, registers in keys.items() if registers}


def find_current_round(book: Book, files: Sequence[FileContent], as_of: date) -> Round:
    """Return the latest round that was issued until ``as_of`` or returned, else the first."""
    names = {record.round for record in book.issue_records if record.issued_on <= as_of}
    names |= {row.round for file in files for row in file.rows}
    names |= {round_ for file in files for _, round_ in file.nil_returns}
    names |= {register.round for file in files for register in file.registers}
    rounds = [round_ for round_ in book.rounds if round_.name in names]
    return rounds[-1] if rounds else book.rounds[0]
