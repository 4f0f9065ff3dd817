"""Limits as LibreOffice computes them from the formulas that we issue."""

from __future__ import annotations

import random
from dataclasses import replace
from datetime import date, datetime, timedelta
from pathlib import Path
from typing import Any

from ledgerbook import identity
from ledgerbook.forms import load_factory_forms
from ledgerbook.intake.pipeline import ReadContext, read_return
from ledgerbook.issue.layout import FIRST_ROW
from ledgerbook.issue.workbook import build_section_workbook
from ledgerbook.merge.ledger import merge_returns
from ledgerbook.statutory_limits import compute_due_date, compute_status, list_working_days
from tests.merge.test_register_limits import HEARINGS, column, keeping, sent
from tests.office.calc import Calc
from tests.support.books import AS_OF, ISSUED_ON, OFFICE

APPLICATIONS = next(form for form in load_factory_forms() if form.key == "applications")
ZERO = date(1899, 12, 30)


def some(count: int) -> list[dict[str, Any]]:
    """Make entries with dates anywhere, also the wrong way round and out of reach."""
    chance = random.Random(7)  # noqa: S311  made-up data

    def day(start: date, days: int) -> date | None:
        return start + timedelta(chance.randrange(-5, days)) if chance.random() < 0.6 else None

    rows = []
    for n in range(count):
        start = date(2017, 11, 1) + timedelta(chance.randrange(2400))
        asked = day(start, 60)
        row = {
            "number": f"{n}号",
            "received_on": start,
            "corrected_on": day(start, 40),
            "asked_on": asked,
            "answered_on": day(asked, 40) if asked else None,
            "extended": chance.choice(["否", "已延期并告知", None]),
            "replied_on": day(start, 90),
        }
        rows.append({key: value for key, value in row.items() if value is not None})
    return rows


def test_libreoffice_comes_to_the_same(calc: Calc, tmp_path: Path) -> None:
    """The formulas, computed afresh, give each limit and each word that we compute."""
    entries = some(300)
    path = tmp_path / "综合科.xlsx"
    path.write_bytes(sent(APPLICATIONS, *entries))
    names = calc.open(path=path)
    calc.recalculate()
    grid = calc.values(sheet=names.index(APPLICATIONS.title))
    keys = [column.key for column in APPLICATIONS.columns]
    rule = APPLICATIONS.due_columns[0].due
    assert rule is not None
    told = set()
    for entry, row in zip(entries, grid[FIRST_ROW:], strict=False):
        limit = compute_due_date(rule, entry, list_working_days(2022))
        shown = row[keys.index("reply_by")]
        expected = float((limit.day - ZERO).days) if limit.day else limit.reason
        assert shown == expected, entry
        alert = compute_status(rule, limit, entry, date.today())  # noqa: DTZ011
        assert row[keys.index("alert")] == alert, entry
        told.add((limit.reason, str(alert)))
    assert {"", "无法计算", "暂停计时"} <= {word for word, _ in told}
    assert {"按期", "超期", "逾期"} <= {word for _, word in told}
    blank = grid[FIRST_ROW + len(entries)]
    assert blank[keys.index("reply_by")] == blank[keys.index("alert")] == ""


def hearings(count: int) -> list[dict[str, Any]]:
    """Make entries with two pauses, in any order, some open, crossed or half given."""
    chance = random.Random(11)  # noqa: S311  made-up data

    def span(start: date) -> tuple[Any, Any]:
        first = start + timedelta(chance.randrange(-10, 70))
        last = first + timedelta(chance.randrange(-2, 45))
        return chance.choice(
            [(None, None), (first, last), (first, last), (first, None), (None, last)]
            if chance.random() < 0.3
            else [(None, None), (first, max(first, last))]
        )

    rows = []
    for n in range(count):
        start = date(2017, 12, 20) + timedelta(chance.randrange(2200))
        (a, b), (c, d) = span(start), span(start)
        row = {
            "number": f"{n}号",
            "got": start if chance.random() < 0.95 else None,
            "more": chance.choice(["是", "否", None]),
            "anew": start + timedelta(9) if chance.random() < 0.2 else None,
            "a": a if chance.random() < 0.98 else "三月初",
            "b": b,
            "c": c,
            "d": d,
            "done_on": start + timedelta(40) if chance.random() < 0.4 else None,
        }
        rows.append({key: value for key, value in row.items() if value is not None})
    return rows


def test_two_pauses_and_days_of_the_calendar_too(calc: Calc, tmp_path: Path) -> None:
    """Also what cannot be: text for a date, a pause that ends before it begins."""
    entries = hearings(400)
    path = tmp_path / "综合科.xlsx"
    path.write_bytes(sent(HEARINGS, *entries))
    names = calc.open(path=path)
    calc.recalculate()
    grid = calc.values(sheet=names.index(HEARINGS.title))
    keys = [one.key for one in HEARINGS.columns]
    told = set()
    for entry, row in zip(entries, grid[FIRST_ROW:], strict=False):
        for one in HEARINGS.due_columns:
            assert one.due is not None
            limit = compute_due_date(one.due, entry, list_working_days(2022))
            expected = float((limit.day - ZERO).days) if limit.day else limit.reason
            assert row[keys.index(one.key)] == expected, (one.key, entry)
            told.add((one.key, limit.reason))
    said = {"", "无法计算", "暂停计时", "填写有误"}
    assert {word for key, word in told if key == "by"} == said
    assert {word for key, word in told if key == "tell_by"} == said - {"无法计算"}


def test_what_is_saved_with_a_formula_is_what_it_comes_to(calc: Calc, tmp_path: Path) -> None:
    """As issued, so computed: a section sees the same before and after."""
    entries = some(60)
    data = sent(APPLICATIONS, *entries)
    path = tmp_path / "综合科.xlsx"
    path.write_bytes(data)
    names = calc.open(path=path)
    calc.recalculate()
    grid = calc.values(sheet=names.index(APPLICATIONS.title))
    at = [one.key for one in APPLICATIONS.columns].index("reply_by")
    computed = [row[at] for row in grid[FIRST_ROW : FIRST_ROW + len(entries)]]
    saved = column(data, "reply_by", values=True, count=len(entries))
    days = [
        float((value.date() - ZERO).days) if isinstance(value, datetime) else value
        for value in saved
    ]
    assert [value or "" for value in days] == computed
    assert len(set(map(str, computed))) > 30


def test_without_a_calendar_nothing_is_computed(calc: Calc, tmp_path: Path) -> None:
    """Of a year far off no working day is known: the list of them is blank."""
    book = replace(keeping(APPLICATIONS), year=2090)
    given = {(OFFICE, "applications"): {"0": {"received_on": date(2090, 3, 1)}}}
    data = build_section_workbook(book, book.rounds[0], [OFFICE], ISSUED_ON, prefilled=given)
    path = tmp_path / "综合科.xlsx"
    path.write_bytes(data)
    names = calc.open(path=path)
    calc.recalculate()
    assert identity.WORKDAY_SHEET in names
    row = calc.values(sheet=names.index(APPLICATIONS.title))[FIRST_ROW]
    keys = [one.key for one in APPLICATIONS.columns]
    assert row[keys.index("reply_by")] == "无法计算"
    assert row[keys.index("alert")] == ""


def test_saved_by_libreoffice_it_is_read_as_before(calc: Calc, tmp_path: Path) -> None:
    """The sheet of working days and the computed cells are ours, and no answers."""
    entries = [
        {"number": "1号", "got": date(2022, 3, 1), "done_on": date(2022, 4, 1)},
        {"number": "2号", "got": date(2022, 3, 1), "a": date(2022, 3, 7)},
        {"number": "3号", "got": date(2022, 3, 1), "b": date(2022, 3, 7)},
        {"number": "4号", "got": date(2010, 3, 1)},
    ]
    path, saved = tmp_path / "综合科.xlsx", tmp_path / "存过.xlsx"
    path.write_bytes(sent(HEARINGS, *entries))
    calc.open(path=path)
    calc.save(path=saved)
    book = keeping(HEARINGS)
    read = read_return("存过.xlsx", saved.read_bytes(), ReadContext(book, AS_OF))
    ledger = merge_returns(book, [read], AS_OF)
    assert ledger.cell_balance.is_balanced
    assert ledger.cell_balance.received == sum(map(len, entries))
    assert [one.get_text("number") for one in ledger.register_entries] == [
        one["number"] for one in entries
    ]
    codes = {p.code for p in ledger.problems if p.place.sheet == HEARINGS.title}
    assert codes == {
        "entry-overdue",
        "entry-limit-mistaken",
        "entry-limit-unknown",
    }
