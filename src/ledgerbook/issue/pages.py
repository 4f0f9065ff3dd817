"""A section's sheet on paper: how high its rows are, and where its pages turn."""

from __future__ import annotations

from collections.abc import Sequence

from ledgerbook.issue.canvas import Answers, SheetJob
from ledgerbook.issue.top import top_heights
from ledgerbook.model import Form
from ledgerbook.sheets import typography as look
from ledgerbook.sheets.pages import (
    SIGNED_FOOT,
    Room,
    page_height,
    page_turns,
    room_left,
)

# A row starts no lower than this many lines, so that there is room to write.
LEAST_LINES = 3
# How high the header, and a blank row of a register (two lines), are in points.
_LEAST_HEAD, _BLANK_HEIGHT = 30.0, 30.0


def head_height(form: Form) -> float:
    """Return how high the header row is, in points."""
    height = look.row_height([(c.header, c.width) for c in form.columns])
    return max(_LEAST_HEAD, height)


def entry_height(form: Form, given: Answers) -> float:
    """Return how high a register's row is in points: blank, or with what is given."""
    if not given:
        return _BLANK_HEIGHT
    shown = [(str(given.get(c.key, "")), c.width) for c in form.columns]
    return max(_BLANK_HEIGHT, look.row_height(shown, least=LEAST_LINES))


def rows_of(job: SheetJob) -> tuple[str, ...]:
    """Return what the sheet's rows are; blank rows fill a register's last page up.

    Of a page that begins anyhow, no part is left without rows to write on.
    """
    if not job.form.is_register:
        return job.rows
    heights = [entry_height(job.form, job.answers.get(n, {})) for n in job.rows]
    more = int(room_left(heights, _room(job)) // _BLANK_HEIGHT)
    return tuple(map(str, range(len(heights) + more)))


def task_turns(job: SheetJob, heights: Sequence[float]) -> tuple[int, ...]:
    """Return the rows to begin a page with rather than part a 工作要求.

    ``heights`` are those of the tasks' rows, in points.
    """
    parts: list[str] = []
    for task in job.tasks:
        # A row that names none stands with the one above.
        parts.append(task.requirement or (parts[-1] if parts else ""))
    return page_turns(parts, heights, _room(job))


def _room(job: SheetJob) -> Room:
    page = page_height([column.width for column in job.form.columns], SIGNED_FOOT)
    page -= head_height(job.form)
    return Room(page - sum(top_heights(job)), page)
