"""分工方案 → tasks: read a plan, and tell whom each item is for."""

from __future__ import annotations

from ledgerbook.plan.items import Plan, PlanItem, task_code
from ledgerbook.plan.questions import unit_questions
from ledgerbook.plan.read import read_plan
from ledgerbook.plan.units import Units, named_sections, parse_units

__all__ = [
    "Plan",
    "PlanItem",
    "Units",
    "named_sections",
    "parse_units",
    "read_plan",
    "task_code",
    "unit_questions",
]
