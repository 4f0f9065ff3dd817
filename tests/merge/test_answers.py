"""Which answers hold, through real bytes: forms issued with answers, filled, copied, merged.

Random worlds: one form with random answers in it, up to four files, each begun from the form
or from an earlier file, random cells filled or blanked with openpyxl. The model is apart from
the program: it knows the cells as they were typed, and nothing of workbooks.
"""

from __future__ import annotations

import itertools
from collections.abc import Mapping
from datetime import timedelta
from functools import cache

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from ledgerbook.identity import OutputKind
from ledgerbook.intake.file_content import FileContent
from ledgerbook.intake.pipeline import ReadContext, read_return
from ledgerbook.issue.workbook import build_section_workbook
from ledgerbook.merge.ledger import merge_returns
from ledgerbook.model.results import Ledger
from tests.support.books import AS_OF, FINANCE, ISSUED_ON, SAVED_AT, fill, make_book

pytestmark = pytest.mark.slow

BOOK = make_book()
TASKS = ("T01", "T02", "T04")
CHOICES = {
    "status": ("推进中", "已完成", "不涉及"),
    "result": ("甲", "乙", "丙"),
    "evidence": ("一", "二"),
    "reason": ("缺人", "缺钱"),
}
# What the model knows of the form: what is not filled beside these statuses (何时不填).
EXCLUDED = {"reason": ("已完成", "不涉及"), "result": ("不涉及",)}

Cells = dict[tuple[str, str], str]
Sheet = tuple[Cells, Cells]  # shown, issued; blank cells are left out


def keeps_rule(row: Mapping[str, str]) -> bool:
    return not any(
        column in row and row.get("status") in statuses for column, statuses in EXCLUDED.items()
    )


def find_base(sheets: list[Sheet], index: int) -> int | None:
    """Return which sheet began sheet ``index``; None for the form as issued."""
    shown, issued = sheets[index]
    best, base = 0, None
    for earlier in range(index):
        answers, earlier_issued = sheets[earlier]
        surplus = 0
        for cell in answers.keys() | earlier_issued.keys():
            answer = answers.get(cell)
            if answer not in (earlier_issued.get(cell), issued.get(cell)):
                surplus += (shown.get(cell) == answer) - (shown.get(cell) == issued.get(cell))
        if surplus > 0 and surplus >= best:
            best, base = surplus, earlier
    return base


def hold(sheets: list[Sheet]) -> dict[str, dict[str, str]]:
    """Return row → column → text after all sheets, oldest first; rows without any left out."""
    held: dict[str, dict[str, str]] = {}
    stated: set[str] = set()
    for index, (shown, issued) in enumerate(sheets):
        base_index = find_base(sheets, index)
        base = issued if base_index is None else sheets[base_index][0]
        for task in TASKS:
            now, was, before = pick(shown, task), pick(base, task), held.get(task, {})
            said = {column for column in now if now[column] != was.get(column)}
            cleared = was.keys() - now.keys()
            if not said | cleared:
                continue
            joint = dict(before) if task in stated else dict(now)
            joint |= {column: now[column] for column in said}
            joint = {column: text for column, text in joint.items() if column not in cleared}
            is_blind = base_index is None and any(
                column in before and before[column] not in (now[column], was.get(column))
                for column in said
            )
            if is_blind or (keeps_rule(now) and not keeps_rule(joint)):
                joint = now
            held[task] = joint
            stated.add(task)
    for shown, _ in sheets:
        for task in TASKS:
            if task not in stated:
                held[task] = pick(shown, task)
    return {task: row for task, row in held.items() if row}


def pick(cells: Cells, task: str) -> dict[str, str]:
    return {column: text for (code, column), text in cells.items() if code == task}


cell_changes = st.dictionaries(
    st.sampled_from([(task, column) for task in TASKS for column in CHOICES]),
    st.integers(0, 2),
    max_size=6,
)


@st.composite
def worlds(draw: st.DrawFn) -> tuple[Cells, list[tuple[int | None, dict[tuple[str, str], str]]]]:
    """Return what the form is issued with, and of each file: its origin and its changes."""
    prefill = {cell: text for cell, text in draw_changes(draw).items() if text}
    files: list[tuple[int | None, dict[tuple[str, str], str]]] = []
    for index in range(draw(st.integers(1, 4))):
        origin = draw(st.one_of(st.none(), st.integers(0, index - 1))) if index else None
        files.append((origin, draw_changes(draw)))
    return prefill, files


def draw_changes(draw: st.DrawFn) -> dict[tuple[str, str], str]:
    """Return a new text for some cells; blank where the cell is cleared."""
    return {
        (task, column): (*CHOICES[column], "")[number % (len(CHOICES[column]) + 1)]
        for (task, column), number in draw(cell_changes).items()
    }


@cache
def issue(prefill: frozenset[tuple[tuple[str, str], str]]) -> bytes:
    answers: dict[str, dict[str, str]] = {}
    for (task, column), text in prefill:
        answers.setdefault(task, {})[column] = text
    prefilled = {(FINANCE, "tasks"): answers}
    kind = OutputKind.RETURN
    return build_section_workbook(BOOK, BOOK.rounds[0], [FINANCE], ISSUED_ON, kind, prefilled)


def build_files(
    prefill: Cells, plan: list[tuple[int | None, dict[tuple[str, str], str]]]
) -> tuple[list[FileContent], list[Sheet]]:
    """Return the files as they were read, oldest first, and what the model knows of them."""
    form, context = issue(frozenset(prefill.items())), ReadContext(BOOK, AS_OF)
    data: list[bytes] = []
    sheets: list[Sheet] = []
    for number, (origin, changes) in enumerate(plan):
        start = form if origin is None else data[origin]
        shown = dict(prefill if origin is None else sheets[origin][0])
        answers: dict[str, dict[str, str | None]] = {}
        for (task, column), text in changes.items():
            answers.setdefault(task, {})[column] = text or None
            shown.pop((task, column), None)
            if text:
                shown[task, column] = text
        data.append(fill(start, answers, SAVED_AT + timedelta(hours=number)))
        sheets.append((shown, prefill))
    contents = [read_return(f"{n}.xlsx", one, context) for n, one in enumerate(data)]
    return contents, sheets


def list_answers(ledger: Ledger) -> dict[str, dict[str, str]]:
    return {
        row.task.code: {key: answer.text for key, answer in row.answers.items()}
        for row in ledger.assignment_results
        if row.section == FINANCE and row.answers
    }


@given(worlds())
@settings(suppress_health_check=[HealthCheck.too_slow])
def test_what_holds_is_what_the_people_said(
    world: tuple[Cells, list[tuple[int | None, dict[tuple[str, str], str]]]],
) -> None:
    """Equal to the model, every cell accounted for, in every order of reading."""
    contents, sheets = build_files(*world)
    ledger = merge_returns(BOOK, contents, AS_OF)
    assert list_answers(ledger) == hold(sheets)
    assert ledger.cell_balance.is_balanced, ledger.cell_balance
    assert ledger.cell_balance.received == sum(len(shown) for shown, _ in sheets)
    for order in itertools.permutations(contents):
        assert merge_returns(BOOK, order, AS_OF) == ledger
