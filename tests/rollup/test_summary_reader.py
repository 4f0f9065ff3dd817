"""Summaries as they really come: old, altered by hand, no summaries at all."""

from __future__ import annotations

from collections.abc import Mapping
from datetime import date

import pytest
from openpyxl import Workbook

from ledgerbook.intake.formats.raw_workbook import CellPosition, RawSheet, RawValue, RawWorkbook
from ledgerbook.issue.corrections import build_corrections
from ledgerbook.rollup.summary_reader import guess_facts
from ledgerbook.summary import write_summary
from ledgerbook.summary.metadata import SummaryFacts
from tests.support.books import AS_OF, DONE, OFFICE, fill, issued, make_book
from tests.support.returns import collected, without_sheets
from tests.support.rollups import (
    DETAIL,
    EDU,
    FACTS,
    ROWS,
    change_summary,
    find_header,
    get_results,
    list_problems,
    make_ledger,
    make_summary,
    make_three_summaries,
    roll_up_files,
    type_value,
)

# Each saves a workbook anew.
pytestmark = pytest.mark.slow


# -- what is no summary of today ------------------------------------------------------


def test_a_summary_of_an_older_version_is_read_by_what_can_be_seen() -> None:
    """Without the hidden sheet unit, year, day, rows and who is missing are found."""
    data = make_summary(EDU, "a1")
    made = roll_up_files({"旧版.xlsx": without_sheets(data, FACTS)})
    today = roll_up_files({"旧版.xlsx": data})
    assert list_problems(made) == [("summary-older", "旧版.xlsx")]
    assert get_results(made) == get_results(today)
    assert made.missing == today.missing
    assert [row.values for row in made.rows] == [row.values for row in today.rows]
    (unit,) = made.units
    book = today.units[0].book_id
    assert (unit.path, unit.as_of, unit.book_id) == (EDU, AS_OF, book)


def test_an_older_summary_that_does_not_say_whose_it_is_is_refused() -> None:
    """Its rows are held by one sentence that says what to do."""
    data = without_sheets(make_summary(EDU, "a1"), FACTS, "总览")
    made = roll_up_files({"旧版.xlsx": data})
    assert list_problems(made) == [("summary-unnamed", "旧版.xlsx")]
    assert (made.merged_row_count, made.rejected_row_count) == (0, ROWS)


def test_a_summary_of_a_newer_version_is_refused() -> None:
    """Facts in a format yet unknown are not guessed at."""

    def newer(workbook: Workbook) -> None:
        workbook[FACTS]["B1"] = "ledgerbook-summary/9"

    made = roll_up_files({"新.xlsx": change_summary(make_summary(EDU, "a1"), newer)})
    assert list_problems(made) == [("summary-newer", "新.xlsx")]
    assert "ledgerbook-summary/9" in made.problems[0].message


def test_other_workbooks_are_refused() -> None:
    """A section's own workbook is no summary."""
    made = roll_up_files({"综合科.xlsx": issued(make_book(), OFFICE)})
    assert list_problems(made) == [("summary-none", "综合科.xlsx")]


def test_what_was_sent_back_to_sections_is_passed_over() -> None:
    """A bureau sends its whole folder 汇总."""
    answers = {"T01": {**DONE, "done_on": "2022年9月"}}
    ledger = collected(fill(issued(make_book(), OFFICE), answers))
    (correction,) = build_corrections(ledger)
    made = roll_up_files({"a.xlsx": make_summary(EDU, "a1"), "退回.xlsx": correction.data})
    assert list_problems(made) == [("summary-correction", "退回.xlsx")]
    assert not made.problems[0].is_error


@pytest.mark.parametrize("row", [1, 2, 4, 5, 6, 7])
def test_facts_that_make_no_sense_harm_nobody(row: int) -> None:
    """Whatever stands on the hidden sheet, the file is read or refused."""

    def spoil(workbook: Workbook) -> None:
        for column in range(2, 7):
            workbook[FACTS].cell(row, column).value = "=1/0" if column == 3 else "甲"

    made = roll_up_files(
        {**make_three_summaries(), "怪.xlsx": change_summary(make_summary("市司法局", "f1"), spoil)}
    )
    assert {unit.path for unit in roll_up_files(make_three_summaries()).units} <= {
        unit.path for unit in made.units
    }


# -- what people do to a summary ------------------------------------------------------


def changed(*changes: object, data: bytes = b"") -> list[tuple[str, str, int]]:
    """Alter a summary; return code, cell and rows held of each problem."""

    def change(workbook: Workbook) -> None:
        for one in changes:
            one(workbook)  # type: ignore[operator]

    made = roll_up_files({"1.xlsx": change_summary(data or make_summary(EDU, "a1"), change)})
    return [(p.code, p.place.cell, p.rejected_cells) for p in made.problems]


def _without_row(workbook: Workbook) -> None:
    workbook[DETAIL].delete_rows(find_header(workbook[DETAIL])[0] + 2)


def _copied_row(workbook: Workbook) -> None:
    sheet = workbook[DETAIL]
    row = [cell.value for cell in sheet[find_header(sheet)[0] + 1]]
    sheet.append(row)


def _renamed(old: str, new: str) -> object:
    def change(workbook: Workbook) -> None:
        top, columns = find_header(workbook[DETAIL])
        workbook[DETAIL].cell(top, columns[old]).value = new

    return change


def test_a_status_changed_by_hand_counts_and_is_told() -> None:
    """What the office sees is what counts; that it was changed is said."""
    assert changed(type_value("完成状态", "推进中")) == [("summary-edited", "", 0)]


def test_a_row_deleted_by_hand_is_counted_as_held() -> None:
    """Nobody knows what it said, so somebody must look."""
    assert changed(_without_row) == [("summary-rows", "", 1)]


def test_a_row_that_stands_twice_counts_once_or_not_at_all() -> None:
    """Equal copies are one row; of copies that differ none is chosen."""
    assert ("summary-row-again", "A16", 1) in changed(_copied_row)
    twice = changed(_copied_row, type_value("落实情况", "另一种说法"))
    assert sorted(twice) == [
        ("summary-row-twice", "A16", 1),
        ("summary-row-twice", "A4", 1),
        ("summary-rows", "", 0),
    ]


@pytest.mark.parametrize(
    ("header", "value", "code", "held"),
    [
        ("完成状态", "#REF!", "summary-row-error", 1),
        ("行码", None, "summary-row", 1),
        ("科室", None, "summary-row", 1),
        ("完成状态", "快好了", "summary-status", 0),
        ("完成期限", "年底前", "summary-date", 0),
        ("序号", "第一", "summary-number", 0),
        ("落实情况", "=A1", "summary-cell", 0),
    ],
)
def test_a_cell_that_cannot_be_read_is_pointed_at(
    header: str, value: object, code: str, held: int
) -> None:
    """File, sheet and cell are named; of the row nothing is guessed."""
    got = changed(type_value(header, value))
    assert [(c, n) for c, cell, n in got if cell] == [(code, held)]


def test_renamed_headers_are_told() -> None:
    """A column the row cannot do without holds the table; another, only itself."""
    (held,) = changed(_renamed("行码", "编号"))
    assert held == ("summary-no-detail", "", ROWS)
    assert changed(_renamed("落实情况", "进展")) == [("summary-column", "", 0)]


def test_columns_of_the_bureau_s_own_are_kept_in_words() -> None:
    """What has no column a level up stands under 其他栏目."""

    def add(workbook: Workbook) -> None:
        sheet = workbook[DETAIL]
        top, columns = find_header(sheet)
        sheet.cell(top, len(columns) + 1).value = "局里批示"
        sheet.cell(top + 1, len(columns) + 1).value = "同意"

    made = roll_up_files({"1.xlsx": change_summary(make_summary(EDU, "a1"), add)})
    assert made.rows[0].get_text("other") == "局里批示：同意"
    assert made.problems == ()


def test_all_parts_of_a_split_detail_are_read() -> None:
    """And a part that cannot be found any more is missed."""
    split = write_summary(make_ledger(EDU), max_rows=5)
    whole = roll_up_files({"1.xlsx": make_summary(EDU)})
    made = roll_up_files({"1.xlsx": split})
    assert made.problems == ()
    assert get_results(made) == get_results(whole)
    assert made.merged_row_count == ROWS
    assert changed(lambda book: book.remove(book["科室明细(2)"]), data=split) == [
        ("summary-rows", "", 5)
    ]


TITLE = "某市某局2022年政务公开重点任务落实情况汇总"
STANDINGS = {
    (1, 0): "一、各科室报送情况",
    (2, 0): "科室",
    (2, 1): "报送状态",
    (3, 0): "综合科",
    (3, 1): "已报送",
    (4, 0): "财务科",
}


def seen(day: str, standings: Mapping[CellPosition, RawValue] | None) -> SummaryFacts | None:
    """Guess whose an older summary is by its two sheets that a head reads."""
    overview = {(0, 0): TITLE, (1, 0): day} if day else {(0, 0): TITLE}
    sheets = [RawSheet("总览", overview)]
    if standings is not None:
        sheets.append(RawSheet("报送情况", standings))
    return guess_facts(RawWorkbook(tuple(sheets), "book=2022-AB"), 7)


def test_an_older_summary_tells_by_its_title_whose_it_is() -> None:
    """And by its list of sections who has returned, as far as it says so."""
    facts = seen("汇总日期：2022年12月20日", STANDINGS)
    assert facts is not None
    assert (facts.name, facts.year, facts.as_of) == (
        "某市某局",
        2022,
        date(2022, 12, 20),
    )
    assert [(one.book_id, one.row_count) for one in facts.units] == [("2022-AB", 7)]
    assert [(s.section, s.status) for s in facts.sections] == [("综合科", "已报送")]


@pytest.mark.parametrize("standings", [None, {}, {(0, 0): "科室", (0, 1): "人数"}])
def test_an_older_summary_without_standings_tells_of_no_section(
    standings: Mapping[CellPosition, RawValue] | None,
) -> None:
    facts = seen("汇总日期：2022年12月20日", standings)
    assert facts is not None
    assert facts.sections == ()


@pytest.mark.parametrize("day", ["", "汇总日期：2022年13月20日", "2022年12月20日"])
def test_an_older_summary_without_its_day_is_not_guessed_at(day: str) -> None:
    assert seen(day, STANDINGS) is None
    assert guess_facts(RawWorkbook((RawSheet("别的", {(0, 0): TITLE}),)), 7) is None
