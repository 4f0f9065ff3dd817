"""Classify the text of one cell: number, heading, units, deadline or prose.

:func:`score_likeness` rates how well a text fits a column; ``header_detection`` uses it
to find columns without a header, ``table_parser`` and ``formats.text_tables`` to put
cells back into the right columns. The predicates (``is_number`` …) normalise the text
themselves.

The word lists of units here are loose: they only decide what kind of cell a text is.
Who is responsible is decided by the grammar in ``responsible_units``.
"""

from __future__ import annotations

import re
from collections.abc import Sequence
from functools import lru_cache

from ledgerbook.chinese_numerals import ORDINAL_CHARACTERS
from ledgerbook.plan.grid import MAX_ROWS, ColumnRole
from ledgerbook.plan.number_marks import LEVEL_1_MARK, LEVEL_2_MARK, NOT_DECIMAL
from ledgerbook.plan.responsible_units import is_units_cell, parse_units
from ledgerbook.plan.text_repair import narrow_characters
from ledgerbook.text import normalize

# 7, 7., (7), 1-2, ⑦, 7.0; scanned text has L for 1.
_NUMBER_CELL = re.compile(r"\(?(?:\d{1,3}(?:[-.]\d{1,2}){0,2}|[IlL])[.、)]?\Z|[\u2460-\u2473]\Z")
_ORDINAL_CELL = re.compile(rf"\(?[{ORDINAL_CHARACTERS}]{{1,3}}[)、.]?\Z")

_MAX_DEADLINE_LENGTH = 30
_MAX_DEADLINE_SENTENCE_LENGTH = 14
_DEADLINE_PHRASE = re.compile(
    r"\d月|\d日|年底|年末|年内|全年|月底|季度|上半年|下半年|旬|长期|常年|持续|每[年月周季]"
    r"|按[年月周季]|立即|即时|实时|随时|适时|定期|工作日内|(?:19|20)\d\d[-./]\d{1,2}"
    r"|(?:19|20)\d\d年(?!度)"
)
# The number of an item at the beginning of its text.
ITEM_NUMBER = re.compile(rf"\d{{1,3}}[.、\uff0e]{NOT_DECIMAL}")
_SENTENCE_MARK = re.compile(r"[。;!?\uff1b]")

# The last characters of office names, among them villages, schools and enterprises, which
# the grammar of 责任单位 does not cover.
_OFFICE_LAST_CHARACTERS = tuple(
    "科室处股办部队站所院局委组会村区街系馆校镇乡团厅署府庭行心司坊级工班机关支部单位"
)
_MAX_OFFICE_LENGTH = 14
_MAX_LONG_OFFICE_LENGTH = 30
_ENDS_WITH_VERB = re.compile(r"(?:牵头|负责|配合|落实|协办|协助|会办|汇总|实施)\)?[。;\uff1b]?\Z")
_MAX_UNITS_LENGTH = 120
_LONG_REQUIREMENT_LENGTH = 40
_LONG_POINT_LENGTH = 60
_MIN_SENTENCE_LENGTH = 8
_UNITS_SEPARATOR = re.compile(r"[、,;/\s]|牵头|配合|协助|负责|落实|会同|联合")
_NAME_CONJUNCTION = re.compile(r"和|及|与")

_REMARK_START = re.compile(
    r"(?:合计|总计|共计|小计)|(?:注|备注|说明|附注|附|填表人|填报人|制表人|审核人|填表单位"
    r"|填报单位|联系人|联系电话|制表|审核|填表说明)\d?[:\uff1a]"
)


def is_remark(text: str) -> bool:
    """Return whether ``text`` begins like a total, a note or a signature line."""
    return _REMARK_START.match(normalize(text)) is not None


def is_number(text: str) -> bool:
    """Return whether ``text`` is only the number of an item: 7, 7., (7), 1-2 or ⑦."""
    return _NUMBER_CELL.match(_normalize_cell_text(text)) is not None


def is_ordinal(text: str) -> bool:
    """Return whether ``text`` is only the numeral of a heading: 一 or （一）."""
    return _ORDINAL_CELL.match(_normalize_cell_text(text)) is not None


def is_deadline_text(text: str) -> bool:
    """Return whether ``text`` is a short phrase that names a time: 6月底前, 每季度, 长期."""
    normalized = _normalize_cell_text(text)
    max_length = (
        _MAX_DEADLINE_SENTENCE_LENGTH if normalized.endswith("。") else _MAX_DEADLINE_LENGTH
    )
    return (
        0 < len(normalized) <= max_length
        and not ITEM_NUMBER.match(normalized)
        and _DEADLINE_PHRASE.search(normalized) is not None
        and not _SENTENCE_MARK.search(normalized.rstrip("。"))
    )


# Several passes go down each column: all its texts fit.
@lru_cache(maxsize=2 * MAX_ROWS)
def is_units_text(text: str) -> bool:
    """Return whether every name in ``text`` looks like an office.

    This is loose: it serves to tell the column 责任单位 from others, not to read it.
    """
    stripped = narrow_characters(text).strip()
    if not 1 < len(stripped) <= _MAX_UNITS_LENGTH or is_number(stripped):
        return False
    if is_heading(stripped):
        return False
    if is_units_cell(stripped.rstrip("。")):
        return True
    if _ENDS_WITH_VERB.search(stripped) and _names_only_offices(stripped):
        return True
    names = [normalize(name).rstrip("。") for name in _UNITS_SEPARATOR.split(stripped)]
    names = [re.sub(r"\(.*?\)$|等$", "", name) for name in names if name]
    return bool(names) and all(
        # 发展和改革局 is one office, 财务科和办公室 are two.
        _is_office_name(name) or all(map(_is_office_name, _NAME_CONJUNCTION.split(name)))
        for name in names
    )


def _names_only_offices(text: str) -> bool:
    """Return whether the grammar of 责任单位 finds nothing but offices and words for them."""
    units = parse_units(text, ())
    names = [re.sub(r"\(.*?\)", "", name) for name in units.unknown_names]
    return bool(names or units.open_roles or units.assignments) and all(
        _is_office_name(name, _MAX_LONG_OFFICE_LENGTH) for name in names
    )


def _is_office_name(name: str, max_length: int = _MAX_OFFICE_LENGTH) -> bool:
    return (
        1 < len(name) <= max_length
        and name.endswith(_OFFICE_LAST_CHARACTERS)
        and not _SENTENCE_MARK.search(name)
    )


def is_heading(text: str) -> bool:
    """Return whether ``text`` begins with the numeral of a heading: 一、 or （一）."""
    stripped = text.strip()
    return bool(LEVEL_1_MARK.match(stripped) or LEVEL_2_MARK.match(stripped))


def score_fit_to_column(text: str, role: ColumnRole) -> float:
    """Return how well ``text`` fits a column of ``role``.

    Above 0 it looks like such a cell, below 0 it does not; a blank text gives 0. The
    weights were tuned on layouts of real plans; only their differences matter.
    """
    if not text.strip():
        return 0
    reads_as_number, reads_as_units = is_number(text), is_units_text(text)
    reads_as_deadline = is_deadline_text(text) and not is_heading(text)
    if role is ColumnRole.NUMBER:
        return 5 if reads_as_number else 1 if is_ordinal(text) else -8
    if role is ColumnRole.UNITS:
        return 4 if reads_as_units else -6 if reads_as_number else -3 if reads_as_deadline else -2
    if role is ColumnRole.DEADLINE:
        return 4 if reads_as_deadline and not reads_as_units else -6 if reads_as_number else -2
    if role is ColumnRole.NOTE:
        return -1 if reads_as_number or reads_as_units or reads_as_deadline else 0
    score = -3 if reads_as_number else -1.5 if reads_as_units or reads_as_deadline else 0.5
    return score + _score_prose(text.strip(), role)


def _score_prose(stripped: str, role: ColumnRole) -> float:
    """Return how well a text fits the column 工作要求, 工作要点 or 计划措施 by its form."""
    if role is ColumnRole.REQUIREMENT:
        is_long = len(stripped) > _LONG_REQUIREMENT_LENGTH
        return 3 if LEVEL_1_MARK.match(stripped) else -is_long
    if role is ColumnRole.POINT:
        is_long = len(stripped) > _LONG_POINT_LENGTH
        return 3 if LEVEL_2_MARK.match(stripped) else -is_long
    has_full_stop = stripped.endswith("。")
    has_number = ITEM_NUMBER.match(stripped) is not None
    return (len(stripped) >= _MIN_SENTENCE_LENGTH) + has_full_stop + has_number


def compute_share(texts: Sequence[str], role: ColumnRole) -> float:
    """Return the share (0 to 1) of the filled ``texts`` that look like cells of ``role``."""
    filled_texts = [text for text in texts if text.strip()]
    if not filled_texts:
        return 0
    return sum(score_fit_to_column(text, role) > 0 for text in filled_texts) / len(filled_texts)


def _normalize_cell_text(text: str) -> str:
    return normalize(narrow_characters(text))
