"""Drafts for the tests, of small ledgers that say only what a test is about."""

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


def small(answers: Mapping[tuple[int, str], Mapping[str, str]], **changes: Any) -> Ledger:
    """Merge answers to two tasks, both of both sections: one on 解读, one on 申请."""
    tasks = (
        task(1, (OFFICE, FINANCE), measure="做好政策解读。", due=changes.get("due")),
        task(2, (OFFICE, FINANCE), measure="规范依申请公开办理。"),
    )
    return ledger(book((OFFICE, FINANCE), tasks), answers, as_of=YEAR_END)


def everything(words: str = "办好了。") -> dict[tuple[int, str], dict[str, str]]:
    """Let both sections answer both tasks, each in words of its own."""
    return {
        (number, section): {**DONE, "result": f"{section}第{number}件{words}"}
        for number in (1, 2)
        for section in (OFFICE, FINANCE)
    }


def drafted(answers: Mapping[tuple[int, str], Mapping[str, str]], **changes: Any) -> ReportDraft:
    return build_draft(small(answers, **changes))


def topic(made: ReportDraft, heading: str) -> list[str]:
    """Return what stands under one heading of the second level, by paragraph."""
    (found,) = (
        passage for part in made.parts for passage in part.passages if passage.heading == heading
    )
    return ["".join(one.text for one in told) for told in found.paragraphs]


def asked(made: ReportDraft) -> str:
    """Return all that is open, as one text."""
    return "\n".join(
        line for question in made.open_points for line in (question.text, *question.details)
    )


def reread(made: ReportDraft) -> Any:
    return Document(io.BytesIO(write_draft(made)))
