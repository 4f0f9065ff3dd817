"""The full detail as a plain file for other programs: csv, or parquet.

Excel ends at 1,048,576 rows; these do not. Columns, their order and their types are
those of :data:`ledgerbook.detail.schema.SCHEMA`.
"""

from __future__ import annotations

import csv
import io
from collections.abc import Callable, Iterable, Iterator, Mapping
from importlib.util import find_spec
from itertools import islice
from typing import TYPE_CHECKING

from ledgerbook.detail.schema import SCHEMA, DetailRow, Type, Value
from ledgerbook.errors import InputError
from ledgerbook.text import storable

if TYPE_CHECKING:
    import pandas as pd

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
