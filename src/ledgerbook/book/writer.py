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
from ledgerbook.book.issued_forms import issued_facts
from ledgerbook.book.reference_figures import reference_rows
from ledgerbook.book.schema import FIRST_ROW, HEAD_ROW, BookColumn, BookSheet, EntryType
from ledgerbook.deadlines import describe
from ledgerbook.excel import styles as look
from ledgerbook.excel.deterministic_zip import to_bytes
from ledgerbook.model import Book, Form, Question, Role, Section, Task
from ledgerbook.plan import asks_which_sections
from ledgerbook.text import cell_text, escaped

if TYPE_CHECKING:
    from openpyxl.cell.cell import Cell, MergedCell
    from openpyxl.worksheet.worksheet import Worksheet


_LINE = Side(style="thin", color=look.LINE[1:])
_BOX = Border(left=_LINE, right=_LINE, top=_LINE, bottom=_LINE)
_MIDDLE = Alignment(horizontal="left", vertical="center", wrap_text=True)
_CENTER = Alignment(horizontal="center", vertical="center", wrap_text=True)
_DATE_FORMAT = "yyyy-mm-dd"
_CODE = "编码"
_OPEN_FILL = "FCE4D6"
# The title of a prompt may have so many characters.
_TITLE = 32


def book_bytes(book: Book) -> bytes:
    """Return the book as the bytes of an .xlsx file; same book, same bytes.

    Raises InputError for more sections than a sheet of Excel has columns for.
    """
    sheets.check_room(len(book.sections))
    workbook = Workbook()
    del workbook["Sheet"]
    for layout, rows in contents(book):
        _draw(workbook.create_sheet(layout.name), layout, list(rows))
    _matrix_rules(workbook[sheets.MATRIX.name], book)
    _highlight(workbook[sheets.TASKS.name], book)
    _offer_sections(workbook[sheets.QUESTIONS.name], book)
    _marks(workbook.create_sheet(identity.MARK_SHEET), book)
    workbook.properties.title = f"{book.agency}{book.year}年{book.form.title}"
    workbook.properties.creator = identity.KEYWORD
    workbook.properties.keywords = identity.keywords("台账", f"book={book.book_id}")
    return to_bytes(workbook)


def _draw(sheet: Worksheet, layout: BookSheet, rows: Sequence[Sequence[Value]]) -> None:
    _head(sheet, layout)
    last = FIRST_ROW + len(rows) + layout.spare - 1
    for offset in range(len(rows) + layout.spare):
        values = rows[offset] if offset < len(rows) else [None] * len(layout.fields)
        _row(sheet, FIRST_ROW + offset, layout, values)
    for column, field in enumerate(layout.fields, 1):
        letter = get_column_letter(column)
        sheet.column_dimensions[letter].width = field.width
        sheet.column_dimensions[letter].hidden = field.hidden
        if last >= FIRST_ROW:
            _validate(sheet, f"{letter}{FIRST_ROW}:{letter}{last}", field)
    _protect(sheet)
    _page(sheet)
    visible = sum(1 for field in layout.fields if not field.hidden)
    end = f"{get_column_letter(visible)}{max(HEAD_ROW, FIRST_ROW + len(rows) - 1)}"
    sheet.print_area = f"A1:{end}"


def _font(name: str, size: float, color: str | None = None) -> Font:
    family = look.FAMILIES[name]
    return Font(name, size, family=family, charset=look.CHARSET, color=color)


def _head(sheet: Worksheet, layout: BookSheet) -> None:
    visible = [field for field in layout.fields if not field.hidden]
    width = sum(field.width for field in visible)
    lines = (
        (sheets.TITLE_ROW, layout.title, _font(look.TITLE_FONT, 16), _CENTER),
        (
            sheets.NOTE_ROW,
            layout.note,
            _font(look.BODY_FONT, look.NOTE_SIZE, look.GREY_INK[1:]),
            _MIDDLE,
        ),
    )
    for row, text, font, alignment in lines:
        cell = sheet.cell(row, 1, text)
        cell.font, cell.alignment = font, alignment
        sheet.merge_cells(
            start_row=row, start_column=1, end_row=row, end_column=len(visible)
        )
    sheet.row_dimensions[sheets.TITLE_ROW].height = 30
    sheet.row_dimensions[sheets.NOTE_ROW].height = look.row_height(
        [(layout.note, width)], look.NOTE_SIZE
    )
    for column, field in enumerate(layout.fields, 1):
        cell = sheet.cell(HEAD_ROW, column, escaped(cell_text(field.header)))
        cell.data_type = "s"  # a section may be called "=…"
        cell.font = _font(look.HEAD_FONT, look.HEAD_SIZE)
        cell.fill = PatternFill("solid", fgColor=look.HEAD_FILL[1:])
        cell.alignment, cell.border = _CENTER, _BOX
    sheet.row_dimensions[HEAD_ROW].height = look.row_height(
        [(field.header, field.width) for field in visible]
    )
    sheet.freeze_panes = f"A{FIRST_ROW}"


def _row(
    sheet: Worksheet, row: int, layout: BookSheet, values: Sequence[Value]
) -> None:
    cells = zip(layout.fields, values, strict=True)
    shown: list[tuple[str, float]] = []
    for column, (field, value) in enumerate(cells, 1):
        cell = sheet.cell(row, column)
        if isinstance(value, str) and value:
            # openpyxl would cut a text off without a word. A plan may quote "=…": in
            # the book too, text is text.
            cell.value = escaped(cell_text(value))
            cell.data_type = "s"
        else:
            cell.value = None if value == "" else value
        above = sheet.cell(row - 1, column)
        if row > FIRST_ROW:
            # openpyxl looks each style up by comparing it; one column has one style.
            cell._style = copy(above._style)  # type: ignore[union-attr]  # noqa: SLF001
        else:
            _style(cell, field)
        if not field.hidden:
            shown.append((str(value or ""), field.width))
    sheet.row_dimensions[row].height = look.row_height(shown)


def _style(cell: Cell | MergedCell, field: BookColumn) -> None:
    cell.font = _font(look.BODY_FONT, look.BODY_SIZE)
    cell.border = _BOX
    short = field.entry is not EntryType.TEXT or field.header == _CODE
    cell.alignment = _CENTER if short or field.options else _MIDDLE
    cell.protection = Protection(locked=field.locked)
    if field.locked:
        cell.fill = PatternFill("solid", fgColor=look.LOCKED_FILL[1:])
    if field.entry is EntryType.DATE:
        cell.number_format = _DATE_FORMAT


def _validate(sheet: Worksheet, cells: str, field: BookColumn) -> None:
    if field.options:
        rule = DataValidation(type="list", formula1=f'"{",".join(field.options)}"')
        error = "请从下拉框中选择一项。"
    elif field.entry is EntryType.DATE:
        rule = DataValidation(type="date", operator="greaterThan", formula1="36526")
        error = "请输入一个日期，例如 2022-11-30。"
    elif field.entry is EntryType.NUMBER:
        rule = DataValidation(
            type="whole", operator="between", formula1="1", formula2="9999"
        )
        error = "请输入一个不小于 1 的整数。"
    elif field.entry is EntryType.AMOUNT:
        rule = DataValidation(
            type="decimal", operator="greaterThanOrEqual", formula1="0"
        )
        error = "请输入一个不小于 0 的数。"
    elif field.prompt:
        rule, error = DataValidation(), ""
    else:
        return
    rule.allow_blank = True
    rule.error, rule.errorTitle, rule.showErrorMessage = error, "填写有误", bool(error)
    rule.prompt, rule.promptTitle = field.prompt or None, field.header[:_TITLE]
    rule.showInputMessage = bool(field.prompt)
    rule.add(cells)
    sheet.add_data_validation(rule)


def _protect(sheet: Worksheet) -> None:
    """Guard headers and codes against slips; without a password: it is theirs."""
    sheet.protection.sheet = True
    for allowed in ("formatCells", "formatColumns", "formatRows", "autoFilter"):
        setattr(sheet.protection, allowed, False)


def _page(sheet: Worksheet) -> None:
    sheet.page_setup.orientation = "landscape"
    sheet.page_setup.paperSize = 9
    sheet.page_setup.fitToWidth, sheet.page_setup.fitToHeight = 1, 0
    sheet.sheet_properties.pageSetUpPr = PageSetupProperties(fitToPage=True)
    sheet.print_title_rows = f"{HEAD_ROW}:{HEAD_ROW}"
    sheet.print_options.horizontalCentered = True
    sheet.HeaderFooter.oddFooter = HeaderFooterItem(
        center=_HeaderFooterPart(text="— &P —")
    )


def _matrix_rules(sheet: Worksheet, book: Book) -> None:
    """Turn a cell blue once it says something other than what was parsed."""
    if not book.tasks or not book.sections:
        return
    first = len(sheets.MATRIX.fields) + 1
    count = len(book.sections)
    start, base = get_column_letter(first), get_column_letter(first + count)
    end = get_column_letter(first + count - 1)
    sheet.conditional_formatting.add(
        f"{start}{FIRST_ROW}:{end}{FIRST_ROW + len(book.tasks) - 1}",
        Rule(
            type="expression",
            formula=[f"{start}{FIRST_ROW}<>{base}{FIRST_ROW}"],
            dxf=DifferentialStyle(fill=PatternFill("solid", bgColor="BDD7EE")),
        ),
    )


def _highlight(sheet: Worksheet, book: Book) -> None:
    """Mark the cells that 待确认 asks about; a blank one only until it is filled."""
    columns = {field.header: n for n, field in enumerate(sheets.TASKS.fields, 1)}
    rows = {task.code: FIRST_ROW + n for n, task in enumerate(book.tasks)}
    until_filled = PatternFill("solid", bgColor=_OPEN_FILL)
    for question in book.questions:
        for code in question.tasks if question.field in columns else ():
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


def _offer_sections(sheet: Worksheet, book: Book) -> None:
    """Offer the sections where a question is settled by naming them.

    More than one may be meant, so whatever else is typed is not refused.
    """
    last = FIRST_ROW + max(1, len(book.sections)) - 1
    names = f"{sheets.SECTIONS.name}!$A${FIRST_ROW}:$A${last}"
    rule = DataValidation(type="list", formula1=names, allow_blank=True)
    rule.showErrorMessage = False
    column = get_column_letter(len(sheets.QUESTIONS.fields))
    for row, one in enumerate(book.questions, FIRST_ROW):
        if asks_which_sections(one.field, one.reason):
            rule.add(f"{column}{row}")
    if rule.sqref:
        sheet.add_data_validation(rule)


def _marks(sheet: Worksheet, book: Book) -> None:
    sheet.sheet_state = "veryHidden"
    facts = (
        (sheets.FORMAT_LABEL, sheets.BOOK_FORMAT),
        (sheets.ID_LABEL, book.book_id),
        (sheets.KEY_LABEL, book.key),
        *issued_facts(book.issued),
        *revisions.origin_facts(book.origins),
    )
    for row, fact in enumerate(facts, 1):
        sheet.cell(row, 1, fact[0])
        sheet.cell(row, 2, fact[1])


# Book → the rows of its sheets, before anything is drawn.

Value = str | int | float | date | None


def contents(book: Book) -> Iterator[tuple[BookSheet, Iterable[Sequence[Value]]]]:
    """Yield every sheet that the office sees, in order, with the values of its rows."""
    yield (
        sheets.BASICS,
        [
            *(
                (label, getattr(book, attribute), use)
                for label, (attribute, use) in sheets.BASIC_ITEMS.items()
            ),
            (sheets.UNLOCK_LABEL, identity.sheet_password(book), sheets.UNLOCK_USE),
        ],
    )
    yield (
        sheets.SECTIONS,
        [_section_row(section, book) for section in book.sections],
    )
    yield sheets.ROUNDS, [(r.name, r.due, r.note) for r in book.rounds]
    yield sheets.TASKS, [_task_row(task, book.year) for task in book.tasks]
    yield _matrix_layout(book), [_matrix_row(task, book) for task in book.tasks]
    yield sheets.REGISTERS, [_register_row(form) for form in book.registers]
    yield (
        sheets.FIELDS,
        [
            (form.title, *_plain(forms.column_record(column, form)))
            for form in book.forms
            for column in form.columns
        ],
    )
    yield (
        sheets.CHOICES,
        [
            (form.title, *_plain(record))
            for form in book.forms
            for record in forms.choice_records(form)
        ],
    )
    codes = [task.code for task in book.tasks]
    yield sheets.QUESTIONS, [_question_row(one, codes) for one in book.questions]
    yield sheets.REFERENCE, reference_rows(book)
    if book.retired:
        yield sheets.RETIRED, revisions.retired_rows(book)
    if book.revisions:
        yield sheets.REVISIONS, revisions.revision_rows(book)


def _matrix_layout(book: Book) -> BookSheet:
    """Return the 分工 sheet: a column a section, and a hidden one for its parse."""
    shown = [
        BookColumn(
            name, sheets.MATRIX_WIDTH, options=(*sheets.ROLE_SETS, sheets.NO_ROLE)
        )
        for name in book.section_names
    ]
    parsed = [
        BookColumn(
            sheets.BASELINE + name, sheets.MATRIX_WIDTH, locked=True, hidden=True
        )
        for name in book.section_names
    ]
    base = sheets.MATRIX
    return BookSheet(base.name, base.title, base.note, (*base.fields, *shown, *parsed))


def _plain(record: dict[str, object]) -> list[Value]:
    """Sheet values of a form record; enum members become plain words."""
    return [
        str(value)
        if isinstance(value, str)
        else value
        if isinstance(value, int | float)
        else None
        for value in record.values()
    ]


def _section_row(section: Section, book: Book) -> tuple[Value, ...]:
    titles = [f.title for f in book.registers if f.key in section.registers]
    whole = len(titles) > 1 and len(titles) == len(book.registers)
    owed = sheets.EVERY_REGISTER if whole else "、".join(titles)
    about = section.contact, section.phone, section.email, section.note
    return (section.name, *about, "、".join(section.aliases), owed)


def _register_row(form: Form) -> tuple[Value, ...]:
    told_by = "、".join(form.column(key).header for key in form.identity)
    return form.title, form.key, form.rows, told_by, form.purpose


def _task_row(task: Task, year: int) -> tuple[Value, ...]:
    return (
        task.code,
        task.number,
        task.requirement,
        task.point,
        task.measure,
        task.units,
        task.limit,
        task.due,
        describe(task.deadline, year),
        task.note,
    )


def _matrix_row(task: Task, book: Book) -> tuple[Value, ...]:
    made = {mine.section: mine.roles for mine in task.by_hand}
    shown: list[str] = []
    parsed: list[str] = []
    for name in book.section_names:
        held = {a.role for a in task.parsed if a.section == name}
        parsed.append("、".join(role for role in Role if role in held))
        own = made.get(name)
        shown.append(parsed[-1] if own is None else "、".join(own) or sheets.NO_ROLE)
    return (task.code, task.number, task.measure, task.units, *shown, *parsed)


def _question_row(question: Question, codes: Sequence[str]) -> tuple[Value, ...]:
    return (
        sheets.runs_text(question.tasks, codes),
        question.field,
        question.found,
        question.reason,
        question.advice,
        question.decision,
    )
