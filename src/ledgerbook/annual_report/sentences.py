"""The sentences of parts one and five: what the sections said, each traced.

No word is added: what a section wrote stands as it wrote it, or as the office has
decided under 采用口径, and ends with a full stop.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from dataclasses import dataclass, replace

from ledgerbook.annual_report.draft import Paragraph, Sentence, Trace
from ledgerbook.model import StatusCategory, Task
from ledgerbook.model.problems import Place
from ledgerbook.model.results import (
    NIL,
    NOT_FILLED,
    NOT_RETURNED,
    AssignmentResult,
    Ledger,
    Urgency,
)
from ledgerbook.text import squash, storable

# Columns of the task ledger, by key: their headers are the office's to change.
RESULT, REASON, NEXT_STEP = "result", "reason", "next_step"

# What may be told as achieved; 推进中 in the section's own words of how far it is.
_ACHIEVED = (StatusCategory.DONE, StatusCategory.ONGOING, StatusCategory.DOING)
_STATES = {NOT_FILLED: "没有选完成状态", NIL: "报的是零报告"}
_STOPS, _CLOSERS = "。！？；…!?;", "”’）》」』)]\"'"


@dataclass(frozen=True, slots=True)
class Voices:
    """What was said: the rows, the office's wordings by row code, the files' rounds."""

    ledger: Ledger
    adopted: Mapping[str, str]
    rounds: Mapping[str, str]

    def adopts(self, row: AssignmentResult) -> bool:
        return bool(self.adopted.get(row.code, "").strip())

    def result(self, row: AssignmentResult) -> str:
        """Return the wording that counts: the office's before the section's."""
        own = clean(self.adopted.get(row.code, ""))
        return own or clean(row.text(RESULT))

    def achieved(self, row: AssignmentResult) -> bool:
        """Whether a row is told in part one; what the office has worded always is."""
        if self.adopts(row):
            return True
        done = row.meaning in _ACHIEVED and row.urgency is not Urgency.OVERDUE
        return done and bool(self.result(row))


def voices(ledger: Ledger, adopted: Mapping[str, str]) -> Voices:
    return Voices(ledger, adopted, {one.name: one.round for one in ledger.files})


def clean(text: str) -> str:
    """Return ``text`` as Word can hold it, without blank lines."""
    lines = (line.strip() for line in storable(text).split("\n"))
    return "\n".join(filter(None, lines))


def results(heard: Voices, code: str) -> Paragraph:
    """Tell what was achieved for the task ``code``."""
    own = (row for row in heard.ledger.rows if row.task.code == code)
    return _together(
        Sentence(ended(heard.result(row)), (_trace(heard, row, RESULT),))
        for row in own
        if heard.achieved(row)
    )


def remarks(heard: Voices, key: str) -> tuple[Paragraph, ...]:
    """Tell what the column ``key`` says, a paragraph a task."""
    paragraphs = (
        _together(
            Sentence(ended(clean(row.text(key))), (_trace(heard, row, key),))
            for row in outcome.rows
            if row.meaning is not StatusCategory.EXEMPT and clean(row.text(key))
        )
        for outcome in heard.ledger.outcomes
    )
    return tuple(filter(None, paragraphs))


def gap(heard: Voices, row: AssignmentResult) -> str:
    """Say why a row is not told in part one; blank where nothing is amiss.

    Sections that have not reported at all are told of by name, not row by row.
    """
    late = row.urgency is Urgency.OVERDUE
    settled = row.status == NOT_RETURNED or row.meaning is StatusCategory.EXEMPT
    if heard.achieved(row) or settled or (row.status == NIL and not late):
        return ""
    state = _STATES.get(row.status, f"完成状态“{row.status}”")
    due = f"已逾期（期限 {row.due}）" if late else ""
    said = "报来的落实情况没有写入第一部分" if heard.result(row) else "没有填落实情况"
    return "，".join(filter(None, (state, due, said)))


def ended(text: str) -> str:
    """End a sentence with a full stop where it has no stop of its own."""
    stop = text.rstrip(_CLOSERS)[-1:]
    return text if stop and stop in _STOPS else f"{text}。"


def _together(said: Iterator[Sentence]) -> Paragraph:
    """Say once what several sections have said in the same words."""
    once: dict[str, Sentence] = {}
    for one in said:
        key = squash(one.text)
        first = once.get(key)
        joined = replace(first, traces=first.traces + one.traces) if first else one
        once[key] = joined
    return tuple(once.values())


def _trace(heard: Voices, row: AssignmentResult, key: str) -> Trace:
    answer = row.answers.get(key)
    place = answer.place if answer else Place()
    adopted = key == RESULT and heard.adopts(row)
    return Trace(
        section=row.section,
        number=row.task.number,
        place=place,
        round=heard.rounds.get(place.file, ""),
        adopted=adopted,
        said=clean(row.text(key)) if adopted else "",
    )


# Which of the five topics of part one a task belongs to, told by its words.
#
# The topics are those that part one must cover (国办公开办函〔2021〕30号). The words
# are those of published plans. What is more special stands first: a task on 保密审查
# of a website is one of 政府信息管理, one on decisions that names the site one of
# 主动公开.
# The annual report itself is under 监督保障, as in chapter five of 政府信息公开条例.

DISCLOSURE, REQUESTS, MANAGEMENT = "主动公开", "依申请公开", "政府信息管理"
PLATFORM, SUPERVISION = "平台建设", "监督保障"
TOPICS = (DISCLOSURE, REQUESTS, MANAGEMENT, PLATFORM, SUPERVISION)

_WORDS: tuple[tuple[str, tuple[str, ...]], ...] = (
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


def topic_of(task: Task) -> str | None:
    """Return the topic that a task's words decide, its measure before its headings.

    None where no word does.
    """
    for words in (task.measure, task.point, task.requirement):
        plain = squash(words)
        for topic, told in _WORDS:
            if any(word in plain for word in told):
                return topic
    return None
