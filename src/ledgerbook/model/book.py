"""All that the office keeps, as one value."""

from __future__ import annotations

from dataclasses import dataclass, field
from datetime import date
from decimal import Decimal

from ledgerbook.model.forms import Form
from ledgerbook.model.tasks import OriginalWording, Question, Revision, Round, Section, Task

_EARLIEST_REGISTER_YEAR, _REGISTER_YEARS_AHEAD = 1980, 30


@dataclass(frozen=True, slots=True)
class Book:
    """All that the office keeps: the workbook 台账.xlsx as one value.

    ``key`` signs the marks on issued workbooks (hex); it never leaves the book.
    ``issued_forms`` are the forms as they have been sent out, every version, oldest first.
    ``retired_tasks`` are tasks that a revised plan has dropped: nobody owes them any more,
    but they are known, since answers may still come. ``original_wordings`` are the plan's own
    words for every task that came from one; ``revisions`` what revised plans changed.
    ``reference_figures`` are figures, by name, that the annual report is compared with.
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

    @property
    def section_names(self) -> tuple[str, ...]:
        return tuple(section.name for section in self.sections)

    @property
    def task_form(self) -> Form:
        """The task ledger itself (重点任务台账), always the first form."""
        return self.forms[0]

    @property
    def registers(self) -> tuple[Form, ...]:
        return self.forms[1:]

    def get_registers(self, section: str) -> tuple[Form, ...]:
        """Return the registers that a section fills, in the book's order."""
        form_keys = {key for s in self.sections if s.name == section for key in s.register_keys}
        return tuple(form for form in self.registers if form.key in form_keys)

    def find_form(self, key: str) -> Form | None:
        return next((form for form in self.forms if form.key == key), None)

    @property
    def date_window(self) -> tuple[date, date]:
        """The first and last day that an answer of this year can plausibly name.

        The year itself, and on to 31 March, by which a government's annual report
        must be out (政府信息公开条例第49条).
        """
        return date(self.year, 1, 1), date(self.year + 1, 3, 31)

    @property
    def register_window(self) -> tuple[date, date]:
        """The first and last day that a register can plausibly name.

        A register looks back on documents long in force, and ahead to when they end.
        """
        return date(_EARLIEST_REGISTER_YEAR, 1, 1), date(self.year + _REGISTER_YEARS_AHEAD, 12, 31)

    def get_tasks(self, section: str) -> tuple[Task, ...]:
        return tuple(task for task in self.tasks if task.get_roles(section))
