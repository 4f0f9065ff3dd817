"""Format the labels of the summary: statuses, sections, requirements, occurrences."""

from __future__ import annotations

import math
from collections.abc import Callable, Iterable
from dataclasses import dataclass

from ledgerbook.identity import OutputKind
from ledgerbook.merge.personal_data import OMITTED_TEXT, list_personal_headers
from ledgerbook.model import Choice, Form, Role, StatusCategory, Task
from ledgerbook.model.cycles import RecurrenceProgress
from ledgerbook.model.form_columns import find_status_column
from ledgerbook.model.results import NOT_FILLED, NOT_RETURNED, AssignmentResult, Ledger, TaskSummary

NO_REQUIREMENT = "（原文未列工作要求）"


@dataclass(frozen=True, slots=True)
class StatusLabel:
    """A status as the office calls it, and the category that it counts as."""

    text: str
    meaning: StatusCategory | None


def list_status_labels(ledger: Ledger) -> tuple[StatusLabel, ...]:
    """Return every status in use, the form's own choices first and in their order.

    A status that is none of them (from an older form, say) has a label of its own, so that
    the figures always add up to the total.
    """
    form = ledger.book.task_form
    column = find_status_column(form)
    choices: tuple[Choice, ...] = form.get_choice_list(column).choices if column else ()
    labels = {c.value: StatusLabel(c.value, c.meaning) for c in choices}
    for text in (NOT_FILLED, NOT_RETURNED):
        labels.setdefault(text, StatusLabel(text, None))
    results: tuple[AssignmentResult | TaskSummary, ...] = (
        *ledger.assignment_results,
        *ledger.task_summaries,
    )
    for result in results:
        labels.setdefault(result.status, StatusLabel(result.status, result.category))
    return tuple(labels.values())


def list_sections(ledger: Ledger) -> tuple[str, ...]:
    """Return the book's sections, then any other that a row names."""
    names = (
        *ledger.book.section_names,
        *(row.section for row in ledger.assignment_results),
    )
    return tuple(dict.fromkeys(names))


def list_requirements(ledger: Ledger) -> tuple[str, ...]:
    """Return the requirements of all tasks, in the plan's order."""
    results: tuple[AssignmentResult | TaskSummary, ...] = (
        *ledger.task_summaries,
        *ledger.assignment_results,
    )
    return tuple(dict.fromkeys(result.task.requirement for result in results))


def format_responsible_units(task: Task) -> str:
    """Return the plan's text on responsible units, or the office's decision."""
    if task.units.strip():
        return task.units
    sections_by_role = {
        role: [a.section for a in task.assignments if a.role is role] for role in Role
    }
    return "；".join(f"{r}：{'、'.join(names)}" for r, names in sections_by_role.items() if names)


def format_by_section(
    rows: Iterable[AssignmentResult], get_text: Callable[[AssignmentResult], str]
) -> str:
    """Return the texts of sections, each in a paragraph after 【section】.

    Sections with the same text share a paragraph; those without a text have none.
    """
    sections_by_text: dict[str, list[str]] = {}
    for row in rows:
        sections_by_text.setdefault(get_text(row), []).append(row.section)
    return "\n".join(
        f"【{'、'.join(names)}】{text}" for text, names in sections_by_text.items() if text
    )


def round_rate(rate: float) -> int:
    """Return a share in tenths of a percent, half of one rounded up, as cells show it."""
    return math.floor(rate * 1000 + 0.5)


def format_rate(rate: float | None) -> str:
    """Return a share as the cells of 完成率 show it."""
    return "—" if rate is None else f"{round_rate(rate) / 10:.1f}%"


_MAX_NAMED = 2


def format_missed_occurrences(cycle: RecurrenceProgress) -> str:
    """Name the overdue occurrences of a recurring task; of many the oldest."""
    missed = cycle.missed_occurrences
    if not missed:
        return ""
    is_long = len(missed) > _MAX_NAMED
    names = f"{missed[0]}等 {len(missed)} 期" if is_long else "、".join(map(str, missed))
    return f"{names}{'未报' if cycle.is_unreported else '未办结'}"


def format_occurrence_counts(cycle: RecurrenceProgress) -> str:
    """Count the occurrences of a recurring task: asked for, fallen due, done."""
    return f"应办{cycle.total_count}次，到期{cycle.due_count}次，已办{cycle.fulfilled_count}次"


# --- personal data ---


def describe_personal_data(ledger: Ledger) -> str:
    """Say on the first sheet whether the summary has personal data; blank where no form has."""
    book = ledger.book
    headers = "；".join(list_personal_headers(book.forms))
    if not headers:
        return ""
    if ledger.omitted:
        return (
            f"本表供上报，没有列出个人信息：{headers}，这些栏目空着。"
            f"全文在{book.office}的“{book.year}{OutputKind.SUMMARY}.xlsx”里。"
        )
    return (
        f"本汇总含个人信息（{headers}），仅供{book.office}使用；"
        f"上报请用“{book.year}{OutputKind.UPLOAD_SUMMARY}.xlsx”"
        "（汇总时加上 --for-upload 就另写一份）。"
    )


def describe_blank_columns(ledger: Ledger, form: Form) -> str:
    """Name the columns of a sheet that are left blank; blank where there are none."""
    if not ledger.omitted or not form.personal_columns:
        return ""
    headers = "、".join(column.header for column in form.personal_columns)
    return f"{headers}是个人信息，没有列出。"


def describe_omitted_cells(ledger: Ledger) -> str:
    """Say how many contents the sheets lack; blank where they have all."""
    omitted = ledger.omitted
    if omitted is None:
        return ""
    counts = (
        ("“冲突”", omitted.conflicts, "处"),
        ("“历次填报”", omitted.earlier, "处"),
        ("“计划外工作”", omitted.unplanned, "格"),
        ("“问题清单”", omitted.problems, "条"),
        ("“附件清单”", omitted.attachments, "项"),
    )
    lists = "、".join(f"{sheet} {count} {unit}" for sheet, count, unit in counts if count)
    return (
        "以上是收到的全部格子。本表没有列出其中个人信息的内容："
        f"汇入汇总的 {omitted.answers} 个格子空着"
        + (f"；{lists}写作“{OMITTED_TEXT}”。" if lists else "。")
    )
