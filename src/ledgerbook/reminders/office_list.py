"""Write 催办清单.xlsx for the office: every matter, with whom to call."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import dataclass

from ledgerbook import identity
from ledgerbook.excel.sheet_writer import SheetWriter
from ledgerbook.excel.tables import TableColumn
from ledgerbook.excel.workbook_writer import WorkbookWriter, report_refusals
from ledgerbook.identity import OutputKind
from ledgerbook.model import Section
from ledgerbook.model.results import Ledger
from ledgerbook.reminders.matters import Matter, MatterGroup, Reminder
from ledgerbook.summary.lists import NumberedItem, draw_list, get_number, number_items
from ledgerbook.text import format_chinese_date

# The columns of the task form that say who is in charge, where it has them.
_PERSON_COLUMN, _PHONE_COLUMN = "person", "phone"


@dataclass(frozen=True, slots=True)
class _Line:
    """One matter of a section, as a line of the list."""

    section: Section
    reminder: Reminder
    group: MatterGroup
    matter: Matter

    def get_answer(self, key: str) -> str:
        return self.matter.row.get_text(key) if self.matter.row else ""


def write_reminder_list(ledger: Ledger, reminders: Sequence[Reminder]) -> bytes:
    """Return the list of all ``reminders``; the same ones give the same bytes."""
    book, kind = ledger.book, OutputKind.REMINDER_LIST
    with report_refusals(kind):
        writer = WorkbookWriter(
            title=f"{book.agency}{book.year}{kind}",
            created=ledger.as_of,
            keywords=identity.format_keywords(kind, f"book={book.book_id}"),
        )
        lines = list(_list_lines(ledger, reminders))
        note = (
            f"{format_chinese_date(ledger.as_of)}，要催办的科室 {len(reminders)} 个，"
            f"{len(lines)} 件。有姓名和电话，仅供{book.office}使用。"
        )
        title = f"{book.year}年{book.task_form.title}{kind}"
        canvas = SheetWriter(writer, kind, footer=book.agency)
        empty_text = "没有要催办的科室。"
        draw_list(
            canvas, (title, note), _COLUMNS, number_items(lines), empty_text, table_name="reminders"
        )
        return identity.seal_package(writer.finish(), book.key)


def _list_lines(ledger: Ledger, reminders: Sequence[Reminder]) -> Iterator[_Line]:
    sections = {section.name: section for section in ledger.book.sections}
    for reminder in reminders:
        for group in reminder.groups:
            for matter in group.matters:
                yield _Line(sections[reminder.section], reminder, group, matter)


def _format_earlier(line: _Line) -> str:
    days = line.reminder.earlier
    return f"{len(days)} 次\n最近 {days[-1]}" if days else "没有催过"


_COLUMNS: tuple[TableColumn[NumberedItem[_Line]], ...] = (
    TableColumn("序号", 5, get_number, "center"),
    TableColumn("科室", 12, lambda i: i[1].section.name, "center"),
    TableColumn("联系人", 9, lambda i: i[1].section.contact, "center"),
    TableColumn("联系电话", 14, lambda i: i[1].section.phone, "center"),
    TableColumn("事项", 12, lambda i: i[1].group.kind, "center"),
    TableColumn("内容", 52, lambda i: i[1].matter.text),
    TableColumn("期限", 11.5, lambda i: i[1].matter.due, "center"),
    TableColumn("责任人", 9, lambda i: i[1].get_answer(_PERSON_COLUMN), "center"),
    TableColumn("责任人电话", 14, lambda i: i[1].get_answer(_PHONE_COLUMN), "center"),
    TableColumn("此前催办", 16, lambda i: _format_earlier(i[1]), "center"),
)
