"""The report's tables in LibreOffice: computed afresh, they come to the same."""

from __future__ import annotations

from pathlib import Path

import pytest

from ledgerbook.model.results import Ledger
from ledgerbook.summary import write_summary
from tests.office.calc import Calc
from tests.office.test_summary import cached
from tests.support.register_year import make_ledger, make_year

SHEETS = ("年报表二", "年报表三", "年报表四")


def odd_year() -> Ledger:
    """Return a year with entries that break each kind of identity."""
    rows = make_year(1)
    rows["applications"][0]["applicant_type"] = "公民"
    rows["applications"][1]["outcome"] = "办结"
    rows["applications"][2]["carried_over"] = None
    rows["applications"][3]["review"] = "和解"
    rows["enforcement_and_fees"][0]["quantity"] = 2.5
    return make_ledger(rows)


@pytest.mark.parametrize("ledger", [make_ledger(make_year()), odd_year()], ids=["whole", "broken"])
def test_the_tables_come_to_what_we_wrote_down(ledger: Ledger, calc: Calc, tmp_path: Path) -> None:
    """Every figure, every side of a check and every verdict in words."""
    path = tmp_path / "年度汇总.xlsx"
    path.write_bytes(write_summary(ledger))
    written = cached(path)
    names = calc.open(path=path)
    calc.recalculate()
    for sheet in SHEETS:
        computed = calc.formulas(sheet=names.index(sheet))
        expected = {ref: value for (name, ref), value in written.items() if name == sheet}
        assert set(computed) == set(expected)
        wrong = {
            ref: (computed[ref], value)
            for ref, value in expected.items()
            if computed[ref] != pytest.approx(value)
        }
        assert wrong == {}
    assert sum(name in SHEETS for name, _ in written) > 300
