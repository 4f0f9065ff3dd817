"""Tables 2 to 4 of the annual report: counted right, checked, doubts told."""

from __future__ import annotations

import io
from collections import Counter
from collections.abc import Mapping, Sequence
from dataclasses import replace
from datetime import date
from decimal import Decimal
from pathlib import Path
from typing import Any

import pytest
from openpyxl import load_workbook
from openpyxl.worksheet.worksheet import Worksheet
from python_calamine import CalamineWorkbook

from ledgerbook import commands
from ledgerbook.annual_report import published_tables
from ledgerbook.annual_report.published_tables import TableCell
from ledgerbook.annual_report.report_checks import (
    Agreement,
    compute_report_figures,
    list_identities,
)
from ledgerbook.book import build_book_bytes
from ledgerbook.forms import load_factory_forms
from ledgerbook.issue.layout import FIRST_ROW
from ledgerbook.merge.ledger import merge_returns
from ledgerbook.model import Section
from ledgerbook.summary import write_summary
from tests.support.books import AS_OF, FINANCE, ISSUED_ON, OFFICE, columns_of, make_book
from tests.support.register_year import (
    APPLICATIONS,
    FORMS,
    LAST_DAY,
    YEAR,
    Row,
    compute_figures,
    make_ledger,
    make_year,
    year_book,
)

LEAVES = [
    "予以公开",
    "部分公开",
    "属于国家秘密",
    "其他法律行政法规禁止公开",
    "危及“三安全一稳定”",
    "保护第三方合法权益",
    "属于三类内部事务信息",
    "属于四类过程性信息",
    "属于行政执法案卷",
    "属于行政查询事项",
    "本机关不掌握相关政府信息",
    "没有现成信息需要另行制作",
    "补正后申请内容仍不明确",
    "信访举报投诉类申请",
    "重复申请",
    "要求提供公开出版物",
    "无正当理由大量反复申请",
    "要求行政机关确认或重新出具已获取信息",
    "申请人无正当理由逾期不补正、行政机关不再处理其政府信息公开申请",
    "申请人逾期未按收费通知要求缴纳费用、行政机关不再处理其政府信息公开申请",
    "其他",
]


def table_three(rows: Sequence[Row]) -> list[list[int]]:
    """Count table 3 another way: go through the applications once, tick boxes."""
    people = ["自然人", "商业企业", "科研机构", "社会公益组织", "法律服务机构", "其他"]
    boxes = [[0] * 7 for _ in range(25)]
    for row in rows:
        ticked = [1 if row["carried_over"] == "是" else 0]
        closed = row["outcome"] and row["replied_on"] <= date(YEAR, 12, 31)
        if closed:
            words = row["outcome"].replace("：", "").split(".")[-1].split("）")[-1]
            ticked += [2 + LEAVES.index(words), 23]
        else:
            ticked.append(24)
        for line in ticked:
            boxes[line][people.index(row["applicant_type"])] += 1
            boxes[line][6] += 1
    return boxes


def table_two(rows: Mapping[str, Sequence[Row]]) -> list[Decimal]:
    found = []
    for kind in ("规章", "行政规范性文件"):
        own = [r for r in rows["normative_documents"] if r["doc_type"] == kind]
        found.append(sum(r["signed_on"].year == YEAR for r in own))
        found.append(sum(str(r["repealed_on"] or "").startswith("2022") for r in own))
        found.append(sum(r["validity"] == "现行有效" for r in own))
    sums: Counter[str] = Counter()
    for act in rows["enforcement_and_fees"]:
        sums[act["item"]] += round(100 * (act.get("quantity") or act.get("amount")))
    items = ("行政许可", "行政处罚", "行政强制", "行政事业性收费")
    return [Decimal(n) for n in found] + [Decimal(sums[i]) / 100 for i in items]


def table_four(rows: Sequence[Row]) -> list[int]:
    found: list[int] = []
    for key in ("review", "suit", "suit_after_review"):
        said = Counter(row[key] for row in rows if row[key])
        each = [said[w] for w in ("结果维持", "结果纠正", "其他结果", "尚未审结")]
        found += [*each, sum(each)]
    return found


def in_order(figures: Mapping[TableCell, Decimal], table: str) -> list[Decimal]:
    return [figures[spot] for spot in published_tables.list_cells() if spot.table == table]


@pytest.mark.parametrize("seed", range(4))
def test_the_tables_equal_a_count_by_hand(seed: int) -> None:
    """Every figure of a complete year, and every identity holds."""
    rows = make_year(seed)
    found = compute_figures(rows)
    by_hand = [n for line in table_three(rows["applications"]) for n in line]
    assert in_order(found.figures, published_tables.APPLICATION_TABLE) == by_hand
    assert in_order(found.figures, published_tables.DISCLOSURE_TABLE) == table_two(rows)
    assert in_order(found.figures, published_tables.CONTEST_TABLE) == table_four(
        rows["applications"]
    )
    agreements = Counter(
        one.agreement for one in found.checked_identities if one.identity.is_strict
    )
    assert set(agreements) == {Agreement.HOLDS}
    assert found.doubtful_entries == ()
    assert found.impossible_cells == ()


def test_the_form_is_the_published_one() -> None:
    """25 lines of 7 figures, 15 of table 4; the words of the 21 outcomes in order."""
    assert len(published_tables.HANDLING_RESULT_LINES) == 21
    spots = Counter(spot.table for spot in published_tables.list_cells())
    assert spots == {"表二": 10, "表三": 175, "表四": 15}
    assert [
        line.replace("：", "").split(".")[-1].split("）")[-1]
        for line in published_tables.HANDLING_RESULT_LINES
    ] == LEAVES


def changed(key: str, number: int, **cells: Any) -> dict[str, list[dict[str, Any]]]:
    """Return a year in which one entry says something else."""
    rows = make_year()
    rows[key][number].update(cells)
    return rows


def a_row(**cells: Any) -> int:
    """Find an application that says so."""
    rows = make_year()["applications"]
    return next(n for n, row in enumerate(rows) if all(row[k] == v for k, v in cells.items()))


OPEN = a_row(outcome=None, carried_over="否")
SHUT = a_row(outcome="（一）予以公开", carried_over="否")


@pytest.mark.parametrize(
    ("number", "rows", "reason"),
    [
        (2, changed("applications", SHUT, outcome="办结"), "不是表三所列的任何一行"),
        (3, changed("applications", OPEN, applicant_type="公民"), "不是表三的六类"),
        (5, changed("applications", 0, review="和解"), "不是表四所列"),
    ],
    ids=lambda value: value if isinstance(value, str | int) else "",
)
def test_a_broken_identity_is_reported(
    number: int, rows: Mapping[str, Sequence[Row]], reason: str
) -> None:
    """It says which rule, and the entry at fault is named with its place."""
    found = compute_figures(rows)
    broken = {
        c.identity.number for c in found.checked_identities if c.agreement is Agreement.BROKEN
    }
    assert number in broken
    (doubt,) = found.doubtful_entries
    assert reason in doubt.reason
    assert doubt.place.file.endswith(".xlsx")


@pytest.mark.parametrize(
    ("key", "number", "column", "reason"),
    [
        ("normative_documents", 0, "doc_type", "文件类型没有填或读不出，表二没有计入"),
        ("normative_documents", 0, "validity", "不知道年末是不是有效，没有计入年报"),
        ("applications", SHUT, "replied_on", "不知道属于哪一年"),
        ("applications", SHUT, "outcome", "不知道是怎样办结的"),
        ("applications", OPEN, "suit", "结果读不出，表四没有计入"),
    ],
)
def test_a_cell_that_could_not_be_read_is_doubtful(
    key: str, number: int, column: str, reason: str
) -> None:
    """The figure lacks the entry, and the entry is named."""
    rows = changed(key, number, **{column: None})
    ledger = make_ledger(rows)
    position = [n for n, entry in enumerate(ledger.register_entries) if entry.form.key == key]
    entries = list(ledger.register_entries)
    unread = entries[position[number]]
    entries[position[number]] = replace(unread, rejected_columns=frozenset({column}))
    found = compute_report_figures(replace(ledger, register_entries=tuple(entries)))
    assert found is not None
    assert reason in "".join(
        doubt.reason for doubt in found.doubtful_entries if doubt.column == column
    )


def test_a_repealed_document_without_its_date_is_doubtful() -> None:
    rows = make_year()["normative_documents"]
    number = next(n for n, row in enumerate(rows) if row["repealed_on"])
    (doubt,) = compute_figures(
        changed("normative_documents", number, repealed_on=None)
    ).doubtful_entries
    assert "没有“废止日期”，不知道年末是不是有效" in doubt.reason


@pytest.mark.parametrize("cells", [{"quantity": 2.5}, {"quantity": -3}])
def test_a_figure_that_cannot_be_is_reported(cells: Row) -> None:
    """Rule 8: counts are whole numbers of nothing or more."""
    rows = changed("enforcement_and_fees", 2, **cells)
    assert compute_figures(rows).impossible_cells == (
        TableCell("表二", "行政处罚", published_tables.DECISION_COUNT),
    )


def test_what_last_year_reported_is_compared() -> None:
    """Rules 4, 6 and 7 only ask to look; without a figure they say nothing."""
    rows = make_year()
    found = compute_figures(rows)
    loose = [one for one in found.checked_identities if not one.identity.is_strict]
    assert {one.agreement for one in loose} == {Agreement.UNKNOWN}
    figures = found.figures
    carried = figures[TableCell("表三", published_tables.CARRIED_OVER_LINE, "自然人")]
    valid = figures[TableCell("表二", "行政规范性文件", published_tables.VALID_COUNT)]
    right = {
        "上年年报：结转下年度继续办理（自然人）": int(carried),
        "已公开的规范性文件目录条数": int(valid),
    }
    wrong = {name: value + 1 for name, value in right.items()}
    for reference, agreement in ((right, Agreement.HOLDS), (wrong, Agreement.DIFFERS)):
        loose = [
            o
            for o in compute_figures(rows, **reference).checked_identities
            if not o.identity.is_strict
        ]
        said = {o.identity.number: o.agreement for o in loose if o.left is not None}
        known = {o.identity.number for o in loose if o.agreement is not Agreement.UNKNOWN}
        assert known == {4, 7}
        assert {said[4], said[7]} <= {agreement, Agreement.UNKNOWN}
        assert agreement in {o.agreement for o in loose}


def test_documents_in_force_follow_from_last_year() -> None:
    """Rule 6: what was in force, and what was made, less what was repealed."""
    rows = make_year()
    made, repealed, valid = table_two(rows)[:3]
    fits = int(valid - made + repealed)
    for last, agreement in ((fits, Agreement.HOLDS), (fits + 2, Agreement.DIFFERS)):
        found = compute_figures(rows, **{"上年年报：规章现行有效件数": last})
        (six,) = [
            one
            for one in found.checked_identities
            if one.identity.number == 6 and one.identity.subject == "规章"
        ]
        assert six.agreement is agreement


def test_every_identity_is_of_figures_that_there_are() -> None:
    """And each of the seven sums is there."""
    known = {*published_tables.list_cells(), *published_tables.REFERENCE_CELLS.values()}
    for one in list_identities():
        assert {*one.left, *one.right, *one.subtracted} <= known
    assert {one.number for one in list_identities()} == {1, 2, 3, 4, 5, 6, 7}


def test_a_book_without_such_registers_has_no_tables() -> None:
    """Nothing is counted from nothing."""
    assert compute_report_figures(merge_returns(make_book(), [], AS_OF)) is None


def test_what_no_register_tells_is_left_blank() -> None:
    """Where only applications are kept, table 2 is the office's to fill."""
    book = year_book([APPLICATIONS])
    found = compute_report_figures(make_ledger({"applications": make_year()["applications"]}, book))
    assert found is not None
    assert {spot.table for spot in found.figures} == {"表三", "表四"}
    data = write_summary(make_ledger({"applications": []}, book))
    sheet = load_workbook(io.BytesIO(data))["年报表二"]
    words = [str(c.value) for row in sheet.iter_rows() for c in row if c.value]
    assert any("黄色的 10 格没有登记簿可以统计" in word for word in words)


def test_a_register_without_a_column_cannot_be_counted() -> None:
    """The office may take a column away; its figures are blank, not nought."""
    columns = tuple(c for c in APPLICATIONS.columns if c.key != "review")
    book = year_book([replace(APPLICATIONS, columns=columns)])
    found = compute_report_figures(make_ledger({}, book))
    assert found is not None
    assert TableCell("表四", published_tables.REVIEW, "结果维持") not in found.figures
    assert found.figures[TableCell("表四", published_tables.LAWSUIT, "结果维持")] == 0


def test_a_register_that_nobody_keeps_does_not_count() -> None:
    """It is in the book, but no section fills it."""
    book = replace(year_book(), sections=(Section(OFFICE), Section(FINANCE)))
    assert compute_report_figures(merge_returns(book, [], AS_OF)) is None


def cells(data: bytes, name: str) -> list[list[Any]]:
    return (
        CalamineWorkbook.from_filelike(io.BytesIO(data))
        .get_sheet_by_name(name)
        .to_python(skip_empty_area=False)
    )


def test_the_sheets_show_formulas_and_what_they_come_to() -> None:
    """Two readers: one sees the formula, the other the figure saved with it."""
    rows = make_year()
    data = write_summary(make_ledger(rows))
    formulas = load_workbook(io.BytesIO(data))["年报表三"]
    shown = cells(data, "年报表三")
    by_hand = table_three(rows["applications"])
    assert [row[3:10] for row in shown[4:29]] == by_hand
    assert all(
        str(formulas.cell(row, column).value).startswith("=COUNTIFS(")
        for row in range(5, 30)
        for column in range(4, 11)
    )
    assert formulas.print_area == "'年报表三'!$A$1:$J$29"
    words = {str(value) for row in shown for value in row}
    assert "不符 0 项，请核对 0 项，相符 40 项，没有可比的数 7 项" in words


def test_the_sheets_say_what_differs() -> None:
    """Beside the table in words, below it the entry at fault."""
    rows = changed("applications", OPEN, applicant_type="公民")
    shown = cells(write_summary(make_ledger(rows)), "年报表三")
    words = [str(value) for row in shown for value in row]
    assert "不符" in words
    told = next(word for word in words if "“申请人类型”是“公民”" in word)
    assert f"{rows['applications'][OPEN]['number']}：" in told
    assert "单元格 C" in told


def test_empty_registers_give_noughts() -> None:
    """无数据填 0: nothing happened, and it is said."""
    data = write_summary(make_ledger({key: [] for key in FORMS}))
    assert [row[3:10] for row in cells(data, "年报表三")[4:29]] == [[0] * 7] * 25


@pytest.mark.slow
def test_the_whole_way_from_returned_workbooks(tmp_path: Path) -> None:
    """The factory's registers, issued, filled by two sections, collected from disk."""
    book = year_book(load_factory_forms()[1:])
    (tmp_path / "台账.xlsx").write_bytes(build_book_bytes(book))
    commands.generate(tmp_path / "台账.xlsx", tmp_path, issued_on=ISSUED_ON)
    rows = make_year(5)
    (tmp_path / "收回").mkdir()
    for n, section in enumerate((OFFICE, FINANCE)):
        workbook = load_workbook(tmp_path / "年度" / f"{section}.xlsx")
        for key, entries in rows.items():
            form = book.find_form(key)
            assert form is not None
            enter(workbook[form.title], entries[n::2])
        workbook.save(tmp_path / "收回" / f"{section}.xlsx")
    done = commands.collect(
        tmp_path / "台账.xlsx", [tmp_path / "收回"], tmp_path / "汇总", as_of=LAST_DAY
    )
    assert done.ledger.cell_balance.is_balanced
    assert len(done.ledger.register_entries) == sum(map(len, rows.values()))
    shown = cells(done.outputs[0].read_bytes(), "年报表三")
    assert [row[3:10] for row in shown[4:29]] == table_three(rows["applications"])


def enter(sheet: Worksheet, entries: Sequence[Row]) -> None:
    """Type ``entries`` from the first row on; what is asked for goes in as well."""
    columns = columns_of(sheet)
    for number, entry in enumerate(entries, FIRST_ROW + 1):
        for key, value in entry.items():
            sheet.cell(number, columns[key]).value = value
