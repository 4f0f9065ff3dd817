"""The summary workbook: which sheets, in which order, and what marks it as ours."""

from __future__ import annotations

import warnings

from ledgerbook import identity
from ledgerbook.annual_report.report_checks import annual
from ledgerbook.excel.canvas import SheetWriter
from ledgerbook.excel.sheet_parts import MOST_ROWS, shares
from ledgerbook.excel.writer import WorkbookWriter
from ledgerbook.model import Book, ColumnSource
from ledgerbook.model.results import Ledger
from ledgerbook.summary.detail import RowRanges, draw_detail
from ledgerbook.summary.lists import (
    draw_attachments,
    draw_conflicts,
    draw_history,
    draw_problems,
    draw_rounds,
    draw_submissions,
    draw_urgent,
)
from ledgerbook.summary.metadata import draw_facts, facts_of
from ledgerbook.summary.office_notes import DETAIL, OfficeNotes, draw_kept
from ledgerbook.summary.office_notes import SHEET as KEPT
from ledgerbook.summary.overview import CountedCells, count_up, draw_overview
from ledgerbook.summary.registers import draw_register, register_sheets
from ledgerbook.summary.report_tables import SHEETS as SHEETS_OF_REPORT
from ledgerbook.summary.report_tables import Drawn, draw_report
from ledgerbook.summary.task_table import draw_annual

KIND = "年度汇总"

SHEETS = (
    "总览",
    "年度汇总",
    DETAIL,
    "逾期临期",
    "报送情况",
    "问题清单",
    "冲突",
)
# Only where the year has several rounds; of one round they would say nothing.
ROUND_SHEETS = ("各批次进展", "历次填报")
# Only where something hung on a sheet.
ATTACHMENTS = "附件清单"


def summary_name(book: Book) -> str:
    """Return the file name of the year's summary."""
    return f"{book.year}{KIND}.xlsx"


def write_summary(
    ledger: Ledger, reviews: OfficeNotes | None = None, most: int = MOST_ROWS
) -> bytes:
    """Make the summary workbook; the same ledger always gives the same bytes.

    ``reviews`` are the office's own words from the summary that this one replaces.
    A detail of over ``most`` rows goes on from sheet to sheet.
    """
    book, kept = ledger.book, reviews or OfficeNotes()
    with warnings.catch_warnings():
        # What XlsxWriter cannot do it only warns of; a summary with a hole must not
        # pass for a whole one.
        warnings.filterwarnings("error", module="xlsxwriter")
        maker = WorkbookWriter(
            title=f"{book.agency}{book.year}{KIND}"[:255],
            created=ledger.as_of,
            keywords=identity.keywords(KIND, f"book={book.book_id}"),
            large=True,
        )
        # All sheets are made before any is drawn: the overview, first in the book,
        # counts over cells of the others.
        details = tuple(shares(DETAIL, ledger.rows, most))
        at = SHEETS.index(DETAIL)
        sheets = (*SHEETS[:at], *details, *SHEETS[at + 1 :])
        sheets += ROUND_SHEETS if len(book.rounds) > 1 else ()
        sheets += (ATTACHMENTS,) if ledger.attachments else ()
        report = annual(ledger)
        sheets += tuple(SHEETS_OF_REPORT.values()) if report else ()
        registers = register_sheets(ledger, sheets)
        names = (*sheets, *registers)
        canvases = {
            name: SheetWriter(maker, name, footer=book.agency) for name in names
        }
        detail = [canvases[name] for name in details]
        rows = draw_detail(detail, ledger, kept, most)
        _draw(canvases, ledger, rows)
        ranges = {
            form.key: draw_register(canvases[name], ledger, form)
            for name, form in registers.items()
        }
        if report:
            draw_report(canvases, Drawn(report, ranges, book.year))
        _draw_kept(maker, ledger, kept)
        draw_facts(maker, facts_of(ledger))
        return maker.finish()


def _draw(
    canvases: dict[str, SheetWriter], ledger: Ledger, rows: tuple[RowRanges, ...]
) -> None:
    counted = CountedCells(
        tasks=draw_annual(canvases["年度汇总"], ledger),
        rows=rows,
        standings=draw_submissions(canvases["报送情况"], ledger),
    )
    draw_overview(canvases["总览"], ledger, count_up(ledger), counted)
    draw_urgent(canvases["逾期临期"], ledger)
    draw_problems(canvases["问题清单"], ledger)
    draw_conflicts(canvases["冲突"], ledger)
    for name, draw in zip(ROUND_SHEETS, (draw_rounds, draw_history), strict=True):
        if name in canvases:
            draw(canvases[name], ledger)
    if ATTACHMENTS in canvases:
        draw_attachments(canvases[ATTACHMENTS], ledger)


def code_header(book: Book) -> str:
    """Return what the book's form calls the row code."""
    official = book.form.official
    return next(c.header for c in official if c.source is ColumnSource.ROW_CODE)


def _draw_kept(maker: WorkbookWriter, ledger: Ledger, reviews: OfficeNotes) -> None:
    """Keep the words of rows that are gone; most summaries need no such sheet."""
    codes = reviews.beyond({row.code for row in ledger.rows})
    if codes:
        canvas = SheetWriter(maker, KEPT, footer=ledger.book.agency)
        draw_kept(canvas, reviews, codes, code_header(ledger.book))
