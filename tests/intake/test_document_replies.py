"""A reply in Word, WPS Writer, ODT, RTF or PDF is 须处理, and put down to its section."""

from __future__ import annotations

import io

import pytest
from docx import Document

from ledgerbook.intake.pipeline import ReadContext, read_return
from ledgerbook.merge.ledger import merge_returns
from ledgerbook.model.problems import Problem
from ledgerbook.model.results import SubmissionStatus
from tests.support.books import AS_OF, FINANCE, make_book
from tests.support.ole_writer import build_container
from tests.support.returns import answered
from tests.support.workbook_formats import zipped

BOOK = make_book()


def make_docx(*paragraphs: tuple[str, ...]) -> bytes:
    """Return a .docx; a paragraph is given by its runs."""
    document = Document()
    for runs in paragraphs:
        paragraph = document.add_paragraph()
        for run in runs:
            paragraph.add_run(run)
    buffer = io.BytesIO()
    document.save(buffer)
    return buffer.getvalue()


def make_doc(text: str) -> bytes:
    return build_container({"WordDocument": bytes(2048) + text.encode("utf-16-le")})


def make_odt(text: str) -> bytes:
    return zipped(
        {
            "mimetype": b"application/vnd.oasis.opendocument.text",
            "content.xml": f"<a><p>{text}</p></a>".encode(),
        }
    )


def read(name: str, data: bytes) -> Problem:
    (problem,) = read_return(name, data, ReadContext(BOOK, AS_OF)).problems
    return problem


NAMED = f"{FINANCE}反馈"
DOCUMENTS = [
    (f"{NAMED}.docx", make_docx(("已完成",)), "file-document", FINANCE),
    ("反馈.docx", make_docx(("填报科室：", "金融", "发展科")), "file-document", FINANCE),
    ("反馈.docx", make_docx(("金融发展科、产业金融科",)), "file-document", ""),
    (f"{NAMED}.doc", make_doc("已完成"), "file-document", FINANCE),
    ("反馈.wps", make_doc(f"{FINANCE}：已完成"), "file-document", FINANCE),
    ("反馈.doc", make_doc("已完成" * 400_000 + FINANCE), "file-document", FINANCE),
    ("反馈.odt", make_odt(f"{FINANCE}已完成"), "file-document", FINANCE),
    (f"{NAMED}.wps", build_container({"other": b"x"}), "file-document", FINANCE),
    (f"{NAMED}.doc", b"WordPerfect?", "file-document", FINANCE),
    (f"{NAMED}.rtf", rb"{\rtf1\ansi done}", "file-document", FINANCE),
    (f"{NAMED}.pdf", b"%PDF-1.4 ...", "file-pdf", FINANCE),
    (f"{NAMED}.xlsx", make_docx(("已完成",)), "file-document", FINANCE),
    ("反馈.docx", zipped({"word/document.xml": b"<a>" * 9 + b"\xff"}), "file-document", ""),
]


@pytest.mark.parametrize(("name", "data", "code", "section"), DOCUMENTS)
def test_a_document_is_put_down_to_its_section(
    name: str, data: bytes, code: str, section: str
) -> None:
    """By the name of its file, else by its text; of two that are named it is nobody's."""
    problem = read(name, data)
    assert (problem.code, problem.section, problem.is_error) == (code, section, True)


def test_a_section_that_replied_in_word_has_sent_something() -> None:
    """It is not as if nothing had come; and no form that it also sent makes it settled."""
    context = ReadContext(BOOK, AS_OF)
    document = read_return(f"{NAMED}.docx", make_docx(("已完成",)), context)
    (report,) = [
        report
        for report in merge_returns(BOOK, [document], AS_OF).section_reports
        if report.section == FINANCE
    ]
    assert report.status is SubmissionStatus.NOT_ACCEPTED
    both = [document, read_return("a.xlsx", answered(FINANCE), context)]
    ledger = merge_returns(BOOK, both, AS_OF)
    assert [p.is_error for p in ledger.problems if p.code == "file-document"] == [True]


def test_a_presentation_is_no_reply() -> None:
    """As today: told, and nobody must act."""
    assert read("a.pptx", zipped({"ppt/presentation.xml": b"<x/>"})).code == "file-other-type"
