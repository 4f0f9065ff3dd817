"""A summary or a dispatch list among the returns is skipped only as we wrote it."""

from __future__ import annotations

import io
import re
import zipfile
from collections.abc import Callable

import pytest
from openpyxl import Workbook, load_workbook

from ledgerbook.excel.deterministic_zip import serialize_workbook
from ledgerbook.file_types import replace_parts
from ledgerbook.identity import is_modified, seal_package
from ledgerbook.intake.pipeline import ReadContext, read_return
from ledgerbook.intake.row_matching import IssuedRows
from ledgerbook.issue.workbook import DispatchLine, build_dispatch_list
from ledgerbook.model.results import FileStatus
from ledgerbook.summary import write_summary
from tests.support.books import AS_OF, FINANCE, ISSUED_ON, KEY, SAVED_AT, make_book
from tests.support.returns import answered, answers, codes, collected, sent

BOOK = make_book()
OTHER_KEY = "cd" * 32
Change = Callable[[Workbook], None]


@pytest.fixture(scope="module")
def summary() -> bytes:
    return write_summary(collected(answered("综合科")))


@pytest.fixture(scope="module")
def dispatch_list() -> bytes:
    lines = [DispatchLine(section, f"{section.name}.xlsx") for section in BOOK.sections]
    return build_dispatch_list(BOOK, BOOK.rounds[0], lines, ISSUED_ON)


def change_workbook(data: bytes, change: Change) -> bytes:
    workbook = load_workbook(io.BytesIO(data))
    change(workbook)
    return serialize_workbook(workbook, SAVED_AT)


def write_words(workbook: Workbook) -> None:
    workbook.worksheets[0]["B30"] = "我科有不同意见。"


def add_finance_sheet(workbook: Workbook) -> None:
    """Copy the filled sheet of a section into another workbook, as moving it does."""
    source = load_workbook(io.BytesIO(answered(FINANCE)))[FINANCE]
    target = workbook.create_sheet(FINANCE)
    for row in source.iter_rows():
        for cell in row:
            if cell.value is not None:
                target.cell(cell.row, cell.column, cell.value)


@pytest.mark.parametrize("output", ["summary", "dispatch_list"])
def test_as_written_it_is_skipped(output: str, request: pytest.FixtureRequest) -> None:
    read = read_return("文件.xlsx", request.getfixturevalue(output), ReadContext(BOOK, AS_OF))
    assert [problem.code for problem in read.problems] == ["file-not-return"]
    assert read.report.status is FileStatus.SKIPPED


@pytest.mark.parametrize("output", ["summary", "dispatch_list"])
def test_changed_it_is_to_be_looked_at(output: str, request: pytest.FixtureRequest) -> None:
    """What somebody typed into it is in no return: a person has to read it."""
    data = change_workbook(request.getfixturevalue(output), write_words)
    read = read_return("文件.xlsx", data, ReadContext(BOOK, AS_OF))
    (problem,) = read.problems
    assert (problem.code, problem.is_error) == ("file-own-changed", True)
    assert read.report.status is FileStatus.REJECTED
    assert not read.rows


def test_a_sheet_of_a_return_in_it_is_read(summary: bytes) -> None:
    """Its answers count; the sheets of the summary, which have row codes too, do not."""
    ledger = collected(change_workbook(summary, add_finance_sheet))
    assert answers(ledger) == answers(collected(answered(FINANCE)))
    assert ledger.cell_balance.is_balanced
    assert "file-own-changed" in codes(ledger)
    assert "sheet-repeated" not in codes(ledger)
    (problem,) = (one for one in ledger.problems if one.code == "file-own-changed")
    assert f"“{FINANCE}”是报送表" in problem.message


def strip_seal(data: bytes) -> bytes:
    """Return the core properties of a workbook without the seal."""
    with zipfile.ZipFile(io.BytesIO(data)) as package:
        return re.sub(rb";seal=[^<]*", b"", package.read("docProps/core.xml"))


def test_a_seal_of_another_key_counts_for_nothing(summary: bytes) -> None:
    """Who seals what he changed cannot sign it with the key of the book."""
    changed = change_workbook(summary, write_words)
    read = read_return("文件.xlsx", seal_package(changed, OTHER_KEY), ReadContext(BOOK, AS_OF))
    assert [problem.code for problem in read.problems] == ["file-own-changed"]


def test_a_form_under_a_forged_seal_is_a_return() -> None:
    """It is not passed over as the form that we sent."""
    forged = seal_package(answered(FINANCE), OTHER_KEY)
    assert not is_modified(forged)
    assert is_modified(forged, KEY)
    read = read_return("文件.xlsx", forged, ReadContext(BOOK, AS_OF))
    assert not read.is_unmodified


def reseal(data: bytes) -> bytes:
    """Return a workbook under a seal that anybody can make: without a signature."""
    return seal_package(replace_parts(data, {"docProps/core.xml": strip_seal(data)}))


def test_a_seal_that_nobody_signed_counts_for_nothing(summary: bytes) -> None:
    """Anybody can make one; so what is under it is read as any file."""
    assert not is_modified(sent(FINANCE), KEY)
    assert is_modified(reseal(sent(FINANCE)), KEY)
    read = read_return("文件.xlsx", reseal(answered(FINANCE)), ReadContext(BOOK, AS_OF))
    assert not read.is_unmodified
    assert read.rows
    changed = reseal(change_workbook(summary, write_words))
    read = read_return("文件.xlsx", changed, ReadContext(BOOK, AS_OF))
    assert [problem.code for problem in read.problems] == ["file-own-changed"]


def write_instructions(workbook: Workbook) -> None:
    workbook["填表说明"]["H3"] = "我科有不同意见。"


def test_without_the_key_what_only_it_can_tell_is_left_to_the_office() -> None:
    """A worker of a cluster reads neither a sealed file nor foreign words by itself."""
    rows = IssuedRows.from_book(BOOK).withhold_key()
    context = ReadContext(rows.book, AS_OF, issued_rows=rows)
    assert read_return("文件.xlsx", answered(FINANCE), context).rows
    for data in (sent(FINANCE), change_workbook(answered(FINANCE), write_instructions)):
        assert read_return("文件.xlsx", data, context).report.status is FileStatus.NOT_READ
