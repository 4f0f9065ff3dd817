"""What a cell reads as, whatever column it stands in."""

from __future__ import annotations

import re
from collections.abc import Sequence
from functools import lru_cache

from ledgerbook.plan.grid import Part
from ledgerbook.plan.numerals import LEVEL_1, LEVEL_2, NO_DECIMAL
from ledgerbook.plan.units import is_units_cell
from ledgerbook.plan.wording import narrow
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


def likeness(text: str, part: Part) -> float:
    """Say how much ``text`` looks like a cell of ``part``; below 0 it does not."""
    if not text.strip():
        return 0
    number, units = is_number(text), is_units(text)
    limit = is_limit(text) and not is_heading(text)
    if part is Part.NUMBER:
        return 5 if number else 1 if is_ordinal(text) else -8
    if part is Part.UNITS:
        return 4 if units else -6 if number else -3 if limit else -2
    if part is Part.LIMIT:
        return 4 if limit and not units else -6 if number else -2
    if part is Part.NOTE:
        return -1 if number or units or limit else 0
    return _text_likeness(text, part, -3 if number else -1.5 if units or limit else 0.5)


def _text_likeness(text: str, part: Part, score: float) -> float:
    plain = text.strip()
    if part is Part.REQUIREMENT:
        return score + (
            3 if LEVEL_1.match(plain) else -1 if len(plain) > _LONG_CLASS else 0
        )
    if part is Part.POINT:
        return score + (
            3 if LEVEL_2.match(plain) else -1 if len(plain) > _LONG_POINT else 0
        )
    ended = plain.endswith("。")
    numbered = ITEM.match(plain) is not None
    return score + (len(plain) >= _SENTENCE_LENGTH) + ended + numbered


def share(texts: Sequence[str], part: Part) -> float:
    """Return how many of the filled ``texts`` look like ``part``, from 0 to 1."""
    filled = [text for text in texts if text.strip()]
    return (
        sum(likeness(text, part) > 0 for text in filled) / len(filled) if filled else 0
    )


def _plain(text: str) -> str:
    return squash(narrow(text))
