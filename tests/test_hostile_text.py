"""Text that programs take for more than text: it arrives as text, in every output."""

from __future__ import annotations

import io
import re
import zipfile
from collections.abc import Iterator, Mapping
from datetime import date
from functools import cache
from pathlib import Path

import openpyxl
import pytest
from openpyxl.worksheet.worksheet import Worksheet
from python_calamine import CalamineWorkbook

from ledgerbook.board import write_board
from ledgerbook.book import build_book_bytes, read_book
from ledgerbook.identity import make_book_id
from ledgerbook.intake.pipeline import ReadContext, read_return
from ledgerbook.issue.corrections import build_corrections
from ledgerbook.issue.workbook import issue_round
from ledgerbook.merge.ledger import merge_returns
from ledgerbook.model import Assignment, Book, Role, Round, Section, Task
from ledgerbook.model.results import AttachmentKind, Ledger
from ledgerbook.summary import write_summary
from ledgerbook.summary.office_notes import OfficeNotes
from ledgerbook.text import TRUNCATION_MARK, fit_to_cell, strip_controls, strip_unseen
from tests.support.board_ledgers import make_small_ledger
from tests.support.board_reading import PageReader
from tests.support.books import AS_OF, ISSUED_ON, KEY, edit, issued, make_book
from tests.support.sheet_attachments import attach

pytestmark = pytest.mark.slow

LONG = "长" * 40_000
HOSTILE = (
    "=cmd|'/c calc'!A0",
    "+1+1",
    "-2+3",
    "@SUM(1)",
    '=HYPERLINK("http://x")',
    "https://example.com",
    "mailto:a@b",
    "internal:Sheet1!A1",
    "external:c:\\evil.xlsx",
    "{=1}",
    "'=1",
    "＝1+1",
    "<script>alert(1)</script>",
    "]]>",
    "<![CDATA[x]]>",
    "&lt;&amp;&#65;",
    "_x0041_",
    "甲_x000D_乙",
    "表情😀\U0001f468\u200d\U0001f469",
    "零\u200b宽\ufeff",
    "左\tr右",
    "甲\n=1+1",
    "{raw}{0}%s%n",
    "\u202e倒写",
    "\u2067甲\u2069\u200e乙\x9b31m",
    "－1＋1",
    "1e999",
    "00123",
    "TRUE",
    "#REF!",
    LONG,
)
SECTIONS = (
    "综合科",
    "=1+1",
    "'=1'",
    "@科",
    "<b>科",
    "]]>科",
    "_x0041_科",
    "表情😀科",
    "零\u200b宽科",
    "https://example.com",
    "甲&乙",
    "[甲]:*?/\\",
    "长" * 300,
)
_ESCAPED = re.compile(r"_x005F(_x[0-9A-Fa-f]{4}_)")
_ESCAPE = re.compile(r"(_x[0-9A-Fa-f]{4}_)")
_LINK = re.compile(rb"<hyperlink [^>]*>")
_PERSON = {n: f"={n}+1" for n in range(len(HOSTILE))}


@cache
def book() -> Book:
    """Return a book of hostile words: its agency, sections, tasks and rounds."""
    everyone = tuple(Assignment(section, Role.IMPLEMENT) for section in SECTIONS)
    tasks = tuple(
        Task(
            code=f"T{n:02d}",
            number=n,
            requirement=text,
            point=text,
            measure=f"{text}{n}" if text != LONG else text,
            units="综合科",
            deadline_text=text[:200],
            due=date(2022, 10, 31) if n % 2 else None,
            parsed_assignments=everyone if n == 1 else everyone[:1],
        )
        for n, text in enumerate(HOSTILE, 1)
    )
    return make_book(
        agency='=HYPERLINK("http://x","局")',
        plan_title="@SUM(1)方案",
        book_id=make_book_id(2022, KEY),
        sections=tuple(
            Section(name, contact="=1+1", phone="+86-10", email="mailto:a@b", note="@x")
            for name in SECTIONS
        ),
        rounds=(Round("=年度&[Picture]", date(2022, 12, 15), "=1"),),
        tasks=tasks,
    )


def typed(sheet: Worksheet, row: int, column: int, text: str) -> None:
    """Put ``text`` into a cell as a clerk's program saves it: as text."""
    cell = sheet.cell(row, column)
    cell.value = "x"
    # Past openpyxl's own limit and its taking "=…" for a formula.
    cell._value, cell.data_type = _ESCAPE.sub(r"_x005F\1", text), "s"


def answered(shift: int = 0) -> bytes:
    """Return 综合科's workbook with hostile answers, a wrong choice, a stray row."""

    def change(sheet: Worksheet, columns: Mapping[str, int], rows: Mapping[str, int]) -> None:
        for n, task in enumerate(book().tasks):
            text = HOSTILE[(n + shift) % len(HOSTILE)]
            row = rows[task.code]
            sheet.cell(row, columns["status"]).value = "推进中"
            typed(sheet, row, columns["result"], text)
            typed(sheet, row, columns["person"], _PERSON[n])
        typed(sheet, rows["T01"], columns["status"], "=不知道")
        for n, text in enumerate(HOSTILE):
            typed(sheet, len(rows) + 20 + n, 2, text)

    return edit(issued(book(), "综合科"), change)


@cache
def ledger() -> Ledger:
    files = {
        "=cmd|'!A0.xlsx": attach(
            answered(),
            notes={f"Z{n}": text for n, text in enumerate(HOSTILE, 1)},
            links={f"Y{n}": text for n, text in enumerate(HOSTILE[:-1], 1)},
        ),
        "@SUM(1)\t.xlsx": answered(1),
        "https:example.com.xlsx": b"",
        "<script>]]>_x0041_.xlsx": b"%PDF",
        "表情😀\u200b\u202e.xlsx": b"<html>",
        "\udcb9\udcfa.xlsx": b"",
        "换\n行\x07.xlsx": b"",
    }
    reads = [read_return(name, data, ReadContext(book(), AS_OF)) for name, data in files.items()]
    return merge_returns(book(), reads, AS_OF)


@cache
def outputs() -> dict[str, bytes]:
    """Return everything the program writes for this book and these returns."""
    said = {
        (row.code, header): text
        for row, text in zip(ledger().assignment_results, HOSTILE, strict=False)
        for header in ("审核意见", "采用口径")
    }
    gone = {("GONE-2", "审核意见"): "=1+1"}
    made = {
        f"发出/{file.name}": file.data for file in issue_round(book(), book().rounds[0], ISSUED_ON)
    }
    made |= {f"退回/{file.name}": file.data for file in build_corrections(ledger())}
    made["台账"] = build_book_bytes(book())
    made["汇总"] = write_summary(ledger(), OfficeNotes({**said, **gone}))
    return made


@cache
def opened(name: str) -> openpyxl.Workbook:
    return openpyxl.load_workbook(io.BytesIO(outputs()[name]))


@cache
def by_openpyxl(name: str) -> dict[str, list[str]]:
    """Return the texts of each sheet; openpyxl leaves escapes as they are."""
    workbook = opened(name)
    return {
        sheet.title: [
            _ESCAPED.sub(r"\1", cell.value)
            for row in sheet.iter_rows()
            for cell in row
            if cell.data_type == "s" and isinstance(cell.value, str)
        ]
        for sheet in workbook.worksheets
    }


@cache
def by_calamine(name: str) -> dict[str, list[str]]:
    workbook = CalamineWorkbook.from_filelike(io.BytesIO(outputs()[name]))
    return {
        name: [
            value
            for row in workbook.get_sheet_by_name(name).to_python()
            for value in row
            if isinstance(value, str) and value
        ]
        for name in workbook.sheet_names
    }


def formulas(name: str) -> Iterator[str]:
    for sheet in opened(name).worksheets:
        for row in sheet.iter_rows():
            yield from (str(c.value) for c in row if c.data_type == "f")


# Every formula of ours begins like one of these.
_OURS = re.compile(r'="共 \d+ 项，已填 "&COUNTA|=IF\(|=""$|=COUNT|=SUM|=\$?[A-Z]+\$?\d+$|=IFERROR')


def test_no_text_became_a_formula() -> None:
    """The only formulas are our own; none holds a word from outside."""
    found = [formula for name in outputs() for formula in formulas(name)]
    assert len(found) > 100
    assert [formula for formula in found if not _OURS.match(formula)] == []
    outside = re.compile(r"cmd\||HYPERLINK|x000D")
    assert [formula for formula in found if outside.search(formula)] == []


def _parts() -> Iterator[tuple[str, bytes]]:
    for name, data in outputs().items():
        with zipfile.ZipFile(io.BytesIO(data)) as archive:
            for part in archive.namelist():
                yield f"{name} {part}", archive.read(part)


def test_no_text_became_a_link() -> None:
    """No link leads out of the workbook, and nothing in it is fetched."""
    for part, data in _parts():
        assert b'TargetMode="External"' not in data, part
        assert b"externalLink" not in data, part
        for link in _LINK.findall(data):
            assert b"location=" in link
            assert b"r:id" not in link


WHERE = {
    "台账": ("任务", "分工"),
    "汇总": ("科室明细",),
    "发出/综合科.xlsx": ("综合科",),
    "发出/总台账.xlsx": ("综合科",),
    "退回/综合科.xlsx": ("综合科",),
}


@pytest.mark.parametrize("name", WHERE)
@pytest.mark.parametrize("read", [by_openpyxl, by_calamine])
def test_every_text_arrives_whole_or_says_it_was_cut(name: str, read: object) -> None:
    """Each hostile text of the plan stands in its cell, exactly, for both readers."""
    assert callable(read)
    texts = read(name)
    for sheet in WHERE[name]:
        missing = [
            task.measure[:40]
            for task in book().tasks
            if fit_to_cell(task.measure) not in texts[sheet]
        ]
        assert missing == []


@pytest.mark.parametrize("read", [by_openpyxl, by_calamine])
@pytest.mark.parametrize(
    ("name", "sheet"),
    [("汇总", "科室明细"), ("退回/综合科.xlsx", "综合科")],
)
def test_every_answer_arrives(name: str, sheet: str, read: object) -> None:
    """Each hostile answer is read and written as it was typed."""
    assert callable(read)
    texts = read(name)[sheet]
    assert [t[:40] for t in HOSTILE if fit_to_cell(t) not in texts] == []
    assert [t for t in _PERSON.values() if t not in texts] == []
    assert any(text.endswith(TRUNCATION_MARK) for text in texts)


@pytest.mark.parametrize("read", [by_openpyxl, by_calamine])
def test_every_list_of_the_summary_quotes_as_text(read: object) -> None:
    """Files, strays, conflicts and reviews are quoted as they are."""
    assert callable(read)
    texts = read("汇总")
    for file in ledger().file_reports:
        assert fit_to_cell(file.name) in texts["报送情况"]
    for text in map(fit_to_cell, HOSTILE[:-1]):
        assert any(text in said for said in texts["问题清单"]), text
        shown, _ = strip_unseen(text, keeps_forms=True)
        assert shown in (*texts.get("冲突", ()), *texts["历次填报"]), text
        assert any(text in said for said in texts["年度汇总"]), text
        assert texts["科室明细"].count(text) >= 2, text
    for one in ledger().attachments:
        # A long one goes on in the next row.
        begins = fit_to_cell(one.text)[:200]
        assert any(text.startswith(begins) for text in texts["附件清单"]), begins
    assert "=1+1" in texts["留存意见"]
    for section in SECTIONS[:-1]:
        assert section in texts["总览"]
        assert section in texts["报送情况"]


def test_the_board_has_every_text_and_no_element_of_any() -> None:
    """What was typed into workbooks stands in its data as it was typed."""
    page, plain = (PageReader(write_board(one)) for one in (ledger(), make_small_ledger()))
    assert [tag for tag, _ in page.elements] == [tag for tag, _ in plain.elements]
    board = page.data
    answers = {
        text for task in board["tasks"] for row in task["rows"] for _, text, *_ in row["answers"]
    }
    # Of some what nobody sees is left out when they are read.
    seen = [strip_controls(strip_unseen(text, keeps_forms=True)[0])[0] for text in HOSTILE[:-1]]
    assert [text for text in seen if text not in answers] == []
    measures = [task["measure"] for task in board["tasks"]]
    assert [text for text in HOSTILE[:-1] if not any(text in one for one in measures)] == []
    assert [one["name"] for one in board["sections"]] == list(SECTIONS)


def test_every_note_and_link_is_listed() -> None:
    """A note is told as it was typed, and where a link leads."""
    told: dict[AttachmentKind, list[str]] = {kind: [] for kind in AttachmentKind}
    for one in ledger().attachments:
        told[one.kind].append(one.text)
    notes, links = told[AttachmentKind.NOTE], told[AttachmentKind.LINK]
    assert [t[:40] for t in HOSTILE[:-1] if t.strip() not in notes] == []
    assert [t for t in HOSTILE[:-1] if t not in links] == []
    assert any(len(text) > 30_000 for text in notes)


def test_the_issue_list_and_every_section() -> None:
    """签发清单 and each section's workbook bear the names as text."""
    for read in (by_openpyxl, by_calamine):
        listed = read("发出/签发清单.xlsx")["签发清单"]
        assert [name for name in SECTIONS if name not in listed] == []
        assert listed.count("=1+1") == 1 + len(SECTIONS)
    issued_files = [name for name in outputs() if name.startswith("发出/")]
    assert len(issued_files) == len(SECTIONS) + 2


def test_the_book_is_read_back_as_it_was(tmp_path: Path) -> None:
    """What is written into the book is what is read from it."""
    path = tmp_path / "台账.xlsx"
    path.write_bytes(outputs()["台账"])
    again = read_book(path)
    assert again.agency == book().agency
    assert again.section_names == SECTIONS
    for mine, read in zip(book().tasks, again.tasks, strict=True):
        for key in ("requirement", "point", "measure", "deadline_text"):
            assert getattr(read, key) == fit_to_cell(getattr(mine, key)).strip()
