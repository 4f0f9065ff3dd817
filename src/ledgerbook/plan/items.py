"""What reading a plan gives."""

from __future__ import annotations

from dataclasses import dataclass

from ledgerbook.model import Question


@dataclass(frozen=True, slots=True)
class PlanItem:
    """One numbered item, in the plan's own words; a blank is a blank in the plan."""

    number: int
    requirement: str
    point: str
    measure: str
    units: str
    limit: str = ""


@dataclass(frozen=True, slots=True)
class Plan:
    title: str
    agency: str
    year: int | None
    items: tuple[PlanItem, ...]
    questions: tuple[Question, ...]


def task_code(number: int) -> str:
    return f"T{number:02d}"
