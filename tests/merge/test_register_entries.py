"""Registers there and back: issued, filled, collected; each record once, none lost."""

from __future__ import annotations

import io
from collections.abc import Mapping, Sequence
from dataclasses import replace
from datetime import date, datetime, timedelta
from typing import Any

import pytest
from openpyxl import load_workbook

from ledgerbook import identity
from ledgerbook.cli.json_data import build_ledger_data
from ledgerbook.cli.render import describe_ledger
from ledgerbook.excel.deterministic_zip import serialize_workbook
from ledgerbook.intake.file_content import FileContent
from ledgerbook.intake.pipeline import ReadContext, read_return
from ledgerbook.issue.corrections import build_corrections
from ledgerbook.issue.layout import FIRST_ROW
from ledgerbook.issue.prefill import prefill_answers
from ledgerbook.issue.workbook import build_section_workbook
from ledgerbook.merge.ledger import merge_returns
from ledgerbook.model import Book, Condition, ConditionKind, Round, Section
from ledgerbook.model.office_entries import OfficeEntry
from ledgerbook.model.problems import Place
from ledgerbook.model.results import FileStatus, Ledger, SubmissionStatus
from ledgerbook.summary import write_summary
from tests.forms.test_registers import with_registers
from tests.support.books import (
    AS_OF,
    DONE,
    FINANCE,
    ISSUED_ON,
    OFFICE,
    SAVED_AT,
    columns_of,
    make_book,
    rows_of,
)
from tests.support.returns import codes, without_sheets

# They fill and collect whole workbooks.
pytestmark = pytest.mark.slow

REGISTER = "申请台账"
BOOK = with_registers()
ONE = {"number": "1号", "received_on": date(2022, 3, 1), "extended": "否"}
TWO = {"number": "2号", "received_on": date(2022, 4, 1)}

Entry = Mapping[str, Any]
EVERYTHING = {task.code: DONE for task in BOOK.get_tasks(OFFICE)}


def sent(book: Book = BOOK, section: str = OFFICE, a_round: int = 0) -> bytes:
    return build_section_workbook(book, book.rounds[a_round], [section], ISSUED_ON)


def filled(
    data: bytes,
    entries: Sequence[Entry],
    saved_at: datetime = SAVED_AT,
    *,
    first: int = 0,
    tasks: Mapping[str, Entry] | None = None,
) -> bytes:
    """Return a workbook with ``entries`` in the rows of its register."""
    workbook = load_workbook(io.BytesIO(data))
    sheet = workbook[REGISTER]
    columns = columns_of(sheet)
    for n, entry in enumerate(entries, FIRST_ROW + 1 + first):
        for key, value in entry.items():
            sheet.cell(n, columns[key]).value = value
    for code, cells in (tasks or {}).items():
        ledger = workbook.worksheets[0]
        columns, rows = columns_of(ledger), rows_of(ledger)
        for key, value in cells.items():
            ledger.cell(rows[code], columns[key]).value = value
    workbook.properties.lastModifiedBy = "李某"
    return serialize_workbook(workbook, saved_at)


def read(*files: bytes, book: Book = BOOK) -> list[FileContent]:
    names = (f"{n}.xlsx" for n in range(1, len(files) + 1))
    return [
        read_return(name, data, ReadContext(book, AS_OF))
        for name, data in zip(names, files, strict=True)
    ]


def collected(*files: bytes, book: Book = BOOK, prefer: str = "") -> Ledger:
    ledger = merge_returns(book, read(*files, book=book), AS_OF, preferred=[prefer])
    assert ledger.cell_balance.is_balanced, ledger.cell_balance
    return ledger


def records(ledger: Ledger) -> list[dict[str, str]]:
    return [{k: a.text for k, a in r.answers.items()} for r in ledger.register_entries]


def told(ledger: Ledger) -> list[str]:
    """Return the codes of problems that are about registers or cells."""
    silent = {"required-missing", "nothing-filled", "entry-overdue"}
    return [code for code in codes(ledger) if code not in silent]


def test_what_was_entered_arrives() -> None:
    """With its section and its place; the answers of the tasks beside it too."""
    ledger = collected(filled(sent(), [ONE, TWO], tasks={"T01": DONE}))
    assert records(ledger) == [
        {"number": "1号", "received_on": "2022-03-01", "extended": "否"},
        {"number": "2号", "received_on": "2022-04-01"},
    ]
    (first, _) = ledger.register_entries
    assert (first.section, first.form.key) == (OFFICE, "requests")
    assert first.answers["number"].place.sheet == REGISTER
    assert ledger.cell_balance.accepted == 5 + len(DONE)
    assert told(ledger) == []


@pytest.mark.parametrize(
    ("number", "found"), [("见附件", ["empty-answer"]), ("无", []), ("同上", ["ditto"])]
)
def test_words_without_content_are_no_entry_where_one_is_required(
    number: str, found: list[str]
) -> None:
    """无 may be a number that there is none; what 同上 means is in the sender's file alone."""
    ledger = collected(filled(sent(), [ONE, {**TWO, "number": number}]))
    assert told(ledger) == found
    if found == ["ditto"]:
        assert "写的是“1号”" in next(p.message for p in ledger.problems if p.code == "ditto")


def test_a_cell_that_another_excludes_is_pointed_out() -> None:
    """The office has written under 何时不填: no 答复日期 for one that was extended."""
    ledger_form, register = BOOK.forms
    is_extended = Condition(ConditionKind.EQUALS, "extended", ("是",))
    columns = tuple(
        replace(column, excluded=(is_extended,)) if column.key == "answered_on" else column
        for column in register.columns
    )
    book = replace(BOOK, forms=(ledger_form, replace(register, columns=columns)))
    entry = ONE | {"extended": "是", "answered_on": date(2022, 3, 2)}
    ledger = collected(filled(sent(book), [entry, TWO]), book=book)
    (found,) = [p for p in ledger.problems if p.code == "entry-excluded"]
    assert not found.is_error
    assert found.message == (
        "申请台账的这一行，“是否延期”是“是”，“答复日期”应当空着，却填了“2022-03-02”。"
    )


def test_a_blank_register_says_nothing() -> None:
    """Nothing happened: no record, no problem, and the file is taken."""
    ledger = collected(sent())
    assert (ledger.register_entries, told(ledger)) == ((), [])
    assert ledger.file_reports[0].status is not FileStatus.REJECTED


def test_a_section_with_registers_alone_gets_and_returns_a_workbook() -> None:
    """It has no task, and is asked all the same."""
    book = make_book(
        forms=BOOK.forms,
        sections=(
            *make_book().sections,
            Section("法规科", register_keys=("requests",)),
        ),
    )
    data = sent(book, "法规科")
    assert load_workbook(io.BytesIO(data)).sheetnames[0] == REGISTER
    ledger = collected(filled(data, [ONE]), book=book)
    assert [one.section for one in ledger.register_entries] == ["法规科"]
    assert ledger.file_reports[0].sections == ("法规科",)
    standings = {one.section: one.status for one in ledger.section_reports}
    assert standings["法规科"] is SubmissionStatus.RETURNED
    assert collected(book=book).section_reports[-1].status is SubmissionStatus.MISSING
    assert collected(data, book=book).section_reports[-1].status is SubmissionStatus.RETURNED_EMPTY


def test_rows_wherever_they_stand() -> None:
    """Gaps, rows inserted above, rows beyond those that were issued."""
    workbook = load_workbook(io.BytesIO(filled(sent(), [ONE], first=3)))
    workbook[REGISTER].insert_rows(FIRST_ROW + 1, 2)
    far = filled(serialize_workbook(workbook, SAVED_AT), [TWO], first=60)
    assert [one["number"] for one in records(collected(far))] == ["1号", "2号"]


def test_a_register_returned_again_is_one_register() -> None:
    """The same rows are repeated; a changed cell is the newer one, the other aside."""
    later = SAVED_AT + timedelta(days=1)
    changed = ONE | {"extended": "是"}
    ledger = collected(filled(sent(), [ONE, TWO]), filled(sent(), [TWO, changed], later))
    assert sorted(one["number"] for one in records(ledger)) == ["1号", "2号"]
    assert {one["number"]: one.get("extended") for one in records(ledger)} == {
        "1号": "是",
        "2号": None,
    }
    assert not ledger.conflicts
    (changed_answer,) = ledger.earlier_answers
    assert (changed_answer.header, changed_answer.answer.text) == ("是否延期", "否")
    assert changed_answer.current_answer.text == "是"
    assert (changed_answer.subject.task_number, changed_answer.subject.label) == (
        None,
        "申请台账：1号",
    )


def test_a_preferred_file_has_the_last_word() -> None:
    """As with the answers to tasks."""
    later = SAVED_AT + timedelta(days=1)
    changed = ONE | {"extended": "是"}
    files = filled(sent(), [ONE]), filled(sent(), [changed], later)
    (one,) = records(collected(*files, prefer="1.xlsx"))
    assert one["extended"] == "否"


def test_what_a_later_round_says_is_progress() -> None:
    """The answer given since is no contradiction of the earlier one."""
    book = make_book(
        forms=BOOK.forms,
        sections=BOOK.sections,
        rounds=(Round("上半年"), Round("年度")),
    )
    first = filled(sent(book), [ONE])
    second = filled(sent(book, a_round=1), [ONE | {"extended": "是"}])
    ledger = collected(first, second, book=book)
    assert records(ledger)[0]["extended"] == "是"
    assert ledger.conflicts == ()
    (before,) = ledger.earlier_answers
    assert (before.round, before.answer.text, before.current_answer.text) == (
        "上半年",
        "否",
        "是",
    )


def test_a_row_that_is_gone_is_kept_and_told() -> None:
    """It may have been deleted by mistake; a file that was begun afresh lacks nothing."""
    later = SAVED_AT + timedelta(days=1)
    first = filled(sent(), [ONE, TWO, ONE | {"number": "3号"}])
    ledger = collected(first, filled(first, [dict.fromkeys(ONE)], later))
    assert len(ledger.register_entries) == 3
    (problem,) = [p for p in ledger.problems if p.code == "entry-left-out"]
    assert "1号" in problem.message
    assert "2.xlsx" in problem.message
    assert problem.advice == (
        "如果确实要删去，请在台账“更正代填”里写一行：科室写“综合科”，批次写现在的批次，"
        "表写“申请台账”，行码写“1号”，栏目写“编号”，内容写“清空”，依据和日期照实写，"
        "再汇总一次。登记它的旧文件不要移走。"
    )
    assert not problem.is_error
    ledger = collected(first, filled(sent(), [ONE | {"number": "4号"}], later))
    assert "entry-left-out" not in told(ledger)


def test_rows_without_a_number_are_told_apart_by_all_they_say() -> None:
    """And asked for the number that they lack."""
    bare = {"received_on": date(2022, 5, 1)}
    other = {"received_on": date(2022, 5, 2)}
    ledger = collected(filled(sent(), [bare, other]))
    assert len(ledger.register_entries) == 2
    assert told(ledger) == ["entry-incomplete", "entry-incomplete"]
    places = [p.place.cell for p in ledger.problems if p.code == "entry-incomplete"]
    assert places == ["A6", "A7"]


def test_two_rows_of_one_number() -> None:
    """Both are kept, and somebody must look."""
    ledger = collected(filled(sent(), [ONE, ONE | {"extended": "是"}]))
    assert len(ledger.register_entries) == 2
    assert told(ledger) == ["entry-repeated"]


def test_two_sections_of_one_number() -> None:
    """Both have entered it: a notice for the office."""
    book = make_book(
        forms=BOOK.forms,
        sections=tuple(Section(name, register_keys=("requests",)) for name in (OFFICE, FINANCE)),
        tasks=make_book().tasks[2:3],
    )
    ledger = collected(
        filled(sent(book, OFFICE), [ONE]),
        filled(sent(book, FINANCE), [ONE]),
        book=book,
    )
    assert len(ledger.register_entries) == 2
    (problem,) = [p for p in ledger.problems if p.code == "entry-shared"]
    assert OFFICE in problem.message
    assert problem.section == FINANCE


def test_a_date_before_the_one_it_follows() -> None:
    """An answer cannot precede its request."""
    ledger = collected(filled(sent(), [ONE | {"answered_on": date(2022, 2, 1)}]))
    (problem,) = [p for p in ledger.problems if p.code == "entry-order"]
    assert problem.message == ("“答复日期”填的是“2022-02-01”，早于“收到日期”的“2022-03-01”。")


def test_what_cannot_be_read_is_held_with_its_cell() -> None:
    """A wrong choice, a doubtful date: on the problem list, the rest arrives."""
    wrong = ONE | {"extended": "大概", "received_on": "三月"}
    ledger = collected(filled(sent(), [wrong]))
    assert records(ledger) == [{"number": "1号"}]
    assert told(ledger) == ["choice-unknown", "date-unclear"]
    assert ledger.cell_balance.rejected == 2


def _renamed(data: bytes) -> bytes:
    workbook = load_workbook(io.BytesIO(data))
    workbook[REGISTER].title = "随便"
    return serialize_workbook(workbook, SAVED_AT)


def _without_line(data: bytes) -> bytes:
    workbook = load_workbook(io.BytesIO(data))
    workbook[REGISTER]["A3"].value = None
    return serialize_workbook(workbook, SAVED_AT)


@pytest.mark.parametrize(
    "damage",
    [
        lambda data: without_sheets(data, identity.MARK_SHEET, identity.CHOICES_SHEET),
        _renamed,
        _without_line,
    ],
    ids=["hidden sheets gone", "sheet renamed", "line gone"],
)
def test_a_register_is_known_by_whatever_mark_is_left(damage: Any) -> None:
    """Its line, or what the workbook says of itself and the columns."""
    assert len(records(collected(damage(filled(sent(), [ONE, TWO]))))) == 2


def test_a_register_of_another_book_is_held() -> None:
    """Last year's is not this year's."""
    other = make_book(forms=BOOK.forms, sections=BOOK.sections, year=2021, book_id="2021-OTHER1")
    ledger = collected(filled(sent(other), [ONE]))
    assert ledger.register_entries == ()
    assert "other-book" in codes(ledger)


def _with_line_of(data: bytes, other: bytes) -> bytes:
    workbook = load_workbook(io.BytesIO(data))
    line = load_workbook(io.BytesIO(other))[REGISTER]["A3"].value
    workbook[REGISTER]["A3"].value = line
    return serialize_workbook(workbook, SAVED_AT)


def test_a_register_under_the_line_of_another_section_or_round_is_held() -> None:
    """It has no row codes: where line and workbook differ nothing says which is right."""
    sections = tuple(replace(one, register_keys=("requests",)) for one in BOOK.sections)
    book = replace(BOOK, sections=sections, rounds=(Round("一季度"), Round("年度")))
    data = filled(sent(book, a_round=1), [ONE])
    for other in (sent(book, FINANCE, 1), sent(book, OFFICE, 0)):
        ledger = collected(_with_line_of(data, other), book=book)
        assert ledger.register_entries == ()
        assert codes(ledger).count("marks-disagree") == 1


def test_words_beside_the_table_are_not_lost() -> None:
    """They are no entry."""
    workbook = load_workbook(io.BytesIO(filled(sent(), [ONE])))
    workbook[REGISTER]["H9"].value = "请注意"
    ledger = collected(serialize_workbook(workbook, SAVED_AT))
    assert told(ledger) == ["stray"]


def test_the_summary_has_a_sheet_of_each_register() -> None:
    """Every record with its section and where it came from."""
    ledger = collected(filled(sent(), [ONE, TWO]))
    sheet = load_workbook(io.BytesIO(write_summary(ledger)))[REGISTER]
    rows = [[cell.value for cell in row] for row in sheet.iter_rows(min_row=4)]
    assert rows[0][:3] == [OFFICE, "1号", datetime(2022, 3, 1)]  # noqa: DTZ001
    assert rows[0][-1] == "1.xlsx 申请台账 第 6 行"
    assert [row[1] for row in rows] == ["1号", "2号"]


def test_an_empty_register_is_named_and_has_no_sheet() -> None:
    """One line of the overview says so; a table without rows would only be printed."""
    line = "以下登记簿，已报送的科室都没有登记，不单列工作表：申请台账。"
    for entries, has_sheet in (([], False), ([ONE], True)):
        summary = write_summary(collected(filled(sent(), entries)))
        workbook = load_workbook(io.BytesIO(summary))
        assert (REGISTER in workbook.sheetnames) is has_sheet
        texts = [cell.value for row in workbook["总览"].iter_rows() for cell in row]
        assert (line in texts) is not has_sheet


def test_what_nobody_has_returned_is_not_called_empty() -> None:
    """Neither on the overview nor on the sheet of the register."""
    keys = BOOK.sections[0].register_keys
    sections = tuple(replace(section, register_keys=keys) for section in BOOK.sections)
    book = replace(BOOK, sections=sections)
    blank = filled(sent(book), [], tasks={"T01": DONE})
    overview = load_workbook(io.BytesIO(write_summary(collected(blank, book=book))))["总览"]
    texts = [str(cell.value) for row in overview.iter_rows() for cell in row]
    assert (
        "还不知道有没有登记的（承担的科室没有报送、报来的没能汇入，或程序没能读）：申请台账（金融发展科、产业金融科）。"
        in texts
    )
    finance = filled(sent(book, FINANCE), [ONE, TWO])
    ledger = collected(blank, finance, book=book)
    note = load_workbook(io.BytesIO(write_summary(ledger)))[REGISTER]["A2"].value
    assert note == "共 2 条。报了、没有登记的科室：综合科。还没有收到的：产业金融科。"


def test_the_report_counts_records() -> None:
    """On the screen and for programs."""
    ledger = collected(filled(sent(), [ONE, TWO]))
    assert "登记簿汇入 2 条：申请台账 2 条。" in list(describe_ledger(ledger))
    (register,) = build_ledger_data(ledger, [])["registers"]
    assert [one["section"] for one in register["records"]] == [OFFICE, OFFICE]


def test_a_section_checks_its_registers_without_the_book() -> None:
    """The workbook carries their definitions."""
    wrong = filled(sent(), [ONE | {"extended": "大概"}])
    alone = read_return("1.xlsx", wrong, ReadContext(None, AS_OF))
    assert [p.code for p in alone.problems] == ["choice-unknown"]
    assert alone.book is not None
    assert alone.book.forms == BOOK.forms


# -- put right, and gone on with ------------------------------------------------------


def test_a_wrong_entry_goes_back_and_comes_back_right() -> None:
    """Its register is there with all entries; the cell is marked, and then settled."""
    wrong = filled(sent(), [ONE | {"extended": "大概"}, TWO], tasks=EVERYTHING)
    (back,) = build_corrections(collected(wrong))
    workbook = load_workbook(io.BytesIO(back.data))
    assert workbook.worksheets[0]["B4"].value == "申请台账 E6"
    sheet = workbook[REGISTER]
    assert [sheet.cell(n, 1).value for n in (6, 7)] == ["1号", "2号"]
    assert sheet["E6"].value == "大概"
    assert sheet["E6"].comment is not None
    sheet["E6"].value = "是"
    workbook.properties.lastModifiedBy = "李某"
    right = serialize_workbook(workbook, SAVED_AT + timedelta(days=1))
    ledger = collected(wrong, right)
    assert records(ledger)[0]["extended"] == "是"
    assert [p for p in ledger.problems if p.is_error] == []
    assert build_corrections(ledger) == ()


def test_the_next_round_starts_from_what_was_entered() -> None:
    """The entries stand in their rows, blank rows after them."""
    so_far = prefill_answers(collected(filled(sent(), [ONE, TWO])), BOOK.rounds[0])
    data = build_section_workbook(BOOK, BOOK.rounds[0], [OFFICE], ISSUED_ON, prefilled=so_far)
    sheet = load_workbook(io.BytesIO(data))[REGISTER]
    assert [sheet.cell(n, 1).value for n in (6, 7, 8)] == ["1号", "2号", None]
    assert sheet["B6"].value == datetime(2022, 3, 1)  # noqa: DTZ001
    blank = sheet.max_row - FIRST_ROW - 2
    # More, where the last page has room for them.
    assert blank >= BOOK.registers[0].rows


# -- what the office types of an entry ------------------------------------------------

TWO_ROUNDS = replace(BOOK, rounds=(Round("上半年"), Round("年度")))
SAVED_DAY = SAVED_AT.date()
LATER = SAVED_AT + timedelta(days=5)


def line(row: str, column: str, value: Any, day: int = 1) -> OfficeEntry:
    """Return a line of 更正代填, typed ``day`` days after the first file was saved."""
    said_on = SAVED_DAY + timedelta(days=day)
    place = Place("台账", "更正代填", "F4")
    return OfficeEntry(
        OFFICE, "上半年", "requests", row, column, value, "电话", said_on, "王五", place
    )


def with_lines(*lines: OfficeEntry) -> Book:
    return replace(TWO_ROUNDS, office_entries=lines)


def go_on(*files: bytes, book: Book) -> bytes:
    """Return the form of the next round, issued with what was entered so far, as it came back."""
    so_far = prefill_answers(collected(*files, book=book), book.rounds[1])
    data = build_section_workbook(book, book.rounds[1], [OFFICE], ISSUED_ON, prefilled=so_far)
    return filled(data, [], LATER)


def numbers(ledger: Ledger) -> list[str]:
    return [one.get("number", "") for one in records(ledger)]


def test_an_entry_by_telephone_keeps_its_number_in_the_next_round() -> None:
    """It came back untouched on the prefilled form: nothing is said anew, nothing asked."""
    book = with_lines(line("9号", "received_on", date(2022, 3, 9)))
    first = filled(sent(book), [ONE])
    ledger = collected(first, go_on(first, book=book), book=book)
    assert numbers(ledger) == ["1号", "9号"]
    assert told(ledger) == []


@pytest.mark.parametrize(
    ("lines", "expected"),
    [
        ([line("2号", "number", "22号")], "22号"),
        ([line("2号", "number", "22号"), line("22号", "number", "23号", 2)], "23号"),
        ([line("2号", "number", "22号"), line("2号", "number", "23号", 2)], "23号"),
        ([line("2号", "number", "22号"), line("22号", "number", "2号", 8)], "2号"),
        ([line("2号", "number", "22号"), line("2号", "extended", "是", 2)], "22号"),
        ([line("2号", "number", "22号"), line("22号", "extended", "是", 2)], "22号"),
    ],
    ids=["once", "again", "again by its old number", "and back", "then another", "by the new one"],
)
def test_a_number_that_the_office_corrects_is_that_of_the_same_entry(
    lines: Sequence[OfficeEntry], expected: str
) -> None:
    """The first file has the old number, the form of the next round the new one."""
    book = with_lines(*lines)
    first = filled(sent(book), [ONE, TWO])
    second = go_on(first, book=with_lines(lines[0]))
    ledger = collected(first, second, book=book)
    assert numbers(ledger) == ["1号", expected]
    assert told(ledger) == []
    again = collected(first, second, filled(first, [ONE], LATER), book=book)
    assert numbers(again) == ["1号", expected]


def test_a_new_number_may_later_be_that_of_another_entry() -> None:
    """What was 2号 by mistake is 22号; then a real 2号 is entered beside it."""
    book = with_lines(line("2号", "number", "22号"))
    first = filled(sent(book), [ONE, TWO])
    second = filled(go_on(first, book=book), [TWO | {"extended": "否"}], LATER, first=2)
    ledger = collected(first, second, book=book)
    assert sorted(numbers(ledger)) == ["1号", "22号", "2号"]
    assert told(ledger) == []


@pytest.mark.parametrize("is_reversed", [False, True])
def test_numbers_that_were_shifted_are_put_right(is_reversed: bool) -> None:
    """What was 1号 is 2号, and what was 2号 is 3号, in whatever order the office says so."""
    lines = [line("1号", "number", "2号"), line("2号", "number", "3号")]
    book = with_lines(*(reversed(lines) if is_reversed else lines))
    first = filled(sent(book), [ONE, TWO])
    second = go_on(first, book=book)
    expected = [ONE["received_on"].isoformat(), TWO["received_on"].isoformat()]
    for files in ([first], [first, second], [first, second, filled(first, [], LATER)]):
        ledger = collected(*files, book=book)
        assert [(one["number"], one["received_on"]) for one in records(ledger)] == [
            ("2号", expected[0]),
            ("3号", expected[1]),
        ]
        assert told(ledger) == []


def test_a_number_corrected_to_that_of_another_entry_is_told() -> None:
    book = with_lines(line("2号", "number", "1号"))
    first = filled(sent(book), [ONE, TWO])
    for files in ([first], [first, go_on(first, book=book)]):
        ledger = collected(*files, book=book)
        assert len(ledger.register_entries) == 2
        assert set(told(ledger)) == {"entry-repeated"}


def test_the_office_strikes_an_entry() -> None:
    """Clearing its number takes all of it out; its content is told, and old copies are silent."""
    book = with_lines(line("2号", "number", None))
    issued_before = go_on(filled(sent(BOOK), [ONE, TWO]), book=TWO_ROUNDS)
    first = filled(sent(book), [ONE, TWO | {"extended": "否"}])
    copy = filled(first, [ONE | {"extended": "是"}], LATER)
    for files in ([first], [first, copy], [first, issued_before], [first, go_on(first, book=book)]):
        ledger = collected(*files, book=book)
        assert numbers(ledger) == ["1号"]
        assert told(ledger) == []
        assert ledger.conflicts == ()
        content = {
            (one.header, one.answer.text)
            for one in ledger.earlier_answers
            if one.subject.label == "申请台账：2号"
        }
        assert content == {("编号", "2号"), ("收到日期", "2022-04-01"), ("是否延期", "否")}


def test_a_struck_entry_has_no_problems_left() -> None:
    """Neither a cell that cannot be read nor one that is missing makes an entry of it."""
    wrong = {"number": "2号", "extended": "大概"}
    book = with_lines(line("2号", "number", None))
    first = filled(sent(book), [ONE, wrong])
    copy = filled(first, [ONE], LATER)
    ledger = collected(first, copy, book=book)
    assert numbers(ledger) == ["1号"]
    assert set(told(ledger)) == {"choice-unknown"}
    repeated = filled(sent(book), [TWO, TWO | {"extended": "是"}])
    assert told(collected(repeated, book=book)) == []


def test_an_entry_of_which_the_office_says_more_after_striking_it_is_back() -> None:
    lines = line("2号", "number", None), line("2号", "extended", "是", 2)
    book = with_lines(*lines)
    assert records(collected(filled(sent(book), [TWO]), book=book)) == [
        {"number": "2号", "extended": "是"}
    ]


def test_a_struck_entry_that_a_section_edits_is_back_and_told() -> None:
    """All of it, as its file shows it; whether the office agrees, it must say again."""
    lines = [line("2号", "number", None)]
    first = filled(sent(TWO_ROUNDS), [ONE, TWO])
    edited = filled(first, [{"extended": "是"}], LATER, first=1)
    ledger = collected(first, edited, book=with_lines(*lines))
    assert records(ledger)[1] == {
        "number": "2号",
        "received_on": "2022-04-01",
        "extended": "是",
    }
    (problem,) = [p for p in ledger.problems if p.code == "office-strike-overtaken"]
    assert "2.xlsx" in problem.message
    again = with_lines(*lines, line("2号", "number", None, 6))
    ledger = collected(first, edited, book=again)
    assert (numbers(ledger), told(ledger)) == (["1号"], [])


def test_striking_an_entry_that_no_file_has_is_told() -> None:
    book = with_lines(line("7号", "number", None))
    ledger = collected(filled(sent(book), [ONE]), book=book)
    assert numbers(ledger) == ["1号"]
    (problem,) = [p for p in ledger.problems if p.code == "office-strike-unused"]
    assert (problem.place.cell, problem.is_error) == ("F4", False)
    assert "7号" in problem.message
