"""Run a year of four rounds in which things change, everything typed in a real LibreOffice.

A file is late, a correction clears cells, a section is silent and answers by telephone, a
section is added in September, the office adopts a wording and strikes rows off, and one of
those changes afterwards. This module has what is entered; test_year_of_rounds.py has what
must come of it. Files, commands and keys are those of :mod:`tests.office.full_year`.
"""

from __future__ import annotations

import shutil
from collections.abc import Callable, Mapping
from pathlib import Path

from xlsxwriter.utility import xl_rowcol_to_cell

from tests.office.clerk import Blank, Picked, type_in
from tests.office.full_year import RoundScript, Year, read_lines, start_book, type_rounds

OFFICE, LEGAL, FINANCE, PUBLICITY = "综合科", "法规科", "财务科", "宣传科"
# The section of September.
INFORMATION = "信息科"

PLAN = """\
序号,工作要求,工作要点,计划措施,责任单位,完成时限
1,一、夯实基础,（一）目录,更新主动公开目录。,"综合科、法规科、财务科",6月底前
2,一、夯实基础,（一）目录,清理规范性文件并标注有效性。,"法规科牵头，综合科配合",9月底前
3,一、夯实基础,（二）申请,规范办理依申请公开。,综合科,长期
4,二、加强解读,（三）预算,公开年度预算和决算。,财务科,11月15日前
5,三、强化保障,（四）培训,组织政务公开业务培训。,"综合科牵头，宣传科配合",10月底前
6,三、强化保障,（五）解读,解读重要政策文件。,"宣传科牵头，法规科、财务科配合",12月15日前
"""
# 责任单位 of tasks 5 and 6 from September on, by the cell of the book's sheet 任务.
UNITS_OF_SEPTEMBER = {
    "F8": "综合科牵头，宣传科、信息科配合",
    "F9": "宣传科牵头，法规科、财务科、信息科配合",
}

# Some choices are made from the drop-down list, others typed.
DONE, DOING, TODO = Picked("已完成"), Picked("推进中"), Picked("未启动")
TYPED_DONE, TYPED_DOING, TYPED_TODO = "已完成", "推进中", "未启动"
BLANK = Blank()

FIRST = RoundScript(
    "第一季度",
    "2022-4-10",
    "2022-03-20",
    "2022-04-06",
    "2022-04-12",
    {
        OFFICE: {
            "T01": {"status": DOING, "result": "目录初稿已送各科室核对。"},
            "T02": {"status": TYPED_DOING, "result": "已提供历年文件清单 63 件。"},
            "T03": {"status": Picked("长期推进"), "result": "一季度收到申请 4 件，全部办结。"},
            "T05": {"status": TYPED_TODO},
        },
        LEGAL: {
            "T01": {
                "status": DONE,
                "done_on": "2022-3-25",
                "result": "本科室目录 9 项已公布。",
                "evidence": "某金法〔2022〕3号",
            },
            "T02": {"status": TYPED_DOING, "result": "已清理 20 件。"},
            "T06": {"status": TODO, "note": "待安排。"},
        },
        FINANCE: {
            "T01": {"status": TYPED_DOING, "result": "正在核对财政目录 12 项。"},
            "T04": {"status": TYPED_TODO},
            "T06": {"status": DOING, "result": "正在收集解读素材。"},
        },
        PUBLICITY: {
            "T05": {"status": TYPED_TODO},
            "T06": {"status": TYPED_DOING, "result": "一季度解读文件 1 件。"},
        },
    },
)
# 法规科 was too quick with task 1: it opens its own file again and takes the answer back.
# The note on task 6 goes too: no rule of the form asks for that.
CORRECTION = {
    "T01": {"status": DOING, "done_on": BLANK, "evidence": BLANK},
    "T06": {"note": BLANK},
}
SECOND = RoundScript(
    "第二季度",
    "2022-7-10",
    "2022-06-20",
    "2022-07-06",
    "2022-07-12",
    {
        OFFICE: {
            "T01": {"status": DONE, "done_on": "2022.6.28", "result": "全局目录 86 项已公布。"},
            "T05": {"status": TYPED_DOING, "result": "培训方案已报审。"},
        },
        # 法规科 is silent.
        FINANCE: {
            "T01": {
                "status": TYPED_DONE,
                "done_on": "2022-06-30",
                "result": "财政目录 12 项已更新。",
            },
            "T04": {"status": DOING, "result": "预算已公开。"},
        },
        PUBLICITY: {"T05": {"status": DOING, "result": "已报名 30 人。"}},
    },
)
# What 法规科 says on the telephone about task 6: 栏目 → 内容, and what the office notes of it.
TELEPHONE = {"完成状态": "推进中", "落实情况": "解读提纲已拟好。"}
GROUND, CALL_DAY, CLERK = "7月13日电话，李四报", "2022-7-13", "王五"
THIRD = RoundScript(
    "第三季度",
    "2022-10-10",
    "2022-09-20",
    "2022-10-08",
    "2022-10-12",
    {
        OFFICE: {"T02": {"status": TYPED_DONE, "done_on": "2022/9/26", "result": "配合清理完毕。"}},
        LEGAL: {
            "T01": {
                "status": DONE,
                "done_on": "2022-9-20",
                "result": "本科室目录 9 项全部公布。",
            },
            "T02": {
                "status": TYPED_DONE,
                "done_on": "2022.9.21",
                "result": "清理 63 件，废止 5 件。",
            },
        },
        # 财务科 types a note, deletes it again, and returns what it was sent.
        FINANCE: {"T04": {"note": "暂无变化。"}},
        PUBLICITY: {
            "T05": {
                "status": DONE,
                "done_on": "2022年9月28日",
                "result": "培训 2 场，120 人次。",
            }
        },
        INFORMATION: {
            "T05": {"status": Picked("不涉及"), "note": "由综合科统一组织。"},
            "T06": {"status": TYPED_DOING, "result": "网站解读专栏已上线。"},
        },
    },
)
# What the office types into the summary of October, by section and task number.
ADOPTED = "主动公开目录全部更新并公布。"
ADOPTED_ROW = (OFFICE, 1)
STRUCK_OFF_ROWS = ((OFFICE, 1), (FINANCE, 1))
FOURTH = RoundScript(
    "年度",
    "2022-12-20",
    "2022-12-05",
    "2022-12-16",
    "2022-12-31",
    {
        OFFICE: {
            # This row has been struck off.
            "T01": {"result": "全局目录 88 项已公布。"},
            "T03": {"result": "全年收到申请 17 件，全部按期答复。"},
            "T05": {
                "status": DONE,
                "done_on": "2022-11-18",
                "result": "培训 3 场，180 人次。",
            },
        },
        LEGAL: {"T06": {"status": DONE, "done_on": "2022-12-9", "result": "解读规章 4 件。"}},
        FINANCE: {
            "T04": {
                "status": DONE,
                "done_on": "2022年11月10日",
                "result": "预算、决算均已公开。",
            },
            "T06": {"status": TYPED_DONE, "done_on": "2022.12.12", "result": "解读 2 篇。"},
        },
        PUBLICITY: {
            "T06": {"status": TYPED_DONE, "done_on": "22-12-10", "result": "全年解读文件 8 件。"}
        },
        INFORMATION: {"T06": {"reason": "专栏改版推迟。", "next_step": "明年一月底前完成改版。"}},
    },
)
ROUND_SCRIPTS = (FIRST, SECOND, THIRD, FOURTH)


class YearOfRounds(Year):
    """A year whose summaries are kept as they were after each collection."""

    def collect_as(self, name: str, day: str, *, code: int = 0) -> None:
        """Collect, and keep the summary and what is printed under ``name``."""
        self.outputs[name] = self.collect(day, code=code)
        self.get_kept(name).parent.mkdir(exist_ok=True)
        shutil.copy(self.summary, self.get_kept(name))

    def get_kept(self, name: str) -> Path:
        """Return the summary of the collection ``name``."""
        return self.folder / "存档" / f"{name}.xlsx"

    @property
    def draft(self) -> Path:
        return self.folder / "年报初稿.docx"


def run_year(year: YearOfRounds) -> None:
    """Run the year, from the plan to the draft of the annual report."""
    start_book(year, PLAN)
    _type_rounds(year)
    _run_first_round(year)
    _run_second_round(year)
    _add_section(year)
    _run_third_round(year)
    _run_fourth_round(year)


def _type_rounds(year: Year) -> None:
    type_rounds(year, ROUND_SCRIPTS, year.calc.open(path=year.book).index("批次"))
    year.calc.press_save()
    year.calc.close()


def _run_first_round(year: YearOfRounds) -> None:
    """Run the first round: 宣传科 is late, 法规科 corrects, 财务科 works in another format."""
    year.issue(FIRST)
    year.fill(FIRST, OFFICE)
    year.fill(FIRST, LEGAL)
    year.fill(FIRST, FINANCE, name="第一季度 财务科.ods")
    year.collect_as("due", FIRST.collected, code=1)
    year.fill(FIRST, PUBLICITY, "2022-04-13")
    own = year.folder / f"{LEGAL}的电脑" / f"{LEGAL}.xlsx"
    year.calc.open(path=own)
    type_in(year.calc, CORRECTION)
    year.send(own, "2022-04-14", "第一季度 法规科更正.xlsx")
    year.collect_as("late", "2022-04-15")


def _run_second_round(year: YearOfRounds) -> None:
    """Run the second round: 法规科 sends nothing and is called on the telephone."""
    year.issue(SECOND)
    for section in SECOND.answers:
        year.fill(SECOND, section)
    year.collect_as("silent", SECOND.collected, code=1)
    _type_telephone_answer(year)
    year.collect_as("telephone", "2022-07-14", code=1)


def _type_telephone_answer(year: Year) -> None:
    """Type what was said on the telephone into 更正代填 of the book, a line for each cell."""
    code = find_line(year.summary, LEGAL, 6)["行码"]
    entries = year.calc.open(path=year.book).index("更正代填")
    for row, (header, text) in enumerate(TELEPHONE.items(), 4):
        for column, choice in {"A": LEGAL, "B": SECOND.name, "E": header}.items():
            assert year.calc.choose(ref=f"{column}{row}", text=choice, sheet=entries)
        typed = {"D": code, "F": text, "G": GROUND, "H": CALL_DAY, "I": CLERK}
        for column, words in typed.items():
            assert year.calc.type(ref=f"{column}{row}", text=words, sheet=entries)
    year.calc.press_save()
    year.calc.close()


def _add_section(year: YearOfRounds) -> None:
    """Add 信息科 to the book in September, with a part in two tasks."""
    names = year.calc.open(path=year.book)
    assert year.calc.type(ref="A8", text=INFORMATION, sheet=names.index("科室"))
    for ref, units in UNITS_OF_SEPTEMBER.items():
        assert year.calc.type(ref=ref, text=units, sheet=names.index("任务"))
    year.calc.press_save()
    year.calc.close()
    year.collect_as("section", "2022-09-05", code=1)


def _run_third_round(year: YearOfRounds) -> None:
    """Run the third round; 财务科 changes nothing, the office types into the summary."""
    year.issue(THIRD)
    for section in (OFFICE, LEGAL, PUBLICITY, INFORMATION):
        year.fill(THIRD, section)
    own = year.copy_to_section(year.folder / "发出" / THIRD.name / f"{FINANCE}.xlsx")
    year.calc.open(path=own)
    type_in(year.calc, THIRD.answers[FINANCE])
    type_in(year.calc, {"T04": {"note": BLANK}})
    year.send(own, THIRD.saved, f"{THIRD.name} {FINANCE}.xlsx")
    year.collect_as("third", THIRD.collected)
    _type_into_summary(year)
    year.collect_as("words", "2022-10-13")


def _type_into_summary(year: Year) -> None:
    """Adopt a wording for one row of 科室明细, and strike two rows off."""
    detail = year.calc.open(path=year.summary).index("科室明细")
    rows = year.calc.values(sheet=detail)
    head = next(row for row in rows if "采用口径" in row)

    def enter(key: tuple[str, int], header: str, text: str, method: Callable[..., bool]) -> None:
        section, number = head.index("科室"), head.index("序号")
        row = next(n for n, row in enumerate(rows) if (row[section], row[number]) == key)
        ref = xl_rowcol_to_cell(row, head.index(header))
        assert method(ref=ref, text=text, sheet=detail), ref

    enter(ADOPTED_ROW, "采用口径", ADOPTED, year.calc.type)
    for key in STRUCK_OFF_ROWS:
        enter(key, "销号", "是", year.calc.choose)
    year.calc.press_save()
    year.calc.close()


def _run_fourth_round(year: YearOfRounds) -> None:
    """Run the last round, in which a row changes that was struck off; draft the report."""
    year.issue(FOURTH)
    for section in FOURTH.answers:
        year.fill(FOURTH, section)
    year.collect_as("year", FOURTH.collected)
    words = ("-o", year.draft.name, "--as-of", FOURTH.collected)
    # Without registers the tables of the report are blank, which is told.
    year.run("report", "台账.xlsx", "收回", *words, code=1)


def find_line(summary: Path, section: str, number: int) -> Mapping[str, str]:
    """Return the row of 科室明细 of a section and a task."""
    lines = read_lines(summary, "科室明细", "科室")
    return next(line for line in lines if (line["科室"], line["序号"]) == (section, number))
