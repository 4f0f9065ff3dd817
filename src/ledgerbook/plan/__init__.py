"""Read a 分工方案, the plan that divides a bureau's work among its sections.

:func:`read_plan` turns a file of any supported format and layout into a :class:`Plan`:
numbered items, each with its heading, text, responsible units and deadline text, and
the questions that the office must settle. :func:`parse_units` and
:func:`parse_deadline` interpret the wording of 责任单位 and 时限; :func:`match_tasks`
compares the plan with that of the year before.

The steps of ``read_plan``, one module each::

    file ─reader, formats─▶ PlanDocument ─table_parser, header_detection─▶ PlanTable
         ─row_scanner, headings─▶ ItemDraft ─numbering, extract, questions─▶ Plan

Formats without table cells (``formats.flat_text``, ``formats.outline``) give a PlanTable directly.
``docs/add-a-plan-layout.md`` says where each kind of layout is recognised.
"""

from __future__ import annotations

from ledgerbook.plan.deadline_parser import has_deadline_doubt, parse_deadline
from ledgerbook.plan.deadline_questions import ask_about_deadlines
from ledgerbook.plan.diff import (
    MatchCertainty,
    PlanComparison,
    PossibleMatch,
    TaskIdentity,
    TaskMatch,
    UnmatchedReason,
    match_tasks,
)
from ledgerbook.plan.grid import NO_HEADER, Plan, PlanItem, format_task_code
from ledgerbook.plan.questions import (
    NOT_OF_AGENCY,
    ask_about_units,
    asks_which_sections,
    list_asked_names,
)
from ledgerbook.plan.reader import read_plan
from ledgerbook.plan.responsible_units import ParsedUnits, list_named_sections, parse_units
from ledgerbook.plan.section_questions import ask_about_sections

__all__ = [
    "NOT_OF_AGENCY",
    "NO_HEADER",
    "MatchCertainty",
    "ParsedUnits",
    "Plan",
    "PlanComparison",
    "PlanItem",
    "PossibleMatch",
    "TaskIdentity",
    "TaskMatch",
    "UnmatchedReason",
    "ask_about_deadlines",
    "ask_about_sections",
    "ask_about_units",
    "asks_which_sections",
    "format_task_code",
    "has_deadline_doubt",
    "list_asked_names",
    "list_named_sections",
    "match_tasks",
    "parse_deadline",
    "parse_units",
    "read_plan",
]
