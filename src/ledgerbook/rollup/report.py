"""What a roll-up tells: the sentences on the screen, and the same as plain data."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from pathlib import Path
from typing import Any

from ledgerbook.detail.schema import CLASSES
from ledgerbook.ledger import FileReport
from ledgerbook.problems.catalogue import Problem
from ledgerbook.rollup.figures import count
from ledgerbook.rollup.model import Rollup, Unit
from ledgerbook.rollup.sheets import DETAIL, conservation
from ledgerbook.summary.parts import MOST_ROWS, shares
from ledgerbook.text import one_line

# How many the screen shows; the sheets and --json have them all.
_SHOWN = 8


def as_dict(rollup: Rollup, outputs: Sequence[Path]) -> dict[str, Any]:
    """Return the whole report as JSON-ready data. Dates are ISO strings.

    ``clean`` is what the exit code says; ``conservation`` counts rows of details.
    """
    return {
        "name": rollup.name,
        "year": rollup.year,
        "as_of": rollup.as_of.isoformat(),
        "clean": not rollup.needs_someone,
        "units": [_unit(unit) for unit in rollup.units],
        "missing": [
            {"unit": one.unit, "section": one.section, "why": one.why}
            for one in rollup.missing
        ],
        "files": [_file(one) for one in rollup.files],
        "problems": [_problem(one) for one in rollup.problems],
        "conservation": {
            "found": rollup.found,
            "merged": rollup.merged,
            "held": rollup.held,
            "balanced": rollup.balanced,
        },
        "outputs": [str(path) for path in outputs],
    }


def _unit(unit: Unit) -> dict[str, Any]:
    figures = count(unit.rows, CLASSES)
    overdue, soon = figures.by_urgency
    return {
        "path": unit.path,
        "file": unit.file,
        "as_of": unit.as_of.isoformat(),
        "tasks": unit.tasks,
        "rows": figures.total,
        "classes": dict(zip(CLASSES, figures.by_class, strict=True)),
        "overdue": overdue,
        "soon": soon,
        "rate": figures.rate,
        "sections": {part.section: part.standing for part in unit.sections},
        "problems": unit.problems,
        "unsettled": unit.unsettled,
    }


def _file(one: FileReport) -> dict[str, Any]:
    return {
        "name": one.name,
        "size": one.size,
        "sha256": one.sha256,
        "verdict": str(one.verdict),
        "units": list(one.sections),
        "rows": one.cells,
        "note": one.note,
    }


def _problem(one: Problem) -> dict[str, Any]:
    return {
        "code": one.code,
        "level": str(one.level),
        "file": one.place.file,
        "sheet": one.place.sheet,
        "cell": one.place.cell,
        "message": one.message,
        "advice": one.advice,
        "raw": one.raw,
        "rows": one.cells,
    }


def sentences(rollup: Rollup) -> Iterator[str]:
    """Tell a clerk what came in, who is missing, what is wrong, where rows went."""
    yield from map(one_line, _sentences(rollup))


def _sentences(rollup: Rollup) -> Iterator[str]:
    name = rollup.name or "各单位"
    yield (
        f"{name}{rollup.year}年：收到 {len(rollup.files)} 个文件，"
        f"并入 {len(rollup.units)} 个单位，{rollup.merged} 件科室任务。"
    )
    figures = count(rollup.rows, CLASSES)
    overdue, soon = figures.by_urgency
    rate = "—" if figures.rate is None else f"{figures.rate:.1%}"
    yield f"完成率 {rate}，逾期 {overdue} 件，临期 {soon} 件。"
    units = [one.unit for one in rollup.missing if not one.section]
    sections = len(rollup.missing) - len(units)
    if units:
        yield f"没有报来的单位（{len(units)} 个）：{_named(units)}。"
    if sections:
        yield f"报来的单位中，有 {sections} 个科室没有报送（见“未报送”）。"
    if not rollup.listed:
        yield "没有给出应报单位名单（--expect），不知道还有谁应报而没有报。"
    yield from _problem_lines(rollup)
    sheets = len(shares(DETAIL, rollup.rows, MOST_ROWS))
    if sheets > 1:
        yield f"明细超过 Excel 一张表的行数上限，分成了 {sheets} 张表。"
    yield conservation(rollup)


def _named(names: Sequence[str]) -> str:
    more = f"等，共 {len(names)} 个，全部见“未报送”" if len(names) > _SHOWN else ""
    return "、".join(names[:_SHOWN]) + more


def _problem_lines(rollup: Rollup) -> Iterator[str]:
    grave = [p for p in rollup.problems if p.grave]
    if grave:
        yield f"须处理的问题 {len(grave)} 条："
    for problem in grave[:_SHOWN]:
        yield f"  {problem.place}：{problem.brief}{problem.advice}"
    if len(grave) > _SHOWN:
        yield f"  还有 {len(grave) - _SHOWN} 条，见“问题清单”。"
