"""Run all commands of a year once, on the packaged real plan with fictitious returns.

All dates and keys are fixed, so that every demo gives the same bytes. The answers of the
sections are in the packaged TOML file EXAMPLE_RETURNS.
"""

from __future__ import annotations

import io
import tomllib
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, replace
from pathlib import Path
from typing import TYPE_CHECKING, Any

from ledgerbook.commands.arguments import StrPath, to_path
from ledgerbook.commands.collect import CollectResult, collect
from ledgerbook.commands.generate import GenerateResult, generate
from ledgerbook.commands.init import InitResult, init
from ledgerbook.commands.remind import RemindResult, remind
from ledgerbook.commands.report import ReportResult, write_report
from ledgerbook.errors import FileError
from ledgerbook.issue.layout import FIRST_ROW, KEY_ROW, ROW_KEY
from ledgerbook.model import Book
from ledgerbook.storage import atomic
from ledgerbook.storage.resources import EXAMPLE_PLAN, EXAMPLE_RETURNS, find_resource

if TYPE_CHECKING:
    from openpyxl.worksheet.worksheet import Worksheet


# A fixed key for the same bytes every time; the key of a real book is random.
_DEMO_KEY = "2022" * 16
# What the script says once for a return stands in each row.
_REPEATED_KEYS = ("person", "phone", "signer", "signed_on")


@dataclass(frozen=True, slots=True)
class DemoReturns:
    """The returns of the demo: the files in 收回, and the sections that sent them."""

    files: tuple[Path, ...]
    sections: tuple[str, ...]


DemoStep = InitResult | GenerateResult | DemoReturns | CollectResult | RemindResult | ReportResult


def run_demo(folder: StrPath) -> Iterator[DemoStep]:
    """Run the demo in ``folder`` as its steps are iterated over; yield the result of each.

    Raises FileError when the folder exists and is not empty.
    """
    return _run_steps(to_path("folder", folder))


def _run_steps(folder: Path) -> Iterator[DemoStep]:
    if folder.exists() and (not folder.is_dir() or any(folder.iterdir())):
        raise FileError(
            f"“{folder}”已经存在而且不是空的，没有动它。请换一个文件夹，或先把它移走。",
            code="file-exists",
            path=folder,
        )
    script = tomllib.loads(find_resource(EXAMPLE_RETURNS).read_text("utf-8"))
    book_path = folder / "台账.xlsx"
    init_result = _create_book(book_path)
    yield init_result
    book = init_result.book
    _settle_book(book, book_path, script)
    yield generate(book_path, folder / "发出", issued_on=script["issued_on"])
    yield DemoReturns(
        tuple(_fill_workbook(folder, book, return_data) for return_data in script["returns"]),
        tuple(return_data["section"] for return_data in script["returns"]),
    )
    returns, day = folder / "收回", script["as_of"]
    yield collect(book_path, returns, folder / "汇总", as_of=day)
    yield remind(book_path, returns, folder / "催办", as_of=day)
    yield write_report(book_path, returns, folder / "年报初稿.docx", as_of=day)


def _create_book(path: Path) -> InitResult:
    """Create the book from the packaged plan, which may be inside a zip file."""
    from importlib.resources import as_file

    with as_file(find_resource(EXAMPLE_PLAN)) as plan:
        return init(plan, path, key=_DEMO_KEY)


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


def _fill_workbook(folder: Path, book: Book, return_data: Mapping[str, Any]) -> Path:
    """Fill in an issued workbook as a clerk would; return its path in 收回, under another name."""
    from openpyxl import load_workbook

    from ledgerbook.excel.deterministic_zip import serialize_workbook

    issued = folder / "发出" / book.rounds[0].name / f"{return_data['section']}.xlsx"
    workbook = load_workbook(io.BytesIO(issued.read_bytes()))
    sheet = workbook.worksheets[0]
    columns_by_key = _index_columns(sheet)
    rows = dict(_list_task_rows(sheet, columns_by_key[ROW_KEY]))
    for answers in return_data["rows"]:
        cells = {**answers, **{k: return_data[k] for k in _REPEATED_KEYS if k in return_data}}
        row = rows[cells.pop("task")]
        for key, value in cells.items():
            sheet.cell(row, columns_by_key[key]).value = value
    for register, entries in return_data.get("entries", {}).items():
        form = book.find_form(register)
        if form:
            _write_entries(workbook[form.title], entries)
    workbook.properties.lastModifiedBy = return_data["person"]
    data = serialize_workbook(workbook, return_data["saved_at"])
    path: Path = folder / "收回" / return_data["file"]
    atomic.write_file(path, data)
    return path


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
