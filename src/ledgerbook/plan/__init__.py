"""分工方案 → tasks: read a plan, and tell whom each item is for."""

from __future__ import annotations

from ledgerbook.plan.deadline_parser import parse_limit
from ledgerbook.plan.deadline_questions import limit_questions
from ledgerbook.plan.diff import (
    Matching,
    SimilarTask,
    Suspicion,
    TaskIdentity,
    TaskMatch,
    UnmatchedReason,
    match,
)
from ledgerbook.plan.grid import Plan, PlanItem, task_code
from ledgerbook.plan.questions import asks_which_sections, unit_questions
from ledgerbook.plan.reader import read_plan
from ledgerbook.plan.responsible_units import Units, named_sections, parse_units

__all__ = [
    "Matching",
    "Plan",
    "PlanItem",
    "SimilarTask",
    "Suspicion",
    "TaskIdentity",
    "TaskMatch",
    "Units",
    "UnmatchedReason",
    "asks_which_sections",
    "limit_questions",
    "match",
    "named_sections",
    "parse_limit",
    "parse_units",
    "read_plan",
    "task_code",
    "unit_questions",
]
