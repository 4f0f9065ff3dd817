"""A year in time, as the office lives it: issue, fill, save, collect, read the summary.

Every file is a real one: forms issued by the command line, filled with openpyxl as a person
fills them, saved at a set time, collected by the command line; the summary is read with
calamine. What must come out was written down by hand from what the people did.
"""

from __future__ import annotations

import contextlib
import io
import re
import shutil
from collections.abc import Callable, Mapping
from dataclasses import dataclass, replace
from datetime import date, datetime, timedelta
from itertools import takewhile
from pathlib import Path
from typing import Any

import pytest
from openpyxl import Workbook, load_workbook
from openpyxl.worksheet.worksheet import Worksheet

from ledgerbook import forms
from ledgerbook.book import build_book_bytes
from ledgerbook.cli.app import main
from ledgerbook.excel.deterministic_zip import serialize_workbook
from ledgerbook.issue.layout import FIRST_ROW
from ledgerbook.model import Assignment, Book, Role, Round, Section
from ledgerbook.model.form_columns import SIGNATURE_KEYS
from ledgerbook.plan.deadline_parser import parse_deadline
from tests.forms.test_registers import DEFINITION
from tests.support.books import FINANCE, INDUSTRY, OFFICE, columns_of, make_book, rows_of
from tests.support.summary_reading import calamine_grid, list_texts

# Whole jobs: several commands each, with worker processes.
pytestmark = pytest.mark.slow

TASK_COUNT = 16  # rows 6 to 21 of a section's sheet
Q1, Q2, YEAR = "第一季度", "上半年", "年度"
ROUNDS = (
    Round(Q1, date(2022, 3, 31)),
    Round(Q2, date(2022, 6, 30)),
    Round(YEAR, date(2022, 12, 15)),
)
ISSUED = {Q1: "2022-03-01", Q2: "2022-06-01", YEAR: "2022-12-01"}
COLLECTED = "2022-12-20"
KEYLESS = """
key = "notes"
title = "工作记录"
rows = 10

[[columns]]
key = "day"
header = "日期"
kind = "日期"
filler = "科室填写"
width = 11

[[columns]]
key = "matter"
header = "事项"
kind = "长文本"
filler = "科室填写"
width = 30

[[columns]]
key = "place"
header = "地点"
kind = "文本"
filler = "科室填写"
width = 12
"""
DOING = {"status": "推进中", "result": "正在办。"}
DONE = {"status": "已完成", "done_on": date(2022, 5, 20), "result": "办好了。"}

Cells = Mapping[str, Any]


def make_year_book() -> Book:
    """Return a book of sixteen tasks for two sections, three rounds and two registers."""
    first = make_book().tasks[0]
    sections = (
        Section(OFFICE),
        Section(FINANCE, register_keys=("requests", "notes")),
        Section(INDUSTRY),
    )
    assigned = tuple(Assignment(name, Role.IMPLEMENT) for name in (FINANCE, INDUSTRY))
    tasks = tuple(
        replace(
            first,
            code=f"T{number:02d}",
            number=number,
            measure=f"第{number}项措施，按要求落实。",
            units="金融发展科、产业金融科",
            parsed_assignments=assigned,
        )
        for number in range(1, TASK_COUNT + 1)
    )
    registers = (forms.load_form(DEFINITION), forms.load_form(KEYLESS))
    return make_book(
        rounds=ROUNDS,
        sections=sections,
        tasks=tasks,
        forms=(forms.load_factory_ledger(), *registers),
    )


def run(*words: str) -> tuple[int, str]:
    """Run the command line; return its exit code and all that it printed."""
    printed = io.StringIO()
    with (
        contextlib.redirect_stdout(printed),
        contextlib.redirect_stderr(printed),
        pytest.raises(SystemExit) as ended,
    ):
        main(list(words))
    return int(str(ended.value.code)), printed.getvalue()


@dataclass(frozen=True)
class Summary:
    """A summary workbook, read with calamine."""

    data: bytes
    printed: str

    def read_lines(self, sheet: str, first_header: str = "序号") -> list[dict[str, str]]:
        """Return the rows of a list by header, as texts; a date as 2022-06-30.

        A list that has no sheet is one of which 总览 says that it is empty.
        """
        if sheet not in self.sheets:
            assert any(f"{sheet}：无" in row for row in calamine_grid(self.data, "总览"))
            return []
        grid = calamine_grid(self.data, sheet)
        header = next(index for index, row in enumerate(grid) if row[0] == first_header)
        rows = (dict(zip(grid[header], row, strict=True)) for row in grid[header + 1 :])
        return [
            {str(name): to_text(value) for name, value in row.items()}
            for row in rows
            if to_text(list(row.values())[1])
        ]

    def read_row(self, number: int, section: str = FINANCE) -> dict[str, str]:
        """Return the answers of a section to a task by header; blank cells are left out."""
        (row,) = (
            line
            for line in self.read_lines("科室明细", "科室")
            if (line["科室"], line["序号"]) == (section, str(number))
        )
        headers = list(row)
        answers = headers[headers.index("完成状态") : headers.index("行码")]
        return {header: row[header] for header in answers if row[header]}

    @property
    def statuses(self) -> list[str]:
        """The statuses of the finance section, task by task."""
        lines = self.read_lines("科室明细", "科室")
        return [line["完成状态"] for line in lines if line["科室"] == FINANCE]

    @property
    def conflicts(self) -> list[tuple[str, ...]]:
        """(task, header, what holds, what does not) of each line of 冲突."""
        headers = ("任务序号", "栏目", "采用的内容", "未采用的内容")
        return [tuple(line[h] for h in headers) for line in self.read_lines("冲突")]

    @property
    def changes(self) -> list[tuple[str, ...]]:
        """(task, header, earlier content, content now) of each line of 历次填报."""
        headers = ("任务序号", "栏目", "当时填的内容", "现在的内容")
        return [tuple(line[h] for h in headers) for line in self.read_lines("历次填报")]

    @property
    def problems(self) -> list[tuple[str, str, str]]:
        """(severity, file, sentence) of each line of 问题清单, blank cells left out.

        What stands below the list repeats its lines place by place.
        """
        lines = takewhile(lambda line: line["序号"] != "序号", self.read_lines("问题清单"))
        return [
            (line["级别"], line["文件"], line["问题"])
            for line in lines
            if "是必填项" not in line["问题"] and "一格也没有填" not in line["问题"]
        ]

    @property
    def sheets(self) -> list[str]:
        return load_workbook(io.BytesIO(self.data), read_only=True).sheetnames

    @property
    def standings(self) -> dict[str, str]:
        lines = self.read_lines("报送情况", "科室")
        return {line["科室"]: line["报送状态"] for line in lines if line["报送状态"]}

    @property
    def account(self) -> dict[str, int]:
        """The buckets of the account of cells; the sum of all but 收到填写的单元格 is equal."""
        (text,) = (
            text
            for text in list_texts(calamine_grid(self.data, "报送情况"))
            if text.startswith("收到填写的单元格")
        )
        received, _, rest = text.partition("，合计")[0].partition(" = ")
        buckets = {name: int(count) for name, count in re.findall(r"(\S+) (\d+) 个", rest)}
        (total,) = re.findall(r"\d+", received.partition("（")[0])
        assert sum(buckets.values()) == int(total), text
        return buckets | {"收到": int(total)}


def to_text(value: object) -> str:
    if isinstance(value, float) and value.is_integer():
        return str(int(value))
    if isinstance(value, datetime):
        return value.date().isoformat()
    return "" if value is None else str(value)


@dataclass(frozen=True)
class Office:
    """The folder of the office: the book, what was issued, what came back."""

    folder: Path

    @property
    def book(self) -> Path:
        return self.folder / "台账.xlsx"

    @property
    def returned(self) -> Path:
        return self.folder / "收回"

    def say(self, *lines: tuple[object, ...]) -> None:
        """Type lines into 更正代填 of the book, below those that are there."""
        workbook = load_workbook(self.book)
        sheet = workbook["更正代填"]
        first = 4 + sum(1 for row in sheet.iter_rows(min_row=4) if row[0].value)
        for n, line in enumerate(lines, first):
            for column, value in enumerate(line, 1):
                sheet.cell(n, column).value = value
        workbook.save(self.book)

    def generate(self, round_name: str, *earlier: Path) -> None:
        words = [part for path in earlier for part in ("--from", str(path))]
        issued_on = ISSUED[round_name]
        code, printed = run(
            "generate",
            str(self.book),
            "--round",
            round_name,
            "-o",
            str(self.folder / "发出"),
            "--as-of",
            issued_on,
            *words,
        )
        assert code == 0, printed

    def get_form(self, round_name: str, name: str = FINANCE) -> Path:
        return self.folder / "发出" / round_name / f"{name}.xlsx"

    def fill(
        self,
        form: Path,
        name: str,
        saved: str,
        answers: Mapping[int | str, Cells] | None = None,
        *,
        entries: Mapping[str, Mapping[int, Cells]] | None = None,
        section: str = FINANCE,
        change: Callable[[Workbook], object] = lambda _: None,
    ) -> Path:
        """Save ``form`` under another name with answers by task number.

        ``entries`` are those of registers: title → place from 0 on → cells.
        """
        workbook = load_workbook(form)
        sheet = workbook[section]
        columns, rows = columns_of(sheet), rows_of(sheet)
        for number, cells in (answers or {}).items():
            row = rows[number if isinstance(number, str) else f"T{number:02d}"]
            for key, value in cells.items():
                sheet.cell(row, columns[key]).value = value
        for title, places in (entries or {}).items():
            register = workbook[title]
            columns = columns_of(register)
            for place, cells in places.items():
                for key, value in cells.items():
                    register.cell(FIRST_ROW + 1 + place, columns[key]).value = value
        change(workbook)
        path = self.returned / name
        path.parent.mkdir(parents=True, exist_ok=True)
        # openpyxl notes the time in UTC; Beijing is eight hours ahead.
        saved_at = datetime.fromisoformat(saved) - timedelta(hours=8)
        path.write_bytes(serialize_workbook(workbook, saved_at))
        return path

    def collect(self, *words: str, as_of: str = COLLECTED, output: str = "汇总") -> Summary:
        """Collect all that came back; ``words`` are further options."""
        target = self.folder / output
        code, printed = run(
            "collect",
            str(self.book),
            *([] if any(Path(word).exists() for word in words) else [str(self.returned)]),
            "-o",
            str(target),
            "--as-of",
            as_of,
            *words,
        )
        assert code in (0, 1), printed
        summary = Summary((target / "2022年度汇总.xlsx").read_bytes(), printed)
        assert summary.account["收到"] >= 0
        return summary


@pytest.fixture(scope="module")
def issued_once(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """Return a folder with a book whose first round has been issued, blank."""
    folder = tmp_path_factory.mktemp("office")
    (folder / "台账.xlsx").write_bytes(build_book_bytes(make_year_book()))
    (folder / "收回").mkdir()
    Office(folder).generate(Q1)
    return folder


@pytest.fixture
def office(issued_once: Path, tmp_path: Path) -> Office:
    shutil.copytree(issued_once, tmp_path / "office")
    return Office(tmp_path / "office")


@pytest.fixture(scope="module")
def issued_twice(issued_once: Path, tmp_path_factory: pytest.TempPathFactory) -> Path:
    """Return a folder where all tasks were 推进中 in the first round, and the second is out."""
    folder = tmp_path_factory.mktemp("twice") / "office"
    shutil.copytree(issued_once, folder)
    office = Office(folder)
    answers = dict.fromkeys(range(1, TASK_COUNT + 1), DOING)
    form = office.get_form(Q1)
    office.fill(form, "一季度.xlsx", "2022-03-20 09:00", answers)
    office.generate(Q2, office.returned)
    return folder


@pytest.fixture
def second_round(issued_twice: Path, tmp_path: Path) -> Office:
    shutil.copytree(issued_twice, tmp_path / "office")
    return Office(tmp_path / "office")


# --- two people, one form ---


def test_two_people_share_a_blank_form(office: Office) -> None:
    """Example 1: either saved last; both hold, no conflict."""
    form = office.get_form(Q1)
    office.fill(form, "甲.xlsx", "2022-03-20 09:00", {1: DOING})
    office.fill(form, "乙.xlsx", "2022-03-21 09:00", {2: DOING})
    summary = office.collect()
    assert summary.statuses == ["推进中"] * 2 + ["未填"] * 14
    assert (summary.conflicts, summary.account["汇入汇总"]) == ([], 4)


@pytest.mark.parametrize("words", [(), ("--prefer", "甲.xlsx"), ("--prefer", "乙.xlsx")])
def test_two_people_share_a_prefilled_form(second_round: Office, words: tuple[str, ...]) -> None:
    """Observed: 甲 fills rows 6 to 13, 乙 rows 14 to 21; 乙's untouched 推进中 won in 7 rows."""
    form = second_round.get_form(Q2)
    first, last = dict.fromkeys(range(1, 9), DONE), dict.fromkeys(range(9, 17), DONE)
    second_round.fill(form, "甲.xlsx", "2022-06-20 09:00", first)
    second_round.fill(form, "乙.xlsx", "2022-06-21 09:00", last)
    summary = second_round.collect(*words, as_of="2022-06-25")
    assert summary.statuses == ["已完成"] * 16
    assert summary.conflicts == []
    assert [summary.read_row(n)["完成日期"] for n in (1, 16)] == ["2022-05-20"] * 2
    # 32 cells of the first round were changed in the second; 32 came back untouched.
    assert len(summary.changes) == 32
    assert summary.account == {
        "收到": 32 + 2 * 40,
        "汇入汇总": 48,
        "内容相同的重复": 0,
        "与下发时相同": 32,
        "列入冲突": 0,
        "改过的旧内容": 32,
        "列入问题清单": 0,
    }


def test_two_people_change_one_task_each_of_a_prefilled_form(second_round: Office) -> None:
    """Example 2: nothing of the later file's untouched task counts."""
    form = second_round.get_form(Q2)
    second_round.fill(form, "甲.xlsx", "2022-06-20 09:00", {1: DONE})
    second_round.fill(form, "乙.xlsx", "2022-06-21 09:00", {2: DONE})
    summary = second_round.collect(as_of="2022-06-25")
    assert summary.statuses == ["已完成"] * 2 + ["推进中"] * 14
    assert summary.conflicts == []


def test_two_people_add_to_one_row_of_a_prefilled_form(second_round: Office) -> None:
    """Example 15: 甲 adds 落实情况, 乙 adds 佐证材料 to the same row."""
    form = second_round.get_form(Q2)
    second_round.fill(form, "甲.xlsx", "2022-06-20 09:00", {1: {"result": "又办了两件。"}})
    second_round.fill(form, "乙.xlsx", "2022-06-21 09:00", {1: {"evidence": "中金〔2022〕15号"}})
    summary = second_round.collect(as_of="2022-06-25")
    assert summary.read_row(1) == {
        "完成状态": "推进中",
        "落实情况": "又办了两件。",
        "佐证材料": "中金〔2022〕15号",
    }
    assert summary.conflicts == []


def test_a_row_that_would_break_a_rule_only_jointly_stands_as_returned(
    second_round: Office,
) -> None:
    """Example 14: 甲 已完成; 乙, who had not seen it, only 未完成原因."""
    form = second_round.get_form(Q2)
    second_round.fill(form, "甲.xlsx", "2022-06-20 09:00", {1: DONE})
    second_round.fill(form, "乙.xlsx", "2022-06-21 09:00", {1: {"reason": "等批复。"}})
    summary = second_round.collect(as_of="2022-06-25")
    assert summary.read_row(1) == {
        "完成状态": "推进中",
        "落实情况": "正在办。",
        "未完成原因": "等批复。",
    }
    assert summary.conflicts == [
        ("1", "完成状态", "推进中", "已完成"),
        ("1", "完成日期", "（空）", "2022-05-20"),
        ("1", "落实情况", "正在办。", "办好了。"),
    ]


def test_a_fresh_form_adds_to_a_row(office: Office) -> None:
    """Example 4: 推进中 and 结果; then, on a fresh form, 推进中 and 佐证."""
    form = office.get_form(Q1)
    office.fill(form, "一.xlsx", "2022-03-20 09:00", {1: DOING})
    again = {"status": "推进中", "evidence": "会议纪要"}
    office.fill(form, "二.xlsx", "2022-03-21 09:00", {1: again})
    summary = office.collect()
    assert summary.read_row(1) == {
        "完成状态": "推进中",
        "落实情况": "正在办。",
        "佐证材料": "会议纪要",
    }
    assert (summary.conflicts, summary.account["内容相同的重复"]) == ([], 1)


# --- files made of earlier files ---


def test_a_later_file_takes_answers_back(office: Office) -> None:
    """Observed, and example 3: what is blanked is withdrawn, and told as 先填后空."""
    full = DONE | {
        "evidence": "中金〔2022〕15号",
        "reason": "写错行了",
        "done_on": date(2022, 3, 18),
    }
    form = office.get_form(Q1)
    others = dict.fromkeys(range(2, TASK_COUNT + 1), DOING)
    first = office.fill(form, "一报.xlsx", "2022-03-20 09:00", {1: full, **others})
    blanked = {"status": "推进中", "done_on": None, "evidence": None, "reason": None}
    office.fill(first, "更正.xlsx", "2022-03-21 09:00", {1: blanked})
    summary = office.collect()
    assert summary.read_row(1) == {"完成状态": "推进中", "落实情况": "办好了。"}
    assert summary.conflicts == [
        ("1", "完成日期", "（先填后空）", "2022-03-18"),
        ("1", "佐证材料", "（先填后空）", "中金〔2022〕15号"),
        ("1", "未完成原因", "（先填后空）", "写错行了"),
    ]
    assert summary.changes == [("1", "完成状态", "已完成", "【第一季度】推进中")]
    assert summary.read_row(2) == {"完成状态": "推进中", "落实情况": "正在办。"}


def test_an_old_own_file_edited_elsewhere_does_not_undo(office: Office) -> None:
    """Example 13: 甲's file 1: 推进中, X; 乙, fresh: 佐证; 甲 edits file 1 elsewhere, sends it."""
    form = office.get_form(Q1)
    first = office.fill(form, "甲1.xlsx", "2022-03-20 09:00", {1: DOING})
    office.fill(form, "乙.xlsx", "2022-03-21 09:00", {1: {"evidence": "会议纪要"}})
    office.fill(first, "甲2.xlsx", "2022-03-22 09:00", {2: DOING})
    summary = office.collect()
    assert summary.read_row(1) == {
        "完成状态": "推进中",
        "落实情况": "正在办。",
        "佐证材料": "会议纪要",
    }
    assert summary.read_row(2) == {"完成状态": "推进中", "落实情况": "正在办。"}
    assert summary.conflicts == []


# --- 退回修改 ---


def fill_with_bad_date(office: Office) -> Path:
    """Return a correction workbook: of sixteen answered tasks the first has a bad date."""
    answers = dict.fromkeys(range(2, TASK_COUNT + 1), DOING)
    bad = DONE | {"done_on": "2022年3月32日"}
    office.fill(office.get_form(Q1), "一报.xlsx", "2022-03-20 09:00", {1: bad, **answers})
    summary = office.collect(as_of="2022-03-25")
    assert [sentence for *_, sentence in summary.problems] == [
        "“完成日期”填的是“2022年3月32日”，不是能确定的日期（3 月没有 32 日）。"
    ]
    return office.folder / "汇总" / "退回修改" / f"{FINANCE}.xlsx"


def test_a_bad_date_cleared_in_the_correction_workbook_is_settled(office: Office) -> None:
    """Observed, and example 5: the corrected status stands, nothing more is asked, ever."""
    correction = fill_with_bad_date(office)
    changed = {"status": "推进中", "done_on": None}
    office.fill(correction, "改好.xlsx", "2022-03-26 09:00", {1: changed})
    for _ in range(2):
        summary = office.collect(as_of="2022-03-28")
        assert summary.read_row(1) == {"完成状态": "推进中", "落实情况": "办好了。"}
        assert [severity for severity, *_ in summary.problems] == ["提示"]
        assert not correction.exists()
    assert summary.account["列入问题清单"] == 1


def test_a_correction_workbook_with_one_changed_cell_says_one_row(office: Office) -> None:
    """Example 6: what it was filled with beforehand says nothing against a file of meanwhile."""
    correction = fill_with_bad_date(office)
    own = office.returned / "一报.xlsx"
    meanwhile = {3: {"status": "长期推进"}}
    office.fill(own, "补报.xlsx", "2022-03-26 09:00", meanwhile)
    office.fill(correction, "改好.xlsx", "2022-03-27 09:00", {1: {"done_on": date(2022, 3, 18)}})
    summary = office.collect(as_of="2022-03-28")
    assert summary.read_row(1)["完成日期"] == "2022-03-18"
    assert summary.read_row(3)["完成状态"] == "长期推进"
    assert summary.conflicts == []
    # Both files that had the bad date say by which file it was put right.
    assert [severity for severity, *_ in summary.problems] == ["提示"] * 2


def test_a_repair_stays_when_an_old_file_is_sent_again(office: Office) -> None:
    """Example 6: 甲's own file again, edited elsewhere or not at all; the repair stays."""
    correction = fill_with_bad_date(office)
    own = office.returned / "一报.xlsx"
    office.fill(correction, "改好.xlsx", "2022-03-26 09:00", {1: {"done_on": date(2022, 3, 18)}})
    office.fill(own, "再报.xlsx", "2022-03-27 09:00", {2: {"note": "已核对"}})
    office.fill(own, "又报.xlsx", "2022-03-28 09:00")
    summary = office.collect(as_of="2022-03-29")
    assert summary.read_row(1) == {
        "完成状态": "已完成",
        "完成日期": "2022-03-18",
        "落实情况": "办好了。",
    }
    assert summary.read_row(2)["备注"] == "已核对"
    assert summary.conflicts == []
    assert summary.account["列入冲突"] == 0
    # The bad date that the copies still show is put right: nobody is asked for it again.
    assert {severity for severity, *_ in summary.problems} == {"提示"}
    assert not correction.exists()


# --- when a file was saved ---


def test_a_file_from_the_future_is_told_and_does_not_win(office: Office) -> None:
    """Example 11: saved 2099; the other, saved at a possible time, counts as the later."""
    form = office.get_form(Q1)
    future = {"status": "长期推进", "result": "未来的。"}
    office.fill(form, "未来.xlsx", "2099-01-01 09:00", {1: future})
    office.fill(form, "甲.xlsx", "2022-03-20 09:00", {1: DOING | {"result": "现在的。"}})
    summary = office.collect()
    assert summary.read_row(1)["落实情况"] == "现在的。"
    assert summary.conflicts == [
        ("1", "完成状态", "推进中", "长期推进"),
        ("1", "落实情况", "现在的。", "未来的。"),
    ]
    (severity, file, sentence), (_, unknown, _) = sorted(summary.problems, reverse=True)
    assert (severity, file) == ("提示", unknown) == ("提示", "未来.xlsx")
    assert sentence.startswith("这份表里记的保存时间是 2099-01-01 09:00，")
    # Where the office says so, it counts all the same.
    preferred = office.collect("--prefer", "未来.xlsx")
    assert preferred.read_row(1)["落实情况"] == "未来的。"


def test_a_file_saved_before_it_was_issued_is_told_and_does_not_win(office: Office) -> None:
    """A clock that is slow; a day's slack is given."""
    form = office.get_form(Q1)
    office.fill(form, "早.xlsx", "2022-02-10 09:00", {1: DOING | {"result": "早的。"}})
    office.fill(form, "差一天.xlsx", "2022-02-28 09:00", {2: DOING})
    summary = office.collect()
    assert summary.read_row(1)["落实情况"] == "早的。"
    (severity, file, sentence), (_, unknown, _) = sorted(summary.problems, reverse=True)
    assert (severity, file) == ("提示", unknown) == ("提示", "早.xlsx")
    assert "2022-02-10 09:00，早于这份表的签发日期 2022-03-01" in sentence


def test_files_saved_after_the_day_of_the_summary_are_left_out_and_counted(
    office: Office,
) -> None:
    """The summary of an earlier day can be made again, with what there was on that day."""
    form = office.get_form(Q1)
    first = office.fill(form, "甲.xlsx", "2022-03-20 09:00", {1: DOING})
    office.fill(form, "次日.xlsx", "2022-04-01 09:00", {2: DOING})
    before = office.collect(as_of="2022-03-31")
    office.fill(first, "后来.xlsx", "2022-05-10 09:00", {1: DONE | {"done_on": date(2022, 5, 9)}})
    summary = office.collect(as_of="2022-03-31")
    assert summary.statuses == before.statuses == ["推进中"] * 2 + ["未填"] * 14
    assert summary.problems == [
        (
            "提示",
            "后来.xlsx",
            "这份表是 2022-05-10 09:00 保存的，晚于汇总日期 2022-03-31，"
            "其中填写的 3 个单元格没有汇入。",
        )
    ]
    assert summary.account == before.account
    (line,) = (one for one in summary.read_lines("报送情况", "文件") if one["文件"] == "后来.xlsx")
    assert line["处理结果"] == "跳过"
    assert office.collect().read_row(1)["完成状态"] == "已完成"


# --- nothing but names, folders and order differ ---


def test_names_folders_and_order_change_nothing(second_round: Office) -> None:
    """Example 12: files named one by one in any order give the same bytes."""
    form = second_round.get_form(Q2)
    files = [second_round.returned / "一季度.xlsx"]
    files += [
        second_round.fill(form, "甲.xlsx", "2022-06-20 09:00", {1: DONE, 3: DONE}),
        second_round.fill(form, "乙.xlsx", "2022-06-20 09:00", {1: {"reason": "等批复。"}}),
        second_round.fill(form, "丙.xlsx", "2022-06-21 09:00", {3: {"evidence": "纪要"}}),
    ]
    texts = list(map(str, files))
    summaries = [
        second_round.collect(*order, as_of="2022-06-25")
        for order in (texts, texts[::-1], [*texts[2:], *texts[:2]])
    ]
    assert len({summary.data for summary in summaries}) == 1
    # In folders and under other names: the same answers from files of other names.
    for number, file in enumerate(files):
        folder = second_round.returned / f"第{9 - number}袋"
        folder.mkdir()
        file.rename(folder / f"{9 - number}.xlsx")
    moved = second_round.collect(as_of="2022-06-25")
    for number in range(1, TASK_COUNT + 1):
        assert moved.read_row(number) == summaries[0].read_row(number)
    assert (moved.conflicts, moved.changes) == (summaries[0].conflicts, summaries[0].changes)
    assert moved.account == summaries[0].account


# --- sheets of one file ---


def copy_sheet(title: str, state: str, answers: Mapping[str, Cells], *, first: bool) -> Any:
    """Return a change of a workbook: a copy of the finance sheet with other answers."""

    def change(workbook: Workbook) -> None:
        sheet: Worksheet = workbook[FINANCE]
        copy = workbook.copy_worksheet(sheet)
        copy.title, copy.sheet_state = title, state
        columns, rows = columns_of(sheet), rows_of(sheet)
        for code, cells in answers.items():
            for key, value in cells.items():
                copy.cell(rows[code], columns[key]).value = value
        if first:
            workbook.move_sheet(copy, -workbook.index(copy))
            workbook.active = workbook.index(sheet)

    return change


@pytest.mark.parametrize("first", [True, False])
@pytest.mark.parametrize(
    ("title", "state"), [("旧表备份", "hidden"), (f"{FINANCE} (2)", "visible"), ("草稿", "visible")]
)
def test_of_two_sheets_of_one_form_the_issued_visible_one_counts(
    office: Office, title: str, state: str, *, first: bool
) -> None:
    """Wherever the copy stands; its answers are told as those of an earlier file."""
    old = {"T01": DONE | {"done_on": date(2022, 3, 18)}, "T02": {"result": "旧的。"}}
    answers = {1: {"status": "推进中", "result": "正在办。"}, 2: DOING}
    change = copy_sheet(title, state, old, first=first)
    office.fill(office.get_form(Q1), "甲.xlsx", "2022-03-20 09:00", answers, change=change)
    summary = office.collect()
    assert summary.read_row(1) == {"完成状态": "推进中", "落实情况": "正在办。"}
    assert summary.read_row(2) == {"完成状态": "推进中", "落实情况": "正在办。"}
    assert summary.conflicts == [("1", "完成日期", "（先填后空）", "2022-03-18")]
    assert summary.changes == [
        ("1", "完成状态", "已完成", "【第一季度】推进中"),
        ("1", "落实情况", "办好了。", "【第一季度】正在办。"),
        ("2", "落实情况", "旧的。", "【第一季度】正在办。"),
    ]
    (problem,) = summary.problems
    assert problem == (
        "提示",
        "甲.xlsx",
        f"这个文件里{FINANCE}的重点任务台账不止一张，以“{FINANCE}”为准，"
        f"“{title}”{'（隐藏）' if state == 'hidden' else ''}当作较早填的一份。",
    )


def test_a_silent_sheet_of_the_whole_ledger_is_no_return(second_round: Office) -> None:
    """总台账 of a prefilled round, filled by the finance section: 产业金融科 said nothing."""
    form = second_round.get_form(Q1, INDUSTRY)
    said = dict.fromkeys(range(1, TASK_COUNT + 1), DOING)
    second_round.fill(form, "产业一季度.xlsx", "2022-03-20 09:00", said, section=INDUSTRY)
    shutil.rmtree(second_round.folder / "发出" / Q2)
    second_round.generate(Q2, second_round.returned)
    whole = second_round.get_form(Q2, "总台账")
    second_round.fill(whole, "总台账.xlsx", "2022-06-20 09:00", {1: DONE})
    summary = second_round.collect(as_of="2022-06-25")
    assert summary.standings[INDUSTRY] == "未报送"
    assert summary.standings[FINANCE] == "已报送"
    assert summary.read_row(1)["完成状态"] == "已完成"
    # The 32 cells of the other section that were put there beforehand are no answers.
    assert summary.account["收到"] == 32 + 32 + 33
    assert summary.account["与下发时相同"] == 30


# --- recurring duties ---


def test_the_turn_of_a_recurring_duty_is_never_prefilled_as_done(tmp_path: Path) -> None:
    """已完成 of the first quarter does not stand in the form of the second."""
    book = make_year_book()
    first, *rest = book.tasks
    quarterly = replace(
        first, deadline_text="每季度", parsed_deadline=parse_deadline("每季度", 2022)
    )
    book = replace(book, tasks=(quarterly, *rest))
    office = Office(tmp_path)
    office.book.write_bytes(build_book_bytes(book))
    office.generate(Q1)
    done = DONE | {"done_on": date(2022, 3, 18), "person": "李某"}
    office.fill(office.get_form(Q1), "一.xlsx", "2022-03-20 09:00", {1: done, 2: done})
    office.generate(Q2, office.returned)
    sheet = load_workbook(office.get_form(Q2))[FINANCE]
    columns, rows = columns_of(sheet), rows_of(sheet)
    keys = ("status", "done_on", "result", "person")
    shown = [
        [sheet.cell(rows[code], columns[key]).value for key in keys] for code in ("T01", "T02")
    ]
    assert shown[0] == [None, None, None, "李某"]
    assert shown[1] == ["已完成", datetime(2022, 3, 18), "办好了。", "李某"]  # noqa: DTZ001
    # Left so, the second quarter's turn is not done.
    office.fill(office.get_form(Q2), "二.xlsx", "2022-06-20 09:00", {2: {"note": "已核对"}})
    summary = office.collect(as_of="2022-07-10")
    (line,) = (one for one in summary.read_lines("逾期临期") if one["科室"] == FINANCE)
    assert (line["判定"], line["任务序号"]) == ("逾期", "1")


# --- signatures ---

SIGNED = {"signer": "李四", "signed_on": date(2022, 3, 20)}


@pytest.fixture(scope="module")
def signed_once(issued_once: Path, tmp_path_factory: pytest.TempPathFactory) -> Path:
    """Return a folder where all tasks were answered and signed in the first round."""
    folder = tmp_path_factory.mktemp("signed") / "office"
    shutil.copytree(issued_once, folder)
    office = Office(folder)
    answers = dict.fromkeys(range(1, TASK_COUNT + 1), DOING | SIGNED)
    office.fill(office.get_form(Q1), "一季度.xlsx", "2022-03-20 09:00", answers)
    office.generate(Q2, office.returned)
    return folder


@pytest.fixture
def signed_round(signed_once: Path, tmp_path: Path) -> Office:
    shutil.copytree(signed_once, tmp_path / "office")
    return Office(tmp_path / "office")


def list_signed_changed(summary: Summary) -> list[tuple[str, str]]:
    """Return severity and sentence of each line about a row changed after it was signed."""
    return [(p[0], p[2]) for p in summary.problems if "审签后改动" in p[2]]


def test_a_row_changed_after_it_was_signed_is_named_until_it_is_signed_anew(
    signed_round: Office,
) -> None:
    """审签后改动: task 3 changed in a later file, without a new signature."""
    first = signed_round.returned / "一季度.xlsx"
    assert list_signed_changed(signed_round.collect(as_of="2022-05-31")) == []
    changed = signed_round.fill(first, "二.xlsx", "2022-03-21 09:00", {3: {"result": "改了。"}})
    summary = signed_round.collect(as_of="2022-05-31")
    assert list_signed_changed(summary) == [
        (
            "提示",
            "任务 3 由李四审签（2022-03-20）以后，“落实情况”又有改动，"
            "“审签人”、“审签日期”没有重新填（审签后改动）。",
        )
    ]
    assert summary.read_row(3)["审签日期"] == "2022-03-20"
    again = {3: {"signed_on": date(2022, 3, 22)}}
    signed_round.fill(changed, "三.xlsx", "2022-03-22 09:00", again)
    summary = signed_round.collect(as_of="2022-05-31")
    assert (list_signed_changed(summary), summary.conflicts) == ([], [])
    assert summary.read_row(3)["审签日期"] == "2022-03-22"


def test_a_signature_of_an_earlier_round_is_not_prefilled(signed_round: Office) -> None:
    """Left blank it takes nothing back; what is changed in the new round is to be signed."""
    form = signed_round.get_form(Q2)
    sheet = load_workbook(form)[FINANCE]
    columns, rows = columns_of(sheet), rows_of(sheet)
    keys = ("status", "result", "signer", "signed_on")
    shown = [sheet.cell(rows["T01"], columns[key]).value for key in keys]
    assert shown == ["推进中", "正在办。", None, None]
    signed_round.fill(form, "二季度.xlsx", "2022-06-20 09:00", {1: DONE})
    summary = signed_round.collect(as_of="2022-06-25")
    (told,) = list_signed_changed(summary)
    assert told[1].startswith("任务 1 由李四审签（2022-03-20）以后，“完成状态”")
    assert [summary.read_row(n)["审签人"] for n in (1, 2)] == ["李四"] * 2
    assert summary.conflicts == []
    assert {change[1] for change in summary.changes} == {"完成状态", "落实情况"}


def test_the_same_name_under_most_rows_of_the_next_round_takes_no_other_back(
    signed_round: Office,
) -> None:
    """Fourteen of sixteen rows are signed anew by the same person, one of the rest changed."""
    form = signed_round.get_form(Q2)
    signed = SIGNED | {"signed_on": date(2022, 6, 20)}
    answers: dict[int | str, Cells] = dict.fromkeys(range(1, 15), DONE | signed)
    signed_round.fill(form, "二季度.xlsx", "2022-06-20 09:00", answers | {15: DONE})
    summary = signed_round.collect(as_of="2022-06-25")
    (told,) = list_signed_changed(summary)
    assert told[1].startswith("任务 15 ")
    assert [summary.read_row(n)["审签日期"] for n in (14, 15, 16)] == [
        "2022-06-20",
        "2022-03-20",
        "2022-03-20",
    ]
    assert summary.conflicts == []


def test_who_signs_a_prefilled_row_does_not_undo_what_a_colleague_changed_in_it(
    signed_round: Office,
) -> None:
    """甲 changes task 1 in the new round; 乙, from the form as issued, signs it."""
    form = signed_round.get_form(Q2)
    signed_round.fill(form, "甲.xlsx", "2022-06-20 09:00", {1: {"result": "又办了两件。"}})
    signature = SIGNED | {"signed_on": date(2022, 6, 21)}
    signed_round.fill(form, "乙.xlsx", "2022-06-21 09:00", {1: signature})
    summary = signed_round.collect(as_of="2022-06-25")
    assert summary.read_row(1) == {
        "完成状态": "推进中",
        "落实情况": "又办了两件。",
        "审签人": "李四",
        "审签日期": "2022-06-21",
    }
    assert (summary.conflicts, list_signed_changed(summary)) == ([], [])


def test_a_book_without_the_signature_columns_is_collected_as_before(tmp_path: Path) -> None:
    """A book of before has no such rows in 字段; nothing relies on them."""
    office = Office(tmp_path)
    book = make_year_book()
    form, *registers = book.forms
    columns = tuple(c for c in form.columns if c.key not in SIGNATURE_KEYS)
    old_forms = (replace(form, columns=columns), *registers)
    office.book.write_bytes(build_book_bytes(replace(book, forms=old_forms)))
    office.generate(Q1)
    first = office.fill(office.get_form(Q1), "一.xlsx", "2022-03-20 09:00", {1: DOING})
    office.fill(first, "二.xlsx", "2022-03-21 09:00", {1: {"result": "改了。"}})
    summary = office.collect(as_of="2022-03-25")
    assert summary.read_row(1) == {"完成状态": "推进中", "落实情况": "改了。"}
    assert summary.problems == []


# --- registers ---

REQUESTS, NOTES = "申请台账", "工作记录"
ONE = {"number": "1号", "received_on": date(2022, 3, 1), "extended": "否"}
TWO = {"number": "2号", "received_on": date(2022, 3, 2), "extended": "否"}
THREE = {"number": "3号", "received_on": date(2022, 3, 3), "extended": "否"}


def list_entries(summary: Summary, title: str) -> list[dict[str, str]]:
    """Return the entries of a register of the summary without blank cells."""
    lines = summary.read_lines(title, "科室")
    return [{h: text for h, text in line.items() if text and h != "科室"} for line in lines]


def test_an_entry_edited_in_a_later_file_is_changed(office: Office) -> None:
    """It is known by its number; what it said before is on 历次填报."""
    form = office.get_form(Q1)
    entries = {REQUESTS: {0: ONE, 1: TWO}}
    first = office.fill(form, "一.xlsx", "2022-03-20 09:00", entries=entries)
    edited = {REQUESTS: {0: {"extended": "是"}}}
    office.fill(first, "二.xlsx", "2022-03-21 09:00", entries=edited)
    summary = office.collect()
    found = {entry["编号"]: entry["是否延期"] for entry in list_entries(summary, REQUESTS)}
    assert found == {"1号": "是", "2号": "否"}
    assert summary.conflicts == []
    assert [change[1:] for change in summary.changes] == [("是否延期", "否", "【第一季度】是")]


def test_an_entry_that_a_later_file_leaves_out_is_told_and_stays(office: Office) -> None:
    """Only where that file began from one that had it; a file of new entries lacks nothing."""
    form = office.get_form(Q1)
    entries = {REQUESTS: {0: ONE, 1: TWO, 2: THREE}}
    first = office.fill(form, "一.xlsx", "2022-03-20 09:00", entries=entries)
    blank = dict.fromkeys(TWO)
    office.fill(first, "二.xlsx", "2022-03-21 09:00", entries={REQUESTS: {1: blank}})
    fresh = {REQUESTS: {0: ONE | {"number": "4号"}}}
    office.fill(form, "三.xlsx", "2022-03-22 09:00", entries=fresh)
    summary = office.collect()
    numbers = sorted(entry["编号"] for entry in list_entries(summary, REQUESTS))
    assert numbers == ["1号", "2号", "3号", "4号"]
    told = [p for p in summary.problems if "以前登记过" in p[2]]
    assert told == [
        (
            "提示",
            "一.xlsx",
            "申请台账里以前登记过这一件（2号；2022-03-02；否），"
            "照它改的“二.xlsx”里没有，已照以前的保留。",
        )
    ]


def test_what_the_office_types_of_entries_holds_over_the_rounds(office: Office) -> None:
    """A wrong number is put right, an entry struck, another entered by telephone.

    The form of the next round shows what holds; it comes back untouched, and so does a copy of
    the old file that still shows it all.
    """
    form = office.get_form(Q1)
    entries = {REQUESTS: {0: ONE, 1: TWO, 2: THREE}}
    first = office.fill(form, "一.xlsx", "2022-03-20 09:00", {1: DOING}, entries=entries)

    def make_line(row: str, column: str, text: object) -> tuple[object, ...]:
        return (FINANCE, Q1, REQUESTS, row, column, text, "电话", date(2022, 3, 24), "王")

    office.say(
        make_line("2号", "编号", "22号"),
        make_line("3号", "编号", "清空"),
        make_line("9号", "收到日期", date(2022, 3, 9)),
    )
    office.generate(Q2, office.returned)
    office.fill(office.get_form(Q2), "二季度.xlsx", "2022-06-10 09:00")
    office.fill(first, "旧表.xlsx", "2022-03-26 09:00", {2: DOING})
    summary = office.collect()
    held = [(entry["编号"], entry["收到日期"]) for entry in list_entries(summary, REQUESTS)]
    assert held == [("1号", "2022-03-01"), ("22号", "2022-03-02"), ("9号", "2022-03-09")]
    assert summary.conflicts == []
    cleared = "【第一季度】（空）由台账（更正：电话；王）清空"
    assert [change[1:] for change in summary.changes] == [
        ("编号", "2号", "【第一季度】22号"),
        ("编号", "3号", cleared),
        ("收到日期", "2022-03-03", cleared),
        ("是否延期", "否", cleared),
    ]
    assert not [problem for problem in summary.problems if problem[0] == "须处理"]
    assert not [problem for problem in summary.problems if "以前登记过" in problem[2]]


def test_an_edited_entry_without_a_key_is_asked_about(office: Office) -> None:
    """Nobody can know whether it is the old one changed or another: both stay, 疑似重复."""
    form = office.get_form(Q1)
    note = {"day": date(2022, 3, 10), "matter": "走访企业两家。", "place": "火炬区"}
    other = {"day": date(2022, 3, 11), "matter": "召开座谈会。", "place": "石岐"}
    first = office.fill(form, "一.xlsx", "2022-03-20 09:00", entries={NOTES: {0: note, 1: other}})
    edited = {NOTES: {0: {"matter": "走访企业三家。"}}}
    office.fill(first, "二.xlsx", "2022-03-21 09:00", entries=edited)
    summary = office.collect()
    matters = sorted(entry["事项"] for entry in list_entries(summary, NOTES))
    assert matters == ["召开座谈会。", "走访企业三家。", "走访企业两家。"]
    assert summary.problems == [
        (
            "提示",
            "二.xlsx",
            "工作记录里的这一行（2022-03-10；走访企业三家。；火炬区）与“一.xlsx”里的一行"
            "（2022-03-10；走访企业两家。；火炬区）疑似重复，两行都保留了。",
        )
    ]
