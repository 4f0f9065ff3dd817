"""Define the columns and rows of the exported detail, and what an export is called.

A row is one task as one section of one unit answers it. :data:`SCHEMA` states the
columns that every export has, their types and their headers in the factory form. What an
office makes of its form follows from there: a renamed column keeps its key and has the
office's header, an added one follows after the last column of the schema. The sheet
各单位明细 of a roll-up has the same columns, and its reading knows them by their keys.

In a roll-up the forms of the units differ: there a column has another header, or a
column of its own, only where all units agree; else the answers of a unit's own columns
stand under 其他栏目 as “栏名：内容”. ``docs/data-tables.md``
describes this for users; :mod:`ledgerbook.data_tables` writes it.
"""

from __future__ import annotations

import hashlib
import re
from collections import Counter
from collections.abc import Collection, Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass, replace
from datetime import date
from enum import StrEnum
from importlib.util import find_spec

from ledgerbook.errors import InputError, name_option
from ledgerbook.model import Column, ColumnSource, ColumnType, Filler, Form, StatusCategory
from ledgerbook.model.cell_rules import NUMBER_TYPES
from ledgerbook.model.form_columns import (
    FACTORY_ANSWER_HEADERS,
    find_status_column,
    get_status_header,
)
from ledgerbook.model.problems import Place
from ledgerbook.model.results import (
    NIL_RETURN,
    NOT_FILLED,
    NOT_ISSUED,
    NOT_RETURNED,
    Answer,
    AssignmentResult,
    Ledger,
)
from ledgerbook.text import format_value, make_distinct_names, make_storable, normalize

ExportValue = str | int | float | date | None

# Where a unit's path is joined: 市/局.
PATH_SEPARATOR = "/"

# What a status is counted as, whatever a unit calls it, in the order of the columns.
OTHER_CLASS = "其他"
STATUS_CLASSES = (
    *(str(meaning) for meaning in StatusCategory),
    NOT_FILLED,
    NIL_RETURN,
    NOT_RETURNED,
    NOT_ISSUED,
    OTHER_CLASS,
)
DONE_CLASS, EXEMPT_CLASS = (
    str(StatusCategory.COMPLETED),
    str(StatusCategory.NOT_APPLICABLE),
)
# Of these classes no row can become overdue.
CLOSED_CLASSES = frozenset(str(meaning) for meaning in StatusCategory if meaning.is_closed)


class ExportType(StrEnum):
    TEXT = "文本"
    DATE = "日期"
    NUMBER = "整数"
    DECIMAL = "数字"
    TIME = "时间"
    BOOLEAN = "是否"


@dataclass(frozen=True, slots=True)
class ExportColumn:
    """One column of the detail.

    ``key`` is the name by which programs know it, ``width`` its width in characters on
    the sheet of a roll-up, ``description`` its text in ``docs/data-tables.md``.
    """

    key: str
    header: str
    type: ExportType = ExportType.TEXT
    width: float = 10
    description: str = ""


# The first, up to the place, make up the printed page.
SCHEMA: tuple[ExportColumn, ...] = (
    ExportColumn(
        "unit",
        "单位",
        width=16,
        description="单位；多级汇总时是路径，如“中山市/金融工作局”",
    ),
    ExportColumn("section", "科室", width=10, description="承担任务的科室"),
    ExportColumn("number", "序号", ExportType.NUMBER, 5, "任务在分工方案中的序号"),
    ExportColumn("requirement", "工作要求", width=11, description="方案原文"),
    ExportColumn("measure", "计划措施", width=32, description="方案原文"),
    ExportColumn("due", "完成期限", ExportType.DATE, 10.5, "据以判断逾期的日期"),
    ExportColumn("status", "完成状态", width=8, description="科室填报的原话"),
    ExportColumn("done_on", "完成日期", ExportType.DATE, 10.5, "科室填报"),
    ExportColumn("result", "落实情况", width=32, description="科室填报"),
    ExportColumn("reason", "未完成原因", width=13, description="科室填报"),
    ExportColumn("next_step", "下一步措施", width=13, description="科室填报"),
    ExportColumn("urgency", "判定", width=6, description="逾期、临期、超期完成或空"),
    ExportColumn(
        "source",
        "来源文件",
        width=18,
        description="这一行出自哪个文件；逐级汇总的写明逐级",
    ),
    ExportColumn("place", "来源位置", width=14, description="在来源文件中的工作表和行"),
    ExportColumn("row_code", "行码", width=9, description="台账签发的行码，同一单位内不重复"),
    ExportColumn("point", "工作要点", width=13, description="方案原文"),
    ExportColumn("roles", "本科室职责", width=8, description="牵头、落实、配合、汇总"),
    ExportColumn("limit", "时限", width=9, description="方案原文"),
    ExportColumn(
        "status_class", "状态归类", width=8, description="、".join(STATUS_CLASSES) + "之一"
    ),
    ExportColumn("evidence", "佐证材料", width=12, description="科室填报"),
    ExportColumn("person", "责任人", width=8, description="科室填报"),
    ExportColumn("phone", "联系电话", width=12, description="科室填报"),
    ExportColumn("note", "备注", width=12, description="科室填报"),
    ExportColumn("signer", "审签人", width=8, description="科室填报"),
    ExportColumn("signed_on", "审签日期", ExportType.DATE, 10.5, "科室填报"),
    ExportColumn("review", "审核意见", width=14, description="综合科在年度汇总里填写"),
    ExportColumn("adopted", "采用口径", width=14, description="综合科在年度汇总里填写"),
    ExportColumn("accepted", "销号", width=6, description="综合科在年度汇总里填写"),
    ExportColumn(
        "other",
        "其他栏目",
        width=16,
        description="没有单独成栏的另设栏目，写成“栏名：内容”，一栏一行",
    ),
)
COLUMN_KEYS = tuple(spec.key for spec in SCHEMA)
COLUMNS_BY_KEY: Mapping[str, ExportColumn] = {spec.key: spec for spec in SCHEMA}
# What the official columns of a form are in the schema, whatever an office calls them.
OFFICIAL_KEYS: Mapping[ColumnSource, str] = {
    ColumnSource.NUMBER: "number",
    ColumnSource.ROW_CODE: "row_code",
    ColumnSource.REQUIREMENT: "requirement",
    ColumnSource.KEY_POINT: "point",
    ColumnSource.MEASURE: "measure",
    ColumnSource.ROLES: "roles",
    ColumnSource.DEADLINE_TEXT: "limit",
    ColumnSource.DUE_DATE: "due",
}
# What sections answer, by the keys of the factory form.
ANSWER_KEYS = FACTORY_ANSWER_HEADERS.keys() - {"status"}
# What the office writes beside the rows.
REVIEW_KEYS = ("review", "adopted", "accepted")
# How the keys of columns begin that an office has added to its form.
ADDED_PREFIX = "form:"
_MAX_HEADER_LENGTH = 200
_ADDED_WIDTH = 14.0
UNKNOWN_PLACE = Place()


@dataclass(frozen=True, slots=True)
class DetailRow:
    """One row of the detail: ``values`` by the keys of its columns, blanks left out."""

    values: Mapping[str, ExportValue]
    place: Place = UNKNOWN_PLACE

    def get_value(self, key: str) -> ExportValue:
        return self.values.get(key)

    def get_text(self, key: str) -> str:
        return format_value(self.values.get(key))

    @property
    def unit(self) -> str:
        return self.get_text("unit")

    @property
    def section(self) -> str:
        return self.get_text("section")

    @property
    def status_class(self) -> str:
        return self.get_text("status_class")

    @property
    def urgency(self) -> str:
        return self.get_text("urgency")

    @property
    def due(self) -> date | None:
        value = self.values.get("due")
        return value if isinstance(value, date) else None

    def with_values(self, **changes: ExportValue) -> DetailRow:
        return replace(self, values={**self.values, **changes})

    def move_to_other(self, keys: Collection[str]) -> DetailRow:
        """Return the row with the answers of the added columns ``keys`` under 其他栏目.

        The keys are those of a roll-up: :data:`ADDED_PREFIX` and the column's header.
        """
        moved = [key for key in self.values if key in keys]
        if not moved:
            return self
        lines = [f"{key.removeprefix(ADDED_PREFIX)}：{self.get_text(key)}" for key in moved]
        text = "\n".join(filter(None, (*lines, self.get_text("other"))))
        remaining = {key: value for key, value in self.values.items() if key not in moved}
        return replace(self, values={**remaining, "other": text})


def classify_status(status: str, meaning: StatusCategory | None) -> str:
    """Return the class, one of :data:`STATUS_CLASSES`, that a status counts as."""
    if meaning is not None:
        return str(meaning)
    is_class = status in (NOT_FILLED, NIL_RETURN, NOT_RETURNED, NOT_ISSUED)
    return status if is_class else OTHER_CLASS


def build_columns(
    headers: Mapping[str, str], added: Sequence[tuple[str, str, ExportType]] = ()
) -> tuple[ExportColumn, ...]:
    """Return the schema under other ``headers`` (by key), then the ``added`` columns.

    ``added`` are keys, headers and types. No two columns are headed alike: a header that
    another column of the schema has is not taken over, and an added column with such a
    header is left out; its answers belong under 其他栏目.
    """
    cleaned = {column.key: _clean_header(headers.get(column.key, "")) for column in SCHEMA}
    chosen = {column.key: cleaned[column.key] or column.header for column in SCHEMA}
    while repeated := _find_repeated_headers(chosen):
        chosen |= {
            key: COLUMNS_BY_KEY[key].header
            for key in repeated
            if chosen[key] != COLUMNS_BY_KEY[key].header
        }
    columns = [replace(column, header=chosen[column.key]) for column in SCHEMA]
    used_headers = {simplify_header(column.header) for column in columns}
    for key, header, value_type in added:
        if simplify_header(header) not in used_headers:
            used_headers.add(simplify_header(header))
            columns.append(ExportColumn(key, _clean_header(header), value_type, _ADDED_WIDTH))
    return tuple(columns)


def _find_repeated_headers(headers: Mapping[str, str]) -> list[str]:
    """Return the keys of columns whose header another column has too."""
    counts = Counter(simplify_header(header) for header in headers.values())
    return [key for key, header in headers.items() if counts[simplify_header(header)] > 1]


def simplify_header(header: str) -> str:
    """Return what two headers have in common that Excel or a reader takes for the same."""
    return normalize(_clean_header(header)).lower()


def _clean_header(header: str) -> str:
    return " ".join(make_storable(header).split())[:_MAX_HEADER_LENGTH]


def choose_value_type(values: Iterable[ExportValue]) -> ExportType:
    """Return the type that all ``values`` have: dates, numbers, or else text."""
    types = {type(value) for value in values if value not in (None, "")}
    if types == {float}:
        return ExportType.DECIMAL
    return ExportType.DATE if types == {date} else ExportType.TEXT


def find_schema_key(column: Column) -> str:
    """Return the schema's key of a form's column; blank for one that the office added."""
    if column.filler is Filler.OFFICIAL:
        return OFFICIAL_KEYS.get(column.source, "") if column.source else ""
    if column.key not in ANSWER_KEYS:
        return ""
    is_date = COLUMNS_BY_KEY[column.key].type is ExportType.DATE
    return column.key if is_date == (column.kind is ColumnType.DATE) else ""


def list_personal_export_keys(form: Form) -> tuple[str, ...]:
    """Return the keys under which the detail has the personal columns of a form."""
    return tuple(
        find_schema_key(column) or f"{ADDED_PREFIX}{column.key}" for column in form.personal_columns
    )


def name_register_tables(registers: Sequence[Form]) -> dict[str, str]:
    """Return by the key of each register what its table is called: ``register_applications``.

    Names have small ASCII letters, digits and underscores alone, whatever the office calls
    its register, so that every program takes them, Excel as the names of its tables.
    """
    names = make_distinct_names(
        (form.key for form in registers),
        encode_key,
        lambda name, suffix: name + suffix.replace("(", "_").rstrip(")"),
    )
    return {key: f"register_{name}" for key, name in names.items()}


_KEY_CHARACTERS = frozenset("abcdefghijklmnopqrstuvwxyz0123456789_")
_MAX_KEY_LENGTH = 60


def encode_key(text: str) -> str:
    """Return ``text`` with any character but small letters, digits and _ as its code point."""
    encoded = "".join(c if c in _KEY_CHARACTERS else f"u{ord(c):04x}" for c in text)
    if len(encoded) <= _MAX_KEY_LENGTH:
        return encoded
    digest = hashlib.sha256(text.encode()).hexdigest()[:8]
    return f"{encoded[: _MAX_KEY_LENGTH - len(digest) - 1]}_{digest}"


def build_ledger_columns(ledger: Ledger) -> tuple[ExportColumn, ...]:
    """Return the columns of one unit's detail, headed and extended as its form is.

    A ledger without the contents of personal columns has no such columns.
    """
    form = ledger.book.task_form
    headers: dict[str, str] = {"status": get_status_header(form)}
    for column in form.columns:
        if key := find_schema_key(column):
            headers.setdefault(key, column.header)
    added = [
        (f"{ADDED_PREFIX}{column.key}", column.header, _choose_column_type(ledger, column))
        for column in _list_unknown_columns(form)
    ]
    left_out = list_personal_export_keys(form) if ledger.omitted else ()
    return tuple(c for c in build_columns(headers, added) if c.key not in left_out)


_TYPES_BY_KIND = {
    ColumnType.DATE: ExportType.DATE,
    **dict.fromkeys(NUMBER_TYPES, ExportType.DECIMAL),
}


def _choose_column_type(ledger: Ledger, column: Column) -> ExportType:
    """Return the type of an added column: that of its kind, if all answers have it."""
    rows = ledger.assignment_results
    values = [row.answers[column.key].value for row in rows if column.key in row.answers]
    kind_type = _TYPES_BY_KIND.get(column.kind, ExportType.TEXT)
    return kind_type if not values or choose_value_type(values) is kind_type else ExportType.TEXT


def _list_unknown_columns(form: Form) -> list[Column]:
    """Return the answer columns that the schema has no column for."""
    status = find_status_column(form)
    return [
        column
        for column in form.answer_columns
        if column is not status and not find_schema_key(column)
    ]


def build_detail_rows(
    ledger: Ledger, office_texts: Mapping[tuple[str, str], str]
) -> Iterator[DetailRow]:
    """Yield the ledger's rows with the columns of :func:`build_ledger_columns`.

    ``office_texts`` is what the office has written into 审核意见, 采用口径 and 销号, by row code
    and header.
    """
    form = ledger.book.task_form
    types = {column.key: column.type for column in build_ledger_columns(ledger)}
    status = find_status_column(form)
    schema_keys = {
        column.key: key
        for column in form.answer_columns
        if column is not status and (key := find_schema_key(column))
    }
    unknown_columns = _list_unknown_columns(form)
    added_keys = {
        column.key: key
        for column in unknown_columns
        if (key := f"{ADDED_PREFIX}{column.key}") in types
    }
    other_headers = {
        column.key: column.header for column in unknown_columns if column.key not in added_keys
    }
    all_keys = {**schema_keys, **added_keys}
    export_keys = {column: key for column, key in all_keys.items() if key in types}
    for row in ledger.assignment_results:
        values: dict[str, ExportValue] = {
            "unit": ledger.book.agency,
            "section": row.section,
            "number": row.task.number,
            "row_code": row.code,
            "requirement": row.task.requirement,
            "point": row.task.point,
            "measure": row.task.measure,
            "roles": "、".join(row.roles),
            "limit": row.task.deadline_text,
            "due": row.due,
            "status": row.status,
            "status_class": classify_status(row.status, row.category),
            "urgency": row.urgency.value,
            **{
                key: _convert_answer(types[key], row.answers[answer_key])
                for answer_key, key in export_keys.items()
                if answer_key in row.answers
            },
            "other": _format_other_answers(row, other_headers),
            "source": "\n".join(
                dict.fromkeys(answer.place.file for answer in row.answers.values())
            ),
            "place": _format_row_place(row),
            **{
                key: office_texts.get((row.code, COLUMNS_BY_KEY[key].header), "")
                for key in REVIEW_KEYS
            },
        }
        yield DetailRow({key: value for key, value in values.items() if value not in (None, "")})


def _convert_answer(value_type: ExportType, answer: Answer) -> ExportValue:
    is_typed = value_type is choose_value_type([answer.value])
    return answer.value if is_typed else answer.text


def _format_other_answers(row: AssignmentResult, headers: Mapping[str, str]) -> str:
    return "\n".join(
        f"{header}：{row.get_text(key)}" for key, header in headers.items() if row.get_text(key)
    )


def _format_row_place(row: AssignmentResult) -> str:
    """Return sheet and row of the first answer; blank where there is none."""
    place = next((answer.place for answer in row.answers.values()), None)
    return format_place(place) if place else ""


def format_place(place: Place) -> str:
    """Name the row of a cell: 重点任务台账 第7行."""
    row = f"第{place.row_number}行" if place.cell else ""
    return " ".join(filter(None, (place.sheet, row)))


# --- the folder of an export ---

EXPORT_KINDS = ("csv", "parquet")
# How the folder is called after the stem of the summary beside it.
EXPORT_FOLDER_PATTERN = f"数据表（({'|'.join(EXPORT_KINDS)})）"
_EXPORTED_FILE = re.compile(f"年度汇总(（合并）)?{EXPORT_FOLDER_PATTERN}/[^/]+")


def make_export_folder_name(summary_stem: str, export_kind: str) -> str:
    """Return the name of the folder beside the summary ``summary_stem``.xlsx."""
    return f"{summary_stem}数据表（{export_kind}）"


def is_export_name(name: str) -> bool:
    """Whether a file, ``/`` in its path, is in the export of a summary or a roll-up."""
    return _EXPORTED_FILE.search(name) is not None


def check_exporter(export_kind: str) -> None:
    """Raise InputError where there is no such kind of export, or it cannot be made here."""
    if export_kind and export_kind not in EXPORT_KINDS:
        raise InputError(
            f"不能导出成“{export_kind}”。能用的有：{'、'.join(EXPORT_KINDS)}。",
            code="export-unknown",
            values={"export": export_kind, "exports": EXPORT_KINDS},
        )
    csv_option = name_option("--export csv", "export='csv'")
    if export_kind == "parquet" and find_spec("pyarrow") is None:
        raise InputError(
            "导出 parquet 要用的组件（pyarrow）没有安装，什么都没有做。"
            "请给您装本工具的人在程序源码的文件夹里运行“pip install .[export]”装上，"
            f"或者改用“{csv_option}”。",
            code="component-missing",
            values={"component": "pyarrow"},
        )
