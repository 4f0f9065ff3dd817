"""Plans of any agency: nothing is read wrong in silence, and what is no plan is refused."""

from __future__ import annotations

import io

import pytest
from openpyxl import load_workbook

from ledgerbook.errors import InputError
from ledgerbook.plan import PlanItem
from tests.plan.agency_plans import PLANS, AgencyPlan
from tests.plan.layouts import docx, docx_lines, paragraphs, read, rows_of


def _render(plan: AgencyPlan) -> bytes:
    """Write the file; a document of one column is one of paragraphs."""
    tables = [rows_of(table) for table in plan.tables]
    if plan.render is docx and all(len(row) == 1 for row in tables[0]):
        return docx_lines((plan.title, *plan.tables[0]))
    if plan.render is paragraphs:
        return "\n".join((plan.title, *plan.tables[0])).encode()
    data = plan.render([plan.title], tables)
    return _hide_rows(data, plan) if plan.hidden_rows else data


def _hide_rows(data: bytes, plan: AgencyPlan) -> bytes:
    book = load_workbook(io.BytesIO(data))
    for row in plan.hidden_rows:
        book.active.row_dimensions[row].hidden = True
    buffer = io.BytesIO()
    book.save(buffer)
    return buffer.getvalue()


def _item(number: int, line: str) -> PlanItem:
    texts = (cell.strip(" ").replace("\\n", "\n") for cell in line.split("|"))
    return PlanItem(number, *texts)


@pytest.mark.parametrize("name", [name for name, plan in PLANS.items() if plan.items])
def test_plan_of_an_agency(name: str) -> None:
    """The tasks are exactly those of the plan, and only what is open is asked."""
    expected = PLANS[name]
    plan = read(_render(expected))
    assert plan.items == tuple(_item(n, line) for n, line in enumerate(expected.items, 1))
    questions = [q for q in plan.questions if q.field not in ("机关名称", "年度")]
    texts = [f"{q.current_value} {q.reason}" for q in questions]
    assert [words for words in expected.asked if not any(words in text for text in texts)] == []
    assert len(questions) <= expected.max_questions
    assert plan.cell_count.is_balanced


@pytest.mark.parametrize("name", [name for name, plan in PLANS.items() if not plan.items])
def test_what_is_no_plan(name: str) -> None:
    with pytest.raises(InputError) as refusal:
        read(_render(PLANS[name]))
    assert refusal.value.code == "plan-missing"
