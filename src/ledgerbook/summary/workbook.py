"""Write the summary workbook: its sheets in their order, and the marks that identify it."""

from __future__ import annotations

from collections import Counter
from collections.abc import Callable, Iterator, Mapping, Sequence
from dataclasses import dataclass, replace

from ledgerbook import identity
from ledgerbook.annual_report.report_checks import compute_report_figures
from ledgerbook.excel.sheet_parts import MAX_TABLE_ROWS, split_into_sheets
from ledgerbook.excel.sheet_writer import SheetWriter
from ledgerbook.excel.workbook_writer import WorkbookWriter, report_refusals
from ledgerbook.identity import OutputKind
from ledgerbook.merge.personal_data import omit_personal_data
from ledgerbook.model import Book, ColumnSource, Form
from ledgerbook.model.form_columns import get_official_header
from ledgerbook.model.results import AssignmentResult, Ledger
from ledgerbook.summary.detail import RowRanges, draw_detail
from ledgerbook.summary.harvest import list_review_texts, write_written_notes
from ledgerbook.summary.lists import (
    SUBMISSIONS_SHEET,
    count_urgent_rows,
    draw_attachments,
    draw_conflicts,
    draw_history,
    draw_problems,
    draw_submissions,
    draw_unplanned,
    draw_urgent,
)
from ledgerbook.summary.metadata import (
    FACTS_SHEET,
    SummaryFacts,
    build_summary_facts,
    write_facts,
)
from ledgerbook.summary.office_notes import (
    CONFLICTS_SHEET,
    DETAIL_SHEET,
    ORPHAN_NOTES_SHEET,
    WRITTEN_SHEET,
    OfficeNotes,
    draw_orphan_notes,
)
from ledgerbook.summary.overview import CountedCells, count_overview_figures, draw_overview
from ledgerbook.summary.registers import draw_register, name_register_sheets
from ledgerbook.summary.report_tables import REPORT_SHEETS, ReportTableWriter, draw_report
from ledgerbook.summary.rounds import draw_rounds
from ledgerbook.summary.sheet_index import (
    SheetEntry,
    SheetKind,
    color_tabs,
    count_entry,
    sort_entries,
)
from ledgerbook.summary.task_table import draw_task_table

_OVERVIEW_SHEET, _TASK_SHEET = "总览", "年度汇总"
# Only where the year has several rounds; of one round it would say nothing.
ROUNDS_SHEET = "各批次进展"
UNPLANNED_SHEET = "计划外工作"


@dataclass(frozen=True, slots=True)
class _ListSheet:
    """A list that has a sheet where it has lines: how many, in which unit, and the drawing."""

    name: str
    kind: SheetKind
    unit: str
    count_lines: Callable[[Ledger], int]
    draw: Callable[[SheetWriter, Ledger], None]


_LIST_SHEETS = (
    _ListSheet("逾期临期", SheetKind.ACTION, "件", count_urgent_rows, draw_urgent),
    _ListSheet(
        "问题清单", SheetKind.ACTION, "条", lambda ledger: len(ledger.problems), draw_problems
    ),
    _ListSheet(
        CONFLICTS_SHEET,
        SheetKind.ACTION,
        "处",
        lambda ledger: len(ledger.conflicts),
        draw_conflicts,
    ),
    _ListSheet(
        UNPLANNED_SHEET,
        SheetKind.ACTION,
        "行",
        lambda ledger: len(ledger.unplanned_rows),
        draw_unplanned,
    ),
    _ListSheet(
        "历次填报",
        SheetKind.EVIDENCE,
        "处",
        lambda ledger: len(ledger.earlier_answers),
        draw_history,
    ),
    _ListSheet(
        "附件清单",
        SheetKind.EVIDENCE,
        "项",
        lambda ledger: len(ledger.attachments),
        draw_attachments,
    ),
)


def build_summary_filename(book: Book, kind: OutputKind = OutputKind.SUMMARY) -> str:
    """Return the file name of the year's summary, or of that without personal data."""
    return f"{book.year}{kind}.xlsx"


def write_summary(
    ledger: Ledger,
    office_notes: OfficeNotes | None = None,
    max_rows: int = MAX_TABLE_ROWS,
    recorded: Book | None = None,
) -> bytes:
    """Return the summary workbook; the same ledger always gives the same bytes.

    ``office_notes`` are the office's texts, by default those of the book; ``recorded`` is the
    book as it is on the disk, where that lacks some. A detail of over ``max_rows`` rows
    continues from sheet to sheet.
    """
    facts = build_summary_facts(ledger)
    return _write_workbook(ledger, OutputKind.SUMMARY, facts, office_notes, max_rows, recorded)


def write_upload_summary(ledger: Ledger, max_rows: int = MAX_TABLE_ROWS) -> bytes:
    """Return the summary without the contents of personal columns (上报汇总).

    It states the facts of the full one, and says that it is not. What the office typed is
    not harvested from it.
    """
    facts = replace(build_summary_facts(ledger), lacks_personal_data=True)
    reduced = omit_personal_data(ledger)
    return _write_workbook(reduced, OutputKind.UPLOAD_SUMMARY, facts, None, max_rows)


def _write_workbook(
    ledger: Ledger,
    kind: OutputKind,
    facts: SummaryFacts,
    office_notes: OfficeNotes | None,
    max_rows: int,
    recorded: Book | None = None,
) -> bytes:
    book = ledger.book
    notes = office_notes or OfficeNotes(list_review_texts(book))
    with report_refusals(kind):
        writer = WorkbookWriter(
            title=f"{book.agency}{book.year}{kind}",
            created=ledger.as_of,
            keywords=identity.format_keywords(kind, f"book={book.book_id}"),
            large=True,
            is_locked=True,
        )
        detail_parts = split_into_sheets(DETAIL_SHEET, ledger.assignment_results, max_rows)
        report = compute_report_figures(ledger)
        own_entries = tuple(
            _list_own_entries(ledger, detail_parts, notes, has_report=report is not None)
        )
        own_names = [_OVERVIEW_SHEET, *(entry.name for entry in own_entries)]
        registers = name_register_sheets(
            ledger, (*own_names, ORPHAN_NOTES_SHEET, FACTS_SHEET, WRITTEN_SHEET)
        )
        entries = sort_entries((*own_entries, *_list_register_entries(ledger, registers)))
        # All sheets are made before any is drawn: the overview, first in the book,
        # counts over cells of the others.
        names = (_OVERVIEW_SHEET, *(entry.name for entry in entries if entry.is_present))
        canvases = {name: SheetWriter(writer, name, footer=book.agency) for name in names}
        color_tabs(canvases, (SheetEntry(_OVERVIEW_SHEET, SheetKind.RESULT), *entries))
        detail_canvases = [canvases[name] for name in detail_parts]
        row_ranges = draw_detail(detail_canvases, ledger, notes, max_rows)
        _draw_sheets(canvases, ledger, row_ranges, entries)
        register_ranges = {
            form.key: draw_register(canvases[name], ledger, form)
            for name, form in registers.items()
        }
        if report:
            draw_report(canvases, ReportTableWriter(report, register_ranges))
        if ORPHAN_NOTES_SHEET in canvases:
            codes = _find_orphan_codes(ledger, notes)
            code_header = find_row_code_header(book)
            draw_orphan_notes(canvases[ORPHAN_NOTES_SHEET], notes, codes, code_header)
        write_facts(writer, facts)
        if kind is OutputKind.SUMMARY:
            write_written_notes(writer, ledger, recorded or book)
        return identity.seal_package(writer.finish(), book.key)


def _list_own_entries(
    ledger: Ledger,
    detail_parts: Mapping[str, Sequence[AssignmentResult]],
    office_notes: OfficeNotes,
    *,
    has_report: bool,
) -> Iterator[SheetEntry]:
    """Yield every sheet but the overview and the registers, and the lists that are empty."""
    yield SheetEntry(_TASK_SHEET, SheetKind.RESULT, f"{len(ledger.task_summaries)} 项任务")
    if len(ledger.book.rounds) > 1:
        yield SheetEntry(ROUNDS_SHEET, SheetKind.RESULT)
    for name in REPORT_SHEETS.values() if has_report else ():
        yield SheetEntry(name, SheetKind.RESULT)
    for name, rows in detail_parts.items():
        yield SheetEntry(name, SheetKind.ACTION, f"{len(rows)} 行")
    yield SheetEntry(SUBMISSIONS_SHEET, SheetKind.EVIDENCE)
    for sheet in _LIST_SHEETS:
        yield count_entry(sheet.name, sheet.kind, sheet.count_lines(ledger), sheet.unit)
    if codes := _find_orphan_codes(ledger, office_notes):
        yield SheetEntry(ORPHAN_NOTES_SHEET, SheetKind.ACTION, f"{len(codes)} 行")


def _list_register_entries(ledger: Ledger, registers: Mapping[str, Form]) -> Iterator[SheetEntry]:
    counts = Counter(entry.form.key for entry in ledger.register_entries)
    for name, form in registers.items():
        yield SheetEntry(name, SheetKind.EVIDENCE, f"{counts[form.key]} 条")


def _draw_sheets(
    canvases: Mapping[str, SheetWriter],
    ledger: Ledger,
    row_ranges: tuple[RowRanges, ...],
    entries: Sequence[SheetEntry],
) -> None:
    ranges = CountedCells(
        tasks=draw_task_table(canvases[_TASK_SHEET], ledger),
        rows=row_ranges,
        submission_statuses=draw_submissions(canvases[SUBMISSIONS_SHEET], ledger),
    )
    figures = count_overview_figures(ledger)
    draw_overview(canvases[_OVERVIEW_SHEET], ledger, figures, ranges, entries)
    if ROUNDS_SHEET in canvases:
        draw_rounds(canvases[ROUNDS_SHEET], ledger)
    for sheet in _LIST_SHEETS:
        if sheet.name in canvases:
            sheet.draw(canvases[sheet.name], ledger)


def _find_orphan_codes(ledger: Ledger, office_notes: OfficeNotes) -> tuple[str, ...]:
    """Return the codes of rows that are gone, of which the office has written something."""
    return office_notes.find_codes_outside({row.code for row in ledger.assignment_results})


def find_row_code_header(book: Book) -> str:
    """Return the header of the row codes in the book's form."""
    return get_official_header(book.task_form, ColumnSource.ROW_CODE)
