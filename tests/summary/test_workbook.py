"""The summary workbook, read back as a clerk's programs would read it."""

from __future__ import annotations

import io
import re
import zipfile
from dataclasses import replace
from datetime import date, datetime, time
from itertools import groupby, pairwise
from pathlib import Path

import openpyxl
import pytest
from hypothesis import given
from hypothesis import strategies as st

from ledgerbook import identity
from ledgerbook.model import Choice, StatusCategory
from ledgerbook.model.problems import Place, Problem
from ledgerbook.model.results import (
    NOT_FILLED,
    NOT_RETURNED,
    AnswerSubject,
    Conflict,
    FileStatus,
    Ledger,
    SubmissionStatus,
    Urgency,
)
from ledgerbook.summary import build_summary_filename, write_summary, write_upload_summary
from ledgerbook.summary.labels import NO_REQUIREMENT
from ledgerbook.text import TRUNCATION_MARK
from tests.support import ledgers as make
from tests.support.printed_pages import find_smallest_print, list_page_widths
from tests.support.summary_reading import (
    calamine_grid,
    list_texts,
    openpyxl_grid,
    read_table,
    recalculate,
)

# They read whole summaries again by other programs.
pytestmark = pytest.mark.slow

SECTIONS = ("综合科", "金融发展科", "产业金融科")
SHEETS = ["总览", "年度汇总", "科室明细", "逾期临期", "问题清单", "冲突", "报送情况"]
HOSTILE = ("=cmd|' /C calc'!A0", "@SUM(1,1)", "https://example.com/a b", "+1", "-2")
MIDNIGHT = datetime.combine(date(2022, 9, 30), time())
FIRST, SECOND = "一、优化政务公开工作基础", "二、加强平台建设"
LONG = "".join(f"第{n}句话。" for n in range(9_000))[:40_000]


def usual() -> Ledger:
    """Three sections, one of them silent; eight tasks; every status; one conflict."""
    tasks = (
        make.task(1, SECTIONS, requirement=FIRST, due=date(2022, 9, 30)),
        make.task(2, SECTIONS[:2], requirement=FIRST, due=date(2022, 10, 20)),
        make.task(3, SECTIONS[:1], requirement=FIRST, point="（二）规范申请办理。"),
        make.task(4, SECTIONS[:1], requirement=""),
        make.task(5, SECTIONS[:2], requirement=SECOND),
        make.task(6, SECTIONS[1:], requirement=SECOND),
        make.task(7, SECTIONS[:1], requirement=SECOND),
        make.task(8, (), requirement=SECOND, units=""),
    )
    done = {
        "status": "已完成",
        "done_on": date(2022, 9, 30),
        "result": "已清理 12 件。",
    }
    answers: make.Answers = {
        (1, "综合科"): {**done, "person": "张三", "phone": "0760-88310001"},
        (1, "金融发展科"): {"status": "推进中", "reason": HOSTILE[0]},
        (2, "综合科"): {"status": "未启动", "next_step": HOSTILE[1]},
        (2, "金融发展科"): {**done, "evidence": HOSTILE[2]},
        (3, "综合科"): {"status": "长期推进", "result": HOSTILE[3]},
        (4, "综合科"): {"status": "不涉及", "note": HOSTILE[4]},
        (5, "综合科"): done,
    }
    conflict = Conflict(
        section="综合科",
        subject=AnswerSubject(tasks[0].number, tasks[0].measure),
        header="落实情况",
        accepted=make.answer("已清理 12 件。", "综合科（2).xlsx", "K7"),
        accepted_file="综合科（2).xlsx",
        accepted_saved_at=make.SAVED,
        overruled=make.answer("已清理 11 件。", "综合科.xlsx", "K8"),
        overruled_saved_at=None,
    )
    place = Place("金融发展科.xlsx", "台账", "J7")
    problems = (
        Problem(
            "choice-read-as",
            place,
            {"header": "完成状态", "raw": "完成", "value": "已完成"},
        ),
        Problem("file-password", Place("产业金融科.xlsx")),
        Problem("stray", place, {"raw": LONG}, "金融发展科", rejected_cells=1),
    )
    book = make.book(SECTIONS, tasks)
    files = [
        make.file_report("综合科.xlsx", ("综合科",)),
        make.file_report("综合科（2).xlsx", ("综合科",)),
        make.file_report("甲/金融发展科.xlsx", ("金融发展科",), FileStatus.ACCEPTED_WITH_PROBLEMS),
        make.file_report("产业金融科.xlsx", (), FileStatus.REJECTED),
        make.file_report("坏\udcff名.xlsx", (), FileStatus.SKIPPED),
    ]
    return make.ledger(book, answers, problems=problems, conflicts=(conflict,), files=files)


@pytest.fixture(scope="module")
def summary() -> bytes:
    return write_summary(usual())


def test_name_is_that_of_the_year() -> None:
    """The summary is called after its year."""
    assert build_summary_filename(usual().book) == "2022年度汇总.xlsx"


def test_sheets_stand_in_the_promised_order(summary: bytes) -> None:
    """Results come first, then what to act on, then evidence; for programs, the facts."""
    book = openpyxl.load_workbook(io.BytesIO(summary))
    assert book.sheetnames == [*SHEETS, "_汇总", "_办理"]
    assert book["_汇总"].sheet_state == "veryHidden"
    colors = [book[name].sheet_properties.tabColor.rgb for name in SHEETS]
    assert [len(list(group)) for _, group in groupby(colors)] == [2, 4, 1]


def test_collect_knows_a_summary_by_its_keywords(summary: bytes) -> None:
    """A summary left among the returns is recognised as ours."""
    words = openpyxl.load_workbook(io.BytesIO(summary)).properties.keywords
    assert words.startswith("ledgerbook;kind=年度汇总;book=2022-ABCDEF;seal=")
    assert identity.parse_kind(words) == "年度汇总"


def test_same_ledger_gives_same_bytes(summary: bytes) -> None:
    """Two summaries of one ledger are byte-identical."""
    assert write_summary(usual()) == summary


# -- 科室明细 -------------------------------------------------------------------------


@pytest.mark.parametrize("read", [openpyxl_grid, calamine_grid])
def test_detail_holds_every_answer_in_its_place(read: object, summary: bytes) -> None:
    """Each row of 科室明细 shows every official and every answer column."""
    form = make.form()
    found = read_table(read(summary, "科室明细"), "科室")  # type: ignore[operator]
    expected = []
    for row in usual().assignment_results:
        own = {c.header: row.get_text(c.key) for c in form.answer_columns}
        item = row.task
        expected.append(
            {
                "科室": row.section,
                "序号": str(item.number),
                "行码": row.code,
                "工作要求": item.requirement,
                "工作要点": item.point,
                "计划措施": item.measure,
                "本科室职责": "、".join(row.roles),
                "时限": item.deadline_text,
                "完成期限": str(item.due or ""),
                **own,
                "完成状态": row.status,
                "判定": row.urgency.value,
                "剩余天数": "" if row.days_left is None else str(row.days_left),
                "来源文件": f"{row.section}.xlsx" if row.answers else "",
                "审核意见": "",
                "采用口径": "",
                "销号": "",
            }
        )
    assert [{k: plain(v) for k, v in row.items()} for row in found] == expected


def plain(value: object) -> str:
    """Return a cell's value as the office would read it."""
    if isinstance(value, datetime):
        return value.date().isoformat()
    if isinstance(value, float):
        return f"{value:.15g}"
    return "" if value is None else str(value)


def test_detail_is_an_excel_table_with_real_dates(summary: bytes) -> None:
    """科室明细 can be filtered, and its dates sort as dates."""
    sheet = openpyxl.load_workbook(io.BytesIO(summary))["科室明细"]
    assert [table.ref for table in sheet.tables.values()] == ["A3:X15"]
    assert sheet["F4"].value == "已完成"
    assert (sheet["G4"].value, sheet["G4"].is_date) == (MIDNIGHT, True)


def test_detail_has_the_review_beside_the_answers_and_prints_them(summary: bytes) -> None:
    """The task does not scroll; what is on paper ends where a page in type of 8 pt is full."""
    sheet = openpyxl.load_workbook(io.BytesIO(summary))["科室明细"]
    headers = [cell.value for cell in sheet[3]]
    assert headers[:11] == [
        "科室", "序号", "计划措施", "完成期限", "判定", "完成状态", "完成日期", "落实情况",
        "采用口径", "审核意见", "销号",
    ]  # fmt: skip
    assert sheet.freeze_panes == "D4"
    last = range_boundaries(sheet.print_area.rpartition("!")[2].replace("$", ""))[2]
    assert 11 <= last < headers.index("行码") + 1


def test_hostile_text_stays_text(summary: bytes) -> None:
    """No answer becomes a formula or a link, in any sheet but the overview's own."""
    book = openpyxl.load_workbook(io.BytesIO(summary))
    for sheet in book.worksheets[1:]:
        cells = [cell for row in sheet.iter_rows() for cell in row]
        assert [c.coordinate for c in cells if c.data_type == "f"] == []
        assert [c.coordinate for c in cells if c.hyperlink] == []
    assert set(HOSTILE) <= set(list_texts(openpyxl_grid(summary, "科室明细")))
    with zipfile.ZipFile(io.BytesIO(summary)) as parts:
        assert [n for n in parts.namelist() if "external" in n.lower()] == []


def test_columns_that_the_office_removed_are_not_missed() -> None:
    """A form without its own status, requirement, or any usual answer still sums up."""
    of = usual()
    form = make.form()
    kept = tuple(c for c in form.columns if c.key in ("number", "note"))
    book = replace(of.book, forms=(replace(form, columns=kept),))
    data = write_summary(replace(of, book=book))
    headers = list(read_table(openpyxl_grid(data, "科室明细"), "科室")[0])
    assert headers == [
        "科室", "序号", "判定", "完成状态", "采用口径", "审核意见", "销号", "备注", "工作要求",
        "剩余天数", "来源文件",
    ]  # fmt: skip
    assert read_table(openpyxl_grid(data, "总览"), "统计口径")[1]["已完成"] == 3


def test_headers_that_are_alike_are_told_apart() -> None:
    """Excel refuses a table with two equal headers; the second gets a number."""
    of = usual()
    form = make.form()
    columns = tuple(replace(c, header="科室") if c.key == "note" else c for c in form.columns)
    book = replace(of.book, forms=(replace(form, columns=columns),))
    grid = openpyxl_grid(write_summary(replace(of, book=book)), "科室明细")
    assert [h for h in grid[2] if str(h).startswith("科室")] == ["科室", "科室(2)"]


def test_an_answer_too_long_for_a_cell_says_so() -> None:
    """40,000 characters: cut with a mark in 科室明细, whole in 年度汇总."""
    book = make.book(("综合科",), [make.task(1, ("综合科",))])
    answers: make.Answers = {(1, "综合科"): {"status": "推进中", "result": LONG}}
    data = write_summary(make.ledger(book, answers))
    (row,) = read_table(openpyxl_grid(data, "科室明细"), "科室")
    assert row["落实情况"] == LONG[: 32_767 - len(TRUNCATION_MARK)] + TRUNCATION_MARK
    assert whole(data, "年度汇总", "落实情况") == f"【综合科】推进中。{LONG}"
    assert "1 个单元格内容较长" in list_texts(openpyxl_grid(data, "科室明细"))[1]


def test_emoji_count_double_against_the_limit_of_a_cell() -> None:
    """Excel counts UTF-16 units: 20,000 emoji are too long for one cell."""
    book = make.book(("综合科",), [make.task(1, ("综合科",))])
    answers: make.Answers = {(1, "综合科"): {"status": "推进中", "note": "😀" * 20_000}}
    data = write_summary(make.ledger(book, answers))
    (row,) = read_table(openpyxl_grid(data, "科室明细"), "科室")
    assert row["备注"] == "😀" * ((32_767 - len(TRUNCATION_MARK)) // 2) + TRUNCATION_MARK


def whole(data: bytes, sheet: str, header: str) -> str:
    """Put together what stands under ``header``, over all its rows."""
    grid = openpyxl_grid(data, sheet)
    head = next(row for row in grid if header in row)
    column = head.index(header)
    below = grid[grid.index(head) + 1 :]
    return "".join(str(row[column]) for row in below if row[column])


# -- 年度汇总 -------------------------------------------------------------------------


def test_annual_table_labels_each_section(summary: bytes) -> None:
    """A task shows what each of its sections says, under the section's name."""
    first = read_table(openpyxl_grid(summary, "年度汇总"), "序号")[0]
    assert first == {
        "序号": 1,
        "工作要求": FIRST,
        "工作要点": "（一）深化集中公开。",
        "计划措施": "1.按要求落实第 1 项工作。",
        "责任单位": "综合科、金融发展科、产业金融科",
        "时限": None,
        "完成期限": MIDNIGHT,
        "完成状态": "推进中",
        "判定": "逾期",
        "落实情况": (
            "【综合科】已完成（2022-09-30）。已清理 12 件。\n"
            "【金融发展科】推进中。\n【产业金融科】未报送。"
        ),
        "佐证材料": None,
        "未完成原因": f"【金融发展科】{HOSTILE[0]}",
        "下一步措施": None,
        "责任人及电话": "【综合科】张三\n0760-88310001",
        "备注": None,
    }


def test_annual_table_merges_equal_neighbours_only(summary: bytes) -> None:
    """工作要求 joins its tasks; 工作要点 joins within it; a blank joins nothing."""
    sheet = openpyxl.load_workbook(io.BytesIO(summary))["年度汇总"]
    merged = {str(box) for box in sheet.merged_cells.ranges}
    assert {box for box in merged if box[0] in "BC"} == {
        "B4:B6", "C4:C5", "B8:B11", "C8:C11",
    }  # fmt: skip


def test_no_row_is_taller_than_excel_can_show_or_than_its_text() -> None:
    """A task of a thousand lines goes on over rows, marked (续), and loses nothing."""
    text = "\n".join(f"{n}.已办理。" for n in range(1_000))
    book = make.book(("综合科",), [make.task(1, ("综合科",)), make.task(2, ("综合科",))])
    answers: make.Answers = {(1, "综合科"): {"status": "推进中", "result": text}}
    data = write_summary(make.ledger(book, answers))
    sheet = openpyxl.load_workbook(io.BytesIO(data))["年度汇总"]
    heights = [size.height for size in sheet.row_dimensions.values()]
    assert max(heights) <= 409
    numbers = [cell.value for cell in sheet["A"][3:] if cell.value]
    assert (numbers[0], set(numbers[1:-1]), numbers[-1]) == (1, {"1\n（续）"}, 2)
    joined = whole(data, "年度汇总", "落实情况").replace("\n", "")
    assert joined == f"【综合科】推进中。{text}【综合科】未填。".replace("\n", "")


# -- lists ----------------------------------------------------------------------------


def test_overdue_come_before_due_soon(summary: bytes) -> None:
    """逾期临期 lists every pressing row, the longest overdue first."""
    found = read_table(openpyxl_grid(summary, "逾期临期"), "序号")
    keys = ("判定", "科室", "任务序号", "逾期/剩余天数", "完成状态")
    assert [tuple(row[k] for k in keys) for row in found] == [
        ("逾期", "金融发展科", 1, "已逾期 8 天", "推进中"),
        ("逾期", "产业金融科", 1, "已逾期 8 天", NOT_RETURNED),
        ("临期", "综合科", 2, "还剩 12 天", "未启动"),
    ]


def test_overdue_rows_say_whom_to_call() -> None:
    """As the book has it, also of a section that returned nothing; not in what goes up."""
    of = usual()
    sections = tuple(
        replace(s, contact="王五", phone="0760-88310009") if s.name == SECTIONS[2] else s
        for s in of.book.sections
    )
    with_contacts = replace(of, book=replace(of.book, sections=sections))
    rows = read_table(openpyxl_grid(write_summary(with_contacts), "逾期临期"), "序号")
    contacts = {row["科室"]: row["科室联系人及电话"] for row in rows}
    assert contacts == {SECTIONS[0]: None, SECTIONS[1]: None, SECTIONS[2]: "王五\n0760-88310009"}
    upload = write_upload_summary(with_contacts)
    texts = [text for row in openpyxl_grid(upload, "逾期临期") for text in row]
    assert not any("王五" in str(text) or "科室联系人" in str(text) for text in texts)
    (head, *_) = read_table(openpyxl_grid(write_summary(of), "逾期临期"), "序号")
    assert "科室联系人及电话" not in head


@pytest.mark.parametrize("read", [openpyxl_grid, calamine_grid])
def test_every_file_stands_once_in_submissions(read: object, summary: bytes) -> None:
    """报送情况 lists each file of the folder exactly once, with size and SHA-256."""
    found = read_table(read(summary, "报送情况"), "文件")  # type: ignore[operator]
    told = [(r["文件"], r["处理结果"], int(r["大小（字节）"]), r["SHA-256"]) for r in found]  # type: ignore[call-overload]
    assert told == [
        (f.name.replace("\udcff", "\ufffd"), f.status.value, f.size, f.sha256)
        for f in usual().file_reports
    ]


def test_submissions_tell_the_standing_of_each_section(summary: bytes) -> None:
    """报送情况 says of each section whether and what it returned."""
    found = read_table(openpyxl_grid(summary, "报送情况"), "科室")
    keys = ("科室", "报送状态", "任务数", "来源文件")
    assert [tuple(row[k] for k in keys) for row in found] == [
        ("综合科", "已报送", 6, "综合科.xlsx"),
        ("金融发展科", "已报送", 4, "金融发展科.xlsx"),
        ("产业金融科", "未报送", 2, None),
    ]


def test_submissions_end_with_the_count_of_answers(summary: bytes) -> None:
    """The conservation count stands in a sentence; an uneven one warns."""
    of = usual()
    assert list_texts(openpyxl_grid(summary, "报送情况"))[-1] == (
        "收到填写的单元格 22 个 = 汇入汇总 20 个 + 内容相同的重复 0 个"
        " + 列入冲突 1 个 + 列入问题清单 1 个，合计 22 个，两者一致。"
    )
    uneven = replace(of, cell_balance=replace(of.cell_balance, received=23))
    last = list_texts(openpyxl_grid(write_summary(uneven), "报送情况"))[-1]
    assert last.endswith(
        "合计 22 个，两者不一致，汇总可能有遗漏，请勿使用本汇总，"
        "并联系给您装本工具的人（本单位的电脑维护人员）。"
    )


def test_problems_are_all_there_the_grave_ones_first(summary: bytes) -> None:
    """问题清单 keeps every problem and the whole of what was typed."""
    grid = openpyxl_grid(summary, "问题清单")
    head = grid.index(next(row for row in grid if row[0] == "序号"))
    rows = [row for row in grid[head + 1 :] if isinstance(row[0], int)]
    assert [tuple(row[:6]) for row in rows] == [
        (1, "须处理", None, "产业金融科.xlsx", None, None),
        (2, "须处理", "金融发展科", "金融发展科.xlsx", "台账", "J7"),
        (3, "提示", None, "金融发展科.xlsx", "台账", "J7"),
        # Below the list, with the whole text.
        (2, "须处理", "金融发展科", "金融发展科.xlsx", "台账", "J7"),
    ]
    text = whole(summary, "问题清单", "原填内容")
    assert text.replace("原填内容", "").endswith(f"完成{LONG}")
    assert rows[1][6] == (
        f"表格以外的位置写了内容，没有对应的任务和栏目：{LONG[:60]}……（全文见“原填内容”）。"
    )


def test_conflicts_show_both_answers_and_the_one_taken(summary: bytes) -> None:
    """冲突 shows both values with file, cell and time, and which was taken."""
    (row,) = read_table(openpyxl_grid(summary, "冲突"), "序号")
    assert row == {
        "序号": 1,
        "科室": "综合科",
        "任务序号": 1,
        "计划措施或登记内容": "1.按要求落实第 1 项工作。",
        "栏目": "落实情况",
        "采用的内容": "已清理 12 件。",
        "采用内容的出处": "综合科（2).xlsx 台账 K7\n保存时间：2022-09-30 16:05",
        "未采用的内容": "已清理 11 件。",
        "未采用内容的出处": "综合科.xlsx 台账 K8\n保存时间：不详",
        "采用哪个": None,
        "行码": None,
    }


# -- 总览 -----------------------------------------------------------------------------


def counted(of: Ledger, labels: list[str]) -> dict[str, list[object]]:
    """Count the overview in plain Python: label → total, statuses, urgencies, rate."""
    groups: dict[str, list[object]] = {"任务（项）": list(of.task_summaries)}
    groups["科室任务（件）"] = list(of.assignment_results)
    for section in of.book.section_names:
        groups[section] = [r for r in of.assignment_results if r.section == section]
    for task in of.book.tasks:
        name = task.requirement or NO_REQUIREMENT
        same = [r for r in of.assignment_results if r.task.requirement == task.requirement]
        groups[name] = list(same)
    groups["合计"] = list(of.assignment_results)
    result: dict[str, list[object]] = {}
    for name, items in groups.items():
        statuses = [item.status for item in items]  # type: ignore[attr-defined]
        urgencies = [item.urgency for item in items]  # type: ignore[attr-defined]
        meanings = [item.category for item in items]  # type: ignore[attr-defined]
        base = len(items) - meanings.count(StatusCategory.NOT_APPLICABLE)
        rate = meanings.count(StatusCategory.COMPLETED) / base if base else "—"
        urgent = [
            urgencies.count(one) for one in (Urgency.OVERDUE, Urgency.DUE_SOON, Urgency.DONE_LATE)
        ]
        counts = [statuses.count(label) for label in labels]
        result[name] = [len(items), *counts, *urgent, rate]
    return result


def figures(data: bytes) -> tuple[dict[str, list[object]], list[str]]:
    """Read the overview: label → figures, and the status headers."""
    grid = openpyxl_grid(data, "总览")
    head = next(row for row in grid if row[0] == "统计口径")
    start = grid.index(head)
    rows = [row for row in grid[start + 1 :] if row[0] and row[1] is not None]
    found = {str(r[0]): r[1:] for r in rows if r[0] not in ("科室", "工作要求")}
    return found, [str(h) for h in head[2:-4]]


def test_overview_is_right(summary: bytes) -> None:
    """Every figure of 总览 is what a count by hand gives."""
    found, statuses = figures(summary)
    assert statuses == [
        "未启动", "推进中", "已完成", "长期推进", "不涉及", NOT_FILLED, NOT_RETURNED,
    ]  # fmt: skip
    assert found == counted(usual(), statuses)


def test_overview_leads_with_the_key_figures(summary: bytes) -> None:
    """The six figures a head asks for stand at the top."""
    grid = openpyxl_grid(summary, "总览")
    told = dict(zip(grid[2], grid[3], strict=True))
    told.pop(None)
    assert told == {
        "任务总数（项）": 8,
        "科室任务数（件）": 12,
        "完成率（按科室任务）": pytest.approx(3 / 11),
        "逾期（件）": 2,
        "临期（件）": 1,
        "报送科室": "2/3",
    }


def test_overview_holds_formulas_only(summary: bytes) -> None:
    """No figure of 总览 is typed in: each counts the other sheets."""
    grid = openpyxl_grid(summary, "总览", formulas=True)
    typed = [cell for row in grid for cell in row if isinstance(cell, int | float)]
    assert typed == []
    row = next(row for row in grid if row[0] == "综合科")
    assert row[2] == ("=COUNTIFS('科室明细'!$A$4:$A$15,$A17,'科室明细'!$F$4:$F$15,C$16)")


def test_overview_links_to_every_sheet(summary: bytes) -> None:
    """The index opens each sheet, and says of a list without lines that it has none."""
    book = openpyxl.load_workbook(io.BytesIO(summary))
    cells = [cell for row in book["总览"].iter_rows() for cell in row]
    targets = [cell.hyperlink.location for cell in cells if cell.hyperlink]
    assert targets == [f"'{name}'!A1" for name in SHEETS[1:]]
    texts = list_texts(openpyxl_grid(summary, "总览"))
    assert {"科室明细 12 行", "逾期临期 3 件", "问题清单 3 条", "冲突 1 处"} <= set(texts)
    assert {"计划外工作：无", "历次填报：无", "附件清单：无"} <= set(texts)


def test_overview_is_one_upright_page(summary: bytes) -> None:
    """Of so many sections that the type would be too small it is several."""
    few = openpyxl.load_workbook(io.BytesIO(summary))["总览"]
    many = openpyxl.load_workbook(io.BytesIO(of_many(40)))["总览"]
    assert {few.page_setup.orientation, many.page_setup.orientation} == {"portrait"}
    # One page wide and one high, as where nothing else is said (ECMA-376 Part 1 §18.3.1.63).
    assert few.sheet_properties.pageSetUpPr.fitToPage
    assert (few.page_setup.fitToWidth or 1, few.page_setup.fitToHeight or 1) == (1, 1)
    assert not many.sheet_properties.pageSetUpPr.fitToPage
    assert many.page_setup.scale >= 80
    assert many.row_breaks.brk


def test_overview_has_two_native_charts(summary: bytes) -> None:
    """Both charts are drawn in the last row, below every table."""
    with zipfile.ZipFile(io.BytesIO(summary)) as parts:
        assert len([n for n in parts.namelist() if "charts/chart" in n]) == 2
        drawing = parts.read("xl/drawings/drawing1.xml").decode()
    sheet = openpyxl.load_workbook(io.BytesIO(summary))["总览"]
    assert drawing.count(f"<xdr:row>{len(sheet.row_dimensions) - 1}</xdr:row>") == 4


def test_bars_of_the_chart_differ_in_a_grey_print(summary: bytes) -> None:
    """By a tenth of the way from black to white at least, and none is hatched."""
    with zipfile.ZipFile(io.BytesIO(summary)) as parts:
        chart = parts.read("xl/charts/chart1.xml").decode()
    fills = re.findall(r'</c:tx><c:spPr><a:solidFill><a:srgbClr val="(\w{6})"', chart)
    assert len(fills) == chart.count("<c:ser>") == 7
    channels = [[int(fill[n : n + 2], 16) for n in (0, 2, 4)] for fill in fills]
    # Luma of ITU-R BT.601.
    greys = sorted(0.299 * red + 0.587 * green + 0.114 * blue for red, green, blue in channels)
    assert min(b - a for a, b in pairwise(greys)) >= 255 / 10
    assert "<a:pattFill" not in chart


def of_many(sections: int) -> bytes:
    """Sum up a year of one task that so many sections have done."""
    names = [f"第{n}科" for n in range(1, sections + 1)]
    book = make.book(names, [make.task(1, names)])
    return write_summary(make.ledger(book, {(1, name): {} for name in names}))


def test_a_table_of_sections_longer_than_a_page_says_its_header_again() -> None:
    """It begins below the key figures; the title gives way to it on later pages."""
    sheet = openpyxl.load_workbook(io.BytesIO(of_many(60)))["总览"]
    labels = [sheet.cell(row, 1).value for row in range(1, sheet.max_row + 1)]
    head = labels.index("科室") + 1
    assert sheet.print_title_rows == f"${head}:${head}"
    turned = {one.id + 1 for one in sheet.row_breaks.brk}
    assert head - 1 not in turned
    few = openpyxl.load_workbook(io.BytesIO(of_many(3)))["总览"]
    assert few.print_title_rows == "$1:$1"


def test_received_files_begin_a_page_where_one_does_not_hold_all() -> None:
    for sections, turned in ((3, False), (40, True)):
        book = openpyxl.load_workbook(io.BytesIO(of_many(sections)))
        sheet = book["报送情况"]
        labels = [str(sheet.cell(n, 1).value) for n in range(1, sheet.max_row + 1)]
        begin = next(n for n, text in enumerate(labels) if text.startswith("二、"))
        assert [one.id for one in sheet.row_breaks.brk] == ([begin] if turned else [])


def test_of_many_sections_each_has_its_name_in_the_chart() -> None:
    with zipfile.ZipFile(io.BytesIO(of_many(26))) as parts:
        chart = parts.read("xl/charts/chart1.xml").decode()
    assert '<c:tickLblSkip val="1"/>' in chart


RENAMED = (
    Choice("*", StatusCategory.COMPLETED),
    Choice("<>完成？", StatusCategory.IN_PROGRESS),
    Choice("12", StatusCategory.NOT_STARTED),
    Choice("=A1", StatusCategory.ONGOING),
    Choice("ok~", StatusCategory.NOT_APPLICABLE),
    Choice("OK~", StatusCategory.COMPLETED),
)
WILD = ("*科", "？科", "A科", "a科", "综合科", ">5", "科~*")


def wild() -> Ledger:
    """Labels that a COUNTIFS criterion would misread, and a status of an old form."""
    tasks = [
        make.task(n, WILD, requirement=requirement, due=date(2022, 10, 1))
        for n, requirement in enumerate(("*", "", "要求" * 200, "TRUE"), 1)
    ]
    book = make.book(WILD, tasks, make.form(RENAMED))
    values = [*(c.value for c in RENAMED), "旧状态"]
    answers: dict[tuple[int, str], dict[str, str]] = {}
    for n in range(1, 5):
        for place, section in enumerate(WILD[:-1]):
            answers[n, section] = {"status": values[(n * 3 + place) % len(values)]}
    return make.ledger(book, answers)


def test_labels_that_look_like_patterns_count_themselves_only() -> None:
    """Wildcards, comparisons, numbers and case in a label never change a figure."""
    found, statuses = figures(write_summary(wild()))
    assert statuses == [c.value for c in RENAMED] + [
        NOT_FILLED,
        NOT_RETURNED,
        "旧状态",
        "推进中",
    ]
    assert found == counted(wild(), statuses)


def empty() -> Ledger:
    """Nothing in the book, and nothing returned."""
    return make.ledger(make.book((), ()), {})


def silent() -> Ledger:
    """Take the usual book, of which nothing at all has come back."""
    of = make.ledger(usual().book, {}, files=())
    assert {s.status for s in of.section_reports} == {SubmissionStatus.MISSING}
    return of


def test_an_empty_ledger_says_so_in_sentences() -> None:
    """A collection without returns is a summary of sentences, not of blank tables."""
    data = write_summary(empty())
    kept = ["总览", "年度汇总", "科室明细", "报送情况"]
    book = openpyxl.load_workbook(io.BytesIO(data))
    assert [sheet.title for sheet in book.worksheets if sheet.sheet_state == "visible"] == kept
    said = [t for name in kept for t in list_texts(openpyxl_grid(data, name))]
    for sentence in (
        "台账中没有任务。",
        "没有收到任何文件。",
        "逾期临期：无",
        "问题清单：无",
        "冲突：无",
    ):
        assert said.count(sentence) == 1
    assert figures(data)[0]["科室任务（件）"] == [0] * 11 + ["—"]


@pytest.mark.office
@pytest.mark.parametrize("of", [usual, wild, empty, silent])
def test_libreoffice_comes_to_the_same_figures(of: object, tmp_path: Path) -> None:
    """A real recalculation gives every cached figure of 总览."""
    data = write_summary(of())  # type: ignore[operator]
    ours = [rounded(row) for row in openpyxl_grid(data, "总览")]
    theirs = openpyxl_grid(recalculate(data, tmp_path), "总览")
    width = len(ours[0])
    assert [rounded(row[:width]) for row in theirs[: len(ours)]] == ours


def rounded(row: list[object]) -> list[object]:
    return [round(v, 12) if isinstance(v, float) else v for v in row]


# -- print ----------------------------------------------------------------------------


def test_every_sheet_prints_one_page_wide_and_legibly(summary: bytes) -> None:
    """A4 landscape, one page wide, header repeated and frozen, type of 8 pt or more."""
    book = openpyxl.load_workbook(io.BytesIO(summary))
    for sheet in (book[name] for name in SHEETS[1:]):
        setup = sheet.page_setup
        assert (int(setup.paperSize), setup.orientation) == (9, "landscape")
        assert sheet.print_title_rows
        assert sheet.freeze_panes
        assert len(list_page_widths(sheet)) == 1
        assert find_smallest_print(sheet) >= 8, sheet.title


def test_footer_of_a_year_or_an_ampersand_is_plain_text() -> None:
    """An agency's name at the foot is never read as a command of the footer."""
    of = usual()
    data = write_summary(replace(of, book=replace(of.book, agency="2022&Pa局" * 30)))
    with zipfile.ZipFile(io.BytesIO(data)) as parts:
        assert "&amp;L&amp;9 2022＆Pa局" in parts.read("xl/worksheets/sheet1.xml").decode()


# -- any answers ----------------------------------------------------------------------

words = st.text(
    st.characters(exclude_categories=["Cs", "Cc"], exclude_characters="_"),
    min_size=1,
    max_size=60,
).map(lambda text: f"答{text}。")


@given(st.dictionaries(st.sampled_from(make.ANSWER_KEYS[2:]), words, min_size=1))
def test_any_answer_is_found_in_detail_and_annual(
    given_answers: dict[str, str],
) -> None:
    """Whatever is answered, in whatever column, stands in both tables."""
    book = make.book(("综合科",), [make.task(1, ("综合科",))])
    status = {"status": "推进中"}
    of = make.ledger(book, {(1, "综合科"): {**status, **given_answers}})
    data = write_summary(of)
    headers = {c.key: c.header for c in book.task_form.columns}
    (row,) = read_table(calamine_grid(data, "科室明细"), "科室")
    assert {k: row[headers[k]] for k in given_answers} == given_answers
    annual = "\n".join(list_texts(openpyxl_grid(data, "年度汇总")))
    assert [t for t in given_answers.values() if t not in annual] == []
