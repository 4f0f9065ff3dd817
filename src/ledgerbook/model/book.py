"""Define the class of the book: the workbook 台账.xlsx as one value."""

from __future__ import annotations

import re
from collections import defaultdict
from collections.abc import Iterator
from dataclasses import dataclass, field
from datetime import date
from decimal import Decimal
from enum import StrEnum

from ledgerbook.model.forms import Form
from ledgerbook.model.issued_values import IssueRecord
from ledgerbook.model.office_entries import (
    FileRegistration,
    OfficeEntry,
    OfficeNote,
    ReminderRecord,
)
from ledgerbook.model.tasks import OriginalWording, Question, Revision, Round, Section, Task

_NO_DIGIT = re.compile(r"\D")
_EARLIEST_REGISTER_YEAR, _REGISTER_YEARS_AHEAD = 1980, 30


# What titles call the work of a plan of 政务公开, and of every book of earlier versions.
DISCLOSURE_WORK = "政务公开重点任务"
_DISCLOSURE_WORDS = ("政务公开", "信息公开")


class PaperSize(StrEnum):
    """The paper on which the sheets for sections are printed."""

    A4 = "A4"
    A3 = "A3"


@dataclass(frozen=True, slots=True)
class Book:
    """The contents of the workbook 台账.xlsx, in which the office records everything.

    ``office`` is the coordinating office. ``key`` (64 hex digits) signs the marks on issued
    workbooks; it never leaves the book. ``forms`` are the forms in use, the task ledger
    first; ``issued_forms`` are all versions that have been issued, oldest first.
    ``retired_tasks`` were dropped by a revised plan: nobody owes them any more, but answers
    to them may still arrive. ``original_wordings`` are the plan's own texts of the tasks
    that came from it, ``revisions`` the changes that revised plans made,
    ``reference_figures`` figures, by name, that the annual report is compared with, and
    ``issue_records`` what was issued, oldest first. ``registrations`` say how returned files
    count, ``office_entries`` are answers that the office typed, ``office_notes`` what it wrote
    beside rows, ``reminders`` whom it reminded, both oldest first. ``work_name`` is what titles
    call the work: 政务公开重点任务, 问题整改.
    """

    agency: str
    year: int
    office: str
    plan_title: str
    book_id: str
    key: str = field(repr=False)
    sections: tuple[Section, ...]
    rounds: tuple[Round, ...]
    tasks: tuple[Task, ...]
    forms: tuple[Form, ...]
    questions: tuple[Question, ...] = ()
    issued_forms: tuple[Form, ...] = ()
    retired_tasks: tuple[Task, ...] = ()
    original_wordings: tuple[OriginalWording, ...] = ()
    revisions: tuple[Revision, ...] = ()
    reference_figures: tuple[tuple[str, Decimal], ...] = ()
    issue_records: tuple[IssueRecord, ...] = ()
    registrations: tuple[FileRegistration, ...] = ()
    office_entries: tuple[OfficeEntry, ...] = ()
    office_notes: tuple[OfficeNote, ...] = ()
    reminders: tuple[ReminderRecord, ...] = ()
    work_name: str = DISCLOSURE_WORK
    paper: PaperSize = PaperSize.A4
    # Derived, since they are looked up for each section or returned sheet.
    _former_sections: frozenset[str] = field(init=False, repr=False, compare=False)
    _register_keys: dict[str, frozenset[str]] = field(init=False, repr=False, compare=False)
    _names_by_alias: dict[str, str] = field(init=False, repr=False, compare=False)

    def __post_init__(self) -> None:
        register_keys: dict[str, frozenset[str]] = {}
        for section in self.sections:
            earlier_keys = register_keys.get(section.name, frozenset())
            register_keys[section.name] = earlier_keys | set(section.register_keys)
        object.__setattr__(self, "_register_keys", register_keys)
        object.__setattr__(self, "_names_by_alias", dict(self._iter_former_names()))
        issued = {record.section for record in self.issue_records}
        object.__setattr__(self, "_former_sections", frozenset(issued - register_keys.keys()))

    @property
    def is_for_disclosure(self) -> bool:
        """Whether the plan is one of 政务公开, whose outcome the annual report publishes."""
        return any(word in self.work_name for word in _DISCLOSURE_WORDS)

    @property
    def title_prefix(self) -> str:
        """Agency and year, and 政务公开 where the work is that: how the title of a form begins."""
        subject = "政务公开" if self.is_for_disclosure else ""
        return f"{self.agency}{self.year}年{subject}"

    @property
    def section_names(self) -> tuple[str, ...]:
        return tuple(section.name for section in self.sections)

    @property
    def former_sections(self) -> frozenset[str]:
        """The sections that were issued something and are not in the book any more."""
        return self._former_sections

    def resolve_section(self, name: str) -> str:
        """Return the present name of a renamed section, which has its former one as 简称.

        Any other name is returned as it is.
        """
        return name if name in self._register_keys else self._names_by_alias.get(name, name)

    @property
    def former_names(self) -> tuple[str, ...]:
        """The other names of sections under which they may have been issued something."""
        return tuple(self._names_by_alias)

    def list_former_names(self, section: str) -> tuple[str, ...]:
        """Return the other names of ``section`` under which it may have been issued something."""
        return tuple(alias for alias, name in self._names_by_alias.items() if name == section)

    def _iter_former_names(self) -> Iterator[tuple[str, str]]:
        """Yield former name and name of each section that was renamed.

        A section that was issued something beside the one whose 简称 it is has become part
        of it: what the two were asked for stays apart. What was issued on the day of the
        renaming says so itself.
        """
        days: dict[str, list[date]] = defaultdict(list)
        recorded: set[tuple[str, str]] = set()
        for record in self.issue_records:
            days[record.section].append(record.issued_on)
            recorded.update((name, record.section) for name in record.former_names)
        for section in self.sections:
            first_day = min(days[section.name], default=date.max)
            for alias in section.aliases:
                is_recorded = (alias, section.name) in recorded
                if is_recorded or max(days[alias], default=date.min) < first_day:
                    yield alias, section.name

    @property
    def task_form(self) -> Form:
        """The task ledger itself (重点任务台账), always the first form."""
        return self.forms[0]

    @property
    def registers(self) -> tuple[Form, ...]:
        """All forms but the task ledger."""
        return self.forms[1:]

    def get_registers(self, section: str) -> tuple[Form, ...]:
        """Return the registers that ``section`` (a name) fills, in the book's order."""
        form_keys = self._register_keys.get(section, ())
        return tuple(form for form in self.registers if form.key in form_keys)

    def list_deleted_tasks(self) -> list[Task]:
        """Return what is left of the tasks that were issued and whose lines were deleted.

        Their texts went with the lines; code and number are those of the records.
        """
        known = {task.code for task in (*self.tasks, *self.retired_tasks)}
        codes = dict.fromkeys(code for record in self.issue_records for code in record.task_codes)
        return [
            Task(code, int(_NO_DIGIT.sub("", code) or 0), "", "", "", "")
            for code in codes
            if code not in known
        ]

    def map_newest_issues(self) -> dict[tuple[str, str, str], IssueRecord]:
        """Return the newest record of each round, section and form that was issued."""
        return {record.key: record for record in self.issue_records}

    def map_office_notes(self) -> dict[tuple[str, str], OfficeNote]:
        """Return the note that holds by row code and item; one that was ended is not there."""
        newest = {(note.code, note.item): note for note in self.office_notes}
        return {key: note for key, note in newest.items() if note.text}

    def find_form(self, key: str) -> Form | None:
        return next((form for form in self.forms if form.key == key), None)

    @property
    def date_window(self) -> tuple[date, date]:
        """The first and last day that an answer to a task can plausibly name.

        The year itself and the next year up to 31 March, the day by which a government
        must have published its annual report (政府信息公开条例第49条).
        """
        return date(self.year, 1, 1), date(self.year + 1, 3, 31)

    @property
    def register_window(self) -> tuple[date, date]:
        """The first and last day that a register can plausibly name.

        A register lists documents that have long been in force, and the days on which
        they expire.
        """
        return date(_EARLIEST_REGISTER_YEAR, 1, 1), date(self.year + _REGISTER_YEARS_AHEAD, 12, 31)

    def get_tasks(self, section: str) -> tuple[Task, ...]:
        """Return the tasks in which ``section`` (a name) has a role, in the book's order."""
        return tuple(task for task in self.tasks if task.get_roles(section))
