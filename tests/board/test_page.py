"""The board has the figures of 总览, no markup of a return, no personal data, one set of bytes."""

from __future__ import annotations

import base64
import hashlib
from collections import Counter
from dataclasses import replace
from datetime import date

import pytest

from ledgerbook.board import write_board
from ledgerbook.forms import load_factory_forms
from ledgerbook.identity import compute_row_fingerprint
from ledgerbook.merge.personal_data import OMITTED_TEXT
from ledgerbook.model import Round
from ledgerbook.model.office_entries import NoteItem, OfficeNote
from ledgerbook.model.problems import Place, Problem
from ledgerbook.model.results import RoundFigures, RoundReport
from ledgerbook.summary import write_summary
from tests.support import ledgers
from tests.support.board_ledgers import (
    FINANCE,
    LEGAL,
    MARKUP,
    OFFICE,
    SECTIONS,
    make_book,
    make_hostile_ledger,
    make_small_ledger,
)
from tests.support.board_reading import (
    PageReader,
    list_line_figures,
    read_board,
    read_key_figures,
    read_overview,
)
from tests.support.register_year import make_ledger, year_book
from tests.support.summary_reading import openpyxl_grid, read_table


def test_every_figure_is_that_of_the_overview() -> None:
    """Total, statuses, urgencies and rate: of tasks, rows, each section, each requirement."""
    ledger = make_small_ledger()
    summary, board = write_summary(ledger), read_board(write_board(ledger))
    tables, figures = read_overview(summary), board["figures"]
    shown = {
        "统计口径": {"任务（项）": figures["tasks"], "科室任务（件）": figures["rows"]},
        "科室": {line["label"]: line for line in figures["by_section"]},
        "工作要求": {line["label"]: line for line in figures["by_requirement"]},
    }
    assert len(shown["科室"]) == len(SECTIONS)
    for table, lines in shown.items():
        expected = {label: tables[table][label] for label in lines}
        assert {label: list_line_figures(board, line) for label, line in lines.items()} == expected
    assert [section["figures"] for section in board["sections"]] == figures["by_section"]
    keys = read_key_figures(summary)
    returned = f"{figures['returned_section_count']}/{figures['section_count']}"
    assert keys["报送科室"] == returned == "2/3"
    assert keys["逾期（件）"] == figures["rows"]["by_urgency"][0] == 2


def test_what_is_open_sets_the_lights() -> None:
    """Red for what is over, amber for what somebody must soon act on, green else."""
    board = read_board(write_board(make_small_ledger()))
    sections = {one["name"]: (one["light"], one["reasons"]) for one in board["sections"]}
    assert sections == {
        OFFICE: ("绿", []),
        LEGAL: ("红", ["逾期 1 件", "临期 1 件", "要改正的有 1 处"]),
        FINANCE: ("红", ["没有报送，应报日期 2022-09-30", "逾期 1 件"]),
    }
    tasks = {one["number"]: (one["light"], one["reasons"]) for one in board["tasks"]}
    assert tasks == {
        1: ("红", ["逾期 2 件", "没有报送的科室 1 个"]),
        2: ("黄", ["临期 1 件"]),
        3: ("黄", ["要改正的有 1 处"]),
        4: ("黄", ["没有报送的科室 1 个"]),
    }


def test_a_comment_is_open_though_the_telephone_is_left_out() -> None:
    """Whether a section acted on it is seen by all its answers, personal ones too."""
    form = ledgers.form()
    columns = tuple(replace(one, is_personal=one.key == "phone") for one in form.columns)
    book = replace(make_book(), forms=(replace(form, columns=columns),))
    values = {"header": "联系电话", "how": "有内容", "raw": "13900000000"}
    place = Place(f"{OFFICE}.xlsx", "台账", "Q8")
    quoted = Problem("official-filled", place, values, OFFICE, task="T02", column="phone")
    answers = {(2, OFFICE): {"status": "不涉及", "phone": "13900000000"}}
    ledger = ledgers.ledger(book, answers, problems=[quoted])
    (row,) = (row for row in ledger.assignment_results if row.answers)
    fingerprint = compute_row_fingerprint(row.texts)
    day = date(2022, 10, 1)
    note = OfficeNote(day, row.code, NoteItem.REVIEW, "请写明依据。", fingerprint=fingerprint)
    page = write_board(replace(ledger, book=replace(book, office_notes=(note,))))
    reasons = {one["name"]: one["reasons"] for one in read_board(page)["sections"]}
    assert reasons[OFFICE][-1] == "审核意见没有照着改的有 1 条"
    assert b"13900000000" not in page
    assert OMITTED_TEXT in read_board(page)["problems"][0]["message"]


def test_nothing_open_is_green() -> None:
    """Before its due day a missing return is nobody's matter."""
    early = date(2022, 6, 1)
    ledger = ledgers.ledger(make_book(), {}, as_of=early)
    board = read_board(write_board(ledger))
    assert {one["light"] for one in (*board["sections"], *board["tasks"])} == {"绿"}


def test_each_answer_has_its_file_sheet_and_cell() -> None:
    board = read_board(write_board(make_small_ledger()))
    (row,) = (row for row in board["tasks"][0]["rows"] if row["section"] == OFFICE)
    answers = {
        board["columns"][column]: (text, board["files"][file], sheet, cell)
        for column, text, file, sheet, cell in row["answers"]
    }
    assert answers == {
        "完成状态": ("已完成", f"{OFFICE}.xlsx", "台账", "J7"),
        "落实情况": ("目录 86 项已公布。", f"{OFFICE}.xlsx", "台账", "J7"),
        "责任人": ("张某", f"{OFFICE}.xlsx", "台账", "J7"),
    }
    (problem,) = board["problems"]
    assert (problem["file"], problem["sheet"], problem["cell"]) == (f"{LEGAL}.xlsx", "台账", "L9")


def test_each_round_says_who_returned_when() -> None:
    """In time, late, or not; a round that is not over blames nobody."""
    first = RoundReport(
        "上半年",
        date(2022, 6, 30),
        RoundFigures((OFFICE,), (LEGAL, FINANCE), {None: (("T01", OFFICE),)}),
        RoundFigures((OFFICE, LEGAL), (FINANCE,), {None: (("T01", OFFICE),)}),
    )
    second = RoundReport("全年", date(2022, 12, 31), None, RoundFigures((OFFICE,), (LEGAL,), {}))
    second = replace(second, not_issued_sections=(FINANCE,))
    ledger = make_small_ledger(round_reports=(first, second))
    book = replace(ledger.book, rounds=(Round("上半年"), Round("全年")))
    board = read_board(write_board(replace(ledger, book=book)))
    assert {one["name"]: one["rounds"] for one in board["sections"]} == {
        OFFICE: [["上半年", "按期报送"], ["全年", "已报送"]],
        LEGAL: [["上半年", "补报"], ["全年", "还没有报"]],
        FINANCE: [["上半年", "没有报送"], ["全年", "没有下发"]],
    }
    at_due, with_late = (board["rounds"][0][key] for key in ("at_due", "with_late"))
    assert (at_due["returned"], with_late["returned"], at_due["asked"]) == (1, 2, 3)
    assert board["rounds"][1]["at_due"] is None


def test_limits_are_those_that_the_register_colours() -> None:
    """Applications that are over, soon over and have time, as the summary's sheet has them."""
    (form,) = (form for form in load_factory_forms() if form.key == "applications")
    days = (date(2022, 11, 1), date(2023, 1, 3), date(2023, 1, 31))
    rows = [{"number": f"{n}号", "received_on": day} for n, day in enumerate(days, 1)]
    ledger = make_ledger({"applications": rows}, year_book([form]))
    board = read_board(write_board(ledger))
    (register,) = board["registers"]
    lines = read_table(openpyxl_grid(write_summary(ledger), form.title), "科室")
    (alert,) = (header for header in lines[0] if "提醒" in header)
    alerts = Counter(line[alert] for line in lines if line[alert])
    assert (
        dict(register["counts"])
        == {"按期": 0, "超期": 0, **alerts}
        == {
            "按期": 0,
            "超期": 0,
            "逾期": 1,
            "临期": 1,
        }
    )
    listed = {one["entry"]: (one["status"], one["due"], one["time"]) for one in board["limits"]}
    assert listed == {
        "1号": ("逾期", "2022-11-29", "已逾期 63 天"),
        "2号": ("临期", "2023-02-03", "还剩 3 天"),
    }
    assert [(one["sheet"], one["cell"]) for one in board["limits"]] == [
        (form.title, "C7"),
        (form.title, "C8"),
    ]


# --- the page ---


def test_text_of_a_return_is_no_markup() -> None:
    """A hostile text in every place makes no element, and arrives whole in the data."""
    plain, hostile = (PageReader(write_board(make_hostile_ledger(t))) for t in ("甲", MARKUP))
    tags = [tag for tag, _ in plain.elements]
    assert [tag for tag, _ in hostile.elements] == tags
    assert "img" not in tags
    assert not any(name.startswith("on") for _, names in hostile.elements for name in names)
    board = hostile.data
    (task,) = board["tasks"]
    assert task["measure"] == task["point"] == MARKUP
    (row, _) = task["rows"]
    assert [text for _, text, *_ in row["answers"]].count(MARKUP) == len(ledgers.ANSWER_KEYS) - 1
    assert board["problems"][0]["file"] == board["agency"] == MARKUP


def test_the_policy_allows_our_script_and_style_alone() -> None:
    """Both are named by their hashes; nothing is loaded from anywhere."""
    page = PageReader(write_board(make_hostile_ledger()))
    rules = dict(rule.strip().split(" ", 1) for rule in page.policy.split(";"))
    assert rules == {
        "default-src": "'none'",
        "script-src": f"'sha256-{compute_digest(page.scripts[1])}'",
        "style-src": f"'sha256-{compute_digest(page.styles[0])}'",
        "base-uri": "'none'",
        "form-action": "'none'",
    }
    assert len(page.scripts) == 2
    for word in ("innerHTML", "insertAdjacentHTML", "document.write", "eval(", "http:", "https:"):
        assert word not in page.scripts[1] + page.styles[0]


def compute_digest(text: str) -> str:
    return base64.b64encode(hashlib.sha256(text.encode()).digest()).decode()


@pytest.mark.parametrize("text", ["{{style}}", "{{data}}", "\udcb9\udcfa", "\x00\x1b", "\\u003c"])
def test_odd_texts_arrive_as_they_are(text: str) -> None:
    """What looks like a place of the template, half a character, a control character."""
    board = read_board(write_board(make_hostile_ledger(text)))
    assert board["agency"] == board["tasks"][0]["measure"] == text


def test_the_same_ledger_gives_the_same_bytes() -> None:
    assert write_board(make_small_ledger()) == write_board(make_small_ledger())


def test_a_large_ledger_lists_open_rows_and_says_so() -> None:
    """The figures are those of all rows; overdue and wrong rows stay, the others go."""
    ledger = make_small_ledger()
    whole, cut = (read_board(write_board(ledger, limit)) for limit in (7, 6))
    assert len(ledger.assignment_results) == 7
    assert whole["row_note"] == ""
    assert cut["figures"] == whole["figures"]
    assert [len(task["rows"]) for task in cut["tasks"]] == [2, 1, 1]
    assert [task["number"] for task in cut["tasks"]] == [1, 2, 3]
    assert "科室任务共 7 件" in cut["row_note"]
    assert "要改正的 4 件" in cut["row_note"]
    fewest = read_board(write_board(ledger, 1))
    assert [row["urgency"] for task in fewest["tasks"] for row in task["rows"]] == ["逾期"]


def test_a_long_text_is_cut_short() -> None:
    """A page must open on a telephone; the cell is named, where the whole text stands."""
    board = read_board(write_board(make_hostile_ledger("长" * 40_000)))
    texts = [text for _, text, *_ in board["tasks"][0]["rows"][0]["answers"]]
    assert max(map(len, texts)) == 1_000
    assert texts[-1].endswith("…")
    assert len(board["problems"][0]["message"]) == 400
