"""The main job once through, on the packaged real plan, with made-up returns.

Every date and key is fixed, so that two demos give byte-identical summaries.
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
from ledgerbook.storage.resources import PLAN, RETURNS, resource

if TYPE_CHECKING:
    from openpyxl.worksheet.worksheet import Worksheet


# A demo must come out the same every time; a real book draws its key at random.
_KEY = "2022" * 16


def run(folder: Path) -> Iterator[str]:
    """Run the whole job in ``folder``, telling each step.

    Raises FileError when the folder already holds something.
    """
    if folder.exists() and (not folder.is_dir() or any(folder.iterdir())):
        raise FileError(
            f"“{folder}”已经存在而且不是空的，没有动它。请换一个文件夹，或先把它移走。"
        )
    from ledgerbook import annual_report

    script = tomllib.loads(resource(RETURNS).read_text("utf-8"))
    book_path = folder / "台账.xlsx"
    yield "第一步：读中山市金融工作局 2022 年分工方案（真实文件），建台账。"
    book = _start(book_path)
    yield (
        f"  读出 {len(book.tasks)} 项任务、{len(book.sections)} 个科室，"
        f"{len(book.questions)} 件事列入“待确认”。"
    )
    _settle(book, book_path, script)
    yield "  综合科补填完成期限和报送截止日期，选定谁填哪些登记簿（演示用，是虚构的）。"
    made = commands.generate(book_path, folder / "发出", issued_on=script["issued_on"])
    count = len(made.files)
    yield f"第二步：生成总台账、各科室的表、签发清单和填报通知，共 {count} 个文件。"
    for one in script["returns"]:
        _fill(folder, book, one)
    names = "、".join(one["section"] for one in script["returns"])
    yield f"第三步：{names}填好报回（内容是虚构的），放进“收回”文件夹。"
    yield "第四步：一条命令汇总。"
    done = commands.collect(
        book_path, [folder / "收回"], folder / "汇总", as_of=script["as_of"]
    )
    yield from (f"  {line}" for line in render.sentences(done.ledger))
    yield "第五步：起草年度报告，第二至四部分的表从登记簿算出。"
    drafted = commands.write_report(
        book_path, [folder / "收回"], folder / "年报初稿.docx", as_of=script["as_of"]
    )
    yield from (f"  {line}" for line in annual_report.sentences(drafted.draft))
    yield "演示完成。请依次打开看看："
    yield f"  台账      {book_path}"
    yield f"  发给科室  {made.files[0].parent}"
    yield f"  收回的表  {folder / '收回'}"
    yield f"  年度汇总  {done.outputs[0]}"
    yield from (f"  退回修改  {path}" for path in done.outputs[1:])
    yield f"  年报初稿  {drafted.path}"


def _start(path: Path) -> Book:
    """Start the book from the packaged plan, which may live inside a wheel."""
    from importlib.resources import as_file

    with as_file(resource(PLAN)) as plan:
        return commands.init(plan, path, key=_KEY).book


def _settle(book: Book, path: Path, script: Mapping[str, Any]) -> None:
    """Fill in the dates that the plan leaves open, as the office does in Excel."""
    from ledgerbook.book import book_bytes

    due = script["due"]
    settled = replace(
        book,
        tasks=tuple(replace(task, due=due.get(task.code)) for task in book.tasks),
        rounds=tuple(replace(r, due=script["round_due"]) for r in book.rounds),
        sections=tuple(
            replace(s, registers=tuple(script["registers"].get(s.name, ())))
            for s in book.sections
        ),
    )
    atomic.write(path, book_bytes(settled))


def _fill(folder: Path, book: Book, one: Mapping[str, Any]) -> None:
    """Fill a section's workbook as its clerk would, and save it under another name."""
    from openpyxl import load_workbook

    from ledgerbook.excel.deterministic_zip import to_bytes

    issued = folder / "发出" / book.rounds[0].name / f"{one['section']}.xlsx"
    workbook = load_workbook(io.BytesIO(issued.read_bytes()))
    sheet = workbook.worksheets[0]
    keys = {cell.value: cell.column or 0 for cell in sheet[KEY_ROW + 1]}
    rows = dict(_rows(sheet, keys[ROW_KEY]))
    for answers in one["rows"]:
        cells = {**answers, "person": one["person"], "phone": one["phone"]}
        row = rows[cells.pop("task")]
        for key, value in cells.items():
            sheet.cell(row, keys[key]).value = value
    for register, entries in one.get("entries", {}).items():
        form = book.form_called(register)
        if form:
            _enter(workbook[form.title], entries)
    workbook.properties.lastModifiedBy = one["person"]
    data = to_bytes(workbook, one["saved_at"])
    atomic.write(folder / "收回" / one["file"], data)


def _enter(sheet: Worksheet, entries: Sequence[Mapping[str, Any]]) -> None:
    keys = {cell.value: cell.column or 0 for cell in sheet[KEY_ROW + 1]}
    for row, entry in enumerate(entries, FIRST_ROW + 1):
        for key, value in entry.items():
            sheet.cell(row, keys[key]).value = value


def _rows(sheet: Worksheet, key_column: int) -> Iterator[tuple[str, int]]:
    """Yield task code → sheet row."""
    for row in range(FIRST_ROW + 1, sheet.max_row + 1):
        if mark := sheet.cell(row, key_column).value:
            yield str(mark).partition("-")[0], row
