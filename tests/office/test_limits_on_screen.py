"""Each kind of time limit on the sheet of a section: red only where a day is over."""

from __future__ import annotations

from collections.abc import Callable
from datetime import UTC, date, datetime
from pathlib import Path

import pytest

from ledgerbook.excel import styles
from ledgerbook.intake.pipeline import ReadContext, read_return
from ledgerbook.merge.ledger import merge_returns
from ledgerbook.model import Book, Round
from ledgerbook.summary import write_summary
from tests.office.calc import Calc
from tests.office.prints import row_fills
from tests.office.test_section_workbook import at
from tests.office.test_summary import cached
from tests.support.books import fill
from tests.support.deadline_book import DEADLINE_TEXTS, ROUNDS, issue_sheet, make_deadline_book

THIS_YEAR = datetime.now(tz=UTC).year


def asked(year: int) -> tuple[Book, bytes]:
    """Issue the last round of ``year``; its sheet opens today."""
    last = Round("年度", date(year, 12, 25))
    of = make_deadline_book((last,), year=year)
    return of, issue_sheet(of, last, date(year, 1, 1))


def alerts(of: Book, calc: Calc) -> list[str]:
    calc.recalculate()
    return [calc.text(ref=at(of, "alert", row)) for row in range(len(DEADLINE_TEXTS))]


def fills(of: Book, calc: Calc, picture: Path) -> list[str]:
    """Return the colour of the first cell of each task's row, as it is printed."""
    codes = [calc.text(ref=at(of, "row_code", row)) for row in range(len(DEADLINE_TEXTS))]
    calc.save(path=picture)
    return [row_fills(picture, code)[0] for code in codes]


def test_what_is_over_is_red(opened: Callable[[bytes], Calc], tmp_path: Path) -> None:
    """A date or a turn that has passed is red until done; 长期 and no limit never."""
    of, data = asked(THIS_YEAR - 1)
    calc = opened(data)
    assert alerts(of, calc) == ["逾期", "逾期", "长期", "", "逾期", "逾期"]
    assert calc.type(ref=at(of, "status", 1), text="已完成")
    assert alerts(of, calc) == ["逾期", "定期", "长期", "", "逾期", "逾期"]
    red, green, plain = styles.RED_FILL, styles.GREEN_FILL, styles.LOCKED_FILL
    shown = fills(of, calc, tmp_path / "p.pdf")
    assert shown == [red, green, plain, plain, red, red]


def test_what_is_to_come_is_not(opened: Callable[[bytes], Calc], tmp_path: Path) -> None:
    """Next year's sheet says which tasks recur or go on, and nothing is coloured."""
    of, data = asked(THIS_YEAR + 1)
    calc = opened(data)
    assert alerts(of, calc) == ["", "定期", "长期", "", "", "定期"]
    shown = fills(of, calc, tmp_path / "p.pdf")
    assert shown == [styles.LOCKED_FILL] * len(DEADLINE_TEXTS)


def test_figures_of_recurring_tasks_survive_a_recalculation(calc: Calc, tmp_path: Path) -> None:
    """A quarter done is counted alike by us and by the formulas of the overview."""
    of, as_of = make_deadline_book(), date(2022, 7, 15)
    said = {"status": "已完成", "done_on": date(2022, 3, 20), "result": "做了。"}
    sent = fill(issue_sheet(of, ROUNDS[0], date(2022, 3, 1)), {"T02": said, "T03": said})
    read = read_return("a.xlsx", sent, ReadContext(of, as_of))
    path = tmp_path / "年度汇总.xlsx"
    path.write_bytes(write_summary(merge_returns(of, [read], as_of)))
    names = calc.open(path=path)
    calc.recalculate()
    computed = {
        (name, ref): value
        for number, name in enumerate(names)
        for ref, value in calc.formulas(sheet=number).items()
    }
    written = cached(path)
    assert {at: computed[at] for at in written} == {
        at: pytest.approx(value) for at, value in written.items()
    }
    calc.close()
