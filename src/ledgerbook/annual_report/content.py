"""Build the draft of the annual report: its six parts and its annex.

The six headings, and the five topics of part one, are those of
《政府信息公开工作年度报告格式》(国办公开办函〔2021〕30号).
"""

from __future__ import annotations

from collections.abc import Callable, Iterator, Mapping, Sequence

from ledgerbook.annual_report import table_layouts
from ledgerbook.annual_report.draft import AnnexHeaders, AnnexItem, Passage, ReportDraft, ReportPart
from ledgerbook.annual_report.open_points import list_open_points
from ledgerbook.annual_report.report_checks import compute_report_figures
from ledgerbook.annual_report.sentences import (
    DISCLOSURE,
    NEXT_STEP,
    REASON,
    RESULT,
    TOPICS,
    AdoptedWording,
    ReportStatements,
    classify_topic,
    clean_text,
    collect_statements,
    compose_remarks,
    compose_results,
)
from ledgerbook.chinese_numerals import format_numeral
from ledgerbook.model import Book, Column, ColumnSource, Form, Role, StatusCategory, Task
from ledgerbook.model.form_columns import (
    get_answer_header,
    get_official_header,
    get_status_header,
    list_added_columns,
)
from ledgerbook.model.results import (
    NO_RESPONSIBLE_SECTION,
    NOT_FILLED,
    NOT_ISSUED,
    NOT_READ,
    NOT_RETURNED,
    AssignmentResult,
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
# What stands in a passage without a sentence, with the header of the column that is blank.
NO_RESULTS = "【本节没有可以写入的{header}，请补充。】"
NO_REASON = "【没有可以写入的{header}，请归纳本年度存在的主要问题。】"
NO_NEXT_STEP = "【没有可以写入的{header}，请补充改进情况。】"
NO_FEES = (
    "【本年度收取信息处理费的情况没有登记，请补充；没有收取的，也请写明。"
    "没有其他需要报告的事项的，请写明。】"
)
_PENDING_STATUSES = (NOT_RETURNED, NOT_ISSUED, NOT_READ, NOT_FILLED, NO_RESPONSIBLE_SECTION)


def suggest_draft_name(book: Book) -> str:
    """Return the file name of the draft where the office gives none."""
    return f"{book.year}年报初稿.docx"


def build_draft(
    ledger: Ledger, adopted_wordings: Mapping[str, AdoptedWording] | None = None
) -> ReportDraft:
    """Build the draft; ``adopted_wordings`` are the office's wordings by row code."""
    book, report_figures = ledger.book, compute_report_figures(ledger)
    statements = collect_statements(ledger, adopted_wordings or {})
    parts = _build_parts(statements, report_figures.figures if report_figures else {})
    added_columns = _list_annex_columns(ledger)
    annex_headers = _build_annex_headers(book.task_form, added_columns)
    annex = tuple(
        _build_annex_item(statements, summary, added_columns) for summary in ledger.task_summaries
    )
    return ReportDraft(
        agency=clean_text(book.agency),
        year=book.year,
        as_of=ledger.as_of,
        opening=_compose_opening(book),
        parts=parts,
        annex_headers=annex_headers,
        annex=annex,
        open_points=list_open_points(statements, report_figures, parts, annex, annex_headers.added),
    )


def _compose_opening(book: Book) -> str:
    return (
        "根据《中华人民共和国政府信息公开条例》和国务院办公厅政府信息与政务公开办公室"
        "规定的年度报告格式（国办公开办函〔2021〕30号），现公布"
        f"{clean_text(book.agency)}{book.year}年政府信息公开工作年度报告。"
        f"本报告所列数据的统计期限自{book.year}年1月1日起至{book.year}年12月31日止。"
    )


def _build_parts(
    statements: ReportStatements, figures: table_layouts.TableFigures
) -> tuple[ReportPart, ...]:
    book = statements.ledger.book
    first, second, third, fourth, fifth, sixth = HEADINGS
    result_header = get_answer_header(book.task_form, RESULT)
    lead = (
        f"{book.year}年政务公开工作要点共{len(book.tasks)}项，{result_header}见附件。"
        if book.tasks
        else ""
    )
    return (
        ReportPart(first, lead, _build_topic_passages(statements)),
        ReportPart(second, table=table_layouts.build_disclosure_table(figures)),
        ReportPart(third, table=table_layouts.build_application_table(figures)),
        ReportPart(fourth, table=table_layouts.build_contest_table(figures)),
        ReportPart(
            fifth,
            passages=(
                Passage(
                    "（一）存在的主要问题",
                    compose_remarks(statements, REASON),
                    NO_REASON.format(header=get_answer_header(book.task_form, REASON)),
                ),
                Passage(
                    "（二）改进情况",
                    compose_remarks(statements, NEXT_STEP),
                    NO_NEXT_STEP.format(header=get_answer_header(book.task_form, NEXT_STEP)),
                ),
            ),
        ),
        ReportPart(sixth, missing=NO_FEES),
    )


def _build_topic_passages(statements: ReportStatements) -> tuple[Passage, ...]:
    """Return a passage for each topic, with a paragraph for each of its tasks."""
    by_topic: dict[str, list[Task]] = {topic: [] for topic in TOPICS}
    for summary in statements.ledger.task_summaries:
        by_topic[classify_topic(summary.task) or DISCLOSURE].append(summary.task)
    result_header = get_answer_header(statements.ledger.book.task_form, RESULT)
    missing_text = NO_RESULTS.format(header=result_header)
    return tuple(
        Passage(
            f"（{format_numeral(number)}）{topic}",
            tuple(filter(None, (compose_results(statements, task.code) for task in tasks))),
            missing_text,
        )
        for number, (topic, tasks) in enumerate(by_topic.items(), 1)
    )


def _list_annex_columns(ledger: Ledger) -> tuple[Column, ...]:
    """Return the columns that the office has added and that somebody has answered."""
    return tuple(
        column
        for column in list_added_columns(ledger.book.task_form)
        if any(clean_text(row.get_text(column.key)) for row in ledger.assignment_results)
    )


def _build_annex_headers(form: Form, added_columns: Sequence[Column]) -> AnnexHeaders:
    point_header = get_official_header(form, ColumnSource.KEY_POINT)
    measure_header = get_official_header(form, ColumnSource.MEASURE)
    return AnnexHeaders(
        number=clean_text(get_official_header(form, ColumnSource.NUMBER)),
        task=clean_text(f"{point_header}和{measure_header}"),
        units="责任科室",
        status=clean_text(get_status_header(form)),
        result=clean_text(get_answer_header(form, RESULT)),
        added=tuple(clean_text(column.header) for column in added_columns),
    )


def _build_annex_item(
    statements: ReportStatements, summary: TaskSummary, added_columns: Sequence[Column]
) -> AnnexItem:
    task, rows = summary.task, summary.assignment_results
    result = _quote_sections(rows, statements.get_result)
    return AnnexItem(
        number=task.number,
        requirement=clean_text(task.requirement),
        point=clean_text(task.point),
        measure=clean_text(task.measure),
        units=_format_units(statements.ledger.book, task),
        status=clean_text(summary.status),
        result=result,
        sections=tuple(
            row.section
            for row in rows
            if statements.get_result(row)
            or any(clean_text(row.get_text(column.key)) for column in added_columns)
        ),
        is_pending=summary.status in _PENDING_STATUSES
        or (not result and summary.category is not StatusCategory.NOT_APPLICABLE),
        added=tuple(_quote_column(rows, column) for column in added_columns),
    )


def _quote_column(rows: Sequence[AssignmentResult], column: Column) -> str:
    return _quote_sections(rows, lambda row: clean_text(row.get_text(column.key)))


def _quote_sections(
    rows: Sequence[AssignmentResult], get_text: Callable[[AssignmentResult], str]
) -> str:
    """Return what the sections say, a line for each text, the names of the sections first."""
    sections_by_text: dict[str, list[str]] = {}
    for row in rows:
        if text := get_text(row):
            sections_by_text.setdefault(text, []).append(row.section)
    return "\n".join(f"{'、'.join(names)}：{text}" for text, names in sections_by_text.items())


def _format_units(book: Book, task: Task) -> str:
    """Return the sections of a task; those that only implement it stand without a role."""
    sections_by_role = {
        role: [assignment.section for assignment in task.assignments if assignment.role is role]
        for role in Role
    }
    role_texts = (
        _join_sections(book, names) + ("" if role is Role.IMPLEMENT else role)
        for role, names in sections_by_role.items()
        if names
    )
    return clean_text("\n".join(role_texts))


def _join_sections(book: Book, names: Sequence[str]) -> str:
    is_everyone = len(names) > 1 and set(names) == set(book.section_names)
    return "各科室" if is_everyone else "、".join(names)


# --- the lines on the screen once a draft is written ---


def describe_draft(draft: ReportDraft) -> Iterator[str]:
    """Yield lines for the screen: what was written, and how much is still open."""
    source_count = sum(len(sentence.sources) for sentence in draft.sentences)
    tables = [part.table for part in draft.parts if part.table]
    figure_count = sum(table.figure_count for table in tables)
    missing_count = sum(table.missing_count for table in tables)
    yield (
        f"{draft.title}初稿：{len(draft.sentences)} 句话出自 {source_count} 处填报，"
        f"表二至表四的 {figure_count} 格填了 {figure_count - missing_count} 格，"
        f"附件列了 {len(draft.annex)} 项工作要点。"
    )
    error_count = sum(point.is_error for point in draft.open_points)
    if not draft.open_points:
        yield "没有需要处理的事项。"
        return
    yield (
        f"需要处理的事项 {len(draft.open_points)} 件，列在初稿最前面的“起草说明”页"
        + (f"，其中 {error_count} 件不处理不能定稿：" if error_count else "。")
    )
    yield from (f"  · {point.text}" for point in draft.open_points if point.is_error)
