"""Classify the text of one cell: number, heading, units, deadline or prose.

:func:`score_likeness` rates how well a text fits a column; ``header_detection`` uses it
to find columns without a header, ``table_parser`` and ``formats.text_tables`` to put
cells back into the right columns. The predicates (``is_number`` …) normalise the text
themselves.

:func:`split_trailing_units` and :func:`parse_labelled_units` read units and deadlines
that a plan writes at the end of a task's text, or under labels in one cell, instead of
in columns of their own.

The word lists of units here are loose: they only decide what kind of cell a text is.
Who is responsible is decided by the grammar in ``responsible_units``.
"""

from __future__ import annotations

import re
from collections.abc import Sequence
from dataclasses import dataclass
from functools import lru_cache

from ledgerbook.chinese_numerals import ORDINAL_CHARACTERS
from ledgerbook.plan.grid import ColumnRole
from ledgerbook.plan.number_marks import LEVEL_1_MARK, LEVEL_2_MARK, NOT_DECIMAL
from ledgerbook.plan.responsible_units import is_units_cell
from ledgerbook.plan.text_repair import narrow_characters
from ledgerbook.text import normalize

# 7, 7., (7), 1-2, ⑦, 7.0; scanned text has L for 1.
_NUMBER_CELL = re.compile(r"\(?(?:\d{1,3}(?:[-.]\d{1,2})?|[IlL])[.、)]?\Z|[\u2460-\u2473]\Z")
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


@lru_cache(maxsize=4096)
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
    names = [normalize(name).rstrip("。") for name in _UNITS_SEPARATOR.split(stripped)]
    names = [re.sub(r"\(.*?\)$|等$", "", name) for name in names if name]
    return bool(names) and all(
        # 发展和改革局 is one office, 财务科和办公室 are two.
        _is_office_name(name) or all(map(_is_office_name, _NAME_CONJUNCTION.split(name)))
        for name in names
    )


def _is_office_name(name: str) -> bool:
    return (
        1 < len(name) <= _MAX_OFFICE_LENGTH
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


# --- Units and deadlines at the end of a task's text ---
#
# 做好政策解读。（责任单位：综合科；完成时限：6月底前）

_UNITS_LABEL = (
    r"(?:牵头|责任|负责|主办|承办|落实|配合|协办|实施|主责)(?:责任)?"
    r"(?:单位|科室|部门|处室|股室|处|科)|责任分工|责任人|牵头|主办|配合|协办"
)
_DEADLINE_LABEL = r"(?:完成|办结|落实)?(?:时限|期限|时间)(?:要求|节点|安排)?|时间节点"
_TAIL_LABEL = re.compile(
    rf"(?P<label>(?P<who>{_UNITS_LABEL})|(?P<when>{_DEADLINE_LABEL}))\s*[:\uff1a]\s*"
)
_OPENING_BRACKETS = "(\uff08[【\u3014"
_CLOSING_BRACKETS = ")\uff09]】\u3015"
_TRAILING_MARKS = "。.;\uff1b \u3000\n"
_LEAD_LABEL = re.compile(r"牵头|主办|主责")
_SUPPORT_LABEL = re.compile(r"配合|协办")
_TRAILING_ROLE_VERB = re.compile(r"牵头|统筹|配合|协办|协助|会办|汇总|负责|落实|按.*职")
_MAX_TAIL_LENGTH = 200


@dataclass(frozen=True, slots=True)
class TrailingUnits:
    """A task's text, and the units and deadline that were split off its end.

    ``units`` and ``deadline_text`` are blank if nothing was split off.
    """

    text: str
    units: str = ""
    deadline_text: str = ""


def parse_labelled_units(text: str) -> tuple[str, str] | None:
    """Parse a cell that consists of labels such as 牵头单位：… and 完成时限：….

    Returns the units, each with the verb of its label, and the deadline text; None if
    the cell holds anything else.
    """
    return _parse_labels(text.strip())


def has_trailing_units(text: str, *, explicit: bool = False) -> bool:
    """Return whether ``text`` ends with units.

    With ``explicit`` they must follow a label (责任单位：) or have a verb (牵头), so that
    a bracket such as （办公室） at the end of any sentence does not count.
    """
    units = split_trailing_units(text).units
    is_explicit = bool(_TAIL_LABEL.search(text) or _TRAILING_ROLE_VERB.search(units))
    return bool(units) and (not explicit or is_explicit)


def may_have_explicit_units(text: str) -> bool:
    """Return whether any part of ``text`` can be explicit for ``has_trailing_units``."""
    return bool(_TAIL_LABEL.search(text) or _TRAILING_ROLE_VERB.search(text))


def has_only_labels(text: str) -> bool:
    """Return whether ``text`` consists of labels of units and deadlines only."""
    stripped = text.strip()
    label_text = (
        stripped[1:-1]
        if stripped[:1] in _OPENING_BRACKETS and stripped[-1:] in _CLOSING_BRACKETS
        else stripped
    )
    return len(stripped) <= _MAX_TAIL_LENGTH and _parse_labels(label_text) is not None


def split_trailing_units(text: str) -> TrailingUnits:
    """Split 责任单位 and 时限 off the end of a task's text.

    They may stand in a bracket, or after labels that begin a line or a sentence. A text
    without them is returned unchanged.
    """
    trailing = _split_trailing_bracket(text) or _split_trailing_line(text)
    return trailing or TrailingUnits(text)


def _split_trailing_bracket(text: str) -> TrailingUnits | None:
    stripped = text.rstrip(_TRAILING_MARKS)
    if not stripped or stripped[-1] not in _CLOSING_BRACKETS:
        return None
    opening_index = _find_opening_bracket(stripped)
    if opening_index is None or len(stripped) - opening_index > _MAX_TAIL_LENGTH:
        return None
    bracket_text = stripped[opening_index + 1 : -1]
    task_text = stripped[:opening_index].rstrip()
    # A full stop after the bracket belongs to the sentence before it.
    full_stop = "。" if "。" in text[len(stripped) :] and task_text[-1:] not in "。;" else ""
    if labelled := _parse_labels(bracket_text):
        return TrailingUnits(task_text + full_stop, *labelled)
    if (
        task_text
        and is_units_cell(narrow_characters(bracket_text).rstrip("。"))
        and len(bracket_text) > 1
    ):
        return TrailingUnits(task_text + full_stop, bracket_text)
    return None


def _split_trailing_line(text: str) -> TrailingUnits | None:
    """Split off labels that begin a line or a sentence after the text itself."""
    for label in _TAIL_LABEL.finditer(text):
        task_text = text[: label.start()].rstrip(" \u3000")
        begins_line = task_text.endswith(("\n", "。", "\uff1b", ";"))
        if begins_line and (labelled := _parse_labels(text[label.start() :])):
            return TrailingUnits(task_text.rstrip(), *labelled)
    return None


def _find_opening_bracket(text: str) -> int | None:
    """Return the index of the bracket that matches the closing one at the end."""
    depth = 0
    for index in range(len(text) - 1, -1, -1):
        depth += (text[index] in _CLOSING_BRACKETS) - (text[index] in _OPENING_BRACKETS)
        if depth == 0:
            return index
    return None


def _parse_labels(text: str) -> tuple[str, str] | None:
    """Parse labels and their values, which must make up all of ``text``.

    Returns (units, deadline text), or None if there is no label of units or ``text``
    begins with something else.
    """
    labels = list(_TAIL_LABEL.finditer(text))
    if not labels or labels[0].start() > 0 or not any(label["who"] for label in labels):
        return None
    ends = [*(label.start() for label in labels[1:]), len(text)]
    units: list[str] = []
    deadline_texts: list[str] = []
    has_several_units = sum(bool(label["who"]) for label in labels) > 1
    for label, end in zip(labels, ends, strict=True):
        value = text[label.end() : end].strip(f"{_TRAILING_MARKS},\uff0c、")
        if label["when"]:
            deadline_texts.append(value)
        elif value:
            units.append(
                add_unit_role(
                    value,
                    _find_unit_role(label["label"], has_several_units=has_several_units),
                )
            )
    return "\uff0c".join(units), "\uff0c".join(deadline_texts)


def _find_unit_role(label: str, *, has_several_units: bool) -> str:
    if _LEAD_LABEL.search(label):
        return "牵头"
    if _SUPPORT_LABEL.search(label):
        return "配合"
    return "落实" if has_several_units else ""


def add_unit_role(units: str, unit_role: str) -> str:
    """Append the verb that a column or label implies, unless ``units`` has a verb already."""
    stripped = units.strip().rstrip("。;\uff1b")
    return (
        f"{stripped}{unit_role}"
        if unit_role and stripped and not _TRAILING_ROLE_VERB.search(stripped)
        else units
    )
