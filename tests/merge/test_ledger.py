"""Several returns → one ledger: newer wins, nothing is lost, order does not matter."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import replace
from datetime import date, datetime, timedelta
from itertools import permutations
from typing import Any

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from ledgerbook import identity
from ledgerbook.cli.json_data import build_ledger_data
from ledgerbook.intake.file_content import FileContent, RowContent
from ledgerbook.intake.pipeline import ReadContext, read_return
from ledgerbook.merge.ledger import merge_returns
from ledgerbook.model import Book, Form, Round
from ledgerbook.model.messages import Severity
from ledgerbook.model.problems import Place, Problem
from ledgerbook.model.results import Answer, FileReport, FileStatus, Ledger, SubmissionStatus
from tests.support.books import (
    AS_OF,
    DONE,
    FINANCE,
    INDUSTRY,
    OFFICE,
    SAVED_AT,
    fill,
    issued,
    make_book,
)

BOOK = make_book()
LATER = SAVED_AT + timedelta(days=1)
# openpyxl notes times in UTC; we read them in Beijing time.
BEIJING = timedelta(hours=8)
DOING = {"status": "推进中", "result": "正在办。"}
SENT = {name: issued(BOOK, name) for name in BOOK.section_names}
FULL = fill(SENT[FINANCE], dict.fromkeys(("T01", "T02", "T04", "T05"), DONE))


def collected(files: Mapping[str, bytes], book: Book = BOOK) -> Ledger:
    reads = [read_return(name, data, ReadContext(book, AS_OF)) for name, data in files.items()]
    return merge_returns(book, reads, AS_OF)


def one(section: str, answers: dict[str, Any], saved_at: datetime = SAVED_AT) -> bytes:
    """Fill the first task of a section."""
    return fill(SENT[section], {"T01": answers}, saved_at)


def texts(ledger: Ledger, section: str = FINANCE, code: str = "T01") -> dict[str, str]:
    (row,) = [r for r in ledger.assignment_results if (r.section, r.task.code) == (section, code)]
    return {key: answer.text for key, answer in row.answers.items()}


def standings(ledger: Ledger) -> dict[str, SubmissionStatus]:
    return {s.section: s.status for s in ledger.section_reports}


# -- two returns of one section -----------------------------------------------------


def test_the_newer_answer_is_taken_and_the_older_kept_aside() -> None:
    """Of two answers the one saved later stands; 冲突 shows both with their times."""
    ledger = collected(
        {
            "新.xlsx": one(FINANCE, {"result": "已经过半。"}, LATER),
            "旧.xlsx": one(FINANCE, {"result": "正在办。"}, SAVED_AT),
        }
    )
    assert texts(ledger) == {"result": "已经过半。"}
    (conflict,) = ledger.conflicts
    assert (conflict.section, conflict.subject.task_number, conflict.header) == (
        FINANCE,
        1,
        "落实情况",
    )
    assert (conflict.accepted.text, conflict.accepted_saved_at) == (
        "已经过半。",
        LATER + BEIJING,
    )
    assert (conflict.overruled.text, conflict.overruled_saved_at) == (
        "正在办。",
        SAVED_AT + BEIJING,
    )
    assert conflict.overruled.place == Place("旧.xlsx", FINANCE, "L6")
    tally = ledger.cell_balance
    assert (tally.received, tally.accepted, tally.repeated, tally.overruled) == (
        2,
        1,
        0,
        1,
    )
    assert tally.is_balanced


def test_a_blank_never_overwrites_an_answer() -> None:
    """A later return that leaves a cell blank takes nothing back."""
    ledger = collected(
        {
            "旧.xlsx": one(FINANCE, DOING | {"note": "备注"}),
            "新.xlsx": one(FINANCE, {"status": "推进中"}, LATER),
        }
    )
    assert texts(ledger) == {**DOING, "note": "备注"}
    assert ledger.conflicts == ()


def test_a_held_cell_never_overwrites_an_answer() -> None:
    """A newer cell that cannot be read is on the list; the older answer stays."""
    ledger = collected(
        {
            "旧.xlsx": one(FINANCE, DONE),
            "新.xlsx": one(FINANCE, {"done_on": "九月底"}, LATER),
        }
    )
    assert texts(ledger)["done_on"] == "2022-09-30"
    held = [p.code for p in ledger.problems if p.rejected_cells]
    assert (held, ledger.cell_balance.is_balanced) == (["date-unclear"], True)


def test_the_same_text_twice_is_no_conflict() -> None:
    """Saying the same again, as a date or as text, is a repetition."""
    ledger = collected(
        {
            "a.xlsx": one(FINANCE, DONE),
            "b.xlsx": one(FINANCE, DONE | {"done_on": "2022年9月30日"}, LATER),
        }
    )
    assert (ledger.conflicts, ledger.cell_balance.repeated) == ((), 3)


def test_three_answers_to_one_cell_leave_each_other_text_aside_once() -> None:
    """Every text that lost is shown, however often it was said."""
    days = [SAVED_AT + timedelta(days=n) for n in range(4)]
    said = ["甲", "乙", "甲", "丙"]
    ledger = collected(
        {
            f"{n}.xlsx": one(FINANCE, {"result": text}, day)
            for n, (text, day) in enumerate(zip(said, days, strict=True))
        }
    )
    assert texts(ledger)["result"] == "丙"
    assert sorted(c.overruled.text for c in ledger.conflicts) == sorted(["甲", "乙"])
    assert (ledger.cell_balance.repeated, ledger.cell_balance.is_balanced) == (1, True)


def test_a_file_that_notes_no_time_is_the_older_one() -> None:
    """A file without a time never overrides one that has it."""
    timed = read_return("a.xlsx", one(FINANCE, {"result": "有时间"}), ReadContext(BOOK, AS_OF))
    other = read_return("z.xlsx", one(FINANCE, {"result": "没有"}), ReadContext(BOOK, AS_OF))
    untimed = replace(other, report=replace(other.report, saved_at=None))
    assert texts(merge_returns(BOOK, [timed, untimed], AS_OF))["result"] == "有时间"


def test_the_same_file_twice_changes_nothing_but_the_count() -> None:
    """A duplicate is listed as a file of its own, and adds no answer."""
    data = one(FINANCE, DOING)
    once, twice = collected({"a.xlsx": data}), collected({"a.xlsx": data, "b": data})
    assert texts(twice) == texts(once)
    assert [f.name for f in twice.file_reports] == ["a.xlsx", "b"]
    assert (twice.cell_balance.accepted, twice.cell_balance.repeated) == (2, 2)
    assert twice.conflicts == ()


def test_a_later_round_outranks_an_earlier_one_saved_later() -> None:
    """The round decides before the clock: 年度 is newer than 上半年."""
    book = make_book(rounds=(Round("上半年"), Round("年度")))
    early, late = (
        fill(
            section_in(book, a_round),
            {"T01": {"result": a_round.name}},
            saved_at,
        )
        for a_round, saved_at in zip(book.rounds, (LATER, SAVED_AT), strict=True)
    )
    ledger = collected({"a.xlsx": late, "b.xlsx": early}, book)
    assert texts(ledger)["result"] == "年度"


def section_in(book: Book, a_round: Round) -> bytes:
    return issued(replace(book, rounds=(a_round,)), FINANCE)


def test_an_earlier_round_is_no_return_of_this_one() -> None:
    """Who answered in 上半年 only still owes 年度, and keeps its answers."""
    book = make_book(rounds=(Round("上半年"), Round("年度", date(2022, 12, 15))))
    early = fill(section_in(book, book.rounds[0]), {"T01": DOING})
    industry = issued(replace(book, rounds=book.rounds[1:]), INDUSTRY)
    late = fill(industry, {"T01": DOING})
    ledger = collected({"a.xlsx": early, "b.xlsx": late}, book)
    assert standings(ledger) == {
        OFFICE: SubmissionStatus.MISSING,
        FINANCE: SubmissionStatus.MISSING,
        INDUSTRY: SubmissionStatus.PARTIAL,
    }
    assert texts(ledger) == DOING


# -- the order of files -------------------------------------------------------------


def test_the_order_of_files_does_not_matter() -> None:
    """Every order gives the same ledger, to the last problem."""
    files = {
        "a.xlsx": one(FINANCE, DOING),
        "b.xlsx": one(FINANCE, DONE, LATER),
        "c.xlsx": one(INDUSTRY, {"done_on": "九月底"}),
        "d.xlsx": b"",
    }
    reads = [read_return(name, data, ReadContext(BOOK, AS_OF)) for name, data in files.items()]
    told = [build_ledger_data(merge_returns(BOOK, o, AS_OF), ()) for o in permutations(reads)]
    assert all(one == told[0] for one in told)


ANSWERS = st.dictionaries(
    st.sampled_from(["result", "note", "evidence"]), st.sampled_from("甲乙丙")
)
YEAR = make_book(rounds=(Round("上半年"), Round("年度")))
ROWS = st.tuples(
    st.sampled_from([a_round.name for a_round in YEAR.rounds]),
    st.sampled_from(BOOK.tasks),
    st.sampled_from(BOOK.section_names),
    ANSWERS,
    st.frozensets(st.sampled_from(["status", "done_on"])),
)
FILES = st.lists(
    st.tuples(
        st.lists(ROWS, max_size=4),
        st.sampled_from([None, SAVED_AT, LATER]),
        st.integers(0, 3),
    ),
    max_size=5,
)


def file_read(number: int, rows: Sequence[Any], saved: Any, strays: int) -> FileContent:
    """Make what one file gave, its held and stray cells on problems of their own."""
    name = f"{number}.xlsx"
    read: list[RowContent] = []
    problems = [Problem("stray", Place(name), {"raw": "话"}, "", 1)] * strays
    for row, (a_round, task, section, said, held) in enumerate(rows):
        places = {key: Place(name, "表", f"A{row}") for key in (*said, *held)}
        answers = {key: Answer(text, text, places[key]) for key, text in said.items()}
        refused = dict.fromkeys(held, "?")
        read.append(RowContent(task.code, section, a_round, "表", answers, places, refused))
        values = {"header": "h", "raw": "?", "example": "e", "reason": ""}
        problems += [Problem("date-unclear", places[key], values, section, 1) for key in held]
    report = FileReport(name, 1, name, FileStatus.REJECTED, saved_at=saved)
    found = sum(len(said) + len(held) for *_, said, held in rows) + strays
    return FileContent(report, tuple(read), tuple(problems), found)


@settings(max_examples=60)
@given(FILES, st.randoms(use_true_random=False))
def test_any_files_in_any_order_balance_and_agree(files: Any, random: Any) -> None:
    """Every cell found is counted once, whatever came and however it was listed."""
    reads = [file_read(n, *one) for n, one in enumerate(files)]
    ledger = merge_returns(YEAR, reads, AS_OF)
    assert ledger.cell_balance.is_balanced
    random.shuffle(reads)
    assert merge_returns(YEAR, reads, AS_OF) == ledger


# -- who has answered ---------------------------------------------------------------


def test_a_section_that_sent_nothing_is_missing() -> None:
    """未报送 stands for silence only."""
    ledger = collected({"a.xlsx": one(FINANCE, DOING)})
    assert standings(ledger) == {
        OFFICE: SubmissionStatus.MISSING,
        FINANCE: SubmissionStatus.PARTIAL,
        INDUSTRY: SubmissionStatus.MISSING,
    }
    (report,) = [s for s in ledger.section_reports if s.section == FINANCE]
    assert (report.file_names, report.saved_at) == (("a.xlsx",), SAVED_AT + BEIJING)
    assert (report.row_count, report.filled_row_count, report.due) == (
        4,
        1,
        date(2022, 12, 15),
    )
    statuses = {(r.section, r.status) for r in ledger.assignment_results if r.task.number == 5}
    assert statuses == {(OFFICE, "未报送"), (FINANCE, "未填"), (INDUSTRY, "未报送")}


def test_a_section_that_sent_a_blank_form_has_returned_nothing() -> None:
    """A blank return is a return, and is told apart from an answer."""
    assert (
        standings(collected({"a.xlsx": SENT[FINANCE]}))[FINANCE] is SubmissionStatus.RETURNED_EMPTY
    )


def test_a_section_whose_only_words_are_held_has_not_sent_nothing() -> None:
    """A return that cannot be read is no blank one."""
    ledger = collected({"a.xlsx": one(FINANCE, {"status": "差不多了"})})
    assert standings(ledger)[FINANCE] is SubmissionStatus.WRONGLY_FILLED
    statuses = [row.status for row in ledger.assignment_results if row.section == FINANCE]
    assert statuses == ["填写有误", "未填", "未填", "未填"]


def test_a_return_saved_after_the_due_day_is_late() -> None:
    """The due day itself is in time, and a late correction is no late return."""
    due = datetime(2022, 12, 15, 23, 59)  # noqa: DTZ001  as Excel notes it
    late = due + timedelta(minutes=1)
    in_time = one(FINANCE, DOING, due - BEIJING)
    too_late = one(FINANCE, DONE, late - BEIJING)
    alone = collected({"a.xlsx": too_late})
    both = collected({"a.xlsx": too_late, "b.xlsx": in_time})
    texts = [
        next(report.standing for report in ledger.section_reports if report.section == FINANCE)
        for ledger in (alone, collected({"a.xlsx": in_time}), both)
    ]
    assert texts == ["部分填报（1/4），迟报", "部分填报（1/4）", "部分填报（1/4）"]


def test_a_section_without_a_task_is_not_asked() -> None:
    """Who owes nothing is not listed as missing."""
    tasks = (replace(BOOK.tasks[2]),)
    ledger = merge_returns(replace(BOOK, tasks=tasks), [], AS_OF)
    assert [s.section for s in ledger.section_reports] == [OFFICE]


def test_the_row_code_is_the_one_that_was_issued() -> None:
    """The summary shows the code by which a section knows its row."""
    ledger = merge_returns(BOOK, [], AS_OF)
    first = ledger.assignment_results[0]
    assert first.code == identity.make_row_code(BOOK, BOOK.tasks[0], OFFICE)
    assert [(r.task.number, r.section) for r in ledger.assignment_results[:4]] == [
        (1, OFFICE),
        (1, FINANCE),
        (1, INDUSTRY),
        (2, OFFICE),
    ]


# -- verdicts, problems, exit -------------------------------------------------------


@pytest.mark.parametrize(
    ("data", "verdict", "note"),
    [
        (fill(SENT[FINANCE], {}), FileStatus.ACCEPTED_WITH_PROBLEMS, "有 1 处须处理"),
        (
            one(FINANCE, {"result": "x"}),
            FileStatus.ACCEPTED_WITH_PROBLEMS,
            "有 4 处须处理",
        ),
        (one(FINANCE, {"status": "?"}), FileStatus.PARTIALLY_ACCEPTED, "有 4 处须处理"),
        (b"", FileStatus.REJECTED, "文件是空的（0 字节），没有任何内容。"),
    ],
)
def test_every_file_gets_its_verdict(data: bytes, verdict: FileStatus, note: str) -> None:
    """A file is taken, taken with problems, taken in part, or sent back."""
    (report,) = collected({"a.xlsx": data}).file_reports
    assert (report.status, report.note) == (verdict, note)


def test_a_return_without_a_problem_is_accepted() -> None:
    """A full return of a section gets 接收 and no note."""
    (report,) = collected({"a.xlsx": FULL}).file_reports
    assert (report.status, report.note) == (FileStatus.ACCEPTED, "")
    assert (report.sections, report.round, report.cell_count) == (
        (FINANCE,),
        "年度",
        12,
    )


def test_grave_problems_come_first() -> None:
    """The list begins with what someone must act on, by section, file, sheet and row."""
    ledger = collected(
        {
            "b.xlsx": one(FINANCE, {"status": "完成"}),
            "a.xlsx": one(INDUSTRY, {"status": "?", "phone": "张三"}),
        }
    )
    graves = [p.severity is Severity.ERROR for p in ledger.problems]
    assert graves == sorted(graves, reverse=True)
    first = ledger.problems[0]
    assert (first.place.file, first.section) == ("b.xlsx", FINANCE)
    sections = [p.section for p in ledger.problems if p.is_error]
    assert sections == sorted(sections, key=BOOK.section_names.index)
    assert next(p.code for p in ledger.problems if p.section == INDUSTRY) == "choice-unknown"


def bare(*problems: Problem) -> FileContent:
    """Make what a file gave that has nothing but ``problems``."""
    report = FileReport("a.xlsx", 1, "a", FileStatus.REJECTED, saved_at=SAVED_AT)
    return FileContent(report, (), problems, 0)


def stray(cell: str, raw: str) -> Problem:
    return Problem("stray", Place("a.xlsx", "表", cell), {"raw": raw}, "", 0)


def test_the_first_problem_says_why_a_file_was_rejected() -> None:
    problems = stray("B2", "前"), stray("B3", "后")
    (report,) = merge_returns(BOOK, [bare(*problems)], AS_OF).file_reports
    assert report.status is FileStatus.REJECTED
    assert report.note == problems[0].message


def test_a_file_that_was_passed_over_stays_so() -> None:
    """It is no return that could be accepted or rejected."""
    report = FileReport("~$a.xlsx", 1, "a", FileStatus.SKIPPED, note="临时文件。")
    ledger = merge_returns(BOOK, [FileContent(report, (), (), 0)], AS_OF)
    assert ledger.file_reports == (report,)


def test_what_no_cell_is_named_for_comes_before_the_first_row() -> None:
    told = merge_returns(BOOK, [bare(stray("A1", "格"), stray("", "表"))], AS_OF).problems
    assert [p.place.cell for p in told if p.code == "stray"] == ["", "A1"]


def renamed(form: Form, old: str, new: str) -> Form:
    """Call a choice otherwise, there and where it asks for something."""

    def other(value: str) -> str:
        return new if value == old else value

    lists = tuple(
        replace(one, choices=tuple(replace(c, value=other(c.value)) for c in one.choices))
        for one in form.choice_lists
    )
    columns = tuple(
        replace(
            column,
            required=tuple(
                replace(rule, values=tuple(map(other, rule.values))) for rule in column.required
            ),
        )
        for column in form.columns
    )
    return replace(form, choice_lists=lists, columns=columns)


def test_only_nothing_to_report_goes_unchecked() -> None:
    """Of any other status what goes with it is asked for, whatever its name."""
    book = replace(BOOK, forms=(renamed(BOOK.task_form, "推进中", "验收"),))
    data = fill(issued(book, FINANCE), {"T01": {"status": "验收"}})
    wanted = [p for p in collected({"a.xlsx": data}, book).problems if p.task == "T01"]
    assert [(p.code, p.column) for p in wanted] == [("required-missing", "result")]


def test_a_clean_year_needs_nobody() -> None:
    """All returned, nothing wrong: the run may end with 0."""
    every = {
        section: {t.code: DONE for t in BOOK.get_tasks(section)} for section in BOOK.section_names
    }
    files = {f"{s}.xlsx": fill(SENT[s], answers) for s, answers in every.items()}
    ledger = collected(files)
    assert ledger.problems == ()
    assert not ledger.needs_attention
    del files[f"{OFFICE}.xlsx"]
    assert collected(files).needs_attention
