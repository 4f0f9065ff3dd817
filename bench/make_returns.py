"""Make a book and returns to measure with: any number of sections, every row filled."""

from __future__ import annotations

import io
import sys
import zipfile
from datetime import date
from pathlib import Path

from ledgerbook import identity
from ledgerbook.book import build_book_bytes
from ledgerbook.forms import load_factory_ledger
from ledgerbook.issue.workbook import build_section_workbook
from ledgerbook.model import Assignment, Book, Role, Round, Section, Task

ISSUED_ON, AS_OF = date(2022, 6, 1), date(2022, 12, 20)
KEY = "5a" * 32


def make_book(sections: int, rows: int, rounds: int = 1) -> Book:
    """Return a book in which each section has ``rows`` tasks, the same for all."""
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
        agency="某市某局",
        year=2022,
        office=names[0],
        plan_title="某市某局2022年政务公开工作要点分工方案",
        book_id=identity.make_book_id(2022, KEY),
        key=KEY,
        sections=tuple(map(Section, names)),
        rounds=_make_rounds(rounds),
        tasks=tasks,
        forms=(load_factory_ledger(),),
    )


def _make_rounds(count: int) -> tuple[Round, ...]:
    last = Round("年度", date(2022, 12, 15))
    earlier = (Round(f"第{n}批", date(2022, 1 + n, 15)) for n in range(1, count))
    return (*earlier, last)


def make_answers(book: Book, section: str) -> dict[str, dict[str, object]]:
    """Return answers for every row of a section, no two texts equal."""
    return {
        task.code: {
            "status": "已完成",
            "done_on": date(2022, 9, 1 + task.number % 28),
            "result": f"{section}更新目录 {task.number} 次，公开事项 9 项。",
            "evidence": f"目录更新记录第{task.number}号",
            "person": "张某",
            "phone": "0760-88000001",
        }
        for task in book.get_tasks(section)
    }


def main() -> None:
    """Write into the folder given first as many returns as given second.

    Each thousand beyond the first belongs to a further round.
    """
    folder, returns = Path(sys.argv[1]), int(sys.argv[2])
    write_returns(folder, min(returns, 1000), rounds=max(1, returns // 1000))


def write_returns(folder: Path, sections: int, rows: int = 30, rounds: int = 1) -> Book:
    """Write 台账.xlsx and 收回/*.xlsx into ``folder``, as if each had been saved again.

    With several rounds, each has its own folder below 收回.
    """
    book = make_book(sections, rows, rounds)
    (folder / "收回").mkdir(parents=True)
    (folder / "台账.xlsx").write_bytes(build_book_bytes(book))
    answers_by_section = {name: make_answers(book, name) for name in book.section_names}
    for round_ in book.rounds:
        round_folder = folder / "收回" / (round_.name if rounds > 1 else "")
        round_folder.mkdir(exist_ok=True)
        for name, answers in answers_by_section.items():
            prefilled = {(name, book.task_form.key): answers}
            data = build_section_workbook(book, round_, [name], ISSUED_ON, prefilled=prefilled)
            (round_folder / f"{name}.xlsx").write_bytes(_remove_seal(data))
    return book


def _remove_seal(data: bytes) -> bytes:
    """Return a workbook without the seal that marks it as never saved since it was issued."""
    target = io.BytesIO()
    with (
        zipfile.ZipFile(io.BytesIO(data)) as source,
        zipfile.ZipFile(target, "w", zipfile.ZIP_DEFLATED) as package,
    ):
        for entry in source.infolist():
            part = source.read(entry)
            if entry.filename == "docProps/core.xml":
                part = part.replace(f"{identity.SEAL_KEYWORD}=".encode(), b"saved=")
            package.writestr(entry, part)
    return target.getvalue()


if __name__ == "__main__":
    main()
