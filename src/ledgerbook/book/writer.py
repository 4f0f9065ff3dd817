"""Write a Book as 台账.xlsx, with drop-down lists, input messages, colours and locks.

The first part formats the workbook with openpyxl; the second, from
:func:`iter_sheet_rows` on, turns the book into rows of values.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Sequence
from copy import copy
from datetime import date
from typing import TYPE_CHECKING

from openpyxl import Workbook
from openpyxl.formatting.rule import Rule
from openpyxl.styles import Alignment, Border, Font, PatternFill, Protection, Side
from openpyxl.styles.differential import DifferentialStyle
from openpyxl.utils.indexed_list import IndexedList
from openpyxl.workbook.properties import CalcProperties
from openpyxl.workbook.protection import WorkbookProtection
from openpyxl.worksheet.datavalidation import DataValidation
from openpyxl.worksheet.header_footer import HeaderFooterItem, _HeaderFooterPart
from openpyxl.worksheet.properties import PageSetupProperties

from ledgerbook import forms, identity
from ledgerbook.a1_references import format_area_reference, format_column_letters
from ledgerbook.book import revisions, schema
from ledgerbook.book.issue_records import iter_record_rows
from ledgerbook.book.issued_forms import make_issued_form_facts
from ledgerbook.book.office_sheets import (
    build_entry_rows,
    build_note_rows,
    build_registration_rows,
)
from ledgerbook.book.package_rows import CellsByHeader
from ledgerbook.book.reference_figures import build_reference_rows
from ledgerbook.book.reminder_records import iter_reminder_rows
from ledgerbook.book.schema import FIRST_DATA_ROW, HEADER_ROW, BookColumn, BookSheet, EntryType
from ledgerbook.deadlines import describe_deadline
from ledgerbook.excel import styles
from ledgerbook.excel.deterministic_zip import serialize_workbook
from ledgerbook.excel.limits import MAX_INPUT_TITLE, truncate
from ledgerbook.excel.workbook_writer import CALCULATION_ID
from ledgerbook.model import Book, Form, Question, Role, Section, Task
from ledgerbook.plan import NOT_OF_AGENCY, asks_which_sections, list_asked_names
from ledgerbook.text import escape_ooxml, fit_to_cell

if TYPE_CHECKING:
    from openpyxl.cell.cell import Cell, MergedCell
    from openpyxl.worksheet.worksheet import Worksheet


_THIN_LINE = Side(style="thin", color=styles.BORDER_COLOR[1:])
_CELL_BORDER = Border(left=_THIN_LINE, right=_THIN_LINE, top=_THIN_LINE, bottom=_THIN_LINE)
_LEFT_ALIGNED = Alignment(horizontal="left", vertical="center", wrap_text=True)
_CENTERED = Alignment(horizontal="center", vertical="center", wrap_text=True)
_DATE_FORMAT = "yyyy-mm-dd"
# 2000-01-01 as an Excel serial date.
_MIN_DATE_SERIAL = "36526"
_CODE_HEADER = "编码"
_PRINTED_SPARE_ROWS = 30
# Fill colours (RGB): cells that 待确认 asks about, and overridden cells of 分工.
_OPEN_FILL = "FCE4D6"
_OVERRIDE_FILL = "BDD7EE"


def build_book_bytes(book: Book) -> bytes:
    """Return the book as the bytes of an .xlsx file; equal books give equal bytes.

    Raises InputError when the sections need more columns than an Excel sheet has.
    """
    schema.check_section_count(len(book.sections))
    workbook = Workbook()
    del workbook["Sheet"]
    _set_normal_font(workbook)
    # There is no formula in its cells: Excel need not ask on closing whether to save results.
    workbook.calculation = CalcProperties(calcId=CALCULATION_ID, fullCalcOnLoad=False)
    for layout, rows in iter_sheet_rows(book):
        _write_sheet(workbook.create_sheet(layout.name), layout, list(rows))
    _add_matrix_formatting(workbook[schema.MATRIX.name], book)
    _highlight_questions(workbook[schema.TASKS.name], book)
    _add_section_choices(workbook[schema.QUESTIONS.name], book)
    _write_hidden_facts(workbook.create_sheet(identity.MARK_SHEET), book)
    # Without a password: it keeps sheets from being renamed or deleted by mistake.
    workbook.security = WorkbookProtection(lockStructure=True)
    workbook.properties.title = f"{book.agency}{book.year}年{book.task_form.title}"
    workbook.properties.creator = identity.KEYWORD
    workbook.properties.keywords = identity.format_keywords(
        identity.OutputKind.BOOK, f"book={book.book_id}"
    )
    return serialize_workbook(workbook)


def _set_normal_font(workbook: Workbook) -> None:
    """Set the font by which Excel measures the columns: that of Normal and of plain cells."""
    font = _make_font(styles.NORMAL_FONT, styles.NORMAL_SIZE)
    # openpyxl has no public way.
    vars(workbook)["_fonts"] = IndexedList([font])
    vars(workbook)["_named_styles"]["Normal"].font = font


def _write_sheet(
    sheet: Worksheet, layout: BookSheet, rows: Sequence[Sequence[BookCellValue]]
) -> None:
    """Write title, header, rows and spare rows of a sheet, and set up its page."""
    _write_header(sheet, layout)
    last = FIRST_DATA_ROW + len(rows) + layout.spare_rows - 1
    for offset in range(len(rows) + layout.spare_rows):
        values = rows[offset] if offset < len(rows) else [None] * len(layout.columns)
        _write_row(sheet, FIRST_DATA_ROW + offset, layout, values)
    for column, field in enumerate(layout.columns, 1):
        letter = format_column_letters(column - 1)
        sheet.column_dimensions[letter].width = field.width
        sheet.column_dimensions[letter].hidden = field.is_hidden
        if last >= FIRST_DATA_ROW:
            _add_validation(sheet, f"{letter}{FIRST_DATA_ROW}:{letter}{last}", field)
    _protect_sheet(sheet)
    _set_up_page(sheet)
    if all(field.is_locked for field in layout.columns):
        # Lines are appended to it later, and hidden columns are not printed in any case.
        return
    visible = sum(1 for field in layout.columns if not field.is_hidden)
    # What the office will type on a sheet without rows yet is printed too, on one page.
    printed_rows = len(rows) or min(layout.spare_rows, _PRINTED_SPARE_ROWS)
    last_row = max(HEADER_ROW, FIRST_DATA_ROW + printed_rows - 1)
    sheet.print_area = format_area_reference((0, 0), (last_row - 1, visible - 1))


def _make_font(name: str, size: float, color: str | None = None) -> Font:
    """Return a font with the family and charset that Chinese fonts need."""
    family = styles.FONT_FAMILIES[name]
    return Font(name, size, family=family, charset=styles.FONT_CHARSET, color=color)


def _write_header(sheet: Worksheet, layout: BookSheet) -> None:
    """Write title, note and header row, and freeze them."""
    visible = [field for field in layout.columns if not field.is_hidden]
    width = sum(field.width for field in visible)
    lines = (
        (schema.TITLE_ROW, layout.title, _make_font(styles.TITLE_FONT, 16), _CENTERED),
        (
            schema.NOTE_ROW,
            layout.note,
            _make_font(styles.BODY_FONT, styles.NOTE_SIZE, styles.GREY_TEXT_COLOR[1:]),
            _LEFT_ALIGNED,
        ),
    )
    for row, text, font, alignment in lines:
        cell = sheet.cell(row, 1, text)
        cell.font, cell.alignment = font, alignment
        sheet.merge_cells(start_row=row, start_column=1, end_row=row, end_column=len(visible))
    sheet.row_dimensions[schema.TITLE_ROW].height = 30
    sheet.row_dimensions[schema.NOTE_ROW].height = styles.compute_row_height(
        [(layout.note, width)], styles.NOTE_SIZE
    )
    for column, field in enumerate(layout.columns, 1):
        cell = sheet.cell(HEADER_ROW, column, escape_ooxml(fit_to_cell(field.header)))
        cell.data_type = "s"  # the name of a section may begin with "="
        cell.font = _make_font(styles.HEADER_FONT, styles.HEADER_SIZE)
        cell.fill = PatternFill("solid", fgColor=styles.HEADER_FILL[1:])
        cell.alignment, cell.border = _CENTERED, _CELL_BORDER
    sheet.row_dimensions[HEADER_ROW].height = styles.compute_row_height(
        [(field.header, field.width) for field in visible]
    )
    sheet.freeze_panes = f"A{FIRST_DATA_ROW}"


def _write_row(
    sheet: Worksheet, row: int, layout: BookSheet, values: Sequence[BookCellValue]
) -> None:
    """Write one row with the styles and the height that its texts need."""
    cells = zip(layout.columns, values, strict=True)
    texts_and_widths: list[tuple[str, float]] = []
    for column, (field, value) in enumerate(cells, 1):
        cell = sheet.cell(row, column)
        if isinstance(value, str) and value:
            # openpyxl would cut off a long text silently, and would write a text that
            # begins with "=" as a formula.
            cell.value = escape_ooxml(fit_to_cell(value))
            cell.data_type = "s"
        else:
            cell.value = None if value == "" else value
        cell_above = sheet.cell(row - 1, column)
        if row > FIRST_DATA_ROW:
            # All cells of a column have one style; assigning styles one by one is slow
            # because openpyxl compares each with all others.
            cell._style = copy(cell_above._style)  # type: ignore[union-attr]  # noqa: SLF001
        else:
            _style_cell(cell, field)
        if not field.is_hidden:
            texts_and_widths.append((str(value or ""), field.width))
    sheet.row_dimensions[row].height = styles.compute_row_height(texts_and_widths)


def _style_cell(cell: Cell | MergedCell, field: BookColumn) -> None:
    """Set the style of a cell by its column."""
    cell.font = _make_font(styles.BODY_FONT, styles.BODY_SIZE)
    cell.border = _CELL_BORDER
    is_short = field.entry_type is not EntryType.TEXT or field.header == _CODE_HEADER
    cell.alignment = _CENTERED if is_short or field.options else _LEFT_ALIGNED
    cell.protection = Protection(locked=field.is_locked)
    if field.is_locked:
        cell.fill = PatternFill("solid", fgColor=styles.LOCKED_FILL[1:])
    if field.entry_type is EntryType.DATE:
        cell.number_format = _DATE_FORMAT


def _add_validation(sheet: Worksheet, cells: str, field: BookColumn) -> None:
    """Add a column's input check and input message to the range ``cells``."""
    if field.options:
        rule = DataValidation(type="list", formula1=f'"{",".join(field.options)}"')
        error = "请从下拉框中选择一项。"
    elif field.list_formula:
        rule = DataValidation(type="list", formula1=field.list_formula)
        error = "请从下拉框中选择一项。"
    elif field.entry_type is EntryType.DATE:
        rule = DataValidation(type="date", operator="greaterThan", formula1=_MIN_DATE_SERIAL)
        error = "请输入一个日期，例如 2022-11-30。"
    elif field.entry_type is EntryType.NUMBER:
        rule = DataValidation(type="whole", operator="between", formula1="1", formula2="9999")
        error = "请输入一个不小于 1 的整数。"
    elif field.entry_type is EntryType.AMOUNT:
        rule = DataValidation(type="decimal", operator="greaterThanOrEqual", formula1="0")
        error = "请输入一个不小于 0 的数。"
    elif field.prompt:
        rule, error = DataValidation(), ""
    else:
        return
    rule.allow_blank = True
    rule.error, rule.errorTitle, rule.showErrorMessage = error, "填写有误", bool(error)
    rule.prompt, rule.showInputMessage = field.prompt or None, bool(field.prompt)
    rule.promptTitle = truncate(field.header, MAX_INPUT_TITLE)
    rule.add(cells)
    sheet.add_data_validation(rule)


def _protect_sheet(sheet: Worksheet) -> None:
    """Protect locked cells against accidental edits.

    There is no password: the office may unlock its own book.
    """
    sheet.protection.sheet = True
    for permission in ("formatCells", "formatColumns", "formatRows", "autoFilter"):
        setattr(sheet.protection, permission, False)


def _set_up_page(sheet: Worksheet) -> None:
    """Set up printing: A4 landscape, fitted to one page in width, with page numbers."""
    sheet.page_setup.orientation = "landscape"
    sheet.page_setup.paperSize = 9
    sheet.page_setup.fitToWidth, sheet.page_setup.fitToHeight = 1, 0
    sheet.sheet_properties.pageSetUpPr = PageSetupProperties(fitToPage=True)
    sheet.print_title_rows = f"{HEADER_ROW}:{HEADER_ROW}"
    sheet.print_options.horizontalCentered = True
    sheet.HeaderFooter.oddFooter = HeaderFooterItem(center=_HeaderFooterPart(text="— &P —"))


def _add_matrix_formatting(sheet: Worksheet, book: Book) -> None:
    """Highlight the cells of 分工 that differ from their hidden parsed cells."""
    if not book.tasks or not book.sections:
        return
    first_column = len(schema.MATRIX.columns)
    section_count = len(book.sections)
    first_letter = format_column_letters(first_column)
    parsed_letter = format_column_letters(first_column + section_count)
    last_letter = format_column_letters(first_column + section_count - 1)
    sheet.conditional_formatting.add(
        f"{first_letter}{FIRST_DATA_ROW}:{last_letter}{FIRST_DATA_ROW + len(book.tasks) - 1}",
        Rule(
            type="expression",
            formula=[f"{first_letter}{FIRST_DATA_ROW}<>{parsed_letter}{FIRST_DATA_ROW}"],
            dxf=DifferentialStyle(fill=PatternFill("solid", bgColor=_OVERRIDE_FILL)),
        ),
    )


def _highlight_questions(sheet: Worksheet, book: Book) -> None:
    """Highlight the cells of 任务 that 待确认 asks about; blank ones only until filled in.

    完成期限 is highlighted wherever it and 时限 are blank.
    """
    columns = {field.header: n for n, field in enumerate(schema.TASKS.columns, 1)}
    rows = {task.code: FIRST_DATA_ROW + n for n, task in enumerate(book.tasks)}
    for question in book.questions:
        for code in question.task_codes if question.field in columns else ():
            cell = sheet.cell(rows[code], columns[question.field])
            if cell.value is not None:
                cell.fill = PatternFill("solid", fgColor=_OPEN_FILL)
            elif question.field != "完成期限":
                _highlight_until(sheet, cell.coordinate, f"LEN(TRIM({cell.coordinate}))=0")
    if rows:
        text, due = (format_column_letters(columns[name] - 1) for name in ("时限", "完成期限"))
        _highlight_until(
            sheet,
            f"{due}{FIRST_DATA_ROW}:{due}{FIRST_DATA_ROW + len(rows) - 1}",
            f"LEN(TRIM({text}{FIRST_DATA_ROW}))+LEN(TRIM({due}{FIRST_DATA_ROW}))=0",
        )


def _highlight_until(sheet: Worksheet, cells: str, formula: str) -> None:
    """Highlight ``cells`` as long as ``formula``, for the first of them, is true."""
    fill = DifferentialStyle(fill=PatternFill("solid", bgColor=_OPEN_FILL))
    sheet.conditional_formatting.add(cells, Rule(type="expression", formula=[formula], dxf=fill))


def _add_section_choices(sheet: Worksheet, book: Book) -> None:
    """Add drop-down lists to the questions about names that are no sections.

    A question about several offers the sections, one about other bodies that they are none of
    the agency's. Other input is allowed, because the answer may name several sections.
    """
    last = FIRST_DATA_ROW + max(1, len(book.sections)) - 1
    formulas = {
        True: f"{schema.SECTIONS.name}!$A${FIRST_DATA_ROW}:$A${last}",
        False: f'"{NOT_OF_AGENCY}"',
    }
    column = format_column_letters(len(schema.QUESTIONS.columns) - 1)
    for asks_which, formula in formulas.items():
        rule = DataValidation(type="list", formula1=formula, allow_blank=True)
        rule.showErrorMessage = False
        for row, question in enumerate(book.questions, FIRST_DATA_ROW):
            names = list_asked_names(question.field, question.reason)
            if names and asks_which_sections(question.reason) is asks_which:
                rule.add(f"{column}{row}")
        if rule.sqref:
            sheet.add_data_validation(rule)


def _write_hidden_facts(sheet: Worksheet, book: Book) -> None:
    """Write the facts of the hidden sheet: the name in column A, the value in column B."""
    sheet.sheet_state = "veryHidden"
    facts = (
        (schema.FORMAT_LABEL, schema.BOOK_FORMAT),
        (schema.ID_LABEL, book.book_id),
        (schema.KEY_LABEL, book.key),
        *make_issued_form_facts(book.issued_forms),
        *revisions.make_original_wording_facts(book.original_wordings),
    )
    for row, (name, value) in enumerate(facts, 1):
        sheet.cell(row, 1, name)
        sheet.cell(row, 2, value)


# --- rows of the sheets ---

BookCellValue = str | int | float | date | None


def iter_sheet_rows(
    book: Book,
) -> Iterator[tuple[BookSheet, Iterable[Sequence[BookCellValue]]]]:
    """Yield the visible sheets in order, each with the rows of its values."""
    yield (
        schema.BASICS,
        [
            *(
                (label, getattr(book, attribute), purpose)
                for label, (attribute, purpose) in schema.BASIC_ITEMS.items()
            ),
            (schema.UNLOCK_LABEL, identity.derive_sheet_password(book), schema.UNLOCK_NOTE),
        ],
    )
    yield schema.SECTIONS, [_build_section_row(section, book) for section in book.sections]
    yield schema.ROUNDS, [(round_.name, round_.due, round_.note) for round_ in book.rounds]
    yield schema.TASKS, [_build_task_row(task, book.year) for task in book.tasks]
    yield _build_matrix_layout(book), [build_matrix_row(task, book) for task in book.tasks]
    yield schema.REGISTERS, [_build_register_row(form) for form in book.registers]
    yield (
        schema.FIELDS,
        [
            (form.title, *_to_cell_values(forms.build_column_record(column, form)))
            for form in book.forms
            for column in form.columns
        ],
    )
    yield (
        schema.CHOICES,
        [
            (form.title, *_to_cell_values(record))
            for form in book.forms
            for record in forms.iter_choice_records(form)
        ],
    )
    order = schema.CodeOrder(task.code for task in book.tasks)
    yield schema.QUESTIONS, [_build_question_row(question, order) for question in book.questions]
    if book.is_for_disclosure:
        yield schema.REFERENCE, build_reference_rows(book)
    yield schema.REGISTRATIONS, build_registration_rows(book)
    yield schema.OFFICE_ENTRIES, build_entry_rows(book)
    yield schema.ISSUES, _arrange_rows(schema.ISSUES, iter_record_rows(book, book.issue_records))
    yield (
        schema.OFFICE_NOTES,
        _arrange_rows(schema.OFFICE_NOTES, build_note_rows(book, book.office_notes)),
    )
    yield schema.REMINDERS, _arrange_rows(schema.REMINDERS, iter_reminder_rows(book.reminders))
    if book.retired_tasks:
        yield schema.RETIRED, revisions.build_retired_rows(book)
    if book.revisions:
        yield schema.REVISIONS, revisions.build_revision_rows(book)


def _arrange_rows(
    layout: BookSheet, rows: Iterable[CellsByHeader]
) -> list[tuple[BookCellValue, ...]]:
    """Return the cells of ``rows`` in the order of the sheet's columns."""
    return [tuple(row.get(column.header) for column in layout.columns) for row in rows]


def _build_matrix_layout(book: Book) -> BookSheet:
    """Return the 分工 sheet with a column for each section and a hidden one of its parsed roles.

    The reader takes a cell that differs from its hidden one for an override.
    """
    section_columns = [
        BookColumn(name, schema.MATRIX_WIDTH, options=(*schema.ROLE_COMBINATIONS, schema.NO_ROLE))
        for name in book.section_names
    ]
    parsed_columns = [
        BookColumn(schema.PARSED_PREFIX + name, schema.MATRIX_WIDTH, is_locked=True, is_hidden=True)
        for name in book.section_names
    ]
    base_layout = schema.MATRIX
    return BookSheet(
        base_layout.name,
        base_layout.title,
        base_layout.note,
        (*base_layout.columns, *section_columns, *parsed_columns),
    )


def _to_cell_values(record: dict[str, object]) -> list[BookCellValue]:
    """Return the cell values of a form record; enum members become plain strings."""
    return [
        str(value) if isinstance(value, str) else value if isinstance(value, int | float) else None
        for value in record.values()
    ]


def _build_section_row(section: Section, book: Book) -> tuple[BookCellValue, ...]:
    titles = [form.title for form in book.registers if form.key in section.register_keys]
    has_all_registers = len(titles) > 1 and len(titles) == len(book.registers)
    registers_text = schema.ALL_REGISTERS if has_all_registers else "、".join(titles)
    return (
        section.name,
        section.contact,
        section.phone,
        section.email,
        section.note,
        "、".join(section.aliases),
        registers_text,
    )


def _build_register_row(form: Form) -> tuple[BookCellValue, ...]:
    identity_headers = "、".join(form.get_column(key).header for key in form.identity)
    return form.title, form.key, form.rows, identity_headers, form.purpose


def _build_task_row(task: Task, year: int) -> tuple[BookCellValue, ...]:
    return (
        task.code,
        task.number,
        task.requirement,
        task.point,
        task.measure,
        task.units,
        task.deadline_text,
        task.due,
        describe_deadline(task.deadline, year),
        task.note,
    )


def build_matrix_row(task: Task, book: Book) -> tuple[BookCellValue, ...]:
    """Return a row of 分工: the roles in force by section, then the parsed ones."""
    override_roles = {override.section: override.roles for override in task.assignment_overrides}
    displayed_texts: list[str] = []
    parsed_texts: list[str] = []
    for name in book.section_names:
        parsed_roles = {
            assignment.role for assignment in task.parsed_assignments if assignment.section == name
        }
        parsed_texts.append("、".join(role for role in Role if role in parsed_roles))
        section_override = override_roles.get(name)
        displayed_texts.append(
            parsed_texts[-1]
            if section_override is None
            else "、".join(section_override) or schema.NO_ROLE
        )
    return (task.code, task.number, task.measure, task.units, *displayed_texts, *parsed_texts)


def _build_question_row(question: Question, order: schema.CodeOrder) -> tuple[BookCellValue, ...]:
    return (
        schema.format_code_ranges(question.task_codes, order),
        question.field,
        question.current_value,
        question.reason,
        question.advice,
        question.decision,
    )
