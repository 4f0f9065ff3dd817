"""Book → 台账.xlsx, a workbook the office can work in: prompts, drop-downs, locks."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Sequence
from copy import copy
from datetime import date
from typing import TYPE_CHECKING

from openpyxl import Workbook
from openpyxl.formatting.rule import Rule
from openpyxl.styles import Alignment, Border, Font, PatternFill, Protection, Side
from openpyxl.styles.differential import DifferentialStyle
from openpyxl.utils import get_column_letter
from openpyxl.worksheet.datavalidation import DataValidation
from openpyxl.worksheet.header_footer import HeaderFooterItem, _HeaderFooterPart
from openpyxl.worksheet.properties import PageSetupProperties

from ledgerbook import forms, identity
from ledgerbook.book import revisions
from ledgerbook.book import schema as sheets
from ledgerbook.book.issued_forms import make_issued_form_facts
from ledgerbook.book.reference_figures import build_reference_rows
from ledgerbook.book.schema import FIRST_DATA_ROW, HEADER_ROW, BookColumn, BookSheet, EntryType
from ledgerbook.deadlines import describe_deadline
from ledgerbook.excel import styles as look
from ledgerbook.excel.deterministic_zip import serialize_workbook
from ledgerbook.excel.limits import MAX_INPUT_TITLE, truncate
from ledgerbook.model import Book, Form, Question, Role, Section, Task
from ledgerbook.plan import is_section_question
from ledgerbook.text import escape_ooxml, fit_to_cell

if TYPE_CHECKING:
    from openpyxl.cell.cell import Cell, MergedCell
    from openpyxl.worksheet.worksheet import Worksheet


_THIN_LINE = Side(style="thin", color=look.BORDER_COLOR[1:])
_CELL_BORDER = Border(left=_THIN_LINE, right=_THIN_LINE, top=_THIN_LINE, bottom=_THIN_LINE)
_LEFT_ALIGNED = Alignment(horizontal="left", vertical="center", wrap_text=True)
_CENTERED = Alignment(horizontal="center", vertical="center", wrap_text=True)
_DATE_FORMAT = "yyyy-mm-dd"
_CODE_HEADER = "编码"
_OPEN_FILL = "FCE4D6"


def build_book_bytes(book: Book) -> bytes:
    """Return the book as the bytes of an .xlsx file; same book, same bytes.

    Raises InputError for more sections than a sheet of Excel has columns for.
    """
    sheets.check_section_count(len(book.sections))
    workbook = Workbook()
    del workbook["Sheet"]
    for layout, rows in iter_sheet_rows(book):
        _write_sheet(workbook.create_sheet(layout.name), layout, list(rows))
    _add_matrix_formatting(workbook[sheets.MATRIX.name], book)
    _highlight_questions(workbook[sheets.TASKS.name], book)
    _add_section_choices(workbook[sheets.QUESTIONS.name], book)
    _write_hidden_facts(workbook.create_sheet(identity.MARK_SHEET), book)
    workbook.properties.title = f"{book.agency}{book.year}年{book.task_form.title}"
    workbook.properties.creator = identity.KEYWORD
    workbook.properties.keywords = identity.format_keywords("台账", f"book={book.book_id}")
    return serialize_workbook(workbook)


def _write_sheet(
    sheet: Worksheet, layout: BookSheet, rows: Sequence[Sequence[BookCellValue]]
) -> None:
    _write_header(sheet, layout)
    last = FIRST_DATA_ROW + len(rows) + layout.spare_rows - 1
    for offset in range(len(rows) + layout.spare_rows):
        values = rows[offset] if offset < len(rows) else [None] * len(layout.columns)
        _write_row(sheet, FIRST_DATA_ROW + offset, layout, values)
    for column, field in enumerate(layout.columns, 1):
        letter = get_column_letter(column)
        sheet.column_dimensions[letter].width = field.width
        sheet.column_dimensions[letter].hidden = field.is_hidden
        if last >= FIRST_DATA_ROW:
            _add_validation(sheet, f"{letter}{FIRST_DATA_ROW}:{letter}{last}", field)
    _protect_sheet(sheet)
    _set_up_page(sheet)
    visible = sum(1 for field in layout.columns if not field.is_hidden)
    end = f"{get_column_letter(visible)}{max(HEADER_ROW, FIRST_DATA_ROW + len(rows) - 1)}"
    sheet.print_area = f"A1:{end}"


def _make_font(name: str, size: float, color: str | None = None) -> Font:
    family = look.FONT_FAMILIES[name]
    return Font(name, size, family=family, charset=look.FONT_CHARSET, color=color)


def _write_header(sheet: Worksheet, layout: BookSheet) -> None:
    visible = [field for field in layout.columns if not field.is_hidden]
    width = sum(field.width for field in visible)
    lines = (
        (sheets.TITLE_ROW, layout.title, _make_font(look.TITLE_FONT, 16), _CENTERED),
        (
            sheets.NOTE_ROW,
            layout.note,
            _make_font(look.BODY_FONT, look.NOTE_SIZE, look.GREY_TEXT_COLOR[1:]),
            _LEFT_ALIGNED,
        ),
    )
    for row, text, font, alignment in lines:
        cell = sheet.cell(row, 1, text)
        cell.font, cell.alignment = font, alignment
        sheet.merge_cells(start_row=row, start_column=1, end_row=row, end_column=len(visible))
    sheet.row_dimensions[sheets.TITLE_ROW].height = 30
    sheet.row_dimensions[sheets.NOTE_ROW].height = look.compute_row_height(
        [(layout.note, width)], look.NOTE_SIZE
    )
    for column, field in enumerate(layout.columns, 1):
        cell = sheet.cell(HEADER_ROW, column, escape_ooxml(fit_to_cell(field.header)))
        cell.data_type = "s"  # a section may be called "=…"
        cell.font = _make_font(look.HEADER_FONT, look.HEADER_SIZE)
        cell.fill = PatternFill("solid", fgColor=look.HEADER_FILL[1:])
        cell.alignment, cell.border = _CENTERED, _CELL_BORDER
    sheet.row_dimensions[HEADER_ROW].height = look.compute_row_height(
        [(field.header, field.width) for field in visible]
    )
    sheet.freeze_panes = f"A{FIRST_DATA_ROW}"


def _write_row(
    sheet: Worksheet, row: int, layout: BookSheet, values: Sequence[BookCellValue]
) -> None:
    cells = zip(layout.columns, values, strict=True)
    texts_and_widths: list[tuple[str, float]] = []
    for column, (field, value) in enumerate(cells, 1):
        cell = sheet.cell(row, column)
        if isinstance(value, str) and value:
            # openpyxl would cut a text off without a word. A plan may quote "=…": in
            # the book too, text is text.
            cell.value = escape_ooxml(fit_to_cell(value))
            cell.data_type = "s"
        else:
            cell.value = None if value == "" else value
        cell_above = sheet.cell(row - 1, column)
        if row > FIRST_DATA_ROW:
            # openpyxl looks each style up by comparing it; one column has one style.
            cell._style = copy(cell_above._style)  # type: ignore[union-attr]  # noqa: SLF001
        else:
            _style_cell(cell, field)
        if not field.is_hidden:
            texts_and_widths.append((str(value or ""), field.width))
    sheet.row_dimensions[row].height = look.compute_row_height(texts_and_widths)


def _style_cell(cell: Cell | MergedCell, field: BookColumn) -> None:
    cell.font = _make_font(look.BODY_FONT, look.BODY_SIZE)
    cell.border = _CELL_BORDER
    is_short = field.entry_type is not EntryType.TEXT or field.header == _CODE_HEADER
    cell.alignment = _CENTERED if is_short or field.options else _LEFT_ALIGNED
    cell.protection = Protection(locked=field.is_locked)
    if field.is_locked:
        cell.fill = PatternFill("solid", fgColor=look.LOCKED_FILL[1:])
    if field.entry_type is EntryType.DATE:
        cell.number_format = _DATE_FORMAT


def _add_validation(sheet: Worksheet, cells: str, field: BookColumn) -> None:
    if field.options:
        rule = DataValidation(type="list", formula1=f'"{",".join(field.options)}"')
        error = "请从下拉框中选择一项。"
    elif field.entry_type is EntryType.DATE:
        rule = DataValidation(type="date", operator="greaterThan", formula1="36526")
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
    rule.prompt, rule.promptTitle = (
        field.prompt or None,
        truncate(field.header, MAX_INPUT_TITLE),
    )
    rule.showInputMessage = bool(field.prompt)
    rule.add(cells)
    sheet.add_data_validation(rule)


def _protect_sheet(sheet: Worksheet) -> None:
    """Guard headers and codes against slips; without a password: it is theirs."""
    sheet.protection.sheet = True
    for permission in ("formatCells", "formatColumns", "formatRows", "autoFilter"):
        setattr(sheet.protection, permission, False)


def _set_up_page(sheet: Worksheet) -> None:
    sheet.page_setup.orientation = "landscape"
    sheet.page_setup.paperSize = 9
    sheet.page_setup.fitToWidth, sheet.page_setup.fitToHeight = 1, 0
    sheet.sheet_properties.pageSetUpPr = PageSetupProperties(fitToPage=True)
    sheet.print_title_rows = f"{HEADER_ROW}:{HEADER_ROW}"
    sheet.print_options.horizontalCentered = True
    sheet.HeaderFooter.oddFooter = HeaderFooterItem(center=_HeaderFooterPart(text="— &P —"))


def _add_matrix_formatting(sheet: Worksheet, book: Book) -> None:
    """Turn a cell blue once it says something other than what was parsed."""
    if not book.tasks or not book.sections:
        return
    first_column = len(sheets.MATRIX.columns) + 1
    section_count = len(book.sections)
    first_letter, parsed_letter = (
        get_column_letter(first_column),
        get_column_letter(first_column + section_count),
    )
    last_letter = get_column_letter(first_column + section_count - 1)
    sheet.conditional_formatting.add(
        f"{first_letter}{FIRST_DATA_ROW}:{last_letter}{FIRST_DATA_ROW + len(book.tasks) - 1}",
        Rule(
            type="expression",
            formula=[f"{first_letter}{FIRST_DATA_ROW}<>{parsed_letter}{FIRST_DATA_ROW}"],
            dxf=DifferentialStyle(fill=PatternFill("solid", bgColor="BDD7EE")),
        ),
    )


def _highlight_questions(sheet: Worksheet, book: Book) -> None:
    """Mark the cells that 待确认 asks about; a blank one only until it is filled."""
    columns = {field.header: n for n, field in enumerate(sheets.TASKS.columns, 1)}
    rows = {task.code: FIRST_DATA_ROW + n for n, task in enumerate(book.tasks)}
    until_filled = PatternFill("solid", bgColor=_OPEN_FILL)
    for question in book.questions:
        for code in question.task_codes if question.field in columns else ():
            cell = sheet.cell(rows[code], columns[question.field])
            if cell.value is not None:
                cell.fill = PatternFill("solid", fgColor=_OPEN_FILL)
                continue
            rule = Rule(
                type="containsBlanks",
                formula=[f"LEN(TRIM({cell.coordinate}))=0"],
                dxf=DifferentialStyle(fill=until_filled),
            )
            sheet.conditional_formatting.add(cell.coordinate, rule)


def _add_section_choices(sheet: Worksheet, book: Book) -> None:
    """Offer the sections where a question is settled by naming them.

    More than one may be meant, so whatever else is typed is not refused.
    """
    last = FIRST_DATA_ROW + max(1, len(book.sections)) - 1
    names = f"{sheets.SECTIONS.name}!$A${FIRST_DATA_ROW}:$A${last}"
    rule = DataValidation(type="list", formula1=names, allow_blank=True)
    rule.showErrorMessage = False
    column = get_column_letter(len(sheets.QUESTIONS.columns))
    for row, question in enumerate(book.questions, FIRST_DATA_ROW):
        if is_section_question(question.field, question.reason):
            rule.add(f"{column}{row}")
    if rule.sqref:
        sheet.add_data_validation(rule)


def _write_hidden_facts(sheet: Worksheet, book: Book) -> None:
    sheet.sheet_state = "veryHidden"
    facts = (
        (sheets.FORMAT_LABEL, sheets.BOOK_FORMAT),
        (sheets.ID_LABEL, book.book_id),
        (sheets.KEY_LABEL, book.key),
        *make_issued_form_facts(book.issued_forms),
        *revisions.make_origin_facts(book.original_wordings),
    )
    for row, fact in enumerate(facts, 1):
        sheet.cell(row, 1, fact[0])
        sheet.cell(row, 2, fact[1])


# Book → the rows of its sheets, before anything is drawn.

BookCellValue = str | int | float | date | None


def iter_sheet_rows(
    book: Book,
) -> Iterator[tuple[BookSheet, Iterable[Sequence[BookCellValue]]]]:
    """Yield every sheet that the office sees, in order, with the values of its rows."""
    yield (
        sheets.BASICS,
        [
            *(
                (label, getattr(book, attribute), purpose)
                for label, (attribute, purpose) in sheets.BASIC_ITEMS.items()
            ),
            (
                sheets.UNLOCK_LABEL,
                identity.derive_sheet_password(book),
                sheets.UNLOCK_NOTE,
            ),
        ],
    )
    yield (
        sheets.SECTIONS,
        [_build_section_row(section, book) for section in book.sections],
    )
    yield (
        sheets.ROUNDS,
        [(round_.name, round_.due, round_.note) for round_ in book.rounds],
    )
    yield sheets.TASKS, [_build_task_row(task, book.year) for task in book.tasks]
    yield (
        _build_matrix_layout(book),
        [_build_matrix_row(task, book) for task in book.tasks],
    )
    yield sheets.REGISTERS, [_build_register_row(form) for form in book.registers]
    yield (
        sheets.FIELDS,
        [
            (form.title, *_to_cell_values(forms.build_column_record(column, form)))
            for form in book.forms
            for column in form.columns
        ],
    )
    yield (
        sheets.CHOICES,
        [
            (form.title, *_to_cell_values(record))
            for form in book.forms
            for record in forms.iter_choice_records(form)
        ],
    )
    codes = [task.code for task in book.tasks]
    yield (
        sheets.QUESTIONS,
        [_build_question_row(question, codes) for question in book.questions],
    )
    yield sheets.REFERENCE, build_reference_rows(book)
    if book.retired_tasks:
        yield sheets.RETIRED, revisions.build_retired_rows(book)
    if book.revisions:
        yield sheets.REVISIONS, revisions.build_revision_rows(book)


def _build_matrix_layout(book: Book) -> BookSheet:
    """Return the 分工 sheet: a column a section, and a hidden one for its parse."""
    section_columns = [
        BookColumn(
            name,
            sheets.MATRIX_WIDTH,
            options=(*sheets.ROLE_COMBINATIONS, sheets.NO_ROLE),
        )
        for name in book.section_names
    ]
    parsed_columns = [
        BookColumn(
            sheets.PARSED_PREFIX + name,
            sheets.MATRIX_WIDTH,
            is_locked=True,
            is_hidden=True,
        )
        for name in book.section_names
    ]
    base_layout = sheets.MATRIX
    return BookSheet(
        base_layout.name,
        base_layout.title,
        base_layout.note,
        (*base_layout.columns, *section_columns, *parsed_columns),
    )


def _to_cell_values(record: dict[str, object]) -> list[BookCellValue]:
    """Sheet values of a form record; enum members become plain words."""
    return [
        str(value) if isinstance(value, str) else value if isinstance(value, int | float) else None
        for value in record.values()
    ]


def _build_section_row(section: Section, book: Book) -> tuple[BookCellValue, ...]:
    titles = [form.title for form in book.registers if form.key in section.register_keys]
    has_all_registers = len(titles) > 1 and len(titles) == len(book.registers)
    registers_text = sheets.ALL_REGISTERS if has_all_registers else "、".join(titles)
    contact_texts = section.contact, section.phone, section.email, section.note
    return (section.name, *contact_texts, "、".join(section.aliases), registers_text)


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


def _build_matrix_row(task: Task, book: Book) -> tuple[BookCellValue, ...]:
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
            else "、".join(section_override) or sheets.NO_ROLE
        )
    return (
        task.code,
        task.number,
        task.measure,
        task.units,
        *displayed_texts,
        *parsed_texts,
    )


def _build_question_row(question: Question, codes: Sequence[str]) -> tuple[BookCellValue, ...]:
    return (
        sheets.format_code_ranges(question.task_codes, codes),
        question.field,
        question.current_value,
        question.reason,
        question.advice,
        question.decision,
    )
