"""Names that people see decide nothing: one that is another section's is told, two are asked."""

from __future__ import annotations

import io
from collections.abc import Callable
from dataclasses import replace

import pytest
from openpyxl import load_workbook
from openpyxl.workbook import Workbook

from ledgerbook.excel.deterministic_zip import serialize_workbook
from ledgerbook.intake.name_check import find_named_section
from ledgerbook.intake.pipeline import ReadContext, read_return
from ledgerbook.issue.layout import INFO_ROW
from ledgerbook.merge.ledger import merge_returns
from ledgerbook.model import Book, Round, Section
from ledgerbook.model.office_entries import FileRegistration
from ledgerbook.model.results import Ledger
from tests.support.books import AS_OF, FINANCE, INDUSTRY, OFFICE, SAVED_AT, make_book
from tests.support.returns import (
    answered,
    answers,
    codes,
    copy_visible_cells,
    fill_whole,
    sent,
    tick,
)

BOOK = make_book()
ALL = 24
INFO = (INFO_ROW + 1, 1)


def collect(name: str, data: bytes, book: Book = BOOK) -> Ledger:
    return merge_returns(book, [read_return(name, data, ReadContext(book, AS_OF))], AS_OF)


def rename(tab: str = FINANCE, info: str = "", data: bytes | None = None) -> bytes:
    """Return FINANCE's return with another name of its tab, and another line of its section."""

    def change(workbook: Workbook) -> None:
        sheet = workbook[FINANCE]
        sheet.title = tab
        if info:
            sheet.cell(*INFO).value = info

    return edit_workbook(data or answered(FINANCE), change)


def edit_workbook(data: bytes, change: Callable[[Workbook], None]) -> bytes:
    workbook = load_workbook(io.BytesIO(data))
    change(workbook)
    return serialize_workbook(workbook, SAVED_AT)


def register(name: str, section: str = "", round_: str = "") -> Book:
    line = FileRegistration(name, section=section, round=round_)
    return replace(BOOK, registrations=(line,))


@pytest.mark.parametrize(
    ("name", "tab", "info", "expected"),
    [
        (f"{FINANCE}.xlsx", FINANCE, "", []),
        ("总台账.xlsx", "Sheet1", "", []),
        (f"{INDUSTRY}-台账.xlsx", FINANCE, "", ["name-differs"]),
        (f"某局.zip/副本{INDUSTRY}(1).xlsx", FINANCE, "", ["name-differs"]),
        # Only what the file itself is called counts.
        (f"{INDUSTRY}/{INDUSTRY}转来.eml/台账.xlsx", FINANCE, "", []),
        (f"{INDUSTRY}、{FINANCE}.xlsx", FINANCE, "", []),
        (f"报{OFFICE}.xlsx", FINANCE, "", []),
        ("1.xlsx", f"{INDUSTRY} (2)", "", ["name-differs"]),
        ("1.xlsx", FINANCE, f"填报科室：{INDUSTRY}", ["name-differs"]),
        ("1.xlsx", FINANCE, f"填报科室： {FINANCE}    批次：年度", []),
        ("1.xlsx", FINANCE, "填报科室：", []),
        ("1.xlsx", FINANCE, f"填报科室：{INDUSTRY}（张某）    批次：年度", ["name-differs"]),
        ("1.xlsx", INDUSTRY, f"填报科室：{INDUSTRY}", ["names-differ"]),
        (f"{INDUSTRY}.xlsx", INDUSTRY, "", ["names-differ"]),
        (f"{INDUSTRY}.xlsx", INDUSTRY, f"填报科室：{INDUSTRY}    批次：年度", ["names-differ"]),
    ],
)
def test_names_of_another_section_are_told(
    name: str, tab: str, info: str, expected: list[str]
) -> None:
    """The answers are taken for the section of the marks whatever the names are."""
    ledger = collect(name, rename(tab, info))
    assert (codes(ledger), list(answers(ledger))) == (expected, [FINANCE])
    assert ledger.cell_balance.accepted == ALL
    assert [problem.is_error for problem in ledger.problems] == [
        code == "names-differ" for code in expected
    ]


def test_every_name_that_differs_is_in_one_sentence() -> None:
    """Which names, where, and what to do."""
    data = rename(INDUSTRY, f"填报科室：{INDUSTRY}    批次：年度")
    (problem,) = collect(f"{INDUSTRY}.xlsx", data).problems
    assert problem.section == FINANCE
    assert problem.message == (
        "这份表的识别信息是“金融发展科”的，已算作“金融发展科”报的；但是文件名写的是“产业金融科”；"
        "工作表的名称是“产业金融科”；"
        "工作表“产业金融科”A2 格的填报科室写的是“产业金融科”。"
    )
    assert "收件登记" in problem.advice


def test_another_round_above_the_table_is_told() -> None:
    """The line says one round, and the marks another."""
    book = make_book(rounds=(Round("第一季度"), Round("年度")))
    of_year = replace(book, rounds=book.rounds[1:])
    data = rename(info=f"填报科室：{FINANCE}    批次：第一季度    报送截止：2022年4月5日")
    (problem,) = [p for p in collect("1.xlsx", data, book).problems if "name" in p.code]
    assert "A2 格的批次写的是“第一季度”，识别信息是“年度”的" in problem.message
    registered = replace(book, registrations=(FileRegistration("1.xlsx", round="年度"),))
    assert codes(collect("1.xlsx", data, registered)) == []
    # A round that the book does not list is no other round.
    assert codes(collect("1.xlsx", data, of_year)) == []


@pytest.mark.parametrize("section", [FINANCE, INDUSTRY])
def test_the_office_says_whose_it_is_and_is_asked_no_more(section: str) -> None:
    """A line of 收件登记 with a section settles all names; one without settles nothing."""
    name, data = f"{INDUSTRY}.xlsx", rename(INDUSTRY)
    settled = collect(name, data, register(name, section))
    assert (codes(settled), list(answers(settled))) == ([], [section])
    assert codes(collect(name, data, register(name, round_="年度"))) == ["names-differ"]
    assert codes(collect(name, data, register("别的.xlsx", section))) == [
        "names-differ",
        "registration-unused",
    ]


def test_a_file_of_several_sections_may_be_called_after_one() -> None:
    """A section that fills its sheet of 总台账, or two, names the file as it likes."""
    both = collect(f"{FINANCE}.xlsx", fill_whole(FINANCE, INDUSTRY))
    assert (codes(both), sorted(answers(both))) == ([], sorted([FINANCE, INDUSTRY]))
    assert codes(collect(f"{FINANCE}.xlsx", fill_whole(FINANCE))) == []
    # The tabs of others, blank as they were issued, do not make it theirs.
    assert codes(collect(f"{INDUSTRY}.xlsx", fill_whole(FINANCE))) == ["name-differs"]


def test_a_nil_return_under_another_name_is_told_too() -> None:
    """It says as much of a section as answers do."""
    ledger = collect(f"{INDUSTRY}.xlsx", tick(sent(FINANCE)))
    assert codes(ledger) == ["name-differs"]


def test_a_blank_form_under_another_name_is_not() -> None:
    """Where nothing was answered no answer can be another's."""
    assert codes(collect(f"{INDUSTRY}.xlsx", rename(INDUSTRY, data=sent(FINANCE)))) == [
        "nothing-filled"
    ]


def test_the_wrong_codes_without_any_other_mark_are_asked_about() -> None:
    """INDUSTRY's codes on FINANCE's table: its tab and its line still say FINANCE."""
    theirs = load_workbook(io.BytesIO(answered(INDUSTRY))).worksheets[0]
    theirs["A3"].value = None
    theirs["A2"].value = f"填报科室：{FINANCE}    批次：年度"
    pasted = load_workbook(io.BytesIO(copy_visible_cells(theirs)))
    pasted.worksheets[0].title = FINANCE
    ledger = collect("1.xlsx", serialize_workbook(pasted, SAVED_AT))
    assert (codes(ledger), list(answers(ledger))) == (["names-differ"], [INDUSTRY])


SECTIONS = (
    Section("政策法规科", aliases=("法规科", "法")),
    Section("法规科一组"),
    Section("政务公开科", aliases=("政务公开", "公开办")),
    Section("一科"),
    Section("十一科", aliases=("共享",)),
    Section("HR处", aliases=("HR", "共享")),
)


@pytest.mark.parametrize(
    ("text", "section"),
    [
        ("政策法规科", "政策法规科"),
        ("法规科-台账", "政策法规科"),
        ("2022法 规 科（改）", "政策法规科"),
        # The longer of two names, and none of one letter.
        ("法规科一组", "法规科一组"),
        ("法", ""),
        ("十一科", "十一科"),
        ("第一科", "一科"),
        # What is in the title of every form.
        ("2022年政务公开重点任务台账", ""),
        ("公开办", "政务公开科"),
        # Two sections, or one name of two.
        ("一科和公开办", ""),
        ("共享", ""),
        ("ｈｒ台账", "HR处"),
        ("thru", ""),
        ("送一科", ""),
        ("一科室", ""),
        ("台账", ""),
    ],
)
def test_a_section_is_named_by_its_whole_name(text: str, section: str) -> None:
    """Exactly one, the longest, and not what stands in the name of every file."""
    assert find_named_section(text, make_book(sections=SECTIONS)) == section


def test_a_book_without_sections_names_none() -> None:
    """There is nothing to look for."""
    assert find_named_section("金融发展科", make_book(sections=())) == ""


def test_a_former_name_is_the_same_section() -> None:
    """A renamed section's earlier form and file are its own."""
    sections = tuple(
        Section("金融科", aliases=(FINANCE,)) if one.name == FINANCE else one
        for one in BOOK.sections
    )
    ledger = collect(f"{FINANCE}.xlsx", answered(FINANCE), make_book(sections=sections))
    # The form says the role of each section by the names that it was issued with.
    assert (set(codes(ledger)), list(answers(ledger))) == ({"official-changed"}, ["金融科"])
