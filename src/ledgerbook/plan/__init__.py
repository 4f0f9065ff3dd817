"""Read a plan (分工方案): its items, the sections responsible, the deadlines, open questions."""

from __future__ import annotations

from ledgerbook.plan.deadline_parser import parse_deadline
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
from ledgerbook.plan.grid import Plan, PlanItem, format_task_code
from ledgerbook.plan.questions import ask_about_units, is_section_question
from ledgerbook.plan.reader import read_plan
from ledgerbook.plan.responsible_units import ParsedUnits, list_named_sections, parse_units

__all__ = [
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
    "ask_about_units",
    "format_task_code",
    "is_section_question",
    "list_named_sections",
    "match_tasks",
    "parse_deadline",
    "parse_units",
    "read_plan",
]
