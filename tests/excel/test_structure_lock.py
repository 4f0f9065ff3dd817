"""The sheets of what sections fill and the office keeps cannot be renamed or deleted by mistake.

Excel takes workbookProtection at one place only (ECMA-376 Part 1 §18.2.27).
"""

from __future__ import annotations

import io
import re
import zipfile

import pytest
from openpyxl import load_workbook

from ledgerbook.book import build_book_bytes
from ledgerbook.summary import write_summary, write_upload_summary
from tests.support.books import FINANCE, make_book
from tests.support.returns import collected, sent, whole


def build_correction() -> bytes:
    from ledgerbook.issue.corrections import build_corrections

    return next(iter(build_corrections(collected(sent(FINANCE))))).data


LOCKED = {
    "book": lambda: build_book_bytes(make_book()),
    "form": lambda: sent(FINANCE),
    "correction": build_correction,
    "summary": lambda: write_summary(collected()),
    "upload summary": lambda: write_upload_summary(collected()),
}


@pytest.mark.parametrize("kind", LOCKED)
def test_the_structure_is_locked_without_a_password(kind: str) -> None:
    data = LOCKED[kind]()
    security = load_workbook(io.BytesIO(data)).security
    assert security.lockStructure
    assert not security.workbookPassword
    assert not security.workbookHashValue
    part = zipfile.ZipFile(io.BytesIO(data)).read("xl/workbook.xml").decode()
    elements = re.findall(r"<(\w+)[ />]", part)
    place = elements.index("workbookProtection")
    assert elements[place - 1] == "workbookPr"
    assert elements[place + 1] == "bookViews"


def test_the_office_may_take_sheets_out_of_the_master_workbook() -> None:
    """It hands single sheets on: 移动或复制工作表 must be there."""
    security = load_workbook(io.BytesIO(whole())).security
    assert not (security and security.lockStructure)
