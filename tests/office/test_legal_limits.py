"""Limits as LibreOffice computes them from the formulas that we issue."""

from __future__ import annotations

import random
from datetime import date, timedelta
from pathlib import Path
from typing import Any

from calc import Calc
from ledgerbook.duedates import due, state
from ledgerbook.forms import factory_forms
from ledgerbook.issue.canvas import FIRST_ROW
from ledgerbook.workdays import calendar
from test_register_limits import sent

APPLICATIONS = next(form for form in factory_forms() if form.key == "applications")
ZERO = date(1899, 12, 30)


def some(count: int) -> list[dict[str, Any]]:
    """Make entries with dates anywhere, also the wrong way round and out of reach."""
    chance = random.Random(7)  # noqa: S311  made-up data

    def day(start: date, days: int) -> date | None:
        return (
            start + timedelta(chance.randrange(-5, days))
            if chance.random() < 0.6
            else None
        )

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
    rule = APPLICATIONS.due[0].due
    assert rule is not None
    told = set()
    for entry, row in zip(entries, grid[FIRST_ROW:], strict=False):
        limit = due(rule, entry, calendar(2022))
        shown = row[keys.index("reply_by")]
        expected = float((limit.day - ZERO).days) if limit.day else limit.told
        assert shown == expected, entry
        alert = state(rule, limit, entry, date.today())  # noqa: DTZ011
        assert row[keys.index("alert")] == alert, entry
        told.add((limit.told, str(alert)))
    assert {"", "无法计算", "暂停计时"} <= {word for word, _ in told}
    assert {"按期", "超期", "逾期"} <= {word for _, word in told}
    blank = grid[FIRST_ROW + len(entries)]
    assert blank[keys.index("reply_by")] == blank[keys.index("alert")] == ""
