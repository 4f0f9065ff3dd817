"""各批次进展 and 历次填报, read back as clerks' programs would read them."""

from __future__ import annotations

import io
from collections.abc import Callable
from dataclasses import replace
from datetime import date

import openpyxl
import pytest

from ledgerbook.intake.pipeline import ReadContext, read_return
from ledgerbook.merge.ledger import merge_returns
from ledgerbook.model import Round
from ledgerbook.model.results import Ledger
from ledgerbook.summary import write_summary
from tests.support.books import AS_OF, FINANCE, OFFICE, fill, issued, make_book
from tests.support.summary_reading import (
    Grid,
    calamine_grid,
    list_texts,
    openpyxl_grid,
    read_table,
)

ROUNDS = (Round("上半年", date(2022, 6, 30)), Round("年度", date(2022, 12, 15)))
BOOK = make_book(rounds=ROUNDS)


@pytest.fixture(scope="module")
def ledger() -> Ledger:
    """Two rounds: one task moves on, and one section answers only the second."""
    said = (
        (0, FINANCE, {"status": "推进中", "result": "@正在办"}),
        (1, FINANCE, {"status": "已完成", "result": "办好了。"}),
        (1, OFFICE, {"status": "不涉及"}),
    )
    reads = []
    for n, (a_round, section, answers) in enumerate(said):
        sent = issued(replace(BOOK, rounds=(ROUNDS[a_round],)), section)
        reads.append(
            read_return(f"{n}.xlsx", fill(sent, {"T01": answers}), ReadContext(BOOK, AS_OF))
        )
    return merge_returns(BOOK, reads, AS_OF)


@pytest.mark.parametrize("grid", [openpyxl_grid, calamine_grid])
def test_each_round_has_its_line(ledger: Ledger, grid: Callable[[bytes, str], Grid]) -> None:
    """Counts are cumulative: what a round did not say again still stands."""
    first_due, first, year_due, year = read_table(grid(write_summary(ledger), "各批次进展"), "批次")
    # Saved on 10 December: after the due day of the first round, before that of the second.
    assert (first_due["口径"], first["口径"]) == ("截止", "含补报")
    assert (first_due["已报科室数"], first_due["未填或未报"], year_due["完成率"]) == (0, 12, "9.1%")
    assert (first["批次"], first["已报科室数"]) == ("上半年", 1)
    assert first["未报科室"] == "综合科、产业金融科"
    assert (first["推进中"], first["已完成"], first["未填或未报"]) == (1, 0, 11)
    assert first["完成率"] == "0.0%"
    assert (year["已报科室数"], year["推进中"], year["已完成"]) == (2, 0, 1)
    assert (year["不涉及"], year["完成率"]) == (1, "9.1%")


def test_what_was_said_before_stands_beside_what_is_said_now(ledger: Ledger) -> None:
    """Earlier words are kept as text, with their file and cell."""
    data = write_summary(ledger)
    status, result = read_table(openpyxl_grid(data, "历次填报", formulas=True), "序号")
    assert (status["当时填的内容"], status["现在的内容"]) == (
        "推进中",
        "【年度】已完成",
    )
    assert (result["批次"], result["当时填的内容"]) == ("上半年", "@正在办")
    assert str(result["出处"]).startswith("0.xlsx 金融发展科 L6\n")
    submissions = " ".join(list_texts(openpyxl_grid(data, "报送情况")))
    assert "改过的旧内容 2 个" in submissions


def test_the_table_of_rates_is_not_printed_under_the_header_of_the_other(ledger: Ledger) -> None:
    """Of two tables on a sheet none repeats its header above the other."""
    sheet = openpyxl.load_workbook(io.BytesIO(write_summary(ledger)))["各批次进展"]
    assert sheet["A1"].value == "各批次进展"
    assert sheet.print_title_rows == "$1:$1"


def test_a_year_of_one_round_has_no_such_sheets() -> None:
    """Where there is one round only, the sheets would say nothing."""
    data = write_summary(merge_returns(make_book(), [], AS_OF))
    assert "各批次进展" not in openpyxl.load_workbook(io.BytesIO(data)).sheetnames
