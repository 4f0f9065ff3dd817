"""What stands above a sheet's table: whose it is, live figures, mark, legend, tick."""

from __future__ import annotations

from typing import Any

from ledgerbook import marks
from ledgerbook.issue.canvas import INFO_ROW, MARK_ROW, TITLE_ROW, Canvas, SheetJob
from ledgerbook.ledger import DUE_SOON_DAYS
from ledgerbook.model import Filler, Form, Meaning, When
from ledgerbook.sheets import typography as look
from ledgerbook.sheets.xlsx import done
from ledgerbook.text import chinese_date

# Beside this label a section ticks that it has nothing to report (零报告).
NIL_LABEL = "无内容可报的，在右格选“是”→"
NIL_YES = "是"
# As many answer columns, and as wide, leave room for the tick and its label.
_NIL_SPAN = 4
_NIL_WIDTH = 32.0


def draw_top(canvas: Canvas) -> float:
    """Write title, whose sheet it is, the live figures, the mark and the legend.

    Return how high it is, in points.
    """
    job, sheet, last = canvas.job, canvas.sheet, canvas.last_column
    half = _half(job.form)
    title, info, note = (
        canvas.maker.style("title"),
        canvas.maker.style(bold=True),
        canvas.maker.style("note"),
    )
    canvas.band(TITLE_ROW, (0, last), title)
    name = f"{job.book.agency}{job.book.year}年政务公开{job.form.title}"
    done(sheet.write_string(TITLE_ROW, 0, name, title))
    span = _nil_span(job.form)
    figures_end = last - span if last - half > span else last
    for row, style, end in ((INFO_ROW, info, figures_end), (MARK_ROW, note, last)):
        canvas.band(row, (0, half - 1), style)
        canvas.band(row, (half, end), style)
    formula, now = _entries(canvas) if job.form.is_register else _progress(canvas)
    done(sheet.write_string(INFO_ROW, 0, _info(job), info))
    done(sheet.write_formula(INFO_ROW, half, formula, info, now))
    mark = marks.sheet_mark(job.book, job.round.name, job.section, job.form.key)
    done(sheet.write_string(MARK_ROW, 0, f"{mark.line}（请勿改动本行）", note))
    done(sheet.write_string(MARK_ROW, half, _legend(job.form), note))
    if figures_end < last:
        _tick(canvas, figures_end + 1)
    wide = [column.width for column in job.form.columns]
    left, right = sum(wide[:half]), sum(wide[half : figures_end + 1])
    told = (
        (TITLE_ROW, 36, ()),
        (INFO_ROW, 24, ((_info(job), left), (now, right))),
        (MARK_ROW, 20, ((mark.line, left), (_legend(job.form), sum(wide[half:])))),
    )
    heights = {row: max(least, look.row_height(cells)) for row, least, cells in told}
    for row, height in heights.items():
        sheet.set_row(row, height)
    return sum(heights.values())


def _tick(canvas: Canvas, first: int) -> None:
    """Leave a cell to say that there is nothing to report, its label before it."""
    last, sheet = canvas.last_column, canvas.sheet
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


def _nil_span(form: Form) -> int:
    widths = [column.width for column in form.columns[:-1]][::-1]
    wide = (n for n in range(1, len(widths)) if sum(widths[:n]) >= _NIL_WIDTH)
    return max(_NIL_SPAN, next(wide, 0) + 1)


def issued_above(text: str, form: Form) -> bool:
    """Whether ``text`` is one of those that we write above a sheet's header."""
    starts = ("填报科室：", "共 ", '="共 ', "识别码", "已登记 ", '="已登记 ')
    whole = (_LEGEND, _REGISTER_LEGEND, NIL_LABEL)
    return text.startswith(starts) or text in whole or text.endswith(form.title)


_LEGEND = (
    "白格由科室填写，灰格请勿改动；黄格是现在必须填的。"
    f"整行红色=逾期，橙色={DUE_SOON_DAYS}天内到期，绿色=已完成。"
)


_REGISTER_LEGEND = (
    "一行登记一件，接着往下填；灰格请勿改动；黄格是这一件还要填的。行不够可以插入行。"
)


def _legend(form: Form) -> str:
    return _REGISTER_LEGEND if form.is_register else _LEGEND


def _half(form: Form) -> int:
    """Return the column from which the right half of the lines above begins."""
    if form.is_register:
        return len(form.columns) // 2
    return [column.filler for column in form.columns].index(Filler.SECTION)


def _info(job: SheetJob) -> str:
    due = chinese_date(job.round.due) if job.round.due else "另行通知"
    return f"填报科室：{job.section}    批次：{job.round.name}    报送截止：{due}"


def _progress(canvas: Canvas) -> tuple[str, str]:
    """Return the live line as a formula, and what it says before anything is filled."""
    status = canvas.form.status
    choices = canvas.form.choices_of(status).choices
    total = len(canvas.job.tasks)
    area = canvas.grid.area(status.key, max(1, total))

    def counted(meaning: Meaning) -> str:
        names = [c.value for c in choices if c.meaning is meaning]
        tests = (f'COUNTIF({area},"{_criterion(name)}")' for name in names)
        return f"({'+'.join(tests) or '0'})"

    finished, owed = counted(Meaning.DONE), f"({total}-{counted(Meaning.EXEMPT)})"
    formula = (
        f'="共 {total} 项，已填 "&COUNTA({area})&" 项，已完成 "&{finished}&" 项，'
        f'完成率 "&IF({owed}>0,TEXT({finished}/{owed},"0%"),"—")'
    )
    return formula, _progress_now(canvas.job)


def _entries(canvas: Canvas) -> tuple[str, str]:
    """Return how many entries there are, counted by the column that all must have."""
    form, rows = canvas.form, len(canvas.rows)
    always = (c for c in form.answers if any(r.when is When.ALWAYS for r in c.required))
    key = next(always, form.answers[0]).key
    said = sum(1 for given in canvas.job.answers.values() if given.get(key))
    formula = f'="已登记 "&COUNTA({canvas.grid.area(key, rows)})&" 条"'
    return formula, f"已登记 {said} 条"


def _progress_now(job: SheetJob) -> str:
    """Say what the live line shows before anybody touches the sheet."""
    status = job.form.status
    said = [job.answers.get(task.code, {}).get(status.key, "") for task in job.tasks]
    choices = [job.form.choices_of(status).find(str(value)) for value in said]
    meanings = [choice.meaning for choice in choices if choice]
    finished = meanings.count(Meaning.DONE)
    owed = len(job.tasks) - meanings.count(Meaning.EXEMPT)
    rate = f"{_percent(finished, owed)}%" if owed else "—"
    filled = sum(1 for value in said if value != "")
    return (
        f"共 {len(job.tasks)} 项，已填 {filled} 项，已完成 {finished} 项，完成率 {rate}"
    )


def _percent(part: int, whole: int) -> int:
    """Round half up, as Excel's TEXT does."""
    return (200 * part + whole) // (2 * whole)


def _criterion(value: str) -> str:
    """Write a COUNTIF criterion that means ``value`` and nothing like it."""
    for special in "~*?":
        value = value.replace(special, f"~{special}")
    return "=" + value.replace('"', '""')
