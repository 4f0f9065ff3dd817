"""What reading a plan gives."""

from __future__ import annotations

from collections import Counter
from dataclasses import dataclass, field

from ledgerbook.model import Question
from ledgerbook.plan.account import Counted


@dataclass(frozen=True, slots=True)
class PlanItem:
    """One numbered item, in the plan's own words; a blank is a blank in the plan.

    ``notes`` are what its other columns say, a line each.
    """

    number: int
    requirement: str
    point: str
    measure: str
    units: str
    limit: str = ""
    notes: str = ""


@dataclass(frozen=True, slots=True)
class Plan:
    title: str
    agency: str
    year: int | None
    items: tuple[PlanItem, ...]
    questions: tuple[Question, ...]
    counted: Counted = field(default_factory=lambda: Counted(0, Counter()))


def task_code(number: int) -> str:
    return f"T{number:02d}"
