"""Find and rewrite the cells of the book that follow from what the office has changed.

时限读作 on 任务, 分工 and 处理结果 on 待确认 show what the program understands. After the office
has changed a task, a section or a deadline they say what was true before. The cells are
replaced in the XML of their sheets, so that the office's own colours, notes and pictures
stay (ECMA-376 Part 1 §18.3.1.4 c).
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, field

from ledgerbook.book import schema
from ledgerbook.book.lines import SheetLine
from ledgerbook.book.sheet_changes import SheetChanges, change_sheet
from ledgerbook.book.writer import BookCellValue, build_matrix_row
from ledgerbook.deadlines import describe_deadline
from ledgerbook.model import Book, Task
from ledgerbook.text import escape_ooxml, fit_to_cell


@dataclass(frozen=True, slots=True)
class StaleCells:
    """The changes that bring the sheets of the book up to date, by sheet; none if all are."""

    changes_by_sheet: Mapping[str, SheetChanges] = field(default_factory=dict)


def find_stale_cells(book: Book, tables: Mapping[str, Sequence[SheetLine]]) -> StaleCells:
    """Compare the lines of the sheets, by sheet, with what ``book`` comes to.

    ``tables`` are those that ``book`` was read from: its tasks and questions are in the order
    of the lines.
    """
    changes = {
        schema.TASKS.name: SheetChanges(dict(_list_task_cells(book, tables[schema.TASKS.name]))),
        schema.MATRIX.name: _compare_matrix(book, tables[schema.MATRIX.name]),
        schema.QUESTIONS.name: SheetChanges(
            dict(_list_question_cells(book, tables[schema.QUESTIONS.name]))
        ),
    }
    return StaleCells({sheet: change for sheet, change in changes.items() if change.cells})


def rewrite_stale_cells(book_data: bytes, stale: StaleCells) -> bytes:
    """Return the bytes of the book with its stale cells rewritten, the same where none is.

    Raises InputError when a sheet cannot be found or read.
    """
    for sheet, changes in stale.changes_by_sheet.items():
        book_data = change_sheet(book_data, sheet, changes)
    return book_data


_Cell = tuple[tuple[int, int], str | int]


def _list_task_cells(book: Book, lines: Sequence[SheetLine]) -> Iterator[_Cell]:
    """Yield the codes of the tasks that the office has added, and what deadlines are read as."""
    for task, line in zip(book.tasks, lines, strict=True):
        yield from _compare_cell(line, "编码", task.code)
        yield from _compare_cell(line, "时限读作", describe_deadline(task.deadline, book.year))


def _list_question_cells(book: Book, lines: Sequence[SheetLine]) -> Iterator[_Cell]:
    for question, line in zip(book.questions, lines, strict=True):
        yield from _compare_cell(line, schema.QUESTIONS.columns[-1].header, question.decision)


def _compare_cell(line: SheetLine, header: str, value: BookCellValue) -> Iterator[_Cell]:
    """Yield the cell of ``header`` with its new value, if it has another and the sheet has it."""
    text = "" if value is None else str(value)
    if header in line.columns and line.get_text(header) != _strip_as_read(text):
        new_value = value if isinstance(value, int) else escape_ooxml(fit_to_cell(text))
        yield (line.row, line.columns[header]), new_value


def _strip_as_read(text: str) -> str:
    return fit_to_cell(text).strip()


# --- 分工 ---


def _compare_matrix(book: Book, lines: Sequence[SheetLine]) -> SheetChanges:
    """Return the cells of 分工 that differ, with rows and columns for new tasks and sections.

    A new section has its column behind the last one, and its parsed roles in a hidden column
    behind all of those.
    """
    if not lines:
        return SheetChanges({})
    old_columns = lines[0].columns
    headers = _map_headers(book, old_columns)
    new_names = [name for name in book.section_names if name not in headers]
    last_column = max(old_columns.values())
    new_columns = {
        header: last_column + n
        for n, header in enumerate(
            (*new_names, *(schema.PARSED_PREFIX + name for name in new_names)), 1
        )
    }
    headers |= {name: name for name in new_names}
    columns = {**old_columns, **new_columns}
    lines_by_code = {line.get_text("编码"): line for line in lines}
    cells: dict[tuple[int, int], str | int] = {
        (schema.HEADER_ROW, column): escape_ooxml(header) for header, column in new_columns.items()
    }
    new_row = lines[-1].row
    for task in book.tasks:
        line = lines_by_code.get(task.code)
        if line is None:
            new_row += 1
            line = SheetLine(schema.MATRIX.name, new_row, {}, columns)
        placed_line = SheetLine(line.sheet, line.row, line.values, columns)
        for header, value in _build_matrix_cells(task, book, headers).items():
            cells |= _compare_cell(placed_line, header, value)
    models = _find_model_columns(book, headers, old_columns, new_columns)
    return SheetChanges(cells, models, lines[-1].row)


def _map_headers(book: Book, columns: Mapping[str, int]) -> dict[str, str]:
    """Return section → header of its column on 分工, which may be an earlier name."""
    fixed = {column.header for column in schema.MATRIX.columns}
    names = {alias: section.name for section in book.sections for alias in section.aliases}
    names |= {name: name for name in book.section_names}
    return {
        name: header
        for header in columns
        if header not in fixed and not header.startswith(schema.PARSED_PREFIX)
        for name in [names.get(header, "")]
        if name
    }


def _build_matrix_cells(
    task: Task, book: Book, headers: Mapping[str, str]
) -> dict[str, BookCellValue]:
    """Return the cells of a task's row by the header that each section's column has."""
    fixed_headers = [column.header for column in schema.MATRIX.columns]
    section_headers = [headers[name] for name in book.section_names]
    parsed_headers = [schema.PARSED_PREFIX + header for header in section_headers]
    row = build_matrix_row(task, book)
    # What the office has chosen stays as it was typed.
    chosen_headers = {headers[override.section] for override in task.assignment_overrides}
    return {
        header: value
        for header, value in zip(
            (*fixed_headers, *section_headers, *parsed_headers), row, strict=True
        )
        if header not in chosen_headers
    }


def _find_model_columns(
    book: Book,
    headers: Mapping[str, str],
    old_columns: Mapping[str, int],
    new_columns: Mapping[str, int],
) -> dict[int, int]:
    """Return new column → the column of another section that it looks and works like."""
    model = next(
        (headers[name] for name in book.section_names if headers.get(name) in old_columns), ""
    )
    return {
        column: old_columns[other]
        for header, column in new_columns.items()
        for other in [
            schema.PARSED_PREFIX + model if header.startswith(schema.PARSED_PREFIX) else model
        ]
        if other in old_columns
    }
