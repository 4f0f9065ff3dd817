"""The flat records that a form is read from and written to; slips in them."""

from __future__ import annotations

import re
from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass
from enum import StrEnum
from typing import TypeVar

from ledgerbook.forms.due_rules import format_rule
from ledgerbook.model import Column, Condition, ConditionKind, Form

Record = Mapping[str, object]
_Word = TypeVar("_Word", bound=StrEnum)

# Record key → what the clerk calls it, in the order of the sheet's columns.
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
}
CHOICE_FIELDS: Mapping[str, str] = {
    "list": "选项组",
    "value": "选项",
    "meaning": "含义",
    "note": "说明",
}


@dataclass(frozen=True, slots=True)
class FormError:
    """A mistake in a record of ``table``, columns or choices; ``row`` from 0."""

    table: str
    row: int
    key: str
    message: str


@dataclass(frozen=True, slots=True)
class ErrorCollector:
    """Collects the mistakes of one record."""

    table: str
    row: int
    errors: list[FormError]

    def __call__(self, key: str, message: str) -> None:
        self.errors.append(FormError(self.table, self.row, key, message))


def build_column_record(column: Column, form: Form) -> dict[str, object]:
    """Flatten ``column`` again: the record that :func:`build_form` reads."""
    record = {field: getattr(column, field) for field in COLUMN_FIELDS}
    record["required"] = ";".join(
        _format_condition(condition, form) for condition in column.required
    )
    headers = {condition.key: condition.header for condition in form.columns}
    record["not_before"] = headers.get(column.not_before, "")
    record["due"] = format_rule(column.due, headers) if column.due else ""
    return record


def iter_choice_records(form: Form) -> Iterator[dict[str, object]]:
    for choice_list in form.choice_lists:
        for choice in choice_list.choices:
            yield {
                "list": choice_list.name,
                "value": choice.value,
                "meaning": choice.meaning,
                "note": choice.note,
            }


def _format_condition(condition: Condition, form: Form) -> str:
    if condition.when is not ConditionKind.EQUALS:
        return str(condition.when)
    return f"{form.get_column(condition.column).header}={'/'.join(condition.values)}"


def get_text(record: Record, key: str) -> str:
    value = record.get(key)
    return "" if value is None else str(value).strip()


def get_enum_member(
    record: Record, key: str, enum_type: type[_Word], report_error: ErrorCollector
) -> _Word | None:
    """Read one of a closed list of words; blank is None."""
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
    text = get_text(record, key)
    if not text:
        return None
    try:
        return float(text)
    except ValueError:
        report_error(key, f"“{text}”不是数字，请改为数字。")
        return None


def split_parts(text: str, separators: str) -> Iterable[str]:
    pieces = re.split(f"[{re.escape(separators)}]", text)
    return [piece.strip() for piece in pieces if piece.strip()]
