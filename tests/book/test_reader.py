"""Short names of sections, and decisions on 待确认: in effect once it is read."""

from __future__ import annotations

import dataclasses
from pathlib import Path

import pytest
from openpyxl import load_workbook

from ledgerbook.book import build_book_bytes, create_book, read_book
from ledgerbook.book.schema import FIRST_DATA_ROW
from ledgerbook.errors import InputError
from ledgerbook.model import Book, Role, Section
from ledgerbook.plan import Plan, PlanItem, ask_about_units
from tests.support.books import FINANCE, INDUSTRY, OFFICE, make_book

DO, HELP, LEAD = Role.IMPLEMENT, Role.SUPPORT, Role.LEAD


def asked(units: str) -> Book:
    """Return a book whose first task leaves open who is meant."""
    book = make_book()
    first = dataclasses.replace(book.tasks[0], units=units, parsed_assignments=())
    items = (PlanItem(1, "", "", first.measure, units),)
    return dataclasses.replace(
        book,
        tasks=(first, *book.tasks[1:]),
        questions=tuple(ask_about_units(items, book.section_names)),
    )


def decided(folder: Path, book: Book, words: str) -> Path:
    path = folder / "台账.xlsx"
    path.write_bytes(build_book_bytes(book))
    workbook = load_workbook(path)
    workbook["待确认"].cell(FIRST_DATA_ROW, 6, words)
    workbook.save(path)
    return path


def roles(path: Path) -> dict[str, tuple[Role, ...]]:
    task = read_book(path).tasks[0]
    names = (OFFICE, FINANCE, INDUSTRY)
    return {name: held for name in names if (held := task.get_roles(name))}


@pytest.mark.slow
@pytest.mark.parametrize(
    ("units", "words", "held"),
    [
        ("综合科牵头，相关科室配合", FINANCE, {OFFICE: (LEAD,), FINANCE: (HELP,)}),
        ("相关科室", f"{FINANCE}、{INDUSTRY}", {FINANCE: (DO,), INDUSTRY: (DO,)}),
        ("相关科室", "各科室", {OFFICE: (DO,), FINANCE: (DO,), INDUSTRY: (DO,)}),
        ("相关科室配合", f"{FINANCE}牵头", {FINANCE: (LEAD,)}),
        ("相关科室", "无", {}),
        ("相关科室", "", {}),
        ("综合科，相关科室", "已电话问过办公室主任", {OFFICE: (DO,)}),
    ],
)
def test_a_decision_takes_effect(
    tmp_path: Path, units: str, words: str, held: dict[str, tuple[Role, ...]]
) -> None:
    """In the role of the words that were vague; a mere remark decides nothing."""
    path = decided(tmp_path, asked(units), words)
    assert roles(path) == held
    again = tmp_path / "再存.xlsx"
    again.write_bytes(build_book_bytes(read_book(path)))
    assert roles(again) == held


def test_what_was_set_by_hand_stays(tmp_path: Path) -> None:
    """分工 has the last word."""
    path = decided(tmp_path, asked("相关科室"), FINANCE)
    workbook = load_workbook(path)
    matrix = workbook["分工"]
    heads = [cell.value for cell in matrix[FIRST_DATA_ROW - 1]]
    matrix.cell(FIRST_DATA_ROW, heads.index(INDUSTRY) + 1, "牵头")
    workbook.save(path)
    assert roles(path) == {FINANCE: (DO,), INDUSTRY: (LEAD,)}


def test_a_decision_that_is_half_understood_is_a_slip(tmp_path: Path) -> None:
    """It names a section of ours, and somebody else: which of them is meant?"""
    path = decided(tmp_path, asked("相关科室"), f"{FINANCE}、法规科")
    with pytest.raises(InputError) as caught:
        read_book(path)
    assert "工作表“待确认”单元格 F4：“法规科”看不懂是哪个科室" in str(caught.value)


def test_sections_are_offered_where_they_settle_the_question(tmp_path: Path) -> None:
    """A drop-down of the sections, that refuses nothing: several may be meant."""
    sheet = load_workbook(decided(tmp_path, asked("相关科室"), ""))["待确认"]
    (rule,) = [r for r in sheet.data_validations.dataValidation if r.type == "list"]
    assert (str(rule.sqref), rule.formula1) == ("F4", "科室!$A$4:$A$6")
    assert not rule.showErrorMessage


# -- short names ----------------------------------------------------------------------


def called(*aliases: str) -> Book:
    book = make_book(
        sections=(
            Section(OFFICE),
            Section(FINANCE, aliases=aliases),
            Section(INDUSTRY),
        )
    )
    first = dataclasses.replace(book.tasks[0], units="发展科牵头", parsed_assignments=())
    return dataclasses.replace(book, tasks=(first, *book.tasks[1:]))


def test_a_short_name_is_understood(tmp_path: Path) -> None:
    """Wherever 责任单位 says it; the book keeps it."""
    path = tmp_path / "台账.xlsx"
    path.write_bytes(build_book_bytes(called("发展科", "金融科")))
    assert roles(path) == {FINANCE: (LEAD,)}
    assert read_book(path).sections[1].aliases == ("发展科", "金融科")


def test_a_short_name_of_two_sections_is_a_slip(tmp_path: Path) -> None:
    """Nobody could tell who is meant."""
    path = tmp_path / "台账.xlsx"
    path.write_bytes(build_book_bytes(called("发展科", OFFICE)))
    with pytest.raises(InputError) as caught:
        read_book(path)
    assert f"工作表“科室”单元格 F5：简称“{OFFICE}”也是“{OFFICE}”的名称" in str(caught.value)


# -- who coordinates ------------------------------------------------------------------


def plan(*units: str) -> Plan:
    items = tuple(PlanItem(n, "", "", f"做第{n}件事。", u) for n, u in enumerate(units, 1))
    return Plan("某局2022年政务公开工作要点分工方案", "某局", 2022, items, ())


def test_where_there_is_no_general_office_another_coordinates() -> None:
    """If the plan names exactly one that usually does, and it is said so."""
    book = create_book(plan("办公室牵头，法规科配合"))
    assert book.office == "办公室"
    assert [q.current_value for q in book.questions if q.field == "综合协调科室"] == ["办公室"]


def test_who_coordinates_is_asked_where_nobody_does_or_two_might() -> None:
    """The sections that the plan names are told, to choose from."""
    for units in ("法规科", "办公室、秘书处"):
        with pytest.raises(InputError) as caught:
            create_book(plan(units))
        assert f"方案点名的有：{units}。" in str(caught.value)
