"""Make a book and returns to measure with: any number of sections, every row filled."""

from __future__ import annotations

import hashlib
import io
import re
import zipfile
from collections.abc import Mapping
from datetime import date
from pathlib import Path

from ledgerbook import identity
from ledgerbook.book import build_book_bytes
from ledgerbook.forms import load_factory_ledger
from ledgerbook.intake.pipeline import ReadContext, read_return
from ledgerbook.issue.baseline import SIGNATURE_FACT
from ledgerbook.issue.workbook import build_section_workbook
from ledgerbook.merge.ledger import merge_returns
from ledgerbook.model import Assignment, Book, Role, Round, Section, Task
from ledgerbook.summary import write_summary

ISSUED_ON, AS_OF = date(2022, 6, 1), date(2022, 12, 20)
ANSWERS_OF_A_ROW = 6

Answers = Mapping[str, Mapping[str, str | date]]


def make_book(sections: int, rows: int, rounds: int = 1, agency: str = "某市某局") -> Book:
    """Return a book in which each section has ``rows`` tasks, the same for all."""
    key = hashlib.sha256(agency.encode()).hexdigest()
    names = tuple(f"第{n:05d}科" for n in range(1, sections + 1))
    tasks = tuple(
        Task(
            code=f"T{n:02d}",
            number=n,
            requirement="一、优化政务公开工作基础",
            point="（一）深化行政法规集中公开。",
            measure=f"第{n}项：结合权责清单，更新主动公开目录，推动目录所列事项全面公开。",
            units="各科室按职责落实。",
            deadline_text="年底前",
            due=date(2022, 12, 31),
            parsed_assignments=tuple(Assignment(name, Role.IMPLEMENT) for name in names),
        )
        for n in range(1, rows + 1)
    )
    return Book(
        agency=agency,
        year=2022,
        office=names[0],
        plan_title=f"{agency}2022年政务公开工作要点分工方案",
        book_id=identity.make_book_id(2022, key),
        key=key,
        sections=tuple(map(Section, names)),
        rounds=_make_rounds(rounds),
        tasks=tasks,
        forms=(load_factory_ledger(),),
    )


def _make_rounds(count: int) -> tuple[Round, ...]:
    last = Round("年度", date(2022, 12, 15))
    earlier = (Round(f"第{n}批", date(2022, 1 + n, 15)) for n in range(1, count))
    return (*earlier, last)


def make_answers(book: Book, section: str) -> Answers:
    """Return answers for every row of a section. Each result has two lines and its own text."""
    return {
        task.code: {
            "status": "已完成",
            "done_on": date(2022, 9, 1 + task.number % 28),
            "result": f"{section}更新目录 {task.number} 次，\n公开事项 9 项。",
            "evidence": f"目录更新记录第{task.number}号",
            "person": "张某",
            "phone": "0760-88000001",
        }
        for task in book.get_tasks(section)
    }


def list_texts(book: Book) -> set[str]:
    """Return all texts that are answers of a section."""
    return {
        value
        for section in book.section_names
        for answers in make_answers(book, section).values()
        for value in answers.values()
        if isinstance(value, str)
    }


def write_returns(folder: Path, sections: int, rows: int = 30, rounds: int = 1) -> Book:
    """Write 台账.xlsx and 收回/*.xlsx into ``folder``, as if each had been saved again.

    With several rounds, each has its own folder below 收回.
    """
    book = make_book(sections, rows, rounds)
    (folder / "收回").mkdir(parents=True)
    (folder / "台账.xlsx").write_bytes(build_book_bytes(book))
    for round_ in book.rounds:
        round_folder = folder / "收回" / (round_.name if rounds > 1 else "")
        round_folder.mkdir(exist_ok=True)
        for name in book.section_names:
            (round_folder / f"{name}.xlsx").write_bytes(build_return(book, round_, name))
    return book


def build_return(book: Book, round_: Round, section: str) -> bytes:
    """Return a section's filled workbook, as if it had been saved since it was issued."""
    prefilled = {(section, book.task_form.key): make_answers(book, section)}
    data = build_section_workbook(book, round_, [section], ISSUED_ON, prefilled=prefilled)
    return _mark_as_filled(data)


def write_summaries(folder: Path, bureaus: int, sections: int, rows: int = 30) -> None:
    """Write into ``folder`` the annual summary of each of ``bureaus``, every row answered."""
    folder.mkdir()
    for number in range(1, bureaus + 1):
        book = make_book(sections, rows, agency=f"某市第{number}局")
        context = ReadContext(book, AS_OF)
        files = [
            read_return(f"{name}.xlsx", build_return(book, book.rounds[0], name), context)
            for name in book.section_names
        ]
        summary = write_summary(merge_returns(book, files, AS_OF))
        (folder / f"{book.agency}.xlsx").write_bytes(summary)


def _mark_as_filled(data: bytes) -> bytes:
    """Return a workbook as if somebody had filled and saved it since it was issued.

    It has neither the seal nor the record of the values that it was issued with.
    """
    target = io.BytesIO()
    with (
        zipfile.ZipFile(io.BytesIO(data)) as source,
        zipfile.ZipFile(target, "w", zipfile.ZIP_DEFLATED) as package,
    ):
        for entry in source.infolist():
            part = source.read(entry)
            if entry.filename == "docProps/core.xml":
                part = part.replace(f"{identity.SEAL_KEYWORD}=".encode(), b"saved=")
            elif entry.filename == "xl/sharedStrings.xml":
                # A value that is signed by nobody is not taken for what was issued.
                signature = f"(<t>{SIGNATURE_FACT}</t></si><si><t>)\\w".encode()
                part = re.sub(signature, rb"\g<1>-", part)
            package.writestr(entry, part)
    return target.getvalue()
