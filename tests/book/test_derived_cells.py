"""What the office changes in the book reaches its other sheets, and settles questions."""

from __future__ import annotations

from datetime import date
from pathlib import Path

import pytest
from openpyxl import Workbook, load_workbook
from openpyxl.comments import Comment

from ledgerbook import generate, init
from ledgerbook.book import read_book, read_book_and_stale_cells, rewrite_stale_cells, update_book
from ledgerbook.book.schema import FIRST_DATA_ROW, HEADER_ROW, SETTLED_TEXT
from ledgerbook.commands.inputs import read_current_book
from ledgerbook.model import Recurrence, Role
from ledgerbook.plan import NOT_OF_AGENCY, read_plan

PLAN = """某局2023年政务公开工作任务分工表
序号\t工作任务\t责任科室\t完成时限
1\t公开预算。\t综合科牵头，有关科室配合\t6月底前
2\t解读文件。\t各科室\t尽快
3\t办好热线。\t法规科、市热线管理公司\t
4\t报送总结。\t综合科\t12月底前
"""


pytestmark = pytest.mark.slow


@pytest.fixture
def book_path(tmp_path: Path) -> Path:
    (tmp_path / "方案.txt").write_text(PLAN, "utf-8")
    init(tmp_path / "方案.txt", tmp_path / "台账.xlsx")
    return tmp_path / "台账.xlsx"


def find_column(workbook: Workbook, sheet: str, header: str) -> int:
    headers = [cell.value for cell in workbook[sheet][HEADER_ROW]]
    return headers.index(header) + 1


def write(path: Path, *cells: tuple[str, int, str, object]) -> None:
    """Type into cells: sheet, 0-based line, header, value."""
    workbook = load_workbook(path)
    for sheet, line, header, value in cells:
        column = find_column(workbook, sheet, header)
        workbook[sheet].cell(FIRST_DATA_ROW + line, column).value = value
    workbook.save(path)


def read_lines(path: Path, sheet: str) -> list[dict[object, object]]:
    rows = load_workbook(path)[sheet].iter_rows(min_row=HEADER_ROW, values_only=True)
    headers = next(rows)
    return [dict(zip(headers, row, strict=True)) for row in rows]


def settle_companies(path: Path) -> None:
    questions = [line["原因"] for line in read_lines(path, "待确认")]
    position = next(n for n, reason in enumerate(questions) if "不在科室名单里" in str(reason))
    write(path, ("待确认", position, "处理结果", NOT_OF_AGENCY))


def test_a_new_book_is_up_to_date(book_path: Path) -> None:
    settle_companies(book_path)
    _, stale = read_book_and_stale_cells(book_path)
    assert not stale.changes_by_sheet
    assert rewrite_stale_cells(book_path.read_bytes(), stale) == book_path.read_bytes()


def test_generate_brings_the_book_up_to_date(book_path: Path) -> None:
    """时限读作, 分工 and 处理结果 follow 任务 and 科室, without --update."""
    settle_companies(book_path)
    write(
        book_path,
        ("任务", 0, "时限", "每季度"),
        ("任务", 1, "完成期限", date(2023, 9, 30)),
        ("任务", 2, "责任单位", "综合科"),
        ("任务", 4, "序号", 5),
        ("任务", 4, "计划措施", "整理档案。"),
        ("任务", 4, "责任单位", "档案科牵头"),
        ("科室", 2, "科室名称", "档案科"),
    )
    generate(book_path, book_path.parent / "发出", issued_on=date(2023, 3, 1))
    tasks = read_lines(book_path, "任务")
    assert [line["时限读作"] for line in tasks[:2]] == ["每季度，全年 4 次", "2023年9月30日"]
    assert tasks[4]["编码"] == "T05"
    matrix = read_lines(book_path, "分工")
    assert [(line["编码"], line["档案科"], line["原解析：档案科"]) for line in matrix] == [
        ("T01", None, None),
        ("T02", "落实", "落实"),
        ("T03", None, None),
        ("T04", None, None),
        ("T05", "牵头", "牵头"),
    ]
    assert (matrix[2]["责任单位"], matrix[2]["综合科"], matrix[2]["法规科"]) == (
        "综合科",
        "落实",
        None,
    )
    decisions = {line["栏目"]: line["处理结果"] for line in read_lines(book_path, "待确认")}
    assert decisions["时限"] == SETTLED_TEXT
    _, stale = read_book_and_stale_cells(book_path)
    assert not stale.changes_by_sheet


def test_new_columns_of_the_matrix_work_as_the_others(book_path: Path) -> None:
    """They have drop-downs, the colour of what was chosen, and hidden parsed roles."""
    settle_companies(book_path)
    write(book_path, ("科室", 2, "科室名称", "档案科"))
    generate(book_path, book_path.parent / "发出", issued_on=date(2023, 3, 1))
    workbook = load_workbook(book_path)
    sheet = workbook["分工"]
    shown, parsed = (
        sheet.cell(HEADER_ROW, find_column(workbook, "分工", header)).column_letter
        for header in ("档案科", "原解析：档案科")
    )
    lists = [str(r.sqref) for r in sheet.data_validations.dataValidation if r.type == "list"]
    assert any(f"{shown}{FIRST_DATA_ROW}:{shown}7" in cells for cells in lists)
    formulas = [rule.formula for area in sheet.conditional_formatting for rule in area.rules]
    assert [f"{shown}{FIRST_DATA_ROW}<>{parsed}{FIRST_DATA_ROW}"] in formulas
    assert sheet.column_dimensions[parsed].hidden
    assert not sheet.column_dimensions[shown].hidden
    write(book_path, ("分工", 0, "档案科", "配合"))
    assert read_book(book_path).tasks[0].get_roles("档案科") == (Role.SUPPORT,)


def test_what_the_office_has_added_stays(book_path: Path) -> None:
    """Its notes, and the roles that it has chosen, also where 责任单位 has changed."""
    settle_companies(book_path)
    workbook = load_workbook(book_path)
    workbook["分工"]["C4"].comment = Comment("问过局长", "办公室")
    workbook.save(book_path)
    write(book_path, ("分工", 0, "法规科", "汇总"), ("任务", 0, "责任单位", "综合科"))
    generate(book_path, book_path.parent / "发出", issued_on=date(2023, 3, 1))
    first = read_lines(book_path, "分工")[0]
    assert (first["法规科"], first["原解析：法规科"], first["综合科"]) == ("汇总", None, "落实")
    assert load_workbook(book_path)["分工"]["C4"].comment.text == "问过局长"


def test_a_unit_that_is_not_of_the_agency(book_path: Path) -> None:
    """Its answer settles it in each task, and it is not asked about again by --update."""
    settle_companies(book_path)
    book = read_book(book_path)
    assert book.tasks[2].get_roles("法规科") == (Role.IMPLEMENT,)
    plan = PLAN + "5\t宣传热线。\t综合科、市热线管理公司\t12月底前\n"
    (book_path.parent / "新方案.txt").write_text(plan, "utf-8")
    updated, _ = update_book(book, read_plan(book_path.parent / "新方案.txt"), day=date(2023, 5, 1))
    asked = [q for q in updated.questions if "不在科室名单里" in q.reason]
    assert [(q.current_value, q.decision) for q in asked] == [("市热线管理公司", NOT_OF_AGENCY)]


@pytest.mark.parametrize(
    ("cell", "is_settled"),
    [
        (("任务", 1, "时限", "9月底前"), True),
        (("任务", 1, "时限", "抓紧"), False),
        (("任务", 1, "完成期限", date(2023, 9, 30)), True),
        (("任务", 2, "时限", "9月底前"), False),
    ],
)
def test_a_question_about_a_limit_is_settled_where_it_is_answered(
    book_path: Path, cell: tuple[str, int, str, object], is_settled: bool
) -> None:
    """By a limit that is understood, in the task that is asked about; and open again without."""
    settle_companies(book_path)
    write(book_path, cell)
    (question,) = (q for q in read_book(book_path).questions if q.field == "时限")
    assert (question.decision == SETTLED_TEXT) is is_settled
    write(book_path, (*cell[:3], "尽快" if cell[2] == "时限" else None))
    (question,) = (q for q in read_book(book_path).questions if q.field == "时限")
    assert question.decision == ""


def test_roles_chosen_on_the_matrix_settle_who_is_meant(book_path: Path) -> None:
    settle_companies(book_path)
    write(book_path, ("分工", 0, "法规科", "配合"))
    questions = {q.current_value: q.decision for q in read_book(book_path).questions}
    assert questions["有关科室"] == SETTLED_TEXT


def test_a_book_that_is_open_is_used_as_it_is(book_path: Path) -> None:
    """The command goes on with what it has understood, and the next one rewrites the cells."""
    settle_companies(book_path)
    write(book_path, ("任务", 0, "时限", "每季度"))
    data = book_path.read_bytes()
    lock = book_path.parent / "~$台账.xlsx"
    lock.write_bytes(b"\x05Zhang" + b" " * 157)
    book, _ = read_current_book(book_path)
    assert book_path.read_bytes() == data
    assert isinstance(book.tasks[0].deadline, Recurrence)
    lock.unlink()
    assert read_current_book(book_path)[0] == book
    assert read_lines(book_path, "任务")[0]["时限读作"] == "每季度，全年 4 次"
