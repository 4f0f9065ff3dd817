"""Run all commands of a year once, on the packaged real plan with fictitious returns.

All dates and keys are fixed, so that every demo gives the same bytes. The answers of the
sections are in the packaged TOML file EXAMPLE_RETURNS.
"""

from __future__ import annotations

import io
import tomllib
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import replace
from pathlib import Path
from typing import TYPE_CHECKING, Any

from ledgerbook import commands
from ledgerbook.cli import render
from ledgerbook.errors import FileError
from ledgerbook.issue.layout import FIRST_ROW, KEY_ROW, ROW_KEY
from ledgerbook.model import Book
from ledgerbook.storage import atomic
from ledgerbook.storage.resources import EXAMPLE_PLAN, EXAMPLE_RETURNS, find_resource

if TYPE_CHECKING:
    from openpyxl.worksheet.worksheet import Worksheet


# A fixed key for the same bytes every time; the key of a real book is random.
_DEMO_KEY = "2022" * 16


def run_demo(folder: Path) -> Iterator[str]:
    """Run the demo in ``folder`` and yield Chinese sentences about each step.

    Raises FileError when the folder exists and is not empty.
    """
    if folder.exists() and (not folder.is_dir() or any(folder.iterdir())):
        raise FileError(f"“{folder}”已经存在而且不是空的，没有动它。请换一个文件夹，或先把它移走。")
    from ledgerbook import annual_report

    script = tomllib.loads(find_resource(EXAMPLE_RETURNS).read_text("utf-8"))
    book_path = folder / "台账.xlsx"
    yield "第一步：读中山市金融工作局 2022 年分工方案（真实文件），建台账。"
    book = _create_book(book_path)
    yield (
        f"  读出 {len(book.tasks)} 项任务、{len(book.sections)} 个科室，"
        f"{len(book.questions)} 件事列入“待确认”。"
    )
    _settle_book(book, book_path, script)
    yield "  综合科补填完成期限和报送截止日期，选定谁填哪些登记簿（演示用，是虚构的）。"
    generate_result = commands.generate(book_path, folder / "发出", issued_on=script["issued_on"])
    file_count = len(generate_result.files)
    yield f"第二步：生成总台账、各科室的表、签发清单和填报通知，共 {file_count} 个文件。"
    for return_data in script["returns"]:
        _fill_workbook(folder, book, return_data)
    names = "、".join(return_data["section"] for return_data in script["returns"])
    yield f"第三步：{names}填好报回（内容是虚构的），放进“收回”文件夹。"
    yield "第四步：一条命令汇总。"
    collect_result = commands.collect(
        book_path, [folder / "收回"], folder / "汇总", as_of=script["as_of"]
    )
    yield from (f"  {line}" for line in render.describe_ledger(collect_result.ledger))
    yield "第五步：起草年度报告，第二至四部分的表从登记簿算出。"
    report_result = commands.write_report(
        book_path, [folder / "收回"], folder / "年报初稿.docx", as_of=script["as_of"]
    )
    yield from (f"  {line}" for line in annual_report.describe_draft(report_result.draft))
    yield "演示完成。请依次打开看看："
    yield f"  台账      {book_path}"
    yield f"  发给科室  {generate_result.files[0].parent}"
    yield f"  收回的表  {folder / '收回'}"
    yield f"  年度汇总  {collect_result.outputs[0]}"
    yield from (f"  退回修改  {path}" for path in collect_result.outputs[1:])
    yield f"  年报初稿  {report_result.path}"


def _create_book(path: Path) -> Book:
    """Create the book from the packaged plan, which may be inside a zip file."""
    from importlib.resources import as_file

    with as_file(find_resource(EXAMPLE_PLAN)) as plan:
        return commands.init(plan, path, key=_DEMO_KEY).book


def _settle_book(book: Book, path: Path, script: Mapping[str, Any]) -> None:
    """Fill in the dates and registers that the office would fill in in Excel."""
    from ledgerbook.book import build_book_bytes

    due = script["due"]
    settled_book = replace(
        book,
        tasks=tuple(replace(task, due=due.get(task.code)) for task in book.tasks),
        rounds=tuple(replace(round_, due=script["round_due"]) for round_ in book.rounds),
        sections=tuple(
            replace(section, register_keys=tuple(script["registers"].get(section.name, ())))
            for section in book.sections
        ),
    )
    atomic.write_file(path, build_book_bytes(settled_book))


def _fill_workbook(folder: Path, book: Book, return_data: Mapping[str, Any]) -> None:
    """Fill in an issued workbook as a clerk would, and save it in 收回 under another name."""
    from openpyxl import load_workbook

    from ledgerbook.excel.deterministic_zip import serialize_workbook

    issued = folder / "发出" / book.rounds[0].name / f"{return_data['section']}.xlsx"
    workbook = load_workbook(io.BytesIO(issued.read_bytes()))
    sheet = workbook.worksheets[0]
    columns_by_key = _index_columns(sheet)
    rows = dict(_list_task_rows(sheet, columns_by_key[ROW_KEY]))
    for answers in return_data["rows"]:
        cells = {**answers, "person": return_data["person"], "phone": return_data["phone"]}
        row = rows[cells.pop("task")]
        for key, value in cells.items():
            sheet.cell(row, columns_by_key[key]).value = value
    for register, entries in return_data.get("entries", {}).items():
        form = book.find_form(register)
        if form:
            _write_entries(workbook[form.title], entries)
    workbook.properties.lastModifiedBy = return_data["person"]
    data = serialize_workbook(workbook, return_data["saved_at"])
    atomic.write_file(folder / "收回" / return_data["file"], data)


def _write_entries(sheet: Worksheet, entries: Sequence[Mapping[str, Any]]) -> None:
    """Write entries, by column key, into the first rows of a register's sheet."""
    columns_by_key = _index_columns(sheet)
    for row, entry in enumerate(entries, FIRST_ROW + 1):
        for key, value in entry.items():
            sheet.cell(row, columns_by_key[key]).value = value


def _index_columns(sheet: Worksheet) -> dict[Any, int]:
    """Return column key → 1-based column, from the hidden row of keys."""
    return {cell.value: cell.column or 0 for cell in sheet[KEY_ROW + 1]}


def _list_task_rows(sheet: Worksheet, key_column: int) -> Iterator[tuple[str, int]]:
    """Yield task code and 1-based row of each task."""
    for row in range(FIRST_ROW + 1, sheet.max_row + 1):
        if mark := sheet.cell(row, key_column).value:
            yield str(mark).partition("-")[0], row
