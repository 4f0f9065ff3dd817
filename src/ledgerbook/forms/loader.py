"""Records → Form: every column read, every mistake told with its place."""

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
from ledgerbook.forms.due_rules import RuleError, read_rule
from ledgerbook.forms.records import (
    COLUMN_FIELDS,
    Collector,
    FormError,
    Record,
    choice_records,
    column_record,
    number_of,
    parts_of,
    text_of,
    word_of,
)
from ledgerbook.forms.validation import (
    WIDTHS,
    column_slips,
    ledger_slips,
    register_slips,
    unlike_slips,
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
    StatusCategory,
)
from ledgerbook.storage.resources import resource

_KEY = re.compile(r"[a-z][a-z0-9_]*")


@dataclass(frozen=True, slots=True)
class Manner:
    """How a form is kept: a register has ``rows``, and ``identity`` by keys."""

    rows: int = 0
    identity: tuple[str, ...] = ()
    purpose: str = ""


_LEDGER = Manner()


def build_form(
    key: str,
    title: str,
    columns: Sequence[Record],
    choices: Sequence[Record],
    manner: Manner = _LEDGER,
) -> tuple[Form, tuple[FormError, ...]]:
    """Make a form of flat records; with slips, the form is only as far as it goes."""
    slips: list[FormError] = []
    lists = _choice_lists(choices, slips)
    made = tuple(_column(n, record, lists, slips) for n, record in enumerate(columns))
    by_header = {column.header: column for column in made}
    finished = tuple(
        dataclasses.replace(
            column,
            required=_conditions(n, record, by_header, lists, slips),
            not_before=_not_before(n, record, by_header, slips),
            due=_due(n, record, by_header, slips),
        )
        for n, (column, record) in enumerate(zip(made, columns, strict=True))
    )
    slips += unlike_slips(finished)
    if manner.rows:
        slips += register_slips(finished, manner.identity)
    else:
        slips += ledger_slips(finished, lists)
    form = Form(
        key,
        title,
        finished,
        tuple(lists.values()),
        manner.rows,
        manner.identity,
        manner.purpose,
    )
    return form, tuple(slips)


def _choice_lists(
    records: Sequence[Record], slips: list[FormError]
) -> dict[str, ChoiceList]:
    lists: dict[str, list[Choice]] = {}
    for n, record in enumerate(records):
        add = Collector("choices", n, slips)
        name, value = text_of(record, "list"), text_of(record, "value")
        if not name or not value:
            add("list" if not name else "value", "不能空着，请填写。")
            continue
        if value in {c.value for c in lists.get(name, [])}:
            add("value", f"选项“{value}”重复了，请删去一个。")
            continue
        meaning = word_of(record, "meaning", StatusCategory, add)
        choice = Choice(value, meaning, text_of(record, "note"))
        lists.setdefault(name, []).append(choice)
    return {name: ChoiceList(name, tuple(choices)) for name, choices in lists.items()}


def _column(
    n: int, record: Record, lists: Mapping[str, ChoiceList], slips: list[FormError]
) -> Column:
    add = Collector("columns", n, slips)
    for key in record.keys() - COLUMN_FIELDS.keys():
        add(key, "没有这一项设置，请核对拼写。")
    for key in ("key", "header", "kind", "filler", "width"):
        if not text_of(record, key):
            add(key, "不能空着，请填写。")
    key = text_of(record, "key")
    if key and not _KEY.fullmatch(key):
        add("key", f"“{key}”只能用小写英文字母、数字和下划线，并以字母开头。")
    column = Column(
        key=key,
        header=text_of(record, "header"),
        kind=word_of(record, "kind", ColumnType, add) or ColumnType.TEXT,
        filler=word_of(record, "filler", Filler, add) or Filler.SECTION,
        source=word_of(record, "source", ColumnSource, add),
        width=number_of(record, "width", add) or WIDTHS[0],
        choices=text_of(record, "choices"),
        max_length=_length(record, add),
        prompt=text_of(record, "prompt"),
        example=text_of(record, "example"),
    )
    for field, sentence in column_slips(column, lists):
        add(field, sentence)
    return column


def _length(record: Record, add: Collector) -> int | None:
    number = number_of(record, "max_length", add)
    return None if number is None else int(number)


def _conditions(
    n: int,
    record: Record,
    by_header: Mapping[str, Column],
    lists: Mapping[str, ChoiceList],
    slips: list[FormError],
) -> tuple[Condition, ...]:
    """Read 何时必填, such as ``逾期;完成状态=已完成/推进中``."""
    add = Collector("columns", n, slips)
    made: list[Condition] = []
    for part in parts_of(text_of(record, "required"), ";\uff1b"):
        if part in (ConditionKind.ALWAYS, ConditionKind.OVERDUE):
            made.append(Condition(ConditionKind(part)))
            continue
        header, _, options = part.partition("=")
        column = by_header.get(header.strip())
        if column is None or column.choices not in lists:
            add("required", f"“{part}”看不懂。请写“始终”“逾期”或“列名=选项”。")
            continue
        values = tuple(parts_of(options, "/"))
        known = lists[column.choices].values
        strange = [value for value in values if value not in known]
        if strange or not values:
            add("required", f"“{part}”中的选项不在“{column.choices}”里，请核对。")
            continue
        made.append(Condition(ConditionKind.EQUALS, column.key, values))
    return tuple(made)


def _not_before(
    n: int, record: Record, by_header: Mapping[str, Column], slips: list[FormError]
) -> str:
    """Read 不早于: the header of a column of the same kind, dates or numbers."""
    header = text_of(record, "not_before")
    if not header:
        return ""
    other, own = by_header.get(header), by_header.get(text_of(record, "header"))
    if other and own and other.kind is own.kind and own.kind in _COMPARED:
        return other.key
    sentence = f"“{header}”要是同一张表里的另一列，两列都是日期或者都是数字。"
    slips.append(FormError("columns", n, "not_before", sentence))
    return ""


_COMPARED = (ColumnType.DATE, ColumnType.NUMBER)


def _due(
    n: int, record: Record, by_header: Mapping[str, Column], slips: list[FormError]
) -> DueRule | None:
    text = text_of(record, "due")
    try:
        return read_rule(text, by_header) if text else None
    except RuleError as error:
        slips.append(FormError("columns", n, "due", f"期限算法有误：{error}。"))
        return None


# Forms in files: the factory definitions, and what an issued workbook carries.

_ENTRIES = {"key", "title", "columns", "choices", "rows", "identity", "purpose"}


def factory_forms() -> tuple[Form, ...]:
    """Return the forms of ``templates/``, the task ledger first.

    Raises InputError when a template is not a sound form.
    """
    return (factory_ledger(), *map(_load, _registers()))


def factory_ledger() -> Form:
    """Return the task ledger's own definition. Raises InputError."""
    return _load("templates/task-ledger.toml")


def _load(name: str) -> Form:
    return load_form(resource(name).read_text("utf-8"))


def _registers() -> Iterator[str]:
    folder = resource("templates/registers")
    for name in sorted(entry.name for entry in folder.iterdir()):
        if name.endswith(".toml"):
            yield f"templates/registers/{name}"


def load_form(text: str) -> Form:
    """Read one TOML definition. Raises InputError naming every mistake."""
    try:
        table: dict[str, Any] = tomllib.loads(text)
    except tomllib.TOMLDecodeError as error:
        raise InputError(f"表单定义不是正确的 TOML 文件：{error}。") from error
    if set(table) - _ENTRIES or not {"key", "title", "columns"} <= set(table):
        raise InputError(
            "表单定义要有 key、title、columns 三项，可有 choices、rows、identity、"
            "purpose，没有别的。"
        )
    form, slips = build_form(
        table["key"],
        table["title"],
        table["columns"],
        table.get("choices", []),
        Manner(
            int(table.get("rows", 0)),
            tuple(table.get("identity", ())),
            str(table.get("purpose", "")),
        ),
    )
    if slips:
        raise InputError(
            f"表单定义“{table['title']}”有 {len(slips)} 处错误：",
            [f"{s.table} 第 {s.row + 1} 项 {s.key}：{s.sentence}" for s in slips],
        )
    return form


def to_json(form: Form) -> str:
    """Write ``form`` as the records of ``templates/``, for a workbook to carry."""
    return json.dumps(
        {
            "key": form.key,
            "title": form.title,
            "columns": [column_record(column, form) for column in form.columns],
            "choices": list(choice_records(form)),
            "rows": form.rows,
            "identity": list(form.identity),
            "purpose": form.purpose,
        },
        ensure_ascii=False,
    )


def from_json(text: str) -> Form | None:
    """Read what :func:`to_json` wrote; None when it is damaged."""
    try:
        table = json.loads(text)
        form, slips = build_form(
            str(table["key"]),
            str(table["title"]),
            table["columns"],
            table["choices"],
            Manner(
                int(table.get("rows", 0)),
                tuple(map(str, table.get("identity", ()))),
                str(table.get("purpose", "")),
            ),
        )
    except (ValueError, TypeError, KeyError, AttributeError, RecursionError):
        return None
    return None if slips else form


@lru_cache(maxsize=64)
def version(form: Form) -> str:
    """Eight hex digits that change whenever the definition does."""
    said = {one.name for one in dataclasses.fields(form) if one.init}
    told = {k: v for k, v in dataclasses.asdict(form).items() if k in said}
    plain = json.dumps(told, ensure_ascii=False, sort_keys=True)
    return hashlib.sha256(plain.encode()).hexdigest()[:8]
