"""Ledger → Draft: the six parts of the annual report and its annex. Pure.

The six headings, and the five topics of part one, are those of
《政府信息公开工作年度报告格式》(国办公开办函〔2021〕30号).
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence

from ledgerbook.annual_report import grids
from ledgerbook.annual_report.draft import AnnexItem, Passage, ReportDraft, ReportPart
from ledgerbook.annual_report.open_points import questions
from ledgerbook.annual_report.report_checks import annual
from ledgerbook.annual_report.sentences import (
    DISCLOSURE,
    NEXT_STEP,
    REASON,
    TOPICS,
    Voices,
    clean,
    remarks,
    results,
    topic_of,
    voices,
)
from ledgerbook.model import Book, Role, StatusCategory, Task
from ledgerbook.model.results import (
    NOBODY,
    NOT_FILLED,
    NOT_RETURNED,
    Ledger,
    TaskSummary,
)

HEADINGS = (
    "一、总体情况",
    "二、主动公开政府信息情况",
    "三、收到和处理政府信息公开申请情况",
    "四、政府信息公开行政复议、行政诉讼情况",
    "五、存在的主要问题及改进情况",
    "六、其他需要报告的事项",
)
# How they are counted: （一）, （二）…
_COUNTED = "一二三四五"
NOTHING_SAID = "【本节没有科室填报的落实情况，请补充。】"
NO_REASON = "【没有科室填报未完成原因，请归纳本年度存在的主要问题。】"
NO_NEXT_STEP = "【没有科室填报下一步措施，请补充改进情况。】"
NO_FEES = (
    "【本年度收取信息处理费的情况没有登记，请补充；没有收取的，也请写明。"
    "没有其他需要报告的事项的，请写明。】"
)
_UNSETTLED = (NOT_RETURNED, NOT_FILLED, NOBODY)


def draft_name(book: Book) -> str:
    """Return the file name of the draft where the office gives none."""
    return f"{book.year}年报初稿.docx"


def draft(ledger: Ledger, adopted: Mapping[str, str] | None = None) -> ReportDraft:
    """Write the draft; ``adopted`` are the office's wordings by row code."""
    book, report = ledger.book, annual(ledger)
    heard = voices(ledger, adopted or {})
    parts = _parts(heard, report.figures if report else {})
    return ReportDraft(
        agency=clean(book.agency),
        year=book.year,
        as_of=ledger.as_of,
        opening=_opening(book),
        parts=parts,
        annex=tuple(_item(heard, outcome) for outcome in ledger.outcomes),
        questions=questions(heard, report, parts),
    )


def _opening(book: Book) -> str:
    return (
        "根据《中华人民共和国政府信息公开条例》和国务院办公厅政府信息与政务公开办公室"
        "规定的年度报告格式（国办公开办函〔2021〕30号），现公布"
        f"{clean(book.agency)}{book.year}年政府信息公开工作年度报告。"
        f"本报告所列数据的统计期限自{book.year}年1月1日起至{book.year}年12月31日止。"
    )


def _parts(heard: Voices, figures: grids.Figures) -> tuple[ReportPart, ...]:
    book = heard.ledger.book
    first, second, third, fourth, fifth, sixth = HEADINGS
    lead = (
        f"{book.year}年政务公开工作要点共{len(book.tasks)}项，落实情况见附件。"
        if book.tasks
        else ""
    )
    return (
        ReportPart(first, lead, _topics(heard)),
        ReportPart(second, table=grids.disclosed(figures)),
        ReportPart(third, table=grids.applied(figures)),
        ReportPart(fourth, table=grids.contested(figures)),
        ReportPart(
            fifth,
            passages=(
                Passage("（一）存在的主要问题", remarks(heard, REASON), NO_REASON),
                Passage("（二）改进情况", remarks(heard, NEXT_STEP), NO_NEXT_STEP),
            ),
        ),
        ReportPart(sixth, missing=NO_FEES),
    )


def _topics(heard: Voices) -> tuple[Passage, ...]:
    """Sort the tasks by topic, each a paragraph of what was achieved."""
    by_topic: dict[str, list[Task]] = {topic: [] for topic in TOPICS}
    for outcome in heard.ledger.outcomes:
        by_topic[topic_of(outcome.task) or DISCLOSURE].append(outcome.task)
    return tuple(
        Passage(
            f"（{count}）{topic}",
            tuple(filter(None, (results(heard, task.code) for task in tasks))),
            NOTHING_SAID,
        )
        for count, (topic, tasks) in zip(_COUNTED, by_topic.items(), strict=True)
    )


def _item(heard: Voices, outcome: TaskSummary) -> AnnexItem:
    task = outcome.task
    said: dict[str, list[str]] = {}
    for row in outcome.rows:
        if words := heard.result(row):
            said.setdefault(words, []).append(row.section)
    return AnnexItem(
        number=task.number,
        requirement=clean(task.requirement),
        point=clean(task.point),
        measure=clean(task.measure),
        units=_units(heard.ledger.book, task),
        status=clean(outcome.status),
        result="\n".join(f"{'、'.join(who)}：{words}" for words, who in said.items()),
        pending=outcome.status in _UNSETTLED
        or (not said and outcome.meaning is not StatusCategory.EXEMPT),
    )


def _units(book: Book, task: Task) -> str:
    """Say who leads and who supports; those who implement need no word for it."""
    held = {
        role: [a.section for a in task.assignments if a.role is role] for role in Role
    }
    told = (
        _all_of(book, names) + ("" if role is Role.IMPLEMENT else role)
        for role, names in held.items()
        if names
    )
    return clean("\n".join(told))


def _all_of(book: Book, names: Sequence[str]) -> str:
    everyone = len(names) > 1 and set(names) == set(book.section_names)
    return "各科室" if everyone else "、".join(names)


# What is told on the screen once a draft is written.


def sentences(draft: ReportDraft) -> Iterator[str]:
    """Tell what was written, and how much of it is still open."""
    sources = sum(len(sentence.traces) for sentence in draft.sentences)
    grids = [part.table for part in draft.parts if part.table]
    figures, asked = sum(g.figures for g in grids), sum(g.asked for g in grids)
    yield (
        f"{draft.title}初稿：{len(draft.sentences)} 句话出自 {sources} 处填报，"
        f"表二至表四的 {figures} 格填了 {figures - asked} 格，"
        f"附件列了 {len(draft.annex)} 项工作要点。"
    )
    grave = sum(question.grave for question in draft.questions)
    if not draft.questions:
        yield "没有需要处理的事项。"
        return
    yield (
        f"需要处理的事项 {len(draft.questions)} 件，列在初稿最前面的“起草说明”页"
        + (f"，其中 {grave} 件不处理不能定稿：" if grave else "。")
    )
    yield from (f"  · {one.text}" for one in draft.questions if one.grave)
