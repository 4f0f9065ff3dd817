"""A busy machine takes longer, and comes to the same: no return is refused for its load."""

from __future__ import annotations

import os
import signal
import subprocess
import sys
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import replace
from datetime import date, timedelta
from pathlib import Path

import pytest

from ledgerbook import forms
from ledgerbook.book import build_book_bytes
from ledgerbook.model import Assignment, Book, Role, Section
from tests.forms.test_registers import DEFINITION
from tests.support.books import AS_OF, DONE, OFFICE, fill, issued, make_book
from tests.support.returns import replace_parts

SECTION_NAMES = (OFFICE, *(f"第{n}科" for n in range(2, 13)))
BUSY_PROCESSES = 12
# It ends with the test's own process, even where that is killed.
_COMPUTE = "import os; parent = os.getppid()\nwhile os.getppid() == parent: pass"
BLANK_ROWS, REGISTER_ROWS = 65_537, 4_000
# The issued rows are all above it.
FIRST_APPENDED_ROW = 1_000
FORM_SHEET, REGISTER_SHEET = "xl/worksheets/sheet1.xml", "xl/worksheets/sheet2.xml"


def make_large_book() -> Book:
    """Return a book of twelve sections, of which the office keeps a register."""
    return make_book(
        forms=(forms.load_factory_ledger(), forms.load_form(DEFINITION)),
        sections=tuple(
            Section(name, register_keys=("requests",) if name == OFFICE else ())
            for name in SECTION_NAMES
        ),
        tasks=tuple(
            replace(
                task,
                units="各科室",
                parsed_assignments=tuple(
                    Assignment(name, Role.IMPLEMENT) for name in SECTION_NAMES
                ),
            )
            for task in make_book().tasks
        ),
    )


def append_rows(data: bytes, part: str, rows: Iterator[str]) -> bytes:
    """Return a workbook with rows, given as XML, at the end of a sheet."""
    end = b"</sheetData>"
    return replace_parts(data, {part: lambda xml: xml.replace(end, "".join(rows).encode() + end)})


def make_blank_rows() -> Iterator[str]:
    for row in range(FIRST_APPENDED_ROW, FIRST_APPENDED_ROW + BLANK_ROWS):
        cells = "".join(f'<c r="{letter}{row}" s="1"/>' for letter in "ABCDEFGHIJKL")
        yield f'<row r="{row}" spans="1:12">{cells}</row>'


def make_entries() -> Iterator[str]:
    """Yield the rows of entries without a problem: number, received, answered, extended."""
    for number in range(REGISTER_ROWS):
        row, day = FIRST_APPENDED_ROW + number, date(2022, 1, 4) + timedelta(number % 300)
        yield (
            f'<row r="{row}"><c r="A{row}" t="str"><v>{number}号</v></c>'
            f'<c r="B{row}" t="d"><v>{day}</v></c>'
            f'<c r="D{row}" t="d"><v>{day + timedelta(1)}</v></c>'
            f'<c r="E{row}" t="str"><v>否</v></c></row>'
        )


def collect(folder: Path, output: Path) -> dict[str, bytes]:
    """Collect as a user does; return the bytes of every output, and of what was said."""
    command = (sys.executable, "-m", "ledgerbook", "collect", "台账.xlsx", "收回")
    options = ("-o", f"{output}", "--as-of", f"{AS_OF}")
    done = subprocess.run([*command, *options], cwd=folder, capture_output=True, check=False)
    files = {
        f"{path.relative_to(output)}": path.read_bytes()
        for path in output.rglob("*")
        if path.is_file()
    }
    said = (done.stdout + done.stderr).replace(f"{output}".encode(), b"")
    return {**files, "exit code": bytes([done.returncode]), "output": said}


@contextmanager
def keep_machine_busy() -> Iterator[None]:
    """Run processes that only compute, in a group of their own, until the block ends."""
    loops = [
        subprocess.Popen([sys.executable, "-c", _COMPUTE], start_new_session=True)
        for _ in range(BUSY_PROCESSES)
    ]
    try:
        yield
    finally:
        for loop in loops:
            os.killpg(loop.pid, signal.SIGKILL)
            loop.wait()


@pytest.mark.slow
@pytest.mark.skipif(not hasattr(os, "killpg"), reason="Windows has no process groups")
def test_a_busy_machine_gives_the_same_bytes(tmp_path: Path) -> None:
    """Bordered blank rows and a large register among the returns are taken both times."""
    book = make_large_book()
    (tmp_path / "收回").mkdir()
    (tmp_path / "台账.xlsx").write_bytes(build_book_bytes(book))
    for name in SECTION_NAMES:
        data = fill(issued(book, name), {book.get_tasks(name)[0].code: DONE})
        if name == SECTION_NAMES[1]:
            data = append_rows(data, FORM_SHEET, make_blank_rows())
        if name == OFFICE:
            data = append_rows(data, REGISTER_SHEET, make_entries())
        (tmp_path / "收回" / f"{name}.xlsx").write_bytes(data)
    idle = collect(tmp_path, tmp_path / "idle")
    with keep_machine_busy():
        busy = collect(tmp_path, tmp_path / "busy")
    assert busy == idle
    assert f"登记簿汇入 {REGISTER_ROWS} 条".encode() in idle["output"]
    assert "12 个科室中有 12 个已报送".encode() in idle["output"]
