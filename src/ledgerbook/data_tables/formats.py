"""Write tables as csv, parquet and data frames, and read them again as data frames.

One table of types holds for all three: :data:`_TYPES`. What a csv cannot say of its columns
stands beside it in ``datapackage.json`` (https://specs.frictionlessdata.io/data-package/).
"""

from __future__ import annotations

import csv
import io
import json
from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime
from itertools import islice
from pathlib import Path
from typing import TYPE_CHECKING, Any

from ledgerbook.data_tables.data_table import DataTable
from ledgerbook.export import ExportType, ExportValue
from ledgerbook.text import make_storable

if TYPE_CHECKING:
    import pandas as pd
    import pyarrow as pa


@dataclass(frozen=True, slots=True)
class _StoredType:
    """How values of a type are stored: the names of pandas, pyarrow and the data package."""

    dtype: str
    arrow: str
    field: str


_TYPES: Mapping[ExportType, _StoredType] = {
    ExportType.TEXT: _StoredType("string", "string", "string"),
    ExportType.DATE: _StoredType("datetime64[s]", "date32", "date"),
    ExportType.TIME: _StoredType("datetime64[s]", "timestamp[s]", "datetime"),
    ExportType.NUMBER: _StoredType("Int64", "int64", "integer"),
    ExportType.DECIMAL: _StoredType("Float64", "float64", "number"),
    ExportType.BOOLEAN: _StoredType("boolean", "bool", "boolean"),
}
# Times of a package are of no zone, and without a Z at the end, unless a format says so.
_TIME_FORMAT = "%Y-%m-%dT%H:%M:%S"

PACKAGE_NAME = "datapackage.json"
# Excel recognizes UTF-8 in a csv by this mark alone.
_UTF8_BOM = b"\xef\xbb\xbf"
_CSV_CHUNK_ROWS = 2_000
# The rows of one row group of a parquet file.
_PARQUET_GROUP_ROWS = 50_000
# Excel takes a cell of a csv that begins like this for a formula, in the Chinese and Japanese
# editions with a full-width sign too. The quote itself is among them, so that taking one
# quote off always gives the text back.
_FORMULA_PREFIXES = (*"=+-@＝＋－＠", "\t", "\r", "\n", "'")


def _store(value: ExportValue) -> ExportValue:
    """Return a value as it is stored: a blank text is missing, as in a csv."""
    return (make_storable(value) or None) if isinstance(value, str) else value


# --- csv ---


def to_csv(table: DataTable) -> Iterator[bytes]:
    """Yield a csv in pieces: UTF-8 with a mark, a line of keys, dates as 2022-12-31."""
    keys = [column.key for column in table.columns]
    yield _UTF8_BOM + _format_csv([keys])
    remaining = iter(table.rows)
    while chunk := list(islice(remaining, _CSV_CHUNK_ROWS)):
        yield _format_csv([_format_value(row.get(key)) for key in keys] for row in chunk)


def _format_csv(rows: Iterable[Iterable[str]]) -> bytes:
    text = io.StringIO(newline="")
    csv.writer(text).writerows(rows)
    return text.getvalue().encode()


def _format_value(value: ExportValue) -> str:
    stored = _store(value)
    match stored:
        case None:
            return ""
        case str():
            return f"'{stored}" if stored.startswith(_FORMULA_PREFIXES) else stored
        case bool():
            return "true" if stored else "false"
        case datetime():
            return stored.strftime(_TIME_FORMAT)
        case _:
            return str(stored)


# --- parquet ---


def to_parquet(table: DataTable) -> Iterator[bytes]:
    """Yield a parquet file whole; its fields name their Chinese titles."""
    import pyarrow as pa
    from pyarrow.parquet import ParquetWriter

    schema = pa.schema(
        [
            pa.field(
                column.key,
                pa.type_for_alias(_TYPES[column.type].arrow),
                metadata={"title": column.header},
            )
            for column in table.columns
        ]
    )
    buffer = io.BytesIO()
    with ParquetWriter(buffer, schema) as writer:  # type: ignore[no-untyped-call]
        remaining = iter(table.rows)
        while chunk := list(islice(remaining, _PARQUET_GROUP_ROWS)):
            writer.write_table(_make_arrow_table(chunk, table, schema))
    yield buffer.getvalue()


def _make_arrow_table(
    rows: Sequence[Mapping[str, ExportValue]], table: DataTable, schema: pa.Schema
) -> pa.Table:
    import pyarrow as pa

    values = [[_store(row.get(column.key)) for row in rows] for column in table.columns]
    return pa.table(values, schema=schema)


# --- data frames ---


def to_frame(table: DataTable) -> pd.DataFrame:
    """Return a data frame; whatever is blank is missing."""
    import pandas as pd  # here, since only a caller that asks for a frame should wait for it

    rows = list(table.rows)
    return pd.DataFrame(
        {
            column.key: pd.Series(
                [_store(row.get(column.key)) for row in rows], dtype=_TYPES[column.type].dtype
            )
            for column in table.columns
        }
    )


TABLE_WRITERS: Mapping[str, Callable[[DataTable], Iterable[bytes]]] = {
    "csv": to_csv,
    "parquet": to_parquet,
}

# --- the folder of an export ---


def describe_package(tables: Sequence[DataTable], kind: str) -> bytes:
    """Return ``datapackage.json``: the files of a folder, their columns and types."""
    package = {
        "resources": [
            {
                "name": table.name,
                "title": table.title,
                "path": f"{table.name}.{kind}",
                "format": kind,
                "schema": {
                    "fields": [
                        {
                            "name": column.key,
                            "title": column.header,
                            "type": _TYPES[column.type].field,
                            **({"format": _TIME_FORMAT} if column.type is ExportType.TIME else {}),
                        }
                        for column in table.columns
                    ],
                    "missingValues": [""],
                },
            }
            for table in tables
        ]
    }
    return f"{json.dumps(package, ensure_ascii=False, indent=1)}\n".encode()


def list_package_paths(data: bytes) -> tuple[str, ...]:
    """Return the names of the files that a ``datapackage.json`` lists; none of another file."""
    try:
        paths = [resource["path"] for resource in json.loads(data)["resources"]]
    except (ValueError, KeyError, TypeError):
        return ()
    return tuple(path for path in paths if isinstance(path, str) and Path(path).name == path)


def read_frames(folder: Path) -> dict[str, pd.DataFrame]:
    """Read the tables of an export again, with the types that they were written with.

    Raises OSError, ValueError or KeyError where ``folder`` is none.
    """
    package = json.loads((folder / PACKAGE_NAME).read_bytes())
    return {
        resource["name"]: _READERS[resource["format"]](
            folder / Path(resource["path"]).name,
            {field["name"]: _DTYPES[field["type"]] for field in resource["schema"]["fields"]},
        )
        for resource in package["resources"]
    }


_DTYPES = {stored.field: stored.dtype for stored in _TYPES.values()}


def _read_csv(path: Path, dtypes: Mapping[str, str]) -> pd.DataFrame:
    import pandas as pd

    # Given a path, pandas would take a carriage return within a text for the end of a line.
    with path.open(encoding="utf-8-sig", newline="") as file:
        texts = pd.read_csv(file, dtype=str, keep_default_na=False)
    return pd.DataFrame(
        {
            key: pd.Series(
                [_PARSERS[dtype](text) if text else None for text in texts[key]], dtype=dtype
            )
            for key, dtype in dtypes.items()
        }
    )


_PARSERS: Mapping[str, Callable[[str], Any]] = {
    "string": lambda text: text.removeprefix("'"),
    "datetime64[s]": datetime.fromisoformat,
    "Int64": int,
    "Float64": float,
    "boolean": "true".__eq__,
}


def _read_parquet(path: Path, dtypes: Mapping[str, str]) -> pd.DataFrame:
    import pandas as pd

    frame = pd.read_parquet(path, dtype_backend="numpy_nullable")
    return frame[list(dtypes)].astype(dict(dtypes))


_READERS: Mapping[str, Callable[[Path, Mapping[str, str]], pd.DataFrame]] = {
    "csv": _read_csv,
    "parquet": _read_parquet,
}
