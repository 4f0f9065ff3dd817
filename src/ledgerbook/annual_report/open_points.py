"""What must be settled before the draft is a report: nothing is passed over."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from datetime import date

from ledgerbook.annual_report import published_tables
from ledgerbook.annual_report.draft import OpenPoint, ReportPart
from ledgerbook.annual_report.grids import TableLayout, figure_text
from ledgerbook.annual_report.report_checks import (
    RULES,
    Agreement,
    CheckedIdentity,
    ReportFigures,
    doubt_text,
)
from ledgerbook.annual_report.sentences import (
    DISCLOSURE,
    RESULT,
    Voices,
    gap,
    remarks,
    topic_of,
)
from ledgerbook.model import StatusCategory, Task
from ledgerbook.model.results import (
    AssignmentResult,
    Ledger,
    SectionReport,
    SubmissionStatus,
    Urgency,
)
from ledgerbook.text import chinese_date, storable

_STANDINGS = {
    SubmissionStatus.MISSING: "没有报送，初稿里没有它的内容",
    SubmissionStatus.HELD: (
        "报来的表没能汇入，初稿里没有它的内容，见年度汇总的“问题清单”"
    ),
    SubmissionStatus.NOTHING: "交的是空表，初稿里没有它的内容",
}
# Words by which a section speaks of itself; the report speaks for the whole agency.
_OWN_VOICE = ("本科室", "我科", "本处室", "我处", "本股室", "我股")


def questions(
    heard: Voices, report: ReportFigures | None, parts: Sequence[ReportPart]
) -> tuple[OpenPoint, ...]:
    """List what is open, the most pressing first."""
    ledger = heard.ledger
    return (
        *_sections(ledger),
        *_gaps(heard),
        *_problems(ledger),
        *_tables(report, parts),
        *_missing(parts),
        *_period(ledger),
        *_wording(heard),
        *_topics(heard),
        *_lost(heard),
    )


def _sections(ledger: Ledger) -> Iterator[OpenPoint]:
    for one in ledger.sections:
        if one.standing in _STANDINGS:
            owed = _owed(ledger, one)
            yield OpenPoint(f"{one.section}{owed}{_STANDINGS[one.standing]}。")
    orphans = [o.task.number for o in ledger.outcomes if not o.rows]
    if orphans:
        yield OpenPoint(f"{_numbers(orphans)}没有责任科室，没有人填报落实情况。")


def _owed(ledger: Ledger, one: SectionReport) -> str:
    """Say how many tasks a section has left unanswered, and how many are overdue."""
    if not one.rows:
        return ""
    own = (row for row in ledger.rows if row.section == one.section)
    late = sum(row.urgency is Urgency.OVERDUE for row in own)
    overdue = f"，其中 {late} 项已逾期" if late else ""
    return f"（承担 {one.rows} 项任务{overdue}）"


def _gaps(heard: Voices) -> Iterator[OpenPoint]:
    found = tuple(
        f"{_named(row)}：{why}。"
        for row in heard.ledger.rows
        if (why := gap(heard, row))
    )
    if found:
        yield OpenPoint(
            f"有 {len(found)} 处任务没有可以写成成效的落实情况，第一部分没有写。"
            "请催办或核实；要写入的，在年度汇总“科室明细”的“采用口径”里写好再生成。",
            found,
        )
    if all(column.key != RESULT for column in heard.ledger.book.form.columns):
        yield OpenPoint("台账的“字段”里没有落实情况这一栏，第一部分无从写起。")


def _problems(ledger: Ledger) -> Iterator[OpenPoint]:
    grave = sum(problem.grave for problem in ledger.problems)
    if grave:
        yield OpenPoint(
            f"收回的表里有 {grave} 个须处理的问题，可能影响初稿的内容，"
            "见年度汇总的“问题清单”。"
        )
    if ledger.conflicts:
        yield OpenPoint(
            f"有 {len(ledger.conflicts)} 处前后不一致的答复，初稿用的是后保存的，"
            "见年度汇总的“冲突”。"
        )


def _tables(
    report: ReportFigures | None, parts: Sequence[ReportPart]
) -> Iterator[OpenPoint]:
    if report is None:
        yield OpenPoint(
            "台账里没有科室登记可以计算年报数字的登记簿，"
            "第二、三、四部分的表全部留空，请按实际填写；没有的填 0。"
        )
        return
    yield from (_blanks(part.table) for part in parts if part.table and _asks(part))
    yield from _broken(report)
    if report.doubts:
        yield OpenPoint(
            f"有 {len(report.doubts)} 条登记没有计入各表或计入得有疑问，请逐条核对。",
            tuple(storable(doubt_text(one)) for one in report.doubts),
        )
    yield from _to_compare(report)


def _asks(part: ReportPart) -> bool:
    return part.table is not None and part.table.asked > 0


def _blanks(grid: TableLayout) -> OpenPoint:
    lines = [name for name, *values in grid.plain if "" in values]
    named = "" if grid.asked == grid.figures else f"（{'、'.join(lines)}）"
    return OpenPoint(
        f"{grid.table} {grid.figures} 格中有 {grid.asked} 格没有登记簿可以算出{named}，"
        "已留空并标黄，请补充；没有的填 0。"
    )


def _broken(report: ReportFigures) -> Iterator[OpenPoint]:
    broken = [c for c in report.checked if c.agreement is Agreement.BROKEN]
    if broken:
        yield OpenPoint(
            f"各表的勾稽关系有 {len(broken)} 处不成立，改正登记后重新生成。",
            tuple(map(_compared, broken)),
        )
    known = {**report.figures, **report.given}
    if report.odd:
        yield OpenPoint(
            f"有 {len(report.odd)} 个数字不可能对（{RULES[8]}）。",
            tuple(f"{spot}：{figure_text(known[spot])}。" for spot in report.odd),
        )


def _compared(one: CheckedIdentity) -> str:
    rule = one.identity
    left, right = figure_text(one.left), figure_text(one.right)
    return (
        f"{rule.table}“{rule.about}”：{RULES[rule.number]}，"
        f"左边是 {left}，右边是 {right}。"
    )


def _to_compare(report: ReportFigures) -> Iterator[OpenPoint]:
    differ = [c for c in report.checked if c.agreement is Agreement.DIFFERS]
    if differ:
        yield OpenPoint(
            f"与上年年报或公开目录相比，有 {len(differ)} 处对不上，"
            "请核对；确有原因的，准备好说明。",
            tuple(map(_compared, differ)),
            grave=False,
        )
    if set(published_tables.REFERENCE.values()) - report.given.keys():
        yield OpenPoint(
            "台账里没有填全上年年报和公开目录的数字，跨年的勾稽关系没有全部核对。",
            grave=False,
        )


def _missing(parts: Sequence[ReportPart]) -> Iterator[OpenPoint]:
    for part in parts:
        empty = [one.heading for one in part.passages if not one.paragraphs]
        if empty:
            yield OpenPoint(
                f"“{part.heading}”的“{'”“'.join(empty)}”没有科室填报的内容，"
                "文中留了空，请补充。"
            )
        if part.missing:
            yield OpenPoint(
                f"“{part.heading}”里收取信息处理费的情况没有登记，文中留了空，请补充。",
                grave=False,
            )


def _period(ledger: Ledger) -> Iterator[OpenPoint]:
    if ledger.as_of < date(ledger.book.year, 12, 31):
        yield OpenPoint(
            f"初稿按 {chinese_date(ledger.as_of)}的汇总生成，统计期限到 "
            f"{ledger.book.year}年12月31日，定稿前请收齐全年的数据再生成一次。",
            grave=False,
        )


def _wording(heard: Voices) -> Iterator[OpenPoint]:
    told = [row for row in heard.ledger.rows if heard.achieved(row)]
    own = [row for row in told if not heard.adopts(row)]
    doing = [row for row in own if row.meaning is StatusCategory.DOING]
    if doing:
        yield OpenPoint(
            "下列任务还在推进中，落实情况照科室原话写入第一部分，请核对进度和措辞："
            f"{_listed(doing)}。",
            grave=False,
        )
    spoken = [
        row for row in told if any(word in heard.result(row) for word in _OWN_VOICE)
    ]
    if spoken:
        yield OpenPoint(
            "下列落实情况是科室的口吻（“本科室”“我科”等），请改成本机关的口吻："
            f"{_listed(spoken)}。",
            grave=False,
        )
    reasons = len(remarks(heard, "reason"))
    if reasons:
        yield OpenPoint(
            f"第五部分的问题照 {reasons} 项任务的“未完成原因”写成，"
            "请归纳成本机关的问题，并与上年年报的改进情况衔接。",
            grave=False,
        )


def _topics(heard: Voices) -> Iterator[OpenPoint]:
    unplaced = [o.task for o in heard.ledger.outcomes if topic_of(o.task) is None]
    if unplaced:
        yield OpenPoint(
            f"下列任务从文字上分不出属于五个方面的哪一方面，暂放在“{DISCLOSURE}”，"
            "请看是否合适。",
            tuple(f"第{t.number}项：{_brief(t)}" for t in unplaced),
            grave=False,
        )


def _lost(heard: Voices) -> Iterator[OpenPoint]:
    codes = {row.code for row in heard.ledger.rows}
    lost = sorted(set(heard.adopted) - codes)
    if lost:
        yield OpenPoint(
            f"汇总里有 {len(lost)} 条“采用口径”所在的行已不在台账中，没有用上："
            f"{storable('、'.join(lost))}。",
            grave=False,
        )


_BRIEF = 40


def _brief(task: Task) -> str:
    words = storable(task.measure).replace("\n", "")
    return words if len(words) <= _BRIEF else f"{words[:_BRIEF]}……"


def _named(row: AssignmentResult) -> str:
    return f"第{row.task.number}项（{row.section}）"


def _listed(rows: Sequence[AssignmentResult]) -> str:
    """Name rows by task, the sections of each together."""
    by_task: dict[int, list[str]] = {}
    for row in rows:
        by_task.setdefault(row.task.number, []).append(row.section)
    return "、".join(f"第{n}项（{'、'.join(who)}）" for n, who in by_task.items())


def _numbers(numbers: Sequence[int]) -> str:
    return f"第 {'、'.join(map(str, numbers))} 项任务"
