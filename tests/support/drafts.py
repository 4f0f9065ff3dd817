"""Make drafts of the annual report from small ledgers."""

from __future__ import annotations

import io
from collections.abc import Mapping
from datetime import date
from typing import Any

from docx import Document

from ledgerbook.annual_report import ReportDraft, build_draft, write_draft
from ledgerbook.model.results import Ledger
from tests.support.ledgers import book, ledger, task

OFFICE, FINANCE = "综合科", "金融发展科"
YEAR_END = date(2022, 12, 31)
DONE = {"status": "已完成"}


def make_small_ledger(
    answers: Mapping[tuple[int, str], Mapping[str, str]], **changes: Any
) -> Ledger:
    """Return a ledger with two tasks, on 解读 and on 申请, that both sections have."""
    tasks = (
        task(1, (OFFICE, FINANCE), measure="做好政策解读。", due=changes.get("due")),
        task(2, (OFFICE, FINANCE), measure="规范依申请公开办理。"),
    )
    return ledger(book((OFFICE, FINANCE), tasks), answers, as_of=YEAR_END)


def make_full_answers(words: str = "办好了。") -> dict[tuple[int, str], dict[str, str]]:
    """Return answers of both sections to both tasks, no two texts equal."""
    return {
        (number, section): {**DONE, "result": f"{section}第{number}件{words}"}
        for number in (1, 2)
        for section in (OFFICE, FINANCE)
    }


def make_draft(answers: Mapping[tuple[int, str], Mapping[str, str]], **changes: Any) -> ReportDraft:
    return build_draft(make_small_ledger(answers, **changes))


def list_topic_paragraphs(draft: ReportDraft, heading: str) -> list[str]:
    """Return the paragraphs under one heading of the second level."""
    (topic_passage,) = (
        passage for part in draft.parts for passage in part.passages if passage.heading == heading
    )
    return ["".join(one.text for one in told) for told in topic_passage.paragraphs]


def join_open_points(draft: ReportDraft) -> str:
    """Return all open points as one text."""
    return "\n".join(
        line for question in draft.open_points for line in (question.text, *question.details)
    )


def read_document(draft: ReportDraft) -> Any:
    return Document(io.BytesIO(write_draft(draft)))
