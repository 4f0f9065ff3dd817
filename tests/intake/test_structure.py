"""How a workbook is built, told without anything that a person typed or named."""

from __future__ import annotations

import io
import json
import zipfile

import pytest

from ledgerbook.intake.structure import describe_structure, mask_part_name, mask_suffix
from tests.support.books import DONE, FINANCE, fill, issued, make_book
from tests.support.returns import sent


@pytest.mark.parametrize(
    ("name", "masked"),
    [
        ("xl/worksheets/sheet12.xml", "xl/worksheets/sheet12.xml"),
        ("xl/worksheets/_rels/sheet1.xml.rels", "xl/worksheets/_rels/sheet1.xml.rels"),
        ("[Content_Types].xml", "[Content_Types].xml"),
        ("_rels/.rels", "_rels/.rels"),
        ("xl/media/image1.png", "xl/media/image1.png"),
        ("xl/media/张三.png", "xl/media/….png"),
        ("xl/embeddings/13800138000.docx", "xl/embeddings/….docx"),
        ("xl/media/image13800138000.png", "xl/media/….png"),
        ("张三/xl/zhangsan", "…/xl/…"),
        ("a.张三", "….…"),
    ],
)
def test_names_of_parts(name: str, masked: str) -> None:
    """The words of the formats stay; whatever a person may have chosen goes."""
    assert mask_part_name(name) == masked


def test_suffixes() -> None:
    """A suffix stays where it is one of a known kind of file."""
    names = ("表.XLSX", "表.张三", "表", "张三.1990.xls")
    assert list(map(mask_suffix, names)) == [".xlsx", ".…", "", ".xls"]


def test_a_workbook_of_ours() -> None:
    """States, areas and counts, of what we wrote and of what another program saved."""
    structure = describe_structure(sent(FINANCE))
    assert (structure["container"], structure["application"]) == ("ooxml", "Microsoft Excel")
    parts = {part["name"]: part for part in structure["parts"]}
    assert parts["xl/workbook.xml"]["states"] == ["visible", "visible", "hidden", "veryHidden"]
    assert parts["xl/worksheets/sheet1.xml"]["area"].startswith("A1:")
    assert parts["xl/worksheets/sheet1.xml"]["elements"]["dataValidation"] == 12
    assert parts["xl/sharedStrings.xml"]["elements"]["si"] > 50
    saved = describe_structure(fill(issued(make_book(), FINANCE), {"T01": DONE}))
    assert "…" not in json.dumps(saved["parts"], ensure_ascii=False)


def test_what_a_hostile_workbook_says_of_itself() -> None:
    """Names of elements, types, states, areas and programs are told only if they are known."""
    parts = {
        "xl/workbook.xml": '<w><sheet name="张三" state="李四"/><王五/></w>',
        "xl/worksheets/sheet1.xml": '<w><dimension ref="赵六"/><c t="钱七"><v>1</v></c></w>',
        "xl/worksheets/sheet2.xml": "<w><c>孙八</w>",
        "docProps/app.xml": "<p><Application>周九</Application><AppVersion>吴十</AppVersion></p>",
    }
    buffer = io.BytesIO()
    with zipfile.ZipFile(buffer, "w") as package:
        for name, text in parts.items():
            package.writestr(name, text)
    structure = describe_structure(buffer.getvalue())
    text = json.dumps(structure, ensure_ascii=False)
    assert not [one for one in "张李王赵钱孙周吴" if one in text]
    assert (structure["application"], structure["version"]) == ("…", "…")
    first, second, third, _ = structure["parts"]
    assert first["states"] == ["…"]
    assert (second["cells"], "area" in second) == ({"…": 1}, False)
    assert third["failed"] == "RefusedError"


def test_other_files_have_no_structure() -> None:
    assert describe_structure(b"%PDF-1.7") == {}
