"""Run a whole year of a bureau with three sections, everything typed in a real LibreOffice.

This module has what is entered, round by round; test_full_year.py has the expected results.
"""

from __future__ import annotations

import re
import shutil
import subprocess
import sys
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from itertools import takewhile
from pathlib import Path
from typing import Any

from python_calamine import CalamineWorkbook
from xlsxwriter.utility import xl_rowcol_to_cell

from tests.office.calc import Calc
from tests.office.clerk import Answers, Forced, Picked, type_in
from tests.support.returns import replace_parts

OFFICE, LEGAL, FINANCE = "综合科", "法规科", "财务科"
SECTIONS = (OFFICE, LEGAL, FINANCE)

PLAN = """\
序号,工作要求,工作要点,计划措施,责任单位,完成时限
1,一、夯实基础,（一）目录,更新主动公开目录。,"综合科、法规科、财务科",6月底前
2,一、夯实基础,（一）目录,清理规范性文件并标注有效性。,"法规科牵头，综合科配合",9月底前
3,一、夯实基础,（二）申请,规范办理依申请公开。,综合科,长期
4,二、加强解读,（三）解读,每季度发布政策解读。,"综合科、法规科、财务科",每季度
5,二、加强解读,（四）预算,公开年度预算和决算。,财务科,11月15日前
6,三、强化保障,（五）培训,组织政务公开业务培训。,"综合科牵头，各科室按职责落实",
"""


@dataclass(frozen=True, slots=True)
class RoundScript:
    """One round: its name, dates and answers.

    ``name`` and ``due`` are typed into the book; ``issued``, ``saved`` and ``collected``
    are the days on which these happen; ``answers`` are given by section.
    """

    name: str
    due: str
    issued: str
    saved: str
    collected: str
    answers: Mapping[str, Answers]


ADOPTED = "主动公开目录全部更新并公布。"
DONE, DOING, TODO = Picked("已完成"), Picked("推进中"), Picked("未启动")
ALWAYS, NONE = Picked("长期推进"), Picked("不涉及")

# What each section enters, round by round. Dates are typed in six ways that a date
# cell accepts, and in one that it refuses.
ROUND_SCRIPTS = (
    RoundScript(
        "第一季度",
        "2022-4-10",
        "2022-03-20",
        "2022-04-06",
        "2022-04-12",
        {
            OFFICE: {
                "T01": {"status": DOING, "result": "目录初稿已送各科室核对。"},
                "T02": {"status": DOING, "result": "已提供历年文件清单 63 件。"},
                "T03": {"status": ALWAYS, "result": "一季度收到申请 4 件，全部办结。"},
                "T04": {
                    "status": DONE,
                    "done_on": "2022-3-25",
                    "result": "一季度发布解读 2 篇。",
                },
                "T06": {"status": TODO},
            },
            LEGAL: {
                "T01": {"status": DOING, "result": "正在核对本科室目录。"},
                "T02": {"status": DOING, "result": "已清理 20 件。", "person": "李某"},
                "T04": {
                    "status": DONE,
                    "done_on": "2022/3/28",
                    "result": "一季度解读规章 1 件。",
                },
                "T06": {"status": TODO},
            },
            FINANCE: {
                "T01": {
                    "status": DONE,
                    "done_on": "2022年3月30日",
                    "result": "财政目录 12 项已更新。",
                    "phone": "076088000000",
                },
                "T04": {
                    "status": DOING,
                    "result": "解读稿还在会签。",
                    "reason": "会签单位较多，稿件退回两次。",
                },
                "T05": {"status": TODO},
                "T06": {"status": TODO},
            },
        },
    ),
    RoundScript(
        "第二季度",
        "2022/7/10",
        "2022-06-20",
        "2022-07-06",
        "2022-07-12",
        {
            OFFICE: {
                "T01": {
                    "status": DONE,
                    "done_on": "2022.6.28",
                    "result": "全局目录 86 项已公布。",
                },
                "T04": {
                    "status": DONE,
                    "done_on": "2022-06-24",
                    "result": "二季度发布解读 3 篇。",
                },
            },
            LEGAL: {
                "T01": {
                    "status": Forced("已完成（待验收）"),
                    "done_on": "22-6-30",
                    "result": "本科室目录 9 项已公布。",
                },
                "T04": {
                    "status": DONE,
                    "done_on": Forced("20220620"),
                    "result": "二季度解读规章 2 件。",
                },
            },
            FINANCE: {
                "T04": {
                    "status": DONE,
                    "done_on": "2022-6-27",
                    "result": "二季度发布解读 1 篇。",
                },
            },
        },
    ),
    RoundScript(
        "第三季度",
        "2022年10月10日",
        "2022-09-20",
        "2022-10-08",
        "2022-10-12",
        {
            OFFICE: {
                "T02": {
                    "status": DONE,
                    "done_on": "2022/9/26",
                    "result": "配合清理完毕，目录同步更新。",
                },
                "T04": {
                    "status": DONE,
                    "done_on": "2022年9月28日",
                    "result": "三季度发布解读 2 篇。",
                },
            },
            LEGAL: {
                "T02": {
                    "status": DONE,
                    "done_on": "2022-9-20",
                    "result": "清理 63 件，废止 5 件，全部标注有效性。",
                },
                "T04": {
                    "status": DONE,
                    "done_on": "2022.9.27",
                    "result": "三季度解读规章 1 件。",
                },
            },
            FINANCE: {
                "T04": {
                    "status": DONE,
                    "done_on": "22-9-30",
                    "result": "三季度发布解读 1 篇。",
                },
                "T05": {"status": DOING, "result": "决算已批复，正在排版。"},
            },
        },
    ),
    RoundScript(
        "第四季度",
        "2022.12.20",
        "2022-12-05",
        "2022-12-16",
        "2022-12-31",
        {
            OFFICE: {
                "T03": {"result": "全年收到申请 17 件，全部按期答复。"},
                "T04": {
                    "status": DONE,
                    "done_on": "2022-12-12",
                    "result": "四季度发布解读 4 篇。",
                },
                "T06": {
                    "status": DONE,
                    "done_on": "2022-11-18",
                    "result": "培训 2 场，120 人次。",
                },
            },
            LEGAL: {
                "T04": {
                    "status": DONE,
                    "done_on": "2022/12/13",
                    "result": "四季度解读规章 1 件。",
                },
                "T06": {
                    "status": DOING,
                    "result": "已定讲义。",
                    "reason": "讲师未到位，改在明年一月。",
                },
            },
            FINANCE: {
                "T04": {
                    "status": DONE,
                    "done_on": "2022.12.15",
                    "result": "四季度发布解读 1 篇。",
                },
                "T05": {
                    "status": DONE,
                    "done_on": "2022年12月9日",
                    "result": "预算、决算均已公开。",
                },
                "T06": {"status": NONE, "note": "由综合科统一组织。"},
            },
        },
    ),
)


@dataclass(slots=True)
class Year:
    """The folder of the bureau, LibreOffice, and the outputs of the commands so far."""

    folder: Path
    calc: Calc
    outputs: dict[str, str] = field(default_factory=dict)
    statuses: dict[str, dict[str, str]] = field(default_factory=dict)

    @property
    def book(self) -> Path:
        return self.folder / "台账.xlsx"

    @property
    def returned(self) -> Path:
        return self.folder / "收回"

    @property
    def summary(self) -> Path:
        return self.folder / "汇总" / "2022年度汇总.xlsx"

    def run(self, *words: str, code: int = 0) -> str:
        """Run ledgerbook in the folder; return what it prints."""
        done = subprocess.run(
            [sys.executable, "-m", "ledgerbook", *words],
            cwd=self.folder,
            capture_output=True,
            check=False,
            text=True,
            encoding="utf-8",
            timeout=120,
        )
        assert done.returncode == code, f"{words}\n{done.stdout}\n{done.stderr}"
        return done.stdout

    def collect(self, day: str, *, code: int = 0) -> str:
        return self.run("collect", "台账.xlsx", "收回", "-o", "汇总", "--as-of", day, code=code)

    def issue(self, season: RoundScript) -> None:
        """Issue a round; from the second on with the answers collected so far."""
        earlier = ("--from", "收回") if any(self.returned.iterdir()) else ()
        words = ("generate", "台账.xlsx", "--round", season.name, *earlier)
        self.run(*words, "-o", "发出", "--as-of", season.issued)

    def fill(self, season: RoundScript, section: str, saved: str = "", name: str = "") -> None:
        """Fill a section's workbook by keyboard and put it among the returns."""
        own = self.copy_to_section(self.folder / "发出" / season.name / f"{section}.xlsx")
        self.calc.open(path=own)
        type_in(self.calc, season.answers[section])
        self.send(own, saved or season.saved, name or f"{season.name} {section}.xlsx")

    def copy_to_section(self, issued: Path) -> Path:
        """Copy an issued workbook to the section's folder."""
        own = self.folder / f"{issued.stem}的电脑" / issued.name
        own.parent.mkdir(exist_ok=True)
        shutil.copy(issued, own)
        return own

    def send(self, own: Path, saved: str, name: str) -> None:
        """Save with Ctrl+S, close, and put a copy among the returns.

        A name with another suffix is saved in the format of that suffix.
        """
        target = self.returned / name
        saved_path = own.with_suffix(target.suffix)
        if saved_path == own:
            self.calc.press_save()
        else:
            self.calc.save(path=saved_path)
        self.calc.close()
        target.parent.mkdir(exist_ok=True)
        target.write_bytes(set_saved_day(saved_path.read_bytes(), saved, target.suffix))


# By suffix: the part and the element with the time of saving, and ten o'clock in Beijing.
_SAVED_TIMES = {
    ".xlsx": ("docProps/core.xml", "dcterms:modified", "T02:00:00Z"),
    ".ods": ("meta.xml", "dc:date", "T10:00:00"),
}


def set_saved_day(data: bytes, day: str, suffix: str = ".xlsx") -> bytes:
    """Return a workbook with ``day`` as its time of saving, instead of today."""
    part, element, clock = _SAVED_TIMES[suffix]
    time = f"{day}{clock}".encode()
    pattern = re.compile(rb"(<" + element.encode() + rb"[^>]*>)[^<]*(?=<)")

    def dated(old: bytes) -> bytes:
        fresh, count = pattern.subn(rb"\g<1>" + time, old)
        assert count == 1
        return fresh

    return replace_parts(data, {part: dated})


# -- reading -------------------------------------------------------------------------

Line = Mapping[str, Any]


def read_lines(path: Path, sheet: str, head: str) -> list[Line]:
    """Return the rows of a table of a sheet, below the header that begins with ``head``.

    A list that has no sheet is one of which 总览 says that it is empty.
    """
    workbook = CalamineWorkbook.from_path(path)
    if sheet not in workbook.sheet_names:
        overview = workbook.get_sheet_by_name("总览").to_python()
        assert any(f"{sheet}：无" in row for row in overview)
        return []
    grid = workbook.get_sheet_by_name(sheet)
    return read_lines_below(grid.to_python(skip_empty_area=False), head)


def read_lines_below(grid: Sequence[Sequence[Any]], head: str) -> list[Line]:
    """Return the rows of a table, up to the first with one filled cell or none."""
    top = next(n for n, row in enumerate(grid) if row[0] == head)
    below = takewhile(lambda row: any(v != "" for v in row[1:]), grid[top + 1 :])
    return [dict(zip(grid[top], row, strict=True)) for row in below]


def read_statuses(summary: Path) -> dict[str, str]:
    return {one["科室"]: one["报送状态"] for one in read_lines(summary, "报送情况", "科室")}


# The figures of a line of 总览, in their order.
OVERVIEW_FIGURES = (
    "总数",
    "未启动",
    "推进中",
    "已完成",
    "长期推进",
    "不涉及",
    "未填",
    "未报送",
    "逾期",
    "临期",
    "完成率",
)


# -- the year ------------------------------------------------------------------------


def run_year(year: Year) -> None:
    """Run a whole year, from the plan to the last collection."""
    start_book(year, PLAN)
    _set_the_book_up(year)
    _first_round(year)
    _second_round(year)
    _correct(year)
    _work_in_book_and_summary(year)
    _third_round(year)
    _fourth_round(year)


def start_book(year: Year, plan: str) -> None:
    """Make the folder of the returns, and the book from ``plan``, the text of a csv file."""
    year.returned.mkdir()
    (year.folder / "分工方案.csv").write_text(plan, "utf-8")
    words = ("--agency", "某市金融工作局", "--year", "2022")
    year.run("init", "分工方案.csv", "-o", "台账.xlsx", *words)


def type_rounds(year: Year, scripts: Sequence[RoundScript], sheet: int) -> None:
    """Type the rounds into the open book, on its sheet number ``sheet``."""
    for row, season in enumerate(scripts, 4):
        assert year.calc.type(ref=f"A{row}", text=season.name, sheet=sheet)
        assert year.calc.type(ref=f"B{row}", text=season.due, sheet=sheet)


def _set_the_book_up(year: Year) -> None:
    """Type the rounds, and a due date that the plan does not give, into the book."""
    names = year.calc.open(path=year.book)
    type_rounds(year, ROUND_SCRIPTS, names.index("批次"))
    assert year.calc.type(ref="H9", text="2022-11-30", sheet=names.index("任务"))
    year.calc.press_save()
    year.calc.close()


def _first_round(year: Year) -> None:
    season = ROUND_SCRIPTS[0]
    year.issue(season)
    for section in SECTIONS:
        year.fill(season, section)
    year.outputs["first"] = year.collect(season.collected)


def _second_round(year: Year) -> None:
    season = ROUND_SCRIPTS[1]
    year.issue(season)
    for section in SECTIONS:
        year.fill(season, section)
    year.outputs["second"] = year.collect(season.collected, code=1)


def _correct(year: Year) -> None:
    """Correct the return of 法规科: choose a status from the list and return the workbook again."""
    own = year.copy_to_section(year.folder / "汇总" / "退回修改" / f"{LEGAL}.xlsx")
    sheets = year.calc.open(path=own)
    assert sheets[:2] == ["需要改正的地方", LEGAL]
    listed = read_lines(own, "需要改正的地方", "序号")
    assert [(one["在哪张表的哪一格"], one["原来填的内容"]) for one in listed] == [
        ("法规科 J6", "已完成（待验收）")
    ]
    assert year.calc.text(ref="J6", sheet=1) == "已完成（待验收）"
    type_in(year.calc, {"T01": {"status": DONE}}, sheet=1)
    year.send(own, "2022-07-14", "法规科改好.xlsx")
    year.outputs["corrected"] = year.collect("2022-07-15")


def _work_in_book_and_summary(year: Year) -> None:
    """Postpone a due date in the book, and type an adopted wording into the summary."""
    names = year.calc.open(path=year.book)
    assert year.calc.type(ref="H8", text="2022.12.10", sheet=names.index("任务"))
    year.calc.press_save()
    names = year.calc.open(path=year.summary)
    detail = names.index("科室明细")
    head = year.calc.values(sheet=detail)[2]
    ref = xl_rowcol_to_cell(3, head.index("采用口径"))
    assert year.calc.type(ref=ref, text=ADOPTED, sheet=detail)
    year.calc.press_save()
    year.calc.close()


def _third_round(year: Year) -> None:
    """Run the third round: 财务科 returns nothing until four days after the due date."""
    season = ROUND_SCRIPTS[2]
    year.issue(season)
    for section in (OFFICE, LEGAL):
        year.fill(season, section)
    year.outputs["third"] = year.collect(season.collected, code=1)
    year.statuses["third"] = read_statuses(year.summary)
    year.fill(season, FINANCE, "2022-10-14")
    year.outputs["late"] = year.collect("2022-10-15")
    year.statuses["late"] = read_statuses(year.summary)


def _fourth_round(year: Year) -> None:
    """Run the fourth round: one return is in a subfolder under an unrelated name."""
    season = ROUND_SCRIPTS[3]
    year.issue(season)
    year.fill(season, OFFICE, name="邮件附件/最终版(1).xlsx")
    for section in (LEGAL, FINANCE):
        year.fill(season, section)
    year.outputs["fourth"] = year.collect(season.collected)
