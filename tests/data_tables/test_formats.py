"""A table is the same as a data frame, as csv and as parquet, with its types."""

from __future__ import annotations

import io
import json
from datetime import date, datetime, timedelta
from pathlib import Path
from tempfile import TemporaryDirectory

import pandas as pd
import pyarrow as pa
import pytest
from hypothesis import given
from hypothesis import strategies as st
from pandas.testing import assert_frame_equal
from pyarrow import parquet

import ledgerbook
from ledgerbook.commands.exports import write_export
from ledgerbook.data_tables.data_table import DataTable
from ledgerbook.data_tables.formats import TABLE_WRITERS, list_package_paths, to_csv, to_frame
from ledgerbook.errors import FileError
from ledgerbook.export import ExportColumn, ExportType, ExportValue

HOSTILE = (
    "=cmd|' /C calc'!A0",
    "＝1+1",
    "＋1",
    "－2",
    "＠SUM(1)",
    "\r=1",
    "@SUM(1)",
    "'+1",
    "-2",
    "\tx",
    'a "b",\r\nc',
    "\udcff",
    "NA",
    "1.0",
    "TRUE",
)
COLUMNS = tuple(ExportColumn(kind.name.lower(), kind.value, kind) for kind in ExportType)
_DAYS = st.dates(date(1900, 1, 1), date(2999, 12, 31))
_MINUTES = st.integers(0, 24 * 60 * 60 - 1)
_TIMES = st.builds(
    lambda day, seconds: datetime(day.year, day.month, day.day) + timedelta(seconds=seconds),  # noqa: DTZ001
    _DAYS,
    _MINUTES,
)
VALUES: dict[ExportType, st.SearchStrategy[ExportValue]] = {
    ExportType.TEXT: st.sampled_from(HOSTILE) | st.text(max_size=9),
    ExportType.DATE: _DAYS,
    ExportType.TIME: _TIMES,
    ExportType.NUMBER: st.integers(-(2**63), 2**63 - 1),
    ExportType.DECIMAL: st.floats(allow_nan=False, allow_infinity=False),
    ExportType.BOOLEAN: st.booleans(),
}
ROWS = st.lists(
    st.fixed_dictionaries({c.key: st.none() | VALUES[c.type] for c in COLUMNS}), max_size=5
)
DTYPES = {
    "text": "string",
    "date": "datetime64[s]",
    "number": "Int64",
    "decimal": "Float64",
    "time": "datetime64[s]",
    "boolean": "boolean",
}


def make_table(rows: list[dict[str, ExportValue]]) -> DataTable:
    return DataTable("things", "东西", COLUMNS, rows)


def test_a_frame_has_the_types_of_its_columns() -> None:
    """Also one without rows."""
    frame = to_frame(make_table([]))
    assert {name: str(dtype) for name, dtype in frame.dtypes.items()} == DTYPES


@pytest.mark.slow
@pytest.mark.parametrize("kind", list(TABLE_WRITERS))
@given(ROWS)
def test_what_is_written_is_read_again(kind: str, rows: list[dict[str, ExportValue]]) -> None:
    """Every value and every type, whatever a text holds; a blank is missing."""
    table = make_table(rows)
    with TemporaryDirectory() as folder:
        write_export(Path(folder), [table], kind)
        (frame,) = ledgerbook.read_frames(folder).values()
    assert_frame_equal(frame, to_frame(table), check_exact=True)


@given(st.lists(VALUES[ExportType.TEXT], min_size=1, max_size=5))
def test_no_text_of_a_csv_is_a_formula(texts: list[str]) -> None:
    """Excel opens a csv by a double-click: no cell begins like a formula."""
    data = b"".join(to_csv(make_table([{"text": text} for text in texts])))
    read = pd.read_csv(io.BytesIO(data), dtype=str, keep_default_na=False)
    assert not any(text.startswith((*"=+-@＝＋－＠", "\t", "\r")) for text in read["text"])


def test_parquet_has_types_and_titles() -> None:
    """The Chinese header is with each field, for programs that show it."""
    schema = parquet.read_table(io.BytesIO(b"".join(TABLE_WRITERS["parquet"](make_table([])))))
    assert schema.schema.types == [
        pa.string(),
        pa.date32(),
        pa.int64(),
        pa.float64(),
        # The format has no seconds.
        pa.timestamp("ms"),
        pa.bool_(),
    ]
    assert schema.schema.field("time").metadata[b"title"].decode() == "时间"


def test_the_package_tells_the_types_of_a_csv(tmp_path: Path) -> None:
    """datapackage.json says what the csv cannot say, in the words of its standard."""
    write_export(tmp_path, [make_table([])], "csv")
    package = json.loads((tmp_path / "datapackage.json").read_text("utf-8"))
    (resource,) = package["resources"]
    assert (resource["name"], resource["path"]) == ("things", "things.csv")
    assert {field["name"]: field["type"] for field in resource["schema"]["fields"]} == {
        "text": "string",
        "date": "date",
        "number": "integer",
        "decimal": "number",
        "time": "datetime",
        "boolean": "boolean",
    }


@pytest.mark.parametrize("text", ["", "[]", "{}", '{"resources": [{"path": "../x.csv"}, 1]}'])
def test_what_is_no_export_is_said_to_be_none(tmp_path: Path, text: str) -> None:
    """And nothing outside of its folder is taken for a part of it."""
    assert list_package_paths(text.encode()) == ()
    with pytest.raises(FileError, match="不是导出的数据表的文件夹"):
        ledgerbook.read_frames(tmp_path)
    (tmp_path / "datapackage.json").write_text(text, "utf-8")
    with pytest.raises(FileError, match="不是导出的数据表的文件夹"):
        ledgerbook.read_frames(tmp_path)
