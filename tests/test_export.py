"""--export: the full detail for other programs, in the documented schema."""

from __future__ import annotations

import csv
import io
import sys
from dataclasses import replace
from datetime import date
from pathlib import Path

import pandas as pd
import pyarrow as pa
import pytest
from hypothesis import given
from hypothesis import strategies as st
from pyarrow import parquet

from ledgerbook import commands
from ledgerbook.book import build_book_bytes
from ledgerbook.errors import InputError
from ledgerbook.export import (
    COLUMNS_BY_KEY,
    SCHEMA,
    STATUS_CLASSES,
    DetailRow,
    ExportType,
    build_columns,
    build_detail_rows,
    build_ledger_columns,
    to_csv,
    to_frame,
    to_parquet,
)
from ledgerbook.model import Column, ColumnType, Filler
from ledgerbook.model.problems import Place
from ledgerbook.model.results import Answer, Ledger
from tests.support.books import AS_OF, DONE, OFFICE, SECTIONS, fill, issued, make_book
from tests.support.changed_forms import (
    FUNDS,
    FUNDS_HEADER,
    NEW_HEADER,
    OLD_HEADER,
    STARTED,
    STARTED_HEADER,
    change_form,
)
from tests.support.returns import collected

# Workbooks are issued, filled and merged over and over.
pytestmark = pytest.mark.slow

DOCUMENT = Path(__file__).parents[1] / "docs" / "detail-schema.md"
HEADERS = [spec.header for spec in SCHEMA]
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
)


def ledger() -> Ledger:
    """One section has answered all, one a part, one nothing."""
    book = make_book()
    first, second = SECTIONS[:2]
    return collected(
        fill(issued(book, first), {t.code: DONE for t in book.get_tasks(first)}),
        fill(issued(book, second), {"T02": {"status": "推进中", "note": "@SUM(1)"}}),
        book=book,
    )


def csv_rows(data: bytes) -> list[dict[str, str]]:
    text = data.decode("utf-8-sig")
    return list(csv.DictReader(io.StringIO(text, newline="")))


def table(rows: list[DetailRow]) -> pa.Table:
    return parquet.read_table(io.BytesIO(b"".join(to_parquet(rows))))


def test_the_documented_columns_are_those_of_the_program() -> None:
    """The page that describes the export has every column, in order, and no other."""
    lines = [
        f"| {n} | {s.header} | `{s.key}` | {s.type} | {s.description} |"
        for n, s in enumerate(SCHEMA, 1)
    ]
    page = DOCUMENT.read_text("utf-8").splitlines()
    assert [line for line in page if line.startswith("|")][2:] == lines


def test_every_row_and_answer_is_exported() -> None:
    """A row of the ledger is a row of the file, each answer under its header."""
    made = ledger()
    said = {(made.assignment_results[1].code, "审核意见"): "再核。"}
    rows = csv_rows(b"".join(to_csv(build_detail_rows(made, said))))
    assert list(rows[0]) == HEADERS
    assert [(r["科室"], r["行码"], r["完成状态"]) for r in rows] == [
        (r.section, r.code, r.status) for r in made.assignment_results
    ]
    done = next(r for r in rows if r["科室"] == OFFICE)
    assert done["单位"] == made.book.agency
    assert done["完成日期"] == "2022-09-30"
    assert done["落实情况"] == DONE["result"]
    assert done["状态归类"] == "已完成"
    assert done["来源文件"] == "1.xlsx"
    assert done["来源位置"].startswith(f"{OFFICE} 第")
    assert [r["审核意见"] for r in rows if r["审核意见"]] == ["再核。"]
    assert {r["状态归类"] for r in rows} <= set(STATUS_CLASSES)


def test_a_column_of_the_office_s_own_is_a_column() -> None:
    """A column that the schema has not stands after it, under the office's header."""
    made = ledger()
    own = Column("own", "自设栏", ColumnType.TEXT, Filler.SECTION, 9)
    words = Column("done_on", "完成日期说明", ColumnType.TEXT, Filler.SECTION, 9)
    columns = [c for c in made.book.task_form.columns if c.key != "done_on"]
    form = replace(made.book.task_form, columns=(*columns, own, words))
    row = made.assignment_results[0]
    said = {
        "own": Answer("自己的话", "", Place()),
        "done_on": Answer("九月", "", Place()),
    }
    changed = replace(
        made,
        book=replace(made.book, forms=(form,)),
        assignment_results=(replace(row, answers=row.answers | said),),
    )
    (only,) = build_detail_rows(changed, {})
    columns_made = build_ledger_columns(changed)
    assert [c.header for c in columns_made[len(SCHEMA) :]] == ["自设栏", "完成日期说明"]
    (record,) = csv_rows(b"".join(to_csv([only], columns_made)))
    assert (record["自设栏"], record["完成日期说明"]) == ("自己的话", "九月")
    assert record["完成日期"] == record["其他栏目"] == ""


def test_the_export_is_headed_as_the_form_is() -> None:
    """A renamed column keeps its key, an added one follows; numbers and dates are such."""
    book = make_book(forms=(change_form(make_book().task_form),))
    told = {"status": "推进中", "reason": "没有人手。", FUNDS: 1.5, STARTED: date(2022, 3, 1)}
    made = collected(fill(issued(book, OFFICE), {"T01": told}), book=book)
    rows, columns = list(build_detail_rows(made, {})), build_ledger_columns(made)
    headers = [column.header for column in columns]
    assert headers[len(SCHEMA) :] == [STARTED_HEADER, FUNDS_HEADER]
    assert NEW_HEADER in headers
    assert OLD_HEADER not in headers
    record = next(r for r in csv_rows(b"".join(to_csv(rows, columns))) if r[NEW_HEADER])
    assert record[NEW_HEADER] == "没有人手。"
    assert (record[FUNDS_HEADER], record[STARTED_HEADER]) == ("1.5", "2022-03-01")
    assert record["其他栏目"] == ""
    read = parquet.read_table(io.BytesIO(b"".join(to_parquet(rows, columns))))
    assert read.schema.names == headers
    assert read.schema.types[-2:] == [pa.date32(), pa.float64()]
    assert [v for v in read[FUNDS_HEADER].to_pylist() if v is not None] == [1.5]
    frame = to_frame(rows, columns)
    assert list(frame.columns) == headers
    assert frame[FUNDS_HEADER].sum() == 1.5


def test_no_two_columns_are_headed_alike() -> None:
    """A new header that another column has is not taken; an added column goes to 其他栏目."""
    columns = build_columns(
        {"note": "单位", "person": "备 注", "reason": "滞后原因", "phone": "滞后原因"},
        [("form:a", "判定", ExportType.TEXT), ("form:b", "投入\n经费", ExportType.TEXT)],
    )
    headers = {column.key: column.header for column in columns}
    assert [headers[key] for key in ("note", "person", "reason", "phone")] == [
        "备注",
        "责任人",
        "未完成原因",
        "联系电话",
    ]
    assert "form:a" not in headers
    assert headers["form:b"] == "投入 经费"
    swapped = build_columns({"note": "责任人", "person": "备注"})
    assert {c.key: c.header for c in swapped}["note"] == "责任人"


def test_parquet_has_types() -> None:
    """Dates are dates, numbers numbers, blanks null, texts what they are."""
    rows = list(build_detail_rows(ledger(), {}))
    read = table(rows)
    kinds = {
        ExportType.TEXT: pa.string(),
        ExportType.DATE: pa.date32(),
        ExportType.NUMBER: pa.int64(),
    }
    assert read.schema.names == HEADERS
    assert read.schema.types == [kinds[spec.type] for spec in SCHEMA]
    assert read.to_pylist() == [
        {spec.header: row.get_value(spec.key) for spec in SCHEMA} for row in rows
    ]
    assert date(2022, 9, 30) in read["完成日期"].to_pylist()
    assert "@SUM(1)" in read["备注"].to_pylist()


@given(st.lists(st.sampled_from(HOSTILE) | st.text(max_size=9), min_size=1, max_size=5))
def test_any_text_survives_and_none_is_a_formula(texts: list[str]) -> None:
    """No cell of a csv begins like a formula; a quote off gives the text back."""
    rows = [DetailRow({"result": text, "unit": "甲"}) for text in texts]
    told = [row["落实情况"] for row in csv_rows(b"".join(to_csv(rows)))]
    assert not any(text.startswith((*"=+-@＝＋－＠", "\t", "\r")) for text in told)
    back = [text.removeprefix("'") for text in told]
    assert back == [text or "" for text in table(rows)[COLUMNS_BY_KEY["result"].header].to_pylist()]


def test_an_empty_detail_still_has_its_columns() -> None:
    """A program that reads the file finds the columns even where there are no rows."""
    assert b"".join(to_csv([])).decode("utf-8-sig") == ",".join(HEADERS) + "\r\n"
    assert table([]).schema.names == HEADERS


@pytest.mark.slow
@pytest.mark.parametrize("kind", ["csv", "parquet"])
def test_collect_exports_beside_the_summary(tmp_path: Path, kind: str) -> None:
    """It lies beside the summary, and the next run does not take it for a return."""
    book = make_book()
    (tmp_path / "台账.xlsx").write_bytes(build_book_bytes(book))
    back = tmp_path / "收回"
    back.mkdir()
    (back / "1.xlsx").write_bytes(fill(issued(book, OFFICE), {"T01": DONE}))
    seen: list[list[bytes]] = []
    for _ in range(2):
        done = commands.collect(tmp_path / "台账.xlsx", [back], back, as_of=AS_OF, export=kind)
        assert done.outputs[1] == back / f"2022年度汇总明细.{kind}"
        seen.append([path.read_bytes() for path in done.outputs])
    assert seen[0] == seen[1]
    assert {one.name for one in done.ledger.file_reports} == {"1.xlsx"}
    assert {one.place.file for one in done.ledger.problems} == {"1.xlsx"}


def test_a_frame_holds_what_the_parquet_holds(tmp_path: Path) -> None:
    """The office's words of before are among it; blanks are missing, never "None"."""
    book = make_book()
    path, back = tmp_path / "台账.xlsx", tmp_path / "收回"
    path.write_bytes(build_book_bytes(book))
    back.mkdir()
    (back / "综合科.xlsx").write_bytes(fill(issued(book, OFFICE), {"T01": DONE}))
    made = commands.collect(
        path, [back], tmp_path, as_of=AS_OF, export="parquet", personal_data=True
    )
    frame = made.frame(personal_data=True)
    assert list(frame.columns) == [spec.header for spec in SCHEMA]
    assert set(frame.columns) - set(made.frame().columns) == {"联系电话"}
    read = parquet.read_table(next(p for p in made.outputs if p.suffix == ".parquet"))
    for spec in SCHEMA:
        told = [None if pd.isna(v) else v for v in frame[spec.header]]
        if spec.type is ExportType.DATE:
            told = [v and v.date() for v in told]
        assert told == read.column(spec.header).to_pylist(), spec.header
    assert str(frame["完成日期"].dtype).startswith("datetime64")
    assert str(frame["序号"].dtype) == "Int64"


def test_without_pyarrow_parquet_is_refused_at_once(
    monkeypatch: pytest.MonkeyPatch, tmp_path: Path
) -> None:
    """Before anything is read, a sentence says what to install."""
    monkeypatch.setitem(sys.modules, "pyarrow", None)
    with pytest.raises(InputError, match=r"pip install \.\[export\]"):
        commands.collect(tmp_path / "无", [tmp_path], tmp_path, as_of=AS_OF, export="parquet")
    assert list(tmp_path.iterdir()) == []
