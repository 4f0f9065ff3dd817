"""Convert a collection or a roll-up to the plain data that ``--json`` prints.

The functions return dicts, lists, strings, numbers and None only; dates are ISO strings.
The keys are an interface for other programs and do not change.
"""

from __future__ import annotations

from collections.abc import Sequence
from pathlib import Path
from typing import TYPE_CHECKING, Any

from ledgerbook.annual_report.report_checks import compute_report_figures, describe_doubtful_entry
from ledgerbook.cli.render import count_overdue_entries
from ledgerbook.deadlines import describe_deadline
from ledgerbook.export import STATUS_CLASSES
from ledgerbook.merge.register_entries import compute_entry_due_date, compute_entry_status
from ledgerbook.model import Form, StatusCategory
from ledgerbook.model.cycles import RecurrenceProgress
from ledgerbook.model.problems import Place, Problem
from ledgerbook.model.results import (
    Attachment,
    Conflict,
    EarlierAnswer,
    FileReport,
    Ledger,
    RoundFigures,
    RoundReport,
    SectionReport,
    TaskSummary,
)
from ledgerbook.rollup.merge import Rollup, Unit
from ledgerbook.rollup.overview import count_rows

if TYPE_CHECKING:
    from ledgerbook.commands.collect import CollectResult


def build_ledger_data(ledger: Ledger, outputs: Sequence[Path]) -> dict[str, Any]:
    """Return the data of a ledger; ``outputs`` are the files written.

    ``clean`` is true when the exit code is 0; ``conservation`` counts answer cells.
    """
    balance = ledger.cell_balance
    return {
        "agency": ledger.book.agency,
        "year": ledger.book.year,
        "as_of": ledger.as_of.isoformat(),
        "clean": not ledger.needs_attention,
        "tasks": [_build_task_data(summary, ledger) for summary in ledger.task_summaries],
        "sections": [_build_section_data(report) for report in ledger.section_reports],
        "files": [_build_file_data(report) for report in ledger.file_reports],
        "problems": [_build_problem_data(problem) for problem in ledger.problems],
        "conflicts": [_build_conflict_data(conflict) for conflict in ledger.conflicts],
        "rounds": [_build_round_data(report) for report in ledger.round_reports],
        "history": [_build_history_data(answer) for answer in ledger.earlier_answers],
        "registers": [_build_register_data(form, ledger) for form in ledger.book.registers],
        "attachments": [
            _build_attachment_data(attachment, ledger) for attachment in ledger.attachments
        ],
        "annual_report": _build_annual_report_data(ledger),
        "conservation": {
            "found": balance.received,
            "in_summary": balance.accepted,
            "repeated": balance.repeated,
            "as_issued": balance.as_issued,
            "unplanned": balance.unplanned,
            "set_aside": balance.overruled,
            "earlier": balance.earlier,
            "held": balance.rejected,
            "not_ours": balance.foreign,
            "balanced": balance.is_balanced,
        },
        "outputs": [str(path) for path in outputs],
    }


def build_collect_data(result: CollectResult, *, personal_data: bool = True) -> dict[str, Any]:
    """Return the data of ``collect --json``: the ledger, and under ``office`` what it typed.

    Without ``personal_data`` it lacks the answers in columns that are marked as such.
    """
    if not personal_data:
        result = result.omit_personal_data()
    return {
        **build_ledger_data(result.ledger, result.outputs),
        "office": {
            "notes": _build_note_data(result),
            "harvested": [
                {"row_code": note.code, "item": note.item, "text": note.text}
                for note in result.harvested
            ],
            "recorded": result.has_recorded,
            "overruled": [_build_problem_data(note) for note in result.overruled_notes],
            "unread": [_build_problem_data(note) for note in result.unread_notes],
            "edited_summary": str(result.edited_summary) if result.edited_summary else None,
            "unreadable_summary": (
                str(result.unreadable_summary) if result.unreadable_summary else None
            ),
            "edited_cells": list(result.edited_cells),
            "edited_corrections": [str(path) for path in result.edited_corrections],
        },
    }


def _build_note_data(result: CollectResult) -> list[dict[str, Any]]:
    """Return the texts beside rows; ``section`` and ``task`` are None where the row is gone."""
    rows = {row.code: row for row in result.ledger.assignment_results}
    return [
        {
            "row_code": code,
            "section": rows[code].section if code in rows else None,
            "task": rows[code].task.number if code in rows else None,
            "item": item,
            "text": text,
        }
        for (code, item), text in sorted(result.office_notes.items())
        if text
    ]


def _build_task_data(summary: TaskSummary, ledger: Ledger) -> dict[str, Any]:
    """Return one task with its status over all sections."""
    return {
        "number": summary.task.number,
        "code": summary.task.code,
        "status": summary.status,
        "urgency": str(summary.urgency),
        "limit": summary.task.deadline_text,
        "deadline": describe_deadline(summary.task.deadline, ledger.book.year),
        "due": summary.due.isoformat() if summary.due else None,
        "recurring": _build_recurrence_data(summary.recurrence_progress),
        "sections": {row.section: row.status for row in summary.assignment_results},
    }


def _build_recurrence_data(progress: RecurrenceProgress | None) -> dict[str, Any] | None:
    """Return the counts of a recurring duty's occurrences; ``missed`` names overdue ones."""
    if progress is None:
        return None
    return {
        "total": progress.total_count,
        "owed": progress.due_count,
        "done": progress.fulfilled_count,
        "missed": [occurrence.name for occurrence in progress.missed_occurrences],
        "next_due": progress.next_occurrence.due.isoformat() if progress.next_occurrence else None,
    }


def _build_section_data(report: SectionReport) -> dict[str, Any]:
    return {
        "section": report.section,
        "standing": str(report.status),
        "due": report.due.isoformat() if report.due else None,
        "files": list(report.file_names),
        "saved_at": report.saved_at.isoformat() if report.saved_at else None,
        "rows": report.row_count,
        "filled": report.filled_row_count,
        "late": report.is_late,
        "said": report.counts.said,
        "carried": report.counts.carried,
        "refused": report.counts.refused,
        "blank": report.counts.blank,
        "problems": report.error_count,
    }


def _build_conflict_data(conflict: Conflict) -> dict[str, Any]:
    """Return one conflict with the accepted and the overruled answer."""
    return {
        "section": conflict.section,
        "task": conflict.subject.task_number,
        "about": conflict.subject.label,
        "column": conflict.header,
        "taken": conflict.accepted.text if conflict.accepted else None,
        "taken_from": str(
            conflict.accepted.place if conflict.accepted else Place(conflict.accepted_file)
        ),
        "withdrawn": conflict.is_withdrawal,
        "round": conflict.round,
        "later_round": conflict.later_round,
        "set_aside": conflict.overruled.text,
        "set_aside_from": str(conflict.overruled.place),
    }


def _build_round_data(report: RoundReport) -> dict[str, Any]:
    """Return one round with both its figures; ``at_due`` is None until its due day is over."""
    return {
        "round": report.round,
        "due": report.due.isoformat() if report.due else None,
        **_build_figures_data(report.with_late),
        "at_due": _build_figures_data(report.at_due) if report.at_due else None,
        "not_issued": list(report.not_issued_sections),
    }


def _build_figures_data(figures: RoundFigures) -> dict[str, Any]:
    return {
        "returned": list(figures.returned_sections),
        "missing": list(figures.missing_sections),
        "rows": figures.row_count,
        "meanings": {str(meaning): figures.count(meaning) for meaning in StatusCategory},
        "done_late": len(figures.late_rows),
        "rate": figures.completion_rate,
    }


def _build_history_data(earlier: EarlierAnswer) -> dict[str, Any]:
    """Return an answer of an earlier round that a later one has replaced."""
    return {
        "section": earlier.section,
        "task": earlier.subject.task_number,
        "about": earlier.subject.label,
        "column": earlier.header,
        "round": earlier.round,
        "answer": earlier.answer.text,
        "from": str(earlier.answer.place),
        "now": earlier.current_answer.text if earlier.current_answer else None,
        "now_round": earlier.current_round,
    }


def _build_register_data(form: Form, ledger: Ledger) -> dict[str, Any]:
    """Return a register with its entries and, by section, the number of overdue ones."""
    entries = [entry for entry in ledger.register_entries if entry.form.key == form.key]
    return {
        "key": form.key,
        "title": form.title,
        "overdue": count_overdue_entries(entries, ledger),
        "records": [
            {
                "section": entry.section,
                "answers": {
                    key: answer.text for key, answer in entry.answers.items() if answer.text
                },
                "due": {
                    column.key: str(
                        compute_entry_due_date(entry, column, ledger.book.year).display_value
                    )
                    for column in form.due_columns
                },
                "state": str(compute_entry_status(entry, ledger.book.year, ledger.as_of)),
            }
            for entry in entries
        ],
    }


def _build_attachment_data(attachment: Attachment, ledger: Ledger) -> dict[str, Any]:
    """Return one picture, comment or the like of a return."""
    numbers = {task.code: task.number for task in ledger.book.tasks}
    return {
        "kind": str(attachment.kind),
        "section": attachment.section,
        "task": numbers.get(attachment.task),
        "column": attachment.column,
        "text": attachment.text,
        "stored": attachment.saved_path,
        "from": str(attachment.place),
    }


def _build_annual_report_data(ledger: Ledger) -> dict[str, Any] | None:
    """Return the figures of the annual report; None when no register gives any."""
    report_figures = compute_report_figures(ledger)
    if report_figures is None:
        return None
    return {
        "figures": [
            {**table_cell._asdict(), "value": float(value)}
            for table_cell, value in report_figures.figures.items()
        ],
        "checks": [
            {
                "rule": checked_identity.identity.number,
                "about": checked_identity.identity.subject,
                "verdict": str(checked_identity.agreement),
            }
            for checked_identity in report_figures.checked_identities
        ],
        "impossible": [str(table_cell) for table_cell in report_figures.impossible_cells],
        "doubts": [describe_doubtful_entry(entry) for entry in report_figures.doubtful_entries],
    }


def build_rollup_data(rollup: Rollup, outputs: Sequence[Path]) -> dict[str, Any]:
    """Return the data of ``rollup --json``; ``outputs`` are the files written.

    ``clean`` is true when the exit code is 0; ``conservation`` counts rows of the details.
    """
    return {
        "name": rollup.name,
        "year": rollup.year,
        "as_of": rollup.as_of.isoformat(),
        "clean": not rollup.needs_attention,
        "units": [_build_unit_data(unit) for unit in rollup.units],
        "missing": [
            {"unit": missing.unit, "section": missing.section, "why": missing.reason}
            for missing in rollup.missing
        ],
        "files": [_build_file_data(report, is_rollup=True) for report in rollup.files],
        "problems": [_build_problem_data(problem, is_rollup=True) for problem in rollup.problems],
        "conservation": {
            "found": rollup.detail_row_count,
            "merged": rollup.merged_row_count,
            "held": rollup.rejected_row_count,
            "balanced": rollup.is_balanced,
        },
        "outputs": [str(path) for path in outputs],
    }


def _build_unit_data(unit: Unit) -> dict[str, Any]:
    """Return one unit of a roll-up with its figures."""
    figures = count_rows(unit.rows, STATUS_CLASSES)
    overdue, due_soon, done_late = figures.by_urgency
    return {
        "path": unit.path,
        "file": unit.file,
        "as_of": unit.as_of.isoformat(),
        "tasks": unit.task_count,
        "rows": figures.total,
        "classes": dict(zip(STATUS_CLASSES, figures.by_class, strict=True)),
        "overdue": overdue,
        "soon": due_soon,
        "done_late": done_late,
        "rate": figures.rate,
        "sections": {
            section_status.section: section_status.status for section_status in unit.sections
        },
        "problems": unit.problems,
        "unsettled": unit.unsettled,
    }


def _build_file_data(report: FileReport, *, is_rollup: bool = False) -> dict[str, Any]:
    """Return one file with its status.

    In a roll-up a file belongs to units instead of sections, has no round, and its rows
    are counted instead of its answer cells.
    """
    round_data: dict[str, Any] = {
        "round": report.round,
        "saved_at": report.saved_at.isoformat() if report.saved_at else None,
    }
    return {
        "name": report.name,
        "size": report.size,
        "sha256": report.sha256,
        "verdict": str(report.status),
        "units" if is_rollup else "sections": list(report.sections),
        **({} if is_rollup else round_data),
        "rows" if is_rollup else "cells": report.cell_count,
        "note": report.note,
    }


def _build_problem_data(problem: Problem, *, is_rollup: bool = False) -> dict[str, Any]:
    """Return one problem with its place.

    In a roll-up a problem has no section, and the rejected rows are counted instead of
    the rejected answer cells.
    """
    return {
        "code": problem.code,
        "level": str(problem.severity),
        **({} if is_rollup else {"section": problem.section}),
        "file": problem.place.file,
        "sheet": problem.place.sheet,
        "cell": problem.place.cell,
        "message": problem.message,
        "advice": problem.advice,
        "raw": problem.raw,
        "rows" if is_rollup else "cells": problem.rejected_cells,
    }
