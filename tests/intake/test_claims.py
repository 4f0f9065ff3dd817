"""All marks of a sheet agree, or it is held; each row of the table has its file."""

from __future__ import annotations

import io
from dataclasses import dataclass, replace
from datetime import date, timedelta
from functools import cache
from itertools import product

import pytest
from openpyxl import load_workbook
from openpyxl.workbook import Workbook
from openpyxl.worksheet.worksheet import Worksheet

from ledgerbook import identity
from ledgerbook.excel.deterministic_zip import serialize_workbook
from ledgerbook.intake.claims import (
    DECISIONS,
    Claim,
    collect_claims,
    collect_workbook_marks,
    find_decision,
)
from ledgerbook.intake.columns import find_columns
from ledgerbook.intake.formats.reader import read_workbook
from ledgerbook.intake.row_matching import IssuedRows, collect_evidence
from ledgerbook.issue.layout import FIRST_ROW, MARK_ROW, ROW_KEY
from ledgerbook.issue.workbook import build_section_workbook
from ledgerbook.model import Book, Round, Section
from ledgerbook.model.office_entries import FileRegistration
from ledgerbook.model.results import SubmissionStatus
from tests.support.books import (
    FINANCE,
    INDUSTRY,
    ISSUED_ON,
    OFFICE,
    SAVED_AT,
    columns_of,
    fill,
    make_book,
)
from tests.support.returns import answers, codes, collected, copy_visible_cells, signed

# Workbooks are issued, filled and merged over and over.
pytestmark = pytest.mark.slow

QUARTER, YEAR = "第一季度", "年度"
BOOK = make_book(rounds=(Round(QUARTER, date(2022, 3, 31)), Round(YEAR, date(2022, 12, 15))))
LAST_YEARS = make_book(book_id=identity.make_book_id(2021, "cd" * 32), key="cd" * 32, year=2021)
FIRST, LAST, LINE = FIRST_ROW + 1, FIRST_ROW + 4, MARK_ROW + 1
# Each section has four tasks and answers six columns of each.
ALL, ONE = 24, 6


@dataclass(frozen=True, slots=True)
class Source:
    """A workbook from which marks are taken: the first of its sections has the sheet."""

    sections: tuple[str, ...]
    round: str = YEAR
    is_last_years: bool = False


OWN, OTHER = Source((FINANCE,)), Source((INDUSTRY,))
OWN_QUARTER, OTHER_QUARTER = Source((FINANCE,), QUARTER), Source((INDUSTRY,), QUARTER)
FOREIGN = Source((FINANCE,), is_last_years=True)
MASTER = Source((FINANCE, OFFICE, INDUSTRY))
TWO = Source((INDUSTRY, OFFICE))


@cache
def issued(source: Source) -> bytes:
    book = LAST_YEARS if source.is_last_years else BOOK
    (round_,) = [one for one in book.rounds if one.name == source.round]
    return build_section_workbook(book, round_, source.sections, ISSUED_ON)


@dataclass(frozen=True, slots=True)
class Marks:
    """From which workbooks the marks of a sheet are; None where they were deleted.

    ``first_row`` is that of the first row's codes alone, ``further_line`` that of a second line.
    """

    line: Source | None = OWN
    rows: Source | None = OWN
    keywords: Source | None = OWN
    hidden: Source | None = OWN
    first_row: Source | None = None
    further_line: Source | None = None
    is_line_altered: bool = False


def in_workbook_of(source: Source | None, **more: object) -> Marks:
    return Marks(keywords=source, hidden=source, **more)  # type: ignore[arg-type]


def build(marks: Marks) -> bytes:
    """Return the annual form of FINANCE, filled, with the marks replaced by others."""
    workbook = load_workbook(io.BytesIO(fill(issued(OWN), signed(FINANCE, BOOK))))
    sheet = workbook.worksheets[0]
    line = sheet.cell(LINE, 1)
    line.value = read_line(marks.line)
    if marks.is_line_altered:
        line.value = str(line.value).replace(FINANCE, INDUSTRY)
    if marks.further_line:
        sheet.cell(LAST + 3, 1).value = read_line(marks.further_line)
    for row in range(FIRST, LAST + 1):
        copy_codes(sheet, row, marks.rows)
    if marks.first_row:
        copy_codes(sheet, FIRST, marks.first_row)
    keywords = load(marks.keywords).properties.keywords if marks.keywords else None
    workbook.properties.keywords = keywords
    hidden = workbook[identity.MARK_SHEET]
    hidden.delete_rows(1, hidden.max_row)
    if marks.hidden:
        for cells in load(marks.hidden)[identity.MARK_SHEET].iter_rows():
            for cell in cells:
                hidden.cell(cell.row, cell.column).value = cell.value
    return serialize_workbook(workbook, SAVED_AT)


@cache
def load(source: Source) -> Workbook:
    return load_workbook(io.BytesIO(issued(source)))


def read_line(source: Source | None) -> str | None:
    return str(load(source).worksheets[0].cell(LINE, 1).value) if source else None


def copy_codes(sheet: Worksheet, row: int, source: Source | None) -> None:
    theirs = load(source).worksheets[0] if source else None
    for key in ("row_code", ROW_KEY):
        column = columns_of(sheet)[key]
        sheet.cell(row, column).value = theirs.cell(row, column).value if theirs else None


# Claims → what is told, and how many answers are taken. The names on the sheet are FINANCE's.
CASES: dict[str, tuple[tuple[Marks, set[str], int], ...]] = {
    "the line is of another book": ((Marks(line=FOREIGN), {"other-book"}, 0),),
    "the line was altered": ((Marks(is_line_altered=True), {"marks-disagree"}, 0),),
    "lines of two owners": (
        (Marks(further_line=OTHER), {"marks-disagree"}, 0),
        (Marks(further_line=OWN_QUARTER), {"marks-disagree"}, 0),
    ),
    "nothing contradicts the line": (
        (Marks(), set(), ALL),
        (Marks(keywords=None), set(), ALL),
        (Marks(hidden=None), set(), ALL),
        (Marks(rows=None), {"row-by-text"}, ALL),
        (in_workbook_of(None), set(), ALL),
        (in_workbook_of(None, rows=None), {"row-by-text"}, ALL),
        (in_workbook_of(MASTER), set(), ALL),
        # A program that cuts keywords short.
        (Marks(keywords=OWN, hidden=MASTER), set(), ALL),
    ),
    "some rows are of others": (
        (Marks(first_row=OTHER), {"row-elsewhere", "row-missing"}, ALL - ONE),
        (in_workbook_of(None, first_row=OTHER), {"row-elsewhere", "row-missing"}, ALL - ONE),
    ),
    "all rows are of others, the workbook is not": ((Marks(rows=OTHER), {"row-elsewhere"}, 0),),
    "the line stands over rows of others": (
        (Marks(line=OTHER), {"marks-disagree"}, 0),
        (in_workbook_of(None, rows=OTHER), {"marks-disagree"}, 0),
        (in_workbook_of(OTHER, rows=OTHER), {"marks-disagree"}, 0),
    ),
    "the sheet was moved here whole": (
        (in_workbook_of(OTHER), {"name-differs"}, ALL),
        (in_workbook_of(TWO), {"name-differs"}, ALL),
        (in_workbook_of(FOREIGN), {"name-differs"}, ALL),
    ),
    "the line is alone in a workbook of others": (
        (in_workbook_of(OTHER, rows=None), {"marks-disagree"}, 0),
        (in_workbook_of(OTHER, first_row=OTHER), {"marks-disagree"}, 0),
        (in_workbook_of(FOREIGN, rows=None), {"marks-disagree"}, 0),
    ),
    "the line is of another round than the workbook": (
        (Marks(line=OWN_QUARTER), {"marks-disagree"}, 0),
        (in_workbook_of(OWN_QUARTER), {"marks-disagree"}, 0),
        (in_workbook_of(OTHER_QUARTER), {"marks-disagree"}, 0),
    ),
    "keywords and hidden sheet contradict each other": (
        (Marks(keywords=OTHER), {"marks-disagree"}, 0),
        (Marks(hidden=OWN_QUARTER), {"marks-disagree"}, 0),
        (Marks(keywords=FOREIGN), {"marks-disagree"}, 0),
    ),
    "the line is gone, the rows are of one section": (
        (Marks(line=None), set(), ALL),
        (in_workbook_of(MASTER, line=None), set(), ALL),
        # The book has two rounds, and no mark says which.
        (in_workbook_of(None, line=None), {"unknown-round"}, 0),
        # Nothing but what can be seen says that it is not INDUSTRY's.
        (in_workbook_of(OTHER, line=None, rows=OTHER), {"names-differ"}, ALL),
    ),
    "the line is gone, rows and workbook differ": (
        (Marks(line=None, rows=OTHER), {"marks-disagree"}, 0),
        (in_workbook_of(OTHER, line=None), {"marks-disagree"}, 0),
        (in_workbook_of(FOREIGN, line=None), {"marks-disagree"}, 0),
        (Marks(line=None, hidden=OWN_QUARTER), {"marks-disagree"}, 0),
    ),
    "the line is gone, the rows are of several sections": (
        (Marks(line=None, first_row=OTHER), {"marks-disagree"}, 0),
        (in_workbook_of(None, line=None, first_row=OTHER), {"marks-disagree"}, 0),
    ),
    "the workbook alone is marked": (
        (Marks(line=None, rows=None), {"row-by-text"}, ALL),
        (in_workbook_of(OTHER, line=None, rows=None), {"row-by-text", "names-differ"}, ALL),
    ),
    "the workbook alone is marked, for several": (
        (in_workbook_of(MASTER, line=None, rows=None), {"marks-disagree"}, 0),
        (Marks(line=None, rows=None, hidden=OTHER), {"marks-disagree"}, 0),
    ),
    "the workbook alone is marked, of another book": (
        (in_workbook_of(FOREIGN, line=None, rows=None), {"other-book"}, 0),
    ),
    "there is no mark": ((in_workbook_of(None, line=None, rows=None), {"not-ours"}, 0),),
}


def test_every_row_of_the_table_has_its_files() -> None:
    """No row is without a case, and no case without a row."""
    assert [row.case for row in DECISIONS] == list(CASES)


@pytest.mark.parametrize(
    ("case", "marks", "expected", "accepted"),
    [(case, *variant) for case, variants in CASES.items() for variant in variants],
)
def test_marks_decide_together(case: str, marks: Marks, expected: set[str], accepted: int) -> None:
    """The file is in its row of the table; its sheet is taken, or held with all its cells."""
    data = build(marks)
    assert find_case(data) == case
    ledger = collected(data, book=BOOK)
    assert (set(codes(ledger)), ledger.cell_balance.accepted) == (expected, accepted)
    assert ledger.cell_balance.is_balanced
    if "marks-disagree" in expected:
        (problem,) = ledger.problems
        assert problem.is_error
        assert problem.rejected_cells >= ALL


def find_case(data: bytes) -> str:
    """Return the row of the table for the first sheet of a workbook."""
    raw, rows = read_workbook(data), IssuedRows.from_book(BOOK)
    sheet, form = raw.sheets[0], BOOK.task_form
    columns = find_columns(sheet, form)
    assert columns is not None
    evidence = collect_evidence(sheet, columns, form)
    marks = collect_workbook_marks(raw, BOOK, rows.is_genuine)
    claims = collect_claims(sheet, evidence, marks, rows)
    return find_decision(claims.line, claims.rows, claims.workbook).case


def test_each_combination_of_claims_is_in_one_row() -> None:
    """The table leaves nothing out, and says nothing twice."""
    lines = (Claim.ABSENT, Claim.SAME, Claim.SEVERAL, Claim.ALTERED, Claim.OTHER_BOOK)
    rows = (Claim.ABSENT, Claim.SAME, Claim.SEVERAL, Claim.OTHER_SECTION)
    for line, row_claim, workbook in product(lines, rows, set(Claim) - {Claim.ALTERED}):
        matches = [
            row.case
            for row in DECISIONS
            if line in row.line and row_claim in row.rows and workbook in row.workbook
        ]
        assert len(matches) == 1, (line, row_claim, workbook, matches)


def test_a_table_pasted_alone_is_known_in_a_book_of_one_round() -> None:
    """Line, keywords and hidden sheet gone: codes name the section, and the book the round."""
    sheet = load_workbook(io.BytesIO(build(Marks()))).worksheets[0]
    bare = copy_visible_cells(sheet, FIRST - 1)
    ledger = collected(bare, book=replace(BOOK, rounds=BOOK.rounds[1:]))
    assert (codes(ledger), ledger.cell_balance.accepted) == ([], ALL)


# -- what was seen ------------------------------------------------------------------


def true_return(source: Source) -> bytes:
    """Return a section's own return, saved before any other."""
    section = source.sections[0]
    return fill(issued(source), signed(section, BOOK), SAVED_AT - timedelta(days=1))


@pytest.mark.parametrize("line", [None, OWN], ids=["line deleted", "line left"])
def test_codes_of_another_section_typed_into_a_form_beat_nobody(line: Source | None) -> None:
    """FINANCE's form with INDUSTRY's codes is held; INDUSTRY's own answers stand unopposed."""
    alone = collected(true_return(OTHER), book=BOOK)
    ledger = collected(true_return(OTHER), build(Marks(line=line, rows=OTHER)), book=BOOK)
    assert (answers(ledger), ledger.conflicts) == (answers(alone), ())
    held = [problem for problem in ledger.problems if problem.is_error]
    assert held
    assert {problem.section for problem in held} == {FINANCE}
    states = {report.section: report.status for report in ledger.section_reports}
    assert states[FINANCE] is SubmissionStatus.NOT_ACCEPTED


def test_a_line_of_another_round_makes_no_conflict_in_it() -> None:
    """An annual form under the first quarter's line leaves what the quarter returned alone."""
    alone = collected(true_return(OWN_QUARTER), book=BOOK)
    ledger = collected(true_return(OWN_QUARTER), build(Marks(line=OWN_QUARTER)), book=BOOK)
    assert (answers(ledger), ledger.conflicts) == (answers(alone), ())
    (problem,) = [one for one in ledger.problems if one.code == "marks-disagree"]
    assert problem.message == (
        "这张表的各处识别信息互相对不上，不能确定是哪个科室、哪一批次的，没有汇入："
        "A3 格的识别码写的是“金融发展科”“第一季度”；第 6 行等 4 行的行码是“金融发展科”的；"
        "文件里隐藏的识别信息写的是“金融发展科”“年度”。"
    )


def test_a_contradiction_between_keywords_and_hidden_sheet_names_both() -> None:
    """Who reads it sees where each is."""
    ledger = collected(build(Marks(keywords=OTHER)), book=BOOK)
    assert "文件属性里的识别信息写的是“产业金融科”“年度”" in ledger.problems[0].message
    assert "隐藏工作表里的写的是“金融发展科”“年度”" in ledger.problems[0].message


def test_of_many_hidden_marks_a_message_names_few() -> None:
    """总台账 may have the marks of forty sections."""
    names = [f"第{n}科" for n in range(10)]
    book = replace(BOOK, sections=(*BOOK.sections, *map(Section, names)))
    data = build_section_workbook(book, book.rounds[1], [FINANCE, *names], ISSUED_ON)
    workbook = load_workbook(io.BytesIO(fill(data, signed(FINANCE, BOOK))))
    sheet = workbook.worksheets[0]
    sheet.cell(LINE, 1).value = None
    for row in range(FIRST, LAST + 1):
        copy_codes(sheet, row, None)
    ledger = collected(serialize_workbook(workbook, SAVED_AT), book=book)
    (problem,) = [one for one in ledger.problems if one.code == "marks-disagree"]
    assert "工作表上没有识别码，也没有行码" in problem.message
    assert problem.message.count("“年度”") == 3
    assert "等 11 个" in problem.message


# -- 收件登记 -----------------------------------------------------------------------


def register(section: str = "", round_: str = "", day: date | None = None) -> Book:
    line = FileRegistration("1.xlsx", section=section, round=round_, received_on=day)
    return replace(BOOK, registrations=(line,))


@pytest.mark.parametrize(
    ("marks", "book", "owner"),
    [
        # What the marks disagree on must be registered.
        (Marks(line=OWN_QUARTER), register(round_=YEAR), (FINANCE, YEAR)),
        (Marks(line=OWN_QUARTER), register(round_=QUARTER), (FINANCE, QUARTER)),
        (Marks(line=OWN_QUARTER), register(section=FINANCE), None),
        (Marks(line=None, rows=OTHER), register(section=INDUSTRY), (INDUSTRY, YEAR)),
        (Marks(line=None, rows=OTHER), register(section=FINANCE), (FINANCE, YEAR)),
        (Marks(line=None, rows=OTHER), register(round_=YEAR), None),
        (Marks(line=None, rows=OTHER), register(day=date(2022, 12, 1)), None),
        (in_workbook_of(OTHER_QUARTER), register(round_=YEAR), None),
        (in_workbook_of(OTHER_QUARTER), register(FINANCE, YEAR), (FINANCE, YEAR)),
        (Marks(is_line_altered=True), register(section=FINANCE), (FINANCE, YEAR)),
        (in_workbook_of(None, line=None), register(round_=QUARTER), (FINANCE, QUARTER)),
        (in_workbook_of(None, line=None), register(section=FINANCE), None),
        (in_workbook_of(FOREIGN, line=None), register(FINANCE, YEAR), (FINANCE, YEAR)),
        (Marks(line=FOREIGN), register(FINANCE, YEAR), None),
    ],
)
def test_the_office_settles_a_held_sheet(
    marks: Marks, book: Book, owner: tuple[str, str] | None
) -> None:
    """A line of 收件登记 says whose it is; one that leaves the doubt changes nothing."""
    ledger = collected(build(marks), book=book)
    accepted = [(row.section, len(row.answers)) for row in ledger.assignment_results if row.answers]
    if owner is None:
        assert accepted == []
        assert any(problem.is_error for problem in ledger.problems)
        return
    section, round_ = owner
    assert accepted == [(section, ONE)] * 4
    assert ledger.file_reports[0].round == round_
    assert "marks-disagree" not in codes(ledger)
    assert ledger.cell_balance.is_balanced
