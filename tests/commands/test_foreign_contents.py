"""Whatever somebody else's workbook contains, no byte of any output does."""

from __future__ import annotations

import io
import json
import zipfile
from collections.abc import Iterator
from pathlib import Path

import pytest
from hypothesis import Phase, given, settings
from hypothesis import strategies as st
from openpyxl import Workbook, load_workbook
from openpyxl.comments import Comment
from openpyxl.worksheet.worksheet import Worksheet

from ledgerbook.book import build_book_bytes
from ledgerbook.cli.json_data import build_ledger_data
from ledgerbook.cli.render import describe_ledger
from ledgerbook.data_tables.formats import to_csv
from ledgerbook.data_tables.ledger_tables import build_ledger_tables
from ledgerbook.excel.deterministic_zip import serialize_workbook
from ledgerbook.intake.pipeline import ReadContext, read_return
from ledgerbook.issue.corrections import build_corrections
from ledgerbook.merge.ledger import merge_returns
from ledgerbook.summary import write_summary, write_upload_summary
from tests.cli.test_app import run
from tests.support.books import AS_OF, FINANCE, fill, issued, make_book

# Whole jobs: every output of a run.
pytestmark = pytest.mark.slow

BOOK = make_book()
HEADERS = [
    *("序号", "姓名", "性别", "身份证号", "联系电话", "备注", "责任人"),
    *("申请人", "完成日期", "工作单位", "住址", "名称", "单价"),
]
IDENTITY_NUMBERS = st.from_regex(r"[1-9][0-9]{16}[0-9X]", fullmatch=True)


@st.composite
def make_persons(
    draw: st.DrawFn, more_headers: tuple[str, ...] = ()
) -> tuple[list[list[object]], tuple[str, ...]]:
    """Return the rows of a table of persons, and the numbers in it, as a program shows them."""
    headers = draw(
        st.lists(st.sampled_from([*HEADERS, *more_headers]), min_size=3, max_size=8, unique=True)
    )
    numbers = draw(st.lists(IDENTITY_NUMBERS, min_size=1, max_size=30, unique=True))
    column = draw(st.integers(0, len(headers) - 1))
    rows: list[list[object]] = [[], list(headers)] if draw(st.booleans()) else [list(headers)]
    for number in numbers:
        row: list[object] = [f"甲某{number[-4:]}"] * len(headers)
        is_numeric = number.isdigit() and draw(st.booleans())
        row[column] = int(number) if is_numeric else draw(st.sampled_from(["", "编号 "])) + number
        rows.append(row)
    # A number of 18 digits is stored with 15, and shown as a power of ten.
    return rows, tuple(number[:15] for number in numbers)


def fill_sheet(sheet: Worksheet, rows: list[list[object]], note: str) -> None:
    for row in rows:
        sheet.append(row)
    sheet["A2"].comment = Comment(note, "甲")


def read_all(data: bytes) -> Iterator[str]:
    """Yield a file as text; of a package every part, with its name."""
    if not data.startswith(b"PK"):
        yield data.decode()
        return
    with zipfile.ZipFile(io.BytesIO(data)) as package:
        for name in package.namelist():
            yield name + package.read(name).decode("utf-8", "replace")


@given(make_persons(("完成状态",)), make_persons(), st.sampled_from(["见人员表", "没有"]))
# To shrink a failing case would take minutes.
@settings(max_examples=10, deadline=None, phases=[Phase.generate])
def test_no_number_of_a_person_is_in_any_output(
    apart: tuple[list[list[object]], tuple[str, ...]],
    within: tuple[list[list[object]], tuple[str, ...]],
    evidence: str,
) -> None:
    """In a workbook of its own, named as evidence or not, and on a sheet of a return."""
    foreign = Workbook()
    assert isinstance(foreign.active, Worksheet)
    fill_sheet(foreign.active, apart[0], apart[1][0])
    answers = {"T01": {"status": "已完成", "evidence": evidence, "done_on": "2022年13月1日"}}
    workbook = load_workbook(io.BytesIO(fill(issued(BOOK, FINANCE), answers)))
    fill_sheet(workbook.create_sheet("名单"), within[0], within[1][0])
    files = {"人员表.xlsx": serialize_workbook(foreign), "a.xlsx": serialize_workbook(workbook)}
    context = ReadContext(BOOK, AS_OF)
    reads = [read_return(name, data, context) for name, data in files.items()]
    ledger = merge_returns(BOOK, reads, AS_OF)
    assert ledger.cell_balance.is_balanced
    assert {problem.code for problem in ledger.problems} >= {"date-unclear", "foreign-sheet"}
    corrections = build_corrections(ledger)
    assert corrections
    outputs = [
        write_summary(ledger),
        write_upload_summary(ledger),
        *(one.data for one in corrections),
        *(b"".join(to_csv(table)) for table in build_ledger_tables(ledger)),
        json.dumps(build_ledger_data(ledger, ()), ensure_ascii=False).encode(),
        "\n".join(describe_ledger(ledger)).encode(),
    ]
    text = "\n".join(part for data in outputs for part in read_all(data))
    assert "人员表" in text
    assert [number for number in (*apart[1], *within[1]) if number in text] == []
    assert "甲某" not in text


def test_no_file_of_a_run_has_them(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    """The same through the command: what it writes, what it prints, and --json."""
    (tmp_path / "台账.xlsx").write_bytes(build_book_bytes(BOOK))
    returns, out = tmp_path / "收回", tmp_path / "汇总"
    returns.mkdir()
    data = fill(issued(BOOK, FINANCE), {"T01": {"status": "已完成", "done_on": "不详"}})
    (returns / "a.xlsx").write_bytes(data)
    foreign = Workbook()
    assert isinstance(foreign.active, Worksheet)
    rows: list[list[object]] = [[n, f"甲某{n}", f"44010619900101{n:04d}"] for n in range(300)]
    fill_sheet(foreign.active, [["序号", "姓名", "身份证号"], *rows], "甲某的批注")
    (returns / "人员.xlsx").write_bytes(serialize_workbook(foreign))
    words = ("collect", tmp_path / "台账.xlsx", returns, "-o", out, "--as-of", AS_OF)
    options = ("--export", "csv", "--for-upload", "--with-personal-data")
    printed = [run(capsys, *words, *options), run(capsys, *words, *options, "--json")]
    files = [path for path in out.rglob("*") if path.is_file()]
    assert len(files) >= 4
    texts = [part for path in files for part in read_all(path.read_bytes())]
    texts += [said + complained for _, said, complained in printed]
    assert any("人员.xlsx" in text for text in texts)
    for word in ("甲某", "44010619900101"):
        assert not any(word in text for text in texts)
