"""One row of the detail as every level shows, exports and reads it: one schema.

A row is one task as one section of one unit answers it. Which columns there are, what
they are called and of what type is stated here once; the exported files, the sheet
各单位明细 and its reading derive from it.
"""

from __future__ import annotations

import csv
import io
import re
from collections.abc import Callable, Iterable, Iterator, Mapping
from dataclasses import dataclass, replace
from datetime import date
from enum import StrEnum
from importlib.util import find_spec
from itertools import islice
from typing import TYPE_CHECKING

from ledgerbook.errors import InputError
from ledgerbook.model import Column, ColumnSource, ColumnType, Filler, Form, StatusCategory
from ledgerbook.model.problems import Place
from ledgerbook.model.results import (
    NIL_RETURN,
    NOT_FILLED,
    NOT_RETURNED,
    Answer,
    AssignmentResult,
    Ledger,
)
from ledgerbook.text import make_storable

if TYPE_CHECKING:
    import pandas as pd


ExportValue = str | int | date | None

# Where a unit's path is joined: 市/局.
PATH_SEPARATOR = "/"

# What a status is counted as, whatever a unit calls it, in the order of the columns.
OTHER_CLASS = "其他"
STATUS_CLASSES = (
    *(str(meaning) for meaning in StatusCategory),
    NOT_FILLED,
    NIL_RETURN,
    NOT_RETURNED,
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


@dataclass(frozen=True, slots=True)
class ExportColumn:
    """One column: its key in exported files' documentation, its header, its type."""

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
    ExportColumn("urgency", "判定", width=6, description="逾期、临期或空"),
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
    ExportColumn("class", "状态归类", width=8, description="、".join(STATUS_CLASSES) + "之一"),
    ExportColumn("evidence", "佐证材料", width=12, description="科室填报"),
    ExportColumn("person", "责任人", width=8, description="科室填报"),
    ExportColumn("phone", "联系电话", width=12, description="科室填报"),
    ExportColumn("note", "备注", width=12, description="科室填报"),
    ExportColumn("review", "审核意见", width=14, description="综合科在年度汇总里填写"),
    ExportColumn("adopted", "采用口径", width=14, description="综合科在年度汇总里填写"),
    ExportColumn(
        "other",
        "其他栏目",
        width=16,
        description="本单位另设的栏目，写成“栏名：内容”，一栏一行",
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
ANSWER_KEYS = frozenset(
    ("done_on", "result", "evidence", "reason", "next_step", "person", "phone", "note")
)
# What the office writes beside the rows.
REVIEW_KEYS = ("review", "adopted")
UNKNOWN_PLACE = Place()


@dataclass(frozen=True, slots=True)
class DetailRow:
    """One row; ``values`` by the schema's keys, blanks left out."""

    values: Mapping[str, ExportValue]
    place: Place = UNKNOWN_PLACE

    def get_value(self, key: str) -> ExportValue:
        return self.values.get(key)

    def get_text(self, key: str) -> str:
        value = self.values.get(key)
        return "" if value is None else str(value)

    @property
    def unit(self) -> str:
        return self.get_text("unit")

    @property
    def section(self) -> str:
        return self.get_text("section")

    @property
    def status_class(self) -> str:
        return self.get_text("class")

    @property
    def urgency(self) -> str:
        return self.get_text("urgency")

    @property
    def due(self) -> date | None:
        value = self.values.get("due")
        return value if isinstance(value, date) else None

    def with_values(self, **changes: ExportValue) -> DetailRow:
        return replace(self, values={**self.values, **changes})


def classify_status(status: str, meaning: StatusCategory | None) -> str:
    """Say what a status is counted as."""
    if meaning is not None:
        return str(meaning)
    return status if status in (NOT_FILLED, NIL_RETURN, NOT_RETURNED) else OTHER_CLASS


def find_schema_key(column: Column) -> str:
    """Return the schema's key of a form's column; blank for one of the unit's own."""
    if column.filler is Filler.OFFICIAL:
        return OFFICIAL_KEYS.get(column.source, "") if column.source else ""
    if column.key not in ANSWER_KEYS:
        return ""
    is_date = COLUMNS_BY_KEY[column.key].type is ExportType.DATE
    return column.key if is_date == (column.kind is ColumnType.DATE) else ""


def build_detail_rows(
    ledger: Ledger, office_texts: Mapping[tuple[str, str], str]
) -> Iterator[DetailRow]:
    """Yield the ledger's rows in the schema of the exports.

    ``office_texts`` are the office's own words by (row code, header).
    """
    form = ledger.book.task_form
    schema_keys = {column.key: find_schema_key(column) for column in form.answer_columns}
    status_key = next(
        (column.key for column in form.answer_columns if _is_status_column(form, column)),
        "",
    )
    other_headers = {
        column.key: column.header for column in form.answer_columns if not schema_keys[column.key]
    }
    other_headers.pop(status_key, None)
    for row in ledger.assignment_results:
        answers = {schema_keys.get(key): answer for key, answer in row.answers.items()}
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
            "class": classify_status(row.status, row.category),
            "urgency": row.urgency.value,
            **{key: _convert_answer(key, answer) for key, answer in answers.items() if key},
            "other": _format_other_answers(row, other_headers),
            "source": "\n".join(dict.fromkeys(answer.place.file for answer in _list_answers(row))),
            "place": _format_row_place(row),
            **{
                key: office_texts.get((row.code, COLUMNS_BY_KEY[key].header), "")
                for key in REVIEW_KEYS
            },
        }
        yield DetailRow({key: value for key, value in values.items() if value not in (None, "")})


def _is_status_column(form: Form, column: Column) -> bool:
    try:
        return column is form.status_column
    except LookupError:
        return False


def _convert_answer(key: str, answer: Answer) -> ExportValue:
    if COLUMNS_BY_KEY[key].type is ExportType.DATE and isinstance(answer.value, date):
        return answer.value
    return answer.text


def _list_answers(row: AssignmentResult) -> Iterable[Answer]:
    return row.answers.values()


def _format_other_answers(row: AssignmentResult, headers: Mapping[str, str]) -> str:
    return "\n".join(
        f"{header}：{row.get_text(key)}" for key, header in headers.items() if row.get_text(key)
    )


def _format_row_place(row: AssignmentResult) -> str:
    """Return the row that was filled, as 来源文件 has it first."""
    place = next((answer.place for answer in _list_answers(row)), None)
    return format_place(place) if place else ""


def format_place(place: Place) -> str:
    """Name the row of a cell: 重点任务台账 第7行."""
    digits = "".join(character for character in place.cell if character.isdigit())
    return " ".join(filter(None, (place.sheet, f"第{digits}行" if digits else "")))


# The full detail as a plain file for other programs: csv, or parquet.
#
# Excel ends at 1,048,576 rows; these do not. Columns, their order and their types are
# those of :data:`ledgerbook.export.SCHEMA`.

# Excel knows UTF-8 by this mark alone.
_UTF8_BOM = b"\xef\xbb\xbf"
_CSV_CHUNK_ROWS = 2_000
# As many rows as parquet keeps together.
_PARQUET_GROUP_ROWS = 50_000
# A cell that begins like this is a formula to Excel when it opens a csv. The quote
# itself is among them, so that taking one quote off always gives the text back.
_FORMULA_PREFIXES = ("=", "+", "-", "@", "\t", "\r", "\n", "'")

Exporter = Callable[[Iterable[DetailRow]], Iterable[bytes]]


def to_csv(rows: Iterable[DetailRow]) -> Iterator[bytes]:
    """Yield a csv in pieces: UTF-8 with a mark, a header line, dates as 2022-12-31."""
    yield _UTF8_BOM + _format_csv([[column.header for column in SCHEMA]])
    remaining = iter(rows)
    while chunk := list(islice(remaining, _CSV_CHUNK_ROWS)):
        yield _format_csv(
            [_format_csv_value(row.get_value(column.key)) for column in SCHEMA] for row in chunk
        )


def _format_csv(rows: Iterable[Iterable[str]]) -> bytes:
    text = io.StringIO(newline="")
    csv.writer(text).writerows(rows)
    return text.getvalue().encode()


def _format_csv_value(value: ExportValue) -> str:
    if isinstance(value, str):
        text = make_storable(value)
        return f"'{text}" if text.startswith(_FORMULA_PREFIXES) else text
    return "" if value is None else str(value)


def to_parquet(rows: Iterable[DetailRow]) -> Iterator[bytes]:
    """Yield a parquet file whole; texts are as they are, dates and numbers typed."""
    import pyarrow as pa
    from pyarrow.parquet import ParquetWriter

    types = {
        ExportType.TEXT: pa.string(),
        ExportType.DATE: pa.date32(),
        ExportType.NUMBER: pa.int64(),
    }
    schema = pa.schema([(column.header, types[column.type]) for column in SCHEMA])
    buffer = io.BytesIO()
    with ParquetWriter(buffer, schema) as writer:  # type: ignore[no-untyped-call]
        remaining = iter(rows)
        while chunk := list(islice(remaining, _PARQUET_GROUP_ROWS)):
            columns = [
                [_clean_value(row.get_value(column.key)) for row in chunk] for column in SCHEMA
            ]
            writer.write_table(pa.table(columns, schema=schema))
    yield buffer.getvalue()


def _clean_value(value: ExportValue) -> ExportValue:
    return make_storable(value) if isinstance(value, str) else value


def to_frame(rows: Iterable[DetailRow]) -> pd.DataFrame:
    """Return the rows as a data frame, its columns the schema's headers in their order.

    Texts are str, dates datetime64, numbers nullable Int64; a blank is missing.
    """
    import pandas as pd  # here, since only who asks for a frame should wait for it

    dtypes = {
        ExportType.TEXT: "object",
        ExportType.DATE: "datetime64[s]",
        ExportType.NUMBER: "Int64",
    }
    row_list = list(rows)
    return pd.DataFrame(
        {
            column.header: pd.Series(
                [row.get_value(column.key) for row in row_list],
                dtype=dtypes[column.type],
            )
            for column in SCHEMA
        }
    )


EXPORTERS: Mapping[str, Exporter] = {"csv": to_csv, "parquet": to_parquet}

# An export is called as the summary beside it, with this after the stem.
EXPORT_STEM_SUFFIX = "明细"
_EXPORT_NAME = re.compile(rf"年度汇总(（合并）)?{EXPORT_STEM_SUFFIX}\.({'|'.join(EXPORTERS)})$")


def make_export_name(summary_stem: str, export_kind: str) -> str:
    """Return the name of the export beside the summary ``summary_stem``.xlsx."""
    return f"{summary_stem}{EXPORT_STEM_SUFFIX}.{export_kind}"


def is_export_name(name: str) -> bool:
    """Whether a file is called as an export of a summary or a roll-up is."""
    return _EXPORT_NAME.search(name) is not None


def check_exporter(export_kind: str) -> None:
    """Raise InputError where a kind of export cannot be made here."""
    if export_kind == "parquet" and find_spec("pyarrow") is None:
        raise InputError(
            "导出 parquet 要用的组件（pyarrow）没有安装，什么都没有做。"
            "请维护人员在程序源码的文件夹里运行“pip install .[export]”装上，"
            "或者改用“--export csv”。"
        )
