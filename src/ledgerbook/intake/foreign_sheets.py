"""Tell the sheets that are not ours from those that are, or may be, and describe the former.

What is not ours is evidence, a list of persons, a table of prices: somebody's data, and no answer.
It is named, with its size, and none of its cells is copied anywhere. What shows a sign of ours
without a mark may be a return that somebody copied, and is carried whole.
"""

from __future__ import annotations

import re
from collections.abc import Callable, Collection, Iterable, Sequence
from dataclasses import dataclass

from ledgerbook.intake.claims import find_visible_lines
from ledgerbook.intake.columns import find_columns
from ledgerbook.intake.formats.raw_workbook import RawSheet, display_text
from ledgerbook.intake.row_matching import IssuedRows
from ledgerbook.issue.layout import NIL_LABEL, REGISTER_LEGEND, TASK_LEGEND
from ledgerbook.model import Form
from ledgerbook.model.form_columns import get_answer_header
from ledgerbook.model.problems import Place, Problem
from ledgerbook.model.results import FileReport
from ledgerbook.text import normalize

# Headers that any table may have: that a sheet has them too is chance.
_COMMON_HEADER = re.compile(
    "序号|编号|名称|类别|类型|事项|来源|备注|说明|理由|时限|提醒|文号|栏目|索引号|统计期"
    "|文件名称|文件类型|信息标题|政策名称|主要内容|申请内容|申请人类型|发布机构"
    "|办理情况|办理结果|处理情况|送达方式|.*(?:日期|人|科室|电话|人数)"
)
# So many headers that are not common are a sign; in a workbook with our mark one is enough.
_MIN_OWN_HEADERS, _MIN_OWN_HEADERS_IN_OURS = 2, 1
# Of a form that has none but common headers, this share of them.
_MOST = 2 / 3
# A shorter text of a plan, such as 及时公开, may be anybody's.
_MIN_TEXT = 8
# A hidden row key: row code, ``#``, fingerprint; see identity.make_row_code.
_ROW_KEY = re.compile(r"\w+-[0-9A-Z]{5}#[0-9a-f]{8}")
_FIXED_TEXTS = frozenset(map(normalize, (TASK_LEGEND, REGISTER_LEGEND, NIL_LABEL)))

# A sheet that somebody added to a return is a note to the office, and no table, up to here.
_MAX_NOTE_CELLS, _MAX_NOTE_COLUMNS, _MAX_NOTE_DIGITS = 12, 2, 10

_MAX_NAMED_SHEETS = 5
# What a workbook looks like, by words in its names and in its first rows; the first that fits.
_LOOKED_ROWS = 5
_LOOKS: tuple[tuple[str, re.Pattern[str]], ...] = (
    ("佐证材料", re.compile("佐证|证明材料|附件|截图")),
    ("登记表", re.compile("登记|名册|名单|签到|通讯录|人员|姓名|身份证|性别|学历")),
    ("价目表", re.compile("价目|报价|单价|价格|规格|金额")),
    ("统计表", re.compile("统计|汇总|合计|同比|占比")),
)
_OTHER_LOOK = "其他表格"


@dataclass(frozen=True, slots=True)
class SignContext:
    """With what the signs of a sheet are compared.

    ``needed_headers`` is how many headers that are not common make a sign.
    """

    issued_rows: IssuedRows
    plan_texts: frozenset[str]
    needed_headers: int


def list_foreign_sheets(
    sheets: Sequence[RawSheet], issued_rows: IssuedRows, *, is_marked: bool
) -> tuple[RawSheet, ...]:
    """Return the sheets without any sign of ours; ``is_marked`` is their workbook."""
    unmarked = [sheet for sheet in sheets if not find_visible_lines(sheet)]
    if not unmarked:
        return ()
    needed = _MIN_OWN_HEADERS_IN_OURS if is_marked else _MIN_OWN_HEADERS
    context = SignContext(issued_rows, frozenset(_list_plan_texts(issued_rows)), needed)
    unsigned = [sheet for sheet in unmarked if not any(has(sheet, context) for has in SIGNS)]
    is_ours = is_marked or len(unsigned) < len(sheets)
    return tuple(sheet for sheet in unsigned if not (is_ours and _is_note(sheet)))


def _is_note(sheet: RawSheet) -> bool:
    """Whether a sheet has a few words and no table, nor a telephone or identity number."""
    columns = [column for _, column in sheet.cells]
    texts = map(display_text, sheet.cells.values())
    return (
        len(columns) <= _MAX_NOTE_CELLS
        and len(set(columns)) <= _MAX_NOTE_COLUMNS
        and all(sum(map(str.isdigit, text)) <= _MAX_NOTE_DIGITS for text in texts)
    )


# --- the signs ---


def _has_row_code(sheet: RawSheet, context: SignContext) -> bool:
    """Whether a cell has a row code of the book, or a hidden row key of any book."""
    by_code = context.issued_rows.by_code
    return any(
        text.partition("#")[0].strip().upper() in by_code or _ROW_KEY.fullmatch(text)
        for text in _list_texts(sheet)
        if "-" in text
    )


def _has_form_headers(sheet: RawSheet, context: SignContext) -> bool:
    """Whether a row has headers of one form that are not common, or most of its columns."""
    forms = context.issued_rows.book.forms
    return any(_matches_form(sheet, form, context.needed_headers) for form in forms)


def _matches_form(sheet: RawSheet, form: Form, needed_headers: int) -> bool:
    columns = find_columns(sheet, form)
    if columns is None:
        return False
    positions = {**columns.ambiguous, **{at: key for key, at in columns.positions.items()}}
    if len(positions) >= _MOST * len(form.columns):
        return True
    headers = {
        normalize(form.get_column(key).header)
        for at, key in positions.items()
        if normalize(sheet.get_text((columns.header_row, at)))
        == normalize(form.get_column(key).header)
    }
    return sum(not _COMMON_HEADER.fullmatch(header) for header in headers) >= needed_headers


def _has_plan_text(sheet: RawSheet, context: SignContext) -> bool:
    """Whether a cell is a text of a task, or one that every issued sheet has."""
    known = context.plan_texts | _FIXED_TEXTS
    return any(normalize(text) in known for text in _list_texts(sheet) if len(text) >= _MIN_TEXT)


# Each is enough alone; a visible line is too, and comes before them.
SIGNS: tuple[Callable[[RawSheet, SignContext], bool], ...] = (
    _has_row_code,
    _has_form_headers,
    _has_plan_text,
)


def _list_plan_texts(issued_rows: IssuedRows) -> Iterable[str]:
    book = issued_rows.book
    for task in (*book.tasks, *book.retired_tasks):
        texts = map(normalize, (task.measure, task.point, task.requirement))
        yield from (text for text in texts if len(text) >= _MIN_TEXT)
    for wordings in issued_rows.earlier_wordings.values():
        yield from (text for text in wordings if len(text) >= _MIN_TEXT)


def _list_texts(sheet: RawSheet) -> set[str]:
    return {value for value in sheet.cells.values() if isinstance(value, str)}


# --- what is told of them ---


def report_foreign_workbook(
    report: FileReport, sheets: Sequence[RawSheet], evidence_form: Form
) -> Problem:
    """Return the problem that names a workbook that is not ours, without its contents."""
    names = (report.name, *(sheet.name for sheet in sheets))
    values = {
        "sheets": _describe_sheets(sheets),
        "size": str(report.size),
        "sha256": report.sha256,
        "looks": describe_look(names, sheets),
        "evidence": get_answer_header(evidence_form, "evidence"),
    }
    return Problem("foreign-workbook", Place(report.name), values)


def report_foreign_sheet(file: str, sheet: RawSheet, section: str) -> Problem:
    """Return the problem that names a sheet that is not ours in a workbook that is."""
    pictures = len(sheet.attachments.pictures)
    values = {
        "extent": _describe_extent(sheet),
        "looks": describe_look((sheet.name,), (sheet,)),
        "pictures": f"上面的 {pictures} 张图片也没有另存。" if pictures else "",
    }
    return Problem("foreign-sheet", Place(file, sheet.name), values, section)


def _describe_sheets(sheets: Sequence[RawSheet]) -> str:
    shown = "、".join(
        f"“{sheet.name}”（{_describe_extent(sheet)}）" for sheet in sheets[:_MAX_NAMED_SHEETS]
    )
    return f"{shown}等 {len(sheets)} 张" if len(sheets) > _MAX_NAMED_SHEETS else shown


def _describe_extent(sheet: RawSheet) -> str:
    """Return the size of what is filled: 601 行 5 列，3005 格."""
    if not sheet.cells:
        return "没有文字"
    rows, columns = ({cell[axis] for cell in sheet.cells} for axis in (0, 1))
    return f"{_span(rows)} 行 {_span(columns)} 列，{len(sheet.cells)} 格"


def _span(positions: Collection[int]) -> int:
    return max(positions) - min(positions) + 1


def describe_look(names: Iterable[str], sheets: Iterable[RawSheet]) -> str:
    """Return what a workbook or sheet looks like, by its names and first rows."""
    words = "\n".join((*names, *(text for sheet in sheets for text in _list_first_texts(sheet))))
    return next((look for look, pattern in _LOOKS if pattern.search(words)), _OTHER_LOOK)


def _list_first_texts(sheet: RawSheet) -> Iterable[str]:
    first_row = min((row for row, _ in sheet.cells), default=0)
    return (
        value
        for (row, _), value in sheet.cells.items()
        if row < first_row + _LOOKED_ROWS and isinstance(value, str)
    )
