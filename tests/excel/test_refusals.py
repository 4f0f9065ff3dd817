"""What XlsxWriter refuses becomes one plain sentence, never an internal error."""

from __future__ import annotations

import io
import pickle
import zipfile
from collections.abc import Callable
from datetime import date

import pytest
from xlsxwriter.exceptions import DuplicateTableName, FileCreateError, FileSizeError

from ledgerbook.errors import FileError, InputError
from ledgerbook.excel.refusals import check_formula
from ledgerbook.excel.sheet_writer import FileLink, SheetWriter
from ledgerbook.excel.workbook_writer import WorkbookWriter, check_result, report_refusals


def duplicate_sheet(writer: WorkbookWriter) -> None:
    writer.add_sheet("总览")
    writer.add_sheet("总览")


def bad_sheet(writer: WorkbookWriter) -> None:
    writer.add_sheet("甲/乙")


def overlapping_boxes(writer: WorkbookWriter) -> None:
    sheet = writer.add_sheet("表")
    sheet.merge_range(0, 0, 1, 1, "")
    sheet.merge_range(1, 1, 2, 2, "")


def duplicate_table(_: WorkbookWriter) -> None:
    raise DuplicateTableName


def long_prompt(writer: WorkbookWriter) -> None:
    sheet = writer.add_sheet("表")
    options = {"validate": "any", "input_message": "😀" * 130}
    check_result(sheet.data_validation(0, 0, 0, 0, options))


def bad_table_name(writer: WorkbookWriter) -> None:
    writer.add_sheet("表").begin_table(0, 1, [{"header": "栏"}], "a-b")


def bad_defined_name(writer: WorkbookWriter) -> None:
    writer.add_sheet("表")
    writer.define_name("choices_a-b", "表", "$A$1")


def too_many_rows(writer: WorkbookWriter) -> None:
    check_result(writer.add_sheet("表").write_string(1_048_576, 0, "末"))


def defined_twice(writer: WorkbookWriter) -> None:
    writer.add_sheet("表")
    writer.define_name("choices_a", "表", "$A$1")
    writer.define_name("choices_A", "表", "$A$2")


def long_formula(_: WorkbookWriter) -> None:
    check_formula("A" * 8_193)


def long_footer(writer: WorkbookWriter) -> None:
    check_result(writer.add_sheet("表").set_footer("长" * 256))


def file_too_large(_: WorkbookWriter) -> None:
    raise FileSizeError


@pytest.mark.parametrize(
    ("draw", "reason"),
    [
        (duplicate_sheet, "有两张工作表同名"),
        (bad_sheet, "有一张工作表的名称 Excel 不接受"),
        (overlapping_boxes, "叠在一起"),
        (duplicate_table, "有两个表格同名"),
        (long_prompt, f"填写提示“{'😀' * 19}…”太长"),
        (bad_table_name, "名称“a-b”不能用"),
        (bad_defined_name, "名称“choices_a-b”不能用"),
        (too_many_rows, "行数或列数超过了 Excel 一张工作表的上限"),
        (defined_twice, "名称“choices_A”在工作簿里重复了"),
        (long_formula, "公式太长"),
        (long_footer, "页眉或页脚太长"),
        (file_too_large, "内容太多"),
    ],
)
def test_each_refusal_is_one_sentence(draw: Callable[[WorkbookWriter], None], reason: str) -> None:
    """It names the workbook and the reason, is an InputError, and crosses processes."""
    with pytest.raises(InputError) as caught, report_refusals("报送表（综合科）"):
        draw(WorkbookWriter(title="题", created=date(2022, 6, 1)))
    assert str(caught.value).startswith("“报送表（综合科）”没有写成：")
    assert reason in str(caught.value)
    assert str(pickle.loads(pickle.dumps(caught.value))) == str(caught.value)


def test_a_full_disk_is_a_file_error() -> None:
    """The temporary files of a large workbook did not fit."""
    with (
        pytest.raises(FileError, match="“合并汇总”没有写成：磁盘空间不够了"),
        report_refusals("合并汇总"),
    ):
        raise FileCreateError(OSError(28, "no space"))


def test_a_link_to_a_file_has_forward_slashes() -> None:
    """A relation's target is a URI; on Linux a backslash is part of a name."""
    writer = WorkbookWriter(title="题", created=date(2022, 6, 1))
    canvas = SheetWriter(writer, "附件清单")
    canvas.write_range((0, 0, 0, 0), FileLink("佐证材料/综合科/图 1.png"), canvas.get_style())
    with zipfile.ZipFile(io.BytesIO(writer.finish())) as package:
        relations = package.read("xl/worksheets/_rels/sheet1.xml.rels").decode()
    assert 'Target="佐证材料/综合科/图%201.png" TargetMode="External"' in relations


def test_a_link_too_long_is_written_as_text() -> None:
    """The path of a file stays readable where Excel allows no link to it."""
    writer = WorkbookWriter(title="题", created=date(2022, 6, 1))
    canvas = SheetWriter(writer, "附件清单")
    with report_refusals("年度汇总"):
        canvas.write_range((0, 0, 0, 0), FileLink("附件/" + "长" * 2_100), canvas.get_style())
        writer.finish()
