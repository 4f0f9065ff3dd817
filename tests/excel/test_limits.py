"""Excel's limits, in UTF-16 units as Excel counts them."""

from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from ledgerbook.excel.limits import (
    MAX_PROPERTY,
    describe_excess,
    escape_criterion,
    fit_keywords,
    truncate,
    truncate_with_ellipsis,
)
from ledgerbook.excel.names import (
    build_internal_link,
    encode_defined_name,
    make_sheet_names,
    quote_sheet_name,
)
from ledgerbook.text import count_utf16_units
from tests.support.excel_rules import is_valid_defined_name, is_valid_sheet_name

EMOJI = "😀"
any_text = st.text(st.characters(exclude_categories=["Cs"]), max_size=400)


def test_an_emoji_counts_twice() -> None:
    """Excel counts UTF-16 code units, not characters."""
    assert count_utf16_units(f"科{EMOJI}") == 3


@pytest.mark.parametrize(
    ("name", "is_valid"),
    [
        ("综合科", True),
        ("O'Brien科", True),
        (EMOJI * 15, True),
        (EMOJI * 16, False),
        ("长" * 32, False),
        ("", False),
        ("'科", False),
        ("科'", False),
        ("甲[1]", False),
        ("a/b", False),
        ("HISTORY", False),
        ("True", False),
    ],
)
def test_names_of_sheets(name: str, is_valid: bool) -> None:
    """Length, characters and reserved words that Excel sets for sheets."""
    assert is_valid_sheet_name(name) is is_valid


@pytest.mark.parametrize(
    ("name", "is_valid"),
    [
        ("choices_status", True),
        ("登记_依申请", True),
        ("_x", True),
        ("\\x", True),
        ("a.b", True),
        ("choices_a-b", False),
        ("a b", False),
        ("1a", False),
        (".a", False),
        ("A1", False),
        ("xfd1048576", False),
        ("R1C1", False),
        ("rc", False),
        ("R", False),
        ("c", False),
        ("R2", False),
        ("a" * 256, False),
        ("", False),
    ],
)
def test_defined_names(name: str, is_valid: bool) -> None:
    """First character, other characters, cell references and length."""
    assert is_valid_defined_name(name) is is_valid


@given(st.lists(any_text, unique=True, max_size=8))
def test_any_names_become_distinct_names_of_sheets(names: list[str]) -> None:
    """Whatever a section is called, Excel accepts the name of its sheet."""
    sheets = list(make_sheet_names(names, ["填表说明"]).values())
    assert all(map(is_valid_sheet_name, sheets))
    assert len({name.casefold() for name in (*sheets, "填表说明")}) == len(names) + 1


@given(st.lists(any_text, unique=True, max_size=8))
def test_any_keys_become_distinct_defined_names(keys: list[str]) -> None:
    """Different keys have different names, case ignored, and Excel accepts each."""
    names = [encode_defined_name(f"choices_{key}") for key in keys]
    assert all(map(is_valid_defined_name, names))
    assert len({name.casefold() for name in names}) == len(keys)


def test_usual_keys_stay_as_they_are() -> None:
    """The names of issued drop-downs do not change; a hyphen is written as its code."""
    assert encode_defined_name("choices_normative_documents_x") == "choices_normative_documents_x"
    assert encode_defined_name("登记_依申请公开台账") == "登记_依申请公开台账"
    assert encode_defined_name("choices_a-b_x") == "choices_a.2d.b_x"


@given(any_text, st.integers(2, 300))
def test_texts_are_cut_to_units(text: str, limit: int) -> None:
    """No cut text is too long, and no character is cut in half."""
    for cut in (truncate(text, limit), truncate_with_ellipsis(text, limit)):
        assert count_utf16_units(cut) <= limit
        assert text.startswith(cut.removesuffix("…"))


def test_excess_is_told_with_both_numbers() -> None:
    """A clerk learns how long a text may be, how long it is, and why emoji count twice."""
    assert describe_excess("长" * 255, 255) == ""
    assert describe_excess("长" * 256, 255) == "不能超过 255 个字，现在有 256 个，请缩短。"
    assert describe_excess(EMOJI * 130, 255) == (
        "不能超过 255 个字，现在有 260 个（一个表情符号算两个），请缩短。"
    )


def test_keywords_keep_whole_facts() -> None:
    """What does not fit is left out whole; the first facts say whose the workbook is."""
    marks = [f"识别码：2022-ABCDEF|年度|科{n}|tasks|23456789" for n in range(20)]
    keywords = fit_keywords(";".join(("ledgerbook", "kind=总台账", *marks)))
    assert count_utf16_units(keywords) <= MAX_PROPERTY - 22
    assert keywords.split(";") == ["ledgerbook", "kind=总台账", *marks[:5]]


def test_references_double_apostrophes() -> None:
    """A name with an apostrophe is quoted in formulas and in links alike."""
    assert quote_sheet_name("O'Brien科") == "'O''Brien科'"
    assert build_internal_link("O'Brien科", "A1") == "internal:'O''Brien科'!A1"


def test_a_criterion_means_the_value_itself() -> None:
    """Wildcards of COUNTIF are escaped."""
    assert escape_criterion("a*b?~") == "=a~*b~?~~"
