"""Read units and deadlines that a plan writes outside columns of their own.

They stand at the end of a task's text, in a bracket or under labels, or under labels in
one cell:

    做好政策解读。（责任单位：综合科；完成时限：6月底前）
    做好政策解读。（综合科牵头，各科室按职责分工负责，6月底前完成）

:func:`split_trailing_units` splits them off a text, :func:`parse_labelled_units` reads a
cell of labels. What a label means is what the header of a column would mean.
"""

from __future__ import annotations

import re
from dataclasses import dataclass, replace

from ledgerbook.plan.cell_classifier import is_deadline_text, is_units_text
from ledgerbook.plan.header_meaning import (
    PERSON_HEADER_PATTERN,
    UNITS_HEADER_PATTERN,
    find_unit_role,
)
from ledgerbook.plan.number_marks import LEVEL_1_MARK, LEVEL_2_MARK
from ledgerbook.plan.responsible_units import add_role_verb, is_units_cell
from ledgerbook.plan.text_repair import narrow_characters

_LABEL = re.compile(
    r"(?P<label>"
    rf"(?P<who>{UNITS_HEADER_PATTERN}|责任分工|牵头|主办|承办|配合|协办)"
    rf"|(?P<person>{PERSON_HEADER_PATTERN})"
    r"|(?P<when>(?:整改|完成|办结|落实|销号|推进|工作|计划){0,4}(?:时限|期限|时间|限期|时间节点)(?:要求|节点|安排)?)"
    r")\s*[:\uff1a]\s*"
)
_OPENING_BRACKETS = "(\uff08[【\u3014"
_CLOSING_BRACKETS = ")\uff09]】\u3015"
_TRAILING_MARKS = "。.;\uff1b \u3000\n"
_VALUE_SEPARATOR = re.compile(r"[,\uff0c;\uff1b。]")
_TRAILING_ROLE_VERB = re.compile(r"牵头|统筹|配合|协办|协助|会办|汇总|负责|落实|按.*职")
_MAX_TAIL_LENGTH = 300
_HEADING_COUNT = re.compile(
    r"[(\uff08]?(?:共)?\d{1,3}[项条个件][)\uff09]?$|(?:任务|工作|职责)(?:清单)?$|[:\uff1a]$"
)


@dataclass(frozen=True, slots=True)
class TrailingUnits:
    """A task's text, and the units and deadline that were split off its end.

    ``units`` and ``deadline_text`` are blank if nothing was split off. ``notes`` are the
    labels of persons with their names, where units are named too: 责任领导：周某.
    """

    text: str
    units: str = ""
    deadline_text: str = ""
    notes: tuple[str, ...] = ()


def parse_labelled_units(text: str) -> TrailingUnits | None:
    """Parse a cell that consists of labels such as 牵头单位：… and 完成时限：….

    The units have each the verb of its label; None if the cell holds anything else.
    """
    return _parse_labels(text.strip())


def has_trailing_units(text: str, *, explicit: bool = False) -> bool:
    """Return whether ``text`` ends with units.

    With ``explicit`` they must follow a label (责任单位：) or have a verb (牵头), so that
    a bracket such as （办公室） at the end of any sentence does not count.
    """
    units = split_trailing_units(text).units
    is_explicit = bool(_LABEL.search(text) or _TRAILING_ROLE_VERB.search(units))
    return bool(units) and (not explicit or is_explicit)


def may_have_units(text: str) -> bool:
    """Return whether any part of ``text`` can end with units."""
    return bool(_LABEL.search(text) or re.search(r"[)\uff09\]】〕]", text))


def has_only_labels(text: str) -> bool:
    """Return whether ``text`` consists of labels of units, persons and deadlines only."""
    stripped = text.strip()
    label_text = (
        stripped[1:-1]
        if stripped[:1] in _OPENING_BRACKETS and stripped[-1:] in _CLOSING_BRACKETS
        else stripped
    )
    return len(stripped) <= _MAX_TAIL_LENGTH and _LABEL.match(label_text) is not None


def split_trailing_units(text: str) -> TrailingUnits:
    """Split 责任单位 and 时限 off the end of a task's text.

    They may stand in a bracket, or after labels that begin a line or a sentence. A text
    without them is returned unchanged.
    """
    trailing = _split_trailing_bracket(text) or _split_trailing_line(text)
    return trailing or TrailingUnits(text)


def parse_heading_units(heading: str) -> str:
    """Return the units that a heading consists of, or blank: 一、综合科（3项）."""
    mark = LEVEL_1_MARK.match(heading) or LEVEL_2_MARK.match(heading)
    text = _HEADING_COUNT.sub("", heading[mark.end() if mark else 0 :].strip()).strip()
    return text if is_units_cell(text) else ""


def _split_trailing_bracket(text: str) -> TrailingUnits | None:
    stripped = text.rstrip(_TRAILING_MARKS)
    if not stripped or stripped[-1] not in _CLOSING_BRACKETS:
        return None
    opening_index = _find_opening_bracket(stripped)
    if opening_index is None or len(stripped) - opening_index > _MAX_TAIL_LENGTH:
        return None
    bracket_text = stripped[opening_index + 1 : -1].strip()
    task_text = stripped[:opening_index].rstrip()
    # A full stop after the bracket belongs to the sentence before it.
    full_stop = "。" if "。" in text[len(stripped) :] and task_text[-1:] not in "。;" else ""
    if labelled := _parse_labels(bracket_text):
        return replace(labelled, text=task_text + full_stop)
    units, deadline_text = _split_off_deadline(bracket_text)
    if task_text and _is_bracket_of_units(units):
        return TrailingUnits(task_text + full_stop, units, deadline_text)
    return None


def _is_bracket_of_units(text: str) -> bool:
    """Return whether a bracket names units only; a loose name needs a verb after it."""
    narrow = narrow_characters(text).rstrip("。")
    return len(narrow) > 1 and (
        is_units_cell(narrow)
        or (_TRAILING_ROLE_VERB.search(narrow) is not None and is_units_text(narrow))
    )


def _split_trailing_line(text: str) -> TrailingUnits | None:
    """Split off labels that begin a line or a sentence after the text itself."""
    for label in _LABEL.finditer(text):
        task_text = text[: label.start()].rstrip(" \u3000")
        opening = task_text[-1:] if task_text[-1:] in _OPENING_BRACKETS else ""
        task_text = task_text.removesuffix(opening) if opening else task_text
        begins_line = task_text.endswith(("\n", "。", "\uff1b", ";"))
        tail = text[label.start() :].rstrip(_CLOSING_BRACKETS + _TRAILING_MARKS if opening else "")
        if begins_line and (labelled := _parse_labels(tail)):
            return replace(labelled, text=task_text.rstrip())
    return None


def _find_opening_bracket(text: str) -> int | None:
    """Return the index of the bracket that matches the closing one at the end."""
    depth = 0
    for index in range(len(text) - 1, -1, -1):
        depth += (text[index] in _CLOSING_BRACKETS) - (text[index] in _OPENING_BRACKETS)
        if depth == 0:
            return index
    return None


def _parse_labels(text: str) -> TrailingUnits | None:
    """Parse labels and their values, which must make up all of ``text``.

    None if there is no label of units or persons, or ``text`` begins with something else.
    Persons count as units only where there is no label of units.
    """
    labels = [label for label in _LABEL.finditer(text) if _begins_label(text, label.start())]
    if not labels or labels[0].start() > 0:
        return None
    has_units = any(label["who"] for label in labels)
    unit_group = "who" if has_units else "person"
    unit_count = sum(bool(label[unit_group]) for label in labels)
    if not unit_count:
        return None
    ends = [*(label.start() for label in labels[1:]), len(text)]
    units: list[str] = []
    deadline_texts: list[str] = []
    notes: list[str] = []
    for label, end in zip(labels, ends, strict=True):
        value = text[label.end() : end].strip(f"{_TRAILING_MARKS},\uff0c、{_OPENING_BRACKETS[:2]}")
        if label["when"]:
            deadline_texts.append(value)
        elif label[unit_group]:
            names, deadline_text = _split_off_deadline(value)
            role = find_unit_role(label["label"]) or ("落实" if unit_count > 1 else "")
            units += [add_role_verb(names, role)] if names else []
            deadline_texts += [deadline_text] if deadline_text else []
        elif value:
            notes.append(f"{label['label']}：{value}")
    return TrailingUnits("", "\uff0c".join(units), "\uff0c".join(deadline_texts), tuple(notes))


def _begins_label(text: str, index: int) -> bool:
    """Return whether what begins at ``index`` is no part of a longer word."""
    return index == 0 or not text[index - 1].isalnum()


def _split_off_deadline(text: str) -> tuple[str, str]:
    """Split the deadline off the end of units: 市级各部门，6月底完成."""
    for separator in reversed(list(_VALUE_SEPARATOR.finditer(text.rstrip(_TRAILING_MARKS)))):
        tail = text[separator.end() :].strip(_TRAILING_MARKS)
        if is_deadline_text(tail) and not is_units_text(tail):
            return text[: separator.start()].rstrip(), tail
        break
    return text, ""
