"""Make a book with a task for each kind of deadline, and four rounds."""

from __future__ import annotations

from datetime import date

from ledgerbook.issue.workbook import build_section_workbook
from ledgerbook.model import Assignment, Book, Role, Round, Section, Task
from ledgerbook.plan import parse_deadline
from tests.support.books import make_book

SECTION = "综合科"
DEADLINE_TEXTS = {
    "T01": "6月底前",
    "T02": "每季度",
    "T03": "长期坚持",
    "T04": "",
    "T05": "6月底前完成，持续推进",
    "T06": "每年至少听取1次",
}
ROUNDS = (
    Round("第一季度", date(2022, 4, 10)),
    Round("第二季度", date(2022, 7, 10)),
    Round("第三季度", date(2022, 10, 10)),
    Round("年度", date(2022, 12, 25)),
)


def make_tasks(sections: tuple[str, ...], year: int) -> tuple[Task, ...]:
    return tuple(
        Task(
            code=code,
            number=number,
            requirement="一、工作",
            point="（一）要点",
            measure=f"做好第 {number} 件事。",
            units="、".join(sections),
            deadline_text=limit,
            parsed_assignments=tuple(Assignment(name, Role.IMPLEMENT) for name in sections),
            parsed_deadline=parse_deadline(limit, year),
        )
        for number, (code, limit) in enumerate(DEADLINE_TEXTS.items(), 1)
    )


def make_deadline_book(
    rounds: tuple[Round, ...] = ROUNDS, *sections: str, year: int = 2022
) -> Book:
    """Return a book in which each of ``sections`` has a task of each kind of deadline."""
    names = sections or (SECTION,)
    return make_book(
        year=year,
        sections=tuple(map(Section, names)),
        tasks=make_tasks(names, year),
        rounds=rounds,
    )


def issue_sheet(book_: Book, round_: Round, issued_on: date, section: str = SECTION) -> bytes:
    return build_section_workbook(book_, round_, [section], issued_on)
