"""One row of the detail as every level shows, exports and reads it: one schema.

A row is one task as one section of one unit answers it. Which columns there are, what
they are called and of what type is stated here once; the exported files, the sheet
各单位明细 and its reading derive from it.
"""

from __future__ import annotations

import csv
import io
from collections.abc import Callable, Iterable, Iterator, Mapping
from dataclasses import dataclass, replace
from datetime import date
from enum import StrEnum
from importlib.util import find_spec
from itertools import islice
from typing import TYPE_CHECKING

from ledgerbook.errors import InputError
from ledgerbook.model import (
    Column,
    ColumnSource,
    ColumnType,
    Filler,
    Form,
    StatusCategory,
)
from ledgerbook.model.problems import Place
from ledgerbook.model.results import (
    NIL,
    NOT_FILLED,
    NOT_RETURNED,
    Answer,
    AssignmentResult,
    Ledger,
)
from ledgerbook.text import storable

if TYPE_CHECKING:
    import pandas as pd


Value = str | int | date | None

# Where a unit's path is joined: 市/局.
SLASH = "/"

# What a status is counted as, whatever a unit calls it, in the order of the columns.
OTHER = "其他"
CLASSES = (
    *(str(meaning) for meaning in StatusCategory),
    NOT_FILLED,
    NIL,
    NOT_RETURNED,
    OTHER,
)
DONE, EXEMPT = str(StatusCategory.DONE), str(StatusCategory.EXEMPT)
# Of these classes no row can become overdue.
CLOSED = frozenset(str(meaning) for meaning in StatusCategory if meaning.closed)


class Type(StrEnum):
    TEXT = "文本"
    DATE = "日期"
    NUMBER = "整数"


@dataclass(frozen=True, slots=True)
class Spec:
    """One column: its key in exported files' documentation, its header, its type."""

    key: str
    header: str
    type: Type = Type.TEXT
    width: float = 10
    about: str = ""


# The first, up to the place, make up the printed page.
SCHEMA: tuple[Spec, ...] = (
    Spec(
        "unit", "单位", width=16, about="单位；多级汇总时是路径，如“中山市/金融工作局”"
    ),
    Spec("section", "科室", width=10, about="承担任务的科室"),
    Spec("number", "序号", Type.NUMBER, 5, "任务在分工方案中的序号"),
    Spec("requirement", "工作要求", width=11, about="方案原文"),
    Spec("measure", "计划措施", width=32, about="方案原文"),
    Spec("due", "完成期限", Type.DATE, 10.5, "据以判断逾期的日期"),
    Spec("status", "完成状态", width=8, about="科室填报的原话"),
    Spec("done_on", "完成日期", Type.DATE, 10.5, "科室填报"),
    Spec("result", "落实情况", width=32, about="科室填报"),
    Spec("reason", "未完成原因", width=13, about="科室填报"),
    Spec("next_step", "下一步措施", width=13, about="科室填报"),
    Spec("urgency", "判定", width=6, about="逾期、临期或空"),
    Spec(
        "source", "来源文件", width=18, about="这一行出自哪个文件；逐级汇总的写明逐级"
    ),
    Spec("place", "来源位置", width=14, about="在来源文件中的工作表和行"),
    Spec("row_code", "行码", width=9, about="台账签发的行码，同一单位内不重复"),
    Spec("point", "工作要点", width=13, about="方案原文"),
    Spec("roles", "本科室职责", width=8, about="牵头、落实、配合、汇总"),
    Spec("limit", "时限", width=9, about="方案原文"),
    Spec("class", "状态归类", width=8, about="、".join(CLASSES) + "之一"),
    Spec("evidence", "佐证材料", width=12, about="科室填报"),
    Spec("person", "责任人", width=8, about="科室填报"),
    Spec("phone", "联系电话", width=12, about="科室填报"),
    Spec("note", "备注", width=12, about="科室填报"),
    Spec("review", "审核意见", width=14, about="综合科在年度汇总里填写"),
    Spec("adopted", "采用口径", width=14, about="综合科在年度汇总里填写"),
    Spec(
        "other",
        "其他栏目",
        width=16,
        about="本单位另设的栏目，写成“栏名：内容”，一栏一行",
    ),
)
KEYS = tuple(spec.key for spec in SCHEMA)
BY_KEY: Mapping[str, Spec] = {spec.key: spec for spec in SCHEMA}
# What the official columns of a form are in the schema, whatever an office calls them.
OFFICIAL: Mapping[ColumnSource, str] = {
    ColumnSource.NUMBER: "number",
    ColumnSource.ROW_CODE: "row_code",
    ColumnSource.REQUIREMENT: "requirement",
    ColumnSource.POINT: "point",
    ColumnSource.MEASURE: "measure",
    ColumnSource.ROLES: "roles",
    ColumnSource.LIMIT: "limit",
    ColumnSource.DUE: "due",
}
# What sections answer, by the keys of the factory form.
ANSWERS = frozenset(
    ("done_on", "result", "evidence", "reason", "next_step", "person", "phone", "note")
)
# What the office writes beside the rows.
REVIEWS = ("review", "adopted")
NOWHERE = Place()


@dataclass(frozen=True, slots=True)
class DetailRow:
    """One row; ``values`` by the schema's keys, blanks left out."""

    values: Mapping[str, Value]
    place: Place = NOWHERE

    def value(self, key: str) -> Value:
        return self.values.get(key)

    def text(self, key: str) -> str:
        value = self.values.get(key)
        return "" if value is None else str(value)

    @property
    def unit(self) -> str:
        return self.text("unit")

    @property
    def section(self) -> str:
        return self.text("section")

    @property
    def kind(self) -> str:
        return self.text("class")

    @property
    def urgency(self) -> str:
        return self.text("urgency")

    @property
    def due(self) -> date | None:
        value = self.values.get("due")
        return value if isinstance(value, date) else None

    def but(self, **changes: Value) -> DetailRow:
        return replace(self, values={**self.values, **changes})


def class_of(status: str, meaning: StatusCategory | None) -> str:
    """Say what a status is counted as."""
    if meaning is not None:
        return str(meaning)
    return status if status in (NOT_FILLED, NIL, NOT_RETURNED) else OTHER


def key_of(column: Column) -> str:
    """Return the schema's key of a form's column; blank for one of the unit's own."""
    if column.filler is Filler.OFFICIAL:
        return OFFICIAL.get(column.source, "") if column.source else ""
    if column.key not in ANSWERS:
        return ""
    dated = BY_KEY[column.key].type is Type.DATE
    return column.key if dated == (column.kind is ColumnType.DATE) else ""


def rows_of(ledger: Ledger, said: Mapping[tuple[str, str], str]) -> Iterator[DetailRow]:
    """Yield the ledger's rows in the schema of the exports.

    ``said`` are the office's own words by (row code, header).
    """
    form = ledger.book.form
    known = {c.key: key_of(c) for c in form.answers}
    status = next((c.key for c in form.answers if _is_status(form, c)), "")
    own = {c.key: c.header for c in form.answers if not known[c.key]}
    own.pop(status, None)
    for row in ledger.rows:
        answers = {known.get(k): a for k, a in row.answers.items()}
        values: dict[str, Value] = {
            "unit": ledger.book.agency,
            "section": row.section,
            "number": row.task.number,
            "row_code": row.code,
            "requirement": row.task.requirement,
            "point": row.task.point,
            "measure": row.task.measure,
            "roles": "、".join(row.roles),
            "limit": row.task.limit,
            "due": row.due,
            "status": row.status,
            "class": class_of(row.status, row.meaning),
            "urgency": row.urgency.value,
            **{k: _typed(k, a) for k, a in answers.items() if k},
            "other": _own_words(row, own),
            "source": "\n".join(dict.fromkeys(a.place.file for a in _given(row))),
            "place": _where(row),
            **{k: said.get((row.code, BY_KEY[k].header), "") for k in REVIEWS},
        }
        yield DetailRow({k: v for k, v in values.items() if v not in (None, "")})


def _is_status(form: Form, column: Column) -> bool:
    try:
        return column is form.status
    except LookupError:
        return False


def _typed(key: str, answer: Answer) -> Value:
    if BY_KEY[key].type is Type.DATE and isinstance(answer.value, date):
        return answer.value
    return answer.text


def _given(row: AssignmentResult) -> Iterable[Answer]:
    return row.answers.values()


def _own_words(row: AssignmentResult, own: Mapping[str, str]) -> str:
    return "\n".join(f"{h}：{row.text(k)}" for k, h in own.items() if row.text(k))


def _where(row: AssignmentResult) -> str:
    """Return the row that was filled, as 来源文件 has it first."""
    place = next((answer.place for answer in _given(row)), None)
    return place_of(place) if place else ""


def place_of(place: Place) -> str:
    """Name the row of a cell: 重点任务台账 第7行."""
    digits = "".join(c for c in place.cell if c.isdigit())
    return " ".join(filter(None, (place.sheet, f"第{digits}行" if digits else "")))


# The full detail as a plain file for other programs: csv, or parquet.
#
# Excel ends at 1,048,576 rows; these do not. Columns, their order and their types are
# those of :data:`ledgerbook.export.SCHEMA`.

# Excel knows UTF-8 by this mark alone.
_MARK = b"\xef\xbb\xbf"
_PIECE = 2_000
# As many rows as parquet keeps together.
_GROUP = 50_000
# A cell that begins like this is a formula to Excel when it opens a csv. The quote
# itself is among them, so that taking one quote off always gives the text back.
_FORMULAS = ("=", "+", "-", "@", "\t", "\r", "\n", "'")

Exporter = Callable[[Iterable[DetailRow]], Iterable[bytes]]


def to_csv(rows: Iterable[DetailRow]) -> Iterator[bytes]:
    """Yield a csv in pieces: UTF-8 with a mark, a header line, dates as 2022-12-31."""
    yield _MARK + _lines([[spec.header for spec in SCHEMA]])
    waiting = iter(rows)
    while piece := list(islice(waiting, _PIECE)):
        yield _lines([_harmless(row.value(s.key)) for s in SCHEMA] for row in piece)


def _lines(rows: Iterable[Iterable[str]]) -> bytes:
    text = io.StringIO(newline="")
    csv.writer(text).writerows(rows)
    return text.getvalue().encode()


def _harmless(value: Value) -> str:
    if isinstance(value, str):
        text = storable(value)
        return f"'{text}" if text.startswith(_FORMULAS) else text
    return "" if value is None else str(value)


def to_parquet(rows: Iterable[DetailRow]) -> Iterator[bytes]:
    """Yield a parquet file whole; texts are as they are, dates and numbers typed."""
    import pyarrow as pa
    from pyarrow.parquet import ParquetWriter

    types = {Type.TEXT: pa.string(), Type.DATE: pa.date32(), Type.NUMBER: pa.int64()}
    schema = pa.schema([(spec.header, types[spec.type]) for spec in SCHEMA])
    buffer = io.BytesIO()
    with ParquetWriter(buffer, schema) as writer:  # type: ignore[no-untyped-call]
        waiting = iter(rows)
        while piece := list(islice(waiting, _GROUP)):
            columns = [[_clean(row.value(s.key)) for row in piece] for s in SCHEMA]
            writer.write_table(pa.table(columns, schema=schema))
    yield buffer.getvalue()


def _clean(value: Value) -> Value:
    return storable(value) if isinstance(value, str) else value


def to_frame(rows: Iterable[DetailRow]) -> pd.DataFrame:
    """Return the rows as a data frame, its columns the schema's headers in their order.

    Texts are str, dates datetime64, numbers nullable Int64; a blank is missing.
    """
    import pandas as pd  # here, since only who asks for a frame should wait for it

    kinds = {Type.TEXT: "object", Type.DATE: "datetime64[s]", Type.NUMBER: "Int64"}
    told = list(rows)
    return pd.DataFrame(
        {
            spec.header: pd.Series(
                [row.value(spec.key) for row in told], dtype=kinds[spec.type]
            )
            for spec in SCHEMA
        }
    )


EXPORTERS: Mapping[str, Exporter] = {"csv": to_csv, "parquet": to_parquet}


def check_exporter(kind: str) -> None:
    """Raise InputError where a kind of export cannot be made here."""
    if kind == "parquet" and find_spec("pyarrow") is None:
        raise InputError(
            "导出 parquet 要用的组件（pyarrow）没有安装，什么都没有做。"
            "请维护人员在程序源码的文件夹里运行“pip install .[export]”装上，"
            "或者改用“--export csv”。"
        )
