"""The judges find one fault of each kind, seeded into a sound file."""

from __future__ import annotations

import re
from pathlib import Path

import pytest

from ledgerbook.annual_report import build_draft, write_draft
from ledgerbook.excel.deterministic_zip import rewrite_parts
from ledgerbook.summary import write_summary
from tests.support.books import OFFICE, issued, make_book
from tests.support.drafts import make_small_ledger
from tests.support.requirements import need_program
from tests.validation.judges import check_rules
from tests.validation.known_findings import KNOWN_FINDINGS
from tests.validation.recalculation import compare_values, recalculate
from tests.validation.sdk import OFFICE_VERSIONS, ask_validator, find_validator
from tests.validation.spread import choose_spread

LONG = "长" * 256
SHEET = "xl/worksheets/sheet1.xml"
FORMULA = r"(<c [^>]*><f>)[^<]*"
VALIDATION = r"(<dataValidation type=\"list\"[^>]*>\s*<formula1>)[^<]*"

# The rule that is broken; the file, the part, what is replaced once in it, and by what.
RULE_FAULTS = (
    # ECMA-376 Part 2: packages.
    ("content-type", "issued", "[Content_Types].xml", r"<Override [^>]*styles[^>]*/>", ""),
    ("relationship", "issued", "xl/_rels/workbook.xml.rels", r"sheet1\.xml", "sheet99.xml"),
    ("unreached-part", "summary", "xl/worksheets/_rels/sheet1.xml.rels", r"drawing1", "drawing9"),
    ("relationship", "issued", "xl/workbook.xml", r'r:id="rId1"', 'r:id="rId99"'),
    ("document-type", "issued", SHEET, r"<worksheet", "<!DOCTYPE worksheet><worksheet"),
    ("package", "issued", SHEET, r"</worksheet>", ""),
    # ECMA-376 Part 1: order, indexes, ids.
    ("element-order", "issued", SHEET, r"(<sheetData>.*)(<pageMargins[^>]*/>)", r"\2\1"),
    ("element-order", "issued", "xl/workbook.xml", r"<sheets>", "<calcPr/><sheets>"),
    ("row-order", "issued", SHEET, r'<row r="4"', '<row r="3"'),
    ("cell-order", "issued", SHEET, r'<c r="B', '<c r="A'),
    ("column-order", "issued", SHEET, r'<col min="2" max="', '<col min="1" max="'),
    ("shared-string", "issued", SHEET, r't="s"><v>\d+', 't="s"><v>99999'),
    ("cell-number", "summary", SHEET, r"</f><v>\d+", "</f><v>1,5"),
    ("style-index", "issued", SHEET, r' s="\d+"', ' s="9999"'),
    ("style-index", "issued", "xl/styles.xml", r'fontId="1"', 'fontId="999"'),
    ("style-count", "issued", "xl/styles.xml", r'<fonts count="\d+"', '<fonts count="1"'),
    ("sheet-id", "issued", "xl/workbook.xml", r'sheetId="2"', 'sheetId="1"'),
    ("conditional-format", "issued", SHEET, r'dxfId="\d+"', 'dxfId="999"'),
    ("conditional-format", "issued", SHEET, r'priority="2"', 'priority="1"'),
    # Excel's own rules and limits.
    ("sheet-name", "issued", "xl/workbook.xml", r'<sheet name="[^"]*', f'<sheet name="{LONG}'),
    (
        "active-sheet",
        "issued",
        "xl/worksheets/sheet2.xml",
        "<sheetView ",
        '<sheetView tabSelected="1" ',
    ),
    (
        "defined-name",
        "issued",
        "xl/workbook.xml",
        r'<definedName name="[a-z]\w*',
        '<definedName name="AB12',
    ),
    ("row-height", "issued", SHEET, r' ht="[\d.]+"', ' ht="500"'),
    ("column-width", "issued", SHEET, r' width="[\d.]+"', ' width="256"'),
    ("text-length", "issued", "xl/sharedStrings.xml", r"<t[^>]*>[^<]*", "<t>" + "长" * 32_768),
    ("text-character", "issued", "xl/sharedStrings.xml", r"<t[^>]*>[^<]*", "<t>_x0001_"),
    ("merge", "issued", SHEET, r'<mergeCell ref="[^"]*"', '<mergeCell ref="A2:Z2"'),
    ("filter", "issued", SHEET, r'<autoFilter ref="[^"]*"', '<autoFilter ref="A1:Z9"'),
    ("validation", "issued", SHEET, r'promptTitle="[^"]*"', f'promptTitle="{LONG}"'),
    ("validation", "issued", SHEET, VALIDATION, rf'\1"{LONG}"'),
    ("formula-length", "issued", SHEET, VALIDATION, r"\1" + "A1+" * 100 + "1"),
    ("formula-name", "issued", SHEET, VALIDATION, r"\1no_such_name"),
    ("formula-length", "summary", SHEET, FORMULA, r"\1" + "A1+" * 2731 + "1"),
    ("formula-text", "summary", SHEET, FORMULA, rf'\1"{LONG}"'),
    ("formula-sheet", "summary", SHEET, FORMULA, r"\1'无此表'!A1"),
    ("formula-function", "summary", SHEET, FORMULA, r"\1XLOOKUP(1,A1:A2,B1:B2)"),
    ("formula-depth", "summary", SHEET, FORMULA, r"\1" + "(" * 65 + "1" + ")" * 65),
    ("formula-arguments", "summary", SHEET, FORMULA, r"\1SUM(1" + ",1" * 255 + ")"),
    ("formula-syntax", "summary", SHEET, FORMULA, r"\1SUM(1"),
    ("formula-sheet", "summary", "xl/charts/chart1.xml", r"<c:f>[^<]*", "<c:f>没有!$A$1"),
    ("footer", "issued", SHEET, r"<oddFooter>", f"<oddFooter>{LONG}"),
    ("table", "summary", "xl/tables/table1.xml", r'(id="2" name=")[^"]*', r"\1别的"),
    ("pane", "issued", SHEET, r'activePane="\w+"', 'activePane="topLeft"'),
    (
        "breaks-with-fit",
        "issued",
        SHEET,
        r"(<sheetPr[^/]*<pageSetUpPr fitToPage=\"1\"/>.*<headerFooter>.*?</headerFooter>)",
        r'\1<rowBreaks count="1" manualBreakCount="1"><brk id="7" man="1"/></rowBreaks>',
    ),
    ("number-width", "issued", SHEET, r'(<col min="8" max="8" width=")[\d.]+', r"\g<1>10.5"),
    ("number-width", "summary", SHEET, r'(<col min="2" max="\d+" width=")[\d.]+', r"\g<1>1"),
    # Word.
    ("comment", "draft", "word/document.xml", r"<w:commentRangeEnd [^>]*/>", ""),
    ("table-grid", "draft", "word/document.xml", r"<w:gridCol [^>]*/>", ""),
    ("table-cell", "draft", "word/document.xml", r"(<w:tc>.*?)<w:p>.*?</w:tc>", r"\1</w:tc>"),
    ("text-space", "draft", "word/document.xml", r"<w:t>", "<w:t> "),
    ("style", "draft", "word/styles.xml", r'w:styleId="[^"]*"', 'w:styleId="Title"'),
    (
        "undefined-style",
        "draft",
        "word/document.xml",
        r'<w:pStyle w:val="\w*"',
        '<w:pStyle w:val="No"',
    ),
)

# What the Open XML SDK must find: its id, then as above.
SDK_FAULTS = (
    (
        "Sch_UnexpectedElementContentExpectingComplex",
        "issued",
        SHEET,
        r"<sheetData>",
        "<mergeCells/><sheetData>",
    ),
    ("Sch_AttributeValueDataTypeDetailed", "issued", SHEET, r'max="1"', 'max="eins"'),
    (
        "Sch_UndeclaredAttribute",
        "summary",
        "xl/tables/table1.xml",
        r"<autoFilter ",
        '<autoFilter new="1" ',
    ),
    (
        "Sch_UnexpectedElementContentExpectingComplex",
        "draft",
        "word/document.xml",
        r"<w:pPr>(<w:pStyle [^>]*/>)",
        r'<w:pPr><w:jc w:val="both"/>\1',
    ),
)


@pytest.fixture(scope="module")
def sound() -> dict[str, bytes]:
    """Return an issued workbook, a summary with a chart and a table, and a draft with comments."""
    ledger = make_small_ledger({(1, OFFICE): {"status": "已完成", "result": "办了。"}})
    return {
        "issued": issued(make_book(), OFFICE),
        "summary": write_summary(ledger),
        "draft": write_draft(build_draft(ledger)),
    }


def seed(data: bytes, part: str, pattern: str, replacement: str) -> bytes:
    """Return the file with the first match of ``pattern`` in a part replaced."""
    counts = []

    def rewrite(name: str, content: bytes) -> bytes:
        if name != part:
            return content
        text, count = re.subn(pattern, replacement, content.decode(), count=1, flags=re.DOTALL)
        counts.append(count)
        return text.encode()

    faulty = rewrite_parts(data, rewrite)
    assert counts == [1]
    return faulty


def test_sound_files_have_known_findings_only(sound: dict[str, bytes]) -> None:
    """Without a seeded fault the judges find nothing new."""
    rules = {one.rule for data in sound.values() for one in check_rules(data)}
    assert rules <= set(KNOWN_FINDINGS)


@pytest.mark.parametrize(("rule", "file", "part", "pattern", "replacement"), RULE_FAULTS)
def test_a_broken_rule_is_found(
    sound: dict[str, bytes], rule: str, file: str, part: str, pattern: str, replacement: str
) -> None:
    """Each fault adds a finding of its rule."""
    before = [one for one in check_rules(sound[file]) if one.rule == rule]
    after = check_rules(seed(sound[file], part, pattern, replacement))
    assert {one for one in after if one.rule == rule} - set(before)


@pytest.mark.clients
@pytest.mark.parametrize("office", OFFICE_VERSIONS)
def test_the_open_xml_sdk_finds_what_breaks_the_schema(
    sound: dict[str, bytes], tmp_path: Path, office: str
) -> None:
    """The validator finds nothing in a sound file and each seeded fault."""
    validator = find_validator()
    for name, data in sound.items():
        path = tmp_path / f"{name}.{'docx' if name == 'draft' else 'xlsx'}"
        path.write_bytes(data)
        assert ask_validator(validator, path, office) == []
    for rule, name, *change in SDK_FAULTS:
        path = tmp_path / f"faulty.{'docx' if name == 'draft' else 'xlsx'}"
        path.write_bytes(seed(sound[name], *change))
        assert rule in {one.rule for one in ask_validator(validator, path, office)}


@pytest.mark.clients
def test_the_open_xml_sdk_knows_the_version(sound: dict[str, bytes], tmp_path: Path) -> None:
    """The word for the version reaches the validator: Office 2007 knows less than 2019."""
    path = tmp_path / "new.xlsx"
    newer = (
        '<extLst><ext uri="{7E03D99C-DC04-49d9-9315-930204A7B6E9}" xmlns:x15='
        '"http://schemas.microsoft.com/office/spreadsheetml/2010/11/main">'
        "<x15:timelineRefs/></ext></extLst></worksheet>"
    )
    path.write_bytes(seed(sound["issued"], SHEET, "</worksheet>", newer))
    validator = find_validator()
    assert ask_validator(validator, path, "Office2007") != ask_validator(validator, path)


@pytest.mark.office
def test_a_stored_value_that_libreoffice_does_not_compute_is_found(
    sound: dict[str, bytes], tmp_path: Path
) -> None:
    """Another number in the place of a formula's value is found, and nothing else."""
    need_program("soffice")
    right, wrong = tmp_path / "right.xlsx", tmp_path / "wrong.xlsx"
    right.write_bytes(sound["summary"])
    wrong.write_bytes(seed(sound["summary"], SHEET, r"</f><v>\d+", "</f><v>7777"))
    copies = recalculate([right, wrong], tmp_path)
    found = [list(compare_values(*pair)) for pair in zip([right, wrong], copies, strict=True)]
    assert [len([one for one in findings if one]) for findings in found] == [0, 1]
    assert len(found[0]) > 10


def test_a_spread_has_every_trait_and_then_every_kind() -> None:
    """A file with something new comes first, then the kinds in turn."""
    one, two = frozenset({("a",)}), frozenset({("a",), ("b",)})
    files = {"1": ("x", one), "2": ("x", two), "3": ("x", one), "4": ("y", one)}
    chosen = choose_spread({Path(name): file for name, file in files.items()}, 3)
    assert [path.name for path in chosen] == ["2", "1", "4"]
