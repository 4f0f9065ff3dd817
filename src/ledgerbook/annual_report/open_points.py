"""List what must be settled before the draft is a report (起草说明)."""

from __future__ import annotations

from collections import Counter, defaultdict
from collections.abc import Iterator, Mapping, Sequence
from datetime import date

from ledgerbook.annual_report import published_tables
from ledgerbook.annual_report.draft import AnnexItem, OpenPoint, ReportPart, SentenceSource
from ledgerbook.annual_report.published_tables import TableCell
from ledgerbook.annual_report.report_checks import (
    RULES,
    Agreement,
    CheckedIdentity,
    DoubtfulEntry,
    ReportFigures,
    describe_doubtful_entry,
)
from ledgerbook.annual_report.sentences import (
    DISCLOSURE,
    NEXT_STEP,
    REASON,
    RESULT,
    ReportStatements,
    classify_topic,
    clean_text,
    describe_gap,
)
from ledgerbook.annual_report.table_layouts import TableLayout, format_figure
from ledgerbook.model import Book, StatusCategory, Task
from ledgerbook.model.form_columns import get_answer_header
from ledgerbook.model.results import (
    NOT_ISSUED,
    AssignmentResult,
    Ledger,
    SectionReport,
    SubmissionStatus,
    Urgency,
)
from ledgerbook.text import format_chinese_date, make_storable

# What to say of a section of which nothing could be used in the current round, and where more
# is told of it.
_ABSENCE_TEXTS = {
    SubmissionStatus.MISSING: ("没有报送", ""),
    SubmissionStatus.NOT_ISSUED: ("没有收到下发的表", ""),
    SubmissionStatus.NOT_ACCEPTED: ("报来的表没能汇入", "，见年度汇总的“问题清单”"),
    SubmissionStatus.NOT_READ: (
        "的表程序没能读（程序有错，不是表的问题）",
        "，见年度汇总的“问题清单”",
    ),
    SubmissionStatus.RETURNED_EMPTY: ("交的是空表", ""),
}
# Words by which a section speaks of itself; the report speaks for the whole agency.
_FIRST_PERSON_WORDS = ("本科室", "我科", "本处室", "我处", "本股室", "我股")


# What the draft quotes, by row code and column key.
# Doubtful entries that 起草说明 lists; there may be hundreds, and the summary has them all.
_MAX_DOUBTFUL_ENTRIES = 10

_Sources = Mapping[tuple[str, str], SentenceSource]


def list_open_points(
    statements: ReportStatements,
    report_figures: ReportFigures | None,
    parts: Sequence[ReportPart],
    annex: Sequence[AnnexItem],
    annex_headers: Sequence[str] = (),
) -> tuple[OpenPoint, ...]:
    """List what is open, the most pressing first.

    What is said to be written or not is what the sentences of ``parts`` quote.
    ``annex_headers`` head the columns that the office has added to its form and that
    the annex shows.
    """
    ledger = statements.ledger
    sources = _index_sources(parts)
    return (
        *_check_sections(ledger, sources, annex),
        *_report_tasks_without_section(ledger),
        *_report_tasks_without_result(statements, sources),
        *_report_late_completions(ledger),
        *_check_problems(ledger),
        *_check_tables(report_figures, parts),
        *_check_missing_text(parts),
        *_check_period(ledger),
        *_check_wording(statements, sources, parts),
        *_report_settled_remarks(ledger, sources),
        *_report_unclassified_tasks(statements),
        *_check_unused_wordings(statements, sources),
        *_check_annex(annex_headers),
    )


def _index_sources(parts: Sequence[ReportPart]) -> _Sources:
    return {
        (source.row, source.column): source
        for part in parts
        for sentence in part.sentences
        for source in sentence.sources
    }


def _check_sections(
    ledger: Ledger, sources: _Sources, annex: Sequence[AnnexItem]
) -> Iterator[OpenPoint]:
    """Report sections that sent nothing usable this round, with what the draft has of them."""
    overdue_counts = Counter(
        row.section for row in ledger.assignment_results if row.urgency is Urgency.OVERDUE
    )
    shown_sections = {section for item in annex for section in item.sections}
    shown_sections |= {entry.section for entry in ledger.register_entries}
    quoted: dict[str, list[SentenceSource]] = defaultdict(list)
    for source in sources.values():
        quoted[source.section].append(source)
    for report in ledger.section_reports:
        if report.status not in _ABSENCE_TEXTS:
            continue
        absence, reference = _ABSENCE_TEXTS[report.status]
        open_tasks = _describe_open_tasks(report, overdue_counts[report.section])
        if report.section in quoted:
            origins = _name_origins(ledger.book, quoted[report.section])
            content = f"初稿用的是{origins}，请核实现在是否仍然如此"
        elif report.section in shown_sections:
            content = "正文里没有写它的内容，附件和各表里只有它以前报的"
        else:
            content = "初稿里没有它的内容"
        is_present = report.section in quoted or report.section in shown_sections
        round_name = report.round if is_present else ""
        yield OpenPoint(
            f"{report.section}{open_tasks}{round_name}{absence}，{content}{reference}。",
            is_error=report.status is not SubmissionStatus.NOT_ISSUED or not is_present,
        )


def _name_origins(book: Book, sources: Sequence[SentenceSource]) -> str:
    """Return in words when a section said what is quoted of it, or that the office wrote it."""
    named = {source.round for source in sources if not source.is_adopted}
    rounds = "、".join(round_.name for round_ in book.rounds if round_.name in named)
    origins = (
        f"它{rounds}报的内容" if rounds else "",
        "综合科在台账里代填的内容" if "" in named else "",
        "综合科的采用口径" if any(source.is_adopted for source in sources) else "",
    )
    return "和".join(filter(None, origins))


def _report_tasks_without_section(ledger: Ledger) -> Iterator[OpenPoint]:
    unassigned = [
        summary.task.number for summary in ledger.task_summaries if not summary.assignment_results
    ]
    if unassigned:
        header = get_answer_header(ledger.book.task_form, RESULT)
        yield OpenPoint(f"{_list_task_numbers(unassigned)}没有责任科室，没有人填报{header}。")


def _describe_open_tasks(section_report: SectionReport, overdue_count: int) -> str:
    """Return how many tasks a section has not answered, and how many are overdue."""
    if not section_report.row_count:
        return ""
    overdue_text = f"，其中 {overdue_count} 项已逾期" if overdue_count else ""
    return f"（承担 {section_report.row_count} 项任务{overdue_text}）"


def _report_tasks_without_result(
    statements: ReportStatements, sources: _Sources
) -> Iterator[OpenPoint]:
    # Of a section that the round was not issued to, one line says it.
    reports = statements.ledger.section_reports
    unasked = {r.section for r in reports if r.status is SubmissionStatus.NOT_ISSUED}
    gaps = tuple(
        f"{_name_row(row)}：{reason}。"
        for row in statements.ledger.assignment_results
        if (row.code, RESULT) not in sources
        and not (row.status == NOT_ISSUED and row.section in unasked)
        and (reason := describe_gap(statements, row))
    )
    form = statements.ledger.book.task_form
    header = get_answer_header(form, RESULT)
    if gaps:
        yield OpenPoint(
            f"有 {len(gaps)} 处任务没有可以写成成效的{header}，第一部分没有写。"
            "请催办或核实；要写入的，在年度汇总“科室明细”的“采用口径”里写好再生成。",
            gaps,
        )
    if all(column.key != RESULT for column in form.columns):
        yield OpenPoint(f"台账的“字段”里没有{header}这一栏，第一部分无从写起。")


def _report_late_completions(ledger: Ledger) -> Iterator[OpenPoint]:
    late = [summary for summary in ledger.task_summaries if summary.urgency is Urgency.DONE_LATE]
    if late:
        yield OpenPoint(
            f"{_list_task_numbers([summary.task.number for summary in late])}是过了完成期限才完成的"
            "（超期完成），见年度汇总的“逾期临期”。正文没有写明，要写的请自行补上。",
            is_error=False,
        )


def _check_problems(ledger: Ledger) -> Iterator[OpenPoint]:
    error_count = sum(problem.is_error for problem in ledger.problems)
    if error_count:
        yield OpenPoint(
            f"收回的表里有 {error_count} 个须处理的问题，可能影响初稿的内容，"
            "见年度汇总的“问题清单”。"
        )
    contradiction_count = sum(not conflict.is_withdrawal for conflict in ledger.conflicts)
    if contradiction_count:
        yield OpenPoint(
            f"有 {contradiction_count} 处前后不一致的答复，初稿用的是年度汇总“冲突”里“采用的内容”。"
        )


def _check_tables(
    report_figures: ReportFigures | None, parts: Sequence[ReportPart]
) -> Iterator[OpenPoint]:
    if report_figures is None:
        yield OpenPoint(
            "台账里没有科室登记可以计算年报数字的登记簿，"
            "第二、三、四部分的表全部留空，请按实际填写；没有的填 0。"
        )
        return
    yield from _report_incomplete_registers(report_figures)
    yield from (
        _make_missing_figures_point(part.table, unprovided_cells)
        for part in parts
        if part.table
        and (unprovided_cells := report_figures.list_unprovided_cells(part.table.table))
    )
    yield from _check_broken_identities(report_figures)
    if report_figures.doubtful_entries:
        yield _ask_about_doubtful_entries(report_figures.doubtful_entries)
    yield from _report_differing_identities(report_figures)


def _ask_about_doubtful_entries(doubtful_entries: Sequence[DoubtfulEntry]) -> OpenPoint:
    """Return one point for all of them; beyond some pages the summary is where to look."""
    count = len(doubtful_entries)
    lines = [
        make_storable(describe_doubtful_entry(doubtful))
        for doubtful in doubtful_entries[:_MAX_DOUBTFUL_ENTRIES]
    ]
    if count > len(lines):
        lines.append(
            f"……其余 {count - len(lines)} 条见年度汇总的“年报表二”至“年报表四”，"
            "登记簿各表的“计入年报”一栏也写着。"
        )
    return OpenPoint(f"有 {count} 条登记没有计入各表或计入得有疑问，请逐条核对。", tuple(lines))


def _report_incomplete_registers(report_figures: ReportFigures) -> Iterator[OpenPoint]:
    for register in report_figures.incomplete_registers:
        consequence = (
            "现在的数不是全部"
            if register.is_counted
            else "还算不出来，有关的格已留空并标黄，不要填 0"
        )
        yield OpenPoint(
            f"{'、'.join(register.tables)}由“{register.form.title}”算出，"
            f"承担登记的{register.absence_text}，{consequence}，不能定稿。"
        )
    for carried in report_figures.carried_registers:
        yield OpenPoint(f"{'、'.join(carried.tables)}：{carried.description}", is_error=False)
    for form in report_figures.empty_registers:
        yield OpenPoint(
            f"“{form.title}”报来的表里一条登记也没有，又没有勾选“无内容可报”，"
            "有关的格按 0 计。请向承担登记的科室核实全年确实没有。",
            is_error=False,
        )


def _make_missing_figures_point(layout: TableLayout, cells: Sequence[TableCell]) -> OpenPoint:
    line_names = dict.fromkeys(cell.line for cell in cells)
    names_text = "" if len(cells) == layout.figure_count else f"（{'、'.join(line_names)}）"
    return OpenPoint(
        f"{layout.table} {layout.figure_count} 格中有 {len(cells)}"
        f" 格没有登记簿可以算出{names_text}，"
        "已留空并标黄，请补充；没有的填 0。"
    )


def _check_broken_identities(report_figures: ReportFigures) -> Iterator[OpenPoint]:
    broken = [
        checked
        for checked in report_figures.checked_identities
        if checked.agreement is Agreement.BROKEN
    ]
    if broken:
        yield OpenPoint(
            f"各表的勾稽关系有 {len(broken)} 处不成立，改正登记后重新生成。",
            tuple(map(_describe_checked_identity, broken)),
        )
    all_figures = {**report_figures.figures, **report_figures.office_figures}
    if report_figures.impossible_cells:
        yield OpenPoint(
            f"有 {len(report_figures.impossible_cells)} 个数字不可能对（{RULES[8]}）。",
            tuple(
                f"{cell}：{format_figure(all_figures[cell])}。"
                for cell in report_figures.impossible_cells
            ),
        )


def _describe_checked_identity(checked: CheckedIdentity) -> str:
    identity = checked.identity
    left, right = format_figure(checked.left), format_figure(checked.right)
    return (
        f"{identity.table}“{identity.subject}”：{RULES[identity.number]}，"
        f"左边是 {left}，右边是 {right}。"
    )


def _report_differing_identities(report_figures: ReportFigures) -> Iterator[OpenPoint]:
    differing = [
        checked
        for checked in report_figures.checked_identities
        if checked.agreement is Agreement.DIFFERS
    ]
    if differing:
        yield OpenPoint(
            f"与上年年报或公开目录相比，有 {len(differing)} 处对不上，"
            "请核对；确有原因的，准备好说明。",
            tuple(map(_describe_checked_identity, differing)),
            is_error=False,
        )
    if set(published_tables.REFERENCE_CELLS.values()) - report_figures.office_figures.keys():
        yield OpenPoint(
            "台账里没有填全上年年报和公开目录的数字，跨年的勾稽关系没有全部核对。",
            is_error=False,
        )


def _check_missing_text(parts: Sequence[ReportPart]) -> Iterator[OpenPoint]:
    for part in parts:
        empty_headings = [passage.heading for passage in part.passages if not passage.paragraphs]
        if empty_headings:
            yield OpenPoint(
                f"“{part.heading}”的“{'”“'.join(empty_headings)}”没有可以写入的填报内容，"
                "文中留了空，请补充。"
            )
        if part.missing:
            yield OpenPoint(
                f"“{part.heading}”里收取信息处理费的情况没有登记，文中留了空，请补充。",
                is_error=False,
            )


def _check_period(ledger: Ledger) -> Iterator[OpenPoint]:
    if ledger.as_of < date(ledger.book.year, 12, 31):
        yield OpenPoint(
            f"初稿按 {format_chinese_date(ledger.as_of)}的汇总生成，统计期限到 "
            f"{ledger.book.year}年12月31日，定稿前请收齐全年的数据再生成一次。",
            is_error=False,
        )


def _check_wording(
    statements: ReportStatements, sources: _Sources, parts: Sequence[ReportPart]
) -> Iterator[OpenPoint]:
    form = statements.ledger.book.task_form
    result_header = get_answer_header(form, RESULT)
    written = [
        (row, sources[row.code, RESULT])
        for row in statements.ledger.assignment_results
        if (row.code, RESULT) in sources
    ]
    changed = [row for row, _ in written if statements.has_changed_since_adopted(row)]
    if changed:
        yield OpenPoint(
            "下列任务写好“采用口径”以后，科室填报的内容又有改动，初稿仍用原来的口径，请核对："
            f"{_list_rows(changed)}。"
        )
    in_progress = [
        row
        for row, source in written
        if row.category is StatusCategory.IN_PROGRESS and not source.is_adopted
    ]
    if in_progress:
        yield OpenPoint(
            f"下列任务还在推进中，{result_header}照科室原话写入第一部分，请核对进度和措辞："
            f"{_list_rows(in_progress)}。",
            is_error=False,
        )
    first_person = [
        row
        for row, _ in written
        if any(word in statements.get_result(row) for word in _FIRST_PERSON_WORDS)
    ]
    if first_person:
        yield OpenPoint(
            f"下列{result_header}是科室的口吻（“本科室”“我科”等），请改成本机关的口吻："
            f"{_list_rows(first_person)}。",
            is_error=False,
        )
    reason_count = sum(
        any(source.column == REASON for sentence in paragraph for source in sentence.sources)
        for part in parts
        for passage in part.passages
        for paragraph in passage.paragraphs
    )
    if reason_count:
        yield OpenPoint(
            f"第五部分的问题照 {reason_count} 项任务的“{get_answer_header(form, REASON)}”写成，"
            "请归纳成本机关的问题，并与上年年报的改进情况衔接。",
            is_error=False,
        )


def _report_settled_remarks(ledger: Ledger, sources: _Sources) -> Iterator[OpenPoint]:
    """Name the rows whose reasons or next steps are not quoted: the tasks are settled."""
    for key in (REASON, NEXT_STEP):
        settled = [
            row
            for row in ledger.assignment_results
            if clean_text(row.get_text(key))
            and (row.code, key) not in sources
            and row.category is not StatusCategory.NOT_APPLICABLE
        ]
        if settled:
            yield OpenPoint(
                f"下列任务已经办结或长期推进，填的“{get_answer_header(ledger.book.task_form, key)}”"
                f"没有写入第五部分：{_list_rows(settled)}。",
                is_error=False,
            )


def _report_unclassified_tasks(statements: ReportStatements) -> Iterator[OpenPoint]:
    unclassified = [
        summary.task
        for summary in statements.ledger.task_summaries
        if classify_topic(summary.task) is None
    ]
    if unclassified:
        yield OpenPoint(
            f"下列任务从文字上分不出属于五个方面的哪一方面，暂放在“{DISCLOSURE}”，请看是否合适。",
            tuple(f"第{task.number}项：{_shorten_measure(task)}" for task in unclassified),
            is_error=False,
        )


def _check_unused_wordings(statements: ReportStatements, sources: _Sources) -> Iterator[OpenPoint]:
    unused = sorted(code for code in statements.adopted_wordings if (code, RESULT) not in sources)
    if unused:
        yield OpenPoint(
            f"汇总里有 {len(unused)} 条“采用口径”所在的行已不在台账中，没有用上："
            f"{make_storable('、'.join(unused))}。",
            is_error=False,
        )


def _check_annex(headers: Sequence[str]) -> Iterator[OpenPoint]:
    """Ask whether answers of the office's own columns may be published."""
    if headers:
        yield OpenPoint(
            f"附件里列了本单位另设的栏目“{'”“'.join(headers)}”，不宜公开的，请在附件里删去这些列。",
            is_error=False,
        )


_MAX_MEASURE_LENGTH = 40


def _shorten_measure(task: Task) -> str:
    measure = make_storable(task.measure).replace("\n", "")
    return measure if len(measure) <= _MAX_MEASURE_LENGTH else f"{measure[:_MAX_MEASURE_LENGTH]}……"


def _name_row(row: AssignmentResult) -> str:
    return f"第{row.task.number}项（{row.section}）"


def _list_rows(rows: Sequence[AssignmentResult]) -> str:
    """Return the rows by task number, the sections of each together."""
    by_task: dict[int, list[str]] = {}
    for row in rows:
        by_task.setdefault(row.task.number, []).append(row.section)
    return "、".join(
        f"第{number}项（{'、'.join(sections)}）" for number, sections in by_task.items()
    )


def _list_task_numbers(numbers: Sequence[int]) -> str:
    return f"第 {'、'.join(map(str, numbers))} 项任务"
