"""Work of any size for each limit and each command: ten times the size, ten times the cost.

``tests/test_growth.py`` counts the calls of each subject, ``bench/growth.py`` measures its
computing time.
"""

from __future__ import annotations

import dataclasses
import hashlib
import io
import zipfile
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from datetime import date
from functools import cache
from pathlib import Path
from typing import Any

from openpyxl import load_workbook
from openpyxl.comments import Comment

from ledgerbook import commands, identity
from ledgerbook.annual_report import build_draft, write_draft
from ledgerbook.board import write_board
from ledgerbook.book import build_book_bytes, read_book
from ledgerbook.commands import workspace
from ledgerbook.data_tables.formats import to_csv
from ledgerbook.data_tables.ledger_tables import build_ledger_tables
from ledgerbook.excel.deterministic_zip import serialize_workbook
from ledgerbook.forms import load_factory_forms
from ledgerbook.intake.archives import list_members
from ledgerbook.intake.file_content import FileContent
from ledgerbook.intake.pipeline import ReadContext, read_return
from ledgerbook.issue.corrections import build_corrections
from ledgerbook.issue.layout import FIRST_ROW
from ledgerbook.issue.workbook import build_section_workbook, issue_round
from ledgerbook.merge.ledger import merge_returns
from ledgerbook.model import (
    Assignment,
    Book,
    Form,
    Interval,
    Recurrence,
    Role,
    Round,
    Section,
    Task,
)
from ledgerbook.model.results import FileReport, FileStatus, Ledger
from ledgerbook.rollup import RollupRequest, roll_up, write_rollup
from ledgerbook.rollup.summary_reader import read_summary_bytes
from ledgerbook.summary import write_summary
from tests.plan import layouts
from tests.support.books import AS_OF, DONE, ISSUED_ON, OFFICE, SAVED_AT, fill, issued, make_book

# What is measured; it is called more than once and must give the same each time.
Run = Callable[[], object]


@dataclass(frozen=True, slots=True)
class Subject:
    """Something that grows: ``prepare`` makes the work for a size, in a folder of its own.

    ``small`` is the size that the test begins with.
    """

    name: str
    prepare: Callable[[int, Path], Run]
    small: int = 30


# --- books and returns ---


def _make_long_book(tasks: int, sections: int = 1, **changes: Any) -> Book:
    names = [OFFICE, *(f"第{n}科" for n in range(1, sections))]
    assignments = tuple(Assignment(name, Role.IMPLEMENT) for name in names)
    return make_book(
        sections=tuple(Section(name) for name in names),
        tasks=tuple(
            Task(
                code=f"T{n:04d}",
                number=n,
                requirement="一、优化政务公开工作基础",
                point="（一）深化集中公开。",
                measure=f"第{n}项：更新主动公开目录。",
                units="各科室",
                parsed_assignments=assignments,
            )
            for n in range(1, tasks + 1)
        ),
        **changes,
    )


def _make_register_book(rows: int = 20) -> tuple[Book, Form]:
    """Return a book whose sections fill a register of so many blank rows."""
    factory_form = next(form for form in load_factory_forms() if form.key == "applications")
    register = dataclasses.replace(factory_form, rows=rows)
    book = make_book()
    sections = tuple(
        dataclasses.replace(section, register_keys=(register.key,)) for section in book.sections
    )
    return dataclasses.replace(book, forms=(*book.forms, register), sections=sections), register


def _read(data: bytes, book: Book, name: str = "a.xlsx") -> FileContent:
    return read_return(name, data, ReadContext(book, AS_OF))


def _fill_all(book: Book, section: str = OFFICE, **cells: object) -> bytes:
    """Return a section's workbook with an answer in each row."""
    answers = {task.code: {**DONE, **cells} for task in book.get_tasks(section)}
    return fill(issued(book, section), answers)


@cache
def _read_all_sections(tasks: int, sections: int) -> tuple[Book, Sequence[FileContent]]:
    """Return a book, and what was read of the return of each section."""
    book = _make_long_book(tasks, sections)
    reads = [_read(_fill_all(book, name), book, f"{name}.xlsx") for name in book.section_names]
    return book, reads


def _merge_all_sections(tasks: int, sections: int) -> Ledger:
    book, reads = _read_all_sections(tasks, sections)
    return merge_returns(book, reads, AS_OF)


def _change_sheet(data: bytes, sheet: int, change: Callable[[Any], None]) -> bytes:
    workbook = load_workbook(io.BytesIO(data))
    change(workbook.worksheets[sheet])
    return serialize_workbook(workbook, SAVED_AT)


# --- what a return may hold ---


def read_tasks_of_a_section(size: int, _folder: Path) -> Run:
    book = _make_long_book(size)
    data = _fill_all(book)
    return lambda: _read(data, book)


def read_rows_of_a_register(size: int, _folder: Path) -> Run:
    book, _ = _make_register_book()

    def enter(sheet: Any) -> None:
        for row in range(FIRST_ROW + 1, FIRST_ROW + 1 + size):
            for column in range(2, 8):
                sheet.cell(row, column, f"第{row}件第{column}栏")

    data = build_section_workbook(book, book.rounds[0], [OFFICE], ISSUED_ON)
    changed = _change_sheet(data, 1, enter)
    return lambda: _read(changed, book)


def read_repeats_of_a_row(size: int, _folder: Path) -> Run:
    """One row was filled down, with another answer in each copy."""
    book = make_book()

    def fill_down(sheet: Any) -> None:
        source = [cell.value for cell in sheet[FIRST_ROW + 1]]
        for row in range(FIRST_ROW + 10, FIRST_ROW + 10 + size):
            for column, value in enumerate(source, 1):
                sheet.cell(row, column, value)
            sheet.cell(row, 12, f"第{row}次填写")

    data = _change_sheet(fill(issued(book, OFFICE), {"T01": DONE}), 0, fill_down)
    return lambda: _read(data, book)


def read_stray_rows(size: int, _folder: Path) -> Run:
    """Rows were written below the table."""
    book = make_book()

    def scribble(sheet: Any) -> None:
        for row in range(FIRST_ROW + 20, FIRST_ROW + 20 + size):
            sheet.cell(row, 12, f"随手写的第{row}行")

    data = _change_sheet(fill(issued(book, OFFICE), {"T01": DONE}), 0, scribble)
    return lambda: _read(data, book)


def read_merged_cells(size: int, _folder: Path) -> Run:
    """Each two rows share one answer, in a merged cell."""
    book = _make_long_book(2 * size)

    def merge_pairs(sheet: Any) -> None:
        for row in range(FIRST_ROW + 1, FIRST_ROW + 1 + 2 * size, 2):
            sheet.merge_cells(start_row=row, end_row=row + 1, start_column=12, end_column=12)

    data = _change_sheet(_fill_all(book), 0, merge_pairs)
    return lambda: _read(data, book)


def read_wrong_cells(size: int, _folder: Path) -> Run:
    book = _make_long_book(size)
    data = _fill_all(book, done_on="九月以前", status="差不多了")
    return lambda: _read(data, book)


def read_notes(size: int, _folder: Path) -> Run:
    """Each row has a note, which the summary lists."""
    book = _make_long_book(size)

    def annotate(sheet: Any) -> None:
        for row in range(FIRST_ROW + 1, FIRST_ROW + 1 + size):
            sheet.cell(row, 12).comment = Comment(f"第{row}行的批注", "李某")

    data = _change_sheet(_fill_all(book), 0, annotate)
    return lambda: merge_returns(book, [_read(data, book)], AS_OF)


def list_archive_members(size: int, _folder: Path) -> Run:
    """List files of one name, which must be made distinct."""
    buffer = io.BytesIO()
    with zipfile.ZipFile(buffer, "w") as package:
        for n in range(size):
            package.writestr(f"a{'/' * (n + 1)}表.xlsx", b"")
    return lambda: list_members(buffer, ())


# --- merging ---


def merge_files_of_a_section(size: int, _folder: Path) -> Run:
    """Merge many returns of a section, each with another answer."""
    book = make_book()
    reads = [
        _read(
            fill(issued(book, OFFICE), {"T01": {**DONE, "result": f"第{n}次的结果。"}}),
            book,
            f"{n}.xlsx",
        )
        for n in range(size)
    ]
    return lambda: merge_returns(book, reads, AS_OF)


def write_conflicts(size: int, _folder: Path) -> Run:
    """Two files answer each row in different ways."""
    book = _make_long_book(size)
    reads = [
        _read(_fill_all(book, result=f"{name}的说法"), book, f"{name}.xlsx") for name in "甲乙"
    ]
    return lambda: write_summary(merge_returns(book, reads, AS_OF))


def merge_register_entries(size: int, _folder: Path) -> Run:
    """Three files of a section hold the register, each with some entries of its own."""
    book, register = _make_register_book()
    keys = [column.key for column in register.answer_columns[:3]]
    reads = []
    for copy in range(3):

        def enter(sheet: Any, copy: int = copy) -> None:
            for n in range(size):
                for column in range(2, 2 + len(keys)):
                    number = n + copy * size // 10
                    sheet.cell(FIRST_ROW + 1 + n, column, f"第{number}件第{column}栏")

        data = build_section_workbook(book, book.rounds[0], [OFFICE], ISSUED_ON)
        reads.append(_read(_change_sheet(data, 1, enter), book, f"{copy}.xlsx"))
    return lambda: merge_returns(book, reads, AS_OF)


def merge_rounds(size: int, _folder: Path) -> Run:
    """Report a weekly duty in each of many rounds."""
    rounds = tuple(
        Round(f"第{n}次", date.fromordinal(date(2022, 1, 7).toordinal() + 300 * n // size))
        for n in range(size)
    )
    book = _make_long_book(1, rounds=rounds)
    weekly = dataclasses.replace(book.tasks[0], parsed_deadline=Recurrence(Interval.WEEK))
    book = dataclasses.replace(book, tasks=(weekly,))
    reads = []
    for round_ in rounds:
        blank = build_section_workbook(book, round_, [OFFICE], ISSUED_ON)
        data = fill(blank, {weekly.code: {**DONE, "result": f"{round_.name}办好。"}})
        reads.append(_read(data, book, f"{round_.name}.xlsx"))
    return lambda: write_summary(merge_returns(book, reads, AS_OF))


def merge_sections(size: int, _folder: Path) -> Run:
    book, reads = _read_all_sections(2, size)
    return lambda: merge_returns(book, reads, AS_OF)


def correct_problems(size: int, _folder: Path) -> Run:
    """Each row has something to correct: the list of problems, and the workbook sent back."""
    book = _make_long_book(size)
    read = _read(_fill_all(book, done_on="九月以前"), book)

    def run() -> object:
        ledger = merge_returns(book, [read], AS_OF)
        return write_summary(ledger), build_corrections(ledger)

    return run


def correct_register_entries(size: int, _folder: Path) -> Run:
    book, _ = _make_register_book()

    def enter(sheet: Any) -> None:
        for row in range(FIRST_ROW + 1, FIRST_ROW + 1 + size):
            for column in range(2, 8):
                sheet.cell(row, column, f"第{row}件第{column}栏")

    data = build_section_workbook(book, book.rounds[0], [OFFICE], ISSUED_ON)
    ledger = merge_returns(book, [_read(_change_sheet(data, 1, enter), book)], AS_OF)
    return lambda: build_corrections(ledger)


def correct_sections(size: int, _folder: Path) -> Run:
    book = _make_long_book(2, size)
    reads = [
        _read(_fill_all(book, name, done_on="九月以前"), book, f"{name}.xlsx")
        for name in book.section_names
    ]
    ledger = merge_returns(book, reads, AS_OF)
    return lambda: build_corrections(ledger)


# --- the documents that are written ---


def write_rows_of_the_summary(size: int, _folder: Path) -> Run:
    book = _make_long_book(size, sections=2)
    ledger = merge_returns(book, [_read(_fill_all(book), book)], AS_OF)
    return lambda: write_summary(ledger)


def write_sections_of_the_summary(size: int, _folder: Path) -> Run:
    """Write the texts of all sections into one cell, which takes many rows."""
    ledger = _merge_all_sections(2, size)
    return lambda: write_summary(ledger)


def write_rows_of_the_board(size: int, _folder: Path) -> Run:
    book = _make_long_book(size, sections=2)
    ledger = merge_returns(book, [_read(_fill_all(book), book)], AS_OF)
    return lambda: write_board(ledger)


def write_sections_of_the_board(size: int, _folder: Path) -> Run:
    ledger = _merge_all_sections(2, size)
    return lambda: write_board(ledger)


def draft_the_annual_report(size: int, _folder: Path) -> Run:
    ledger = _merge_all_sections(size, 2)
    return lambda: write_draft(build_draft(ledger, {}))


def draft_sections_of_the_annual_report(size: int, _folder: Path) -> Run:
    ledger = _merge_all_sections(2, size)
    return lambda: write_draft(build_draft(ledger, {}))


def export_rows(size: int, _folder: Path) -> Run:
    ledger = _merge_all_sections(size, 2)
    return lambda: [list(to_csv(table)) for table in build_ledger_tables(ledger)]


def issue_tasks_to_a_section(size: int, _folder: Path) -> Run:
    book = _make_long_book(size)
    return lambda: issued(book, OFFICE)


def issue_to_sections(size: int, _folder: Path) -> Run:
    book = _make_long_book(2, size)
    return lambda: issue_round(book, book.rounds[0], ISSUED_ON)


def write_tasks_of_the_book(size: int, _folder: Path) -> Run:
    book = _make_long_book(size)
    return lambda: build_book_bytes(book)


def read_tasks_of_the_book(size: int, folder: Path) -> Run:
    path = folder / "台账.xlsx"
    path.write_bytes(build_book_bytes(_make_long_book(size)))
    return lambda: read_book(path)


def read_sections_of_the_book(size: int, folder: Path) -> Run:
    path = folder / "台账.xlsx"
    path.write_bytes(build_book_bytes(_make_long_book(2, size)))
    return lambda: read_book(path)


# --- plans ---

_TITLE = "某市某局2022年政务公开工作要点分工方案"
_HEADER = ["序号", "工作要求", "计划措施", "责任单位"]
_UNITS = ("综合科", "法规科", "金融发展科")


def _make_plan_rows(size: int) -> list[list[str]]:
    return [
        [str(n), f"一、优化基础之{n // 20}", f"第{n}项：更新公开目录。", _UNITS[n % len(_UNITS)]]
        for n in range(1, size + 1)
    ]


def read_plan_as(render: layouts.Renderer) -> Callable[[int, Path], Run]:
    """Return a subject: a plan of so many tasks in the format that ``render`` writes."""

    def prepare(size: int, _folder: Path) -> Run:
        data = render([_TITLE], [[_HEADER, *_make_plan_rows(size)]])
        return lambda: layouts.read(data)

    return prepare


def read_plan_of_many_pages(size: int, _folder: Path) -> Run:
    """Read a plan whose header is repeated on each page, with a column that has none."""
    rows = _make_plan_rows(4 * size)
    table = [
        row
        for n in range(0, len(rows), 4)
        for row in ([*_HEADER, ""], *([*row, "说明"] for row in rows[n : n + 4]))
    ]
    data = layouts.xlsx([_TITLE], [table])
    return lambda: layouts.read(data)


def read_plan_of_open_questions(size: int, _folder: Path) -> Run:
    """Each other row has no task in it, each other task no unit."""
    table = [
        row
        for number, requirement, measure, _ in _make_plan_rows(size)
        for row in (
            [number, f"{requirement}{number}", measure, ""],
            [f"{number}号", "", "", "某科"],
        )
    ]
    data = layouts.comma([_TITLE], [[_HEADER, *table]])
    return lambda: layouts.read(data)


def read_plan_without_cells(size: int, _folder: Path) -> Run:
    """Read a plan whose cells have run together."""
    plan_rows = _make_plan_rows(size)
    rows = "".join(f"{number}.{measure}{units}" for number, _, measure, units in plan_rows)
    text = f"{_TITLE}\n工作要求工作要点计划措施责任单位\n一、优化基础（一）深化公开。{rows}"
    return lambda: layouts.read(text.encode())


def read_plan_of_paragraphs(size: int, _folder: Path) -> Run:
    lines = (
        f"{number}.{row}（责任单位：{units}）" for number, _, row, units in _make_plan_rows(size)
    )
    data = "\n".join((_TITLE, "一、优化基础", *lines)).encode()
    return lambda: layouts.read(data)


# --- commands ---


def _write_book(folder: Path, book: Book) -> Path:
    path = folder / "台账.xlsx"
    path.write_bytes(build_book_bytes(book))
    return path


def _write_returns(folder: Path, book: Book) -> Path:
    """Write the return of each section into a folder."""
    returns = folder / "收回"
    returns.mkdir()
    for name in book.section_names:
        (returns / f"{name}.xlsx").write_bytes(_fill_all(book, name))
    return returns


def run_init(size: int, folder: Path) -> Run:
    plan = folder / "方案.xlsx"
    plan.write_bytes(layouts.xlsx([_TITLE], [[_HEADER, *_make_plan_rows(size)]]))
    output = folder / "台账.xlsx"

    def run() -> object:
        output.unlink(missing_ok=True)
        return commands.init(plan, output, key="ab" * 32)

    return run


def run_init_update(size: int, folder: Path) -> Run:
    """Update by a plan with a tenth of its tasks reworded, and a new one before all others."""
    run_init(size, folder)()
    revised = [["1", "一、优化基础之零", "开办政务公开专区。", "综合科"], *_make_plan_rows(size)]
    for n, row in enumerate(revised[1:], 2):
        row[0] = str(n)
        row[2] += "并按季度核对一遍。" if n % 10 == 0 else ""
    plan = folder / "修订.xlsx"
    plan.write_bytes(layouts.xlsx([_TITLE], [[_HEADER, *revised]]))
    return lambda: commands.update(plan, folder / "台账.xlsx", day=AS_OF, dry_run=True)


def run_init_update_of_all_tasks(size: int, folder: Path) -> Run:
    """Update by a plan with every task reworded, one in ten of them not to be recognised."""
    run_init(size, folder)()
    revised = _make_plan_rows(size)
    for n, row in enumerate(revised):
        row[2] = f"按季度开展第{n}次专项检查。" if n % 10 == 0 else f"持续{row[2]}"
    plan = folder / "修订.xlsx"
    plan.write_bytes(layouts.xlsx([_TITLE], [[_HEADER, *revised]]))
    return lambda: commands.update(plan, folder / "台账.xlsx", day=AS_OF, dry_run=True)


def run_init_update_of_equal_tasks(size: int, folder: Path) -> Run:
    """Update by a plan whose tasks all say the same."""
    run_init(size, folder)()
    revised = [[*row[:2], "更新公开目录。", *row[3:]] for row in _make_plan_rows(size)]
    plan = folder / "修订.xlsx"
    plan.write_bytes(layouts.xlsx([_TITLE], [[_HEADER, *revised]]))
    book = folder / "台账.xlsx"
    commands.update(plan, book, day=AS_OF)
    return lambda: commands.update(plan, book, day=AS_OF, dry_run=True)


def run_generate(size: int, folder: Path) -> Run:
    path = _write_book(folder, _make_long_book(2, size))
    return lambda: commands.generate(path, folder / "发出", issued_on=ISSUED_ON, eml=True)


def run_collect(size: int, folder: Path) -> Run:
    book = _make_long_book(2, size)
    path, returns = _write_book(folder, book), _write_returns(folder, book)
    return lambda: commands.collect(path, [returns], folder / "汇总", as_of=AS_OF, export="csv")


def run_check(size: int, folder: Path) -> Run:
    book = _make_long_book(2, size)
    path, returns = _write_book(folder, book), _write_returns(folder, book)
    return lambda: commands.check([returns], as_of=AS_OF, book_path=path)


def run_report(size: int, folder: Path) -> Run:
    book = _make_long_book(2, size)
    path, returns = _write_book(folder, book), _write_returns(folder, book)
    draft = folder / "年报初稿.docx"
    return lambda: commands.write_report(path, [returns], draft, as_of=AS_OF, overwrite=True)


def run_remind(size: int, folder: Path) -> Run:
    book = _make_long_book(2, size)
    path, returns = _write_book(folder, book), _write_returns(folder, book)
    return lambda: commands.remind(path, [returns], folder / "催办", as_of=AS_OF)


def show_the_workspace(size: int, folder: Path) -> Run:
    book = _make_long_book(2, size)
    path, returns = _write_book(folder, book), _write_returns(folder, book)
    commands.collect(path, [returns], folder / "汇总", as_of=AS_OF)

    def run() -> object:
        (book_path,) = commands.find_books(folder).books
        status = commands.read_workspace(book_path)
        return list(workspace.describe_status(status, AS_OF)), workspace.list_next_steps(
            status, AS_OF
        )

    return run


def _write_summaries(size: int) -> list[bytes]:
    """Return the summaries of so many agencies."""
    summaries = []
    for n in range(size):
        key = f"{n:064x}"
        book_id = identity.make_book_id(2022, key)
        book = make_book(agency=f"某市第{n}局", key=key, book_id=book_id)
        ledger = merge_returns(
            book, [_read(fill(issued(book, OFFICE), {"T01": DONE}), book)], AS_OF
        )
        summaries.append(write_summary(ledger))
    return summaries


def _read_summary(data: bytes, name: str) -> FileContent:
    report = FileReport(name, len(data), hashlib.sha256(data).hexdigest(), FileStatus.ACCEPTED)
    return read_summary_bytes(report, data, ReadContext(None, AS_OF))


def roll_up_summaries(size: int, _folder: Path) -> Run:
    reads = [_read_summary(data, f"{n}.xlsx") for n, data in enumerate(_write_summaries(size))]
    request = RollupRequest(AS_OF, "某市", expected=tuple(f"某市第{n}局" for n in range(2 * size)))
    return lambda: write_rollup(roll_up(reads, request))


def read_rows_of_a_summary(size: int, _folder: Path) -> Run:
    data = write_summary(_merge_all_sections(size, 2))
    return lambda: _read_summary(data, "a.xlsx")


def run_rollup(size: int, folder: Path) -> Run:
    summaries = folder / "各局"
    summaries.mkdir()
    for n, data in enumerate(_write_summaries(size)):
        (summaries / f"{n}.xlsx").write_bytes(data)
    return lambda: commands.roll_up([summaries], folder / "上级汇总", as_of=AS_OF, name="某市")


SUBJECTS: Sequence[Subject] = (
    Subject("tasks of a section", read_tasks_of_a_section),
    Subject("rows of a register", read_rows_of_a_register),
    Subject("repeats of a row", read_repeats_of_a_row),
    Subject("stray rows", read_stray_rows),
    Subject("merged cells", read_merged_cells),
    Subject("wrong cells", read_wrong_cells),
    Subject("notes", read_notes),
    Subject("members of an archive", list_archive_members),
    Subject("files of a section", merge_files_of_a_section, 40),
    Subject("conflicts", write_conflicts),
    Subject("register entries merged", merge_register_entries),
    Subject("rounds", merge_rounds, 4),
    Subject("sections merged", merge_sections, 10),
    Subject("problems", correct_problems),
    Subject("problems of a register", correct_register_entries),
    Subject("sections with problems", correct_sections, 10),
    Subject("rows of the summary", write_rows_of_the_summary),
    Subject("sections of the summary", write_sections_of_the_summary, 10),
    Subject("rows of the board", write_rows_of_the_board),
    Subject("sections of the board", write_sections_of_the_board, 10),
    Subject("tasks of the annual report", draft_the_annual_report, 10),
    Subject("sections of the annual report", draft_sections_of_the_annual_report, 10),
    Subject("rows exported", export_rows),
    Subject("tasks issued", issue_tasks_to_a_section),
    Subject("sections issued to", issue_to_sections, 10),
    Subject("tasks of the book, written", write_tasks_of_the_book),
    Subject("tasks of the book, read", read_tasks_of_the_book),
    Subject("sections of the book, read", read_sections_of_the_book, 10),
    Subject("plan: .xlsx", read_plan_as(layouts.xlsx)),
    Subject("plan: .xls", read_plan_as(layouts.xls)),
    Subject("plan: .docx", read_plan_as(layouts.docx)),
    Subject("plan: .html", read_plan_as(layouts.html)),
    Subject("plan: .csv", read_plan_as(layouts.comma)),
    Subject("plan: .txt, tabs", read_plan_as(layouts.tabs)),
    Subject("plan: .txt, pipes", read_plan_as(layouts.pipes)),
    Subject("plan: .txt, a cell a line", read_plan_as(layouts.one_a_line)),
    Subject("plan: .txt, no cells", read_plan_without_cells),
    Subject("plan: .txt, paragraphs", read_plan_of_paragraphs),
    Subject("plan: headers repeated", read_plan_of_many_pages, 10),
    Subject("plan: open questions", read_plan_of_open_questions),
    Subject("summaries rolled up", roll_up_summaries, 3),
    Subject("rows of a summary, read", read_rows_of_a_summary),
    Subject("command init", run_init),
    Subject("command init --update", run_init_update),
    Subject("command init --update, all reworded", run_init_update_of_all_tasks, 60),
    Subject("command init --update, all equal", run_init_update_of_equal_tasks, 150),
    Subject("command generate", run_generate, 4),
    Subject("command collect", run_collect, 4),
    Subject("command check", run_check, 4),
    Subject("command report", run_report, 4),
    Subject("command remind", run_remind, 4),
    Subject("command rollup", run_rollup, 3),
    Subject("ledgerbook alone", show_the_workspace, 4),
)
