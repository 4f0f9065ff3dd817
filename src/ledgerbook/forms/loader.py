"""Build forms from records, load the factory definitions and serialize forms as JSON.

Records come from the TOML files of ``templates/``, from 字段 and 选项 of the book, and from
the JSON text of a form that an issued workbook or the book carries. Mistakes are returned
as :class:`FormError`, each with table, row and key.
"""

from __future__ import annotations

import dataclasses
import hashlib
import json
import re
import tomllib
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from functools import lru_cache
from typing import Any

from ledgerbook.errors import InputError
from ledgerbook.forms.due_rules import DueRuleError, parse_rule
from ledgerbook.forms.records import (
    COLUMN_FIELDS,
    PERSONAL_WORD,
    ErrorCollector,
    FormError,
    Record,
    build_column_record,
    get_enum_member,
    get_number,
    get_text,
    iter_choice_records,
    split_parts,
)
from ledgerbook.forms.validation import (
    COLUMN_WIDTH_RANGE,
    check_choice,
    check_column,
    check_exclusions,
    check_form_key,
    check_register_columns,
    check_task_ledger_columns,
    check_unique_columns,
)
from ledgerbook.model import (
    Choice,
    ChoiceList,
    Column,
    ColumnSource,
    ColumnType,
    Condition,
    ConditionKind,
    DueRule,
    Filler,
    Form,
    PeriodRole,
    StatusCategory,
)
from ledgerbook.model.cell_rules import NUMBER_TYPES
from ledgerbook.model.forms import EMPTY_ANSWERS_LIST
from ledgerbook.storage.resources import find_resource
from ledgerbook.text import is_blank

_KEY_PATTERN = re.compile(r"[a-z][a-z0-9_]*")
_PART_SEPARATORS = ";\uff1b"
# Field of a column → words that are a condition, and what may be written.
_CONDITION_FIELDS: Mapping[str, tuple[tuple[str, ...], str]] = {
    "required": ((ConditionKind.ALWAYS, ConditionKind.OVERDUE), "“始终”“逾期”或“列名=选项”"),
    "excluded": ((), "“列名=选项”"),
}
_KEY_ADVICE = "不能空着，请起一个英文代号，例如 funds；每列的代号要不同。"
# Types of columns that 不早于 can compare.
_COMPARABLE_TYPES = (ColumnType.DATE, *NUMBER_TYPES)


@dataclass(frozen=True, slots=True)
class RegisterSettings:
    """What a form has besides columns and choices; all blank for the task ledger.

    ``rows`` is the number of blank rows in an issued sheet, more than 0 for every register;
    ``identity`` are the keys of the columns by which two entries are the same; ``purpose``
    is a text for people.
    """

    rows: int = 0
    identity: tuple[str, ...] = ()
    purpose: str = ""


_TASK_LEDGER_SETTINGS = RegisterSettings()


def build_form(
    key: str,
    title: str,
    columns: Sequence[Record],
    choices: Sequence[Record],
    settings: RegisterSettings = _TASK_LEDGER_SETTINGS,
) -> tuple[Form, tuple[FormError, ...]]:
    """Build a form from flat records; return it with all mistakes.

    With mistakes the form is incomplete: use it for further messages only.
    """
    errors: list[FormError] = []
    choice_lists = _build_choice_lists(choices, errors)
    parsed_columns = tuple(
        _build_column(index, record, choice_lists, errors) for index, record in enumerate(columns)
    )
    by_header = {column.header: column for column in parsed_columns}
    complete_columns = tuple(
        dataclasses.replace(
            column,
            required=_parse_conditions(index, record, "required", by_header, choice_lists, errors),
            excluded=_parse_conditions(index, record, "excluded", by_header, choice_lists, errors),
            not_before=_parse_not_before(index, record, by_header, errors),
            due=_parse_due_rule(index, record, by_header, errors),
        )
        for index, (column, record) in enumerate(zip(parsed_columns, columns, strict=True))
    )
    errors += check_unique_columns(complete_columns)
    errors += check_exclusions(complete_columns)
    if settings.rows:
        errors += check_register_columns(complete_columns, settings.identity)
    else:
        errors += check_task_ledger_columns(complete_columns, choice_lists)
    form = Form(
        key,
        title,
        complete_columns,
        tuple(choice_lists.values()),
        settings.rows,
        settings.identity,
        settings.purpose,
    )
    return form, tuple(errors)


def _build_choice_lists(
    records: Sequence[Record], errors: list[FormError]
) -> dict[str, ChoiceList]:
    """Build the choice lists by name."""
    choices_by_list: dict[str, list[Choice]] = {}
    for index, record in enumerate(records):
        report_error = ErrorCollector("choices", index, errors)
        name, value = get_text(record, "list"), get_text(record, "value")
        if not name or not value:
            report_error("list" if not name else "value", "不能空着，请填写。")
            continue
        if value in {choice.value for choice in choices_by_list.get(name, [])}:
            report_error("value", f"选项“{value}”重复了，请删去一个。")
            continue
        if excess := check_choice(value):
            report_error("value", excess)
        meaning = get_enum_member(record, "meaning", StatusCategory, report_error)
        choice = Choice(value, meaning, get_text(record, "note"))
        choices_by_list.setdefault(name, []).append(choice)
    return {name: ChoiceList(name, tuple(choices)) for name, choices in choices_by_list.items()}


def _build_column(
    index: int,
    record: Record,
    choice_lists: Mapping[str, ChoiceList],
    errors: list[FormError],
) -> Column:
    """Build a column without the settings that refer to other columns."""
    report_error = ErrorCollector("columns", index, errors)
    for key in record.keys() - COLUMN_FIELDS.keys():
        report_error(key, "没有这一项设置，请核对拼写。")
    for key in ("key", "header", "kind", "filler", "width"):
        if is_blank(get_text(record, key)):
            report_error(key, _KEY_ADVICE if key == "key" else "不能空着，请填写。")
    key = get_text(record, "key")
    if key and not _KEY_PATTERN.fullmatch(key):
        report_error("key", f"“{key}”只能用小写英文字母、数字和下划线，并以字母开头。")
    column = Column(
        key=key,
        header=get_text(record, "header"),
        kind=get_enum_member(record, "kind", ColumnType, report_error) or ColumnType.TEXT,
        filler=get_enum_member(record, "filler", Filler, report_error) or Filler.SECTION,
        source=get_enum_member(record, "source", ColumnSource, report_error),
        width=get_number(record, "width", report_error) or COLUMN_WIDTH_RANGE[0],
        choices=get_text(record, "choices"),
        max_length=_parse_max_length(record, report_error),
        prompt=get_text(record, "prompt"),
        example=get_text(record, "example"),
        is_personal=_parse_personal(record, report_error),
        period=get_enum_member(record, "period", PeriodRole, report_error),
    )
    for field, message in check_column(column, choice_lists):
        report_error(field, message)
    return column


def _parse_personal(record: Record, report_error: ErrorCollector) -> bool:
    text = get_text(record, "personal")
    if text not in ("", PERSONAL_WORD):
        report_error("personal", f"“{text}”看不懂。是个人信息的写“{PERSONAL_WORD}”，不是的空着。")
    return text == PERSONAL_WORD


def _parse_max_length(record: Record, report_error: ErrorCollector) -> int | None:
    number = get_number(record, "max_length", report_error)
    return None if number is None else int(number)


def _parse_conditions(
    index: int,
    record: Record,
    field: str,
    by_header: Mapping[str, Column],
    choice_lists: Mapping[str, ChoiceList],
    errors: list[FormError],
) -> tuple[Condition, ...]:
    """Parse 何时必填, such as ``逾期;完成状态=已完成/推进中``, or 何时不填, which has no words."""
    report_error = ErrorCollector("columns", index, errors)
    words, advice = _CONDITION_FIELDS[field]
    conditions: list[Condition] = []
    for part in split_parts(get_text(record, field), _PART_SEPARATORS):
        if part in words:
            conditions.append(Condition(ConditionKind(part)))
            continue
        condition, message = _parse_choice_condition(part, by_header, choice_lists)
        if condition is None:
            report_error(field, message or f"“{part}”看不懂。请写{advice}。")
        elif field == "excluded" and condition.column == get_text(record, "key"):
            report_error(field, f"“{part}”说的是这一栏自己，请写另一栏的列名。")
        else:
            conditions.append(condition)
    return tuple(conditions)


def _parse_choice_condition(
    part: str, by_header: Mapping[str, Column], choice_lists: Mapping[str, ChoiceList]
) -> tuple[Condition | None, str]:
    """Parse 列名=选项; return the condition, or None and what is wrong with its choices.

    The text is blank where ``part`` is no such condition at all.
    """
    header, _, options = part.partition("=")
    column = by_header.get(header.strip())
    if column is None or column.choices not in choice_lists:
        return None, ""
    values = tuple(split_parts(options, "/"))
    allowed_values = choice_lists[column.choices].values
    if not values or any(value not in allowed_values for value in values):
        return None, f"“{part}”中的选项不在“{column.choices}”里，请核对。"
    return Condition(ConditionKind.EQUALS, column.key, values), ""


def _parse_not_before(
    index: int, record: Record, by_header: Mapping[str, Column], errors: list[FormError]
) -> str:
    """Return the key of the column that 不早于 names by its header; blank without one.

    Both columns must be of the same type, dates or numbers.
    """
    header = get_text(record, "not_before")
    if not header:
        return ""
    reference_column = by_header.get(header)
    column = by_header.get(get_text(record, "header"))
    if (
        reference_column
        and column
        and reference_column.kind is column.kind
        and column.kind in _COMPARABLE_TYPES
    ):
        return reference_column.key
    message = f"“{header}”要是同一张表里的另一列，两列都是日期或者都是数字。"
    errors.append(FormError("columns", index, "not_before", message))
    return ""


def _parse_due_rule(
    index: int, record: Record, by_header: Mapping[str, Column], errors: list[FormError]
) -> DueRule | None:
    """Parse 期限算法; None when it is blank or a mistake."""
    text = get_text(record, "due")
    try:
        return parse_rule(text, by_header) if text else None
    except DueRuleError as error:
        errors.append(FormError("columns", index, "due", f"期限算法有误：{error}。"))
        return None


# --- definitions in files and in issued workbooks ---

_TOML_KEYS = {"key", "title", "columns", "choices", "rows", "identity", "purpose"}


@lru_cache(maxsize=1)
def load_factory_forms() -> tuple[Form, ...]:
    """Return the forms of ``templates/``, the task ledger first.

    Raises InputError when a template has mistakes.
    """
    return (load_factory_ledger(), *map(_load_template, _list_register_templates()))


@lru_cache(maxsize=1)
def list_factory_personal_columns() -> frozenset[tuple[str, str]]:
    """Return the keys of form and column of what the factory forms mark as personal data."""
    return frozenset(
        (form.key, column.key) for form in load_factory_forms() for column in form.personal_columns
    )


def inherit_empty_answers(form: Form) -> Form:
    """Return the task ledger of a book without 不算内容的词 with those of the factory."""
    if form.is_register or form.tells_empty_answers:
        return form
    factory_lists = load_factory_ledger().choice_lists
    added = (one for one in factory_lists if one.name == EMPTY_ANSWERS_LIST)
    return dataclasses.replace(form, choice_lists=(*form.choice_lists, *added))


def inherit_exclusions(form: Form) -> Form:
    """Return a form of a book without 何时不填 with what the factory's form says there.

    A column or choice that the office has taken out excludes nothing; a status that it calls
    otherwise is known by what it counts as. Nothing is excluded that the book requires.
    """
    factory = next((one for one in load_factory_forms() if one.key == form.key), None)
    if factory is None:
        return form
    excluded = {column.key: column.excluded for column in factory.columns}
    columns = (
        dataclasses.replace(
            column,
            excluded=tuple(
                translated
                for condition in excluded.get(column.key, ())
                if (translated := _translate_exclusion(condition, column, factory, form))
            ),
        )
        for column in form.columns
    )
    return dataclasses.replace(form, columns=tuple(columns))


def _translate_exclusion(
    condition: Condition, column: Column, factory: Form, form: Form
) -> Condition | None:
    """Return a condition for ``column`` of ``form`` with the choices of its own lists, if any."""
    deciding = next((one for one in form.answer_columns if one.key == condition.column), None)
    is_always_required = any(one.when is ConditionKind.ALWAYS for one in column.required)
    if deciding is None or not deciding.choices or is_always_required:
        return None
    required = {
        value for one in column.required if one.column == condition.column for value in one.values
    }
    known = factory.get_choice_list(factory.get_column(condition.column)).choices
    meanings = {choice.meaning for choice in known if choice.value in condition.values} - {None}
    values = tuple(
        choice.value
        for choice in form.get_choice_list(deciding).choices
        if choice.value not in required
        and (choice.meaning in meanings or (not meanings and choice.value in condition.values))
    )
    return dataclasses.replace(condition, values=values) if values else None


@lru_cache(maxsize=1)
def map_factory_periods() -> dict[tuple[str, str, str], PeriodRole]:
    """Return what the factory forms' columns tell of a year, by form, column and its type."""
    return {
        (form.key, column.key, column.kind): role
        for form in load_factory_forms()
        for role, column in form.period_columns.items()
    }


@lru_cache(maxsize=1)
def load_factory_ledger() -> Form:
    """Return the factory definition of the task ledger. Raises InputError."""
    return _load_template("templates/task-ledger.toml")


def _load_template(name: str) -> Form:
    return load_form(find_resource(name).read_text("utf-8"))


def _list_register_templates() -> Iterator[str]:
    """Yield the resource names of the register templates in order."""
    folder = find_resource("templates/registers")
    for name in sorted(entry.name for entry in folder.iterdir()):
        if name.endswith(".toml"):
            yield f"templates/registers/{name}"


def load_form(text: str) -> Form:
    """Build a form from the text of a TOML file. Raises InputError that lists all mistakes."""
    try:
        table: dict[str, Any] = tomllib.loads(text)
    except tomllib.TOMLDecodeError as error:
        raise InputError(f"表单定义不是正确的 TOML 文件：{error}。", code="form-invalid") from error
    if set(table) - _TOML_KEYS or not {"key", "title", "columns"} <= set(table):
        raise InputError(
            "表单定义要有 key、title、columns 三项，可有 choices、rows、identity、"
            "purpose，没有别的。",
            code="form-invalid",
        )
    form, errors = build_form(
        table["key"],
        table["title"],
        table["columns"],
        table.get("choices", []),
        RegisterSettings(
            int(table.get("rows", 0)),
            tuple(table.get("identity", ())),
            str(table.get("purpose", "")),
        ),
    )
    slips = [f"key：{message}" for message in [check_form_key(form.key, "代号")] if message]
    slips += [
        f"{form_error.table} 第 {form_error.row + 1} 项 {form_error.key}：{form_error.message}"
        for form_error in errors
    ]
    if slips:
        raise InputError(
            f"表单定义“{table['title']}”有 {len(slips)} 处错误：",
            slips,
            code="form-invalid",
            values={"form": table["title"]},
        )
    return form


def serialize_form(form: Form) -> str:
    """Return ``form`` as JSON text with the same records as a TOML definition."""
    return json.dumps(
        {
            "key": form.key,
            "title": form.title,
            "columns": [build_column_record(column, form) for column in form.columns],
            "choices": list(iter_choice_records(form)),
            "rows": form.rows,
            "identity": list(form.identity),
            "purpose": form.purpose,
        },
        ensure_ascii=False,
    )


def deserialize_form(text: str) -> Form | None:
    """Return the form in a text of :func:`serialize_form`; None when it is damaged."""
    try:
        table = json.loads(text)
        form, errors = build_form(
            str(table["key"]),
            str(table["title"]),
            table["columns"],
            table["choices"],
            RegisterSettings(
                int(table.get("rows", 0)),
                tuple(map(str, table.get("identity", ()))),
                str(table.get("purpose", "")),
            ),
        )
    except (ValueError, TypeError, KeyError, AttributeError, RecursionError):
        return None
    return None if errors else form


@lru_cache(maxsize=64)
def compute_form_version(form: Form) -> str:
    """Return eight hex digits, the start of the SHA-256 of the definition.

    What changes nothing in how a return is filled or read is no part of it: 个人信息, 年度判定,
    何时不填 and 不算内容的词.
    """
    field_names = {form_field.name for form_field in dataclasses.fields(form) if form_field.init}
    definition = {
        name: value for name, value in dataclasses.asdict(form).items() if name in field_names
    }
    for column in definition["columns"]:
        del column["is_personal"], column["period"], column["excluded"]
    definition["choice_lists"] = tuple(
        one for one in definition["choice_lists"] if one["name"] != EMPTY_ANSWERS_LIST
    )
    json_text = json.dumps(definition, ensure_ascii=False, sort_keys=True)
    return hashlib.sha256(json_text.encode()).hexdigest()[:8]
