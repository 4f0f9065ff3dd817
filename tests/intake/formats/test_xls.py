"""An .xls, under any name: the answers of the .xlsx that it was made from."""

from __future__ import annotations

import random
from datetime import date, datetime, time
from functools import cache

import pytest
import xlwt
from hypothesis import given, settings
from hypothesis import strategies as st

from ledgerbook.file_types import RefusedError
from ledgerbook.intake.formats.raw_workbook import CellError, RawSheet
from ledgerbook.intake.formats.reader import read_workbook
from ledgerbook.intake.pipeline import ReadContext, read_return
from ledgerbook.merge.ledger import merge_returns
from ledgerbook.model.results import Ledger
from tests.support.books import AS_OF, DONE, FINANCE, fill, make_book
from tests.support.returns import answers, codes, collected, sent, signed
from tests.support.workbook_formats import as_xls, xls_bytes

BOOK = make_book()


@cache
def filled() -> bytes:
    said = signed(FINANCE)
    said["T01"] = {**DONE, "result": "第一行\n第二行", "phone": "0755"}
    return fill(sent(FINANCE), said)


@cache
def old() -> bytes:
    return as_xls(filled())


def called(name: str, data: bytes) -> Ledger:
    return merge_returns(BOOK, [read_return(name, data, ReadContext(BOOK, AS_OF))], AS_OF)


def only_sheet(book: xlwt.Workbook) -> RawSheet:
    (sheet,) = read_workbook(xls_bytes(book)).sheets
    return sheet


@pytest.mark.parametrize("name", ["科室.xls", "科室.xlsx", "科室.et", "科室", "a.bak"])
def test_is_read_under_any_name(name: str) -> None:
    """What a file is decides, and not what it is called."""
    found, usual = called(name, old()), collected(filled())
    assert answers(found) == answers(usual)
    assert codes(found) == codes(usual)
    assert found.cell_balance == usual.cell_balance


def test_days_counted_from_1904_are_the_same_days() -> None:
    """The workbook says from when its days are counted."""
    assert answers(collected(as_xls(filled(), date_1904=True))) == answers(collected(old()))


def test_reads_values_of_every_kind() -> None:
    """Numbers, days, moments, times, truth values and errors, each as what it is."""
    book = xlwt.Workbook()
    row = book.add_sheet("表").row(2)
    moment = datetime(2022, 9, 30, 8, 30)  # noqa: DTZ001  as a cell shows it
    day = xlwt.easyxf(num_format_str="yyyy-mm-dd hh:mm")
    row.write(0, " 文字\r\n二 ")
    row.write(1, 0.5, xlwt.easyxf(num_format_str="0%"))
    row.write(2, date(2022, 9, 30), day)
    row.write(3, moment, day)
    row.write(4, 0.5, day)
    row.write(5, True)
    row.set_cell_error(6, "#DIV/0!")
    row.write(7, "\u3000")
    row.write(8, 9e9, day)
    row.set_cell_blank(9)
    assert only_sheet(book).cells == {
        (2, 0): " 文字\n二 ",
        (2, 1): 0.5,
        (2, 2): date(2022, 9, 30),
        (2, 3): moment,
        (2, 4): time(12),
        (2, 5): True,
        (2, 6): CellError("#DIV/0!"),
        (2, 8): 9e9,
    }


def test_tells_merged_areas() -> None:
    """An area is told by its first and last cell."""
    book = xlwt.Workbook()
    book.add_sheet("表").write_merge(1, 2, 3, 5, "x")
    sheet = only_sheet(book)
    assert sheet.cells == {(1, 3): "x"}
    assert sheet.attachments.merges == (((1, 3), (2, 5)),)


def test_says_nothing_on_the_screen(capfd: pytest.CaptureFixture[str]) -> None:
    """The library's warnings are not for the clerk."""
    collected(old()[:-512], old())
    assert capfd.readouterr() == ("", "")


@pytest.mark.parametrize("end", [8, 600, 4096, 9000])
def test_half_a_file_is_damage(end: int) -> None:
    """A broken upload is one problem, and no answer."""
    ledger = called("科室.xls", old()[:end])
    assert codes(ledger) == ["file-damaged"]
    assert ledger.cell_balance.received == 0


def test_a_container_without_a_workbook_is_an_old_format() -> None:
    """An .et of long ago has no stream that anyone else reads."""
    stream = "Workbook".encode("utf-16-le")
    data = old().replace(stream, "Xorkbook".encode("utf-16-le"))
    with pytest.raises(RefusedError) as caught:
        read_workbook(data)
    assert caught.value.code == "file-old-format"


@pytest.mark.slow
@settings(max_examples=60, deadline=None)
@given(st.integers(0, 2**32))
def test_a_damaged_file_is_read_or_refused(seed: int) -> None:
    """Bytes flipped anywhere: no traceback, and every cell accounted for."""
    rng = random.Random(seed)  # noqa: S311  no secret
    data = bytearray(old())
    for _ in range(rng.randint(1, 12)):
        data[rng.randrange(len(data))] = rng.randrange(256)
    ledger = called("科室.xls", bytes(data))
    assert ledger.cell_balance.is_balanced
    assert "程序有错" not in "".join(p.message for p in ledger.problems)
