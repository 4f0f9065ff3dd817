"""Build the workbooks of one round: one for each section, 总台账 with all, and 签发清单.

Same book, day and answers give the same bytes.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable, Mapping, Sequence
from dataclasses import dataclass
from datetime import date
from functools import partial

from ledgerbook import identity
from ledgerbook.excel import styles
from ledgerbook.excel.names import make_sheet_names
from ledgerbook.excel.workbook_writer import (
    DATE_FORMAT,
    WorkbookWriter,
    check_result,
    report_refusals,
    set_up_page,
)
from ledgerbook.identity import OutputKind, seal_package
from ledgerbook.issue.baseline import make_issued_values
from ledgerbook.issue.fixed_texts import list_fixed_texts
from ledgerbook.issue.hidden_sheets import add_choice_sheet, add_mark_sheet
from ledgerbook.issue.instructions import add_instructions, add_register_instructions
from ledgerbook.issue.layout import (
    CORRECTIONS_SHEET,
    INSTRUCTIONS_SHEET,
    REGISTER_INSTRUCTIONS_SHEET,
    PrefilledAnswers,
    SheetContent,
)
from ledgerbook.issue.register_formulas import add_workday_sheet
from ledgerbook.issue.sheet import draw_sheet
from ledgerbook.model import Book, Form, Role, Round, Section
from ledgerbook.storage.file_names import make_file_names
from ledgerbook.text import format_chinese_date

# The sheets of an issued workbook beside those of sections and registers.
_OWN_SHEETS = (
    CORRECTIONS_SHEET,
    INSTRUCTIONS_SHEET,
    REGISTER_INSTRUCTIONS_SHEET,
    identity.CHOICES_SHEET,
    identity.WORKDAY_SHEET,
    identity.MARK_SHEET,
)


@dataclass(frozen=True, slots=True)
class IssuedFile:
    """One file of a round's folder.

    ``section`` is blank for a file of the office's own; ``tasks`` is how many tasks it has.
    """

    name: str
    data: bytes
    section: str = ""
    tasks: int = 0


@dataclass(frozen=True, slots=True)
class WorkbookOrder:
    """A workbook to build: its kind, its sections, and the answers that it starts from.

    ``prefilled`` is by section and form key.
    """

    kind: OutputKind
    sections: tuple[str, ...]
    prefilled: Mapping[tuple[str, str], PrefilledAnswers]


# Builds each order, in this process or in others, and returns the results in their order.
OrderRunner = Callable[[Callable[[WorkbookOrder], bytes], Sequence[WorkbookOrder]], Iterable[bytes]]


def issue_round(
    book: Book,
    round_: Round,
    issued_on: date,
    prefilled: Mapping[tuple[str, str], PrefilledAnswers] | None = None,
    run: OrderRunner = map,
) -> tuple[IssuedFile, ...]:
    """Build every workbook of ``round_``: sections first, then 总台账 and 签发清单.

    A section with neither task nor register gets no workbook. ``prefilled`` are the
    answers to start from, by section and form key. ``run`` builds the workbooks, as
    ``map`` does. Raises RefusedContentError for content that Excel does not accept.
    """
    all_prefilled = prefilled or {}
    names_with_tasks = tuple(name for name in book.section_names if book.get_tasks(name))
    sections = [
        section
        for section in book.sections
        if section.name in set(names_with_tasks) or section.register_keys
    ]
    file_stems = make_file_names(
        [OutputKind.MASTER, OutputKind.DISPATCH_LIST, *(section.name for section in sections)]
    )
    prefilled_by_section: dict[str, dict[tuple[str, str], PrefilledAnswers]] = {
        section.name: {} for section in sections
    }
    for (name, form), answers in all_prefilled.items():
        prefilled_by_section.setdefault(name, {})[name, form] = answers
    # 总台账 takes longest; where ``run`` uses several processes it must not come last.
    orders = [WorkbookOrder(OutputKind.MASTER, names_with_tasks, all_prefilled)]
    orders += [
        WorkbookOrder(OutputKind.RETURN, (section.name,), prefilled_by_section[section.name])
        for section in sections
    ]
    master_data, *section_data = run(
        partial(_build_ordered_workbook, book, round_, issued_on), orders
    )
    dispatch_lines = [
        DispatchLine(section, f"{file_stems[section.name]}.xlsx") for section in sections
    ]
    files = [
        IssuedFile(line.file, data, line.section.name, len(book.get_tasks(line.section.name)))
        for line, data in zip(dispatch_lines, section_data, strict=True)
    ]
    files.append(IssuedFile(f"{OutputKind.MASTER}.xlsx", master_data, tasks=len(book.tasks)))
    with report_refusals(OutputKind.DISPATCH_LIST):
        list_data = build_dispatch_list(book, round_, dispatch_lines, issued_on)
    files.append(IssuedFile(f"{OutputKind.DISPATCH_LIST}.xlsx", list_data))
    return tuple(files)


def _build_ordered_workbook(
    book: Book, round_: Round, issued_on: date, order: WorkbookOrder
) -> bytes:
    section = "" if order.kind is OutputKind.MASTER else "、".join(order.sections)
    with report_refusals(f"{order.kind}（{section}）" if section else order.kind):
        return build_section_workbook(
            book, round_, order.sections, issued_on, order.kind, order.prefilled
        )


def build_section_workbook(
    book: Book,
    round_: Round,
    sections: Sequence[str],
    issued_on: date,
    kind: OutputKind = OutputKind.RETURN,
    prefilled: Mapping[tuple[str, str], PrefilledAnswers] | None = None,
) -> bytes:
    """Return a workbook with a sheet for each of ``sections`` that has tasks.

    The workbook of a single section has its registers as well. After these come the
    instructions and the hidden sheets with choices, working days and marks.
    """
    all_prefilled = prefilled or {}
    form = book.task_form
    registers = book.get_registers(sections[0]) if len(sections) == 1 else ()
    marks = [identity.sign_sheet(book, round_.name, name, form.key) for name in sections]
    writer = WorkbookWriter(
        title=f"{book.agency}{book.year}年{form.title}",
        created=issued_on,
        keywords=identity.format_keywords(kind, *(mark.line for mark in marks)),
        # Out of the master workbook the office takes single sheets.
        is_locked=kind is OutputKind.RETURN,
    )
    sheet_names = name_sheets(sections, registers)
    for name in (name for name in sections if book.get_tasks(name)):
        answers = all_prefilled.get((name, form.key), {})
        content = SheetContent(
            book, round_, name, form, sheet_names.sections[name], issued_on, answers
        )
        draw_sheet(writer, content)
    for register in registers:
        (section,) = sections
        sheet_name = sheet_names.registers[register.key]
        register_answers = all_prefilled.get((section, register.key), {})
        content = SheetContent(
            book, round_, section, register, sheet_name, issued_on, register_answers
        )
        draw_sheet(writer, content)
    add_instructions(writer, book, form, round_)
    if registers:
        add_register_instructions(writer, book, registers)
        add_workday_sheet(writer, book.year, registers)
    add_choice_sheet(writer, (form, *registers))
    # The master workbook goes round: what is in registers, which it has not got, stays out of it.
    carried_forms = {form.key, *(register.key for register in registers)}
    carried = {key: rows for key, rows in all_prefilled.items() if key[1] in carried_forms}
    values = make_issued_values(round_.name, issued_on, carried)
    texts = list_fixed_texts(book, form, registers, [round_])
    add_mark_sheet(writer, book, round_, sections, registers, values=values, texts=texts)
    return seal_package(writer.finish(), book.key)


@dataclass(frozen=True, slots=True)
class SheetNames:
    """The names of an issued workbook's sheets, by section and by the key of a register."""

    sections: Mapping[str, str]
    registers: Mapping[str, str]


def name_sheets(sections: Sequence[str], registers: Sequence[Form]) -> SheetNames:
    """Return distinct names that Excel accepts; none is that of a sheet of our own."""
    section_sheets = make_sheet_names(sections, _OWN_SHEETS)
    used_names = [*_OWN_SHEETS, *section_sheets.values()]
    titles = make_sheet_names([register.title for register in registers], used_names)
    return SheetNames(
        section_sheets, {register.key: titles[register.title] for register in registers}
    )


# --- 签发清单: which workbook is for whom, its tasks, and when it is due back ---


@dataclass(frozen=True, slots=True)
class DispatchLine:
    """One workbook to send out: its section and its file name."""

    section: Section
    file: str


# Header, width. The last two are filled by hand on paper.
_DISPATCH_COLUMNS = (
    ("序号", 6),
    ("科室", 18),
    ("文件", 26),
    ("任务项数", 10),
    *((f"其中{role}", 9) for role in Role),
    ("报送截止日期", 14),
    ("联系人", 12),
    ("联系电话", 16),
    ("签收人", 12),
    ("签收日期", 14),
)


def build_dispatch_list(
    book: Book, round_: Round, lines: Sequence[DispatchLine], issued_on: date
) -> bytes:
    """Return 签发清单 as the bytes of an .xlsx file, a row for each of ``lines``."""
    kind = OutputKind.DISPATCH_LIST
    title = f"{book.agency}{book.year}年{book.task_form.title}{kind}（{round_.name}）"
    keywords = identity.format_keywords(kind, f"book={book.book_id}", f"round={round_.name}")
    writer = WorkbookWriter(title=title, created=issued_on, keywords=keywords)
    worksheet = writer.add_sheet(kind)
    last_column = len(_DISPATCH_COLUMNS) - 1
    check_result(worksheet.merge_range(0, 0, 0, last_column, "", writer.get_format("title")))
    check_result(worksheet.write_string(0, 0, title, writer.get_format("title")))
    worksheet.set_row(0, 36)
    note = f"签发日期：{format_chinese_date(issued_on)}    签发科室：{book.office}"
    check_result(worksheet.merge_range(1, 0, 1, last_column, "", writer.get_format()))
    check_result(worksheet.write_string(1, 0, note, writer.get_format()))
    worksheet.set_row(1, 22)
    for position, (header, width) in enumerate(_DISPATCH_COLUMNS):
        check_result(worksheet.set_column(position, position, width))
        check_result(worksheet.write_string(2, position, header, writer.get_format("head")))
    worksheet.set_row(2, 30)
    for position, line in enumerate(lines, 1):
        cells = _build_dispatch_row(position, line, book, round_)
        for column, value in enumerate(cells):
            style = writer.get_format("body", align="center")
            if isinstance(value, date):
                date_style = writer.get_format("body", align="center", num_format=DATE_FORMAT)
                check_result(worksheet.write_datetime(2 + position, column, value, date_style))
            elif isinstance(value, int):
                check_result(worksheet.write_number(2 + position, column, value, style))
            else:
                check_result(worksheet.write_string(2 + position, column, value, style))
        pairs = zip(map(str, cells), (width for _, width in _DISPATCH_COLUMNS), strict=True)
        worksheet.set_row(2 + position, max(26, styles.compute_row_height(pairs)))
    worksheet.freeze_panes(3, 0)
    set_up_page(worksheet, header_row=2)
    return seal_package(writer.finish(), book.key)


def _build_dispatch_row(
    number: int, line: DispatchLine, book: Book, round_: Round
) -> tuple[str | int | date, ...]:
    section = line.section
    tasks = book.get_tasks(section.name)
    roles = [role for task in tasks for role in task.get_roles(section.name)]
    return (
        number,
        section.name,
        line.file,
        len(tasks),
        *(roles.count(role) for role in Role),
        round_.due or "另行通知",
        section.contact,
        section.phone,
        "",
        "",
    )
