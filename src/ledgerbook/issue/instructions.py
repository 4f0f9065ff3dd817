"""Draw the sheets 填表说明 and 登记簿填表说明 of an issued workbook.

Their texts are those of :mod:`~ledgerbook.issue.instruction_texts`.
"""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from typing import TYPE_CHECKING

from ledgerbook.excel import styles
from ledgerbook.excel.pagination import (
    PageSpace,
    compute_page_height,
    find_row_breaks,
    lay_out_pages,
)
from ledgerbook.excel.workbook_writer import WorkbookWriter, check_result, set_up_page
from ledgerbook.issue.instruction_texts import (
    CHOICE_HEADERS,
    COLUMN_HEADERS,
    InstructionLine,
    compose_instructions_title,
    compose_register_steps,
    compose_steps,
    describe_column,
    describe_register,
    list_choice_lines,
)
from ledgerbook.issue.layout import INSTRUCTIONS_SHEET, REGISTER_INSTRUCTIONS_SHEET
from ledgerbook.model import Book, Form, Round

if TYPE_CHECKING:
    from ledgerbook.excel.table_worksheet import TableWorksheet


_COLUMN_WIDTHS = (19, 12, 28, 50, 25)
# How high the title, a table's header and the gap below a paragraph are, in points.
_TITLE_HEIGHT, _HEADER_HEIGHT, _GAP = 36.0, 24.0, 15.0


def add_instructions(writer: WorkbookWriter, book: Book, form: Form, round_: Round) -> None:
    """Add the sheet that says how to fill ``form`` and where to send it."""
    worksheet = _add_titled_sheet(writer, INSTRUCTIONS_SHEET, compose_instructions_title(form))
    header_row = _write_paragraphs(writer, worksheet, compose_steps(book, form, round_))
    row = _write_table(
        writer,
        worksheet,
        header_row,
        COLUMN_HEADERS,
        [describe_column(column, form) for column in form.columns],
    )
    if choices := list_choice_lines(form):
        _write_table(writer, worksheet, row + 1, CHOICE_HEADERS, choices)
    set_up_page(worksheet, header_row=header_row)
    worksheet.protect()


def add_register_instructions(
    writer: WorkbookWriter, book: Book, registers: Sequence[Form]
) -> None:
    """Add the sheet that says how to fill the registers of a workbook."""
    worksheet = _add_titled_sheet(writer, REGISTER_INSTRUCTIONS_SHEET, REGISTER_INSTRUCTIONS_SHEET)
    steps = list(compose_register_steps(book, registers))
    header_row = _write_paragraphs(writer, worksheet, steps)
    titled_lines = [(form.title, line) for form in registers for line in describe_register(form)]
    _write_table(
        writer,
        worksheet,
        header_row,
        COLUMN_HEADERS,
        [line for _, line in titled_lines],
    )
    page_points = compute_page_height(_COLUMN_WIDTHS) - _HEADER_HEIGHT
    points_above = _TITLE_HEIGHT + sum(map(_measure_paragraph, steps)) + _GAP
    heights = [_measure_line(line) for _, line in titled_lines]
    page_breaks = find_row_breaks(
        [title for title, _ in titled_lines],
        heights,
        PageSpace(page_points - points_above, page_points),
    )
    check_result(
        worksheet.set_h_pagebreaks([header_row + 1 + page_break for page_break in page_breaks])
    )
    layout = lay_out_pages(_COLUMN_WIDTHS, has_row_breaks=bool(page_breaks))
    set_up_page(worksheet, header_row=header_row, layout=layout)
    worksheet.protect()


def _add_titled_sheet(writer: WorkbookWriter, name: str, title: str) -> TableWorksheet:
    worksheet = writer.add_sheet(name)
    for column, width in enumerate(_COLUMN_WIDTHS):
        check_result(worksheet.set_column(column, column, width))
    last_column = len(_COLUMN_WIDTHS) - 1
    title_style = writer.get_format("title")
    check_result(worksheet.merge_range(0, 0, 0, last_column, "", title_style))
    check_result(worksheet.write_string(0, 0, title, title_style))
    worksheet.set_row(0, _TITLE_HEIGHT)
    return worksheet


def _write_paragraphs(
    writer: WorkbookWriter, worksheet: TableWorksheet, lines: Iterable[str]
) -> int:
    """Write each line below the title; return the row after them and a gap (0-based)."""
    style = writer.get_format()
    row = 0
    for row, line in enumerate(lines, 1):
        check_result(worksheet.merge_range(row, 0, row, len(_COLUMN_WIDTHS) - 1, "", style))
        check_result(worksheet.write_string(row, 0, line, style))
        worksheet.set_row(row, _measure_paragraph(line))
    return row + 2


def _measure_paragraph(line: str) -> float:
    return styles.compute_row_height([(line, sum(_COLUMN_WIDTHS))]) + 4


def _write_table(
    writer: WorkbookWriter,
    worksheet: TableWorksheet,
    row: int,
    headers: InstructionLine,
    lines: Sequence[InstructionLine],
) -> int:
    """Draw one table from ``row`` (0-based) on; return the row after it."""
    for column, header in enumerate(headers):
        check_result(worksheet.write_string(row, column, header, writer.get_format("head")))
    worksheet.set_row(row, _HEADER_HEIGHT)
    for line in lines:
        row += 1
        if len(line) == 1:
            style = writer.get_format("locked", bold=True)
            check_result(worksheet.merge_range(row, 0, row, len(headers) - 1, "", style))
        else:
            style = writer.get_format("body")
        for column, text in enumerate(line):
            check_result(worksheet.write_string(row, column, text, style))
        worksheet.set_row(row, _measure_line(line))
    return row + 1


def _measure_line(line: InstructionLine) -> float:
    if len(line) == 1:
        return _measure_paragraph(line[0])
    return styles.compute_row_height(zip(line, _COLUMN_WIDTHS, strict=False))
