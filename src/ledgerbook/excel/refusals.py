"""Turn what XlsxWriter refuses into one plain Chinese sentence.

XlsxWriter refuses content that Excel could not open in three ways: it returns a negative
number, it warns, or it raises. In each case the workbook would lack something, so all
three end the run with :class:`RefusedContentError`. The checks of the book find nearly
everything earlier, with sheet and cell; this is for what they miss.
"""

from __future__ import annotations

import re
import warnings
from collections.abc import Iterator
from contextlib import contextmanager

from xlsxwriter.exceptions import (
    DuplicateTableName,
    DuplicateWorksheetName,
    FileCreateError,
    FileSizeError,
    InvalidWorksheetName,
    OverlappingRange,
    XlsxWriterException,
)

from ledgerbook.a1_references import MAX_COLUMNS, MAX_ROWS
from ledgerbook.errors import FileError, InputError, describe_os_error
from ledgerbook.excel.limits import MAX_FORMULA, truncate_with_ellipsis
from ledgerbook.text import count_utf16_units, make_single_line

_UNKNOWN_REASON = "其中有一处内容 Excel 不接受"
_OUT_OF_RANGE_REASON = f"行数或列数超过了 Excel 一张工作表的上限（{MAX_ROWS} 行、{MAX_COLUMNS} 列）"
_ADVICE = (
    "请核对台账里的名称、列名、提示和选项，改短或去掉特殊符号后重试；数据太多的，请分成几本台账。"
)

_EXCEPTION_REASONS: dict[type[XlsxWriterException], str] = {
    DuplicateWorksheetName: "有两张工作表同名",
    InvalidWorksheetName: "有一张工作表的名称 Excel 不接受",
    DuplicateTableName: "有两个表格同名",
    OverlappingRange: "有两块合并的单元格或者表格叠在一起",
    FileSizeError: "内容太多，一个 .xlsx 文件放不下",
}
# What XlsxWriter's warnings say, and the same for a clerk; {0} is the text in question.
_WARNING_REASONS = (
    (re.compile(r"Length of input title '(.*)' exceeds", re.DOTALL), "提示的标题“{0}”太长"),
    (re.compile(r"Length of input message '(.*)' exceeds", re.DOTALL), "填写提示“{0}”太长"),
    (re.compile(r"Length of error (?:title|message) '(.*)' exceeds", re.DOTALL), "提醒“{0}”太长"),
    (re.compile(r"Length of list items '(.*)' exceeds", re.DOTALL), "下拉框的选项“{0}”太长"),
    (re.compile(r"[Nn]ame '(.*?)'.* exceeds", re.DOTALL), "名称“{0}”太长"),
    (re.compile(r"(?:define_name|defined_name|add_table)\(\): '(.*)'"), "名称“{0}”不能用"),
    (re.compile(r"Ignoring URL '(.*?)'", re.DOTALL), "链接“{0}”太长，或者链接太多"),
    (re.compile(r"(?:Header|Footer) string cannot be longer"), "页眉或页脚太长"),
)
_MAX_QUOTED = 40


class RefusedContentError(InputError):
    """Something cannot be written into an Excel workbook; the message says what."""


def check_result(result: object) -> None:
    """Check that an XlsxWriter call did what it was asked.

    Raises RefusedContentError for the negative numbers that XlsxWriter returns.
    """
    if isinstance(result, int) and result < 0:
        reason = _OUT_OF_RANGE_REASON if result == -1 else _UNKNOWN_REASON
        raise RefusedContentError(f"{reason}。{_ADVICE}", code="content-refused")


def check_formula(formula: str) -> None:
    """Raise RefusedContentError for a formula longer than Excel allows."""
    if count_utf16_units(formula) > MAX_FORMULA:
        raise RefusedContentError(
            "按字段表和选项表算出的公式太长，Excel 放不下。"
            "请减少“何时必填”或“期限算法”里列出的选项，或者把选项改短。",
            code="content-refused",
        )


@contextmanager
def report_refusals(workbook_name: str) -> Iterator[None]:
    """Raise RefusedContentError, naming the workbook, for what XlsxWriter refuses inside.

    Raises FileError when the temporary files of a large workbook cannot be written. Also
    usable as a decorator.
    """
    try:
        with warnings.catch_warnings():
            warnings.filterwarnings("error", module="xlsxwriter")
            yield
    except RefusedContentError as error:
        raise RefusedContentError(
            f"“{workbook_name}”没有写成：{error.headline}", code=error.code
        ) from error
    except FileCreateError as error:
        cause = error.args[0] if error.args else None
        reason = describe_os_error(cause) if isinstance(cause, OSError) else "磁盘读写出错"
        raise FileError(
            f"“{workbook_name}”没有写成：{reason}。请腾出空间后重试。", code="file-unwritable"
        ) from error
    except XlsxWriterException as error:
        reason = _EXCEPTION_REASONS.get(type(error), _UNKNOWN_REASON)
        raise RefusedContentError(
            f"“{workbook_name}”没有写成：{reason}。{_ADVICE}", code="content-refused"
        ) from error
    except UserWarning as warning:
        reason = _describe_warning(str(warning))
        raise RefusedContentError(
            f"“{workbook_name}”没有写成：{reason}。{_ADVICE}", code="content-refused"
        ) from warning


def _describe_warning(text: str) -> str:
    for pattern, reason in _WARNING_REASONS:
        if match := pattern.search(text):
            quoted = (
                make_single_line(truncate_with_ellipsis(group, _MAX_QUOTED))
                for group in match.groups()
            )
            return reason.format(*quoted)
    return _UNKNOWN_REASON
