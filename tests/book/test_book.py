"""The book: what is written comes back, and every slip is told with its cell."""

from __future__ import annotations

import dataclasses
import io
from collections.abc import Callable
from datetime import date
from decimal import Decimal
from pathlib import Path

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from openpyxl import Workbook, load_workbook
from openpyxl.utils import get_column_letter
from python_calamine import CalamineWorkbook

from ledgerbook.book import build_book_bytes, read_book
from ledgerbook.book.schema import (
    FIRST_DATA_ROW,
    HEADER_ROW,
    MATRIX,
    PARSED_PREFIX,
    check_section_count,
)
from ledgerbook.errors import FileError, InputError
from ledgerbook.model import (
    Assignment,
    AssignmentOverride,
    Book,
    PaperSize,
    Question,
    Role,
    Round,
    Section,
)
from tests.support.books import FINANCE, INDUSTRY, KEY, OFFICE, make_book

SHEETS = [
    "基本信息",
    "科室",
    "批次",
    "任务",
    "分工",
    "登记簿",
    "字段",
    "选项",
    "待确认",
    "年报参照",
    "收件登记",
    "更正代填",
    "签发记录",
    "办理记录",
    "催办记录",
]


def rich_book() -> Book:
    """Return a book that uses every part of the book's sheets."""
    first, second, *rest = make_book().tasks
    return make_book(
        sections=(
            Section(OFFICE, "张某", "0760-88000001", "zhang@example.cn", "牵头"),
            Section(FINANCE),
            Section(INDUSTRY, phone="88000003"),
        ),
        rounds=(Round("上半年"), Round("年度", date(2022, 12, 15), "年终报送")),
        tasks=(
            dataclasses.replace(first, deadline_text="年底前", due=date(2022, 12, 31)),
            dataclasses.replace(
                second,
                assignment_overrides=(
                    AssignmentOverride(OFFICE, (Role.LEAD, Role.COMPILE)),
                    AssignmentOverride(INDUSTRY, ()),
                ),
            ),
            *rest,
        ),
        questions=(
            Question(("T01", "T02"), "工作要求", "空白", "缺标题。", "请补。", "已补"),
            Question((), "报送截止日期", "空白", "没有写。", "请填。"),
        ),
        reference_figures=(
            ("上年年报：规章现行有效件数", Decimal(0)),
            ("上年年报：结转下年度继续办理（总计）", Decimal(12)),
        ),
    )


def saved(tmp_path: Path, book: Book) -> Path:
    path = tmp_path / "台账.xlsx"
    path.write_bytes(build_book_bytes(book))
    return path


def cell(workbook: Workbook, sheet: str, header: str, row: int) -> str:
    """Return the name of the cell under ``header`` in the sheet's n-th line."""
    heads = [c.value for c in workbook[sheet][HEADER_ROW]]
    return f"{get_column_letter(heads.index(header) + 1)}{FIRST_DATA_ROW + row}"


def slips(tmp_path: Path, change: Callable[[Workbook], None]) -> tuple[str, ...]:
    """Return what is said of a book that the office changed by hand."""
    path = saved(tmp_path, rich_book())
    workbook = load_workbook(path)
    change(workbook)
    workbook.save(path)
    with pytest.raises(InputError) as caught:
        read_book(path)
    count = len(caught.value.slips)
    assert caught.value.headline == (f"台账“台账.xlsx”有 {count} 处需要先改正，改好保存后再运行：")
    return caught.value.slips


def test_round_trip(tmp_path: Path) -> None:
    """A book written and read again is the same book, every part of it."""
    book = rich_book()
    assert read_book(saved(tmp_path, book)) == book


words = st.text(st.characters(categories=("L", "N", "P")), max_size=30).map(str.strip)


@pytest.mark.slow
@settings(max_examples=8, deadline=None)
@given(
    texts=st.lists(words.filter(bool), min_size=5, max_size=5),
    points=st.lists(words, min_size=5, max_size=5),
    due=st.none() | st.dates(date(2000, 1, 1), date(2099, 12, 31)),
    held=st.lists(st.sampled_from(Role), unique=True),
)
def test_any_book_round_trips(
    tmp_path_factory: pytest.TempPathFactory,
    texts: list[str],
    points: list[str],
    due: date | None,
    held: list[Role],
) -> None:
    """Whatever the texts, dates and corrections are, they come back."""
    roles = tuple(role for role in Role if role in held)
    by_hand = () if roles == (Role.IMPLEMENT,) else (AssignmentOverride(FINANCE, roles),)
    first, *rest = (
        dataclasses.replace(task, measure=text, point=point)
        for task, text, point in zip(make_book().tasks, texts, points, strict=True)
    )
    first = dataclasses.replace(first, due=due, assignment_overrides=by_hand)
    book = make_book(tasks=(first, *rest))
    assert read_book(saved(tmp_path_factory.mktemp("book"), book)) == book


def test_same_book_same_bytes() -> None:
    """Writing a book twice gives the very same file."""
    assert build_book_bytes(rich_book()) == build_book_bytes(rich_book())


def test_sheets_stand_in_working_order() -> None:
    """The clerk sees the sheets in the order in which they are worked through."""
    workbook = load_workbook(io.BytesIO(build_book_bytes(rich_book())))
    assert workbook.sheetnames == [*SHEETS, "_ledgerbook"]
    assert workbook["_ledgerbook"].sheet_state == "veryHidden"


def test_an_independent_reader_sees_the_tasks() -> None:
    """Calamine reads from 任务 what the book says."""
    book = rich_book()
    other = CalamineWorkbook.from_filelike(io.BytesIO(build_book_bytes(book)))
    rows = other.get_sheet_by_name("任务").to_python(skip_empty_area=False)
    shown = [row[:8] for row in rows[FIRST_DATA_ROW - 1 :] if row[0]]
    assert shown == [
        [t.code, t.number, t.requirement, t.point, t.measure, t.units, t.deadline_text,
         t.due or ""]
        for t in book.tasks
    ]  # fmt: skip


def test_the_matrix_shows_who_owes_what() -> None:
    """分工 has a column a section; corrections show, and the parse is kept beside."""
    workbook = load_workbook(io.BytesIO(build_book_bytes(rich_book())))
    sheet = workbook["分工"]

    def said(header: str, row: int) -> object:
        return sheet[cell(workbook, "分工", header, row)].value

    assert [said(s, 0) for s in (OFFICE, FINANCE, INDUSTRY)] == ["落实"] * 3
    assert said(OFFICE, 1) == "牵头、汇总"
    assert said(PARSED_PREFIX + OFFICE, 1) == "落实、汇总"
    assert said(INDUSTRY, 1) == "无"
    assert said(OFFICE, 4) == "牵头、落实"


def test_what_the_office_types_into_the_matrix_wins(tmp_path: Path) -> None:
    """A role chosen on 分工 overrules the parse; an emptied cell means none."""
    path = saved(tmp_path, make_book())
    workbook = load_workbook(path)
    sheet = workbook["分工"]
    sheet[cell(workbook, "分工", FINANCE, 0)] = "牵头"
    sheet[cell(workbook, "分工", INDUSTRY, 0)] = None
    workbook.save(path)
    task = read_book(path).tasks[0]
    assert task.assignments == (
        Assignment(OFFICE, Role.IMPLEMENT),
        Assignment(FINANCE, Role.LEAD),
    )


def test_a_section_added_by_the_office_joins_everyone(tmp_path: Path) -> None:
    """各科室 takes in a section that the office adds on 科室; others do not."""
    path = saved(tmp_path, make_book())
    workbook = load_workbook(path)
    workbook["科室"][cell(workbook, "科室", "科室名称", 3)] = "法规科"
    workbook.save(path)
    book = read_book(path)
    numbers = [task.number for task in book.get_tasks("法规科")]
    assert book.section_names == (OFFICE, FINANCE, INDUSTRY, "法规科")
    assert numbers == [1, 2, 5]


def test_changing_the_units_changes_the_assignment(tmp_path: Path) -> None:
    """责任单位 corrected on 任务 is parsed anew where nothing was set by hand."""
    path = saved(tmp_path, make_book())
    workbook = load_workbook(path)
    workbook["任务"][cell(workbook, "任务", "责任单位", 0)] = "综合科牵头"
    workbook.save(path)
    assert read_book(path).tasks[0].assignments == (Assignment(OFFICE, Role.LEAD),)


def test_blank_lines_and_own_columns_do_no_harm(tmp_path: Path) -> None:
    """A blank line between tasks and a column of the office's own are left alone."""
    book = make_book()
    path = saved(tmp_path, book)
    workbook = load_workbook(path)
    workbook["任务"].insert_rows(FIRST_DATA_ROW + 2)
    workbook["任务"].cell(HEADER_ROW, 12, "我的记号")
    workbook["任务"].cell(FIRST_DATA_ROW, 12, "重点")
    workbook.save(path)
    assert read_book(path) == book


def test_unknown_section_in_the_units(tmp_path: Path) -> None:
    """A unit that is no section of the book is named with its cell."""

    def change(workbook: Workbook) -> None:
        workbook["任务"][cell(workbook, "任务", "责任单位", 2)] = "法规科"

    assert slips(tmp_path, change) == (
        "工作表“任务”单元格 F6：“法规科”不在“科室”表中。"
        "请在“科室”表中补上这个科室，或改正这里的名称。"
        "科室改了名的，请在“科室”表新名称那一行的“简称”里写上“法规科”。",
    )


def test_unknown_section_in_the_matrix(tmp_path: Path) -> None:
    """A section renamed on 科室 only is told where 分工 still has the old name."""

    def change(workbook: Workbook) -> None:
        sheet = workbook["分工"]
        for n in range(1, 12):
            if sheet.cell(HEADER_ROW, n).value == FINANCE:
                sheet.cell(HEADER_ROW, n).value = "金融科"

    assert slips(tmp_path, change) == (
        "工作表“分工”第 3 行：科室“金融科”不在“科室”表中。请在“科室”表中补上，或改正这里的名称。"
        "科室改了名的，请在“科室”表新名称那一行的“简称”里写上“金融科”。",
    )


def test_two_tasks_with_one_number(tmp_path: Path) -> None:
    """A number used twice is told with the cell and the other line."""

    def change(workbook: Workbook) -> None:
        workbook["任务"][cell(workbook, "任务", "序号", 1)] = 1

    assert slips(tmp_path, change) == (
        "工作表“任务”单元格 B5：序号 1 与第 4 行重复了，请改成不同的。",
    )


def test_dates_typed_as_text_or_number(tmp_path: Path) -> None:
    """A date that Excel holds as text or number is told with its cell."""

    def change(workbook: Workbook) -> None:
        workbook["任务"][cell(workbook, "任务", "完成期限", 0)] = "2022年11月31日"
        workbook["批次"][cell(workbook, "批次", "报送截止日期", 0)] = 20221215
        workbook["批次"][cell(workbook, "批次", "报送截止日期", 0)].number_format = "0"

    assert slips(tmp_path, change) == (
        "工作表“批次”单元格 B4：“20221215”是数字，不是日期。"
        "请清空这个格子，再按 2022-11-30 的样子输入。",
        "工作表“任务”单元格 H4：“2022年11月31日”是文字，不是日期（11 月没有 31 日）。"
        "请清空这个格子，再按 2022-11-30 的样子输入。",
    )


def test_deleted_column_and_sheet(tmp_path: Path) -> None:
    """A column or sheet that is gone is named, and nothing misleading besides."""

    def change(workbook: Workbook) -> None:
        workbook["任务"].delete_cols(6)
        del workbook["选项"]
        del workbook["_ledgerbook"]

    assert slips(tmp_path, change) == (
        "工作表“任务”第 3 行少了“责任单位”这一列，可能被删除或改了名，请恢复。",
        "少了工作表“选项”。请从备份中恢复，不要改名或删除。",
        "台账里隐藏的工作表“_ledgerbook”不见了，没有它认不出已发出的表。请从备份中恢复台账。",
    )


def test_every_other_slip_at_once(tmp_path: Path) -> None:
    """Slips of all sheets come together, each with its cell and its mend."""

    def change(workbook: Workbook) -> None:
        workbook["基本信息"]["B5"] = "去年"
        workbook["基本信息"]["B6"] = "办公室"
        workbook["科室"][cell(workbook, "科室", "科室名称", 1)] = OFFICE
        workbook["批次"][cell(workbook, "批次", "批次名称", 0)] = "一|二"
        workbook["任务"][cell(workbook, "任务", "序号", 4)] = "五"
        workbook["分工"][cell(workbook, "分工", OFFICE, 0)] = "主管"
        workbook["字段"][cell(workbook, "字段", "类型", 0)] = "图片"

    said = slips(tmp_path, change)
    assert "工作表“基本信息”单元格 B5：年度要填四位数字，例如 2022。" in said
    assert (
        "工作表“基本信息”单元格 B6：综合协调科室“办公室”不在“科室”表中。"
        "请改成“科室”表中的名称，或在“科室”表中补上。"
        "科室改了名的，请在“科室”表新名称那一行的“简称”里写上“办公室”。"
    ) in said
    assert "工作表“科室”单元格 A5：“综合科”重复了，请删去一个或改名。" in said
    assert "工作表“批次”单元格 A4：名称里不能有竖线、分号或换行，请改名。" in said
    assert "工作表“任务”单元格 B8：序号“五”不是大于 0 的整数，请改正。" in said
    assert (
        "工作表“分工”单元格 E4：职责“主管”看不懂。"
        "请从下拉框中选择（牵头、落实、配合、汇总，或“无”）。"
    ) in said
    assert any(
        slip.startswith("工作表“字段”单元格 D4（类型）：“图片”不在可选范围") for slip in said
    )


@pytest.mark.parametrize(
    ("words", "paper"), [("A3", PaperSize.A3), ("a3", PaperSize.A3), (None, PaperSize.A4)]
)
def test_the_paper_is_a_setting_of_the_book(
    tmp_path: Path, words: str | None, paper: PaperSize
) -> None:
    """A book of before has no such line, and A4."""
    path = tmp_path / "台账.xlsx"
    workbook = load_workbook(io.BytesIO(build_book_bytes(make_book())))
    sheet = workbook["基本信息"]
    assert (sheet["A8"].value, sheet["B8"].value) == ("纸张", "A4")
    sheet["B8"] = words
    if words is None:
        sheet.delete_rows(8)
    workbook.save(path)
    assert read_book(path).paper is paper
    path.write_bytes(build_book_bytes(read_book(path)))
    assert read_book(path).paper is paper


def test_another_paper_is_a_slip(tmp_path: Path) -> None:
    def change(workbook: Workbook) -> None:
        workbook["基本信息"]["B8"] = "B5"

    said = slips(tmp_path, change)
    assert said == ("工作表“基本信息”单元格 B8：纸张“B5”看不懂，请写 A4 或 A3。",)


def test_a_book_that_was_emptied(tmp_path: Path) -> None:
    """A line that is gone, an agency without a name, no section and no task."""

    def change(workbook: Workbook) -> None:
        workbook["基本信息"]["B4"] = None
        workbook["基本信息"].delete_rows(7)
        for name in ("科室", "任务"):
            sheet = workbook[name]
            sheet.delete_rows(FIRST_DATA_ROW, sheet.max_row)

    said = slips(tmp_path, change)
    assert "工作表“基本信息”单元格 B4：机关名称不能空着，请填写。" in said
    assert "工作表“基本信息”少了“分工方案名称”这一行，请恢复。" in said
    assert "工作表“科室”一个科室也没有，请至少填一个。" in said
    assert "工作表“任务”一项任务也没有。" in said


@pytest.mark.parametrize("content", [b"", b"PK\x03\x04 broken", b"<html></html>"])
def test_a_file_that_is_no_book(tmp_path: Path, content: bytes) -> None:
    """What is no workbook gets one sentence."""
    path = tmp_path / "台账.xlsx"
    path.write_bytes(content)
    with pytest.raises(FileError) as caught:
        read_book(path)
    assert str(caught.value) == (
        f"“{path}”打不开，它不是 .xlsx 格式的台账，或者已经损坏、设了密码。"
        "请在 Excel 或 WPS 里取消密码、另存为 .xlsx 后再运行；损坏的请从备份恢复。"
    )


def test_a_missing_file(tmp_path: Path) -> None:
    """A book that is not there is said to be not there."""
    with pytest.raises(FileError, match="找不到台账文件"):
        read_book(tmp_path / "没有.xlsx")


def test_many_tasks_of_a_question_are_written_shortly(tmp_path: Path) -> None:
    """A run of tasks is written from–to on 待确认, and read back whole."""
    codes = tuple(task.code for task in make_book().tasks)
    runs = (codes, ("T01", "T03", "T04", "T05"), ("T02", "T03"))
    questions = tuple(Question(run, "备注", "空白", "无。", "请补。") for run in runs)
    book = make_book(questions=questions)
    path = saved(tmp_path, book)
    sheet = load_workbook(path)["待确认"]
    said = [sheet.cell(FIRST_DATA_ROW + n, 1).value for n in range(3)]
    assert said == ["T01至T05", "T01、T03至T05", "T02、T03"]
    assert read_book(path) == book


def test_questions_are_highlighted_where_they_stand() -> None:
    """The cells that 待确认 asks about are coloured; a blank one until it is filled."""
    workbook = load_workbook(io.BytesIO(build_book_bytes(rich_book())))
    fills = [
        workbook["任务"][cell(workbook, "任务", "工作要求", n)].fill.fgColor.rgb for n in range(3)
    ]
    assert fills == ["00FCE4D6", "00FCE4D6", "00000000"]
    first, *rest = rich_book().tasks
    blank = dataclasses.replace(first, requirement="")
    open_book = dataclasses.replace(rich_book(), tasks=(blank, *rest))
    sheet = load_workbook(io.BytesIO(build_book_bytes(open_book)))["任务"]
    rules = {str(r.sqref): r.rules[0].formula for r in sheet.conditional_formatting}
    # 完成期限 is coloured wherever 时限 is blank too.
    assert rules == {
        "C4": ["LEN(TRIM(C4))=0"],
        f"H4:H{3 + len(open_book.tasks)}": ["LEN(TRIM(G4))+LEN(TRIM(H4))=0"],
    }


def test_the_book_helps_while_typing() -> None:
    """Dates, numbers, roles and form settings are checked or offered in the book."""
    workbook = load_workbook(io.BytesIO(build_book_bytes(rich_book())))
    kinds = {
        name: sorted(
            {rule.type for rule in workbook[name].data_validations.dataValidation} - {None}
        )
        for name in SHEETS
    }
    assert kinds["任务"] == ["date", "whole"]
    assert kinds["批次"] == ["date"]
    assert kinds["分工"] == ["list"] or kinds["分工"] == ["list", "whole"]
    assert kinds["字段"] == kinds["选项"] == ["list"]
    assert all(workbook[name].protection.sheet for name in SHEETS)


def test_the_key_is_kept_out_of_sight() -> None:
    """The signing key stands on no visible sheet."""
    workbook = load_workbook(io.BytesIO(build_book_bytes(rich_book())))
    shown = [str(c.value) for name in SHEETS for row in workbook[name].iter_rows() for c in row]
    assert KEY not in shown


def test_a_section_without_a_name_is_one_slip(tmp_path: Path) -> None:
    """It owns no words of 责任单位, however many those are."""
    path = saved(tmp_path, make_book())
    workbook = load_workbook(path)
    workbook["科室"].cell(FIRST_DATA_ROW + 3, 2, "李某")
    workbook.save(path)
    with pytest.raises(InputError) as caught:
        read_book(path)
    assert "单元格 A7：科室名称不能空着" in str(caught.value)


@pytest.mark.parametrize("value", ["不详", "-1", "无穷"])
def test_a_figure_to_compare_with_must_be_one(tmp_path: Path, value: str) -> None:
    """The slip names the cell."""
    path = saved(tmp_path, rich_book())
    workbook = load_workbook(path)
    workbook["年报参照"].cell(FIRST_DATA_ROW, 2).value = value
    workbook.save(path)
    with pytest.raises(InputError, match=r"年报参照”单元格 B4.*不是数"):
        read_book(path)


def test_an_earlier_book_has_no_figures_to_compare_with(tmp_path: Path) -> None:
    """Its sheet came later."""
    path = saved(tmp_path, rich_book())
    workbook = load_workbook(path)
    del workbook["年报参照"]
    workbook.save(path)
    assert read_book(path).reference_figures == ()


def test_more_sections_than_a_sheet_has_columns_for() -> None:
    """The message says what to do."""
    most = (16_384 - len(MATRIX.columns)) // 2
    check_section_count(most)
    names = [Section(f"第{n}科") for n in range(most + 1)]
    with pytest.raises(InputError, match=f"科室有 {len(names)} 个，.*分成几本台账"):
        build_book_bytes(make_book(sections=tuple(names), tasks=()))
