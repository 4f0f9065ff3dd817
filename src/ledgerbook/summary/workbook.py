"""Write the summary workbook: its sheets in their order, and the marks that identify it."""

from __future__ import annotations

from dataclasses import replace

from ledgerbook import identity
from ledgerbook.annual_report.report_checks import compute_report_figures
from ledgerbook.excel.sheet_parts import MAX_TABLE_ROWS, split_into_sheets
from ledgerbook.excel.sheet_writer import SheetWriter
from ledgerbook.excel.workbook_writer import WorkbookWriter, report_refusals
from ledgerbook.identity import OutputKind
from ledgerbook.merge.personal_data import omit_personal_data
from ledgerbook.model import Book, ColumnSource
from ledgerbook.model.form_columns import get_official_header
from ledgerbook.model.results import Ledger
from ledgerbook.summary.detail import RowRanges, draw_detail
from ledgerbook.summary.harvest import list_review_texts, write_written_notes
from ledgerbook.summary.lists import (
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
from ledgerbook.summary.task_table import draw_task_table

SUMMARY_SHEETS = (
    "总览",
    "年度汇总",
    DETAIL_SHEET,
    "逾期临期",
    "报送情况",
    "问题清单",
    "冲突",
)
# Only where the year has several rounds; of one round they would say nothing.
ROUNDS_SHEET, HISTORY_SHEET = "各批次进展", "历次填报"
# Only where something hung on a sheet.
ATTACHMENTS_SHEET = "附件清单"
# Only where a section reported work that the plan does not have.
UNPLANNED_SHEET = "计划外工作"


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
        # All sheets are made before any is drawn: the overview, first in the book,
        # counts over cells of the others.
        detail_names = tuple(split_into_sheets(DETAIL_SHEET, ledger.assignment_results, max_rows))
        detail_position = SUMMARY_SHEETS.index(DETAIL_SHEET)
        sheets = (
            *SUMMARY_SHEETS[:detail_position],
            *detail_names,
            *SUMMARY_SHEETS[detail_position + 1 :],
        )
        sheets += (ROUNDS_SHEET,) if len(book.rounds) > 1 else ()
        sheets += (HISTORY_SHEET,) if len(book.rounds) > 1 or ledger.earlier_answers else ()
        sheets += (UNPLANNED_SHEET,) if ledger.unplanned_rows else ()
        sheets += (ATTACHMENTS_SHEET,) if ledger.attachments else ()
        report = compute_report_figures(ledger)
        sheets += tuple(REPORT_SHEETS.values()) if report else ()
        registers = name_register_sheets(
            ledger, (*sheets, ORPHAN_NOTES_SHEET, FACTS_SHEET, WRITTEN_SHEET)
        )
        names = (*sheets, *registers)
        canvases = {name: SheetWriter(writer, name, footer=book.agency) for name in names}
        detail_canvases = [canvases[name] for name in detail_names]
        row_ranges = draw_detail(detail_canvases, ledger, notes, max_rows)
        _draw_sheets(canvases, ledger, row_ranges)
        register_ranges = {
            form.key: draw_register(canvases[name], ledger, form)
            for name, form in registers.items()
        }
        if report:
            draw_report(canvases, ReportTableWriter(report, register_ranges))
        _draw_orphan_notes(writer, ledger, notes)
        write_facts(writer, facts)
        if kind is OutputKind.SUMMARY:
            write_written_notes(writer, ledger, recorded or book)
        return identity.seal_package(writer.finish(), book.key)


def _draw_sheets(
    canvases: dict[str, SheetWriter], ledger: Ledger, row_ranges: tuple[RowRanges, ...]
) -> None:
    ranges = CountedCells(
        tasks=draw_task_table(canvases["年度汇总"], ledger),
        rows=row_ranges,
        submission_statuses=draw_submissions(canvases["报送情况"], ledger),
    )
    draw_overview(canvases["总览"], ledger, count_overview_figures(ledger), ranges)
    draw_urgent(canvases["逾期临期"], ledger)
    draw_problems(canvases["问题清单"], ledger)
    draw_conflicts(canvases["冲突"], ledger)
    for name, draw in (
        (ROUNDS_SHEET, draw_rounds),
        (HISTORY_SHEET, draw_history),
        (UNPLANNED_SHEET, draw_unplanned),
    ):
        if name in canvases:
            draw(canvases[name], ledger)
    if ATTACHMENTS_SHEET in canvases:
        draw_attachments(canvases[ATTACHMENTS_SHEET], ledger)


def find_row_code_header(book: Book) -> str:
    """Return the header of the row codes in the book's form."""
    return get_official_header(book.task_form, ColumnSource.ROW_CODE)


def _draw_orphan_notes(writer: WorkbookWriter, ledger: Ledger, office_notes: OfficeNotes) -> None:
    """Draw the texts of rows that are gone, if there are any."""
    codes = office_notes.find_codes_outside({row.code for row in ledger.assignment_results})
    if codes:
        canvas = SheetWriter(writer, ORPHAN_NOTES_SHEET, footer=ledger.book.agency)
        draw_orphan_notes(canvas, office_notes, codes, find_row_code_header(ledger.book))
