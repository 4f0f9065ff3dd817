"""退回修改: what a section must put right, in its own words, ready to send again."""

from __future__ import annotations

import io
import re
from collections.abc import Mapping
from dataclasses import replace
from datetime import datetime, time, timedelta
from pathlib import Path
from typing import Any

import pytest
from openpyxl import Workbook, load_workbook
from openpyxl.formatting.rule import Rule
from openpyxl.utils import get_column_letter
from openpyxl.worksheet.worksheet import Worksheet

from ledgerbook.excel import styles
from ledgerbook.excel.styles import CORRECTION_FILL
from ledgerbook.intake.pipeline import ReadContext, read_return
from ledgerbook.issue.corrections import build_corrections
from ledgerbook.merge.ledger import merge_returns
from ledgerbook.model import Book
from ledgerbook.model.messages import Severity
from ledgerbook.model.results import FileStatus, Ledger
from tests.support.books import (
    AS_OF,
    DONE,
    FINANCE,
    OFFICE,
    SAVED_AT,
    columns_of,
    edit,
    fill,
    issued,
    make_book,
    rows_of,
)
from tests.support.deadline_book import ROUNDS, SECTION
from tests.support.deadline_book import make_deadline_book as limited_book
from tests.support.returns import STRINGS, replace_parts

LATER = SAVED_AT + timedelta(days=3)


def collect(book: Book, **files: bytes) -> Ledger:
    reads = [read_return(f"{n}.xlsx", data, ReadContext(book, AS_OF)) for n, data in files.items()]
    return merge_returns(book, reads, AS_OF)


@pytest.fixture(scope="module")
def wrong(book: Book) -> bytes:
    """Give a return with a date that is none, a status that is none, a missing date."""
    return fill(
        issued(book, FINANCE),
        {
            "T01": DONE | {"done_on": "9月31日"},
            "T02": {"status": "差不多", "reason": "数据没齐。"},
            "T04": {"status": "已完成", "result": "已办。"},
            "T05": DONE,
        },
    )


@pytest.fixture(scope="module")
def sent_back(book: Book, wrong: bytes) -> bytes:
    (one,) = build_corrections(collect(book, first=wrong))
    assert (one.name, one.section) == ("金融发展科.xlsx", FINANCE)
    return one.data


def opened(data: bytes) -> Workbook:
    return load_workbook(io.BytesIO(data))


def test_the_first_sheet_lists_what_to_put_right(sent_back: bytes) -> None:
    """Each thing has its cell in this workbook, the sender's text and what to do."""
    sheet = opened(sent_back).worksheets[0]
    rows = [[c.value or "" for c in row] for row in sheet.iter_rows(min_row=4)]
    assert sheet.title == "需要改正的地方"
    assert [row[1:5] for row in rows] == [
        ["金融发展科 K6", "1", "完成日期", "9月31日"],
        ["金融发展科 J7", "2", "完成状态", "差不多"],
        ["金融发展科 K8", "4", "完成日期", ""],
    ]
    assert rows[0][5:] == [
        "“完成日期”填的是“9月31日”\uff0c不是能确定的日期（9 月没有 31 日）。",
        "请改填完整的年月日\uff0c例如 2022-9-30。",
    ]


def test_the_form_holds_all_that_was_said(sent_back: bytes) -> None:
    """Good answers and bad ones stand where they stood; the bad ones are marked."""
    sheet = opened(sent_back)[FINANCE]
    assert sheet["K6"].value == "9月31日"
    assert sheet["J7"].value == "差不多"
    assert sheet["N7"].value == "数据没齐。"
    assert sheet["K9"].value == datetime(2022, 9, 30)  # noqa: DTZ001
    marked = [c.coordinate for row in sheet.iter_rows() for c in row if c.comment]
    assert marked == ["K6", "J7", "K8"]
    assert "请从下拉框中选择一项" in str(sheet["J7"].comment.text)
    rules = list_first_rules(sheet)
    assert set(rules) == {"K6", "J7", "K8"}
    assert {rule.dxf.fill.bgColor.rgb for rule in rules.values()} == {f"FF{CORRECTION_FILL[1:]}"}
    assert all(rule.stopIfTrue for rule in rules.values())


def list_first_rules(sheet: Worksheet) -> dict[str, Rule]:
    """Return the rules for single cells, which must come before all others."""
    rules = {str(area.sqref): rule for area in sheet.conditional_formatting for rule in area.rules}
    single = {at: rule for at, rule in rules.items() if ":" not in at}
    assert sorted(rule.priority for rule in single.values()) == list(range(1, len(single) + 1))
    return single


def test_the_colour_of_what_is_to_correct_is_used_for_nothing_else(sent_back: bytes) -> None:
    others = {
        value
        for name, value in vars(styles).items()
        if name.endswith("_FILL") and name != "CORRECTION_FILL"
    }
    assert styles.CORRECTION_FILL not in others
    used = [
        rule.dxf.fill.bgColor.rgb[2:]
        for area in opened(sent_back)[FINANCE].conditional_formatting
        if ":" in str(area.sqref)
        for rule in area.rules
    ]
    assert styles.CORRECTION_FILL[1:] not in used


@pytest.mark.parametrize("name", ["张'三科", "一 科#二", "科!室", "A1", "科室(1)&2", "R1C1"])
def test_links_lead_to_cells_of_sections_of_any_name(name: str) -> None:
    """Excel takes the address of a link as it takes that of a formula."""
    named = make_book()
    sections = tuple(
        replace(one, name=name) if one.name == FINANCE else one for one in named.sections
    )
    tasks = tuple(
        replace(
            task,
            parsed_assignments=tuple(
                replace(one, section=name) if one.section == FINANCE else one
                for one in task.parsed_assignments
            ),
        )
        for task in named.tasks
    )
    book = replace(named, sections=sections, tasks=tasks)
    data = fill(issued(book, name), {"T01": DONE | {"done_on": "9月31日"}})
    (one,) = build_corrections(collect(book, first=data))
    workbook = opened(one.data)
    link, *_ = [
        cell.hyperlink.location
        for row in workbook.worksheets[0].iter_rows()
        for cell in row
        if cell.hyperlink
    ]
    sheet, _, cell = link.rpartition("!")
    assert sheet == "'" + workbook.sheetnames[1].replace("'", "''") + "'"
    assert workbook.worksheets[1][cell].value == "9月31日"


def test_a_link_leads_to_the_first_of_many_cells(book: Book) -> None:
    codes = [task.code for task in book.get_tasks(OFFICE)]
    data = fill(issued(book, OFFICE), {key: {"status": "差不多"} for key in codes})
    (one,) = build_corrections(collect(book, first=data))
    sheet = opened(one.data).worksheets[0]
    links = [cell.hyperlink.location for row in sheet.iter_rows() for cell in row if cell.hyperlink]
    assert all(re.fullmatch(r"'综合科'!J\d+", link) for link in links)
    assert links


def test_collecting_the_corrected_one_clears_the_problems(
    book: Book, wrong: bytes, sent_back: bytes
) -> None:
    """With the old return still in the folder, nothing is left to do for it."""

    def mend(sheet: Worksheet) -> None:
        sheet["K6"], sheet["K8"] = datetime(2022, 9, 30), datetime(2022, 8, 1)  # noqa: DTZ001
        sheet["J7"] = "推进中"
        sheet["L7"] = "数据正在核对。"

    workbook = opened(sent_back)
    mend(workbook[FINANCE])
    workbook.properties.lastModifiedBy = "李某"
    from ledgerbook.excel.deterministic_zip import serialize_workbook

    corrected = serialize_workbook(workbook, LATER)
    ledger = collect(book, first=wrong, second=corrected)
    own = [p for p in ledger.problems if p.section == FINANCE]
    assert [p for p in own if p.severity is Severity.ERROR] == []
    assert {p.advice for p in own if p.corrected_by} == {
        "后来的“second.xlsx”已经更正\uff0c无需处理。"
    }
    assert ledger.cell_balance.is_balanced
    assert build_corrections(ledger) == ()
    status = {r.task.code: r.status for r in ledger.assignment_results if r.section == FINANCE}
    assert status == {
        "T01": "已完成",
        "T02": "推进中",
        "T04": "已完成",
        "T05": "已完成",
    }


def test_an_older_file_mends_nothing(book: Book, wrong: bytes) -> None:
    """A good answer sent before the bad one does not clear it: which is meant?"""
    good = fill(issued(book, FINANCE), {"T01": DONE}, SAVED_AT - timedelta(days=1))
    ledger = collect(book, good=good, bad=wrong)
    dates = [p for p in ledger.problems if (p.task, p.column) == ("T01", "done_on")]
    assert [(p.severity, p.corrected_by) for p in dates] == [(Severity.ERROR, "")]


def test_a_newer_return_settles_notes_outside_the_table(book: Book) -> None:
    """Stray notes in an older return need nobody once a clean one has come."""

    def note(sheet: Worksheet, *_: object) -> None:
        sheet["B40"] = "请多关照"

    stray = edit(issued(book, OFFICE), note)
    clean = fill(issued(book, OFFICE), {t.code: DONE for t in book.get_tasks(OFFICE)}, LATER)
    first = collect(book, a=stray)
    assert [p.code for p in first.problems if p.is_error].count("row-unknown") == 1
    both = collect(book, a=stray, b=clean)
    settled = [p.corrected_by for p in both.problems if p.code == "row-unknown"]
    assert settled == ["b.xlsx"]
    assert both.cell_balance.is_balanced


@pytest.mark.parametrize("other", [{"done_on": "9月31日"}, {"result": "办" * 3000}])
def test_another_mistake_in_a_newer_return_leaves_the_old_one_settled(
    book: Book, other: dict[str, str]
) -> None:
    """What is wrong now has nothing to do with the stray notes of before."""

    def note(sheet: Worksheet, *_: object) -> None:
        sheet["B40"] = "请多关照"

    stray = edit(issued(book, OFFICE), note)
    newer = fill(issued(book, OFFICE), {"T01": {**DONE, **other}}, LATER)
    ledger = collect(book, a=stray, b=newer)
    settled = [p.corrected_by for p in ledger.problems if p.code == "row-unknown"]
    assert settled == ["b.xlsx"]
    assert any(p.is_error for p in ledger.problems if p.place.file == "b.xlsx")


def test_a_newer_return_with_the_same_mistake_settles_nothing(book: Book) -> None:
    """The notes are there again: somebody still has to look, at both."""

    def note(sheet: Worksheet, *_: object) -> None:
        sheet["B40"] = "请多关照"

    first = edit(issued(book, OFFICE), note)
    again = edit(issued(book, OFFICE), note, LATER)
    ledger = collect(book, a=first, b=again)
    strays = [p for p in ledger.problems if p.code == "row-unknown"]
    assert [(p.place.file, p.severity, p.corrected_by) for p in strays] == [
        ("a.xlsx", Severity.ERROR, ""),
        ("b.xlsx", Severity.ERROR, ""),
    ]


def test_one_nobody_has_opened_is_no_return(book: Book, sent_back: bytes) -> None:
    """A fresh correction workbook left in the folder is passed over, and said so."""
    read = read_return("退回.xlsx", sent_back, ReadContext(book, AS_OF))
    assert read.report.status is FileStatus.SKIPPED
    assert read.report.note == "这是本工具生成的“退回修改”\uff0c不是科室报回的表\uff0c已跳过。"


def test_one_corrected_by_a_program_that_keeps_times_and_names_counts(
    book: Book, sent_back: bytes
) -> None:
    """Gnumeric, SheetJS and exceljs leave the properties of a file as they were."""

    def answered(xml: bytes) -> bytes:
        return xml.replace("没齐".encode(), "齐了".encode())

    corrected = replace_parts(sent_back, {STRINGS: answered})
    assert corrected != sent_back
    ledger = collect(book, corrected=corrected)
    assert ledger.file_reports[0].status is not FileStatus.SKIPPED
    assert any(row.get_text("reason") == "数据齐了。" for row in ledger.assignment_results)


Answers = Mapping[str, Mapping[str, Any]]


def in_rounds(of: Book, section: str, *answers: Answers) -> Ledger:
    """Collect what a section has said in one round after the other."""
    files = {
        f"r{n}": fill(
            issued(replace(of, rounds=(a_round,)), section),
            said,
            datetime.combine(a_round.due or AS_OF, time(9)),
        )
        for n, (a_round, said) in enumerate(zip(of.rounds, answers, strict=True))
    }
    return collect(of, **files)


def test_a_bad_answer_is_not_hidden_behind_an_earlier_round(book: Book) -> None:
    """What was filled in now stands in the cell, and not what was said last time."""
    book = replace(book, rounds=ROUNDS[:2])
    first = {"status": "推进中", "result": "在办。"}
    said = {"T01": {"status": "差不多", "result": "快好了。"}}
    ledger = in_rounds(book, FINANCE, {"T01": first}, said)
    (one,) = build_corrections(ledger)
    sheet = opened(one.data)[FINANCE]
    assert (sheet["J6"].value, sheet["L6"].value) == ("差不多", "快好了。")


def test_a_turn_of_last_time_is_not_filled_in_for_this_one() -> None:
    """Else to correct another cell would say 已完成 again, of another quarter."""
    book = limited_book(ROUNDS[:2])
    done = {"status": "已完成", "result": "做了。", "person": "李某"}
    wrong = {"T01": {"status": "差不多"}}
    for first, second, status in (
        ({"T02": done}, wrong, None),
        ({}, {"T02": done, **wrong}, "已完成"),
    ):
        (one,) = build_corrections(in_rounds(book, SECTION, first, second))
        sheet = opened(one.data)[SECTION]
        columns, row = columns_of(sheet), rows_of(sheet)["T02"]
        stands = [sheet.cell(row, columns[key]).value for key in ("status", "person")]
        assert stands == [status, "李某"]


def test_same_ledger_same_bytes(book: Book, wrong: bytes, sent_back: bytes) -> None:
    """Sending back twice gives the very same file."""
    (again,) = build_corrections(collect(book, first=wrong))
    assert again.data == sent_back


def test_nothing_wrong_nothing_sent_back(book: Book, tmp_path: Path) -> None:
    """A clean return and a missing one are not sent back."""
    clean = fill(issued(book, OFFICE), {t.code: DONE for t in book.get_tasks(OFFICE)})
    assert build_corrections(collect(book, a=clean)) == ()


def test_every_cell_beside_the_table_is_named(book: Book) -> None:
    """Like problems are one line, but no line names more cells than all of its own."""

    def note(sheet: Worksheet, columns: Mapping[str, int], rows: Mapping[str, int]) -> None:
        for row in range(30, 60):
            sheet.cell(row, row).value = f"表外的话{row}"

    ledger = collect(book, a=edit(fill(issued(book, FINANCE), {"T01": DONE}), note))
    (one,) = build_corrections(ledger)
    rows = [[str(c.value or "") for c in row] for row in opened(one.data).worksheets[0].iter_rows()]
    lines = [row for row in rows if "表格以外" in "".join(row)]
    assert len(lines) == 3
    text = "".join("".join(line) for line in lines)
    places = [f"{get_column_letter(row)}{row}" for row in range(30, 60)]
    assert all(place in text for place in places)
    assert all(f"表外的话{row}" in text for row in range(30, 60))
