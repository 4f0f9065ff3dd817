"""Pictures, notes and links of returns: kept, listed, and never taken for answers."""

from __future__ import annotations

import io
from dataclasses import replace
from pathlib import Path

import pytest
from openpyxl import Workbook, load_workbook
from openpyxl.worksheet.worksheet import Worksheet

from ledgerbook import commands, identity
from ledgerbook.book import build_book_bytes
from ledgerbook.cli.json_data import build_ledger_data
from ledgerbook.cli.render import describe_ledger
from ledgerbook.excel.deterministic_zip import serialize_workbook
from ledgerbook.issue.corrections import build_corrections
from ledgerbook.merge import attachments as rooms
from ledgerbook.model import Section
from ledgerbook.model.problems import Place
from ledgerbook.model.results import Attachment, AttachmentKind
from ledgerbook.summary import write_summary
from tests.support.books import (
    AS_OF,
    DONE,
    FINANCE,
    INDUSTRY,
    OFFICE,
    columns_of,
    edit,
    fill,
    make_book,
    rows_of,
)
from tests.support.returns import codes, collected, plain, sent, whole
from tests.support.sheet_attachments import PNG, attach

# Whole jobs, through the disk and processes of their own.
pytestmark = pytest.mark.slow

JPEG = b"\xff\xd8\xff picture"


def at(section: str, task: str, key: str) -> tuple[int, int]:
    """Return where, from 0, the answer to a task stands on a section's sheet."""
    sheet = load_workbook(io.BytesIO(sent(section))).worksheets[0]
    return rows_of(sheet)[task] - 1, columns_of(sheet)[key] - 1


def named(cell: tuple[int, int]) -> str:
    return f"{chr(ord('A') + cell[1])}{cell[0] + 1}"


def answered(section: str = FINANCE) -> bytes:
    return fill(sent(section), {"T01": DONE})


EVIDENCE = at(FINANCE, "T01", "evidence")
RESULT = at(FINANCE, "T04", "result")


def test_each_thing_hangs_on_its_task_and_column() -> None:
    """Whatever the format calls it, it is told by task, column and place."""
    ledger = collected(
        attach(
            answered(),
            notes={named(RESULT): "稍后补报"},
            links={named(EVIDENCE): "http://example.org/x"},
            pictures={EVIDENCE: PNG},
        )
    )
    place = Place("1.xlsx", FINANCE, named(EVIDENCE))
    below = Place("1.xlsx", FINANCE, named(RESULT))
    picture, link, note = ledger.attachments
    assert picture.saved_path == f"佐证材料/{FINANCE}/任务01-佐证材料-4c4b6a3b.png"
    assert (picture.kind, picture.place, picture.data) == (
        AttachmentKind.PICTURE,
        place,
        PNG,
    )
    assert link == Attachment(
        AttachmentKind.LINK, place, FINANCE, "T01", "evidence", "http://example.org/x"
    )
    assert note == Attachment(AttachmentKind.NOTE, below, FINANCE, "T04", "result", "稍后补报")
    assert ledger.cell_balance.received == ledger.cell_balance.accepted == len(DONE)


def test_what_hangs_elsewhere_belongs_to_the_section_all_the_same() -> None:
    """Below the table, or on a sheet of the section's own."""
    ledger = collected(attach(answered(), pictures={(40, 3): PNG}))
    (one,) = ledger.attachments
    assert (one.section, one.task, one.column) == (FINANCE, "", "")
    assert one.saved_path.startswith(f"佐证材料/{FINANCE}/其他-")


def test_a_copy_without_marks_keeps_its_pictures_too() -> None:
    """Nobody knows whose they are; they are not thrown away."""
    workbook = Workbook()
    workbook.worksheets[0].append(["序号", "计划措施", "完成状态", "落实情况"])
    copy = attach(serialize_workbook(workbook), pictures={(0, 0): PNG})
    (one,) = collected(copy).attachments
    assert one.section == ""
    assert one.saved_path.startswith("佐证材料/未识别科室/其他-")


def test_the_pictures_of_what_is_not_ours_stay_where_they_are() -> None:
    assert collected(attach(plain(), pictures={(0, 0): PNG})).attachments == ()


def test_the_same_thing_again_is_counted_once() -> None:
    """A return sent twice doubles nothing; another picture in its place is another."""
    first = attach(answered(), pictures={EVIDENCE: PNG}, notes={named(RESULT): "甲"})
    other = attach(answered(), pictures={EVIDENCE: JPEG}, notes={named(RESULT): "甲"})
    ledger = collected(first, first, other)
    kept = [(one.kind, one.data, one.text) for one in ledger.attachments]
    assert sorted(kept) == [
        (AttachmentKind.PICTURE, PNG, "p0.png"),
        (AttachmentKind.PICTURE, JPEG, "p0.png"),
        (AttachmentKind.NOTE, b"", "甲"),
    ]
    assert ledger.repeated_attachments == 3


@pytest.mark.parametrize(
    ("data", "extension"),
    [
        (PNG, ".png"),
        (JPEG, ".jpg"),
        (b"GIF89a", ".gif"),
        (b"RIFF1234WEBPVP8", ".webp"),
        (b"MM\0*", ".tif"),
        (bytes(40) + b" EMF", ".emf"),
        (b"\0\0\0\x18ftypheic", ".heic"),
        (b"MZ\x90\0 a program", ".bin"),
        (b"<svg onload='x'/>", ".bin"),
        (b"", ".bin"),
    ],
)
def test_a_picture_is_what_its_first_bytes_say(data: bytes, extension: str) -> None:
    """Nothing that a double click would run is stored as such."""
    (one,) = collected(attach(answered(), pictures={EVIDENCE: data})).attachments
    assert Path(one.saved_path).suffix == extension


def test_odd_names_of_sections_and_columns_make_good_paths() -> None:
    """A link ends at # and reads % as an escape; a file system knows no slash."""
    section = "法规科#1%/处"
    book = make_book(sections=(Section(section),))
    sheet = edit(sent(FINANCE), lambda *_: None)
    (one,) = collected(attach(sheet, pictures={(0, 0): PNG}), book=book).attachments
    assert one.saved_path.count("/") == 2
    assert not set(one.saved_path) & set("#%")


def test_a_long_header_never_cuts_off_what_tells_pictures_apart() -> None:
    """A name is cut at 80 characters; the digits of the content stay."""
    book = make_book()
    form = book.task_form
    evidence = next(c for c in form.columns if c.key == "evidence")
    columns = tuple(replace(c, header="佐证" * 45) if c is evidence else c for c in form.columns)
    long = replace(book, forms=(replace(form, columns=columns),))
    place = Place("1.xlsx", FINANCE, "A1")
    ones = [
        Attachment(AttachmentKind.PICTURE, place, FINANCE, "T01", "evidence", data=data)
        for data in (PNG, PNG + b"another")
    ]
    stems = {FINANCE: FINANCE}
    assert len({rooms._assign_stored_path(long, one, stems, {}).saved_path for one in ones}) == 2


# -- what we hung there ourselves -----------------------------------------------------


def sent_back() -> tuple[bytes, str]:
    """Return a workbook to be corrected, and the cell that is remarked upon."""
    wrong = fill(sent(FINANCE), {"T01": DONE | {"status": "不知道"}})
    (back,) = build_corrections(collected(wrong))
    workbook = load_workbook(io.BytesIO(back.data))
    sheet = workbook[FINANCE]
    (cell,) = [c for row in sheet.rows for c in row if c.value == "不知道"]
    assert cell.comment is not None
    return back.data, cell.coordinate


def corrected(data: bytes, name: str, words: str = "{}") -> bytes:
    workbook = load_workbook(io.BytesIO(data))
    cell = workbook[FINANCE][name]
    assert cell.comment is not None
    cell.value = "已完成"
    cell.comment.text = words.format(cell.comment.text)
    buffer = io.BytesIO()
    workbook.save(buffer)
    return buffer.getvalue()


def test_our_own_remarks_do_not_come_back_as_notes() -> None:
    """Nor do the links of the sheet that lists what to put right."""
    ledger = collected(corrected(*sent_back()))
    assert ledger.attachments == ()
    assert "choice-unknown" not in codes(ledger)


@pytest.mark.parametrize("words", ["{}已改", "李某：{}", "收到"])
def test_a_word_added_to_our_remark_is_told(words: str) -> None:
    """It is the section's answer to us."""
    data, cell = sent_back()
    (one,) = collected(corrected(data, cell, words)).attachments
    assert one.kind is AttachmentKind.NOTE
    assert words.replace("{}", "") in one.text
    assert one.place.cell == cell


def test_a_remark_is_known_however_it_is_wrapped() -> None:
    """Programs wrap lines and change ends of lines."""
    note = identity.sign_remark("“完成状态”填的是“【退回修改】”。请从下拉框中选择。")
    assert identity.is_signed_remark(note.replace("\n", "\r\n") + " ")
    assert not identity.is_signed_remark(note.replace("请从", "我从"))
    assert not identity.is_signed_remark("")


def test_who_has_sent_pictures_need_not_send_them_again() -> None:
    """The workbook to be corrected says so, and only then."""
    wrong = fill(sent(FINANCE), {"T01": DONE | {"status": "不知道"}})
    for data, says in ((wrong, False), (attach(wrong, pictures={EVIDENCE: PNG}), True)):
        (back,) = build_corrections(collected(data))
        intro = load_workbook(io.BytesIO(back.data)).worksheets[0]["A2"].value
        assert ("不用再放一遍" in str(intro)) is says


# -- merged answers -------------------------------------------------------------------


def joined(first: str, last: str, *, beneath: bool) -> bytes:
    def change(sheet: Worksheet, columns: object, rows: object) -> None:
        area = f"{named(at(FINANCE, 'T01', first))}:{named(at(FINANCE, 'T02', last))}"
        if beneath:
            for row in sheet[area]:
                for cell in row:
                    cell.value = "同上"
            # Files written by other programs keep what lies beneath.
            sheet.merged_cells.add(area)
        else:
            sheet.merge_cells(area)

    return edit(answered(), change)


def test_merged_answers_count_for_the_first_cell_alone() -> None:
    """Which is told: the others are blank, whatever the eye sees."""
    ledger = collected(joined("result", "evidence", beneath=False))
    (one,) = [p for p in ledger.problems if p.code == "merged-cells"]
    assert one.place.cell == named(at(FINANCE, "T01", "result"))
    assert (one.task, one.column, one.values["count"]) == ("T01", "result", "4")
    assert ledger.cell_balance.is_balanced
    (back,) = build_corrections(ledger)
    sheet = load_workbook(io.BytesIO(back.data))[FINANCE]
    assert sheet[one.place.cell].comment is not None


@pytest.mark.parametrize(
    ("first", "last", "told"),
    [
        (("T01", "result"), ("T02", "result"), [("T01", "result", "2")]),
        (("T01", "result"), ("T01", "evidence"), [("T01", "result", "2")]),
        (("T04", "person"), ("T05", "phone"), [("T04", "person", "4")]),
        (("T05", "note"), ("T05", "note"), []),
        # Of the office's own columns nobody answers anything.
        (("T01", "roles"), ("T02", "due"), []),
        (("T01", "measure"), ("T01", "status"), []),
    ],
)
def test_each_merged_area_is_told_by_its_first_answer(
    first: tuple[str, str], last: tuple[str, str], told: list[tuple[str, str, str]]
) -> None:
    corner = at(FINANCE, *first)
    area = f"{named(corner)}:{named(at(FINANCE, *last))}"

    def change(sheet: Worksheet, columns: object, rows: object) -> None:
        cell = sheet.cell(corner[0] + 1, corner[1] + 1)
        cell.value = cell.value or "见附件"
        sheet.merge_cells(area)

    ledger = collected(edit(sent(FINANCE), change))
    found = [p for p in ledger.problems if p.code == "merged-cells"]
    assert [(p.task, p.column, p.values["count"]) for p in found] == told
    assert [p.place.cell for p in found] == [named(corner)] * len(told)
    form = make_book().task_form
    headers = [form.get_column(column).header for _, column, _ in told]
    assert [p.values["header"] for p in found] == headers


def test_what_lies_beneath_a_merged_cell_is_an_answer() -> None:
    """A program that keeps it has answered for every cell."""
    ledger = collected(joined("result", "result", beneath=True))
    assert "merged-cells" not in codes(ledger)
    answered_with = {
        r.get_text("result") for r in ledger.assignment_results if r.section == FINANCE
    }
    assert answered_with == {"同上", ""}


def test_a_merged_area_of_blanks_is_no_harm() -> None:
    """Nobody has said anything there."""
    ledger = collected(edit(answered(), lambda sheet, *_: sheet.merge_cells("A40:C41")))
    assert "merged-cells" not in codes(ledger)


# -- on disk --------------------------------------------------------------------------


def office(folder: Path, *returns: bytes) -> commands.CollectResult:
    (folder / "收回").mkdir(parents=True, exist_ok=True)
    (folder / "台账.xlsx").write_bytes(build_book_bytes(make_book()))
    for number, data in enumerate(returns, 1):
        (folder / "收回" / f"{number}.xlsx").write_bytes(data)
    return commands.collect(folder / "台账.xlsx", [folder / "收回"], folder / "汇总", as_of=AS_OF)


def test_pictures_lie_beside_the_summary_that_links_to_them(tmp_path: Path) -> None:
    """The link is relative: the folder may be moved as a whole."""
    done = office(tmp_path, attach(answered(), pictures={EVIDENCE: PNG}))
    (picture,) = done.pictures
    assert picture.read_bytes() == PNG
    sheet = load_workbook(done.outputs[0])["附件清单"]
    (cell,) = [c for row in sheet.rows for c in row if c.hyperlink]
    assert tmp_path / "汇总" / str(cell.value) == picture
    assert cell.hyperlink.target.replace("\\", "/") == cell.value
    detail = load_workbook(done.outputs[0])["科室明细"]
    assert [c.value for row in detail.rows for c in row].count("图片 1") == 1


def test_pictures_of_earlier_runs_stay(tmp_path: Path) -> None:
    """Another picture gets a file of its own; a run again writes nothing anew."""
    first = office(tmp_path, attach(answered(), pictures={EVIDENCE: PNG}))
    written = first.pictures[0].stat().st_mtime_ns
    second = office(tmp_path, attach(answered(), pictures={EVIDENCE: JPEG}))
    assert first.pictures[0].read_bytes() == PNG
    assert second.pictures[0].read_bytes() == JPEG
    third = office(tmp_path, attach(answered(), pictures={EVIDENCE: PNG}))
    assert third.pictures == first.pictures
    assert first.pictures[0].stat().st_mtime_ns == written


def test_a_summary_without_attachments_has_no_sheet_of_them() -> None:
    """Nor a column that says nothing."""
    workbook = load_workbook(io.BytesIO(write_summary(collected(answered()))))
    assert "附件清单" not in workbook.sheetnames
    assert "附件" not in [c.value for row in workbook["科室明细"].rows for c in row]


def test_the_report_counts_what_hung_there() -> None:
    """On the screen in a sentence, for programs one by one."""
    ledger = collected(attach(answered(), notes={named(EVIDENCE): "甲"}, pictures={EVIDENCE: PNG}))
    said = "表上附带的内容 2 项（图片 1、批注 1），见汇总表的“附件清单”。"
    assert said in list(describe_ledger(ledger))
    told = build_ledger_data(ledger, [])["attachments"]
    assert [(one["kind"], one["task"], one["column"]) for one in told] == [
        ("图片", 1, "evidence"),
        ("批注", 1, "evidence"),
    ]


def test_what_cannot_be_carried_is_on_the_problem_list() -> None:
    """An embedded file is counted, its section told."""
    ledger = collected(
        attach(
            answered(),
            parts={"xl/drawings/drawing9.xml": b"<broken"},
            related=(("d1", "drawing", "../drawings/drawing9.xml"),),
        )
    )
    (one,) = [p for p in ledger.problems if p.code == "attachment-unread"]
    assert (one.section, one.place.sheet) == (FINANCE, FINANCE)
    assert "图片（已损坏）" in one.message


def test_sections_of_a_whole_ledger_keep_what_is_theirs() -> None:
    """On the sheet of one section, or on a sheet of nobody's."""
    data = attach(whole(), notes={"B3": "甲"})
    (one,) = collected(data).attachments
    assert one.section in (OFFICE, FINANCE, INDUSTRY)
