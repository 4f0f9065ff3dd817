"""The columns of a plan's table, told by what their headers mean.

A header is read without spaces, line breaks and bracketed additions, so 责 任 单 位,
责任单位(科室) and 责任单位 are one.
"""

from __future__ import annotations

import re
from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from enum import Enum, auto
from types import MappingProxyType

from ledgerbook.plan.grid import Part
from ledgerbook.text import squash


class Sort(Enum):
    """What kind of thing a header names; texts become parts by their rank."""

    NUMBER = auto()
    TEXT = auto()
    UNITS = auto()
    PERSON = auto()
    LIMIT = auto()
    NOTE = auto()


class Rank(Enum):
    """How broad a text is: 类别, then 工作任务, then 具体要求; last 工作目标."""

    CLASS = 1
    TASK = 2
    DETAIL = 3
    ASIDE = 4


@dataclass(frozen=True, slots=True)
class Header:
    """A header's meaning; ``upper`` are units above the agency (市里落实单位)."""

    sort: Sort
    rank: Rank = Rank.TASK
    role: str = ""
    upper: bool = False


_LONGEST = 18
_BRACKETED = re.compile(r"\([^()]*\)|\[[^\[\]]*\]|【[^】]*】|〔[^〕]*〕")
_DOING = (
    "责任|负责|牵头|主办|承办|落实|配合|协办|协助|协同|参与|参加|会办|实施|主责|主管"
    "|执行|承担|完成|办理|分管|归口|主体|责任主体|工作责任"
)
_OFFICES = (
    "单位|科室|部门|处室|股室|科组|处科室|科|处|股|室|机构|主体|站所|站办所|所站|办公室"
    "|院系|学院|系部|年级|村社区|村居|村|社区|大队|中队|局办|委办局|岗位|组室|班子"
)
_ANY = r"(?:及|和|或|与|、|/|,|以及)"
_WHERE = (
    r"(?:市里|市级|市直|市|省级|省|区级|区直|区|县级|县直|县|国家|中央|上级|局内|局|委内"
    r"|办内|厅内|院内|校内|镇内|镇级|镇|街道|内部|机关|本局|本委|本办|我局|我委|本单位|各)"
)
_PEOPLE = r"(?:责任|负责|分管|牵头|包保|主管|联系|经办|具体|直接|第一|主要|填报)"

# Read in this order: the first that fits says what a header means.
_NUMBERED = re.compile(
    r"(?:任务|项目|工作|条目)?(?:序号|编号|项次|项号|序次)|序|号|NO\.?|#"
)
_UNITS = re.compile(
    rf"{_WHERE}?(?:局内|内部)?(?:具体|第一|主要)?(?:{_DOING})"
    rf"(?:{_ANY}(?:{_DOING}))*(?:{_WHERE})?(?:{_OFFICES})"
    rf"(?:{_ANY}?(?:{_PEOPLE}|{_DOING})?(?:{_OFFICES}|人员|人|领导))*"
    rf"(?:{_ANY}(?:完成|办结)?(?:时限|时间|期限)(?:要求)?)?"
    r"|责任分工|职责分工|分工|责任落实|单位分工|部门分工|科室分工|牵头|主办|责任归属"
    rf"|(?:{_OFFICES})(?:名称)?|(?:{_OFFICES}){_ANY}(?:{_OFFICES})|谁来做|由谁负责"
)
_BARE_OFFICE = re.compile(rf"(?:{_OFFICES})(?:名称)?")
_PERSON = re.compile(
    rf"{_PEOPLE}?(?:责任人|负责人|负责同志|领导|人员|联系人|经办人|人)(?:员)?"
    rf"|(?:{_PEOPLE})(?:人|领导|人员)(?:{_ANY}(?:{_PEOPLE})(?:人|领导|人员))*|责任到人"
)
_LIMITED = re.compile(
    r"(?!.*(?:报送|填报|更新|启动|开始|实际|发布))"
    r".*(?:时限|期限|完成时间|时间节点|时间要求|时间安排|时间进度|办结时间|截止|截至"
    r"|完成日期|节点|进度安排|进度要求|完成时段|计划时间|推进时间|落实时间|实施时间"
    r"|工作时间|起止时间|整改时间|公开时间)(?:.*)|时间|工期|日期"
)
_NOTED = re.compile(
    r".*(?:备注|说明|情况|进展|进度|电话|联系|依据|来源|渠道|方式|形式|成果|考核|分值"
    r"|得分|评分|资金|状态|是否|频次|报送|更新|签字|签收|佐证|材料|问题|效果|成效"
    r"|填报|指标值|权重|评价|季度|月份|计划数|办法|平台|载体|范围|对象|主体|时间)"
)
_ASIDE = re.compile(
    r".*(?:工作目标|预期|目标值|目标要求|工作标准|质量标准|完成标准|达到|验收|考核标准)"
)
_DETAILED = re.compile(
    r".*(?:具体|内容|措施|举措|细化|做法|步骤|分解|任务要求|标准|行动|路径)|任务描述"
    r"|.+要求(?<!工作要求)"
)
_CLASSED = re.compile(
    r".*(?:类别|分类|类型|大类|领域|板块|方面|一级|维度|专题|篇章|模块|版块)|总体要求"
)
_TASKED = re.compile(
    r".*(?:任务|要点|工作要求|重点|事项|项目|目标|指标|工作名称|计划|做什么)|工作|内容|要求|题目"
)
_ROLES = (
    (re.compile(r"牵头|主办|主责|统筹"), "牵头"),
    (re.compile(r"配合|协办|协助|协同|参与|参加|会办"), "配合"),
)
_UPPER = re.compile(
    r"(?:市里|市级|市直|市|省级|省|区级|区直|区|县级|县直|县|国家|中央|上级)"
)
_NOT_A_HEADER = re.compile(
    r"[。;!?:]|^(?:各|相关|有关|其他|\d)|^[一二三四五六七八九十]+[、.]"
)


def header_of(text: str, parent: str = "") -> Header | None:
    """Say what a header means, or None if it means nothing here.

    ``parent`` is the header above it, of which it is a part (责任单位 over 牵头).
    """
    whole = squash(text)
    bare = _BRACKETED.sub("", whole) or whole
    if not 0 < len(bare) <= _LONGEST or _NOT_A_HEADER.search(bare):
        return None
    above = squash(parent)
    if above and (found := _under(bare, above)):
        return found
    if _NUMBERED.fullmatch(bare.upper()):
        return Header(Sort.NUMBER)
    if _PERSON.fullmatch(bare):
        return Header(Sort.PERSON)
    if _UNITS.fullmatch(bare):
        return _units(whole)
    if _LIMITED.fullmatch(bare):
        return Header(Sort.LIMIT)
    for pattern, rank in (
        (_ASIDE, Rank.ASIDE),
        (_DETAILED, Rank.DETAIL),
        (_CLASSED, Rank.CLASS),
    ):
        if pattern.match(bare) and not _about_progress(bare):
            return Header(Sort.TEXT, rank)
    if _NOTED.match(bare):
        return Header(Sort.NOTE)
    return Header(Sort.TEXT) if _TASKED.match(bare) else None


def _about_progress(header: str) -> bool:
    return re.search(r"情况|进展|进度|成效|方式|形式|电话", header) is not None


def _under(bare: str, above: str) -> Header | None:
    """Read a header under another: 牵头 under 责任单位, 一季度 under 完成情况."""
    parent = header_of(above)
    own = header_of(bare)
    if parent is None or (own and own.sort is not Sort.NOTE and own != parent):
        return own
    if parent.sort is Sort.UNITS:
        return _units(bare)
    return parent


def _units(header: str) -> Header:
    role = next((verb for pattern, verb in _ROLES if pattern.search(header)), "")
    both = all(pattern.search(header) for pattern, _ in _ROLES)
    return Header(
        Sort.UNITS,
        role="" if both else role,
        upper=_UPPER.match(header) is not None,
    )


def is_person(text: str) -> bool:
    """Whether a header is of the persons who answer for a task, and of no office."""
    header = header_of(text)
    responsible = re.search(r"责任|负责|牵头|包保", text) is not None
    return header is not None and header.sort is Sort.PERSON and responsible


def is_bare_office(text: str) -> bool:
    """Whether a header is only 科室 or 部门: of a plan's table, or of any other."""
    return _BARE_OFFICE.fullmatch(squash(text)) is not None


SOUGHT = (
    "表头要写明做什么（如“工作任务”“工作要点”“具体要求”“计划措施”）"
    "和由谁做（如“责任单位”“责任科室”“牵头单位”）"
)

# ── a flat text, where the headers stand in a row with nothing between them ───────

_FLAT: Mapping[str, Part] = MappingProxyType(
    {
        "序号": Part.NUMBER,
        "工作要求": Part.REQUIREMENT,
        "工作要点": Part.POINT,
        "计划措施": Part.MEASURE,
        "责任单位": Part.UNITS,
        "时限": Part.LIMIT,
        "时限要求": Part.LIMIT,
        "完成时限": Part.LIMIT,
        "完成期限": Part.LIMIT,
    }
)
_FLAT_NEEDED = frozenset({Part.MEASURE, Part.UNITS})
_ANY_FLAT = "|".join(
    r"\s*".join(header) for header in sorted(_FLAT, key=len, reverse=True)
)
_FLAT_ROW = re.compile(rf"(?:(?:{_ANY_FLAT})\s*){{2,}}")


def flat_headers(text: str) -> tuple[re.Match[str], ...]:
    """Find every header row of a plan in a text that has lost its cells."""
    rows = _FLAT_ROW.finditer(text)
    return tuple(row for row in rows if set(parts_in(row[0])) >= _FLAT_NEEDED)


def parts_in(header_row: str) -> tuple[Part, ...]:
    """Name the columns of a header row written without any separators."""
    found: Iterable[str] = re.findall(_ANY_FLAT, header_row)
    return tuple(_FLAT[squash(header)] for header in found)
