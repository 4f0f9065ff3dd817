"""Build the correction workbooks (退回修改), one for each section with something to correct.

Each holds the section's own answers, the cells to correct marked until they are right, and a
list of them on the first sheet. It has the same marks as the workbook it replaces, so
that the corrected one is collected like any return.
"""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass, replace
from typing import TYPE_CHECKING, Any

from ledgerbook import identity
from ledgerbook.a1_references import format_cell_reference
from ledgerbook.excel import styles
from ledgerbook.excel.names import build_internal_link
from ledgerbook.excel.workbook_writer import (
    WorkbookWriter,
    check_result,
    report_refusals,
    set_up_page,
)
from ledgerbook.identity import OutputKind, seal_package
from ledgerbook.issue.baseline import make_issued_values
from ledgerbook.issue.fixed_texts import count_texts, list_fixed_texts
from ledgerbook.issue.hidden_sheets import add_choice_sheet, add_mark_sheet
from ledgerbook.issue.instructions import add_instructions, add_register_instructions
from ledgerbook.issue.layout import (
    CORRECTION_HEADER_ROW,
    CORRECTION_HEADERS,
    CORRECTIONS_SHEET,
    FIRST_ROW,
    SheetContent,
)
from ledgerbook.issue.prefill import is_of_earlier_occurrence
from ledgerbook.issue.register_formulas import add_workday_sheet
from ledgerbook.issue.review_comments import find_open_comments
from ledgerbook.issue.sheet import draw_sheet
from ledgerbook.issue.workbook import IssuedFile, name_sheets
from ledgerbook.model.form_columns import SIGNATURE_KEYS
from ledgerbook.model.office_entries import NoteItem
from ledgerbook.model.problems import group_problems, list_some
from ledgerbook.storage.file_names import make_file_names
from ledgerbook.text import TRUNCATION_MARK

if TYPE_CHECKING:
    from ledgerbook.model import Form, Round
    from ledgerbook.model.office_entries import OfficeNote
    from ledgerbook.model.problems import Problem, ProblemGroup
    from ledgerbook.model.results import AssignmentResult, Ledger, SectionReport


# The widths of the columns of the list.
_LIST_WIDTHS = (6, 18, 7, 13, 30, 44, 40)


def build_corrections(ledger: Ledger) -> tuple[IssuedFile, ...]:
    """Return a workbook for each section whose returns have errors to correct."""
    file_stems = make_file_names(ledger.book.section_names)
    task_order = {task.code: position for position, task in enumerate(ledger.book.tasks)}
    shares = _split_by_section(ledger)
    files: list[IssuedFile] = []
    for report in ledger.section_reports:
        share = shares[report.section]
        errors = _list_errors(share, task_order)
        comments = tuple(find_open_comments(share.book, share.assignment_results))
        if report.file_names and (errors or comments):
            with report_refusals(f"{OutputKind.CORRECTIONS}（{report.section}）"):
                data = _build_workbook(share, report, errors, comments)
            files.append(IssuedFile(f"{file_stems[report.section]}.xlsx", data, report.section))
    return tuple(files)


def _split_by_section(ledger: Ledger) -> dict[str, Ledger]:
    """Return for each section the ledger with its own rows, problems and attachments alone."""
    rows, entries, problems, attachments = (
        _group_by_section(items)
        for items in (
            ledger.assignment_results,
            ledger.register_entries,
            ledger.problems,
            ledger.attachments,
        )
    )
    return {
        report.section: replace(
            ledger,
            assignment_results=rows.get(report.section, ()),
            register_entries=entries.get(report.section, ()),
            problems=problems.get(report.section, ()),
            attachments=attachments.get(report.section, ()),
        )
        for report in ledger.section_reports
    }


def _group_by_section(items: Iterable[Any]) -> dict[str, tuple[Any, ...]]:
    items_by_section: dict[str, list[Any]] = defaultdict(list)
    for item in items:
        items_by_section[item.section].append(item)
    return {section: tuple(group) for section, group in items_by_section.items()}


def _list_errors(share: Ledger, task_order: Mapping[str, int]) -> tuple[Problem, ...]:
    """Return the errors of a section in the order of the tasks, others at the end."""
    errors = [
        problem for problem in share.problems if problem.is_error and not problem.is_program_fault
    ]
    return tuple(sorted(errors, key=lambda problem: task_order.get(problem.task, len(task_order))))


def _build_workbook(
    ledger: Ledger,
    report: SectionReport,
    errors: Sequence[Problem],
    comments: Sequence[tuple[AssignmentResult, OfficeNote]],
) -> bytes:
    book = ledger.book
    form = book.task_form
    round_ = _find_report_round(ledger, report)
    registers = book.get_registers(report.section)
    mark = identity.sign_sheet(book, round_.name, report.section, form.key)
    writer = WorkbookWriter(
        title=f"{book.agency}{book.year}年{form.title}",
        created=ledger.as_of,
        keywords=identity.format_keywords(OutputKind.CORRECTIONS, mark.line),
        is_locked=True,
    )
    sheet_names = name_sheets([report.section], registers)
    content = SheetContent(
        book, round_, report.section, form, sheet_names.sections[report.section], ledger.as_of
    )
    commented_key = _choose_commented_key(form)
    content = replace(
        content,
        comments={
            row.task.code: {commented_key: f"{NoteItem.REVIEW}：{note.text}"}
            for row, note in comments
        },
    )
    sheets = [_build_task_sheet(ledger, content, report, errors)] if content.tasks else []
    for register in registers:
        name = sheet_names.registers[register.key]
        register_content = replace(content, form=register, name=name, comments={})
        sheets.append(_build_register_sheet(ledger, register_content, errors))
    groups = [part for group in group_problems(errors) for part in group.split()]
    lines = [
        *(_describe_correction(sheets, group) for group in groups),
        *(_describe_comment(sheets, row, note) for row, note in comments),
    ]
    intro = _compose_intro(ledger, sheets, len(groups), len(comments))
    _write_error_list(writer, sheets, lines, intro)
    for sheet in sheets:
        draw_sheet(writer, sheet.content)
    add_instructions(writer, book, form, round_)
    if registers:
        add_register_instructions(writer, book, registers)
        add_workday_sheet(writer, book.year, registers)
    add_choice_sheet(writer, (form, *registers))
    answers = {(report.section, sheet.content.form.key): sheet.content.answers for sheet in sheets}
    values = make_issued_values(round_.name, ledger.as_of, answers)
    texts = {
        CORRECTIONS_SHEET: count_texts(_list_correction_texts(lines, intro)),
        **list_fixed_texts(book, form, registers, [round_]),
    }
    add_mark_sheet(writer, book, round_, [report.section], registers, values=values, texts=texts)
    return seal_package(writer.finish(), book.key)


@dataclass(frozen=True, slots=True)
class _CorrectionSheet:
    """A sheet to draw, and where on it each problem is to be corrected.

    ``positions`` maps the ``id()`` of a problem to row name and column key; ``rows`` are the
    0-based rows of the sheet by row name, ``task_numbers`` the numbers of tasks by code.
    """

    content: SheetContent
    positions: Mapping[int, tuple[str, str]]
    rows: Mapping[str, int]
    task_numbers: Mapping[str, str]

    def find_cell(self, problem: Problem) -> str:
        """Return the cell in which to correct ``problem`` ("C7"); blank if on another sheet."""
        if id(problem) not in self.positions:
            return ""
        return self.locate_cell(*self.positions[id(problem)])

    def locate_cell(self, row: str, key: str) -> str:
        """Return the cell of a row, by its name, in the column of a key."""
        column_keys = [column.key for column in self.content.form.columns]
        return format_cell_reference((self.rows[row], column_keys.index(key)))


def _build_task_sheet(
    ledger: Ledger,
    content: SheetContent,
    report: SectionReport,
    errors: Sequence[Problem],
) -> _CorrectionSheet:
    """Return the sheet of the task ledger with the answers that stand now.

    Answers about an earlier occurrence of a recurring task are left out, unless they came
    with the files of ``report``, and so are signatures: what is corrected is signed anew.
    """
    column_keys = {column.key for column in content.form.columns}
    task_codes = {task.code for task in content.tasks}
    positions = {
        id(problem): (problem.task, problem.column)
        for problem in errors
        if problem.task in task_codes and problem.column in column_keys
    }
    answers: dict[str, dict[str, Any]] = {
        row.task.code: {
            key: answer.value
            for key, answer in row.answers.items()
            if key not in SIGNATURE_KEYS
            and (
                answer.place.file in report.file_names
                or not is_of_earlier_occurrence(ledger, row, content.round, key)
            )
        }
        for row in ledger.assignment_results
        if row.section == content.section
    }
    return _build_correction_sheet(content, positions, answers, errors)


def _build_register_sheet(
    ledger: Ledger, content: SheetContent, errors: Sequence[Problem]
) -> _CorrectionSheet:
    entries = [
        entry
        for entry in ledger.register_entries
        if (entry.section, entry.form.key) == (content.section, content.form.key)
    ]
    numbers_by_place = {
        (key, place): str(number)
        for number, entry in enumerate(entries)
        for key, place in entry.places.items()
    }
    positions = {
        id(problem): (numbers_by_place[problem.column, problem.place], problem.column)
        for problem in errors
        if not problem.task and (problem.column, problem.place) in numbers_by_place
    }
    answers: dict[str, dict[str, Any]] = {
        str(number): {key: answer.value for key, answer in entry.answers.items()}
        for number, entry in enumerate(entries)
    }
    return _build_correction_sheet(content, positions, answers, errors)


def _build_correction_sheet(
    content: SheetContent,
    positions: Mapping[int, tuple[str, str]],
    submitted: Mapping[str, Mapping[str, Any]],
    errors: Sequence[Problem],
) -> _CorrectionSheet:
    """Return a sheet with all that the section answered, rejected values included.

    A rejected value replaces an accepted one in the same cell: it is the newer of the
    two, or the problem would be resolved.
    """
    answers = {row: dict(cells) for row, cells in submitted.items()}
    remarks: dict[str, dict[str, str]] = {}
    answer_keys = {column.key for column in content.form.answer_columns}
    for problem in (error for error in errors if id(error) in positions):
        row, key = positions[id(problem)]
        if key not in answer_keys:
            continue
        remark = f"{problem.short_message}{problem.advice}"
        keys = (key, *(more for more in problem.more_columns if more in answer_keys))
        remarks.setdefault(row, {}).update(dict.fromkeys(keys, remark))
        if problem.rejected_cells and problem.raw:
            answers.setdefault(row, {})[key] = problem.raw
    filled_content = replace(content, answers=answers, remarks=remarks)
    return _CorrectionSheet(
        filled_content,
        positions,
        {name: row for row, name in enumerate(filled_content.row_names, FIRST_ROW)},
        {task.code: str(task.number) for task in content.tasks},
    )


def _find_report_round(ledger: Ledger, report: SectionReport) -> Round:
    return next(round_ for round_ in ledger.book.rounds if round_.name == report.round)


@dataclass(frozen=True, slots=True)
class _CorrectionLine:
    """A line of the list of corrections, and where the link in its first column leads."""

    cell: str
    task: str
    column: str
    raw: str
    message: str
    advice: str
    link: str = ""

    @property
    def texts(self) -> tuple[str, ...]:
        """The texts of the columns, from the second on."""
        return (self.cell, self.task, self.column, self.raw, self.message, self.advice)


def _describe_correction(
    sheets: Sequence[_CorrectionSheet], group: ProblemGroup
) -> _CorrectionLine:
    """Return where in the new workbook to correct like problems; else where they came from."""
    problem, message = group.first, group.short_message
    raw, advice = _shorten_raw(group.raw), problem.advice
    for sheet in sheets:
        if cells := list(filter(None, map(sheet.find_cell, group.problems))):
            numbers = (sheet.task_numbers.get(one.task, "") for one in group.problems)
            headers = (
                sheet.content.form.get_column(key).header
                for key in (problem.column, *problem.more_columns)
            )
            location = f"{sheet.content.name} {list_some(cells)}"
            link = build_internal_link(sheet.content.name, cells[0])
            tasks, column = list_some(numbers), "、".join(headers)
            return _CorrectionLine(location, tasks, column, raw, message, advice, link)
    return _CorrectionLine("", "", "", raw, f"{group.place}：{message}", advice)


# What a comment is about as a rule; a form without it has a status at least.
_COMMENTED_COLUMN = "result"


def _describe_comment(
    sheets: Sequence[_CorrectionSheet], row: AssignmentResult, note: OfficeNote
) -> _CorrectionLine:
    """Return a review comment at the answer that it is about."""
    number, item, code = str(row.task.number), NoteItem.REVIEW.value, row.task.code
    advice = "请照审核意见核实，要改的直接改后面的表。"
    line = _CorrectionLine("", number, item, "", note.text, advice)
    for sheet in (one for one in sheets if code in one.rows):
        name = sheet.content.name
        cell = sheet.locate_cell(code, _choose_commented_key(sheet.content.form))
        return replace(line, cell=f"{name} {cell}", link=build_internal_link(name, cell))
    return line


def _choose_commented_key(form: Form) -> str:
    has_result = any(column.key == _COMMENTED_COLUMN for column in form.columns)
    return _COMMENTED_COLUMN if has_result else form.status_column.key


def _write_error_list(
    writer: WorkbookWriter,
    sheets: Sequence[_CorrectionSheet],
    lines: Sequence[_CorrectionLine],
    intro: str,
) -> None:
    """Draw the first sheet: each error with its cell and how to correct it."""
    worksheet = writer.add_sheet(CORRECTIONS_SHEET)
    last_column = len(_LIST_WIDTHS) - 1
    title_style, note_style = writer.get_format("title"), writer.get_format()
    check_result(worksheet.merge_range(0, 0, 0, last_column, "", title_style))
    check_result(worksheet.write_string(0, 0, CORRECTIONS_SHEET, title_style))
    worksheet.set_row(0, 36)
    check_result(worksheet.merge_range(1, 0, 1, last_column, "", note_style))
    check_result(worksheet.write_string(1, 0, intro, note_style))
    worksheet.set_row(1, styles.compute_row_height([(intro, 150)]) + 6)
    for column, (header, width) in enumerate(zip(CORRECTION_HEADERS, _LIST_WIDTHS, strict=True)):
        check_result(worksheet.set_column(column, column, width))
        check_result(
            worksheet.write_string(CORRECTION_HEADER_ROW, column, header, writer.get_format("head"))
        )
    worksheet.set_row(CORRECTION_HEADER_ROW, 34)
    body_style = writer.get_format("body")
    for number, line in enumerate(lines, 1):
        row = CORRECTION_HEADER_ROW + number
        texts = (str(number), *line.texts)
        for column, text in enumerate(texts):
            check_result(worksheet.write_string(row, column, text, body_style))
        if line.link:
            worksheet.write_link(row, 1, line.link, body_style, line.cell)
        pairs = zip(texts, _LIST_WIDTHS, strict=True)
        worksheet.set_row(row, styles.compute_row_height(pairs))
    worksheet.freeze_panes(CORRECTION_HEADER_ROW + 1, 0)
    set_up_page(
        worksheet,
        header_row=CORRECTION_HEADER_ROW,
        footer=f"{sheets[0].content.section} {OutputKind.CORRECTIONS}",
    )
    worksheet.protect()


def _list_correction_texts(lines: Sequence[_CorrectionLine], intro: str) -> Iterator[str]:
    """Yield the text of each cell of the list of corrections."""
    yield from (CORRECTIONS_SHEET, intro, *CORRECTION_HEADERS)
    for number, line in enumerate(lines, 1):
        yield from (str(number), *line.texts)


_MAX_RAW_LENGTH = 2_000


def _shorten_raw(raw: str) -> str:
    return raw if len(raw) <= _MAX_RAW_LENGTH else f"{raw[:_MAX_RAW_LENGTH]}{TRUNCATION_MARK}"


def _compose_intro(
    ledger: Ledger, sheets: Sequence[_CorrectionSheet], error_count: int, comment_count: int
) -> str:
    section, office = sheets[0].content.section, ledger.book.office
    sheet_names = "”“".join(sheet.content.name for sheet in sheets)
    has_attachments = any(attachment.section == section for attachment in ledger.attachments)
    attachment_note = "原表上的图片、批注和链接已经留存，不用再放一遍。" if has_attachments else ""
    error_text = f"有 {error_count} 处需要改正" if error_count else ""
    comment_text = f"有 {comment_count} 条审核意见" if comment_count else ""
    marked_cells = (
        "，紫色的格子就是要改的，鼠标移上去能看到怎么改，改对了紫色就没有了" if error_count else ""
    )
    return (
        f"{section}报来的表{'，另'.join(filter(None, (error_text, comment_text)))}。"
        f"您原来填的内容都在后面的“{sheet_names}”表里{marked_cells}。"
        f"改好保存后，把本文件交回{office}即可，不用重填其他内容。{attachment_note}"
    )
