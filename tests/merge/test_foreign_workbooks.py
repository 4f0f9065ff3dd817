"""A workbook that is not ours: evidence where a return names it, else for the office to verify."""

from __future__ import annotations

import pytest
from openpyxl import Workbook

from ledgerbook.excel.deterministic_zip import serialize_workbook
from ledgerbook.intake.file_content import FileContent
from ledgerbook.intake.pipeline import ReadContext, read_return
from ledgerbook.merge.ledger import merge_returns
from ledgerbook.model.problems import Place, Problem
from ledgerbook.model.results import FileReport, FileStatus, Ledger
from tests.support.books import AS_OF, FINANCE, INDUSTRY, OFFICE, fill, issued, make_book
from tests.support.sheet_attachments import PNG, attach

BOOK = make_book()


def make_evidence() -> bytes:
    workbook = Workbook()
    workbook.worksheets[0].append(["姓名", "签到"])
    return attach(serialize_workbook(workbook), notes={"A1": "内部"}, pictures={(3, 0): PNG})


def make_return(section: str, evidence: str = "") -> bytes:
    answers = {"status": "推进中", **({"evidence": evidence} if evidence else {})}
    return fill(issued(BOOK, section), {BOOK.get_tasks(section)[0].code: answers})


def merge(files: dict[str, bytes | str]) -> Ledger:
    """Merge files by name; a text is the code by which an archive or mail is told."""
    context = ReadContext(BOOK, AS_OF)
    reads = [
        read_return(name, data, context)
        if isinstance(data, bytes)
        else FileContent(
            FileReport(name, 1, "", FileStatus.SKIPPED),
            problems=(Problem(data, Place(name), {"count": "2"}),),
        )
        for name, data in files.items()
    ]
    ledger = merge_returns(BOOK, reads, AS_OF)
    assert ledger.cell_balance.is_balanced
    assert ledger == merge_returns(BOOK, reads[::-1], AS_OF)
    return ledger


def find_foreign(ledger: Ledger) -> Problem:
    (problem,) = [p for p in ledger.problems if p.code.startswith("foreign")]
    return problem


@pytest.mark.parametrize(
    ("evidence", "name", "is_named"),
    [
        ("见人员签到表.xlsx", "材料/人员签到表.xlsx", True),
        ("《人员 签到表》", "人员签到表.XLSX", True),
        ("附件1、附件3", "附件1.xlsx", True),
        ("附件12", "附件1.xlsx", False),
        ("2022年", "20.xlsx", False),
        ("见20.xlsx", "20.xlsx", True),
        ("现场照片", "人员签到表.xlsx", False),
    ],
)
def test_evidence_is_what_a_return_names(evidence: str, name: str, is_named: bool) -> None:
    """By its file name, with or without the ending, in 佐证材料; its pictures go along."""
    ledger = merge({"a.xlsx": make_return(FINANCE, evidence), name: make_evidence()})
    problem = find_foreign(ledger)
    assert problem.code == ("foreign-evidence" if is_named else "foreign-unnamed")
    assert problem.section == (FINANCE if is_named else "")
    task = BOOK.get_tasks(FINANCE)[0].code
    assert [(one.section, one.task, one.column) for one in ledger.attachments] == (
        [(FINANCE, task, "evidence")] if is_named else []
    )
    report = next(one for one in ledger.file_reports if one.name == name)
    assert (report.status, report.note) == (FileStatus.SKIPPED, problem.message)
    assert bool(problem.office_matter) is not is_named


def test_what_came_with_a_return_is_its_evidence() -> None:
    """In one mail with it; the pictures stay where they are, for no return names them."""
    files = {
        "信.eml": "file-mail-read",
        "信.eml/a.xlsx": make_return(FINANCE),
        "信.eml/包.zip": "file-archive-read",
        "信.eml/包.zip/表.xlsx": make_evidence(),
        "b.xlsx": make_return(INDUSTRY),
    }
    ledger = merge(files)
    problem = find_foreign(ledger)
    assert (problem.code, problem.section) == ("foreign-evidence", FINANCE)
    assert "同一封邮件" in problem.message
    assert ledger.attachments == ()


def test_an_archive_of_several_returns_says_of_none_whose_it_is() -> None:
    """A name that only one of them mentions decides, also against others outside."""
    files: dict[str, bytes | str] = {
        "全部.zip": "file-archive-read",
        "全部.zip/a.xlsx": make_return(FINANCE),
        "全部.zip/b.xlsx": make_return(INDUSTRY),
        "全部.zip/名单.xlsx": make_evidence(),
    }
    assert find_foreign(merge(files)).code == "foreign-unnamed"
    files |= {
        "全部.zip/b.xlsx": make_return(INDUSTRY, "名单"),
        "c.xlsx": make_return(OFFICE, "名单"),
    }
    assert find_foreign(merge(files)).section == INDUSTRY


def test_one_that_two_sections_name_is_of_both() -> None:
    """It is told with both, belongs to neither, and its pictures stay out."""
    ledger = merge(
        {
            "a.xlsx": make_return(FINANCE, "名单"),
            "b.xlsx": make_return(INDUSTRY, "名单"),
            "名单.xlsx": make_evidence(),
        }
    )
    problem = find_foreign(ledger)
    assert (problem.code, problem.section, ledger.attachments) == ("foreign-evidence", "", ())
    assert (
        f"{INDUSTRY}、{FINANCE}" in problem.message or f"{FINANCE}、{INDUSTRY}" in problem.message
    )


def test_what_may_be_meant_as_the_return_must_be_dealt_with() -> None:
    """A table of its own make under the name of a section that returned nothing else."""
    alone = {f"{INDUSTRY}台账.xlsx": make_evidence()}
    assert find_foreign(merge(alone)).is_error
    others = {**alone, "a.xlsx": make_return(FINANCE)}
    assert find_foreign(merge(others)).is_error
    returned = {**others, "b.xlsx": make_return(INDUSTRY)}
    assert not find_foreign(merge(returned)).is_error
