"""What stands above a sheet's table: whose it is, live figures, mark, legend, tick.

All of it is printed on the first page, where the table takes several side by side.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any

from ledgerbook import identity
from ledgerbook.excel import styles as look
from ledgerbook.excel.pagination import (
    SIGNED_FOOT,
    PageSpace,
    columns_above,
    page_height,
    page_turns,
    room_left,
)
from ledgerbook.excel.writer import done
from ledgerbook.issue.canvas import IssuedSheet
from ledgerbook.issue.layout import (
    ENTRIES_LABEL,
    INFO_ROW,
    MARK_ROW,
    NIL_LABEL,
    NIL_YES,
    REGISTER_LEGEND,
    SECTION_LABEL,
    TASK_LEGEND,
    TASKS_LABEL,
    TITLE_ROW,
    Answers,
    SheetContent,
)
from ledgerbook.model import ConditionKind, Filler, Form, StatusCategory
from ledgerbook.text import chinese_date

# As many answer columns, and as wide, leave room for the tick and its label.
_NIL_SPAN = 4
_NIL_WIDTH = 32.0


@dataclass(frozen=True, slots=True)
class _Bands:
    """The columns where it begins, its right half begins, the figures and all end."""

    first: int
    half: int
    figures_end: int
    last: int


def draw_top(canvas: IssuedSheet) -> None:
    """Write title, whose sheet it is, the live figures, the mark and the legend."""
    job, sheet = canvas.job, canvas.sheet
    bands = _bands(job.form)
    first, half, last = bands.first, bands.half, bands.last
    title, info, note = (
        canvas.maker.style("title"),
        canvas.maker.style(bold=True),
        canvas.maker.style("note"),
    )
    canvas.band(TITLE_ROW, (first, last), title)
    name = f"{job.book.agency}{job.book.year}年政务公开{job.form.title}"
    done(sheet.write_string(TITLE_ROW, first, name, title))
    ends = ((INFO_ROW, info, bands.figures_end), (MARK_ROW, note, last))
    for row, style, end in ends:
        canvas.band(row, (first, half - 1), style)
        canvas.band(row, (half, end), style)
    formula = _entries(canvas) if job.form.is_register else _progress(canvas)
    done(sheet.write_string(INFO_ROW, first, _info(job), info))
    done(sheet.write_formula(INFO_ROW, half, formula, info, _figures_now(job)))
    done(sheet.write_string(MARK_ROW, first, _mark_line(job), note))
    done(sheet.write_string(MARK_ROW, half, _legend(job.form), note))
    if bands.figures_end < last:
        _tick(canvas, (bands.figures_end + 1, last))
    for row, height in enumerate(top_heights(job)):
        sheet.set_row(row, height)


def top_heights(job: SheetContent) -> tuple[float, float, float]:
    """Return how high the rows of title, figures and mark are, in points."""
    bands = _bands(job.form)
    wide = [column.width for column in job.form.columns[: bands.last + 1]]
    left = sum(wide[bands.first : bands.half])
    figures = sum(wide[bands.half : bands.figures_end + 1])
    info = ((_info(job), left), (_figures_now(job), figures))
    note = ((_mark_line(job), left), (_legend(job.form), sum(wide[bands.half :])))
    return 36.0, max(24.0, look.row_height(info)), max(20.0, look.row_height(note))


def _mark_line(job: SheetContent) -> str:
    mark = identity.sheet_mark(job.book, job.round.name, job.section, job.form.key)
    return f"{mark.line}（请勿改动本行）"


def _tick(canvas: IssuedSheet, columns: tuple[int, int]) -> None:
    """Leave a cell to say that there is nothing to report, its label before it."""
    (first, last), sheet = columns, canvas.sheet
    label = canvas.maker.style(align="right")
    canvas.band(INFO_ROW, (first, last - 1), label)
    done(sheet.write_string(INFO_ROW, first, NIL_LABEL, label))
    box = canvas.maker.style("body", locked=False, align="center")
    done(sheet.write_blank(INFO_ROW, last, "", box))
    done(sheet.data_validation(INFO_ROW, last, INFO_ROW, last, _TICK))


_TICK: dict[str, Any] = {
    "validate": "list",
    "source": [NIL_YES],
    "input_title": "零报告",
    "input_message": "本批次确实没有任何内容可报时选“是”，其余不用填。",
    "error_title": "填写有误",
    "error_message": "这一格只能选“是”，或者空着。",
}


def _bands(form: Form) -> _Bands:
    first, last = columns_above([column.width for column in form.columns])
    half, span = _half(form, last), _nil_span(form, last)
    figures_end = last - span if last - half > span else last
    return _Bands(first, half, figures_end, last)


def _nil_span(form: Form, last: int) -> int:
    widths = [column.width for column in form.columns[:last]][::-1]
    wide = (n for n in range(1, len(widths)) if sum(widths[:n]) >= _NIL_WIDTH)
    return max(_NIL_SPAN, next(wide, 0) + 1)


def _legend(form: Form) -> str:
    return REGISTER_LEGEND if form.is_register else TASK_LEGEND


def _half(form: Form, last: int) -> int:
    """Return the column from which the right half of the lines above begins.

    It is above the answers, where the first page has any of a task's.
    """
    fillers = [column.filler for column in form.columns[: last + 1]]
    if form.is_register or Filler.SECTION not in fillers:
        return (last + 1) // 2
    return fillers.index(Filler.SECTION)


def _info(job: SheetContent) -> str:
    due = chinese_date(job.round.due) if job.round.due else "另行通知"
    return f"{SECTION_LABEL}{job.section}    批次：{job.round.name}    报送截止：{due}"


def _figures_now(job: SheetContent) -> str:
    """Say what the live line shows before anybody touches the sheet."""
    return _entries_now(job) if job.form.is_register else _progress_now(job)


def _progress(canvas: IssuedSheet) -> str:
    """Return the live line as a formula."""
    status = canvas.form.status
    choices = canvas.form.choices_of(status).choices
    total = len(canvas.job.tasks)
    area = canvas.grid.area(status.key, max(1, total))

    def counted(meaning: StatusCategory) -> str:
        names = [c.value for c in choices if c.meaning is meaning]
        tests = (f'COUNTIF({area},"{_criterion(name)}")' for name in names)
        return f"({'+'.join(tests) or '0'})"

    finished, owed = (
        counted(StatusCategory.DONE),
        f"({total}-{counted(StatusCategory.EXEMPT)})",
    )
    return (
        f'="{TASKS_LABEL}{total} 项，已填 "&COUNTA({area})&" 项，'
        f'已完成 "&{finished}&" 项，'
        f'完成率 "&IF({owed}>0,TEXT({finished}/{owed},"0%"),"—")'
    )


def _entries(canvas: IssuedSheet) -> str:
    """Return how many entries there are, as a formula."""
    area = canvas.grid.area(_counted(canvas.form), len(canvas.rows))
    return f'="{ENTRIES_LABEL}"&COUNTA({area})&" 条"'


def _entries_now(job: SheetContent) -> str:
    key = _counted(job.form)
    said = sum(1 for given in job.answers.values() if given.get(key))
    return f"{ENTRIES_LABEL}{said} 条"


def _counted(form: Form) -> str:
    """Return the key of the column that all entries must have, or else the first."""
    always = (
        c
        for c in form.answers
        if any(r.when is ConditionKind.ALWAYS for r in c.required)
    )
    return next(always, form.answers[0]).key


def _progress_now(job: SheetContent) -> str:
    status = job.form.status
    said = [job.answers.get(task.code, {}).get(status.key, "") for task in job.tasks]
    choices = [job.form.choices_of(status).find(str(value)) for value in said]
    meanings = [choice.meaning for choice in choices if choice]
    finished = meanings.count(StatusCategory.DONE)
    owed = len(job.tasks) - meanings.count(StatusCategory.EXEMPT)
    rate = f"{_percent(finished, owed)}%" if owed else "—"
    filled = sum(1 for value in said if value != "")
    return (
        f"{TASKS_LABEL}{len(job.tasks)} 项，已填 {filled} 项，"
        f"已完成 {finished} 项，完成率 {rate}"
    )


def _percent(part: int, whole: int) -> int:
    """Round half up, as Excel's TEXT does."""
    return (200 * part + whole) // (2 * whole)


def _criterion(value: str) -> str:
    """Write a COUNTIF criterion that means ``value`` and nothing like it."""
    for special in "~*?":
        value = value.replace(special, f"~{special}")
    return "=" + value.replace('"', '""')


# A section's sheet on paper: how high its rows are, and where its pages turn.

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


def rows_of(job: SheetContent) -> tuple[str, ...]:
    """Return what the sheet's rows are; blank rows fill a register's last page up.

    Of a page that begins anyhow, no part is left without rows to write on.
    """
    if not job.form.is_register:
        return job.rows
    heights = [entry_height(job.form, job.answers.get(n, {})) for n in job.rows]
    more = int(room_left(heights, _room(job)) // _BLANK_HEIGHT)
    return tuple(map(str, range(len(heights) + more)))


def task_turns(job: SheetContent, heights: Sequence[float]) -> tuple[int, ...]:
    """Return the rows to begin a page with rather than part a 工作要求.

    ``heights`` are those of the tasks' rows, in points.
    """
    parts: list[str] = []
    for task in job.tasks:
        # A row that names none stands with the one above.
        parts.append(task.requirement or (parts[-1] if parts else ""))
    return page_turns(parts, heights, _room(job))


def _room(job: SheetContent) -> PageSpace:
    page = page_height([column.width for column in job.form.columns], SIGNED_FOOT)
    page -= head_height(job.form)
    return PageSpace(page - sum(top_heights(job)), page)
