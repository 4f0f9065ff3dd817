"""The judges over one file each."""

from __future__ import annotations

import zipfile
from collections.abc import Iterator

from lxml import etree

from tests.validation.documents import check_document
from tests.validation.packages import Finding, Package, check_package
from tests.validation.workbooks import check_workbook


def check_rules(data: bytes) -> Iterator[Finding]:
    """Yield what breaks a rule of ECMA-376, of Excel or of Word in an .xlsx or .docx file."""
    try:
        package = Package(data)
    except (zipfile.BadZipFile, etree.XMLSyntaxError, KeyError) as error:
        yield Finding("package", "", f"cannot be opened: {error}")
        return
    found = list(check_package(package))
    yield from found
    # Nobody can follow the references of a workbook whose relationships lead nowhere.
    if any(one.rule == "relationship" for one in found):
        return
    if not package.main_part:
        yield Finding("package", "_rels/.rels", "there is no workbook and no document")
    elif package.is_workbook:
        yield from check_workbook(package)
    else:
        yield from check_document(package)
