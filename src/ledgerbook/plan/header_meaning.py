"""Interpret one header text of a plan's table.

:func:`parse_header` says what a column contains by its header (责任科室 → units, 完成时限 →
deadline); all synonyms are patterns in this module. :func:`find_flat_headers` finds the
headers in text that has lost its cells.
"""

from __future__ import annotations

import re
from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from enum import Enum, auto
from types import MappingProxyType

from ledgerbook.chinese_numerals import ORDINAL_CHARACTERS
from ledgerbook.plan.grid import ColumnRole
from ledgerbook.text import normalize

# --- The meaning of one header text ---
#
# A header is compared without spaces, line breaks and bracketed additions, so 责 任 单 位,
# 责任单位（科室） and 责任单位 are equal.


class HeaderKind(Enum):
    """What a column contains by its header.

    TEXT columns become 工作要求, 工作要点 and 计划措施 in the order of their TextBreadth.
    PERSON columns name persons (责任人) and serve as units only if there are no others.
    """

    NUMBER = auto()
    TEXT = auto()
    UNITS = auto()
    PERSON = auto()
    DEADLINE = auto()
    NOTE = auto()


class TextBreadth(Enum):
    """How broad the texts of a column are, the broadest first.

    类别 is a CATEGORY, 反馈问题 a PROBLEM that measures answer, 工作任务 a TASK, 具体要求 a
    DETAIL. A GOAL (工作目标) is only used as an item's text if the table has no other text
    column.
    """

    CATEGORY = 1
    PROBLEM = 2
    TASK = 3
    DETAIL = 4
    GOAL = 5


@dataclass(frozen=True, slots=True)
class HeaderMeaning:
    """The meaning of a header.

    ``breadth`` counts for TEXT only. ``unit_role`` is the verb (牵头 or 配合) of a UNITS
    header, or blank; ``is_superior`` marks units above the agency (市里落实单位).
    """

    kind: HeaderKind
    breadth: TextBreadth = TextBreadth.TASK
    unit_role: str = ""
    is_superior: bool = False


_MAX_HEADER_LENGTH = 18
_BRACKETED_ADDITION = re.compile(r"\([^()]*\)|\[[^\[\]]*\]|【[^】]*】|〔[^〕]*〕")
# The parts that headers of units, persons, deadlines and numbers are made of: what is done
# (整改), at which level, who has which duty (牵头, 责任), and the word for the office.
_SUBJECT_WORDS = (
    "整改|督办|督查|督导|整治|治理|巡察|巡视|审计|考核|工作|任务|事项|项目|问题|改革|建设|目标|推进"
    "|重点|防控|攻坚"
)
_RESPONSIBILITY_WORDS = (
    "责任|负责|牵头|主办|承办|落实|配合|协办|协助|协同|参与|参加|会办|实施|主责|主管|经办|主抓"
    "|执行|承担|完成|办理|分管|归口|主体|责任主体|工作责任|支持|联办|统筹|包保"
)
_OFFICE_WORDS = (
    "单位|科室|部门|处室|股室|科组|处科室|部室|科|处|股|室|机构|主体|站所|站办所|所站|办公室"
    "|院系|学院|系部|年级|村社区|村居|村|社区|大队|中队|局办|委办局|岗位|组室|班子"
    "|工作专班|专班|专项小组|专项组|专责组|工作组|小组|指挥部|办|中心|站|所|队|园区|镇街|乡镇|方"
)
_CONJUNCTION = r"(?:及其|及|和|或|与|、|/|,|以及)"
_LEVEL_WORDS = (
    "市里|市级|市直|市|省级|省|区级|区直|区|县级|县直|县|州级|州直|州|国家|中央|上级|局内|局|委内"
    "|办内|厅内|院内|校内|镇内|镇级|镇|街道|内部|机关|本局|本委|本办|我局|我委|本单位|各"
)
_LEVEL_PREFIX = f"(?:{_LEVEL_WORDS})"
_QUALIFIER_WORDS = "具体|第一|主要|直接|共同|其他|相关|有关"
_HEADER_PREFIX = f"(?:{_SUBJECT_WORDS}|{_LEVEL_WORDS}|{_QUALIFIER_WORDS})"
_PERSON_PREFIX = (
    r"(?:责任|负责|分管|牵头|包保|包抓|主管|联系|经办|具体|直接|第一|主要|填报|督办|整改|挂联|挂钩)"
)
_PERSON_WORDS = "责任人|负责人|负责同志|责任领导|领导|人员|联系人|经办人|同志|人"
# Quarters and months below any header are the steps of a task, not its text.
_PERIOD_HEADER = re.compile(
    r"(?:20\d\d年)?(?:第?[一二三四1-4]季度|[上下]半年|(?:\d{1,2}|[一二三四五六七八九十]{1,2})月份?)"
    r"(?:目标|任务|进度|计划|完成情况)?"
)
# What stands below 起止时间 for its two ends.
_START_HEADER = re.compile(r"(?:计划|预计)?(?:起|起始|开始|启动|开工|从)(?:时间|日期|年月)?")
_END_HEADER = re.compile(
    r"(?:计划|预计)?(?:止|至|截止|结束|完成|终止|竣工|办结)(?:时间|日期|时限|年月)?"
)

# parse_header tries these in this order, and the first that matches decides. NUMBER, PERSON,
# UNITS and DEADLINE must match the whole header; most of the others match anywhere in it.
_NUMBER_HEADER = re.compile(
    rf"(?:{_SUBJECT_WORDS}|条目|建议|提案|议案)?(?:序号|编号|项次|项号|序次)|序|号|NO\.?|#"
)
PERSON_HEADER_PATTERN = (
    rf"(?:{_SUBJECT_WORDS}|{_LEVEL_WORDS}|政府|党委|局){{0,4}}{_PERSON_PREFIX}{{0,3}}(?:{_PERSON_WORDS})(?:员)?"
    rf"(?:{_CONJUNCTION}{_PERSON_PREFIX}{{0,3}}(?:{_PERSON_WORDS})){{0,4}}"
)
UNITS_HEADER_PATTERN = (
    rf"{_HEADER_PREFIX}{{0,4}}(?:{_RESPONSIBILITY_WORDS})"
    rf"(?:{_CONJUNCTION}?(?:{_RESPONSIBILITY_WORDS}|{_SUBJECT_WORDS})){{0,4}}{_LEVEL_PREFIX}?"
    rf"(?:{_OFFICE_WORDS})"
    rf"(?:{_CONJUNCTION}?(?:{_PERSON_PREFIX}|{_RESPONSIBILITY_WORDS})?"
    rf"(?:{_OFFICE_WORDS}|{_PERSON_WORDS})){{0,4}}"
)
_PERSON_HEADER = re.compile(rf"{PERSON_HEADER_PATTERN}|责任到人|包保责任")
_UNITS_HEADER = re.compile(
    rf"{UNITS_HEADER_PATTERN}(?:{_CONJUNCTION}(?:完成|办结)?(?:时限|时间|期限)(?:要求)?)?"
    rf"|(?:{_PERSON_PREFIX}(?:{_PERSON_WORDS}){_CONJUNCTION})+(?:{_RESPONSIBILITY_WORDS})?(?:{_OFFICE_WORDS})"
    r"|责任分工|职责分工|分工|责任落实|(?:单位|部门|科室|任务)分工|牵头|主办|承办|协办|主责|责任归属"
    rf"|(?:{_OFFICE_WORDS})(?:名称)?|(?:{_OFFICE_WORDS}){_CONJUNCTION}(?:{_OFFICE_WORDS})|谁来做|由谁负责"
)
_DEADLINE_HEADER = re.compile(
    r"(?!.*(?:报送|填报|更新|启动|开始|实际|发布|交办|受理|反馈|发现|检查|登记))"
    r"(?:.*(?:时限|期限|限期|完成时间|时间节点|时间要求|时间安排|时间进度|办结时间|截止|截至"
    r"|完成日期|完成季度|完成月份|节点|进度安排|进度要求|完成时段|计划时间|推进时间|落实时间|实施时间"
    r"|工作时间|竣工时间|竣工日期|完工时间|完工日期|起止时间|整改时间|公开时间|销号时间|时间表)(?:.*)|时间|工期|日期|何时完成)"
)
# Columns whose texts are the deadlines where no other column has them.
_SCHEDULE_HEADER = re.compile(
    r"(?!.*(?:情况|进展)).*(?:序时进度|进度计划|工作进度|目标进度|推进计划|年度目标|阶段性?目标|形象进度)"
)
_PROBLEM_HEADER = re.compile(
    r".{0,8}(?:问题|隐患|不足|短板|风险点|差距|意见建议|意见|建议|提案|诉求)"
    r"(?:描述|概况|概述|内容|清单|表现|名称|事项|摘要|简述)?(?<!审核意见)(?<!批示意见)"
)
# 任务完成情况 is about progress and 公开形式 about form, not about a task.
_NOT_PROGRESS = "(?!.*(?:情况|进展|进度|成效|方式|形式|电话|下一?步|打算))"
_GOAL_HEADER = re.compile(
    rf"{_NOT_PROGRESS}.*(?:工作目标|整改目标|年度目标|年底目标|全年目标|量化目标|绩效目标|阶段性?目标|预期|目标值|目标要求|工作标准|质量标准|完成标准|达到|验收|考核标准)"
)
_DETAIL_HEADER = re.compile(
    rf"{_NOT_PROGRESS}.*(?:具体|内容|措施|举措|细化|做法|步骤|分解|任务要求|标准|行动|路径)|任务描述"
    rf"|{_NOT_PROGRESS}.+要求(?<!工作要求)"
)
_CATEGORY_HEADER = re.compile(
    rf"{_NOT_PROGRESS}.*(?:类别|分类|类型|大类|领域|板块|方面|一级|维度|专题|篇章|模块|版块)|总体要求"
)
_NOTE_HEADER = re.compile(
    r".*(?:备注|说明|情况|进展|进度|电话|联系|依据|来源|渠道|方式|形式|成果|考核|分值"
    r"|得分|评分|资金|状态|是否|频次|报送|更新|签字|签收|佐证|材料|问题|效果|成效"
    r"|填报|指标值|权重|评价|季度|月份|计划数|办法|销号|批示|交办|下一?步|打算|意见|建议|结果|原因|投资|领导|平台|载体|范围|对象|主体|时间)"
)
_TASK_HEADER = re.compile(
    r".*(?:任务|要点|工作要求|重点|事项|项目|目标|指标|工作名称|计划|做什么|实事|议案|举措)|工作|内容|要求|题目"
)
# Kind of match, meaning: the first that matches decides, after units.
_MEANINGS = (
    (_NUMBER_HEADER.fullmatch, HeaderMeaning(HeaderKind.NUMBER)),
    (_PERSON_HEADER.fullmatch, HeaderMeaning(HeaderKind.PERSON)),
    (_DEADLINE_HEADER.fullmatch, HeaderMeaning(HeaderKind.DEADLINE)),
    (_PROBLEM_HEADER.fullmatch, HeaderMeaning(HeaderKind.TEXT, TextBreadth.PROBLEM)),
    (_GOAL_HEADER.match, HeaderMeaning(HeaderKind.TEXT, TextBreadth.GOAL)),
    (_DETAIL_HEADER.match, HeaderMeaning(HeaderKind.TEXT, TextBreadth.DETAIL)),
    (_CATEGORY_HEADER.match, HeaderMeaning(HeaderKind.TEXT, TextBreadth.CATEGORY)),
    (_NOTE_HEADER.match, HeaderMeaning(HeaderKind.NOTE)),
    (_TASK_HEADER.match, HeaderMeaning(HeaderKind.TEXT)),
)
_BARE_OFFICE_HEADER = re.compile(rf"(?:{_OFFICE_WORDS})(?:名称)?")
# What a plan must have, for messages to the office.
PLAN_TABLE_DESCRIPTION = (
    "表头要写明做什么（如“工作任务”“工作要点”“具体要求”“计划措施”）"
    "和由谁做（如“责任单位”“责任科室”“牵头单位”）"
)
_UNIT_ROLE_PATTERNS = (
    (re.compile(r"牵头|主办|主责|统筹|主抓"), "牵头"),
    (re.compile(r"配合|协办|协助|协同|参与|参加|会办|支持|联办"), "配合"),
)
_SUPERIOR_LEVEL = re.compile(
    r"(?:市里|市级|市直|市|省级|省|区级|区直|区|县级|县直|县|州级|州直|州|国家|中央|上级)"
)
# Headers of tables that list what is open to the public, sold or registered. One of them
# may stand in a plan; where there are two it is none.
_FOREIGN_HEADER = re.compile(
    r"公开(?:依据|主体|渠道(?:和|及|与)?(?:载体|方式)?|载体|对象|层级)"
    r"|计价单位|产品(?:名称)?|商品(?:名称)?|客户|成交价|中标(?:单位|金额)|招聘人数|学历(?:要求)?|专业(?:要求)?"
    r"|(?:职权|权力)(?:名称|类型|类别)|法定(?:时限|期限)|承诺(?:时限|期限)|(?:实施|办理)依据"
    r"|收费(?:标准|依据|对象|文件|项目|性质)|单价|价格|金额|型号|规格(?:型号)?|数量|单位|计量单位"
    r"|姓名|性别|年龄|民族|身份证号?码?|证件(?:类型|号码?)|卡号|密码|学号|生日|出生(?:日期|年月)|住址"
    r"|联系电话|电话|手机号?码?|(?:设定|法定|法律)依据|许可条件|申请材料|行使层级|管养单位|生产厂家|供应商"
    r"|投保人|销售人员|门店|购[买置](?:日期|时间)|资产编号|设备(?:名称|编号)|使用(?:单位|部门|人)|存放地点"
)
_NOT_A_HEADER = re.compile(rf"[。;!?:]|^(?:各|相关|有关|其他|\d)|^[{ORDINAL_CHARACTERS}]+[、.]")


def parse_header(text: str, parent: str = "") -> HeaderMeaning | None:
    """Return the meaning of a header text, or None if it is not a known header.

    ``parent`` is the header above it in a header of two rows (责任单位 over 牵头).
    """
    normalized = normalize(text)
    without_brackets = _BRACKETED_ADDITION.sub("", normalized) or normalized
    if not 0 < len(without_brackets) <= _MAX_HEADER_LENGTH or _NOT_A_HEADER.search(
        without_brackets
    ):
        return None
    parent_header = normalize(parent)
    if _PERIOD_HEADER.fullmatch(without_brackets):
        return HeaderMeaning(HeaderKind.NOTE)
    if parent_header and (meaning := _parse_subheader(without_brackets, parent_header)):
        return meaning
    if _UNITS_HEADER.fullmatch(without_brackets) and not _PERSON_HEADER.fullmatch(without_brackets):
        return _make_units_meaning(normalized)
    return next(
        (meaning for matches, meaning in _MEANINGS if matches(without_brackets.upper())), None
    )


def _parse_subheader(header: str, parent_header: str) -> HeaderMeaning | None:
    """Interpret a header below another: 牵头 under 责任单位, 一季度 under 完成情况.

    The upper header decides unless the lower one has a clear meaning of its own. None
    means that the upper header is unknown and so is the lower.
    """
    parent_meaning = parse_header(parent_header)
    if parent_meaning and parent_meaning.kind is HeaderKind.DEADLINE:
        if _START_HEADER.fullmatch(header):
            return HeaderMeaning(HeaderKind.NOTE)
        if _END_HEADER.fullmatch(header):
            return parent_meaning
    meaning = parse_header(header)
    if parent_meaning is None or (
        meaning and meaning.kind is not HeaderKind.NOTE and meaning != parent_meaning
    ):
        return meaning
    if parent_meaning.kind is HeaderKind.UNITS:
        return _make_units_meaning(header)
    return parent_meaning


def _make_units_meaning(header: str) -> HeaderMeaning:
    return HeaderMeaning(
        HeaderKind.UNITS,
        unit_role=find_unit_role(header),
        is_superior=_SUPERIOR_LEVEL.match(header) is not None,
    )


def find_unit_role(header: str) -> str:
    """Return the verb of a header or label of units; blank for 责任单位 and 牵头及配合单位."""
    unit_roles = [verb for pattern, verb in _UNIT_ROLE_PATTERNS if pattern.search(header)]
    return unit_roles[0] if len(unit_roles) == 1 else ""


def is_responsible_person(text: str) -> bool:
    """Return whether a header names the persons responsible for a task: 责任人, 包保领导."""
    meaning = parse_header(text)
    is_responsible = re.search(r"责任|负责|牵头|包保", text) is not None
    return meaning is not None and meaning.kind is HeaderKind.PERSON and is_responsible


def is_schedule_header(text: str) -> bool:
    """Return whether a column may have the deadlines of its table: 序时进度, 年度目标."""
    return _SCHEDULE_HEADER.fullmatch(normalize(text)) is not None


def is_foreign_header(text: str) -> bool:
    """Return whether a header is one of a catalogue, a price list or a register."""
    return _FOREIGN_HEADER.fullmatch(_BRACKETED_ADDITION.sub("", normalize(text))) is not None


def is_bare_office_header(text: str) -> bool:
    """Return whether a header is only 科室 or 部门, which tables of other things have too."""
    return _BARE_OFFICE_HEADER.fullmatch(normalize(text)) is not None


# --- Headers of a flat text: 工作要求工作要点计划措施责任单位 without separators ---

_FLAT_HEADER_ROLES: Mapping[str, ColumnRole] = MappingProxyType(
    {
        "序号": ColumnRole.NUMBER,
        "工作要求": ColumnRole.REQUIREMENT,
        "工作要点": ColumnRole.POINT,
        "计划措施": ColumnRole.MEASURE,
        "责任单位": ColumnRole.UNITS,
        "时限": ColumnRole.DEADLINE,
        "时限要求": ColumnRole.DEADLINE,
        "完成时限": ColumnRole.DEADLINE,
        "完成期限": ColumnRole.DEADLINE,
    }
)
_REQUIRED_FLAT_ROLES = frozenset({ColumnRole.MEASURE, ColumnRole.UNITS})
_FLAT_HEADER_PATTERN = "|".join(
    r"\s*".join(header) for header in sorted(_FLAT_HEADER_ROLES, key=len, reverse=True)
)
_FLAT_HEADER_ROW = re.compile(rf"(?:(?:{_FLAT_HEADER_PATTERN})\s*){{2,}}")


def find_flat_headers(text: str) -> tuple[re.Match[str], ...]:
    """Return every header row of a plan in a text that has lost its cells."""
    rows = _FLAT_HEADER_ROW.finditer(text)
    return tuple(row for row in rows if set(parse_flat_header(row[0])) >= _REQUIRED_FLAT_ROLES)


def parse_flat_header(header_row: str) -> tuple[ColumnRole, ...]:
    """Return the column roles of a header row that is written without separators."""
    headers: Iterable[str] = re.findall(_FLAT_HEADER_PATTERN, header_row)
    return tuple(_FLAT_HEADER_ROLES[normalize(header)] for header in headers)
