"""Without the key of the book a return gives the same, or is left to whoever has the key."""

from __future__ import annotations

import io
import pickle
from collections.abc import Callable
from dataclasses import replace
from pathlib import Path

import pytest
from openpyxl import load_workbook

from ledgerbook import identity
from ledgerbook.excel.deterministic_zip import serialize_workbook
from ledgerbook.intake.file_content import FileContent
from ledgerbook.intake.pipeline import FileSource, ReadContext, read_file, read_return
from ledgerbook.intake.plain_data import decode, encode
from ledgerbook.intake.row_matching import IssuedRows
from ledgerbook.intake.worker_pool import ReadLimits, WorkerConfig, open_worker_pool
from ledgerbook.issue.baseline import SIGNATURE_FACT, verify_values
from ledgerbook.issue.workbook import build_section_workbook
from ledgerbook.model import Book, Round
from ledgerbook.model.office_entries import OfficeNote
from ledgerbook.storage.folders import find_files
from tests.intake.test_attacks import ATTACKS
from tests.support.books import (
    AS_OF,
    DONE,
    FINANCE,
    INDUSTRY,
    ISSUED_ON,
    OFFICE,
    SAVED_AT,
    fill,
    issued,
    make_book,
)

BOOK = make_book()


def withhold_key(book: Book) -> ReadContext:
    """Return what the worker of a cluster reads with."""
    issued_rows = IssuedRows.from_book(book).withhold_key()
    return ReadContext(issued_rows.book, AS_OF, issued_rows=issued_rows)


def change_texts(data: bytes, change: Callable[[str], str]) -> bytes:
    """Return a workbook with every text of its cells, also of hidden sheets, changed."""
    workbook = load_workbook(io.BytesIO(data))
    for sheet in workbook.worksheets:
        for row in sheet.iter_rows():
            for cell in row:
                if isinstance(cell.value, str):
                    cell.value = change(cell.value)
    return serialize_workbook(workbook, SAVED_AT)


def build_return() -> bytes:
    prefilled = {(FINANCE, BOOK.task_form.key): {"T01": {"status": "推进中"}}}
    sent = build_section_workbook(BOOK, BOOK.rounds[0], [FINANCE], ISSUED_ON, prefilled=prefilled)
    return fill(sent, {"T02": DONE})


def alter_line() -> bytes:
    return change_texts(build_return(), lambda text: text.replace(f"{FINANCE}|", f"{INDUSTRY}|"))


def spoil_check_code() -> bytes:
    def spoil(text: str) -> str:
        mark = identity.parse_mark_line(text)
        return replace(mark, check=mark.check[::-1]).line if mark else text

    return change_texts(build_return(), spoil)


def forge_issued_values() -> bytes:
    return change_texts(build_return(), lambda text: text.replace("推进中", "已完成"))


def write_line_in_small_letters() -> bytes:
    def lower(text: str) -> str:
        mark = identity.parse_mark_line(text)
        return replace(mark, check=mark.check.lower()).line if mark else text

    return change_texts(build_return(), lower)


def issue_other_round() -> bytes:
    other = replace(BOOK, rounds=(Round("半年"),))
    return fill(build_section_workbook(other, Round("半年"), [FINANCE], ISSUED_ON), {"T01": DONE})


def issue_other_book() -> bytes:
    key = "cd" * 32
    other = make_book(key=key, book_id=identity.make_book_id(2022, key))
    return fill(issued(other, FINANCE), {"T01": DONE})


# How a return is made → whether only the key can tell what it is.
RETURNS: dict[Callable[[], bytes], bool] = {
    build_return: False,
    write_line_in_small_letters: False,
    issue_other_book: True,  # its values are signed, with another key
    alter_line: True,
    spoil_check_code: True,
    issue_other_round: True,
    forge_issued_values: True,
}


def believe(content: FileContent) -> FileContent | None:
    """Return what whoever has the key may believe of a result; None if it is not sure."""
    if content.report.fault:
        assert content.report.fault.error_type == "KeyWithheldError"
        return None
    if content.issued is None:
        return content
    values = verify_values(content.issued, BOOK)
    return values and replace(content, issued=values)


@pytest.mark.parametrize("build", RETURNS, ids=lambda build: build.__name__)
def test_a_return_gives_the_same_without_the_key(build: Callable[[], bytes]) -> None:
    """Or nothing that is believed, where only the key can tell."""
    data = build()
    with_key = read_return("报送.xlsx", data, ReadContext(BOOK, AS_OF))
    assert with_key.report.fault is None
    without_key = believe(read_return("报送.xlsx", data, withhold_key(BOOK)))
    assert without_key == (None if RETURNS[build] else with_key)


def test_values_that_were_issued_are_compared_without_the_key() -> None:
    """They are signed by the workbook's maker; the test above would not see them missing."""
    content = read_return("报送.xlsx", build_return(), withhold_key(BOOK))
    assert content.issued
    assert content.issued.unverified[1]
    assert SIGNATURE_FACT not in content.issued.unverified[0]
    assert content.issued.get_texts(FINANCE, BOOK.task_form.key) == {"T01": {"status": "推进中"}}


def test_what_no_return_needs_is_withheld_too() -> None:
    """Neither the key goes out, nor people's telephones, nor what the office wrote."""
    section = replace(BOOK.sections[0], phone="13800001111", email="a@b.cn", contact="王五")
    note = OfficeNote(AS_OF, "T01-ABCDE", "审核意见", "口头说已办")
    book = replace(BOOK, sections=(section, *BOOK.sections[1:]), office_notes=(note,))
    sent = pickle.dumps(withhold_key(book))
    for secret in (book.key, section.phone, section.email, section.contact, note.text):
        assert secret.encode() in pickle.dumps(ReadContext(book, AS_OF))
        assert secret.encode() not in sent


@pytest.mark.slow
def test_every_attack_gives_the_same_without_the_key(tmp_path: Path) -> None:
    """And as plain data, as a cluster sends it."""
    for attack in ATTACKS:
        (tmp_path / attack.name).write_bytes(attack.build())
    (tmp_path / "好.xlsx").write_bytes(fill(issued(BOOK, OFFICE), {"T01": DONE}))
    sources = [FileSource(name, path) for name, path in find_files([tmp_path]).items()]

    def read_all(context: ReadContext) -> list[FileContent]:
        with open_worker_pool(WorkerConfig(read_file, context, ReadLimits())) as pool:
            return list(pool.read_files(sources))

    with_key = read_all(ReadContext(BOOK, AS_OF))
    unsure = []
    for expected, content in zip(with_key, read_all(withhold_key(BOOK)), strict=True):
        assert decode(type(content), encode(content)) == content
        if (believed := believe(content)) is None:
            unsure.append(content.report.name)
        else:
            assert believed == expected
    assert len(unsure) < 5
