"""Define the sheets of the book: names, columns, widths, input types, prompts, locks.

Reader and writer both use these definitions. Each sheet has a title, a note and a header
row above its data rows (row numbers are 1-based). The last part writes ranges of task
codes, such as T06至T08, and checks the number of sections against Excel's columns.
"""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from enum import Enum, auto
from itertools import combinations

from ledgerbook.a1_references import MAX_COLUMNS
from ledgerbook.errors import InputError
from ledgerbook.forms import CHOICE_FIELDS, COLUMN_FIELDS, PERSONAL_WORD
from ledgerbook.model import (
    DISCLOSURE_WORK,
    ColumnSource,
    ColumnType,
    Filler,
    PaperSize,
    PeriodRole,
    Role,
    StatusCategory,
)
from ledgerbook.model.forms import EMPTY_ANSWERS_LIST

TITLE_ROW, NOTE_ROW, HEADER_ROW = 1, 2, 3
FIRST_DATA_ROW = 4

# Facts on the hidden sheet of the book. The key signs the marks in issued workbooks.
BOOK_FORMAT = "ledgerbook-book/1"
FORMAT_LABEL, ID_LABEL, KEY_LABEL = "格式", "台账编号", "密钥"


class EntryType(Enum):
    """The type of value that a column of the book accepts."""

    TEXT = auto()
    DATE = auto()
    NUMBER = auto()
    AMOUNT = auto()


@dataclass(frozen=True, slots=True)
class BookColumn:
    """One column of a sheet.

    ``width`` is in characters as Excel counts them; ``options`` gives a drop-down list,
    ``list_formula`` one of cells, for the first data row; ``prompt`` an input message. An
    ``is_optional`` column may be missing, as it is in books of earlier program versions.
    ``is_hidden`` columns come last: titles and printed pages end before them.
    """

    header: str
    width: float
    entry_type: EntryType = EntryType.TEXT
    options: tuple[str, ...] = ()
    list_formula: str = ""
    prompt: str = ""
    is_locked: bool = False
    is_hidden: bool = False
    is_optional: bool = False


@dataclass(frozen=True, slots=True)
class BookSheet:
    """One sheet of the book.

    ``spare_rows`` formatted blank rows follow the data. An ``is_optional`` sheet may be
    missing: it has no rows yet, or an earlier program version wrote the book.
    """

    name: str
    title: str
    note: str
    columns: tuple[BookColumn, ...]
    spare_rows: int = 0
    is_optional: bool = False


# Every combination of roles, each in the order of Role, for the drop-downs of 分工.
ROLE_COMBINATIONS = tuple(
    "、".join(roles) for size in range(1, 5) for roles in combinations(Role, size)
)
NO_ROLE = "无"

_FIELD_OPTIONS: dict[str, tuple[str, ...]] = {
    "kind": tuple(ColumnType),
    "filler": tuple(Filler),
    "source": tuple(ColumnSource),
    "personal": (PERSONAL_WORD,),
    "period": tuple(PeriodRole),
}
# Columns of 字段 that books of earlier versions do not have.
_OPTIONAL_FIELDS = ("not_before", "due", "excluded", "personal", "period")
_CHOICE_WIDTHS = {"value": 46, "note": 60}
_FIELD_WIDTHS = {
    "header": 14,
    "prompt": 44,
    "example": 24,
    "required": 28,
    "due": 40,
    "excluded": 28,
}
DUE_RULE_EXAMPLE = (
    "收到日期+20个工作日；是否延期=是时再加20个工作日；"
    "有补正到日期的从它重新算起；扣除征求意见开始至征求意见结束；以答复日期为办结"
)
_FIELD_PROMPTS = {
    "due": f"“取自”是“法定期限”的栏，可以写期限怎么算，例如：{DUE_RULE_EXAMPLE}。"
    "按自然日算的，“个工作日”写成“天”。还没有期限的空着，以后再填。",
    "excluded": "哪种情形下这一栏应当空着，写“列名=选项”，例如：完成状态=未启动/推进中。"
    "那时却填了的，汇总时列为提示。",
    "personal": "这一栏填的是个人信息（姓名、电话、身份证件、申请和留言的内容等）的，选“是”："
    "上报汇总、上级汇总和导出的文件都不带它的内容。",
    "period": "登记簿里能说明一条登记属于哪一年的栏目，选它说的是什么；年报的数字按它判定，"
    "不按有没有填来猜。一本登记簿里每种最多选一栏。",
}

BASICS = BookSheet(
    "基本信息",
    "台账基本信息",
    "本台账由综合科保管。白底的格子可以改；改完保存，再生成报送表。",
    (
        BookColumn("项目", 18, is_locked=True),
        BookColumn("内容", 48),
        BookColumn("说明", 60, is_locked=True),
    ),
)
# Label → (Book attribute, what it is for).
BASIC_ITEMS: dict[str, tuple[str, str]] = {
    "机关名称": ("agency", "出现在每张表的标题里。"),
    "年度": ("year", "四位数字的年份。"),
    "综合协调科室": ("office", "发表、催报、汇总的科室，要与“科室”表中的名称一致。"),
    "分工方案名称": ("plan_title", "任务所依据的文件。"),
    "工作名称": ("work_name", "出现在汇总表的标题里；写着“政务公开”的，才起草年度报告。"),
    "纸张": ("paper", "发给科室的表打印在 A4 纸上还是 A3 纸上，都是横向；表宽字小的选 A3。"),
}
# Of BASIC_ITEMS, those that books of earlier versions do not have, and what they count as.
BASIC_DEFAULTS = {"paper": PaperSize.A4.value, "work_name": DISCLOSURE_WORK}

UNLOCK_LABEL = "报送表解锁密码"
UNLOCK_NOTE = "发出的表上了锁；科室确需解锁时告知。由系统生成，改了不起作用。"

SECTIONS = BookSheet(
    "科室",
    "承担任务的科室",
    "分工方案点名的科室已经列出；还有别的科室，接着往下填即可，“各科室”的任务会自动包括它。",
    (
        BookColumn("科室名称", 22, prompt="与分工方案“责任单位”中的写法一致。"),
        BookColumn("联系人", 12),
        BookColumn("联系电话", 18),
        BookColumn(
            "电子邮箱",
            26,
            prompt="写邮件草稿时用作收件人，有几个的用分号隔开。",
            is_optional=True,
        ),
        BookColumn("备注", 30),
        BookColumn(
            "简称",
            22,
            prompt="分工方案里对它的其他叫法，有几个的用顿号隔开。",
            is_optional=True,
        ),
        BookColumn(
            "登记簿",
            40,
            prompt="这个科室要填哪些登记簿，写“登记簿”表中的名称，中间用顿号隔开；"
            "都要填的写“全部”。",
            is_optional=True,
        ),
    ),
    spare_rows=60,
)
REGISTERS = BookSheet(
    "登记簿",
    "平时登记的专项台账",
    "每行是一本登记簿，栏目在“字段”表里。哪个科室填哪几本，写在“科室”表的“登记簿”栏。",
    (
        BookColumn("登记簿", 24, prompt="与“字段”表中“表单”一栏的写法一致。"),
        BookColumn("代号", 26, prompt="不要改，已发出的表靠它对应。"),
        BookColumn("空白行数", 8, EntryType.NUMBER, prompt="发出的表里留多少空白行。"),
        BookColumn(
            "识别栏目",
            38,
            prompt="哪几栏相同就算同一条记录，中间用顿号隔开；不写的，整行相同才算。",
        ),
        BookColumn("用途", 74),
    ),
    spare_rows=10,
    is_optional=True,
)
ALL_REGISTERS = "全部"
ROUNDS = BookSheet(
    "批次",
    "报送批次",
    "一年可以分几次报送，每次一行。报送截止日期由综合科确定后填写。",
    (
        BookColumn("批次名称", 18, prompt="例如 第一季度、上半年、年度。"),
        BookColumn(
            "报送截止日期",
            16,
            EntryType.DATE,
            prompt="科室应在哪一天之前报回，例如 2022-12-15。",
        ),
        BookColumn("说明", 50),
    ),
    spare_rows=12,
)
TASKS = BookSheet(
    "任务",
    "重点任务",
    "文字照分工方案原文。橙色的格子是原文没有写清的，见“待确认”表；"
    "“完成期限”由综合科按实际要求填写日期，填了就以它为准；没有填的，按“时限”算。",
    (
        BookColumn("编码", 7, is_locked=True),
        BookColumn("序号", 6, EntryType.NUMBER),
        BookColumn("工作要求", 18),
        BookColumn("工作要点", 24),
        BookColumn("计划措施", 62),
        BookColumn("责任单位", 22, prompt="照原文写，例如：综合科牵头，各科室按职责落实。"),
        BookColumn(
            "时限",
            12,
            prompt="照原文写；原文没有就空着。也可以改成“每季度”“每月10日前”“长期”。",
        ),
        BookColumn(
            "完成期限",
            13,
            EntryType.DATE,
            prompt="填一个日期，例如 2022-11-30；填了就以它为准，不填按“时限”算。",
        ),
        BookColumn(
            "时限读作",
            16,
            prompt="建台账时系统对“时限”的理解，供核对；改了“时限”，以后按改后的算。",
            is_locked=True,
            is_optional=True,
        ),
        BookColumn(
            "备注",
            24,
            prompt="方案里其他各栏写的内容；“字段”里取自“方案其他栏”的，也印在报送表上。",
            is_optional=True,
        ),
    ),
    spare_rows=30,
)
MATRIX = BookSheet(
    "分工",
    "各科室职责分工",
    "系统按“责任单位”读出的分工。读得不对，直接在格子里改选；"
    "不承担的选“无”。改过的格子变蓝，以改后的为准。",
    (
        BookColumn("编码", 7, is_locked=True),
        BookColumn("序号", 6, EntryType.NUMBER, is_locked=True),
        BookColumn("计划措施", 46, is_locked=True),
        BookColumn("责任单位", 24, is_locked=True),
    ),
)
MATRIX_WIDTH = 14
PARSED_PREFIX = "原解析："

FIELDS = BookSheet(
    "字段",
    "报送表的栏目",
    "每行是报送表的一列。可以改列名、列宽、提示，可以增减科室填写的列；"
    "“代号”不要改，已发出的表靠它对应。",
    (
        BookColumn("表单", 20),
        *(
            BookColumn(
                name,
                _FIELD_WIDTHS.get(key, 10),
                options=_FIELD_OPTIONS.get(key, ()),
                prompt=_FIELD_PROMPTS.get(key, ""),
                is_optional=key in _OPTIONAL_FIELDS,
            )
            for key, name in COLUMN_FIELDS.items()
        ),
    ),
    spare_rows=20,
)
CHOICES = BookSheet(
    "选项",
    "下拉框的选项",
    "每行是一个选项。名称可以改；“含义”决定怎么统计，不要空着。"
    f"“{EMPTY_ANSWERS_LIST}”不是下拉框，是填了也不算内容的话，可以增减；"
    "“含义”写“不涉及”的，只在状态要求填内容时不算。",
    (
        BookColumn("表单", 24),
        *(
            BookColumn(
                name,
                _CHOICE_WIDTHS.get(key, 14),
                options=tuple(StatusCategory) if key == "meaning" else (),
            )
            for key, name in CHOICE_FIELDS.items()
        ),
    ),
    spare_rows=30,
)
QUESTIONS = BookSheet(
    "待确认",
    "需要综合科确认的事项",
    "原文没有写清、系统没有替您决定的地方。请逐条核实，改好相应的格子，"
    "在“处理结果”中记一笔；在“任务”“分工”里改好了的，程序会自己记上。"
    "没有说明是哪些科室的，在“处理结果”里选科室就算数。",
    (
        BookColumn("任务编码", 14, is_locked=True),
        BookColumn("栏目", 12, is_locked=True),
        BookColumn("现状", 26, is_locked=True),
        BookColumn("原因", 50, is_locked=True),
        BookColumn("建议", 44, is_locked=True),
        BookColumn("处理结果", 26),
    ),
)

# What 处理结果 says of a question that the office has settled on another sheet.
SETTLED_TEXT = "已在台账里改好。"

REFERENCE = BookSheet(
    "年报参照",
    "年度报告参照数",
    "核对年度报告表二、表三时用来比较的数，照上一年度公布的年度报告填；"
    "没有的空着，那一项就不核对。",
    (
        BookColumn("项目", 50, is_locked=True),
        BookColumn("数值", 12, EntryType.AMOUNT),
        BookColumn("说明", 60, is_locked=True),
    ),
    is_optional=True,
)

# Sheets that a book has only after its plan has been revised.
RETIRED = BookSheet(
    "已删任务",
    "修订时删去的任务",
    "这些任务不再发给科室，也不计入汇总；留在这里，是为了认出以前发出的表。请不要改动。",
    (
        BookColumn("编码", 7, is_locked=True),
        BookColumn("序号", 6, EntryType.NUMBER, is_locked=True),
        BookColumn("工作要求", 18, is_locked=True),
        BookColumn("工作要点", 24, is_locked=True),
        BookColumn("计划措施", 62, is_locked=True),
        BookColumn("责任单位", 22, is_locked=True),
        BookColumn("时限", 12, is_locked=True),
        BookColumn("完成期限", 13, EntryType.DATE, is_locked=True),
        BookColumn("备注", 24, is_locked=True),
        BookColumn("手工分工", 24, is_locked=True),
    ),
    is_optional=True,
)
REVISIONS = BookSheet(
    "修订记录",
    "分工方案修订记录",
    "每次用修订后的方案更新台账，改了什么都记在这里。请不要改动。",
    (
        BookColumn("日期", 13, EntryType.DATE, is_locked=True),
        BookColumn("编码", 7, is_locked=True),
        BookColumn("序号", 6, EntryType.NUMBER, is_locked=True),
        BookColumn("变动", 9, is_locked=True),
        BookColumn("栏目", 22, is_locked=True),
        BookColumn("原来", 50, is_locked=True),
        BookColumn("现在", 50, is_locked=True),
    ),
    is_optional=True,
)

ISSUES = BookSheet(
    "签发记录",
    "报送表签发记录",
    "每次生成报送表，什么时候、把哪张表发给了谁，带上了多少格上次的内容，都记在这里；"
    "收回的表同它比较，才知道科室填了什么、改了什么。请不要改动，右边隐藏的几列也要留着。",
    (
        BookColumn("批次", 16, is_locked=True),
        BookColumn("科室", 24, is_locked=True),
        BookColumn("表", 30, is_locked=True),
        BookColumn("签发日期", 14, is_locked=True),
        BookColumn("任务数", 10, EntryType.AMOUNT, is_locked=True, is_optional=True),
        BookColumn("已带上次内容的格数", 20, EntryType.AMOUNT, is_locked=True, is_optional=True),
        BookColumn("表的代号", 12, is_locked=True, is_hidden=True),
        BookColumn("表单版本", 11, is_locked=True, is_hidden=True),
        BookColumn("续", 5, EntryType.NUMBER, is_locked=True, is_hidden=True),
        BookColumn("曾用名", 16, is_locked=True, is_hidden=True, is_optional=True),
        BookColumn("行码", 40, is_locked=True, is_hidden=True),
        BookColumn("下发时的值", 60, is_locked=True, is_hidden=True),
    ),
    spare_rows=1,
    is_optional=True,
)

# --- what the office itself says of files, answers and rows ---

# Lists of what stands on other sheets now, however many that are.
_MAX_LISTED_ROWS = 1000


def _list_column(sheet: BookSheet) -> str:
    """Return the formula of a list of the texts in the first column of ``sheet``."""
    first = f"{sheet.name}!$A${FIRST_DATA_ROW}"
    count = f"COUNTA({first}:$A${_MAX_LISTED_ROWS})"
    return f"OFFSET({first},0,0,MAX(1,{count}),1)"


# The rows of 字段 that are about the form in column C, the task ledger where it is blank.
_FORM_CELL = f'IF($C{FIRST_DATA_ROW}="",字段!$A${FIRST_DATA_ROW},$C{FIRST_DATA_ROW})'
_FORM_TITLES = f"字段!$A${FIRST_DATA_ROW}:$A${_MAX_LISTED_ROWS}"
_HEADER_CELL = f"字段!${'ABCDEFGH'[1 + list(COLUMN_FIELDS).index('header')]}${FIRST_DATA_ROW}"
_HEADER_LIST = (
    f"OFFSET({_HEADER_CELL},MATCH({_FORM_CELL},{_FORM_TITLES},0)-1,0,"
    f"COUNTIF({_FORM_TITLES},{_FORM_CELL}),1)"
)
YES = "是"
CLEAR_WORD = "清空"

REGISTRATIONS = BookSheet(
    "收件登记",
    "收到的表怎么算",
    "报回来的表不用都登记；要改它的科室、批次、收到日期，或者不采用它，才在这里写一行，"
    "保存后重新汇总。哪一栏空着，就照表里的算。",
    (
        BookColumn("文件", 40, prompt="照“报送情况”表里的文件名写，包括文件夹。"),
        BookColumn(
            "校验值",
            16,
            prompt="不写文件名的，写“报送情况”表里 SHA-256 的前 8 位以上；文件改了名也认得。",
        ),
        BookColumn("科室", 18, list_formula=_list_column(SECTIONS)),
        BookColumn("批次", 14, list_formula=_list_column(ROUNDS)),
        BookColumn(
            "收到日期",
            13,
            EntryType.DATE,
            prompt="填了就按它排先后、判迟报，不看文件的保存时间。",
        ),
        BookColumn("不采用", 8, options=(YES,)),
        BookColumn("说明", 44),
    ),
    spare_rows=30,
    is_optional=True,
)
OFFICE_ENTRIES = BookSheet(
    "更正代填",
    "综合科更正、代填",
    "科室打电话、用纸报来的，或者要替科室改正的，一格写一行，保存后重新汇总。"
    "从“日期”那天起以它为准，科室后来又改的，以科室后来的为准。",
    (
        BookColumn("科室", 18, list_formula=_list_column(SECTIONS)),
        BookColumn(
            "批次",
            14,
            list_formula=_list_column(ROUNDS),
        ),
        BookColumn(
            "表",
            20,
            list_formula=_list_column(REGISTERS),
            prompt="重点任务台账不用填；登记簿的选登记簿。",
        ),
        BookColumn(
            "行码",
            18,
            prompt="任务的行码，如 T03-ABCDE，报送表和“科室明细”里都有；"
            "登记簿的写识别栏目的内容，有几栏的用顿号隔开。",
        ),
        BookColumn("栏目", 16, list_formula=_HEADER_LIST),
        BookColumn("内容", 46, prompt=f"这一格应当填的内容；要空着的，写“{CLEAR_WORD}”。"),
        BookColumn("依据", 34, prompt="例如：12月20日电话，李四报。"),
        BookColumn("日期", 13, EntryType.DATE),
        BookColumn("经办人", 10),
    ),
    spare_rows=60,
    is_optional=True,
)
OFFICE_NOTES = BookSheet(
    "办理记录",
    "汇总办理记录",
    "您在汇总里写的采用口径、审核意见、销号和采用哪个，汇总时收到这里，一次一行；"
    "同一科室、同一件事、同一项目以最后一行为准，内容空着的就是取消。"
    "请不要改动，右边隐藏的两列也要留着。",
    (
        BookColumn("日期", 13, is_locked=True),
        BookColumn("科室", 18, is_locked=True, is_optional=True),
        BookColumn("任务或登记", 22, is_locked=True, is_optional=True),
        BookColumn("项目", 20, is_locked=True),
        BookColumn("内容", 70, is_locked=True),
        BookColumn("行码", 16, is_locked=True, is_hidden=True),
        BookColumn("答复校验", 14, is_locked=True, is_hidden=True, is_optional=True),
    ),
    spare_rows=1,
    is_optional=True,
)
REMINDERS = BookSheet(
    "催办记录",
    "催办记录",
    "每次生成催办通知，哪天催了哪个科室、催的是什么，都记在这里；下一次的催办通知写明以前催过几次。"
    "请不要改动。",
    (
        BookColumn("日期", 13, is_locked=True),
        BookColumn("科室", 24, is_locked=True),
        BookColumn("批次", 16, is_locked=True),
        BookColumn("催办的事", 80, is_locked=True),
    ),
    spare_rows=1,
    is_optional=True,
)
# What a book of an earlier program version lacks, and gets when something is recorded.
ADDED_SHEETS = (REGISTRATIONS, OFFICE_ENTRIES, ISSUES, OFFICE_NOTES, REMINDERS)

# All visible sheets, in their order in the workbook.
SHEETS = (
    BASICS,
    SECTIONS,
    ROUNDS,
    TASKS,
    MATRIX,
    REGISTERS,
    FIELDS,
    CHOICES,
    QUESTIONS,
    REFERENCE,
    REGISTRATIONS,
    OFFICE_ENTRIES,
    ISSUES,
    OFFICE_NOTES,
    REMINDERS,
    RETIRED,
    REVISIONS,
)

# --- ranges of task codes ---

RANGE_WORD = "至"
# From three codes on a run is written as a range.
_MAX_LISTED_CODES = 2


class CodeOrder:
    """The codes of the tasks in the order of the book, and the 0-based position of each."""

    def __init__(self, codes: Iterable[str]) -> None:
        self.codes = tuple(codes)
        # Of a code that is repeated, the first position counts.
        self.positions = {code: n for n, code in reversed(list(enumerate(self.codes)))}


def format_code_ranges(task_codes: Sequence[str], order: CodeOrder) -> str:
    """Return task codes as short text: ``T01、T06至T08``.

    A range covers codes that are consecutive both as numbers and in the ``order`` of the
    book: after a revision the two may differ.
    """
    positions = order.positions
    ranges: list[list[str]] = []
    for code in task_codes:
        previous = ranges[-1][-1] if ranges else ""
        is_next = code in positions and previous in positions and code == _next_code(previous)
        if is_next and positions[code] == positions[previous] + 1:
            ranges[-1].append(code)
        else:
            ranges.append([code])
    return "、".join(
        "、".join(code_range)
        if len(code_range) <= _MAX_LISTED_CODES
        else f"{code_range[0]}{RANGE_WORD}{code_range[-1]}"
        for code_range in ranges
    )


def _next_code(code: str) -> str:
    """Return T08 for T07; blank for a code that is not T and a number."""
    digits = code.lstrip("T")
    return f"T{int(digits) + 1:02d}" if digits.isdecimal() else ""


def parse_code_ranges(text: str, order: CodeOrder) -> tuple[str, ...]:
    """Return the task codes in a text of :func:`format_code_ranges`; ``order`` as there."""
    positions = order.positions
    task_codes: list[str] = []
    for piece in filter(None, text.split("、")):
        first, separator, last = piece.partition(RANGE_WORD)
        if separator and first in positions and last in positions:
            task_codes += order.codes[positions[first] : positions[last] + 1]
        else:
            task_codes.append(piece)
    return tuple(task_codes)


# --- Excel's limit of columns ---


def check_section_count(section_count: int) -> None:
    """Raise InputError when the sections do not fit the 分工 sheet, at two columns each."""
    max_sections = (MAX_COLUMNS - len(MATRIX.columns)) // 2
    if section_count > max_sections:
        raise InputError(
            f"科室有 {section_count} 个，一本台账最多写得下 {max_sections} 个。"
            "请按下属单位分成几本台账，再用 ledgerbook rollup 逐级汇总。",
            code="sections-too-many",
            values={"sections": section_count, "limit": max_sections},
        )
