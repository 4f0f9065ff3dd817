"""What people do to a sheet: each answer lands in its own place or is held."""

from __future__ import annotations

import io
import re
from collections.abc import Callable, Mapping
from dataclasses import replace
from datetime import date
from typing import Any

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from openpyxl import Workbook, load_workbook
from openpyxl.worksheet.worksheet import Worksheet

from ledgerbook import identity
from ledgerbook.excel.deterministic_zip import serialize_workbook
from ledgerbook.issue.layout import FIRST_ROW, HEADER_ROW, KEY_ROW, ROW_KEY
from ledgerbook.issue.workbook import build_section_workbook
from ledgerbook.model import Round, Section
from ledgerbook.model.results import FileStatus, SubmissionStatus
from tests.support.books import (
    FINANCE,
    INDUSTRY,
    ISSUED_ON,
    KEY,
    OFFICE,
    Change,
    edit,
    fill,
    issued,
    make_book,
    rows_of,
)
from tests.support.returns import (
    answered,
    answers,
    codes,
    collect_codes,
    collected,
    copy_visible_cells,
    fill_whole,
    find_misplaced,
    sent,
    signed,
    whole,
)

At = Mapping[str, int]
# The finance section has four tasks and answers six columns of each.
ALL, ONE = 24, 6
HEAD, KEYS, FIRST = HEADER_ROW + 1, KEY_ROW + 1, FIRST_ROW + 1
LAST = FIRST + 3


def mangled(change: Change, data: bytes | None = None) -> tuple[list[str], int]:
    return collect_codes(edit(data or answered(FINANCE), change))


def first_sheet(data: bytes) -> Worksheet:
    return load_workbook(io.BytesIO(data)).worksheets[0]


def inserting(row: int) -> Change:
    return lambda sheet, _columns, _rows: sheet.insert_rows(row)


def deleting(row: int, count: int = 1) -> Change:
    return lambda sheet, _columns, _rows: delete_rows(sheet, row, count)


def delete_rows(sheet: Worksheet, first: int, count: int) -> None:
    """Delete rows as Excel would: that a row is hidden moves along with it, or goes."""
    hidden = [row for row, dimension in sheet.row_dimensions.items() if dimension.hidden]
    sheet.delete_rows(first, count)
    for row in hidden:
        sheet.row_dimensions[row].hidden = False
    for row in hidden:
        if not first <= row < first + count:
            sheet.row_dimensions[row - count if row > first else row].hidden = True


def moving(source: int, target: int) -> Change:
    """Cut a row and paste it over another one, as Excel would."""

    def change(sheet: Worksheet, columns: At, rows: At) -> None:
        for cell in sheet[source]:
            sheet.cell(target, cell.column).value = cell.value
            cell.value = None

    return change


def swap_rows(sheet: Worksheet, one: int, other: int, columns: range) -> None:
    for column in columns:
        first, second = sheet.cell(one, column), sheet.cell(other, column)
        first.value, second.value = second.value, first.value


def test_an_untouched_shape_gives_every_answer() -> None:
    """Answers typed where they belong come back without a word."""
    ledger = collected(answered(FINANCE))
    expected = {
        code: {key: str(value) for key, value in cells.items()}
        for code, cells in signed(FINANCE).items()
    }
    assert answers(ledger) == {FINANCE: expected}
    assert codes(ledger) == []
    assert ledger.cell_balance.received == ALL


# -- rows ---------------------------------------------------------------------------


def test_a_row_inserted_between_others_moves_no_answer() -> None:
    """Rows below an inserted blank row keep their tasks."""
    assert mangled(inserting(FIRST + 1)) == ([], ALL)


def test_a_row_inserted_and_filled_is_beyond_the_plan() -> None:
    """What is written in a row of one's own has no task, and is not lost."""

    def change(sheet: Worksheet, columns: At, rows: At) -> None:
        sheet.insert_rows(FIRST + 1)
        sheet.cell(FIRST + 1, columns["measure"]).value = "我们自己加的工作"
        sheet.cell(FIRST + 1, columns["result"]).value = "做了很多"

    assert mangled(change) == (["row-unplanned"], ALL)


def test_a_row_inserted_with_a_code_of_its_own_is_held_once() -> None:
    """A made-up code is no task; the whole row stands on one problem."""

    def change(sheet: Worksheet, columns: At, rows: At) -> None:
        sheet.cell(LAST + 1, columns["row_code"]).value = "T99-AAAAA"
        sheet.cell(LAST + 1, columns["measure"]).value = "我们自己加的工作"
        sheet.cell(LAST + 1, columns["result"]).value = "做了很多"

    ledger = collected(edit(answered(FINANCE), change))
    (problem,) = [p for p in ledger.problems if p.code == "row-unknown"]
    assert codes(ledger) == ["row-unknown"]
    assert (problem.rejected_cells, ledger.cell_balance.accepted) == (3, ALL)
    assert "做了很多" in problem.raw


def test_a_deleted_row_is_missed_and_moves_no_answer() -> None:
    """A task whose row is gone is asked for; the other rows keep their tasks."""
    ledger = collected(edit(answered(FINANCE), deleting(FIRST)))
    assert (codes(ledger), ledger.cell_balance.accepted) == (["row-missing"], ALL - ONE)
    assert find_misplaced(ledger) == []
    assert ledger.problems[0].message == ("第 1 项任务在报来的表中没有这一行，没有内容可汇入。")


def test_a_row_moved_below_the_others_keeps_its_task() -> None:
    """A row is known wherever it stands."""
    assert mangled(moving(FIRST, LAST + 3)) == ([], ALL)


def test_a_row_copied_whole_counts_once() -> None:
    """A copy that says the same is a repetition, not a second answer."""

    def change(sheet: Worksheet, columns: At, rows: At) -> None:
        for cell in sheet[FIRST]:
            sheet.cell(LAST + 1, cell.column).value = cell.value

    ledger = collected(edit(answered(FINANCE), change))
    assert (codes(ledger), ledger.cell_balance.accepted) == ([], ALL)
    assert ledger.cell_balance.repeated == ONE
    assert ledger.cell_balance.is_balanced


def test_a_row_copied_and_changed_is_held_in_every_copy() -> None:
    """Of two different rows for one task neither is taken."""

    def change(sheet: Worksheet, columns: At, rows: At) -> None:
        for cell in sheet[FIRST]:
            sheet.cell(LAST + 1, cell.column).value = cell.value
        sheet.cell(LAST + 1, columns["result"]).value = "另一种说法"

    assert mangled(change) == (["row-repeated"] * 2, ALL - ONE)


def test_a_blank_copy_of_a_row_does_no_harm() -> None:
    """A copied row that nobody filled takes nothing from the filled one."""

    def change(sheet: Worksheet, columns: At, rows: At) -> None:
        for key in ("row_code", "measure", ROW_KEY):
            old = sheet.cell(FIRST, columns[key]).value
            sheet.cell(LAST + 1, columns[key]).value = old

    assert mangled(change) == ([], ALL)


def test_an_edited_code_is_outvoted_and_noted() -> None:
    """The hidden key and the text still know the row."""

    def change(sheet: Worksheet, columns: At, rows: At) -> None:
        sheet.cell(FIRST, columns["row_code"]).value = "第一项"

    assert mangled(change) == (["official-changed"], ALL)


def test_a_code_typed_in_full_width_is_the_same_code() -> None:
    """An input method's full-width letters change nothing."""

    def change(sheet: Worksheet, columns: At, rows: At) -> None:
        cell = sheet.cell(FIRST, columns["row_code"])
        wide = str(cell.value).lower().translate({45: "－", 116: "ｔ"})
        cell.value = f" {wide} "
        sheet.delete_cols(columns[ROW_KEY])

    assert mangled(change)[1] == ALL


def test_another_tasks_code_holds_the_row() -> None:
    """A visible code against the hidden key: nobody can tell which is right."""

    def change(sheet: Worksheet, columns: At, rows: At) -> None:
        code = columns["row_code"]
        sheet.cell(FIRST, code).value = sheet.cell(FIRST + 1, code).value

    assert mangled(change) == (["row-votes"], ALL - ONE)


def test_a_lost_hidden_key_leaves_code_and_text() -> None:
    """Without the hidden column the visible marks still agree."""

    def change(sheet: Worksheet, columns: At, rows: At) -> None:
        sheet.delete_cols(columns[ROW_KEY])

    assert mangled(change) == ([], ALL)


def test_code_and_hidden_key_lost_leaves_the_text() -> None:
    """A row known by its text alone is taken, and that is said."""

    def change(sheet: Worksheet, columns: At, rows: At) -> None:
        for key in ("row_code", ROW_KEY):
            sheet.cell(FIRST, columns[key]).value = None

    assert mangled(change) == (["row-by-text"], ALL)


def test_a_text_that_two_tasks_share_tells_nothing() -> None:
    """Known by its text alone, such a row could be either task."""
    book = make_book()
    same = tuple(replace(task, measure="同样的措施") for task in book.tasks)
    book = replace(book, tasks=same)
    data = fill(issued(book, FINANCE), signed(FINANCE, book))

    def change(sheet: Worksheet, columns: At, rows: At) -> None:
        for key in ("row_code", ROW_KEY):
            sheet.cell(FIRST, columns[key]).value = None

    found, kept = collect_codes(edit(data, change), book=book)
    assert (found, kept) == (["row-missing", "stray"], ALL - ONE)


def test_a_row_without_any_mark_is_held() -> None:
    """Code, key and text gone: the answers are shown to a person."""

    def change(sheet: Worksheet, columns: At, rows: At) -> None:
        for key in ("row_code", ROW_KEY, "measure"):
            sheet.cell(FIRST, columns[key]).value = None

    assert mangled(change) == (["row-missing", "stray"], ALL - ONE)


def test_a_corrected_official_text_changes_nothing_but_is_noted() -> None:
    """The book's own text stands; the sender's wording is shown."""

    def change(sheet: Worksheet, columns: At, rows: At) -> None:
        cell = sheet.cell(FIRST, columns["measure"])
        cell.value = str(cell.value)[:-2]

    ledger = collected(edit(answered(FINANCE), change))
    (problem,) = ledger.problems[-1:]
    assert (codes(ledger), ledger.cell_balance.accepted) == (["official-changed"], ALL)
    assert problem.place.cell == f"E{FIRST}"
    assert problem.message == (
        f"“计划措施”是固定内容，但与台账不一致。汇总仍以台账为准。表上的文字：{problem.raw}。"
    )


@pytest.mark.parametrize(
    ("number", "found"),
    [(44865, []), (44866, ["official-changed"]), (9e9, ["official-changed"])],
)
def test_a_due_date_whose_format_is_gone_is_the_same_date(number: float, found: list[str]) -> None:
    """SheetJS drops formats: what is left of 2022-10-31 is 44865."""

    def change(sheet: Worksheet, columns: At, rows: At) -> None:
        cell = sheet.cell(rows["T02"], columns["due"])
        cell.value, cell.number_format = number, "General"

    assert mangled(change) == (found, ALL)


def test_a_task_reworded_in_the_book_blames_nobody() -> None:
    """A return issued before the rewording shows the words that were sent."""
    book = make_book()
    reworded = (replace(book.tasks[0], measure="改写后的措施"), *book.tasks[1:])
    assert collect_codes(answered(FINANCE), book=replace(book, tasks=reworded)) == ([], ALL)


def test_code_and_text_both_edited_holds_the_row() -> None:
    """One hidden vote against two visible ones is no majority to trust."""

    def change(sheet: Worksheet, columns: At, rows: At) -> None:
        sheet.cell(FIRST, columns["row_code"]).value = "第一项"
        sheet.cell(FIRST, columns["measure"]).value = "改写过的措施"

    assert mangled(change) == (["row-votes"], ALL - ONE)


def test_another_tasks_text_against_the_marks_holds_the_row() -> None:
    """Official texts exchanged: the answers beside them may be to either task."""

    def change(sheet: Worksheet, columns: At, rows: At) -> None:
        text = range(columns["measure"], columns["measure"] + 1)
        swap_rows(sheet, FIRST, LAST, text)

    assert mangled(change) == (["row-votes"] * 2, ALL - 2 * ONE)


def test_another_sections_row_is_held_as_theirs() -> None:
    """A row pasted from a neighbour is neither the neighbour's answer nor ours."""
    theirs = first_sheet(answered(INDUSTRY))

    def change(sheet: Worksheet, columns: At, rows: At) -> None:
        for cell in theirs[FIRST]:
            sheet.cell(FIRST, cell.column).value = cell.value

    ledger = collected(edit(answered(FINANCE), change))
    (problem,) = [p for p in ledger.problems if p.code == "row-elsewhere"]
    assert codes(ledger) == ["row-elsewhere", "row-missing"]
    assert (problem.rejected_cells, ledger.cell_balance.accepted) == (ONE, ALL - ONE)
    assert INDUSTRY in problem.message
    assert (find_misplaced(ledger), list(answers(ledger))) == ([], [FINANCE])


def test_sorting_every_column_moves_no_answer() -> None:
    """Rows sorted whole are known again."""

    def change(sheet: Worksheet, columns: At, rows: At) -> None:
        swap_rows(sheet, FIRST, LAST, range(1, columns[ROW_KEY] + 1))

    assert mangled(change) == ([], ALL)


def test_sorting_the_visible_columns_only_holds_the_rows() -> None:
    """The hidden key stayed behind: code and key disagree, and nothing is guessed."""

    def change(sheet: Worksheet, columns: At, rows: At) -> None:
        swap_rows(sheet, FIRST, LAST, range(1, columns[ROW_KEY]))

    assert mangled(change) == (["row-votes"] * 2, ALL - 2 * ONE)


def test_a_task_taken_from_a_section_keeps_its_answers() -> None:
    """Answers to a task that the office has since reassigned are not lost."""
    book = make_book()
    kept = tuple(a for a in book.tasks[3].parsed_assignments if a.section != FINANCE)
    tasks = (
        *book.tasks[:3],
        replace(book.tasks[3], parsed_assignments=kept),
        book.tasks[4],
    )
    assert collect_codes(answered(FINANCE), book=replace(book, tasks=tasks)) == (
        ["official-changed"],
        ALL,
    )


# -- columns ------------------------------------------------------------------------


def move_column(sheet: Worksheet, source: int, target: int) -> None:
    for row in range(KEYS, LAST + 1):
        one, other = sheet.cell(row, source), sheet.cell(row, target)
        one.value, other.value = other.value, one.value


def test_columns_in_another_order_keep_their_meaning() -> None:
    """A column is known by its header and its key, not by its place."""

    def change(sheet: Worksheet, columns: At, rows: At) -> None:
        move_column(sheet, columns["result"], columns["note"])

    assert mangled(change) == ([], ALL)


def test_a_renamed_header_is_known_by_its_key() -> None:
    """The hidden row of keys knows the column whatever it is called."""

    def change(sheet: Worksheet, columns: At, rows: At) -> None:
        sheet.cell(HEAD, columns["result"]).value = "工作进展"

    assert mangled(change) == ([], ALL)


def test_without_the_hidden_keys_headers_suffice() -> None:
    """A lost key row costs nothing while the headers stand."""
    assert mangled(deleting(KEYS)) == ([], ALL)


def test_without_headers_the_hidden_keys_suffice() -> None:
    """A lost header row costs nothing while the keys stand."""
    assert mangled(deleting(HEAD)) == ([], ALL)


def test_a_deleted_column_is_missed_once() -> None:
    """One problem for the column, not one for each row of it."""

    def change(sheet: Worksheet, columns: At, rows: At) -> None:
        sheet.delete_cols(columns["result"])

    ledger = collected(edit(answered(FINANCE), change))
    assert [p.code for p in ledger.problems] == ["column-missing"]
    assert ledger.cell_balance.accepted == ALL - 4
    assert find_misplaced(ledger) == []


def test_a_deleted_official_column_costs_nothing() -> None:
    """The book knows its own text."""

    def change(sheet: Worksheet, columns: At, rows: At) -> None:
        sheet.delete_cols(columns["measure"])

    assert mangled(change) == ([], ALL)


def test_a_copied_column_is_held_in_both_copies() -> None:
    """Two columns of one name: nobody can tell which is meant."""

    def change(sheet: Worksheet, columns: At, rows: At) -> None:
        for row in range(KEYS, LAST + 1):
            old = sheet.cell(row, columns["result"]).value
            sheet.cell(row, columns[ROW_KEY] + 1).value = old

    ledger = collected(edit(answered(FINANCE), change))
    assert [p.code for p in ledger.problems] == ["column-repeated"] * 2
    assert (ledger.cell_balance.accepted, ledger.cell_balance.rejected) == (ALL - 4, 8)


def test_a_header_against_its_key_holds_the_column() -> None:
    """A column called one thing and keyed another is held, and the other missed."""

    def change(sheet: Worksheet, columns: At, rows: At) -> None:
        sheet.cell(HEAD, columns["result"]).value = "佐证材料"
        sheet.cell(HEAD, columns["evidence"]).value = "落实情况"

    assert mangled(change) == (["column-repeated"] * 2, ALL - 8)


def test_answers_shifted_under_other_headers_are_held() -> None:
    """Cells inserted in the header rows only part headers from keys."""

    def change(sheet: Worksheet, columns: At, rows: At) -> None:
        move_column(sheet, columns["result"], columns["evidence"])
        for row in (KEYS,):
            one = sheet.cell(row, columns["result"])
            other = sheet.cell(row, columns["evidence"])
            one.value, other.value = other.value, one.value

    assert mangled(change) == (["column-repeated"] * 2, ALL - 8)


# -- sheets and workbooks -----------------------------------------------------------


def test_title_rows_deleted_leaves_the_codes() -> None:
    """Without title and mark the rows still say whose they are."""
    assert mangled(deleting(1, 3)) == ([], ALL)


def test_title_rows_deleted_with_the_hidden_one_among_them() -> None:
    """Selecting the title rows takes the hidden key row along; no stray is made."""
    assert mangled(deleting(1, 4)) == ([], ALL)


def test_everything_above_the_rows_deleted_holds_the_sheet() -> None:
    """Without header and keys no cell has a meaning, and each one is shown."""
    ledger = collected(edit(answered(FINANCE), deleting(1, HEAD)))
    assert set(codes(ledger)) == {"stray"}
    assert {p.section for p in ledger.problems} == {FINANCE}
    assert (ledger.cell_balance.accepted, ledger.cell_balance.is_balanced) == (0, True)


def test_a_renamed_sheet_is_known() -> None:
    """A sheet's name does not vote; that it is another section's is told."""

    def change(sheet: Worksheet, columns: At, rows: At) -> None:
        sheet.title = INDUSTRY

    assert mangled(change) == (["name-differs"], ALL)


def test_hidden_sheets_deleted_leaves_the_visible_marks() -> None:
    """The visible line and the codes are enough."""

    def change(sheet: Worksheet, columns: At, rows: At) -> None:
        workbook = sheet.parent
        for name in (identity.MARK_SHEET, identity.CHOICES_SHEET):
            del workbook[name]
        workbook.properties.keywords = None

    assert mangled(change) == ([], ALL)


def test_visible_cells_pasted_into_a_new_workbook_are_known() -> None:
    """Nothing hidden survives such a paste; line, codes and headers do."""
    assert collect_codes(copy_visible_cells(first_sheet(answered(FINANCE)))) == ([], ALL)


def test_pasted_without_its_title_the_codes_are_known() -> None:
    """The table alone, in a new workbook, still says whose it is."""
    assert collect_codes(copy_visible_cells(first_sheet(answered(FINANCE)), KEYS)) == ([], ALL)


def test_pasted_without_its_title_the_round_is_not_guessed() -> None:
    """With several rounds in the book the table alone does not say which."""
    book = make_book(rounds=(Round("上半年"), Round("年度")))
    data = fill(issued(book, FINANCE), signed(FINANCE))
    bare = copy_visible_cells(first_sheet(data), KEYS)
    assert collect_codes(bare, book=book) == (["unknown-round"], 0)


def test_a_sheet_moved_into_another_sections_workbook_stays_its_owners() -> None:
    """The sheet's own marks speak for it, not the workbook it was moved to."""
    ours = first_sheet(answered(FINANCE))

    def change(sheet: Worksheet, columns: At, rows: At) -> None:
        fresh = sheet.parent.create_sheet("并入")
        for row in ours.iter_rows():
            for cell in row:
                if cell.value is not None:
                    fresh.cell(cell.row, cell.column).value = cell.value

    ledger = collected(edit(answered(INDUSTRY), change))
    assert (codes(ledger), find_misplaced(ledger)) == (["name-differs"], [])
    assert sorted(answers(ledger)) == sorted([FINANCE, INDUSTRY])
    assert ledger.cell_balance.accepted == 2 * ALL


def other_book() -> bytes:
    other = make_book(book_id=identity.make_book_id(2021, "cd" * 32), key="cd" * 32, year=2021)
    return fill(issued(other, FINANCE), signed(FINANCE))


def test_a_return_of_another_book_is_held_whole() -> None:
    """Last year's return is told apart, and its answers counted as held."""
    ledger = collected(other_book())
    (problem,) = ledger.problems
    assert (problem.code, problem.rejected_cells) == ("other-book", ALL)
    assert ledger.file_reports[0].status is FileStatus.REJECTED
    assert ledger.cell_balance.is_balanced
    assert answers(ledger) == {}


def test_another_books_sheet_pasted_into_a_new_workbook_is_told_apart() -> None:
    """The visible line alone says which book a table belongs to."""
    assert collect_codes(copy_visible_cells(first_sheet(other_book()))) == (["other-book"], 0)


def test_another_books_row_is_held_though_its_text_is_the_same() -> None:
    """Tasks recur from year to year: last year's answer is not this year's."""
    theirs = first_sheet(other_book())

    def change(sheet: Worksheet, columns: At, rows: At) -> None:
        for cell in theirs[FIRST]:
            sheet.cell(FIRST, cell.column).value = cell.value

    assert mangled(change) == (["row-missing", "row-unknown"], ALL - ONE)


def test_another_books_table_without_its_title_is_held() -> None:
    """Codes of another key are nobody's rows here."""

    def change(sheet: Worksheet, columns: At, rows: At) -> None:
        sheet.delete_rows(1, 3)

    assert mangled(change, other_book()) == (["other-book"], 0)


def test_one_sections_line_on_anothers_rows_is_held_whole() -> None:
    """A's title over B's table: nobody can tell whose answers they are."""
    line = next(
        cell.value
        for row in first_sheet(sent(INDUSTRY)).iter_rows(max_row=FIRST)
        for cell in row
        if "识别码" in str(cell.value)
    )

    def change(sheet: Worksheet, columns: At, rows: At) -> None:
        sheet.cell(3, 1).value = line

    ledger = collected(edit(answered(FINANCE), change))
    (problem,) = ledger.problems
    assert (problem.code, problem.rejected_cells) == ("marks-disagree", ALL)
    assert problem.message == (
        "这张表的各处识别信息互相对不上，不能确定是哪个科室、哪一批次的，没有汇入："
        "A3 格的识别码写的是“产业金融科”“年度”；第 6 行等 4 行的行码是“金融发展科”的；"
        "文件里隐藏的识别信息写的是“金融发展科”“年度”。"
    )
    assert ledger.cell_balance.is_balanced


def test_anothers_table_pasted_into_ones_own_sheet_is_held_row_by_row() -> None:
    """B's rows under A's marks are B's rows, and are not taken from A."""
    theirs = first_sheet(answered(INDUSTRY))

    def change(sheet: Worksheet, columns: At, rows: At) -> None:
        for row in theirs.iter_rows(min_row=FIRST, max_row=LAST):
            for cell in row:
                sheet.cell(cell.row, cell.column).value = cell.value

    found, kept = mangled(change)
    assert (set(found), kept) == ({"row-elsewhere"}, 0)


def test_a_forged_line_is_held_whole() -> None:
    """A line whose check code does not match was not written by the book."""

    def change(sheet: Worksheet, columns: At, rows: At) -> None:
        cell = sheet.cell(3, 1)
        cell.value = str(cell.value).replace(FINANCE, INDUSTRY)

    assert mangled(change) == (["marks-disagree"], 0)


def test_a_line_with_a_wrong_check_code_is_held_whole() -> None:
    """Even where all else agrees, a line that was changed is looked at first."""

    def change(sheet: Worksheet, columns: At, rows: At) -> None:
        cell = sheet.cell(3, 1)
        mark = identity.parse_mark_line(str(cell.value))
        assert mark is not None
        cell.value = replace(mark, check=mark.check[::-1]).line

    assert mangled(change) == (["marks-disagree"], 0)


def test_the_hidden_marks_speak_for_a_sheet_that_lost_all_its_own() -> None:
    """Line, codes and keys gone: the workbook says whose it is, the texts which row."""

    def change(sheet: Worksheet, columns: At, rows: At) -> None:
        for key in ("row_code", ROW_KEY):
            for row in range(FIRST, LAST + 1):
                sheet.cell(row, columns[key]).value = None
        delete_rows(sheet, 1, 3)

    assert mangled(change) == (["row-by-text"] * 4, ALL)


def test_two_sections_rows_without_a_line_are_held() -> None:
    """A table patched together from two sections is nobody's return."""
    theirs = first_sheet(answered(INDUSTRY))

    def change(sheet: Worksheet, columns: At, rows: At) -> None:
        for cell in theirs[FIRST]:
            sheet.cell(FIRST, cell.column).value = cell.value
        sheet.cell(3, 1).value = None

    assert mangled(change) == (["marks-disagree"], 0)


@pytest.mark.parametrize(
    ("change", "code"),
    [
        (lambda b: replace(b, sections=b.sections[:1]), "unknown-section"),
        (lambda b: replace(b, rounds=(Round("第一季度"),)), "unknown-round"),
    ],
)
def test_what_the_book_no_longer_lists_is_held(change: Callable[..., object], code: str) -> None:
    """A section or round struck from the book is asked about, not revived."""
    assert collect_codes(answered(FINANCE), book=change(make_book())) == ([code], 0)  # type: ignore[arg-type]


def test_the_whole_ledger_with_one_sheet_filled_answers_for_one() -> None:
    """A section that fills its sheet of 总台账 has not returned the others'."""
    data = fill_whole(FINANCE)
    ledger = collected(data)
    assert (codes(ledger), list(answers(ledger))) == ([], [FINANCE])
    assert {s.section: s.status for s in ledger.section_reports} == {
        OFFICE: SubmissionStatus.MISSING,
        FINANCE: SubmissionStatus.RETURNED,
        INDUSTRY: SubmissionStatus.MISSING,
    }
    assert ledger.file_reports[0].sections == (FINANCE,)


def test_the_whole_ledger_with_several_sheets_filled_answers_for_each() -> None:
    """Every sheet of 总台账 answers for its own section."""
    ledger = collected(fill_whole(FINANCE, INDUSTRY))
    assert (codes(ledger), find_misplaced(ledger)) == ([], [])
    assert sorted(answers(ledger)) == sorted([FINANCE, INDUSTRY])


def test_the_whole_ledger_untouched_answers_for_nobody() -> None:
    """The office's own blank copy in the folder makes no section look returned."""
    ledger = collected(whole())
    assert {s.status for s in ledger.section_reports} == {SubmissionStatus.MISSING}


# -- what stands elsewhere ----------------------------------------------------------


def test_notes_beside_and_below_the_table_are_held() -> None:
    """Notes outside the table are shown with their words, row by row."""

    def change(sheet: Worksheet, columns: At, rows: At) -> None:
        sheet.cell(FIRST, columns[ROW_KEY] + 3).value = "旁边的话"
        sheet.cell(LAST + 4, 3).value = "下面的话"
        sheet.cell(LAST + 4, 4).value = "还有一句"

    ledger = collected(edit(answered(FINANCE), change))
    assert [(p.code, p.rejected_cells, p.raw, p.section) for p in ledger.problems] == [
        ("stray", 1, "X6：旁边的话", FINANCE),
        ("stray", 2, "C13：下面的话；D13：还有一句", FINANCE),
    ]
    assert (ledger.cell_balance.accepted, ledger.cell_balance.is_balanced) == (
        ALL,
        True,
    )


def test_notes_above_the_table_are_held() -> None:
    """What is typed over a title line is shown; what we wrote there is not."""

    def change(sheet: Worksheet, columns: At, rows: At) -> None:
        sheet.cell(1, 1).value = "本表请以纸质版为准"

    assert mangled(change) == (["stray"], ALL)


def test_notes_on_a_sheet_of_ones_own_are_held() -> None:
    """An added sheet is read: every line of it is on the list, under its section."""

    def change(sheet: Worksheet, columns: At, rows: At) -> None:
        fresh = sheet.parent.create_sheet("补充说明")
        fresh["B2"] = "情况特殊"
        fresh["B4"] = 12

    ledger = collected(edit(answered(FINANCE), change))
    assert [(p.code, p.place.cell, p.raw, p.section) for p in ledger.problems] == [
        ("stray", "B2", "B2：情况特殊", FINANCE),
        ("stray", "B4", "B4：12", FINANCE),
    ]
    assert ledger.cell_balance.is_balanced


def test_a_workbook_of_somebody_elses_is_named_as_one() -> None:
    """A table that we never issued is one problem; its cells are no answers."""
    workbook = Workbook()
    sheet = workbook.active
    assert sheet is not None
    sheet.append(["序号", "事项", "进展"])
    sheet.append([1, "另建的表", "已经办好"])
    ledger = collected(serialize_workbook(workbook))
    (problem,) = ledger.problems
    assert (problem.code, problem.rejected_cells, problem.place.sheet) == (
        "foreign-workbook",
        0,
        "",
    )
    assert ledger.file_reports[0].status is FileStatus.SKIPPED
    assert (ledger.cell_balance.received, ledger.cell_balance.foreign) == (0, 6)
    assert ledger.cell_balance.is_balanced


def test_an_imitation_with_our_headers_is_not_ours() -> None:
    """The right headers over rows that we never issued make no return."""
    workbook = Workbook()
    sheet = workbook.active
    assert sheet is not None
    sheet.append(["序号", "计划措施", "完成状态", "落实情况"])
    sheet.append([1, "规范行政法规使用。", "已完成", "已经办好"])
    found, kept = collect_codes(serialize_workbook(workbook))
    assert (found, kept) == (["not-ours"], 0)


def test_a_section_whose_name_changed_in_the_book_is_asked_about() -> None:
    """A renamed section's old return is held under its old name."""
    renamed = tuple(Section("金融科") if s.name == FINANCE else s for s in make_book().sections)
    ledger = collected(answered(FINANCE), book=make_book(sections=renamed))
    (problem,) = ledger.problems
    assert re.search(FINANCE, problem.message)
    assert (problem.code, problem.rejected_cells) == ("unknown-section", ALL)


def test_reissuing_a_round_keeps_the_codes() -> None:
    """A return on the sheet issued first is read after the round is issued again."""
    book = make_book()
    again = build_section_workbook(book, book.rounds[0], [FINANCE], date(2022, 7, 1))
    assert collect_codes(fill(again, signed(FINANCE))) == ([], ALL)
    assert identity.make_book_id(2022, KEY) == book.book_id
    assert rows_of(first_sheet(again)) == rows_of(first_sheet(sent(FINANCE)))
    assert date(2022, 7, 1) != ISSUED_ON


# -- anything at all ----------------------------------------------------------------

CHANGES = st.lists(
    st.tuples(
        st.sampled_from(["row", "column", "copy", "words", "number"]),
        st.integers(1, 24),
        st.integers(1, 26),
    ),
    max_size=5,
)


@pytest.mark.slow
@settings(max_examples=15, deadline=None)
@given(st.lists(CHANGES, min_size=1, max_size=2))
def test_any_mangling_keeps_every_answer_in_its_place(manglings: Any) -> None:
    """Rows and columns deleted, copied, overwritten: held or right, and all counted."""
    files = [edit(answered(FINANCE), mangler(changes)) for changes in manglings]
    ledger = collected(*files)
    assert ledger.cell_balance.is_balanced, ledger.cell_balance
    assert find_misplaced(ledger) == []
    assert {p.code for p in ledger.problems}.isdisjoint({"file-unreadable"})


def mangler(changes: Any) -> Any:
    def change(sheet: Worksheet, columns: Any, rows: Any) -> None:
        for deed, row, column in changes:
            if deed == "row":
                sheet.delete_rows(row)
            elif deed == "column":
                sheet.delete_cols(column)
            elif deed == "copy":
                old = [cell.value for cell in sheet[row]]
                for n, value in enumerate(old, 1):
                    put(sheet, row + 1, n, value)
            else:
                put(sheet, row, column, 9.3 if deed == "number" else "随手写的")

    return change


def put(sheet: Worksheet, row: int, column: int, value: Any) -> None:
    """Type into a cell unless it lies under a merge, where nobody can type."""
    if type(sheet.cell(row, column)).__name__ != "MergedCell":
        sheet.cell(row, column).value = value
