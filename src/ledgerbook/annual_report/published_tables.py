"""The tables of the annual report as published: their rows, columns and words.

Source: 国务院办公厅政府信息与政务公开办公室《政府信息公开工作年度报告格式》
(国办公开办函〔2021〕30号), 二、三、四. The wording of the three lines under 其他处理
is that of 2021.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from typing import NamedTuple

TOTAL = "总计"
SINGLE_COLUMN = "数量"


class TableCell(NamedTuple):
    """The position of one figure: a table, a line of it, a column."""

    table: str
    line: str
    column: str

    def __str__(self) -> str:
        labels = (self.line, *(() if self.column == SINGLE_COLUMN else (self.column,)))
        return f"{self.table}“{'”“'.join(labels)}”"


# 二、主动公开政府信息情况

DISCLOSURE_TABLE = "表二"
ISSUED_COUNT, REPEALED_COUNT, VALID_COUNT = (
    "本年制发件数",
    "本年废止件数",
    "现行有效件数",
)
DECISION_COUNT = "本年处理决定数量"
FEE_AMOUNT = "本年收费金额（单位：万元）"


@dataclass(frozen=True, slots=True)
class DisclosureBlock:
    """A part of table 2 with a heading of its own: an item of article 20."""

    heading: str
    columns: tuple[str, ...]
    lines: tuple[str, ...]


DISCLOSURE_BLOCKS = (
    DisclosureBlock(
        "第二十条第（一）项",
        (ISSUED_COUNT, REPEALED_COUNT, VALID_COUNT),
        ("规章", "行政规范性文件"),
    ),
    DisclosureBlock("第二十条第（五）项", (DECISION_COUNT,), ("行政许可",)),
    DisclosureBlock("第二十条第（六）项", (DECISION_COUNT,), ("行政处罚", "行政强制")),
    DisclosureBlock("第二十条第（八）项", (FEE_AMOUNT,), ("行政事业性收费",)),
)

# 三、收到和处理政府信息公开申请情况

APPLICATION_TABLE = "表三"
PERSON = "自然人"
ORGANISATIONS = ("商业企业", "科研机构", "社会公益组织", "法律服务机构", "其他")
APPLICANTS = (PERSON, *ORGANISATIONS)
RECEIVED_LINE = "一、本年新收政府信息公开申请数量"
CARRIED_OVER_LINE = "二、上年结转政府信息公开申请数量"
HANDLED_HEADING = "三、本年度办理结果"
# What stands at the head of table 3.
RELATION_NOTE = "（本列数据的勾稽关系为：第一项加第二项之和，等于第三项加第四项之和）"
CARRIED_FORWARD_LINE = "四、结转下年度继续办理"
HANDLED_TOTAL_LINE = "（七）总计"


@dataclass(frozen=True, slots=True)
class HandlingResult:
    """A group of 办理结果; one without ``details`` is a line of its own."""

    name: str
    details: tuple[str, ...] = ()

    @property
    def lines(self) -> tuple[str, ...]:
        """The names of its lines as a register writes them: group and detail in one."""
        return tuple(f"{self.name}：{detail}" for detail in self.details) or (self.name,)


HANDLING_RESULTS = (
    HandlingResult("（一）予以公开"),
    HandlingResult("（二）部分公开"),
    HandlingResult(
        "（三）不予公开",
        (
            "1.属于国家秘密",
            "2.其他法律行政法规禁止公开",
            "3.危及“三安全一稳定”",
            "4.保护第三方合法权益",
            "5.属于三类内部事务信息",
            "6.属于四类过程性信息",
            "7.属于行政执法案卷",
            "8.属于行政查询事项",
        ),
    ),
    HandlingResult(
        "（四）无法提供",
        (
            "1.本机关不掌握相关政府信息",
            "2.没有现成信息需要另行制作",
            "3.补正后申请内容仍不明确",
        ),
    ),
    HandlingResult(
        "（五）不予处理",
        (
            "1.信访举报投诉类申请",
            "2.重复申请",
            "3.要求提供公开出版物",
            "4.无正当理由大量反复申请",
            "5.要求行政机关确认或重新出具已获取信息",
        ),
    ),
    HandlingResult(
        "（六）其他处理",
        (
            "1.申请人无正当理由逾期不补正、行政机关不再处理其政府信息公开申请",
            "2.申请人逾期未按收费通知要求缴纳费用、行政机关不再处理其政府信息公开申请",
            "3.其他",
        ),
    ),
)
# What the form prints beside 部分公开, and is no part of what a register says.
HANDLING_RESULT_NOTES = {"（二）部分公开": "（区分处理的，只计这一情形，不计其他情形）"}
HANDLING_RESULT_LINES = tuple(line for group in HANDLING_RESULTS for line in group.lines)

# 四、政府信息公开行政复议、行政诉讼情况

CONTEST_TABLE = "表四"
REVIEW, LAWSUIT, LAWSUIT_AFTER_REVIEW = "行政复议", "未经复议直接起诉", "复议后起诉"
CONTESTS = (REVIEW, LAWSUIT, LAWSUIT_AFTER_REVIEW)
VERDICTS = ("结果维持", "结果纠正", "其他结果", "尚未审结")

# What the tables are compared with.

LAST_YEAR = "上年年报"
CATALOGUE = "公开目录"
CATALOGUE_LINE = "已公开的规范性文件目录条数"


def list_cells() -> tuple[TableCell, ...]:
    """Return the positions of all figures of the three tables, line by line."""
    return (
        *(
            TableCell(DISCLOSURE_TABLE, line, column)
            for block in DISCLOSURE_BLOCKS
            for line in block.lines
            for column in block.columns
        ),
        *(
            TableCell(APPLICATION_TABLE, line, column)
            for line in (
                RECEIVED_LINE,
                CARRIED_OVER_LINE,
                *HANDLING_RESULT_LINES,
                HANDLED_TOTAL_LINE,
                CARRIED_FORWARD_LINE,
            )
            for column in (*APPLICANTS, TOTAL)
        ),
        *(
            TableCell(CONTEST_TABLE, contest, verdict)
            for contest in CONTESTS
            for verdict in (*VERDICTS, TOTAL)
        ),
    )


def _list_reference_cells() -> Iterator[tuple[str, TableCell]]:
    for line in DISCLOSURE_BLOCKS[0].lines:
        yield f"上年年报：{line}现行有效件数", TableCell(LAST_YEAR, line, VALID_COUNT)
    for column in (*APPLICANTS, TOTAL):
        label = f"上年年报：结转下年度继续办理（{column}）"
        yield label, TableCell(LAST_YEAR, CARRIED_FORWARD_LINE, column)
    yield CATALOGUE_LINE, TableCell(CATALOGUE, CATALOGUE_LINE, SINGLE_COLUMN)


# What a report is compared with and no register holds: the office may give it.
REFERENCE_CELLS: Mapping[str, TableCell] = dict(_list_reference_cells())
