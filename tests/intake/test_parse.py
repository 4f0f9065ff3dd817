"""Cells → answers: read as meant, or held; nothing doubtful becomes an answer."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import replace
from datetime import date, datetime, time, timedelta
from typing import Any

import pytest
from hypothesis import example, given, settings
from hypothesis import strategies as st

from ledgerbook import identity
from ledgerbook.intake.columns import ColumnIndex
from ledgerbook.intake.formats.raw_workbook import CellError, RawSheet, RawValue
from ledgerbook.intake.identify import ReturnSheet
from ledgerbook.intake.parse import (
    ParseContext,
    describe_options,
    match_choice,
    parse_date_text,
    parse_sheet,
)
from ledgerbook.intake.row_matching import MatchedRow
from ledgerbook.model import Book, Choice, ChoiceList, Column, ColumnType, Form, StatusCategory
from ledgerbook.model.messages import MESSAGE_CATALOGUE
from ledgerbook.model.problems import Place
from ledgerbook.model.results import Answer
from tests.support.books import AS_OF, FINANCE, INDUSTRY, SAVED_AT, fill, make_book
from tests.support.returns import answers, collected, sent

BOOK = make_book()
FORM = BOOK.task_form
STATUSES = FORM.get_choice_list(FORM.status_column).choices
NO_COLUMN = Column("count", "件数", ColumnType.NUMBER, FORM.status_column.filler, 8)
WIDER = replace(FORM, columns=(*FORM.columns, NO_COLUMN))


def read(
    key: str,
    value: RawValue,
    *,
    today: date = AS_OF,
    form: Form = FORM,
    book: Book = BOOK,
    shown: str | None = None,
) -> tuple[Answer | None, list[tuple[str, Mapping[str, str], int]]]:
    """Read one cell of column ``key``; return its answer and problems."""
    raw = RawSheet("表", {(5, 0): value}, get_shown_text=lambda _: shown)
    mark = identity.sign_sheet(BOOK, "年度", FINANCE, form.key)
    columns = ColumnIndex(4, None, {key: 0}, None, {})
    sheet = ReturnSheet(raw, mark, form, columns, (MatchedRow(5, BOOK.tasks[0]),))
    context = ParseContext(form, book.year, book.date_window, today)
    (row,), problems = parse_sheet("1.xlsx", sheet, context)
    assert row.rejected_texts.keys() == (set() if row.answers else {key})
    return row.answers.get(key), [(p.code, p.values, p.rejected_cells) for p in problems]


def outcome(
    key: str,
    value: RawValue,
    *,
    today: date = AS_OF,
    form: Form = FORM,
    book: Book = BOOK,
) -> tuple[Any, list[str]]:
    """Say shortly what became of a cell: its value and the problem codes."""
    answer, problems = read(key, value, today=today, form=form, book=book)
    return answer and answer.value, [code for code, _, _ in problems]


# -- dates --------------------------------------------------------------------------

SEPTEMBER = date(2022, 9, 30)


@pytest.mark.parametrize("value", [SEPTEMBER, datetime.combine(SEPTEMBER, time(8))])
def test_a_date_is_taken_as_it_is(value: date) -> None:
    """What Excel knows as a date needs no notice."""
    assert outcome("done_on", value) == (SEPTEMBER, [])


@pytest.mark.parametrize(
    "text",
    [
        "2022-9-30",
        "2022-09-30",
        "22-9-30",
        "2022/9/30",
        "2022.9.30",
        "2022年9月30日",
        "2022年9月30号",
        "2022 年 9 月 30 日",
        "2022年9月30",
        "2022。9。30",
        "２０２２/９/３０",
        "20220930",
        "9月30日",
        "9月30号",
        "9月30",
    ],
)
def test_a_date_typed_as_text_is_read_and_said_to_be(text: str) -> None:
    """Every full way of writing a date is read, with a notice."""
    answer, problems = read("done_on", text)
    assert answer == Answer(SEPTEMBER, text, Place("1.xlsx", "表", "A6"))
    values = {"header": "完成日期", "raw": text, "value": "2022-09-30"}
    assert problems == [("date-read-as", values, 0)]


def test_a_date_that_lost_its_format_as_a_number_of_eight_digits_is_read() -> None:
    """20220930 typed into a plain cell is a number, and can only be that day."""
    assert outcome("done_on", 20220930.0) == (SEPTEMBER, ["date-read-as"])


@pytest.mark.parametrize(
    "value",
    [
        "2022年9月",
        "9.30",
        9.3,
        "9/30",
        44834.0,
        "2022-9-31",
        "2022-13-1",
        "2月29日",
        "0022-9-30",
        "九月底",
        "2022-9-30前",
        "50%",
        0.5,
        time(12),
        timedelta(hours=30),
        True,
    ],
)
def test_a_doubtful_date_is_held_with_what_was_typed(value: RawValue) -> None:
    """Half a date, or a number that might be one, is never guessed at."""
    answer, ((code, values, cells),) = read("done_on", value)
    assert (answer, code, cells) == (None, "date-unclear", 1)
    assert values["example"] == "2022-9-30"
    assert values["raw"]


@pytest.mark.parametrize(
    ("value", "reason"),
    [
        ("2022年11月31日", "（11 月没有 31 日）"),
        ("2022-2-29", "（2022 年 2 月没有 29 日）"),
        ("2022-13-1", "（没有 13 月）"),
        ("9月上旬", "（要写到哪一天）"),
        ("2022年9月", "（要写到哪一天）"),
        ("近期", ""),
    ],
)
def test_why_a_date_is_none_is_told(value: str, reason: str) -> None:
    _, ((code, values, _),) = read("done_on", value)
    assert (code, values["reason"]) == ("date-unclear", reason)
    assert f"不是能确定的日期{reason}。" in MESSAGE_CATALOGUE[code].message.format(**values)


def test_of_many_choices_the_nearest_is_named() -> None:
    """A list of twenty helps nobody; one of four does."""
    choices = [f"（{n}）第{n}种结果" for n in range(1, 21)]
    assert describe_options("第7种结果", choices) == "下拉框里的 20 项，最接近的是“（7）第7种结果”"
    assert describe_options("xyz", choices) == "下拉框里的 20 项"
    assert describe_options("是的", ["是", "否"]) == "是、否"


@pytest.mark.parametrize(
    "value", [date(2021, 9, 30), date(2023, 4, 1), date(1900, 1, 9), "20-9-22"]
)
def test_a_date_of_another_year_is_held(value: RawValue) -> None:
    """A wrong year is a slip of the keyboard, not an answer."""
    assert outcome("done_on", value) == (None, ["date-outside"])


def test_the_first_and_the_last_day_of_the_window_will_do() -> None:
    first, last = BOOK.date_window
    later = last + timedelta(days=1)
    assert outcome("done_on", first, today=later) == (first, [])
    assert outcome("done_on", last, today=later) == (last, [])
    assert outcome("done_on", later, today=later) == (None, ["date-outside"])


def test_a_date_still_to_come_is_held() -> None:
    """Nothing was completed after the day of collection; that day itself will do."""
    tomorrow = AS_OF + timedelta(days=1)
    assert outcome("done_on", AS_OF) == (AS_OF, [])
    assert outcome("done_on", tomorrow) == (None, ["date-future"])


def test_a_day_without_a_year_that_fits_two_years_is_held() -> None:
    """In spring 1月15日 may be of this year or the last; before it, of one only."""
    spring = date(2023, 3, 1)
    assert outcome("done_on", "1月15日", today=spring) == (None, ["date-unclear"])
    assert outcome("done_on", "9月30日", today=spring) == (SEPTEMBER, ["date-read-as"])
    that_day = date(2023, 1, 15)
    assert outcome("done_on", "1月15日", today=that_day) == (None, ["date-unclear"])
    day_before = outcome("done_on", "1月15日", today=date(2023, 1, 14))
    assert day_before == (date(2022, 1, 15), ["date-read-as"])
    january = date(2022, 1, 15)
    assert outcome("done_on", "1月15日") == (january, ["date-read-as"])


def test_the_other_year_that_might_be_meant_is_the_next() -> None:
    """Whether the book's year is odd or even."""
    book = replace(BOOK, year=2021)
    summer, next_spring = date(2021, 6, 1), date(2022, 3, 1)
    read_as = outcome("done_on", "3月1日", today=summer, book=book)
    assert read_as == (date(2021, 3, 1), ["date-read-as"])
    unclear = outcome("done_on", "3月1日", today=next_spring, book=book)
    assert unclear == (None, ["date-unclear"])


def test_a_cell_that_is_held_is_told_of_once() -> None:
    """What makes it unreadable says it all, and not what else is odd in it."""
    assert outcome("done_on", "九月\x07底") == (None, ["date-unclear"])
    answer, codes = outcome("result", "已\x07办")
    assert (answer, codes) == ("已办", ["odd-characters"])


@given(st.dates(date(2022, 1, 1), AS_OF), st.sampled_from("-/."))
def test_every_full_date_is_that_day(day: date, mark: str) -> None:
    """Year, month and day in this order are never read as another day."""
    text = f"{day.year}{mark}{day.month}{mark}{day.day}"
    assert outcome("done_on", text) == (day, ["date-read-as"])
    assert parse_date_text(f"{day:%Y%m%d}", 1999) == day


VALUES = st.one_of(
    st.text(max_size=40),
    st.from_regex(r"\A\d{0,4}[-/.年。 ]?\d{0,2}[-/.月。 ]?\d{0,2}[日号]?\Z"),
    st.floats(),
    st.booleans(),
    st.dates(),
    st.datetimes(),
    st.times(),
    st.timedeltas(),
    st.builds(CellError, st.text(min_size=1, max_size=10)),
)


@given(st.sampled_from(WIDER.answer_columns), VALUES)
@example(WIDER.answer_columns[0], "\x01")
@example(WIDER.answer_columns[2], "\x01\x02")
def test_every_cell_is_answered_or_held_once(column: Column, value: RawValue) -> None:
    """Whatever stands in a cell: no crash, and exactly one of answer and problem."""
    answer, problems = read(column.key, value, form=WIDER)
    held = sum(cells for _, _, cells in problems)
    blank = isinstance(value, str) and not value.strip()
    assert held == (0 if answer else 1) or blank
    for code, values, _ in problems:
        assert MESSAGE_CATALOGUE[code].message.format(**values)
        assert MESSAGE_CATALOGUE[code].advice.format(**values)
    if answer and column.kind is ColumnType.DATE:
        assert date(2022, 1, 1) <= answer.value <= AS_OF
    if answer and column.kind is ColumnType.CHOICE:
        assert answer.value in {choice.value for choice in STATUSES}
    if answer:
        assert answer.text.strip()


# -- choices ------------------------------------------------------------------------


@pytest.mark.parametrize("value", [choice.value for choice in STATUSES])
def test_a_choice_is_taken_as_offered(value: str) -> None:
    """A word from the drop-down needs no notice, spaces in it or not."""
    assert outcome("status", value) == (value, [])
    assert outcome("status", f" {value[0]} {value[1:]}") == (value, [])


@pytest.mark.parametrize(
    ("said", "meant"),
    [
        ("完成", "已完成"),
        ("已办结", "已完成"),
        ("√", "已完成"),
        ("✔", "已完成"),
        ("正在推进", "推进中"),
        ("正 在 落 实", "推进中"),
        ("尚未启动", "未启动"),
        ("常态化推进", "长期推进"),
        ("不适用", "不涉及"),
    ],
)
def test_a_near_synonym_is_taken_with_a_notice(said: str, meant: str) -> None:
    """The table of synonyms is applied openly."""
    answer, problems = read("status", said)
    assert answer is not None
    assert (answer.value, answer.raw) == (meant, said)
    values = {"header": "完成状态", "raw": said, "value": meant}
    assert problems == [("choice-read-as", values, 0)]


@pytest.mark.parametrize(
    "value", ["基本完成", "未完成", "已完成80%", "○", "完成/推进", 1.0, 0.8, True]
)
def test_a_doubtful_status_is_held(value: RawValue) -> None:
    """What is not in the table is no status: 未完成 is not 完成."""
    answer, ((code, values, cells),) = read("status", value)
    assert (answer, code, cells) == (None, "choice-unknown", 1)
    assert values["options"] == "未启动、推进中、已完成、长期推进、不涉及"


def test_a_synonym_of_two_choices_means_neither() -> None:
    """Where the office offers two kinds of done, 完成 is no longer clear."""
    twice = (
        *STATUSES,
        replace(STATUSES[0], value="提前完成", meaning=StatusCategory.COMPLETED),
    )
    assert match_choice("完成", twice) is None
    assert match_choice("已完成", twice) == STATUSES[2]


# -- text, numbers, telephones ------------------------------------------------------


def test_text_is_taken_whole() -> None:
    """Line ends are kept, outer space goes, formulas stay text."""
    assert outcome("result", "  =1+1\r\n第二行 ") == ("=1+1\n第二行", [])


@pytest.mark.parametrize(
    ("value", "text"),
    [
        (13800138000.0, "13800138000"),
        (0.1 + 0.2, "0.3"),
        (True, "TRUE"),
        (SEPTEMBER, "2022-09-30"),
        (datetime(2022, 9, 30, 8, 5), "2022-09-30 08:05:00"),  # noqa: DTZ001
        (time(8, 5), "08:05:00"),
    ],
)
def test_a_value_in_a_text_column_is_taken_and_told(value: RawValue, text: str) -> None:
    """Numbers and dates in a text column become words; nobody can know what was typed."""
    assert outcome("note", value) == (text, ["number-in-text"])


@pytest.mark.parametrize(
    ("value", "shown", "taken", "reading"),
    [
        (0.985, "98.50%", "98.50%", "数字“0.985”，表上显示为“98.50%”，已按显示的“98.50%”汇入"),
        (date(2026, 1, 2), "1月2日", "1月2日", "日期“2026-01-02”，表上显示为“1月2日”"),
        (760.0, "760", "760", "数字“760”，表上显示的也是这样"),
        (0.5, None, "0.5", "数字“0.5”，看不出按它的格式在表上显示成什么，已按“0.5”汇入"),
        (time(12, 30), "12:30", "12:30", "时间“12:30:00”，表上显示为“12:30”"),
    ],
)
def test_a_number_in_a_text_column_is_what_was_seen(
    value: RawValue, shown: str | None, taken: str, reading: str
) -> None:
    """What stood on the screen is taken; a notice says what is stored, too."""
    answer, problems = read("note", value, shown=shown)
    assert answer is not None
    assert answer.value == taken
    ((code, values, rejected),) = problems
    assert (code, rejected) == ("number-in-text", 0)
    assert reading in MESSAGE_CATALOGUE[code].message.format(**values)


def test_a_number_as_a_choice_is_what_was_seen() -> None:
    """A choice such as 100% is a number with a format once it is typed."""
    choices = ChoiceList("比例", (Choice("50%"), Choice("100%")))
    column = Column("share", "比例", ColumnType.CHOICE, NO_COLUMN.filler, 8, choices="比例")
    form = replace(
        FORM, columns=(*FORM.columns, column), choice_lists=(*FORM.choice_lists, choices)
    )
    answer, _ = read("share", 1.0, form=form, shown="100%")
    assert answer is not None
    assert answer.value == "100%"


def test_a_mobile_number_stored_as_a_number_is_complete() -> None:
    """It begins with 1: no zero before it can have been lost."""
    assert outcome("phone", 13800138000.0) == ("13800138000", [])
    assert outcome("phone", 7608800000.0) == ("7608800000", ["number-in-text"])


UNSEEN = {
    "\u200b": "零宽字符",
    "\ufeff": "文件开头的标记（BOM）",
    "\xad": "软连字符",
    "\u2060": "零宽字符",
    "\ufe0f": "字形选择符",
    "\u3164": "零宽字符",
}


@pytest.mark.parametrize("character", UNSEEN, ids=ascii)
def test_what_nobody_sees_is_read_through(character: str) -> None:
    """A choice, a date and a number mean what they look like; the notice names what was there."""
    for key, text, value in (
        ("status", "已完成", "已完成"),
        ("done_on", "2022-9-30", SEPTEMBER),
        ("count", "12", 12.0),
    ):
        for typed in (text + character, character + text, text[:2] + character + text[2:]):
            answer, problems = read(key, typed, form=WIDER)
            assert answer is not None, typed
            assert answer.value == value
            code, values, _ = problems[0]
            assert (code, values["names"]) == ("unseen-characters", UNSEEN[character])
            assert values["raw"] == text


def test_what_is_refused_is_quoted_as_it_looks() -> None:
    """A message never shows two equal things as different."""
    answer, problems = read("status", "已完\u200b了么")
    assert answer is None
    assert [(code, values["raw"]) for code, values, _ in problems] == [
        ("choice-unknown", "已完了么")
    ]


def test_free_texts_keep_what_forms_their_characters() -> None:
    """Emoji and rare forms of a character stay as they are seen; zero-width spaces go."""
    family, variant = "👨\u200d👩\u200d👧", "葛\U000e0100城"
    assert outcome("note", f"{family}{variant}✔\ufe0f") == (f"{family}{variant}✔\ufe0f", [])
    assert outcome("note", "无\u200b") == ("无", ["unseen-characters"])
    assert outcome("note", "无\u200d事") == ("无事", ["unseen-characters"])
    assert outcome("result", "　　分段。\n　　另起。") == ("分段。\n　　另起。", [])
    assert outcome("status", "已完成　") == ("已完成", ["unseen-characters"])


@pytest.mark.parametrize(
    "text",
    [
        "二〇二二年九月三十日",
        "二○二二年九月三十号",
        "2022年九月三十日",
        "2022年9月30日星期五",
        "2022-9-30 星期五",
        "2022年9月30日（周五）",
        "2022-09-30 10:00",
        "2022/9/30 0:00:00",
        "2022-9-30 0:00",
        "2022-09-30T10:20:00",
        "2022年9月30日10时20分",
        "2022年9月30日上午10:20",
        "2022.9.30上午",
        "2022/9/30 10:20 AM",
        "20220930 00:00:00",
        "2022.9.30.",
        "2022年9月30日。",
        "2022，9，30",
        "2022、9、30",
        "2022—9—30",
        "２０２２年９月３０日　１０：００",
        "2022 - 9 - 30",
        "九月三十日",
    ],
)
def test_a_date_that_can_mean_one_day_only_is_read(text: str) -> None:
    """Weekday, time of day, Chinese numerals and a full stop leave no doubt about the day."""
    assert outcome("done_on", text) == (SEPTEMBER, ["date-read-as"])


def test_a_month_and_day_stored_as_a_number_is_explained() -> None:
    """Whoever types 9.3 into a date cell gets a day of 1900, and is told why."""
    answer, ((code, values, _),) = read("done_on", datetime(1900, 1, 9, 7, 12))  # noqa: DTZ001
    assert (answer, code) == (None, "date-outside")
    assert "9.3" in values["raw"]


def test_a_time_of_day_takes_no_digit_of_the_day() -> None:
    """Blanks tell the day from the hour."""
    assert outcome("done_on", "2022-9-3 10:00") == (date(2022, 9, 3), ["date-read-as"])
    assert outcome("done_on", "2022-9-3 0:00") == (date(2022, 9, 3), ["date-read-as"])


@pytest.mark.parametrize(
    "text",
    [
        "2022年9月30日星期四",
        "2022年9月",
        "9.30",
        "2022..9.30",
        "2022/9/",
        "2022-9-300:00",
        "2022年9月30日至10月8日",
        "2022-9-30、2022-10-8",
        "9/8/2022",
        "二〇二二年九月",
    ],
)
def test_a_date_with_a_doubt_is_held(text: str) -> None:
    """Where two days are possible, or the weekday is another day's, nothing is guessed."""
    assert outcome("done_on", text) == (None, ["date-unclear"])


def test_an_error_cell_is_held() -> None:
    """A cell that shows #N/A holds no answer, and is not blank."""
    answer, problems = read("result", CellError("#N/A"))
    values = {"header": "落实情况", "raw": "#N/A"}
    assert (answer, problems) == (None, [("cell-error", values, 1)])


def test_too_long_a_text_is_taken_and_reported() -> None:
    """Nothing is cut off; the section is asked to shorten it."""
    answer, problems = read("person", "某" * 21)
    assert answer is not None
    assert answer.value == "某" * 21
    values = {"header": "责任人", "raw": "某" * 21, "length": "21", "limit": "20"}
    assert problems == [("too-long", values, 0)]
    assert outcome("person", "某" * 20)[1] == []


@pytest.mark.parametrize(
    ("text", "found"),
    [
        ("某" * 254, []),
        ("某" * 255, ["text-cut"]),
        ("某" * 253 + "👍", ["text-cut"]),
        ("某" * 254 + "👍", []),
    ],
)
def test_a_text_as_long_as_old_programs_leave_one_is_noted(text: str, found: list[str]) -> None:
    """Whoever saves as .xls may cut a text at 255 UTF-16 units, and not say so."""
    assert outcome("result", text) == (text, found)


def test_control_characters_are_taken_out_and_said_to_be() -> None:
    """What no cell can hold goes; the words stay."""
    answer, problems = read("result", "办\x01好\x0b了")
    assert answer is not None
    assert answer.value == "办好了"
    values = {"header": "落实情况", "raw": "办好了", "count": "2"}
    assert problems == [("odd-characters", values, 0)]


@pytest.mark.parametrize(
    "mark", ["\x80", "\x85", "\x9b", *"\u061c\u200e\u200f\u202a\u202e\u2066\u2069"], ids=ascii
)
def test_what_turns_text_or_commands_a_terminal_is_taken_out(mark: str) -> None:
    """Marks of direction and controls beyond ASCII go as other controls do, and are told."""
    assert outcome("result", f"办{mark}好了") == ("办好了", ["odd-characters"])


def test_control_characters_alone_are_no_answer() -> None:
    """A cell that shows nothing never overwrites an answer; it is counted as held."""
    assert outcome("result", "\x01") == (None, ["odd-characters"])
    assert outcome("status", "\x01") == (None, ["odd-characters"])


@pytest.mark.parametrize(
    "value",
    [
        "0760-88000000",
        "13800138000",
        13800138000.0,
        "（0760）88000000转12",
        "+86 760 8800",
    ],
)
def test_a_telephone_number_is_taken(value: RawValue) -> None:
    """Any usual way of writing a number will do."""
    assert outcome("phone", value)[1] == []


def test_a_doubtful_telephone_number_is_taken_with_a_notice() -> None:
    """A name in the wrong column is shown, and not lost."""
    assert outcome("phone", "张三") == ("张三", ["phone-doubtful"])
    assert outcome("phone", "没有电话" * 6)[1] == ["too-long"]


@pytest.mark.parametrize(
    ("value", "number"), [(3.5, 3.5), ("12", 12.0), ("１２", 12.0), ("0.5", 0.5), (0.0, 0.0)]
)
def test_a_number_is_taken(value: RawValue, number: float) -> None:
    """Digits are a number however wide they are typed."""
    assert outcome("count", value, form=WIDER) == (number, [])


@pytest.mark.parametrize("value", ["12件", "约12", "一", "1,200", "1e3", SEPTEMBER])
def test_a_doubtful_number_is_held(value: RawValue) -> None:
    """A number with a unit or a doubt is for a person."""
    assert outcome("count", value, form=WIDER) == (None, ["number-unclear"])


@pytest.mark.parametrize("value", [-2.0, "-0.5", "-１"])
def test_a_negative_number_is_held(value: RawValue) -> None:
    """The sheet would refuse it; pasted, it comes all the same."""
    assert outcome("count", value, form=WIDER) == (None, ["number-outside"])


# -- the whole loop -----------------------------------------------------------------

TEXT = st.text(
    st.characters(
        exclude_categories=["Cs", "Cc", "Cf", "Zl", "Zp", "Cn"],
        exclude_characters="\u034f\u115f\u1160\u3164\uffa0",  # nobody sees them
    ),
    min_size=1,
    max_size=30,
).map(lambda text: text.strip().lstrip("="))  # openpyxl would make it a formula
ROW = st.fixed_dictionaries(
    {},
    optional={
        "status": st.sampled_from([choice.value for choice in STATUSES]),
        "done_on": st.dates(date(2022, 1, 1), AS_OF),
        "result": TEXT.filter(bool),
        "note": TEXT.filter(bool),
    },
)
CODES = [task.code for task in BOOK.get_tasks(INDUSTRY)]


@pytest.mark.slow
@settings(max_examples=15, deadline=None)
@given(st.dictionaries(st.sampled_from(CODES), ROW.filter(bool)))
@example({})
def test_what_is_filled_in_is_what_is_read(given: dict[str, dict[str, Any]]) -> None:
    """Issue, fill, collect: the same answers in the ledger, none more, none less."""
    ledger = collected(fill(sent(INDUSTRY), given, SAVED_AT))
    expected = {
        code: {key: str(value) for key, value in cells.items()} for code, cells in given.items()
    }
    assert answers(ledger) == ({INDUSTRY: expected} if given else {})
    assert all(p.rejected_cells == 0 for p in ledger.problems)
    assert ledger.cell_balance.is_balanced
