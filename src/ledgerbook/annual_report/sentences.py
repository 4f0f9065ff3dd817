"""Compose the sentences of parts one and five, each with its source.

No word is added: a sentence is what a section wrote, or what the office has decided
under 采用口径, and ends with a full stop. The last part of the module sorts tasks into
the five topics of part one.
"""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, replace

from ledgerbook import identity
from ledgerbook.annual_report.draft import Paragraph, Sentence, SentenceSource
from ledgerbook.model import StatusCategory, Task
from ledgerbook.model.form_columns import get_answer_header, get_status_header
from ledgerbook.model.problems import Place
from ledgerbook.model.results import (
    NIL_RETURN,
    NOT_FILLED,
    NOT_ISSUED,
    NOT_READ,
    NOT_RETURNED,
    AssignmentResult,
    Ledger,
    Urgency,
)
from ledgerbook.text import make_storable, normalize

# Columns of the task ledger, by key: their headers are the office's to change.
RESULT, REASON, NEXT_STEP = "result", "reason", "next_step"

# Categories whose rows are quoted as achieved; of 推进中 the section tells how far it is.
_ACHIEVED_CATEGORIES = (
    StatusCategory.COMPLETED,
    StatusCategory.ONGOING,
    StatusCategory.IN_PROGRESS,
)
_SENTENCE_STOPS, _CLOSING_MARKS = "。！？；…!?;", "”’）》」』)]\"'"


@dataclass(frozen=True, slots=True)
class AdoptedWording:
    """What the office decided to say of a row (采用口径).

    ``fingerprint`` is that of the answers it was typed for; blank where nothing tells.
    """

    text: str
    fingerprint: str = ""


@dataclass(frozen=True, slots=True)
class ReportStatements:
    """What the report quotes: the ledger, and the office's wordings by row code.

    ``rounds`` are the rounds of the files, by file name; ``rows_by_task`` are the rows of the
    ledger by code of the task.
    """

    ledger: Ledger
    adopted_wordings: Mapping[str, AdoptedWording]
    rounds: Mapping[str, str]
    rows_by_task: Mapping[str, Sequence[AssignmentResult]]

    def has_adopted_wording(self, row: AssignmentResult) -> bool:
        return row.code in self.adopted_wordings

    def has_changed_since_adopted(self, row: AssignmentResult) -> bool:
        """Whether the answers of a row are not those that the office worded."""
        wording = self.adopted_wordings.get(row.code)
        fingerprint = wording.fingerprint if wording else ""
        return fingerprint not in ("", identity.compute_row_fingerprint(row.texts))

    def get_result(self, row: AssignmentResult) -> str:
        """Return the wording to quote: the office's, else the section's."""
        wording = self.adopted_wordings.get(row.code)
        return clean_text(wording.text) if wording else self.get_content(row, RESULT)

    def get_content(self, row: AssignmentResult, key: str) -> str:
        """Return what a section wrote; blank where it is none, such as 同上 or 无."""
        text = row.get_text(key)
        return "" if self.ledger.book.task_form.is_empty_answer(text) else clean_text(text)

    def is_achieved(self, row: AssignmentResult) -> bool:
        """Whether a row is quoted in part one; one worded by the office always is."""
        if self.has_adopted_wording(row):
            return True
        is_reportable = row.category in _ACHIEVED_CATEGORIES and row.urgency is not Urgency.OVERDUE
        return is_reportable and bool(self.get_result(row))


def collect_statements(
    ledger: Ledger, adopted_wordings: Mapping[str, AdoptedWording]
) -> ReportStatements:
    """Return what the report quotes of ``ledger``; blank wordings are none."""
    rows_by_task: dict[str, list[AssignmentResult]] = defaultdict(list)
    for row in ledger.assignment_results:
        rows_by_task[row.task.code].append(row)
    return ReportStatements(
        ledger,
        {code: wording for code, wording in adopted_wordings.items() if clean_text(wording.text)},
        {file.name: file.round for file in ledger.file_reports},
        rows_by_task,
    )


def clean_text(text: str) -> str:
    """Return ``text`` as Word can hold it, without blank lines."""
    lines = (line.strip() for line in make_storable(text).split("\n"))
    return "\n".join(filter(None, lines))


def compose_results(statements: ReportStatements, code: str) -> Paragraph:
    """Return the sentences on what was achieved for the task ``code``."""
    task_rows = statements.rows_by_task.get(code, ())
    return _merge_sentences(
        Sentence(
            end_sentence(statements.get_result(row)),
            (_make_sentence_source(statements, row, RESULT),),
        )
        for row in task_rows
        if statements.is_achieved(row)
    )


def compose_remarks(statements: ReportStatements, key: str) -> tuple[Paragraph, ...]:
    """Return a paragraph for each task with the answers in the column ``key`` that still hold."""
    paragraphs = (
        _merge_sentences(
            Sentence(
                end_sentence(statements.get_content(row, key)),
                (_make_sentence_source(statements, row, key),),
            )
            for row in summary.assignment_results
            if is_pending_remark(row, key) and statements.get_content(row, key)
        )
        for summary in statements.ledger.task_summaries
    )
    return tuple(filter(None, paragraphs))


def is_pending_remark(row: AssignmentResult, key: str) -> bool:
    """Whether a row's reason, or its next step, is still one.

    A reason counts while the row is not finished; of a recurring duty also while a turn is
    overdue, whatever the status of the newest turn. A next step counts then too, and of a
    task without an end (长期推进), whose step is always ahead. The next step of a finished
    task has been taken: as 改进情况 it would promise what is done.
    """
    if row.urgency is Urgency.OVERDUE or row.category is None or not row.category.is_closed:
        return True
    return key == NEXT_STEP and row.category is StatusCategory.ONGOING


def describe_gap(statements: ReportStatements, row: AssignmentResult) -> str:
    """Return why a row that is not quoted in part one is missing; blank if nothing is amiss.

    Sections that have not reported at all are named once, not row by row.
    """
    form = statements.ledger.book.task_form
    is_overdue = row.urgency is Urgency.OVERDUE
    is_absent = row.status in (NOT_RETURNED, NOT_READ)
    is_settled = is_absent or row.category is StatusCategory.NOT_APPLICABLE
    if is_settled or (row.status == NIL_RETURN and not is_overdue):
        return ""
    status_text = _describe_status(row.status, get_status_header(form))
    due_text = f"已逾期（期限 {row.due}）" if is_overdue else ""
    header = get_answer_header(form, RESULT)
    result_text = f"没有填{header}"
    if statements.get_result(row):
        result_text = f"报来的{header}没有写入第一部分"
    elif row.get_text(RESULT):
        result_text = f"{header}填的是“{clean_text(row.get_text(RESULT))}”，没有内容"
    return "，".join(filter(None, (status_text, due_text, result_text)))


def _describe_status(status: str, header: str) -> str:
    texts = {
        NOT_FILLED: f"没有选{header}",
        NIL_RETURN: "报的是零报告",
        NOT_ISSUED: "还没有下发给科室",
    }
    return texts.get(status, f"{header}“{status}”")


def end_sentence(text: str) -> str:
    """Return ``text`` with a full stop, unless it ends a sentence already."""
    last_character = text.rstrip(_CLOSING_MARKS)[-1:]
    return text if last_character and last_character in _SENTENCE_STOPS else f"{text}。"


def _merge_sentences(sentences: Iterator[Sentence]) -> Paragraph:
    """Return each sentence once, with the sources of all that are the same."""
    by_text: dict[str, list[Sentence]] = defaultdict(list)
    for sentence in sentences:
        by_text[normalize(sentence.text)].append(sentence)
    return tuple(
        replace(same[0], sources=tuple(source for sentence in same for source in sentence.sources))
        for same in by_text.values()
    )


def _make_sentence_source(
    statements: ReportStatements, row: AssignmentResult, key: str
) -> SentenceSource:
    answer = row.answers.get(key)
    place = answer.place if answer else Place()
    is_adopted = key == RESULT and statements.has_adopted_wording(row)
    return SentenceSource(
        row=row.code,
        column=key,
        section=row.section,
        number=row.task.number,
        place=place,
        round=statements.rounds.get(place.file, ""),
        is_adopted=is_adopted,
        original=clean_text(row.get_text(key)) if is_adopted else "",
    )


# --- the five topics of part one (国办公开办函〔2021〕30号) ---
#
# The words are those of published plans. More special words come first: a task on
# 保密审查 of a website belongs to 政府信息管理, one on decisions that mentions the
# website to 主动公开. The annual report itself belongs to 监督保障, as in chapter 5 of
# 政府信息公开条例.

DISCLOSURE, REQUESTS, MANAGEMENT = "主动公开", "依申请公开", "政府信息管理"
PLATFORM, SUPERVISION = "平台建设", "监督保障"
TOPICS = (DISCLOSURE, REQUESTS, MANAGEMENT, PLATFORM, SUPERVISION)

_TOPIC_WORDS: tuple[tuple[str, tuple[str, ...]], ...] = (
    (REQUESTS, ("依申请公开", "信息公开申请", "申请公开政府信息")),
    (
        SUPERVISION,
        (
            "年度报告",
            "听取",
            "工作力量",
            "工作经费",
            "重点任务台账",
            "工作台账",
            "考核",
            "培训",
            "社会评议",
            "责任追究",
            "督促检查",
            "组织领导",
            "工作要点落实",
        ),
    ),
    (PLATFORM, ("政府公报",)),
    (
        MANAGEMENT,
        (
            "保密审查",
            "三审三校",
            "先审后发",
            "公开方式",
            "规范性文件底数",
            "规范性文件清理",
            "行政法规",
            "行政规章",
            "规范性文件集中公开",
            "公开属性",
            "源头管理",
            "政府信息管理",
            "信息资源",
        ),
    ),
    (
        DISCLOSURE,
        (
            "主动公开",
            "重大行政决策",
            "征求意见",
            "解读",
            "舆情",
            "留言",
            "回应",
            "政策咨询",
            "惠企",
            "公开力度",
            "新闻发布",
            "公开目录",
            "标准化规范化",
        ),
    ),
    (
        PLATFORM,
        (
            "政府网站",
            "门户网站",
            "政务新媒体",
            "公众号",
            "平台建设",
            "公开平台",
            "公开专区",
            "公开专栏",
        ),
    ),
    (MANAGEMENT, ("规范性文件",)),
    (DISCLOSURE, ("信息公开",)),
    (SUPERVISION, ("指导监督", "监督保障", "监督", "保障")),
)


def classify_topic(task: Task) -> str | None:
    """Return the topic that the words of a task decide, its measure before its headings.

    None where no word decides.
    """
    for wording in (task.measure, task.point, task.requirement):
        normalized = normalize(wording)
        for topic, topic_words in _TOPIC_WORDS:
            if any(word in normalized for word in topic_words):
                return topic
    return None
