"""Layouts that agencies use: the exact tasks, the exact questions, nothing lost."""

from __future__ import annotations

import pytest

from ledgerbook.plan import PlanItem
from tests.plan.layout_cases import CASES
from tests.plan.layouts import assert_conserved, read, rows_of, xls, xlsx

# Where the title is a row of the plan's own table.
_TITLED = (xlsx, xls)


def _item(line: str) -> PlanItem:
    number, *texts = (cell.strip(" ").replace("\\n", "\n") for cell in line.split("|"))
    return PlanItem(int(number), *texts)


@pytest.mark.parametrize("name", CASES)
def test_layout(name: str) -> None:
    """Tasks, questions and the title are as expected, and every cell is accounted."""
    case = CASES[name]
    tables = [rows_of(table) for table in case.tables]
    plan = read(
        case.render(case.titles, tables),
        units_column=case.units_column,
        split_items=case.split_items,
    )
    assert plan.items == tuple(map(_item, case.items))
    asked = [(" ".join(q.task_codes), q.field, q.current_value) for q in plan.questions]
    assert asked == list(case.asked)
    titles = [t for t in case.titles if t != "附件1"]
    assert plan.title == (titles[0] if titles else "河西县发展和改革局2023年政务公开任务清单")
    own = tables[case.others :]
    if case.render in _TITLED:
        own = [[*([title] for title in case.titles), *own[0]], *own[1:]]
    assert_conserved(plan, *own)
