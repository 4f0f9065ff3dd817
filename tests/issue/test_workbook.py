"""What goes out: one workbook a section, the whole, and the list of both."""

from __future__ import annotations

import dataclasses
import io
import zipfile
from collections.abc import Iterator
from datetime import date, datetime

import pytest
from openpyxl import load_workbook
from openpyxl.workbook import Workbook
from openpyxl.worksheet.worksheet import Worksheet
from python_calamine import CalamineWorkbook

from ledgerbook import identity
from ledgerbook.identity import is_modified
from ledgerbook.issue.layout import FIRST_ROW, HEADER_ROW, KEY_ROW, MARK_ROW
from ledgerbook.issue.workbook import IssuedFile, build_section_workbook, issue_round
from ledgerbook.model import AssignmentOverride, Book, Role, Section
from tests.support.books import (
    FINANCE,
    INDUSTRY,
    ISSUED_ON,
    KEY,
    OFFICE,
    edit,
    issued,
    make_book,
)
from tests.support.printed_pages import compute_printed_scale, list_page_widths
from tests.support.returns import SHEET, replace_parts


@pytest.fixture(scope="module")
def files(book: Book) -> dict[str, IssuedFile]:
    return {one.name: one for one in issue_round(book, book.rounds[0], ISSUED_ON)}


def opened(data: bytes) -> Workbook:
    return load_workbook(io.BytesIO(data))


def header(sheet: Worksheet) -> list[str]:
    return [str(c.value) for c in sheet[HEADER_ROW + 1] if c.value]


def measures(sheet: Worksheet) -> list[str]:
    column = header(sheet).index("计划措施") + 1
    cells = (sheet.cell(row, column).value for row in range(FIRST_ROW + 1, 40))
    return [str(value) for value in cells if value]


def test_every_section_gets_its_own_tasks_only(book: Book, files: dict[str, IssuedFile]) -> None:
    """A section's workbook holds the tasks it has a part in, in plan order."""
    assert sorted(files) == sorted(
        [
            "综合科.xlsx",
            "金融发展科.xlsx",
            "产业金融科.xlsx",
            "总台账.xlsx",
            "签发清单.xlsx",
        ]
    )
    for section in book.section_names:
        sheet = opened(files[f"{section}.xlsx"].data).worksheets[0]
        assert sheet.title == section
        assert measures(sheet) == [task.measure for task in book.get_tasks(section)]


def test_the_master_has_a_sheet_for_each_section(book: Book, files: dict[str, IssuedFile]) -> None:
    """总台账 holds, a sheet a section, just what the sections were sent."""
    master = opened(files["总台账.xlsx"].data)
    assert master.sheetnames[:3] == [OFFICE, FINANCE, INDUSTRY]
    for section in book.section_names:
        own = opened(files[f"{section}.xlsx"].data)[section]
        rows = [[c.value for c in row] for row in own.iter_rows()]
        assert [[c.value for c in row] for row in master[section].iter_rows()] == rows


def test_both_readers_see_the_same(files: dict[str, IssuedFile]) -> None:
    """Openpyxl and calamine agree on every value that we wrote."""
    for one in files.values():
        workbook = load_workbook(io.BytesIO(one.data), data_only=True)
        other = CalamineWorkbook.from_filelike(io.BytesIO(one.data))
        for sheet in workbook.worksheets:
            rows = other.get_sheet_by_name(sheet.title).to_python(skip_empty_area=False)
            theirs = {
                (r, c): value
                for r, row in enumerate(rows, 1)
                for c, value in enumerate(row, 1)
                if value != ""
            }
            ours = {
                (cell.row, cell.column): plain(cell.value)
                for row in sheet.iter_rows()
                for cell in row
                if cell.value not in (None, "")
            }
            assert ours == theirs


def plain(value: object) -> object:
    return value.date() if isinstance(value, datetime) else value


def test_a_section_with_two_roles_sees_both(files: dict[str, IssuedFile]) -> None:
    """综合科 implements and compiles the second task, and is told so."""
    sheet = opened(files["综合科.xlsx"].data).worksheets[0]
    column = header(sheet).index("本科室职责") + 1
    roles = [sheet.cell(FIRST_ROW + n, column).value for n in range(1, 5)]
    assert roles == ["落实", "落实、汇总", "落实", "牵头、落实"]


def test_official_cells_are_locked_and_answers_open(
    book: Book, files: dict[str, IssuedFile]
) -> None:
    """The sheet is protected without sorting; only the answer cells are unlocked."""
    sheet = opened(files["综合科.xlsx"].data).worksheets[0]
    assert sheet.protection.sheet
    assert sheet.protection.sort  # the attribute says that sorting is forbidden
    assert not sheet.protection.autoFilter
    for n, column in enumerate(book.task_form.columns, 1):
        locked = sheet.cell(FIRST_ROW + 1, n).protection.locked
        assert locked is (column in book.task_form.official_columns)


def test_every_answer_column_is_checked(book: Book, files: dict[str, IssuedFile]) -> None:
    """Each answer column that has a rule has it on every row, with Chinese words."""
    sheet = opened(files["综合科.xlsx"].data).worksheets[0]
    rules = {str(v.sqref): v for v in sheet.data_validations.dataValidation}
    last = FIRST_ROW + len(book.get_tasks(OFFICE))
    seen, prompts = {}, {}
    for column in book.task_form.answer_columns:
        n = book.task_form.columns.index(column)
        letter = sheet.cell(HEADER_ROW + 1, n + 1).column_letter
        rule = rules[f"{letter}{FIRST_ROW + 1}:{letter}{last}"]
        seen[column.key] = (rule.type, rule.formula1)
        prompts[column.key] = rule.prompt
        assert f"“{column.header}”" in str(rule.error)
        assert rule.errorTitle == "填写有误"
    # A prompt only where one must write: the others would cover what is below.
    shown = {c.key: c.prompt for c in book.task_form.answer_columns if prompts[c.key]}
    assert shown == {key: prompts[key] for key in ("done_on", "result", "reason")}
    assert seen["status"] == ("list", "choices_status")
    assert seen["done_on"][0] == "date"
    assert seen["result"] == ("textLength", "0")


def test_choices_stand_under_a_name_on_a_hidden_sheet(
    book: Book, files: dict[str, IssuedFile]
) -> None:
    """A drop-down's list is a defined name, so that no list can be too long."""
    workbook = opened(files["综合科.xlsx"].data)
    target = workbook.defined_names["choices_status"].attr_text
    assert target == "'_选项'!$A$2:$A$6"
    sheet = workbook["_选项"]
    assert sheet.sheet_state == "hidden"
    values = [sheet.cell(row, 1).value for row in range(2, 7)]
    assert tuple(values) == book.task_form.get_choice_list(book.task_form.status_column).values


def test_marks_are_everywhere_and_the_key_nowhere(book: Book, files: dict[str, IssuedFile]) -> None:
    """Line, hidden sheet, keywords, row codes and hidden keys are there; no key."""
    data = files["综合科.xlsx"].data
    workbook = opened(data)
    mark = identity.sign_sheet(book, "年度", OFFICE, "tasks")
    sheet = workbook.worksheets[0]
    assert identity.parse_mark_line(str(sheet.cell(MARK_ROW + 1, 1).value)) == mark
    assert workbook["_ledgerbook"].sheet_state == "veryHidden"
    hidden = [row[1].value for row in workbook["_ledgerbook"].iter_rows()]
    assert mark.line in hidden
    assert mark.line in str(workbook.properties.keywords)
    keys = [c.value for c in sheet[KEY_ROW + 1]]
    assert keys == [*(c.key for c in book.task_form.columns), "_row"]
    assert sheet.row_dimensions[KEY_ROW + 1].hidden
    task = book.tasks[0]
    code = identity.make_row_code(book, task, OFFICE)
    assert sheet.cell(FIRST_ROW + 1, len(keys)).value == (
        f"{code}#{identity.compute_fingerprint(task.measure)}"
    )
    for part in parts(data):
        assert KEY.encode() not in part


def parts(data: bytes) -> Iterator[bytes]:
    with zipfile.ZipFile(io.BytesIO(data)) as archive:
        for name in archive.namelist():
            yield archive.read(name)


def test_rows_still_grow(files: dict[str, IssuedFile]) -> None:
    """Heights are written but not fixed, so that a long answer is never cut off."""
    with zipfile.ZipFile(io.BytesIO(files["综合科.xlsx"].data)) as archive:
        xml = archive.read("xl/worksheets/sheet1.xml").decode()
    assert ' ht="' in xml
    assert "customHeight" not in xml


def test_page_prints_on_a4_landscape_with_its_header(
    files: dict[str, IssuedFile],
) -> None:
    """A4 landscape, one page wide, the header on every page, page numbers."""
    sheet = opened(files["综合科.xlsx"].data).worksheets[0]
    assert sheet.page_setup.paperSize == 9
    assert sheet.page_setup.orientation == "landscape"
    assert len(list_page_widths(sheet)) == 1
    assert compute_printed_scale(sheet) > 0.5
    assert sheet.print_title_rows == f"${HEADER_ROW + 1}:${HEADER_ROW + 1}"
    assert "&P" in str(sheet.oddFooter.center.text)
    assert sheet.freeze_panes == f"C{FIRST_ROW + 1}"


def test_same_book_same_day_same_bytes(book: Book, files: dict[str, IssuedFile]) -> None:
    """Issuing a round again gives the very same files."""
    again = issue_round(book, book.rounds[0], ISSUED_ON)
    assert {one.name: one.data for one in again} == {name: one.data for name, one in files.items()}


def test_hand_made_roles_are_issued(book: Book) -> None:
    """A task that the office gave to a section by hand is sent to it."""
    first, *rest = book.tasks
    by_hand = (
        AssignmentOverride(OFFICE, ()),
        AssignmentOverride(FINANCE, (Role.LEAD,)),
    )
    changed = dataclasses.replace(first, assignment_overrides=by_hand)
    other = make_book(tasks=(changed, *rest))
    assert changed not in other.get_tasks(OFFICE)
    sheet = opened(issued(other, FINANCE)).worksheets[0]
    column = header(sheet).index("本科室职责") + 1
    assert sheet.cell(FIRST_ROW + 1, column).value == "牵头"


def test_a_section_without_tasks_gets_no_workbook(book: Book) -> None:
    """Nothing is sent to a section that has nothing to do."""
    other = make_book(sections=(*book.sections, Section("机关党委")))
    names = [one.name for one in issue_round(other, other.rounds[0], ISSUED_ON)]
    assert "机关党委.xlsx" not in names


def test_hostile_text_stays_text(book: Book) -> None:
    """A task text that looks like a formula or a link is issued as text."""
    first, *rest = book.tasks
    hostile = "=cmd|'/c calc'!A1 @SUM(1) https://example.cn"
    changed = dataclasses.replace(first, measure=hostile)
    other = make_book(tasks=(changed, *rest))
    sheet = opened(issued(other, OFFICE)).worksheets[0]
    column = header(sheet).index("计划措施") + 1
    cell = sheet.cell(FIRST_ROW + 1, column)
    assert (cell.value, cell.data_type, cell.hyperlink) == (hostile, "s", None)


def test_dispatch_list_says_what_went_to_whom(book: Book, files: dict[str, IssuedFile]) -> None:
    """签发清单 names every section, its file, its tasks by role and the due date."""
    sheet = opened(files["签发清单.xlsx"].data)["签发清单"]
    rows = [[c.value for c in row] for row in sheet.iter_rows(min_row=3)]
    assert rows[0][:4] == ["序号", "科室", "文件", "任务项数"]
    assert rows[0][4:8] == [f"其中{role}" for role in Role]
    assert rows[0][8] == "报送截止日期"
    due = datetime(2022, 12, 15)  # noqa: DTZ001
    assert [row[:9] for row in rows[1:]] == [
        [1, OFFICE, "综合科.xlsx", 4, 1, 4, 0, 1, due],
        [2, FINANCE, "金融发展科.xlsx", 4, 0, 4, 0, 0, due],
        [3, INDUSTRY, "产业金融科.xlsx", 4, 0, 4, 0, 0, due],
    ]


def test_guide_explains_every_column(book: Book, files: dict[str, IssuedFile]) -> None:
    """填表说明 has a line for each column and each choice, derived from the form."""
    sheet = opened(files["综合科.xlsx"].data)["填表说明"]
    words = {str(c.value) for row in sheet.iter_rows() for c in row if c.value}
    assert {column.header for column in book.task_form.columns} <= words
    assert set(book.task_form.get_choice_list(book.task_form.status_column).values) <= words
    assert {c.prompt for c in book.task_form.answer_columns} <= words


def saved_with_old_facts(data: bytes) -> bytes:
    """Save as Gnumeric, SheetJS and exceljs do: times and last user stay the same."""

    def answered(sheet: bytes) -> bytes:
        return sheet.replace(b"</sheetData>", b"<!-- --></sheetData>")

    return replace_parts(data, {SHEET: answered})


def test_touched_tells_a_filled_workbook_from_a_fresh_one(book: Book) -> None:
    """A workbook saved by anybody else is never taken for ours."""
    data = issued(book, OFFICE)
    assert not is_modified(data)
    assert is_modified(edit(data, lambda *_: None))
    assert is_modified(saved_with_old_facts(data))
    assert is_modified(b"PK broken")


def test_alert_says_what_the_colour_says(book: Book) -> None:
    """逾期 and 临期 stand in words beside the due date, for grey prints."""
    late = make_book()
    data = issue_round(late, late.rounds[0], date(2022, 12, 20))[0].data
    sheet = load_workbook(io.BytesIO(data), data_only=True).worksheets[0]
    column = header(sheet).index("提醒") + 1
    alerts = [sheet.cell(FIRST_ROW + n, column).value for n in range(1, 5)]
    assert [alert or "" for alert in alerts] == ["", "逾期", "临期", ""]


def test_what_is_typed_into_a_narrow_column_stays(book: Book) -> None:
    """Prefilled and corrected cells keep the text format; old programs hide long texts in it."""
    long_text = "长" * 300
    given = {(OFFICE, "tasks"): {"T02": {"note": "0760", "evidence": long_text, "result": "100%"}}}
    data = build_section_workbook(book, book.rounds[0], [OFFICE], ISSUED_ON, prefilled=given)
    sheet = load_workbook(io.BytesIO(data)).worksheets[0]
    heads = header(sheet)
    formats = [
        {name: sheet.cell(row, heads.index(name) + 1).number_format for name in heads}
        for row in (FIRST_ROW + 1, FIRST_ROW + 2)
    ]
    narrow = ("佐证材料", "未完成原因", "下一步措施", "责任人", "联系电话", "备注")
    assert {formats[0][name] for name in narrow} == {"@"}
    assert (formats[0]["落实情况"], formats[0]["计划措施"]) == ("General", "General")
    assert (formats[1]["备注"], formats[1]["佐证材料"]) == ("@", "General")


def test_a_later_round_starts_from_earlier_answers(book: Book) -> None:
    """Answers given before stand in the new sheet, and its live figures count them."""
    given = {
        (OFFICE, "tasks"): {
            "T02": {"status": "已完成", "done_on": date(2022, 9, 30), "phone": "0760"},
            "T03": {"status": "不涉及"},
        }
    }
    data = build_section_workbook(book, book.rounds[0], [OFFICE], ISSUED_ON, prefilled=given)
    sheet = load_workbook(io.BytesIO(data), data_only=True).worksheets[0]
    heads = header(sheet)
    row = [c.value for c in sheet[FIRST_ROW + 2]]
    assert row[heads.index("完成状态")] == "已完成"
    assert row[heads.index("完成日期")] == datetime(2022, 9, 30)  # noqa: DTZ001
    assert row[heads.index("联系电话")] == "0760"
    lines = [c.value for c in sheet[2] if c.value]
    assert lines[-2] == "共 4 项，已填 2 项，已完成 1 项，完成率 33%"
