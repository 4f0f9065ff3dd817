"""退回修改 in the hands of a clerk: what is to correct is seen, and gone once it is right."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import replace
from datetime import UTC, datetime, timedelta
from pathlib import Path

from ledgerbook.excel import styles
from ledgerbook.intake.pipeline import ReadContext, read_return
from ledgerbook.issue.corrections import build_corrections
from ledgerbook.merge.ledger import merge_returns
from ledgerbook.model import Book
from tests.office.calc import Calc
from tests.office.prints import row_fills
from tests.office.test_section_workbook import at
from tests.support.books import DONE, OFFICE, fill, issued, make_book

TODAY = datetime.now(tz=UTC).date()
# The list of what to correct is the first sheet and the first page.
SHEET, PAGE = 1, 2


def send_back(book: Book) -> bytes:
    """Return what a section gets back for a text that is no date, a status that is none, a gap."""
    told = fill(
        issued(book, OFFICE),
        {
            "T01": DONE | {"done_on": "9月31日"},
            "T02": {"status": "差不多", "reason": "数据没齐。"},
            "T03": {"status": "已完成", "result": "已办。"},
        },
    )
    ledger = merge_returns(book, [read_return("报.xlsx", told, ReadContext(book, TODAY))], TODAY)
    (file,) = build_corrections(ledger)
    return file.data


def test_what_is_to_correct_is_seen_until_it_is_right(
    opened: Callable[[bytes], Calc], tmp_path: Path
) -> None:
    """On a row that is red because it is overdue too; a gap also where nothing is asked now."""
    plan = make_book().tasks
    late = TODAY - timedelta(2)
    tasks = tuple(replace(task, due=late if task.number == 2 else None) for task in plan)
    book = make_book(tasks=tasks)
    sheet = opened(send_back(book))
    codes = [sheet.text(ref=at(book, "row_code", row), sheet=SHEET) for row in range(3)]
    columns = {column.key: position for position, column in enumerate(book.task_form.columns)}

    def read_colours(*keys: str) -> list[str]:
        pdf = tmp_path / "picture.pdf"
        sheet.save(path=pdf)
        cells = zip(codes, keys, strict=True)
        return [row_fills(pdf, code, PAGE)[columns[key]] for code, key in cells]

    assert read_colours("done_on", "status", "done_on") == [styles.CORRECTION_FILL] * 3
    assert read_colours("result", "measure", "result") == [
        styles.GREEN_FILL,
        styles.OVERDUE_FILL,
        styles.GREEN_FILL,
    ]
    typed = {("done_on", 0): "2022-9-30", ("status", 1): "推进中", ("status", 2): "推进中"}
    for (key, row), text in typed.items():
        assert sheet.type(ref=at(book, key, row), text=text, sheet=SHEET)
    assert read_colours("done_on", "status", "done_on") == [
        styles.GREEN_FILL,
        styles.OVERDUE_FILL,
        "#FFFFFF",
    ]


def test_another_wrong_value_is_as_wrong(opened: Callable[[bytes], Calc], tmp_path: Path) -> None:
    """What is pasted over the checks of the sheet, and is no date either, stays marked."""
    book = make_book()
    sheet = opened(send_back(book))
    code = sheet.text(ref=at(book, "row_code"), sheet=SHEET)
    sheet.put(ref=at(book, "done_on"), text="9月32日", sheet=SHEET)
    pdf = tmp_path / "picture.pdf"
    sheet.save(path=pdf)
    position = [column.key for column in book.task_form.columns].index("done_on")
    assert row_fills(pdf, code, PAGE)[position] == styles.CORRECTION_FILL
