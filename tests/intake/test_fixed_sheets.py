"""Words on 填表说明, 需要改正的地方 and the hidden sheets are reported, and nothing else."""

from __future__ import annotations

import io
from collections.abc import Callable
from dataclasses import replace
from datetime import date

import pytest
from openpyxl import Workbook, load_workbook

from ledgerbook import identity
from ledgerbook.excel.deterministic_zip import serialize_workbook
from ledgerbook.forms import load_factory_forms
from ledgerbook.issue.corrections import build_corrections
from ledgerbook.issue.fixed_texts import TEXTS_SIGNATURE_FACT
from ledgerbook.model import Book
from tests.support.books import DONE, FINANCE, SAVED_AT, fill, issued, make_book
from tests.support.returns import answers, collected

pytestmark = pytest.mark.slow

Change = Callable[[Workbook], None]
WORDS = "第2项我科办不了，请协调。"
REGISTERS = tuple(form for form in load_factory_forms() if form.is_register)


def make_register_book() -> Book:
    """Return a book whose sections keep all registers of the factory."""
    book = make_book()
    keys = tuple(form.key for form in REGISTERS)
    sections = tuple(replace(section, register_keys=keys) for section in book.sections)
    return replace(book, sections=sections, forms=(*book.forms, *REGISTERS))


BOOK = make_register_book()


@pytest.fixture(scope="module")
def returned() -> bytes:
    """Give a workbook with one task answered, and all sheets that we issue beside."""
    return fill(issued(BOOK, FINANCE), {"T01": DONE})


@pytest.fixture(scope="module")
def sent_back() -> bytes:
    """Give a correction workbook with one line."""
    ledger = collected(
        fill(issued(BOOK, FINANCE), {"T01": DONE | {"done_on": "9月31日"}}), book=BOOK
    )
    return build_corrections(ledger)[0].data


def change_workbook(data: bytes, *changes: Change) -> bytes:
    workbook = load_workbook(io.BytesIO(data))
    for change in changes:
        change(workbook)
    return serialize_workbook(workbook, SAVED_AT)


def find_strays(data: bytes, book: Book = BOOK) -> list[tuple[str, str]]:
    """Return sheet and text of the stray cells of a return, whose cells must balance."""
    ledger = collected(data, book=book)
    assert ledger.cell_balance.is_balanced
    assert answers(ledger)[FINANCE]["T01"]["result"] == DONE["result"]
    strays = [problem for problem in ledger.problems if problem.code == "stray"]
    assert all(problem.is_error and problem.section == FINANCE for problem in strays)
    return [(problem.place.sheet, problem.raw) for problem in strays]


def write(sheet: str, cell: str, text: str = WORDS) -> Change:
    def change(workbook: Workbook) -> None:
        workbook[sheet][cell].value = text

    return change


def delete_texts_fact(workbook: Workbook) -> None:
    """Take away the signature of the texts, as in a workbook of an earlier version."""
    sheet = workbook[identity.MARK_SHEET]
    (row,) = (line for line in sheet.iter_rows() if line[0].value == TEXTS_SIGNATURE_FACT)
    row[1].value = None


PLACES = [
    ("填表说明", "A2"),
    ("填表说明", "D12"),
    ("填表说明", "G3"),
    ("填表说明", "B90"),
    ("登记簿填表说明", "E10"),
    (identity.CHOICES_SHEET, "A3"),
    (identity.CHOICES_SHEET, "A60"),
    (identity.WORKDAY_SHEET, "A5"),
    (identity.WORKDAY_SHEET, "B5"),
    (identity.MARK_SHEET, "C2"),
    (identity.MARK_SHEET, "B90"),
]


@pytest.mark.parametrize(("sheet", "cell"), PLACES)
@pytest.mark.parametrize("changes", [(), (delete_texts_fact,)], ids=["signed", "unsigned"])
def test_words_are_reported(
    returned: bytes, sheet: str, cell: str, changes: tuple[Change, ...]
) -> None:
    """In place of a text of ours, beside and below; also where no signed record is left."""
    data = change_workbook(returned, write(sheet, cell), *changes)
    assert find_strays(data) == [(sheet, f"{cell}：{WORDS}")]


@pytest.mark.parametrize("cell", ["F4", "H4", "C20"])
def test_a_reply_in_the_list_of_corrections_is_reported(sent_back: bytes, cell: str) -> None:
    """Sections answer there, beside or in place of what we wrote."""
    data = change_workbook(sent_back, write("需要改正的地方", cell))
    assert find_strays(data) == [("需要改正的地方", f"{cell}：{WORDS}")]


@pytest.mark.parametrize("cell", ["H4", "C20"])
def test_a_reply_is_reported_without_a_record(sent_back: bytes, cell: str) -> None:
    """Beside and below the lines nothing can be ours."""
    data = change_workbook(sent_back, write("需要改正的地方", cell), delete_texts_fact)
    assert find_strays(data) == [("需要改正的地方", f"{cell}：{WORDS}")]


def test_a_text_of_ours_once_more_is_reported(returned: bytes) -> None:
    """“固定内容” stands on the sheet many times; one more is somebody's."""
    data = change_workbook(returned, write("填表说明", "B90", "固定内容"))
    assert find_strays(data) == [("填表说明", "B90：固定内容")]


def test_what_we_issued_is_not_reported(returned: bytes, sent_back: bytes) -> None:
    """Saved as issued, there is nothing to say; nor where the record is gone."""
    for data in (returned, sent_back):
        assert find_strays(change_workbook(data)) == []
        assert find_strays(change_workbook(data, delete_texts_fact)) == []


def test_a_line_inserted_says_nothing(returned: bytes) -> None:
    """Texts of ours may stand elsewhere."""
    data = change_workbook(returned, lambda workbook: workbook["填表说明"].insert_rows(12, 3))
    assert find_strays(data) == []


def test_what_has_changed_in_the_book_since_is_not_reported(returned: bytes) -> None:
    """The due day, the office's name and an example are others today."""
    form = BOOK.task_form
    columns = tuple(replace(column, example="另一个例子") for column in form.columns)
    today = replace(
        BOOK,
        office="办公室",
        rounds=(replace(BOOK.rounds[0], due=date(2022, 12, 31)),),
        forms=(replace(form, columns=columns), *REGISTERS),
        issued_forms=BOOK.forms,
    )
    assert find_strays(returned, today) == []
    assert find_strays(change_workbook(returned, write("填表说明", "D12")), today)


def test_a_forged_record_counts_for_nothing(returned: bytes) -> None:
    """Who adds his own text to the record does not hide it."""
    own = identity.compute_fingerprint(WORDS)

    def forge(workbook: Workbook) -> None:
        for name, value in workbook[identity.MARK_SHEET].iter_rows():
            if name.value == "固定文字":
                value.value = value.value.replace('":"', f'":"{own}')

    data = change_workbook(returned, write("填表说明", "D12"), forge)
    assert find_strays(data) == [("填表说明", f"D12：{WORDS}")]
