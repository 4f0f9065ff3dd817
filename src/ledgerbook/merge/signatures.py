"""Check what the heads of sections have signed (审签人, 审签日期)."""

from __future__ import annotations

from collections.abc import Iterator, Sequence

from ledgerbook.merge.answers import AnswersByTask
from ledgerbook.model import Form
from ledgerbook.model.form_columns import SIGNED_ON, SIGNER, get_answer_header
from ledgerbook.model.problems import Place, Problem
from ledgerbook.model.results import AssignmentResult


def check_signed_rows(
    form: Form, rows: Sequence[AssignmentResult], answers_by_task: AnswersByTask
) -> Iterator[Problem]:
    """Report rows whose answers have changed since they were signed (审签后改动)."""
    for row in rows:
        answers = answers_by_task.get((row.task.code, row.section))
        keys = answers.changed_since_signed if answers else ()
        changed = [column for column in form.answer_columns if column.key in keys]
        if answers is None or not changed:
            continue
        values = {
            "number": str(row.task.number),
            "signer": row.get_text(SIGNER) or "科室负责人",
            "day": row.get_text(SIGNED_ON) or "没有填日期",
            "columns": "、".join(f"“{column.header}”" for column in changed),
            "signature": "、".join(f"“{get_answer_header(form, k)}”" for k in (SIGNER, SIGNED_ON)),
        }
        key = changed[0].key
        # A cell that was cleared has no answer to point to.
        answer = row.answers.get(key)
        place = answer.place if answer else answers.places.get(key, Place())
        yield Problem("signed-changed", place, values, row.section, task=row.task.code, column=key)
