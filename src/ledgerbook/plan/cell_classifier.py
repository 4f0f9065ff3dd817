"""What a cell reads as, whatever column it stands in."""

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

# 7, 7., (7), 1-2, ⑦, 7.0; scans write L for 1.
_NUMBER_CELL = re.compile(r"\(?(?:\d{1,3}(?:[-.]\d{1,2})?|[IlL])[.、)]?\Z|[\u2460-\u2473]\Z")
_ORDINAL_CELL = re.compile(rf"\(?[{ORDINAL_CHARACTERS}]{{1,3}}[)、.]?\Z")

_MAX_DEADLINE_LENGTH = 30
_MAX_DEADLINE_SENTENCE_LENGTH = 14
_DEADLINE_PHRASE = re.compile(
    r"\d月|\d日|年底|年末|年内|全年|月底|季度|上半年|下半年|旬|长期|常年|持续|每[年月周季]"
    r"|按[年月周季]|立即|即时|实时|随时|适时|定期|工作日内|(?:19|20)\d\d[-./]\d{1,2}"
    r"|(?:19|20)\d\d年(?!度)"
)
# The number of an item, before its text.
ITEM_NUMBER = re.compile(rf"\d{{1,3}}[.、\uff0e]{NOT_DECIMAL}")
_SENTENCE_MARK = re.compile(r"[。;!?\uff1b]")

# Offices that no grammar of 责任单位 knows: villages, schools, enterprises.
_OFFICE_ENDS = "科室处股办部队站所院局委组会村区街系馆校镇乡团厅署府庭行心司坊级工班机关支部单位"
_MAX_OFFICE_LENGTH = 14
_MAX_UNITS_LENGTH = 120
_LONG_REQUIREMENT_LENGTH, _LONG_POINT_LENGTH, _MIN_SENTENCE_LENGTH = 40, 60, 8
_UNITS_SEPARATOR = re.compile(r"[、,;/\s]|牵头|配合|协助|负责|落实|会同|联合")
_NAME_CONJUNCTION = re.compile(r"和|及|与")

_REMARK_START = re.compile(
    r"(?:合计|总计|共计|小计)|(?:注|备注|说明|附注|附|填表人|填报人|制表人|审核人|填表单位"
    r"|填报单位|联系人|联系电话|制表|审核|填表说明)\d?[:\uff1a]"
)


def is_remark(text: str) -> bool:
    """Whether ``text`` is a total, a note or a signature, and no part of an item."""
    return _REMARK_START.match(normalize(text)) is not None


def is_number(text: str) -> bool:
    return _NUMBER_CELL.match(_normalize_cell_text(text)) is not None


def is_ordinal(text: str) -> bool:
    """Whether ``text`` is nothing but 一 or (一): the number of a heading."""
    return _ORDINAL_CELL.match(_normalize_cell_text(text)) is not None


def is_deadline_text(text: str) -> bool:
    normalized = _normalize_cell_text(text)
    return (
        0
        < len(normalized)
        <= (_MAX_DEADLINE_SENTENCE_LENGTH if normalized.endswith("。") else _MAX_DEADLINE_LENGTH)
        and not ITEM_NUMBER.match(normalized)
        and _DEADLINE_PHRASE.search(normalized) is not None
        and not _SENTENCE_MARK.search(normalized.rstrip("。"))
    )


@lru_cache(maxsize=4096)
def is_units_text(text: str) -> bool:
    """Whether ``text`` reads as 责任单位, loosely: only to tell columns apart."""
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
        and name.endswith(tuple(_OFFICE_ENDS))
        and not _SENTENCE_MARK.search(name)
    )


def is_heading(text: str) -> bool:
    stripped = text.strip()
    return bool(LEVEL_1_MARK.match(stripped) or LEVEL_2_MARK.match(stripped))


def score_likeness(text: str, role: ColumnRole) -> float:
    """Say how much ``text`` looks like a cell of ``role``; below 0 it does not."""
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
    return _score_text_likeness(
        text,
        role,
        -3 if reads_as_number else -1.5 if reads_as_units or reads_as_deadline else 0.5,
    )


def _score_text_likeness(text: str, role: ColumnRole, score: float) -> float:
    stripped = text.strip()
    if role is ColumnRole.REQUIREMENT:
        return score + (
            3
            if LEVEL_1_MARK.match(stripped)
            else -1
            if len(stripped) > _LONG_REQUIREMENT_LENGTH
            else 0
        )
    if role is ColumnRole.POINT:
        return score + (
            3 if LEVEL_2_MARK.match(stripped) else -1 if len(stripped) > _LONG_POINT_LENGTH else 0
        )
    has_full_stop = stripped.endswith("。")
    has_number = ITEM_NUMBER.match(stripped) is not None
    return score + (len(stripped) >= _MIN_SENTENCE_LENGTH) + has_full_stop + has_number


def compute_share(texts: Sequence[str], role: ColumnRole) -> float:
    """Return how many of the filled ``texts`` look like ``role``, from 0 to 1."""
    filled_texts = [text for text in texts if text.strip()]
    return (
        sum(score_likeness(text, role) > 0 for text in filled_texts) / len(filled_texts)
        if filled_texts
        else 0
    )


def _normalize_cell_text(text: str) -> str:
    return normalize(narrow_characters(text))


# Units and limits that stand in brackets, or on a line, at the end of a task's text.
#
# 做好政策解读。(责任单位:综合科;完成时限:6月底前)

_UNITS_LABEL = (
    r"(?:牵头|责任|负责|主办|承办|落实|配合|协办|实施|主责)(?:责任)?"
    r"(?:单位|科室|部门|处室|股室|处|科)|责任分工|责任人|牵头|主办|配合|协办"
)
_DEADLINE_LABEL = r"(?:完成|办结|落实)?(?:时限|期限|时间)(?:要求|节点|安排)?|时间节点"
_TAIL_LABEL = re.compile(
    rf"(?P<label>(?P<who>{_UNITS_LABEL})|(?P<when>{_DEADLINE_LABEL}))\s*[:\uff1a]\s*"
)
_OPENING_BRACKETS, _CLOSING_BRACKETS = "(\uff08[【\u3014", ")\uff09]】\u3015"
_TRAILING_MARKS = "。.;\uff1b \u3000\n"
_LEAD_LABEL = re.compile(r"牵头|主办|主责")
_SUPPORT_LABEL = re.compile(r"配合|协办")
_ROLE_VERB = re.compile(r"牵头|统筹|配合|协办|协助|会办|汇总|负责|落实|按.*职")
_MAX_TAIL_LENGTH = 200


@dataclass(frozen=True, slots=True)
class TrailingUnits:
    """A task's text and what stood at its end."""

    text: str
    units: str = ""
    deadline_text: str = ""


def parse_labelled_units(text: str) -> tuple[str, str] | None:
    """Read a cell that says 牵头单位:… and 配合单位:…: its units, then its limit."""
    return _parse_labels(text.strip())


def has_trailing_units(text: str, *, explicit: bool = False) -> bool:
    """Whether units end ``text``; if ``explicit``, under a name or with what they do."""
    units = split_trailing_units(text).units
    is_explicit = bool(_TAIL_LABEL.search(text) or _ROLE_VERB.search(units))
    return bool(units) and (not explicit or is_explicit)


def has_only_labels(text: str) -> bool:
    """Whether ``text`` says nothing but who is responsible, and until when."""
    stripped = text.strip()
    label_text = (
        stripped[1:-1]
        if stripped[:1] in _OPENING_BRACKETS and stripped[-1:] in _CLOSING_BRACKETS
        else stripped
    )
    return len(stripped) <= _MAX_TAIL_LENGTH and _parse_labels(label_text) is not None


def split_trailing_units(text: str) -> TrailingUnits:
    """Cut 责任单位 and 时限 off the end of ``text``, if they stand there."""
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
    # A full stop after the bracket was that of the sentence before it.
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
    """Read labels that begin a line, or a sentence, after the text itself."""
    for label in _TAIL_LABEL.finditer(text):
        task_text = text[: label.start()].rstrip(" \u3000")
        begins_line = task_text.endswith(("\n", "。", "\uff1b", ";"))
        if begins_line and (labelled := _parse_labels(text[label.start() :])):
            return TrailingUnits(task_text.rstrip(), *labelled)
    return None


def _find_opening_bracket(text: str) -> int | None:
    depth = 0
    for index in range(len(text) - 1, -1, -1):
        depth += (text[index] in _CLOSING_BRACKETS) - (text[index] in _OPENING_BRACKETS)
        if depth == 0:
            return index
    return None


def _parse_labels(text: str) -> tuple[str, str] | None:
    """Read 责任单位:… and 完成时限:… from ``text``, which they must fill."""
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
    """Say of ``units`` the role that their column gives, unless they say one."""
    stripped = units.strip().rstrip("。;\uff1b")
    return (
        f"{stripped}{unit_role}"
        if unit_role and stripped and not _ROLE_VERB.search(stripped)
        else units
    )
