"""The summary in LibreOffice: figures that hold after a recalculation."""

from __future__ import annotations

import io
import re
from datetime import date
from pathlib import Path

import pytest
from openpyxl import load_workbook

from ledgerbook.intake.pipeline import FileSource, ReadContext, read_file
from ledgerbook.merge.ledger import merge_returns
from ledgerbook.model import Book
from ledgerbook.model.results import Ledger
from ledgerbook.storage.folders import find_files
from ledgerbook.summary import write_summary
from tests.office.calc import Calc
from tests.office.clerk import type_in
from tests.support.books import AS_OF, DONE, FINANCE, INDUSTRY, OFFICE, fill, issued

# An error value, as any office program writes it.
ERROR = re.compile(r"#(REF!|NAME\?|VALUE!|DIV/0!|N/A|NUM!|NULL!)|Err:\d{3}")


@pytest.fixture(scope="module")
def ledger(book: Book, calc: Calc, tmp_path_factory: pytest.TempPathFactory) -> Ledger:
    """Collect from disk: a return typed in LibreOffice, one filled by a program.

    产业金融科 sends an older return as well, so that there is a conflict, and a file
    that is no workbook lies beside; every sheet of the summary has something to show.
    """
    folder = tmp_path_factory.mktemp("收回")
    blank = tmp_path_factory.mktemp("发出") / "空表.xlsx"
    blank.write_bytes(issued(book, OFFICE))
    calc.open(path=blank)
    typed = {
        "T01": {"status": "已完成", "done_on": "2022-9-30", "result": "已办。"},
        "T02": {"status": "推进中", "result": "在办。"},
        "T03": {"status": "未启动"},
        "T05": {"status": "不涉及"},
    }
    type_in(calc, typed)
    calc.save(path=folder / "综合科 报回.xlsx")
    calc.close()
    rest = {"status": "长期推进", "result": "常年坚持。"}
    answers = {"T01": DONE, "T02": rest, "T04": {**DONE, "result": "=1+1"}, "T05": rest}
    first = {"T01": {**DONE, "done_on": date(2022, 8, 31)}, "T04": {"status": "完成"}}
    finance, industry = issued(book, FINANCE), issued(book, INDUSTRY)
    (folder / "1.xlsx").write_bytes(fill(finance, answers))
    (folder / "2.xlsx").write_bytes(fill(industry, first))
    (folder / "3.xlsx").write_bytes(fill(industry, {"T01": DONE}))
    (folder / "说明.txt").write_text("请查收", "utf-8")
    files = find_files([folder])
    reads = [
        read_file(FileSource(name, path), ReadContext(book, AS_OF)) for name, path in files.items()
    ]
    return merge_returns(book, reads, AS_OF)


@pytest.fixture
def summary(ledger: Ledger, tmp_path: Path) -> Path:
    """Write the summary of the case."""
    path = tmp_path / "年度汇总.xlsx"
    path.write_bytes(write_summary(ledger))
    return path


def cached(path: Path) -> dict[tuple[str, str], object]:
    """Return what we wrote down for each formula, by sheet and reference."""
    data = path.read_bytes()
    values = load_workbook(io.BytesIO(data), data_only=True)
    return {
        (sheet.title, cell.coordinate): values[sheet.title][cell.coordinate].value
        for sheet in load_workbook(io.BytesIO(data)).worksheets
        for row in sheet.iter_rows()
        for cell in row
        if cell.data_type == "f"
    }


def test_every_figure_survives_a_recalculation(summary: Path, calc: Calc) -> None:
    """Each formula, computed afresh by LibreOffice, comes to what we wrote down."""
    written = cached(summary)
    names = calc.open(path=summary)
    calc.recalculate()
    computed = {
        (name, ref): value
        for number, name in enumerate(names)
        for ref, value in calc.formulas(sheet=number).items()
    }
    assert set(computed) == set(written)
    wrong = {
        at: (computed[at], value)
        for at, value in written.items()
        if computed[at] != pytest.approx(value)
    }
    assert wrong == {}
    assert sum(sheet == "总览" for sheet, _ in written) > 60


def test_the_figures_are_those_of_the_case(ledger: Ledger, summary: Path, calc: Calc) -> None:
    """What LibreOffice counts on 总览 is what the ledger holds."""
    calc.open(path=summary)
    calc.recalculate()
    lines = {row[0]: row for row in calc.values() if row[0]}
    done = sum(row.status == "已完成" for row in ledger.assignment_results)
    head = lines["统计口径"]
    assert lines["任务（项）"][1] == len(ledger.book.tasks)
    assert lines["科室任务（件）"][1] == len(ledger.assignment_results)
    assert lines["科室任务（件）"][head.index("已完成")] == done
    assert lines["合计"][1:] == lines["科室任务（件）"][1:]


def test_a_corrected_detail_is_counted_anew(summary: Path, calc: Calc) -> None:
    """The figures are alive: a status changed by hand in 科室明细 moves them."""
    names = calc.open(path=summary)
    detail = names.index("科室明细")
    grid = calc.values(sheet=detail)
    head = next(n for n, row in enumerate(grid) if "完成状态" in row)
    column = grid[head].index("完成状态")
    row = next(n for n, r in enumerate(grid) if r[column] == "未启动" and n > head)

    def done() -> float:
        lines = {line[0]: line for line in calc.values() if line[0]}
        return lines["科室任务（件）"][lines["统计口径"].index("已完成")]

    before = done()
    ref = f"{chr(ord('A') + column)}{row + 1}"
    assert calc.type(ref=ref, text="已完成", sheet=detail)
    assert done() == before + 1


def test_no_cell_is_an_error(summary: Path, calc: Calc) -> None:
    """No sheet shows an error value, neither computed nor as a text."""
    names = calc.open(path=summary)
    calc.recalculate()
    assert calc.errors() == []
    shown = {
        (name, text)
        for number, name in enumerate(names)
        for row in calc.values(sheet=number)
        for text in row
        if isinstance(text, str) and text
    }
    assert [pair for pair in shown if ERROR.search(pair[1])] == []
    assert {name for name, _ in shown} == set(names)
