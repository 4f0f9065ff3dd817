"""Marks: told apart, hard to forge, the same whenever a round is issued again."""

from __future__ import annotations

import dataclasses

from hypothesis import given
from hypothesis import strategies as st

from ledgerbook import identity
from ledgerbook.model import Book
from tests.support.books import KEY, make_book


def test_a_line_read_back_is_the_mark(book: Book) -> None:
    """The visible line of a sheet says all that the mark holds."""
    mark = identity.sign_sheet(book, "年度", "综合科", "tasks")
    assert identity.parse_mark_line(f"{mark.line}（请勿改动本行）") == mark
    assert identity.is_genuine(mark, book)


def test_changing_any_part_of_a_mark_shows(book: Book) -> None:
    """A mark with another section, round, form or book is not genuine."""
    mark = identity.sign_sheet(book, "年度", "综合科", "tasks")
    for change in (
        {"section": "金融发展科"},
        {"round": "第一季度"},
        {"form": "other"},
        {"book_id": "2022-AAAAAA"},
        {"check": "22222222"},
    ):
        assert not identity.is_genuine(dataclasses.replace(mark, **change), book)


def test_another_key_makes_other_marks(book: Book) -> None:
    """What one book signs, another book does not accept."""
    other = make_book(key="cd" * 32)
    mark = identity.sign_sheet(book, "年度", "综合科", "tasks")
    assert not identity.is_genuine(mark, other)
    task = book.tasks[0]
    assert identity.make_row_code(book, task, "综合科") != identity.make_row_code(
        other, task, "综合科"
    )


def test_row_codes_never_change_and_never_meet(book: Book) -> None:
    """Codes depend on key, task and section only, and all differ."""
    codes = [
        identity.make_row_code(book, task, section)
        for task in book.tasks
        for section in book.section_names
    ]
    assert len(set(codes)) == len(codes)
    renumbered = dataclasses.replace(book.tasks[0], number=9, measure="改了")
    assert identity.make_row_code(book, renumbered, "综合科") == codes[0]


def test_codes_can_be_read_aloud(book: Book) -> None:
    """No code uses 0, 1, I or O."""
    text = "".join(
        identity.make_row_code(book, t, s).partition("-")[2]
        for t in book.tasks
        for s in book.section_names
    )
    assert not set(text) & set("01IO")


def test_the_key_is_in_no_mark(book: Book) -> None:
    """The signing key never shows in what is sent."""
    mark = identity.sign_sheet(book, "年度", "综合科", "tasks")
    assert KEY not in mark.line
    assert KEY not in repr(book)


def test_new_keys_differ() -> None:
    """Every new book gets a key of its own, of 64 hex digits."""
    first, second = identity.make_key(), identity.make_key()
    assert first != second
    assert len(bytes.fromhex(first)) == 32


@given(st.text())
def test_any_text_is_read_or_is_no_mark(text: str) -> None:
    """Reading a line never raises, whatever stands in the cell."""
    mark = identity.parse_mark_line(text)
    assert mark is None or "识别码" in text


def test_fingerprints_are_blind_to_spacing_and_width() -> None:
    """A line break or a full-width comma is not another text; a word is."""
    one = identity.compute_fingerprint("规范使用，依申请\n公开 系统")
    assert one == identity.compute_fingerprint("规范使用，依申请公开系统")
    assert one != identity.compute_fingerprint("规范使用，依申请公开平台")


def test_keywords_say_what_a_workbook_is() -> None:
    """Our workbooks name their kind in the core keywords; others do not."""
    keywords = identity.format_keywords(identity.OutputKind.DISPATCH_LIST, "book=1")
    assert identity.parse_kind(keywords) == "签发清单"
    assert identity.parse_kind("总结；2022") == ""
