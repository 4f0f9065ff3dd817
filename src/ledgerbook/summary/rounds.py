"""各批次进展 and 历次填报: how the year went from round to round."""

from __future__ import annotations

from ledgerbook.ledger import Earlier, Ledger, RoundReport
from ledgerbook.model import Form, Meaning
from ledgerbook.summary.lists import Numbered, draw_list, number, numbered, origin
from ledgerbook.summary.sheet import Canvas
from ledgerbook.summary.table import Field
from ledgerbook.text import chinese_date


def draw_rounds(canvas: Canvas, ledger: Ledger) -> None:
    """Draw a line for each round so far: who returned, how things stood at its end."""
    note = (
        f"汇总日期：{chinese_date(ledger.as_of)}。状态各栏是该批次结束时的累计情况"
        "（科室任务，件）：该批次没有再报的，沿用以前批次报的。"
    )
    fields = _round_fields(ledger.book.form)
    empty = "还没有收到任何批次的报送表。"
    draw_list(canvas, ("各批次进展", note), fields, numbered(ledger.rounds), empty)


def _round_fields(form: Form) -> tuple[Field[Numbered[RoundReport]], ...]:
    return (
        Field("序号", 5, number, "center"),
        Field("批次", 13, lambda i: i[1].round, "center"),
        Field("应报日期", 11.5, lambda i: i[1].due, "center"),
        Field("已报科室数", 8, lambda i: len(i[1].returned), "center"),
        Field("未报科室", 30, lambda i: "、".join(i[1].missing) or "无"),
        Field("科室任务数", 8, lambda i: i[1].rows, "center"),
        *(_counted(form, meaning) for meaning in Meaning),
        Field("未填或未报", 9, _unsaid, "center"),
        Field("完成率", 9, _rate, "center"),
    )


def _counted(form: Form, meaning: Meaning) -> Field[Numbered[RoundReport]]:
    """Count one meaning under the office's own words for it."""
    choices = form.choices_of(form.status).choices
    words = "、".join(c.value for c in choices if c.meaning is meaning)
    return Field(words or meaning.value, 9, lambda i: i[1].meanings[meaning], "center")


def _unsaid(item: Numbered[RoundReport]) -> int:
    one = item[1]
    return one.rows - sum(one.meanings.values())


def _rate(item: Numbered[RoundReport]) -> str:
    one = item[1]
    owed = one.rows - one.meanings[Meaning.EXEMPT]
    return f"{one.meanings[Meaning.DONE] / owed:.1%}" if owed else "—"


_HISTORY: tuple[Field[Numbered[Earlier]], ...] = (
    Field("序号", 5, number, "center"),
    Field("科室", 12, lambda i: i[1].section, "center"),
    Field("任务序号", 6, lambda i: i[1].subject.number, "center"),
    Field("计划措施或登记内容", 30, lambda i: i[1].subject.words),
    Field("栏目", 11, lambda i: i[1].column, "center"),
    Field("批次", 11, lambda i: i[1].round, "center"),
    Field("当时填的内容", 32, lambda i: i[1].answer.text),
    Field("出处", 24, lambda i: origin(i[1].answer, i[1].saved_at)),
    Field("现在的内容", 32, lambda i: f"【{i[1].now_round}】{i[1].now.text}"),
)


def draw_history(canvas: Canvas, ledger: Ledger) -> None:
    """Draw what earlier rounds said that a later one has replaced."""
    note = (
        "以前批次填过、后来的批次又有新内容的，当时的内容保留在此处，"
        f"共 {len(ledger.history)} 处。汇总采用最新批次的内容。"
    )
    empty = "以前批次的内容没有变化。"
    items = numbered(ledger.history)
    draw_list(canvas, ("历次填报", note), _HISTORY, items, empty)
