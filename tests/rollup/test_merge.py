"""Summaries become one: each unit once, every row in its place or on the list."""

from __future__ import annotations

import io
from dataclasses import replace
from datetime import date
from pathlib import Path

import openpyxl
import pytest
from openpyxl import Workbook

from ledgerbook.commands.rollup import roll_up
from ledgerbook.errors import FileError, InputError
from ledgerbook.model.office_entries import OfficeNote
from ledgerbook.model.results import FileStatus
from ledgerbook.rollup import read_expected_units, write_rollup
from ledgerbook.summary import write_summary
from tests.support.books import AS_OF, SECTIONS
from tests.support.rollups import (
    CIVIL,
    EDU,
    HEALTH,
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

# They write many summaries and roll them up.
pytestmark = pytest.mark.slow

LATER = date(2022, 12, 28)


def test_every_row_of_every_bureau_is_there_with_what_it_said() -> None:
    """Rows, answers, statuses and judgements are those of the bureaus' own ledgers."""
    made = roll_up_files(make_three_summaries())
    ledgers = [make_ledger(CIVIL, "c1", done=1), make_ledger(EDU, "a1")]
    ledgers.append(make_ledger(HEALTH, "b1", done=3))
    assert made.problems == ()
    assert {u.path for u in made.units} == {EDU, HEALTH, CIVIL}
    expected = {
        (of.book.agency, row.code): (row.section, row.status, row.urgency, row.due)
        for of in ledgers
        for row in of.assignment_results
    }
    got = {
        (r.unit, r.get_text("row_code")): (
            r.section,
            r.get_text("status"),
            r.urgency,
            r.due,
        )
        for r in made.rows
    }
    assert got == expected
    assert get_results(made) == {
        (of.book.agency, row.code): row.get_text("result")
        for of in ledgers
        for row in of.assignment_results
        if row.answers
    }
    assert [f.status for f in made.files] == [FileStatus.ACCEPTED] * 3


def test_each_row_says_in_which_file_and_row_it_stood() -> None:
    """The place leads back to the very row: file, sheet, row; and on to the return."""
    files = make_three_summaries()
    made = roll_up_files(files)
    for row in made.rows:
        file, _, before = row.get_text("source").partition(" ← ")
        sheet, _, number = row.get_text("place").partition(" 第")
        page = openpyxl.load_workbook(io.BytesIO(files[file]))[sheet]
        code = find_header(page)[1]["行码"]
        at = int(number.removesuffix("行"))
        assert page.cell(at, code).value == row.get_text("row_code")
        assert bool(before) == bool(row.get_text("result"))
        if at > 5:
            break


@pytest.mark.parametrize(
    "bad", [b"", b"PK\x03\x04broken", make_summary(EDU, "d1")[:9_000], b"<html>"]
)
def test_a_damaged_file_changes_nothing_of_the_others(bad: bytes) -> None:
    """One file is refused with one sentence; the units are as without it."""
    made, alone = (
        roll_up_files({**make_three_summaries(), "坏.xlsx": bad}),
        roll_up_files(make_three_summaries()),
    )
    assert made.units == alone.units
    (problem,) = made.problems
    assert (problem.place.file, problem.is_error) == ("坏.xlsx", True)
    assert problem.message.endswith("。")
    assert "科室" not in problem.advice


# -- the wording that a unit's office has adopted --------------------------------------


def make_worded_summary(fingerprint: str) -> bytes:
    """Return a summary in which the office has adopted a wording for the first answered row."""
    ledger = make_ledger(EDU)
    note = OfficeNote(AS_OF, find_worded_code(), "采用口径", "按季度推进。", fingerprint)
    return write_summary(replace(ledger, book=replace(ledger.book, office_notes=(note,))))


def find_worded_code() -> str:
    return next(row.code for row in make_ledger(EDU).assignment_results if row.answers)


def test_an_adopted_wording_is_the_result() -> None:
    """That of the row alone; nothing is to be checked."""
    made = roll_up_files({"1.xlsx": make_worded_summary("")})
    before = get_results(roll_up_files({"1.xlsx": make_summary(EDU)}))
    assert get_results(made) == {**before, (EDU, find_worded_code()): "按季度推进。"}
    assert made.problems == ()


def test_a_row_that_changed_after_its_wording_was_adopted_is_named() -> None:
    """On every level, with its place."""
    made = roll_up_files({"1.xlsx": make_worded_summary("早先的")}, name="某市")
    above = roll_up_files({"某市.xlsx": write_rollup(made)}, name="某省")
    for rollup, unit in ((made, EDU), (above, f"某市/{EDU}")):
        (told,) = rollup.problems
        assert (told.code, told.is_error) == ("summary-adopted-changed", False)
        assert told.message == (
            f"{unit}的任务 1（{SECTIONS[0]}，{find_worded_code()}）：单位写好采用口径以后，"
            "科室又改了填报内容，“落实情况”用的是原来的口径。"
        )
        assert told.place.cell
        assert "按季度推进。" in get_results(rollup).values()


def test_a_wording_that_was_cleared_is_not_to_be_checked() -> None:
    worded = make_worded_summary("早先的")
    row = next(
        n
        for n, row in enumerate(make_ledger(EDU).assignment_results, 1)
        if row.code == find_worded_code()
    )
    cleared = change_summary(worded, type_value("采用口径", None, row))
    assert roll_up_files({"1.xlsx": cleared}).problems == ()


# -- one unit, several files ----------------------------------------------------------


def test_the_newer_summary_of_a_unit_counts() -> None:
    """The older one is set aside with a notice, its rows counted."""
    files = {
        "旧.xlsx": make_summary(EDU, "a1", done=1),
        "新.xlsx": make_summary(EDU, "a1", as_of=LATER, done=3),
    }
    made = roll_up_files(files)
    assert list_problems(made) == [("summary-superseded", "旧.xlsx")]
    assert made.units[0].file == "新.xlsx"
    assert (made.merged_row_count, made.rejected_row_count) == (ROWS, ROWS)
    assert not made.needs_attention or made.missing


def test_the_same_summary_twice_counts_once() -> None:
    """A copy under another name is a notice."""
    data = make_summary(EDU, "a1")
    assert list_problems(roll_up_files({"1.xlsx": data, "2.xlsx": data})) == [
        ("summary-again", "1.xlsx")
    ]


@pytest.mark.parametrize(
    ("first", "second", "code"),
    [
        # Two answers of one day: somebody must say which counts.
        ((EDU, "a1", 2022, 1), (EDU, "a1", 2022, 3), "summary-twice"),
        # One name, two books: maybe two bureaus; none may vanish with a mere notice.
        ((EDU, "a1", 2022, 1), (EDU, "b1", 2022, 3), "summary-namesake"),
        # One book, two names: both are kept.
        ((EDU, "a1", 2022, 1), (HEALTH, "a1", 2022, 3), "summary-same-book"),
    ],
)
def test_what_is_in_doubt_must_be_settled(
    first: tuple[str, str, int, int], second: tuple[str, str, int, int], code: str
) -> None:
    """Doubt about which summary counts is never settled in silence."""
    made = roll_up_files({"1.xlsx": make_summary(*first), "2.xlsx": make_summary(*second)})
    assert [problem.code for problem in made.problems] == [code]
    assert made.problems[0].is_error
    assert len(made.units) == len({first[0], second[0]})


def test_another_year_is_held_unless_it_is_asked_for() -> None:
    """The year of most files is rolled up; another one's rows stand on the list."""
    files = {**make_three_summaries(), "去年.xlsx": make_summary(EDU, "e1", 2021)}
    made = roll_up_files(files)
    assert made.year == 2022
    assert list_problems(made) == [("summary-year", "去年.xlsx")]
    assert made.rejected_row_count == ROWS
    asked = roll_up_files(files, year=2021)
    assert [unit.file for unit in asked.units] == ["去年.xlsx"]
    assert asked.rejected_row_count == 3 * ROWS


# -- levels and days ------------------------------------------------------------------


def county(name: str, files: dict[str, bytes], **asked: object) -> bytes:
    return write_rollup(roll_up_files(files, name=name, **asked))


def test_roll_ups_are_rolled_up_again() -> None:
    """The city sees every bureau's rows through the county, with the way they came."""
    east = county("东区", make_three_summaries(), expected=(EDU, HEALTH, CIVIL, "区审计局"))
    made = roll_up_files({"东区.xlsx": east, "财政.xlsx": make_summary("市财政局", "f1")})
    assert made.problems == ()
    assert [u.path for u in made.units] == [
        "东区/市卫生局",
        "东区/市教育局",
        "东区/市民政局",
        "市财政局",
    ]
    below = {
        (f"东区/{unit}", code): said
        for (unit, code), said in get_results(roll_up_files(make_three_summaries())).items()
    }
    assert below.items() <= get_results(made).items()
    done = next(r for r in made.rows if r.get_text("result") and "/" in r.unit)
    assert done.get_text("source").split(" ← ")[0] == "东区.xlsx"
    assert len(done.get_text("source").split(" ← ")) == 3
    assert ("东区/区审计局", "") in {(m.unit, m.section) for m in made.missing}


def test_a_bureau_that_came_directly_and_through_the_county_counts_once() -> None:
    """The same book under the same name is the same bureau, whichever way it came."""
    east = county("东区", make_three_summaries())
    made = roll_up_files({"东区.xlsx": east, "教育.xlsx": make_summary(EDU, "a1")})
    assert len(made.units) == 3
    assert [code for code, _ in list_problems(made)] == ["summary-again"]


def test_what_has_become_overdue_since_is_judged_anew() -> None:
    """A day after its limit an open row is overdue, a closed one never."""
    before = roll_up_files(make_three_summaries())
    after = roll_up_files(make_three_summaries(), as_of=date(2023, 1, 1))
    assert after.rejudged_count > 0
    late = [r for r in after.rows if r.urgency == "逾期"]
    assert len(late) > sum(r.urgency == "逾期" for r in before.rows)
    assert all(r.status_class not in ("已完成", "不涉及") for r in late)


# -- who should have reported ---------------------------------------------------------


def test_who_has_not_reported_is_named() -> None:
    """Units on the list without a summary, sections without a return."""
    made = roll_up_files(make_three_summaries(), expected=("市审计局", HEALTH, EDU))
    assert [m.unit for m in made.missing if not m.section] == ["市审计局"]
    assert {(m.unit, m.section) for m in made.missing if m.section} == {
        (unit, SECTIONS[2]) for unit in (EDU, HEALTH, CIVIL)
    }
    assert list_problems(made) == [("summary-unlisted", "3.xlsx")]
    assert [unit.path for unit in made.units] == [HEALTH, EDU, CIVIL]
    assert made.needs_attention


def _names_in_excel() -> bytes:
    workbook = Workbook()
    sheet = workbook.active
    assert sheet is not None
    for row in (("应报名单", None), ("序号", "单位名称"), (1, EDU), (2, HEALTH)):
        sheet.append(row)
    buffer = io.BytesIO()
    workbook.save(buffer)
    return buffer.getvalue()


@pytest.mark.parametrize(
    "data",
    [
        f"# 名单\n{EDU}\n\n {HEALTH} \n{EDU}\n".encode(),
        f"{EDU}\r\n{HEALTH}".encode("gb18030"),
        f"\ufeff{EDU}\n{HEALTH}".encode(),
        _names_in_excel(),
    ],
)
def test_the_list_is_a_text_or_a_workbook(tmp_path: Path, data: bytes) -> None:
    """Names are read once each, in their order."""
    path = tmp_path / "名单"
    assert read_expected_units(path, data) == (EDU, HEALTH)


@pytest.mark.parametrize("data", [b"", b"\xff\xfe\x00", b"PK\x03\x04"])
def test_a_list_that_cannot_be_read_stops_the_run(tmp_path: Path, data: bytes) -> None:
    """Without the list it would look as if all had reported."""
    path = tmp_path / "名单"
    with pytest.raises(InputError, match="一行一个单位"):
        read_expected_units(path, data)
    with pytest.raises(FileError):
        roll_up([tmp_path], tmp_path, as_of=date(2022, 12, 28), expect=tmp_path / "没有")


def test_a_name_that_looks_like_a_path_is_none() -> None:
    """A bureau called 东区/教育局 does not pass for one of the county's."""
    made = roll_up_files(
        {
            "1.xlsx": write_summary(
                replace(
                    make_ledger(EDU),
                    book=replace(make_ledger(EDU).book, agency="东区/教育局"),
                )
            )
        }
    )
    assert [unit.path for unit in made.units] == ["东区／教育局"]
