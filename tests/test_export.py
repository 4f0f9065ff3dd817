"""The detail for other programs: its columns and rows, headed as the form is."""

from __future__ import annotations

import sys
from collections.abc import Mapping
from dataclasses import replace
from datetime import date
from pathlib import Path

import pytest

from ledgerbook import commands
from ledgerbook.book import build_book_bytes
from ledgerbook.errors import InputError
from ledgerbook.export import (
    SCHEMA,
    STATUS_CLASSES,
    ExportType,
    ExportValue,
    build_columns,
    build_detail_rows,
    build_ledger_columns,
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
from tests.support.register_returns import make_register_book
from tests.support.returns import collected

# Workbooks are issued, filled and merged over and over.
pytestmark = pytest.mark.slow

HEADERS = [spec.header for spec in SCHEMA]


def ledger() -> Ledger:
    """One section has answered all, one a part, one nothing."""
    book = make_book()
    first, second = SECTIONS[:2]
    return collected(
        fill(issued(book, first), {t.code: DONE for t in book.get_tasks(first)}),
        fill(issued(book, second), {"T02": {"status": "推进中", "note": "@SUM(1)"}}),
        book=book,
    )


def list_records(
    made: Ledger, office_texts: Mapping[tuple[str, str], str] | None = None
) -> list[dict[str, ExportValue]]:
    """Return the rows with every column, by their headers."""
    columns = build_ledger_columns(made)
    return [
        {column.header: row.get_value(column.key) for column in columns}
        for row in build_detail_rows(made, office_texts or {})
    ]


def test_every_row_and_answer_is_exported() -> None:
    """A row of the ledger is a row of the file, each answer under its header."""
    made = ledger()
    said = {(made.assignment_results[1].code, "审核意见"): "再核。"}
    rows = list_records(made, said)
    assert list(rows[0]) == HEADERS
    assert [(r["科室"], r["行码"], r["完成状态"]) for r in rows] == [
        (r.section, r.code, r.status) for r in made.assignment_results
    ]
    done = next(r for r in rows if r["科室"] == OFFICE)
    assert done["单位"] == made.book.agency
    assert done["完成日期"] == date(2022, 9, 30)
    assert done["落实情况"] == DONE["result"]
    assert done["状态归类"] == "已完成"
    assert done["来源文件"] == "1.xlsx"
    assert str(done["来源位置"]).startswith(f"{OFFICE} 第")
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
    columns_made = build_ledger_columns(changed)
    assert [c.header for c in columns_made[len(SCHEMA) :]] == ["自设栏", "完成日期说明"]
    (record,) = list_records(changed)
    assert (record["自设栏"], record["完成日期说明"]) == ("自己的话", "九月")
    assert record["完成日期"] is record["其他栏目"] is None


def test_the_export_is_headed_as_the_form_is() -> None:
    """A renamed column keeps its key, an added one follows; numbers and dates are such."""
    book = make_book(forms=(change_form(make_book().task_form),))
    told = {"status": "推进中", "reason": "没有人手。", FUNDS: 1.5, STARTED: date(2022, 3, 1)}
    made = collected(fill(issued(book, OFFICE), {"T01": told}), book=book)
    columns = build_ledger_columns(made)
    headers = [column.header for column in columns]
    assert headers[len(SCHEMA) :] == [STARTED_HEADER, FUNDS_HEADER]
    assert [column.type for column in columns[-2:]] == [ExportType.DATE, ExportType.DECIMAL]
    assert NEW_HEADER in headers
    assert OLD_HEADER not in headers
    record = next(r for r in list_records(made) if r[NEW_HEADER])
    assert record[NEW_HEADER] == "没有人手。"
    assert (record[FUNDS_HEADER], record[STARTED_HEADER]) == (1.5, date(2022, 3, 1))
    assert record["其他栏目"] is None


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


@pytest.mark.parametrize("kind", ["csv", "parquet"])
def test_collect_exports_beside_the_summary(tmp_path: Path, kind: str) -> None:
    """In a folder beside the summary, which the next run does not take for returns."""
    book = make_book()
    (tmp_path / "台账.xlsx").write_bytes(build_book_bytes(book))
    back = tmp_path / "收回"
    back.mkdir()
    (back / "1.xlsx").write_bytes(fill(issued(book, OFFICE), {"T01": DONE}))
    folder = back / f"2022年度汇总数据表（{kind}）"
    seen: list[list[bytes]] = []
    for _ in range(2):
        done = commands.collect(tmp_path / "台账.xlsx", [back], back, as_of=AS_OF, export=kind)
        assert done.outputs[1] == folder
        assert (folder / f"tasks.{kind}").exists()
        seen.append([path.read_bytes() for path in sorted(folder.iterdir())])
    assert seen[0] == seen[1]
    assert {one.name for one in done.ledger.file_reports} == {"1.xlsx"}
    assert {one.place.file for one in done.ledger.problems} == {"1.xlsx"}


def test_tables_that_are_no_longer_there_are_removed(tmp_path: Path) -> None:
    """Those of a register that the book has no more; what somebody else put there stays."""
    path, out = tmp_path / "台账.xlsx", tmp_path / "汇总"
    folder = out / "2022年度汇总数据表（csv）"
    (tmp_path / "收回").mkdir()
    for book in (make_register_book(2022), make_book()):
        path.write_bytes(build_book_bytes(book))
        commands.collect(path, [tmp_path / "收回"], out, as_of=AS_OF, export="csv")
        (folder / "自己的.csv").write_bytes(b"1")
        assert (folder / "register_applications.csv").exists() == (book != make_book())
    assert (folder / "自己的.csv").exists()
    assert (folder / "tasks.csv").exists()


def test_without_pyarrow_parquet_is_refused_at_once(
    monkeypatch: pytest.MonkeyPatch, tmp_path: Path
) -> None:
    """Before anything is read, a sentence says what to install."""
    monkeypatch.setitem(sys.modules, "pyarrow", None)
    with pytest.raises(InputError, match=r"pip install \.\[export\]"):
        commands.collect(tmp_path / "无", [tmp_path], tmp_path, as_of=AS_OF, export="parquet")
    assert list(tmp_path.iterdir()) == []
