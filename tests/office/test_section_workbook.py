"""A section's workbook in the hands of a clerk: what it offers, refuses and shows."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from dataclasses import replace
from datetime import UTC, date, datetime, timedelta
from pathlib import Path

import pytest
from xlsxwriter.utility import xl_col_to_name

from ledgerbook.excel import styles
from ledgerbook.issue.layout import FIRST_ROW, HEADER_ROW, INFO_ROW, KEY_ROW
from ledgerbook.model import Book, ColumnSource, Filler
from ledgerbook.model.results import DUE_SOON_DAYS
from tests.office.calc import Calc
from tests.office.prints import row_fills
from tests.support.books import OFFICE, issued, make_book

TODAY = datetime.now(tz=UTC).date()
ROWS = 4  # the tasks of 综合科 in the factory's book: 1, 2 (overdue), 3 (overdue), 5
GRID_COMMANDS = (
    ".uno:InsertRowsBefore",
    ".uno:InsertRowsAfter",
    ".uno:DeleteRows",
    ".uno:InsertColumnsBefore",
    ".uno:DeleteColumns",
    ".uno:Remove",
)
LAST_COLUMN = "S"  # the hidden column of row keys, so that no neighbour is left out
LONG = "清理规范性文件十二件，全部标注有效性并更新目录。" * 12


def at(book: Book, key: str, row: int = 0) -> str:
    """Return the reference of the cell of column ``key`` in data row ``row``."""
    keys = [column.key for column in book.task_form.columns]
    return f"{xl_col_to_name(keys.index(key))}{FIRST_ROW + 1 + row}"


@pytest.fixture
def sheet(book: Book, opened: Callable[[bytes], Calc]) -> Iterator[Calc]:
    """Open the workbook of 综合科."""
    return opened(issued(book, OFFICE))


def test_the_drop_down_offers_exactly_the_choices(book: Book, sheet: Calc) -> None:
    """The list that drops down has the form's choices, in order, in every row."""
    choices = list(book.task_form.get_choice_list(book.task_form.status_column).values)
    offered = [sheet.list_choices(ref=at(book, "status", row)) for row in range(ROWS)]
    assert offered == [choices] * ROWS


def test_a_status_can_be_picked(book: Book, sheet: Calc) -> None:
    """A click on a line of the list puts its words into the cell."""
    choices = book.task_form.get_choice_list(book.task_form.status_column).values
    picked = [sheet.pick(ref=at(book, "status"), line=n) for n in range(len(choices))]
    assert picked == list(choices)


def test_only_a_right_status_can_be_typed(book: Book, sheet: Calc) -> None:
    """What is not a choice is refused, even when it is nearly one."""
    ref = at(book, "status")
    for wrong in ("乱写", "完成", "已完成。", "100%"):
        assert not sheet.type(ref=ref, text=wrong), wrong
    assert sheet.text(ref=ref) == ""
    assert sheet.type(ref=ref, text="已完成")
    assert sheet.text(ref=ref) == "已完成"
    assert not sheet.type(ref=ref, text="乱写")


def test_a_date_is_taken_in_every_common_form(book: Book, sheet: Calc) -> None:
    """The usual ways to type a date all become the same date, shown in one way."""
    forms = ("2022-9-30", "2022/9/30", "2022年9月30日", "2022.9.30")
    for row, text in enumerate(forms):
        assert sheet.type(ref=at(book, "done_on", row), text=text), text
    shown = [sheet.text(ref=at(book, "done_on", row)) for row in range(ROWS)]
    assert shown == ["2022-09-30"] * ROWS


def test_what_is_no_date_is_refused(book: Book, sheet: Calc) -> None:
    """Text and plain numbers do not get into a date cell."""
    wrong = ("明年", "9月底", "2022年9月", "2022年9月30号", "20220930", "9.30", "50%")
    ref = at(book, "done_on")
    assert [text for text in wrong if sheet.type(ref=ref, text=text)] == []


def test_a_date_must_lie_in_the_window(book: Book, sheet: Calc) -> None:
    """The first and last day of the year's window are taken, their neighbours not."""
    first, last = book.date_window
    for day in (first - timedelta(1), last + timedelta(1), date(1922, 9, 30)):
        assert not sheet.type(ref=at(book, "done_on"), text=f"{day}"), day
    assert sheet.type(ref=at(book, "done_on"), text=f"{first}")
    assert sheet.type(ref=at(book, "done_on"), text=f"{last}")


def test_every_official_cell_is_locked(book: Book, sheet: Calc) -> None:
    """Title, marks, headers and all official columns refuse any typing."""
    columns = [column.key for column in book.task_form.official_columns]
    cells = [at(book, key, row) for key in columns for row in (0, ROWS - 1)]
    above = [f"A{row + 1}" for row in range(HEADER_ROW + 1) if row != KEY_ROW]
    heads = [f"{at(book, c.key)[:-1]}{HEADER_ROW + 1}" for c in book.task_form.answer_columns]
    beyond = f"{xl_col_to_name(len(book.task_form.columns) + 1)}{FIRST_ROW + 1}"
    below = f"A{FIRST_ROW + ROWS + 1}"
    changed = [
        ref for ref in (*cells, *above, *heads, beyond, below) if sheet.type(ref=ref, text="改")
    ]
    assert changed == []


def test_every_answer_cell_is_open(book: Book, sheet: Calc) -> None:
    """Each answer column takes an answer in the last row as well."""
    answers = {column.key: column.example or "无" for column in book.task_form.answer_columns}
    refused = [
        key
        for key, text in answers.items()
        if not sheet.type(ref=at(book, key, ROWS - 1), text=text)
    ]
    assert refused == []


def test_text_over_the_limit_is_refused(book: Book, sheet: Calc) -> None:
    """A limit holds to the character, in every column that has one."""
    for column in book.task_form.answer_columns:
        if column.max_length and column.key != "phone":
            ref = at(book, column.key)
            assert not sheet.paste(ref=ref, text="字" * (column.max_length + 1)), ref
            assert sheet.paste(ref=ref, text="字" * column.max_length), ref


def test_a_limit_holds_for_typing_too(book: Book, sheet: Calc) -> None:
    """One character too many is refused, and what stood there before stays."""
    ref, most = at(book, "person"), book.task_form.get_column("person").max_length or 0
    assert sheet.type(ref=ref, text="字" * most)
    assert not sheet.type(ref=ref, text="名" * (most + 1))
    assert sheet.text(ref=ref) == "字" * most


def test_a_phone_number_is_neither_short_nor_cut(book: Book, sheet: Calc) -> None:
    """A short number is refused; a leading zero and a long number stay as typed."""
    ref = at(book, "phone")
    assert not sheet.type(ref=ref, text="88012")
    for number in ("076088000000", "0760-88000000", "13800138000"):
        assert sheet.type(ref=ref, text=number)
        assert sheet.text(ref=ref) == number


def test_prompts_and_refusals_speak_chinese(book: Book, sheet: Calc) -> None:
    """The hint and the refusal of each answer cell reach the clerk, and refuse."""
    for column in book.task_form.answer_columns:
        rule = sheet.validation(ref=at(book, column.key))
        assert rule["prompt"] in ("", column.prompt)
        assert bool(rule["prompt"]) is (column.key in {"done_on", "result", "reason"})
        if rule["type"] != "ANY":
            assert rule["alert"] == "STOP"
            assert f"“{column.header}”" in rule["error"]


def test_the_grid_cannot_be_changed(book: Book, sheet: Calc) -> None:
    """Rows, columns and the sheet itself are neither put in nor taken out."""
    before = sheet.values()
    changing = [
        command
        for command in GRID_COMMANDS
        if sheet.dispatch(command=command, ref=at(book, "status", 1)) or sheet.values() != before
    ]
    assert changing == []


@pytest.mark.parametrize("ascending", [True, False])
def test_answers_cannot_be_sorted_away(book: Book, sheet: Calc, ascending: bool) -> None:
    """Sorting the rows by what was typed into one column is refused.

    Of a part of the columns this tells nothing: there LibreOffice first asks whether
    to take in the neighbours, and without a screen it answers itself with "cancel".
    """
    for row, name in enumerate(("Li", "Zhang", "An", "Wang")):
        assert sheet.type(ref=at(book, "person", row), text=name)
    before = sheet.values()
    sheet.dispatch(
        command=".uno:DataSort",
        ref=f"A{FIRST_ROW + 1}:{LAST_COLUMN}{FIRST_ROW + ROWS}",
        ByRows=True,
        HasHeader=False,
        Col1=[column.key for column in book.task_form.columns].index("person") + 1,
        Ascending1=ascending,
    )
    assert sheet.values() == before


def test_the_rate_of_completion_is_live(book: Book, sheet: Calc) -> None:
    """The line at the top counts each status as soon as it is typed."""

    def said() -> str:
        return sheet.text(ref=f"{at(book, 'status')[:-1]}{INFO_ROW + 1}")

    assert said() == "共 4 项，已填 0 项，已完成 0 项，完成率 0%"
    sheet.type(ref=at(book, "status", 0), text="已完成")
    assert said() == "共 4 项，已填 1 项，已完成 1 项，完成率 25%"
    sheet.type(ref=at(book, "status", 1), text="不涉及")
    assert said() == "共 4 项，已填 2 项，已完成 1 项，完成率 33%"
    sheet.type(ref=at(book, "status", 0), text="推进中")
    assert said() == "共 4 项，已填 2 项，已完成 0 项，完成率 0%"
    for row in range(ROWS):
        sheet.type(ref=at(book, "status", row), text="不涉及")
    assert said() == "共 4 项，已填 4 项，已完成 0 项，完成率 —"


def test_the_reminder_says_in_words_what_the_colour_says(book: Book, sheet: Calc) -> None:
    """逾期 stands beside a late task, and goes when the task is done."""
    assert sheet.text(ref=at(book, "alert", 1)) == "逾期"
    sheet.type(ref=at(book, "status", 1), text="已完成")
    assert sheet.text(ref=at(book, "alert", 1)) == ""


# -- colours, in the picture ---------------------------------------------------------


@pytest.fixture
def coloured(opened: Callable[[bytes], Calc], tmp_path: Path) -> Callable[..., list[list[str]]]:
    """Give a function: typed cells → fills of task rows 1 to 4, as printed today.

    Task 2 is overdue, task 3 due within the days of grace, tasks 1 and 4 not dated.
    """
    plan = make_book().tasks
    late, soon = TODAY - timedelta(2), TODAY + timedelta(DUE_SOON_DAYS - 2)
    dues = {plan[1].number: late, plan[2].number: soon}
    tasks = tuple(replace(task, due=dues.get(task.number)) for task in plan)
    book = make_book(tasks=tasks)

    def show(typed: dict[str, str]) -> list[list[str]]:
        sheet = opened(issued(book, OFFICE))
        for ref, text in typed.items():
            assert sheet.type(ref=ref, text=text), ref
        codes = [sheet.text(ref=at(book, "row_code", row)) for row in range(ROWS)]
        pdf = tmp_path / "picture.pdf"
        sheet.save(path=pdf)
        return [row_fills(pdf, code) for code in codes]

    return show


def painted(book: Book, base: str, *asked: str) -> list[str]:
    """Return the fills of a row all in ``base`` but for the cells asked for."""
    fills = dict.fromkeys((column.key for column in book.task_form.columns), base)
    return list({**fills, **dict.fromkeys(asked, styles.REQUIRED_FILL)}.values())


def plain(book: Book, *asked: str) -> list[str]:
    """Return the fills of a row without a colour but for the cells asked for."""
    fills = {
        column.key: styles.LOCKED_FILL if column.filler is Filler.OFFICIAL else "#FFFFFF"
        for column in book.task_form.columns
    }
    return list({**fills, **dict.fromkeys(asked, styles.REQUIRED_FILL)}.values())


def test_a_blank_sheet_shows_what_is_due(
    book: Book, coloured: Callable[..., list[list[str]]]
) -> None:
    """Printed: late row red, near row amber, and yellow where an answer is owed."""
    assert coloured({}) == [
        plain(book, "status"),
        painted(book, styles.RED_FILL, "status", "reason"),
        painted(book, styles.AMBER_FILL, "status"),
        plain(book, "status"),
    ]


def test_colours_follow_the_answers(book: Book, coloured: Callable[..., list[list[str]]]) -> None:
    """Printed: a done row turns green, what its status makes due turns yellow."""
    typed = {
        at(book, "status", 0): "推进中",
        at(book, "status", 1): "已完成",
        at(book, "status", 2): "不涉及",
        at(book, "status", 3): "已完成",
        at(book, "done_on", 3): "2022-9-30",
        at(book, "result", 3): "已经办好。",
    }
    assert coloured(typed) == [
        plain(book, "result"),
        painted(book, styles.GREEN_FILL, "done_on", "result"),
        plain(book),
        painted(book, styles.GREEN_FILL),
    ]


# -- layout --------------------------------------------------------------------------


def test_layout_is_as_drawn_and_survives_a_save(book: Book, sheet: Calc, tmp_path: Path) -> None:
    """Frozen panes, hidden key row and key column, hidden sheets and locks stay."""
    sources = [column.source for column in book.task_form.columns]
    expected = {
        "frozen": [sources.index(ColumnSource.ROW_CODE) + 1, FIRST_ROW],
        "is_frozen": True,
        "hidden_rows": [KEY_ROW],
        "hidden_columns": [len(book.task_form.columns)],
        "visible_sheets": [OFFICE, "填表说明"],
        "protected": True,
    }
    drawn = sheet.layout()
    heights = drawn.pop("heights")
    assert drawn == expected
    sheet.save(path=tmp_path / "存过.xlsx")
    sheet.open(path=tmp_path / "存过.xlsx")
    saved = sheet.layout()
    assert saved.pop("heights") == pytest.approx(heights, abs=20)
    assert saved == expected


def test_a_row_grows_with_a_long_answer(book: Book, sheet: Calc, tmp_path: Path) -> None:
    """A long answer is shown whole: its row, and no other, grows as it is typed."""
    before = sheet.layout()["heights"]
    assert sheet.type(ref=at(book, "result", 1), text=LONG)
    after = sheet.layout()["heights"]
    row = FIRST_ROW + 1
    assert after[row] > 3 * before[row]
    assert after[:row] + after[row + 1 :] == before[:row] + before[row + 1 :]
    sheet.save(path=tmp_path / "存过.xlsx")
    sheet.open(path=tmp_path / "存过.xlsx")
    assert sheet.layout()["heights"] == pytest.approx(after, abs=20)
