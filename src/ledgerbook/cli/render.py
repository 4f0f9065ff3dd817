"""What a collection tells: the sentences on the screen, and the same as plain data."""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterator, Sequence
from dataclasses import replace
from pathlib import Path
from typing import Any

from ledgerbook.annual_report.report_checks import Agreement, annual, doubt_text
from ledgerbook.commands import CheckResult
from ledgerbook.deadlines import describe
from ledgerbook.excel.sheet_parts import MOST_ROWS, shares
from ledgerbook.export import CLASSES
from ledgerbook.merge.attachments import counted
from ledgerbook.merge.registers import limit_of, state_of
from ledgerbook.model import Form
from ledgerbook.model.cycles import RecurrenceProgress
from ledgerbook.model.problems import Problem
from ledgerbook.model.results import (
    Attachment,
    Conflict,
    EarlierAnswer,
    FileReport,
    Ledger,
    RegisterEntry,
    RoundReport,
    SectionReport,
    SubmissionStatus,
    Urgency,
)
from ledgerbook.rollup.lists import DETAIL, conservation
from ledgerbook.rollup.merge import Rollup, Unit
from ledgerbook.rollup.overview import count
from ledgerbook.statutory_limits import State
from ledgerbook.text import one_line

# Sections to be told apart from those that have simply returned.
_NAMED = {
    SubmissionStatus.NOTHING: "交了空表的科室",
    SubmissionStatus.HELD: "报来的表没能汇入的科室（见“问题清单”）",
    SubmissionStatus.NIL: "零报告的科室（选了“无内容可报”，或者各项都选了“不涉及”）",
}
# How many problems the screen shows; the 问题清单 sheet and --json have them all.
_SHOWN = 8


def as_dict(ledger: Ledger, outputs: Sequence[Path]) -> dict[str, Any]:
    """Return the whole report as JSON-ready data. Dates are ISO strings.

    ``clean`` is what the exit code says; ``conservation`` counts answer cells.
    """
    tally = ledger.tally
    return {
        "agency": ledger.book.agency,
        "year": ledger.book.year,
        "as_of": ledger.as_of.isoformat(),
        "clean": not ledger.needs_someone,
        "tasks": [
            {
                "number": one.task.number,
                "code": one.task.code,
                "status": one.status,
                "urgency": str(one.urgency),
                "limit": one.task.limit,
                "deadline": describe(one.task.deadline, ledger.book.year),
                "due": one.due.isoformat() if one.due else None,
                "recurring": _cycle(one.cycle) if one.cycle else None,
                "sections": {row.section: row.status for row in one.rows},
            }
            for one in ledger.outcomes
        ],
        "sections": [_section(one) for one in ledger.sections],
        "files": [_file(one) for one in ledger.files],
        "problems": [_problem(one) for one in ledger.problems],
        "conflicts": [_conflict(one) for one in ledger.conflicts],
        "rounds": [_round(one) for one in ledger.rounds],
        "history": [_earlier(one) for one in ledger.history],
        "registers": [_register(form, ledger) for form in ledger.book.registers],
        "attachments": [_attachment(one, ledger) for one in ledger.attachments],
        "annual_report": _annual(ledger),
        "conservation": {
            "found": tally.found,
            "in_summary": tally.kept,
            "repeated": tally.repeated,
            "set_aside": tally.aside,
            "earlier": tally.earlier,
            "held": tally.held,
            "balanced": tally.balanced,
        },
        "outputs": [str(path) for path in outputs],
    }


def _cycle(one: RecurrenceProgress) -> dict[str, Any]:
    """Count in times; ``missed`` are the turns that are overdue, by name."""
    return {
        "total": one.total,
        "owed": one.owed,
        "done": one.done,
        "missed": [turn.name for turn in one.missed],
        "next_due": one.coming.due.isoformat() if one.coming else None,
    }


def _section(one: SectionReport) -> dict[str, Any]:
    return {
        "section": one.section,
        "standing": str(one.standing),
        "due": one.due.isoformat() if one.due else None,
        "files": list(one.files),
        "saved_at": one.saved_at.isoformat() if one.saved_at else None,
        "rows": one.rows,
        "filled": one.filled,
        "problems": one.problems,
    }


def _file(one: FileReport) -> dict[str, Any]:
    return {
        "name": one.name,
        "size": one.size,
        "sha256": one.sha256,
        "verdict": str(one.verdict),
        "sections": list(one.sections),
        "round": one.round,
        "saved_at": one.saved_at.isoformat() if one.saved_at else None,
        "cells": one.cells,
        "note": one.note,
    }


def _problem(one: Problem) -> dict[str, Any]:
    return {
        "code": one.code,
        "level": str(one.level),
        "section": one.section,
        "file": one.place.file,
        "sheet": one.place.sheet,
        "cell": one.place.cell,
        "message": one.message,
        "advice": one.advice,
        "raw": one.raw,
        "cells": one.cells,
    }


def _conflict(one: Conflict) -> dict[str, Any]:
    return {
        "section": one.section,
        "task": one.subject.number,
        "about": one.subject.words,
        "column": one.column,
        "taken": one.taken.text,
        "taken_from": str(one.taken.place),
        "set_aside": one.aside.text,
        "set_aside_from": str(one.aside.place),
    }


def _round(one: RoundReport) -> dict[str, Any]:
    return {
        "round": one.round,
        "due": one.due.isoformat() if one.due else None,
        "returned": list(one.returned),
        "missing": list(one.missing),
        "rows": one.rows,
        "meanings": {str(meaning): n for meaning, n in one.meanings.items()},
    }


def _earlier(one: EarlierAnswer) -> dict[str, Any]:
    return {
        "section": one.section,
        "task": one.subject.number,
        "about": one.subject.words,
        "column": one.column,
        "round": one.round,
        "answer": one.answer.text,
        "from": str(one.answer.place),
        "now": one.now.text,
        "now_round": one.now_round,
    }


def _register(form: Form, ledger: Ledger) -> dict[str, Any]:
    own = [one for one in ledger.records if one.form.key == form.key]
    return {
        "key": form.key,
        "title": form.title,
        "overdue": _overdue(own, ledger),
        "records": [
            {
                "section": one.section,
                "answers": {key: answer.text for key, answer in one.answers.items()},
                "due": {
                    column.key: str(limit_of(one, column, ledger.book.year).shown)
                    for column in form.due
                },
                "state": str(state_of(one, ledger.book.year, ledger.as_of)),
            }
            for one in own
        ],
    }


def _overdue(records: Sequence[RegisterEntry], ledger: Ledger) -> dict[str, int]:
    """Count by section what is late and not done."""
    year, today = ledger.book.year, ledger.as_of
    late = (r for r in records if state_of(r, year, today) is State.OVERDUE)
    return dict(Counter(one.section for one in late))


def _attachment(one: Attachment, ledger: Ledger) -> dict[str, Any]:
    numbers = {task.code: task.number for task in ledger.book.tasks}
    return {
        "kind": str(one.kind),
        "section": one.section,
        "task": numbers.get(one.task),
        "column": one.column,
        "text": one.text,
        "stored": one.stored,
        "from": str(one.place),
    }


def _annual(ledger: Ledger) -> dict[str, Any] | None:
    """Tell the figures of the annual report; null where no register gives any."""
    found = annual(ledger)
    if found is None:
        return None
    return {
        "figures": [
            {**spot._asdict(), "value": float(value)}
            for spot, value in found.figures.items()
        ],
        "checks": [
            {
                "rule": one.identity.number,
                "about": one.identity.about,
                "verdict": str(one.agreement),
            }
            for one in found.checked
        ],
        "impossible": [str(spot) for spot in found.odd],
        "doubts": [doubt_text(one) for one in found.doubts],
    }


def sentences(ledger: Ledger) -> Iterator[str]:
    """Tell in a few lines how the collection went."""
    said = {
        one: [s.section for s in ledger.sections if s.standing is one]
        for one in SubmissionStatus
    }
    back = sum(s.standing.arrived for s in ledger.sections) - len(
        said[SubmissionStatus.NOTHING]
    )
    yield (
        f"{ledger.book.agency}{ledger.book.year}年，汇总日期 {ledger.as_of}："
        f"读了 {len(ledger.files)} 个文件，{len(ledger.sections)} 个科室中"
        f"有 {back} 个已报送。"
    )
    yield f"未报送的科室：{'、'.join(said[SubmissionStatus.MISSING]) or '无'}。"
    for one, words in _NAMED.items():
        if said[one]:
            yield f"{words}：{'、'.join(said[one])}。"
    late = [row for row in ledger.rows if row.urgency is Urgency.OVERDUE]
    soon = [row for row in ledger.rows if row.urgency is Urgency.SOON]
    yield (
        f"逾期 {len(late)} 件，临期 {len(soon)} 件（一个科室承担的一项任务算一件）。"
    )
    yield from _problem_lines(ledger)
    if ledger.records:
        counts = Counter(one.form.title for one in ledger.records)
        told = "、".join(f"{title} {count} 条" for title, count in counts.items())
        yield f"登记簿汇入 {len(ledger.records)} 条：{told}。"
        yield from _limit_lines(ledger)
    yield from _annual_lines(ledger)
    if ledger.attachments:
        again = f"，另有重复的 {ledger.repeated} 项" if ledger.repeated else ""
        yield (
            f"表上附带的内容 {len(ledger.attachments)} 项"
            f"（{counted(ledger.attachments)}）{again}，见汇总表的“附件清单”。"
        )
    yield _conservation(ledger)


def _limit_lines(ledger: Ledger) -> Iterator[str]:
    states = [
        (one, state_of(one, ledger.book.year, ledger.as_of)) for one in ledger.records
    ]
    late = _overdue(ledger.records, ledger)
    counts = Counter(now for _, now in states if now)
    if counts:
        said = "、".join(f"{now} {count} 条" for now, count in sorted(counts.items()))
        named = "、".join(f"{section} {count} 条" for section, count in late.items())
        owing = f"逾期没有办结的科室：{named}。" if late else ""
        yield f"登记簿里有法定期限的：{said}。{owing}"


def _annual_lines(ledger: Ledger) -> Iterator[str]:
    found = annual(ledger)
    if found is None:
        return
    agreements = Counter(one.agreement for one in found.checked)
    broken = agreements[Agreement.BROKEN] + len(found.odd)
    yield (
        f"年度报告表二至表四已按登记簿算出：勾稽不符 {broken} 处，"
        f"请核对 {agreements[Agreement.DIFFERS]} 处，"
        f"没有计入或有疑问的登记 {len(found.doubts)} 条"
        + ("，见汇总表的“年报表二”至“年报表四”。" if broken or found.doubts else "。")
    )


def _problem_lines(ledger: Ledger) -> Iterator[str]:
    grave = [p for p in ledger.problems if p.grave]
    notes = len(ledger.problems) - len(grave)
    yield (
        f"须处理的问题 {len(grave)} 个，提示 {notes} 个，"
        f"前后不一致的答复 {len(ledger.conflicts)} 处。"
    )
    for problem in grave[:_SHOWN]:
        yield one_line(f"  · {problem.place}：{problem.brief}{problem.advice}")
    if len(grave) > _SHOWN:
        rest = len(grave) - _SHOWN
        yield f"  · 还有 {rest} 个，见汇总表的“问题清单”。"


def check_sentences(checked: CheckResult) -> Iterator[str]:
    """Tell a section what to put right in one file before it sends it."""
    report = checked.report
    grave = [p for p in checked.problems if p.grave]
    notes = [p for p in checked.problems if not p.grave]
    yield f"{report.name}：{_whose(checked)}"
    for title, problems in (("须改", grave), ("请留意", notes)):
        if problems:
            yield f"  {title} {len(problems)} 处："
        for one in problems:
            where = str(replace(one.place, file=""))
            yield f"  · {where}{'：' if where else ''}{one.message}{one.advice}"
    if not grave and report.sections:
        yield "  没有必须改的地方，可以报送。"


def _whose(checked: CheckResult) -> str:
    report = checked.report
    if not report.sections:
        return "没有可以汇总的内容。"
    return (
        f"{'、'.join(report.sections)}，{report.round}，"
        f"{checked.rows} 项任务填了 {checked.filled} 项。"
    )


def _conservation(ledger: Ledger) -> str:
    tally = ledger.tally
    earlier = f" + 以前批次的旧内容 {tally.earlier} 个" if tally.earlier else ""
    parts = (
        f"收到填写的单元格 {tally.found} 个 = 汇入汇总 {tally.kept} 个"
        f" + 内容相同的重复 {tally.repeated} 个 + 列入冲突 {tally.aside} 个"
        f"{earlier} + 列入问题清单 {tally.held} 个"
    )
    if tally.balanced:
        return f"核对：{parts}，一个不少。"
    return f"核对不符：{parts}，两边不相等！请不要使用本次汇总，并联系软件维护人员。"


# What a roll-up tells: the sentences on the screen, and the same as plain data.

# How many the screen shows; the sheets and --json have them all.
_SHOWN_UNITS = 8


def rollup_as_dict(rollup: Rollup, outputs: Sequence[Path]) -> dict[str, Any]:
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
        "files": [_summary_as_dict(one) for one in rollup.files],
        "problems": [_rollup_problem_as_dict(one) for one in rollup.problems],
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


def _summary_as_dict(one: FileReport) -> dict[str, Any]:
    return {
        "name": one.name,
        "size": one.size,
        "sha256": one.sha256,
        "verdict": str(one.verdict),
        "units": list(one.sections),
        "rows": one.cells,
        "note": one.note,
    }


def _rollup_problem_as_dict(one: Problem) -> dict[str, Any]:
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


def rollup_sentences(rollup: Rollup) -> Iterator[str]:
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
    yield from _rollup_problem_lines(rollup)
    sheets = len(shares(DETAIL, rollup.rows, MOST_ROWS))
    if sheets > 1:
        yield f"明细超过 Excel 一张表的行数上限，分成了 {sheets} 张表。"
    yield conservation(rollup)


def _named(names: Sequence[str]) -> str:
    more = (
        f"等，共 {len(names)} 个，全部见“未报送”" if len(names) > _SHOWN_UNITS else ""
    )
    return "、".join(names[:_SHOWN_UNITS]) + more


def _rollup_problem_lines(rollup: Rollup) -> Iterator[str]:
    grave = [p for p in rollup.problems if p.grave]
    if grave:
        yield f"须处理的问题 {len(grave)} 条："
    for problem in grave[:_SHOWN_UNITS]:
        yield f"  {problem.place}：{problem.brief}{problem.advice}"
    if len(grave) > _SHOWN_UNITS:
        yield f"  还有 {len(grave) - _SHOWN_UNITS} 条，见“问题清单”。"
