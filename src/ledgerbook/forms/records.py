"""Define the flat records of a form, read their values and write them.

A record is a mapping from the keys of COLUMN_FIELDS or CHOICE_FIELDS to values: a table of
a TOML file, or a row of 字段 or 选项.
"""

from __future__ import annotations

import re
from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass
from enum import StrEnum
from typing import TypeVar

from ledgerbook.forms.due_rules import format_rule
from ledgerbook.model import Column, Condition, ConditionKind, Form

Record = Mapping[str, object]
_EnumT = TypeVar("_EnumT", bound=StrEnum)

# Key of a record → header in the book, in the order of the sheet's columns.
COLUMN_FIELDS: Mapping[str, str] = {
    "key": "代号",
    "header": "列名",
    "kind": "类型",
    "filler": "填写人",
    "source": "取自",
    "width": "列宽",
    "choices": "选项组",
    "max_length": "最多字数",
    "required": "何时必填",
    "prompt": "填写提示",
    "example": "示例",
    "not_before": "不早于",
    "due": "期限算法",
    "excluded": "何时不填",
    "personal": "个人信息",
    "period": "年度判定",
}
# What marks a column as personal data.
PERSONAL_WORD = "是"
CHOICE_FIELDS: Mapping[str, str] = {
    "list": "选项组",
    "value": "选项",
    "meaning": "含义",
    "note": "说明",
}


@dataclass(frozen=True, slots=True)
class FormError:
    """A mistake in a record; ``table`` is "columns" or "choices", ``row`` is 0-based."""

    table: str
    row: int
    key: str
    message: str


@dataclass(frozen=True, slots=True)
class ErrorCollector:
    """Append the mistakes of one record to ``errors`` when called with key and message."""

    table: str
    row: int
    errors: list[FormError]

    def __call__(self, key: str, message: str) -> None:
        self.errors.append(FormError(self.table, self.row, key, message))


def build_column_record(column: Column, form: Form) -> dict[str, object]:
    """Return the record of ``column`` that :func:`ledgerbook.forms.build_form` reads."""
    record = {key: getattr(column, key, None) for key in COLUMN_FIELDS}
    record["personal"] = PERSONAL_WORD if column.is_personal else ""
    for field in ("required", "excluded"):
        conditions: tuple[Condition, ...] = getattr(column, field)
        record[field] = ";".join(_format_condition(condition, form) for condition in conditions)
    headers = {form_column.key: form_column.header for form_column in form.columns}
    record["not_before"] = headers.get(column.not_before, "")
    record["due"] = format_rule(column.due, headers) if column.due else ""
    return record


def iter_choice_records(form: Form) -> Iterator[dict[str, object]]:
    """Yield the records of all choices, list by list."""
    for choice_list in form.choice_lists:
        for choice in choice_list.choices:
            yield {
                "list": choice_list.name,
                "value": choice.value,
                "meaning": choice.meaning,
                "note": choice.note,
            }


def _format_condition(condition: Condition, form: Form) -> str:
    """Return one condition of 何时必填 or 何时不填 as text, such as 完成状态=已完成."""
    if condition.when is not ConditionKind.EQUALS:
        return str(condition.when)
    return f"{form.get_column(condition.column).header}={'/'.join(condition.values)}"


def get_text(record: Record, key: str) -> str:
    """Return a value as stripped text; blank when it is missing."""
    value = record.get(key)
    return "" if value is None else str(value).strip()


def get_enum_member(
    record: Record, key: str, enum_type: type[_EnumT], report_error: ErrorCollector
) -> _EnumT | None:
    """Return a value as a member of ``enum_type``; None when it is blank or a mistake."""
    text = get_text(record, key)
    if not text:
        return None
    try:
        return enum_type(text)
    except ValueError:
        options = "、".join(enum_type)
        report_error(key, f"“{text}”不在可选范围（{options}）内，请改为其中一项。")
        return None


def get_number(record: Record, key: str, report_error: ErrorCollector) -> float | None:
    """Return a value as a number; None when it is blank or a mistake."""
    text = get_text(record, key)
    if not text:
        return None
    try:
        return float(text)
    except ValueError:
        report_error(key, f"“{text}”不是数字，请改为数字。")
        return None


def split_parts(text: str, separators: str) -> Iterable[str]:
    """Split a text at any of the characters ``separators``; blank parts are left out."""
    pieces = re.split(f"[{re.escape(separators)}]", text)
    return [piece.strip() for piece in pieces if piece.strip()]
