"""What a cell reads as, whatever column it stands in."""

from __future__ import annotations

import re
from collections.abc import Sequence
from dataclasses import dataclass
from functools import lru_cache

from ledgerbook.plan.grid import ColumnRole
from ledgerbook.plan.numerals import LEVEL_1, LEVEL_2, NO_DECIMAL
from ledgerbook.plan.responsible_units import is_units_cell
from ledgerbook.plan.text_repair import narrow
from ledgerbook.text import squash

# 7, 7., (7), 1-2, ⑦, 7.0; scans write L for 1.
_NUMBER = re.compile(r"\(?(?:\d{1,3}(?:[-.]\d{1,2})?|[IlL])[.、)]?\Z|[\u2460-\u2473]\Z")
_ORDINAL = re.compile(r"\(?[一二三四五六七八九十]{1,3}[)、.]?\Z")

_LONGEST_LIMIT = 30
_SHORT_LIMIT = 14
_LIMIT = re.compile(
    r"\d月|\d日|年底|年末|年内|全年|月底|季度|上半年|下半年|旬|长期|常年|持续|每[年月周季]"
    r"|按[年月周季]|立即|即时|实时|随时|适时|定期|工作日内|(?:19|20)\d\d[-./]\d{1,2}"
    r"|(?:19|20)\d\d年(?!度)"
)
# The number of an item, before its text.
ITEM = re.compile(rf"\d{{1,3}}[.、\uff0e]{NO_DECIMAL}")
_SENTENCE = re.compile(r"[。;!?\uff1b]")

# Offices that no grammar of 责任单位 knows: villages, schools, enterprises.
_OFFICE_ENDS = (
    "科室处股办部队站所院局委组会村区街系馆校镇乡团厅署府庭行心司坊级工班机关支部单位"
)
_LONGEST_OFFICE = 14
_LONGEST_UNITS = 120
_LONG_CLASS, _LONG_POINT, _SENTENCE_LENGTH = 40, 60, 8
_BETWEEN = re.compile(r"[、,;/\s]|牵头|配合|协助|负责|落实|会同|联合")
_AND = re.compile(r"和|及|与")

_ASIDE = re.compile(
    r"(?:合计|总计|共计|小计)|(?:注|备注|说明|附注|附|填表人|填报人|制表人|审核人|填表单位"
    r"|填报单位|联系人|联系电话|制表|审核|填表说明)\d?[:\uff1a]"
)


def is_aside(text: str) -> bool:
    """Whether ``text`` is a total, a note or a signature, and no part of an item."""
    return _ASIDE.match(squash(text)) is not None


def is_number(text: str) -> bool:
    return _NUMBER.match(_plain(text)) is not None


def is_ordinal(text: str) -> bool:
    """Whether ``text`` is nothing but 一 or (一): the number of a heading."""
    return _ORDINAL.match(_plain(text)) is not None


def is_limit(text: str) -> bool:
    plain = _plain(text)
    return (
        0 < len(plain) <= (_SHORT_LIMIT if plain.endswith("。") else _LONGEST_LIMIT)
        and not ITEM.match(plain)
        and _LIMIT.search(plain) is not None
        and not _SENTENCE.search(plain.rstrip("。"))
    )


@lru_cache(maxsize=4096)
def is_units(text: str) -> bool:
    """Whether ``text`` reads as 责任单位, loosely: only to tell columns apart."""
    stripped = narrow(text).strip()
    if not 1 < len(stripped) <= _LONGEST_UNITS or is_number(stripped):
        return False
    if is_heading(stripped):
        return False
    if is_units_cell(stripped.rstrip("。")):
        return True
    names = [squash(n).rstrip("。") for n in _BETWEEN.split(stripped)]
    names = [re.sub(r"\(.*?\)$|等$", "", name) for name in names if name]
    return bool(names) and all(
        # 发展和改革局 is one office, 财务科和办公室 are two.
        _is_office(name) or all(map(_is_office, _AND.split(name)))
        for name in names
    )


def _is_office(name: str) -> bool:
    return (
        1 < len(name) <= _LONGEST_OFFICE
        and name.endswith(tuple(_OFFICE_ENDS))
        and not _SENTENCE.search(name)
    )


def is_heading(text: str) -> bool:
    plain = text.strip()
    return bool(LEVEL_1.match(plain) or LEVEL_2.match(plain))


def likeness(text: str, part: ColumnRole) -> float:
    """Say how much ``text`` looks like a cell of ``part``; below 0 it does not."""
    if not text.strip():
        return 0
    number, units = is_number(text), is_units(text)
    limit = is_limit(text) and not is_heading(text)
    if part is ColumnRole.NUMBER:
        return 5 if number else 1 if is_ordinal(text) else -8
    if part is ColumnRole.UNITS:
        return 4 if units else -6 if number else -3 if limit else -2
    if part is ColumnRole.LIMIT:
        return 4 if limit and not units else -6 if number else -2
    if part is ColumnRole.NOTE:
        return -1 if number or units or limit else 0
    return _text_likeness(text, part, -3 if number else -1.5 if units or limit else 0.5)


def _text_likeness(text: str, part: ColumnRole, score: float) -> float:
    plain = text.strip()
    if part is ColumnRole.REQUIREMENT:
        return score + (
            3 if LEVEL_1.match(plain) else -1 if len(plain) > _LONG_CLASS else 0
        )
    if part is ColumnRole.POINT:
        return score + (
            3 if LEVEL_2.match(plain) else -1 if len(plain) > _LONG_POINT else 0
        )
    ended = plain.endswith("。")
    numbered = ITEM.match(plain) is not None
    return score + (len(plain) >= _SENTENCE_LENGTH) + ended + numbered


def share(texts: Sequence[str], part: ColumnRole) -> float:
    """Return how many of the filled ``texts`` look like ``part``, from 0 to 1."""
    filled = [text for text in texts if text.strip()]
    return (
        sum(likeness(text, part) > 0 for text in filled) / len(filled) if filled else 0
    )


def _plain(text: str) -> str:
    return squash(narrow(text))


# Units and limits that stand in brackets, or on a line, at the end of a task's text.
#
# 做好政策解读。(责任单位:综合科;完成时限:6月底前)

_WHO = (
    r"(?:牵头|责任|负责|主办|承办|落实|配合|协办|实施|主责)(?:责任)?"
    r"(?:单位|科室|部门|处室|股室|处|科)|责任分工|责任人|牵头|主办|配合|协办"
)
_WHEN = r"(?:完成|办结|落实)?(?:时限|期限|时间)(?:要求|节点|安排)?|时间节点"
_LABEL = re.compile(rf"(?P<label>(?P<who>{_WHO})|(?P<when>{_WHEN}))\s*[:\uff1a]\s*")
_OPEN, _CLOSE = "(\uff08[【\u3014", ")\uff09]】\u3015"
_END = "。.;\uff1b \u3000\n"
_LEAD = re.compile(r"牵头|主办|主责")
_HELP = re.compile(r"配合|协办")
_VERB = re.compile(r"牵头|统筹|配合|协办|协助|会办|汇总|负责|落实|按.*职")
_LONGEST = 200


@dataclass(frozen=True, slots=True)
class Tail:
    """A task's text and what stood at its end."""

    text: str
    units: str = ""
    limit: str = ""


def labelled_units(text: str) -> tuple[str, str] | None:
    """Read a cell that says 牵头单位:… and 配合单位:…: its units, then its limit."""
    return _labelled(text.strip())


def has_tail(text: str, *, said: bool = False) -> bool:
    """Whether units end ``text``; if ``said``, under a name or with what they do."""
    units = cut_tail(text).units
    told = bool(_LABEL.search(text) or _VERB.search(units))
    return bool(units) and (not said or told)


def has_labels(text: str) -> bool:
    """Whether ``text`` says nothing but who is responsible, and until when."""
    bare = text.strip()
    inside = bare[1:-1] if bare[:1] in _OPEN and bare[-1:] in _CLOSE else bare
    return len(bare) <= _LONGEST and _labelled(inside) is not None


def cut_tail(text: str) -> Tail:
    """Cut 责任单位 and 时限 off the end of ``text``, if they stand there."""
    cut = _bracket(text) or _line(text)
    return cut or Tail(text)


def _bracket(text: str) -> Tail | None:
    stripped = text.rstrip(_END)
    if not stripped or stripped[-1] not in _CLOSE:
        return None
    opening = _opening(stripped)
    if opening is None or len(stripped) - opening > _LONGEST:
        return None
    inside = stripped[opening + 1 : -1]
    before = stripped[:opening].rstrip()
    # A full stop after the bracket was that of the sentence before it.
    stop = "。" if "。" in text[len(stripped) :] and before[-1:] not in "。;" else ""
    if found := _labelled(inside):
        return Tail(before + stop, *found)
    if before and is_units_cell(narrow(inside).rstrip("。")) and len(inside) > 1:
        return Tail(before + stop, inside)
    return None


def _line(text: str) -> Tail | None:
    """Read labels that begin a line, or a sentence, after the text itself."""
    for label in _LABEL.finditer(text):
        before = text[: label.start()].rstrip(" \u3000")
        begins = before.endswith(("\n", "。", "\uff1b", ";"))
        if begins and (found := _labelled(text[label.start() :])):
            return Tail(before.rstrip(), *found)
    return None


def _opening(text: str) -> int | None:
    depth = 0
    for at in range(len(text) - 1, -1, -1):
        depth += (text[at] in _CLOSE) - (text[at] in _OPEN)
        if depth == 0:
            return at
    return None


def _labelled(text: str) -> tuple[str, str] | None:
    """Read 责任单位:… and 完成时限:… from ``text``, which they must fill."""
    labels = list(_LABEL.finditer(text))
    if not labels or labels[0].start() > 0 or not any(one["who"] for one in labels):
        return None
    ends = [*(one.start() for one in labels[1:]), len(text)]
    units: list[str] = []
    limits: list[str] = []
    several = sum(bool(one["who"]) for one in labels) > 1
    for label, end in zip(labels, ends, strict=True):
        value = text[label.end() : end].strip(f"{_END},\uff0c、")
        if label["when"]:
            limits.append(value)
        elif value:
            units.append(with_role(value, _role(label["label"], several=several)))
    return "\uff0c".join(units), "\uff0c".join(limits)


def _role(label: str, *, several: bool) -> str:
    if _LEAD.search(label):
        return "牵头"
    if _HELP.search(label):
        return "配合"
    return "落实" if several else ""


def with_role(units: str, role: str) -> str:
    """Say of ``units`` the role that their column gives, unless they say one."""
    bare = units.strip().rstrip("。;\uff1b")
    return f"{bare}{role}" if role and bare and not _VERB.search(bare) else units
