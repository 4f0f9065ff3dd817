"""A roll-up is headed as all its units head their forms, else as the common schema."""

from __future__ import annotations

from dataclasses import replace
from datetime import date

import pandas as pd

from ledgerbook.data_tables.formats import to_frame
from ledgerbook.data_tables.rollup_tables import build_rollup_tables
from ledgerbook.model import Form
from ledgerbook.rollup import write_rollup
from ledgerbook.summary import write_summary
from tests.support import ledgers as make
from tests.support.changed_forms import FUNDS_HEADER, NEW_HEADER, OLD_HEADER, change_form
from tests.support.rollups import list_problems, roll_up_files
from tests.support.summary_reading import openpyxl_grid, read_table

DETAIL, OVERDUE = "各单位明细", "逾期清单"
AS_OF = make.AS_OF


def summary_with(form: Form, agency: str) -> bytes:
    task = make.task(1, ("综合科",), due=date(2022, 9, 30))
    book = replace(make.book(("综合科",), [task], form), agency=agency, book_id=f"2022-{agency}")
    answers: make.Answers = {
        (1, "综合科"): {
            "status": "推进中",
            "reason": f"{agency}的原因。",
            "funds": 20000.0,
            "started": date(2022, 3, 1),
        }
    }
    known = {column.key for column in form.columns}
    kept = {place: {k: v for k, v in a.items() if k in known} for place, a in answers.items()}
    return write_summary(make.ledger(book, kept))


FACTORY, CHANGED = make.form(), change_form(make.form())
ALIKE = {"1.xlsx": summary_with(CHANGED, "甲局"), "2.xlsx": summary_with(CHANGED, "乙局")}
MIXED = {**ALIKE, "3.xlsx": summary_with(FACTORY, "丙局")}


def test_what_all_units_have_changed_alike_is_changed_here() -> None:
    """Renamed and added columns stand on the detail, the overdue list and the exports."""
    made = roll_up_files(ALIKE, AS_OF)
    assert list_problems(made) == []
    data = write_rollup(made)
    detail = read_table(openpyxl_grid(data, DETAIL), "单位")
    overdue = read_table(openpyxl_grid(data, OVERDUE), "序号")
    for line in (*detail, *overdue):
        assert line[NEW_HEADER] == f"{line['单位']}的原因。"
        assert OLD_HEADER not in line
        assert line[FUNDS_HEADER] == 20000
    assert [line["其他栏目"] for line in detail] == [None, None]
    assert "其他栏目" not in overdue[0]
    (tasks, *_) = build_rollup_tables(made, personal_data=False)
    keys = {column.header: column.key for column in tasks.columns}
    assert keys["启动日期"] == "form_u542fu52a8u65e5u671f"
    frame = to_frame(tasks)
    assert list(frame[keys["启动日期"]]) == [pd.Timestamp(2022, 3, 1)] * 2
    assert frame[keys[FUNDS_HEADER]].sum() == 40000


def test_where_units_differ_the_common_header_holds() -> None:
    """Added columns stand under 其他栏目 by their headers, on the overdue list as well."""
    made = roll_up_files(MIXED, AS_OF)
    assert list_problems(made) == []
    data = write_rollup(made)
    for sheet, first in ((DETAIL, "单位"), (OVERDUE, "序号")):
        lines = {line["单位"]: line for line in read_table(openpyxl_grid(data, sheet), first)}
        assert lines["甲局"][OLD_HEADER] == "甲局的原因。"
        assert lines["甲局"]["其他栏目"] == f"启动日期：2022-03-01\n{FUNDS_HEADER}：20000"
        assert lines["丙局"]["其他栏目"] is None
        assert {NEW_HEADER, FUNDS_HEADER}.isdisjoint(lines["甲局"])


def test_a_level_above_reads_the_changed_columns() -> None:
    """A roll-up tells its own columns; the same unit in another way is known as the same."""
    city = write_rollup(roll_up_files(ALIKE, AS_OF, name="某市"))
    made = roll_up_files({"市.xlsx": city}, AS_OF)
    assert {column.header for column in made.columns} >= {NEW_HEADER, FUNDS_HEADER}
    assert [row.get_text(f"form:{FUNDS_HEADER}") for row in made.rows] == ["20000", "20000"]
    twice = roll_up_files({"市.xlsx": city, **MIXED}, AS_OF)
    assert sorted(list_problems(twice)) == [
        ("summary-again", "1.xlsx"),
        ("summary-again", "2.xlsx"),
    ]
