"""An .xlsx spelled in every legal way: all answers arrive, or one clear problem."""

from __future__ import annotations

import io
import re
import zipfile
from collections.abc import Callable
from datetime import date, datetime, time
from functools import cache

import pytest
from openpyxl import load_workbook
from openpyxl.utils.datetime import CALENDAR_MAC_1904

from ledgerbook.excel.deterministic_zip import serialize_workbook
from ledgerbook.file_types import RefusedError, read_parts
from ledgerbook.intake.formats.reader import read_workbook
from tests.support.books import DONE, FINANCE, fill, make_book
from tests.support.returns import (
    SHEET,
    STRINGS,
    answers,
    codes,
    collected,
    inline_cell,
    plain,
    replace_parts,
    sent,
    sheet_xml,
    signed,
    strings_xml,
)

CORE, STYLES, BOOK = "docProps/core.xml", "xl/styles.xml", "xl/workbook.xml"
LINKS, ROOT = "xl/_rels/workbook.xml.rels", "_rels/.rels"
Change = Callable[[bytes], bytes]


@cache
def filled() -> bytes:
    """Return a section's workbook with texts, a date, lines and a number as text."""
    said = signed(FINANCE)
    said["T01"] = {**DONE, "result": "第一行\n第二行", "phone": "0755"}
    return fill(sent(FINANCE), said)


def swap(*pairs: tuple[bytes, bytes]) -> Change:
    def change(xml: bytes) -> bytes:
        for old, new in pairs:
            xml = xml.replace(old, new)
        return xml

    return change


def wide(encoding: str) -> Change:
    def change(xml: bytes) -> bytes:
        text = xml.decode().removeprefix("\ufeff")
        text = re.sub(r"^<\?xml.*?\?>", "", text)
        return f'<?xml version="1.0" encoding="UTF-16"?>{text}'.encode(encoding)

    return change


def all_parts(change: Change) -> bytes:
    names = [n for n in read_parts(filled()) if n.endswith((".xml", ".rels"))]
    return replace_parts(filled(), dict.fromkeys(names, change))


def renamed(change: Callable[[str], str], data: bytes | None = None) -> bytes:
    """Return the workbook with its parts called otherwise, their bytes as they are."""
    source = zipfile.ZipFile(io.BytesIO(data or filled()))
    buffer = io.BytesIO()
    with zipfile.ZipFile(buffer, "w") as target:
        for name in source.namelist():
            target.writestr(change(name), source.read(name))
    return buffer.getvalue()


def in_strings(data: bytes) -> bytes:
    """Move every text into the table of strings, where openpyxl wrote it inline."""
    texts: list[bytes] = []

    def move(found: re.Match[bytes]) -> bytes:
        texts.append(found[2])
        return b'<c%s t="s"><v>%d</v></c>' % (found[1], len(texts) - 1)

    pattern = re.compile(rb'<c((?: [rs]="[^"]*")*) t="inlineStr"><is>(.*?)</is></c>', re.DOTALL)
    changes = {
        name: pattern.sub(move, xml)
        for name, xml in read_parts(data).items()
        if name.startswith("xl/worksheets/")
    }
    assert len(texts) > 50
    items = b"".join(b"<si>" + text + b"</si>" for text in texts).decode()
    return replace_parts(data, {**changes, STRINGS: strings_xml(items, str(len(texts)))})


def elsewhere() -> bytes:
    """Return the workbook with its own part under another name, as one may find it."""
    moved = renamed(lambda n: n.replace("workbook.xml", "workbook22.xml"))
    other = swap((b"workbook.xml", b"workbook22.xml"))
    return replace_parts(moved, {ROOT: other, "[Content_Types].xml": other})


STRICT = swap(
    (
        b"http://schemas.openxmlformats.org/spreadsheetml/2006/main",
        b"http://purl.oclc.org/ooxml/spreadsheetml/main",
    ),
    (
        b"http://schemas.openxmlformats.org/officeDocument/2006/relationships",
        b"http://purl.oclc.org/ooxml/officeDocument/relationships",
    ),
)
VARIANTS: dict[str, Callable[[], bytes]] = {
    "strict": lambda: all_parts(STRICT),
    "strict, shared strings": lambda: in_strings(all_parts(STRICT)),
    "shared strings": lambda: in_strings(filled()),
    "sheet in UTF-16": lambda: replace_parts(filled(), {SHEET: wide("utf-16")}),
    "sheet in UTF-16 BE": lambda: replace_parts(filled(), {SHEET: wide("utf-16-be")}),
    "workbook in UTF-16": lambda: replace_parts(filled(), {BOOK: wide("utf-16")}),
    "strings in UTF-16": lambda: replace_parts(in_strings(filled()), {STRINGS: wide("utf-16")}),
    "all in UTF-16": lambda: all_parts(wide("utf-16-le")),
    "all in UTF-16, strict": lambda: all_parts(lambda x: wide("utf-16")(STRICT(x))),
    "with byte order marks": lambda: all_parts(lambda x: b"\xef\xbb\xbf" + x),
    "dimension A1": lambda: replace_parts(
        filled(),
        {SHEET: lambda x: re.sub(rb'<dimension ref="[^"]*"', b'<dimension ref="A1"', x)},
    ),
    "no dimension": lambda: replace_parts(
        filled(), {SHEET: lambda x: re.sub(rb"<dimension [^>]*>", b"", x)}
    ),
    "backslash targets": lambda: replace_parts(
        filled(), {LINKS: swap((b"/xl/worksheets/", b"worksheets\\"))}
    ),
    "absolute backslash targets": lambda: replace_parts(
        filled(), {LINKS: swap((b"/xl/worksheets/", b"\\xl\\worksheets\\"))}
    ),
    "targets that climb": lambda: replace_parts(filled(), {LINKS: swap((b"/xl/", b"../xl/"))}),
    "relative targets": lambda: replace_parts(filled(), {LINKS: swap((b"/xl/", b""))}),
    "parts named with backslashes": lambda: renamed(lambda n: n.replace("/", "\\")),
    "sheets in capitals": lambda: renamed(lambda n: n.replace("sheet", "Sheet")),
    "folder in capitals": lambda: renamed(lambda n: n.replace("xl/", "XL/")),
    "workbook22.xml": elsewhere,
    "no references on cells": lambda: replace_parts(filled(), {SHEET: without_references}),
    "no references on rows": lambda: replace_parts(
        filled(), {SHEET: lambda x: re.sub(rb'<row r="\d+"', b"<row", x)}
    ),
}


def without_references(xml: bytes) -> bytes:
    """Leave cells to follow each other; a gap becomes an empty cell."""
    letters = [chr(n) for n in range(ord("A"), ord("Z") + 1)]

    def row(found: re.Match[bytes]) -> bytes:
        cells = {
            letters.index(one[1].decode()): one[0]
            for one in re.finditer(rb'<c r="([A-Z])\d+"[^>]*?(?:/>|>.*?</c>)', found[2], re.DOTALL)
        }
        every = (cells.get(n, b"<c/>") for n in range(max(cells) + 1))
        bare = (re.sub(rb'^<c r="[A-Z]\d+"', b"<c", one) for one in every)
        return found[1] + b"".join(bare) + b"</row>"

    return re.sub(rb"(<row [^>]*[^/]>)(.*?)</row>", row, xml, flags=re.DOTALL)


@pytest.mark.parametrize("variant", VARIANTS)
def test_every_spelling_gives_the_same(variant: str) -> None:
    """What a program wrote in its own legal way is read as if it were the usual."""
    data = VARIANTS[variant]()
    assert data != filled()
    usual, found = collected(filled()), collected(data)
    assert answers(found) == answers(usual)
    assert codes(found) == codes(usual)
    assert found.cell_balance == usual.cell_balance
    assert found.cell_balance.accepted > 15
    assert found.file_reports[0].saved_at == usual.file_reports[0].saved_at


def test_a_workbook_of_1904_gives_the_same_days() -> None:
    """Dates counted from 1904, as old Macs did, are the days they were typed as."""
    workbook = load_workbook(io.BytesIO(filled()))
    workbook.epoch = CALENDAR_MAC_1904
    workbook.properties.lastModifiedBy = "李某"
    data = serialize_workbook(workbook)
    assert b'date1904="1"' in read_parts(data)[BOOK]
    assert answers(collected(data)) == answers(collected(filled()))


def test_the_facts_of_a_workbook_may_stand_anywhere() -> None:
    """Keywords and time are found by their relation, as some libraries place them."""
    core = read_parts(filled())[CORE]
    odd = "package/services/metadata/core-properties/a1b2.psmdcp"
    data = replace_parts(
        filled(),
        {CORE: None, odd: core, ROOT: swap((CORE.encode(), b"/" + odd.encode()))},
    )
    usual = read_workbook(filled())
    assert usual.keywords
    found = read_workbook(data)
    assert (found.keywords, found.saved_at) == (usual.keywords, usual.saved_at)


SHARED = '<c r="A1" t="s"><v>0</v></c>'


@pytest.mark.parametrize(
    ("text", "read"),
    [
        ("a_x000D_\nb", "a\nb"),
        ("a_x000D__x000A_b", "a\nb"),
        ("a&#13;&#10;b&#13;c&#10;d", "a\nb\nc\nd"),
        ("_x0041_B", "AB"),
        ("_x005F_x0041_", "_x0041_"),
        ("<![CDATA[a<b]]>", "a<b"),
    ],
)
def test_undoes_how_a_text_is_written(text: str, read: str) -> None:
    """Escapes and line ends of every kind become the text that was typed."""
    (sheet,) = read_workbook(
        replace_parts(plain(), {SHEET: sheet_xml(f'<row r="1">{inline_cell("A1", text)}</row>')})
    ).sheets
    assert sheet.cells == {(0, 0): read}
    changes = {
        SHEET: sheet_xml(f'<row r="1">{SHARED}</row>'),
        STRINGS: strings_xml(f"<si><t>{text}</t></si>"),
    }
    (sheet,) = read_workbook(replace_parts(plain(), changes)).sheets
    assert sheet.cells == {(0, 0): read}


@pytest.mark.parametrize(
    "content",
    [
        "<v>17<!-- -->2</v>",
        "<v>17<?other?>2</v>",
        "<v>17<![CDATA[2]]></v>",
        "<v>17<x/>2</v>",
        "<v>1</v><v>2</v>",
        "<is><t>甲</t></is><is><t>乙</t></is>",
        "<v>1</v><is><t>甲</t></is>",
    ],
)
def test_a_value_in_pieces_is_refused(content: str) -> None:
    """The reader would give one piece, which is another value: 17 of 172."""
    xml = sheet_xml(f'<row r="1"><c r="A1">{content}</c></row>')
    with pytest.raises(RefusedError) as caught:
        read_workbook(replace_parts(plain(), {SHEET: xml}))
    assert caught.value.code == "file-suspect"


@pytest.mark.parametrize(
    ("content", "value"),
    [
        ("<is><t>甲<!-- -->乙</t></is>", "甲乙"),
        ("<is><t>甲<?other?>乙</t></is>", "甲乙"),
        ("<is><t>甲</t><!-- --><t>乙</t></is>", "甲乙"),
        ("<!-- --><v>5</v><!-- -->", 5.0),
    ],
)
def test_markup_beside_a_value_costs_nothing(content: str, value: object) -> None:
    """A text is read whole, whatever stands in it."""
    xml = sheet_xml(f'<row r="1"><!-- --><c r="A1">{content}</c></row>')
    assert read_workbook(replace_parts(plain(), {SHEET: xml})).sheets[0].cells == {(0, 0): value}


_IDS = "http://schemas.openxmlformats.org/officeDocument/2006/relationships"


@pytest.mark.parametrize(
    ("kind", "folder"),
    [
        ("http://schemas.microsoft.com/office/2006/relationships/xlMacrosheet", "macrosheets"),
        ("http://schemas.microsoft.com/office/2006/relationships/xlIntlMacrosheet", "macrosheets"),
        ("http://schemas.openxmlformats.org/x/relationships/dialogsheet", "dialogsheets"),
    ],
)
def test_a_macro_sheet_costs_only_itself(kind: str, folder: str) -> None:
    """It is neither read nor run, and named; the answers are read."""
    sheet = f'<sheet xmlns:r="{_IDS}" name="宏" sheetId="99" r:id="rId99"/></sheets>'
    target = f'<Relationship Id="rId99" Type="{kind}" Target="{folder}/sheet1.xml"/>'
    end = b"</Relationships>"
    changes = {
        BOOK: swap((b"</sheets>", sheet.encode())),
        LINKS: swap((end, target.encode() + end)),
        f"xl/{folder}/sheet1.xml": sheet_xml(f'<row r="1">{inline_cell("A1", "宏")}</row>'),
    }
    ledger = collected(replace_parts(filled(), changes), book=make_book())
    assert answers(ledger) == answers(collected(filled()))
    (told,) = [problem for problem in ledger.problems if problem.code == "sheet-unread"]
    assert (told.place.sheet, "没有运行" in told.message) == ("宏", True)


def test_a_worksheet_may_lie_in_any_folder() -> None:
    """The workbook says where it is."""
    data = filled()
    changes = {
        "xl/表/sheet1.xml": read_parts(data)[SHEET],
        SHEET: None,
        LINKS: swap((b"worksheets/sheet1.xml", "表/sheet1.xml".encode())),
    }
    assert read_workbook(replace_parts(data, changes)) == read_workbook(data)


def test_keeps_the_spaces_that_a_text_asks_to_keep() -> None:
    """Outer blanks count where the file says so; inner ones always."""
    kept = '<c r="A1" t="inlineStr"><is><t xml:space="preserve"> a  b </t></is></c>'
    rows = f'<row r="1">{kept}{inline_cell("B1", " a  b ")}</row>'
    (sheet,) = read_workbook(replace_parts(plain(), {SHEET: sheet_xml(rows)})).sheets
    assert sheet.cells == {(0, 0): " a  b ", (0, 1): "a  b"}


def test_reads_values_of_every_kind() -> None:
    """Truth values, dates as ISO text with or without a zone, text that is digits."""
    rows = (
        '<row r="1"><c r="A1" t="b"><v>1</v></c><c r="B1" t="b"><v>0</v></c>'
        '<c r="C1" t="d"><v>2022-09-30</v></c>'
        '<c r="D1" t="d"><v>2022-09-30T08:30:00</v></c>'
        '<c r="E1" t="d"><v>2022-09-30T08:30:00.000Z</v></c>'
        '<c r="F1" t="d"><v>12:00:00</v></c>'
        f'{inline_cell("G1", "007")}<c r="H1"><v>0.5</v></c></row>'
    )
    (sheet,) = read_workbook(replace_parts(plain(), {SHEET: sheet_xml(rows)})).sheets
    moment = datetime(2022, 9, 30, 8, 30)  # noqa: DTZ001  as a cell shows it
    values = (True, False, date(2022, 9, 30), moment, moment, time(12), "007", 0.5)
    assert sheet.cells == {(0, column): value for column, value in enumerate(values)}


def test_a_date_as_iso_text_is_an_answer() -> None:
    """A program that notes dates as text gives the same day, zone or not."""
    usual = answers(collected(filled()))
    found = re.search(rb'<c r="(K\d+)" (s="\d+") t="n"><v>44834</v></c>', sheet_of())
    assert found
    for text in (b"2022-09-30", b"2022-09-30T00:00:00.000Z"):
        fresh = b'<c r="%s" %s t="d"><v>%s</v></c>' % (found[1], found[2], text)
        data = replace_parts(filled(), {SHEET: swap((found[0], fresh))})
        assert data != filled()
        assert answers(collected(data)) == usual


def sheet_of() -> bytes:
    return read_parts(filled())[SHEET]


@pytest.mark.parametrize(
    ("rows", "detail"),
    [
        (inline_cell("A1", "x") + inline_cell("A1", "y"), "同一个单元格的内容写了两次"),
        ('<c r="A1" t="s"><v>9</v></c>', "单元格引用的文字不存在"),
    ],
)
def test_what_cannot_be_read_surely_is_refused(rows: str, detail: str) -> None:
    """Two values for one cell, a string that is not there: nobody guesses."""
    data = replace_parts(plain(), {SHEET: sheet_xml(f'<row r="1">{rows}</row>')})
    data = replace_parts(data, {STRINGS: strings_xml("<si><t>a</t></si>")})
    with pytest.raises(RefusedError, match=detail):
        read_workbook(data)


def test_half_a_character_in_utf_16_is_damage() -> None:
    """A part cut off in the middle of a character is refused with its reason."""
    data = replace_parts(filled(), {SHEET: lambda x: wide("utf-16")(x)[:-1]})
    assert codes(collected(data, book=make_book())) == ["file-damaged"]
